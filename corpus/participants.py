"""Who was interviewed: a table of participants and their attributes, matched to transcripts and speakers by id.

The table is CSV or XLSX with a heading in its first line. One column holds the ids; what the other columns are called
is free, but sector, role and group are found under many names (``HEADINGS``).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from corpus.errors import InputError

ID = "id"
HEADINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        ID: (
            *("id", "participant id", "participant", "pid", "pseudonym", "interviewee", "respondent", "respondent id"),
            *("interview id", "interview", "transcript", "case", "code", "speaker"),
        ),
        "sector": ("sector", "setting", "organisation type", "organization type", "organisation", "organization"),
        "role": ("role", "job role", "job title", "profession", "occupation", "position", "job"),
        "group": ("group", "participant group", "stakeholder group", "stakeholder", "cohort", "arm"),
    }
)
"""What the columns we know may be called, best name first; case and punctuation do not matter."""

TABLES = ("participants.csv", "participants.xlsx")
"""What a table of participants is called in a study folder."""

MOST_LINES, MOST_COLUMNS = 100_000, 500
NOBODY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Participants:
    """The people of a study.

    Attributes:
        attributes: Column names in order, the first is ``ID``.
        people: Of each person every attribute, by name; empty texts where the table says nothing.
    """

    attributes: tuple[str, ...] = ()
    people: tuple[Mapping[str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.people)

    def of(self, transcript: str, speaker: str | None = None) -> Mapping[str, str]:
        """Return the attributes of whoever was interviewed; empty if the table does not say who that was.

        The transcript's name decides: it is the id, or holds it as a whole word (``P07`` in ``P07_2026-03-01``). Where
        it names nobody or several people, as that of a focus group does, the speaker's label does the same.

        Args:
            transcript: Name of the transcript.
            speaker: Label of who speaks.
        """
        found = self._named(transcript)
        return found or (self._named(speaker) if speaker else NOBODY)

    def values(self, name: str) -> list[str]:
        """Return what is said of anybody under an attribute, in order, whatever its case."""
        return sorted({person[name] for person in self.people if person.get(name)}, key=str.casefold)

    def attribute(self, name: str) -> str | None:
        """Return an attribute's name as the table writes it, whatever the case of ``name``; None if there is none."""
        return next((known for known in self.attributes if known.casefold() == name.strip().casefold()), None)

    def _named(self, name: str) -> Mapping[str, str]:
        folded = name.strip().casefold()
        exact = [person for person in self.people if person[ID].casefold() == folded]
        found = exact or _widest([person for person in self.people if _holds(folded, person[ID].casefold())])
        return found[0] if len(found) == 1 else NOBODY


