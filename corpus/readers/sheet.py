"""Rows of CSV files and Excel workbooks, and the columns that hold what a transcript needs."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import warnings
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from corpus.errors import InputError
from corpus.readers.archive import ArchiveKind, parse_archive
from corpus.readers.limits import TABLE_CHARACTERS, TABLE_COLUMNS

WORKBOOK = ArchiveKind(
    "an Excel workbook",
    ".xlsx",
    marks=(("xl/worksheets/sheet", 2_000_000), ("xl/sharedStrings", 1_000_000), ("", 100_000)),
)
LAST_ROW = 1_048_576
"""The last row an Excel sheet can have; a file may name rows beyond it."""
HEADING_ROWS = 20
"""Rows at the top of a sheet among which the headings are looked for; titles may stand above them."""

HEAD_CHARACTERS = 20_000
"""Characters at the top of a file by which it is told what divides its cells."""
DIVIDERS = (",", ";", "\t", "|")

HEADINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "words": (
            *("text", "answer", "comment", "comments", "response", "utterance", "words", "talk", "transcript"),
            *(
                "transcription",
                "verbatim",
                "quote",
                "quotation",
                "content",
                "feedback",
                "reply",
                "statement",
                "message",
            ),
            *("answer text", "comment text", "response text", "free text", "free text comment", "open answer"),
            *("antwort", "transkript", "wortlaut", "tekst", "antwoord", "uitspraak", "transcriptie", "svar", "texto"),
            *(
                "respuesta",
                "transcripción",
                "tekst izjave",
                "izjava",
                "odgovor",
                "szöveg",
                "válasz",
                "texte",
                "réponse",
            ),
            *("testo", "risposta", "resposta", "odpowiedź", "treść"),
            *("aussage", "äußerung", "inhalt", "inhoud", "propos", "énoncé", "contenu", "enunciado", "contenido"),
        ),
        "speaker": (
            *("speaker", "speaker name", "speaker label", "speakers", "who", "name", "role", "speaker id"),
            *("sprecher", "sprecherin", "person spricht", "spreker", "taler", "snakker", "hablante", "orador"),
            *("interlocutor", "govornik", "govornica", "beszélő", "locuteur", "locutrice", "parlante", "falante"),
            *("mówca", "osoba", "sprecher in", "naam", "spreekster", "nom", "intervenant", "intervenante", "orateur"),
            *("oratrice", "nombre", "oradora", "interviniente"),
        ),
        "id": (
            *("id", "participant", "participant id", "respondent", "respondent id", "response id", "record id", "case"),
            *("case id", "pid", "interviewee", "subject", "user", "user id", "person"),
            *("teilnehmer", "teilnehmerin", "befragte", "befragter", "deelnemer", "deelneemster", "participante"),
            *("enquêté", "enquêtée", "entrevistado", "entrevistada"),
        ),
        "start": (
            "start",
            "start time",
            "started",
            "begin",
            "time",
            "timestamp",
            "timecode",
            "start s",
            "start seconds",
            *("zeit", "beginn", "anfang", "von", "zeitmarke", "tijd", "begin tijd", "van", "tid", "hora", "inicio"),
            *("tiempo", "vrijeme", "početak", "idő", "kezdet", "heure", "temps", "début", "ora", "inizio", "início"),
            *(
                "czas",
                "startzeit",
                "zeitstempel",
                "begintijd",
                "starttijd",
                "horodatage",
                "comienzo",
                "marca de tiempo",
            ),
        ),
        "end": (
            *(
                "end",
                "end time",
                "ended",
                "stop",
                "end s",
                "end seconds",
                "ende",
                "bis",
                "einde",
                "tot",
                "slutt",
                "fin",
            ),
            *("kraj", "vége", "fine", "fim", "koniec", "endzeit", "eind", "eindtijd", "heure de fin", "final"),
        ),
        "span": ("timespan", "time span", "time range", "start end", "timestamps", "duration span"),
    }
)
"""Headings by what their columns hold, in lower case with blanks for all marks; the first that is there is taken."""

Cells = Sequence[object]


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a table holds what, by column number, under the headings of ``HEADINGS``; the words are always there.

    Attributes:
        width: Number of columns that have a heading, and those before them.
    """

    numbers: Mapping[str, int]
    headings: Mapping[str, str]
    width: int = TABLE_COLUMNS


