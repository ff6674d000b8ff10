"""What surrounds a sentence, mixed into its vector: the question before it, and the rest of its turn.

An answer is understood by what was asked ("And who pays for that?" "Nobody. I do it on Fridays."), and people stay on
a matter for a turn. The weights were measured on interviews coded by hand (docs/decisions/0005).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.embedder import FloatArray, unit_vectors
from models.examples import EncodedTexts, TrainingSet, sentences_of_interviews
from models.fitted_arrays import Arrays

QUESTION, QUESTION_UNTAUGHT = 0.8, 0.3
"""Weight of the question where interviews coded by hand show what answers to questions mean, and where none are."""

TURN = 0.5
"""Weight of the turn, where interviews are coded by hand: from quotations nobody can learn how codes spread."""


@dataclass(frozen=True)
class Surroundings:
    """How much of what surrounds a sentence goes into its vector, where the sentence with its neighbours counts 1.

    Attributes:
        question: Weight of the question before.
        turn: Weight of the mean of the turn's sentences.
    """

    question: float
    turn: float

    @classmethod
    def taught_by(cls, examples: TrainingSet) -> Self:
        """Return the weights that examples support; where interviews hold no questions, questions say nothing."""
        inside = sentences_of_interviews(examples)
        if not inside.any():
            return cls(QUESTION_UNTAUGHT, 0.0)
        asked = examples.encoded.asked[inside].any()
        return cls(QUESTION if asked else 0.0, TURN)

    def mixed(self, encoded: EncodedTexts, turns: NDArray[np.intp]) -> EncodedTexts:
        """Return texts whose vectors hold what surrounds them; themselves where nothing does.

        Args:
            encoded: In order of the text.
            turns: Shape (rows,): rows with equal numbers that follow one another are one turn.
        """
        if not len(encoded) or not (self.turn or (self.question and encoded.asked.any())):
            return encoded
        vectors = encoded.vectors + self.turn * turn_vectors(encoded.vectors, turns)
        if encoded.questions is not None:
            vectors = vectors + self.question * encoded.questions
        return replace(encoded, vectors=unit_vectors(vectors))

    def to_arrays(self) -> Arrays:
        """Return the weights."""
        return {"weights": np.array([self.question, self.turn])}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the weights that ``to_arrays`` was called on."""
        question, turn = arrays["weights"].tolist()
        return cls(question, turn)


def turn_vectors(vectors: FloatArray, turns: NDArray[np.intp]) -> FloatArray:
    """Return for each row the mean direction of its turn, shape (rows, dimension).

    Args:
        vectors: Shape (rows, dimension).
        turns: Shape (rows,): rows with equal numbers that follow one another are one turn.
    """
    starts = np.flatnonzero(np.append(True, turns[1:] != turns[:-1]))
    sums = np.add.reduceat(vectors, starts, axis=0)
    return np.repeat(unit_vectors(sums), np.diff(np.append(starts, len(turns))), axis=0)
