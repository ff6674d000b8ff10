"""The pinned set: it is what is installed, it covers what is declared, and together it imports and starts a flow."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
APART = {"torch"}
"""Each platform has its own build, so the lock leaves it out; pyproject.toml pins it exactly."""
PINNED = re.compile(r"^(?P<requirement>[A-Za-z0-9][^\\\n]*==[^\\\n]*?) *\\?$", re.MULTILINE)
LIBRARIES = (
    *("alembic", "charset_normalizer", "docx", "fastapi", "jinja2", "lxml", "numpy", "onnx"),
    *(
        "onnxruntime",
        "openvino",
        "platformdirs",
        "prefect",
        "rich",
        "scipy",
        "sentence_transformers",
        "sklearn",
        "spacy",
    ),
    *("sqlalchemy", "tokenizers", "torch", "typer", "xlsxwriter"),
)
FLOW = """
from prefect import flow, task

@task
def double(number):
    return 2 * number

@flow
def start():
    return double.submit(21).result()

assert start() == 42
"""


def pins():
    """The lines of the lock that hold on this platform."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    found = [Requirement(match["requirement"]) for match in PINNED.finditer(lock)]
    return {canonicalize_name(one.name): one for one in found if not one.marker or one.marker.evaluate()}


def declared():
    """What the project needs, with the extras that ``make lock`` locks."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = re.findall(r"--extra (\w+)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    lists = [project["dependencies"], *(project["optional-dependencies"][extra] for extra in extras)]
    return {canonicalize_name(one.name): one for names in lists for one in map(Requirement, names)}


def installed(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def run(*words, **variables):
    """Run Python by itself, as a user's first command does."""
    environment = {**os.environ, **variables}
    command = [sys.executable, *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)


def test_what_is_installed_is_what_is_pinned():
    found = {name: (installed(name), pin.specifier) for name, pin in pins().items()}
    wrong = {name: f"{have} is not {want}" for name, (have, want) in found.items() if have and have not in want}
    assert not wrong, "install requirements.lock again"


def test_every_declared_dependency_is_pinned_to_what_it_allows():
    locked = pins()
    for name, wanted in declared().items():
        if name not in APART:
            (pin,) = locked[name].specifier
            assert pin.version in wanted.specifier, name


def test_what_the_lock_leaves_out_is_pinned_exactly():
    for name in APART:
        (pin,) = declared()[name].specifier
        assert pin.operator == "=="
        assert installed(name).split("+")[0] == pin.version
        assert name not in pins()


def test_every_pin_has_a_hash():
    blocks = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / "requirements.lock").read_text(encoding="utf-8"))
    assert not [block.split("\n", 1)[0] for block in blocks if "==" in block and "--hash=sha256:" not in block]


@pytest.mark.slow
def test_the_pinned_set_imports_together():
    imports = "\n".join(f"import {name}" for name in LIBRARIES)
    ended = run("-c", imports, HF_HUB_OFFLINE="1")
    assert ended.returncode == 0, ended.stderr


@pytest.mark.prefect
@pytest.mark.slow
def test_the_pinned_set_starts_a_flow(tmp_path, prefect_database):
    """FastAPI 0.155 and later break the server of Prefect 3.8.8 at import."""
    script = tmp_path / "start.py"
    script.write_text(FLOW, encoding="utf-8")
    (tmp_path / "home").mkdir()
    shutil.copy(prefect_database, tmp_path / "home")
    settings = {
        "PREFECT_HOME": str(tmp_path / "home"),
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    }
    ended = run(str(script), **settings, PREFECT_API_URL="", PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS="120")
    assert ended.returncode == 0, ended.stderr
