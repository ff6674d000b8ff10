"""The data that ship with precode: the SELFIE framework, the sample study, the published annotations."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from corpus.codebook import Codebook, load_codebook
from corpus.seeds import SeedBank, load_seeds

HERE = Path(__file__).parent
SELFIE = HERE / "frameworks" / "selfie"
SEED_FILES = ("seeds.jsonl", "interviews.jsonl", "uncoded.jsonl")
"""In the order in which they make the bank; the order is part of its digest."""


def selfie_codebook() -> Path:
    """Return the path of the SELFIE codebook."""
    return SELFIE / "codebook.toml"


@cache
def selfie() -> Codebook:
    """Return the SELFIE codebook, the default framework."""
    return load_codebook(selfie_codebook())


@cache
def selfie_seeds() -> SeedBank:
    """Return the authored SELFIE seed bank with its examples of talk that gets no code."""
    return load_seeds((SELFIE / name for name in SEED_FILES if (SELFIE / name).exists()), selfie())


def selfie_uncoded() -> SeedBank:
    """Return the examples of interview talk that gets no code in any framework."""
    return load_seeds([SELFIE / "uncoded.jsonl"], selfie())


def sample_transcripts() -> list[Path]:
    """Return the four interviews of the sample study in name order."""
    return sorted(path for path in (HERE / "sample" / "transcripts").iterdir() if not path.name.startswith("."))


def sample_codings() -> Path:
    """Return the human codings of the sample study."""
    return HERE / "sample" / "human_codings.jsonl"


def published_annotations() -> Path:
    """Return the stand-off annotations of the quotations that two SELFIE studies published."""
    return HERE / "published" / "annotations.jsonl"
