"""The parts of a review without a service: orders, index, matrix, audit and events, each against a plain reading."""

from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.transcript import Span
from pipeline.framework import UNSTATED, cells_of, group_of, group_order
from pipeline.review.audit import SAMPLE, AuditFrame, frame_of, spans_of, untouched
from pipeline.review.decision_log import SEPARATOR, DecisionLog, numbered
from pipeline.review.event_log import EventLog
from pipeline.review.matrix import BY_TRANSCRIPT, LONGEST, Coded, framework_matrix, grouped
from pipeline.review.ordering import QueueOrder, by, distance, teaching
from pipeline.review.suggestion_index import Stage, index_of, stage_of
from pipeline.store import Action, CurrentDecision, Decision, Event, EventKind, StoredCandidate
from pipeline.study_filter import Filter
from tests.corpus.support import BOOK, transcript_of

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PROBABILITIES = st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9])


def decision(number=1, coder="Ann", action=Action.CODE, **about):
    values = {"span": Span(0, 5), "code": "team", **about}
    return Decision(coder, 1, action, id=number, time=NOW, **values)


# Orders

ROWS = st.lists(st.tuples(st.integers(0, 3), PROBABILITIES, st.booleans()), max_size=20)


def columns(rows):
    codes, probabilities, decided = zip(*rows, strict=True) if rows else ((), (), ())
    return np.array(codes, np.intp), np.array(probabilities, float), np.array(decided, bool)


@pytest.mark.parametrize(
    ("keys", "order"),
    [
        (([2, 1, 3],), [1, 0, 2]),
        (([1, 1, 0], [5, 4, 9]), [2, 1, 0]),
        (([1, 1, 1], [2, 2, 2]), [0, 1, 2]),
        (([],), []),
    ],
    ids=["one key", "the first weighs most", "ties keep their order", "nothing"],
)
def test_by_sorts_by_the_first_key_first(keys, order):
    assert by(*map(np.array, keys)).tolist() == order


@given(ROWS)
def test_distance_is_nought_for_the_least_sure_of_each_code_and_never_negative(rows):
    codes, probabilities, _ = columns(rows)
    found = distance(codes, probabilities)
    assert (found >= 0).all()
    for code in set(codes.tolist()):
        own = codes == code
        assert found[own][probabilities[own].argmin()] == 0


def test_distance_is_the_nearer_of_one_half_and_the_lowest_of_the_code():
    found = distance(np.array([0, 0, 0]), np.array([0.2, 0.45, 0.9]))
    assert found.round(2).tolist() == [0.0, 0.05, 0.4]


@given(ROWS)
def test_teaching_asks_everything_once_and_what_is_decided_last(rows):
    codes, probabilities, decided = columns(rows)
    order = teaching(codes, probabilities, decided)
    assert sorted(order.tolist()) == list(range(len(rows)))
    assert decided[order].tolist() == sorted(decided.tolist())


@given(ROWS)
def test_teaching_takes_of_one_code_the_least_sure_first(rows):
    codes, probabilities, decided = columns(rows)
    order, unsure = teaching(codes, probabilities, decided), distance(codes, probabilities)
    for code in set(codes.tolist()):
        own = [row for row in order.tolist() if codes[row] == code and not decided[row]]
        assert unsure[own].tolist() == sorted(unsure[own].tolist())


# Index

CANDIDATES = st.lists(
    st.tuples(
        st.integers(1, 3), st.integers(0, 50), st.sampled_from(["team", "trust", "budget", "gone"]), PROBABILITIES
    ),
    max_size=15,
)


def candidates_of(rows, first=1):
    return [
        StoredCandidate(n, version, start, start + 5, code, probability)
        for n, (version, start, code, probability) in enumerate(rows, start=first)
    ]


def index(rows, versions=(1, 2, 3)):
    return index_of(candidates_of(rows), BOOK, versions)


@given(CANDIDATES, st.sampled_from([None, "team", "gone", "never"]), st.sampled_from([None, 1, 9]), PROBABILITIES)
def test_index_matching_is_what_a_loop_over_the_rows_finds(rows, code, version, least):
    made = index(rows)
    wanted = Filter(code=code, version=version, at_least=least)
    expected = [
        n
        for n, (place, _, name, probability) in enumerate(rows)
        if code in {None, name} and version in {None, place} and probability >= least
    ]
    assert np.flatnonzero(made.matching(wanted)).tolist() == expected


