"""A study as an Argilla 2 dataset on disk: a record a turn, with the codes as suggestions of a span question.

Argilla's page counts offsets in UTF-16 units and its server in code points (issue 5729 of argilla-io/argilla), which
is the same for every character but those beyond U+FFFF. In the records each of those is U+FFFD, so that both agree and
offsets still are those of the transcript.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from corpus.files import replace_file
from corpus.transcript import Role, Turn
from pipeline.export.coded import CodedDocument, CodedPassage, CodedStudy, GivenCode, labels_of
from pipeline.export.safety import printable

QUESTION, FIELD = "codes", "text"
FEWEST_VISIBLE = 3
"""Argilla refuses to show fewer labels than this."""

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
LONGEST_AGENT = 200
_NO_AGENT = re.compile(r"[^a-zA-Z0-9_:./ -]+")
_NO_NAME = re.compile("[^a-zA-Z0-9_ -]+")
METADATA = {"transcript": "terms", "speaker": "terms", "start": "integer", "end": "integer"}
"""What is known of a turn, and of what type Argilla takes it to be."""
GUIDELINES = (
    "Give each passage the code it bears. Suggestions come from precode, with the probability that a human coder would "
    "agree; a suggestion is not a coding until you submit it. Characters shown as \ufffd are emoji."
)


def write_argilla(folder: Path, study: CodedStudy) -> int:
    """Write what ``rg.Dataset.from_disk`` takes and return how many records there are.

    Raises:
        UsageError: If a file cannot be written.
    """
    records = [record for document in study.documents for record in records_of(document)]
    name = _NO_NAME.sub(" ", study.origin.study).strip(" _-") or "precode"
    _write(folder / ".argilla" / "dataset.json", {"name": name[:200], "guidelines": GUIDELINES})
    _write(folder / ".argilla" / "settings.json", settings_of(study))
    _write(folder / "records.json", records)
    return len(records)


def _write(path: Path, value: object) -> None:
    # Argilla opens its files in the system's encoding, so they are ASCII.
    with replace_file(path) as draft:
        draft.write_text(json.dumps(value, indent=1), encoding="ascii")


def records_of(document: CodedDocument) -> Iterator[dict[str, Any]]:
    """Yield a record for each turn of a participant; ``start`` and ``end`` say where it lies in the transcript."""
    transcript = document.transcript
    for n, turn in enumerate(transcript.turns):
        if turn.role is Role.PARTICIPANT:
            place = {"transcript": transcript.name, "start": turn.span.start, "end": turn.span.end}
            yield {
                "id": f"{transcript.name}/t{n:04d}",
                "fields": {FIELD: alike(turn.span.of(transcript.text))},
                "metadata": place | {"speaker": turn.speaker or ""},
                "suggestions": _suggestions(turn, document.passages),
                "responses": {},
                "vectors": {},
            }


def alike(text: str) -> str:
    """Return text whose characters all count one, however they are counted."""
    return _ASTRAL.sub("\ufffd", printable(text))


def _suggestions(turn: Turn, passages: tuple[CodedPassage, ...]) -> dict[str, Any]:
    found = [(passage, given) for passage in passages if passage.span.overlap(turn.span) for given in passage.codes]
    if not found:
        return {}
    return {
        QUESTION: {
            "value": [
                {
                    "label": given.code.id,
                    "start": max(passage.span.start, turn.span.start) - turn.span.start,
                    "end": min(passage.span.end, turn.span.end) - turn.span.start,
                }
                for passage, given in found
            ],
            "score": [1.0 if given.probability is None else given.probability for _, given in found],
            "agent": _agent(found),
        }
    }


def _agent(found: Iterable[tuple[CodedPassage, GivenCode]]) -> str:
    """Return who says so, in the letters that Argilla allows: coders by their names, suggestions by their model."""
    names = (f"precode {given.model}" if passage.pending else passage.coder for passage, given in found)
    return _NO_AGENT.sub(" ", " / ".join(dict.fromkeys(names))).strip()[:LONGEST_AGENT] or "coder"


def settings_of(study: CodedStudy) -> dict[str, Any]:
    """Return what ``rg.Settings.from_json`` takes: the text, the question of its codes, and where a turn comes from."""
    labels = labels_of(study.codes)
    options = [{"value": name, "text": printable(label), "description": None} for name, label in labels.items()]
    question = {
        "type": "span",
        "field": FIELD,
        "allow_overlapping": True,
        "visible_options": len(options) if len(options) >= FEWEST_VISIBLE else None,
        "options": options,
    }
    return {
        "guidelines": GUIDELINES,
        "allow_extra_metadata": True,
        "fields": [_named(FIELD, "Turn", {"type": "text", "use_markdown": False}, required=True)],
        "questions": [_named(QUESTION, "Codes", question, required=False)],
        "metadata": [_named(name, name.capitalize(), {"type": kind}) for name, kind in METADATA.items()],
        "vectors": [],
    }


def _named(name: str, title: str, settings: dict[str, Any], **more: bool) -> dict[str, Any]:
    return {"name": name, "title": title, "settings": settings, **more}
