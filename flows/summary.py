"""A finished run as rows of counts: for the terminal, for Prefect's artifact, for machines. No transcript text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from evaluation.study_benchmark import StudyBenchmark
from pipeline.export.run_outputs import RunOutputs
from pipeline.run import TranscriptOutcome

SHOWN = 200
"""Transcripts in a table for people; exports and ``--json`` have all of them."""


@dataclass(frozen=True, slots=True)
class StudyRun:
    """What a run leaves: its outputs, and how they compare with human coding where there is any."""

    outputs: RunOutputs
    benchmark: StudyBenchmark | None = None

    @property
    def exit_code(self) -> int:
        """That of the run, or 1 where all went well but for a faulty file of human codings."""
        return self.outputs.finished.exit_code or (self.benchmark.exit_code if self.benchmark else 0)


def header(outputs: RunOutputs) -> list[str]:
    """Return the headings of the table; a domain by its first word, unless that would mix two up."""
    first_words = [domain.split()[0] for domain in outputs.domains]
    distinct = len(set(first_words)) == len(first_words)
    return ["Transcript", *(first_words if distinct else outputs.domains), "Passages", "Status"]


def rows(outputs: RunOutputs) -> list[list[str]]:
    """Return one row for each transcript: passages with suggestions by domain, and what became of it.

    Of very many only the first are shown, those with an error before all others.
    """
    outcomes = outputs.finished.outcomes
    if len(outcomes) <= SHOWN:
        return [_row(outcome, outputs) for outcome in outcomes]
    shown = sorted(outcomes, key=lambda outcome: not outcome.error)[:SHOWN]
    counts = [sum(counted.get(domain, 0) for counted in outputs.counts.values()) for domain in outputs.domains]
    cells = [str(n or "·") for n in (*counts, sum(outputs.totals.values()))]
    last = [f"All {len(outcomes):,}", *cells, f"{SHOWN} shown"]
    return [*(_row(outcome, outputs) for outcome in shown), last]


def markdown(outputs: RunOutputs) -> str:
    """Return the table in Markdown: counts only."""
    lines = [header(outputs), ["---"] * len(header(outputs)), *rows(outputs)]
    return "\n".join("| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in lines)


def to_dict(finished: StudyRun) -> dict[str, Any]:
    """Return the run for ``--json``."""
    outputs = finished.outputs
    document = {
        "run": outputs.finished.run,
        "seconds": round(outputs.finished.seconds, 3),
        "exports": str(outputs.folder),
        "kept": [str(path) for path in outputs.published.kept],
        "transcripts": [outputs.outcome_to_dict(outcome) for outcome in outputs.finished.outcomes],
    }
    return document | ({"benchmark": finished.benchmark.to_json()} if finished.benchmark else {})


def _row(outcome: TranscriptOutcome, outputs: RunOutputs) -> list[str]:
    kept = not outcome.error  # a refused file may share its name with one that was read
    counts = outputs.counts.get(outcome.transcript, {}) if kept else {}
    cells = [str(counts.get(domain) or "·") for domain in outputs.domains]
    total = str(outputs.totals.get(outcome.transcript, "·")) if kept else "·"
    return [outcome.transcript, *cells, total, str(outcome.status)]
