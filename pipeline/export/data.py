"""Coded passages for scripts: JSONL and Parquet, one row for each code of a passage, the text exactly as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.files import replace_file
from pipeline.export.coded import PENDING, CodedStudy
from pipeline.export.safety import printable

if TYPE_CHECKING:
    import pyarrow

SCHEMA = "passages/v1"
"""Names the columns; another set of columns gets another version."""

COLUMNS = (
    *("kind", "key", "transcript", "digest", "start", "end", "text", "speaker", "started", "participant", "coder"),
    *(
        "code",
        "code_name",
        "domain",
        "level",
        "path",
        "decision",
        "probability",
        "uncertain",
        "memo",
        "evidence",
        "model",
        "run",
    ),
)


def records_of(study: CodedStudy) -> Iterator[dict[str, Any]]:
    """Yield a record for each code of each passage; ``kind`` tells codings from suggestions nobody decided on."""
    digests = {document.transcript.name: document.transcript.digest for document in study.documents}
    for passage, given in study.given():
        yield {
            "kind": "suggestion" if given.status in PENDING else "coding",
            "key": given.key,
            "transcript": passage.transcript,
            "digest": digests[passage.transcript],
            "start": passage.span.start,
            "end": passage.span.end,
            "text": passage.text,
            "speaker": passage.speaker,
            "started": passage.started,
            "participant": {name: passage.participant.get(name) or None for name in study.attributes},
            "coder": passage.coder,
            "code": given.code.id,
            "code_name": given.code.name,
            "domain": given.code.domain,
            "level": given.code.level,
            "path": given.path,
            "decision": str(given.status),
            "probability": given.probability,
            "uncertain": given.uncertain,
            "memo": given.memo,
            "evidence": list(given.evidence),
            "model": given.model,
            "run": given.run,
        }


def write_data_jsonl(path: Path, study: CodedStudy) -> int:
    """Write the records as JSONL, each with the name of its schema, and return how many there are.

    Raises:
        UsageError: If the file cannot be written.
    """
    count = 0
    # A lone surrogate has no UTF-8; written with a backslash it is the JSON escape of itself.
    with (
        replace_file(path) as draft,
        draft.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file,
    ):
        for record in records_of(study):
            file.write(json.dumps({"schema": SCHEMA, **record}, ensure_ascii=False) + "\n")
            count += 1
    return count


def write_data_parquet(path: Path, study: CodedStudy) -> int:
    """Write the records as Parquet, whose metadata name schema, run, model and codebook, and return how many there are.

    Raises:
        UsageError: If the file cannot be written.
    """
    from pyarrow import parquet

    table = passages_table(study)
    with replace_file(path) as draft:
        parquet.write_table(table, draft)
    return len(table)


def passages_table(study: CodedStudy) -> pyarrow.Table:
    """Return the records as an Arrow table whose metadata name schema, run, model and codebook."""
    import pyarrow as arrow

    schema = _schema(study)
    columns = set(schema.names)
    rows = [{key: _clean(cell) for key, cell in row.items() if key in columns} for row in records_of(study)]
    return arrow.Table.from_pylist(rows, schema=schema)


def _schema(study: CodedStudy) -> pyarrow.Schema:
    import pyarrow as arrow

    text, whole, real = arrow.string(), arrow.int64(), arrow.float64()
    kinds: dict[str, pyarrow.DataType] = {"start": whole, "end": whole, "run": whole}
    kinds |= {"started": real, "probability": real, "uncertain": arrow.bool_(), "evidence": arrow.list_(text)}
    people = arrow.struct([(printable(name), text) for name in study.attributes])
    kinds |= {"participant": people}
    fields = [(name, kinds.get(name, text)) for name in COLUMNS]
    # Parquet has no structure without parts: a study without a table of participants has no such column.
    kept = [field for field in fields if study.attributes or field[0] != "participant"]
    about = {"schema": SCHEMA, **{label.lower().replace(" ", "_"): value for label, value in study.origin.facts}}
    return arrow.schema(kept, metadata={f"precode.{key}": printable(value) for key, value in about.items()})


def _clean(cell: object) -> object:
    """Return a value without lone surrogates, which UTF-8 and so Parquet has no place for."""
    if isinstance(cell, str):
        return cell.encode("utf-8", "replace").decode("utf-8") if not cell.isascii() else cell
    if isinstance(cell, dict):
        return {_clean(key): _clean(value) for key, value in cell.items()}
    return [_clean(part) for part in cell] if isinstance(cell, list) else cell
