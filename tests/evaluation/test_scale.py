"""The benchmark of very large studies, on tiny ones: that it measures what it says; ``make bench-scale`` measures."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import UsageError
from evaluation.performance import scale
from evaluation.performance.review_study import Size
from evaluation.performance.scale import ScaleFigures, Sizes, growth
from evaluation.performance.stand_in import EVERY, StandIn
from evaluation.performance.throughput import WORKERS, Costs, efficiency, lines, transcripts_per_second
from pipeline.run import plan
from pipeline.session import StudySession
from pipeline.study import create_study
from tests.pipeline.run_support import put
from tests.pipeline.store_support import add, facts_of, suggestion_of


def test_a_run_of_a_stand_in_tells_rate_and_memory_and_leaves_no_study_behind(tmp_path):
    rate, processor, memory = scale._slope(tmp_path, Sizes(stand_in=(2,)))
    assert rate.name == f"stand-in model, {2 * scale.SENTENCES} sentences"
    assert rate.value > 0
    assert processor.value > 0
    assert memory.met
    (table,) = ScaleFigures(sizes=Sizes(), figures=(rate, memory)).tables()
    assert len(table.rows) == 2
    assert not any(tmp_path.iterdir())


@given(st.floats(0.1, 9), st.floats(0.001, 9), st.floats(1, 3))
def test_growth_is_one_where_seconds_grow_as_sentences_do_and_leaves_out_what_a_run_costs_once(start, each, worse):
    sizes = (10, 100, 1_000)
    assert growth({n: start + each * n for n in sizes}) == pytest.approx(1)
    assert growth({10: start, 100: start + 90 * each, 1_000: start + (90 + 900 * worse) * each}) == pytest.approx(worse)


def test_a_stand_in_suggests_for_one_in_so_many_sentences_and_leaves_nothing_to_do(study, monkeypatch):
    put(study, "P01", "One is said. " * 3 * EVERY)
    monkeypatch.setattr("pipeline.precoder.load_precoder", lambda opened: StandIn(opened.codebook()))
    with StudySession(study) as session:
        source = session.study.source("transcripts/P01.txt")
        made = session.precoder.precode(session.study.read(source))
        assert len(made.suggestions) == 3
        assert len(made.scored.segments) == 3 * EVERY
        assert len(plan(session).todo) == 1


@pytest.mark.slow
def test_databases_are_measured_in_turns_and_hold_the_same(tmp_path, postgres, monkeypatch):
    monkeypatch.setenv("PRECODE_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(scale, "PORTION", 1)
    url, held = postgres.new(), []
    monkeypatch.setattr(scale, "_database", lambda *_: url)
    monkeypatch.setattr(StudySession, "close", lambda session: held.append(suggested(session)))
    *rates, ratio = scale._databases(tmp_path, 3, url)
    assert [figure.name for figure in rates] == ["run on SQLite", "run on PostgreSQL"]
    assert ratio.value == pytest.approx(rates[0].value / rates[1].value)
    assert held[0] == held[1] != []


def suggested(session):
    found = [(each.transcript, each.suggestion) for each in session.store.suggestions.stream()]
    session._store.close()
    return found


def test_seconds_of_a_transcript_are_counted_from_the_first_that_was_stored(study):
    with StudySession(study) as session:
        run = session.store.runs.start(facts_of())
        for n in range(3):
            coded = add(session.store, f"P{n}")
            session.store.runs.save(run, coded, [suggestion_of()])
    started, first, last = moments(study)
    assert scale._until_first(study) == pytest.approx(first - started, abs=1e-5)
    assert scale._seconds_each(study) == pytest.approx((last - first) / 2, abs=1e-5)


def moments(study):
    with StudySession(study) as session:
        (run,) = session.store.runs.all()
        recorded = [outcome.recorded.timestamp() for outcome in session.store.runs.outcomes(run.id)]
        return run.started.timestamp(), min(recorded), max(recorded)


@pytest.mark.slow
def test_page_is_measured_on_a_study_in_postgresql(tmp_path, postgres, monkeypatch):
    monkeypatch.setenv("PRECODE_DATA", str(tmp_path / "data"))
    size = Size(3, 40, 20, 400)
    url = postgres.new()
    figures = list(scale._page(scale_command(), tmp_path / "page", size, 3, url))
    named = {figure.name.partition(": ")[2]: figure for figure in figures}
    assert figures[0].name.startswith("60 suggestions in PostgreSQL")
    assert named["next item, 95th percentile"].goal == 50
    assert {"progress, first time", "most memory", "first item"} <= set(named)


def test_a_run_that_fails_is_an_error_of_the_benchmark(tmp_path):
    create_study(tmp_path / "empty")
    with pytest.raises(UsageError, match="precode run ended with"):
        scale._run(scale_command(), tmp_path / "empty")


def scale_command():
    return (sys.executable, "-P", "-c", "from flows.cli import main; main()")


COSTS = st.builds(Costs, rate=st.floats(1, 1_000), store=st.floats(1e-4, 1), task=st.floats(0, 1))


@given(COSTS, st.integers(1, 60))
def test_throughput_never_falls_with_workers_nor_passes_either_bound(costs, workers):
    rate = transcripts_per_second(costs, workers)
    assert rate <= 1 / costs.store * (1 + 1e-9)
    assert rate <= workers * transcripts_per_second(costs, 1) * (1 + 1e-9)
    assert rate <= transcripts_per_second(costs, workers + 1) * (1 + 1e-9)
    assert 0 < efficiency(costs, workers) <= 1 + 1e-9


def test_throughput_of_two_is_what_the_queue_of_two_gives_by_hand():
    costs = Costs(rate=1, sentences=3, store=1, task=0)  # works three seconds, stores one: X(1) = 1/4, Q(1) = 1/4
    assert transcripts_per_second(costs, 1) == pytest.approx(1 / 4)
    assert transcripts_per_second(costs, 2) == pytest.approx(2 / (3 + 1.25))


def test_the_table_has_a_line_for_each_number_of_workers():
    assert len(list(lines(Costs()))) == 1 + len(WORKERS)
