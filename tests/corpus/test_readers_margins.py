"""Numbers in the margins of a PDF are nobody's words; times in noScribe's pages are times."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.readers import read_transcript
from corpus.readers.pages import margins_removed
from tests.corpus.readers_support import pdf

LINES = [
    "Interviewer: How is it at home since the nurse comes to see you,",
    "and who else is there on the days on which she is away?",
    "Anna: Better than before. My daughter comes on Mondays, and",
    "the neighbour has 3 keys. In 2019 I had nobody at all for 2",
    "weeks, and I lay there.",
    "Interviewer: And the doctor?",
    "Anna: He rings me. Sometimes 5 times a month, sometimes not.",
    "Then I ring the practice myself and wait.",
    "Interviewer: For how long?",
    "Anna: Long enough to boil 4 eggs.",
]
SAID = [
    ("Interviewer", " ".join(LINES[:2])[13:]),
    ("Anna", " ".join(LINES[2:5])[6:]),
    ("Interviewer", "And the doctor?"),
    ("Anna", " ".join(LINES[6:8])[6:]),
    ("Interviewer", "For how long?"),
    ("Anna", "Long enough to boil 4 eggs."),
]


def numbered(pages, *, step=1, anew=False, behind=False, dot=""):
    """Number the lines of pages as a printer does: every one or every fifth, before the words or behind."""
    count, out = 0, []
    for page in pages:
        count = 0 if anew else count
        out.append([])
        for line in page:
            count += 1
            number = f"{count}{dot}" if count % step == 0 else ""
            out[-1].append(f"{line} {number}".strip() if behind else f"{number} {line}".strip())
    return out


def read(tmp_path, *pages):
    path = tmp_path / "P01.pdf"
    path.write_bytes(pdf(*pages))
    transcript = read_transcript(path)
    return [(turn.speaker, turn.span.of(transcript.text)) for turn in transcript.turns], transcript.warnings


@pytest.mark.parametrize(
    "how", [{}, {"dot": "."}, {"step": 5}, {"anew": True}, {"behind": True}, {"anew": True, "step": 5}]
)
def test_numbers_of_lines_in_a_pdf_are_left_out_and_told(tmp_path, how):
    pages = numbered([LINES * 2] * 2 if how.get("anew") else [LINES[:5], LINES[5:]] * 4, **how)
    said, warnings = read(tmp_path, *pages)
    assert said == SAID * 4
    assert any(re.match(r"left out numbers of lines: \d+", line) for line in warnings)


def test_numbers_of_lines_on_lines_of_their_own_are_left_out(tmp_path):
    pages = [
        [part for n, line in enumerate(page, start=1) for part in (str(n), line)] for page in (LINES[:5], LINES[5:])
    ]
    assert read(tmp_path, *pages)[0] == SAID
    blocks = [[*map(str, range(1, len(page) + 1)), *page] for page in (LINES[:5], LINES[5:])]
    assert read(tmp_path, *blocks)[0] == SAID


def test_a_pdf_without_a_margin_keeps_every_number(tmp_path):
    said, warnings = read(tmp_path, LINES[:5], LINES[5:])
    assert said == SAID
    assert not any("numbers of lines" in line for line in warnings)


WORD = st.sampled_from(["my", "nurse", "came", "twice", "7", "2019", "on", "Monday,"])
PAGES = st.lists(st.lists(st.lists(WORD, min_size=2, max_size=8).map(" ".join), min_size=1, max_size=12), max_size=4)


@given(PAGES, st.booleans(), st.booleans(), st.sampled_from([1, 5]))
def test_margins_removed_gives_back_the_words_of_any_numbered_pages(pages, anew, behind, step):
    with_letters = [[f"x {line} x" for line in page] for page in pages]  # a line's own numbers are not at its ends
    given_back, count = margins_removed(numbered(with_letters, anew=anew, behind=behind, step=step))
    if count:
        assert given_back == with_letters
    elif step == 1 and not anew:
        assert sum(len(page) - 1 for page in pages if page) < 8  # too few to tell


NOSCRIBE = """<!DOCTYPE HTML><html><head><meta charset="UTF-8"/><title>x</title></head><body>
<p style="font-weight:600">interview.wav</p><p>Transcribed with noScribe vers. 0.5</p>
<p><a name="ts_1230_3400_S00" >S00: How is it at home?</a></p>
<p><a name="ts_3500_6000_S01" >S01: Better than before.</a> <a name="ts_9000_11250_S01" >My daughter comes.</a>
 <a name="ts_11300_12000_S01" >On Mondays.</a></p>
<p><a name="ts_12500_13000_S00" >S00: And the doctor?</a></p>
<p><a name="ts_13100_14000" >S01: He rings me.</a></p></body></html>"""


def test_times_and_pieces_of_noscribes_pages_are_read(tmp_path):
    path = tmp_path / "P01.html"
    path.write_text(NOSCRIBE, encoding="utf-8")
    transcript = read_transcript(path)
    text = transcript.text
    assert [(turn.speaker, turn.started, turn.ended) for turn in transcript.turns] == [
        ("S00", 1.23, 3.4),
        ("S01", 3.5, 12.0),
        ("S00", 12.5, 13.0),
        ("S01", 13.1, 14.0),
    ]
    answer = transcript.turns[1]
    assert answer.span.of(text) == "Better than before. My daughter comes. On Mondays."
    assert answer.breaks == (text.index("My daughter"), text.index("On Mondays"))
    assert answer.pauses == (text.index("My daughter"),)


@pytest.mark.parametrize("name", ["ts_1", "ts_a_b", "ts_99999999999_1_S00", "top", "ts__"])
def test_other_anchors_are_no_times(tmp_path, name):
    path = tmp_path / "P01.html"
    path.write_text(re.sub('ts_[^"]*', name, NOSCRIBE), encoding="utf-8")
    turns = read_transcript(path).turns
    assert [turn.started for turn in turns] == [None] * 4
