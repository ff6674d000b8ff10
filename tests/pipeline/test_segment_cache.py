"""Kept cuts: the same segments as new ones, and never any that do not fit."""

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.blob_cache import BlobCache
from corpus.transcript import Role, Span, Transcript, Turn
from pipeline import segment_cache as module
from pipeline.segment import segment
from pipeline.segment_cache import ROW, SegmentCache
from tests.corpus.support import TRANSCRIPTS

LANGUAGE = "nl"


@pytest.fixture
def cutting(monkeypatch):
    """The transcripts that are cut anew."""
    cut = []

    def noticed(transcript, *, language):
        cut.append(transcript)
        return segment(transcript, language=language)

    monkeypatch.setattr(module, "segment", noticed)
    return cut


def talk(*turns, role=Role.PARTICIPANT, **more):
    text = "\n".join(turns)
    starts = [sum(len(turn) + 1 for turn in turns[:n]) for n in range(len(turns))]
    spans = [Span(start, start + len(turn)) for start, turn in zip(starts, turns, strict=True)]
    return Transcript("P01", text, tuple(Turn(span, "A", role, **more) for span in spans))


TALK = talk("One is here. Two is there.", "Three? Four.")


@settings(max_examples=50, deadline=None)
@given(TRANSCRIPTS)
def test_segment_cache_returns_what_segment_does_first_and_again(transcript):
    with TemporaryDirectory() as folder:
        expected = segment(transcript, language=LANGUAGE)
        for _ in range(2):
            assert SegmentCache(Path(folder)).segment(transcript, LANGUAGE) == expected


def test_segment_cache_cuts_the_same_talk_once(tmp_path, cutting):
    for _ in range(3):
        SegmentCache(tmp_path).segment(TALK, LANGUAGE)
    assert cutting == [TALK]


@pytest.mark.parametrize(
    "other",
    [
        talk("One is here. Two is there.", "Three? Five."),
        talk("One is here. Two is there. Three? Four."),
        talk("One is here. Two is there.", "Three? Four.", breaks=(8,)),
        talk("One is here. Two is there.", "Three? Four.", pauses=(8,)),
    ],
    ids=["words", "turns", "breaks", "pauses"],
)
def test_segment_cache_cuts_other_talk_anew(tmp_path, cutting, other):
    for transcript in (TALK, other):
        assert SegmentCache(tmp_path).segment(transcript, LANGUAGE) == segment(transcript, language=LANGUAGE)
    assert cutting == [TALK, other]


@pytest.mark.parametrize("change", ["language", "segmenter"])
def test_segment_cache_cuts_anew_what_was_cut_by_other_rules(tmp_path, cutting, monkeypatch, change):
    SegmentCache(tmp_path).segment(TALK, LANGUAGE)
    if change == "segmenter":
        monkeypatch.setattr(module, "_cutter", lambda: ("clauses/v0",))
    SegmentCache(tmp_path).segment(TALK, "de" if change == "language" else LANGUAGE)
    assert len(cutting) == 2


def test_segment_cache_takes_speaker_role_and_time_from_the_transcript(tmp_path, cutting):
    asked = talk("One is here. Two is there.", "Three? Four.", role=Role.INTERVIEWER, started=1.0, ended=9.0)
    for transcript in (TALK, asked):
        assert SegmentCache(tmp_path).segment(transcript, LANGUAGE) == segment(transcript, language=LANGUAGE)
    assert cutting == [TALK]


ROWS = st.lists(st.tuples(*[st.integers(-3, 50)] * 3), max_size=6)


@settings(max_examples=100, deadline=None)
@given(st.one_of(ROWS.map(lambda rows: np.array(rows, ROW).tobytes()), st.binary(max_size=40)))
def test_segment_cache_believes_only_pieces_of_the_turns_in_order(blob):
    with TemporaryDirectory() as folder:
        cache = SegmentCache(Path(folder))
        cache.segment(TALK, LANGUAGE)
        with closing(sqlite3.connect(cache.folder / module.FILE_NAME)) as connection, connection:
            connection.execute("UPDATE segments SET segment = ?, checksum = ?", (blob, crc32(blob)))
        found = cache.segment(TALK, LANGUAGE)
    for piece in found:
        turn = TALK.turns[piece.turn].span
        assert turn.start <= piece.span.start < piece.span.end <= turn.end
    assert [piece.span.start for piece in found] == sorted({piece.span.start for piece in found})


@settings(max_examples=30, deadline=None)
@given(TRANSCRIPTS, st.data())
def test_segment_cache_believes_no_cut_that_leaves_out_words(transcript, data):
    expected = segment(transcript, language=LANGUAGE)
    kept = data.draw(st.lists(st.sampled_from(expected), unique=True) if expected else st.just([]))
    rows = [(piece.turn, piece.span.start, piece.span.end) for piece in expected if piece in kept]
    blob = np.array(rows, ROW).tobytes()
    with TemporaryDirectory() as folder:
        BlobCache(Path(folder) / module.FILE_NAME, "segment").write({module._key(transcript, LANGUAGE): blob})
        assert SegmentCache(Path(folder)).segment(transcript, LANGUAGE) == expected


def test_segment_cache_that_is_damaged_costs_only_time(tmp_path):
    (tmp_path / module.FILE_NAME).write_bytes(b"no database")
    for _ in range(2):
        assert SegmentCache(tmp_path).segment(TALK, LANGUAGE) == segment(TALK, language=LANGUAGE)


@pytest.mark.parametrize("place", ["outside", "within"])
def test_segment_cache_holds_no_word(tmp_path, place):
    SegmentCache(tmp_path).segment(TALK, LANGUAGE)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert {"outside": b"P01", "within": b"Three"}[place] not in kept
