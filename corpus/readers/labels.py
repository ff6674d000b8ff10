"""What could be a speaker label at the start of a line, one candidate for each way of writing labels.

A way of writing is a grammar: what stands around a name and what divides it from the words. Which grammar a file keeps,
and which names to believe, is for ``grammars`` to judge by all lines.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from corpus.readers.names import INVISIBLE, LONGEST, could_be_name, is_known_shape, looks_like_name, says_role, tidy
from corpus.readers.stamps import BRACKETED, DATED, REACH, STAMP, Stamp, stamp_alone, stamp_at

_CLOSE = {"[": "]", "(": ")", "{": "}", "<": ">", "\u3010": "\u3011", "\uff08": "\uff09", "\uff3b": "\uff3d",
          "\u300c": "\u300d", "\u00ab": "\u00bb"}  # fmt: skip
_EMPHASIS = r"[*_]{1,3}"
# Blanks, invisible marks, Markdown's quotes, bullets, headings and emphasis.
_LEAD = re.compile(
    rf"[\s{INVISIBLE}]*(?:>\s+)*(?:[-*+\u2022\u2013]\s+)?(?P<heading>#{{1,6}}\s+)?(?:{_EMPHASIS}(?=[^\s*_]))?[{INVISIBLE}]*"
)
_NAME = (
    rf"(?P<name>[^\W_](?:[^\n\t:\uff1a<>\[\]{{}}|=#()\uff08]|\([^()\n]{{0,40}}\)|\uff08[^\uff09\n]{{0,40}}\uff09)"
    rf"{{0,{LONGEST - 1}}}?)"
)
_AFTER = rf"(?:{_EMPHASIS})?(?:[\s,]*+(?P<after>{STAMP}))?(?:{_EMPHASIS})?"
# What divides a name from the words, by the first character that gives it away; never "http://" or "at 10:30".
_DIVIDERS = {
    ":": r"\s*[:\uff1a\ufe55](?!\d|//)(?:[-\u2013\u2014]+(?=\s))?",
    ".-": r"\s*\.\s?[-\u2013\u2014]+\s*",
    "/": r"\s*/\s+",
    "\t": r"[^\S\t]*\t",
    ">>": r"\s*>{1,2}(?!>)",
    "=": r"\s*={1,2}",
    "|": r"\s*\|",
    "-": r"(?:\s*[\u2013\u2014-]\s+|\s+[\u2013\u2014-](?=\S)|[\u2014](?=\S))",
    ".": r"\.\s+",
    ")": r"\)\s+",
    ";": r"\s*;\s+",
    "gap": r"[^\S\t]{2,}",
}
_SIGNS = {":": ":\uff1a\ufe55", ".-": (".-", ".\u2013", ".\u2014", ". -", ". \u2013", ". \u2014"), "/": "/",
          "\t": "\t", ">>": ">", "=": "=", "|": "|", "-": "-\u2013\u2014", ".": ".", ")": ")",
          ";": ";", ">> ": (">>",), "gap": ("  ", "\u00a0", "\u3000")}  # fmt: skip
_UNDIVIDED = frozenset(("bold", "heading", "bold line", "timed line", "alone", "blank"))
_DIVIDED = {sign: re.compile(_NAME + _AFTER + divider) for sign, divider in _DIVIDERS.items()}
_ALONE = re.compile(rf"{_NAME}(?:[\s,:]*+(?P<after>{STAMP}|{DATED}))?[*_]{{0,3}}\s*$")
_WORD = re.compile(r"(?P<name>[^\W\d_]\w*(?: ?\d{1,3})?)\s+(?=\S)")
_CHAT = re.compile(r"(?i:from)\s+(?P<name>.{1,80}?)(?:\s+(?:to|an|naar)\s+.{1,80}?)?\s*:(?:\s|$)")
_STARRED = re.compile(r"\s*(?:[-+*>]\s+)?(?P<mark>\*\*|__)(?P<name>[^*_\n]{1,60}?)(?P=mark)\s+(?=\S)")
_CALLER = re.compile(rf"[{INVISIBLE}]*(?P<name>\+?\(?\d[\d()\s./\u2011-]{{5,22}}\d)[{INVISIBLE}]*:(?:\s|$)")
_CHEVRON = re.compile(r">{2,3}\s*")
_BETWEEN = re.compile(rf"[\s{INVISIBLE}]*(?:[\u2013\u2014-]\s*)?(?:{_EMPHASIS}(?=[^\s*_]))?[~{INVISIBLE}]*")
_BEHIND = re.compile(rf"(?:{_EMPHASIS}(?=\s|$)|{_EMPHASIS}(?=\S))?\s*(?P<inner>{BRACKETED})?")
_STAMP_INSIDE = re.compile(rf"(?P<name>.+?)[\s,;-]+(?P<after>{STAMP})\s*$|(?P<before>{STAMP})[\s,;-]+(?P<later>.+)$")
_WRAPPED_END = re.compile(
    rf"(?:{_EMPHASIS})?(?:\s*(?P<after>{STAMP}))?(?P<sign>\s*[:\uff1a]|\s+[-\u2013\u2014]\s|\s*=|\s*>+|\s*\||\t|\.\s)?"
)


@dataclass(frozen=True, slots=True)
class Label:
    """A possible speaker label.

    Attributes:
        name: Empty for a mark that says only that another person speaks.
        words: Offset in the line at which the talk starts.
        started: Seconds, None where the label has no time stamp; ``ended`` likewise.
        likely: Whether it looks like a name; "jane" or "my mum said" do not, and need more support.
        grammar: How it is written, such as ``:``, ``[]`` or ``alone``.
        dated: Whether the date and time of a chat message precede it.
    """

    name: str
    words: int
    started: float | None = None
    likely: bool = True
    grammar: str = ":"
    ended: float | None = None
    dated: bool = False


def find_label(line: str, bold: int = 0) -> Label | None:
    """Return the first thing that could be a speaker label at the start of a line.

    Args:
        line: One line without its newline.
        bold: Number of characters at the start of the line that are set in bold.
    """
    return next(candidates(line, bold=bold), None)


def candidates(
    line: str, *, bold: int = 0, heading: bool = False, grammars: Collection[str] | None = None
) -> Iterator[Label]:
    """Yield what could be a speaker label at the start of a line, at most one for each grammar.

    Args:
        line: One line without its newline.
        bold: Number of characters at the start of the line that are set in bold.
        heading: Whether the line is set as a heading.
        grammars: The grammars that are worth a look, None for all.
    """
    head = line[:REACH]
    if grammars is not None and _is_plain(head, grammars):
        return iter(())
    lead = None if head[:1].isalnum() else _LEAD.match(head)
    start = lead.end() if lead else 0
    stamp = stamp_at(head, start)
    at = start if stamp is None else _past(head, stamp)
    heading = heading or bool(lead and lead["heading"])
    label = (_sent(head, at, stamp) if stamp else None) or (_chevron(head, at) if head[at : at + 1] == ">" else None)
    found = (
        ([label] if label else [])
        or list(_wrapped(head, at, whole=len(line) < REACH))
        or list(_divided(head, at, grammars))
    )
    if grammars is None or not _UNDIVIDED.isdisjoint(grammars):
        found += _undivided(line, at, bold=bold, heading=heading, stamped=stamp is not None)
    if stamp is None:
        return iter(found)
    # The time in front of a label is the label's; it may be that of a chat.
    started, ended, dated = stamp.started, stamp.ended, stamp.kind == "dated"
    return (replace(label, started=started, ended=ended, dated=dated) for label in found)


def _is_plain(head: str, grammars: Collection[str]) -> bool:
    """Tell whether a line holds none of the marks that grammars need."""
    for grammar in grammars:  # as a loop: this is all that most lines of a long file cost
        if grammar not in _SIGNS:
            return False
        for mark in _SIGNS[grammar]:
            if mark in head:
                return False
    return True


def _past(head: str, stamp: Stamp) -> int:
    """Return where a label may start behind a stamp: blanks and dashes may stand between."""
    match = _BETWEEN.match(head, stamp.end)
    return match.end() if match else stamp.end


def _label(match: re.Match[str], grammar: str) -> Label | None:
    """Return a label where a name was matched, with the time behind it."""
    written = match["name"]
    if "  " in written or not could_be_name(written):
        return None
    groups = match.groupdict()
    behind = _BEHIND.match(match.string, match.end())
    end = behind.end() if behind else match.end()
    text = groups.get("after") or (behind["inner"] if behind else None)
    stamp = stamp_at(text, 0) if text else None
    name = tidy(written)
    if name.endswith(".") and (is_known_shape(name[:-1]) or says_role(name[:-1])):  # "Resp.:"
        name = name[:-1]
    likely = looks_like_name(written) or says_role(name) or name.isdecimal()
    return Label(name, end, stamp.started if stamp else None, likely, grammar, stamp.ended if stamp else None)


def _sent(head: str, at: int, stamp: Stamp) -> Label | None:
    """``From Jane Smith to Everyone : words`` of a meeting's chat, or a caller's number behind a message's date.

    Args:
        head: The start of a line.
        at: Where to look.
        stamp: The time before it.
    """
    if stamp.kind == "dated" and (caller := _CALLER.match(head, at)):
        return Label(" ".join(caller["name"].split()), caller.end())
    match = _CHAT.match(head, at)
    return Label(tidy(match["name"]), match.end(), grammar="chat") if match and could_be_name(match["name"]) else None


def _chevron(head: str, at: int) -> Label | None:
    """``>> words`` of captions: another person speaks, perhaps named."""
    match = _CHEVRON.match(head, at)
    if match is None:
        return None
    named = _DIVIDED[":"].match(head, match.end())
    label = _label(named, ">> ") if named else None
    return label or Label("", match.end(), grammar=">> ")


def _wrapped(head: str, at: int, *, whole: bool) -> Iterator[Label]:
    """``[Name]``, ``(Name):``, ``<Name>``, ``@Name:``, ``#Name:``.

    Args:
        head: The start of a line.
        at: Where to look.
        whole: Whether the head is the whole line.
    """
    opening = head[at : at + 1]
    if opening in ("@", "#") and opening:
        match = _DIVIDED[":"].match(head, at + 1)
        label = _label(match, f"{opening}:") if match else None
        if label:
            yield label
        return
    close = head.find(_CLOSE[opening], at) if opening in _CLOSE else -1
    if close < 0 or not head[at + 1 : close].strip():
        return
    ending = _WRAPPED_END.match(head, close + 1)
    inside, rest = head[at + 1 : close].strip(" :\uff1a"), ending.end() if ending else close + 1
    timed = _STAMP_INSIDE.match(inside) if any(map(str.isdigit, inside)) else None
    name = (timed["name"] or timed["later"]) if timed else inside
    if not could_be_name(name) or (not whole and rest >= len(head)):
        return
    sign = ((ending["sign"] or "").strip() or "")[:1] if ending else ""
    text = (ending["after"] if ending else None) or (timed and (timed["after"] or timed["before"]))
    stamp = stamp_at(text, 0) if text else None
    likely = looks_like_name(name) or says_role(tidy(name))
    grammar = f"{opening}{_CLOSE[opening]}{sign}"
    yield Label(tidy(name), rest, stamp.started if stamp else None, likely, grammar)


def _divided(head: str, at: int, grammars: Collection[str] | None) -> Iterator[Label]:
    """Yield labels with something between name and words."""
    for sign in _DIVIDED if grammars is None else grammars:
        if sign not in _DIVIDED or _is_plain(head, (sign,)):
            continue
        match = _DIVIDED[sign].match(head, at)
        label = _label(match, sign) if match else None
        if label is not None and (sign in ":\t" or head[label.words :].strip()):
            yield label


def _undivided(line: str, at: int, *, bold: int, heading: bool, stamped: bool) -> Iterator[Label]:
    """Yield labels that need no mark: set in bold, as a heading, alone on the line, or before a capital.

    Args:
        line: The line.
        at: Where a name would begin.
        bold: Number of bold characters at its start.
        heading: Whether it is set as a heading.
        stamped: Whether a time stands before.
    """
    head = line[:REACH]
    rest = line[bold:]
    set_apart = line[at:bold].strip()
    if (
        0 < bold < REACH
        and could_be_name(set_apart)
        and not set_apart[0].islower()
        and rest.strip()
        and stamp_alone(rest) is None
    ):
        yield Label(tidy(line[at:bold]), bold, grammar="bold")
    starred = _STARRED.match(line)
    if starred and could_be_name(starred["name"]) and not starred["name"][0].islower():
        yield Label(tidy(starred["name"]), starred.end(), grammar="bold")
    match = _ALONE.match(line, at) if len(line) < REACH else None
    label = _label(match, "alone") if match else None
    if label is not None:
        whole = bold >= len(line.rstrip()) > 0
        timed = stamped or bool(match and match["after"])
        kind = "heading" if heading else "bold line" if whole else "timed line" if timed else "alone"
        yield replace(label, grammar=kind, words=len(line))
    match = _WORD.match(head, at)
    if match and not head[match.end()].islower():
        name = match["name"]
        if is_known_shape(name) or says_role(name) or (could_be_name(name) and name[0].isupper()):
            yield Label(tidy(name), match.end(), grammar="blank")
