"""A benchmark result: what was measured, on what, by what. One JSON file; old files keep loading."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from corpus.errors import InputError
from corpus.files import replace_text
from evaluation.metrics.curves import Curve
from evaluation.metrics.intervals import Block, Score

SCHEMA_VERSION = 1
LEAF = re.compile(r"[\[{][^\[\]{}]*[\]}]")


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What a benchmark was run on, by digest.

    Attributes:
        model: Fingerprint of the encoder.
        recipe: Digest of everything that determines the suggester's scores.
        data: Digests of the test data by what they are.
        rules: The decisions behind the numbers, in words.
        operating: How suggestions were chosen: the ``rule`` in force with its ``precision``, ``floor`` or ``best``, as
            ``[suggest]`` in study.toml has them. Empty where the rule is that of the code.
    """

    codebook: str = ""
    seeds: str = ""
    model: str = ""
    recipe: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    n_documents: int = 0
    n_sentences: int | None = None
    n_passages: int | None = None
    n_quotes: int | None = None
    rules: Mapping[str, str] = field(default_factory=dict)
    operating: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Timings:
    """How long it took, in seconds; what was not measured is None.

    Attributes:
        baseline_seconds: Of baselines that take long enough to be worth telling.
    """

    fit_seconds: float | None = None
    sentences_per_second: float | None = None
    total_seconds: float | None = None
    peak_memory_mb: float | None = None
    baseline_seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Machine:
    """Where it ran."""

    system: str = ""
    processor: str = ""
    cores: int | None = None
    python: str = ""


@dataclass(frozen=True, kw_only=True)
class Result:
    """One benchmark run.

    Attributes:
        protocol: Name with version, for instance ``study/v1``.
        created: Time of the run, UTC, ISO 8601.
        revision: Version of precode and, in a checkout, of its source.
        confusion: Passages by the domain a person gave (outer key) and the first domain suggested (inner key).
        curves: By name, as ``evaluation.metrics.curves`` lists them.
    """

    protocol: str
    created: str = ""
    revision: str = ""
    inputs: Inputs = field(default_factory=Inputs)
    scores: Block = field(default_factory=dict)
    per_domain: Block = field(default_factory=dict)
    per_code: Block = field(default_factory=dict)
    per_level: Block = field(default_factory=dict)
    baselines: Block = field(default_factory=dict)
    confusion: Block = field(default_factory=dict)
    curves: Mapping[str, Curve] = field(default_factory=dict)
    timings: Timings = field(default_factory=Timings)
    machine: Machine = field(default_factory=Machine)
    schema_version: int = SCHEMA_VERSION

    def chosen_by(self, operating: Mapping[str, str]) -> Result:
        """Return it as the result of a study that chose its suggestions so, see ``Inputs``."""
        return replace(self, inputs=replace(self.inputs, operating=operating))

    def to_json(self) -> dict[str, Any]:
        """Return the keys that docs/formats.md gives; blocks that the protocol cannot fill are absent."""
        head = {"schema_version": self.schema_version, "protocol": self.protocol}
        about = {"created": self.created, "revision": self.revision, "inputs": _known(self.inputs)}
        blocks = {name: _plain(getattr(self, name)) for name in BLOCKS if getattr(self, name)}
        curves = {"curves": {name: [list(point) for point in curve] for name, curve in self.curves.items()}}
        return (
            head
            | about
            | blocks
            | (curves if self.curves else {})
            | {"timings": _known(self.timings), "machine": _known(self.machine)}
        )


BLOCKS = ("scores", "per_domain", "per_code", "per_level", "baselines", "confusion")


def save_result(result: Result, path: Path) -> None:
    """Write a result as JSON.

    Raises:
        UsageError: If the file cannot be written.
    """
    document = json.dumps(result.to_json(), indent=1, ensure_ascii=False)
    # Innermost objects and lists on one line each, so that a score is a line of a diff. A line break inside a string is
    # escaped in JSON, so every real one lies between values.
    replace_text(path, LEAF.sub(lambda leaf: re.sub(r"\n\s*", " ", leaf[0]), document) + "\n")


def load_result(path: Path) -> Result:
    """Read a result file of this or an older schema; keys it does not know are ignored.

    Raises:
        InputError: If the file is no result, or was written by a newer precode.
    """
    data = _document(path)
    version = data.get("schema_version")
    if not isinstance(version, int) or not isinstance(data.get("protocol"), str):
        raise InputError(path, "is not a benchmark result (schema_version or protocol is missing)")
    if version > SCHEMA_VERSION:
        raise InputError(path, f"has schema version {version}, this precode reads up to {SCHEMA_VERSION}; update it")
    plain = {key: data[key] for key in ("protocol", "created", "revision", "schema_version") if key in data}
    blocks: dict[str, Any] = {name: _block(data.get(name, {})) for name in BLOCKS}
    return Result(
        **plain,
        **blocks,
        curves={name: tuple(map(tuple, curve)) for name, curve in data.get("curves", {}).items()},
        inputs=_part(Inputs, data),
        timings=_part(Timings, data),
        machine=_part(Machine, data),
    )


T = TypeVar("T", Inputs, Timings, Machine)


def _document(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})") from None
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise InputError(path, "is not JSON in UTF-8") from None
    return data if isinstance(data, dict) else {}


def _part(kind: type[T], document: Mapping[str, Any]) -> T:
    names = {field.name for field in fields(kind)}
    found = document.get(kind.__name__.lower(), {})
    return kind(**{key: value for key, value in found.items() if key in names})


def _block(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _block_value(value) if isinstance(value, dict) else value for key, value in data.items()}


def _block_value(data: Mapping[str, Any]) -> dict[str, Any] | Score:
    if "insufficient" in data:
        return Score(None, None, None, data["insufficient"])
    if "value" in data:
        return Score(data["value"], data.get("low"), data.get("high"), data.get("n", 0))
    return _block(data)


def _plain(block: Block) -> dict[str, Any]:
    return {key: _plain_value(value) for key, value in block.items()}


def _plain_value(value: Block | Score | int) -> dict[str, Any] | int:
    if isinstance(value, Score):
        return value.to_json()
    return _plain(value) if isinstance(value, Mapping) else value


def _known(part: Inputs | Timings | Machine) -> dict[str, Any]:
    return {key: value for key, value in asdict(part).items() if value is not None and value != {}}
