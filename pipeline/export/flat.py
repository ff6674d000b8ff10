"""Suggestions as CSV and JSONL. Both stream: memory does not grow with the number of rows."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from corpus.files import replace_file
from pipeline.export.rows import EVIDENCE_SHOWN, SuggestionRow
from pipeline.export.safety import inert, printable

Cell = str | int | float | None
"""What a spreadsheet cell holds; None is an empty cell."""


def cells(row: SuggestionRow) -> dict[str, Cell]:
    """Return the columns of FORMATS.md by name, in order, probabilities rounded to four digits."""
    flat: dict[str, Cell] = {
        "transcript": row.transcript,
        "segment": " ".join(row.segments),
        "start": row.start,
        "end": row.end,
        "speaker": row.speaker,
        "timestamp": row.timestamp,
        "text": row.text,
        "code": row.code,
        "code_name": row.code_name,
        "domain": row.domain,
        "level": row.level,
        "probability": round(row.probability, 4),
        "rank": row.rank,
        "uncertain": "yes" if row.uncertain else "",
        "status": row.status,
    }
    flat |= _evidence_cells(row)
    origin = row.origin
    return flat | {"words": ", ".join(row.words), "run": origin.run, "model": origin.model, "codebook": origin.codebook}


def _evidence_cells(row: SuggestionRow) -> dict[str, Cell]:
    flat: dict[str, Cell] = {}
    for n in range(EVIDENCE_SHOWN):
        seed = row.evidence[n] if n < len(row.evidence) else None
        flat[f"seed_{n + 1}"] = seed.text if seed else None
        flat[f"seed_{n + 1}_similarity"] = round(seed.similarity, 4) if seed else None
        flat[f"seed_{n + 1}_provenance"] = seed.provenance if seed else None
    return flat


COLUMNS = (
    *("transcript", "segment", "start", "end", "speaker", "timestamp", "text", "code", "code_name", "domain", "level"),
    *("probability", "rank", "uncertain", "status"),
    *(f"seed_{n + 1}{part}" for n in range(EVIDENCE_SHOWN) for part in ("", "_similarity", "_provenance")),
    *("words", "run", "model", "codebook"),
)
"""The header, there even when no suggestion is."""


def write_csv(path: Path, rows: Iterable[SuggestionRow]) -> int:
    """Write rows as CSV that Excel opens as UTF-8, and return how many.

    Raises:
        UsageError: If the file cannot be written.
    """
    count = 0
    with replace_file(path) as draft, draft.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for row in rows:
            writer.writerow({key: safe_cell(cell) for key, cell in cells(row).items()})
            count += 1
    return count


def safe_cell(cell: Cell) -> Cell:
    """Return a cell that no spreadsheet takes for a formula and every file can hold."""
    return inert(printable(cell)) if isinstance(cell, str) else cell


def write_jsonl(path: Path, rows: Iterable[SuggestionRow]) -> int:
    """Write rows as one JSON object a line, text exactly as in the transcript, and return how many.

    Raises:
        UsageError: If the file cannot be written.
    """
    count = 0
    # A lone surrogate has no UTF-8; written with a backslash it is the JSON escape of itself.
    with (
        replace_file(path) as draft,
        draft.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file,
    ):
        for row in rows:
            file.write(json.dumps(_record(row), ensure_ascii=False) + "\n")
            count += 1
    return count


def _record(row: SuggestionRow) -> dict[str, Any]:
    """Return the columns with lists in place of the flattened evidence, sentences and words."""
    record: dict[str, Any] = {key: value for key, value in cells(row).items() if not key.startswith("seed_")}
    record["segment"], record["words"] = list(row.segments), list(row.words)
    record["uncertain"] = row.uncertain
    record["evidence"] = [
        {"text": seed.text, "similarity": round(seed.similarity, 4), "provenance": seed.provenance}
        for seed in row.evidence
    ]
    return record
