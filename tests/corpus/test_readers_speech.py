"""Speech recognisers' JSON, TextGrids, and the text exports of Otter and Descript."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus.errors import InputError
from corpus.readers import read_transcript
from corpus.readers.pairs import leader
from pipeline.study import create_study
from tests.corpus.readers_support import amazon, text_grid, text_grid_talk, whisper

PRIMOCK = Path(__file__).parents[3] / "shared" / "data" / "formats" / "primock57"


@pytest.fixture
def read(tmp_path):
    def read_content(content, name):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return read_transcript(path)

    return read_content


def said(transcript):
    return [(turn.speaker, words, turn.started, turn.ended) for turn, words in transcript.talk()]


def segment(start, end, text, **more):
    return {"start": start, "end": end, "text": text, **more}


# JSON


def test_whisperx_segments_of_one_speaker_are_one_turn(read):
    segments = [segment(0, 1.5, " How", speaker="SPEAKER_00"), segment(1.5, 2, " so?", speaker="SPEAKER_00"),
                segment(9, 11, " It just\n is.", speaker="SPEAKER_01")]  # fmt: skip
    transcript = read({"segments": segments, "word_segments": []}, "talk.json")
    assert transcript.text == "SPEAKER_00: How so?\nSPEAKER_01: It just is."
    assert said(transcript) == [("SPEAKER_00", "How so?", 0, 2), ("SPEAKER_01", "It just is.", 9, 11)]


def test_whisper_without_speakers_divides_at_pauses(read):
    transcript = read(
        {"text": "", "segments": [segment(0, 2, "One"), segment(2, 3, "two."), segment(6, 7, "Three.")]}, "t.json"
    )
    assert said(transcript) == [(None, "One two.", 0, 3), (None, "Three.", 6, 7)]


def test_whisper_cpp_counts_milliseconds_and_numbers_speakers(read):
    segments = [
        {"offsets": {"from": 0, "to": 1500}, "text": " How so?", "speaker": "0"},
        {"offsets": {"from": 1500, "to": 2500}, "text": " It just is.", "speaker": "?"},
    ]
    assert said(read({"transcription": segments}, "t.json")) == [
        ("Speaker 0", "How so?", 0, 1.5),
        (None, "It just is.", 1.5, 2.5),
    ]


def test_chunks_of_transformers(read):
    chunks = [{"timestamp": [0.0, 1.5], "text": "One."}, {"timestamp": [5.0, None], "text": "Two."}]
    assert said(read({"text": "", "chunks": chunks}, "t.json")) == [(None, "One.", 0, 1.5), (None, "Two.", 5, None)]


def test_words_and_marks_of_amazon_transcribe(read):
    transcript = read(amazon([("spk_0", "How so"), ("spk_1", "It is")]), "t.json")
    assert said(transcript) == [("spk_0", "How so", 0, 0.9), ("spk_1", "It is!", 1, 1.9)]


def test_odd_values_are_no_times_and_no_talk(read):
    odd = [segment(float("nan"), -1, "One."), segment(True, "x", "two."), segment(1e99, "2.5", "three."),
           segment(0, 1, None), "four", segment(5, 1, "\ud83d five")]  # fmt: skip
    transcript = read({"segments": odd}, "t.json")
    assert transcript.text.endswith("? five")
    assert transcript.warnings[0] == "left out segments without text: 2 (read: 4)"
    assert all(turn.ended is None or turn.started is None or turn.started <= turn.ended for turn in transcript.turns)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"{", r"is not JSON \(line 1\)"),
        (b'{"codes": []}', "no transcript of whisper"),
        (b'"words"', "no transcript of whisper|no talk"),
        (b'{"segments": []}', "no talk"),
        (b"[" * 100_000, "endless"),
        (b'{"segments": [' + b"9" * 5000 + b"]}", "endless"),
        (b'{"a": "' + b"a" * 16_000_000 + b'"}', "larger than 15 MB"),
    ],
)
def test_other_json_is_refused(read, content, problem):
    with pytest.raises(InputError, match=problem):
        read(content, "t.json")


# TextGrids


def test_tiers_are_speakers_and_marks_are_left_out(read):
    transcript = read(text_grid_talk(), "talk.TextGrid")
    assert said(transcript) == [("INT", "How so?", 0, 1.5), ("P01", 'It "just" is.', 2, 9)]
    assert transcript.warnings == ("left out transcriber's marks in angle brackets: 1",)


def test_short_form_and_utf_16_read_the_same(read):
    short = '"ooTextFile"\n"TextGrid"\n\n0\n9\n<exists>\n1\n"IntervalTier"\n"P01"\n0\n9\n1\n0\n9\n"item [1]: 5"\n'
    assert said(read(short.encode("utf-16"), "short.TextGrid")) == [("P01", "item [1]: 5", 0, 9)]


def test_words_of_forced_alignment_are_talk_and_its_sounds_are_not(read):
    tiers = [("P01 - words", [(0, 1, "It"), (1, 2, "is.")]), ("P01 - phones", [(0, 1, "IH"), (1, 2, "Z")])]
    transcript = read(text_grid(tiers), "aligned.TextGrid")
    assert said(transcript) == [("P01", "It is.", 0, 2)]
    assert transcript.warnings[0] == "left out tiers of points or sounds: 1"


def test_tiers_called_speaker_are_numbered(read):
    tiers = [("Speaker", [(0, 1, "How so?")]), ("Speaker", [(1, 2, "It just is.")])]
    assert [turn.speaker for turn in read(text_grid(tiers), "two.TextGrid").turns] == ["Speaker 1", "Speaker 2"]


@pytest.fixture
def pair(tmp_path):
    (tmp_path / "visit_doctor.TextGrid").write_bytes(text_grid([("Speaker", [(0, 1, "How so?"), (5, 6, "I see.")])]))
    (tmp_path / "visit_patient.TextGrid").write_bytes(text_grid([("Speaker", [(2, 4, "It just is.")])], length=60.5))
    return tmp_path


def test_files_of_two_speakers_are_one_interview(pair):
    transcript = read_transcript(pair / "visit_doctor.TextGrid", interviewers=["doctor"])
    assert [turn[:2] for turn in said(transcript)] == [
        ("Doctor", "How so?"), ("Patient", "It just is."), ("Doctor", "I see.")
    ]  # fmt: skip
    assert transcript.warnings == ("read together with 1 TextGrid of the same recording beside it",)


def test_a_study_has_one_transcript_of_a_pair_and_sees_a_change_in_either(pair, tmp_path):
    study = create_study(tmp_path / "study")
    for _ in range(2):
        imported = study.import_files([pair / "visit_doctor.TextGrid", pair / "visit_patient.TextGrid"])
        assert imported.refused == ()
    (source,) = study.sources().accepted
    assert source.name == "visit_doctor"
    before = source.digest()
    (study.transcripts / "visit_patient.TextGrid").write_bytes(text_grid([("Speaker", [(2, 4, "No.")])]))
    assert source.digest() != before


@pytest.mark.parametrize(
    ("name", "length"),
    [("visit_patient.TextGrid", 75.0), ("visit_two.TextGrid", 60.0), ("other_patient.TextGrid", 60.0)],
)
def test_other_recordings_stay_apart(tmp_path, name, length):
    (tmp_path / "visit_doctor.TextGrid").write_bytes(text_grid([("Speaker", [(0, 1, "How so?")])]))
    (tmp_path / name).write_bytes(text_grid([("Speaker", [(0, 1, "Hm.")])], length=length))
    assert len(read_transcript(tmp_path / "visit_doctor.TextGrid").turns) == 1
    assert leader(tmp_path / name) == tmp_path / name


@pytest.mark.parametrize("content", [b"words", b'File type = "ooTextFile"\nObject class = "PitchTier"\n'])
def test_what_is_no_text_grid_is_refused(read, content):
    with pytest.raises(InputError, match="no TextGrid"):
        read(content, "talk.TextGrid")


def test_text_grid_cut_off_is_read_so_far(read):
    transcript = read(text_grid_talk()[:-20], "talk.TextGrid")
    assert any("cut off" in warning for warning in transcript.warnings)


@pytest.mark.skipif(not PRIMOCK.is_dir(), reason="../shared/data is not beside this checkout")
@pytest.mark.parametrize("path", sorted(PRIMOCK.glob("*_doctor.TextGrid")), ids=lambda path: path.stem)
def test_real_consultations_read_as_doctor_and_patient(path):
    transcript = read_transcript(path, interviewers=["doctor"])
    assert {turn.speaker for turn in transcript.turns} == {"Doctor", "Patient"}
    assert all("<" not in words for _, words in transcript.talk())
    assert [turn.started for turn in transcript.turns] == sorted(turn.started for turn in transcript.turns)


# Exports of transcription services


def test_otter_export_without_its_head_and_foot(read):
    text = (
        "Interview 3\nThu, Nov 21, 2024 10:00AM \u2022 45:12\n\nSUMMARY KEYWORDS\nnurse\n\nSPEAKERS\nAnn Roe\n\n"
        "Ann Roe  00:03  \nHow so?\n\nSpeaker 2  00:09  \nIt just is.\nAnd on.\n\nAnn Roe  00:15  \nI see.\n\n"
        "Transcribed by https://otter.ai\n"
    )
    transcript = read(text.encode(), "otter.txt")
    assert said(transcript) == [
        ("Ann Roe", "How so?", 3, 9), ("Speaker 2", "It just is.\nAnd on.", 9, 15), ("Ann Roe", "I see.", 15, None)
    ]  # fmt: skip
    assert transcript.text == text


@pytest.mark.parametrize("template", ["[{0}] {1}: {2}\n\n", "{1}: [{0}] {2}\n\n", "{1} [{0}]: {2}\n\n"])
def test_descript_export(read, template):
    talk = [("00:00:03", "Ann", "How so?"), ("00:00:09.50", "Ben", "It just is."), ("00:01:00", "Ann", "I see.")]
    transcript = read("".join(template.format(*turn) for turn in talk).encode(), "descript.txt")
    assert [turn[:3] for turn in said(transcript)] == [
        ("Ann", "How so?", 3), ("Ben", "It just is.", 9.5), ("Ann", "I see.", 60)
    ]  # fmt: skip


def test_whisper_sample_reads(read):
    assert len(read(whisper(), "sample.json").turns) == 4
