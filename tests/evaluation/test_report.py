"""The report page: what it shows, what it escapes, what it keeps away from."""

import re
from dataclasses import replace
from html import unescape

import numpy as np
import pytest

from corpus.quotes import QuoteItem
from corpus.seeds import SeedBank, SeedQuote
from evaluation.benchmarks import leakage
from evaluation.benchmarks.protocols import benchmark_quotes, benchmark_study
from evaluation.benchmarks.result import Result, load_result, save_result
from evaluation.metrics import intervals
from evaluation.metrics.intervals import Score
from evaluation.report.cases import Mistakes, ReportCase, ShownPassage, quote_mistakes, study_mistakes
from evaluation.report.methods import methods
from evaluation.report.page import write_report
from evaluation.report.svg import line_plot, whisker
from models import thresholds
from tests.evaluation.support import BOOK, CODINGS, SEEDS, TALK, Scripted, interview


@pytest.fixture(scope="module")
def study():
    return benchmark_study(Scripted(blind="money"), TALK, CODINGS, seeds=SEEDS)


@pytest.fixture(scope="module")
def page(study, tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(path, study, BOOK, study_mistakes(Scripted(blind="money"), TALK, CODINGS))
    return path.read_text(encoding="utf-8")


# Mistakes


def test_misses_come_with_the_words_around_them():
    mistakes = study_mistakes(Scripted(blind="money"), TALK, CODINGS)
    assert set(mistakes) == {"money"}
    assert mistakes["money"].false_positives == ()
    (case, *_) = mistakes["money"].misses
    assert (case.human, case.suggested, round(case.probability, 2)) == (("money",), (), 0.01)
    assert case.shown == ShownPassage(
        "one#s0", "Funds ran short.", "", "Well, anyway. Nurses went off. Well, anyway. " + REST
    )


REST = "One can rely. Funds ran short. Well, anyway. Nurses went off. Well, anyway. One can rely."


def test_false_positives_are_what_no_person_coded():
    transcript, codings = interview("solo", "money", "staff")
    mistakes = study_mistakes(Scripted(), [transcript], [one for one in codings if one.code == "staff"])
    assert [case.shown.text for case in mistakes["money"].false_positives] == ["Funds ran short."]
    assert mistakes["money"].false_positives[0].human == ()


def test_a_quote_is_mistaken_if_its_first_code_is_not_the_humans():
    items = [QuoteItem("q1", "Funds ran short.", frozenset({"staff"}), "d1")]
    mistakes = quote_mistakes(Scripted(), items)
    assert [case.shown.place for case in mistakes["money"].false_positives] == ["q1"]
    assert [case.shown.place for case in mistakes["staff"].misses] == ["q1"]


# Page


def test_the_page_loads_nothing_and_runs_nothing(page):
    assert "default-src 'none'; style-src 'sha256-" in unescape(page)
    assert not re.search(r"<script|<link|<img|<iframe| style=|url\(|https?://", page)


def test_the_page_says_that_it_holds_transcript_text(page):
    assert "This page holds transcript text" in page
    assert "Funds ran short." in page


def test_a_page_without_text_does_not_say_so(study, tmp_path):
    write_report(tmp_path / "r.html", study, BOOK, {})
    assert "holds transcript text" not in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_transcript_text_is_escaped(study, tmp_path):
    hostile = ReportCase(ShownPassage("<i>", "<script>alert(1)</script>", "\x00", "&"), 0.5, ("money",), ())
    write_report(tmp_path / "r.html", study, BOOK, {"money": Mistakes((hostile,), ())})
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "\x00" not in text


def test_scores_stand_beside_baselines_with_the_best_in_bold(page):
    (line,) = re.findall(r"<th scope=\"row\">construct · top1</th>.*?</tr>", page, re.DOTALL)
    assert line.count("<td") == 2 + 5  # precode, n, and the five baselines that need no encoder
    assert line.count('class="best"') == 1


def test_plots_confusion_and_methods_are_there(page):
    assert page.count('class="plot"') == 3
    assert 'id="confusion"' in page
    assert BOOK.digest[:12] in page


def test_a_page_of_quotes_has_no_passages(tmp_path):
    items = [QuoteItem(f"q{n}", "Funds ran short.", frozenset({"money"}), f"d{n}") for n in range(6)]
    result = benchmark_quotes(items, codebook=BOOK, seeds=SEEDS, fit=lambda *_: Scripted())
    write_report(tmp_path / "r.html", result, BOOK, {})
    assert "operating threshold" not in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_an_old_result_without_curves_makes_a_page(study, tmp_path):
    write_report(tmp_path / "r.html", replace(study, curves={}, confusion={}), BOOK, {})
    assert 'class="plot"' not in (tmp_path / "r.html").read_text(encoding="utf-8")


# Parts


def test_methods_name_what_was_measured_and_how_thresholds_were_set(study):
    text = " ".join(methods(study))
    assert "3 documents, 30 participant sentences, 18 human codings, 18 coded passages" in text
    assert "Thresholds were set without sight of these data" in text
    assert "Thresholds" not in " ".join(methods(Result(protocol="quotes/v1")))


@pytest.mark.parametrize(
    ("module", "constant", "value", "words"),
    [
        (leakage, "LARGEST_SHARE", 0.2, "more than 20% of the test text's runs"),
        (leakage, "RUN", 9, "runs of 9 words"),
        (leakage, "FEWEST_WORDS", 7, "equal (from 7 words on)"),
        (leakage, "FEWEST_FOR_RUNS", 13, "(from 13 words on)"),
        (intervals, "DRAWS", 2_500, "from 2,500 draws"),
        (intervals, "LEVEL", 0.9, "90% percentile bootstrap"),
        (thresholds, "TARGET_PRECISION", 0.8, "at least 80% of the suggestions"),
        (thresholds, "FEWEST", 30, "fewer than 30 suggestions"),
        (thresholds, "NEVER", 0.97, "and 0.97 where"),
    ],
)
def test_methods_speak_of_the_constants_of_the_code(study, monkeypatch, module, constant, value, words):
    assert words not in " ".join(methods(study))
    monkeypatch.setattr(module, constant, value)
    assert words in " ".join(methods(study))


@pytest.mark.parametrize(
    ("operating", "words"),
    [
        ({"rule": "sure", "precision": "0.9"}, "at least 90% of the suggestions"),
        ({"rule": "thorough", "floor": "0.25"}, "from a probability of 25% on, as the study chose"),
        ({"rule": "best", "best": "12"}, "of each transcript the 12 most probable suggestions were made"),
        ({}, "at least 75% of the suggestions"),
    ],
)
def test_methods_say_what_the_study_chose(study, operating, words):
    said = " ".join(methods(replace(study, inputs=replace(study.inputs, operating=operating))))
    assert words in said
    assert ("75%" in said) == (operating == {})


def test_methods_say_what_the_study_chose_after_it_was_written_and_read(study, tmp_path):
    chosen = replace(study, inputs=replace(study.inputs, operating={"rule": "sure", "precision": "0.6"}))
    save_result(chosen, tmp_path / "r.json")
    assert "at least 60% of" in " ".join(methods(load_result(tmp_path / "r.json")))


def test_methods_say_what_the_leakage_guard_does(study):
    text = " ".join(methods(study))
    assert "more than 50% of the test text's runs of 8 words (from 12 words on)" in text
    words = [f"word{n}" for n in range(leakage.FEWEST_FOR_RUNS)]
    runs = leakage.FEWEST_FOR_RUNS - leakage.RUN + 1
    for shared in range(runs + 1):
        seed = " ".join(words[: shared + leakage.RUN - 1] if shared else ["other"])
        refused = bool(leakage.find_leaks(SeedBank((SeedQuote(seed, None),)), {"test": " ".join(words)}))
        assert refused is (shared > leakage.LARGEST_SHARE * runs)


def test_methods_say_where_leaking_texts_are_left_out(study):
    rules = {"leakage": "test quotes that a seed gives away are left out"}
    text = " ".join(methods(replace(study, inputs=replace(study.inputs, rules=rules))))
    assert "Leakage: test quotes that a seed gives away are left out; a seed gives a text away if" in text


def test_plots_place_points_by_their_values():
    svg = line_plot({"a": ((0.0, 1.0), (1.0, 0.0))}, "Recall", "Precision")
    assert 'points="44.0,12.0 304.0,272.0"' in svg


def test_a_whisker_without_a_score_is_an_empty_track():
    assert "circle" not in whisker(None)
    assert np.isclose(float(re.findall(r'cx="([\d.]+)"', whisker(Score(0.5, 0.4, 0.6, 10)))[0]), 52)
