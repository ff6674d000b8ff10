"""Properties: spans are sound whatever the bytes, and a transcript survives every format it is written to."""

from __future__ import annotations

import html
from itertools import groupby

import docx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import InputError
from corpus.readers import SUFFIXES, read_transcript

FRAGMENTS = st.sampled_from(
    ["P01", "INT", "The thing is", ":", ": ", " ", "\n", "\n\n", "\r\n", "\t", "[00:01:02]", "1:02", "#0:01#", "(", "]",
     "WEBVTT", "NOTE", "1", "00:00:01.000 --> 00:00:02.000", "00:00:03,000 --> 00:00:04,000", "-->", "<v P01>", "</v>",
     "<", "&lt;", "&#10;", "é", "\u2028", "\u00a0", "\x1c", "\x85", "words"]
)  # fmt: skip
TEXTS = st.one_of(st.text(), st.lists(FRAGMENTS, max_size=40).map("".join))
BYTES = st.one_of(
    st.binary(max_size=300), TEXTS.map(str.encode), TEXTS.map(lambda text: text.encode("utf-16", "replace"))
)

WORDS = st.text("abcdefghåéß,'&", min_size=1, max_size=9)
SENTENCES = st.lists(WORDS, min_size=1, max_size=8).map(lambda words: f"So {' '.join(words)}.")
TURNS = st.lists(
    st.tuples(st.sampled_from(["Interviewer", "P01", "P02", "Speaker 3"]), SENTENCES), min_size=1, max_size=12
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("properties")


def talk(transcript):
    return [(turn.speaker, words) for turn, words in transcript.talk()]


def stamp(seconds, mark="."):
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{mark}000"


def cues(turns, template, mark="."):
    """Write two cues for each turn, its first word and the rest; turn n starts at second n * 10."""
    for n, (speaker, sentence) in enumerate(turns):
        for second, part in zip((0, 5), sentence.split(" ", 1), strict=True):
            times = f"{stamp(n * 10 + second, mark)} --> {stamp(n * 10 + second + 4, mark)}"
            yield f"{times}\n{template.format(speaker, html.escape(part, quote=False))}\n\n"


def joined(turns):
    """What subtitles make of it: consecutive talk of one speaker is one turn."""
    grouped = (list(group) for _, group in groupby(enumerate(turns), key=lambda item: item[1][0]))
    return [
        (group[0][1][0], " ".join(s for _, (_, s) in group), group[0][0] * 10, group[-1][0] * 10 + 9)
        for group in grouped
    ]


@given(BYTES, st.sampled_from(SUFFIXES))
def test_any_bytes_read_soundly_or_are_refused(folder, data, suffix):
    path = folder / f"any{suffix}"
    path.write_bytes(data)
    try:
        transcript = read_transcript(path)
    except InputError as error:
        assert "\n" not in str(error)
        return
    position = 0
    for turn, words in transcript.talk():
        assert position <= turn.span.start < turn.span.end <= len(transcript.text)
        assert words == words.strip() != ""
        assert turn.started is None or turn.ended is None or turn.started <= turn.ended
        position = turn.span.end
    assert "\r" not in transcript.text


@settings(max_examples=40)
@given(st.data())
def test_any_damage_to_a_word_document_reads_or_is_refused(folder, data):
    path = folder / "damaged.docx"
    document = docx.Document()
    document.add_paragraph("P01: One.")
    document.save(path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        assert read_transcript(path).turns
    except InputError as error:
        assert "\n" not in str(error)


@given(TURNS, st.sampled_from(["{}: {}\n", "{}:\t{}\r\n\r\n", "[00:00:09] {}: {}\n\n", "{}  0:09\n{}\n\n"]))
def test_turns_survive_plain_text(folder, turns, template):
    path = folder / "plain.txt"
    path.write_text("".join(template.format(*turn) for turn in turns), encoding="utf-8", newline="")
    assert talk(read_transcript(path)) == turns


@settings(max_examples=25)
@given(TURNS, st.booleans(), st.sampled_from([":", ":\t", "\t"]))
def test_turns_survive_word(folder, turns, bold, separator):
    document = docx.Document()
    for speaker, sentence in turns:
        paragraph = document.add_paragraph()
        paragraph.add_run(speaker).bold = bold
        paragraph.add_run(separator + sentence)
    document.save(folder / "word.docx")
    assert talk(read_transcript(folder / "word.docx")) == turns


@pytest.mark.parametrize("template", ["<v {}>{}</v>", "{}: {}"], ids=["Teams", "Zoom"])
@given(turns=TURNS)
def test_turns_and_times_survive_webvtt(folder, template, turns):
    path = folder / "meeting.vtt"
    path.write_text("WEBVTT\n\n" + "".join(cues(turns, template)), encoding="utf-8")
    transcript = read_transcript(path)
    read = [(turn.speaker, words, turn.started, turn.ended) for turn, words in transcript.talk()]
    assert read == joined(turns)


@given(TURNS)
def test_turns_and_times_survive_subrip(folder, turns):
    path = folder / "meeting.srt"
    numbered = (f"{n}\n{cue}" for n, cue in enumerate(cues(turns, "{}: {}", ","), start=1))
    path.write_text("".join(numbered), encoding="utf-8")
    transcript = read_transcript(path)
    assert [(turn.speaker, words, turn.started, turn.ended) for turn, words in transcript.talk()] == joined(turns)
