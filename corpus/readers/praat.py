"""TextGrids of Praat: tiers of intervals, one tier a speaker, perhaps one file a speaker."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from corpus.errors import InputError
from corpus.readers.decode import read_text
from corpus.readers.draft import Draft
from corpus.readers.limits import TEXT_GRID_CHARACTERS
from corpus.readers.names import tidy
from corpus.readers.pairs import companions, part_of
from corpus.readers.spoken import SpokenWords, joined, written
from corpus.speakers import SpeakerSettings

# As Praat reads them: texts, flags and numbers that stand free; all else ("xmin =", "intervals [1]:") is comment.
# A text that never ends is one that was cut off; possessive, because quotes could be paired in many ways.
_TOKEN = re.compile(
    r'"(?P<text>(?:[^"]++|"")*+)(?P<closed>"|\Z)|(?<!\S)(?P<number>-?\d{1,20}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?)(?!\S)'
)
_HEAD = '"TextGrid"'
_INTERVALS, _POINTS = "IntervalTier", "TextTier"
# Marks of transcribers such as <unsure>, <sil> or </NOISE>.
_MARK = re.compile(r"<[^<>\s]{1,20}>")
_SILENCE = frozenset(("", "#", "_", "sil", "sp", "silence", "<p:>"))
# Tiers of forced alignment: "Ann - words" is what Ann says, "Ann - phones" its sounds.
_SOUNDS = re.compile(r"(?i)(?:^|.*[\s_-])(?:phones?|phonemes?|phon|syllables?|maus|kan|mau)$")
_WORDS = re.compile(r"(?i)[\s_-]+(?:words?|ort|utterances?|transcript(?:ion)?)$")
_NOBODY = re.compile(r"(?i)|speaker|words?|transcript(?:ion)?|utterances?|text|tier|ort|sentences?|silences")


@dataclass(frozen=True, slots=True)
class _Tier:
    name: str
    pieces: tuple[SpokenWords, ...]


@dataclass(frozen=True, slots=True)
class _Grid:
    """The interval tiers of a file that hold talk, and what was wrong with the file."""

    tiers: tuple[_Tier, ...]
    others: int
    marks: int
    cut: bool


def read_text_grid(path: Path, speakers: SpeakerSettings) -> Draft:
    """Read a ``.TextGrid`` transcript, together with the files of the other speakers that lie beside it.

    Raises:
        InputError: If the file is no TextGrid in text form.
    """
    others = companions(path)
    files = sorted((path, *others))
    grids = [_grid(file) for file in files]
    pieces = [
        SpokenWords(name, said.words, said.started, said.ended)
        for file, grid in zip(files, grids, strict=True)
        for tier, name in zip(grid.tiers, _names(grid.tiers, part_of(file) if others else ""), strict=True)
        for said in tier.pieces
    ]
    turns = list(joined(sorted(pieces, key=lambda said: said.started or 0.0)))
    together = (f"read together with {len(others)} TextGrid of the same recording beside it",) if others else ()
    return written(turns, (*together, *_doubts(grids)))


def _grid(path: Path) -> _Grid:
    text = read_text(path).text
    if _HEAD not in text[:200]:
        raise InputError(path, "is no TextGrid in text form; save it in Praat as a text file")
    if len(text) > TEXT_GRID_CHARACTERS:
        raise InputError(path, f"is larger than {TEXT_GRID_CHARACTERS // 1_000_000} MB; this is no interview")
    tokens = list(_TOKEN.finditer(text, text.index(_HEAD) + len(_HEAD)))
    starts = [n for n, token in enumerate(tokens) if token["text"] in (_INTERVALS, _POINTS) and _is_tier(tokens, n)]
    blocks = [tokens[start:end] for start, end in pairwise((*starts, len(tokens)))]
    tiers = [tier for tier in map(_tier, blocks) if tier is not None]
    marks = sum(len(_MARK.findall(token["text"] or "")) for token in tokens)
    return _Grid(tuple(tiers), len(blocks) - len(tiers), marks, cut=any(token["closed"] == "" for token in tokens))


def _is_tier(tokens: Sequence[re.Match[str]], n: int) -> bool:
    """A tier's class is followed by its name and by three numbers: its times and its size."""
    name, *numbers = [token["text"] for token in tokens[n + 1 : n + 5]] or [None]
    return name is not None and len(numbers) == 3 and all(text is None for text in numbers)


def _tier(tokens: Sequence[re.Match[str]]) -> _Tier | None:
    """Return a tier of talk, None for points and for the sounds of forced alignment."""
    name = _plain(tokens[1])
    if tokens[0]["text"] == _POINTS or _SOUNDS.fullmatch(name):
        return None
    return _Tier(name, tuple(_pieces(tokens[5:])))


def _pieces(tokens: Sequence[re.Match[str]]) -> Iterator[SpokenWords]:
    for first, second, third in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if first["number"] and second["number"] and third["text"] is not None:
            words = " ".join(_MARK.sub(" ", _plain(third)).split())
            started, ended = (max(0.0, float(token["number"])) for token in (first, second))
            if words.casefold() not in _SILENCE:
                yield SpokenWords(None, words, started, max(started, ended))


def _plain(token: re.Match[str]) -> str:
    return " ".join((token["text"] or "").replace('""', '"').split())


def _names(tiers: Sequence[_Tier], part: str) -> list[str | None]:
    """Name the speaker of each tier; a tier called "Speaker" is known by its file or its number, if at all."""
    names = [tidy(_WORDS.sub("", tier.name)) for tier in tiers]
    if all(_NOBODY.fullmatch(name) for name in names):
        numbered: list[str | None] = [f"Speaker {n}" for n in range(1, len(names) + 1)]
        return [part or None] if len(names) == 1 else numbered
    return [name or None for name in names]


def _doubts(grids: Sequence[_Grid]) -> Iterator[str]:
    if others := sum(grid.others for grid in grids):
        yield f"left out tiers of points or sounds: {others}"
    if marks := sum(grid.marks for grid in grids):
        yield f"left out transcriber's marks in angle brackets: {marks}"
    if any(grid.cut for grid in grids):
        yield "ends in the middle of a text; the file may have been cut off"
