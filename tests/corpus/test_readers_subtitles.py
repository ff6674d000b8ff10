"""WebVTT and SubRip: voices, labels, pauses, and what remains of damaged files."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import InputError
from corpus.readers import read_transcript

SAMPLE = Path(__file__).parents[2] / "corpus" / "sample" / "transcripts"


@pytest.fixture
def read(tmp_path):
    def read_content(content, name="talk.vtt"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_transcript(path)

    return read_content


def said(transcript):
    return [(turn.speaker, words) for turn, words in transcript.talk()]


def times(transcript):
    return [(turn.started, turn.ended) for turn in transcript.turns]


def vtt(*payloads):
    """A WebVTT file in which cue n starts at second n * 10."""
    cues = (
        f"00:{n // 6:02d}:{n % 6}0.000 --> 00:{n // 6:02d}:{n % 6}9.000\n{payload}\n"
        for n, payload in enumerate(payloads)
    )
    return "WEBVTT\n\n" + "\n".join(cues)


def test_cues_of_one_voice_become_one_line_with_its_times(read):
    transcript = read(vtt("<v Int>How</v>", "<v Int>so?</v>", "<v P01>It just is.</v>"))
    assert transcript.text == "Int: How so?\nP01: It just is."
    assert said(transcript) == [("Int", "How so?"), ("P01", "It just is.")]
    assert times(transcript) == [(0, 19), (20, 29)]
    assert transcript.warnings == ()


@pytest.mark.parametrize("inside", ["\n", "\n\n", "\n \n", "\r\n"])
def test_line_breaks_inside_a_voice_are_spaces(read, inside):
    transcript = read(vtt(f"<v Int>How{inside}so?</v>", "<v P01>It just is.</v>"))
    assert said(transcript) == [("Int", "How so?"), ("P01", "It just is.")]
    assert transcript.warnings == ()


def test_two_voices_in_a_cue_are_two_turns(read):
    transcript = read(vtt("<v Int>How so?</v> <v P01>It just is.</v>"))
    assert said(transcript) == [("Int", "How so?"), ("P01", "It just is.")]


def test_voices_need_no_end_tag_and_may_have_classes(read):
    assert said(read(vtt("<v.loud Int>How so?", "<v P01>It just is."))) == [("Int", "How so?"), ("P01", "It just is.")]


def test_tags_and_escapes_are_resolved_and_time_tags_dropped(read):
    payload = (
        "<v O&#39;Neil &amp; Co>R&amp;D <i>is</i> <00:00:01.000><c.red>good</c>,&nbsp;&lt;b&gt; <laughs> 1 < 2</v>"
    )
    assert said(read(vtt(payload))) == [("O'Neil & Co", "R&D is good, <b> <laughs> 1 < 2")]


def test_cue_without_voice_among_voices_is_nobodys(read):
    assert said(read(vtt("<v P01>One.</v>", "Two."))) == [("P01", "One."), (None, "Two.")]


def test_colon_in_a_voice_is_talk(read):
    assert said(read(vtt("<v P01>INT: that is what it said.</v>"))) == [("P01", "INT: that is what it said.")]


def test_labels_in_the_cue_text_name_the_speaker(read):
    transcript = read(vtt("Jane Roe: How", "Jane Roe: so?", "P01: It\njust is.", "And on."))
    assert transcript.text == "Jane Roe: How so?\nP01: It just is. And on."
    assert said(transcript) == [("Jane Roe", "How so?"), ("P01", "It just is. And on.")]


def test_nameless_talk_is_divided_by_pauses(read):
    transcript = read(vtt("One", "two.") + "\n00:01:00.000 --> 00:01:01.000\nThree.\n")
    assert said(transcript) == [(None, "One two."), (None, "Three.")]
    assert transcript.text == "One two.\nThree."
    assert "no speaker labels" in transcript.warnings[0]


def test_notes_styles_and_identifiers_are_no_talk(read):
    content = vtt("P01: One.").replace(
        "WEBVTT", "WEBVTT - x\nKind: captions\n\nNOTE\nnot talk\n\nSTYLE\n::cue {}\n\nab-1/2-3", 1
    )
    transcript = read(content.replace("2-3\n\n", "2-3\n"))
    assert said(transcript) == [("P01", "One.")]
    assert not any("left out" in warning for warning in transcript.warnings)


def test_subrip_reads_like_webvtt(read):
    transcript = read(
        "1\n00:00:01,500 --> 00:00:02,000\nINT: How\nso?\n\n2\n00:00:03,000 --> 0:00:04,000\n<i>P01:</i> Yes.\n",
        "talk.srt",
    )
    assert said(transcript) == [("INT", "How so?"), ("P01", "Yes.")]
    assert times(transcript) == [(1.5, 2.0), (3.0, 4.0)]
    assert transcript.warnings == ()


def test_end_before_start_is_no_time_that_runs_backwards(read):
    assert times(read("WEBVTT\n\n00:00:05.000 --> 00:00:03.000\nP01: One.\n")) == [(5, 5)]


# Damage


@pytest.mark.parametrize("name", ["children_family_mentor.vtt", "hospital_it_lead.vtt"])
@pytest.mark.parametrize("share", [0.5, 0.51, 0.52, 0.53, 0.54])
def test_file_cut_in_half_is_read_so_far_with_a_warning(read, name, share):
    content = (SAMPLE / name).read_bytes()
    whole, half = read(content), read(content[: int(len(content) * share)])
    assert any("cut off" in warning for warning in half.warnings)
    assert 0.4 < len(half.turns) / len(whole.turns) < 0.65
    assert said(half)[:-1] == said(whole)[: len(half.turns) - 1]


def test_cues_with_a_broken_time_keep_their_words_and_empty_ones_are_counted(read):
    broken = "\n00:00:xx.000 --> 00:00:59.000\nbad time\n\nno time at all\n\n00:00:59.000 --> 00:01:00.000\n\n"
    transcript = read(vtt("P01: One.", "P01: Two.") + broken)
    assert said(transcript) == [("P01", "One. Two. bad time no time at all")]
    assert transcript.warnings[:2] == (
        "left out cues without usable time or words: 1 (read: 3)",
        "cues whose time is broken, kept without a time: 1",
    )


def test_subrip_block_without_time_is_not_given_to_the_cue_above(read):
    content = (
        "1\n00:00:01,000 --> 00:00:02,000\nP01: One.\n\n2\nTwo.\n\n3\n00:00:03,000 --> 00:00:04,000\nP01: Three.\n"
    )
    transcript = read(content, "talk.srt")
    assert said(transcript) == [("P01", "One. Three.")]
    assert transcript.warnings[0] == "left out cues without usable time or words: 1 (read: 2)"


def test_missing_header_is_forgiven(read):
    assert said(read(vtt("P01: One.").removeprefix("WEBVTT"))) == [("P01", "One.")]


@pytest.mark.parametrize("name", ["talk.vtt", "talk.srt"])
@pytest.mark.parametrize(
    "content", ["WEBVTT\n", "words\n", "1\nwords\n", "1\n00:00:01,000 --> \n", "\n\n", "-->", "1\n-->\n"]
)
def test_nothing_sound_is_refused(read, name, content):
    with pytest.raises(InputError, match="no sound cue"):
        read(content, name)


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_subtitles_come_in_other_encodings_too(read, encoding):
    assert said(read(vtt("P01: Très bien.").encode(encoding))) == [("P01", "Très bien.")]


def test_a_character_reference_without_end_is_no_character(read):
    assert said(read(vtt(f"P01: One &#{'9' * 5000}; two."))) == [("P01", "One two.")]


def test_a_line_of_many_arrows_is_read_over(read):
    with pytest.raises(InputError, match="no sound cue"):
        read("1\n" + "-->" * 100_000, "talk.srt")


def test_a_turn_knows_where_its_cues_begin_and_where_nobody_spoke(read):
    cue = "00:00:{:02d}.000 --> 00:00:{:02d}.000\n{}\n"
    cues = [
        cue.format(0, 2, "<v Ana>she rings me"),
        cue.format(2, 4, "<v Ana>every week and"),
        cue.format(8, 9, "<v Ana>I am well"),
    ]
    (turn,) = (transcript := read("WEBVTT\n\n" + "\n".join(cues))).turns
    assert [transcript.text[n:].split()[0] for n in turn.breaks] == ["every", "I"]
    assert [transcript.text[n:].split()[0] for n in turn.pauses] == ["I"]


def test_lines_of_one_cue_and_cues_of_single_words_are_no_breaks(read):
    (turn,) = read(vtt("P01: she rings me\nevery week and").removesuffix("\n") + "\n").turns
    assert turn.breaks == ()
    words = "".join(f"00:00:{n:02d}.000 --> 00:00:{n + 1:02d}.000\n<v Ana>word\n\n" for n in range(9))
    (turn,) = read("WEBVTT\n\n" + words).turns
    assert turn.breaks == ()
