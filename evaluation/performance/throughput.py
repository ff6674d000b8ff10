"""How long a study takes with many workers, from what was measured with few.

Workers read, embed and score transcripts at the same time, but take turns to store one. That is the machine
repairman's queue, whose throughput mean value analysis gives exactly: with ``n`` workers one waits behind those
that ``n - 1`` would have left in the queue (Reiser and Lavenberg, J. ACM 27(2), 1980).
``python -m evaluation.performance.throughput`` prints it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace

WORKERS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Costs:
    """What was measured.

    Attributes:
        rate: Sentences that one worker on one core reads, embeds and scores in a second.
        sentences: Of a transcript.
        store: Seconds for which a transcript holds the database: its text, its suggestions, the commit.
        task: Seconds that Prefect and Dask take for a task.
        together: Transcripts of a task.
        start: Seconds until workers work: Prefect's server, the scheduler, the model.
        export: Seconds of one process for each sentence, at the end.
    """

    rate: float = 107.0
    sentences: int = 100
    store: float = 0.012
    task: float = 0.05
    together: int = 16
    start: float = 15.0
    export: float = 0.00027


CPU = Costs()
"""A worker on one core: 9,600 new sentences took two quiet cores 45 s, start and exports included (`precode benchmark
speed`); store and tasks are estimates near what was seen on a busy machine."""

GPU = replace(CPU, rate=480.0)
"""The most that any faster encoder can give a worker: of the 81 s of processor that those 9,600 sentences took, the
encoder alone takes 61; with one that takes no time, the rest takes 2.1 ms a sentence."""


def transcripts_per_second(costs: Costs, workers: int) -> float:
    """Return the throughput of the closed queue of workers and one database.

    Args:
        costs: What was measured.
        workers: How many.
    """
    alone = costs.sentences / costs.rate + costs.task / costs.together
    waiting, rate = 0.0, 0.0
    for n in range(1, workers + 1):
        stored = costs.store * (1 + waiting)  # behind those that n - 1 workers leave in the queue
        rate = n / (alone + stored)
        waiting = rate * stored
    return rate


def seconds_for(costs: Costs, workers: int, sentences: int = MILLION) -> float:
    """Return how long a study takes, start and exports included.

    Args:
        costs: What was measured.
        workers: How many.
        sentences: Of participants, in the whole study.
    """
    working = sentences / costs.sentences / transcripts_per_second(costs, workers)
    return costs.start + working + sentences * costs.export


def efficiency(costs: Costs, workers: int) -> float:
    """Return the share of so many lone workers' throughput that is left of it.

    Args:
        costs: What was measured.
        workers: How many.
    """
    return transcripts_per_second(costs, workers) / (workers * transcripts_per_second(costs, 1))


def lines(costs: Costs) -> Iterator[str]:
    """Yield a table by workers: sentences in a second, efficiency, minutes for a million sentences."""
    yield f"{'workers':>8} {'sentences/s':>12} {'efficiency':>11} {'minutes per million':>20}"
    for workers in WORKERS:
        rate = costs.sentences * transcripts_per_second(costs, workers)
        minutes = seconds_for(costs, workers) / 60
        yield f"{workers:>8} {rate:>12,.0f} {efficiency(costs, workers):>11.2f} {minutes:>20,.1f}"


if __name__ == "__main__":
    cpu = replace(CPU, rate=float(sys.argv[1])) if len(sys.argv) > 1 else CPU  # sentences a second of your own worker
    for title, known in {"workers on a core each": cpu, "workers whose encoder takes no time": GPU}.items():
        sys.stdout.write("\n".join([title, *lines(known), "", ""]))
