"""The one interface every encoder offers. An adapter is one file; the registry is ``models.encoders``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into unit vectors."""

    @property
    def fingerprint(self) -> str:
        """Identifies weights and arithmetic: equal fingerprints mean interchangeable vectors."""
        ...

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return float32 vectors of shape (len(texts), dimension), rows of length 1, in input order."""
        ...
