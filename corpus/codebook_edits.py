"""Edits of a codebook. Each makes another codebook of it in which every code that there was can still be found.

A code that becomes part of another one goes on as an alias of that, one that is taken out stays among ``removed``: so
codings, which name ids, always lead to a name. No message here quotes a name: codes may be called in the words of a
transcript.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import count

from corpus.codebook import LEVELS, STEP, Code, Codebook, is_colour
from corpus.coders import folded
from corpus.errors import UsageError
from corpus.transcript import digest_of

LONGEST_NAME, LONGEST_TEXT = 200, 10_000
IN_VIVO = "in-vivo"
"""How ids of codes begin that are named in a participant's words, which an id must not repeat."""
SLUG_LENGTH, DIGITS = 40, 6


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code about to be made.

    Attributes:
        in_vivo: Whether it is named in the words of a participant.
        after: Id of the code behind which it stands; empty for the end of its domain.
    """

    name: str
    domain: str
    definition: str = ""
    in_vivo: bool = False
    after: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """What is said about a code besides its name."""

    definition: str = ""
    include: str = ""
    exclude: str = ""
    level: str | None = None
    aliases: tuple[str, ...] = ()


def add_code(book: Codebook, new: NewCode, taken: Collection[str] = ()) -> tuple[Codebook, Code]:
    """Return the codebook with a new code, and that code.

    Args:
        book: Stays as it is.
        new: What it is called, and where it belongs.
        taken: Ids that it must not get besides those that the codebook knows: codings name them.

    Raises:
        UsageError: If it cannot be called so.
    """
    name, domain = clean_name(new.name), clean_domain(new.domain)
    code = Code(
        _fresh_id(book, name, domain, in_vivo=new.in_vivo, taken=taken),
        name,
        domain,
        definition=_clean_text(new.definition),
    )
    _require_unique(book, code)
    at = _behind(book.codes, domain, new.after)
    return replace(book, codes=(*book.codes[:at], code, *book.codes[at:])), code


def rename_code(book: Codebook, code_id: str, name: str) -> Codebook:
    """Return the codebook with a code called otherwise; what it was called is another name of it from now on.

    Args:
        book: Stays as it is.
        code_id: Which code.
        name: What it is called.

    Raises:
        UsageError: If it cannot be called so.
        CodebookError: If there is no such code.
    """
    code = book[code_id]
    renamed = replace(code, name=clean_name(name))
    _require_unique(book, renamed)
    return _with(book, replace(renamed, aliases=_once((*code.aliases, *_free_names(book, [code], [code.name])))))


def describe_code(book: Codebook, code_id: str, said: Description, former: Collection[str] = ()) -> Codebook:
    """Return the codebook with something else said about a code.

    Args:
        book: Stays as it is.
        code_id: Which code.
        said: All that is said about it from now on.
        former: Ids that codings name: an alias among them stays, or the codings would lose their code.

    Raises:
        UsageError: If another code has one of the aliases, or there is no such level.
        CodebookError: If there is no such code.
    """
    code = book[code_id]
    kept = [alias for alias in code.aliases if alias in former]
    aliases = _once((*kept, *map(clean_name, said.aliases)))
    others = {
        name for other in (*book.codes, *book.removed) if other.id != code_id for name in (other.id, *other.aliases)
    }
    if others & set(aliases) - set(code.aliases) or code_id in aliases:
        raise UsageError("one of these other names belongs to a code already")
    if said.level not in (None, *LEVELS):
        raise UsageError(f"the level is one of {', '.join(LEVELS)}, or none")
    texts = {name: _clean_text(getattr(said, name)) for name in ("definition", "include", "exclude")}
    return _with(book, replace(code, **texts, level=said.level, aliases=aliases))


def move_code(book: Codebook, code_id: str, domain: str, at: int | None = None) -> Codebook:
    """Return the codebook with a code in a domain, at a place among its codes.

    Args:
        book: Stays as it is.
        code_id: Which code.
        domain: Where it belongs from now on.
        at: Its place there, from 0; None for the last.

    Raises:
        UsageError: If the domain cannot be called so, or has a code of this name.
        CodebookError: If there is no such code.
    """
    code = replace(book[code_id], domain=clean_domain(domain))
    _require_unique(book, code)
    others = [other for other in book.codes if other.id != code_id]
    there = [n for n, other in enumerate(others) if other.domain == code.domain]
    last = there[-1] + 1 if there else len(others)
    place = last if at is None or at >= len(there) else there[max(0, at)]
    return replace(book, codes=(*others[:place], code, *others[place:]))


def rename_domain(book: Codebook, domain: str, name: str) -> Codebook:
    """Return the codebook with a domain called otherwise, and so its groups; it may become part of another one.

    Args:
        book: Stays as it is.
        domain: The domain, or the first steps of some.
        name: What it is called.

    Raises:
        UsageError: If there is no such domain, or it cannot be called so.
    """
    new = clean_domain(name)

    def renamed(old: str) -> str:
        return new + old[len(domain) :] if old == domain or old.startswith(domain + STEP) else old

    if all(renamed(code.domain) == code.domain for code in book.codes) and new != domain:
        raise UsageError("the codebook has no such domain (any more)")
    codes = tuple(replace(code, domain=renamed(code.domain)) for code in book.codes)
    for code in codes:
        _require_unique(replace(book, codes=codes), code)
    colours = {renamed(old): colour for old, colour in book.colours}
    return replace(book, codes=codes, colours=tuple(colours.items()))


def colour_domain(book: Codebook, domain: str, colour: str) -> Codebook:
    """Return the codebook with a colour chosen for a domain.

    Args:
        book: Stays as it is.
        domain: The domain, or the first steps of some.
        colour: As ``#rrggbb``; empty for the one that is given to it.

    Raises:
        UsageError: If there is no such domain or colour.
    """
    if not any(old == domain or old.startswith(domain + STEP) for old in book.domains):
        raise UsageError("the codebook has no such domain (any more)")
    if colour and not is_colour(colour):
        raise UsageError("a colour is written as #rrggbb")
    rest = {name: chosen for name, chosen in book.colours if name != domain}
    return replace(book, colours=tuple((rest | ({domain: colour.lower()} if colour else {})).items()))


def merge_codes(book: Codebook, code_id: str, into: str) -> Codebook:
    """Return the codebook with a code as part of another one, under which its codings stand from now on.

    Args:
        book: Stays as it is.
        code_id: The code that ends.
        into: The one that goes on.

    Raises:
        UsageError: If both are one.
        CodebookError: If there is no such code.
    """
    if code_id == into:
        raise UsageError("a code cannot become part of itself")
    ends, stays = book[code_id], book[into]
    names = [name for name in _free_names(book, [ends, stays], [ends.name]) if name != stays.name]
    ids = [alias for alias in ends.aliases if book.renamed.get(alias) == code_id]
    aliases = _once((*stays.aliases, ends.id, *ids, *names))
    kept = (replace(stays, aliases=aliases) if code.id == into else code for code in book.codes if code.id != code_id)
    return _without_alias(replace(book, codes=tuple(kept)), ends.id, into)


def remove_code(book: Codebook, code_id: str) -> Codebook:
    """Return the codebook without a code; what was coded with it stands under ``GONE``.

    Args:
        book: Stays as it is.
        code_id: Which code.

    Raises:
        CodebookError: If there is no such code.
    """
    code = book[code_id]
    rest = tuple(other for other in book.codes if other.id != code_id)
    return replace(book, codes=rest, removed=(*book.removed, code))


def restore_code(book: Codebook, code_id: str) -> Codebook:
    """Return the codebook with a code that was taken out, at the end of its domain.

    Args:
        book: Stays as it is.
        code_id: Which code.

    Raises:
        UsageError: If no such code was taken out, or another one is called so by now.
    """
    code = next((code for code in book.removed if code.id == code_id), None)
    if code is None:
        raise UsageError("no such code was taken out")
    _require_unique(book, code)
    at = _behind(book.codes, code.domain)
    rest = tuple(other for other in book.removed if other.id != code_id)
    return replace(book, codes=(*book.codes[:at], code, *book.codes[at:]), removed=rest)


def keep_findable(before: Codebook, after: Codebook) -> Codebook:
    """Return a codebook in which every code of an earlier one can be found: among the codes, as an alias, or removed.

    Args:
        before: The earlier one.
        after: Stays as it is.
    """
    known = {*after.by_id, *after.renamed, *(code.id for code in after.removed)}
    lost = tuple(code for code in (*before.codes, *before.removed) if code.id not in known)
    return replace(after, removed=(*after.removed, *lost)) if lost else after


def shared_names(book: Codebook) -> frozenset[tuple[str, str]]:
    """Return the names, folded, that two codes of a domain share, each with the domain."""
    often = Counter((folded(code.name), code.domain) for code in book.codes)
    return frozenset(named for named, count in often.items() if count > 1)


def clean_name(text: str) -> str:
    """Return a name as the codebook keeps it: composed (NFC), on one line.

    Raises:
        UsageError: If it is empty or too long, or holds a sign that does not print.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise UsageError(f"a name has 1 to {LONGEST_NAME} letters")
    if not name.isprintable():
        raise UsageError("a name holds only signs that print")
    return name