@given(CANDIDATES, st.sets(st.integers(1, 3)))
def test_index_matching_leaves_out_hidden_versions_and_counts_the_others(rows, hidden):
    made = index(rows)
    flags = made.matching(Filter(), hidden)
    counted = Counter(version for version, *_ in rows if version not in hidden)
    assert made.counts(flags) == dict(counted)


@given(CANDIDATES)
def test_index_row_finds_every_id_and_no_other(rows):
    made = index(rows)
    assert [made.row(n) for n in range(1, len(rows) + 1)] == list(range(len(rows)))
    assert made.row(0) is None
    assert made.row(len(rows) + 1) is None


def test_codes_that_left_the_codebook_have_no_domain_and_are_found_by_their_name():
    made = index([(1, 0, "gone", 0.5), (1, 9, "team", 0.5)])
    assert made.matching(Filter(code="gone")).tolist() == [True, False]
    assert made.matching(Filter(domain="People")).tolist() == [False, True]
    assert made.matching(Filter(domain="Nothing like it")).tolist() == [False, False]


@given(CANDIDATES, CANDIDATES, st.sets(st.integers(1, 3)))
def test_index_renewed_is_the_index_that_would_have_been_made_afresh(rows, again, versions):
    """What runs made of some versions takes the place of what was there; the rest stays."""
    old = candidates_of(rows)
    fresh = [made for made in candidates_of(again, first=len(rows) + 1) if made.version in versions]
    all_now = [made for made in old if made.version not in versions] + fresh
    before = index_of(old, BOOK, (1, 2, 3))
    renewed = before.renewed(index_of(fresh, BOOK, (1, 2, 3), before.codes), versions)
    whole = index_of(all_now, BOOK, (1, 2, 3), before.codes)
    assert renewed.ids.tolist() == whole.ids.tolist()
    assert renewed.starts.tolist() == whole.starts.tolist()
    assert [renewed.codes[n] for n in renewed.code_numbers] == [made.code for made in all_now]


def test_index_renewed_drops_versions_that_are_not_current_any_more():
    before = index([(1, 0, "team", 0.5), (2, 0, "team", 0.5)])
    fresh = index_of([], BOOK, (2,), before.codes)
    assert before.renewed(fresh, ()).versions.tolist() == [2]


@given(CANDIDATES, st.data())
def test_index_carried_keeps_stages_by_id(rows, data):
    stages = np.array([data.draw(st.sampled_from(Stage)) for _ in rows], np.int8)
    kept = data.draw(st.sets(st.integers(1, max(1, len(rows)))))
    before = index(rows)
    later = index_of(
        [made for made in candidates_of(rows) if made.id in kept] + candidates_of([(1, 0, "team", 0.5)], len(rows) + 1),
        BOOK,
        (1, 2, 3),
    )
    known = [stages[n - 1] for n in later.ids.tolist()[:-1]]
    assert later.carried(before, stages).tolist() == [*known, Stage.UNDECIDED]


OF_INDEX = [order for order in QueueOrder if order not in {QueueOrder.TEACH, QueueOrder.DISAGREE}]
"""The other two also need what a coder decided, or what a language model thinks."""


@pytest.mark.parametrize("order", OF_INDEX)
@given(rows=CANDIDATES)
def test_index_order_goes_through_every_row_once(order, rows):
    assert sorted(index(rows).order(order).tolist()) == list(range(len(rows)))


@pytest.mark.parametrize(
    ("action", "stage"),
    [
        (None, Stage.UNDECIDED),
        (Action.MEMO, Stage.UNDECIDED),
        (Action.UNSURE, Stage.UNSURE),
        (Action.ACCEPT, Stage.DECIDED),
        (Action.REJECT, Stage.DECIDED),
        (Action.CODE, Stage.DECIDED),
    ],
)
def test_stage_of_takes_a_memo_for_no_decision(action, stage):
    assert stage_of(None if action is None else CurrentDecision(decision(action=action, suggestion=1))) is stage


# Decision log


@pytest.mark.parametrize(
    ("count", "keys"), [(0, []), (1, ["k"]), (3, [f"k{SEPARATOR}{n}" for n in range(3)])], ids=["none", "one", "three"]
)
def test_numbered_gives_a_single_decision_the_key_itself(count, keys):
    assert numbered("k", count) == keys


