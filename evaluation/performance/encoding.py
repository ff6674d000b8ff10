"""Speed and memory on this machine, as ratios to plain ``SentenceTransformer.encode`` on the same texts in one run.

Rounds are interleaved and ratios paired by round, so that whatever else the machine does falls on every
encoder alike. Whole commands run as processes of their own, started from a small one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

import numpy as np

from corpus.errors import UsageError
from corpus.readers import read_transcript
from evaluation.performance.big_study import make_big_study
from evaluation.performance.measurement import Measurement
from evaluation.performance.memory import peak_mb
from evaluation.performance.review import FIRST_ITEM, MET, serving
from evaluation.report.tables import ScoreTable
from models.embedder import Embedder
from models.encoders import load_encoder
from pipeline.embed import participant_sentences
from pipeline.segment import segment

PROTOCOL = "speed/v2"
REFERENCE = "sentence-transformers"
MEASURED = ("openvino", "onnx-fp32", "onnx-int8")
ROUNDS = 5
RATIOS = {"bf16": 4.0, "f32": 1.5}
"""How much faster than the reference the encoder of choice should be, by the precision of its fingerprint."""
WHOLE_RUN = 0.6
"""Share of the encoder's own rate that a whole run should keep: the rest is reading, cutting, scoring and exports."""
NEW_INTERVIEWS, NEW_SENTENCES = 40, 240
"""Interviews of the study by which that is told, and sentences in each."""
COSINE = 0.9999
"""The least cosine with the reference's vectors at which that counts."""


@dataclass(frozen=True, slots=True)
class EncoderSpeed:
    """One encoder beside the reference.

    Attributes:
        sentences_per_second: Median over rounds.
        ratio: Median over rounds of reference time by this encoder's time; above 1 is faster.
        cosine_mean: Mean cosine of its vectors with the reference's.
        cosine_min: The least of them.
    """

    name: str
    fingerprint: str
    sentences_per_second: float
    ratio: float
    cosine_mean: float
    cosine_min: float

    @property
    def goal(self) -> float | None:
        """The ratio it should reach; None where nothing is asked of it."""
        chosen = self.name == MEASURED[0]
        return next(
            (ratio for precision, ratio in RATIOS.items() if chosen and f"-{precision}:" in self.fingerprint), None
        )

    @property
    def met(self) -> bool | None:
        """Whether it is so much faster with vectors that are near enough; None without a goal."""
        return None if self.goal is None else self.ratio >= self.goal and self.cosine_min >= COSINE


@dataclass(frozen=True, slots=True)
class Command:
    """A command line to measure as a whole process.

    Attributes:
        goal: Seconds that it should take at most, None where there is no goal.
        path: What a server is asked for once its first page is there; empty where that page is all.
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    goal: float | None = None
    path: str = ""


@dataclass(frozen=True, slots=True)
class CommandCost:
    """What one command took.

    Attributes:
        seconds: Wall time, start of the interpreter included.
        peak_memory_mb: The largest of its processes, in megabytes; None where the system does not say.
        exit_code: None for a server, which is stopped.
        goal: Seconds that it should take at most, None where there is no goal.
    """

    name: str
    seconds: float
    peak_memory_mb: float | None
    exit_code: int | None
    goal: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without one."""
        return None if self.goal is None else self.seconds <= self.goal


@dataclass(frozen=True, slots=True)
class WholeRun:
    """A run over sentences that nothing is known of yet.

    Attributes:
        sentences: Of participants.
        seconds: Wall time of the whole command: start, reading, exports and all.
        encoding_seconds: What the encoder alone takes for the same sentences.
    """

    sentences: int
    seconds: float
    encoding_seconds: float

    @property
    def share(self) -> float:
        """Its rate beside the encoder's own."""
        return self.encoding_seconds / self.seconds


@dataclass(frozen=True, kw_only=True)
class SpeedResult(Measurement):
    """One run of the speed benchmark."""

    texts: int
    mean_characters: float
    encoders: tuple[EncoderSpeed, ...]
    commands: tuple[CommandCost, ...] = ()
    whole_run: WholeRun | None = None
    protocol: str = PROTOCOL

    def tables(self) -> list[ScoreTable]:
        """Return one table of encoders and, if any were measured, one of commands and one of a whole run."""
        return [table for table in (_encoder_table(self), _command_table(self), _run_table(self)) if table.rows]


