"""Two coders' passages side by side, for the conversation about where they differ.

Every passage stands in exactly one difference. Passages of one code are paired first, those that share most before
others, then passages of different codes that overlap; what finds no partner is missing with the other coder. Pairs
that mark the very same stretch of text become one entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from corpus.codebook import Codebook
from corpus.transcript import Span
from evaluation.study_quality.sentences import CodedSpans
from evaluation.study_quality.types import Difference, DifferenceKind
from pipeline.store.records import CurrentDecision


@dataclass(frozen=True)
class ComparedPassage:
    """A stretch of text with the code one coder gave it."""

    span: Span
    code: str
    memo: str = ""


def passages_of(marks: CodedSpans, codebook: Codebook) -> list[ComparedPassage]:
    """Return marks of one transcript, such as the machine's suggestions, as passages."""
    columns = zip(marks.starts.tolist(), marks.ends.tolist(), marks.codes.tolist(), strict=True)
    return [ComparedPassage(Span(start, end), codebook.ids[code]) for start, end, code in columns]


def codings_of(standings: Iterable[CurrentDecision]) -> list[ComparedPassage]:
    """Return what a coder has coded as passages, with the memos on them."""
    coded = (
        (standing.decision.span, standing.decision.code, standing.memo) for standing in standings if standing.coded
    )
    return [ComparedPassage(span, code, memo) for span, code, memo in coded if span and code]


def differences_of(first: Iterable[ComparedPassage], second: Iterable[ComparedPassage]) -> list[Difference]:
    """Return the passages of two coders side by side, in text order."""
    ours, theirs = joined(first), joined(second)
    found = [_pair(*pair) for pair in _paired(ours, theirs, lambda mine, other: mine.code == other.code)]
    found += [_pair(*pair) for pair in _paired(ours, theirs, lambda mine, other: mine.code != other.code)]
    found += [_alone(passage, "first") for passage in ours] + [_alone(passage, "second") for passage in theirs]
    return _merged(sorted(found, key=lambda difference: (difference.start, difference.end)))


def joined(passages: Iterable[ComparedPassage]) -> list[ComparedPassage]:
    """Make one passage of those with one code that overlap, with all their memos."""
    found: list[ComparedPassage] = []
    for passage in sorted(passages, key=lambda passage: (passage.code, passage.span)):
        last = found[-1] if found else None
        if last and last.code == passage.code and last.span.overlap(passage.span):
            found[-1] = ComparedPassage(last.span.join(passage.span), passage.code, _told(last.memo, passage.memo))
        else:
            found.append(passage)
    return found


def with_consensus(difference: Difference, standings: Iterable[CurrentDecision]) -> Difference:
    """Add what coders agreed on for the passage: decisions under their common name that share half of both."""
    passage = Span(difference.start, difference.end)
    about = [
        standing
        for standing in standings
        if standing.decision.span and passage.shares_half(standing.decision.span, of="both")
    ]
    if not about:
        return difference
    newest = max((standing.decision for standing in about), key=lambda decision: decision.id)
    return replace(
        difference, consensus=newest, agreed=_codes(standing.decision.code for standing in about if standing.coded)
    )


def _paired(
    ours: list[ComparedPassage], theirs: list[ComparedPassage], fits: Callable[[ComparedPassage, ComparedPassage], bool]
) -> list[tuple[ComparedPassage, ComparedPassage]]:
    """Take pairs that overlap out of both lists, those that share most first."""
    pairs = [(ours[n], theirs[m]) for n, m in _overlapping(ours, theirs) if fits(ours[n], theirs[m])]
    taken: list[tuple[ComparedPassage, ComparedPassage]] = []
    for first, other in sorted(pairs, key=_closeness):
        if first in ours and other in theirs:
            ours.remove(first)
            theirs.remove(other)
            taken.append((first, other))
    return taken


def _overlapping(ours: Sequence[ComparedPassage], theirs: Sequence[ComparedPassage]) -> list[list[int]]:
    """Return the numbers of passages that share a character; one look at all pairs, however many."""
    first, second = (np.array([[p.span.start, p.span.end] for p in side]).reshape(-1, 2) for side in (ours, theirs))
    meet = (first[:, None, 0] < second[None, :, 1]) & (second[None, :, 0] < first[:, None, 1])
    pairs: list[list[int]] = np.argwhere(meet).tolist()
    return pairs


def _closeness(pair: tuple[ComparedPassage, ComparedPassage]) -> tuple[float, Span, list[str]]:
    """Return what orders pairs, whoever comes first."""
    first, other = (passage.span for passage in pair)
    return -first.overlap(other) / len(first.join(other)), first.join(other), sorted(passage.code for passage in pair)


def _pair(first: ComparedPassage, other: ComparedPassage) -> Difference:
    same = DifferenceKind.SAME if first.span.shares_half(other.span, of="both") else DifferenceKind.SPAN
    kind = same if first.code == other.code else DifferenceKind.CODE
    span = first.span.join(other.span)
    return Difference(span.start, span.end, (first.code,), (other.code,), first.memo, other.memo, kind)


def _alone(passage: ComparedPassage, side: str) -> Difference:
    nobody = Difference(passage.span.start, passage.span.end, (), (), "", "", DifferenceKind.MISSING)
    if side == "first":
        return replace(nobody, first=(passage.code,), memo_first=passage.memo)
    return replace(nobody, second=(passage.code,), memo_second=passage.memo)


def _merged(found: Sequence[Difference]) -> list[Difference]:
    merged: list[Difference] = []
    for difference in found:
        if merged and (merged[-1].start, merged[-1].end) == (difference.start, difference.end):
            merged[-1] = _both(merged[-1], difference)
        else:
            merged.append(difference)
    return merged


def _both(one: Difference, other: Difference) -> Difference:
    first, second = _codes((*one.first, *other.first)), _codes((*one.second, *other.second))
    memos = _told(one.memo_first, other.memo_first), _told(one.memo_second, other.memo_second)
    return Difference(one.start, one.end, first, second, *memos, _kind(first, second, one, other))


def _kind(first: Sequence[str], second: Sequence[str], one: Difference, other: Difference) -> DifferenceKind:
    if first != second:
        return DifferenceKind.CODE if first and second else DifferenceKind.MISSING
    return DifferenceKind.SAME if one.kind is other.kind is DifferenceKind.SAME else DifferenceKind.SPAN


def _codes(codes: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({code for code in codes if code}))


def _told(*memos: str) -> str:
    return "\n".join(dict.fromkeys(memo for memo in memos if memo))
