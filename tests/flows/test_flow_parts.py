"""What flows are made of, without a server: progress, the plain run, its table, exports, deployment, fitting."""

import json
import os
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from types import SimpleNamespace

import pytest

from corpus.errors import InputError, UsageError
from corpus.seeds import SeedBank
from corpus.shipped import selfie
from evaluation.study_benchmark import StudyBenchmark
from flows import deploy, exporting, fitting, overhead
from flows.exporting import export_files, sort_formats
from flows.fitting import cached_encoder, fit_with
from flows.plain_run import run_plainly
from flows.progress import listening, report_outcome
from flows.summary import SHOWN, StudyRun, header, markdown, rows, to_dict
from models.lexical_encoder import LexicalEncoder
from pipeline.export.formats import CODED_FORMATS
from pipeline.export.gather import ExportRequest
from pipeline.export.publishing import Published
from pipeline.export.run_outputs import FORMATS, RunOutputs
from pipeline.run import FinishedRun, OutcomeStatus, TranscriptOutcome, plan
from pipeline.session import StudySession
from pipeline.store import Action, NewDecision
from pipeline.study import create_study
from pipeline.study_filter import Filter
from pipeline.trust import STUDIES
from tests.corpus.support import BOOK, interviews
from tests.pipeline.run_support import put

CODED = TranscriptOutcome("P01", "transcripts/P01.txt", OutcomeStatus.CODED, 3)
REFUSED = TranscriptOutcome("P02", "transcripts/P02.txt", OutcomeStatus.REFUSED, error="P02.txt: is empty")
FAILED = TranscriptOutcome("P03", "transcripts/P03.txt", OutcomeStatus.FAILED, error="stopped")


def outputs_of(*outcomes, domains=("Service delivery", "Workforce"), folder=None, counts=None, totals=None):
    counts = {"P01": Counter({"Workforce": 2})} if counts is None else counts
    totals = {"P01": 3} if totals is None else totals
    return RunOutputs(FinishedRun(1, outcomes, 1.23456), counts, totals, domains, Published(folder))


# Progress


def test_listening_hears_what_is_reported_while_it_lasts():
    heard = []
    report_outcome(CODED)
    with listening(heard.append):
        report_outcome(CODED)
        report_outcome(REFUSED)
    report_outcome(FAILED)
    assert heard == [CODED, REFUSED]


def test_listening_within_listening_hears_for_itself_and_gives_back():
    outer, inner = [], []
    with listening(outer.append):
        with listening(inner.append):
            report_outcome(CODED)
        report_outcome(REFUSED)
    assert (inner, outer) == ([CODED], [REFUSED])


def test_listening_ends_with_an_error_too():
    heard = []
    with pytest.raises(UsageError), listening(heard.append):
        raise UsageError("stop")
    report_outcome(CODED)
    assert heard == []


# The table of a run


@pytest.mark.parametrize(
    ("domains", "heads"),
    [
        (("Service delivery", "Workforce"), ["Service", "Workforce"]),
        (("Service delivery", "Service use"), ["Service delivery", "Service use"]),
        ((), []),
    ],
    ids=["first words", "whole names where first words mix two up", "no domain"],
)
def test_header_names_a_domain_by_its_first_word_unless_that_mixes_two_up(domains, heads):
    assert header(outputs_of(domains=domains)) == ["Transcript", *heads, "Passages", "Status"]


def test_rows_count_passages_by_domain_and_show_nought_as_a_dot():
    assert rows(outputs_of(CODED)) == [["P01", "·", "2", "3", "coded"]]


@pytest.mark.parametrize("outcome", [REFUSED, FAILED], ids=["refused", "failed"])
def test_rows_of_what_went_wrong_have_no_counts_though_its_name_was_read_before(outcome):
    counts = {outcome.transcript: Counter({"Workforce": 9})}
    shown = rows(outputs_of(outcome, counts=counts, totals={outcome.transcript: 9}))
    assert shown == [[outcome.transcript, "·", "·", "·", str(outcome.status)]]


def test_rows_of_an_empty_study_are_none():
    assert rows(outputs_of(counts={}, totals={})) == []


def test_rows_of_very_many_transcripts_show_errors_first_and_the_sum_of_all():
    many = [replace(CODED, transcript=f"P{n:03d}") for n in range(SHOWN)]
    counts = {outcome.transcript: Counter({"Workforce": 2}) for outcome in many}
    shown = rows(outputs_of(*many, REFUSED, counts=counts, totals=dict.fromkeys(counts, 3)))
    assert len(shown) == SHOWN + 1
    assert shown[0][0] == REFUSED.transcript
    assert shown[-1] == [f"All {SHOWN + 1}", "·", str(2 * SHOWN), str(3 * SHOWN), f"{SHOWN} shown"]


