"""Dialogues as Word documents: the lines of text files as paragraphs, and what only Word has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING

from evaluation.reading.dialogues import Dialogue, DialogueTurn, WrittenForm
from evaluation.reading.lines import LAYOUTS, clock, label_of, lines_of

if TYPE_CHECKING:
    from docx.document import Document

SPEAKER_STYLE = "Speaker"


def write_document(dialogue: Dialogue, form: WrittenForm) -> bytes:
    """Return a dialogue as a ``.docx`` file."""
    from docx import Document

    document = Document()
    if "header" in form.twists and dialogue.header:
        document.add_paragraph(dialogue.header[0], style="Title")
        for line in dialogue.header[1:]:
            document.add_paragraph(line)
    write = WRITERS.get(form.layout, _paragraphs)
    write(document, dialogue, form)
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def table_rows(dialogue: Dialogue, form: WrittenForm) -> list[tuple[str, ...]]:
    """Return a dialogue as rows of cells, with the heading row where the layout has one."""
    if form.layout == "nvivo":
        return [("Timespan", "Content", "Speaker"), *(_nvivo_row(turn, form) for turn in dialogue.turns)]
    columns = COLUMNS[form.layout]
    return [
        tuple(cell for cell, wanted in zip(_cells(n, turn, form), columns, strict=True) if wanted)
        for n, turn in enumerate(dialogue.turns, start=1)
    ]


COLUMNS: Mapping[str, tuple[bool, bool, bool, bool]] = MappingProxyType(
    {
        "table2": (False, False, True, True),
        "table3": (True, False, True, True),
        "stamp-table": (False, True, True, True),
    }
)
"""Which of number, time, speaker and words a table without heading shows."""


def _cells(number: int, turn: DialogueTurn, form: WrittenForm) -> tuple[str, str, str, str]:
    return str(number), clock(turn.started), label_of(turn.speaker, form), "\n".join(turn.paragraphs)


def _nvivo_row(turn: DialogueTurn, form: WrittenForm) -> tuple[str, str, str]:
    times = " - ".join(f"{int(time) // 60}:{time % 60:04.1f}" for time in (turn.started, turn.ended))
    return times, " ".join(turn.paragraphs), label_of(turn.speaker, form)


def _paragraphs(document: Document, dialogue: Dialogue, form: WrittenForm) -> None:
    if form.layout not in LAYOUTS:
        raise KeyError(form.layout)
    for line in lines_of(dialogue, form):
        document.add_paragraph(line)


def _bold(document: Document, dialogue: Dialogue, form: WrittenForm) -> None:
    mark = ":" if form.layout == "bold-colon" else ""
    for turn in dialogue.turns:
        first, *others = turn.paragraphs
        paragraph = document.add_paragraph()
        paragraph.add_run(label_of(turn.speaker, form) + mark).bold = True
        paragraph.add_run(f" {first}")
        for words in others:
            document.add_paragraph(words)


def _headings(document: Document, dialogue: Dialogue, form: WrittenForm) -> None:
    """Write NVivo's convention: the speaker is a heading."""
    for turn in dialogue.turns:
        document.add_heading(label_of(turn.speaker, form), level=1)
        for words in turn.paragraphs:
            document.add_paragraph(words)


def _styled(document: Document, dialogue: Dialogue, form: WrittenForm) -> None:
    from docx.enum.style import WD_STYLE_TYPE

    document.styles.add_style(SPEAKER_STYLE, WD_STYLE_TYPE.PARAGRAPH)
    for turn in dialogue.turns:
        document.add_paragraph(label_of(turn.speaker, form), style=SPEAKER_STYLE)
        for words in turn.paragraphs:
            document.add_paragraph(words)


def _table(document: Document, dialogue: Dialogue, form: WrittenForm) -> None:
    rows = table_rows(dialogue, form)
    table = document.add_table(rows=len(rows), cols=len(rows[0]))
    for row, cells in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text


WRITERS: Mapping[str, Callable[[Document, Dialogue, WrittenForm], None]] = MappingProxyType(
    {
        "bold": _bold,
        "bold-colon": _bold,
        "heading": _headings,
        "nvivo": _table,
        "stamp-table": _table,
        "style": _styled,
        "table2": _table,
        "table3": _table,
    }
)
"""Layouts that only Word has; every other is the lines of a text file as paragraphs."""
