"""The studies opened on this machine lately, kept in the user's data folder: paths and names, nothing else."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from corpus.errors import UsageError
from corpus.files import replace_text
from pipeline.settings import load_settings
from pipeline.study import SETTINGS, is_study
from pipeline.trust import data_home

MOST = 20


@dataclass(frozen=True, slots=True)
class RecentStudy:
    """A study that was opened lately.

    Attributes:
        folder: Its whole path.
        is_there: Whether the folder still holds a study; a drive may be unplugged.
    """

    folder: str
    name: str
    is_there: bool = True


def recent_studies() -> list[RecentStudy]:
    """Return the studies opened lately, the newest first; a record that cannot be read is an empty one."""
    try:
        kept = json.loads(_record().read_text(encoding="utf-8"))
        found = [RecentStudy(str(study["folder"]), str(study["name"])) for study in kept["studies"]]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [RecentStudy(study.folder, study.name, is_study(Path(study.folder))) for study in found]


def remember_study(folder: Path) -> None:
    """Put a study first among those opened lately; a data folder that cannot be written is no reason to stop."""
    whole = os.path.realpath(folder)
    try:
        settings, _ = load_settings(Path(whole) / SETTINGS)
        first = RecentStudy(whole, settings.study.name or Path(whole).name)
        _write([first, *(study for study in recent_studies() if study.folder != whole)])
    except UsageError:
        return


def forget_study(folder: str) -> None:
    """Take a study off the list; nothing happens to its folder.

    Raises:
        UsageError: If the list cannot be written.
    """
    _write([study for study in recent_studies() if study.folder != folder])


def _record() -> Path:
    return data_home() / "recent.json"


def _write(studies: list[RecentStudy]) -> None:
    kept = [{key: value for key, value in asdict(study).items() if key != "is_there"} for study in studies[:MOST]]
    text = json.dumps({"studies": kept}, indent=2, ensure_ascii=False)
    replace_text(_record(), text + "\n", errors="backslashreplace")
