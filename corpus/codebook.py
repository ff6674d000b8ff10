"""A codebook: the codes of a framework, their domains and levels. Any framework fits; SELFIE is data.

The file format is TOML: ``[codebook]`` with name, version, title, source, then one ``[[code]]`` each. A codebook that
has no codes yet says so by ``code = []``. Codes that were taken out stay as ``[[removed]]``.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from corpus.errors import CodebookError
from corpus.transcript import digest_of

GONE = "No longer in the codebook"
"""The domain of codes that were given under another codebook: nothing that people coded is dropped silently."""

LEVELS = ("core", "micro", "meso", "macro")
STEP = " / "
"""Between the steps of a domain that is divided into groups."""
NO_CODE = "none of these"
"""Stands for no code where one of several must be named."""

PROVENANCES = ("published", "recollected", "authored")


@dataclass(frozen=True, slots=True)
class Code:
    """One construct of a framework.

    Attributes:
        level: One of ``LEVELS``, or None for frameworks without levels.
        include: What belongs here although it may not look so.
        exclude: What belongs elsewhere although it may look like this.
        aliases: Other names of the code, ids that it had before among them: codings under these follow.
        provenance: One of ``PROVENANCES``: how sure we are of name and place.
    """

    id: str
    name: str
    domain: str
    level: str | None = None
    definition: str = ""
    include: str = ""
    exclude: str = ""
    aliases: tuple[str, ...] = ()
    provenance: str = "authored"


@dataclass(frozen=True)
class Codebook:
    """An ordered set of codes.

    Attributes:
        removed: Codes that were taken out: what was coded with them, or with ids they had before, can still be named.
        colours: Domains with the colour that was chosen for them, as ``#rrggbb``.

    Raises:
        CodebookError: If two codes share an id.
    """

    name: str
    version: str
    codes: tuple[Code, ...]
    title: str = ""
    source: str = ""
    removed: tuple[Code, ...] = ()
    colours: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        repeated = [code for code, n in Counter(code.id for code in self.codes).items() if n > 1]
        if repeated:
            raise CodebookError(f"codebook {self.name!r}: code id {repeated[0]!r} appears more than once")

    @cached_property
    def by_id(self) -> Mapping[str, Code]:
        """Codes by their id."""
        return {code.id: code for code in self.codes}

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Code ids in codebook order: the column order of every score matrix."""
        return tuple(code.id for code in self.codes)

    @cached_property
    def renamed(self) -> Mapping[str, str]:
        """The id of a code by an id that it had before: an alias that is one code's and no code's id."""
        every = (*self.codes, *self.removed)
        often, ids = Counter(alias for code in every for alias in code.aliases), {code.id for code in every}
        return {alias: code.id for code in every for alias in code.aliases if often[alias] == 1 and alias not in ids}

    def current_id(self, code_id: str) -> str:
        """Return the id that a code has now; the id itself where the codebook has no such code any more."""
        return self.renamed.get(code_id, code_id)

    def knows(self, code_id: str) -> bool:
        """Tell whether an id is, or was, that of a code of this codebook, one that was taken out among them."""
        current = self.current_id(code_id)
        return current in self.by_id or any(code.id == current for code in self.removed)

    def find(self, code_id: str) -> Code:
        """Return the code of an id, whether it is a code's now or was one's before; one that is gone under ``GONE``."""
        current = self.current_id(code_id)
        if current in self.by_id:
            return self.by_id[current]
        name = next((code.name for code in self.removed if code.id == current), current)
        return Code(current, name, GONE)

    @cached_property
    def domains(self) -> tuple[str, ...]:
        """Domains in order of first appearance."""
        return tuple(dict.fromkeys(code.domain for code in self.codes))

    @cached_property
    def digest(self) -> str:
        """Digest of the canonical content, equal for equal codebooks whatever the file looked like.

        Colours, and what was taken out, are no part of it: suggestions do not depend on them.
        """
        content = asdict(replace(self, removed=(), colours=()))
        del content["removed"], content["colours"]
        return digest_of(json.dumps(content, sort_keys=True, ensure_ascii=False))

    def __getitem__(self, code_id: str) -> Code:
        """Return one code.

        Raises:
            CodebookError: If the codebook has no such code.
        """
        try:
            return self.by_id[code_id]
        except KeyError:
            raise CodebookError(self.lacks(code_id)) from None

    def lacks(self, code_id: str) -> str:
        """Return what to say of a code that is not here; with blanks in it, it may be talk and is not quoted."""
        named = repr(code_id) if len(code_id.split()) == 1 else "with blanks in it (in the wrong column?)"
        return f"code {named} is not in codebook {self.name!r}"


