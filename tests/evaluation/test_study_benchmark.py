"""A study's suggestions against its own human coding: whose coding counts, and when it is measured anew."""

import pytest

from evaluation import study_benchmark
from evaluation.study_benchmark import benchmark_session, human_coding
from pipeline.run import in_threads, plan, run_study
from pipeline.session import StudySession
from pipeline.store import Action, EventKind, NewDecision, NewEvent
from pipeline.study import open_study
from tests.pipeline.coded_study_support import SETTINGS, make_coded_study


@pytest.fixture
def study(tmp_path):
    return make_coded_study(tmp_path / "coded")


def with_settings(study, text):
    (study.folder / "study.toml").write_text(SETTINGS + text, encoding="utf-8")
    return open_study(study.folder)


def benchmark(study):
    with StudySession(study) as session:
        return benchmark_session(session)


def unmeasured(monkeypatch):
    """From now on, measuring is a failure."""
    monkeypatch.setattr(study_benchmark, "measure", lambda *_: pytest.fail("was measured again"))


# A file of human codings


def test_benchmark_session_gives_precision_and_recall_by_domain_with_intervals(study):
    measured = benchmark(study)
    table = measured.table()
    assert table.header == ("Domain", "Human", "Precision", "Recall")
    assert [row[:2] for row in table.rows] == [("People", "9"), ("Means", "6"), ("All domains", "15")]
    assert all("[" in cell for row in table.rows for cell in row[2:])
    assert "human.jsonl" in table.title
    assert measured.to_json()["domains"]["People"]["human"] == 9
    assert (measured.problem, measured.exit_code) == ("", 0)


def test_benchmark_session_writes_a_report_and_a_result(study):
    measured = benchmark(study)
    assert measured.report.read_text(encoding="utf-8").startswith("<!")
    assert (study.reports / "benchmark.json").exists()


def test_benchmark_session_report_draws_the_finish_line_or_says_that_too_little_is_known(study):
    page = benchmark(study).report.read_text(encoding="utf-8")
    assert "The finish line" in page
    assert "Cohen&#39;s kappa" in page or "Not enough was judged" in page


def test_benchmark_session_shows_what_is_known_without_measuring_again(study, monkeypatch):
    first = benchmark(study)
    unmeasured(monkeypatch)
    assert benchmark(study).table() == first.table()


@pytest.mark.parametrize(
    "change",
    [
        lambda study: append(study.folder / "human.jsonl", ""),
        lambda study: append(study.folder / "seeds.jsonl", '{"code": "team", "text": "Like this."}\n'),
        lambda study: append(study.transcripts / "P01.txt", "Anna: And more.\n"),
        lambda study: study.reports.joinpath("benchmark.html").unlink(),
        lambda study: study.reports.joinpath("benchmark.json").write_text("{", encoding="utf-8"),
    ],
    ids=["codings", "recipe", "transcript", "no report", "broken result"],
)
def test_benchmark_session_measures_again_after_a_change(study, monkeypatch, change):
    benchmark(study)
    calls, measure = [], study_benchmark.measure
    monkeypatch.setattr(study_benchmark, "measure", lambda *given: calls.append(1) or measure(*given))
    change(study)
    assert benchmark(study).result
    assert calls == [1]


def append(path, text):
    with path.open("a", encoding="utf-8") as file:
        file.write(text or '{"transcript": "P01", "start": 6, "end": 12, "code": "trust"}\n')


def test_benchmark_session_without_human_coding_is_none(study):
    assert benchmark(with_settings(study, "")) is None
    assert list(study.reports.iterdir()) == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"transcript": "P09", "start": 0, "end": 4, "code": "team"}', "transcript 'P09' is not in the study: line 1"),
        ("nonsense", "human.jsonl:1"),
    ],
)
def test_a_faulty_file_of_codings_is_named_and_ends_the_run_with_1(study, line, problem):
    (study.folder / "human.jsonl").write_text(f"{line}\n", encoding="utf-8")
    measured = benchmark(study)
    assert problem in measured.problem
    assert (measured.exit_code, measured.result) == (1, None)


def test_a_missing_file_of_codings_is_named(study):
    measured = benchmark(with_settings(study, '[benchmark]\nhuman = "nowhere.jsonl"\n'))
    assert "nowhere.jsonl: cannot be read" in measured.problem
    assert measured.exit_code == 1


def test_a_suggester_that_has_seen_the_texts_is_not_measured_and_fails_nothing(study):
    said = "We always talk about porters, every single week."
    append(study.folder / "seeds.jsonl", f'{{"code": "team", "text": "{said}"}}\n')
    (study.transcripts / "P01.txt").write_text(f"Anna: {said}\n", encoding="utf-8")
    coding = f'{{"transcript": "P01", "exact": "{said}", "code": "team"}}\n'
    (study.folder / "human.jsonl").write_text(coding, encoding="utf-8")
    measured = benchmark(study)
    assert "seeds hold test texts" in measured.problem
    assert (measured.exit_code, measured.result) == (0, None)


# What a coder coded on the page


@pytest.fixture
def session(study):
    """Pre-coded, with codings of Ann in two interviews, of which she has finished one."""
    with StudySession(with_settings(study, "")) as opened:
        run_study(opened, lambda run, sources: in_threads(opened, run, sources), plan(opened))
        for version in versions(opened).values():
            span = next(turn.span for turn in opened.store.transcripts.get(version).turns)
            opened.store.decisions.add(NewDecision("Ann", version, Action.CODE, span=span, code="team"))
        mark(opened, "Ann", "P01", EventKind.DONE)
        yield opened


def versions(session):
    return {version.name: version.id for version in session.store.transcripts.versions()}


def mark(session, coder, name, kind):
    session.store.events.add(NewEvent(coder, kind, versions(session)[name]))


def test_human_coding_is_that_of_the_only_coder_who_finished_transcripts(session):
    coding = human_coding(session)
    transcripts, codings = coding.read()
    assert coding.name == "Ann"
    assert [transcript.name for transcript in transcripts] == ["P01"]
    assert [(coding.transcript, coding.code, coding.coder) for coding in codings] == [("P01", "team", "Ann")]


def test_human_coding_of_unfinished_transcripts_does_not_count(session):
    mark(session, "Ann", "P01", EventKind.REOPENED)
    assert human_coding(session) is None
    assert benchmark_session(session) is None


def test_human_coding_of_two_coders_is_nobodys_unless_named(session):
    mark(session, "Bob", "P02", EventKind.DONE)
    assert human_coding(session) is None


def test_human_coding_is_that_of_the_coder_who_is_named(session):
    mark(session, "Bob", "P02", EventKind.DONE)
    with StudySession(with_settings(session.study, '[benchmark]\ncoder = "Ann"\n')) as named:
        assert human_coding(named).name == "Ann"


def test_a_named_coder_who_finished_nothing_is_a_note_not_a_failure(study):
    measured = benchmark(with_settings(study, '[benchmark]\ncoder = "Bob"\n'))
    assert "'Bob' has marked no transcript as done" in measured.problem
    assert measured.exit_code == 0


def test_codings_of_a_coder_are_measured_anew_when_they_change(session):
    before = human_coding(session).digest
    mark(session, "Ann", "P02", EventKind.DONE)
    assert human_coding(session).digest != before
