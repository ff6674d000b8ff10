"""The steps for one transcript by themselves, and the sentences and notes they rest on."""

import itertools
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.seeds import SeedBank, SeedQuote
from corpus.transcript import Role, Span
from models.examples import EncodedTexts
from models.lexical_encoder import LexicalEncoder
from models.suggester import Near
from pipeline.embed import contexts, embed_segments, participant_segments, participant_sentences
from pipeline.notes import is_spoken, whole_spans, without_notes
from pipeline.segment import ruled_starts, segment
from pipeline.settings import SuggestSettings
from pipeline.spacy_models import hidden, without_surrogates
from pipeline.steps import EVIDENCE_SHOWN, Scored, evidence_for, precode, run_directly
from tests.corpus.support import BOOK, TRANSCRIPTS, interviews, sentence, transcript_of

# Steps


@dataclass
class StubSuggester:
    """Gives each sentence the probabilities that the test says, and notes what it was asked."""

    probabilities: np.ndarray
    thresholds_: np.ndarray
    near: tuple = ()
    asked: list = field(default_factory=list)

    def thresholds_at(self, precision):
        return self.thresholds_

    def score(self, encoded, turns):
        self.asked.append(turns.tolist())
        return self.probabilities[: len(encoded.texts)]

    def nearest(self, vector, column, *, most=2):
        self.asked.append((round(float(np.linalg.norm(vector)), 6), column, most))
        return self.near[:most]

    def words(self, text, column, language="en"):
        return tuple(text.split()[:1])


BANK = SeedBank(
    (
        SeedQuote("The nurses matter.", "team"),
        SeedQuote("The nurses matter. They do.", "team"),
        SeedQuote("Porters, too.", "team", None, "accepted"),
        SeedQuote("We all matter.", "team"),
    )
)


def model_of(rows, thresholds=(0.5, 0.5, 0.5), near=()):
    probabilities = np.array(rows, np.float32).reshape(-1, 3)
    suggester = StubSuggester(probabilities, np.array(thresholds, np.float32), tuple(near))
    return SimpleNamespace(
        codebook=BOOK,
        bank=BANK,
        language="en",
        sentences=participant_sentences,
        embedder=LexicalEncoder(),
        suggester=suggester,
        chosen=SuggestSettings(),
    )


TALK = transcript_of((Role.INTERVIEWER, "And now?"), f"{sentence('team', 0)} {sentence('team', 6)}", sentence(None, 3))


def test_precode_merges_neighbours_of_a_turn_and_names_what_speaks_for_them():
    near = [Near(2, 0.75), Near(0, 0.5)]
    model = model_of([[0.9, 0.1, 0.2], [0.7, 0.1, 0.6], [0.1, 0.1, 0.1]], near=near)
    precoded = precode(TALK, model, run_directly)
    team, budget = precoded.suggestions
    assert (team.code, team.probability, team.rank, team.segments) == ("team", 0.9, 1, ("t0001s000", "t0001s001"))
    assert team.span.of(TALK.text) == TALK.turns[1].span.of(TALK.text)
    assert [(seed.text, seed.provenance) for seed in team.evidence] == [
        *(("Porters, too.", "accepted"), ("The nurses matter.", "authored")),
    ]
    assert (budget.code, budget.rank, budget.segments) == ("budget", 2, ("t0001s001",))
    assert [code for code, _ in team.alternatives] == ["budget", "trust"]
    assert model.suggester.asked[0] == [1, 1, 2], "sentences know their turns"


def test_precode_of_talk_without_participants_asks_no_model():
    model = model_of([])
    precoded = precode(transcript_of((Role.INTERVIEWER, "And now?")), model, run_directly)
    assert (precoded.suggestions, precoded.scored.segments, precoded.scored.probabilities.shape) == ([], (), (0, 3))
    assert model.suggester.asked == []


def test_precode_runs_every_step_under_its_name():
    names = []

    def run_step(name, step):
        names.append(name)
        return step()

    precode(TALK, model_of(np.zeros((3, 3))), run_step)
    assert names == ["segment", "embed", "suggest"]


def test_coded_is_the_chance_of_any_code():
    scored = Scored(
        (), EncodedTexts((), (), np.zeros((2, 1), np.float32)), np.array([[0.5, 0.5], [0.0, 0.0]], np.float32)
    )
    assert scored.coded.tolist() == [0.75, 0.0]


@pytest.mark.parametrize(
    ("rows", "texts"),
    [
        ((), []),
        ((0, 1, 2), ["The nurses matter.", "Porters, too."]),
        ((1, 0, 2), ["The nurses matter. They do.", "Porters, too."]),
        ((0, 2, 3), ["The nurses matter.", "Porters, too."]),
        ((0, 0, 0), ["The nurses matter."]),
    ],
    ids=["none", "one holds another", "the other way round", "no more than are shown", "the same"],
)
def test_evidence_never_holds_a_quotation_within_another(rows, texts):
    model = model_of([], near=[Near(row, 0.9 - n / 10) for n, row in enumerate(rows)])
    evidence = evidence_for(np.eye(2, dtype=np.float32), 0, model)
    assert [seed.text for seed in evidence] == texts
    assert len(evidence) <= EVIDENCE_SHOWN