def with_gone(codebook: Codebook, codes: Iterable[str]) -> Codebook:
    """Return a codebook with codes behind its own that people gave and it no longer has, under ``GONE``.

    Args:
        codebook: Stays as it is.
        codes: Ids of any codes.
    """
    found = {code.id: code for code in map(codebook.find, sorted(set(codes))) if code.id not in codebook.by_id}
    return replace(codebook, codes=(*codebook.codes, *found.values())) if found else codebook


def load_codebook(path: Path) -> Codebook:
    """Read a codebook from TOML.

    Raises:
        CodebookError: Naming file, entry and key of the first mistake.
    """
    try:
        return parse_codebook(path, path.read_bytes())
    except OSError as error:
        raise CodebookError(f"{path}: cannot be read ({error.strerror})") from None


def parse_codebook(path: Path, content: bytes) -> Codebook:
    """Read a codebook from what its file holds.

    Raises:
        CodebookError: Naming file, entry and key of the first mistake.
    """
    try:
        document = tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except (ValueError, RecursionError) as error:  # bad bytes, bad syntax, endless numbers, endless nesting
        raise CodebookError(f"{path}: is not TOML ({error})") from None
    return _codebook_from(path, document)


def _codebook_from(path: Path, document: dict[str, Any]) -> Codebook:
    head = document.get("codebook")
    if not isinstance(head, dict):
        raise CodebookError(f"{path}: the table [codebook] is missing")
    codes, removed = _codes_from(path, document, "code"), _codes_from(path, document, "removed")
    book = _named(path, head, codes, removed)
    if "code" not in document:
        raise CodebookError(f"{path}: codebook {book.name!r} has no codes; where there are none yet, write: code = []")
    return book


def _codes_from(path: Path, document: dict[str, Any], key: str) -> tuple[Code, ...]:
    entries = document.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise CodebookError(f"{path}: codes must be written as [[{key}]] tables")
    return tuple(_code_from(f"{path}: [[{key}]] {n}", entry) for n, entry in enumerate(entries, start=1))


def _named(path: Path, head: dict[str, Any], codes: tuple[Code, ...], removed: tuple[Code, ...]) -> Codebook:
    """Return the codebook of a file.

    Args:
        path: The file, for messages.
        head: What stands under ``[codebook]``.
        codes: Those it has.
        removed: Those that were taken out.
    """
    place = f"{path}: [codebook]"
    try:
        return Codebook(
            name=_string(place, head, "name"),
            version=_string(place, head, "version", default="1"),
            codes=codes,
            title=_string(place, head, "title", default=""),
            source=_string(place, head, "source", default=""),
            removed=removed,
            colours=_colours(place, head),
        )
    except CodebookError as error:
        raise CodebookError(str(error) if str(path) in str(error) else f"{path}: {error}") from None


def _code_from(place: str, entry: dict[str, Any]) -> Code:
    level = _string(place, entry, "level", default="") or None
    provenance = _string(place, entry, "provenance", default="authored")
    _one_of(place, "level", level, (*LEVELS, None))
    _one_of(place, "provenance", provenance, PROVENANCES)
    return Code(
        id=_string(place, entry, "id"),
        name=_string(place, entry, "name"),
        domain=_string(place, entry, "domain"),
        level=level,
        definition=_string(place, entry, "definition", default=""),
        include=_string(place, entry, "include", default=""),
        exclude=_string(place, entry, "exclude", default=""),
        aliases=_strings(place, entry, "aliases"),
        provenance=provenance,
    )


def _string(place: str, table: dict[str, Any], key: str, default: str | None = None) -> str:
    value = table.get(key, default)
    if value is None or (default is None and not str(value).strip()):
        raise CodebookError(f"{place}: key {key!r} is missing")
    if isinstance(value, dict | list):
        raise CodebookError(f"{place}: key {key!r} must be a text")
    return str(value)


def _strings(place: str, table: dict[str, Any], key: str) -> tuple[str, ...]:
    values = table.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise CodebookError(f"{place}: key {key!r} must be a list of texts")
    return tuple(values)


def _colours(place: str, head: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    chosen = head.get("colours", {})
    if not isinstance(chosen, dict) or not all(is_colour(colour) for colour in chosen.values()):
        raise CodebookError(f"{place}: key 'colours' must name a colour such as \"#1b626e\" for each domain")
    return tuple(chosen.items())


def is_colour(text: object) -> bool:
    """Tell whether something is a colour as ``#rrggbb``."""
    return isinstance(text, str) and re.fullmatch("#[0-9a-fA-F]{6}", text) is not None


def _one_of(place: str, key: str, value: str | None, choices: tuple[str | None, ...]) -> None:
    if value not in choices:
        raise CodebookError(f"{place}: {key} {value!r} is none of {', '.join(str(c) for c in choices if c)}")