def clean_domain(text: str) -> str:
    """Return a domain as the codebook keeps it, its steps divided by ``STEP``.

    Raises:
        UsageError: If it is empty, or one of its steps is.
    """
    steps = [clean_name(step) for step in re.split(r"\s+/\s+", text.strip())]
    if any(sign == "/" for step in steps for sign in step.split()):  # a step with nothing in it
        raise UsageError("every step of a domain has a name")
    return clean_name(STEP.join(steps))


def _clean_text(text: str) -> str:
    plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
    if len(plain) > LONGEST_TEXT:
        raise UsageError(f"a text about a code has at most {LONGEST_TEXT:,} letters")
    if not all(sign.isprintable() or sign in "\n\t" for sign in plain):
        raise UsageError("a text about a code holds only signs that print")
    return plain


def _fresh_id(book: Codebook, name: str, domain: str, *, in_vivo: bool, taken: Collection[str]) -> str:
    """Return an id that nothing has or had: of domain and name, or of digits for what participants said.

    Copies of a study in which people make codes of one name give them one id; codes of other names get others.

    Args:
        book: Knows ids and aliases.
        name: Of the code.
        domain: Of the code.
        in_vivo: Whether the name is a participant's words.
        taken: Further ids.
    """
    every = (*book.codes, *book.removed)
    used = {*taken, *(code.id for code in every), *(alias for code in every for alias in code.aliases)}
    digits = digest_of(name)[:DIGITS]
    steps = (IN_VIVO, digits) if in_vivo else (_slug(domain.rpartition(STEP)[2]), _slug(name) or digits)
    stem = ".".join(step for step in steps if step)
    return next(each for n in count(1) if (each := stem if n == 1 else f"{stem}-{n}") not in used)


