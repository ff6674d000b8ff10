"""Bad input, each case of the list: one clear line, the others still done, an honest exit code, nothing lost."""

import json
import os
from types import SimpleNamespace

import pytest

from corpus.shipped import sample_transcripts, selfie, selfie_codebook
from tests.pipeline.run_support import put

pytestmark = pytest.mark.usefixtures("words")

DOCX = next(path for path in sample_transcripts() if path.suffix == ".docx")
VTT = next(path for path in sample_transcripts() if path.suffix == ".vtt")
TALK = "INT: Tell me.\nAnna: The nurse is caf\u00e9-bound \u2026 always.\n"


@pytest.fixture
def run(precode, study):
    """Run the study with one good transcript in it and return exit code, statuses by transcript, and errors."""
    put(study, "good")

    def call(*words):
        code, out, _ = precode("run", "--study", study.folder, "--no-prefect", "--json", *words)
        return code, {one["transcript"]: one["status"] for one in json.loads(out)["transcripts"]}, errors_in(out)

    def errors_in(out):
        return [one["error"] for one in json.loads(out)["transcripts"] if one["error"]]

    return call


def refuses(result, name, line):
    """Hold a run to one refused file with one clear line, and to the others being done."""
    code, statuses, errors = result
    assert code == 1
    assert statuses == {"good": "coded", name: "refused"}
    (error,) = errors
    assert line in error
    assert name in error
    assert "\n" not in error


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("empty.txt", b"", "is empty"),
        ("blank.txt", b" \n\n", ""),
        ("nothing.docx", b"", "is empty"),
        ("renamed.docx", b"%PDF-1.7\n1 0 obj\n", "PDF"),
        ("picture.txt", b"\x89PNG\r\n\x1a\n" + bytes(200), ""),
        ("damaged.docx", DOCX.read_bytes()[:2000], ""),
    ],
)
def test_what_is_no_transcript_is_refused(study, run, name, content, line):
    (study.transcripts / name).write_bytes(content)
    refuses(run(), name.partition(".")[0], line)


def test_a_subtitle_file_cut_in_half_is_read_as_far_as_it_goes_or_refused(study, run):
    content = VTT.read_bytes()
    (study.transcripts / "half.vtt").write_bytes(content[: len(content) // 2 + 7])
    code, statuses, errors = run()
    assert statuses["good"] == "coded"
    assert (code, statuses["half"], len(errors)) in {(0, "coded", 0), (1, "refused", 1)}


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "windows-1252"])
def test_other_encodings_are_read(study, run, encoding):
    data = (TALK * 20).encode(encoding)
    (study.transcripts / "coded.txt").write_bytes(b"\xff\xfe" + data if encoding == "utf-16-le" else data)
    code, statuses, _ = run()
    assert (code, statuses) == (0, {"good": "coded", "coded": "coded"})
    lines = (study.exports / "latest" / "suggestions.jsonl").read_text(encoding="utf-8")
    assert "café-bound … always" in lines


def test_a_transcript_without_speakers_is_done_with_a_note(study, run):
    (study.transcripts / "plain.txt").write_text("The nurse rings. She is kind.\n\nThat is all.\n", encoding="utf-8")
    code, statuses, _ = run()
    assert (code, statuses["plain"]) == (0, "coded")


@pytest.mark.slow
def test_a_transcript_of_300_000_words_is_done(study, run):
    """Most turns are short: long ones without full stops are cut by what a parser says, a minute for 100,000 words."""
    long = "Anna: " + "The nurse rings me every single week. " * 15 + "\nINT: Go on.\n"
    short = "Anna: She rings me every single week, and that is a help to all of us here.\nINT: Go on.\n"
    text = long * 400 + short * 14_000
    assert len(text.split()) > 300_000
    (study.transcripts / "long.txt").write_text(text, encoding="utf-8")
    code, statuses, _ = run()
    assert (code, statuses["long"]) == (0, "coded")


def test_of_two_files_with_one_name_the_second_is_refused(study, run):
    put(study, "good", suffix=".TXT").rename(study.transcripts / "good.vtt")
    code, _, errors = run()
    assert code == 1
    assert errors == ["transcripts/good.vtt: has the same name as transcripts/good.txt; rename one"]


def test_a_folder_where_a_file_is_meant(study, run, tmp_path):
    folder = tmp_path / "interviews"
    folder.mkdir()
    code, statuses, errors = run(folder)
    assert (code, statuses["good"]) == (1, "coded")
    assert errors == [f"{folder}: is a folder; name the files in it"]


