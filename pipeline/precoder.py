"""The precoder: an embedder and a fitted suggester that turn a transcript into suggestions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from threading import Lock

import numpy as np
from cachetools import LRUCache

from corpus.codebook import Codebook
from corpus.seeds import SeedBank
from corpus.shipped import SELFIE, frameworks, selfie_uncoded
from corpus.suggestion import Suggestion
from corpus.transcript import Segment, Transcript, digest_of
from models.embedder import Embedder, FloatArray
from models.encoders import load_encoder
from models.examples import definitions_of, encode_with_context
from models.model_cache import load_model, save_model
from models.seed_vectors import examples_of
from models.suggester import VERSION, Suggester
from models.vector_cache import VectorCache
from models.weights import cache_home
from pipeline.choices import ThresholdRule
from pipeline.embed import WINDOW, participant_segments, participant_sentences
from pipeline.languages import ENGLISH
from pipeline.learned import LearnedSeeds
from pipeline.segment import SEGMENTER
from pipeline.segment_cache import SegmentCache
from pipeline.selection import is_supported, rule_in_force
from pipeline.settings import SuggestSettings
from pipeline.steps import Precoded, Scored, StepRunner, precode, run_directly
from pipeline.study import Study

REMEMBERED = 4
"""Transcripts whose results are kept at hand, because a benchmark asks for scores and for suggestions."""

NOTHING_LEARNED = SeedBank(())

AUTO = SuggestSettings()


@dataclass
class Precoder:
    """Suggests codes for transcripts. Threads may share one; models load at the first text.

    Attributes:
        codebook: The framework; its order is the order of columns.
        bank: What the suggester is fitted on; evidence is quoted from it.
        embedder: Text to vectors, usually with a cache.
        kept: Folder of fitted suggesters; None to fit in memory only.
        language: What is spoken, ISO 639-1.
        chosen: The rule by which probabilities become suggestions.
        cuts: Remembers where transcripts were cut; None to cut each anew.
    """

    codebook: Codebook
    bank: SeedBank
    embedder: Embedder
    kept: Path | None = None
    language: str = ENGLISH
    chosen: SuggestSettings = AUTO
    cuts: SegmentCache | None = None
    _lock: Lock = field(default_factory=Lock, repr=False)
    _suggester: Suggester | None = field(default=None, repr=False)
    _precoded: LRUCache[Transcript, Precoded] = field(default_factory=lambda: LRUCache(REMEMBERED), repr=False)

    @property
    def model(self) -> str:
        """Fingerprint of encoder and suggester."""
        return f"{self.embedder.fingerprint}+{VERSION}"

    @property
    def recipe(self) -> str:
        """Digest of everything that determines the suggestions for a transcript."""
        return digest_of("\n".join((self.fitted_recipe, self.chosen.model_dump_json())))

    @property
    def fitted_recipe(self) -> str:
        """Digest of everything that determines the fitted suggester, whichever of its suggestions a study wants."""
        talk = (SEGMENTER, self.language, str(WINDOW))
        fitted = (self.codebook.digest, self.bank.digest, version("scikit-learn"))
        return digest_of("\n".join((self.model, *talk, *fitted)))

    @property
    def suggester(self) -> Suggester:
        """The fitted suggester: kept from an earlier run, or fitted now."""
        with self._lock:
            if self._suggester is None:
                self._suggester = self._kept_or_fitted()
            return self._suggester

    @property
    def thresholds(self) -> FloatArray:
        """The probability from which each code is suggested, shape (codes,)."""
        return self.suggester.thresholds_

    @property
    def operating(self) -> Mapping[str, str]:
        """How suggestions are chosen: the rule in force and its value, by the names that study.toml has for them."""
        supports = is_supported(self.suggester.thresholds_at(self.chosen.precision))
        rule = rule_in_force(self.chosen.threshold, has_evidence=supports)
        values = {
            ThresholdRule.SURE: {"precision": str(self.chosen.precision)},
            ThresholdRule.THOROUGH: {"floor": str(self.chosen.floor)},
        }
        return {"rule": rule.value} | values.get(rule, {"best": str(self.chosen.best)})

    def precode(self, transcript: Transcript, *, run_step: StepRunner | None = None) -> Precoded:
        """Segment, embed, suggest; a transcript that was asked for just before costs nothing.

        Args:
            transcript: Only what participants say is suggested a code.
            run_step: Runs each step under its name; directly by default.
        """
        with self._lock:
            known = self._precoded.get(transcript)
        if known is None:
            known = precode(transcript, self, run_step or run_directly)
            with self._lock:
                self._precoded[transcript] = known
        return known

    def sentences(self, transcript: Transcript) -> tuple[Segment, ...]:
        """Return the sentences that may be suggested a code, in order."""
        if self.cuts is None:
            return participant_sentences(transcript, self.language)
        return participant_segments(self.cuts.segment(transcript, self.language))

    def score(self, transcript: Transcript) -> Scored:
        """Score every participant sentence."""
        return self.precode(transcript).scored

    def suggest(self, transcript: Transcript) -> list[Suggestion]:
        """Return the passages whose probability reaches their code's threshold, in order of the text."""
        return self.precode(transcript).suggestions

    def rank(self, texts: Sequence[str]) -> FloatArray:
        """Return a distribution over codes for passages known to be coded, shape (texts, codes)."""
        if not texts:
            return np.zeros((0, len(self.codebook.ids)), dtype=np.float32)
        return self.suggester.rank(encode_with_context(self.embedder, texts, texts))

    def _kept_or_fitted(self) -> Suggester:
        found = load_model(self.kept, self.fitted_recipe) if self.kept else None
        if found is not None:
            return found
        examples = examples_of(self.bank, self.codebook, self.embedder, shipped=SELFIE)
        definitions = definitions_of(self.codebook, self.embedder)
        suggester = Suggester([code.domain for code in self.codebook.codes]).fit(examples, definitions)
        if self.kept:
            save_model(self.kept, self.fitted_recipe, suggester)
        return suggester


