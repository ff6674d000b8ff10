"""A big study is a normal study: asked in portions, written in passes, the same as a small one."""

import gc
import os
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.corrections import Correction
from corpus.errors import InputError, UsageError
from corpus.transcript import Role, Span, Transcript, Turn, digest_of
from evaluation.performance.big_study import make_big_study
from pipeline import corrections
from pipeline.corrections import CorrectionLog
from pipeline.export import run_outputs
from pipeline.export.page import Document
from pipeline.export.run_outputs import Documents, suggestion_set, write_formats
from pipeline.review import queue, suggestion_index
from pipeline.run import plan
from pipeline.session import StudySession
from pipeline.store import Sentence, StudyStore, suggestions
from pipeline.store import runs as run_store
from pipeline.study import Study, create_study
from tests.corpus.support import BOOK
from tests.pipeline.run_support import put
from tests.pipeline.store_support import add, coded_run, facts_of, suggestion_of
from tests.pipeline.test_run import run


def document(n, words):
    return Document(Transcript(f"P{n}", words, (Turn(Span(0, len(words)), "Ann", Role.PARTICIPANT),)), ())


@given(st.lists(st.text("ab", min_size=1, max_size=9), max_size=5), st.integers(0, 30))
def test_documents_are_the_same_at_each_pass_and_read_anew_only_if_they_are_many(texts, held):
    reads = []

    def read():
        reads.append(None)
        yield from (document(n, words) for n, words in enumerate(texts))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(run_outputs, "HELD_CHARACTERS", held)
        documents = Documents(read)
        passes = [[each.transcript.text for each in documents] for _ in range(3)]
    assert passes == [texts] * 3
    assert len(reads) == (1 if sum(map(len, texts)) <= held else 3)


@pytest.mark.usefixtures("words")
def test_files_of_a_study_that_is_read_anew_for_each_are_those_of_one_that_is_held(study, tmp_path, monkeypatch):
    for n in range(3):
        put(study, f"P0{n}", "The nurse rings me about money." if n else "Nothing.")
    run(study)
    with StudySession(study) as session:
        write_formats(tmp_path / "held", suggestion_set(session), ["csv", "jsonl", "html"])
        monkeypatch.setattr(run_outputs, "HELD_CHARACTERS", 0)
        monkeypatch.setattr("pipeline.export.page.ONE_PAGE", 0)
        write_formats(tmp_path / "anew", suggestion_set(session), ["csv", "jsonl", "html"])
    for name in ("suggestions.csv", "suggestions.jsonl"):
        assert (tmp_path / "anew" / name).read_bytes() == (tmp_path / "held" / name).read_bytes()
    assert len(list((tmp_path / "anew" / "suggestions").iterdir())) == 3


@pytest.mark.usefixtures("words")
def test_plan_asks_the_store_as_often_for_many_transcripts_as_for_one(study, monkeypatch):
    def asked():
        with StudySession(study) as session:
            calls, reading = [], session.store._database.reading
            monkeypatch.setattr(session.store._database, "reading", lambda: calls.append(None) or reading())
            assert not plan(session).todo
            return len(calls)

    put(study, "P00")
    run(study)
    of_one = asked()
    for n in range(1, 9):
        put(study, f"P0{n}")
    run(study)
    assert asked() == of_one


def test_candidates_of_more_versions_than_a_query_names_are_those_that_were_asked_for(store, monkeypatch):
    versions = [add(store, f"P{n}") for n in range(4)]
    for version in versions:
        coded_run(store, version, suggestion_of(version))
    monkeypatch.setattr(suggestions, "MOST_NAMED", 1)
    found = [each.version for each in store.suggestions.candidates("codebook-digest", versions=versions[1:3])]
    assert found == versions[1:3]


@given(st.integers(1, 4), st.integers(0, 9))
def test_the_index_of_suggestions_is_the_same_whatever_it_takes_at_once(portion, count):
    rows = [suggestions.StoredCandidate(n + 1, n % 3, n, n + 5, BOOK.ids[0], n / 10) for n in range(count)]
    whole = suggestion_index.index_of(rows, BOOK, [0, 1, 2])
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(suggestion_index, "PORTION", portion)
        portions = suggestion_index.index_of(rows, BOOK, [0, 1, 2])
    for name in suggestion_index.COLUMNS:
        assert getattr(portions, name).tolist() == getattr(whole, name).tolist()


