"""What the columns of tables of coded segments hold: headings of the tools, in the languages of their users."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType

from corpus.errors import UsageError

HEADINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "text": (
            *("segment", "segmento", "coded segment", "coded segments", "text of segment", "passage", "coded text"),
            *("quotation content", "text content", "zitatinhalt", "inhalt des zitats", "citaatinhoud", "citaat inhoud"),
            *("contenu de la citation", "contenido de la cita", "excerpt copy", "excerpt", "excerpt text"),
            *("codierter text", "kodierter text", "gecodeerde tekst", "texte encodé", "texto codificado"),
            *("reference", "content", "quotation", "quote", "exact", "highlight", "text", "tekst", "texte", "texto"),
        ),
        "code": (
            *("code ids", "code", "codes", "codes applied combined", "codes applied", "hierarchical name", "node"),
            *("kode", "kodes", "code name", "codename", "código", "códigos", "knoten", "knooppunt", "nœud", "nodo"),
            *("hierarchischer name", "hiërarchische naam", "nom hiérarchique", "nombre jerárquico", "tag", "tags"),
            "theme",
        ),
        "transcript": (
            *("document name", "dokumentname", "name des dokuments", "documentnaam", "nom du document"),
            *("nombre del documento", "nombre de documento", "document", "dokument", "documento", "media title"),
            *("resource title", "resource name", "file name", "filename", "dateiname", "bestandsnaam"),
            *("nom du fichier", "nombre del archivo", "file", "datei", "bestand", "fichier", "archivo"),
            *("source name", "source", "transcript", "transkript", "transcription", "interview", "name"),
        ),
        "coder": (
            *("created by", "creator", "excerpt creator", "coded by", "coder", "coded by initials", "author", "user"),
            *("modified by", "erstellt von", "ersteller", "codiert von", "autor", "geändert von", "bearbeitet von"),
            *("gemaakt door", "gecodeerd door", "auteur", "gewijzigd door", "créé par", "encodé par", "modifié par"),
            *("creado por", "codificado por", "modificado por"),
        ),
        "comment": (
            *("comment", "comments", "memo", "quotation comment", "excerpt memo", "note", "notes", "kommentar"),
            *("notiz", "opmerking", "commentaar", "commentaire", "remarque", "comentario", "nota"),
        ),
        "time": (
            *("creation date", "created", "created on", "excerpt date", "date", "coded on", "modified on", "modified"),
            *("erstellungsdatum", "erstellt", "erstellt am", "geändert", "geändert am", "datum", "aanmaakdatum"),
            *(
                "gemaakt op",
                "gewijzigd",
                "gewijzigd op",
                "date de création",
                "créé",
                "créé le",
                "modifié",
                "modifié le",
            ),
            *("fecha de creación", "creado", "modificado", "fecha"),
        ),
        "start": (
            *("start position", "begin", "start", "beginning", "anfang", "anfangsposition", "startposition", "begin"),
            *("beginpositie", "startpositie", "début", "position de début", "inicio", "comienzo", "posición inicial"),
            *("excerpt range", "paragraph", "absatz", "alinea", "paragraphe", "párrafo"),
        ),
    }
)
"""Headings by what their columns hold, best first, in lower case with blanks for all marks."""
APPLIED = re.compile(r"code (?P<code>.+) applied")
"""How Dedoose heads a column of True and False for a code."""
_DAY_FIRST = re.compile(
    r"(\d{1,2})[./](\d{1,2})[./](\d{4}|\d\d)(?:,?\s+(\d{1,2}):(\d\d)(?::(\d\d))?\s*([AaPp][Mm])?)?.*"
)


def columns_of(written: str) -> dict[str, str]:
    """Read ``text=Passage,code=Theme`` as headings by what their columns hold.

    Raises:
        UsageError: If it is not of that form, or names something that no column can hold.
    """
    found: dict[str, str] = {}
    for part in filter(None, map(str.strip, written.split(","))):
        what, equals, heading = (piece.strip() for piece in part.partition("="))
        if not equals or not heading or what not in HEADINGS:
            raise UsageError(f"--columns {part!r}: write WHAT=HEADING, where WHAT is one of {', '.join(HEADINGS)}")
        found[what] = heading
    return found


def plain(heading: object) -> str:
    """Return a heading in lower case, with blanks for all marks."""
    composed = unicodedata.normalize("NFC", str(heading or "")[:200])
    return " ".join(re.split(r"[\W_]+", composed.casefold())).strip()


def columns_in(headings: Sequence[object], named: Mapping[str, str]) -> dict[str, int]:
    """Return the number of the column that holds each thing.

    Args:
        headings: A row of the table.
        named: Headings by what they hold, as somebody said; these go before all others.
    """
    there = [plain(heading) for heading in headings]
    found: dict[str, int] = {}
    for what, synonyms in HEADINGS.items():
        wanted = (plain(named[what]),) if what in named else synonyms
        number = next((there.index(synonym) for synonym in wanted if synonym in there), None)
        if number is not None and number not in found.values():
            found[what] = number
    return found


def times_of(column: Iterable[str]) -> list[datetime | None]:
    """Return the dates of a column in UTC; what is none, or does not say which number is the month, is None.

    Of ``03/04/2026`` the whole column decides: one number above twelve, or AM and PM as in the United States.
    """
    written = [cell.strip() for cell in column]
    slashed = [match for cell in written if "/" in cell and (match := _DAY_FIRST.fullmatch(cell))]
    month_first = any(int(match[2]) > 12 or match[7] for match in slashed)
    day_first = any(int(match[1]) > 12 for match in slashed)
    return [_time(cell, month_first=month_first, known="/" not in cell or month_first != day_first) for cell in written]


def _time(cell: str, *, month_first: bool, known: bool) -> datetime | None:
    match = _DAY_FIRST.fullmatch(cell)
    try:
        if match is None:
            time = datetime.fromisoformat(cell)
        elif not known:
            return None
        else:
            one, two, year, hour, minute, second = (int(number or 0) for number in match.groups()[:6])
            hour = hour % 12 + 12 * (match[7].upper() == "PM") if match[7] else hour
            day, month = (two, one) if month_first and "/" in cell else (one, two)
            time = datetime(year if year > 99 else 2000 + year, month, day, hour, minute, second, tzinfo=UTC)
        utc = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return utc if utc <= datetime.now(UTC) else None
