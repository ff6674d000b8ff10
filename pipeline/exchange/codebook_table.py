"""Codebooks as tables: names, definitions, what hangs under what; ours, Taguette's and those of spreadsheets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, count
from pathlib import Path
from types import MappingProxyType

from corpus.codebook import LEVELS, Code, Codebook
from corpus.errors import InputError
from pipeline.exchange.found import FoundMemo, ImportBundle, ImportRequest, coder_called
from pipeline.exchange.segment_columns import plain
from pipeline.exchange.tables import tables_in
from pipeline.export.qda_project import TOPLESS, memos_in, slug
from pipeline.export.safety import without_guard

HEADINGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "name": (
            *("name", "code name", "code", "tag", "label", "codename", "kode", "nombre", "nom", "naam", "código"),
            *("codenaam", "nom du code", "nombre del código"),
        ),
        "id": ("id", "code id", "key"),
        "domain": (
            *("domain", "category", "parent", "theme", "group", "kategorie", "categorie", "catégorie", "categoría"),
            *("thema", "thème", "tema", "oberkategorie", "obercode"),
        ),
        "level": ("level",),
        "definition": (
            *("definition", "description", "memo", "comment", "beschreibung", "omschrijving", "descripción"),
            *("definitie", "définition", "definición", "beschrijving"),
            *("kommentar", "opmerking", "commentaar", "commentaire", "comentario"),
        ),
        "include": ("include", "inclusion", "inclusion criteria", "when to use"),
        "exclude": ("exclude", "exclusion", "exclusion criteria", "when not to use"),
        "aliases": ("aliases", "other names", "synonyms"),
        "memos": ("memos",),
    }
)
"""Headings by what their columns hold, best first, in lower case with blanks for all marks."""
HEADING_ROWS = 20


def from_codebook_table(path: Path, _: ImportRequest) -> ImportBundle:
    """Read a codebook from a table.

    Raises:
        InputError: If no row of it heads names of codes beside definitions or domains.
    """
    for rows in tables_in(path):
        for number, row in enumerate(rows[:HEADING_ROWS]):
            columns = _columns(row)
            if "name" in columns and {"definition", "domain"} & columns.keys():
                found = _codes(rows[number + 1 :], columns)
                if not found:
                    raise InputError(path, "holds no codes below its headings")
                book = Codebook(slug(path.stem), "1", tuple(code for code, _ in found), title=path.stem)
                memos = tuple(memo for _, memos in found for memo in memos)
                return ImportBundle(path, path.stem, book=book, memos=memos)
    raise InputError(path, "is neither a table of coded segments nor a codebook; name its columns with --columns")


def _columns(row: Sequence[str]) -> dict[str, int]:
    there = [plain(cell) for cell in row]
    found = {what: next((there.index(name) for name in names if name in there), -1) for what, names in HEADINGS.items()}
    return {what: number for what, number in found.items() if number >= 0}


def _codes(rows: Sequence[Sequence[str]], columns: Mapping[str, int]) -> list[tuple[Code, tuple[FoundMemo, ...]]]:
    """Return each code with the memos on it."""
    codes: dict[str, tuple[Code, tuple[FoundMemo, ...]]] = {}
    for row in rows:
        cells = {what: without_guard(row[n].strip()) if n < len(row) else "" for what, n in columns.items()}
        if cells["name"]:
            id_ = cells.get("id") or slug(cells["name"])
            free = next(name for name in chain([id_], (f"{id_}_{n}" for n in count(2))) if name not in codes)
            definition, noted = memos_in(cells.get("definition", ""))
            noted += memos_in(cells.get("memos", ""))[1]
            memos = tuple(FoundMemo(text, coder_called(coder), code=free) for coder, text in noted)
            codes[free] = _code(free, cells | {"definition": definition}), memos
    return list(codes.values())


def _code(id_: str, cells: Mapping[str, str]) -> Code:
    level = cells.get("level", "").casefold()
    return Code(
        id_,
        cells["name"],
        cells.get("domain") or TOPLESS,
        level if level in LEVELS else None,
        cells.get("definition", ""),
        cells.get("include", ""),
        cells.get("exclude", ""),
        tuple(alias.strip() for alias in cells.get("aliases", "").split(";") if alias.strip()),
    )