def make_precoder(
    codebook: Codebook,
    seeds: SeedBank,
    embedder: Embedder,
    *,
    learned: SeedBank = NOTHING_LEARNED,
    kept: Path | None = None,
    language: str = ENGLISH,
) -> Precoder:
    """Return a precoder for any codebook and any number of quotations; without any, its definitions decide.

    A bank without examples of uncoded talk is given those that ship with precode, so that there is a real
    "no code" to choose. What a study has ``learned`` comes on top.

    Args:
        codebook: Its names and definitions are learnt from, too.
        seeds: Quotations, or none.
        embedder: Text to unit vectors.
        learned: What people decided in the study.
        kept: Folder of fitted suggesters; None to fit in memory only.
        language: Of the transcripts.
    """
    return Precoder(codebook, bank_of(seeds, learned), embedder, kept, language)


def bank_of(seeds: SeedBank, learned: SeedBank = NOTHING_LEARNED) -> SeedBank:
    """Return what a suggester is fitted on: quotations, talk without a code, and what was learned on top."""
    return (seeds if seeds.uncoded else seeds + selfie_uncoded()) + learned


def study_embedder(study: Study) -> VectorCache:
    """Return the encoder of a study, which remembers in the study what it has encoded; it loads at the first text."""
    encoder = load_encoder(study.encoder(), allow_network=study.settings.model.allow_network)
    return VectorCache(encoder, study.cache)


def load_precoder(study: Study) -> Precoder:
    """Return the precoder of a study; nothing is loaded or fitted until the first text.

    A suggester holds words of what it was fitted on. Only one fitted on what ships is kept for all studies; any other
    stays in its study.
    """
    codebook = study.codebook()
    chosen, learned = study.settings.study, LearnedSeeds(study.folder).seeds(codebook)
    shipped = chosen.codebook in frameworks() and not chosen.seeds
    kept = cache_home() if shipped and not learned.quotes else study.cache
    embedder, language = study_embedder(study), study.settings.study.language
    bank, cuts = bank_of(study.seeds(), learned), SegmentCache(study.cache)
    return Precoder(codebook, bank, embedder, kept, language, study.settings.suggest, cuts)
