import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus import blob_cache
from models import vector_cache as module
from models.embedder import Embedder
from models.lexical_encoder import LexicalEncoder
from models.vector_cache import VectorCache


class Counting:
    """Records what it was asked to encode."""

    def __init__(self, fingerprint="counting/v1"):
        self.fingerprint = fingerprint
        self.seen = []

    def encode(self, texts):
        self.seen.extend(texts)
        return LexicalEncoder().encode(texts)


@pytest.fixture
def counting():
    return Counting()


def vandalise(path, statement):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)


def test_it_is_an_embedder_with_the_fingerprint_of_the_one_behind_it(tmp_path, counting):
    cache = VectorCache(counting, tmp_path)
    assert isinstance(cache, Embedder)
    assert cache.fingerprint == counting.fingerprint


def test_each_text_is_encoded_once_and_order_is_kept(tmp_path, counting):
    cache = VectorCache(counting, tmp_path)
    vectors = cache.encode(["b", "a", "b", "c", "a"])
    assert counting.seen == ["b", "a", "c"]
    assert np.array_equal(vectors, LexicalEncoder().encode(["b", "a", "b", "c", "a"]))


def test_vectors_outlive_the_process_that_made_them(tmp_path, counting):
    VectorCache(counting, tmp_path).encode(["one", "two"])
    again = Counting()
    vectors = VectorCache(again, tmp_path).encode(["two", "three"])
    assert again.seen == ["three"]
    assert np.array_equal(vectors, LexicalEncoder().encode(["two", "three"]))


def test_another_model_never_gets_these_vectors(tmp_path, counting):
    VectorCache(counting, tmp_path).encode(["one"])
    other = Counting("counting/v2")
    VectorCache(other, tmp_path).encode(["one"])
    assert other.seen == ["one"]


def test_the_result_may_be_written_to_without_harm_to_the_cache(tmp_path, counting):
    cache = VectorCache(counting, tmp_path)
    cache.encode(["one"])[:] = 0
    assert np.array_equal(cache.encode(["one"]), LexicalEncoder().encode(["one"]))


def test_no_texts_give_no_rows_and_no_file(tmp_path, counting):
    assert VectorCache(counting, tmp_path / "cache").encode([]).shape == (0, 256)
    assert not (tmp_path / "cache").exists()


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(codec=None), max_size=20), max_size=12))
def test_a_cached_answer_equals_a_fresh_one(tmp_path, texts):
    assert np.array_equal(VectorCache(LexicalEncoder(), tmp_path).encode(texts), LexicalEncoder().encode(texts))


def test_more_texts_than_one_portion(tmp_path, counting, monkeypatch):
    monkeypatch.setattr(module, "_ENCODED_AT_ONCE", 7)
    monkeypatch.setattr(blob_cache, "_ASKED_AT_ONCE", 3)
    texts = [f"text {n}" for n in range(20)]
    VectorCache(counting, tmp_path).encode(texts)
    assert np.array_equal(VectorCache(Counting(), tmp_path).encode(texts), LexicalEncoder().encode(texts))
    assert counting.seen == texts


@pytest.mark.parametrize("damage", [b"", b"not a database at all" * 400, b"SQLite format 3\0" + b"\xff" * 9000])
def test_a_damaged_file_is_started_afresh(tmp_path, damage):
    (tmp_path / module.FILE_NAME).write_bytes(damage)
    first, second = Counting(), Counting()
    VectorCache(first, tmp_path).encode(["one"])
    VectorCache(second, tmp_path).encode(["one", "two"])
    third = Counting()
    assert VectorCache(third, tmp_path).encode(["one", "two"]).shape == (2, 256)
    assert third.seen == []


def test_a_file_cut_in_half_is_started_afresh(tmp_path, counting):
    texts = [f"text {n}" for n in range(50)]
    VectorCache(counting, tmp_path).encode(texts)
    file = tmp_path / module.FILE_NAME
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert np.array_equal(VectorCache(Counting(), tmp_path).encode(texts), LexicalEncoder().encode(texts))


@pytest.mark.parametrize("statement", ["UPDATE vectors SET vector = zeroblob(1024)", "UPDATE vectors SET checksum = 0"])
def test_a_vector_that_does_not_match_its_checksum_is_encoded_again(tmp_path, counting, statement):
    VectorCache(counting, tmp_path).encode(["one"])
    vandalise(tmp_path / module.FILE_NAME, statement)
    assert np.array_equal(VectorCache(counting, tmp_path).encode(["one"]), LexicalEncoder().encode(["one"]))
    assert counting.seen == ["one", "one"]


def test_a_file_of_another_layout_is_started_afresh(tmp_path, counting):
    vandalise(tmp_path / module.FILE_NAME, "CREATE TABLE vectors (something INTEGER)")
    VectorCache(counting, tmp_path).encode(["one"])
    VectorCache(counting, tmp_path).encode(["one"])
    VectorCache(counting, tmp_path).encode(["one"])
    assert len(counting.seen) < 3


def test_a_folder_that_cannot_be_made_costs_only_time(tmp_path, counting, caplog):
    (tmp_path / "cache").write_text("a file where the folder should be")
    vectors = VectorCache(counting, tmp_path / "cache").encode(["a secret sentence"])
    assert vectors.shape == (1, 256)
    assert "vectors are not kept" in caplog.text
    assert "secret" not in caplog.text


def test_a_locked_file_is_neither_waited_for_forever_nor_deleted(tmp_path, counting, caplog, monkeypatch):
    VectorCache(counting, tmp_path).encode(["one"])
    monkeypatch.setattr(blob_cache, "_WAIT", 0.05)
    with closing(sqlite3.connect(tmp_path / module.FILE_NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert VectorCache(counting, tmp_path).encode(["one", "two"]).shape == (2, 256)
    assert "cannot be used now" in caplog.text
    VectorCache(counting, tmp_path).encode(["one"])
    assert counting.seen == ["one", "two"]


WRITER = """
import sys
from pathlib import Path
from models.vector_cache import VectorCache
from models.lexical_encoder import LexicalEncoder
import models.vector_cache
models.vector_cache._ENCODED_AT_ONCE = 10
print("ready", flush=True)
VectorCache(LexicalEncoder(), Path(sys.argv[1])).encode([f"text {n}" for n in range(int(sys.argv[2]))])
"""


def writer(folder, texts):
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(folder), str(texts)], stdout=subprocess.PIPE)
    process.stdout.readline()
    return process


def test_two_processes_fill_one_cache(tmp_path):
    writers = [writer(tmp_path, 300), writer(tmp_path, 300)]
    assert [process.wait(timeout=60) for process in writers] == [0, 0]
    for process in writers:
        process.stdout.close()
    counting = Counting(LexicalEncoder().fingerprint)
    VectorCache(counting, tmp_path).encode([f"text {n}" for n in range(300)])
    assert counting.seen == []


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL is POSIX")
def test_what_was_committed_before_a_kill_is_kept(tmp_path):
    process = writer(tmp_path, 1_000_000)
    deadline = time.monotonic() + 30
    while not (tmp_path / module.FILE_NAME).exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    texts = [f"text {n}" for n in range(200)]
    counting = Counting(LexicalEncoder().fingerprint)
    assert np.array_equal(VectorCache(counting, tmp_path).encode(texts), LexicalEncoder().encode(texts))
    assert "text 0" not in counting.seen
