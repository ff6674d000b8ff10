"""Reads exports of annotation tools: Label Studio's JSON of tasks, doccano's JSONL of texts with labelled stretches."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, count
from pathlib import Path
from types import MappingProxyType
from typing import Any

from corpus.codebook import LEVELS, Code
from corpus.errors import InputError
from corpus.participants import ID
from corpus.refi import QdaCode
from corpus.rows import MAXIMUM_BYTES
from corpus.solid_text import equal_words
from corpus.transcript import Span, Transcript
from pipeline.exchange.found import (
    LONGEST_NAME,
    FoundCoding,
    FoundMemo,
    ImportBundle,
    ImportRequest,
    by_people,
    coder_called,
    time_called,
    transcript_name,
)
from pipeline.export.label_studio import CODEBOOK, CODED, MEMOS, TEXT, TRANSCRIPT
from pipeline.export.qda_project import TOPLESS, book_of, code_guid, code_tree, memos_in

Task = tuple[str, str, dict[str, Any]]
"""Name and text of a task, and its record, whose data are a mapping."""


@dataclass(frozen=True, slots=True)
class Region:
    """A labelled stretch as a tool has it."""

    transcript: str
    start: object
    end: object
    label: str
    coder: str
    memo: str = ""
    time: str = ""


def from_label_studio(path: Path, request: ImportRequest) -> ImportBundle:
    """Read tasks of Label Studio with what people annotated; predictions are no codings.

    Raises:
        InputError: If the file is no export of tasks.
    """
    tasks = _tasks(path)
    texts = {name: text for name, text, _ in tasks}
    regions = [region for name, _, task in tasks for region in _regions(name, task)]
    predicted = sum(len(_list(p, "result")) for _, _, task in tasks for p in _list(task, "predictions"))
    left = [f"{predicted} predictions are no codings and were left out"] if predicted else []
    bundle = bundle_of_regions(path, request, texts, regions, left, _codebook(tasks))
    return replace(bundle, people=tuple(_people(tasks)), memos=tuple(_memos(tasks, bundle, request)))


def _codebook(tasks: Sequence[Task]) -> dict[str, Code]:
    """Return the codes of our own export by their labels, each with all that is said about it as its definition."""
    found: dict[str, Code] = {}
    for entry in (entry for _, _, task in tasks for entry in _list(task["data"], CODEBOOK)):
        given = {key: _string(entry, key) for key in ("label", "id", "name", "domain", "level", "description")}
        if given["label"].strip() and given["id"] and given["name"].strip():
            level = given["level"] if given["level"] in LEVELS else None
            domain = given["domain"].strip() or TOPLESS
            found[given["label"].strip()] = Code(given["id"], given["name"], domain, level, given["description"])
    return found


def _people(tasks: Sequence[Task]) -> Iterator[Mapping[str, str]]:
    """Yield the participants of our own export."""
    for _, _, task in tasks:
        person = {key: _string(task["data"], key) for key in task["data"] if key not in {TEXT, TRANSCRIPT, MEMOS}}
        if TRANSCRIPT in task["data"] and person.get(ID, "").strip():
            yield {ID: person.pop(ID), **{key: value for key, value in person.items() if value}}


def _memos(tasks: Sequence[Task], bundle: ImportBundle, request: ImportRequest) -> Iterator[FoundMemo]:
    """Yield the memos of our own export."""
    names = _names({name: text for name, text, _ in tasks}, request.transcripts())
    for name, _, task in tasks:
        for coder, text in memos_in(_string(task["data"], MEMOS))[1]:
            yield FoundMemo(text, coder_called(coder), transcript=names[name])
    for code in _codebook(tasks).values():
        for coder, text in memos_in(code.definition)[1]:
            yield FoundMemo(text, coder_called(coder), code=bundle.guids[code_guid(code.id)])


def from_doccano(path: Path, request: ImportRequest) -> ImportBundle:
    """Read texts of doccano with their labels.

    Raises:
        InputError: If a line is no JSON object with a text.
    """
    from corpus.rows import read_rows

    texts: dict[str, str] = {}
    regions: list[Region] = []
    for number, row in enumerate(read_rows(path), start=1):
        text = row.text("text")
        given = (
            row.optional("transcript") or row.optional("filename") or row.optional("name") or f"{path.stem} {number}"
        )
        name = _name_for(text, transcript_name(given), texts)
        for label in (*_list(row.data, "label"), *_list(row.data, "labels"), *_list(row.data, "entities")):
            if isinstance(label, list) and len(label) == 3:
                regions.append(Region(name, label[0], label[1], str(label[2]), ""))
            elif isinstance(label, dict):
                regions.append(
                    Region(name, label.get("start_offset"), label.get("end_offset"), str(label.get("label", "")), "")
                )
    return bundle_of_regions(path, request, texts, regions)


def _tasks(path: Path) -> list[Task]:
    """Return name, text and record of each task."""
    try:
        if path.stat().st_size > MAXIMUM_BYTES:
            raise InputError(path, f"larger than {MAXIMUM_BYTES // 1_000_000} MB")
        loaded = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise InputError(path, "is not JSON; export it again") from None
    found: list[Task] = []
    texts: dict[str, str] = {}
    for number, task in enumerate(loaded if isinstance(loaded, list) else [], start=1):
        data = task.get("data") if isinstance(task, dict) else None
        if isinstance(data, dict) and isinstance(data.get("text"), str) and "annotations" in task:
            given = transcript_name(str(data.get("transcript") or f"{path.stem} {number}"))
            found.append((_name_for(data["text"], given, texts), data["text"], task))
    if not found:
        raise InputError(
            path,
            "holds no tasks of Label Studio; export them there as JSON (not JSON-MIN). Records of Argilla: write their "
            "text and responses as a table, then --columns text=HEADING,code=HEADING",
        )
    return found


def _name_for(text: str, given: str, texts: dict[str, str]) -> str:
    """Return the name under which a text is kept, its own with a number where another text has it.

    Args:
        text: That of a task.
        given: What the file calls it.
        texts: By name, so far; the text is added.
    """
    numbered = (f"{given[: LONGEST_NAME - 6]} {n}" for n in count(2))
    name = next(name for name in chain([given], numbered) if texts.get(name, text) == text)
    texts[name] = text
    return name


def _regions(name: str, task: Mapping[str, Any]) -> Iterator[Region]:
    for annotation in _list(task, "annotations"):
        if annotation.get("was_cancelled"):
            continue
        by = annotation.get("completed_by")
        who = str(by.get("email") or by.get("username") or by.get("id") or "") if isinstance(by, dict) else ""
        who = who or (f"Label Studio user {by}" if isinstance(by, int) else "")
        for result in _list(annotation, "result"):
            value = result.get("value")
            if not isinstance(value, dict):
                continue
            meta = result.get("meta")
            notes = [str(note) for note in _list(meta, "text")] if isinstance(meta, dict) else []
            ours = result.get("origin") == "manual" and str(result.get("id", "")).startswith("c") and bool(notes)
            coder, memo = (notes[0], notes[1:]) if ours else (who, notes)
            for label in _list(value, "labels"):
                time = (_string(meta, CODED) if ours else "") or str(annotation.get("created_at") or "")
                yield Region(name, value.get("start"), value.get("end"), str(label), coder, "\n".join(memo), time)


def _list(record: Any, key: str) -> list[Any]:  # noqa: ANN401 - JSON from outside can be anything
    value = record.get(key) if isinstance(record, dict) else None
    return value if isinstance(value, list) else []


def _string(record: Any, key: str) -> str:  # noqa: ANN401 - JSON from outside can be anything
    value = record.get(key) if isinstance(record, dict) else None
    return value if isinstance(value, str) else ""


def bundle_of_regions(
    path: Path,
    request: ImportRequest,
    texts: Mapping[str, str],
    regions: Sequence[Region],
    remarks: Sequence[str] = (),
    codes: Mapping[str, Code] = MappingProxyType({}),
) -> ImportBundle:
    """Return what regions bring; texts that the study has under another name keep this name.

    Args:
        path: The file.
        request: What is known of the study.
        texts: By name.
        regions: In these texts.
        remarks: What was left out so far.
        codes: Those that are known by their labels; all others are their labels.
    """
    names = _names(texts, request.transcripts())
    labels = dict.fromkeys(region.label.strip() or "unnamed" for region in regions)
    others = tuple(QdaCode(label, label) for label in labels if label not in codes)
    book, guids = book_of(path.stem, (*code_tree(codes.values()), *others))
    ids = {label: guids[code_guid(codes[label].id) if label in codes else label] for label in (*codes, *labels)}
    found, outside = [], 0
    for region in regions:
        text, (start, end) = texts[region.transcript], (region.start, region.end)
        if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)):
            outside += 1
            continue
        span, code = Span(start, end), ids[region.label.strip() or "unnamed"]
        coder, time = coder_called(region.coder), time_called(region.time)
        found.append(FoundCoding(names[region.transcript], span, code, coder, span.of(text), region.memo, time))
    people, machine = by_people(found)
    told = (*remarks, *([f"{outside} regions outside their text were left out"] if outside else []), *machine)
    held = {names[name]: text for name, text in texts.items()}
    return ImportBundle(path, path.stem, texts=held, book=book, guids=guids, found=people, remarks=told)


def _names(texts: Mapping[str, str], known: Mapping[str, Transcript]) -> dict[str, str]:
    """Return the name of each text in the study: its own, or that of the transcript that says the same."""
    return {
        name: name
        if name in known
        else next((transcript.name for transcript in known.values() if equal_words(transcript.text, text)), name)
        for name, text in texts.items()
    }
