"""Multinomial logistic regression that settles in a few steps, on vectors and on the weights of terms alike.

Steps of a conjugate gradient (Polak and Ribière 1969), measured by the curvature there is where nothing is known but
how frequent the classes are: of vectors the whole matrix of second moments, decomposed once for all classes; of terms,
which are many and sparse, its diagonal. Ten such steps come nearer to the optimum than fifty of L-BFGS, which must find
the curvature out (docs/decisions/0005); each costs two products with the examples.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from models.embedder import FloatArray
from models.fitted_arrays import Arrays

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

SETTLED = 1e-6
"""Nats an example: a step that promises no more is not taken."""

SHORTEST = 1e-3
"""Share of the length that a parabola suggests below which a step is shortened no further."""


@dataclass(frozen=True)
class SoftmaxRegression:
    """A fitted classifier.

    Attributes:
        weights: Shape (features, classes).
        intercepts: Shape (classes,).
        classes: Shape (classes,), ascending: what each column stands for.
    """

    weights: FloatArray
    intercepts: FloatArray
    classes: NDArray[np.intp]

    def predict(self, features: FloatArray | csr_matrix) -> FloatArray:
        """Return the chance of each class, shape (rows, classes); rows sum to 1."""
        scores = np.asarray(features @ self.weights, dtype=np.float32) + self.intercepts
        raised = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)

    def to_arrays(self) -> Arrays:
        """Return what fitting has found."""
        return {"weights": self.weights, "intercepts": self.intercepts, "classes": self.classes}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the classifier that ``to_arrays`` was called on."""
        return cls(arrays["weights"], arrays["intercepts"], arrays["classes"])


@dataclass(frozen=True)
class Labelled:
    """Examples to fit to.

    Attributes:
        features: Shape (rows, features), dense or sparse.
        classes: Shape (rows,), of two kinds at least.
        weights: Shape (rows,), how much each row counts.
    """

    features: FloatArray | csr_matrix
    classes: NDArray[np.intp]
    weights: FloatArray


def fit_softmax(
    labelled: Labelled, *, strength: float, steps: int, start: SoftmaxRegression | None = None
) -> SoftmaxRegression:
    """Return the classifier that fits examples best, as nearly as a few steps can tell.

    Args:
        labelled: What to fit to.
        strength: Inverse of the ridge on the weights, as scikit-learn's ``C``; intercepts bear none.
        steps: At the most; half of them where there is a start.
        start: A classifier of the same features that is nearly right; of no use where it has other classes.
    """
    problem = _Problem.of(labelled, strength)
    if start is not None and np.array_equal(start.classes, problem.classes):
        point, steps = np.vstack([start.weights, start.intercepts]), steps // 2
    else:
        point = np.zeros((labelled.features.shape[1] + 1, len(problem.classes)), dtype=np.float32)
        point[-1] = np.log(problem.shares)
    point = _descended(problem, point, steps)
    return SoftmaxRegression(point[:-1], point[-1], problem.classes)


@dataclass(frozen=True)
class _Problem:
    """What is to be made small: the mean surprise at the classes, in nats, and the ridge.

    A point holds the weights and, as its last row, the intercepts: shape (features + 1, classes).

    Attributes:
        features: Shape (rows, features).
        classes: Shape (classes,).
        own: Row numbers, and the column of each row's class.
        weights: Shape (rows,); they sum to 1.
        shares: Shape (classes,): how frequent each is.
        ridge: On the squared weights, halved.
    """

    features: FloatArray | csr_matrix
    classes: NDArray[np.intp]
    own: tuple[NDArray[np.intp], NDArray[np.intp]]
    weights: FloatArray
    shares: FloatArray
    ridge: float

    @classmethod
    def of(cls, labelled: Labelled, strength: float) -> Self:
        classes, columns = np.unique(labelled.classes, return_inverse=True)
        total = float(labelled.weights.sum())
        weights = (labelled.weights / total).astype(np.float32)
        shares = np.bincount(columns, weights, len(classes)).astype(np.float32)
        own = np.arange(len(columns)), columns
        return cls(labelled.features, classes, own, weights, shares, 1 / (strength * total))

    def scores(self, point: FloatArray) -> FloatArray:
        """Return the log odds at a point, shape (rows, classes); those on the way to it, for a direction."""
        return np.asarray(self.features @ point[:-1] + point[-1], dtype=np.float32)

    def chances(self, point: FloatArray, scores: FloatArray) -> tuple[FloatArray, float]:
        """Return the chances of the classes by their scores, and what is to be made small."""
        raised = scores - scores.max(axis=1, keepdims=True)
        own = raised[self.own]
        np.exp(raised, out=raised)
        total = raised.sum(axis=1)
        raised /= total[:, np.newaxis]
        return raised, float(self.weights @ (np.log(total) - own)) + self.ridge / 2 * _product(point[:-1], point[:-1])

    def gradient(self, point: FloatArray, chances: FloatArray) -> FloatArray:
        """Return which way is up at a point, shaped like it."""
        errors = chances * self.weights[:, np.newaxis]
        errors[self.own] -= self.weights
        return np.vstack([self.features.T @ errors + self.ridge * point[:-1], errors.sum(axis=0)])

    def curvature(self, chances: FloatArray, direction: FloatArray, ahead: FloatArray) -> float:
        """Return how fast the way along a direction, whose scores are ``ahead``, turns upwards."""
        mean = np.einsum("nk,nk->n", chances, ahead)
        spread = np.einsum("nk,nk,nk->n", chances, ahead, ahead) - mean**2
        return float(self.weights @ spread) + self.ridge * _product(direction[:-1], direction[:-1])

    def metric(self) -> Callable[[FloatArray], FloatArray]:
        """Return what divides a gradient by the curvature there is where only the shares of the classes are known."""
        spread = self.shares * (1 - self.shares)
        if isinstance(self.features, np.ndarray):
            moments, axes = np.linalg.eigh((self.features * self.weights[:, np.newaxis]).T @ self.features)
        else:
            moments, axes = self.features.multiply(self.features).T @ self.weights, None
        curved = np.maximum(moments, 0)[:, np.newaxis] * spread + self.ridge

        def divided(gradient: FloatArray) -> FloatArray:
            rows = gradient[:-1] / curved if axes is None else axes @ ((axes.T @ gradient[:-1]) / curved)
            return np.vstack([rows, gradient[-1] / spread])

        return divided


def _descended(problem: _Problem, point: FloatArray, steps: int) -> FloatArray:
    """Return where some steps down lead from a point."""
    divided = problem.metric()
    scores = problem.scores(point)
    chances, height = problem.chances(point, scores)
    direction = last = np.zeros_like(point)
    promised = np.inf
    for _ in range(steps):
        gradient = problem.gradient(point, chances)
        down = divided(gradient)
        turn = max(0.0, _product(down, gradient - last) / promised)
        last, promised = gradient, _product(down, gradient)
        if promised < SETTLED:
            break
        direction = turn * direction - down
        ahead = problem.scores(direction)
        length = whole = -_product(gradient, direction) / problem.curvature(chances, direction, ahead)
        there, reached = problem.chances(point + length * direction, scores + length * ahead)
        while not reached < height and length > SHORTEST * whole:
            length /= 2
            there, reached = problem.chances(point + length * direction, scores + length * ahead)
        if not reached < height:  # no lower place is left that single precision can tell
            break
        point, scores, chances, height = point + length * direction, scores + length * ahead, there, reached
    return point


def _product(first: FloatArray, second: FloatArray) -> float:
    return float(np.vdot(first, second))
