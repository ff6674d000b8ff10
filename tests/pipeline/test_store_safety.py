"""What the store survives: kills, full disks, damage, other processes, older and newer versions, size."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, event

from corpus.errors import IntegrityError, UsageError
from corpus.transcript import Span
from pipeline.store import Action, NewDecision, OutcomeState, StudyStore
from pipeline.store.database import UnreadyError
from pipeline.store.migrate import HEAD, SCRIPTS
from pipeline.store.schema import metadata
from tests.pipeline.store_support import add, coded_run, facts_of, refused_by_trigger, suggestion_of

WRITER = """
import sys
sys.path.insert(0, {root!r})
from tests.pipeline.store_support import add, facts_of, suggestion_of
from pipeline.store import StudyStore

with StudyStore({place!r}) as store:
    print("open", flush=True)
    run = store.runs.start(facts_of())
    for number in range(6):
        version = add(store, f"P{{number}}")
        if not store.runs.is_done(version, "recipe-1"):
            store.runs.save(run, version, (suggestion_of(n % 60) for n in range(3_000)))
    store.runs.finish(run)
"""


def writer(place):
    script = WRITER.format(root=str(Path(__file__).parents[2]), place=place)
    return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE)


# Kills


def kill_while_writing(place, delay):
    process = writer(place)
    process.stdout.readline()
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def assert_whole(place):
    connection = sqlite3.connect(place)
    counted = (
        "SELECT o.suggestions, COUNT(s.id) FROM outcomes o LEFT JOIN suggestions s ON s.outcome = o.id GROUP BY o.id"
    )
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    assert all(promised == there == 3_000 for promised, there in connection.execute(counted))
    connection.close()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_killed_at_any_moment_it_is_whole_and_the_next_run_completes(tmp_path):
    place = str(tmp_path / "study.db")
    for _ in range(4):
        kill_while_writing(place, random.uniform(0, 0.5))
        assert_whole(place)
    process = writer(place)
    _, complaints = process.communicate()
    assert (process.returncode, complaints) == (0, b"")
    assert_whole(place)
    with StudyStore(place) as store:
        assert len(store.transcripts.versions()) == 6
        assert sum(1 for _ in store.suggestions.stream()) == 18_000


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_killed_while_it_is_made_it_can_be_made(tmp_path):
    place = str(tmp_path / "study.db")
    for _ in range(2):
        process = writer(place)
        time.sleep(random.uniform(0.2, 0.8))
        process.kill()
        process.communicate()
    with StudyStore(place) as store:
        assert add(store, "another")


# Other processes and threads


def test_two_processes_may_make_and_fill_one_store(place):
    if "://" not in place:
        Path(place).unlink()  # so that both want to make it
    both = [writer(place), writer(place)]
    assert [(p.communicate()[1], p.returncode) for p in both] == [(b"", 0), (b"", 0)]
    with StudyStore(place) as store:
        assert len(store.transcripts.versions(superseded=True)) == 6
        assert sum(1 for _ in store.suggestions.stream()) == 18_000


def test_coders_at_once_lose_nothing(store):
    version = add(store)

    def code(number):
        drafts = (
            NewDecision(f"coder {number}", version, Action.CODE, span=Span(n, n + 1), code="a") for n in range(10)
        )
        return [store.decisions.add(draft) for draft in drafts]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(code, range(4)))
    assert len(list(store.decisions.stream())) == 40
    assert len(store.decisions.codings(coder="coder 2")) == 10


# Disks and damage


@pytest.fixture
def on_connect():
    """Run a statement on every new SQLite connection, after the store's own."""
    listeners = []

    def arrange(statement):
        def listener(raw, _record):
            raw.execute(statement).close()

        event.listen(Engine, "connect", listener)
        listeners.append(listener)

    yield arrange
    for listener in listeners:
        event.remove(Engine, "connect", listener)


