"""The benchmark of the review page, on a study small enough for a test: no time is asserted."""

import sys

import pytest

from evaluation.performance.review import Figure, ReviewSpeed, benchmark_review
from evaluation.performance.review_study import Size, make_study
from pipeline.store import StudyStore

SMALL = Size(transcripts=3, sentences=40, suggestions=12, longest=600)
PRECODE = (sys.executable, "-c", "from flows.cli import main; main()")


def test_the_study_has_the_size_that_was_asked_for(tmp_path):
    study = make_study(tmp_path / "study", SMALL)
    with StudyStore(study.database) as store:
        versions = [one.id for one in store.transcripts.versions()]
        sentences = [len(store.runs.sentences(version)) for version in versions]
        suggestions = list(store.suggestions.stream())
        talk = store.transcripts.get(versions[0])
        spoken = [one.span.of(talk.text) for one in store.runs.sentences(versions[0])]
    assert sentences == [40, 40, 60]
    assert len(suggestions) == 36
    assert all(len(one.split()) == 10 and one.endswith(".") for one in spoken)
    assert sum(turn.span.overlap(one.suggestion.span) > 0 for one in suggestions[:12] for turn in talk.turns) >= 12


@pytest.mark.skipif(sys.platform == "win32", reason="stops the server by a signal that Windows lacks")
def test_a_real_server_is_measured_and_stopped(tmp_path):
    result = benchmark_review(PRECODE, tmp_path, size=SMALL, requests=4)
    figures = {one.name: one for one in result.figures}
    assert {
        "start to first page",
        "next item, 95th percentile",
        "longest transcript",
        "search by meaning, 95th percentile",
        "search by words, any form, 95th percentile",
        "codes together in sentences, first time",
        "words, again",
        "most memory",
    } <= set(figures)
    assert all(one.value > 0 for one in result.figures if one.name != "most memory" or sys.platform == "linux")
    assert result.to_json()["size"]["transcripts"] == 3


def test_figures_stand_beside_their_goals():
    figures = (
        Figure("first page", 0.8, "s", 1.0),
        Figure("next item", 61.04, "ms", 50),
        Figure("memory", None, "MB", 500),
    )
    (table,) = ReviewSpeed(size=SMALL, requests=1, figures=(*figures, Figure("audit", 1.2, "s"))).tables()
    assert table.title == "Review of 3 transcripts, 120 sentences, 36 suggestions"
    assert table.rows == (
        ("first page", "0.80 s", "< 1 s", "yes"),
        ("next item", "61.0 ms", "< 50 ms", "no"),
        ("memory", "-", "< 500 MB", ""),
        ("audit", "1.20 s", "", ""),
    )
