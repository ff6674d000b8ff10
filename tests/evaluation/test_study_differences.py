"""Two coders' passages side by side: every kind by hand, and nothing lost whatever they marked."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.transcript import Span
from evaluation.study_quality.differences import ComparedPassage, differences_of, joined, with_consensus
from evaluation.study_quality.types import DifferenceKind
from pipeline.store import Action, CurrentDecision, Decision

SPAN = st.tuples(st.integers(0, 60), st.integers(1, 30)).map(lambda at: Span(at[0], at[0] + at[1]))
PASSAGES = st.lists(st.builds(ComparedPassage, SPAN, st.sampled_from(("money", "staff", "trust"))), max_size=7)


def marked(start, end, code="money", memo=""):
    return ComparedPassage(Span(start, end), code, memo)


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (marked(0, 10), marked(0, 10), DifferenceKind.SAME),
        (marked(0, 10), marked(0, 20), DifferenceKind.SAME),
        (marked(0, 10), marked(0, 21), DifferenceKind.SPAN),
        (marked(0, 10), marked(9, 20), DifferenceKind.SPAN),
        (marked(0, 10), marked(5, 20, "trust"), DifferenceKind.CODE),
        (marked(0, 10), None, DifferenceKind.MISSING),
        (None, marked(0, 10), DifferenceKind.MISSING),
    ],
)
def test_kinds(first, second, kind):
    (found,) = differences_of([first] if first else [], [second] if second else [])
    assert found.kind is kind
    assert found.first == ((first.code,) if first else ())
    assert found.second == ((second.code,) if second else ())


def test_passages_that_only_touch_are_two_differences():
    found = differences_of([marked(0, 10)], [marked(10, 20)])
    assert [one.kind for one in found] == [DifferenceKind.MISSING, DifferenceKind.MISSING]


def test_the_same_code_is_paired_before_another_one():
    found = differences_of([marked(0, 10)], [marked(0, 10, "staff"), marked(0, 5)])
    assert [(one.first, one.second, one.kind) for one in found] == [
        (("money",), ("money", "staff"), DifferenceKind.CODE)
    ]


def test_pairs_share_most():
    found = differences_of([marked(0, 10), marked(12, 40)], [marked(8, 40)])
    assert [(one.start, one.end, one.kind) for one in found] == [
        (0, 10, DifferenceKind.MISSING),
        (8, 40, DifferenceKind.SAME),
    ]


def test_several_codes_on_one_passage_are_one_difference_with_all_memos():
    ours = [marked(0, 10, "money", "why"), marked(0, 10, "staff", "also")]
    (found,) = differences_of(ours, [marked(0, 10, "money", "sure")])
    assert (found.first, found.second, found.kind) == (("money", "staff"), ("money",), DifferenceKind.CODE)
    assert (found.memo_first, found.memo_second) == ("why\nalso", "sure")


def test_what_only_one_coded_with_two_codes_is_missing_once():
    (found,) = differences_of([], [marked(0, 10, "staff"), marked(0, 10, "money")])
    assert (found.first, found.second, found.kind) == ((), ("money", "staff"), DifferenceKind.MISSING)


@given(PASSAGES, PASSAGES)
def test_nothing_is_lost_and_nothing_added(first, second):
    found = differences_of(first, second)
    assert sum(len(one.first) for one in found) <= len(joined(first))
    for side, passages in (("first", first), ("second", second)):
        for passage in joined(passages):
            holders = [one for one in found if passage.code in getattr(one, side)]
            assert any(one.start <= passage.span.start and passage.span.end <= one.end for one in holders)
        assert {code for one in found for code in getattr(one, side)} == {passage.code for passage in passages}


@given(PASSAGES, PASSAGES)
def test_who_comes_first_does_not_matter(first, second):
    one = [(d.start, d.end, d.first, d.second, d.kind) for d in differences_of(first, second)]
    other = [(d.start, d.end, d.second, d.first, d.kind) for d in differences_of(second, first)]
    assert one == other


@given(PASSAGES)
def test_coders_who_do_the_same_differ_nowhere(passages):
    found = differences_of(passages, passages)
    assert {one.kind for one in found} <= {DifferenceKind.SAME}
    assert all(one.first == one.second for one in found)


@given(SPAN, SPAN)
def test_alike_spans_meet_by_the_rule_of_the_benchmarks_both_ways(first, second):
    shared = first.overlap(second)
    assert first.shares_half(second, of="both") == (
        shared > 0 and 2 * shared >= len(first) and 2 * shared >= len(second)
    )


def agreed(number, start, end, code, action=Action.CODE):
    moment = datetime(2026, 1, 5, tzinfo=UTC)
    span = Span(start, end)
    return CurrentDecision(Decision("consensus", 1, action, span=span, code=code, id=number, time=moment))


def test_a_consensus_belongs_to_the_passage_it_shares_half_of():
    (found,) = differences_of([marked(0, 10)], [marked(0, 10, "trust")])
    with_codes = with_consensus(
        found, [agreed(3, 0, 10, "trust"), agreed(4, 0, 9, "money"), agreed(5, 50, 60, "staff")]
    )
    assert (with_codes.consensus.id, with_codes.agreed) == (4, ("money", "trust"))
    assert with_consensus(found, [agreed(5, 50, 60, "staff")]) == found


def test_they_may_agree_that_no_code_fits():
    (found,) = differences_of([marked(0, 10)], [])
    assert with_consensus(found, [agreed(6, 0, 10, "money", Action.REJECT)]).agreed == ()
