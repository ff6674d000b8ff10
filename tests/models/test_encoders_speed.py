import json
import os
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from corpus.errors import UsageError
from corpus.shipped import sample_transcripts
from evaluation.performance import encoding as speed
from evaluation.performance.encoding import (
    Command,
    EncoderSpeed,
    SpeedResult,
    measure_command,
    measure_encoders,
    sentences_of,
)
from models.lexical_encoder import LexicalEncoder

FILE_SERVER = (
    "import http.server, os\n"
    "server = http.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)\n"
    "os.chdir(os.environ['PLACE'])\n"
    "print(f'http://127.0.0.1:{server.server_port}/', flush=True)\n"
    "server.serve_forever()"
)
"""Serves a folder."""


class Clock:
    """Time that only passes while an encoder works."""

    def __init__(self):
        self.now = 0.0

    def perf_counter(self):
        return self.now


class Slow:
    """A lexical encoder that takes so many seconds at each call; the first call may differ."""

    def __init__(self, clock, *seconds):
        self.clock, self.seconds = clock, list(seconds)
        self.fingerprint = f"slow/v1:{seconds}"

    def encode(self, texts):
        self.clock.now += self.seconds.pop(0)
        return LexicalEncoder().encode(texts)


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(speed, "time", clock)
    return clock


def test_ratios_are_medians_of_paired_rounds_and_the_first_call_does_not_count(clock):
    encoders = {"plain": Slow(clock, 99, 4, 8, 4), "fast": Slow(clock, 99, 2, 2, 1)}
    plain, fast = measure_encoders(["one", "two"], encoders, rounds=3)
    assert (plain.sentences_per_second, plain.ratio) == (0.5, 1)
    assert (fast.sentences_per_second, fast.ratio) == (1, 4)
    assert fast.cosine_min == pytest.approx(1)


def test_cosines_are_with_the_first_encoder():
    reference = SimpleNamespace(fingerprint="a", encode=lambda _: np.array([[1, 0], [0, 1]], np.float32))
    other = SimpleNamespace(fingerprint="b", encode=lambda _: np.array([[1, 0], [0.6, 0.8]], np.float32))
    _, measured = measure_encoders(["one", "two"], {"reference": reference, "other": other}, rounds=1)
    assert (measured.cosine_mean, measured.cosine_min) == pytest.approx((0.9, 0.8))


def test_a_command_is_measured_to_its_end():
    cost = measure_command(Command("exit 3", (sys.executable, "-c", "raise SystemExit(3)")))
    assert cost.exit_code == 3
    assert cost.seconds > 0


@pytest.mark.skipif(os.name == "nt", reason="Windows does not say")
def test_the_memory_of_a_command_is_its_peak_and_its_childrens():
    allocate = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'bytearray(400_000_000)'])"
    cost = measure_command(Command("allocate", (sys.executable, "-c", allocate)))
    assert 400 < cost.peak_memory_mb < 600


def test_a_command_gets_its_environment():
    program = "import os; raise SystemExit(int(os.environ['CODE']))"
    assert measure_command(Command("env", (sys.executable, "-c", program), {"CODE": "7"})).exit_code == 7


def test_the_sample_is_run_twice_with_a_cache_of_its_own(tmp_path):
    *_, cold, warm, redone, plain = speed.sample_commands(("precode",), tmp_path)
    assert redone.argv == (*warm.argv, "--redo")
    assert plain.argv == (*redone.argv, "--no-prefect")
    assert cold.argv == warm.argv == ("precode", "run", "--study", str(tmp_path / "study"))
    assert cold.environment == {"PRECODE_CACHE": str(tmp_path / "cache")}


def test_the_benchmark_measures_every_encoder_on_the_texts(monkeypatch):
    monkeypatch.setattr(speed, "load_encoder", lambda _: LexicalEncoder())
    result = speed.benchmark_speed(["one", "three"], rounds=2)
    assert [one.name for one in result.encoders] == ["sentence-transformers", "openvino", "onnx-fp32", "onnx-int8"]
    assert (result.texts, result.mean_characters) == (2, 4)


def test_a_result_reads_as_tables_and_as_json():
    encoder = EncoderSpeed("onnx-fp32", "onnx-fp32/v1:0", 270.4, 2.114, 1.0, 0.9999995)
    command = speed.CommandCost("precode --help", 0.31, 61.7, 0)
    result = SpeedResult(texts=1500, mean_characters=134.2, encoders=(encoder,), commands=(command,))
    encoders, commands = result.tables()
    assert encoders.title == "Encoding 1500 sentences of 134 characters"
    assert encoders.rows == (("onnx-fp32", "270", "2.11", "", "", "1.000000", "1.000000"),)
    assert commands.rows == (("precode --help", "0.31", "", "", "62", "0"),)
    assert json.loads(json.dumps(result.to_json()))["encoders"][0]["ratio"] == 2.114


