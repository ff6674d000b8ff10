"""Where exports of models to ONNX are kept, and making them when they are first needed, in the user's cache."""

from __future__ import annotations

import json
import logging
import shutil
import tempfile
from pathlib import Path

from corpus.errors import IntegrityError, UsageError
from corpus.files import private_folder, replace_text, speaking_plainly, sweep
from models.module_process import run_module
from models.onnx_manifest import fingerprint, read_manifest
from models.weights import OFFLINE, cache_home, model_digest

REFUSED = "onnx-refused"
"""Folder of notes on models that cannot be exported, beside that of the exports."""
UNFINISHED = 75
"""Exit code of an export where the machine stood in the way, not the model: a full disk, too little memory."""

log = logging.getLogger(__name__)


class UnexportableError(UsageError):
    """A model that cannot be one graph, or whose graph gives other vectors; it can still be run in torch.

    Args:
        model_folder: Of the model.
        reason: Why, in a few words.
    """

    def __init__(self, model_folder: Path, reason: str) -> None:
        super().__init__(f"{model_folder}: cannot be exported to ONNX ({reason}); use encoder 'sentence-transformers'")
        self.reason = reason


def exports_home(cache: Path | None = None) -> Path:
    """Return the folder of all exports; that of the user's cache by default."""
    return (cache or cache_home()) / "onnx"


def home_of(model_folder: Path, precision: str, cache: Path | None = None) -> Path:
    """Return where the export of a model is kept: a name that changes with the model and with the way of exporting.

    Args:
        model_folder: Any local sentence-transformers model.
        precision: ``fp32`` or ``int8``.
        cache: The user's cache folder by default.
    """
    name = fingerprint(model_digest(model_folder), precision)
    return exports_home(cache) / name.replace("/", "-").replace(":", "-")


def exported(model_folder: Path, precision: str, home: Path) -> Path:
    """Return ``home`` holding a whole and verified export, made now if it is absent or damaged.

    Args:
        model_folder: Any local sentence-transformers model.
        precision: ``fp32`` or ``int8``.
        home: Folder of this one export.

    Raises:
        UnexportableError: If the model cannot be exported.
        UsageError: If ``home`` cannot be written.
    """
    try:
        read_manifest(home)
    except IntegrityError:
        _export_to(home, model_folder, precision)
    return home


def refusal_of(home: Path) -> str:
    """Return why the export that ``home`` would hold was refused before; empty if it never was."""
    try:
        return str(json.loads(_refusal(home).read_text(encoding="utf-8"))["reason"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def forget_refusal(home: Path) -> None:
    """Let an export that was refused be tried again.

    Raises:
        UsageError: If the cache cannot be written.
    """
    note = _refusal(home)
    if note.is_file():  # a disk that cannot be written refuses to remove even what is not there
        with speaking_plainly(note):
            note.unlink(missing_ok=True)


def _refusal(home: Path) -> Path:
    return home.parent.with_name(REFUSED) / f"{home.name}.json"


def _export_to(home: Path, model_folder: Path, precision: str) -> None:
    log.info("preparing the encoder (ONNX, %s) in %s; this happens once", precision, home)
    try:
        sweep(private_folder(home.parent), "unfinished-*")
        with tempfile.TemporaryDirectory(dir=home.parent, prefix="unfinished-", ignore_cleanup_errors=True) as draft:
            made = Path(draft) / home.name
            _run_export(model_folder, made, precision)
            _publish(made, home)
        forget_refusal(home)
    except UnexportableError as error:
        kept = {"model": str(model_folder.resolve()), "reason": error.reason}
        replace_text(_refusal(home), json.dumps(kept, indent=2))
        raise
    except OSError as error:
        raise UsageError(f"{home}: cannot be written ({error.strerror}); set PRECODE_CACHE to another folder") from None


def _run_export(model_folder: Path, out: Path, precision: str) -> None:
    """Export in another process: torch costs a gigabyte that the run need not carry."""
    done = run_module("models.onnx_export", str(model_folder), str(out), precision, environment=OFFLINE)
    if not done.returncode:
        return
    reason = (done.stderr.strip().splitlines() or ["no message"])[-1]
    if done.returncode == UNFINISHED or done.returncode < 0:  # negative: ended from outside, for want of memory mostly
        raise UsageError(
            f"{model_folder}: the export to ONNX was not finished ({reason}); use encoder 'sentence-transformers', or "
            "make room and try again: PRECODE_CACHE may name a folder on another disk"
        )
    raise UnexportableError(model_folder, reason)


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
