"""Plain text: encodings, and who speaks where."""

from __future__ import annotations

import codecs

import pytest

from corpus.errors import InputError
from corpus.readers import read_transcript
from corpus.readers.labels import find_label
from corpus.readers.names import looks_like_name
from corpus.readers.stamps import seconds

TALK = "INT: How are you?\nP01: Très bien \u2013 “really”.\n"


@pytest.fixture
def read(tmp_path):
    def read_content(content):
        path = tmp_path / "talk.txt"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_transcript(path)

    return read_content


def said(transcript):
    return [(turn.speaker, words) for turn, words in transcript.talk()]


# Encodings


@pytest.mark.parametrize("data", [TALK.encode(), codecs.BOM_UTF8 + TALK.encode()])
def test_utf8_needs_no_warning_and_loses_its_mark(read, data):
    transcript = read(data)
    assert (transcript.text, transcript.warnings) == (TALK, ())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_utf16_with_and_without_mark_is_read_and_reported(read, encoding):
    transcript = read(TALK.encode(encoding))
    assert transcript.text == TALK
    assert "read as UTF-" in transcript.warnings[0]


def test_windows_1252_is_read_and_reported(read):
    transcript = read(TALK.encode("cp1252"))
    assert transcript.text == TALK
    assert transcript.warnings == ("not UTF-8, read as Windows-1252; check its accented letters",)


def test_last_letter_of_windows_1252_is_not_taken_for_a_cut(read):
    assert read("P01: I was at the café".encode("cp1252")).text.endswith("café")


def test_other_alphabets_are_guessed_and_reported(read):
    text = "INT: Как вы себя чувствуете сегодня?\nP01: Спасибо, хорошо, но я очень устала от больницы.\n" * 5
    transcript = read(text.encode("cp1251"))
    assert transcript.text == text
    assert "check its accented letters" in transcript.warnings[0]


@pytest.mark.parametrize(("encoding", "lost"), [("utf-8", 1), ("utf-16", 1)])
def test_text_cut_inside_a_character_is_read_up_to_there(read, encoding, lost):
    text = "P01: é è ü"
    transcript = read(text.encode(encoding)[:-lost])
    assert transcript.text == text[:-1]
    assert any("cut off" in warning for warning in transcript.warnings)


@pytest.mark.parametrize("data", [bytes(range(256)), b"P01: a\0b", codecs.BOM_UTF16_LE + b"\x00\xd8a\x00"])
def test_what_is_not_text_is_refused(read, data):
    with pytest.raises(InputError, match="save it as"):
        read(data)


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_newlines_become_line_feeds(read, newline):
    assert read(TALK.replace("\n", newline)).text == TALK


# Labels


def test_span_covers_the_words_not_the_label(read):
    transcript = read("A title\n\nP01:  The words. \n")
    (turn,) = transcript.turns
    assert (turn.span.start, turn.span.end) == (15, 25)
    assert turn.span.of(transcript.text) == "The words."


@pytest.mark.parametrize(
    ("line", "speaker", "started"),
    [
        ("Interviewer: Yes.", "Interviewer", None),
        ("P01:Yes.", "P01", None),
        ("p01 : Yes.", "p01", None),
        ("P01\tYes.", "P01", None),
        ("SPEAKER 2:\tYes.", "SPEAKER 2", None),
        ("[00:01:02] P01: Yes.", "P01", 62.0),
        ("00:01:02 - P01: Yes.", "P01", 62.0),
        ("(1:02) P01: Yes.", "P01", 62.0),
        ("P01 [00:01:02]: Yes.", "P01", 62.0),
        ("P01 (01:02.500): Yes.", "P01", 62.5),
        ("P01: [00:01:02] Yes.", "P01", 62.0),
        ("P01  0:01:02\nYes.", "P01", 62.0),
        ("[P01] 10:01:02\nYes.", "P01", 36062.0),
        ("00:01:02 Speaker 1\nYes.", "Speaker 1", 62.0),
        ("[00:01:02]\nP01: Yes.", "P01", 62.0),
        ("P01:\n\nYes.", "P01", None),
    ],
)
def test_shapes_of_labels(read, line, speaker, started):
    transcript = read(f"{line}\n")
    assert said(transcript) == [(speaker, "Yes.")]
    assert transcript.turns[0].started == started


@pytest.mark.parametrize(
    "line",
    ["The thing is: nobody asked.", "So: nobody.", "http://example.org", "We met at 10:30", "Look, I said: no",
     "I asked her: why?", "[laughs]", "A very long sentence that goes on and on and on until there is: a colon"],
)  # fmt: skip
def test_talk_with_a_colon_stays_talk(read, line):
    assert said(read(f"P01: One.\n{line}\nINT: Two.\n")) == [("P01", f"One.\n{line}"), ("INT", "Two.")]


