"""Formats of speech services and linguists' tools: turns, speakers and times come back; others are refused."""

from __future__ import annotations

import json
import shutil
import subprocess

import docx
import pytest

from corpus.errors import InputError
from corpus.readers import RECORDINGS, read_transcript
from corpus.transcript import Role
from tests.corpus.readers_support import TALK, assembly, clan, elan, exmaralda, pdf, rich_text, web_page, word

FIRST = [("INT", "How so?"), ("P01", "It just is.")]


@pytest.fixture
def read(tmp_path):
    def read_content(content, name="talk.json"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return read_transcript(path)

    return read_content


def said(transcript):
    return [(turn.speaker, words) for turn, words in transcript.talk()]


def times(transcript):
    return [(turn.started, turn.ended) for turn in transcript.turns]


def words_of(text, key="word", **more):
    return [{key: word, "start": n * 1.0, "end": n + 0.5, **more} for n, word in enumerate(text.split())]


# Speech services

SERVICES = {
    "AssemblyAI": {"utterances": [{"speaker": "A", "start": 100, "end": 900, "text": "How so?"},
                                  {"speaker": "B", "start": 1200, "end": 3000, "text": "It just is."}]},
    "AssemblyAI words": {"words": [{"text": "How", "start": 100, "end": 300, "speaker": "A"},
                                   {"text": "so?", "start": 300, "end": 900, "speaker": "A"},
                                   {"text": "Yes.", "start": 1200, "end": 3000, "speaker": "B"}]},
    "Deepgram words": {"results": {"channels": [{"alternatives": [{"transcript": "how so it is", "words": [
        {"word": "how", "punctuated_word": "How", "speaker": 0, "start": 0.1, "end": 0.2},
        {"word": "so", "punctuated_word": "so?", "speaker": 0, "start": 0.2, "end": 0.9},
        {"word": "yes", "punctuated_word": "Yes.", "speaker": 1, "start": 1.2, "end": 3.0}]}]}]}},
    "Azure batch": {"recognizedPhrases": [
        {"speaker": 1, "offsetInTicks": 1000000, "durationInTicks": 8000000, "nBest": [{"display": "How so?"}]},
        {"speaker": 2, "offset": "PT1.2S", "duration": "PT1.8S", "nBest": [{"display": "It just is."}]}]},
    "Azure fast": {"durationMilliseconds": 3000, "combinedPhrases": [{"text": "How so? It just is."}], "phrases": [
        {"speaker": 1, "offsetMilliseconds": 100, "durationMilliseconds": 800, "text": "How so?"},
        {"speaker": 2, "offsetMilliseconds": 1200, "durationMilliseconds": 1800, "text": "It just is."}]},
    "Google diarised": {"results": [
        {"alternatives": [{"transcript": "How so", "words": [{"word": "How"}, {"word": "so?"}]}]},
        {"alternatives": [{"words": [{"word": "How", "speakerTag": 1, "startTime": "0.100s", "endTime": "0.5s"},
                                     {"word": "so?", "speakerTag": 1, "startTime": "0.5s", "endTime": "0.900s"},
                                     {"word": "Yes.", "speakerTag": 2, "startTime": "1.2s", "endTime": "3s"}]}]}]},
    "Rev": {"speakers": [{"id": 0, "name": "Ann"}, {"id": 1, "name": "Ben"}], "monologues": [
        {"speaker": 0, "elements": [{"type": "text", "value": "How", "ts": 0.1, "end_ts": 0.3},
                                    {"type": "punct", "value": " "},
                                    {"type": "text", "value": "so", "ts": 0.3, "end_ts": 0.9},
                                    {"type": "punct", "value": "?"}]},
        {"speaker": 1, "elements": [{"type": "text", "value": "Yes", "ts": 1.2, "end_ts": 3.0},
                                    {"type": "punct", "value": "."}]}]},
    "Speechmatics": {"metadata": {}, "results": [
        {"type": "word", "start_time": 0.1, "end_time": 0.3, "alternatives": [{"content": "How", "speaker": "S1"}]},
        {"type": "word", "start_time": 0.3, "end_time": 0.9, "alternatives": [{"content": "so", "speaker": "S1"}]},
        {"type": "punctuation", "start_time": 0.9, "end_time": 0.9,
         "alternatives": [{"content": "?", "speaker": "S1"}]},
        {"type": "word", "start_time": 1.2, "end_time": 3.0, "alternatives": [{"content": "Yes.", "speaker": "S2"}]}]},
    "Sonix": {"name": "x", "transcript": [
        {"speaker": "Ann", "text": "How so?", "start_time": 0.1, "end_time": 0.9},
        {"speaker": "Ben", "text": "It just is.", "start_time": 1.2, "end_time": 3.0}]},
    "Trint": {"transcript": {"paragraphs": [{"time": 0.1, "speaker": "Ann"}, {"time": 1.2, "speaker": "Ben"}],
                             "words": [{"value": "How", "time": 0.1, "end": 0.3},
                                       {"value": "so?", "time": 0.3, "end": 0.9},
                                       {"value": "Yes.", "time": 1.2, "end": 3.0}]}},
    "Recall": [{"participant": {"id": 1, "name": "Ann"}, "words": [
                    {"text": "How", "start_timestamp": {"relative": 0.1}, "end_timestamp": {"relative": 0.3}},
                    {"text": "so?", "start_timestamp": {"relative": 0.3}, "end_timestamp": {"relative": 0.9}}]},
               {"participant": {"id": 2, "name": "Ben"}, "words": [
                    {"text": "Yes.", "start_timestamp": {"relative": 1.2}, "end_timestamp": {"relative": 3.0}}]}],
    "Amazon with a list of speakers": {"results": {
        "speaker_labels": {"segments": [
            {"items": [{"start_time": "0.1", "speaker_label": "spk_0"},
                       {"start_time": "0.3", "speaker_label": "spk_0"}]},
            {"items": [{"start_time": "1.2", "speaker_label": "spk_1"}]}]},
        "items": [
            {"type": "pronunciation", "start_time": "0.1", "end_time": "0.3", "alternatives": [{"content": "How"}]},
            {"type": "pronunciation", "start_time": "0.3", "end_time": "0.9", "alternatives": [{"content": "so"}]},
            {"type": "punctuation", "alternatives": [{"content": "?"}]},
            {"type": "pronunciation", "start_time": "1.2", "end_time": "3.0", "alternatives": [{"content": "Yes."}]}]}},
}  # fmt: skip


@pytest.mark.parametrize("service", SERVICES)
def test_read_speech_finds_two_turns_with_speakers_and_seconds(read, service):
    transcript = read(SERVICES[service])
    first, second = transcript.turns
    assert [words for _, words in said(transcript)] in (["How so?", "It just is."], ["How so?", "Yes."])
    assert first.speaker is not None
    assert first.speaker != second.speaker
    assert times(transcript) == [(0.1, 0.9), (1.2, 3.0)]
    assert (first.role, second.role) == (Role.INTERVIEWER, Role.PARTICIPANT)


@pytest.mark.parametrize(
    "content",
    [{"text": " One two."}, {"text": "One two.", "words": words_of("One two")},
     {"results": {"transcripts": [{"transcript": "One two."}]}},
     {"transcript": "One two."}, {"combinedPhrases": [{"text": "One two."}]}],
)  # fmt: skip
def test_read_speech_takes_a_text_without_segments(read, content):
    assert said(read(content)) == [(None, "One two.")]


@pytest.mark.parametrize(
    "content", [{"codes": [1, 2]}, {"words": [1]}, {"results": {"a": 1}}, [], [[]], {"speaker": "A"}]
)
def test_read_speech_refuses_other_json(read, content):
    with pytest.raises(InputError, match=r"no transcript of whisper|no talk"):
        read(content)


# Linguists' tools, web pages, old Word documents


@pytest.mark.parametrize(
    ("name", "make"), [("t.eaf", elan), ("t.exb", exmaralda), ("t.html", web_page), ("t.json", assembly)]
)
def test_reader_brings_back_speakers_and_words(read, name, make):
    transcript = read(make(), name)
    assert said(transcript) == TALK
    assert [turn.role for turn in transcript.turns][:2] == [Role.INTERVIEWER, Role.PARTICIPANT]


def test_read_elan_has_times_and_counts_dependent_tiers(read):
    transcript = read(elan(FIRST), "t.eaf")
    assert times(transcript) == [(0.0, 0.5), (1.0, 1.5)]
    assert transcript.warnings[0] == "left out tiers that are no talk: 1"


def test_read_chat_leaves_out_codes_and_says_who_investigates(read):
    transcript = read(clan([("INT", "how so ?"), ("P01", "it (be)cause <of> [//] xxx &=laughs &-uh it is .")]), "t.cha")
    assert said(transcript) == [
        ("INT (Investigator)", "how so?"), ("P01", "it because of [inaudible] [laughs] uh it is.")
    ]  # fmt: skip
    assert times(transcript) == [(0.0, 0.9), (1.0, 1.9)]
    assert [turn.role for turn in transcript.turns] == [Role.INTERVIEWER, Role.PARTICIPANT]


def test_read_web_page_reads_tables_breaks_bold_and_no_scripts(read):
    page = (b"<html><head><style>p {}</style></head><body><script>var a = 1;</script><table>"
            b"<tr><td>0:03</td><td>INT</td><td>How so?</td></tr>"
            b"<tr><td>0:09</td><td>P01</td><td>It <i>just</i> is.</td></tr>"
            b"</table><p><b>INT</b> And<br>now?</p></body></html>")  # fmt: skip
    transcript = read(page, "t.html")
    assert said(transcript) == [("INT", "How so?"), ("P01", "It just is."), ("INT", "And\nnow?")]
    assert transcript.turns[0].started == 3


@pytest.mark.parametrize("suffix", [".eaf", ".exb"])
@pytest.mark.parametrize(
    "content", [b"<a/>", b"<a", b"words", b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', b"<a>" * 100_000]
)
def test_tiers_of_no_such_file_are_refused(read, suffix, content):
    with pytest.raises(InputError, match=r"is no|declares XML entities"):
        read(content, f"t{suffix}")


@pytest.mark.parametrize(
    ("content", "count"), [(word([("INT", "How so?"), ("P01", "It is.")]), 3), (rich_text(), 4), (web_page(), 4)]
)
def test_read_old_word_reads_what_only_has_its_name(read, content, count):
    assert len(read(content, "t.doc").turns) == count


def test_read_old_word_without_libreoffice_says_what_to_do(read, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(InputError, match=r"is an old Word document; save it as \.docx"):
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "t.doc")


def test_read_old_word_that_takes_too_long_is_refused(read, monkeypatch):
    def wait(*_args, **_more):
        raise subprocess.TimeoutExpired("soffice", 1)

    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "run", wait)
    with pytest.raises(InputError, match="did not convert"):
        read(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "t.doc")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_read_old_word_through_libreoffice(tmp_path):
    document = docx.Document()
    for speaker, words in TALK:
        document.add_paragraph(f"{speaker}: {words}")
    document.save(tmp_path / "talk.docx")
    subprocess.run(
        ["soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--convert-to",
         "doc:MS Word 97", "--outdir", str(tmp_path), str(tmp_path / "talk.docx")], check=True, capture_output=True
    )  # fmt: skip
    assert said(read_transcript(tmp_path / "talk.doc")) == TALK


@pytest.mark.parametrize("suffix", sorted(RECORDINGS))
def test_recordings_name_a_local_recogniser(read, suffix):
    with pytest.raises(InputError, match="is a recording, not a transcript"):
        read(pdf(["P01: One."]), f"talk{suffix}")
