"""The edits of a codebook that a coder can ask for, each with what is said of it in the history."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from corpus.codebook import Code, Codebook
from corpus.codebook_edits import (
    LONGEST_NAME,
    LONGEST_TEXT,
    Description,
    NewCode,
    add_code,
    colour_domain,
    describe_code,
    merge_codes,
    move_code,
    remove_code,
    rename_code,
    rename_domain,
    restore_code,
)
from pipeline.codebook.history import ChangeKind

MOST_ALIASES, MOST_CODINGS = 500, 5_000
Name = Annotated[str, Field(min_length=1, max_length=2 * LONGEST_NAME)]
Words = Annotated[str, Field(max_length=2 * LONGEST_TEXT)]
Place = Annotated[int, Field(ge=0, le=1_000_000)]
DecisionId = Annotated[int, Field(ge=1, le=2**53 - 1)]


@dataclass(frozen=True, slots=True)
class Edited:
    """What an edit makes of a codebook.

    Attributes:
        said: What was done, for people.
        about: Id of the code that it is about; empty for others.
        added: The seed quotation that it adds, as its file has it.
        dropped: The one that it takes out.
    """

    kind: ChangeKind
    said: str
    book: Codebook
    about: str = ""
    added: Mapping[str, Any] | None = None
    dropped: Mapping[str, Any] | None = None


class CodebookEdit(Protocol):
    """Something to be done with a codebook."""

    def made(self, book: Codebook, former: Collection[str]) -> Edited:
        """Return what it makes of a codebook.

        Args:
            book: As it is now.
            former: Ids of all codes that there ever were, and of those that codings name.

        Raises:
            PrecodeError: If it cannot be done.
        """
        ...


class _Edit(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class _OfCode(_Edit):
    code: Name


class AddCode(_Edit):
    """Make a code; ``in_vivo`` where it is named in a participant's words."""

    kind: Literal["add"] = "add"
    name: Name
    domain: Name
    definition: Words = ""
    in_vivo: bool = False

    def made(self, book: Codebook, former: Collection[str]) -> Edited:
        """Return the codebook with the code behind the others of its domain."""
        after, code = add_code(book, NewCode(self.name, self.domain, self.definition, self.in_vivo), former)
        said = f"Made “{code.name}” in {code.domain}{', in the words of a participant' if self.in_vivo else ''}"
        return Edited(ChangeKind.ADD, said, after, code.id)


class RenameCode(_OfCode):
    """Call a code otherwise."""

    kind: Literal["rename"] = "rename"
    name: Name

    def made(self, book: Codebook, former: Collection[str]) -> Edited:
        """Return the codebook with the code's new name, the old one among its aliases."""
        after = rename_code(book, self.code, self.name)
        return Edited(
            ChangeKind.RENAME, f"Renamed “{book[self.code].name}” to “{after[self.code].name}”", after, self.code
        )


class DescribeCode(_OfCode):
    """Say something else about a code."""

    kind: Literal["describe"] = "describe"
    definition: Words = ""
    include: Words = ""
    exclude: Words = ""
    level: str | None = Field(default=None, max_length=20)
    aliases: Annotated[list[Name], Field(max_length=MOST_ALIASES)] = Field(default_factory=list)

    def made(self, book: Codebook, former: Collection[str]) -> Edited:
        """Return the codebook with what is said of the code from now on."""
        said = Description(self.definition, self.include, self.exclude, self.level or None, tuple(self.aliases))
        after = describe_code(book, self.code, said, former)
        return Edited(ChangeKind.DESCRIBE, f"Described “{book[self.code].name}”", after, self.code)


class MoveCode(_OfCode):
    """Put a code into a domain, at a place among its codes; the last one by default."""

    kind: Literal["move"] = "move"
    domain: Name
    at: Place | None = None

    def made(self, book: Codebook, former: Collection[str]) -> Edited:
        """Return the codebook with the code there."""
        after, code = move_code(book, self.code, self.domain, self.at), book[self.code]
        domain = after[self.code].domain
        where = f"within {domain}" if domain == code.domain else f"from {code.domain} to {domain}"
        return Edited(ChangeKind.MOVE, f"Moved “{code.name}” {where}", after, self.code)


