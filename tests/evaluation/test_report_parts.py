"""Cells, plots and sentences of a report, each by itself."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.benchmarks.result import Inputs, Result, load_result, save_result
from evaluation.metrics.intervals import Score
from evaluation.report.cases import CONTEXT, EACH, study_mistakes
from evaluation.report.methods import counts, methods
from evaluation.report.page import write_report
from evaluation.report.svg import line_plot, reliability_plot, whisker
from evaluation.report.tables import bare, cell, flat, number, tables
from tests.evaluation.support import BOOK, Scripted, interview

SCORE = Score(0.625, 0.5, 0.75, 40)
LITTLE = Score(None, None, None, 3)
SCORES = st.builds(Score, st.none() | st.floats(0, 1), st.none() | st.floats(0, 1), st.none() | st.floats(0, 1),
                   st.integers(0, 99))  # fmt: skip
BLOCKS = st.recursive(
    st.dictionaries(st.text("abc_", min_size=1, max_size=4), SCORES | st.integers(0, 9), max_size=3),
    lambda inner: st.dictionaries(st.text("xyz", min_size=1, max_size=3), inner, max_size=3),
    max_leaves=4,
)
CURVES = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=8).map(tuple)


def result(**parts):
    return replace(Result(protocol="study/v1", created="2026-03-01T10:00:00+00:00", revision="1.0"), **parts)


# Numbers


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, ".00"),
        (0.5, ".50"),
        (0.994, ".99"),
        (0.996, "1.00"),
        (1.0, "1.00"),
        (-0.25, "-.25"),
        (-1.0, "-1.00"),
        (12.5, "12.50"),
        (0.005, ".01"),
        (100.004, "100.00"),
    ],
)
def test_number_as_papers_print_it(value, written):
    assert number(value) == written


@given(st.floats(-1, 1))
def test_number_reads_back_to_two_decimals(value):
    assert float(number(value)) == pytest.approx(value, abs=0.0051)
    assert not number(value).lstrip("-").startswith("0.")


@pytest.mark.parametrize(
    ("score", "written"),
    [
        (SCORE, ".62 [.50, .75]"),
        (Score(1.0, 1.0, 1.0, 9), "1.00 [1.00, 1.00]"),
        (Score(0.5, None, None, 9), ".50"),
        (LITTLE, "-"),
        (None, "-"),
        ({}, "-"),
        (12, "12"),
        (0, "0"),
    ],
    ids=["interval", "certain", "no interval", "insufficient", "absent", "block", "count", "no case"],
)
def test_cell_of_a_score(score, written):
    assert cell(score) == written


@pytest.mark.parametrize(("score", "written"), [(SCORE, ".62"), (LITTLE, "-"), (None, "-")])
def test_bare_is_the_value_alone(score, written):
    assert bare(score) == written


# Blocks


@given(BLOCKS)
def test_flat_yields_every_score_of_a_block_and_no_count(block):
    def leaves(node):
        return [node] if isinstance(node, Score) else [] if isinstance(node, int) else [
            leaf for value in node.values() for leaf in leaves(value)
        ]  # fmt: skip

    assert [score for _, score in flat(block)] == leaves(block)


def test_flat_names_scores_by_their_path():
    block = {"passages": {"domain": {"recall": SCORE, "positives": 4}}, "top": LITTLE}
    assert dict(flat(block)) == {"passages.domain.recall": SCORE, "top": LITTLE}
    assert [name for name, _ in flat(block, "all.")] == ["all.passages.domain.recall", "all.top"]


def test_tables_of_a_result_put_baselines_beside_scores():
    made = result(
        scores={"passages": {"recall": SCORE, "precision": LITTLE}},
        baselines={"chance": {"passages": {"recall": Score(0.25, 0.1, 0.4, 40)}}, "keywords": {}},
        per_domain={"Means": {"positives": 8, "recall": SCORE}, "Culture": {"positives": 0, "recall": LITTLE}},
    )
    overall, by_domain = tables(made)
    assert overall.header == ("score", "precode [95% interval]", "n", "chance", "keywords")
    assert overall.rows == (
        ("passages.recall", ".62 [.50, .75]", "40", ".25", "-"),
        ("passages.precision", "-", "3", "-", "-"),
    )
    assert by_domain.rows == (("Means", "8", "-", ".62 [.50, .75]", "-", "-", "-"),)


def test_tables_of_an_empty_result_are_one_without_rows():
    (overall,) = tables(result())
    assert overall.title == "study/v1"
    assert overall.rows == ()


@given(BLOCKS, st.dictionaries(st.text("abc", min_size=1, max_size=3), CURVES, max_size=2))
def test_a_result_comes_back_as_it_was_saved_and_saves_alike(tmp_path_factory, block, curves):
    folder = tmp_path_factory.mktemp("result")
    made = result(scores=block, curves=curves)
    save_result(made, folder / "one.json")
    read = load_result(folder / "one.json")
    assert known(dict(read.scores)) == known(block)
    assert read.curves == curves
    save_result(read, folder / "two.json")
    assert (folder / "one.json").read_bytes() == (folder / "two.json").read_bytes()


def known(block):
    """A block as a file holds it: a score without a value is only its count."""
    if isinstance(block, Score):
        return block if block.value is not None else Score(None, None, None, block.n)
    return {name: known(value) for name, value in block.items()} if isinstance(block, dict) else block


# Plots


def points_of(svg):
    lines = ElementTree.fromstring(svg).findall("polyline")
    return [[tuple(map(float, pair.split(","))) for pair in line.get("points").split()] for line in lines]


@given(CURVES.filter(bool))
def test_line_plot_has_a_point_for_every_point_inside_its_frame(curve):
    (points,) = points_of(line_plot({"ours": curve}, "Recall", "Precision"))
    assert len(points) == len(curve)
    assert all(44 <= x <= 304 and 12 <= y <= 272 for x, y in points)


def test_line_plot_puts_the_corners_of_the_square_into_its_corners():
    (points,) = points_of(line_plot({"ours": ((0.0, 0.0), (1.0, 1.0))}, "Recall", "Precision"))
    assert points == [(44.0, 272.0), (304.0, 12.0)]


def test_line_plot_leaves_empty_curves_out_and_keeps_the_classes_of_the_others():
    svg = line_plot({"empty": (), "ours": ((0.5, 0.5),)}, "Recall", "Precision")
    (line,) = ElementTree.fromstring(svg).findall("polyline")
    assert line.get("class") == "s1"


@pytest.mark.parametrize("diagonal", [True, False])
def test_line_plot_draws_perfection_where_it_is_asked_to(diagonal):
    svg = ElementTree.fromstring(line_plot({}, "Stated", "Right", diagonal=diagonal))
    assert len(svg.findall("path")) == diagonal
    assert svg.get("aria-label") == "Right by stated"


def test_reliability_plot_has_larger_dots_for_more_rows():
    svg = ElementTree.fromstring(reliability_plot(((0.25, 0.5, 1.0), (0.75, 0.5, 100.0))))
    small, large = (float(dot.get("r")) for dot in svg.findall("circle"))
    assert small < large == 10
    assert [dot.find("title").text.split(":")[0] for dot in svg.findall("circle")] == ["1 rows", "100 rows"]


def test_reliability_plot_of_nothing_is_an_empty_frame():
    assert ElementTree.fromstring(reliability_plot(())).findall("circle") == []


@given(SCORES)
def test_whisker_stays_on_its_track(score):
    svg = ElementTree.fromstring(whisker(score))
    dots = svg.findall("circle")
    assert len(dots) == (score.value is not None)
    for dot in dots:
        assert 2 <= float(dot.get("cx")) <= 102


def test_whisker_spans_its_interval():
    svg = ElementTree.fromstring(whisker(SCORE))
    span = next(line for line in svg.findall("line") if line.get("class") == "span")
    assert (span.get("x1"), span.get("x2")) == ("52.0", "77.0")
    assert svg.find("circle").get("cx") == "64.5"


@pytest.mark.parametrize(("value", "place"), [(-0.5, "2.0"), (0.0, "2.0"), (1.0, "102.0"), (1.5, "102.0")])
def test_whisker_of_a_score_beyond_its_scale_ends_with_it(value, place):
    assert ElementTree.fromstring(whisker(Score(value, None, None, 9))).find("circle").get("cx") == place


# Methods


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (Inputs(), []),
        (Inputs(n_documents=1, n_sentences=2), [(1, "document"), (2, "participant sentences")]),
        (Inputs(n_passages=1, n_quotes=3), [(1, "human coding"), (3, "coded passages")]),
        (Inputs(n_documents=0), []),
    ],
    ids=["nothing known", "one and several", "other nouns", "none of them"],
)
def test_counts_have_the_right_number(inputs, expected):
    assert counts(inputs) == expected


def test_methods_shorten_digests_and_name_baselines():
    inputs = Inputs(model="lexical/v1", recipe="a" * 64, codebook="b" * 64, seeds="c" * 64)
    sentences = methods(result(inputs=inputs, baselines={"most_frequent": {}, "chance": {}}))
    text = " ".join(sentences)
    assert f"recipe {'a' * 12} (" in text
    assert f"codebook {'b' * 12}, seed bank {'c' * 12}" in text
    assert "a" * 13 not in text
    assert "most frequent, chance." in text


def test_methods_without_baselines_and_rules_say_nothing_of_them():
    text = " ".join(methods(result()))
    assert "Baselines" not in text
    assert "Definitions" not in text


def test_methods_repeat_the_rules_that_a_result_records():
    text = " ".join(methods(result(inputs=Inputs(rules={"alignment": "half/v1", "other": "not for papers"}))))
    assert "Definitions: alignment: half/v1." in text
    assert "not for papers" not in text


# Mistakes and page


def test_mistakes_are_the_worst_few_of_each_code_in_their_order():
    transcript, codings = interview("solo", *["money", "staff", ""] * 4)
    mistakes = study_mistakes(Scripted(blind="staff"), [transcript], codings)
    assert len(mistakes["staff"].misses) == EACH
    chances = [case.probability for case in mistakes["staff"].misses]
    assert chances == sorted(chances)


def test_mistakes_show_words_around_them_cut_at_a_words_edge():
    transcript, codings = interview("solo", *[""] * 30, "money", *[""] * 30)
    (case,) = study_mistakes(Scripted(blind="money"), [transcript], codings)["money"].misses
    for words in (case.shown.before, case.shown.after):
        assert len(words) <= CONTEXT + 2
        assert set(words.replace("…", " ").split()) <= {"Well,", "anyway."}
    assert case.shown.before.startswith("… ")
    assert case.shown.after.endswith(" …")


def test_pages_of_one_result_are_equal(tmp_path):
    made = result(scores={"passages": {"domain": {"recall": SCORE}}}, per_code={"money": {"positives": 8}})
    for name in ("one.html", "two.html"):
        write_report(tmp_path / name, made, BOOK, {})
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a & b", '"quoted"'])
def test_names_of_codes_are_escaped_on_the_page(tmp_path, name):
    book = replace(BOOK, codes=(replace(BOOK.codes[0], name=name), *BOOK.codes[1:]))
    write_report(tmp_path / "page.html", result(per_code={"money": {"positives": 8}}), book, {})
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert name not in page
    assert "&" in page
