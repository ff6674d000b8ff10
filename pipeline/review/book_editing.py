"""The codebook of a study under review: looked at, edited, taken back; passages taken as seed quotations."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

import numpy as np

from corpus.codebook import Code, Codebook
from corpus.coders import CONSENSUS, MACHINE
from corpus.errors import UsageError
from corpus.transcript import Segment, Span
from pipeline.codebook.book_file import BookFile
from pipeline.codebook.editing import edit_codebook, history_of, take_back
from pipeline.codebook.edits import CodebookEdit, SplitCode
from pipeline.codebook.errors import CodebookChangedError, NoSuchChangeError
from pipeline.codebook.history import OUTSIDE, CodebookHistory, CodebookVersion
from pipeline.codebook.seed_file import Seed, place_of, seeded
from pipeline.review.book_views import (
    BookCodeView,
    BookCodingView,
    BookDomainView,
    BookVersionView,
    BookView,
    SeedView,
)
from pipeline.review.decision_log import SEPARATOR, Subject
from pipeline.review.errors import Missing, Outdated
from pipeline.review.suggestion_index import Stage
from pipeline.store.event_records import EventKind
from pipeline.store.records import Action, Decision, NewDecision
from pipeline.study_filter import EVERYTHING

if TYPE_CHECKING:
    from pipeline.review.service import ReviewService
    from pipeline.review.study_state import StudyState
    from pipeline.session import StudySession

DomainsOf = Callable[[Codebook], Iterable[BookDomainView]]


class BookEditing:
    """Edits the codebook of a study under review. Threads may share one.

    Every method may raise ``errors.Missing``, ``errors.Outdated`` and what file and store raise.

    Args:
        session: The study.
        service: The same under review.
        domains_of: Tells the domains of a codebook, with their colours.
    """

    def __init__(self, session: StudySession, service: ReviewService, domains_of: DomainsOf) -> None:
        self._session = session
        self._service = service
        self._domains_of = domains_of

    def view(self, coder: str) -> BookView:
        """Return the codebook as a coder may see it."""
        with self._service.now() as state:
            history, facts = history_of(self._session), _Standing(state, coder)
            file = None if state.codebook_problem else BookFile.of(self._session.study)
            book, runs = file.book if file else state.codebook, state.store.runs.all()
            newest = runs[-1].facts.codebook if runs else ""
            known = {code.id for code in (*book.codes, *book.removed)}
            return BookView(
                name=book.title or book.name,
                digest=book.digest,
                file=file.digest if file else "",
                path="" if file is None or file.ships else file.study.settings.study.codebook,
                problem=state.codebook_problem,
                domains=tuple(self._domains_of(book)),
                codes=tuple(map(facts.of, book.codes)),
                removed=tuple(map(facts.of, book.removed)),
                gone={code: count for code, count in facts.coded.items() if code not in known},
                versions=tuple(_versions(history)),
                suggested_with=newest,
            )

    def edit(self, coder: str, edit: CodebookEdit, *, file: str, key: str) -> CodebookVersion:
        """Do something with the codebook; what is split off takes along the codings that were chosen.

        Args:
            coder: Who does it.
            edit: What is done.
            file: Digest of the file that the coder saw; empty for what rests on none.
            key: The same when it is sent again.
        """
        with self._service.now() as state:
            if isinstance(edit, SplitCode) and history_of(self._session).of_key(key) is None:
                _movable(state, coder, edit)
            with _as_review_refuses():
                version = edit_codebook(self._session, edit, coder=coder, file=file, key=key)
        if isinstance(edit, SplitCode) and edit.codings:
            self._service.write(lambda state: list(_moves(state, coder, edit, version)))
        return version

    def take_back(self, coder: str, version: int, *, file: str, key: str) -> CodebookVersion:
        """Take a change back, and with it what it did to codings.

        Args:
            coder: Who takes it back.
            version: Id of the change's entry.
            file: Digest of the file that the coder saw.
            key: The same when it is sent again.
        """
        with self._service.now():
            taken = next((found for found in history_of(self._session).versions if found.id == version), None)
            with _as_review_refuses():
                made = take_back(self._session, version, coder=coder, file=file, key=key)
        if taken is not None and taken.change.key:
            self._service.write(lambda state: list(_undoings(state, taken.change.key, made.change.key)))
        return made

    def codings(self, coder: str, code: str) -> list[BookCodingView]:
        """Return the codings of a code that a coder may see, in order of transcripts and text.

        Args:
            coder: Who asks.
            code: Id of the code.
        """
        with self._service.now() as state:
            found = [(subject, decision) for subject, decision in _seen(state, coder) if decision.code == code]
            names = {version.id: version.name for version in state.current()}
            views = [_coding(state, coder, *each, names) for each in found]
        return sorted(views, key=lambda view: (view.transcript, view.start, view.end, view.coder))

    def seed(self, coder: str, version: int, span: Span, code: str, *, wanted: bool, key: str) -> list[SeedView]:
        """Take a coded passage as a seed quotation, or out again, and return those of its transcript.

        Args:
            coder: Who does it.
            version: The transcript version.
            span: The passage, which the coder sees coded.
            code: Id of its code.
            wanted: Whether it is to be one.
            key: The same when it is sent again.
        """
        from pipeline.embed import questions

        with self._service.now() as state:
            if not any(
                decision.version == version and decision.span == span and decision.code == code
                for _, decision in _seen(state, coder)
            ):
                raise Missing("this passage does not bear that code (any more)")
            transcript = state.transcript_cache.transcript(version)
            at = transcript.turn_at(span.start) or 0
            turn = transcript.turns[at]
            (asked,) = questions(transcript, [Segment("", span, at, turn.speaker, turn.role)])
            seed = Seed(transcript, span, code, asked, wanted)
            there = place_of(seed.quote(), state.codebook) in seeded(self._session.study, state.codebook)
            if there == wanted and history_of(self._session).of_key(key) is None:
                raise UsageError("that is how it is already")
            edit_codebook(self._session, seed, coder=coder, file="", key=key)
        return self.seeds(coder, version)

    def seeds(self, coder: str, version: int) -> list[SeedView]:
        """Return the passages of a transcript version that a coder sees coded and that are seed quotations.

        While a version is hidden only those are told that the coder took.

        Args:
            coder: Who asks.
            version: The transcript version.
        """
        with self._service.now() as state:
            state.version(version)
            known = seeded(self._session.study, state.codebook)
            if known and state.is_hidden(coder, version):
                own = (found for found in history_of(self._session).versions if found.coder == coder)
                taken = (found.change.added for found in own if found.change.added is not None)
                known &= {place_of(quote, state.codebook) for quote in taken}
            if not known:
                return []
            transcript = state.transcript_cache.transcript(version)
            coded = {
                (decision.span, decision.code)
                for _, decision in _seen(state, coder)
                if decision.version == version and decision.span and decision.code
            }
            return [
                SeedView(span.start, span.end, code)
                for span, code in sorted(coded)
                if place_of(Seed(transcript, span, code).quote(), state.codebook) in known
            ]


@contextmanager
def _as_review_refuses() -> Iterator[None]:
    """Refuse by the errors of a study under review."""
    try:
        yield
    except CodebookChangedError as error:
        raise Outdated(str(error)) from None
    except NoSuchChangeError as error:
        raise Missing(str(error)) from None


class _Standing:
    """How much stands under each code, of what a coder may see.

    Args:
        state: The study.
        coder: Who asks.
    """

    def __init__(self, state: StudyState, coder: str) -> None:
        self.coded = Counter(str(decision.code) for _, decision in _seen(state, coder))
        undecided = state.matching(EVERYTHING, coder) & (state.stages(coder) == Stage.UNDECIDED)
        counts = np.bincount(state.index.code_numbers[undecided], minlength=len(state.index.codes))
        self._open = dict(zip(state.index.codes, counts.tolist(), strict=True))
        self._memos = _memos(state, coder)

    def of(self, code: Code) -> BookCodeView:
        """Return a code with what stands under it."""
        values = {key: value for key, value in asdict(code).items() if key != "provenance"}
        return BookCodeView(
            **values,
            coded=self.coded[code.id],
            open=self._open.get(code.id, 0),
            memos=tuple(self._memos.get(code.id, ())),
        )


def _memos(state: StudyState, coder: str) -> Mapping[str, list[str]]:
    """Return the memos on codes that a coder may see, by id of the code now; another's may tell of any transcript."""
    memos: defaultdict[str, list[str]] = defaultdict(list)
    hidden = state.hidden(coder)
    for event in state.event_log.in_force():
        if event.kind is EventKind.MEMO and event.code and (event.coder == coder or not hidden):
            memos[state.codebook.current_id(event.code)].append(f"{event.coder}: {event.text}")
    return memos


