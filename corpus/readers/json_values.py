"""Values of JSON from outside, which may be anything: each is checked where it is taken."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from corpus.readers.names import LONGEST
from corpus.readers.stamps import stamp_alone

Node = Mapping[str, object]
"""A JSON object from outside: whatever it holds is checked where it is used."""
_ISO = re.compile(r"PT(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?")


def get(node: object, key: str) -> object:
    """Return what an object holds under a key, None if it is no object."""
    return node.get(key) if isinstance(node, dict) else None


def list_at(node: object, key: str) -> list[object] | None:
    """Return the list that an object holds under a key."""
    found = get(node, key)
    return found if isinstance(found, list) else None


def ends_at(segment: object, key: str) -> tuple[object, object]:
    """Return the two ends of a time span: a list of two, or ``from`` and ``to``."""
    times = get(segment, key)
    if isinstance(times, list) and len(times) == 2:
        return times[0], times[1]
    return get(times, "from"), get(times, "to")


def plain_text(value: object) -> str:
    """Fold white space; a lone half of a surrogate pair, which JSON can hold, is no character."""
    return " ".join(value.encode("utf-8", "replace").decode().split()) if isinstance(value, str) else ""


def speaker_label(value: object) -> str | None:
    """Return a speaker's label; services number speakers, and write ``?`` or ``UU`` where they do not know."""
    if isinstance(value, dict):
        value = next((value[key] for key in ("name", "label", "id") if value.get(key) is not None), None)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)[:LONGEST]
    name = plain_text(value)[:LONGEST].strip(" :?")
    if name.upper() in ("UU", "UNKNOWN", "NONE", "NULL"):
        return None
    return f"Speaker {name}" if name.isdecimal() else name or None


def seconds_of(value: object) -> float | None:
    """Return seconds: a number, a number in quotes, ``0.100s``, ``PT1.2S``, ``00:01:02``, seconds and nanos."""
    if isinstance(value, dict):
        if "relative" in value:
            return seconds_of(value["relative"])
        whole, part = seconds_of(value.get("seconds", 0)), seconds_of(value.get("nanos", 0))
        return None if whole is None or part is None else whole + part / 1e9
    if isinstance(value, str):
        text = value.strip().removesuffix("s") if len(value) < 40 else ""
        iso = _ISO.fullmatch(value.strip()) if len(value) < 40 and value.strip() != "PT" else None
        if iso:
            return sum(float(part or 0) * unit for part, unit in zip(iso.groups(), (3600, 60, 1), strict=True))
        return seconds_of(float(text)) if is_number(text) else stamp_alone(value)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1e9 or math.isnan(value):
        return None
    return float(value)


def is_number(text: str) -> bool:
    """Tell whether a text is a plain decimal number."""
    return len(text) < 20 and text.replace(".", "", 1).isdecimal() and text.isascii()


def thousandth(value: object) -> float | None:
    """Return the seconds of milliseconds."""
    number = seconds_of(value)
    return None if number is None else number / 1000


def not_before(started: float | None, ended: float | None) -> float | None:
    """Return an end that does not lie before its beginning."""
    return ended if started is None or ended is None else max(started, ended)