def test_markdown_is_a_table_whatever_a_transcript_is_called():
    named = replace(CODED, transcript="a|b")
    lines = markdown(outputs_of(named, counts={}, totals={})).split("\n")
    assert lines == [
        "| Transcript | Service | Workforce | Passages | Status |",
        "| --- | --- | --- | --- | --- |",
        "| a/b | · | · | · | coded |",
    ]


def test_to_dict_is_json_with_counts_and_without_a_benchmark_where_there_was_none(tmp_path):
    made = outputs_of(CODED, REFUSED, folder=tmp_path)
    document = json.loads(json.dumps(to_dict(StudyRun(made))))
    assert (document["run"], document["seconds"], document["exports"]) == (1, 1.235, str(tmp_path))
    assert [one["status"] for one in document["transcripts"]] == ["coded", "refused"]
    assert document["transcripts"][0]["passages"] == {"Workforce": 2}
    assert "benchmark" not in document


def test_to_dict_says_why_nothing_was_measured(tmp_path):
    benchmark = StudyBenchmark("human.jsonl", tmp_path / "b.html", problem="human.jsonl: is empty", exit_code=1)
    document = to_dict(StudyRun(outputs_of(CODED), benchmark))
    assert document["benchmark"]["problem"] == "human.jsonl: is empty"
    assert document["benchmark"]["domains"] == {}


@pytest.mark.parametrize(
    ("outcomes", "benchmark", "code"),
    [
        ((CODED,), None, 0),
        ((CODED,), 1, 1),
        ((CODED, REFUSED), 0, 1),
        ((CODED, REFUSED, FAILED), 1, 3),
        ((), None, 0),
    ],
    ids=["all done", "faulty codings", "refused", "failed", "empty study"],
)
def test_exit_code_is_the_runs_own_before_that_of_its_benchmark(outcomes, benchmark, code, tmp_path):
    measured = None if benchmark is None else StudyBenchmark("h", tmp_path, exit_code=benchmark)
    assert StudyRun(outputs_of(*outcomes), measured).exit_code == code


# The run without Prefect


@pytest.mark.usefixtures("words")
def test_run_plainly_reports_each_outcome_and_leaves_the_files(study):
    put(study, "P01")
    put(study, "P02", "It takes money.")
    (study.transcripts / "P03.txt").write_bytes(b"")
    heard = []
    with StudySession(study) as session, listening(heard.append):
        finished = run_plainly(session, plan(session))
    assert [outcome.transcript for outcome in heard] == ["P01", "P02", "P03"]
    assert [str(outcome.status) for outcome in finished.outputs.finished.outcomes] == ["coded", "coded", "refused"]
    assert finished.benchmark is None
    assert finished.exit_code == 1
    assert finished.outputs.page.exists()


@pytest.mark.usefixtures("words")
def test_run_plainly_of_an_empty_study_makes_no_run(study):
    with StudySession(study) as session:
        finished = run_plainly(session, plan(session))
        assert session.store.runs.all() == []
    assert (finished.outputs.finished.run, finished.exit_code) == (None, 0)


@pytest.mark.usefixtures("words")
def test_run_plainly_again_keeps_everything_and_reports_nothing(study):
    put(study, "P01")
    heard = []
    for _ in range(2):
        heard.clear()
        with StudySession(study) as session, listening(heard.append):
            finished = run_plainly(session, plan(session))
    assert heard == []
    assert [outcome.status for outcome in finished.outputs.finished.outcomes] == [OutcomeStatus.KEPT]


def test_also_adds_what_was_refused_before_the_run_began():
    made = outputs_of(CODED).also([InputError("inbox/P09.txt", "is a link")])
    assert [(one.transcript, one.status) for one in made.finished.outcomes] == [
        *(("P01", OutcomeStatus.CODED), ("P09", OutcomeStatus.REFUSED)),
    ]
    assert made.finished.exit_code == 1


# Exports by their names


