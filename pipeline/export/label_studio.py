"""A study as Label Studio tasks: a task a transcript, suggestions as predictions, codings as annotations.

Label Studio counts offsets in code points, as precode does (its own tests of emoji in texts hold it to that), and
line breaks as one character if they are line feeds, which they always are here.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from itertools import chain, count
from pathlib import Path
from statistics import fmean
from typing import Any
from xml.sax.saxutils import quoteattr

from corpus.codebook import Code
from corpus.files import replace_file
from pipeline.export.coded import CodedDocument, CodedPassage, CodedStudy, GivenCode, domains_of, labels_of
from pipeline.export.palette import palette
from pipeline.export.qda_project import described, description_of, memos_on
from pipeline.export.safety import printable

CONTROL, OBJECT = "code", "text"
"""The tags of the labelling configuration that regions refer to."""
TEXT, TRANSCRIPT, MEMOS, CODEBOOK = "text", "transcript", "memos on the transcript", "codebook"
"""What a task's data hold beside the attributes of its participant; only the first task holds the codebook."""
CODED = "coded"
"""Where the notes on a region say when a person coded it."""


def write_tasks(path: Path, study: CodedStudy) -> int:
    """Write the tasks that Label Studio imports and return how many there are.

    Raises:
        UsageError: If the file cannot be written.
    """
    labels = label_names(study.codes)
    tasks = [task_of(document, labels) for document in study.documents]
    for task in tasks[:1]:
        task["data"][CODEBOOK] = [
            {"label": labels[code.id], "id": printable(code.id), "name": printable(code.name)}
            | {"domain": printable(code.domain), "level": code.level or "", "description": about}
            for code, about in _described(study)
        ]
    with replace_file(path) as draft:
        draft.write_text(json.dumps(tasks, ensure_ascii=False, indent=1), encoding="utf-8")
    return len(tasks)


def _described(study: CodedStudy) -> list[tuple[Code, str]]:
    """Return each code with what it means and the memos on it."""
    memos = memos_on(study.memos)
    return [(code, printable(described(description_of(code), memos.get(code.id, ())))) for code in study.codes]


def label_names(codes: Sequence[Code]) -> dict[str, str]:
    """Return a name for each code by its id, no two alike, as an XML attribute gives it back: on one line."""
    names: dict[str, str] = {}
    for code, label in labels_of(codes).items():
        own = " ".join(printable(label).split())
        numbered = (f"{own} ({n})" for n in count(2))
        names[code] = next(name for name in chain([own], numbered) if name not in names.values())
    return names


def task_of(document: CodedDocument, labels: Mapping[str, str]) -> dict[str, Any]:
    """Return one task.

    Args:
        document: The transcript and what is coded and suggested in it.
        labels: What each code is called in the labelling configuration, by id.
    """
    data = {printable(key): printable(value) for key, value in document.participant.items()}
    memos = described("", ((memo.coder, memo.text) for memo in document.memos))
    suggested: defaultdict[str, list[tuple[CodedPassage, GivenCode]]] = defaultdict(list)
    coded: defaultdict[str, list[tuple[CodedPassage, GivenCode]]] = defaultdict(list)
    for passage in document.passages:
        for given in passage.codes:
            (suggested[given.model] if passage.pending else coded[passage.coder]).append((passage, given))
    return {
        "data": data
        | {TEXT: printable(document.transcript.text), TRANSCRIPT: document.transcript.name}
        | ({MEMOS: printable(memos)} if memos else {}),
        "predictions": [
            {
                "model_version": f"precode {printable(model)}",
                "score": round(fmean(given.probability or 0 for _, given in found), 4),
                "result": _regions(found, labels),
            }
            for model, found in suggested.items()
        ],
        "annotations": [{"result": _regions(found, labels)} for found in coded.values()],
    }


def _regions(found: Iterable[tuple[CodedPassage, GivenCode]], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    return [_region(passage, given, labels[given.code.id]) for passage, given in found]


def _region(passage: CodedPassage, given: GivenCode, label: str) -> dict[str, Any]:
    value = {"start": passage.span.start, "end": passage.span.end, "text": printable(passage.text), "labels": [label]}
    region = {"id": given.key, "from_name": CONTROL, "to_name": OBJECT, "type": "labels", "value": value}
    if passage.pending:
        return region | {"score": given.probability, "origin": "prediction"}
    notes = [printable(note) for note in (passage.coder, given.memo) if note]
    when = {CODED: given.time.astimezone(UTC).isoformat()} if given.time else {}
    return region | {"origin": "manual", "meta": {"text": notes, **when}}


def write_configuration(path: Path, study: CodedStudy) -> int:
    """Write the labelling configuration and return how many labels it has.

    Raises:
        UsageError: If the file cannot be written.
    """
    labels, colours = label_names(study.codes), palette(domains_of(study.codes))
    hints = (f" hint={quoteattr(about)}" if about else "" for _, about in _described(study))
    lines = [
        f'    <Label value={quoteattr(labels[code.id])} background="{colours[code.domain].light}"{hint}/>\n'
        for code, hint in zip(study.codes, hints, strict=True)
    ]
    text = (
        "<View>\n"
        "  <Style>.htx-text { white-space: pre-wrap; }</Style>\n"
        f'  <Labels name="{CONTROL}" toName="{OBJECT}" showInline="true">\n'
        f"{''.join(lines)}"
        "  </Labels>\n"
        f'  <Text name="{OBJECT}" value="$text" granularity="word"/>\n'
        "</View>\n"
    )
    with replace_file(path) as draft:
        draft.write_text(text, encoding="utf-8")
    return len(lines)
