"""The audit's random sentences and the framework matrix."""

from hypothesis import given
from hypothesis import strategies as st

from corpus.transcript import Span, Transcript
from pipeline.framework import UNSTATED
from pipeline.review.audit import SAMPLE, frame_of, spans_of, untouched
from pipeline.review.matrix import BY_TRANSCRIPT, LONGEST, Cell, Coded, framework_matrix, grouped

SPANS = st.lists(st.tuples(st.integers(0, 90), st.integers(1, 20)).map(lambda one: Span(one[0], sum(one))), max_size=12)
SENTENCES = [Span(10 * n, 10 * n + 9) for n in range(400)]


def frame_with(sentences, suggested=None):
    """The frame of sentences and suggestions by version."""
    spans = {version: spans_of(each) for version, each in (suggested or {}).items()}
    return frame_of([(version, spans_of(each)) for version, each in sentences.items()], spans)


def drawn(frame, count, seed="study/Ada", hidden=()):
    """The first sentences of an audit in which each is answered before the next is asked for."""
    audited = []
    for _ in range(count):
        audited.append(frame.draw(seed, audited, hidden).subject)
    return audited


@given(SPANS, SPANS)
def test_what_no_suggestion_touches_is_what_shares_no_character_with_any(sentences, suggested):
    plain = [one for one in sorted(sentences) if not any(one.overlap(other) for other in suggested)]
    assert untouched(spans_of(sentences), spans_of(suggested)).tolist() == [[one.start, one.end] for one in plain]


def test_an_audit_asks_every_unsuggested_sentence_once_and_then_nothing():
    frame = frame_with({1: SENTENCES[:5], 2: SENTENCES[:4]}, {1: [Span(12, 25)]})
    asked = drawn(frame, 7)
    assert sorted(asked) == [(1, one) for one in (SENTENCES[0], *SENTENCES[3:5])] + [(2, one) for one in SENTENCES[:4]]
    assert frame.draw("study/Ada", asked, ()).subject is None


def test_an_audit_goes_on_where_it_was_and_coders_get_orders_of_their_own():
    frame = frame_with({1: SENTENCES})
    assert drawn(frame, 20) == drawn(frame_with({1: SENTENCES}), 20)
    assert drawn(frame, 20) != drawn(frame, 20, seed="study/Ben")


def test_an_order_outlives_a_run_that_suggests_more():
    before = drawn(frame_with({1: SENTENCES}), 20)
    after = drawn(frame_with({1: SENTENCES}, {1: [before[0][1], before[5][1]]}), 18)
    assert after == [one for n, one in enumerate(before) if n not in {0, 5}]


def test_an_audit_is_spread_over_the_text():
    places = [span.start for _, span in drawn(frame_with({1: SENTENCES}), SAMPLE)]
    assert [sum(1000 * n <= one < 1000 * (n + 1) for one in places) > 12 for n in range(4)] == [True] * 4


def test_an_audit_passes_over_hidden_versions_and_counts():
    frame = frame_with({1: SENTENCES[:3], 2: SENTENCES[:3]})
    asked = drawn(frame, 2, hidden={2})
    draw = frame.draw("study/Ada", asked, {2})
    assert {version for version, _ in (*asked, draw.subject)} == {1}
    assert (draw.done, draw.of) == (2, 3)


def test_a_study_without_sentences_has_nothing_to_audit():
    assert frame_with({}).draw("study/Ada", [], ()).subject is None


NAMES = {1: "P01", 2: "P02", 3: "P03"}
PEOPLE = {"P01": {"role": "nurse"}, "P02": {"role": "GP"}, "P03": {}}


def coded(version, start, end, code="team", coder="Ada"):
    return Coded(version, Span(start, end), code, coder)


def matrix_of(*passages, by=BY_TRANSCRIPT):
    rows = grouped(NAMES, by, PEOPLE.__getitem__)
    return framework_matrix(passages, rows, ("trust", "team"), lambda n: Transcript(NAMES[n], f"{n}" * 400, ()))


def test_a_matrix_has_a_row_for_every_transcript_and_cells_where_something_was_coded():
    matrix = matrix_of(coded(2, 5, 8), coded(2, 0, 3), coded(1, 0, 2, "trust"))
    assert (matrix.rows, matrix.codes) == (("P01", "P02", "P03"), ("trust", "team"))
    assert [(cell.row, cell.code, [one.text for one in cell.passages]) for cell in matrix.cells] == [
        ("P01", "trust", ["11"]),
        ("P02", "team", ["222", "222"]),
    ]
    assert [one.start for one in matrix.cells[1].passages] == [0, 5]


def test_rows_can_be_groups_and_whoever_is_in_none_comes_last():
    matrix = matrix_of(coded(1, 0, 2), coded(3, 0, 2), by="role")
    assert matrix.rows == ("GP", "nurse", UNSTATED)
    assert [(cell.row, [one.transcript for one in cell.passages]) for cell in matrix.cells] == [
        ("nurse", ["P01"]),
        (UNSTATED, ["P03"]),
    ]


def test_long_passages_are_cut_and_unknown_ones_left_out():
    matrix = matrix_of(coded(1, 0, 400), coded(9, 0, 2), coded(1, 0, 2, "gone"))
    ((passage,),) = (cell.passages for cell in matrix.cells)
    assert len(passage.text) == LONGEST
    assert passage.end == 400


def test_what_two_coders_coded_stands_twice_and_what_one_coded_twice_stands_once():
    passages = coded(1, 0, 2), coded(1, 0, 2), coded(1, 0, 2, coder="Ben")
    (cell,) = matrix_of(*passages).cells
    assert isinstance(cell, Cell)
    assert [one.coder for one in cell.passages] == ["Ada", "Ben"]