@pytest.mark.parametrize(
    ("names", "suggested", "coded"),
    [
        ([], tuple(FORMATS), ()),
        (["csv"], ("csv",), ()),
        (["qdpx", "csv", "qdpx", "html"], ("csv", "html"), ("qdpx",)),
        (["framework", "word"], (), ("framework", "word")),
    ],
    ids=["none means all of suggestions", "one", "twice counts once", "codings only"],
)
def test_sort_formats_tells_suggestions_from_codings(names, suggested, coded):
    assert sort_formats(names) == (suggested, coded)


@pytest.mark.parametrize("name", ["pdf", "", "CSV"])
def test_sort_formats_refuses_an_unknown_name_and_says_all_there_are(name):
    with pytest.raises(UsageError, match=f"format '{name}' is none of") as caught:
        sort_formats(["csv", name])
    assert all(known in str(caught.value) for known in (*FORMATS, *CODED_FORMATS))


@pytest.fixture
def session(study, words):
    put(study, "P01", "The nurse rings about money.")
    put(study, "P02", "The computer is slow.")
    with StudySession(study) as opened:
        run_plainly(opened, plan(opened))
        yield opened


def decide(session, transcript="P01"):
    version = next(found.id for found in session.store.transcripts.versions() if found.name == transcript)
    stored = next(session.store.suggestions.stream(version=version))
    session.store.decisions.add(NewDecision("Ann", version, Action.ACCEPT, suggestion=stored.id))


def test_export_files_yields_one_format_after_the_other_with_what_to_open(session, tmp_path):
    decide(session)
    made = [paths for paths, _ in export_files(session, tmp_path / "out", ExportRequest(("csv", "passages", "jsonl")))]
    assert [[path.name for path in paths] for paths in made] == [
        *(["suggestions.csv"], ["suggestions.jsonl"], ["passages.xlsx"]),
    ]
    assert all(path.is_file() for paths in made for path in paths)


def test_export_files_go_into_latest_by_default(session):
    ((paths, published),) = export_files(session, None, ExportRequest(("jsonl",)))
    assert published.folder == session.study.exports / "latest"
    assert paths[0].parent == published.folder


def test_export_files_leave_an_edited_file_alone_and_name_the_one_beside_it(session, tmp_path):
    list(export_files(session, tmp_path / "out", ExportRequest(("jsonl",))))
    edited = tmp_path / "out" / "suggestions.jsonl"
    edited.write_text("mine", encoding="utf-8")
    ((paths, published),) = export_files(session, tmp_path / "out", ExportRequest(("jsonl",)))
    assert edited.read_text(encoding="utf-8") == "mine"
    assert paths == [tmp_path / "out" / "suggestions (2).jsonl"]
    assert list(published.kept) == [edited]


def test_export_files_of_some_participants_hold_these_only(session, tmp_path):
    request = ExportRequest(("jsonl",), Filter(where={"transcript": frozenset({"p02"})}))
    ((paths, _),) = export_files(session, tmp_path / "out", request)
    lines = paths[0].read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["transcript"] for line in lines} == {"P02"}


@pytest.mark.parametrize(
    ("request_for", "message"),
    [
        (
            ExportRequest(("jsonl",), Filter(where={"transcript": frozenset({"p99"})})),
            "no transcript is of a participant",
        ),
        (ExportRequest(("quotations",)), "nothing has been coded yet, so there is nothing for quotations"),
        (ExportRequest(("quotations",), Filter(coder="Eve")), "nothing has been coded yet by coder 'Eve'"),
        (ExportRequest(("nonsense",)), "format 'nonsense' is none of"),
    ],
    ids=["nobody", "nothing coded", "nothing by a coder", "no such format"],
)
def test_export_files_of_nothing_say_what_to_do_and_write_nothing(session, tmp_path, request_for, message):
    with pytest.raises(UsageError, match=message):
        list(export_files(session, tmp_path / "out", request_for))
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_file()]


def test_export_files_of_an_empty_study_say_what_to_type(study, tmp_path):
    with StudySession(study) as opened, pytest.raises(UsageError, match="type: precode run --study"):
        list(export_files(opened, tmp_path, ExportRequest(("csv",))))


def test_exporting_loads_no_writer_before_it_is_asked():
    assert not {"write_coded", "publish", "FORMATS"} & {*vars(exporting)}


# Deployment


