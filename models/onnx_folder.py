"""Where exports of models to ONNX are kept, and making them when they are first needed, in the user's cache."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from corpus.errors import IntegrityError, UsageError
from corpus.files import private_folder, sweep
from models.onnx_export import fingerprint, read_manifest
from models.weights import OFFLINE, cache_home, model_digest

log = logging.getLogger(__name__)


def home_of(model_folder: Path, precision: str, cache: Path | None = None) -> Path:
    """Return where the export of a model is kept: a name that changes with the model and with the way of exporting.

    Args:
        model_folder: Any local sentence-transformers model.
        precision: ``fp32`` or ``int8``.
        cache: The user's cache folder by default.
    """
    name = fingerprint(model_digest(model_folder), precision)
    return (cache or cache_home()) / "onnx" / name.replace("/", "-").replace(":", "-")


def exported(model_folder: Path, precision: str, home: Path) -> Path:
    """Return ``home`` holding a whole and verified export, made now if it is absent or damaged.

    Args:
        model_folder: Any local sentence-transformers model.
        precision: ``fp32`` or ``int8``.
        home: Folder of this one export.

    Raises:
        UsageError: If the model cannot be exported or ``home`` cannot be written.
    """
    try:
        read_manifest(home)
    except IntegrityError:
        _export_to(home, model_folder, precision)
    return home


def _export_to(home: Path, model_folder: Path, precision: str) -> None:
    log.info("preparing the encoder (ONNX, %s) in %s; this happens once", precision, home)
    try:
        sweep(private_folder(home.parent), "unfinished-*")
        with tempfile.TemporaryDirectory(dir=home.parent, prefix="unfinished-", ignore_cleanup_errors=True) as draft:
            made = Path(draft) / home.name
            _run_export(model_folder, made, precision)
            _publish(made, home)
    except OSError as error:
        raise UsageError(f"{home}: cannot be written ({error.strerror}); set PRECODE_CACHE to another folder") from None


def _run_export(model_folder: Path, out: Path, precision: str) -> None:
    """Export in another process: torch costs a gigabyte that the run need not carry."""
    roots = [str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(  # noqa: S603 - our own module on our own interpreter
        [sys.executable, "-P", "-m", "models.onnx_export", str(model_folder), str(out), precision],
        env={**os.environ, **OFFLINE, "PYTHONPATH": os.pathsep.join(roots)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise UsageError(f"{model_folder}: cannot be exported to ONNX ({reason}); use encoder 'sentence-transformers'")


def _publish(made: Path, home: Path) -> None:
    """Give a finished export its name; if another process was faster, its export stands."""
    try:
        made.rename(home)
    except OSError:
        try:
            read_manifest(home)
        except IntegrityError:
            shutil.rmtree(home)
            made.rename(home)