def csv_rows(path: Path, text: str) -> Iterator[Cells]:
    """Yield the rows of a CSV file, whatever divides its cells.

    Raises:
        InputError: If it is too large or no CSV.
    """
    if len(text) > TABLE_CHARACTERS:
        raise InputError(path, f"is larger than {TABLE_CHARACTERS // 1_000_000} MB; divide it")
    before = csv.field_size_limit(TABLE_CHARACTERS)
    try:
        divider = _divider(text)
        _check_closed(path, text, divider)
        # A cell that holds one quote more than it should is read as it stands.
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=divider)
    except csv.Error:
        raise InputError(path, "is not CSV; a cell is endless or not closed") from None
    finally:
        csv.field_size_limit(before)


def _divider(text: str) -> str:
    """Return what divides the cells: the mark under which a row near the top heads words and most else.

    A title above the table may hold other marks than the table itself.
    """
    head = text[:HEAD_CHARACTERS]
    found = {}
    for divider in DIVIDERS:
        rows = islice(csv.reader(io.StringIO(head, newline=""), delimiter=divider), HEADING_ROWS)
        try:
            found[divider] = max((_headings_in(row) for row in rows), default=0)
        except csv.Error:
            found[divider] = 0
    first = text.partition("\n")[0]
    return max(DIVIDERS, key=lambda divider: (found[divider], first.count(divider)))


def _headings_in(row: Cells) -> int:
    """Return how many cells of a row are headings, 0 if none heads words."""
    plain = [_plain(cell) for cell in row[:TABLE_COLUMNS]]
    if not any(heading in HEADINGS["words"] for heading in plain):
        return 0
    return sum(heading in synonyms for heading in plain for synonyms in HEADINGS.values())


def _check_closed(path: Path, text: str, divider: str) -> None:
    """Refuse a file that ends inside a cell, which may be the whole file from a stray quote on."""
    try:
        for _ in csv.reader(io.StringIO(text, newline=""), delimiter=divider, strict=True):
            pass
    except csv.Error as error:
        if "unexpected end" in str(error) or "NUL" in str(error):
            raise InputError(path, "is not CSV; a cell is endless or not closed") from None


@contextmanager
def sheets_of(path: Path) -> Iterator[list[Iterator[Cells]]]:
    """Give the rows of each visible sheet of a workbook; a sheet is read as its rows are taken.

    Raises:
        InputError: If the file is no sound, unprotected workbook of sane size.
    """
    from openpyxl import load_workbook

    data = parse_archive(path, WORKBOOK, bytes)
    with _sound(path), closing(load_workbook(io.BytesIO(data), read_only=True, data_only=True)) as book:
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in sheets:
            sheet.reset_dimensions()  # what a file declares may be a million empty rows
        yield [sheet.iter_rows(max_row=LAST_ROW, max_col=TABLE_COLUMNS, values_only=True) for sheet in sheets]


@contextmanager
def _sound(path: Path) -> Iterator[None]:
    try:
        with warnings.catch_warnings(action="ignore"):  # openpyxl's, on styles and links that do not matter here
            yield
    # What openpyxl and zipfile let through when parts are absent or are not what they should be; an unsound part
    # is a SyntaxError.
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError, OSError,
            ArithmeticError, EOFError, RecursionError, AssertionError):  # fmt: skip
        raise InputError(path, "is no sound Excel workbook; save it as .xlsx again, or as CSV") from None


def find_columns(path: Path, rows: Iterator[Cells]) -> Columns | None:
    """Take rows up to the headings and return what the columns hold, None if no row of them heads words.

    Raises:
        InputError: If several columns could hold the words.
    """
    for cells in islice(rows, HEADING_ROWS):
        plain = [_plain(cell) for cell in cells[:TABLE_COLUMNS]]
        words = [heading for heading in plain if heading in HEADINGS["words"]]
        if len(words) > 1:
            listed = ", ".join(words)
            raise InputError(path, f"has several columns that could hold the words ({listed}); rename all but one")
        if words:
            held = {name: [synonym for synonym in synonyms if synonym in plain] for name, synonyms in HEADINGS.items()}
            numbers = {name: plain.index(synonyms[0]) for name, synonyms in held.items() if synonyms}
            width = max(n for n, cell in enumerate(cells[:TABLE_COLUMNS], start=1) if str(cell or "").strip())
            return Columns(numbers, {name: plain[number] for name, number in numbers.items()}, width)
    return None


def _plain(cell: object) -> str:
    composed = unicodedata.normalize("NFC", cell[:100]) if isinstance(cell, str) else ""
    return " ".join(re.split(r"[\W_]+", composed.casefold())).strip()
