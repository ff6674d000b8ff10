"""The key: encrypted, sealed, and useless without its passphrase."""

import json
import stat

import pytest

from corpus.errors import InputError, UsageError
from corpus.transcript import Span
from pipeline.deidentify import key as keys
from pipeline.deidentify.key import Entry, Key, check_passphrase, load_key, save_key
from pipeline.deidentify.kinds import IdentifierKind
from pipeline.deidentify.rewrite import Original
from tests.pipeline.deidentify_support import PASSPHRASE

KEY = Key(
    (Entry("Odalys Ferreira 🙂", IdentifierKind.PERSON, "[Person 1]"),),
    {"Odalys": "transcript-01"},
    {"transcript-01": (Original(Span(3, 13), "Odalys"),)},
)


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setattr(keys, "COST", 2**10)
    save_key(tmp_path / "key.json", KEY, PASSPHRASE)
    return tmp_path / "key.json"


def test_the_passphrase_opens_it(path):
    assert load_key(path, PASSPHRASE) == KEY


def test_it_says_nothing_without_and_is_private(path):
    assert "Odalys" not in path.read_text()
    assert PASSPHRASE not in path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_wrong_passphrase_says_so(path):
    with pytest.raises(UsageError, match="passphrase is wrong"):
        load_key(path, PASSPHRASE + "!")


@pytest.mark.parametrize("part", ["data", "nonce", "salt", "n"])
def test_a_changed_key_is_not_believed(path, part):
    document = json.loads(path.read_text())
    document[part] = 2**11 if part == "n" else document[part][:-8] + "AAAAAAA="
    path.write_text(json.dumps(document))
    with pytest.raises(UsageError, match="wrong, or the file was changed"):
        load_key(path, PASSPHRASE)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "precode-key/v1", "n": 1e99}'])
def test_what_is_no_key_is_refused(tmp_path, text):
    (tmp_path / "key.json").write_text(text)
    with pytest.raises(InputError, match="is no key"):
        load_key(tmp_path / "key.json", PASSPHRASE)


def test_a_costly_key_is_refused(path):
    document = json.loads(path.read_text()) | {"n": 2**40}
    path.write_text(json.dumps(document))
    with pytest.raises(InputError, match="is no key"):
        load_key(path, PASSPHRASE)


def test_two_encryptions_differ(path, tmp_path):
    save_key(tmp_path / "other.json", KEY, PASSPHRASE)
    assert json.loads(path.read_text())["data"] != json.loads((tmp_path / "other.json").read_text())["data"]


def test_keys_grow():
    more = KEY.with_more(Key((*KEY.entries, Entry("Bob", IdentifierKind.PERSON, "[Person 2]")), {"b": "b"}))
    assert [entry.text for entry in more.entries] == ["Odalys Ferreira 🙂", "Bob"]
    assert more.names == {"Odalys": "transcript-01", "b": "b"}


def test_a_short_passphrase_is_refused():
    with pytest.raises(UsageError, match="shorter than 10"):
        check_passphrase("too short")
