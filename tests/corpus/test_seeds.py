"""Seed banks: what trains is in the digest, what does not fit the codebook is refused where it stands."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.codebook_edits import merge_codes, remove_code
from corpus.errors import CodebookError, InputError
from corpus.published import resolve_published
from corpus.seeds import PAGE, SeedBank, SeedQuote, load_seeds, read_seeds
from corpus.shipped import SELFIE, selfie, selfie_seeds, selfie_uncoded
from models.examples import labels_of
from tests.corpus.support import BOOK

TRAINS = ("text", "code", "also", "context", "document")
QUOTE = SeedQuote("Nurses matter.", "team", "trust", "accepted", "P01", "Yes. Nurses matter.", "P01")
FIELDS = st.sampled_from(["a", "b", "a\tb", "b\tc", "a\nb", "None"])
QUOTES = st.builds(
    SeedQuote,
    text=FIELDS,
    code=st.none() | FIELDS,
    also=st.none() | FIELDS,
    context=st.none() | FIELDS,
    document=st.none() | FIELDS,
)
BANKS = st.lists(QUOTES, max_size=3).map(tuple).map(SeedBank)


@pytest.fixture
def load(tmp_path):
    def write_and_load(*rows):
        path = tmp_path / "seeds.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        return load_seeds([path], BOOK)

    return write_and_load


# Reading


def test_every_field_is_read(load):
    row = {name: getattr(QUOTE, name) for name in (*TRAINS, "provenance", "source")}
    assert load(row).quotes == (QUOTE,)


def test_little_is_needed_and_unknown_keys_are_ignored(load):
    bank = load({"code": "team", "text": "Nurses.", "mood": "glad"}, {"code": None, "text": "Hm."})
    assert bank.coded == (SeedQuote("Nurses.", "team"),)
    assert bank.uncoded == (SeedQuote("Hm.", None),)


def test_files_make_one_bank_in_their_order(tmp_path):
    paths = [tmp_path / name for name in ("b.jsonl", "a.jsonl")]
    for path in paths:
        path.write_text(json.dumps({"code": "team", "text": path.stem}), encoding="utf-8")
    assert [quote.text for quote in load_seeds(paths, BOOK).quotes] == ["b", "a"]


def test_banks_add_up():
    one, two = SeedBank((QUOTE,)), SeedBank((SeedQuote("Hm.", None),))
    assert (one + two).quotes == one.quotes + two.quotes


@pytest.mark.parametrize("key", ["code", "also"])
def test_an_unknown_code_is_refused_at_its_line(load, key):
    with pytest.raises(CodebookError, match=r"seeds\.jsonl:2: code 'nope' is not in codebook 'tiny'"):
        load({"code": "team", "text": "SECRET"}, {"code": "team", "text": "SECRET", key: "nope"})


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"code": "team"}, "key 'text' is missing"),
        ({"code": "team", "text": " "}, "key 'text' must be a non-empty text"),
        ({"codes": "team", "text": "SECRET"}, "key 'code' is missing"),
        ({"code": "team", "text": "SECRET", "provenance": "hearsay"}, "provenance 'hearsay' is none of authored"),
    ],
)
def test_a_bad_line_is_refused_at_its_place(load, row, problem):
    with pytest.raises(InputError) as caught:
        load({"code": None, "text": "Hm."}, row)
    assert caught.value.place.endswith("seeds.jsonl:2")
    assert problem in caught.value.problem
    assert "SECRET" not in str(caught.value)


# Digest


@pytest.mark.parametrize("name", TRAINS)
def test_a_digest_changes_with_any_field_that_trains(name):
    assert SeedBank((replace(QUOTE, **{name: "other"}),)).digest != SeedBank((QUOTE,)).digest


@pytest.mark.parametrize("name", ["provenance", "source"])
def test_a_digest_ignores_what_does_not_train(name):
    assert SeedBank((replace(QUOTE, **{name: "published"}),)).digest == SeedBank((QUOTE,)).digest


@given(BANKS, BANKS)
def test_banks_with_equal_digests_train_alike(one, two):
    assert (one.digest == two.digest) == (one.quotes == two.quotes)


def test_the_order_of_quotations_is_part_of_the_digest():
    other = SeedQuote("Hm.", None)
    assert SeedBank((QUOTE, other)).digest != SeedBank((other, QUOTE)).digest


# Labels


def test_a_quotation_may_bear_two_codes_or_none():
    bank = SeedBank((QUOTE, SeedQuote("Hm.", None), SeedQuote("Grants.", "budget")))
    assert np.array_equal(labels_of(bank, BOOK), [[1, 1, 0], [0, 0, 0], [0, 0, 1]])


# The bank that ships


def test_the_shipped_bank_knows_every_code_and_talk_without_one():
    bank = selfie_seeds()
    assert {quote.code for quote in bank.coded} == set(selfie().ids)
    assert len(bank.uncoded) > 500
    assert {quote.provenance for quote in bank.quotes} == {"authored"}


def test_the_shipped_talk_without_codes_serves_any_framework():
    assert all(quote.code is quote.document is None for quote in selfie_uncoded().quotes)


def test_shipped_interviews_hold_each_sentence_in_its_context():
    in_context = [quote for quote in selfie_seeds().quotes if quote.context]
    assert len({quote.document for quote in in_context}) >= 40
    assert all(quote.text in quote.context and quote.document for quote in in_context)


def test_the_vectors_that_ship_belong_to_the_bank_that_ships():
    """Otherwise every first run would embed the bank anew, for minutes and without a word."""
    (path,) = SELFIE.glob("*.npz")
    assert path.name.startswith(selfie_seeds().digest[:16])
    with np.load(path, allow_pickle=False) as stored:
        assert len(stored["vectors"]) == len(selfie_seeds().quotes)


def test_no_published_quotation_is_a_seed():
    """The papers' own words are the test; a bank that held them would mark its own work."""
    papers = Path(__file__).parents[3] / "shared" / "papers"
    if not papers.is_dir():
        pytest.skip("needs the papers' texts in ../shared/papers")
    published = {item.text for item in resolve_published(papers, at_least=40)}
    assert not published & {quote.text for quote in selfie_seeds().quotes}


# The codebook was edited since


def test_seeds_follow_codes_that_were_merged_and_leave_with_those_that_were_taken_out(tmp_path):
    money, staff, other = (code.id for code in BOOK.codes[:3])
    book = remove_code(merge_codes(BOOK, money, staff), other)
    path = tmp_path / "seeds.jsonl"
    lines = [(money, None), (staff, money), (other, None), (other, money), (None, None)]
    path.write_text(
        "".join(
            json.dumps({"code": code, "also": also, "text": f"T{n}"}) + "\n" for n, (code, also) in enumerate(lines)
        ),
        encoding="utf-8",
    )
    found = [(quote.text, quote.code, quote.also) for quote in load_seeds([path], book).quotes]
    assert found == [("T0", staff, None), ("T1", staff, None), ("T3", staff, None), ("T4", None, None)]
    assert [quote.code for quote in read_seeds([path], book).quotes] == [money, staff, other, other, None]
    with pytest.raises(CodebookError, match=r"seeds.jsonl:1"):
        load_seeds([path], replace(book, codes=(), removed=()))


def test_without_leaves_out_the_quotations_of_a_source():
    bank = SeedBank((SeedQuote("a", None, source=PAGE), SeedQuote("b", None)))
    assert [quote.text for quote in bank.without(PAGE).quotes] == ["b"]
