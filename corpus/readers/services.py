"""Results of speech services as JSON: AssemblyAI, Azure, Deepgram, Google, Rev, Speechmatics, Trint, Sonix, Recall.

Services that list words are read word by word. All others list passages under one key or another; what a passage's
words, speaker and times are called is a table.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import Any

from corpus.readers.json_values import Json, Node, get, list_at, not_before, plain_text, seconds_of, speaker_label
from corpus.readers.spoken import SpokenWords

Pieces = list[SpokenWords | None]

WORDS = (
    "text",
    "transcript",
    "display",
    "punctuated_word",
    "word",
    "value",
    "content",
    "sentence",
    "raw_text",
    "message",
)
SPEAKERS = ("speaker", "speaker_name", "speakerName", "speaker_label", "speakerLabel", "speakerTag", "speaker_id",
            "speakerId", "participant", "name", "user")  # fmt: skip
STARTS = ("start", "start_time", "startTime", "startOffset", "start_timestamp", "begin", "ts", "time", "startTs")
ENDS = ("end", "end_time", "endTime", "endOffset", "end_timestamp", "end_ts", "endTs")
LISTS = ("utterances", "phrases", "recognizedPhrases", "monologues", "segments", "transcript", "transcripts",
         "sentences", "paragraphs", "results", "entries", "data", "blocks", "events", "captions", "turns", "items",
         "chunks", "conversation", "messages", "words")  # fmt: skip
_TEXTS = ("text", "transcript", "transcription", "DisplayText", "combinedPhrases", "combinedRecognizedPhrases",
          "results", "transcripts", "data")  # fmt: skip
_DEPTH = 4
_SECONDS_A_WORD = 20.0
"""Nobody takes longer for a word: times that say so are milliseconds."""


def _rev(data: Node) -> Pieces | None:
    """Rev: monologues of elements, whose values are words, blanks and marks."""
    monologues = list_at(data, "monologues")
    if monologues is None:
        return None
    names = {str(get(who, "id")): plain_text(get(who, "name")) for who in list_at(data, "speakers") or []}
    return [_monologue(monologue, names) for monologue in monologues]


def _monologue(monologue: Json, names: dict[str, str]) -> SpokenWords | None:
    elements = list_at(monologue, "elements") or []
    values = (get(element, "value") for element in elements)
    words = plain_text("".join(value for value in values if isinstance(value, str)))
    who = get(monologue, "speaker")
    times = [time for key in ("ts", "end_ts") for element in elements
             if (time := seconds_of(get(element, key))) is not None]  # fmt: skip
    label = names.get(str(who)) or speaker_label(who)
    return SpokenWords(label, words, min(times, default=None), max(times, default=None)) if words else None


def _speechmatics(data: Node) -> Pieces | None:
    """Speechmatics: words and marks one after another, each with alternatives; marks stick to the word before."""
    results = list_at(data, "results")
    if not results or get(results[0], "type") not in ("word", "punctuation", "entity", "speaker_change"):
        return None
    tokens = []
    for item in results:
        best = next(iter(list_at(item, "alternatives") or []), None)
        sticks = get(item, "type") == "punctuation" and get(item, "attaches_to") in (None, "previous", "both")
        who = get(best, "speaker") if get(best, "speaker") is not None else get(item, "speaker")
        tokens.append((speaker_label(who), plain_text(get(best, "content")), sticks, item))
    return [
        _token_piece(who, [(word, sticks, item) for _, word, sticks, item in group])
        for who, group in groupby(_marks_named(tokens), key=lambda token: token[0])
    ]


def _marks_named(tokens: Iterable[tuple[str | None, str, bool, Any]]) -> Iterator[tuple[str | None, str, bool, Any]]:
    """Give marks the speaker of the word that they stick to."""
    who: str | None = None
    for speaker, word, sticks, item in tokens:
        who = who if sticks else speaker
        yield who, word, sticks, item


def _token_piece(who: str | None, tokens: Sequence[tuple[str, bool, Any]]) -> SpokenWords | None:
    words = "".join(word if sticks else f" {word}" for word, sticks, _ in tokens).strip()
    started = next((time for *_, item in tokens if (time := _first(item, STARTS, seconds_of)) is not None), None)
    ended = next((time for *_, item in reversed(tokens) if (time := _first(item, ENDS, seconds_of)) is not None), None)
    return SpokenWords(who, words, started, not_before(started, ended)) if words else None


def _google(data: Node) -> Pieces | None:
    """Google: results with alternatives; where it tells speakers apart, the last result repeats all words."""
    results = list_at(data, "results") or list_at(get(data, "response"), "results")
    if not results or not any(list_at(result, "alternatives") for result in results) or get(results[0], "type"):
        return None
    best = [next(iter(list_at(result, "alternatives") or []), None) for result in results]
    tagged = [[word for word in list_at(alternative, "words") or [] if _tag(word) is not None] for alternative in best]
    if (
        len(best) > 1
        and tagged[-1]
        and len(tagged[-1]) >= sum(len(list_at(alternative, "words") or []) for alternative in best[:-1])
    ):
        return _by_speaker(tagged[-1])
    pieces: Pieces = []
    for alternative, words in zip(best, tagged, strict=True):
        tags = {_tag(word) for word in words}
        if len(tags) > 1:
            pieces.extend(_by_speaker(words))
        else:
            text = plain_text(get(alternative, "transcript"))
            timed = list_at(alternative, "words") or []
            started = _first(timed[0], STARTS, seconds_of) if timed else None
            ended = _first(timed[-1], ENDS, seconds_of) if timed else None
            pieces.append(
                SpokenWords(next(iter(tags), None), text, started, not_before(started, ended)) if text else None
            )
    return pieces


def _tag(word: Json) -> str | None:
    return next((speaker_label(get(word, key)) for key in ("speakerTag", "speakerLabel") if get(word, key)), None)


def _by_speaker(words: Iterable[Any]) -> Pieces:
    """Join words that follow each other and have one speaker."""
    return [
        _token_piece(who, [(_first(word, WORDS, plain_text) or "", False, word) for word in group])
        for who, group in groupby(words, key=lambda word: _first(word, SPEAKERS, speaker_label))
    ]


def _deepgram_words(data: Node) -> Pieces | None:
    """Deepgram without utterances: channels of words, each channel perhaps a speaker."""
    channels = list_at(get(data, "results"), "channels")
    if channels is None or list_at(get(data, "results"), "utterances"):
        return None
    pieces: Pieces = []
    for n, channel in enumerate(channels):
        best = next(iter(list_at(channel, "alternatives") or []), None)
        words = list_at(best, "words") or []
        text = plain_text(get(best, "transcript"))
        spoken = _by_speaker(words) if any(get(word, "speaker") is not None for word in words) else []
        if not spoken and text:
            spoken = [SpokenWords(f"Channel {n}" if len(channels) > 1 else None, text)]
        pieces.extend(spoken)
    return sorted(pieces, key=lambda piece: (piece.started or 0.0) if piece else 0.0)


def _timed_paragraphs(data: Node) -> Pieces | None:
    """Trint and editors like it: paragraphs say from when somebody speaks, words stand in a list of their own."""
    for node in (data, get(data, "transcript"), get(data, "data")):
        words, paragraphs = list_at(node, "words"), list_at(node, "paragraphs")
        if not words or not paragraphs or _passage(paragraphs[0]) is not None:
            continue
        starts = [_first(paragraph, STARTS, seconds_of) or 0.0 for paragraph in paragraphs]
        spoken: list[list[Any]] = [[] for _ in paragraphs]
        for word in words:
            place = bisect_right(starts, _first(word, STARTS, seconds_of) or 0.0) - 1
            spoken[max(0, place)].append(word)
        found = [
            _token_piece(
                _first(paragraph, SPEAKERS, speaker_label),
                [(_first(word, WORDS, plain_text) or "", False, word) for word in group],
            )
            for paragraph, group in zip(paragraphs, spoken, strict=True)
        ]
        return list(_scaled(found))
    return None


def _passages(data: Node) -> Pieces | None:
    """Any service that lists passages with words, perhaps speakers and times: the first list that has them."""
    for passages in islice(_lists(data, _DEPTH), 50):
        found = [_passage(passage) for passage in passages if not _is_blank(passage)]
        if sum(piece is not None for piece in found) * 2 >= len(found) > 0:
            return list(_scaled(found))
    return None


def _is_blank(node: Json) -> bool:
    """Tell whether it is the white space between two words, which some services list, too."""
    text = get(node, "text")
    return isinstance(text, str) and bool(text) and not text.strip()


def _lists(node: Json, depth: int) -> Iterator[list[Any]]:
    """Yield lists of objects, those under the names of ``LISTS`` first, near ones before deep ones."""
    if isinstance(node, list):
        if node and all(isinstance(item, dict) for item in node):
            yield node
        return
    for key in LISTS:
        found = list_at(node, key)
        if found and all(isinstance(item, dict) for item in found) and (key != "words" or _are_spoken(found)):
            yield found
    if depth and isinstance(node, dict):
        for key, value in islice(node.items(), 100):
            if isinstance(value, list) and key not in LISTS and all(isinstance(item, dict) for item in value):
                yield value
            if isinstance(value, dict) and key != "metadata":
                yield from _lists(value, depth - 1)


def _are_spoken(words: Sequence[Any]) -> bool:
    """Tell whether words say who speaks; words that do not are better read from the text that holds their marks."""
    return any(_first(word, SPEAKERS, speaker_label) for word in words[:1000])


def _passage(node: Json) -> SpokenWords | None:
    best = next(iter(list_at(node, "nBest") or []), None)
    parts = list_at(node, "words") or list_at(node, "sentences") or list_at(node, "elements") or []
    joined = " ".join(filter(None, (_first(part, WORDS, plain_text) for part in parts)))
    words = _first(node, WORDS, plain_text) or _first(best, WORDS, plain_text) or joined
    if not words:
        return None
    started = _time_in(node, STARTS, "offset")
    length = _time_in(node, (), "duration")
    ended = _time_in(node, ENDS, "")
    if started is None and parts:
        started, ended = _first(parts[0], STARTS, seconds_of), _first(parts[-1], ENDS, seconds_of)
    if ended is None and started is not None and length is not None:
        ended = started + length
    return SpokenWords(_first(node, SPEAKERS, speaker_label), words, started, not_before(started, ended))


def _time_in(node: Json, keys: Sequence[str], stem: str) -> float | None:
    """Return seconds under one of several keys, or under a stem that names its unit, as Azure does."""
    for suffix, unit in (("InTicks", 1e-7), ("Milliseconds", 1e-3), ("Ms", 1e-3)):
        value = get(node, stem + suffix) if stem else None
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e15:
            return round(float(value) * unit, 6)
    found: float | None = _first(node, (*keys, stem) if stem else keys, seconds_of)
    return found


def _scaled(pieces: Pieces) -> Iterator[SpokenWords | None]:
    """Take times for milliseconds where nobody could speak as slowly as seconds would say."""
    timed = [piece for piece in pieces if piece and piece.started is not None and piece.ended is not None]
    length = sum((piece.ended or 0) - (piece.started or 0) for piece in timed)
    words = sum(len(piece.words.split()) for piece in timed)
    scale = 1000 if words and length / words > _SECONDS_A_WORD else 1
    for piece in pieces:
        if piece is None or scale == 1:
            yield piece
        else:
            started = None if piece.started is None else piece.started / scale
            yield SpokenWords(piece.speaker, piece.words, started, None if piece.ended is None else piece.ended / scale)


def _first(node: Json, keys: Iterable[str], take: Callable[[Any], Any]) -> Json:
    """Return what is first found under one of several keys and is of use."""
    return next((found for key in keys if (found := take(get(node, key))) not in (None, "")), None)


def _text_only(data: Node) -> Pieces | None:
    """A text without segments: what whisper writes where nothing else is asked for."""
    text = _text_in(data, _DEPTH)
    words = list_at(data, "words") or []
    if not text:
        return _by_speaker(words) or None
    started = _first(words[0], STARTS, seconds_of) if words else None
    return [SpokenWords(None, text, started)]


def _text_in(node: Json, depth: int) -> str:
    for key in _TEXTS:
        value = get(node, key)
        if isinstance(value, str) and value.strip():
            return plain_text(value)
        inner = value[0] if isinstance(value, list) and value else value
        found = _text_in(inner, depth - 1) if depth and isinstance(inner, dict) else ""
        if found:
            return found
    return ""


SERVICES: tuple[Callable[[Node], Pieces | None], ...] = (
    _rev, _speechmatics, _deepgram_words, _google, _timed_paragraphs, _passages, _text_only
)  # fmt: skip
"""Each returns the passages of a result of its service, None for any other JSON; the first that finds words counts."""
