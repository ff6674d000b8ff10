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
from pipeline.store.records import CurrentDecision, Decision


@dataclass(frozen=True)
class ComparedPassage:
    """A stretch of text with the code one coder gave it."""

    span: Span
    code: str
    memo: str = ""


def suggested_passages(marks: CodedSpans, codebook: Codebook) -> list[ComparedPassage]:
    """Return the machine's suggestions as passages."""
    columns = zip(marks.starts.tolist(), marks.ends.tolist(), marks.codes.tolist(), strict=True)
    return [ComparedPassage(Span(start, end), codebook.ids[code]) for start, end, code in columns]


def codings_of(standings: Iterable[CurrentDecision]) -> list[ComparedPassage]:
    """Return what a coder has coded as passages, with the memos on them."""
    coded = ((one.decision.span, one.decision.code, one.memo) for one in standings if one.coded)
    return [ComparedPassage(span, code, memo) for span, code, memo in coded if span and code]


def differences_of(first: Iterable[ComparedPassage], second: Iterable[ComparedPassage]) -> list[Difference]:
    """Return the passages of two coders side by side, in text order."""
    ours, theirs = joined(first), joined(second)
    found = [_pair(*pair) for pair in _paired(ours, theirs, lambda one, other: one.code == other.code)]
    found += [_pair(*pair) for pair in _paired(ours, theirs, lambda one, other: one.code != other.code)]
    found += [_alone(one, "first") for one in ours] + [_alone(one, "second") for one in theirs]
    return _merged(sorted(found, key=lambda one: (one.start, one.end)))


def joined(passages: Iterable[ComparedPassage]) -> list[ComparedPassage]:
    """Make one passage of those with one code that overlap, with all their memos."""
    found: list[ComparedPassage] = []
    for one in sorted(passages, key=lambda passage: (passage.code, passage.span)):
        last = found[-1] if found else None
        if last and last.code == one.code and last.span.overlap(one.span):
            found[-1] = ComparedPassage(last.span.join(one.span), one.code, _told(last.memo, one.memo))
        else:
            found.append(one)
    return found


def with_consensus(difference: Difference, standings: Iterable[CurrentDecision]) -> Difference:
    """Add what coders agreed on for the passage: decisions under their common name that share half of both."""
    passage = Span(difference.start, difference.end)
    about = [one for one in standings if one.decision.span and passage.shares_half(one.decision.span, of="both")]
    if not about:
        return difference
    newest = max((one.decision for one in about), key=_age)
    return replace(difference, consensus=newest, agreed=_codes(one.decision.code for one in about if one.coded))


def _age(decision: Decision) -> int:
    return decision.id


def _paired(
    ours: list[ComparedPassage], theirs: list[ComparedPassage], fits: Callable[[ComparedPassage, ComparedPassage], bool]
) -> list[tuple[ComparedPassage, ComparedPassage]]:
    """Take pairs that overlap out of both lists, those that share most first."""
    pairs = [(ours[n], theirs[m]) for n, m in _overlapping(ours, theirs) if fits(ours[n], theirs[m])]
    taken: list[tuple[ComparedPassage, ComparedPassage]] = []
    for one, other in sorted(pairs, key=_closeness):
        if one in ours and other in theirs:
            ours.remove(one)
            theirs.remove(other)
            taken.append((one, other))
    return taken


def _overlapping(ours: Sequence[ComparedPassage], theirs: Sequence[ComparedPassage]) -> list[list[int]]:
    """Return the numbers of passages that share a character; one look at all pairs, however many."""
    first, second = (np.array([[p.span.start, p.span.end] for p in side]).reshape(-1, 2) for side in (ours, theirs))
    meet = (first[:, None, 0] < second[None, :, 1]) & (second[None, :, 0] < first[:, None, 1])
    pairs: list[list[int]] = np.argwhere(meet).tolist()
    return pairs


def _closeness(pair: tuple[ComparedPassage, ComparedPassage]) -> tuple[float, Span, list[str]]:
    """Return what orders pairs, whoever comes first."""
    one, other = (passage.span for passage in pair)
    return -one.overlap(other) / len(one.join(other)), one.join(other), sorted(passage.code for passage in pair)


def _pair(one: ComparedPassage, other: ComparedPassage) -> Difference:
    same = DifferenceKind.SAME if one.span.shares_half(other.span, of="both") else DifferenceKind.SPAN
    kind = same if one.code == other.code else DifferenceKind.CODE
    span = one.span.join(other.span)
    return Difference(span.start, span.end, (one.code,), (other.code,), one.memo, other.memo, kind)


def _alone(one: ComparedPassage, side: str) -> Difference:
    nobody = Difference(one.span.start, one.span.end, (), (), "", "", DifferenceKind.MISSING)
    if side == "first":
        return replace(nobody, first=(one.code,), memo_first=one.memo)
    return replace(nobody, second=(one.code,), memo_second=one.memo)


def _merged(found: Sequence[Difference]) -> list[Difference]:
    merged: list[Difference] = []
    for one in found:
        if merged and (merged[-1].start, merged[-1].end) == (one.start, one.end):
            merged[-1] = _both(merged[-1], one)
        else:
            merged.append(one)
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
