"""What a study knows of its second opinion: ``second/trial.json``, the newest trial with the weights it came to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from corpus.errors import IntegrityError, UsageError
from corpus.files import private_folder, replace_text
from models.second.opinion import ModelFacts
from models.second.stage import UNCHANGED, SecondStage, stage_of

FOLDER, TRIAL = "second", "trial.json"
FORMAT = "second/v1"


@dataclass(frozen=True)
class KeptTrial:
    """A trial that was made.

    Attributes:
        facts: Of the model that was asked.
        verdict: What became of it, such as ``used``.
        weights: Of the second stage, by name; what changes nothing where the model did not help.
        figures: What was measured, by name; None where a number is undefined.
        created: When, in UTC, ISO 8601.
    """

    facts: ModelFacts
    verdict: str
    weights: Mapping[str, float]
    figures: Mapping[str, Any] = field(default_factory=dict)
    created: str = ""

    @property
    def stage(self) -> SecondStage:
        """The second stage that it came to."""
        return stage_of(self.weights)


def save_trial(study: Path, trial: KeptTrial) -> None:
    """Keep a trial in place of the one before.

    Raises:
        UsageError: If the folder cannot be written.
    """
    try:
        private_folder(study / FOLDER)
    except OSError as error:
        raise UsageError(f"{study / FOLDER}: cannot be made ({error.strerror})") from None
    document = {"format": FORMAT, **asdict(trial)}
    replace_text(study / FOLDER / TRIAL, json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def load_trial(study: Path) -> KeptTrial | None:
    """Return the newest trial of a study; None before the first.

    Raises:
        IntegrityError: If its file is damaged.
    """
    path = study / FOLDER / TRIAL
    if not path.is_file():
        return None
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        known = document.pop("format") == FORMAT
        trial = TypeAdapter(KeptTrial).validate_python(document)
        stage_of(trial.weights)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise IntegrityError(f"{path}: is damaged; delete it, and type: precode second try --study {study}") from None
    return trial if known else None  # measured with another rule: to be tried again


def stage_for(study: Path, fingerprint: str) -> SecondStage:
    """Return the second stage measured for this very model, adapter and prompt; for any other, what changes nothing.

    Args:
        study: The study folder.
        fingerprint: ``ModelFacts.fingerprint``.

    Raises:
        IntegrityError: If the newest trial is damaged.
    """
    trial = load_trial(study)
    return trial.stage if trial is not None and trial.facts.fingerprint == fingerprint else UNCHANGED