def test_name_that_labels_one_line_among_unlabelled_ones_stays_talk(read):
    text = "P01: One.\nMum: where were you.\nThat is what I said.\nAnd so on.\n"
    assert said(read(text)) == [("P01", text.removeprefix("P01: ").strip())]


def test_name_that_labels_two_lines_is_believed(read):
    text = "Ann: One.\nTwo.\nThree.\nBen Smith: Four.\nFive.\nAnn: Six.\nBen Smith: Seven.\n"
    assert [speaker for speaker, _ in said(read(text))] == ["Ann", "Ben Smith", "Ann", "Ben Smith"]


def test_name_that_speaks_once_is_believed_where_every_line_is_labelled(read):
    assert said(read("INT: One.\nP01: Two.\nReceptionist: Tea?\nP01: Three.\n"))[2] == ("Receptionist", "Tea?")


def test_name_without_capitals_is_believed_only_where_every_line_is_labelled(read):
    text = "jane roe: One.\nP01: Two.\njane roe: Three.\n"
    assert [speaker for speaker, _ in said(read(text))] == ["jane roe", "P01", "jane roe"]
    assert len(said(read("P01: One.\nmy mum: no.\nTwo.\nmy mum: yes.\nThree.\n"))) == 1


def test_name_that_speaks_once_is_believed_among_stamped_labels(read):
    text = "Ann Roe  0:01\nOne.\nBen Roe  0:05\nTwo.\nReceptionist  0:07\nTea?\nAnn Roe  0:09\nThree.\n"
    assert [speaker for speaker, _ in said(read(text))] == ["Ann Roe", "Ben Roe", "Receptionist", "Ann Roe"]


@pytest.mark.parametrize(
    "name",
    ["Jane Doe (she/her)", "Smith, Jane (NHS ENGLAND - X24)", "Anna van der Berg", "J.S.", "Dr. Roe", "P-12", "GP 1"],
)
def test_names(name):
    assert looks_like_name(name)
    assert find_label(f"{name}: Yes.").name == name


@pytest.mark.parametrize(
    "name", ["the thing", "the", "12", "Note", "What?", "He left.", "One Two Three Four Five Six Seven Eight Nine", ""]
)
def test_not_names(name):
    assert not looks_like_name(name)


@pytest.mark.parametrize(
    ("stamp", "value"), [("1:02", 62), ("[01:00:02]", 3602), ("00:02,5", 2.5), ("#00:01:02-3#", 62)]
)
def test_seconds(stamp, value):
    assert seconds(stamp) == value


# Turns


def test_heading_lines_belong_to_nobody(read):
    assert said(read("Interview 3\nDate: 3 May\n\nINT: One.\nP01: Two.\n")) == [("INT", "One."), ("P01", "Two.")]


def test_unlabelled_paragraphs_continue_the_turn_above(read):
    assert said(read("P01: One.\n\nTwo.\nINT: Three.\n")) == [("P01", "One.\n\nTwo."), ("INT", "Three.")]


def test_stamp_alone_divides_a_turn_and_is_no_talk(read):
    transcript = read("P01: One.\n[00:01:00]\nTwo.\n[00:02:00] Three.\nINT: Four.\n")
    assert said(transcript) == [("P01", "One."), ("P01", "Two."), ("P01", "Three."), ("INT", "Four.")]
    assert [turn.started for turn in transcript.turns] == [None, 60.0, 120.0, None]


def test_a_turn_ends_where_the_next_begins(read):
    transcript = read("[0:10] INT: One.\n[0:20] P01: Two.\n[0:15] INT: Three.\n")
    assert [(turn.started, turn.ended) for turn in transcript.turns] == [(10, 20), (20, None), (15, None)]


def test_stamp_behind_a_paragraph_says_when_it_ended(read):
    transcript = read("INT: One. #00:00:05-2#\n\nP01: Two. [00:00:09]\n\nThree.\n")
    assert said(transcript) == [("INT", "One."), ("P01", "Two."), ("P01", "Three.")]
    assert [turn.ended for turn in transcript.turns] == [5.0, 9.0, None]


@pytest.mark.parametrize("text", ["One.\nTwo goes on.\nThree.", "One.\n\nTwo\ngoes on.\n\n\nThree.\n"])
def test_without_speakers_every_paragraph_is_a_participants(read, text):
    transcript = read(text)
    assert [(speaker, " ".join(words.split())) for speaker, words in said(transcript)] == [
        (None, "One."), (None, "Two goes on."), (None, "Three."),
    ]  # fmt: skip
    assert transcript.warnings == ("no speaker labels found; all talk is treated as a participant's",)


def test_300000_words_read_whole(read):
    text = "".join(f"INT: How was it?\nP01: {'It was long. ' * 99}It ended.\n" for _ in range(1000))
    transcript = read(text)
    assert len(transcript.text.split()) > 300_000
    assert len(transcript.turns) == 2000
