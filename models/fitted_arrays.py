"""What fitting finds, as plain arrays: a file of them can be read without running anything that it holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
"""Fitted values by name; texts are JSON in bytes, see `texts_array`."""

Model = TypeVar("Model")


class LinearClassifier(Protocol):
    """What is used of a fitted linear classifier of scikit-learn, which has no types."""

    coef_: NDArray[Any]
    intercept_: NDArray[Any]
    classes_: NDArray[Any]


def linear_arrays(model: LinearClassifier) -> dict[str, NDArray[Any]]:
    """Return the fitted values of a linear classifier of scikit-learn."""
    return {"coef": model.coef_, "intercept": model.intercept_, "classes": model.classes_}


def restore_linear(model: Model, arrays: Arrays) -> Model:
    """Give a fresh linear classifier of scikit-learn its fitted values, and return it."""
    values = {"coef_": arrays["coef"], "intercept_": arrays["intercept"], "classes_": arrays["classes"]}
    for name, value in {**values, "n_features_in_": arrays["coef"].shape[1]}.items():
        setattr(model, name, value)
    return model


def texts_array(texts: Sequence[str]) -> NDArray[np.uint8]:
    """Return texts as an array of bytes."""
    return np.frombuffer(json.dumps(list(texts)).encode("ascii"), np.uint8)


def text_list(array: NDArray[Any]) -> list[str]:
    """Return the texts that `texts_array` was given.

    Raises:
        ValueError: If the array holds something else.
    """
    texts = json.loads(array.tobytes())
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError("is no list of texts")
    return texts


def nested(prefix: str, arrays: Arrays) -> dict[str, NDArray[Any]]:
    """Return arrays under longer names, so that several parts fit into one file."""
    return {f"{prefix}.{name}": array for name, array in arrays.items()}


def part(prefix: str, arrays: Arrays) -> dict[str, NDArray[Any]]:
    """Return the arrays that `nested` put under a prefix."""
    return {name.removeprefix(f"{prefix}."): array for name, array in arrays.items() if name.startswith(f"{prefix}.")}