def benchmark_speed(
    texts: Sequence[str],
    *,
    commands: Iterable[Command] = (),
    pages: Iterable[Command] = (),
    whole_run: Callable[[], WholeRun] | None = None,
    rounds: int = ROUNDS,
) -> SpeedResult:
    """Measure the commands in order, then the pages, then the encoders on ``texts``.

    Args:
        texts: At least one sentence.
        commands: For instance `sample_commands`.
        pages: Commands that serve one, for instance `sample_pages`.
        whole_run: Measures one once the commands have left what is made once a machine; see `measure_whole_run`.
        rounds: How often each encoder encodes all texts; its first encoding is not counted.
    """
    costs = (*map(measure_command, commands), *map(measure_page, pages))
    run = whole_run() if whole_run else None
    encoders = {name: load_encoder(name) for name in (REFERENCE, *MEASURED)}
    speeds = measure_encoders(texts, encoders, rounds=rounds)
    length = float(np.mean([*map(len, texts)]))
    return SpeedResult(texts=len(texts), mean_characters=length, encoders=speeds, commands=costs, whole_run=run)


def sentences_of(transcripts: Iterable[Path]) -> list[str]:
    """Return every sentence of the transcripts, in order.

    Raises:
        InputError: If a transcript cannot be read.
    """
    read = (read_transcript(path) for path in transcripts)
    return [sentence.span.of(transcript.text) for transcript in read for sentence in segment(transcript)]


def sample_commands(precode: Sequence[str], folder: Path) -> list[Command]:
    """Return the commands worth measuring, on a sample study and with a user cache made inside the empty ``folder``.

    Args:
        precode: How precode is called, for instance ``("precode",)``.
        folder: Empty; left behind with the study and the cache in it.
    """
    study = str(folder / "study")
    run = ("run", "--study", study)
    lines = (
        ("precode --help", ("--help",), 0.3),
        ("precode init --sample", ("init", study, "--sample"), None),
        ("precode run, nothing cached", run, 85.0),  # 45 without the export of the encoder's graph, once a machine
        ("precode run, warm", run, None),
        ("precode run --redo, warm", (*run, "--redo"), 8.0),
        ("precode run --redo --no-prefect, warm", (*run, "--redo", "--no-prefect"), 3.0),
    )
    return [Command(name, (*precode, *arguments), _environment(folder), goal) for name, arguments, goal in lines]


def sample_pages(precode: Sequence[str], folder: Path) -> list[Command]:
    """Return what serves the study that `sample_commands` leave behind: to its first page, and to its first item.

    Args:
        precode: How precode is called, for instance ``("precode",)``.
        folder: The same as theirs.
    """
    arguments = ("review", "--study", str(folder / "study"), "--no-open", "--port", "0")
    command = Command("precode review, first page", (*precode, *arguments), _environment(folder), 0.7)
    return [command, replace(command, name="precode review, first item", path=FIRST_ITEM, goal=None)]


def measure_whole_run(
    precode: Sequence[str],
    folder: Path,
    *,
    encoder: str = MEASURED[0],
    interviews: int = NEW_INTERVIEWS,
    sentences: int = NEW_SENTENCES,
) -> WholeRun:
    """Run a new study as a whole process, then encode the same sentences by themselves.

    Args:
        precode: How precode is called, for instance ``("precode",)``.
        folder: That of `sample_commands`, after them: what is made once a machine is there.
        encoder: By name.
        interviews: How many.
        sentences: Of participants, in each interview.

    Raises:
        UsageError: If the run fails.
    """
    study = make_big_study(folder / "new", interviews, sentences, model={"encoder": encoder})
    arguments = ("run", "--study", str(study.folder), "--no-prefect")
    cost = measure_command(Command("precode run", (*precode, *arguments), _environment(folder)))
    if cost.exit_code:
        raise UsageError(f"the run that was to be measured ended with code {cost.exit_code}")
    transcripts = (read_transcript(path) for path in sorted(study.transcripts.iterdir()))
    talk = [piece.span.of(transcript.text) for transcript in transcripts for piece in participant_sentences(transcript)]
    alone = load_encoder(encoder)
    alone.encode(talk[:1])
    return WholeRun(len(talk), cost.seconds, _seconds(alone, talk))


def _environment(folder: Path) -> dict[str, str]:
    return {"PRECODE_CACHE": str(folder / "cache")}


