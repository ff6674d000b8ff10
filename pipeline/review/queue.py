"""Which suggestions come next, and what is shown with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from corpus.fillers import is_filler
from corpus.transcript import Span, digest_of
from pipeline.review.ordering import QueueOrder, Rows
from pipeline.review.serialize import other_views, standing_view
from pipeline.review.suggestion_index import Flags, Stage, Wanted
from pipeline.review.views import AlsoView, BulkView, Chance, ItemView, QueueView, SuggestionView
from pipeline.segment import moment
from pipeline.study_filter import EVERYTHING, Filter

if TYPE_CHECKING:
    from pipeline.review.study_state import StudyState
    from pipeline.store import StoredSuggestion

SAMPLE = 8
"""Suggestions that are shown before many are accepted at once."""
LOOKED_AT = 10_000
"""Rows of an order that are looked at together."""


@dataclass(frozen=True, slots=True)
class QueueRequest:
    """What a coder wants to be asked next.

    Attributes:
        after: The suggestion they were shown last; it may be decided by now.
    """

    order: QueueOrder = QueueOrder.CERTAIN
    filter: Filter = EVERYTHING
    state: Wanted = Wanted.UNDECIDED
    after: int | None = None
    limit: int = 10


def next_items(state: StudyState, coder: str, question: QueueRequest) -> QueueView:
    """Return what comes next.

    Args:
        state: The study.
        coder: Who asks.
        question: Order, filter and place in the queue.
    """
    meant = state.matching(question.filter, coder)
    wanted = meant & _in_state(state, coder, question.state)
    order = _behind(state, coder, question)
    rows = first_rows(order, wanted, question.limit)
    return QueueView(items(state, coder, rows), int(wanted.sum()), int(meant.sum()))


def first_rows(order: Rows, wanted: Flags, limit: int) -> Rows:
    """Return the first wanted rows in an order, looking no further than needed: there may be millions.

    Args:
        order: Rows of the index.
        wanted: Which rows are meant, shape (rows of the index,).
        limit: How many.
    """
    found = order[:0]
    for start in range(0, len(order), LOOKED_AT):
        portion = order[start : start + LOOKED_AT]
        found = np.concatenate([found, portion[wanted[portion]]])
        if len(found) >= limit:
            break
    return found[:limit]


def undecided(state: StudyState, coder: str, wanted: Filter) -> list[int]:
    """Return the suggestions that a filter means and the coder has not decided on, by id.

    Args:
        state: The study.
        coder: Who asks.
        wanted: Which suggestions are meant.
    """
    flags = state.matching(wanted, coder) & _in_state(state, coder, Wanted.UNDECIDED)
    found: list[int] = state.index.ids[flags].tolist()
    return found


def preview(state: StudyState, coder: str, wanted: Filter) -> BulkView:
    """Return how many undecided suggestions a filter means, and some of them; the same ones when asked again.

    Args:
        state: The study.
        coder: Who asks.
        wanted: Which suggestions are meant.
    """
    if wanted.code is not None:
        state.codebook[wanted.code]  # refuses codes that are not in the codebook
    found = undecided(state, coder, wanted)
    seed = int(digest_of(f"{coder} {wanted}")[:16], 16)
    drawn = np.random.default_rng(seed).choice(len(found), min(SAMPLE, len(found)), replace=False)
    rows = state.index.ids.searchsorted([found[at] for at in sorted(drawn.tolist())])
    return BulkView(len(found), items(state, coder, rows), wanted.at_least)


def items(state: StudyState, coder: str, rows: Rows) -> list[ItemView]:
    """Return suggestions in their context; those that a run has replaced meanwhile are left out.

    Args:
        state: The study.
        coder: Who asks.
        rows: Rows of the index, shape (items,).
    """
    ids = state.index.ids[rows].tolist() if len(rows) else []
    stored = state.store.suggestions.by_id(ids) if ids else {}
    shown = [stored[suggestion] for suggestion in ids if suggestion in stored]
    found = {version: _Beside.of(state, coder, version) for version in {suggested.version for suggested in shown}}
    return [_item(state, coder, suggested, found[suggested.version]) for suggested in shown]


def suggestion_views(state: StudyState, coder: str, stored: Sequence[StoredSuggestion]) -> list[SuggestionView]:
    """Return suggestions with what speaks for them and where everybody stands.

    Args:
        state: The study.
        coder: Who asks.
        stored: The suggestions.
    """
    return [_suggestion(state, coder, suggestion) for suggestion in stored]


def _in_state(state: StudyState, coder: str, wanted: Wanted) -> Flags:
    stages = state.stages(coder)
    if wanted is Wanted.ALL:
        return np.ones(len(stages), dtype=np.bool_)
    return np.asarray(stages == (Stage.UNSURE if wanted is Wanted.UNSURE else Stage.UNDECIDED))


def _behind(state: StudyState, coder: str, question: QueueRequest) -> Rows:
    """Return the rows in the order asked for, from the one behind the item shown last."""
    order = state.order(question.order, coder, anew=question.after is None)
    row = None if question.after is None else state.index.row(question.after)
    return order if row is None else order[int(np.flatnonzero(order == row)[0]) + 1 :]


def _suggestion(state: StudyState, coder: str, stored: StoredSuggestion) -> SuggestionView:
    suggestion, book = stored.suggestion, state.codebook
    others = ((book.current_id(code), probability) for code, probability in suggestion.alternatives)
    return SuggestionView(
        id=stored.id,
        version=stored.version,
        start=suggestion.span.start,
        end=suggestion.span.end,
        code=book.current_id(suggestion.code),
        probability=suggestion.probability,
        rank=suggestion.rank,
        words=tuple(term for term in suggestion.words if not is_filler(term, state.language)),
        evidence=suggestion.evidence,
        alternatives=tuple(Chance(code, probability) for code, probability in others if code in book.by_id),
        uncertain=suggestion.uncertain,
        model=state.models.get(stored.run, ""),
        run=stored.run,
        decision=standing_view(state.decision_log.subject(coder, stored.id)),
        others=other_views(list(state.decision_log.on(stored.id)), coder),
        second=state.opinions.view(stored.version, suggestion.span, suggestion.code),
    )


@dataclass(frozen=True, slots=True)
class _Beside:
    """What else is in a version, read once for all of its suggestions that are shown.

    Attributes:
        waiting: Rows of the suggestions that wait for the coder.
        coded: The coder's codings, each with the suggestion it answers.
    """

    waiting: Rows
    coded: list[tuple[int | None, Span, str]]

    @classmethod
    def of(cls, state: StudyState, coder: str, version: int) -> _Beside:
        waiting = np.flatnonzero((state.index.versions == version) & (state.stages(coder) != Stage.DECIDED))
        decisions = (standing.decision for standing in state.decision_log.current(coder, version) if standing.coded)
        return cls(waiting, [(each.suggestion, each.span, each.code) for each in decisions if each.span and each.code])


def _also(state: StudyState, stored: StoredSuggestion, waiting: Rows) -> tuple[AlsoView, ...]:
    """Return the other suggestions on the passage of one that wait for the coder."""
    index, span = state.index, stored.suggestion.span
    near = (index.starts[waiting] < span.end) & (index.ends[waiting] > span.start) & (index.ids[waiting] != stored.id)
    found = (
        AlsoView(
            int(index.ids[row]),
            int(index.starts[row]),
            int(index.ends[row]),
            index.codes[index.code_numbers[row]],
            float(index.probabilities[row]),
        )
        for row in waiting[near]
    )
    same = (other for other in found if span.shares_half(Span(other.start, other.end), of="either"))
    return tuple(sorted(same, key=lambda other: -other.probability))


def _item(state: StudyState, coder: str, stored: StoredSuggestion, beside: _Beside) -> ItemView:
    shown = _suggestion(state, coder, stored)
    span = Span(shown.start, shown.end)
    transcript = state.transcript_cache.transcript(stored.version)
    turn = transcript.turns[transcript.turn_at(span.start) or 0]
    return ItemView(
        **{field.name: getattr(shown, field.name) for field in fields(shown)},
        transcript=stored.transcript,
        speaker=turn.speaker,
        started=moment(turn, (span.start - turn.span.start) / len(turn.span)),
        context=state.transcript_cache.context(stored.version, span),
        also=_also(state, stored, beside.waiting),
        given=tuple(
            dict.fromkeys(
                code
                for suggestion, where, code in beside.coded
                if suggestion != stored.id and where.shares_half(span, of="either")
            )
        ),
    )
