"""Cases from practice: small files in the shape of what researchers and tools write, each with what is right.

Each file of ``tests/data/cases`` is one of its kind; the layouts and formats around it are tested as kinds elsewhere.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.readers import read_transcript
from corpus.speakers import speakers_of
from corpus.transcript import Role

CASES = Path(__file__).parents[1] / "data" / "cases"
NURSE, ELSE, SON = "The nurse calls me every week.", "Who else helps?", "My son does the rest."
JANE = [("Jane", NURSE), ("Interviewer", ELSE), ("Jane", SON)]
MARIA = [
    ("INT", "Who helps you?"), ("Maria", "My nurse calls me every week. She knows my tablets. And she knows my son."),
    ("INT", "And you, sir?"),
    ("Husband", "I measure her blood pressure at home and send it by the app. I do the shopping. I do the driving."),
    ("INT", "Anything else, Maria?"), ("Maria", "No. That is all."), ("INT", "Thanks."),
]  # fmt: skip
ASKS = ("Who helps you?", "Who else?")

# By folder, or folder and file: what each speaker says in turn, interviewers by their label.
TALK = {
    "csv-decimal-comma": [("P1", "The nurse calls me"), ("I", "Who else?")],
    "descript": [("Jane", "The nurse calls me."), ("Int", "Who else?"), (None, "My son does.")],
    "docx-altchunk": [("I", "Who helps you?"), ("P1", NURSE)],
    "docx-emoji-altcontent": [("I", "Who helps you?"), ("P1", "The nurse made me feel \U0001f60a every week.")],
    "docx-heading-speakers": [("Interviewer", "Who helps you?"), ("Jane", "The nurse calls me."),
                              ("Interviewer", "Who else?"), ("Jane", "My son.")],
    "docx-merged-table": [("Interviewer", "Who helps? And when?"), ("Jane", "The nurse. On Mondays.")],
    "docx-nested-table": [("I", "Who helps you?"), ("Interviewer", "Who else?"),
                          ("Jane", "My son. inner left inner right")],
    "docx-one-time-multiparagraph": MARIA,
    "docx-softhyphen-nbhyphen": [("I", "Who helps you?"),
                                 ("P1", "My self-management is better. Really new line after")],
    "docx-sym": [("I", "Who helps you?"), ("P1", "My sugar was \u226515 and then A \u2192 B.")],
    "header-block": [("INT", "Who helps you?"), ("P3", "My nurse."), ("INT", "Else?"), ("P3", "My son.")],
    "json/assemblyai.json": [("A", "How are you?"), ("B", "I am fine, thanks.")],
    "json/deepgram.json": [("Speaker 0", "How are you?"), ("Speaker 1", "I am fine, thanks.")],
    "json/google_meet_recall.json": [("Ann", "How"), ("Ben", "Fine")],
    "json/google_stt.json": [("Speaker 1", "how are you"), (None, "I am fine")],
    "json/rev.json": [("Speaker 0", "How are?"), ("Speaker 1", "Fine.")],
    "json/speechmatics.json": [("S1", "How?"), ("S2", "Fine")],
    "label-ampm": JANE, "label-angle": JANE, "label-at": JANE, "label-curly": JANE, "label-dot-stamps": JANE,
    "label-hash": JANE, "label-zwsp": JANE,
    "label-brackets": [*JANE, ("Interviewer", "Thanks.")],
    "label-brackets-nocolon": [*JANE, ("Interviewer", "Thanks.")],
    "label-colon-in-name": [("Interviewer", ASKS[0]), ("P1 (GP: retired)", NURSE), ("Interviewer", ASKS[1]),
                            ("P1 (GP: retired)", SON)],
    "label-digit": [("1", ASKS[0]), ("2", NURSE), ("1", ASKS[1]), ("2", SON)],
    "label-dot": [("I", ASKS[0]), ("R", NURSE), ("I", ASKS[1]), ("R", SON)],
    "label-equal": [("INT", ASKS[0]), ("RES", NURSE), ("INT", ASKS[1]), ("RES", SON)],
    "label-nfc-nfd-mixed": [("Jos\u00e9", NURSE), ("I", "Who else?"), ("Jos\u00e9", SON)],
    "label-note-twice": [
        ("I", "Who helps you?"),
        ("P1", "The nurse calls me. My doctor: he never calls. My doctor: he is on holiday, they say. "
               "Honestly: I gave up."),
        ("I", "And?"), ("P1", "That's it. Honestly: it is hard."),
    ],
    "label-quote-speech": [
        ("I", "Tell me."),
        ("P1", "So he said to me: Doctor: you must wait. Doctor: we are full. And I waited."), ("I", "Right."),
    ],
    "label-slash": [("Interviewer/Anna", ASKS[0]), ("P1/F/62", NURSE), ("Interviewer/Anna", ASKS[1]), ("P1/F/62", SON)],
    "line-numbers": [("I", "Who helps you?"), ("P1", NURSE), ("I", "Else?"), ("P1", "My son.")],
    "maxqda-focus": [("Moderator", "Who helps you?"), ("Jane", "The nurse."), ("Moderator", "Else?"),
                     ("Jane", "My son.")],
    "narrative-first-speaker-lost": [
        ("Maria", "My nurse calls me every week and we decide together. Then my blood pressure goes by the app. "
                  "And I never repeat my story."),
        ("INT", "And your husband?"), ("Peter", "I do the shopping."), ("INT", "Anything else?"),
        ("Peter", "No, that is all."), ("INT", "Thanks."),
    ],
    "noscribe_overlap": [("S01", "That was fine."), ("S02", "Yes, really."), ("S01", "And then we left."),
                         ("S02", "Okay, so it was quicker."), ("S00", "Right."), ("S02", "It was.")],
    "nvivo-timespan": [("Interviewer", "Who helps you?"), ("Jane", "The nurse calls me.")],
    "nvivo-transcription": [("Interviewer", "Who helps you?"), ("Jane", "The nurse calls me."),
                            ("Interviewer", "Else?"), ("Jane", "My son.")],
    "one-time-multiparagraph": MARIA,
    "pyannote-txt": [("SPEAKER_01", NURSE), ("SPEAKER_00", ELSE), ("SPEAKER_01", SON)],
    "srt-arrow-in-text": [(None, "I went from ward A --> ward B in a day and nobody told my son")],
    "teams/comma.vtt": [("Dr. Rivera", "Welcome back everyone."), ("Participant A", "It was really hard.")],
    "txt-no-newline-turns": [("Interviewer", "Who helps you?"), ("Jane", NURSE), ("Interviewer", "Who else?"),
                             ("Jane", SON), ("Interviewer", "Thanks."), ("Jane", "Bye.")],
    "vtt-blank-after-time": [(None, "Most of them live in the south and the clinic is in the north")],
    "vtt-chevrons": [(None, "The nurse calls me."), (None, "How often?"),
                     ("Ann Lee", "weekly and on Sundays. She is good.")],
    "vtt-negative": [(None, "The nurse calls me. My son helps. That is all.")],
    "whatsapp-android": [("Jane", "The nurse calls me"), ("Bob", "Who else helps?"), ("Jane", "My son")],
    "whisper-text-only": [(None, f"{NURSE} {SON}")],
    "whisper-verbose-words": [(None, "The nurse calls")],
    "yt-rolling/yt.vtt": [(None, "the nurse called me twice about my tablets on Monday and the doctor never knew")],
    "yt-rolling/ytdlp.srt": [(None, "the nurse called me twice about my tablets on Monday and the doctor never knew")],
    "zoom-chat": [("Jane Smith", "The nurse calls me"), ("Bob", "Who else helps?"), ("Jane Smith", "My son")],
}  # fmt: skip
INTERVIEWERS = {"Interviewer", "Int", "INT", "I", "Moderator", "Interviewer/Anna"}
# Nobody's label says who asks; the questions do.
ASKING = {"label-digit": "1", "pyannote-txt": "SPEAKER_00", "whatsapp-android": "Bob", "zoom-chat": "Bob",
          "json/assemblyai.json": "A", "json/deepgram.json": "Speaker 0", "json/rev.json": "Speaker 0",
          "json/speechmatics.json": "S1"}  # fmt: skip
TIMES = {
    "csv-decimal-comma": [1.5, 4.2],
    "descript": [1, 4, 9],
    "label-ampm": [37812, 37840, 37862],
    "label-dot-stamps": [1, 5, 9],
    "nvivo-timespan": [0, 4.9],
    "nvivo-transcription": [0, 4.9, 9.2, 12],
    "pyannote-txt": [0, 13, 17],
    "whisper-tsv-ms": [0, 4, 3600],
    "whisper-txt-stamps": [0, 6.14, 3606.14],
    "zoom-chat": [37812, 37840, 37862],
}


def case(name):
    path = CASES / name
    return read_transcript(path if path.is_file() else next(path.iterdir()))


def said(transcript):
    """Turns with white space folded; those of one named speaker in a row as one."""
    turns = []
    for turn, words in transcript.talk():
        folded = " ".join(words.split())
        if turns and turn.speaker is not None and turns[-1][0] == turn.speaker:
            turns[-1] = (turn.speaker, f"{turns[-1][1]} {folded}")
        else:
            turns.append((turn.speaker, folded))
    return turns


@pytest.mark.parametrize("name", TALK)
def test_case_reads_turns_and_speakers(name):
    assert said(case(name)) == TALK[name]


@pytest.mark.parametrize("name", TALK)
def test_case_reads_roles(name):
    asking = {turn.speaker for turn in case(name).turns if turn.role is Role.INTERVIEWER}
    expected = {who for who, _ in TALK[name] if who in INTERVIEWERS} | {ASKING[name] for name in {name} & ASKING.keys()}
    assert asking == expected


@pytest.mark.parametrize("name", TIMES)
def test_case_reads_times(name):
    assert [turn.started for turn in case(name).turns] == TIMES[name]


def test_case_huge_cell_is_read():
    transcript = case("csv-huge-cell")
    assert len(transcript.text) > 150_000
    assert {turn.speaker for turn in transcript.turns} == {"P1", "P2"}


def test_case_labels_at_the_edges_of_pages_are_labels():
    transcript = case("pdf_label_at_page_top")
    assert len(transcript.turns) == 24
    assert {turn.speaker for turn in transcript.turns} == {"Sara Miller", "BSR05"}


@pytest.mark.parametrize(
    ("name", "speakers"),
    [("teams/teams_new.txt", ["Dana Mulholland", "Rey Tanaka", "Nina Miller", "Dana Mulholland", "Nina Miller"]),
     ("teams/otter_unknown.txt", ["Emma", "Kelly", "Unknown Speaker", "Emma", "Tailor"])],
)  # fmt: skip
def test_case_of_meeting_tools_has_no_notice_in_a_turn(name, speakers):
    transcript = case(name)
    assert [turn.speaker for turn in transcript.turns] == speakers
    assert not any("transcription" in words or "otter.ai" in words for _, words in transcript.talk())
    assert {turn.role for turn in transcript.turns} == {Role.PARTICIPANT}


def test_case_hard_wrapped_labels_in_lower_case_are_speakers():
    assert {turn.speaker for turn in case("wrapped_lowercase").turns} == {"Jo Tanner", "admin-1", "Recorder"}


@pytest.mark.parametrize(
    ("name", "warning"),
    [
        ("txt-mojibake", "letters that an earlier tool spoilt"),
        ("descript", "given to an unnamed speaker: 1"),
        ("txt-no-newline-turns", "several speakers on one line"),
        ("line-numbers", "left out numbers of lines: 5"),
        ("vtt-negative", "cues whose time is broken, kept without a time: 2"),
        ("yt-rolling/ytdlp.srt", "rolling captions, read once: 2"),
        ("vtt-chevrons", "changes of speaker without a name: 2"),
        ("whatsapp-android", "who asks most was taken for one"),
    ],
)
def test_case_says_what_was_doubtful(name, warning):
    assert any(warning in line for line in case(name).warnings)


def test_arrow_in_the_words_leaves_out_nothing():
    assert not any("left out" in line for line in case("srt-arrow-in-text").warnings)


@pytest.mark.parametrize("name", TALK)
def test_speakers_of_case_counts_all_turns_with_confidence_and_reason(name):
    transcript = case(name)
    readings = speakers_of(transcript)
    assert sum(reading.turns for reading in readings) == len(transcript.turns)
    assert all(0 <= reading.confidence <= 1 and reading.reason for reading in readings)
    assert all(span.of(transcript.text).strip() for reading in readings for span in reading.first_words)


QUESTIONS = (
    "so tell me how that went for you",
    "okay and could you say more of that",
    "and i'd like to hear of the team",
)
ANSWERS = ("we went there and she was kind", "it took long and then they came home", "the nurse knew all of it")


@pytest.mark.parametrize("asking", QUESTIONS)
@pytest.mark.parametrize("first", [True, False])
def test_who_asks_is_known_without_question_marks_and_stays_a_doubt(tmp_path, asking, first):
    path = tmp_path / "talk.txt"
    turns = [
        (f"Ana: {asking}", f"Bo: {answer}") if first else (f"Bo: {answer}", f"Ana: {asking}") for answer in ANSWERS
    ]
    path.write_text("\n".join(line for pair in turns * 2 for line in pair) + "\n")
    roles = {reading.label: reading for reading in read_transcript(path).roles}
    assert (roles["Ana"].role, roles["Bo"].role) == (Role.INTERVIEWER, Role.PARTICIPANT)
    assert max(reading.confidence for reading in roles.values()) < 0.7


def test_nobody_asks_where_no_turn_holds_a_question(tmp_path):
    path = tmp_path / "talk.txt"
    path.write_text("\n".join(f"{name}: {words}" for words in ANSWERS * 2 for name in ("Ana", "Bo")) + "\n")
    assert {turn.role for turn in read_transcript(path).turns} == {Role.PARTICIPANT}