def test_no_sentence_of_a_big_study_is_there_twice(tmp_path):
    study = make_big_study(tmp_path / "big", 3, 40, run={"concurrency": 1}, model={"encoder": "lexical"})
    talk = [turn for source in study.sources().accepted for _, turn in study.read(source).talk()]
    said = [turn for turn in talk if not turn.startswith("Can you tell me")]
    assert len(said) == len(set(said)) == 3 * 7
    assert study.settings.run.concurrency == 1
    assert study.settings.model.encoder == "lexical"


@given(st.permutations(range(12)), st.lists(st.booleans(), min_size=12, max_size=12), st.integers(0, 13))
def test_first_rows_are_the_first_of_all_however_many_are_looked_at_together(order, flags, limit):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(queue, "LOOKED_AT", 5)
        found = queue.first_rows(np.array(order), np.array(flags), limit)
    assert found.tolist() == [row for row in order if flags[row]][:limit]


@given(st.lists(st.text("ab", min_size=1, max_size=9), max_size=5), st.integers(0, 30))
def test_documents_of_a_folder_are_read_once_and_the_same_at_each_pass_two_at_once_too(tmp_path_factory, texts, held):
    reads, folder = [], tmp_path_factory.mktemp("held")

    def read():
        reads.append(None)
        yield from (document(n, words) for n, words in enumerate(texts))

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(run_outputs, "HELD_CHARACTERS", held)
        documents = Documents(read, folder)
        first, *others = [list(documents) for _ in range(2)]
        together = list(zip(documents, documents, strict=True))
    assert [each.transcript.text for each in first] == texts
    assert others == [first]
    assert together == list(zip(first, first, strict=True))
    assert (len(reads), list(folder.iterdir())) == (1, [])


