"""Kinds of transcripts that people have: whatever the labels, every word is said by who said it."""

import json
from itertools import cycle

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.readers import read_transcript
from corpus.readers.front import topics
from corpus.readers.grammars import TalkLine
from corpus.transcript import Role

QUESTIONS = [
    "How long have you been coming here?",
    "And who looks after the tablets?",
    "What happened after the hospital?",
    "Did anybody tell the doctor?",
]
ANSWERS = [
    "About six years now, since my wife died. The nurse comes on Mondays.",
    "My daughter does. She puts them in the box every week, and I just take them.",
    "They sent me home with a letter, and nobody had read it. I had to explain it all again.",
    "No. I told him myself, three weeks later, when I could walk again.",
]
PAIRS = list(zip(QUESTIONS, ANSWERS, strict=True))
LABELS = [
    ("Interviewer", "Resp."),
    ("Int.", "Patient."),
    ("Kérdező", "Válaszadó"),
    ("Ispitivačica", "Sugovornik"),
    ("Intervjuer", "Informant 3"),
    ("Entrevistadora", "Entrevistado"),
    ("Interviewerin", "Befragte"),
    ("Onderzoeker", "Mw. de Boer"),
    ("Enquêtrice", "Mme Dupont"),
]


def read(tmp_path, text, name="P01.txt"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_transcript(path)


def said(transcript):
    return [(turn.speaker, turn.span.of(transcript.text)) for turn in transcript.turns]


def roles(transcript):
    return {turn.speaker: turn.role for turn in transcript.turns}


def expected(asking, answering):
    return [turn for question, answer in PAIRS for turn in ((asking, question), (answering, answer))]


@pytest.mark.parametrize("labels", LABELS, ids=lambda labels: labels[0])
@pytest.mark.parametrize("divider", [": ", " : ", ":\t", ".- ", ".— ", "\u00a0: ", ":- "], ids=ascii)
def test_labels_of_many_languages_and_dividers(tmp_path, labels, divider):
    asking, answering = labels
    if "." in divider:
        asking, answering = asking.rstrip("."), answering.rstrip(".")
    text = "\n".join(f"{asking}{divider}{question}\n{answering}{divider}{answer}" for question, answer in PAIRS)
    transcript = read(tmp_path, text)
    assert said(transcript) == expected(asking.rstrip("."), answering.rstrip("."))
    assert list(roles(transcript).values()) == [Role.INTERVIEWER, Role.PARTICIPANT]


@pytest.mark.parametrize(
    "layout",
    [
        "({n}) I {q}\n({m}) P7 {a}",
        "[{n}] INT: {q}\n[{m}] P7: {a}",
        "{n:>4}\tI: {q}\n{m:>4}\tP7: {a}",
        "{n}) I: {q}\n{m}) P7: {a}",
    ],
)
@pytest.mark.parametrize("step", [1, 3, 5])
def test_numbers_before_paragraphs_whatever_their_step(tmp_path, layout, step):
    numbers = range(1, 8 * step + 1, step)
    text = "\n".join(
        layout.format(n=numbers[2 * k], m=numbers[2 * k + 1], q=question, a=answer)
        for k, (question, answer) in enumerate(PAIRS)
    )
    transcript = read(tmp_path, text)
    assert [words for _, words in said(transcript)] == [words for _, words in expected("", "")]
    assert list(roles(transcript).values()) == [Role.INTERVIEWER, Role.PARTICIPANT]
    assert "left out numbers of lines: 8" in transcript.warnings


CALLERS = ["+49 171 1234567", "+47 912 34 567", "\u202a+36 30 123 4567\u202c", "+1 (555) 010-9999", "0171 1234567"]


@pytest.mark.parametrize("caller", CALLERS, ids=ascii)
@pytest.mark.parametrize("layout", ["05.03.24, 10:0{n} - {who}: {words}", "[05/03/2024, 10:0{n}:12] {who}: {words}"])
def test_a_message_of_somebody_without_a_name_is_not_lost(tmp_path, caller, layout):
    turns = [(who, words) for pair in PAIRS for who, words in zip(("Ruth", caller), pair, strict=True)]
    text = "\n".join(layout.format(n=n, who=who, words=words) for n, (who, words) in enumerate(turns))
    transcript = read(tmp_path, f"05.03.24, 10:00 - Messages are encrypted.\n{text}")
    assert said(transcript) == expected("Ruth", caller.strip("\u202a\u202c"))


@pytest.mark.parametrize("layout", ["{who}, [05.03.2024 10:0{n}]\n{words}\n", "{who}, 05.03.2024 10:0{n}\n{words}\n"])
def test_messages_whose_date_stands_behind_the_name(tmp_path, layout):
    turns = [(who, words) for pair in PAIRS for who, words in zip(("Ruth", "Jane"), pair, strict=True)]
    text = "\n".join(layout.format(n=n, who=who, words=words) for n, (who, words) in enumerate(turns))
    assert said(read(tmp_path, text)) == expected("Ruth", "Jane")


def test_times_of_one_digit_as_older_transcripts_of_teams_have_them(tmp_path):
    turns = [(who, words) for pair in PAIRS for who, words in zip(("Ruth Meyer", "Guest"), pair, strict=True)]
    text = "\n".join(f"0:0:{n}.0 --> 0:0:{n}.900\n{who}\n{words}\n" for n, (who, words) in enumerate(turns))
    transcript = read(tmp_path, text)
    assert said(transcript) == expected("Ruth Meyer", "Guest")
    assert [turn.started for turn in transcript.turns] == [float(n) for n in range(8)]


@pytest.mark.parametrize(
    "heads", [("From", "Sent", "Subject"), ("Von", "Gesendet", "Betreff"), ("Van", "Verzonden", "Onderwerp")]
)
def test_an_interview_by_mail_is_said_by_who_sent_it(tmp_path, heads):
    turns = [(who, words) for pair in PAIRS for who, words in zip(("Ruth", "Jane"), pair, strict=True)]
    sender, sent, subject = heads
    text = "\n".join(
        f"{sender}: {who} <{who}@example.org>\n{sent}: 5 March 2024 10:0{n}\n{subject}: RE: us\n\n{words}\n"
        for n, (who, words) in enumerate(turns)
    )
    transcript = read(tmp_path, text)
    assert said(transcript) == expected("Ruth", "Jane")
    assert "left out heads of messages: 16" in transcript.warnings


@pytest.mark.parametrize("stamp", ["0 minutes {n} seconds", "{n} Minuten 4 Sekunden", "{n} minuten 4 seconden"])
def test_times_written_out_on_lines_of_their_own(tmp_path, stamp):
    turns = [(who, words) for pair in PAIRS for who, words in zip(("Ruth Meyer", "Jane Doe"), pair, strict=True)]
    text = "\n".join(f"{who}\n{stamp.format(n=n)}\n{words}\n" for n, (who, words) in enumerate(turns, start=1))
    transcript = read(tmp_path, text)
    assert said(transcript) == expected("Ruth Meyer", "Jane Doe")
    assert all(turn.started is not None for turn in transcript.turns)


@pytest.mark.parametrize(
    "labels",
    [("Dr. R. Meyer", "Mrs. J. O\u2019Neill-Smith"), ("Dra. Ruiz", "Sra. G\u00f3mez"), ("Prof. Dr. Vogt", "Fr. K.")],
)
def test_titles_with_full_stops_are_parts_of_one_label(tmp_path, labels):
    asking, answering = labels
    text = "\n".join(f"{asking}: {question}\n{answering}: {answer}" for question, answer in PAIRS)
    assert said(read(tmp_path, text)) == expected(asking, answering)


@pytest.mark.parametrize("other", ["Ruth", "RM", "Ruth Meyer"])
@pytest.mark.parametrize("first", ["Interviewer (Ruth Meyer)", "Ruth Meyer (Interviewer)", "Interviewer/Ruth Meyer"])
def test_who_is_introduced_as_an_interviewer_stays_one_under_the_bare_name(tmp_path, first, other):
    turns = [(first if n == 0 else other, q, a) for n, (q, a) in enumerate(PAIRS)]
    transcript = read(tmp_path, "\n".join(f"{who}: {q}\nJane: {a}" for who, q, a in turns))
    assert roles(transcript) == {first: Role.INTERVIEWER, other: Role.INTERVIEWER, "Jane": Role.PARTICIPANT}


@pytest.mark.parametrize(
    "layout", ["**{who}** {words}", "- **{who}** {words}", "> **{who}:** {words}", "__{who}__ {words}"]
)
def test_labels_in_bold_of_markdown_without_a_colon(tmp_path, layout):
    turns = [(who, words) for pair in PAIRS for who, words in zip(("Interviewer", "Jane"), pair, strict=True)]
    text = "\n>\n".join(layout.format(who=who, words=words) for who, words in turns)
    assert said(read(tmp_path, text)) == expected("Interviewer", "Jane")


def test_somebody_of_a_group_who_is_not_known_is_nobody_else(tmp_path):
    text = "GL: Wie begint?\nR1: Ik.\nR2: Nee, ik.\nGL: En dan?\nR1: Mijn dochter.\nR?: Ikzelf.\nR2: Niemand."
    assert ("R?", "Ikzelf.") in said(read(tmp_path, text))


@pytest.mark.parametrize("word", ["Frage", "Question", "Vraag", "Pregunta"])
def test_numbered_questions_without_a_label_on_the_answers(tmp_path, word):
    text = "\n\n".join(f"{word} {n}: {q}\n\n{a}" for n, (q, a) in enumerate(PAIRS, start=1))
    transcript = read(tmp_path, text)
    assert [words for who, words in said(transcript) if who is None] == ANSWERS
    assert {turn.role for turn in transcript.turns if turn.speaker} == {Role.INTERVIEWER}


def test_notices_below_a_transcript_of_a_meeting_are_nobodys(tmp_path):
    text = "\n".join(f"Ruth: {question}\nJane: {answer}" for question, answer in PAIRS)
    below = "Transcription ended after 00:09:10\n\nThis editable transcript was computer generated and might err."
    assert said(read(tmp_path, f"{text}\n{below}")) == expected("Ruth", "Jane")


@pytest.mark.parametrize("gap", ["\n", "\n\n"], ids=["lines", "paragraphs"])
def test_where_only_who_asks_has_a_label_the_answers_are_a_participants(tmp_path, gap):
    transcript = read(tmp_path, gap.join(f"Interviewer: {question}{gap}{answer}" for question, answer in PAIRS))
    assert said(transcript) == expected("Interviewer", None)
    assert roles(transcript) == {"Interviewer": Role.INTERVIEWER, None: Role.PARTICIPANT}
    assert {reading.label: reading.confidence >= 0.7 for reading in transcript.roles}[None]


def test_where_only_who_answers_has_a_label_the_questions_are_not_theirs(tmp_path):
    transcript = read(tmp_path, "\n\n".join(f"{question}\n\nAnna: {answer}" for question, answer in PAIRS))
    assert said(transcript) == expected(None, "Anna")
    assert {reading.label: reading.confidence for reading in transcript.roles}[None] < 0.7


def test_one_speaker_of_many_paragraphs_stays_one(tmp_path):
    text = "Anna: " + "\n\n".join(ANSWERS * 2)
    assert {speaker for speaker, _ in said(read(tmp_path, text))} == {"Anna"}
    lecture = "Interviewer: " + "\n\n".join(ANSWERS * 2)
    assert {speaker for speaker, _ in said(read(tmp_path, lecture))} == {"Interviewer"}


def test_two_who_ask_are_both_taken_for_interviewers(tmp_path):
    asking = cycle(["JM", "RK"])
    transcript = read(tmp_path, "\n".join(f"{next(asking)}: {q}\nMrs B: {a}" for q, a in PAIRS))
    assert roles(transcript) == {"JM": Role.INTERVIEWER, "RK": Role.INTERVIEWER, "Mrs B": Role.PARTICIPANT}
    assert all(reading.confidence < 0.7 for reading in transcript.roles)  # and asked about


@pytest.mark.parametrize("word", ["Theme", "Thema", "Téma", "Tema", "Blokk", "Section", "Block"])
@pytest.mark.parametrize("numbers", ["1234", ["I", "II", "III", "IV"]], ids=["digits", "roman"])
def test_numbered_topics_are_no_speakers_and_told(tmp_path, word, numbers):
    parts = [
        f"{word} {number}: Access to care\nInterviewer: {q}\nAnna: {a}"
        for number, (q, a) in zip(numbers, PAIRS, strict=True)
    ]
    transcript = read(tmp_path, "\n".join(parts))
    assert said(transcript) == expected("Interviewer", "Anna")
    assert "left out headings of topics: 4" in transcript.warnings


@pytest.mark.parametrize("count", range(5, 9))
def test_letters_of_a_group_count_people(tmp_path, count):
    people = "ABCDEFGH"[:count]
    text = ["M: Who begins, and why?", *(f"{person}: {ANSWERS[0]}" for person in people), "M: And the money?"]
    transcript = read(tmp_path, "\n".join([*text, *(f"{person}: I pay too much." for person in people)]))
    assert roles(transcript) == {"M": Role.INTERVIEWER, **dict.fromkeys(people, Role.PARTICIPANT)}


def test_labels_that_audacity_exports_have_times(tmp_path):
    turns = [(who, words) for pair in PAIRS for who, words in zip(("INT", "P1"), pair, strict=True)]
    text = "\n".join(f"{4 * n:.6f}\t{4 * n + 3.5:.6f}\t{who}: {words}" for n, (who, words) in enumerate(turns))
    transcript = read(tmp_path, text)
    assert said(transcript) == expected("INT", "P1")
    assert [(turn.started, turn.ended) for turn in transcript.turns] == [(4.0 * n, 4 * n + 3.5) for n in range(8)]


@pytest.mark.parametrize("rule", ["-----", "=====", "* * *", "\u2500\u2500\u2500\u2500", "______"])
def test_rules_between_turns_are_no_words(tmp_path, rule):
    text = f"\n{rule}\n".join(f"Ruth: {question}\nJane: {answer}" for question, answer in PAIRS)
    assert said(read(tmp_path, text)) == expected("Ruth", "Jane")


def test_the_heading_of_a_table_in_word_is_nobodys_talk(tmp_path):
    document = docx.Document()
    turns = [(who, words) for pair in PAIRS for who, words in zip(("Ruth", "Jane"), pair, strict=True)]
    rows = [("Line", "Time", "Speaker", "Transcript"), *((f"{n}", f"00:0{n}", *turn) for n, turn in enumerate(turns))]
    table = document.add_table(rows=len(rows), cols=4)
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.save(tmp_path / "P01.docx")
    assert said(read_transcript(tmp_path / "P01.docx")) == expected("Ruth", "Jane")


def test_passages_under_a_key_that_nobody_knows(tmp_path):
    turns = [{"name": who, "text": words} for who, words in expected("Ruth", "Jane")]
    assert said(read(tmp_path, json.dumps({"version": 1, "timeline": turns}), "P01.json")) == expected("Ruth", "Jane")


@pytest.mark.parametrize("word", ["Week", "Day", "Dag", "Woche"])
def test_numbered_days_of_a_diary_are_its_words(tmp_path, word):
    text = "\n\n".join(f"{word} {n}: at home\n\n{words}\n\n{words}" for n, words in enumerate(ANSWERS, start=1))
    assert "".join(words for _, words in said(read(tmp_path, text))).count("at home") == 4


def test_years_before_lines_are_words(tmp_path):
    text = "\n".join(f"{1990 + 4 * n} {words}" for n, words in enumerate(ANSWERS * 2))
    assert "2002" in "".join(words for _, words in said(read(tmp_path, text)))


def test_headings_over_labelled_talk_are_no_speakers(tmp_path):
    parts = [
        f"## {title}\n\n**Interviewer**: {q}\n\n**Anna**: {a}" for title, (q, a) in zip("ABCD", PAIRS, strict=True)
    ]
    parts = [part.replace("## A", "## Warm-up").replace("## B", "## Medication") for part in parts]
    assert said(read(tmp_path, "\n\n".join(parts[:2]))) == expected("Interviewer", "Anna")[:4]


NURSES = st.lists(st.sampled_from(["Yes.", "No, never.", "Yes, on the ward", "Well"]), min_size=2, max_size=9)


@given(NURSES, st.sampled_from(["Nurse", "Woman", "Participant", "Speaker"]))
def test_people_with_numbers_who_answer_in_turn_are_no_topics(answers, word):
    lines = [TalkLine(0, f"{word} {n}: {answer}") for n, answer in enumerate(answers, start=1)]
    assert topics([TalkLine(0, "Moderator: Does anybody know?"), *lines]) == frozenset()


@pytest.mark.parametrize(
    "heads",
    [("Zeit", "Sprecher", "Text"), ("Hora", "Hablante", "Texto"), ("Tijd", "Spreker", "Tekst"),
     ("Tid", "Taler", "Tekst"),
     ("Vrijeme", "Govornik", "Tekst"), ("Idő", "Beszélő", "Szöveg"), ("Heure", "Locuteur", "Texte")],
    ids=lambda heads: heads[1],
)  # fmt: skip
@pytest.mark.parametrize("mark", [";", ",", "\t"], ids=ascii)
def test_tables_with_headings_of_the_studys_languages(tmp_path, heads, mark):
    turns = [(who, words) for pair in PAIRS for who, words in zip(("Ruth", "Jane"), pair, strict=True)]
    rows = [mark.join(heads), *(mark.join((f"00:00:0{n}", who, f'"{words}"')) for n, (who, words) in enumerate(turns))]
    transcript = read(tmp_path, "\n".join(rows), "P01.csv")
    assert said(transcript) == expected("Ruth", "Jane")
    assert [turn.started for turn in transcript.turns] == [float(n) for n in range(8)]


@pytest.mark.parametrize("who", ["speaker", "speaker_name", "speakerName", "speaker_label"])
@pytest.mark.parametrize("inside", [None, "segments", "utterances", "sentences"])
def test_lists_of_passages_whatever_the_keys_are_called(tmp_path, who, inside):
    turns = [(name, words) for pair in PAIRS for name, words in zip(("Ruth", "Jane"), pair, strict=True)]
    passages = [{who: name, "text": words, "start_time": 4.0 * n} for n, (name, words) in enumerate(turns)]
    transcript = read(tmp_path, json.dumps({inside: passages} if inside else passages), "P01.json")
    assert said(transcript) == expected("Ruth", "Jane")
    assert [turn.started for turn in transcript.turns] == [4.0 * n for n in range(8)]


def test_white_space_that_a_service_lists_as_words_is_not_counted_as_left_out(tmp_path):
    words = [
        {"text": text, "type": kind, "speaker_id": who, "start": 1.0, "end": 2.0}
        for who, talk in expected("a", "b")
        for word in talk.split()
        for text, kind in ((word, "word"), (" ", "spacing"))
    ]
    transcript = read(tmp_path, json.dumps({"words": words}), "P01.json")
    assert said(transcript) == expected("a", "b")
    assert not any("left out" in line for line in transcript.warnings)