def _holds(name: str, word: str) -> bool:
    """Tell whether a name holds a word with neither letter nor digit at its sides."""
    return word in name and re.search(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", name) is not None


def _widest(found: Sequence[Mapping[str, str]]) -> Sequence[Mapping[str, str]]:
    """Leave out people whose id is a part of another's that fits as well: ``GP`` beside ``GP 3``."""
    ids = [person[ID].casefold() for person in found]
    return [person for person, own in zip(found, ids, strict=True) if not any(own in other != own for other in ids)]


def participants_of(folder: Path, named: str = "") -> Participants:
    """Return the people of a study: of the table that is named, else of the one in the folder, else nobody.

    Args:
        folder: The study folder.
        named: Path of a table, relative to the folder.

    Raises:
        InputError: If the folder holds two tables, or one cannot be used; see ``load_participants``.
    """
    found = [folder / named] if named else [folder / name for name in TABLES if (folder / name).exists()]
    if len(found) > 1:
        raise InputError(folder, f"holds {' and '.join(TABLES)}; keep one of them")
    return load_participants(found[0]) if found else Participants()


def load_participants(path: Path) -> Participants:
    """Read a table of participants from ``.csv`` or ``.xlsx``.

    Raises:
        InputError: If the file cannot be read, has no column of ids, or a row lacks its id or repeats another's; names
            the row, never what it holds.
    """
    lines = _lines(path)
    headings = next(lines, None)
    if headings is None:
        raise InputError(path, "holds no participants; the first line names the columns, each other line is a person")
    columns = _columns(path, headings.cells)
    people: dict[str, _Line] = {}
    for line in lines:
        _add(people, line, next(iter(columns)))
    read = ({name: line.at(column) for column, name in columns.items()} for line in people.values())
    return Participants(tuple(columns.values()), tuple(map(MappingProxyType, read)))


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the table that is not empty, and its place."""

    place: str
    cells: tuple[str, ...]

    def at(self, column: int) -> str:
        """Return a cell; what a short line lacks is empty."""
        return self.cells[column] if column < len(self.cells) else ""


def _add(people: dict[str, _Line], line: _Line, column: int) -> None:
    folded = line.at(column).casefold()
    if not folded:
        raise InputError(line.place, "has no id; every participant needs one")
    if folded in people:
        first = people[folded].place.rpartition(":")[2]
        raise InputError(line.place, f"has the id of line {first}; an id may appear once")
    people[folded] = line


def _columns(path: Path, headings: Sequence[str]) -> dict[int, str]:
    """Return what each column holds by its number, ids first; columns without a heading are left out."""
    if len(headings) > MOST_COLUMNS:
        raise InputError(path, f"has more than {MOST_COLUMNS} columns; this is no table of participants")
    plain = [" ".join(re.split(r"[\W_]+", heading.casefold())).strip() for heading in headings]
    known = {
        name: next((plain.index(synonym) for synonym in synonyms if synonym in plain), None)
        for name, synonyms in HEADINGS.items()
    }
    if known[ID] is None:
        raise InputError(path, f"has no column of ids; head it {ID!r}")
    names = {column: heading for column, heading in enumerate(headings) if heading}
    names |= {column: name for name, column in known.items() if column is not None}
    if len({name.casefold() for name in names.values()}) < len(names):
        raise InputError(path, "has two columns with one heading; rename one")
    return dict(sorted(names.items(), key=lambda one: one[1] != ID))


def _lines(path: Path) -> Iterator[_Line]:
    rows = enumerate(_workbook(path), 1) if path.suffix.lower() == ".xlsx" else _csv(path)
    for number, cells in rows:
        if number > MOST_LINES:
            raise InputError(f"{path}:{number}", f"is beyond the first {MOST_LINES:,} lines; this is no such table")
        shown = tuple(_shown(cell) for cell in cells)
        if any(shown):
            yield _Line(f"{path}:{number}", shown)


def _workbook(path: Path) -> Sequence[Sequence[object]]:
    from corpus.readers.archive import ArchiveKind, parse_archive  # the readers take .3 s, and most studies no table

    return parse_archive(path, ArchiveKind("an Excel workbook", ".xlsx"), partial(_first_sheet, path))


def _csv(path: Path) -> Iterator[tuple[int, Sequence[object]]]:
    from corpus.readers.decode import read_text

    text = read_text(path).text
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    try:
        yield from ((reader.line_num, cells) for cells in reader)
    except csv.Error as error:
        raise InputError(f"{path}:{reader.line_num}", f"is not CSV ({error})") from None


def _first_sheet(path: Path, data: bytes) -> list[Sequence[object]]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        return [*islice(book.worksheets[0].iter_rows(values_only=True), MOST_LINES + 1)]
    # What openpyxl lets through when parts are absent or are not what they should be.
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError):
        raise InputError(path, "is no sound Excel workbook; save it as .xlsx again, or as CSV") from None


def _shown(cell: object) -> str:
    """Return a cell as it stands in the table: no ``.0`` at whole numbers, no midnight at dates."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime) and cell.time() == datetime.min.time():
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return " ".join(str(cell).split()) if cell is not None else ""