def _seen(state: StudyState, coder: str) -> Iterator[tuple[Subject, Decision]]:
    """Yield the codings of current texts that a coder may see."""
    hidden = state.hidden(coder)
    for version in state.current():
        for subject in state.decision_log.of_version(version.id):
            if subject.coder == coder or version.id not in hidden:
                standing = subject.standing
                if standing is not None and standing.coded:
                    yield subject, standing.decision


def _may_move(coder: str, decision: Decision) -> bool:
    """Tell whether a coder may give a coding another code: their own, or what was agreed on."""
    return decision.coder in {coder, CONSENSUS}


def _movable(state: StudyState, coder: str, split: SplitCode) -> list[tuple[Subject, Decision]]:
    """Return the codings that a split takes along.

    Raises:
        Missing: If one is not there, or not of that code, or not the coder's to move.
    """
    heads = {subject.head: (subject, decision) for subject, decision in _seen(state, coder)}
    found = [heads.get(head) for head in split.codings]
    movable = [each for each in found if each is not None and _may_move(coder, each[1]) and each[1].code == split.code]
    if len(movable) < len(split.codings):
        raise Missing("one of these codings is not there any more, or is not yours to move; look at them again")
    return movable


def _moves(state: StudyState, coder: str, split: SplitCode, version: CodebookVersion) -> Iterator[NewDecision]:
    """Yield what gives codings the code that was split off, once: a send that is repeated finds them written."""
    key = version.change.key
    known = state.store.decisions.of_request(key, SEPARATOR)
    if known:
        yield from (entry.again(entry.coder) for entry in known)
        return
    for n, (subject, decision) in enumerate(_movable(state, coder, split)):
        yield NewDecision(
            decision.coder,
            decision.version,
            Action.CODE,
            suggestion=subject.suggestion,
            span=decision.span,
            code=version.change.about,
            previous=subject.head,
            blind=decision.blind,
            recorder=coder if decision.coder == CONSENSUS else "",
            key=f"{key}{SEPARATOR}{n}",
        )