def test_a_refused_file_never_costs_what_is_stored(study, run, precode):
    run()
    (study.transcripts / "good.txt").write_bytes(b"")
    assert run()[0] == 1
    code, _, _ = precode("export", "--study", study.folder, "--format", "jsonl")
    assert code == 0
    assert "nurse" in (study.exports / "latest" / "suggestions.jsonl").read_text(encoding="utf-8")


def test_an_unwritable_study_is_one_line(study, precode, monkeypatch):
    put(study, "good")
    monkeypatch.setattr("pipeline.study.os", SimpleNamespace(access=lambda *_: False, W_OK=os.W_OK))
    code, _, errors = precode("run", "--study", study.folder, "--no-prefect")
    assert code == 2
    assert errors == f"precode: {study.folder}: cannot be used (Permission denied); check it or choose another folder\n"


def test_unwritable_exports_are_one_line_and_keep_the_suggestions(study, precode):
    put(study, "good")
    latest = study.exports / "latest"
    latest.write_text("in the way")
    code, _, errors = precode("run", "--study", study.folder, "--no-prefect")
    assert code == 2
    assert str(latest) in errors
    assert errors.count("precode:") == 1
    latest.unlink()
    code, out, _ = precode("run", "--study", study.folder, "--no-prefect", "--json")
    assert (code, json.loads(out)["transcripts"][0]["status"]) == (0, "kept")


def test_a_codebook_with_a_duplicate_id(study, precode, tmp_path):
    text = selfie_codebook().read_text(encoding="utf-8")
    entry = '\n[[code]]\nid = "twin"\nname = "Twin"\ndomain = "D"\n'
    (tmp_path / "twins.toml").write_text(text + entry * 2, encoding="utf-8")
    code, _, errors = precode("codebook", "check", tmp_path / "twins.toml")
    assert code == 2
    assert "twins.toml" in errors
    assert "'twin' appears more than once" in errors
    assert errors.count("\n") == 1


def test_a_seed_for_an_unknown_code(precode, tmp_path):
    (tmp_path / "seeds.jsonl").write_text('{"code": "nonsense", "text": "SECRET"}\n', encoding="utf-8")
    code, _, errors = precode("codebook", "check", "--seeds", tmp_path / "seeds.jsonl")
    assert code == 2
    assert "seeds.jsonl:1: code 'nonsense' is not in codebook" in errors
    assert "SECRET" not in errors


def test_a_human_coding_that_matches_nothing(study, precode, tmp_path):
    put(study, "good")
    row = {"transcript": "good", "exact": "SECRET words nobody said", "code": selfie().ids[0], "coder": "A"}
    (tmp_path / "human.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    code, _, errors = precode("benchmark", "study", "--study", study.folder, "--human", tmp_path / "human.jsonl")
    assert code == 1
    assert "human.jsonl: quotation found nowhere in its transcript: line 1" in errors
    assert "SECRET" not in errors


def test_a_folder_to_measure_tells_of_names_that_clash_and_leaves_out_what_programs_left_behind(precode, tmp_path):
    folder = tmp_path / "plain"
    folder.mkdir()
    for name in ("P01.srt", "P01.txt", "~$P01.docx", ".P02.txt"):
        (folder / name).write_bytes(b"" if name == "P01.srt" else TALK.encode())
    (folder / "P03.txt").write_text(TALK, encoding="utf-8")
    row = {"transcript": "P03", "exact": "nobody said this", "code": selfie().ids[0]}
    (tmp_path / "human.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    code, _, errors = precode("benchmark", "study", "--study", folder, "--human", tmp_path / "human.jsonl")
    assert code == 1
    assert errors.splitlines() == [
        "precode: P01.txt: has the same name as P01.srt; rename one",
        f"precode: {folder / 'P01.srt'}: is empty (0 bytes)",
        f"precode: {tmp_path / 'human.jsonl'}: quotation found nowhere in its transcript: line 1",
    ]


@pytest.mark.parametrize("refused", [0, 1, 3])
def test_a_benchmark_exits_with_1_however_many_files_are_refused(precode, monkeypatch, tmp_path, refused):
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "good.txt").write_text(TALK, encoding="utf-8")
    for n in range(refused):
        (folder / f"bad{n}.txt").write_bytes(b"")
    (tmp_path / "human.jsonl").write_text("", encoding="utf-8")
    measured = SimpleNamespace(bank=None, embedder=None, operating="")
    monkeypatch.setattr("pipeline.precoder.load_precoder", lambda _: measured)
    monkeypatch.setattr(
        "evaluation.benchmarks.protocols.benchmark_study", lambda *_, **__: SimpleNamespace(chosen_by=str)
    )
    monkeypatch.setattr("flows.cli.benchmark._print_result", lambda *_: None)
    code, _, _ = precode("benchmark", "study", "--study", folder, "--human", tmp_path / "human.jsonl")
    assert code == min(refused, 1)
