"""Characters of symbol fonts that Word writes by number: what they are in Unicode."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_GREEK = "ΑΒΧ∆ΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ"
_SMALL = "αβχδεφγηιϕκλμνοπθρστυϖωξψζ"
SYMBOL: Mapping[int, str] = MappingProxyType(
    dict(enumerate(_GREEK, 0x41))
    | dict(enumerate(_SMALL, 0x61))
    | dict(enumerate("ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…", 0xA1))
    | dict(enumerate("↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊", 0xBF))
    | {0x22: "∀", 0x24: "∃", 0x27: "∋", 0x2A: "∗", 0x2D: "−", 0x40: "≅", 0x5C: "∴", 0x5E: "⊥", 0x7E: "∼", 0xE5: "∑",
       0xF2: "∫"}
)  # fmt: skip
"""Adobe's Symbol encoding beyond ASCII."""

WINGDINGS: Mapping[int, str] = MappingProxyType(
    {0x21: "✏", 0x22: "✂", 0x28: "☎", 0x2A: "✉", 0x36: "⌛", 0x3F: "✍", 0x41: "✌", 0x43: "👍", 0x44: "👎", 0x45: "☜",
     0x46: "☞", 0x47: "☝", 0x48: "☟", 0x4A: "☺", 0x4B: "😐", 0x4C: "☹", 0x4D: "💣", 0x4E: "☠", 0x52: "☼", 0x54: "❄",
     0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0x73: "⬧", 0x74: "⧫", 0x75: "◆", 0x76: "❖", 0x77: "⬥", 0x9E: "·",
     0x9F: "•", 0xA7: "▪", 0xA8: "◻", 0xAB: "★", 0xD8: "➢", 0xDC: "➲", 0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓",
     0xE3: "↖", 0xE4: "↗", 0xE5: "↙", 0xE6: "↘", 0xE7: "🡐", 0xE8: "➔", 0xEF: "⇦", 0xF0: "⇨", 0xF1: "⇧", 0xF2: "⇩",
     0xF3: "⬄", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑"}
)  # fmt: skip
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""Stands for a symbol that is not in the tables, so that it can be seen and counted."""


def symbol(font: str, code: str) -> str:
    """Return the character that a symbol font shows for a code in hexadecimal digits.

    Fonts of ordinary letters show the character itself; symbol fonts keep theirs from U+F000 on.
    """
    try:
        number = int(code, 16)
    except ValueError:
        return UNKNOWN
    table = SYMBOL if font.casefold() == "symbol" else WINGDINGS if font.casefold() == "wingdings" else {}
    place = number - 0xF000 if 0xF000 <= number <= 0xF0FF else number
    if place in table:
        return table[place]
    if 0xE000 <= number <= 0xF8FF or not 0x20 <= number < 0x110000 or 0xD800 <= number < 0xE000:
        return chr(place) if 0x20 <= place < 0x7F and table is SYMBOL else UNKNOWN
    return chr(number)
