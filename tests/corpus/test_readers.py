"""What holds for every reader: the table of suffixes, refusals, roles, the sample study, real subtitle files."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from corpus.errors import InputError
from corpus.readers import DEFAULT_INTERVIEWERS, SUFFIXES, read_transcript
from corpus.readers.roles import folded, is_interviewer
from corpus.transcript import Role, Transcript

ROOT = Path(__file__).parents[2]
SAMPLE = sorted((ROOT / "corpus" / "sample" / "transcripts").iterdir())
SHARED = ROOT.parent / "shared" / "data"
SUBTITLES = SHARED / "formats" / "subtitles"

needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data is not beside this checkout")


def talk(transcript: Transcript) -> list[tuple[str | None, str]]:
    return [(turn.speaker, " ".join(words.split())) for turn, words in transcript.talk()]


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_suffixes_are_listed_and_matched_in_any_case(tmp_path):
    assert set(SUFFIXES) == {
        ".cha", ".csv", ".doc", ".docx", ".eaf", ".exb", ".htm", ".html", ".json", ".odt", ".pdf", ".rtf", ".srt",
        ".textgrid", ".tsv", ".txt", ".vtt", ".xlsx"
    }  # fmt: skip
    assert read_transcript(write(tmp_path, "A.TXT", "P01: Yes.\n")).name == "A"


@pytest.mark.parametrize("name", ["talk.sbv", "talk", "talk.xls"])
def test_unknown_suffix_lists_what_can_be_read(tmp_path, name):
    with pytest.raises(InputError, match=r"these can: \.cha, \.csv, \.doc, .*\.vtt, \.xlsx"):
        read_transcript(write(tmp_path, name, "P01: Yes.\n"))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_folder_and_absent_file_are_refused(tmp_path, suffix):
    (tmp_path / f"folder{suffix}").mkdir()
    with pytest.raises(InputError, match="is a folder"):
        read_transcript(tmp_path / f"folder{suffix}")
    with pytest.raises(InputError, match="No such file"):
        read_transcript(tmp_path / f"absent{suffix}")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_file_of_0_bytes_is_refused_by_name(tmp_path, suffix):
    path = write(tmp_path, f"nothing{suffix}", b"")
    with pytest.raises(InputError, match=r"is empty \(0 bytes\)") as caught:
        read_transcript(path)
    assert caught.value.place == str(path)


@pytest.mark.parametrize("suffix", sorted(set(SUFFIXES) - {".pdf"}))
def test_pdf_under_another_name_is_refused(tmp_path, suffix):
    with pytest.raises(InputError, match="a PDF"):
        read_transcript(write(tmp_path, f"renamed{suffix}", b"%PDF-1.7\n1 0 obj\n"))


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path):
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(tmp_path / "pipe.txt")
    with pytest.raises(InputError, match="not a regular file"):
        read_transcript(tmp_path / "pipe.txt")


def test_name_the_system_refuses_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_transcript(tmp_path / f"{'long' * 200}.txt")


def test_file_over_the_size_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("corpus.readers.source.FILE_BYTES", 10)
    with pytest.raises(InputError, match="larger than"):
        read_transcript(write(tmp_path, "long.txt", "P01: More than ten bytes.\n"))


@pytest.mark.parametrize("content", ["\n \n\t\n", "[00:01:02]\n", "P01:\nINT:\n"])
def test_file_without_talk_is_refused(tmp_path, content):
    with pytest.raises(InputError, match="no talk"):
        read_transcript(write(tmp_path, "silent.txt", content))


@pytest.mark.parametrize(
    "label",
    ["Interviewer", "INTERVIEWER", "interviewer 2", "INT1", "Int", "I", "Q", "IV2", "Researcher", "Moderator #1",
     "Jane Doe (Interviewer)", "Interviewer (JD)"],
)  # fmt: skip
def test_labels_of_interviewers(label):
    assert is_interviewer(label, folded(DEFAULT_INTERVIEWERS))


@pytest.mark.parametrize("label", ["P01", "Interviewee", "R", "Ingrid", "Jane Doe", "Participant (GP)", "Speaker 1"])
def test_labels_of_participants(label):
    assert not is_interviewer(label, folded(DEFAULT_INTERVIEWERS))


def test_interviewers_can_be_named(tmp_path):
    path = write(tmp_path, "named.txt", "Jane Doe: How so?\nP01: It just is.\n")
    first, second = read_transcript(path, interviewers=["jane  doe"]).turns
    assert (first.role, second.role) == (Role.INTERVIEWER, Role.PARTICIPANT)


def test_no_known_interviewer_is_a_warning_without_names(tmp_path):
    transcript = read_transcript(write(tmp_path, "two.txt", "Ann: How so?\nBea: It just is.\nAnn: Ah.\nBea: Yes.\n"))
    assert {turn.role for turn in transcript.turns} == {Role.PARTICIPANT}
    (warning,) = transcript.warnings
    assert "none of its 2 speaker labels" in warning
    assert "Ann" not in warning


def test_only_interviewers_is_a_warning(tmp_path):
    transcript = read_transcript(write(tmp_path, "one.txt", "INT: How so?\nINT: Hello?\n"))
    assert "every speaker label names an interviewer" in transcript.warnings[0]


@pytest.mark.parametrize("path", SAMPLE, ids=lambda path: path.name)
def test_sample_transcripts_read_without_a_warning(path):
    transcript = read_transcript(path)
    assert transcript.warnings == ()
    assert {turn.role for turn in transcript.turns} == set(Role)
    assert all((turn.started is not None) == (path.suffix == ".vtt") for turn in transcript.turns)


@needs_shared
@pytest.mark.parametrize("path", SAMPLE, ids=lambda path: path.name)
def test_sample_transcripts_read_exactly(path):
    original = json.loads((SHARED / "study" / f"{path.stem}.json").read_text(encoding="utf-8"))
    # The Word file abbreviates the interviewer; everything else is as in the original.
    names = {"INT": "Interviewer"}
    expected = [(turn["speaker"], " ".join(turn["text"].split())) for turn in original["turns"]]
    assert [(names.get(speaker, speaker), words) for speaker, words in talk(read_transcript(path))] == expected


REFUSED = {
    "LICENSE", "empty.vtt", "no_captions.vtt",
    "invalid_format1.srt", "invalid_format2.srt", "invalid_format3.srt", "invalid_format4.srt",
}  # fmt: skip


@needs_shared
def test_every_real_subtitle_file_reads_or_is_refused_with_one_line():
    refused = set()
    for path in sorted(SUBTITLES.iterdir()):
        try:
            transcript = read_transcript(path)
        except InputError as error:
            refused.add(path.name)
            assert str(error).startswith(f"{path}: ")
            assert "\n" not in str(error)
        else:
            assert all(words.strip() and "<" not in words for _, words in transcript.talk())
    assert refused == REFUSED | {path.name for path in SUBTITLES.glob("*.sbv")}
