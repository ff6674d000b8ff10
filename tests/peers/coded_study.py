"""A coded study that holds one of everything precode can hold, in words that tools are known to trip over."""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from corpus.codebook import Code, Codebook
from corpus.files import replace_text
from corpus.transcript import Span
from pipeline.export.qda_project import codebook_toml
from pipeline.session import StudySession
from pipeline.settings import template
from pipeline.store import Action, EventKind, NewDecision, NewEvent
from pipeline.study import SETTINGS, create_study, open_study

TEXTS = {
    "P01": (
        "Interviewer: How do you hear of changes? 🙂\n"
        "P01: We meet every morning, all of us. It takes ten minutes. 👩‍⚕️👨‍👩‍👧 The rest we write down.\n"
        "Interviewer: And the money?\n"
        "P01: Nobody asks us. I would pay for a second nurse, if they let me & <mine>.\n"
    ),
    "P02": (
        "Interviewer: كيف تعملون معا؟\n"
        "P02: نجتمع كل صباح ونقسم العمل بيننا. أحيانا ننسى المسنين.\n"
        "Interviewer: Was fehlt Ihnen?\n"
        "P02: Zeit. Und jemand, der über die Häuser hinweg plant: „ganz einfach“.\n"
    ),
    "group Zoë": (
        "Moderator: Who decides?\n"
        "Ann: The board does. The board does, and nobody tells us.\n"
        "Bob: The board does, true. It was better with the old one 🙁.\n"
    ),
}
PEOPLE = [
    {"id": "P01", "role": "nurse", "sector": "home care"},
    {"id": "P02", "role": "GP, partner", "sector": "practice"},
    {"id": "group Zoë", "role": "", "sector": "hospital"},
]
BOOK = Codebook(
    "ward",
    "1",
    (
        Code("work.core", "Core", "Workforce", "core", "Who does the work."),
        Code("work.team", "Team", "Workforce", "micro", "People who work together.", "Rounds", "Families"),
        Code("work.time", "Time & <pressure>", "Workforce", "micro"),
        Code("pay.core", "Core", "Payers", "core", 'What is "paid".'),
        Code("pay.team", "Team", "Payers", "micro"),
        Code("pay.plan", "Plan: who / when", "Payers", "macro", "Over\ntwo lines."),
        Code("mood", "🙂 mood", "Payers"),
        Code("rule", "Who decides", "Über die Häuser"),
    ),
    title="Ward",
)
WHEN = datetime(2026, 3, 2, 14, 5, 6, tzinfo=UTC)


@dataclass(frozen=True)
class Coded:
    """Words of a transcript, the code they got, and from whom."""

    transcript: str
    words: str
    code: str
    coder: str = "ana"
    memo: str = ""
    nth: int = 0


CODINGS = (
    Coded("P01", "We meet every morning, all of us.", "work.team", memo="Says it twice.\nLooks happy."),
    Coded("P01", "We meet every morning, all of us.", "work.team", "ben"),
    Coded("P01", "every morning", "work.time", "ben", memo="<nested> & short"),
    Coded("P01", "all of us. It takes ten minutes. 👩‍⚕️👨‍👩‍👧", "work.core"),
    Coded("P01", "👨‍👩‍👧 The rest", "mood"),
    Coded("P01", "I would pay for a second nurse, if they let me & <mine>.", "pay.core"),
    Coded("P01", "I would pay for a second nurse, if they let me & <mine>.", "pay.plan"),
    Coded("P01", "Nobody asks us. I would pay for a second nurse, if they let me & <mine>.", "pay.team", "ben"),
    Coded("P02", "نجتمع كل صباح ونقسم العمل بيننا.", "work.team"),
    Coded("P02", "أحيانا ننسى المسنين.", "mood", "ben", memo="مهم"),
    Coded("P02", "Zeit.", "work.time"),
    Coded("P02", "der über die Häuser hinweg plant: „ganz einfach“.", "pay.plan"),
    Coded("group Zoë", "The board does.", "rule"),
    Coded("group Zoë", "The board does", "rule", nth=1),
    Coded("group Zoë", "The board does", "rule", "ben", nth=2),
    Coded("group Zoë", "🙁", "mood"),
)
MEMOS_ON_TRANSCRIPTS = (
    ("P01", "ana", "Spoke fast; tired?\n\nAsk about the second nurse."),
    ("P01", "ben", "By phone."),
    ("P02", "ben", "Interpreter present: هدى."),
)
MEMOS_ON_CODES = (
    ("work.team", "ana", "Also families?\nSee P01."),
    ("work.team", "ben", "Split it."),
    ("mood", "ben", "Only smileys so far 🙂."),
)


def span_of(text, coded):
    start = -1
    for _ in range(coded.nth + 1):
        start = text.index(coded.words, start + 1)
    return Span(start, start + len(coded.words))


def make_study(folder):
    """Make the study in a folder and return it."""
    folder.mkdir(parents=True)
    replace_text(folder / "codebook.toml", codebook_toml(BOOK))
    seeds = (f'{{"code": "{code.id}", "text": "{code.id}", "provenance": "authored"}}\n' for code in BOOK.codes)
    replace_text(folder / "seeds.jsonl", "".join(seeds))
    create_study(folder, name="ward")
    settings = template("ward").replace('codebook = "selfie"', 'codebook = "codebook.toml"', 1)
    replace_text(folder / SETTINGS, settings.replace("seeds = []", 'seeds = ["seeds.jsonl"]', 1))
    with (folder / "participants.csv").open("w", encoding="utf-8", newline="") as file:
        lines = csv.DictWriter(file, list(PEOPLE[0]))
        lines.writeheader()
        lines.writerows(PEOPLE)
    study = open_study(folder)
    for name, text in TEXTS.items():
        (study.transcripts / f"{name}.txt").write_text(text, encoding="utf-8")
    with StudySession(study) as session:
        _code(session)
    return study


def _code(session):
    study, store = session.study, session.store
    versions = {}
    for source in study.sources().accepted:
        versions[source.name] = store.transcripts.add(study.read(source), source).version
    for number, coded in enumerate(CODINGS):
        span, time = span_of(TEXTS[coded.transcript], coded), WHEN + timedelta(days=number, seconds=number)
        store.decisions.add(
            NewDecision(
                coded.coder,
                versions[coded.transcript],
                Action.CODE,
                span=span,
                code=coded.code,
                memo=coded.memo,
                time=time,
            )
        )
    for name, coder, text in MEMOS_ON_TRANSCRIPTS:
        store.events.add(NewEvent(coder, EventKind.MEMO, versions[name], text=text))
    for code, coder, text in MEMOS_ON_CODES:
        store.events.add(NewEvent(coder, EventKind.MEMO, code=code, text=text))
