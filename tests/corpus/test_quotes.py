"""Quote sets load completely or say where they do not."""

import json

import pytest

from corpus.codebook import Code, Codebook
from corpus.errors import CodingError, InputError
from corpus.quotes import QuoteItem, load_quotes

BOOK = Codebook("tiny", "1", (Code("money", "Money", "Means"), Code("staff", "Staff", "Means")))
GOOD = {"id": 7, "text": "No money left.", "codes": ["money"], "document": "d1", "coder": "A", "extra": True}


def load(tmp_path, *rows):
    path = tmp_path / "items.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return load_quotes(path, BOOK)


def test_a_line_becomes_an_item_and_unknown_keys_are_ignored(tmp_path):
    assert load(tmp_path, GOOD) == [QuoteItem("7", "No money left.", frozenset({"money"}), "d1", "A")]


def test_no_codes_means_coded_as_nothing(tmp_path):
    assert load(tmp_path, GOOD | {"codes": []})[0].codes == frozenset()


def test_an_unknown_code_is_refused_with_its_line(tmp_path):
    with pytest.raises(CodingError, match=r"items\.jsonl:2: code 'joy' is not in codebook 'tiny'"):
        load(tmp_path, GOOD, GOOD | {"codes": ["joy"]})


@pytest.mark.parametrize("key", ["id", "text", "codes", "document"])
def test_a_missing_key_is_named(tmp_path, key):
    with pytest.raises(InputError, match=f"items.jsonl:1: key '{key}' is missing"):
        load(tmp_path, {k: v for k, v in GOOD.items() if k != key})


def test_codes_must_be_a_list(tmp_path):
    with pytest.raises(InputError, match="must be a list"):
        load(tmp_path, GOOD | {"codes": "money"})


@pytest.mark.parametrize("code", [["money"], {"id": "money"}, 3, None])
def test_codes_must_be_texts(tmp_path, code):
    with pytest.raises(InputError, match=r"items\.jsonl:1: key 'codes' must be a list of code ids"):
        load(tmp_path, GOOD | {"codes": [code]})


def test_talk_in_place_of_a_code_is_not_quoted(tmp_path):
    with pytest.raises(CodingError, match=r"items\.jsonl:1: code with blanks in it") as caught:
        load(tmp_path, GOOD | {"codes": ["SECRET words of hers"]})
    assert "SECRET" not in str(caught.value)


def test_an_empty_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no quotes"):
        load(tmp_path)
