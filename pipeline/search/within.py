"""Where hits of a search must lie: in what certain participants say, and near passages with certain codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.transcript import Span

Stretches = Mapping[int, Sequence[Span]]
"""By transcript version."""


@dataclass(frozen=True, slots=True)
class Within:
    """Where hits must lie; None leaves open.

    Attributes:
        spoken: What is said by those who are meant.
        coded: Passages: hits are in the turn of one of them, or in a turn beside it.
    """

    spoken: Stretches | None = None
    coded: Stretches | None = None

    def turns(self, version: int, turns: Sequence[Span]) -> NDArray[np.bool_]:
        """Return which turns of a version hits may be in, shape (turns,)."""
        flags = np.ones(len(turns), dtype=np.bool_)
        if self.spoken is None and self.coded is None:
            return flags
        starts = np.array([turn.start for turn in turns], dtype=np.int64)
        ends = np.array([turn.end for turn in turns], dtype=np.int64)
        if self.spoken is not None:
            said = [(span.start, span.end) for span in self.spoken.get(version, ())]
            flags &= np.array([any(begin <= start < end for begin, end in said) for start in starts.tolist()], bool)
        if self.coded is not None:
            touched = np.zeros(len(turns), dtype=np.bool_)
            for span in self.coded.get(version, ()):
                touched |= (starts < span.end) & (ends > span.start)
            beside = touched.copy()
            beside[1:] |= touched[:-1]
            beside[:-1] |= touched[1:]
            flags &= beside
        return flags


ANYWHERE = Within()
