"""Time stamps in every usual shape, and what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.readers.stamps import REACH, seconds, stamp_alone, stamp_at, trailing_stamp

TIMES = st.integers(0, 99 * 3600 + 59 * 60 + 59)


def clock(time):
    return f"{time // 3600:02}:{time // 60 % 60:02}:{time % 60:02}"


@given(TIMES)
def test_seconds_of_a_clock_are_its_seconds(time):
    assert seconds(clock(time)) == time


@given(TIMES, st.integers(0, 9))
def test_seconds_of_a_clock_with_a_fraction(time, tenth):
    for mark in ".,":
        assert seconds(f"{clock(time)}{mark}{tenth}") == pytest.approx(time + tenth / 10)


@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_seconds_of_am_and_pm_are_those_of_the_day(hour, minute, second):
    half = f"{(hour + 11) % 12 + 1}:{minute:02}:{second:02} {'AM' if hour < 12 else 'PM'}"
    assert seconds(half) == hour * 3600 + minute * 60 + second


@pytest.mark.parametrize(
    ("stamp", "expected"),
    [
        ("0:07", 7),
        ("1:02", 62),
        ("61:00", 3660),
        ("01:02:03", 3723),
        ("[00:01:02]", 62),
        ("#00:01:02-5#", 62),
        ("00.01.02", 62),
        ("(1:02.5)", 62.5),
        ("1:02:03:15", 3723),
        ("12:00 AM", 0),
        ("12:00 PM", 43200),
        ("1:30 p.m.", 48600),
    ],
)
def test_seconds_of_a_stamp(stamp, expected):
    assert seconds(stamp) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("line", "end", "started", "ended", "kind"),
    [
        ("[00:01:02] Anna: yes", 10, 62.0, None, "bracketed"),
        ("00:01:02 Anna: yes", 8, 62.0, None, "bare"),
        ("(1:02) yes", 6, 62.0, None, "bracketed"),
        ("00:01:02 --> 00:01:05 yes", 21, 62.0, 65.0, "range"),
        ("[00:05 - 00:09] yes", 15, 5.0, 9.0, "bracketed"),
        ("12/03/2024, 10:30 - Anna: yes", 20, None, None, "dated"),
        ("[12/03/24, 10:30:05] Anna: yes", 20, None, None, "dated"),
        ("1m 20s Anna: yes", 6, 80.0, None, "bare"),
    ],
)
def test_stamp_at_the_beginning_of_a_line(line, end, started, ended, kind):
    found = stamp_at(line, 0)
    assert (found.started, found.ended, found.kind) == (started, ended, kind)
    assert line[: found.end].strip() == line[:end].strip()


@pytest.mark.parametrize(
    "line", ["Anna: yes", "", "  ", "3 of us", "2024", "10", "(laughs)", "[no number]", "-", "\u0663\u0663"]
)
def test_stamp_at_what_is_none(line):
    assert stamp_at(line, 0) is None


def test_stamp_at_an_offset_looks_there_only():
    assert stamp_at("Anna [0:07] yes", 5).started == 7
    assert stamp_at("Anna [0:07] yes", 0) is None
    assert stamp_at("0:07", 40) is None


@given(st.text(max_size=60), st.integers(0, 70))
def test_stamp_at_never_raises_and_ends_inside_the_line(line, start):
    found = stamp_at(line, start)
    assert found is None or start < found.end <= len(line)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("00:01:02", 62.0),
        ("  [0:07]  ", 7.0),
        ("0:05 - 0:09", 5.0),
        ("#00:00:07-1#", 7.0),
        ("0:07 yes", None),
        ("yes", None),
        ("", None),
        ("7", None),
        ("0:07" + " " * REACH, None),
    ],
    ids=["clock", "in brackets", "range", "f4", "words behind it", "word", "empty", "number", "too long a line"],
)
def test_stamp_alone_on_its_line(line, expected):
    assert stamp_alone(line) == expected


@given(TIMES)
def test_stamp_alone_reads_what_it_was_written_as(time):
    for written in (clock(time), f"[{clock(time)}]", f"({clock(time)})", f" {clock(time)} "):
        assert stamp_alone(written) == time


@pytest.mark.parametrize(
    ("line", "end", "expected"),
    [
        ("We met. [0:07]", 8, 7.0),
        ("We met. #00:00:07-1#", 8, 7.0),
        ("We met. (0:07)  ", 8, 7.0),
        ("We met at 0:07", 14, None),
        ("We met [there]", 14, None),
        ("", 0, None),
    ],
)
def test_trailing_stamp_says_where_words_end(line, end, expected):
    assert trailing_stamp(line) == (end, expected)


@given(st.text(max_size=200))
def test_trailing_stamp_never_leaves_the_line(line):
    end, found = trailing_stamp(line)
    assert 0 <= end <= len(line)
    assert found is not None or end == len(line)
