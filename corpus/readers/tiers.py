"""Transcripts of linguists' tools as XML: ELAN (``.eaf``) and EXMARaLDA (``.exb``), one tier a speaker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import InputError
from corpus.readers.decode import read_text
from corpus.readers.draft import Draft
from corpus.readers.limits import ANNOTATION_CHARACTERS
from corpus.readers.names import tidy
from corpus.readers.spoken import SpokenWords, joined, written
from corpus.speakers import SpeakerSettings

if TYPE_CHECKING:
    from lxml.etree import _Element


def read_elan(path: Path, speakers: SpeakerSettings) -> Draft:
    """Read an ELAN ``.eaf``: tiers with times are talk; tiers that annotate other tiers are left out and counted.

    Raises:
        InputError: If the file is no sound ELAN document.
    """
    root = _root(path, "ANNOTATION_DOCUMENT", "an ELAN document")
    times = {slot.get("TIME_SLOT_ID", ""): _thousandth(slot.get("TIME_VALUE")) for slot in root.iter("TIME_SLOT")}
    tiers = [tier for tier in root.iter("TIER") if not tier.get("PARENT_REF")]
    dependent = sum(1 for _ in root.iter("TIER")) - len(tiers)
    return _draft([piece for tier in tiers for piece in _elan_pieces(tier, times)], dependent)


def _elan_pieces(tier: _Element, times: Mapping[str, float | None]) -> Iterator[SpokenWords]:
    speaker = tidy(tier.get("PARTICIPANT") or tier.get("TIER_ID") or "") or None
    for annotation in tier.iter("ALIGNABLE_ANNOTATION"):
        words = " ".join((annotation.findtext("ANNOTATION_VALUE") or "").split())
        started, ended = (times.get(annotation.get(f"TIME_SLOT_REF{n}", "")) for n in (1, 2))
        if words:
            yield SpokenWords(speaker, words, started, _not_before(started, ended))


def read_exmaralda(path: Path, speakers: SpeakerSettings) -> Draft:
    """Read an EXMARaLDA ``.exb``: tiers of type ``t`` are talk; descriptions and annotations are left out and counted.

    Raises:
        InputError: If the file is no sound EXMARaLDA transcription.
    """
    root = _root(path, "basic-transcription", "an EXMARaLDA transcription")
    names = {who.get("id", ""): (who.findtext("abbreviation") or "").strip() for who in root.iter("speaker")}
    order = {tli.get("id", ""): n for n, tli in enumerate(root.iter("tli"))}
    times = {tli.get("id", ""): _seconds(tli.get("time")) for tli in root.iter("tli")}
    tiers = list(root.iter("tier"))
    talk = [tier for tier in tiers if tier.get("type") == "t"]
    placed = [
        (order.get(event.get("start", ""), 0), _exmaralda_piece(tier, event, names, times))
        for tier in talk
        for event in tier.iter("event")
    ]
    pieces = [piece for _, piece in sorted(placed, key=lambda item: item[0]) if piece is not None]
    return _draft(pieces, len(tiers) - len(talk), sort=False)


def _exmaralda_piece(
    tier: _Element, event: _Element, names: Mapping[str, str], times: Mapping[str, float | None]
) -> SpokenWords | None:
    """Return what an event says, None for silence.

    Args:
        tier: Whose talk it is.
        event: A stretch of it.
        names: Abbreviations of speakers by their ids.
        times: Seconds by the ids of points in time.
    """
    words = " ".join("".join(event.itertext()).split())
    who = tier.get("speaker", "")
    started, ended = times.get(event.get("start", "")), times.get(event.get("end", ""))
    speaker = tidy(names.get(who) or who or tier.get("display-name", "")) or None
    return SpokenWords(speaker, words, started, _not_before(started, ended)) if words else None


def _root(path: Path, tag: str, kind: str) -> _Element:
    """Return the root of an XML file of a kind, parsed without entities and network."""
    from lxml import etree

    text = read_text(path).text
    if len(text) > ANNOTATION_CHARACTERS:
        raise InputError(path, f"is larger than {ANNOTATION_CHARACTERS // 1_000_000} MB; this is no interview")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise InputError(path, f"declares XML entities, which {kind} does not")
    declared = text.lstrip("\ufeff \n").partition("?>")[2] if text.lstrip("\ufeff \n").startswith("<?xml") else text
    try:
        root: _Element = etree.fromstring(
            declared.encode("utf-8", "replace"),
            etree.XMLParser(resolve_entities=False, no_network=True, encoding="utf-8"),
        )
    except (etree.XMLSyntaxError, ValueError):
        raise InputError(path, f"is no sound {kind.partition(' ')[2]}; save it again") from None
    if root.tag != tag:
        raise InputError(path, f"is no {kind.partition(' ')[2]}")
    return root


def _draft(pieces: list[SpokenWords], left_out: int, *, sort: bool = True) -> Draft:
    if sort:
        pieces = sorted(pieces, key=lambda piece: piece.started or 0.0)
    doubts = (f"left out tiers that are no talk: {left_out}",) if left_out else ()
    return written(list(joined(pieces)), doubts)


def _thousandth(value: str | None) -> float | None:
    number = _seconds(value)
    return None if number is None else number / 1000


def _seconds(value: str | None) -> float | None:
    text = (value or "").strip()
    plain = len(text) < 20 and text.replace(".", "", 1).isdecimal() and text.isascii()
    return float(text) if plain else None


def _not_before(started: float | None, ended: float | None) -> float | None:
    return ended if started is None or ended is None else max(started, ended)
