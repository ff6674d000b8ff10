"""How long a project of another tool takes on its way in and out: ``python -m evaluation.performance.exchange``."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from corpus.refi import DIALECTS, Project, QdaCode, QdaCoding, Selection, TextSource, User, project_bytes
from corpus.refi.xml import guid_of
from pipeline.exchange.bundle import read_bundle
from pipeline.exchange.importing import import_bundle, study_for
from pipeline.export.qdpx import write_qdpx
from pipeline.session import StudySession

TRANSCRIPTS, CODINGS, CODES, CODERS = 50, 1_000, 30, 3
TURNS = 400
"""Of each transcript, some 6,000 words: an interview of an hour."""
ANSWER = "Well, number {} was that the nurse and the doctor 🙂 never met, so nobody knew who would ring me back."


@dataclass(frozen=True, slots=True)
class Exchange:
    """What went in and out, and the seconds it took."""

    transcripts: int
    codings: int
    exported: int
    import_seconds: float
    export_seconds: float


def project_of(transcripts: int, codings: int) -> Project:
    """Return a project of our own making: interviews of an hour, codings spread evenly over them."""
    codes = tuple(QdaCode(guid_of("code", n), f"Code {n}") for n in range(CODES))
    users = tuple(User(guid_of("user", n), f"Coder {n}") for n in range(CODERS))
    each = -(-codings // transcripts)
    sources = (_source(n, min(each, codings - n * each), codes, users) for n in range(transcripts))
    return Project("large", users, codes, sources=tuple(sources))


def exchange(folder: Path, *, transcripts: int = TRANSCRIPTS, codings: int = CODINGS) -> Exchange:
    """Import a project into a new study in a folder, and export that study again.

    Args:
        folder: Empty; project, study and export go there.
        transcripts: Of the project, an hour of talk each.
        codings: Of the project, spread evenly.
    """
    path = folder / "large.qdpx"
    path.write_bytes(project_bytes(project_of(transcripts, codings), DIALECTS["nvivo"]))
    started = perf_counter()
    bundle = read_bundle(path)
    with StudySession(study_for(bundle, folder / "study")) as session:
        report = import_bundle(bundle, session)
        imported = perf_counter()
        write_qdpx(folder / "out.qdpx", session, tool="maxqda")
        done = perf_counter()
        kept = len(session.store.decisions.codings())
    return Exchange(len(report.transcripts), report.codings, kept, imported - started, done - imported)


def _source(n: int, codings: int, codes: tuple[QdaCode, ...], users: tuple[User, ...]) -> TextSource:
    answers = [ANSWER.format(turn) for turn in range(TURNS)]
    text = "".join(f"INT: And number {turn}?\nP{n:02d}: {answer}\n" for turn, answer in enumerate(answers))
    selections = tuple(_selection(n, place, text, answers, codes, users) for place in range(codings))
    return TextSource(guid_of("source", n), f"P{n:02d}", text, selections=selections)


def _selection(
    n: int, place: int, text: str, answers: list[str], codes: tuple[QdaCode, ...], users: tuple[User, ...]
) -> Selection:
    answer = answers[place * 7 % TURNS]
    start, user = text.index(answer), users[place % CODERS].guid
    coding = QdaCoding(guid_of("coding", n, place), codes[(n + place) % CODES].guid, user)
    return Selection(guid_of("selection", n, place), start, start + len(answer), coder=user, codings=(coding,))


def main() -> None:
    """Print the times."""
    with TemporaryDirectory() as folder:
        measured = exchange(Path(folder))
    sys.stdout.write(
        f"{measured.transcripts} transcripts, {measured.codings} codings: in {measured.import_seconds:.1f} s, "
        f"out {measured.export_seconds:.1f} s\n"
    )


if __name__ == "__main__":
    main()
