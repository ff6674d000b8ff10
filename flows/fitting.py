"""What benchmarks fit and embed with: the product's own suggester behind the user's vector cache."""

from __future__ import annotations

from functools import lru_cache

from corpus.codebook import Codebook
from corpus.seeds import SeedBank
from corpus.shipped import selfie_seeds
from evaluation.benchmarks.protocols import Fit
from models.embedder import Embedder
from models.encoders import load_encoder
from models.vector_cache import VectorCache
from models.weights import cache_home
from pipeline.precoder import Precoder, make_precoder


def cached_encoder(name: str) -> Embedder:
    """Return an encoder whose vectors are kept in the user's cache.

    Raises:
        UsageError: If there is no such encoder.
    """
    return VectorCache(load_encoder(name), cache_home() / "benchmark")


def fit_with(embedder: Embedder) -> Fit:
    """Return what makes a precoder from a codebook and seeds; only what the shipped bank gives is worth keeping."""

    @lru_cache(maxsize=1)  # a report asks for the precoder that the benchmark has just fitted
    def fit(codebook: Codebook, seeds: SeedBank) -> Precoder:
        shipped = seeds.digest == selfie_seeds().digest
        return make_precoder(codebook, seeds, embedder, kept=cache_home() if shipped else None)

    return fit