def test_log_of_suggestions_and_versions_holds_what_was_ever_decided_on():
    log = DecisionLog(None)
    log.take([decision(1, suggestion=7), decision(2), decision(3, "Ben", suggestion=7), decision(4, suggestion=8)])
    assert sorted((subject.coder, subject.suggestion) for subject in log.of_suggestions()) == [
        *(("Ann", 7), ("Ann", 8), ("Ben", 7)),
    ]
    assert [subject.coder for subject in log.on(7)] == ["Ann", "Ben"]
    assert log.versions == {1}
    assert log.coders == ["Ann", "Ben"]


def test_log_newest_first_says_of_every_entry_whether_it_holds():
    log = DecisionLog(None)
    log.take([decision(1), decision(2), decision(3, action=Action.UNDO, previous=1, span=None, code=None)])
    assert [(entry.id, holds) for entry, holds in log.newest_first("Ann")] == [(3, True), (2, True), (1, False)]
    assert list(log.newest_first("Nobody")) == []


def test_log_act_is_all_that_holds_of_one_go():
    log = DecisionLog(None)
    go = [decision(n, key=f"go{SEPARATOR}{n}", suggestion=n) for n in (1, 2, 3)]
    log.take([*go, decision(4, key="other", suggestion=4)])
    assert [entry.id for entry in log.act(go[0])] == [1, 2, 3]
    log.take([decision(5, action=Action.UNDO, previous=2, span=None, code=None)])
    assert [entry.id for entry in log.act(go[0])] == [1, 3]
    assert [entry.id for entry in log.act(log.entries("Ann")[3])] == [4]


def test_log_knows_nothing_of_what_was_never_decided():
    log = DecisionLog(None)
    assert (log.about(1), log.subject("Ann", 1), log.undoable("Ann"), log.redoable("Ann")) == (None,) * 4
    assert log.of_version(1) == log.entries("Ann") == log.current("Ann") == []


# Matrix

TALKS = {
    n: transcript_of("The nurse 🙂 rings me.", "\u202b\u05e9\u05dc\u05d5\u05dd\u202c, money.", name=f"P0{n}")
    for n in (1, 2, 3)
}
CODED = st.lists(
    st.builds(
        lambda version, start, length, code, coder: Coded(version, Span(start, start + length), code, coder),
        st.integers(1, 4),
        st.integers(0, 20),
        st.integers(1, 10),
        st.sampled_from([*BOOK.ids, "gone"]),
        st.sampled_from(["Ann", "Ben"]),
    ),
    max_size=15,
)
ROW_LABELS = {1: "nurses", 2: "doctors", 3: "nurses"}


def matrix(coded, rows=ROW_LABELS):
    return framework_matrix(coded, rows, BOOK.ids, TALKS.__getitem__)


@given(CODED)
def test_matrix_counts_equal_the_codings(coded):
    cells = {(cell.row, cell.code): len(cell.passages) for cell in matrix(coded).cells}
    asked = {found for found in coded if found.version in ROW_LABELS and found.code in BOOK.ids}
    assert cells == Counter((ROW_LABELS[found.version], found.code) for found in asked)


@given(CODED)
def test_matrix_shows_the_very_words_of_each_passage(coded):
    for cell in matrix(coded).cells:
        for passage in cell.passages:
            assert passage.text == TALKS[passage.version].text[passage.start : passage.end]
            assert passage.transcript == TALKS[passage.version].name


@given(CODED, st.randoms())
def test_matrix_is_the_same_in_whatever_order_codings_come(coded, chance):
    shuffled = [*coded]
    chance.shuffle(shuffled)
    assert matrix(shuffled) == matrix(coded)


def test_matrix_reads_a_transcript_once_and_only_if_it_is_coded():
    read = []

    def reading(version):
        read.append(version)
        return TALKS[version]

    coded = [Coded(2, Span(n, n + 3), "team", "Ann") for n in range(4)]
    framework_matrix(coded, ROW_LABELS, BOOK.ids, reading)
    assert read == [2]


def test_matrix_of_an_empty_study_has_columns_and_no_rows():
    made = matrix([], {})
    assert (made.rows, made.codes, made.cells) == ((), BOOK.ids, ())