@pytest.fixture
def filled(tmp_path):
    place = str(tmp_path / "study.db")
    with StudyStore(place) as store:
        coded_run(store, add(store))
    return place


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("PRAGMA max_page_count = 30", "study.db: the disk is full; free some space and repeat the command"),
        ("PRAGMA query_only = ON", "study.db: cannot be written; check the permissions"),
    ],
)
def test_a_disk_that_takes_no_more_is_one_line_and_loses_nothing(filled, on_connect, statement, complaint):
    on_connect(statement)
    with StudyStore(filled) as store, pytest.raises(UnreadyError) as refusal:
        coded_run(store, 1, *(suggestion_of(n % 60, words=("word" * 50,)) for n in range(2_000)))
    assert complaint in str(refusal.value)
    assert "\n" not in str(refusal.value)
    with StudyStore(filled) as store:
        assert len(list(store.suggestions.stream())) == 1


def test_a_locked_database_is_one_line(filled, on_connect):
    other = sqlite3.connect(filled, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    on_connect("PRAGMA busy_timeout = 0")
    with StudyStore(filled) as store, pytest.raises(UnreadyError, match="in use by another process"):
        store.runs.start(facts_of())
    other.close()


@pytest.mark.parametrize("content", [b"PK\x03\x04 a renamed docx " * 100, b"SQLite format 3\x00" + b"\xff" * 5_000])
def test_damage_is_an_integrity_error(tmp_path, content):
    path = tmp_path / "study.db"
    path.write_bytes(content)
    with pytest.raises(IntegrityError, match=r"study.db: is damaged"):
        StudyStore(str(path))


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="cannot be opened; check that the folder exists"):
        StudyStore(str(tmp_path / "nowhere" / "study.db"))


def test_no_error_quotes_what_it_could_not_store(store):
    version = add(store)
    run = store.runs.start(facts_of())
    with pytest.raises(UsageError, match="refused the operation") as refusal:
        store.runs.save(run, version, [suggestion_of(code=None, words=("secret",))])
    assert "secret" not in str(refusal.value)
    assert refusal.value.__cause__ is None


# URLs


@pytest.mark.parametrize("url", ["nonsense://", "mysql://user@host/name", "://", "postgresql+nonsense://host/name"])
def test_a_url_that_means_nothing_is_a_usage_error(url):
    with pytest.raises(UsageError, match=r"\[store\] url"):
        StudyStore(url)


def test_a_server_that_is_not_there_is_one_line_without_the_password():
    pytest.importorskip("psycopg", reason="needs the postgresql extra")
    with pytest.raises(UsageError) as refusal:
        StudyStore("postgresql+psycopg://ann:geheim@127.0.0.1:9/study?connect_timeout=2")
    assert str(refusal.value).startswith("127.0.0.1/study: cannot be opened; check that the server runs")
    assert "geheim" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_postgresql_keeps_the_log_even_from_truncate(store, place):
    if "://" not in place:
        pytest.skip("TRUNCATE is PostgreSQL's; PRECODE_TEST_POSTGRES names a server to test it on")
    refused_by_trigger(place, "TRUNCATE decisions CASCADE")


# Versions of the schema


def test_the_newest_migration_is_the_one_the_code_expects():
    assert ScriptDirectory(str(SCRIPTS)).get_heads() == [HEAD]


def test_the_migrations_make_the_tables_the_code_describes(store, place):
    engine = create_engine(place if "://" in place else f"sqlite:///{place}")
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert differences == []


def test_a_study_of_a_newer_precode_is_refused_untouched(filled):
    set_revision(filled, "9999")
    with pytest.raises(UsageError, match="newer precode"):
        StudyStore(filled)
    assert sqlite3.connect(filled).execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)


def set_revision(place, revision):
    connection = sqlite3.connect(place)
    connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.commit()
    connection.close()


def test_opening_a_current_study_does_not_load_alembic(filled):
    script = (
        f"import sys; from pipeline.store import StudyStore; StudyStore({filled!r}); print('alembic' in sys.modules)"
    )
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS.parents[3])}
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, env=environment)
    assert answer.stdout.strip() == b"False"


# Size


def test_suggestions_stream_in_and_out_in_flat_memory(store):
    version = add(store)
    run = store.runs.start(facts_of())
    tracemalloc.start()
    store.runs.save(run, version, (suggestion_of(n % 60, words=(f"{n:04}" * 500,)) for n in range(8_000)))
    assert sum(1 for _ in store.suggestions.stream()) == 8_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12_000_000, f"{peak:,} bytes: the 16 MB of words were held at once"
    (outcome,) = store.runs.outcomes(run)
    assert (outcome.state, outcome.suggestions) == (OutcomeState.DONE, 8_000)
