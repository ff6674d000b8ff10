"""Dialogues as lines: the layouts that text files and Word documents share."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from evaluation.reading.dialogues import SECONDS_PER_WORD, Dialogue, DialogueTurn, WrittenForm

WRAP_COLUMNS = 70
TURNS_ON_A_LINE = 3

LAYOUTS: Mapping[str, str] = MappingProxyType(
    {
        "angle": "<{name}> {words}",
        "bare": "{NAME} {words}",
        "chevron": ">> {NAME}: {words}",
        "colon": "{name}: {words}",
        "colon-wide": "{name}\uff1a{words}",
        "curly": "{{{name}}} {words}",
        "dash": "{name} - {words}",
        "dot": "{name}. {words}",
        "f4": "{name}: {words} #{clock}-{tenth}#",
        "line-numbers": "{name}: {words}",
        "markdown": "**{name}:** {words}",
        "maxqda": "#{name}: {words}",
        "name-line": "{name}\n{words}\n",
        "otter": "{name}  {short}  \n{words}\n",
        "round": "({name}) {words}",
        "several": "{name}: {words}",
        "square": "[{name}] {words}",
        "square-colon": "[{name}]: {words}",
        "stamp-after": "{name} ({short}): {words}",
        "stamp-ampm": "{half_day} {name}: {words}",
        "stamp-bare": "{clock} {name}: {words}",
        "stamp-before": "[{clock}] {name}: {words}",
        "stamp-dots": "[{dots}] [{name}] {words}",
        "stamp-line": "{clock} {name}\n{words}\n",
        "stamp-square": "{name} [{clock}]\n{words}",
        "tab": "{name}\t{words}",
        "teams": "{name}   {short}\n{words}",
        "upper-colon": "{NAME}: {words}",
        "whatsapp": "12/03/2024, {minute} - {name}: {words}",
        "whatsapp-ios": "[12/03/24, {day_clock}] {name}: {words}",
        "zoom-chat": "{day_clock}\t From {name} to Everyone : {words}",
    }
)
"""How the first paragraph of a turn is written, as a format string; its other paragraphs follow as they are."""


def clock(seconds: float) -> str:
    """Return ``hh:mm:ss``."""
    return f"{int(seconds) // 3600:02}:{int(seconds) // 60 % 60:02}:{int(seconds) % 60:02}"


def label_of(name: str, form: WrittenForm) -> str:
    """Return a speaker's label as the form writes it, capitals of the layout aside."""
    return name.lower() if "lower" in form.twists else name


def lines_of(dialogue: Dialogue, form: WrittenForm) -> list[str]:
    """Return the lines of a dialogue without its header; a blank line is empty."""
    turns = [_turn_lines(turn, form) for turn in dialogue.turns]
    if form.layout == "several":
        turns = list(_together(turns))
    if "blank" in form.twists:
        turns = [[*lines, ""] for lines in turns]
    lines = [line for turn in turns for line in turn]
    if form.layout == "line-numbers":
        return [f"{number} {line}" for number, line in enumerate(_wrapped(lines), start=1)]
    return list(_wrapped(lines)) if "wrap" in form.twists else lines


def _turn_lines(turn: DialogueTurn, form: WrittenForm) -> list[str]:
    first, *others = turn.paragraphs
    if form.layout == "f4":
        return _f4_lines(turn, form)
    lines = LAYOUTS[form.layout].format(words=first, **_facts(turn, form)).split("\n")
    blank = [lines.pop()] if not lines[-1] else []
    return [*lines, *others, *blank]


def _f4_lines(turn: DialogueTurn, form: WrittenForm) -> list[str]:
    """Every paragraph ends with the time at which it ends; only the first has a label."""
    lines: list[str] = []
    ended = turn.started
    for words in turn.paragraphs:
        ended += SECONDS_PER_WORD * len(words.split())
        line = LAYOUTS["f4"].format(words=words, **_facts(DialogueTurn(turn.speaker, (words,), ended), form))
        lines.append(line.partition(": ")[2] if lines else line)
    return lines


def _facts(turn: DialogueTurn, form: WrittenForm) -> dict[str, str]:
    """Return what a layout may name of a turn besides its words."""
    seconds = turn.started
    name = label_of(turn.speaker, form)
    day_clock = clock(10 * 3600 + 30 * 60 + seconds)
    return {
        "name": name,
        "NAME": name.upper(),
        "clock": clock(seconds),
        "short": f"{int(seconds) // 60}:{int(seconds) % 60:02}",
        "dots": clock(seconds).replace(":", "."),
        "tenth": str(int(seconds * 10) % 10),
        "day_clock": day_clock,
        "minute": day_clock[:5],
        "half_day": f"{day_clock} AM",
    }


def _together(turns: Sequence[list[str]]) -> Iterator[list[str]]:
    for first in range(0, len(turns), TURNS_ON_A_LINE):
        yield [" ".join(line for lines in turns[first : first + TURNS_ON_A_LINE] for line in lines)]


def _wrapped(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield from textwrap.wrap(line, WRAP_COLUMNS, break_long_words=False) or [""]