@pytest.mark.parametrize(("length", "cut"), [(LONGEST - 1, False), (LONGEST, False), (LONGEST + 1, True)])
def test_matrix_cuts_a_passage_behind_what_a_cell_shows(length, cut):
    long = transcript_of("x" * (LONGEST + 20))
    start = long.turns[0].span.start
    made = framework_matrix([Coded(1, Span(start, start + length), "team", "A")], {1: "P"}, BOOK.ids, lambda _: long)
    text = made.cells[0].passages[0].text
    assert len(text) == min(length, LONGEST)
    assert text.endswith("…") is cut


PEOPLE = {"P01": {"role": "nurse"}, "P02": {"role": "Doctor"}, "P03": {}, "P04": {"role": ""}}


def test_grouped_rows_by_transcript_are_the_names():
    assert grouped({3: "P03", 1: "P01"}, BY_TRANSCRIPT, PEOPLE.get) == {3: "P03", 1: "P01"}


def test_grouped_rows_by_an_attribute_are_in_order_and_those_not_stated_last():
    rows = grouped({1: "P01", 2: "P02", 3: "P03", 4: "P04"}, "role", PEOPLE.__getitem__)
    assert list(rows.items()) == [(2, "Doctor"), (1, "nurse"), (3, UNSTATED), (4, UNSTATED)]


@pytest.mark.parametrize(
    ("attributes", "row"), [({"role": "nurse"}, "nurse"), ({"role": ""}, UNSTATED), ({}, UNSTATED)]
)
def test_group_of_who_has_no_value_is_not_stated(attributes, row):
    assert group_of(attributes, "role") == row


@given(st.lists(st.text(max_size=5), max_size=8))
def test_group_order_ignores_case_and_puts_those_not_stated_last(labels):
    ordered = sorted([*labels, UNSTATED], key=group_order)
    assert ordered[-1] == UNSTATED
    named = [label.casefold() for label in ordered if label != UNSTATED]
    assert named == sorted(named)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.integers(0, 3)), max_size=12))
def test_cells_of_keep_the_first_of_passages_that_are_alike(placed):
    numbered_passages = [(row, code, (kind, n)) for n, (row, code, kind) in enumerate(placed)]
    cells = cells_of(numbered_passages, alike=lambda passage: passage[0])
    for (row, code), found in cells.items():
        firsts = {}
        for at_row, at_code, (kind, n) in numbered_passages:
            if (at_row, at_code) == (row, code):
                firsts.setdefault(kind, n)
        assert dict(found) == firsts
    assert cells.keys() == {(row, code) for row, code, _ in placed}


# Audit

SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 12)).map(lambda at: Span(at[0], sum(at))), max_size=12)


@given(SPANS, SPANS)
@example([Span(0, 5)], [Span(5, 9)])
@example([Span(5, 9)], [Span(0, 5), Span(0, 60)])
def test_untouched_sentences_are_those_that_share_no_character_with_a_suggestion(sentences, suggested):
    expected = sorted(span for span in sentences if not any(span.overlap(other) for other in suggested))
    found = untouched(spans_of(sentences), spans_of(suggested))
    assert [tuple(row) for row in found.tolist()] == [(span.start, span.end) for span in expected]


@given(SPANS)
def test_spans_of_is_one_row_a_span(spans):
    assert spans_of(spans).tolist() == [[span.start, span.end] for span in spans]
    assert spans_of(spans).shape == (len(spans), 2)


def frame(sentences=30, versions=(1, 2)):
    spans = spans_of([Span(n * 10, n * 10 + 9) for n in range(sentences)])
    return frame_of([(version, spans) for version in versions], {})


def walk(audited_frame, seed, hidden=()):
    """Everything the audit asks of one coder, in its order."""
    asked = []
    while (drawn := audited_frame.draw(seed, asked, hidden)).subject is not None:
        assert drawn.done == len(asked)
        asked.append(drawn.subject)
    return asked


def test_audit_asks_every_sentence_once_and_then_nothing():
    asked = walk(frame(), "study Ann")
    assert len(asked) == len(set(asked)) == 60
    assert {version for version, _ in asked} == {1, 2}


def test_audit_asks_each_coder_in_an_order_of_their_own_that_stays():
    assert walk(frame(), "study Ann") == walk(frame(), "study Ann") != walk(frame(), "study Ben")


