"""What speech recognition writes as JSON: whisper, whisperX, whisper.cpp, transformers, Amazon Transcribe."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from corpus.errors import InputError
from corpus.readers.decode import read_text
from corpus.readers.draft import Draft
from corpus.readers.limits import JSON_CHARACTERS
from corpus.readers.names import LONGEST
from corpus.readers.spoken import SpokenWords, joined, written
from corpus.readers.stamps import stamp_alone
from corpus.speakers import SpeakerSettings

Node = Mapping[str, Any]
"""A JSON object from outside: whatever it holds is checked where it is used."""


def read_speech(path: Path, speakers: SpeakerSettings) -> Draft:
    """Read a ``.json`` transcript of a speech recogniser.

    Raises:
        InputError: If the file is no JSON, or JSON of another kind.
    """
    decoded = read_text(path)
    data = _object(path, decoded.text)
    pieces = next((found for found in (shape(data) for shape in _SHAPES) if found is not None), None)
    if pieces is None:
        raise InputError(path, "is JSON, but no transcript of whisper, whisperX, whisper.cpp or Amazon Transcribe")
    usable = [piece for piece in pieces if piece is not None]
    turns = list(joined(piece for piece in usable if piece.words))
    left_out = len(pieces) - len(usable)
    doubts = (f"left out segments without text: {left_out} (read: {len(usable)})",) if left_out else ()
    return written(turns, (*decoded.warnings, *doubts))


def _object(path: Path, text: str) -> Node:
    if len(text) > JSON_CHARACTERS:
        raise InputError(path, f"is larger than {JSON_CHARACTERS // 1_000_000} MB; leave words and tokens out of it")
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError(path, f"is not JSON (line {error.lineno}); save it again") from None
    except (ValueError, RecursionError):
        raise InputError(path, "is not usable JSON: a number or its nesting is endless") from None
    return data if isinstance(data, dict) else {"segments": data}


def _whisper(data: Node) -> list[SpokenWords | None] | None:
    """Whisper and whisperX: ``segments`` of start, end, text and perhaps a speaker."""
    segments = _list(data, "segments")
    return None if segments is None else [_piece(one, _get(one, "start"), _get(one, "end")) for one in segments]


def _whisper_cpp(data: Node) -> list[SpokenWords | None] | None:
    """The offsets of whisper.cpp are milliseconds."""
    segments = _list(data, "transcription")
    return None if segments is None else [_piece(one, *map(_thousandth, _ends(one, "offsets"))) for one in segments]


def _transformers(data: Node) -> list[SpokenWords | None] | None:
    """The pipeline of transformers, also with the speakers that insanely-fast-whisper adds."""
    segments = _list(data, "speakers") or _list(data, "chunks")
    return None if segments is None else [_piece(one, *_ends(one, "timestamp")) for one in segments]


def _amazon(data: Node) -> list[SpokenWords | None] | None:
    """Amazon Transcribe lists words and marks; those of one speaker in a row are one piece."""
    items = _list(_get(data, "results"), "items")
    if items is None:
        return None
    named = list(_named_items(items))
    return [_amazon_piece(who, [item for _, item in group]) for who, group in groupby(named, key=lambda pair: pair[0])]


def _named_items(items: Iterable[Any]) -> Iterator[tuple[str | None, Any]]:
    """Give every item its speaker; a punctuation mark without one belongs to the word before it."""
    who: str | None = None
    for item in items:
        if _get(item, "type") != "punctuation" or _get(item, "speaker_label") is not None:
            who = _speaker(_get(item, "speaker_label"))
        yield who, item


def _amazon_piece(who: str | None, items: list[Any]) -> SpokenWords | None:
    words = ""
    for item in items:
        first = next(iter(_list(item, "alternatives") or []), None)
        word = _text(_get(first, "content"))
        words += word if _get(item, "type") == "punctuation" or not words else f" {word}"
    started = next((time for item in items if (time := _time(_get(item, "start_time"))) is not None), None)
    ended = next((time for item in reversed(items) if (time := _time(_get(item, "end_time"))) is not None), None)
    return SpokenWords(who, words.strip(), started, _not_before(started, ended)) if words.strip() else None


_SHAPES: tuple[Callable[[Node], list[SpokenWords | None] | None], ...] = (
    _amazon,
    _whisper_cpp,
    _transformers,
    _whisper,
)


def _piece(segment: Any, started: Any, ended: Any) -> SpokenWords | None:  # noqa: ANN401 - JSON values can be anything
    """Return what a segment says, None if it has no text at all; silence has a text that is blank."""
    text = _get(segment, "text")
    if not isinstance(text, str):
        return None
    start = _time(started)
    return SpokenWords(_speaker(_get(segment, "speaker")), _text(text), start, _not_before(start, _time(ended)))


def _get(node: Any, key: str) -> Any:  # noqa: ANN401 - as above
    return node.get(key) if isinstance(node, dict) else None


def _list(node: Any, key: str) -> list[Any] | None:  # noqa: ANN401 - as above
    found = _get(node, key)
    return found if isinstance(found, list) else None


def _ends(segment: Any, key: str) -> tuple[Any, Any]:  # noqa: ANN401 - as above
    """Return the two ends of a time span: a list of two, or ``from`` and ``to``."""
    times = _get(segment, key)
    if isinstance(times, list) and len(times) == 2:
        return times[0], times[1]
    return _get(times, "from"), _get(times, "to")


def _text(value: Any) -> str:  # noqa: ANN401 - as above
    """Fold white space; a lone half of a surrogate pair, which JSON can hold, is no character."""
    return " ".join(value.encode("utf-8", "replace").decode().split()) if isinstance(value, str) else ""


def _speaker(value: Any) -> str | None:  # noqa: ANN401 - as above
    """Return a speaker's label; whisper.cpp numbers speakers and writes ``?`` where it does not know."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)[:LONGEST]
    name = _text(value)[:LONGEST].strip(" :?")
    return f"Speaker {name}" if name.isdecimal() else name or None


def _time(value: Any) -> float | None:  # noqa: ANN401 - as above
    """Return seconds: a number, a number in quotes, or ``00:01:02``."""
    if isinstance(value, str):
        return _time(float(value)) if _is_number(value) else stamp_alone(value)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1e9 or math.isnan(value):
        return None
    return float(value)


def _is_number(text: str) -> bool:
    return len(text) < 20 and text.replace(".", "", 1).isdecimal() and text.isascii()


def _thousandth(value: Any) -> Any:  # noqa: ANN401 - as above
    number = _time(value)
    return None if number is None else number / 1000


def _not_before(started: float | None, ended: float | None) -> float | None:
    return ended if started is None or ended is None else max(started, ended)
