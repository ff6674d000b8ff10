"""What a run leaves as rows of counts: for the terminal, Prefect's artifact and machines. Never a word of talk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.export.run_outputs import RunOutputs
from pipeline.run import TranscriptOutcome


def header(outputs: RunOutputs) -> list[str]:
    """Return the headings of the table."""
    return ["Transcript", *_short(outputs.domains), "Passages", "Status"]


def rows(outputs: RunOutputs) -> list[list[str]]:
    """Return one row for each transcript: passages with suggestions by domain, and what became of it."""
    return [_row(outcome, outputs) for outcome in outputs.finished.outcomes]


def markdown(outputs: RunOutputs) -> str:
    """Return the table in Markdown: counts only."""
    lines = [header(outputs), ["---"] * len(header(outputs)), *rows(outputs)]
    return "\n".join("| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in lines)


def to_dict(outputs: RunOutputs) -> dict[str, Any]:
    """Return what a run leaves for ``--json``."""
    return {
        "run": outputs.finished.run,
        "seconds": round(outputs.finished.seconds, 3),
        "exports": str(outputs.folder),
        "transcripts": [outputs.outcome_to_dict(outcome) for outcome in outputs.finished.outcomes],
    }


def _short(domains: Sequence[str]) -> list[str]:
    """Return the first word of each domain, or the whole names where that would mix two up."""
    words = [domain.split()[0] for domain in domains]
    return words if len(set(words)) == len(words) else list(domains)


def _row(outcome: TranscriptOutcome, outputs: RunOutputs) -> list[str]:
    kept = not outcome.error  # a refused file may share its name with one that was read
    counts = outputs.counts.get(outcome.transcript, {}) if kept else {}
    cells = [str(counts.get(domain) or "·") for domain in outputs.domains]
    total = str(outputs.totals.get(outcome.transcript, "·")) if kept else "·"
    return [outcome.transcript, *cells, total, str(outcome.status)]
