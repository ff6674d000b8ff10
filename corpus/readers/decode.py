"""From bytes to text: byte order marks, UTF-8, UTF-16 without a mark, Windows-1252, and only then a guess."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import InputError
from corpus.readers.limits import CONTROL_SHARE
from corpus.readers.source import kind_of, read_bytes

SAMPLE_BYTES = 65_536
# UTF-32's little-endian mark begins with UTF-16's, so it comes first.
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_NAMES = {"utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp1252": "Windows-1252"}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_LETTER = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """Text without byte order mark, line breaks as line feeds, and what had to be assumed about it."""

    text: str
    warnings: tuple[str, ...] = ()


def read_text(path: Path, *, marks: str = "") -> Decoded:
    """Read a text file of any common encoding.

    Args:
        path: The file.
        marks: Control characters that its format uses.

    Raises:
        InputError: If the file cannot be read or is not text.
    """
    data = read_bytes(path)
    kind = kind_of(data)
    if kind is not None:
        raise InputError(path, f"is {kind}, whatever its name says; save it as plain text or .docx")
    decoded = _decode(path, data)
    unmarked = decoded.text.translate(dict.fromkeys(map(ord, marks)))
    if "\0" in unmarked or len(_CONTROL.findall(unmarked)) > CONTROL_SHARE * len(unmarked):
        raise InputError(path, "is not text; save it as plain text in UTF-8")
    return Decoded(decoded.text.replace("\r\n", "\n").replace("\r", "\n"), decoded.warnings)


def _decode(path: Path, data: bytes) -> Decoded:
    marked = next((encoding for mark, encoding in _MARKS.items() if data.startswith(mark)), None)
    encoding = marked or _unmarked_utf16(data)
    if encoding is None:
        return _as_utf8(data) or _as_legacy(path, data)
    decoded = _decode_as(encoding, data)
    if decoded is None:
        raise InputError(path, f"begins like {_name(encoding)} but is not; save it as UTF-8")
    return decoded


def _unmarked_utf16(data: bytes) -> str | None:
    """Western text in UTF-16 has a zero in every other byte."""
    head = data[:SAMPLE_BYTES]
    for encoding, high, low in (("utf-16-le", 1, 0), ("utf-16-be", 0, 1)):
        if head[high::2].count(0) > 0.7 * len(head) / 2 and not head[low::2].count(0):
            return encoding
    return None


def _as_utf8(data: bytes) -> Decoded | None:
    decoded = _decode_as("utf-8", data)
    # A last byte above 127 in a file that is otherwise ASCII is an accent of an older encoding, not a cut.
    return None if decoded and decoded.warnings and decoded.text.isascii() else decoded


def _decode_as(encoding: str, data: bytes) -> Decoded | None:
    """Decode strictly, forgiving only a last character that was cut in two."""
    said = () if encoding.startswith("utf-8") else (f"read as {_name(encoding)}; UTF-8 is safer",)
    try:
        return Decoded(data.decode(encoding), said)
    except UnicodeDecodeError as error:
        if error.start < len(data) - 3 or error.reason not in ("unexpected end of data", "truncated data"):
            return None
        cut = "ends in the middle of a character; the file may have been cut off"
        return Decoded(data[: error.start].decode(encoding), (*said, cut))


def _as_legacy(path: Path, data: bytes) -> Decoded:
    encoding = "cp1252" if _looks_western(data) else _guess(data)
    try:
        text = data.decode(encoding or "ascii")
    except UnicodeDecodeError:
        raise InputError(path, "has an unknown encoding; save it as UTF-8") from None
    return Decoded(text, (f"not UTF-8, read as {_name(encoding or '')}; check its accented letters",))


def _looks_western(data: bytes) -> bool:
    """Tell Windows-1252 from the other one-byte encodings: in Western languages most letters are ASCII."""
    try:
        letters: list[str] = _LETTER.findall(data.decode("cp1252"))
    except UnicodeDecodeError:
        return False
    return sum(letter.isascii() for letter in letters) >= 0.7 * len(letters)


def _guess(data: bytes) -> str | None:
    from charset_normalizer import from_bytes

    end = data.rfind(b"\n", 0, SAMPLE_BYTES) + 1
    best = from_bytes(data[: end or SAMPLE_BYTES]).best()
    return best.encoding if best else None


# UTF-8 whose bytes an earlier tool took for letters of Windows-1252: an accent or a typographic mark as two or three.
_MISREAD = re.compile(
    r"\u00e2\u20ac[\u0080-\uffff]|\u00c3[\u0080-\u00bf\u0152-\u0178\u2013-\u2122]|\u00c2[\u00a0-\u00bf]"
)


def mojibake(text: str) -> tuple[str, ...]:
    """Return a warning where an earlier tool spoilt accents or typographic marks for good."""
    spoilt = len(_MISREAD.findall(text))
    if not spoilt:
        return ()
    return (f"letters that an earlier tool spoilt (UTF-8 read as Windows-1252): {spoilt}; save the original as UTF-8",)


def _name(encoding: str) -> str:
    return _NAMES.get(encoding, encoding.upper())
