"""The study folder that pseudonymised transcripts go into: settings, codebook, seeds and participants without names."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from corpus.codebook import Code, Codebook
from corpus.errors import UsageError
from corpus.files import replace_text
from corpus.participants import ID, TABLES, Participants
from corpus.rows import read_rows
from corpus.shipped import frameworks
from pipeline.deidentify.candidates import Substitutions
from pipeline.deidentify.rewrite import bare
from pipeline.export.qda_project import codebook_toml
from pipeline.export.safety import inert
from pipeline.settings import template
from pipeline.study import SETTINGS, Study, open_study

BOOK, SEEDS = "codebook.toml", "seeds-{}.jsonl"
MARK = "# Written by precode deidentify: its transcripts hold replacements."
"""The first line of the settings of a study made here; nothing is ever put into any other."""

KEPT_KEYS = frozenset({"code", "codes", "provenance", "id", "source"})
"""What a seed says about itself that is no text."""

NAMING = re.compile(
    r"(?i)\b(?:name|surname|forename|first ?name|last ?name|e-?mail|phone|mobile|tel|address|street|post ?code|zip|"
    r"birth|dob|nhs|number|contact)\b"
)
"""Headings of a table of participants whose columns stay behind."""

OF_PERSONS = re.compile(r"(?i)^(?:(?:full|first|last|given|family|participant|real)[\W_]*)?name$|surname|forename")
"""Those of them that hold a person's name, of which every word names that person."""

REMOVED = "[removed]"
"""Stands in other columns for what a column holds that stayed behind."""
SHORTEST = 3
"""Letters of the shortest word that is taken for part of a name."""


def new_study(study: Study, folder: Path, substitutions: Substitutions, names: Mapping[str, str]) -> Study:
    """Make the folder of the pseudonymised study, or open it if it is there.

    Args:
        study: The original.
        folder: Where to.
        substitutions: Applied to codebook, seeds and participants.
        names: The new name of each transcript by its old one.

    Raises:
        UsageError: If the folder is another study or cannot be written, or codebook or seeds cannot be used.
        InputError: If a file of the study cannot be read.
    """
    if (folder / SETTINGS).exists():
        if not (folder / SETTINGS).read_text(encoding="utf-8", errors="replace").startswith(MARK):
            raise UsageError(f"{folder}: is a study that this command did not make; choose another folder with --to")
        return open_study(folder)
    text = template(bare(substitutions.applied(folder.resolve().name)))
    for setting, value in _settings(study, folder, substitutions).items():
        before, _, after = text.partition(f"\n{setting} = ")
        text = f"{before}\n{setting} = {value}\n{after.partition(chr(10))[2]}"
    _copy_people(study, folder, substitutions, names)
    replace_text(folder / SETTINGS, f"{MARK}\n{text}")  # last: it makes the folder a study
    return open_study(folder)


def interviewers_of(study: Study, substitutions: Substitutions) -> tuple[str, ...]:
    """Return how interviewers are labelled in the new study; empty for the usual labels."""
    return tuple(dict.fromkeys(bare(substitutions.applied(label)) for label in study.settings.transcripts.interviewers))


def _settings(study: Study, folder: Path, substitutions: Substitutions) -> dict[str, str]:
    chosen: dict[str, Any] = {"interviewers": list(interviewers_of(study, substitutions))}
    if study.settings.study.codebook not in frameworks():
        replace_text(folder / BOOK, codebook_toml(scrubbed_codebook(study.codebook(), substitutions)))
        chosen["codebook"] = BOOK
    chosen["seeds"] = [
        path if study.ships_seeds(path) else _copy_seeds(study.folder / path, folder, SEEDS.format(n), substitutions)
        for n, path in enumerate(study.settings.study.seeds, start=1)
    ]
    encoder = study.settings.model.encoder
    if not (study.folder / encoder).is_dir():
        chosen["encoder"] = encoder
    return {name: json.dumps(value, ensure_ascii=False) for name, value in chosen.items()}


def scrubbed_codebook(book: Codebook, substitutions: Substitutions) -> Codebook:
    """Return a codebook whose texts name nobody; ids stay."""
    applied = substitutions.applied

    def scrubbed(code: Code) -> Code:
        return replace(
            code,
            name=applied(code.name),
            domain=applied(code.domain),
            definition=applied(code.definition),
            include=applied(code.include),
            exclude=applied(code.exclude),
            aliases=tuple(map(applied, code.aliases)),
        )

    return replace(
        book,
        codes=tuple(map(scrubbed, book.codes)),
        removed=tuple(map(scrubbed, book.removed)),
        colours=tuple((applied(domain), colour) for domain, colour in book.colours),
        title=applied(book.title),
        source=applied(book.source),
    )


def _copy_seeds(path: Path, folder: Path, name: str, substitutions: Substitutions) -> str:
    rows = (_scrubbed(row.data, substitutions) for row in read_rows(path))
    replace_text(folder / name, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return name


def _scrubbed(row: Mapping[str, Any], substitutions: Substitutions) -> dict[str, Any]:
    return {
        name: substitutions.applied(value) if isinstance(value, str) and name not in KEPT_KEYS else value
        for name, value in row.items()
    }


def _copy_people(study: Study, folder: Path, substitutions: Substitutions, names: Mapping[str, str]) -> None:
    """Write the table of participants without the columns that name them."""
    table = study.participants()
    if not table.people:
        return
    kept = [name for name in table.attributes if name == ID or not NAMING.search(name)]
    left = _left_behind(table, kept)
    buffer = io.StringIO(newline="")
    rows = csv.writer(buffer)
    rows.writerow([inert(bare(substitutions.applied(name))) for name in kept])
    for person in table.people:
        who = names.get(person[ID]) or bare(substitutions.applied(person[ID]))
        values = (left.sub(REMOVED, substitutions.applied(person[name])) for name in kept if name != ID)
        rows.writerow([inert(who), *map(inert, values)])
    replace_text(folder / TABLES[0], buffer.getvalue())


def _left_behind(table: Participants, kept: Collection[str]) -> re.Pattern[str]:
    """Return what finds, in other columns, whatever the columns hold that stay behind: notes repeat names."""
    cells = {(name, person[name]) for person in table.people for name in table.attributes if name not in kept}
    words = {word for name, cell in cells if OF_PERSONS.search(name) for word in re.findall(r"\w[\w'\u2019-]+", cell)}
    naming = {cell for _, cell in cells if len(cell) > SHORTEST and _is_telling(cell)}
    naming |= {word for word in words if len(word) >= SHORTEST and _is_telling(word[0])}
    longest_first = sorted(map(re.escape, naming), key=lambda word: (-len(word), word))
    return re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)" if naming else r"(?!)")


def _is_telling(text: str) -> bool:
    """Tell a name or a number from a plain word such as ``none``, by its capitals and digits."""
    return any(character.isupper() or character.isdigit() for character in text)
