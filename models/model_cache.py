"""Fitted suggesters, kept in a cache folder under the digest of everything that determines them."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path

from models.suggester import Suggester
from models.weights import replacing

log = logging.getLogger(__name__)


def load_model(folder: Path, recipe: str) -> Suggester | None:
    """Return the suggester fitted by this recipe, or None if it is not kept or its file is damaged."""
    path = _path(folder, recipe)
    if not path.is_file() or not _seal(path).is_file():
        return None
    if _digest(path).encode() != _seal(path).read_bytes():
        return None
    import joblib

    suggester = joblib.load(path)
    return suggester if isinstance(suggester, Suggester) else None


def save_model(folder: Path, recipe: str, suggester: Suggester) -> None:
    """Keep a fitted suggester with the digest of its file; a kill leaves the old one or none.

    A folder that cannot be written costs the next run a fit, never this one its result.
    """
    try:
        _write(folder, recipe, suggester)
    except OSError as error:
        log.warning("%s: cannot be written (%s); the fitted suggester is not kept", folder, error.strerror)


def _write(folder: Path, recipe: str, suggester: Suggester) -> None:
    import joblib

    with replacing(_path(folder, recipe)) as draft:
        joblib.dump(suggester, draft)
        _seal(_path(folder, recipe)).write_text(_digest(draft))


def _path(folder: Path, recipe: str) -> Path:
    return folder / f"suggester-{recipe[:16]}.joblib"


def _seal(path: Path) -> Path:
    return path.with_suffix(".sha256")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
