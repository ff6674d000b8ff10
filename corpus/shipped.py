"""The data that ship with precode: frameworks, the sample study, the published annotations."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from corpus.codebook import Codebook, load_codebook
from corpus.practice import load_practice
from corpus.seeds import SeedBank, load_seeds

HERE = Path(__file__).parent
FRAMEWORKS = HERE / "frameworks"
SELFIE = FRAMEWORKS / "selfie"
CODEBOOK = "codebook.toml"
SEED_FILES = ("seeds.jsonl", "interviews.jsonl", "uncoded.jsonl")
"""In the order in which they make the bank, before the practice interviews; the order is part of its digest."""
PRACTICE = "practice"
"""Folder of the practice interviews of a framework."""


@cache
def frameworks() -> tuple[str, ...]:
    """Return the names of the frameworks that ship, as ``study.toml`` and ``precode init --codebook`` take them."""
    return tuple(sorted(path.parent.name for path in FRAMEWORKS.glob(f"*/{CODEBOOK}")))


def framework_codebook(name: str) -> Path:
    """Return the path of the codebook of a framework that ships."""
    return FRAMEWORKS / name / CODEBOOK


@cache
def framework(name: str) -> Codebook:
    """Return the codebook of a framework that ships."""
    return load_codebook(framework_codebook(name))


@cache
def framework_seeds(name: str) -> SeedBank:
    """Return the seed bank that ships with a framework, practice interviews among it; empty for all but SELFIE."""
    files = (FRAMEWORKS / name / seeds for seeds in SEED_FILES)
    written = load_seeds((file for file in files if file.exists()), framework(name))
    return written + load_practice(FRAMEWORKS / name / PRACTICE, framework(name))


def selfie_codebook() -> Path:
    """Return the path of the SELFIE codebook."""
    return framework_codebook("selfie")


def selfie() -> Codebook:
    """Return the SELFIE codebook, the default framework."""
    return framework("selfie")


def selfie_seeds() -> SeedBank:
    """Return the authored SELFIE seed bank: quotations, talk that gets no code, and practice interviews."""
    return framework_seeds("selfie")


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
