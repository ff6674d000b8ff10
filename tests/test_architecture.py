"""The map of the code names every module."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("corpus", "models", "pipeline", "evaluation", "flows")
MAP = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").partition("## Modules")[2].partition("## Rules")[0]


def paragraphs(package):
    """What the map says of a package."""
    return next(text for text in MAP.split("\n\n") if re.match(rf"{package}[,:]", text.strip()))


@pytest.mark.parametrize("package", PACKAGES)
def test_every_module_is_on_the_map(package):
    folder = ROOT / package
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    folders = {f"{path.parent.name}/" for path in folder.glob("*/__init__.py")}
    assert modules | folders <= set(re.findall(r"`([^`]+)`", paragraphs(package)))
