"""Rich text files, turned into plain lines by striprtf."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from corpus.errors import InputError
from corpus.readers.draft import Draft
from corpus.readers.limits import RICH_TEXT_CHARACTERS, RICH_TEXT_GROUPS, RICH_TEXT_PIECE
from corpus.readers.source import kind_of, read_bytes
from corpus.readers.talk import find_talk, lines_of
from corpus.speakers import SpeakerSettings

_START = b"{\\rtf"
# striprtf writes cells with a bar between them, which no label has; a tab reads as "Name<tab>words".
_CELL = re.compile(r"(?<!\\)\\(?:nest)?cell(?![a-z])")
_PICTURE = re.compile(r"(?:[0-9a-fA-F]{64,}[\r\n]*)+")
_FONTS = "{\\fonttbl"
_PAGE = re.compile(r"\\ansicpg\d+")
_TOKEN = re.compile(r"\\[\\{}]|[{}]|(?P<end>\\par(?![a-z]) ?|\\\n)|\\(?P<state>f|uc)\d{1,5}(?!\d)")
_BRACE = re.compile(r"[{}]")
_FONT = re.compile(r"\\f\d{1,5}(?!\d)")
_CHARSET = re.compile(r"\\fcharset\d{1,3}(?!\d)")
_DELETED = re.compile(r"(?<!\\)\\deleted(?![a-z0-9])")
_LEFT_OUT = {
    "footnote": ("note", "notes"),
    "annotation": ("comment", "comments"),
    "shptxt": ("text box", "text boxes"),
}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]")


def read_rich_text(path: Path, speakers: SpeakerSettings) -> Draft:
    """Read a ``.rtf`` transcript; notes, comments, headers and formats are left out.

    Raises:
        InputError: If the file is no sound rich text of sane size.
    """
    source = _source(path)
    text = _tidied(_converted(path, source))
    talk = find_talk(lines_of(text), speakers, text=text)
    return Draft(text, talk.utterances, (*_doubts(source), *talk.warnings))


def _source(path: Path) -> str:
    data = read_bytes(path)
    if not data.lstrip().startswith(_START):
        found = kind_of(data) or "something else"
        raise InputError(path, f"is not rich text but {found}; save it as .rtf or .docx")
    # Rich text is ASCII by its own rules; whoever breaks them writes Windows-1252.
    source = _PICTURE.sub("", data.decode("cp1252", "replace"))
    if len(source) > RICH_TEXT_CHARACTERS or source.count("{") > RICH_TEXT_GROUPS:
        raise InputError(path, "is too large for rich text; save it as .docx")
    return source


def _harmless(source: str) -> str:
    """Rewrite what striprtf would search in time that grows with the square of its length, and the cells of tables."""
    start = source.find(_FONTS)
    if start >= 0:
        end = _closing(source, start)
        source = f"{source[:start]}{_FONTS}{_fonts(source[start:end])}{source[end:]}"
    # Where the blank is, striprtf reads no links: the words of a link are talk, its address is not.
    return _CELL.sub(r"\\tab ", source).replace("\\fldinst", "\\fldinst ")


def _closing(source: str, start: int) -> int:
    """Return where the brace stands that closes the group opened at ``start``."""
    depth = 0
    for brace in _BRACE.finditer(source, start):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return brace.start()
    return len(source)


def _fonts(table: str) -> str:
    """Return the entries of a font table, without the names of the fonts."""
    found = ((_FONT.search(entry), _CHARSET.search(entry)) for entry in table.split(";"))
    return "".join(f"{{{font[0]}{charset[0]} x;}}" for font, charset in found if font and charset)


def _pieces(source: str) -> Iterator[str]:
    """Cut a text between groups or paragraphs, since striprtf may copy its whole result for each letter it adds.

    Each piece begins with the code page and the fonts of the whole, and with the font in force.
    """
    page = _PAGE.search(source[:1000])
    start = source.find(_FONTS)
    fonts = source[start : _closing(source, start) + 1] if start >= 0 else ""
    lead, begun, depth = "", 0, 0
    state = {"f": "", "uc": "\\uc1"}
    for token in _TOKEN.finditer(source):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if token["state"] and depth == 1:
            state[token["state"]] = token[0]
        if (token[0] == "}" or token["end"]) and depth == 1 and token.end() - begun > RICH_TEXT_PIECE:
            yield f"{lead}{source[begun : token.end()]}}}"
            lead, begun = f"{{\\rtf1{page[0] if page else ''}{fonts}{state['f']}{state['uc']} ", token.end()
    yield lead + source[begun:]


def _converted(path: Path, source: str) -> str:
    from striprtf.striprtf import rtf_to_text

    pieces = list(_pieces(_harmless(source)))
    if any(len(piece) > 5 * RICH_TEXT_PIECE for piece in pieces):
        raise InputError(path, "is too large for rich text; save it as .docx")
    try:
        text = "".join(rtf_to_text(piece, errors="replace") for piece in pieces)
    # What striprtf lets through where a control word lacks its number or names an impossible character.
    except (ValueError, TypeError, LookupError, OverflowError):
        raise InputError(path, "is no sound rich text; open it in a word processor and save it as .docx") from None
    return text


def _tidied(text: str) -> str:
    """Join surrogate pairs, which rich text writes apart; drop control characters; one kind of line break."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xad", "")
    whole = _SURROGATES.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16", "replace"), lines)
    return "\n".join(line.rstrip() for line in _CONTROL.sub("", whole).split("\n"))


def _doubts(source: str) -> Iterator[str]:
    counts = {word: len(re.findall(rf"\{{(?:\\\*)?\\{word}(?![a-z])", source)) for word in _LEFT_OUT}
    if any(counts.values()):
        listed = (f"{counts[word]} {names[counts[word] > 1]}" for word, names in _LEFT_OUT.items() if counts[word])
        yield f"left out: {', '.join(listed)}"
    if _DELETED.search(source):
        yield "holds tracked deletions, which rich text does not set apart; accept or reject them first"
    if not source.rstrip("\0 \t\r\n").endswith("}"):
        yield "does not end with a closing brace; the file may have been cut off"
