"""What a suggester sees of a transcript or a bank: sentences, the words around them, and vectors that mix both."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import assume, given

from corpus.seeds import SeedBank, SeedQuote
from corpus.transcript import Role
from models.examples import encode_with_context
from models.lexical_encoder import LexicalEncoder
from models.seed_vectors import examples_of, save_vectors, vectors_file
from pipeline.embed import contexts, embed_segments, participant_segments, questions
from pipeline.notes import without_notes
from pipeline.segment import segment
from tests.corpus.support import BOOK, TRANSCRIPTS, interviews, quotes, transcript_of


@dataclass
class Compass:
    """Knows four words, each a direction, and what it was asked."""

    fingerprint: str = "compass/v1:abc"
    asked: list[str] = field(default_factory=list)

    def encode(self, texts):
        self.asked.extend(texts)
        ways = {"north": (0, 1), "east": (1, 0), "south": (0, -1), "west": (-1, 0)}
        return np.array([ways[text] for text in texts], np.float32).reshape(-1, 2)


def by_stops(text):
    """Start a sentence after each full stop."""
    return [0, *(n + 1 for n, sign in enumerate(text[:-1]) if sign == ".")]


def said_around(transcript):
    segments = participant_segments(segment(transcript, starts_of=by_stops))
    return contexts(transcript, segments)


# Contexts


def test_a_context_is_the_sentence_with_its_neighbours():
    assert said_around(transcript_of("One. Two. Three. Four. Five. Six.")) == [
        "One. Two. Three.",
        "One. Two. Three. Four.",
        "One. Two. Three. Four. Five.",
        "Two. Three. Four. Five. Six.",
        "Three. Four. Five. Six.",
        "Four. Five. Six.",
    ]


def test_a_context_holds_participants_talk_of_one_turn_only():
    """Neither what the interviewer asked nor what was said before the question."""
    transcript = transcript_of("Yes.", (Role.INTERVIEWER, "Why? Tell me."), "Because. So.", "And I agree.")
    assert said_around(transcript) == ["Yes.", "Because. So.", "Because. So.", "And I agree."]


@given(TRANSCRIPTS)
def test_every_sentence_is_in_its_context_and_every_context_in_its_turn(transcript):
    assume(without_notes(transcript.text) == transcript.text)  # contexts leave notes out, "0(]" among them
    segments = participant_segments(segment(transcript, starts_of=by_stops))
    assert all(one.role is Role.PARTICIPANT for one in segments)
    for one, context in zip(segments, contexts(transcript, segments), strict=True):
        assert one.span.of(transcript.text) in context
        assert context in transcript.turns[one.turn].span.of(transcript.text)


ASKED = (Role.INTERVIEWER, "And who pays for that?")


def test_questions_are_what_was_asked_before_the_turn():
    transcript = transcript_of("Hello.", ASKED, "Nobody. I do.", (Role.INTERVIEWER, "Mm."), "On Fridays.")
    segments = participant_segments(segment(transcript, starts_of=by_stops))
    assert questions(transcript, segments) == ["", ASKED[1], ASKED[1], ASKED[1]]


def test_questions_change_with_the_next_one_and_with_a_long_remark():
    remark = (Role.INTERVIEWER, "Let us turn to the nurses.")
    transcript = transcript_of(ASKED, "Nobody.", remark, "Good ones.", (Role.INTERVIEWER, "Why?"), "Trained.")
    segments = participant_segments(segment(transcript, starts_of=by_stops))
    assert questions(transcript, segments) == [ASKED[1], remark[1], "Why?"]


@given(TRANSCRIPTS)
def test_questions_are_words_of_the_interviewer_before_the_turn(transcript):
    segments = participant_segments(segment(transcript, starts_of=by_stops))
    for piece, question in zip(segments, questions(transcript, segments), strict=True):
        said = [
            turn.span.of(transcript.text) for turn in transcript.turns[: piece.turn] if turn.role is Role.INTERVIEWER
        ]
        assert question == "" or question in map(without_notes, said)


def test_embed_segments_knows_the_question_of_each_sentence():
    transcript = transcript_of("Hello.", ASKED, "Nobody. I do.")
    segments = participant_segments(segment(transcript, starts_of=by_stops))
    encoded = embed_segments(transcript, segments, LexicalEncoder())
    assert encoded.asked.tolist() == [False, True, True]
    assert encoded.questions[1:] == pytest.approx(np.vstack([LexicalEncoder().encode([ASKED[1]])] * 2))


def test_segments_become_talk_row_by_row():
    transcript = transcript_of("One. Two.", "Three.")
    segments = segment(transcript, starts_of=by_stops)
    talk = embed_segments(transcript, segments, LexicalEncoder())
    assert (talk.texts, talk.contexts) == (["One.", "Two.", "Three."], ["One. Two.", "One. Two.", "Three."])
    assert talk.vectors.shape == (3, 256)


# Vectors


def test_a_vector_lies_half_way_between_text_and_context():
    talk = encode_with_context(Compass(), ["north", "east", "south"], ["east", "east", "east"])
    half = 0.5**0.5
    assert talk.vectors == pytest.approx(np.array([[half, half], [1, 0], [half, -half]]))


def test_a_text_that_contradicts_its_context_has_no_direction_and_no_nan():
    assert encode_with_context(Compass(), ["north"], ["south"]).vectors.tolist() == [[0, 0]]


def test_each_text_is_embedded_once():
    compass = Compass()
    encode_with_context(compass, ["north", "east", "north"], ["east", "east", "west"])
    assert sorted(compass.asked) == ["east", "north", "west"]


def test_a_context_is_made_of_the_vectors_of_its_parts_by_their_length():
    """Nothing but sentences is encoded: what stands around one is a sum, so a long neighbour turns it further."""
    compass = Compass()
    talk = encode_with_context(compass, ["north"], ["south east north"], parts=[["east", "north"]])
    together = np.array([4, 5]) / np.hypot(4, 5)
    mixed = np.array([0, 1]) + together
    assert talk.vectors[0] == pytest.approx(mixed / np.linalg.norm(mixed))
    assert sorted(compass.asked) == ["east", "north"]


@pytest.mark.parametrize(
    ("context", "asked"),
    [
        ("east north west", ["east", "north", "west"]),
        ("east north", ["east", "north"]),
        ("north", ["north"]),
        ("east", ["east", "north"]),
    ],
)
def test_a_context_without_parts_is_what_stands_before_and_after_its_text(context, asked):
    compass = Compass()
    encode_with_context(compass, ["north"], [context])
    assert sorted(compass.asked) == asked


@given(TRANSCRIPTS)
def test_of_a_transcript_every_sentence_is_encoded_once_and_nothing_else_but_questions(transcript):
    asked = []

    class Listening(LexicalEncoder):
        def encode(self, texts):
            asked.extend(texts)
            return super().encode(texts)

    segments = participant_segments(segment(transcript, starts_of=by_stops))
    talk = embed_segments(transcript, segments, Listening())
    assert len(asked) == len(set(asked))
    assert set(asked) == {*talk.texts, *(words for words in questions(transcript, segments) if words)}


# Banks


def test_a_bank_becomes_examples():
    bank = interviews(1) + SeedBank((SeedQuote("Nurses.", "team", also="trust"),))
    made = examples_of(bank, BOOK, LexicalEncoder())
    assert made.documents == ["talk00"] * 5 + [None]
    assert made.in_context.tolist() == [True] * 5 + [False]
    assert made.labels[-1].tolist() == [True, True, False]
    assert (made.encoded.texts[-1], made.encoded.contexts[-1]) == ("Nurses.", "Nurses.")
    assert made.encoded.contexts[0] == bank.quotes[0].context


class Silent(LexicalEncoder):
    """The lexical encoder, which may not be asked for what is ready."""

    def encode(self, texts):
        raise AssertionError(f"{len(texts)} texts embedded in vain")


def test_shipped_vectors_are_used_and_nearly_exact(tmp_path):
    bank = interviews(2)
    path = save_vectors(tmp_path, bank, LexicalEncoder())
    assert path == vectors_file(tmp_path, bank, LexicalEncoder())
    ready = examples_of(bank, BOOK, Silent(), shipped=tmp_path).encoded.vectors
    fresh = examples_of(bank, BOOK, LexicalEncoder()).encoded.vectors
    assert (ready * fresh).sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert np.linalg.norm(ready, axis=1) == pytest.approx(1, abs=1e-6)


def test_what_a_study_adds_to_a_shipped_bank_is_all_that_is_embedded(tmp_path):
    shipped, added = interviews(1), SeedBank(quotes("team", 2))
    save_vectors(tmp_path, shipped, LexicalEncoder())
    asked = []

    class Noting(LexicalEncoder):
        def encode(self, texts):
            asked.extend(texts)
            return super().encode(texts)

    made = examples_of(shipped + added, BOOK, Noting(), shipped=tmp_path)
    assert asked == [quote.text for quote in added.quotes]
    assert len(made.encoded.vectors) == len(made) == 7


@pytest.mark.parametrize("other", ["bank", "weights"])
def test_vectors_of_another_bank_or_other_weights_are_not_used(tmp_path, other):
    save_vectors(tmp_path, interviews(1), LexicalEncoder())
    bank = interviews(1, pattern=("team",) * 5) if other == "bank" else interviews(1)
    encoder = Silent("other/v2" if other == "weights" else "lexical/v1")
    with pytest.raises(AssertionError, match="texts embedded in vain"):
        examples_of(bank, BOOK, encoder, shipped=tmp_path)
