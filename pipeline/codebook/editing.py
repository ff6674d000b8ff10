"""Editing the codebook of a study: file and log change together, and only if the file is as the editor saw it.

One process at a time edits: whatever the database, its writers take turns, and the file is compared and replaced
within such a turn. Should precode be killed between file and log, the edit is found in the file when it is next
looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from corpus.codebook import Codebook
from corpus.coders import MACHINE
from corpus.errors import UsageError
from pipeline.codebook.book_file import BookFile
from pipeline.codebook.differences import content_of, differences, taken_back
from pipeline.codebook.edits import CodebookEdit, Edited
from pipeline.codebook.errors import CodebookChangedError, NoSuchChangeError
from pipeline.codebook.history import OUTSIDE, ChangeKind, CodebookChange, CodebookHistory, CodebookVersion
from pipeline.codebook.seed_file import add_quote, remove_quote
from pipeline.store.event_records import Event, EventKind, NewEvent

if TYPE_CHECKING:
    from pipeline.session import StudySession


def history_of(session: StudySession) -> CodebookHistory:
    """Return the versions of a study's codebook.

    Raises:
        CodebookError: If the log of them is damaged.
    """
    return CodebookHistory.of(session.store.events.of_kind(EventKind.CODEBOOK))


def notice(session: StudySession, *, begin: bool = False) -> None:
    """Write into the history what was changed in the file itself.

    Args:
        session: The study.
        begin: Whether a history begins where there is none.

    Raises:
        CodebookError: If the codebook cannot be read.
    """
    history = history_of(session)
    if not (history.versions or begin) or _noticed(history, BookFile.of(session.study)) is None:
        return

    def drafts(there: Sequence[Event]) -> Iterable[NewEvent]:
        noticed = _noticed(CodebookHistory.of(there), BookFile.of(session.study))
        return [] if noticed is None else [noticed]

    session.store.events.add_from(EventKind.CODEBOOK, drafts)


def edit_codebook(
    session: StudySession, edit: CodebookEdit, *, coder: str, file: str, key: str = ""
) -> CodebookVersion:
    """Do something with the codebook of a study, in its file and in its history.

    Args:
        session: The study; it has the settings that it has then.
        edit: What is done.
        coder: Who does it.
        file: Digest of the file that the coder saw; empty for what rests on none.
        key: The same when it is sent again: then it is not done twice.

    Raises:
        CodebookChangedError: If the file was changed meanwhile.
        PrecodeError: If it cannot be done.
    """
    named = session.store.decisions.codes()

    def edited(book: Codebook, history: CodebookHistory) -> tuple[Edited, int | None]:
        return edit.made(book, history.ids | named), None

    return _changed(session, edited, coder=coder, file=file, key=key)


def take_back(session: StudySession, version: int, *, coder: str, file: str, key: str = "") -> CodebookVersion:
    """Take a change of the codebook back; what was changed since stays.

    Args:
        session: The study.
        version: Id of the change's entry in the history.
        coder: Who takes it back.
        file: Digest of the file that the coder saw.
        key: The same when it is sent again.

    Raises:
        NoSuchChangeError: If there is no such change in force.
        CodebookChangedError: If the file was changed meanwhile.
        UsageError: If what it changed was changed again since.
    """

    def edited(book: Codebook, history: CodebookHistory) -> tuple[Edited, int | None]:
        found = next((found for found in history.versions if found.id == version), None)
        if found is None or found.change.kind in OUTSIDE or version in history.taken_back:
            raise NoSuchChangeError("there is no such change of the codebook to take back (any more)")
        change = found.change
        without = taken_back(book, change.differences)
        said = f"Took back: {change.said}"
        return Edited(ChangeKind.TAKE_BACK, said, without, change.about, change.dropped, change.added), version

    return _changed(session, edited, coder=coder, file=file, key=key)


def _changed(
    session: StudySession,
    edited: Callable[[Codebook, CodebookHistory], tuple[Edited, int | None]],
    *,
    coder: str,
    file: str,
    key: str,
) -> CodebookVersion:
    """Change file and history in one turn of writing.

    Args:
        session: The study.
        edited: Makes another codebook of the one there is, and says which entry that takes back.
        coder: Who does it.
        file: Digest of the file that the coder saw.
        key: The same when it is sent again.
    """

    def drafts(there: Sequence[Event]) -> Iterable[NewEvent]:
        history = CodebookHistory.of(there)
        if history.of_key(key) is not None:
            return []
        now = BookFile.of(session.study)
        if file and now.digest != file:
            raise CodebookChangedError(_meanwhile(history))
        noticed = _noticed(history, now)
        made, takes_back = edited(now.book, history)
        changed = tuple(differences(content_of(now.book), content_of(made.book)))
        if not changed and made.added is None and made.dropped is None:
            raise UsageError("that is how it is already")
        session.study = now.replaced(made.book) if changed else now.study
        if made.added is not None:
            session.study = add_quote(session.study, made.added)
        if made.dropped is not None:
            remove_quote(session.study, made.dropped, made.book)
        change = CodebookChange(
            made.kind, made.said, made.book.digest, changed, key, takes_back, made.about, made.added, made.dropped
        )
        return [*([noticed] if noticed else []), change.by(coder)]

    written = session.store.events.add_from(EventKind.CODEBOOK, drafts)
    if written:
        return CodebookHistory.of(written[-1:]).versions[0]
    known = history_of(session).of_key(key)
    if known is None or known.coder != coder:
        raise UsageError("the key of this change is taken; make a new one")
    return known


def _noticed(history: CodebookHistory, file: BookFile) -> NewEvent | None:
    return history.noticed(file.book, ships=file.ships)


def _meanwhile(history: CodebookHistory) -> str:
    """Say who changed the codebook last, not what: codes may be called in the words of a transcript."""
    last = history.versions[-1] if history.versions else None
    who = "somebody" if last is None or last.coder == MACHINE else last.coder
    return f"the codebook was changed meanwhile, by {who}; look at it as it is now and do it again"
