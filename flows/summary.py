"""A delivery as rows of counts: for the terminal, for Prefect's artifact, for machines. Never a word of talk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.export.run_outputs import RunOutputs, told
from pipeline.run import TranscriptOutcome


def header(delivery: RunOutputs) -> list[str]:
    """Return the headings of the table."""
    return ["Transcript", *_short(delivery.domains), "Passages", "Status"]


def rows(delivery: RunOutputs) -> list[list[str]]:
    """Return one row for each transcript: passages with suggestions by domain, and what became of it."""
    return [_row(outcome, delivery) for outcome in delivery.ran.outcomes]


def markdown(delivery: RunOutputs) -> str:
    """Return the table in Markdown: counts only."""
    lines = [header(delivery), ["---"] * len(header(delivery)), *rows(delivery)]
    return "\n".join("| " + " | ".join(cell.replace("|", "/") for cell in line) + " |" for line in lines)


def as_json(delivery: RunOutputs) -> dict[str, Any]:
    """Return the delivery for ``--json``."""
    return {
        "run": delivery.ran.run,
        "seconds": round(delivery.ran.seconds, 3),
        "exports": str(delivery.folder),
        "transcripts": [told(outcome, delivery) for outcome in delivery.ran.outcomes],
    }


def _short(domains: Sequence[str]) -> list[str]:
    """Return the first word of each domain, or the whole names where that would mix two up."""
    words = [domain.split()[0] for domain in domains]
    return words if len(set(words)) == len(words) else list(domains)


def _row(outcome: TranscriptOutcome, delivery: RunOutputs) -> list[str]:
    kept = not outcome.error  # a refused file may share its name with one that was read
    counts = delivery.counts.get(outcome.transcript, {}) if kept else {}
    cells = [str(counts.get(domain) or "·") for domain in delivery.domains]
    total = str(delivery.totals.get(outcome.transcript, "·")) if kept else "·"
    return [outcome.transcript, *cells, total, str(outcome.status)]
