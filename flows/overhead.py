"""What Prefect adds to a run, for each transcript: ``python -m flows.overhead`` prints it.

Studies of two sizes are run with and without Prefect. The difference of the differences leaves out whatever a run costs
once, such as starting the server and loading the model.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from flows.plain_run import run_plainly
from flows.prefect_server import prefect_api
from pipeline.run import plan
from pipeline.session import StudySession
from pipeline.study import create_study, open_study

FEW, MANY = 10, 60
"""Transcripts of the two studies."""

TALK = "INT: Tell me.\nAnna: The nurse rings me about money.\n"

T = TypeVar("T")


def make_study(folder: Path, transcripts: int) -> Path:
    """Make a study of tiny transcripts with an encoder that needs no model, and return its folder."""
    study = create_study(folder)
    (folder / "study.toml").write_text('[model]\nencoder = "lexical"\n[run]\nconcurrency = 1\n', encoding="utf-8")
    for n in range(transcripts):
        (study.transcripts / f"P{n:03d}.txt").write_text(TALK, encoding="utf-8")
    return folder


def seconds_of(run: Callable[[Path], object], folder: Path) -> float:
    """Return the wall time of one run."""
    started = time.perf_counter()
    run(folder)
    return time.perf_counter() - started


def milliseconds_each(run: Callable[[Path], object], folder: Path) -> float:
    """Return what a transcript costs, in milliseconds, whatever a run costs once left out.

    Args:
        run: Pre-codes a study folder.
        folder: Where studies may be made.
    """
    few = seconds_of(run, make_study(folder / "few", FEW))
    many = seconds_of(run, make_study(folder / "many", MANY))
    return 1000 * (many - few) / (MANY - FEW)


def without_prefect(folder: Path) -> None:
    """Pre-code a study in threads."""
    with StudySession(open_study(folder)) as session:
        run_plainly(session, plan(session))


def with_prefect(folder: Path) -> None:
    """Pre-code a study as a flow."""
    from flows import precode_flow  # Prefect reads its settings when it is imported, so not before there is a server

    precode_flow.precode_study(str(folder))


def with_one_task(folder: Path) -> None:
    """Pre-code a study as a flow whose steps are no tasks of their own."""
    from flows import precode_flow

    steps, precode_flow.run_as_task = precode_flow.run_as_task, _directly
    try:
        with_prefect(folder)
    finally:
        precode_flow.run_as_task = steps


def _directly(source: str, name: str, step: Callable[[], T]) -> T:
    """Run a step as no task of its own, whatever it is about."""
    del source, name
    return step()


def main() -> None:
    """Print the milliseconds that a transcript costs in each way."""
    ways = {"without Prefect": without_prefect, "one task": with_one_task, "a task for each step": with_prefect}
    with TemporaryDirectory() as folder, prefect_api(1):
        without_prefect(make_study(Path(folder, "warm"), 1))  # fits and keeps the suggester
        for n, (name, run) in enumerate(ways.items()):
            sys.stdout.write(f"{name}: {milliseconds_each(run, Path(folder, str(n))):.0f} ms a transcript\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
