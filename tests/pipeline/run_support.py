"""Studies and a precoder for the tests of runs: it knows three words, needs no model and loads in no time."""

import os
import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from corpus.seeds import SeedBank
from corpus.shipped import selfie
from corpus.suggestion import Evidence, Suggestion
from corpus.transcript import Role
from models.examples import EncodedTexts
from models.lexical_encoder import LexicalEncoder
from pipeline.embed import participant_segments
from pipeline.segment import segment
from pipeline.settings import SuggestSettings
from pipeline.steps import Precoded, Scored, run_directly

PAUSE = "TEST_PAUSE"
"""Environment variable: seconds that a transcript takes."""

WORDS = {"nurse": 0, "money": 20, "computer": 40}
"""Columns of SELFIE codes by the word that makes the precoder suggest them."""


@dataclass
class WordPrecoder:
    """Suggests a code for each participant turn that holds its word."""

    recipe: str = "words/v1"
    model: str = "words/v1"
    codebook = selfie()
    bank = SeedBank(())
    chosen = SuggestSettings()
    suggester = None
    embedder = LexicalEncoder()

    def precode(self, transcript, *, run_step=None):
        time.sleep(float(os.environ.get(PAUSE, "0")))

        def step(name, result):
            if f"A defect in {name}" in transcript.text:
                raise ValueError(transcript.text)
            return result

        run = run_step or run_directly
        sentences = run("segment", lambda: step("segment", participant_segments(one_sentence_a_turn(transcript))))
        vectors = run("embed", lambda: step("embed", np.zeros((len(sentences), 2), np.float32)))
        suggestions = run("suggest", lambda: step("suggest", self.suggest(transcript)))
        scored = Scored(sentences, EncodedTexts((), (), vectors), np.zeros((len(sentences), 57), np.float32))
        return Precoded(scored, suggestions)

    def suggest(self, transcript):
        if "A defect" in transcript.text:
            raise ValueError(transcript.text)
        return list(self._suggestions(transcript))

    def _suggestions(self, transcript):
        for one in one_sentence_a_turn(transcript):
            if one.role is Role.PARTICIPANT:
                words = one.span.of(transcript.text)
                yield from (self._suggestion(one, column) for word, column in WORDS.items() if word in words)

    def _suggestion(self, one, column):
        evidence = (Evidence("A seed.", 0.5, "authored"),)
        return Suggestion(one.span, (one.id,), self.codebook.ids[column], 0.75, 1, evidence, ("w",))


@lru_cache(maxsize=1)
def one_sentence_a_turn(transcript):
    """Return the segments of a transcript, which the steps of a run share, as those of a precoder do."""
    return tuple(segment(transcript, starts_of=lambda _: [0]))


def put(study, name, words="The nurse rings me.", suffix=".txt"):
    """Put an interview among a study's transcripts and return its path."""
    path = study.transcripts / f"{name}{suffix}"
    path.write_text(f"INT: Tell me.\nAnna: {words}\n", encoding="utf-8")
    return path