class RenameDomain(_Edit):
    """Call a domain, or the first steps of some, otherwise."""

    kind: Literal["rename_domain"] = "rename_domain"
    domain: Name
    name: Name

    def made(self, book: Codebook, former: Collection[str]) -> Edited:
        """Return the codebook with the domain's new name."""
        after = rename_domain(book, self.domain, self.name)
        return Edited(ChangeKind.RENAME_DOMAIN, f"Renamed the domain {self.domain} to {self.name.strip()}", after)


class ColourDomain(_Edit):
    """Choose a domain's colour; an empty one for that which is given to it."""

    kind: Literal["colour"] = "colour"
    domain: Name
    colour: Annotated[str, Field(max_length=7)]

    def made(self, book: Codebook, former: Collection[str]) -> Edited:
        """Return the codebook with the colour."""
        after = colour_domain(book, self.domain, self.colour)
        chosen = f"Chose {self.colour} for {self.domain}" if self.colour else f"Gave {self.domain} its usual colour"
        return Edited(ChangeKind.COLOUR, chosen, after)


class MergeCodes(_OfCode):
    """Make a code part of another one, which its codings have from then on."""

    kind: Literal["merge"] = "merge"
    into: Name

    def made(self, book: Codebook, former: Collection[str]) -> Edited:
        """Return the codebook without the code, which is an alias of the other one."""
        after = merge_codes(book, self.code, self.into)
        return Edited(
            ChangeKind.MERGE, f"Merged “{book[self.code].name}” into “{book[self.into].name}”", after, self.into
        )


class SplitCode(_OfCode):
    """Make a code of a part of another one; some of its codings go to the new one."""

    kind: Literal["split"] = "split"
    name: Name
    domain: Name
    definition: Words = ""
    codings: Annotated[list[DecisionId], Field(max_length=MOST_CODINGS)] = Field(default_factory=list)

    def made(self, book: Codebook, former: Collection[str]) -> Edited:
        """Return the codebook with the new code behind the one that it was part of."""
        old = book[self.code]
        after, code = add_code(book, NewCode(self.name, self.domain, self.definition, after=self.code), former)
        moved = f"; {len(self.codings)} codings went there" if self.codings else ""
        return Edited(ChangeKind.SPLIT, f"Split “{code.name}” off “{old.name}”{moved}", after, code.id)


class RemoveCode(_OfCode):
    """Take a code out; what was coded with it stands under "No longer in the codebook"."""

    kind: Literal["remove"] = "remove"

    def made(self, book: Codebook, former: Collection[str]) -> Edited:
        """Return the codebook without the code."""
        after = remove_code(book, self.code)
        return Edited(ChangeKind.REMOVE, f"Took out “{book[self.code].name}”", after, self.code)


class RestoreCode(_OfCode):
    """Put a code back that was taken out, and its codings with it."""

    kind: Literal["restore"] = "restore"

    def made(self, book: Codebook, former: Collection[str]) -> Edited:
        """Return the codebook with the code at the end of its domain."""
        after = restore_code(book, self.code)
        return Edited(ChangeKind.RESTORE, f"Put back “{after[self.code].name}”", after, self.code)


@dataclass(frozen=True, slots=True)
class TakeIn:
    """Take in codes of another copy of the study, at the end, and names of those that were taken out there."""

    codes: tuple[Code, ...]
    removed: tuple[Code, ...] = ()

    def made(self, book: Codebook, former: Collection[str]) -> Edited:
        """Return the codebook with those that it does not know."""
        fresh = tuple(code for code in self.codes if not book.knows(code.id))
        after = replace(book, codes=(*book.codes, *fresh))
        gone = tuple(code for code in self.removed if not after.knows(code.id))
        said = f"Took in {len(fresh)} codes from another copy of the study"
        return Edited(ChangeKind.MERGED_STUDY, said, replace(after, removed=(*book.removed, *gone)))


AnyEdit = Annotated[
    AddCode
    | RenameCode
    | DescribeCode
    | MoveCode
    | RenameDomain
    | ColourDomain
    | MergeCodes
    | SplitCode
    | RemoveCode
    | RestoreCode,
    Field(discriminator="kind"),
]
"""What the page sends."""
