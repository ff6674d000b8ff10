"""Fitted suggesters, kept in a cache folder under the digest of everything that determines them.

A file holds arrays and texts, nothing that is run when it is read: a study's cache may come from somebody else.
"""

from __future__ import annotations

import logging
from pathlib import Path
from zipfile import ZIP_STORED, BadZipFile, ZipFile

import numpy as np

from corpus.errors import UsageError
from corpus.files import replace_file
from models.fitted_arrays import Arrays
from models.suggester import Suggester

PICKLED = ("suggester-*.joblib", "suggester-*.sha256")
"""What earlier versions kept: never read again, and removed where the suggester is kept anew."""

log = logging.getLogger(__name__)


def load_model(folder: Path, recipe: str) -> Suggester | None:
    """Return the suggester fitted by this recipe, or None if it is not kept or its file is damaged."""
    path = _path(folder, recipe)
    if not path.is_file():
        return None
    try:
        return Suggester.from_arrays(_read(path))
    except (OSError, EOFError, ValueError, KeyError, IndexError, TypeError, AttributeError, MemoryError, BadZipFile):
        return None  # damaged, or made by somebody for another purpose: fitting again costs seconds


def save_model(folder: Path, recipe: str, suggester: Suggester) -> None:
    """Keep a fitted suggester; a kill leaves the old one or none.

    A folder that cannot be written costs the next run a fit, never this one its result.

    Args:
        folder: Of the cache; made when absent.
        recipe: Digest of all that determines the suggester.
        suggester: Fitted.
    """
    try:
        with replace_file(_path(folder, recipe)) as draft, draft.open("wb") as file:
            np.savez(file, allow_pickle=False, **suggester.to_arrays())
        for pattern in PICKLED:
            for old in folder.glob(pattern):
                old.unlink(missing_ok=True)
    except UsageError as error:
        log.warning("%s; the fitted suggester is not kept", error)


def _read(path: Path) -> Arrays:
    """Return the arrays of a file; zip's checksums tell damage.

    Raises:
        ValueError: If a member is packed, which ours never are: it could unpack to more than there is memory for.
    """
    with ZipFile(path) as archive:
        if any(member.compress_type != ZIP_STORED for member in archive.infolist()):
            raise ValueError("holds packed members")
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def _path(folder: Path, recipe: str) -> Path:
    return folder / f"suggester-{recipe[:16]}.npz"
