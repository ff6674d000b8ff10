"""What the flow adds to a run, without a server: one session for its tasks, silence about defects, no proxy."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from types import SimpleNamespace
from urllib.request import getproxies_environment, proxy_bypass_environment

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import InternalError, UsageError, discreet
from flows.prefect_server import ASKED_BY_RUNS, asked_first, configuration, unproxied
from pipeline.run import plan
from pipeline.session import StudySession
from pipeline.study import create_study
from tests.pipeline.run_support import put
from tests.pipeline.store_support import facts_of


@pytest.fixture
def flow(tmp_path, monkeypatch):
    """The module of the flow, loaded as the command line loads it."""
    monkeypatch.setenv("PRECODE_CACHE", str(tmp_path / "cache"))
    for name, value in configuration(2, {}).items():
        monkeypatch.setenv(name, value)
    (tmp_path / "cache" / "prefect").mkdir(parents=True)
    from flows import precode_flow, worker

    worker._sessions.clear()
    yield precode_flow
    worker._sessions.clear()


@pytest.mark.usefixtures("words")
def test_a_defect_outside_a_transcript_is_not_quoted_to_prefect(flow, study, monkeypatch):
    def strike(*_):
        raise ValueError("SECRET words")

    monkeypatch.setattr(flow, "write_run_outputs", strike)
    with pytest.raises(InternalError, match="the run: stopped by ValueError at test_flow_units") as caught:
        flow.precode_study.fn(str(study.folder))
    assert "SECRET" not in str(caught.value)


def test_tasks_that_begin_together_share_one_session(flow, study, monkeypatch):
    made = []

    def slowly(opened):
        time.sleep(0.05)
        made.append(SimpleNamespace(study=opened))
        return made[-1]

    monkeypatch.setattr("flows.worker.StudySession", slowly)
    monkeypatch.setattr(flow, "precode_transcript", lambda session, *_, **__: session)
    with ThreadPoolExecutor(4) as pool:
        benches = list(pool.map(lambda n: flow.precode_one.fn(str(study.folder), 1, f"{n}.txt"), range(4)))
    assert len(made) == 1
    assert all(session is made[0] for session in benches)


def test_what_the_tasks_of_a_study_shared_is_closed_at_the_end(flow, study):
    from flows import worker

    shared, other = (
        flow.session_of(folder, 1) for folder in (str(study.folder), str(create_study(study.folder / "x").folder))
    )
    assert shared.store.transcripts.versions() == other.store.transcripts.versions()
    with flow._closing(study):
        assert flow.session_of(str(study.folder), 1) is shared
    assert list(worker._sessions.values()) == [other]
    assert not study.folder.joinpath("study.db-wal").exists()
    other.close()


class Here:
    """A task runner that does each task at once, here, as a thread of Prefect's would."""

    def __init__(self):
        self.first = []

    def submit(self, task, parameters):
        self.first.append(parameters["first"])
        done = task.fn(**parameters)
        return SimpleNamespace(result=lambda: done)


@pytest.mark.usefixtures("words")
def test_very_many_transcripts_travel_in_tasks_of_a_few_and_a_repeated_task_does_nothing_again(
    flow, study, monkeypatch
):
    for n in range(20):
        put(study, f"P{n:02d}", "A defect, please." if n == 5 else "The nurse.")
    (study.transcripts / "P07.txt").write_bytes(b"")
    workers, told = Here(), []
    monkeypatch.setattr(flow, "FLOOD", 20)
    monkeypatch.setattr(flow, "workers_of", lambda _study: nullcontext(workers))
    monkeypatch.setattr(flow, "report_outcome", told.append)
    with StudySession(study) as session, flow._closing(study):
        todo = plan(session)
        run = session.store.runs.start(facts_of(session.recipe))
        first, again = (list(flow._in_tasks(session, run, todo.todo)) for _ in range(2))
        outcomes = session.store.runs.outcomes(run)
        stored = [suggested.transcript for suggested in session.store.suggestions.stream()]
    statuses = [str(outcome.status) for outcome in first]
    assert statuses == ["failed" if n == 5 else "refused" if n == 7 else "coded" for n in range(20)]
    assert [str(outcome.status) for outcome in again] == statuses
    assert told == [*first, *again]
    assert len(workers.first) == 2 * 10
    assert len(outcomes) == 19  # a defect is no outcome of the store
    assert stored == [outcome.transcript for outcome in first if str(outcome.status) == "coded"]


@pytest.mark.parametrize("excepted", ["", "intranet.example"])
def test_requests_to_this_machine_pass_by_a_proxy(monkeypatch, excepted):
    environment = {"http_proxy": "http://proxy.example:3128", "no_proxy": excepted}
    environment |= unproxied(environment)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    proxies = getproxies_environment()
    assert proxy_bypass_environment("127.0.0.1:4200", proxies)
    assert proxy_bypass_environment("intranet.example", proxies) == bool(excepted)
    assert not proxy_bypass_environment("elsewhere.example", proxies)


def test_errors_of_ours_keep_their_message():
    with pytest.raises(UsageError, match="what to do"), discreet("x"):
        raise UsageError("what to do")


@given(st.permutations(["", "/logs", "/ui/flows", "/ui/flows", *ASKED_BY_RUNS]))
def test_routers_that_a_run_asks_come_first_and_the_rest_stay_as_they_were(prefixes):
    routers = [SimpleNamespace(prefix=prefix) for prefix in prefixes]
    first = asked_first(routers)
    asked = len(ASKED_BY_RUNS)
    assert tuple(router.prefix for router in first[:asked]) == ASKED_BY_RUNS
    assert list(first[asked:]) == [router for router in routers if router.prefix not in ASKED_BY_RUNS]


@pytest.mark.prefect
def test_routers_that_a_run_asks_are_there():
    from prefect.server.api.server import API_ROUTERS

    assert set(ASKED_BY_RUNS) <= {router.prefix for router in API_ROUTERS}