def test_audit_order_of_the_others_stays_when_a_run_takes_sentences_away():
    whole = walk(frame(), "study Ann")
    taken = spans_of([Span(n * 10, n * 10 + 9) for n in range(0, 30, 3)])
    left = frame_of(
        [(version, spans_of([Span(n * 10, n * 10 + 9) for n in range(30)])) for version in (1, 2)], {1: taken}
    )
    assert walk(left, "study Ann") == [(version, span) for version, span in whole if version == 2 or span.start % 30]


def test_audit_passes_hidden_versions_over():
    assert {version for version, _ in walk(frame(), "study Ann", hidden={1})} == {2}
    assert walk(frame(), "study Ann", hidden={1, 2}) == []


def test_audit_never_asks_for_more_than_its_sample_but_goes_on_counting():
    drawn = frame(sentences=90).draw("study Ann", [], ())
    assert (drawn.done, drawn.of) == (0, SAMPLE)
    assert frame(sentences=10, versions=(1,)).draw("study Ann", [], ()).of == 10


def test_audit_of_an_empty_study_has_nothing_to_ask():
    drawn = frame_of([], {}).draw("study Ann", [], ())
    assert (drawn.subject, drawn.done, drawn.of) == (None, 0, 0)
    assert isinstance(frame_of([], {}), AuditFrame)


# Events


@st.composite
def events(draw):
    kinds = [
        EventKind.MEMO,
        EventKind.BLIND,
        EventKind.DONE,
        EventKind.REOPENED,
        *sorted({"audited_empty", "audited_found"}),
    ]
    made = []
    for number in range(1, draw(st.integers(0, 12)) + 1):
        kind = EventKind(draw(st.sampled_from(kinds)))
        span = Span(0, draw(st.integers(1, 2))) if kind.startswith("audited") else None
        text = draw(st.sampled_from(["", "hm"])) if kind is EventKind.MEMO else ""
        made.append(Event(number, NOW, draw(st.sampled_from("AB")), kind, draw(st.integers(1, 2)), span, None, text))
    return made


def event_log(*parts):
    log = EventLog(None)
    for part in parts:
        log.take(part)
    return log


@given(events(), st.integers(0, 12))
def test_event_log_says_the_same_in_any_split(noted, cut):
    whole, parts = event_log(noted), event_log(noted[:cut], noted[cut:])
    assert list(whole.in_force()) == list(parts.in_force())
    assert whole.last == parts.last == len(noted)


@given(events())
def test_event_log_done_is_what_the_last_end_says(noted):
    log = event_log(noted)
    for coder in "AB":
        for version in (1, 2):
            ends = [
                e.kind for e in noted if (e.coder, e.version) == (coder, version) and e.kind in {"done", "reopened"}
            ]
            assert log.ended(coder, version) == (ends[-1] if ends else None)
            assert log.is_done(coder, version) == (version in log.done(coder)) == (ends[-1:] == [EventKind.DONE])
            blind = any(e.kind is EventKind.BLIND and (e.coder, e.version) == (coder, version) for e in noted)
            assert log.begun_blind(coder, version) == blind


@given(events())
def test_event_log_audits_are_the_last_look_at_each_sentence(noted):
    for coder in "AB":
        looks = {
            (event.version, event.span): event.kind is EventKind.AUDITED_FOUND
            for event in noted
            if event.coder == coder and event.kind.startswith("audited")
        }
        assert event_log(noted).audits(coder) == looks


def test_event_log_forgets_a_memo_that_was_withdrawn():
    memo = Event(1, NOW, "Ann", EventKind.MEMO, 1, None, None, "hm")
    withdrawn = Event(2, NOW, "Ann", EventKind.MEMO, 1, None, None, "")
    assert list(event_log([memo]).in_force()) == [memo]
    assert list(event_log([memo, withdrawn]).in_force()) == []


def test_event_log_keeps_memos_on_a_version_and_on_a_code_apart():
    on_version = Event(1, NOW, "Ann", EventKind.MEMO, 1, None, None, "a")
    on_code = Event(2, NOW, "Ann", EventKind.MEMO, None, None, "team", "b")
    assert list(event_log([on_version, on_code]).in_force()) == [on_version, on_code]