def test_documents_that_the_disk_has_no_room_for_are_an_error_in_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(run_outputs, "HELD_CHARACTERS", 0)
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(UsageError, match="cannot be written"):
        list(Documents(lambda: iter([document(1, "words")]), tmp_path / "cache"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
@pytest.mark.parametrize("size", [10, 100_000])
def test_documents_on_a_disk_that_is_full_are_an_error_in_one_line_and_nothing_else(
    tmp_path, monkeypatch, recwarn, size
):
    unraisable = []
    monkeypatch.setattr("sys.unraisablehook", unraisable.append)
    monkeypatch.setattr("sys.excepthook", lambda *told: unraisable.append(told))  # finalizers tell it
    monkeypatch.setattr(run_outputs, "HELD_CHARACTERS", 0)
    monkeypatch.setattr(run_outputs, "TemporaryFile", lambda **_: os.fdopen(os.open("/dev/full", os.O_RDWR), "w+b"))
    documents = Documents(lambda: iter([document(1, "w" * size), document(2, "words")]), tmp_path)
    for _ in range(2):
        with pytest.raises(UsageError, match="cannot be written"):
            list(documents)
    del documents
    gc.collect()
    assert (unraisable, list(recwarn)) == ([], [])


def correction(n, transcript, digest=""):
    file = digest or digest_of(transcript)
    return Correction(f"c{n}", transcript, file, "", "nurse", "", "Nurse", "Ada", datetime(2030, 1, 1 + n, tzinfo=UTC))


@settings(max_examples=25, deadline=None)  # each makes a study
@given(st.lists(st.tuples(st.sampled_from(["P00", "P01", "gone"]), st.integers(0, 2)), max_size=6))
def test_corrections_of_a_file_are_of_its_name_or_of_one_that_is_gone_and_was_the_same(tmp_path_factory, made):
    study = create_study(tmp_path_factory.mktemp("corrected") / "study")
    for n in range(2):
        put(study, f"P0{n}", f"The nurse {n} rings.")
    digests = [*(study.source(f"transcripts/P0{n}.txt").digest() for n in range(2)), "0" * 64]
    log = CorrectionLog(study.folder)
    for n, (transcript, file) in enumerate(made):
        log.add(correction(n, transcript, digests[file]))
        assert [each.id for each in log.in_force()] == [f"c{m}" for m in range(n + 1)]  # read anew though it was known
    for k in range(2):
        own = [f"c{n}" for n, (name, file) in enumerate(made) if name == f"P0{k}" or (name == "gone" and file == k)]
        assert [each.id for each in study.corrections(study.source(f"transcripts/P0{k}.txt"))] == own


@pytest.fixture
def log(tmp_path):
    """A log with a correction, which was read."""
    log = CorrectionLog(tmp_path)
    log.add(correction(1, "P01"))
    log.in_force()
    return log


def restate(log):
    """Put other words of the same length into the log, as another program does."""
    log.path.write_bytes(log.path.read_bytes().replace(b"nurse", b"nurze"))


def corrected(log):
    return [each.words for each in log.in_force()]


def let_pass(monkeypatch, seconds):
    now = time.time
    monkeypatch.setattr(corrections, "time", SimpleNamespace(time=lambda: now() + seconds))


def test_corrections_that_are_old_are_read_once_and_anew_when_changed(log, monkeypatch):
    let_pass(monkeypatch, 60)
    reads, lines = [], CorrectionLog._lines
    monkeypatch.setattr(CorrectionLog, "_lines", lambda log: reads.append(None) or lines(log))
    assert [corrected(log) for _ in range(3)] == [["nurse"]] * 3
    assert len(reads) == 1
    log.add(correction(2, "P01"))
    assert len(log.in_force()) == 2


def test_corrections_changed_within_a_tick_of_the_disks_clock_are_read_anew(log, monkeypatch):
    stamp = log.path.lstat()
    monkeypatch.setattr(Path, "lstat", lambda _: stamp)
    assert corrected(log) == ["nurse"]
    restate(log)
    assert corrected(log) == ["nurze"]


def test_corrections_restored_with_their_time_of_before_are_read_anew(log, monkeypatch):
    let_pass(monkeypatch, 60)
    assert corrected(log) == ["nurse"]
    found = log.path.stat()
    restate(log)
    os.utime(log.path, ns=(found.st_atime_ns, found.st_mtime_ns))
    assert corrected(log) == ["nurze"]


def test_corrections_that_cannot_be_looked_at_are_not_taken_for_none(tmp_path, monkeypatch):
    log = CorrectionLog(tmp_path)
    assert log.in_force() == ()

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "lstat", refuse)
    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(InputError, match="cannot be read"):
        log.in_force()


@pytest.mark.usefixtures("words")
def test_a_run_with_corrections_lists_the_files_as_often_for_many_transcripts_as_for_one(study, monkeypatch):
    def listed(transcripts):
        for n in range(transcripts):
            put(study, f"P0{n}")
        CorrectionLog(study.folder).add(correction(transcripts, "P00"))
        calls, files = [], Study._files
        with monkeypatch.context() as patched:
            patched.setattr(Study, "_files", lambda study: calls.append(None) or files(study))
            run(study)
        return len(calls)

    assert listed(1) == listed(9)


@settings(max_examples=10, deadline=None)  # each makes a study store
@given(st.lists(st.integers(0, 4), max_size=5), st.integers(1, 3))
def test_sentence_rows_of_many_versions_are_those_of_each_and_read_a_portion_at_once(tmp_path_factory, cut, portion):
    with (
        StudyStore(str(tmp_path_factory.mktemp("rows") / "study.db")) as store,
        pytest.MonkeyPatch.context() as patched,
    ):
        patched.setattr(run_store, "BATCH", portion)
        versions = [add(store, f"P{n}") for n in range(len(cut))]
        for version, many in zip(versions, cut, strict=True):  # with none kept, a text is cut anew
            sentences = [Sentence(Span(k, k + 1), 0) for k in range(many)]
            store.runs.save(store.runs.start(facts_of()), version, [suggestion_of()], sentences)
        calls, reading = [], store._database.reading
        patched.setattr(store._database, "reading", lambda: calls.append(None) or reading())
        found = list(store.runs.sentence_rows_of(versions))
        assert len(calls) == -(-len(cut) // portion) + cut.count(0)
        assert found == [(version, store.runs.sentence_rows(version)) for version in versions]
        assert [len(rows) for _, rows in found if len(rows) != 3] == [many for many in cut if many not in {0, 3}]
