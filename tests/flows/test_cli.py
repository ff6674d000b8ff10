"""The command line: help, exit codes, what it prints, what the documentation says of it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from corpus.shipped import selfie, selfie_codebook
from flows.cli.reference import commands, help_of, reference
from pipeline.study import open_study
from tests.pipeline.run_support import put

ROOT = Path(__file__).parents[2]
HEAVY = {
    "torch",
    "spacy",
    "sklearn",
    "prefect",
    "openvino",
    "onnxruntime",
    "sentence_transformers",
    "sqlalchemy",
    "docx",
    "jinja2",
}


def modules_after(code):
    script = f"import sys\n{code}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


# Help and documentation


def test_the_documentation_is_the_help():
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert page == reference(), "type: python -m flows.cli.reference > docs/cli.md"


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_every_command_explains_itself_with_an_example_and_speaks_to_machines(words):
    text = help_of(words)
    group = "COMMAND [ARGS]" in text
    assert "--help" in text
    assert group or "Example:\n    precode" in text
    assert group or words == ("serve",) or "--json" in text


def test_the_light_way_into_the_command_line_loads_nothing_heavy():
    assert not HEAVY & modules_after("import flows.cli")


def test_a_kept_study_is_told_without_loading_a_model(study, words, precode):
    put(study, "P01")
    precode("run", "--study", study.folder, "--no-prefect")
    fake = (
        "from tests.pipeline import run_support\nimport pipeline.precoder\n"
        "pipeline.precoder.load_precoder = lambda _: run_support.WordPrecoder()"
    )
    call = f"import flows.cli\nsys.argv = ['precode', 'run', '--study', {str(study.folder)!r}]"
    loaded = modules_after(
        f"sys.path.insert(0, {str(ROOT)!r})\n{fake}\n{call}\ntry: flows.cli.main()\nexcept SystemExit: pass"
    )
    assert not {"torch", "spacy", "sklearn", "openvino", "onnxruntime", "sentence_transformers", "prefect"} & loaded


def test_the_version_is_told(precode):
    assert precode("--version")[:2] == (0, "precode 0.1.0\n")


# Exit codes


def test_a_wrong_option_is_a_usage_error(precode):
    code, _, errors = precode("run", "--nonsense")
    assert code == 2
    assert "--nonsense" in errors


def test_no_study_says_what_to_type(precode, tmp_path):
    code, _, errors = precode("run", "--study", tmp_path)
    assert code == 2
    assert errors.startswith(f"precode: {tmp_path}: is no study")
    assert f"precode init {tmp_path}" in errors
    assert errors.count("\n") == 1


def test_a_study_without_transcripts_says_where_to_put_them(precode, study):
    code, _, errors = precode("run", "--study", study.folder)
    assert code == 2
    assert f"{study.transcripts}: holds no transcripts; put ." in errors
    assert ".csv, " in errors
    assert ".docx, " in errors


def test_a_defect_is_one_line_without_its_message(precode, study, monkeypatch):
    def fail(_folder):
        raise ValueError("SECRET talk")

    monkeypatch.setattr("pipeline.study.open_study", fail)
    code, out, errors = precode("run", "--study", study.folder)
    assert code == 3
    assert "stopped by ValueError at test_cli.py:" in errors
    assert "not shown or logged because it could hold transcript text" in errors
    assert "SECRET" not in out + errors


def test_ctrl_c_is_no_defect(precode, monkeypatch):
    def interrupt(_folder):
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.study.open_study", interrupt)
    code, _, errors = precode("run")
    assert code == 130
    assert "the same command goes on from there" in errors


# init and run


def test_a_new_study_says_what_to_type_next(precode, tmp_path):
    code, out, _ = precode("init", tmp_path / "lhc")
    assert code == 0
    assert "Put your transcripts" in out
    assert f"Next: precode run --study {tmp_path / 'lhc'}" in out


def test_the_sample_study_comes_with_its_codings(precode, tmp_path):
    code, out, _ = precode("init", tmp_path / "s", "--sample", "--json")
    assert (code, json.loads(out)["transcripts"]) == (0, 4)
    assert (tmp_path / "s" / "human_codings.jsonl").stat().st_size > 0


@pytest.mark.usefixtures("words")
def test_a_run_ends_with_a_table_the_files_and_the_next_step(precode, study):
    put(study, "P01", "The nurse rings about money.")
    code, out, _ = precode("run", "--study", study.folder, "--no-prefect")
    assert code == 0
    assert "P01" in out
    assert "coded" in out
    assert str(study.exports / "latest" / "suggestions.html") in out
    assert "Next: precode review" in out


@pytest.mark.usefixtures("words")
def test_files_named_on_the_command_line_are_copied_and_a_folder_is_refused(precode, study, tmp_path):
    put(study, "P01").rename(tmp_path / "P01.txt")
    code, out, errors = precode("run", "--study", study.folder, "--no-prefect", tmp_path / "P01.txt", tmp_path)
    assert code == 1
    assert f"{tmp_path}: is a folder; name the files in it" in errors
    assert "refused" in out
    assert [source.name for source in study.sources().accepted] == ["P01"]


@pytest.mark.usefixtures("words")
def test_a_run_tells_machines_the_same(precode, study):
    put(study, "P01", "The nurse rings.")
    code, out, _ = precode("run", "--study", study.folder, "--no-prefect", "--json")
    (told,) = json.loads(out)["transcripts"]
    assert code == 0
    assert (told["transcript"], told["status"], told["suggestions"]) == ("P01", "coded", 1)


@pytest.mark.usefixtures("words")
def test_a_setting_that_means_nothing_is_told(precode, study):
    put(study, "P01")
    (study.folder / "study.toml").write_text("[run]\nworkers = 3\n", encoding="utf-8")
    assert "[run] workers is no setting" in precode("run", "--study", study.folder, "--no-prefect")[2]


# export, codebook, doctor, serve


@pytest.mark.usefixtures("words")
def test_an_export_writes_what_was_asked_for(precode, study, tmp_path):
    put(study, "P01")
    precode("run", "--study", study.folder, "--no-prefect")
    code, out, _ = precode("export", "--study", study.folder, "--to", tmp_path / "out", "--format", "csv", "--json")
    assert (code, json.loads(out)["files"]) == (0, [str(tmp_path / "out" / "suggestions.csv")])


def test_an_export_of_nothing_says_what_to_type(precode, study):
    code, _, errors = precode("export", "--study", study.folder)
    assert code == 2
    assert f"precode run --study {study.folder}" in errors


def test_the_shipped_codebook_is_sound(precode):
    code, out, _ = precode("codebook", "check")
    assert code == 0
    assert "53 codes" in out


def test_thin_codes_are_told_to_machines(precode, tmp_path):
    seeds = tmp_path / "seeds.jsonl"
    code_id = selfie().ids[0]
    seeds.write_text(json.dumps({"code": code_id, "text": "A nurse."}) + "\n", encoding="utf-8")
    code, out, _ = precode("codebook", "check", selfie_codebook(), "--seeds", seeds, "--json")
    facts = json.loads(out)
    assert code == 0
    assert facts["seeds"] == 1
    assert len(facts["thin"]) == 53


def test_the_doctor_finds_this_machine_sound(precode):
    code, out, _ = precode("doctor", "--encoder", "lexical", "--json")
    findings = json.loads(out)
    assert code == 0, [one for one in findings if not one["sound"]]
    assert {"python", "model weights", "network", "encoder"} <= {one["what"] for one in findings}


def test_the_doctor_finds_an_unknown_encoder(precode):
    code, out, _ = precode("doctor", "--encoder", "nonsense")
    assert code == 3
    assert "BAD" in out


def test_a_schedule_is_minutes_or_cron(precode, study):
    code, _, errors = precode("serve", "--study", study.folder, "--every", "5", "--cron", "0 6 * * *")
    assert code == 2
    assert "exclude each other" in errors
    assert not (open_study(study.folder).folder / "inbox").exists()
