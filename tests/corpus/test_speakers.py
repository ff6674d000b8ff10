"""Speakers for people to check: counts, doubts, what a study knows, slips of the pen, and what a researcher may say."""

from __future__ import annotations

import unicodedata

import pytest

from corpus.readers import read_transcript
from corpus.speakers import SpeakerSettings, judge_study, plain_label, probably_one, speakers_of
from corpus.transcript import Role

TALK = "[Anna] How was it?\n[Ben] Fine.\n[Anna] And then?\n[Ben] Nothing much.\n"


@pytest.fixture
def read(tmp_path):
    def read_content(content, name="talk.txt", **more):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8")
        return read_transcript(path, **more)

    return read_content


def roles(transcript):
    return {reading.label: reading.role for reading in speakers_of(transcript)}


def test_speakers_of_counts_turns_and_words_and_points_at_first_words(read):
    first, second = speakers_of(transcript := read("INT: How was it?\nP01: Fine, I think.\nINT: Ah.\n"))
    assert (first.label, first.turns, first.words) == ("INT", 2, 4)
    assert [span.of(transcript.text) for span in first.first_words] == ["How was it?", "Ah."]
    assert (second.role, second.confidence) == (Role.PARTICIPANT, 0.95)
    assert "usual" in first.reason


def test_speakers_of_doubts_a_role_that_only_questions_tell(read):
    anna, ben = speakers_of(read(TALK))
    assert (anna.role, ben.role) == (Role.INTERVIEWER, Role.PARTICIPANT)
    assert anna.confidence < 0.7
    assert "100% of its 2 turns hold a question" in anna.reason


def test_read_transcript_adds_named_interviewers_to_the_usual_ones(read):
    talk = "I: How so?\nAnna: And when?\nP01: On Monday.\nINT: Ah.\n"
    expected = {"I": Role.INTERVIEWER, "Anna": Role.INTERVIEWER, "P01": Role.PARTICIPANT, "INT": Role.INTERVIEWER}
    assert roles(read(talk, interviewers=["Anna"])) == expected
    assert roles(read(talk, speakers=SpeakerSettings(interviewers=("anna",)))) == expected


def test_read_transcript_takes_a_named_participant_before_everything_else(read):
    settings = SpeakerSettings(participants=("INT",))
    assert roles(read("INT: How so?\nP01: Yes.\n", speakers=settings))["INT"] is Role.PARTICIPANT


def test_read_transcript_renames_and_merges_labels(read):
    settings = SpeakerSettings(names={"Bne": "Ben", "Anna": "Interviewer"})
    transcript = read(f"{TALK}[Bne] That is all.\n", speakers=settings)
    assert [turn.speaker for turn in transcript.turns] == ["Interviewer", "Ben", "Interviewer", "Ben", "Ben"]
    assert roles(transcript)["Interviewer"] is Role.INTERVIEWER


@pytest.mark.parametrize(
    ("pattern", "line"),
    [("[NAME]", "[{}] {}"), ("NAME ~", "{} ~ {}"), ("<<NAME>>", "<<{}>> {}"), ("(TIME) NAME:", "(00:01:02) {}: {}"),
     ("NAME said:", "{} said: {}")],
)  # fmt: skip
def test_read_transcript_takes_labels_as_the_researcher_says_they_look(read, pattern, line):
    talk = "\n".join(line.format(*turn) for turn in [("anna b", "How so?"), ("ben", "It is."), ("anna b", "Ah.")])
    transcript = read(f"My title: x\n{talk}\nGoes on: here.\n", speakers=SpeakerSettings(pattern=pattern, first_line=2))
    assert [(turn.speaker, words) for turn, words in transcript.talk()] == [
        ("anna b", "How so?"), ("ben", "It is."), ("anna b", "Ah.\nGoes on: here.")
    ]  # fmt: skip


def test_read_transcript_begins_where_the_researcher_says(read):
    transcript = read(
        "P01: That is a test of the machine.\nP01: One.\nINT: Two?\n", speakers=SpeakerSettings(first_line=2)
    )
    assert [words for _, words in transcript.talk()] == ["One.", "Two?"]


def test_judge_study_takes_a_label_that_recurs_for_the_interviewers():
    readings = {}
    for n, name in enumerate(["Mary", "John", "Zoe"]):
        readings[f"P0{n}_{name}"] = (_reading("Anna", Role.PARTICIPANT, 0.4), _reading(name, Role.PARTICIPANT, 0.4))
    judged = judge_study(readings)
    assert {speakers[0].role for speakers in judged.values()} == {Role.INTERVIEWER}
    assert {speakers[1].role for speakers in judged.values()} == {Role.PARTICIPANT}
    assert judged["P00_Mary"][0].reason == "its label recurs in 3 of 3 files"
    assert all(speaker.confidence >= 0.8 for speakers in judged.values() for speaker in speakers)


def test_judge_study_leaves_participant_and_the_files_own_name_alone():
    sure = _reading("Participant", Role.PARTICIPANT, 0.97)
    judged = judge_study({"Jane": (sure, _reading("Jane", Role.INTERVIEWER, 0.6)), "Ann": (sure,)})
    assert judged["Jane"][0] == sure
    assert (judged["Jane"][1].role, judged["Jane"][1].reason) == (Role.PARTICIPANT, "its label is the file's name")
    assert judged["Ann"] == (sure,)


def _reading(label, role, confidence):
    from corpus.speakers import SpeakerReading

    return SpeakerReading(label, 10, 100, (), role, confidence, "for a test")


@pytest.mark.parametrize(
    ("label", "other"),
    [("Jane", "JANE"), ("Jane Roe", "Jane  Roe"), ("Jo\u00e3o", "Joao"), ("P-01", "P01"), ("Interviewer", "Interviwer"),
     ("Interviewer", "Interveiwer"), ("Participant", "Participent"), ("Jane", "Jane\u2013")],
)  # fmt: skip
def test_probably_one_finds_slips(label, other):
    assert probably_one({label: 20, other: 1}) == ((label, other),)


@pytest.mark.parametrize(
    ("label", "other"), [("P01", "P02"), ("Speaker 1", "Speaker 2"), ("Ann", "Anna"), ("Jane", "John")]
)
def test_probably_one_keeps_people_apart(label, other):
    assert probably_one({label: 20, other: 1}) == ()


def test_labels_that_are_probably_one_are_a_warning_without_names(read):
    transcript = read("INT: How?\nMartha: Well.\nINT: And?\nMartha: So.\nINT: Then?\nMarhta: No.\n")
    assert any("probably one" in line for line in transcript.warnings)
    assert not any("Mar" in line for line in transcript.warnings)


def test_read_transcript_makes_composed_and_decomposed_labels_one(read):
    name = unicodedata.normalize("NFD", "Jos\u00e9")
    transcript = read(f"{name}: One.\nI: Two?\nJos\u00e9: Three.\n")
    assert {turn.speaker for turn in transcript.turns} == {"Jos\u00e9", "I"}
    assert plain_label(name) == plain_label("Jose")
