"""CHAT transcripts of CLAN (``.cha``): main lines ``*PAR: words``, headers above, annotation tiers below."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from corpus.errors import InputError
from corpus.readers.decode import read_text
from corpus.readers.draft import Draft
from corpus.readers.limits import ANNOTATION_CHARACTERS
from corpus.readers.spoken import SpokenWords, written
from corpus.speakers import SpeakerSettings

_MAIN = re.compile(r"\*(?P<code>[^\s:]{1,10}):\s*(?P<words>.*)", re.DOTALL)
_PARTICIPANT = re.compile(r"(?P<code>[^\s,]{1,10})\s+(?:(?P<name>[^\s,]{1,60})\s+)?(?P<role>[A-Z][\w_]{1,60})\s*$")
_BULLET = re.compile(r"\x15(?P<start>\d{1,12})_(?P<end>\d{1,12})\x15")
# Codes behind words ([//], [* m]), of retracings, of events (&=laughs), pauses, and marks that link lines (+...).
_CODE = re.compile(
    r"\[[^\[\]]{0,80}\]|[\u2039\u203a<>]|\+[/.,\"!?<^+]+|&[-+~]?(?=\w)|\((?:\.+|[\d:]{0,8}\d\.\d{0,4})\)"
    r"|[\u2021\u201e\u2191\u2193\u2308\u2309\u230a\u230b]|^0(?=[\s.?!])"
)
_FORM = re.compile(r"(?<=\w)@[a-z]{1,3}(?::[a-z+&]{1,20})?(?:\$[a-z]{1,10})?(?!\w)")
_EVENT = re.compile(r"&=(?P<what>[\w:]{1,40})")
_UNHEARD = re.compile(r"\b(?:xxx|yyy|www)\b")


def read_chat(path: Path, speakers: SpeakerSettings) -> Draft:
    """Read a ``.cha`` transcript; annotation tiers and codes are left out, events stand in brackets.

    Raises:
        InputError: If the file has no main line.
    """
    decoded = read_text(path, marks="\x15")
    if len(decoded.text) > ANNOTATION_CHARACTERS:
        raise InputError(path, f"is larger than {ANNOTATION_CHARACTERS // 1_000_000} MB; this is no interview")
    lines = re.sub(r"\n[ \t]+", " ", decoded.text).split("\n")
    labels = dict(_labels(lines))
    pieces = [piece for line in lines if (piece := _piece(line, labels)) is not None]
    if not pieces:
        raise InputError(path, "is no CHAT transcript: it has no line such as '*PAR: words'")
    tiers = sum(line.startswith("%") for line in lines)
    doubts = (f"left out lines of annotation: {tiers}",) if tiers else ()
    return written(pieces, (*decoded.warnings, *doubts))


def _labels(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield what each speaker's code stands for: the role where it is the interviewer's, else the code itself."""
    for line in lines:
        if line.startswith("@Participants:"):
            for part in line.partition(":")[2].split(","):
                match = _PARTICIPANT.search(part.strip())
                if match and match["role"] in ("Investigator", "Interviewer", "Moderator"):
                    yield match["code"], f"{match['code']} ({match['role']})"


def _piece(line: str, labels: dict[str, str]) -> SpokenWords | None:
    match = _MAIN.match(line)
    if match is None:
        return None
    bullets = list(_BULLET.finditer(match["words"]))
    started = int(bullets[0]["start"]) / 1000 if bullets else None
    ended = int(bullets[-1]["end"]) / 1000 if bullets else None
    if started is not None and ended is not None:
        ended = max(started, ended)
    events = _EVENT.sub(
        lambda event: f" [{event['what'].replace('_', ' ')}] ", _BULLET.sub(" ", _uncoded(match["words"]))
    )
    words = " ".join(_UNHEARD.sub("[inaudible]", events).replace("_", " ").replace("\x15", " ").split())
    words = re.sub(r"\s+([.?!,;])", r"\1", words)
    return SpokenWords(labels.get(match["code"], match["code"]), words, started, ended) if words.strip(" .?!") else None


def _uncoded(words: str) -> str:
    """Leave out codes, and the brackets around sounds that were not spoken: ``(be)cause``."""
    plain = _CODE.sub(lambda code: code[0] if code[0].startswith("&=") else " ", _FORM.sub("", words))
    return re.sub(r"\((\w+)\)", r"\1", plain)