def test_the_sample_study_gives_its_sentences():
    sentences = sentences_of(sample_transcripts()[:1])
    assert len(sentences) > 50
    assert all(sentences)


@pytest.mark.parametrize(
    ("name", "fingerprint", "ratio", "cosine", "goal", "met"),
    [
        ("openvino", "openvino/v1-bf16:0", 4.0, 0.9999, 4.0, True),
        ("openvino", "openvino/v1-bf16:0", 3.9, 0.9999, 4.0, False),
        ("openvino", "openvino/v1-bf16:0", 9.0, 0.9998, 4.0, False),
        ("openvino", "openvino/v1-f32:0", 1.5, 1.0, 1.5, True),
        ("openvino", "openvino/v1-f32:0", 1.4, 1.0, 1.5, False),
        ("onnx-int8", "onnx-int8/v1:0", 9.0, 1.0, None, None),
    ],
)
def test_goal_of_an_encoder_depends_on_its_precision_and_counts_near_vectors_only(
    name, fingerprint, ratio, cosine, goal, met
):
    encoder = EncoderSpeed(name, fingerprint, 100.0, ratio, 1.0, cosine)
    assert (encoder.goal, encoder.met) == (goal, met)


def test_openvino_names_its_precision_where_the_goal_looks_for_it():
    from models.graph_runtimes import OpenVino

    fingerprint = OpenVino().fingerprint("0" * 64)
    assert EncoderSpeed("openvino", fingerprint, 1.0, 1.0, 1.0, 1.0).goal in {4.0, 1.5}


def test_command_is_told_beside_its_goal():
    costs = tuple(speed.CommandCost("precode --help", seconds, None, None, 0.3) for seconds in (0.3, 12.34))
    (commands,) = SpeedResult(texts=1, mean_characters=1.0, encoders=(), commands=costs).tables()
    assert [row[1:4] for row in commands.rows] == [("0.30", "<= 0.3", "yes"), ("12.3", "<= 0.3", "no")]


@pytest.mark.parametrize(("seconds", "met"), [(50.0, "yes"), (51.0, "no")])
def test_whole_run_is_told_beside_what_the_encoder_alone_takes(seconds, met):
    run = speed.WholeRun(9_600, seconds, 30.0)
    (table,) = SpeedResult(texts=1, mean_characters=1.0, encoders=(), whole_run=run).tables()
    assert table.rows == (("9,600", f"{seconds:.1f}", f"{9_600 / seconds:.0f}", f"{30 / seconds:.2f}", ">= 0.6", met),)


@pytest.mark.slow
def test_whole_run_codes_sentences_that_nothing_is_known_of(tmp_path):
    precode = (sys.executable, "-c", "from flows.cli import main; main()")
    run = speed.measure_whole_run(precode, tmp_path, encoder="lexical", interviews=2, sentences=12)
    assert run.sentences >= 24
    assert 0 < run.share < 1
    assert (tmp_path / "new" / "exports" / "latest" / "suggestions.csv").is_file()


def test_whole_run_that_fails_is_no_figure(tmp_path):
    with pytest.raises(UsageError, match="code 3"):
        speed.measure_whole_run((sys.executable, "-c", "exit(3)"), tmp_path, encoder="lexical", interviews=1)


def test_page_is_measured_to_its_first_answer_in_its_environment(tmp_path):
    cost = speed.measure_page(Command("page", (sys.executable, "-c", FILE_SERVER), {"PLACE": str(tmp_path)}, 60.0))
    assert (cost.exit_code, cost.met) == (None, True)
    assert cost.seconds > 0


def test_pages_of_the_sample_are_those_of_the_study_that_commands_leave(tmp_path):
    command = speed.sample_commands(("precode",), tmp_path)[-1]
    for page in speed.sample_pages(("precode",), tmp_path):
        assert str(tmp_path / "study") in set(page.argv) & set(command.argv)
        assert page.environment == command.environment


def test_page_is_measured_to_what_is_asked_of_it(tmp_path):
    (tmp_path / "item.txt").write_text("there", encoding="utf-8")
    argv = (sys.executable, "-c", FILE_SERVER)
    place = {"PLACE": str(tmp_path)}
    assert speed.measure_page(Command("item", argv, place, path="/item.txt")).seconds > 0
    with pytest.raises(UsageError, match="404"):
        speed.measure_page(Command("item", argv, place, path="/none.txt"))