@pytest.mark.parametrize("vectors", [np.eye(3), np.ones((1, 3)), np.full((4, 3), 1e-3)], ids=["three", "one", "short"])
def test_evidence_is_asked_for_by_a_unit_vector(vectors):
    model = model_of([])
    evidence_for(vectors.astype(np.float32), 2, model)
    ((norm, column, _),) = model.suggester.asked
    assert (norm, column) == (pytest.approx(1.0, abs=1e-5), 2)


def test_evidence_for_a_passage_without_a_direction_is_no_division_by_nought():
    assert evidence_for(np.zeros((1, 3), np.float32), 0, model_of([])) == ()


def test_precoder_and_steps_are_one(precoder):
    talk = interviews(1).quotes[0].text
    transcript = transcript_of(talk)
    assert precode(transcript, precoder, run_directly).suggestions == precoder.suggest(transcript)


# Sentences and what stands around them


@given(TRANSCRIPTS)
def test_contexts_stay_in_their_turn_and_hold_their_sentence(transcript):
    segments = segment(transcript, starts_of=lambda _: [0])
    for found, context in zip(segments, contexts(transcript, segments), strict=True):
        assert context == without_notes(found.span.of(transcript.text))


def test_contexts_are_the_sentences_on_either_side():
    transcript = transcript_of("One. Two. Three.", "Four.")
    spans = [
        Span(transcript.text.index(words), transcript.text.index(words) + len(words))
        for words in ("One.", "Two.", "Three.", "Four.")
    ]
    whole = segment(transcript, starts_of=lambda _: [0])
    segments = [replace(whole[n == 3], span=span) for n, span in enumerate(spans)]
    assert contexts(transcript, segments) == [*["One. Two. Three."] * 3, "Four."]


def test_participant_segments_are_those_of_participants():
    segments = segment(TALK, starts_of=lambda _: [0])
    assert [found.turn for found in participant_segments(segments)] == [1, 2]


def test_embed_segments_of_nothing_asks_no_encoder():
    encoded = embed_segments(TALK, (), None)
    assert (encoded.texts, encoded.vectors.shape) == ((), (0, 0))


def test_embed_segments_leaves_notes_out_and_gives_a_row_for_each_sentence():
    transcript = transcript_of("We [laughs] met.", "Yes.")
    segments = segment(transcript, starts_of=lambda _: [0])
    encoded = embed_segments(transcript, segments, LexicalEncoder())
    assert list(encoded.texts) == ["We met.", "Yes."]
    assert len(encoded.vectors) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("We met [laughs] there.", "We met there."),
        ("((phone rings)) Hello.", "Hello."),
        ("[laughs]", "[laughs]"),
        ("[Person 1] came.", "[Person 1] came."),
        ("Well (5) yes.", "Well yes."),
        ("", ""),
    ],
    ids=["inside", "before", "nothing else", "pseudonym", "pause", "empty"],
)
def test_without_notes_is_what_was_said(text, said):
    assert without_notes(text) == said


@pytest.mark.parametrize(
    ("text", "spoken"), [("[laughs] ...", False), ("[laughs] Yes", True), ("", False), ("👩‍⚕️", False)]
)
def test_is_spoken_asks_for_a_word_outside_notes(text, spoken):
    assert is_spoken(text) is spoken


@given(st.text(alphabet="ab ()[]\n", max_size=40))
@example("((a)) [b] (c)")
def test_whole_spans_are_between_brackets_and_never_overlap(text):
    spans = list(whole_spans(text))
    assert all(first.end <= second.start for first, second in itertools.pairwise(spans))
    assert all(span.of(text)[0] in "([" and span.of(text)[-1] in ")]" for span in spans)


@pytest.mark.parametrize(
    ("text", "language", "starts"),
    [
        ("Wij komen. Zij ook.", "nl", ["Wij komen. ", "Zij ook."]),
        ("Dr. M\u00fcller kam z. B. heute. Gut.", "de", ["Dr. M\u00fcller kam z. B. heute. ", "Gut."]),
        ("", "nl", [""]),
    ],
    ids=["Dutch", "German abbreviations", "nothing"],
)
def test_ruled_starts_cut_any_language_at_its_marks(text, language, starts):
    cuts = [*next(ruled_starts([text], language=language)), len(text)]
    assert [text[a:b] for a, b in itertools.pairwise(cuts)] == starts


@given(st.text(st.characters(exclude_categories=())))
def test_without_surrogates_keeps_every_offset(text):
    clean = without_surrogates(text)
    assert len(clean) == len(text)
    clean.encode("utf-8")
    assert all(a == b for a, b in zip(text, clean, strict=True) if not "\ud800" <= a <= "\udfff")


def test_hidden_modules_are_not_found_and_come_back():
    with hidden("no_such_module_at_all"), pytest.raises(ImportError):
        __import__("no_such_module_at_all")
    with hidden("json"):
        assert __import__("json"), "what is loaded already stays"
