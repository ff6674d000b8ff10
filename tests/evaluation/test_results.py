"""Result files and tables: what was written once stays readable."""

import json
import math
from pathlib import Path

import pytest

from corpus.errors import InputError
from evaluation.benchmarks.protocols import benchmark_study
from evaluation.benchmarks.result import Result, load_result, save_result
from evaluation.metrics.intervals import Score
from evaluation.report.tables import cell, tables
from tests.evaluation.support import BOOK, CODINGS, SEEDS, TALK, Scripted

RESULTS = Path(__file__).parents[1] / "data" / "results"


@pytest.fixture(scope="module")
def study():
    return benchmark_study(Scripted(), TALK, CODINGS, seeds=SEEDS, fit_seconds=0.5)


# Result files


def test_a_result_survives_its_file(study, tmp_path):
    path = tmp_path / "result.json"
    save_result(study, path)
    assert load_result(path) == study
    assert load_result(path).to_json() == json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", sorted(RESULTS.glob("*.json")), ids=lambda path: path.stem)
def test_old_results_keep_loading(path):
    result = load_result(path)
    written = json.loads(path.read_text(encoding="utf-8"))
    assert result.to_json() == written
    assert tables(result)[0].rows


def test_there_are_old_results():
    assert RESULTS.joinpath("v1.json").is_file()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("not json", "is not JSON"),
        ("[1]", "is not a benchmark result"),
        ("{}", "is not a benchmark result"),
        ('{"schema_version": 99, "protocol": "study/v9"}', "schema version 99"),
    ],
)
def test_a_file_that_is_no_result_is_refused(tmp_path, content, problem):
    path = tmp_path / "r.json"
    path.write_text(content)
    with pytest.raises(InputError, match=problem):
        load_result(path)


def test_unknown_keys_are_ignored(tmp_path):
    path = tmp_path / "r.json"
    path.write_text('{"schema_version": 1, "protocol": "study/v1", "mood": "good", "machine": {"colour": "red"}}')
    assert load_result(path) == Result(protocol="study/v1")


# Tables


def test_the_first_table_puts_baselines_beside_every_score(study):
    overall, by_domain, by_code = tables(study)
    assert overall.header[:3] == ("score", "precode [95% interval]", "n")
    rows = {row[0]: row for row in overall.rows}
    assert rows["quotes.construct.top1"][1] == "1.00 [1.00, 1.00]"
    assert len({len(row) for row in overall.rows} | {len(overall.header)}) == 1
    assert by_domain.rows[0][:2] == ("Means", "12")
    assert [row[0] for row in by_code.rows] == list(BOOK.ids)


@pytest.mark.parametrize(
    ("score", "text"),
    [
        (Score(0.618, 0.41, 0.7749, 36), ".62 [.41, .77]"),
        (Score(-0.0234, -0.5, 1.0, 36), "-.02 [-.50, 1.00]"),
        (Score(0.5, None, None, 36), ".50"),
        (Score(None, None, None, 3), "-"),
        (None, "-"),
        (7, "7"),
    ],
)
def test_cells_read_as_papers_print_scores(score, text):
    assert cell(score) == text


def test_no_score_of_a_result_is_nan(study):
    def numbers(value):
        if isinstance(value, dict):
            return [n for part in value.values() for n in numbers(part)]
        return [value] if isinstance(value, float) else []

    assert not any(math.isnan(number) for number in numbers(study.to_json()))
