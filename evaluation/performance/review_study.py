"""A large study of random words, to measure the review page on: its shape is that of a real one, its talk is noise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from corpus.suggestion import Evidence, Suggestion
from corpus.transcript import Role, Span, Transcript, Turn
from evaluation.performance.big_study import change_settings
from models.embedder import FloatArray
from pipeline.precoder import study_embedder
from pipeline.search.sentence_index import SentenceIndex
from pipeline.search.study_search import FOLDER
from pipeline.store.records import RunFacts, RunState, Sentence
from pipeline.store.store import StudyStore
from pipeline.study import Source, Study, create_study
from pipeline.trust import allow

SYLLABLES = ("ba", "cor", "del", "fi", "gan", "hu", "jor", "kel", "li", "mon", "nar", "pe", "qui", "ros", "tan", "vel")
WORDS_IN_SENTENCE = 10
SENTENCES_IN_TURN = 8
PASSAGE = 2
"""Sentences in a suggested passage."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a study is.

    Attributes:
        sentences: Of participants, in each transcript.
        suggestions: In each transcript.
        longest: Words of the last transcript, which is longer than the others.
    """

    transcripts: int = 300
    sentences: int = 1000
    suggestions: int = 334
    longest: int = 30_000


def make_study(folder: Path, size: Size, database: str = "") -> Study:
    """Make a study in a new folder, pre-coded by nothing but chance.

    Args:
        folder: Where.
        size: How large.
        database: A database URL; empty for a file in the study.
    """
    study = create_study(folder)
    if database:
        change_settings(folder, store={"url": database})
        allow(folder, study.reread().settings)
        study = study.reread()
    book, chance = study.codebook(), np.random.default_rng(7)
    with StudyStore(study.database) as store:
        run = store.runs.start(RunFacts("random/v1", "random/v1", book.digest, "none"))
        for n in range(size.transcripts):
            last = n == size.transcripts - 1
            count = max(size.sentences, size.longest // WORDS_IN_SENTENCE) if last else size.sentences
            transcript, sentences = _interview(f"P{n + 1:03d}", count, chance)
            version = store.transcripts.add(transcript, _source(study, transcript)).version
            found = _suggestions(sentences, size.suggestions, book.ids, chance)
            store.runs.save(run, version, found, sentences)
        store.runs.finish(run, RunState.FINISHED)
    return study


@dataclass(frozen=True, slots=True)
class RandomEmbedder:
    """Gives any text a random vector, in no time, under the name of another encoder.

    Attributes:
        fingerprint: Of that encoder, for whose vectors these are taken.
        dimension: Of its vectors.
    """

    fingerprint: str
    dimension: int

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return random unit vectors, shape (texts, dimension)."""
        chance = np.random.default_rng(len(texts))
        vectors = chance.standard_normal((len(texts), self.dimension), dtype=np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def make_searchable(study: Study) -> None:
    """Make a study ready to be searched by meaning, as if its encoder had read all sentences."""
    encoder = study_embedder(study)
    stand_in = RandomEmbedder(encoder.fingerprint, encoder.encode(["a query"]).shape[1])
    with StudyStore(study.database) as store:
        index = SentenceIndex(store, stand_in, study.cache / FOLDER)
        for version in store.transcripts.versions():
            index.build(version)


def _source(study: Study, transcript: Transcript) -> Source:
    path = study.transcripts / f"{transcript.name}.txt"
    path.write_text(transcript.text, encoding="utf-8")
    return Source(transcript.name, path, path.relative_to(study.folder).as_posix())


def _interview(name: str, count: int, chance: np.random.Generator) -> tuple[Transcript, list[Sentence]]:
    """Return a transcript of ``count`` participant sentences, in turns between an interviewer's questions."""
    text, turns, sentences = "", [], []
    for first in range(0, count, SENTENCES_IN_TURN):
        text, question = _spoken(f"{text}INT: ", chance)
        turns.append(Turn(question, "INT", Role.INTERVIEWER))
        text, start = f"{text}\n{name}: ", len(text) + len(name) + 3
        for _ in range(min(SENTENCES_IN_TURN, count - first)):
            text, span = _spoken(text, chance)
            sentences.append(Sentence(span, len(turns)))
        turns.append(Turn(Span(start, len(text) - 1), name, Role.PARTICIPANT))
        text += "\n"
    return Transcript(name, text, tuple(turns)), sentences


def _spoken(text: str, chance: np.random.Generator) -> tuple[str, Span]:
    """Return the text with one more sentence and where that stands."""
    picked = chance.integers(len(SYLLABLES), size=(WORDS_IN_SENTENCE, 2)).tolist()
    words = " ".join(SYLLABLES[first] + SYLLABLES[second] for first, second in picked)
    return f"{text}{words}. ", Span(len(text), len(text) + len(words) + 1)


def _suggestions(
    sentences: list[Sentence], count: int, codes: tuple[str, ...], chance: np.random.Generator
) -> Iterator[Suggestion]:
    """Yield passages at random places, each with reasons as long as real ones."""
    starts = sorted(chance.choice(len(sentences) - PASSAGE, min(count, len(sentences) - PASSAGE), replace=False))
    evidence = tuple(Evidence(f"{'a quotation of usual length ' * 4}{n}", 0.9 - n / 10, "authored") for n in range(3))
    for start in starts:
        span = sentences[start].span.join(sentences[start + PASSAGE - 1].span)
        code, *others = chance.choice(codes, 6, replace=False).tolist()
        alternatives = tuple((other, 0.4 - n / 20) for n, other in enumerate(others))
        segments = tuple(f"t{sentences[start].turn:04d}s{n:03d}" for n in range(PASSAGE))
        probability = round(float(chance.uniform(0.5, 1)), 4)
        yield Suggestion(span, segments, code, probability, 1, evidence, ("some", "words", "weighed"), alternatives)
