"""Fitted suggesters, kept in a cache folder under the digest of everything that determines them."""

from __future__ import annotations

import logging
from pathlib import Path

from corpus.errors import UsageError
from corpus.files import digest_file, replace_file, replace_text
from models.suggester import Suggester

log = logging.getLogger(__name__)


def load_model(folder: Path, recipe: str) -> Suggester | None:
    """Return the suggester fitted by this recipe, or None if it is not kept or its file is damaged."""
    path = _path(folder, recipe)
    if not path.is_file() or not _checksum(path).is_file():
        return None
    if digest_file(path).encode() != _checksum(path).read_bytes():
        return None
    import joblib

    suggester = joblib.load(path)
    return suggester if isinstance(suggester, Suggester) else None


def save_model(folder: Path, recipe: str, suggester: Suggester) -> None:
    """Keep a fitted suggester with the digest of its file; a kill leaves the old one or none.

    A folder that cannot be written costs the next run a fit, never this one its result.

    Args:
        folder: Of the cache; made when absent.
        recipe: Digest of all that determines the suggester.
        suggester: Fitted.
    """
    import joblib

    path = _path(folder, recipe)
    try:
        with replace_file(path) as draft:
            joblib.dump(suggester, draft)
            replace_text(_checksum(path), digest_file(draft))
    except UsageError as error:
        log.warning("%s; the fitted suggester is not kept", error)


def _path(folder: Path, recipe: str) -> Path:
    return folder / f"suggester-{recipe[:16]}.joblib"


def _checksum(path: Path) -> Path:
    return path.with_suffix(".sha256")
