"""``import precode``: light to import, typed, documented by examples that run."""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import precode
from corpus.errors import UsageError
from corpus.shipped import selfie
from tests.pipeline.coded_study_support import make_coded_study

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "python.md"
HEAVY = {
    "numpy",
    "torch",
    "spacy",
    "sklearn",
    "prefect",
    "sqlalchemy",
    "pyarrow",
    "pydantic",
    "openvino",
    "onnxruntime",
    "typer",
}
FUNCTIONS = [name for name in precode.__all__ if inspect.isfunction(getattr(precode, name))]


@pytest.fixture
def study(tmp_path):
    return make_coded_study(tmp_path / "coded")


def blocks():
    return re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def own_processor_time(code):
    """Seconds of processor time that a statement takes in a fresh interpreter, and what it loads."""
    script = (
        "import sys, time\nbefore = time.process_time()\n"
        f"{code}\nprint(time.process_time() - before, *{{name.partition('.')[0] for name in sys.modules}})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    seconds, *modules = done.stdout.split()
    return float(seconds), set(modules)


# Importing


def test_importing_precode_loads_nothing_heavy_and_takes_less_than_a_fifth_of_a_second():
    measured = [own_processor_time("import precode") for _ in range(3)]
    assert not HEAVY & measured[0][1]
    assert min(seconds for seconds, _ in measured) < 0.2


def test_the_measure_would_notice_a_heavy_import():
    assert "numpy" in own_processor_time("import precode; precode.Precoder")[1]


def test_every_public_name_is_there_and_no_other():
    assert sorted(precode.__all__) == list(precode.__all__) == dir(precode)
    for name in precode.__all__:
        assert getattr(precode, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = precode.nonsense


def test_names_loaded_on_demand_are_those_that_type_checkers_see():
    tree = ast.parse((ROOT / "precode.py").read_text(encoding="utf-8"))
    typed = next(node for node in tree.body if isinstance(node, ast.If))
    homes = {alias.name: node.module for node in typed.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert homes == precode._HOMES


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_public_function_shows_an_example_that_calls_it(name):
    example = inspect.getdoc(getattr(precode, name)).partition("Example::")[2]
    code = inspect.cleandoc(re.split(r"\n(?:Args|Raises):", example)[0])
    ast.parse(code)
    assert f"precode.{name}(" in code


# The page


@pytest.mark.model
@pytest.mark.slow
def test_the_blocks_of_the_page_run_in_order(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {}
    for block in blocks():
        exec(compile(block, str(PAGE), "exec"), names)
    assert "All domains" in capsys.readouterr().out
    assert names["one"]
    assert names["files"]
    assert names["log"].num_rows == 0
    assert sum(row["key_count"] for row in names["by_code"]) == names["table"].num_rows > 0
    assert names["doc"].spans["precode"]


def test_the_page_uses_every_function():
    shown = "\n".join(blocks())
    assert {name for name in FUNCTIONS if f"precode.{name}(" not in shown} == {"load_seeds", "open_study"}
    assert "precode.open_study" in PAGE.read_text(encoding="utf-8")


# What the functions do


def test_fit_and_suggest_with_a_codebook_and_seeds_of_ones_own(study):
    codebook = precode.load_codebook(study.folder / "codebook.toml")
    seeds = precode.load_seeds(study.folder / "seeds.jsonl", codebook)
    model = precode.fit(codebook, seeds, encoder="lexical")
    transcript = precode.read_transcript(study.transcripts / "P01.txt")
    assert precode.suggest(transcript, model) == precode.suggest(transcript, precode.fit(study))
    text = "I think nurses matter here."
    assert max(precode.suggest(text, model), key=lambda suggestion: suggestion.probability).code == "team"
    assert precode.suggest_all([text, text], model) == [precode.suggest(text, model)] * 2
    assert precode.suggest_all([], model) == []


def test_run_benchmark_and_tables_of_a_study(study, tmp_path):
    finished = precode.run(study)
    assert finished.exit_code == 0
    assert finished.benchmark.table() == precode.benchmark(study).table()
    table = precode.codings(study, suggestions=True)
    assert set(table["kind"].to_pylist()) == {"suggestion"}
    assert precode.codings(study).num_rows == precode.decisions(study).num_rows == 0
    (written,) = precode.export(study, "csv", to=tmp_path / "out")
    assert written.exists()


def test_decisions_are_rows_in_order(study):
    from pipeline.session import StudySession
    from pipeline.store import Action, NewDecision

    precode.run(study)
    with StudySession(study) as session:
        suggestion = next(session.store.suggestions.stream())
        session.store.decisions.add(NewDecision("Ann", suggestion.version, Action.ACCEPT, suggestion=suggestion.id))
    (row,) = precode.decisions(study).to_pylist()
    assert (row["coder"], row["action"], row["code"]) == ("Ann", "accept", suggestion.suggestion.code)
    assert (row["start"], row["end"]) == (suggestion.suggestion.span.start, suggestion.suggestion.span.end)
    assert {coding["coder"] for coding in precode.codings(study).to_pylist()} == {"Ann"}


def test_errors_are_those_of_the_commands(tmp_path):
    with pytest.raises(precode.PrecodeError, match="is no study"):
        precode.open_study(tmp_path)
    with pytest.raises(UsageError, match="nonsense"):
        _ = precode.fit(encoder="nonsense").model


def test_the_default_codebook_is_the_one_that_ships():
    assert precode.load_codebook() is selfie()
