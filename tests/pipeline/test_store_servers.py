"""One study, many processes: what holds of the store when workers and review servers write to it at once."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, func, select

from corpus.errors import UsageError
from corpus.suggestion import Evidence
from evaluation.performance.local_postgres import programs
from pipeline.store import Action, NewDecision, OutcomeState, StudyStore, database
from pipeline.store.migrate import SCRIPTS
from pipeline.store.schema import decisions, metadata
from tests.pipeline.store_support import add, coded_run, facts_of, refused_by_trigger, suggestion_of

WORKERS, SERVERS, EACH = 8, 2, 4
WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


def work(place, worker, run):
    """Pre-code transcripts as a worker does, with connections of its own."""
    with StudyStore(place) as store:
        for n in range(EACH):
            version = add(store, f"W{worker}-{n}")
            store.runs.save(run, version, [suggestion_of(start) for start in range(5)])


def review(place, server, version, suggestions):
    """Decide as a review server does, with connections of its own."""
    with StudyStore(place) as store:
        for n, suggestion in enumerate(suggestions):
            draft = NewDecision(f"coder {server}", version, Action.ACCEPT, suggestion, key=f"{server}-{n}")
            store.decisions.add(draft, draft)  # sent twice, as by a page that heard no answer


def test_two_servers_and_eight_workers_write_at_once_and_nothing_is_lost_or_doubled(store, place):
    version = add(store)
    coded_run(store, version, *map(suggestion_of, range(10)))
    asked = [stored.id for stored in store.suggestions.stream()]
    run = store.runs.start(facts_of())
    with ThreadPoolExecutor(WORKERS + SERVERS) as pool:
        working = [pool.submit(work, place, worker, run) for worker in range(WORKERS)]
        working += [pool.submit(review, place, server, version, asked) for server in range(SERVERS)]
        for future in working:
            future.result()
    outcomes = store.runs.outcomes(run)
    assert [(outcome.state, outcome.suggestions) for outcome in outcomes] == [(OutcomeState.DONE, 5)] * WORKERS * EACH
    assert sum(1 for _ in store.suggestions.stream()) == 10 + 5 * WORKERS * EACH
    log = list(store.decisions.stream())
    assert sorted((decision.coder, decision.suggestion) for decision in log) == sorted(
        (f"coder {server}", suggestion) for server in range(SERVERS) for suggestion in asked
    )
    assert store.change_counters().decisions == log[-1].id


def test_reading_sees_one_moment_of_the_database(store, place):
    version = add(store)
    counted = select(func.count()).select_from(decisions)
    with store._database.reading() as connection, StudyStore(place) as other:
        assert connection.scalar(counted) == 0
        other.decisions.add(NewDecision("Ann", version, Action.MEMO, memo="later"))
        assert connection.scalar(counted) == 0
    with store._database.reading() as connection:
        assert connection.scalar(counted) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(words=st.lists(WORDS, max_size=3), quoted=WORDS, likely=st.floats(0, 1), share=st.floats(-1, 1))
def test_suggestions_come_back_as_they_were_saved_whatever_they_quote(store, words, quoted, likely, share):
    version = add(store)
    evidence = (Evidence(quoted, share, "authored"),)
    made = suggestion_of(words=tuple(words), evidence=evidence, probability=likely, alternatives=((quoted, likely),))
    coded_run(store, version, made)
    assert [stored.suggestion for stored in store.suggestions.stream()] == [made]


# PostgreSQL by itself


@pytest.fixture
def url(postgres):
    with postgres.lent() as lent:
        yield lent


def test_a_writer_that_hangs_is_named_not_waited_for_for_ever(url, monkeypatch):
    monkeypatch.setattr(database, "SESSION", "-c lock_timeout=50ms")
    with StudyStore(url) as hanging, StudyStore(url) as store, hanging._database.writing():
        with pytest.raises(UsageError, match="is in use by another process"):
            add(store)
        assert store.transcripts.versions() == []  # whoever reads waits for nobody


def test_a_process_that_holds_all_its_connections_says_so(url, monkeypatch):
    few = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.05}
    monkeypatch.setattr(database, "CONNECTIONS", few)
    with StudyStore(url) as store, store._database.reading(), pytest.raises(UsageError, match="connections are in use"):
        store.transcripts.versions()


def test_a_connection_that_the_server_closed_is_replaced(url, postgres):
    with StudyStore(url) as store:
        add(store)
        postgres.disconnect(url)  # a server that was started again
        assert [version.name for version in store.transcripts.versions()] == ["P01"]


@pytest.mark.parametrize("revision", sorted(script.name[:4] for script in (SCRIPTS / "versions").glob("[0-9]*.py")))
def test_a_database_of_every_earlier_precode_is_brought_up_to_date(postgres, revision):
    url = postgres.new()
    engine, config = create_engine(url), Config()
    config.set_main_option("script_location", str(SCRIPTS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    with StudyStore(url) as store:
        coded_run(store, add(store))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_pg_dump_and_pg_restore_carry_a_study_over_with_what_guards_its_log(postgres, url, tmp_path):
    if not (folder := programs()):
        pytest.skip("needs pg_dump; install PostgreSQL's client programs")
    with StudyStore(url) as store:
        coded_run(store, add(store))
        store.decisions.add(NewDecision("Ann", 1, Action.ACCEPT, 1))
    copy, archive = postgres.new(), tmp_path / "study.dump"
    plain, target = (each.replace("+psycopg", "") for each in (url, copy))
    run = partial(subprocess.run, check=True, capture_output=True)
    run([folder / "pg_dump", "--format=custom", f"--file={archive}", plain])
    run([folder / "pg_restore", "--no-owner", f"--dbname={target}", archive])
    with StudyStore(copy) as restored:
        assert [decision.coder for decision in restored.decisions.stream()] == ["Ann"]
        assert add(restored, "P02") == 2  # ids go on where they were
    refused_by_trigger(copy, "DELETE FROM decisions")
