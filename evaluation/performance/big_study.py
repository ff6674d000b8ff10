"""Studies of any size, made of the sentences of the practice interviews; no sentence is there twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import tomlkit

from corpus.practice import load_practice
from corpus.shipped import framework_codebook, selfie
from pipeline.study import SETTINGS, Study, create_study, open_study

SENTENCES_IN_TURN = 6
EXCHANGED = 2
"""Words of a sentence that others take the place of, so that no vector is known from another one."""


def make_big_study(folder: Path, interviews: int, sentences: int, **tables: dict[str, object]) -> Study:
    """Make a study of written interviews in a new folder.

    Args:
        folder: Where.
        interviews: How many.
        sentences: Of participants, in each interview.
        tables: Settings by table of ``study.toml``, such as ``model={"encoder": "lexical"}``.
    """
    study = create_study(folder)
    change_settings(folder, **tables)
    talk = new_sentences(np.random.default_rng(14))
    for n in range(interviews):
        (study.transcripts / f"P{n:06d}.txt").write_text(_interview(talk, sentences), encoding="utf-8")
    return open_study(folder)


def change_settings(folder: Path, **tables: dict[str, object]) -> None:
    """Change settings of a study.

    Args:
        folder: The study.
        tables: Values by key, by table of ``study.toml``.
    """
    settings = tomlkit.parse((folder / SETTINGS).read_text(encoding="utf-8"))
    for name, table in tables.items():
        settings.setdefault(name, tomlkit.table()).update(table)
    (folder / SETTINGS).write_text(tomlkit.dumps(settings), encoding="utf-8")


def new_sentences(chance: np.random.Generator) -> Iterator[str]:
    """Yield sentences without end: those of the practice interviews, some words of each exchanged for others' words."""
    bank = load_practice(framework_codebook("selfie").parent / "practice", selfie())
    written = sorted({quote.text for quote in bank.quotes})
    words = sorted({word for sentence in written for word in sentence.split() if word.isalpha() and len(word) > 3})
    while True:
        for at in chance.permutation(len(written)):
            sentence = written[at].split()
            for place in chance.integers(len(sentence) - 1, size=EXCHANGED) if len(sentence) > 1 else ():
                sentence[place] = words[chance.integers(len(words))]
            yield " ".join(sentence)


def _interview(talk: Iterator[str], sentences: int) -> str:
    """Return the text of one interview, in turns between an interviewer's questions."""
    lines = []
    for first in range(0, sentences, SENTENCES_IN_TURN):
        lines.append("INT: Can you tell me more about that?")
        lines.append("P: " + " ".join(next(talk) for _ in range(min(SENTENCES_IN_TURN, sentences - first))))
    return "\n".join(lines) + "\n"