def _slug(text: str) -> str:
    plain = re.sub("[^a-z0-9]+", "-", folded(text)).strip("-")
    return plain[:SLUG_LENGTH].rstrip("-")


def _require_unique(book: Codebook, code: Code) -> None:
    """Refuse a second code of one name in a domain: nobody could tell them apart."""
    same = (folded(code.name), code.domain)
    if any((folded(other.name), other.domain) == same for other in book.codes if other.id != code.id):
        raise UsageError("there is a code of this name in this domain already")


def _behind(codes: Sequence[Code], domain: str, after: str = "") -> int:
    """Return where a new code of a domain stands: behind a code, else behind the domain's last, else at the end."""
    places = [n + 1 for n, code in enumerate(codes) if code.id == after and code.domain == domain]
    places = places or [n + 1 for n, code in enumerate(codes) if code.domain == domain]
    return places[-1] if places else len(codes)


def _with(book: Codebook, code: Code) -> Codebook:
    return replace(book, codes=tuple(code if other.id == code.id else other for other in book.codes))


def _free_names(book: Codebook, own: Sequence[Code], names: Iterable[str]) -> list[str]:
    """Return those names by which no code but some is known: an alias that two share means neither."""
    others = [code for code in (*book.codes, *book.removed) if code.id not in {mine.id for mine in own}]
    known = {name for code in others for name in (code.id, code.name, *code.aliases)}
    return [name for name in names if name not in known]


def _without_alias(book: Codebook, alias: str, but: str) -> Codebook:
    """Take an alias from all codes but one: it is an id that leads there now."""

    def freed(code: Code) -> Code:
        return code if code.id == but else replace(code, aliases=tuple(a for a in code.aliases if a != alias))

    return replace(book, codes=tuple(map(freed, book.codes)), removed=tuple(map(freed, book.removed)))


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
