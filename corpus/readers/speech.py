"""What speech recognition writes as JSON: whisper, whisperX, whisper.cpp, transformers, Amazon Transcribe."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from corpus.errors import InputError
from corpus.readers.decode import read_text
from corpus.readers.draft import Draft
from corpus.readers.json_values import (
    Json,
    Node,
    ends_at,
    get,
    list_at,
    not_before,
    plain_text,
    seconds_of,
    speaker_label,
    thousandth,
)
from corpus.readers.limits import JSON_CHARACTERS
from corpus.readers.services import SERVICES
from corpus.readers.spoken import SpokenWords, joined, written
from corpus.speakers import SpeakerSettings


def read_speech(path: Path, speakers: SpeakerSettings) -> Draft:
    """Read a ``.json`` transcript of a speech recogniser.

    Raises:
        InputError: If the file is no JSON, or JSON of another kind.
    """
    decoded = read_text(path)
    data = _object(path, decoded.text)
    shapes = (*_SHAPES, *SERVICES)
    found = [pieces for pieces in (shape(data) for shape in shapes) if pieces is not None]
    pieces = _fullest(found)
    if pieces is None:
        raise InputError(path, "is JSON, but no transcript of whisper or of a speech service that is known")
    usable = [piece for piece in pieces if piece is not None]
    turns = list(joined(piece for piece in usable if piece.words))
    left_out = len(pieces) - len(usable)
    doubts = (f"left out segments without text: {left_out} (read: {len(usable)})",) if left_out else ()
    return written(turns, (*decoded.warnings, *doubts))


def _fullest(found: Sequence[list[SpokenWords | None]]) -> list[SpokenWords | None] | None:
    """Return the first reading that has words, or a later one that has the same words with speakers or times."""
    spoken = [pieces for pieces in found if any(piece and piece.words for piece in pieces)]
    if not spoken:
        return found[0] if found else None
    said = _words(spoken[0])
    return max((pieces for pieces in spoken if _words(pieces) >= 0.98 * said), key=_tells)


def _words(pieces: Iterable[SpokenWords | None]) -> int:
    return sum(len(piece.words.split()) for piece in pieces if piece)


def _tells(pieces: Sequence[SpokenWords | None]) -> tuple[bool, bool]:
    """Return whether pieces have speakers and times."""
    there = [piece for piece in pieces if piece]
    return any(piece.speaker is not None for piece in there), any(piece.started is not None for piece in there)


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
    segments = list_at(data, "segments")
    return None if segments is None else [_piece(part, get(part, "start"), get(part, "end")) for part in segments]


def _whisper_cpp(data: Node) -> list[SpokenWords | None] | None:
    """The offsets of whisper.cpp are milliseconds."""
    segments = list_at(data, "transcription")
    return None if segments is None else [_piece(part, *map(thousandth, ends_at(part, "offsets"))) for part in segments]


def _transformers(data: Node) -> list[SpokenWords | None] | None:
    """The pipeline of transformers, also with the speakers that insanely-fast-whisper adds."""
    segments = list_at(data, "speakers") or list_at(data, "chunks")
    return None if segments is None else [_piece(part, *ends_at(part, "timestamp")) for part in segments]


def _amazon(data: Node) -> list[SpokenWords | None] | None:
    """Amazon Transcribe lists words and marks; those of one speaker in a row are one piece."""
    items = list_at(get(data, "results"), "items")
    if items is None:
        return None
    named = list(_named_items(items, _speaker_times(get(data, "results"))))
    return [_amazon_piece(who, [item for _, item in group]) for who, group in groupby(named, key=lambda pair: pair[0])]


def _speaker_times(results: Json) -> dict[Any, str | None]:
    """Return who speaks at which start time, as older files of Amazon say it in a list of its own."""
    segments = list_at(get(results, "speaker_labels"), "segments") or []
    items = [item for segment in segments for item in list_at(segment, "items") or []]
    return {str(get(item, "start_time")): speaker_label(get(item, "speaker_label")) for item in items}


def _named_items(items: Iterable[Any], times: Mapping[Any, str | None]) -> Iterator[tuple[str | None, Any]]:
    """Give every item its speaker; a punctuation mark without one belongs to the word before it."""
    who: str | None = None
    for item in items:
        if get(item, "type") != "punctuation" or get(item, "speaker_label") is not None:
            who = speaker_label(get(item, "speaker_label")) or times.get(str(get(item, "start_time")))
        yield who, item


def _amazon_piece(who: str | None, items: list[Any]) -> SpokenWords | None:
    words = ""
    for item in items:
        first = next(iter(list_at(item, "alternatives") or []), None)
        word = plain_text(get(first, "content"))
        words += word if get(item, "type") == "punctuation" or not words else f" {word}"
    started = next((time for item in items if (time := seconds_of(get(item, "start_time"))) is not None), None)
    ended = next((time for item in reversed(items) if (time := seconds_of(get(item, "end_time"))) is not None), None)
    return SpokenWords(who, words.strip(), started, not_before(started, ended)) if words.strip() else None


_SHAPES: tuple[Callable[[Node], list[SpokenWords | None] | None], ...] = (
    _amazon,
    _whisper_cpp,
    _transformers,
    _whisper,
)


def _piece(segment: Json, started: Json, ended: Json) -> SpokenWords | None:
    """Return what a segment says, None if it has no text at all; silence has a text that is blank."""
    text = get(segment, "text")
    if not isinstance(text, str):
        return None
    start = seconds_of(started)
    return SpokenWords(
        speaker_label(get(segment, "speaker")), plain_text(text), start, not_before(start, seconds_of(ended))
    )