def measure_encoders(
    texts: Sequence[str], encoders: Mapping[str, Embedder], *, rounds: int = ROUNDS
) -> tuple[EncoderSpeed, ...]:
    """Measure encoders against the first of them.

    Args:
        texts: At least one.
        encoders: By name; the first is the reference.
        rounds: Timed encodings of all texts by each; one more goes before, untimed, and gives the cosines.
    """
    vectors = {name: encoder.encode(texts) for name, encoder in encoders.items()}
    reference = next(iter(vectors.values()))
    cosines_of = {name: np.einsum("nd,nd->n", rows, reference) for name, rows in vectors.items()}
    seconds = np.array([[_seconds(encoder, texts) for encoder in encoders.values()] for _ in range(rounds)])
    return tuple(
        EncoderSpeed(
            name,
            encoders[name].fingerprint,
            len(texts) / median(taken.tolist()),
            median((seconds[:, 0] / taken).tolist()),
            float(cosines.mean()),
            float(cosines.min()),
        )
        for (name, cosines), taken in zip(cosines_of.items(), seconds.T, strict=True)
    )


def _seconds(encoder: Embedder, texts: Sequence[str]) -> float:
    started = time.perf_counter()
    encoder.encode(texts)
    return time.perf_counter() - started


_STARTER = """\
import os, resource, subprocess, sys, time
nothing, started = subprocess.DEVNULL, time.perf_counter()
code = subprocess.run(sys.argv[1:], stdin=nothing, stdout=nothing, stderr=nothing).returncode
print(code, time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""Starts a command from a small process: a child's peak begins at the size of the process that starts it."""


def measure_command(command: Command) -> CommandCost:
    """Run a command to its end and return what it took; its output is discarded. Memory is None on Windows."""
    starter = [] if sys.platform == "win32" else [sys.executable, "-S", "-c", _STARTER]
    started = time.perf_counter()
    done = subprocess.run(  # noqa: S603 - the caller's own command line
        [*starter, *command.argv], env={**os.environ, **command.environment}, capture_output=True, check=bool(starter)
    )
    if not starter:
        return CommandCost(command.name, time.perf_counter() - started, None, done.returncode, command.goal)
    code, seconds, peak = done.stdout.split()
    unit = 1 if sys.platform == "darwin" else 1024  # bytes on macOS, kilobytes elsewhere
    return CommandCost(command.name, float(seconds), float(peak) * unit / 1e6, int(code), command.goal)


def measure_page(command: Command) -> CommandCost:
    """Start a server, wait for what is asked of it, and return what that took; memory is the server's alone.

    Raises:
        UsageError: If it does not start.
    """
    with serving(command.argv, command.environment) as server:
        seconds = server.seconds_to(command.path) if command.path else server.seconds
        return CommandCost(command.name, seconds, peak_mb(server.process), None, command.goal)


def _encoder_table(result: SpeedResult) -> ScoreTable:
    title = f"Encoding {result.texts} sentences of {result.mean_characters:.0f} characters"
    header = ("encoder", "sentences/s", "ratio", "goal", "met", "cosine mean", "cosine min")
    return ScoreTable(title, header, tuple(_encoder_cells(result.encoders)))


def _encoder_cells(speeds: Iterable[EncoderSpeed]) -> Iterator[tuple[str, ...]]:
    for speed in speeds:
        goal = "" if speed.goal is None else f">= {speed.goal:g} at cosine {COSINE}"
        cosines = f"{speed.cosine_mean:.6f}", f"{speed.cosine_min:.6f}"
        yield speed.name, f"{speed.sentences_per_second:.0f}", f"{speed.ratio:.2f}", goal, MET[speed.met], *cosines


def _run_table(result: SpeedResult) -> ScoreTable:
    rows = tuple(
        (
            f"{run.sentences:,}",
            f"{run.seconds:.1f}",
            f"{run.sentences / run.seconds:.0f}",
            f"{run.share:.2f}",
            f">= {WHOLE_RUN:g}",
            MET[run.share >= WHOLE_RUN],
        )
        for run in filter(None, [result.whole_run])
    )
    header = ("new sentences", "seconds", "sentences/s", "of the encoder's rate", "goal", "met")
    return ScoreTable("precode run --no-prefect, start and exports included", header, rows)


def _command_table(result: SpeedResult) -> ScoreTable:
    rows = tuple(
        (
            cost.name,
            f"{cost.seconds:.1f}" if cost.seconds >= 1 else f"{cost.seconds:.2f}",
            "" if cost.goal is None else f"<= {cost.goal:g}",
            MET[cost.met],
            "-" if cost.peak_memory_mb is None else f"{cost.peak_memory_mb:.0f}",
            "-" if cost.exit_code is None else str(cost.exit_code),
        )
        for cost in result.commands
    )
    return ScoreTable("Whole commands", ("command", "seconds", "goal", "met", "peak MB", "exit code"), rows)