@pytest.fixture
def deployed(monkeypatch):
    """Serving that ends at once and notes how it was asked."""
    asked = {}

    @contextmanager
    def api(concurrency, *, scheduling=False):
        asked["api"] = (concurrency, scheduling)
        yield

    class Flow:
        def serve(self, **options):
            asked.update(options, studies=os.environ.get(STUDIES))
            if asked.get("name") == "broken":
                raise UsageError("stopped")

    monkeypatch.setattr(deploy, "prefect_api", api)
    # Prefect takes seconds to load, and nothing of it is asked here.
    kinds = SimpleNamespace(EntrypointType=SimpleNamespace(MODULE_PATH="module"))
    monkeypatch.setitem(sys.modules, "prefect.types.entrypoint", kinds)
    monkeypatch.setitem(sys.modules, "flows.precode_flow", SimpleNamespace(precode_study=Flow()))
    monkeypatch.delenv(STUDIES, raising=False)
    return asked


def test_serve_study_runs_one_at_a_time_on_this_study_only(study, deployed):
    deploy.serve_study(study, interval=timedelta(minutes=5))
    folder = str(study.folder.resolve())
    assert deployed["api"] == (study.settings.run.concurrency, True)
    assert (deployed["limit"], deployed["interval"], deployed["cron"]) == (1, timedelta(minutes=5), None)
    assert deployed["parameters"] == {"folder": folder, "inbox": True}
    assert deployed["studies"] == folder
    assert STUDIES not in os.environ, "what comes later in this process is not bound to the study"


def test_serve_study_by_the_clock_passes_it_on(study, deployed):
    deploy.serve_study(study, cron="0 3 * * *")
    assert (deployed["cron"], deployed["interval"]) == ("0 3 * * *", None)


def test_serve_study_sets_nothing_for_good_when_it_breaks(tmp_path, deployed):
    with pytest.raises(UsageError, match="stopped"):
        deploy.serve_study(create_study(tmp_path / "broken"))
    assert STUDIES not in os.environ


# Fitting for benchmarks


def test_fit_with_fits_a_pair_of_codebook_and_seeds_once(monkeypatch):
    fitted = []

    def make(*_, kept):
        fitted.append(kept)
        return len(fitted)

    monkeypatch.setattr(fitting, "make_precoder", make)
    fit = fit_with(LexicalEncoder())
    assert [fit(BOOK, interviews(3)), fit(BOOK, interviews(3)), fit(BOOK, interviews(4))] == [1, 1, 2]
    assert fitted == [None, None]


def test_fit_with_keeps_what_the_shipped_bank_gives_and_nothing_else(monkeypatch, tmp_path):
    monkeypatch.setenv("PRECODE_CACHE", str(tmp_path))
    places = []
    monkeypatch.setattr(fitting, "make_precoder", lambda *_, kept: places.append(kept))
    monkeypatch.setattr(fitting, "selfie_seeds", lambda: SeedBank(interviews(2).quotes))
    fit = fit_with(LexicalEncoder())
    fit(selfie(), SeedBank(interviews(2).quotes))
    fit(selfie(), SeedBank(interviews(3).quotes))
    assert places == [fitting.cache_home(), None]


def test_cached_encoder_keeps_vectors_in_the_users_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("PRECODE_CACHE", str(tmp_path))
    cached = cached_encoder("lexical")
    expected = LexicalEncoder().encode(["The nurse rings."])
    assert (cached.encode(["The nurse rings."]) == expected).all()
    assert (cached_encoder("lexical").encode(["The nurse rings."]) == expected).all()
    assert [path for path in (tmp_path / "benchmark").rglob("*") if path.is_file()]


def test_cached_encoder_of_no_such_name_is_refused():
    with pytest.raises(UsageError, match="no-such-encoder"):
        cached_encoder("no-such-encoder")


# What Prefect costs


def test_milliseconds_each_leave_out_what_a_run_costs_once(monkeypatch, tmp_path):
    moments = iter([0.0, 2.0, 10.0, 12.0 + 0.001 * (overhead.MANY - overhead.FEW)])
    monkeypatch.setattr(overhead.time, "perf_counter", lambda: next(moments))
    ran = []
    assert overhead.milliseconds_each(ran.append, tmp_path) == pytest.approx(1.0)
    assert [len(list((folder / "transcripts").iterdir())) for folder in ran] == [overhead.FEW, overhead.MANY]


def test_seconds_of_a_run_are_those_between_its_start_and_its_end(monkeypatch, tmp_path):
    moments = iter([3.0, 7.5])
    monkeypatch.setattr(overhead.time, "perf_counter", lambda: next(moments))
    ran = []
    assert overhead.seconds_of(partial(ran.append), tmp_path) == 4.5
    assert ran == [tmp_path]
