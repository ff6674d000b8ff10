"""The same dialogue in every layout: turns, speakers and roles come back, and no word is lost."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.readers import read_transcript
from corpus.transcript import Role

QUESTIONS = ["How did the week go?", "Who else looks in on you?", "And what happened after that?", "Can you say more?"]
ANSWERS = [
    "The district nurse came on Tuesday. She went through the tablets with me.",
    "I keep a list on the fridge, so nobody asks me twice.",
    "We waited nine weeks. Then somebody rang at last.",
    "My daughter does the forms: she is good with those.",
    "No, not really.",
    "It costs me two buses each way. I go anyway.",
]
LAYOUTS = {
    "colon": "{name}: {words}\n",
    "colon and blank line": "{name}: {words}\n\n",
    "colon, space before": "{name} : {words}\n",
    "colon, tab": "{name}:\t{words}\n",
    "tab": "{name}\t{words}\n",
    "dash": "{name} - {words}\n",
    "en dash": "{name} \u2013 {words}\n\n",
    "em dash": "{name}\u2014{words}\n",
    "equals": "{name} = {words}\n",
    "bar": "{name} | {words}\n",
    "chevrons": "{name}>> {words}\n",
    "square brackets": "[{name}] {words}\n",
    "square brackets and colon": "[{name}]: {words}\n",
    "square brackets with colon inside": "[{name}:] {words}\n",
    "round brackets": "({name}) {words}\n",
    "round brackets and colon": "({name}): {words}\n\n",
    "curly brackets": "{{{name}}} {words}\n",
    "angle brackets": "<{name}> {words}\n",
    "full width": "\u3010{name}\u3011{words}\n",
    "full width colon": "{name}\uff1a{words}\n",
    "at": "@{name}: {words}\n",
    "hash": "#{name}: {words}\n",
    "Markdown bold": "**{name}:** {words}\n\n",
    "Markdown bold name": "**{name}**: {words}\n\n",
    "Markdown italic": "*{name}:* {words}\n",
    "Markdown heading": "## {name}\n\n{words}\n\n",
    "Markdown list": "- {name}: {words}\n",
    "Markdown bold stamp": "**[00:{n:02d}:01] {name}:** {words}\n\n",
    "alone": "{name}\n{words}\n\n",
    "alone and blank line": "{name}\n\n{words}\n\n",
    "alone with colon": "{name}:\n{words}\n\n",
    "zero width": "\u200b{name}: {words}\n",
    "left to right mark": "\u200e{name}: {words}\n",
    "byte order mark in each line": "\ufeff{name}: {words}\n",
    "numbered": "{n}. {name}: {words}\n",
    "numbered bracket": "{n}) {name}: {words}\n\n",
    "line numbers": "{n:>4}  {name}: {words}\n",
    "columns": "{name:<20}{words}\n",
    "time before": "[00:{n:02d}:01] {name}: {words}\n",
    "time before, dots": "[00.{n:02d}.01] {name}: {words}\n",
    "time before, round": "(00:{n:02d}:01) {name}: {words}\n",
    "time before, bare": "00:{n:02d}:01 {name}: {words}\n",
    "time before, dash": "00:{n:02d}:01 - {name}: {words}\n",
    "time range": "[00:{n:02d}:01.000 --> 00:{n:02d}:09.000] {name}: {words}\n",
    "time AM": "10:{n:02d}:12 AM {name}: {words}\n",
    "time after": "{name} (00:{n:02d}:01): {words}\n",
    "time after, square": "{name} [00:{n:02d}:01]: {words}\n",
    "time behind colon": "{name}: [00:{n:02d}:01] {words}\n",
    "Otter": "{name}  {n}:01\n{words}\n\n",
    "Teams": "{name}   {n}:01\n{words}\n",
    "Teams chat": "[3/12/2024 10:{n:02d} AM] {name}\n{words}\n\n",
    "time above": "00:{n:02d}:01\n{name}: {words}\n\n",
    "time in front alone": "[00:{n:02d}:01] {name}\n{words}\n\n",
    "time inside brackets": "[{name} 00:{n:02d}:01] {words}\n",
    "WhatsApp Android": "12/03/2024, 10:{n:02d} - {name}: {words}\n",
    "WhatsApp iOS": "[12/03/2024, 10:{n:02d}:12] {name}: {words}\n",
    "WhatsApp iOS with marks": "\u200e[12.03.24, 10:{n:02d}:12] {name}: {words}\n",
    "WhatsApp US": "3/12/24, 10:{n:02d} PM - {name}: {words}\n",
    "Zoom chat": "10:{n:02d}:12\t From {name} to Everyone : {words}\n",
    "Zoom chat, new": "10:{n:02d}:12\t{name}:\t{words}\n",
    "NVivo": "{n}\t{n}:00.0 - {n}:04.9\t{name}\t{words}\n",
    "pyannote": "{n}.000 {n}.900 {name}  {words}\n",
}  # fmt: skip
CASTS = st.sampled_from(
    [
        ("Interviewer", ["Jane", "Husband"]),
        ("INT", ["P01", "P02"]),
        ("I", ["R"]),
        ("Int.", ["Maria Lopez"]),
        ("Interviewer/Anna", ["P1/F/62"]),
        ("Moderator", ["Jo\u00e3o", "\u00c1kos", "Zo\u00eb"]),
        ("\u0418\u043d\u0442\u0435\u0440\u0432\u044c\u044e\u0435\u0440", ["\u0410\u043d\u043d\u0430"]),
        ("Entrevistadora", ["Luc\u00eda"]),
        ("Forscherin", ["Befragte"]),
        ("interviewer", ["jane roe"]),
    ]
)


@st.composite
def dialogues(draw):
    """Turns of an interviewer and of participants, of whom the last may speak only once."""
    interviewer, others = draw(CASTS)
    turns = []
    for n in range(draw(st.integers(3, 8))):
        turns.append((interviewer, draw(st.sampled_from(QUESTIONS))))
        who = others[-1] if n == 2 else others[0]
        turns.append((who, draw(st.sampled_from(ANSWERS))))
    return turns


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("layouts")


def said(transcript):
    """What each speaker says in a row, white space folded."""
    talk = ((turn.speaker, turn.role, " ".join(words.split())) for turn, words in transcript.talk())
    return [
        (speaker, role, " ".join(words for *_, words in group))
        for (speaker, role), group in groupby(talk, key=lambda turn: turn[:2])
    ]


def expected(turns):
    label = turns[0][0]
    roles = [Role.INTERVIEWER if speaker == label else Role.PARTICIPANT for speaker, _ in turns]
    return [(speaker.strip("."), role, words) for (speaker, words), role in zip(turns, roles, strict=True)]


def undotted(talk):
    return [(speaker and speaker.strip("."), role, words) for speaker, role, words in talk]


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(turns=dialogues())
def test_read_transcript_finds_turns_speakers_and_roles_in_plain_text(folder, layout, turns):
    path = folder / "layout.txt"
    written = (LAYOUTS[layout].format(name=name, words=words, n=n) for n, (name, words) in enumerate(turns, start=1))
    path.write_text("".join(written), encoding="utf-8")
    assert undotted(said(read_transcript(path))) == expected(turns)
