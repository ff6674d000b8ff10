"""The settings of a study: ``study.toml``, table by table. Every key may be left out."""

from __future__ import annotations

import json
import tomllib
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from corpus.errors import UsageError


@dataclass(frozen=True, slots=True)
class StudySettings:
    """``[study]``: what is coded with what.

    Attributes:
        codebook: Name of a shipped codebook, or path of a TOML file relative to the study.
        seeds: Paths of seed files relative to the study; empty for those shipped with the codebook.
        participants: Path of a table of participants relative to the study; empty for ``participants.csv`` or
            ``participants.xlsx`` where there is one.
    """

    name: str = ""
    codebook: str = "selfie"
    seeds: tuple[str, ...] = ()
    participants: str = ""


@dataclass(frozen=True, slots=True)
class TranscriptSettings:
    """``[transcripts]``: how files are read.

    Attributes:
        interviewers: Speaker labels of interviewers; empty for the reader's default.
    """

    interviewers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """``[model]``: what turns sentences into vectors.

    Attributes:
        encoder: A name that ``models.encoders`` knows, or a folder with a model.
        allow_network: Lets ``hub:NAME`` be fetched; nothing else ever leaves the machine.
    """

    encoder: str = "onnx-fp32"
    allow_network: bool = False


@dataclass(frozen=True, slots=True)
class RunSettings:
    """``[run]``: how the work is done.

    Attributes:
        concurrency: Transcripts worked on at once.
        retries: How often a transcript is tried again after a failure that may pass.
    """

    concurrency: int = field(default=2, metadata={"minimum": 1})
    retries: int = field(default=2, metadata={"minimum": 0})


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """``[store]``: where the study remembers.

    Attributes:
        url: A database URL; empty for ``study.db`` in the study folder.
    """

    url: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """All tables of ``study.toml``."""

    study: StudySettings = StudySettings()
    transcripts: TranscriptSettings = TranscriptSettings()
    model: ModelSettings = ModelSettings()
    run: RunSettings = RunSettings()
    store: StoreSettings = StoreSettings()


Table = TypeVar("Table", StudySettings, TranscriptSettings, ModelSettings, RunSettings, StoreSettings)


def load_settings(path: Path) -> tuple[Settings, tuple[str, ...]]:
    """Read ``study.toml`` and return the settings with a line for each key that means nothing.

    Raises:
        UsageError: If the file is no TOML or a value is of the wrong kind; names file, table and key.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:  # bad bytes, bad syntax, endless numbers, endless nesting
        raise UsageError(f"{path}: is not TOML ({error})") from None
    settings = Settings(
        study=_table(StudySettings, path, "study", document),
        transcripts=_table(TranscriptSettings, path, "transcripts", document),
        model=_table(ModelSettings, path, "model", document),
        run=_table(RunSettings, path, "run", document),
        store=_table(StoreSettings, path, "store", document),
    )
    return settings, tuple(_unknown(path, document))


def _table(kind: type[Table], path: Path, name: str, document: dict[str, Any]) -> Table:
    given = document.get(name, {})
    if not isinstance(given, dict):
        raise UsageError(f"{path}: [{name}] must be a table")
    known = {each.name: each for each in fields(kind)}
    values: dict[str, Any] = {
        key: _value(f"{path}: [{name}] {key}", known[key], given[key]) for key in given if key in known
    }
    return kind(**values)


def _value(place: str, setting: Field[Any], value: object) -> object:
    """Check a value against the kind of its default."""
    if isinstance(setting.default, tuple):
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise UsageError(f'{place}: must be a list of texts, like ["a", "b"]')
        return tuple(value)
    if isinstance(setting.default, bool):
        if not isinstance(value, bool):
            raise UsageError(f"{place}: must be true or false")
    elif isinstance(setting.default, int):
        least = setting.metadata["minimum"]
        if type(value) is not int or value < least:
            raise UsageError(f"{place}: must be a whole number of at least {least}")
    elif not isinstance(value, str):
        raise UsageError(f'{place}: must be a text in quotes, like "{setting.default or "text"}"')
    return value


def _unknown(path: Path, document: dict[str, Any]) -> list[str]:
    tables: dict[str, Any] = {each.name: each.default for each in fields(Settings)}
    strange = [f"[{name}]" for name in document if name not in tables]
    for name, default in tables.items():
        known = {each.name for each in fields(default)}
        strange += [f"[{name}] {key}" for key in document.get(name, {}) if key not in known]
    return [f"{path}: {each} is no setting and was ignored" for each in strange]


def template(name: str) -> str:
    """Return the text of a new ``study.toml``: every setting at its default, explained."""
    return TEMPLATE.format(name=json.dumps(name, ensure_ascii=False).replace("\x7f", "\\u007f"))


TEMPLATE = """\
# Settings of this precode study. Every line may be left out; the values below are the defaults.

[study]
name = {name}

# The codebook: "selfie", or the path of a TOML file relative to this folder.
codebook = "selfie"

# Seed quotations (JSONL files relative to this folder). Empty: those that come with the codebook.
seeds = []

# A table of who was interviewed (CSV or XLSX: id, sector, role, group, ...), for filters, matrices and exports.
# Empty: participants.csv or participants.xlsx in this folder, where there is one.
participants = ""

[transcripts]
# How interviewers are labelled in your transcripts, for example ["INT", "Researcher"].
# They are never suggested a code. Empty: the usual labels (Interviewer, INT, I, Q, Researcher, ...).
interviewers = []

[model]
# What turns sentences into vectors, on this machine only: "onnx-fp32" (default), "onnx-int8" (faster),
# "sentence-transformers", or the path of a folder with a model (relative to this one, or whole).
encoder = "onnx-fp32"

# true allows encoder = "hub:NAME", which fetches a model from Hugging Face once. Transcripts are never sent.
allow_network = false

[run]
# Transcripts worked on at once, and how often one is tried again when something fails.
concurrency = 2
retries = 2

[store]
# Empty: the file study.db in this folder. A team can share a PostgreSQL database instead:
# url = "postgresql+psycopg://user@server/database"
url = ""
"""