def _undoings(state: StudyState, key: str, new: str) -> Iterator[NewDecision]:
    """Yield what takes decisions back that were made in one go with a change; those decided on since stay.

    Args:
        state: The study.
        key: Of the change.
        new: Of what takes it back.
    """
    known = state.store.decisions.of_request(new, SEPARATOR) if new else []
    if known:
        yield from (entry.again(entry.coder) for entry in known)
        return
    for n, entry in enumerate(state.store.decisions.of_request(key, SEPARATOR)):
        subject = state.decision_log.about(entry.id)
        held = [] if subject is None else subject.in_force()
        if held and held[-1].id == entry.id:
            undoing = NewDecision(entry.coder, entry.version, Action.UNDO, previous=entry.id, blind=entry.blind)
            yield replace(undoing, recorder=entry.recorder, key=f"{new}{SEPARATOR}{n}" if new else None)


def _coding(
    state: StudyState, coder: str, subject: Subject, decision: Decision, names: Mapping[int, str]
) -> BookCodingView:
    """Return a coding with its words.

    Args:
        state: The study.
        coder: Who asks.
        subject: What the coding is about.
        decision: The coding.
        names: Of transcripts by version.
    """
    span = decision.span or Span(0, 1)
    words = span.of(state.transcript_cache.transcript(decision.version).text)
    return BookCodingView(
        subject.head or decision.id,
        decision.version,
        names[decision.version],
        span.start,
        span.end,
        words,
        decision.coder,
        _may_move(coder, decision),
    )


def _versions(history: CodebookHistory) -> Iterator[BookVersionView]:
    for version in reversed(history.versions):
        change = version.change
        in_force = version.id not in history.taken_back
        yield BookVersionView(
            version.id,
            version.time,
            "" if version.coder == MACHINE else version.coder,
            change.kind,
            change.said,
            change.digest,
            change.takes_back,
            in_force,
            in_force and change.kind not in OUTSIDE,
        )
