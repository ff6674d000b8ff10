"""Sentences: they lie inside turns, never overlap, and leave out nothing but white space."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.readers.spoken import SpokenWords, joined, written
from corpus.transcript import Role, Span, Transcript, Turn
from pipeline import segment as module
from pipeline.clauses import LONGEST_UNMARKED
from pipeline.notes import is_spoken, whole_spans
from pipeline.segment import moment, segment, senter_starts
from pipeline.spacy_models import load_english
from tests.corpus.support import TRANSCRIPTS, transcript_of

OFFSETS = st.sets(st.integers(1, 60), max_size=8)


def cut_at(offsets):
    """A splitter that starts a sentence at each offset."""
    return lambda text: [0, *sorted(n for n in offsets if n < len(text))]


def said(transcript, **options):
    return [one.span.of(transcript.text) for one in segment(transcript, **options)]


def assert_sound(transcript, segments):
    covered = {place for one in segments for place in range(one.span.start, one.span.end)}
    talk = {place for turn in transcript.turns for place in range(turn.span.start, turn.span.end)}
    assert covered <= talk
    assert all(transcript.text[place].isspace() for place in talk - covered)
    assert all(left.span.end <= right.span.start for left, right in pairwise(segments))
    assert len({one.id for one in segments}) == len(segments)
    for one in segments:
        turn, words = transcript.turns[one.turn], one.span.of(transcript.text)
        assert turn.span.start <= one.span.start < one.span.end <= turn.span.end
        assert words == words.strip()
        assert (one.speaker, one.role) == (turn.speaker, turn.role)


@given(TRANSCRIPTS, OFFSETS)
def test_segments_are_sound_however_talk_is_split(transcript, offsets):
    assert_sound(transcript, segment(transcript, starts_of=cut_at(offsets)))


@settings(max_examples=12, deadline=None)
@given(TRANSCRIPTS)
def test_segments_are_sound_by_spacys_senter(transcript):
    assert_sound(transcript, segment(transcript))


@pytest.mark.parametrize("limit", [1, 7, 20])
@given(transcript=TRANSCRIPTS)
def test_segments_are_sound_when_talk_is_cut_before_it_is_split(limit, transcript):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "LONGEST_CHUNK", limit)
        assert_sound(transcript, segment(transcript, starts_of=cut_at({3})))


def test_senter_finds_the_sentences_of_speech():
    transcript = transcript_of("She rings me every week. Does she? Well, when she remembers to.", "Good.")
    assert said(transcript) == ["She rings me every week.", "Does she?", "Well, when she remembers to.", "Good."]
    assert [one.id for one in segment(transcript)] == ["t0000s000", "t0000s001", "t0000s002", "t0001s000"]


def test_senter_starts_begin_at_zero_even_before_white_space():
    assert next(senter_starts(["  Yes. No."]))[0] == 0


def test_senter_takes_lone_surrogates_and_keeps_every_offset():
    assert said(transcript_of("It broke \ud800 there. Then it worked.")) == [
        "It broke \ud800 there.",
        "Then it worked.",
    ]


def test_threads_load_one_model_and_find_the_same_sentences(monkeypatch):
    loads, load = [], spacy.load
    monkeypatch.setattr(spacy, "load", lambda *names, **options: loads.append(1) or load(*names, **options))
    load_english.cache_clear()
    transcripts = [transcript_of(f"She rings me {n} times. Does she? Yes.") for n in range(8)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(segment, transcripts))
    assert together == [segment(one) for one in transcripts]
    assert len(loads) == 1


def test_interviewers_are_segmented_too():
    transcript = transcript_of((Role.INTERVIEWER, "Why is that?"), "Nobody knows.")
    assert [one.role for one in segment(transcript)] == [Role.INTERVIEWER, Role.PARTICIPANT]


@pytest.mark.parametrize("words", [" ", "\n\t\u2028"])
def test_a_turn_of_white_space_has_no_segment(words):
    assert said(transcript_of(words, "Yes.")) == ["Yes."]


def test_a_transcript_without_turns_has_no_segment():
    assert segment(Transcript("empty", "A heading", ())) == []


def test_long_talk_is_cut_at_white_space_and_a_long_word_at_the_limit(monkeypatch):
    monkeypatch.setattr(module, "LONGEST_CHUNK", 10)
    assert said(transcript_of("one two three four"), starts_of=cut_at({})) == ["one two", "three four"]
    assert said(transcript_of("x" * 25), starts_of=cut_at({})) == ["x" * 10, "x" * 10, "x" * 5]


def test_the_splitter_never_sees_more_than_a_chunk():
    seen = []
    segment(transcript_of("word " * 30_000), starts_of=lambda text: [seen.append(len(text)) or 0])
    assert sum(seen) == 150_000
    assert max(seen) <= module.LONGEST_CHUNK


def test_time_runs_evenly_through_a_turn():
    turn = Turn(Span(0, 20), "P", Role.PARTICIPANT, 10.0, 30.0)
    segments = segment(Transcript("P01", "Yes I did. And so on", (turn,)), starts_of=cut_at({10}))
    assert [one.started for one in segments] == [10.0, pytest.approx(10 + 20 * 11 / 20)]


@pytest.mark.parametrize(
    ("started", "ended", "expected"), [(None, None, None), (8.0, None, 8.0), (8.0, 10.0, 9.0), (0.0, 4.0, 2.0)]
)
def test_the_moment_half_way_through_a_turn(started, ended, expected):
    assert moment(Turn(Span(0, 4), "P", Role.PARTICIPANT, started, ended), 0.5) == expected


def test_a_note_is_whole_and_goes_with_what_is_said_beside_it():
    assert said(transcript_of("[laughs] She's alright, you know. [pause] It's fine! (inaudible)")) == [
        "[laughs] She's alright, you know.",
        "[pause] It's fine! (inaudible)",
    ]


def test_marks_alone_are_no_sentence():
    assert said(transcript_of("It broke. ! She came."), starts_of=cut_at({10, 12})) == ["It broke. !", "She came."]


def test_a_turn_of_notes_alone_is_one_segment():
    assert said(transcript_of("[laughs] [pause]"), starts_of=cut_at({8, 9})) == ["[laughs] [pause]"]


NOTES = st.sampled_from(
    ["[laughs]", "(inaudible)", "((phone rings))", "[a. b. c]", "well", "yes.", "no!", "?", "\n", "She rings."]
)


@given(st.lists(NOTES, min_size=1, max_size=12), OFFSETS)
def test_no_segment_begins_in_a_note_and_each_holds_speech_if_its_turn_does(words, offsets):
    transcript = transcript_of(" ".join(words))
    segments = segment(transcript, starts_of=cut_at(offsets))
    assert_sound(transcript, segments)
    inside = {n for note in whole_spans(transcript.text) for n in range(note.start + 1, note.end)}
    assert not [one for one in segments if one.span.start in inside]
    spoken = [is_spoken(one.span.of(transcript.text)) for one in segments]
    assert all(spoken) or len(spoken) <= 1


def test_talk_without_full_stops_is_cut_at_its_clauses():
    text = "the nurse rings me before anything goes wrong everybody reads the same record so i never repeat my story"
    assert said(transcript_of(text)) == [
        "the nurse rings me before anything goes wrong",
        "everybody reads the same record so i never repeat my story",
    ]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", ["Das kam z.B. am 3. Mai vor.", "Dr. Huber war da!"]),
        ("nl", ["Zij belt o.a. op vrijdag.", "Dat helpt."]),
        ("es", ["¿Quién llama?", "La enfermera."]),
        ("hu", ["Ő jön pl. kedden.", "Jó ez így?"]),
    ],
)
def test_other_languages_are_cut_by_their_rules(language, words):
    assert said(transcript_of(" ".join(words)), language=language) == words


PHRASES = st.lists(
    st.lists(st.sampled_from(["we", "go", "nurse", "calls", "tablets", "home"]), min_size=4, max_size=14).map(" ".join),
    min_size=1,
    max_size=9,
)


def cued(phrases, *, pause=0.0):
    """A transcript of one turn whose phrases were cues of two seconds each."""
    pieces = [SpokenWords("P", words, n * (2 + pause), n * (2 + pause) + 2) for n, words in enumerate(phrases)]
    draft = written(list(joined(pieces)))
    (said,) = draft.utterances
    turn = Turn(said.span, "P", Role.PARTICIPANT, said.started, said.ended, said.breaks, said.pauses)
    return Transcript("P01", draft.text, (turn,))


@settings(max_examples=25, deadline=None)
@given(PHRASES, st.sampled_from([0.0, 1.5]), st.sampled_from(["de", "nl"]))
def test_segments_are_sound_where_talk_has_breaks(phrases, pause, language):
    transcript = cued(phrases, pause=pause)
    assert_sound(transcript, segment(transcript, language=language))


@settings(max_examples=25, deadline=None)
@given(PHRASES)
def test_talk_without_full_stops_is_cut_between_its_cues(phrases):
    transcript = cued(phrases)
    (turn,) = transcript.turns
    segments = segment(transcript, language="nl", starts_of=cut_at({}))
    assert {one.span.start for one in segments} <= {turn.span.start, *turn.breaks}
    assert len(segments) > 1 or sum(len(words.split()) for words in phrases) <= LONGEST_UNMARKED or len(phrases) < 2


@settings(max_examples=5, deadline=None)
@given(PHRASES)
def test_talk_with_full_stops_is_cut_as_if_it_had_no_cues(phrases):
    spoken = [f"{words.capitalize()}." for words in phrases]
    transcript = cued(spoken, pause=1.5)
    bare = Transcript("P01", transcript.text, (replace(transcript.turns[0], breaks=(), pauses=()),))
    assert segment(transcript) == segment(bare)


def test_a_pause_is_a_better_place_to_cut_than_a_cue():
    text = " ".join(["nurse"] * 20)
    cue, pause = 9 * 6, 11 * 6
    turn = Turn(Span(0, len(text)), "P", Role.PARTICIPANT, 0.0, 9.0, (cue, pause), (pause,))
    segments = segment(Transcript("P01", text, (turn,)), language="nl", starts_of=cut_at({}))
    assert [one.span.start for one in segments] == [0, pause]
