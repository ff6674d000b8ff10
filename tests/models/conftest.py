"""A cache of the test's own, and exporting processes that only write files."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from models import onnx_folder
from models.weights import model_digest
from tests.models.export_support import write_export


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECODE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def processes(monkeypatch):
    """What the next exporting process comes to, exit code and last words; and how many there were."""
    ends = SimpleNamespace(code=0, words="", count=0)

    def run(_, model_folder, out, precision, **__):
        ends.count += 1
        if not ends.code:
            write_export(Path(out), source=model_digest(Path(model_folder)))
        return SimpleNamespace(returncode=ends.code, stderr=f"Traceback\n{ends.words}\n")

    monkeypatch.setattr(onnx_folder, "run_module", run)
    return ends
