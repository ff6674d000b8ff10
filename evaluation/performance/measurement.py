"""What every benchmark of speed keeps beside its figures: when, of what, and on which machine it was run."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from evaluation.benchmarks.environment import machine, now, revision
from evaluation.benchmarks.result import Machine


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """One run of a benchmark.

    Attributes:
        created: When it was made, ISO 8601.
        protocol: Its name and version.
    """

    created: str = field(default_factory=now)
    revision: str = field(default_factory=revision)
    machine: Machine = field(default_factory=machine)
    protocol: str

    def to_json(self) -> dict[str, Any]:
        """Return the result as plain JSON values."""
        return asdict(self)
