"""Values of JSON from outside: whatever they are, each is taken for what it can be and never raises."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.readers.json_values import (
    ends_at,
    get,
    is_number,
    list_at,
    not_before,
    plain_text,
    seconds_of,
    speaker_label,
    thousandth,
)
from corpus.readers.names import LONGEST
from corpus.readers.services import SERVICES

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = ("results", "words", "segments", "text", "speaker", "start", "end", "alternatives", "transcript", "monologues")
SERVICE_LIKE = st.recursive(
    st.none() | st.integers(-5, 5) | st.floats() | st.sampled_from(["", "A", "0.5s", "Yes."]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=15,
)


@given(JSON)
def test_no_value_raises(value):
    seconds = seconds_of(value)
    assert seconds is None or (math.isfinite(seconds) and seconds >= 0)
    label = speaker_label(value)
    assert label is None or 0 < len(label) <= LONGEST + len("Speaker ")
    text = plain_text(value)
    assert text == " ".join(text.split())
    assert text.encode("utf-8").decode() == text
    for take in (get, list_at, ends_at):
        take(value, "key")


@given(st.dictionaries(st.sampled_from(KEYS), SERVICE_LIKE, max_size=5))
def test_no_service_raises_on_anything_that_looks_like_a_result(data):
    for service in SERVICES:
        for piece in service(data) or ():
            assert piece is None or piece.words.strip()


@pytest.mark.parametrize("node", [None, 3, "key", ["key"], True], ids=repr)
def test_get_of_what_is_no_object_is_none(node):
    assert get(node, "key") is None
    assert list_at(node, "key") is None
    assert ends_at(node, "key") == (None, None)


def test_list_at_takes_lists_only():
    assert list_at({"key": [1]}, "key") == [1]
    assert list_at({"key": []}, "key") == []
    assert list_at({"key": "[1]"}, "key") is None
    assert list_at({}, "key") is None


@pytest.mark.parametrize(
    ("times", "ends"),
    [
        ([1, 2], (1, 2)),
        ([1, None], (1, None)),
        ({"from": 3, "to": 4}, (3, 4)),
        ({"from": 3}, (3, None)),
        ([1], (None, None)),
        ([1, 2, 3], (None, None)),
        (None, (None, None)),
    ],
    ids=["pair", "open end", "from and to", "from", "one", "three", "none"],
)
def test_ends_at_of_a_time_span(times, ends):
    assert ends_at({"at": times}, "at") == ends


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        (0, 0.0),
        (1.5, 1.5),
        ("2", 2.0),
        ("0.100s", 0.1),
        (" 3.5 ", 3.5),
        ("PT1.2S", 1.2),
        ("PT1H2M3S", 3723.0),
        ("PT2M", 120.0),
        ("00:01:02", 62.0),
        ("01:02", 62.0),
        ({"seconds": 1, "nanos": 500_000_000}, 1.5),
        ({"seconds": "7"}, 7.0),
        ({"nanos": 250_000_000}, 0.25),
        ({"relative": 4.25, "absolute": "2026"}, 4.25),
    ],
    ids=str,
)
def test_seconds_of_the_forms_that_services_write(written, seconds):
    assert seconds_of(written) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "written",
    [None, True, False, -1, -0.5, math.nan, math.inf, -math.inf, 1e9, 10**400, "", "PT", "soon", "1e3", "-4", "1.2.3",
     "9" * 50, [], [1], {"seconds": "soon"}, {"relative": None}, {"nanos": -1}],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_seconds_of_anything_else_is_none(written):
    assert seconds_of(written) is None


@given(st.integers(0, 10**8))
def test_seconds_of_a_number_and_of_its_text_are_the_same(number):
    assert seconds_of(number) == seconds_of(str(number)) == seconds_of(f"{number}s")
    assert thousandth(number) == pytest.approx(number / 1000)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", True),
        ("1.5", True),
        (".5", True),
        ("5.", True),
        ("", False),
        (".", False),
        ("1.2.3", False),
        ("-1", False),
        ("1e3", False),
        ("\u0663", False),
        ("\u00b2", False),
        ("1" * 20, False),
    ],
)
def test_is_number_takes_plain_decimals_only(text, expected):
    assert is_number(text) == expected
    if expected:
        float(text)


@pytest.mark.parametrize(
    ("written", "label"),
    [
        ("Anna", "Anna"),
        (" Anna : ", "Anna"),
        ("Anna\n Berg", "Anna Berg"),
        (0, "Speaker 0"),
        ("1", "Speaker 1"),
        ({"name": "Anna", "id": 3}, "Anna"),
        ({"label": "A"}, "A"),
        ({"name": None, "id": 3}, "Speaker 3"),
        ({}, None),
        ("", None),
        ("?", None),
        ("UU", None),
        ("unknown", None),
        ("null", None),
        (None, None),
        (True, None),
        (1.5, None),
        (["Anna"], None),
    ],
    ids=repr,
)
def test_speaker_label_of_what_services_write(written, label):
    assert speaker_label(written) == label


def test_plain_text_replaces_half_a_surrogate_pair():
    assert plain_text(json.loads('"a\\ud83d b"')) == "a? b"
    assert plain_text("  several\t\nblanks ") == "several blanks"
    assert plain_text(["text"]) == ""


@pytest.mark.parametrize(
    ("started", "ended", "expected"),
    [(1.0, 2.0, 2.0), (2.0, 1.0, 2.0), (None, 1.0, 1.0), (2.0, None, None), (None, None, None)],
)
def test_not_before_keeps_an_end_behind_its_beginning(started, ended, expected):
    assert not_before(started, ended) == expected


@pytest.mark.parametrize(("value", "expected"), [(1500, 1.5), ("250", 0.25), (None, None), ("soon", None)])
def test_thousandth_is_for_milliseconds(value, expected):
    assert thousandth(value) == expected
