"""What fitting finds, as plain arrays: a file of them can be read without running anything that it holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]
"""Fitted values by name; texts are JSON in bytes, see `texts_array`."""


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
