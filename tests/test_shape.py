"""The shape of the code: short functions, short files, documented, no broad except, no unexplained exemption."""

import ast
import re
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("corpus", "models", "pipeline", "evaluation", "flows")
FILES = [path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py")) if "versions" not in path.parts]
SOURCES = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in FILES}
TREES = {name: ast.parse(source) for name, source in SOURCES.items()}
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
LONGEST_FUNCTION, LONGEST_FILE = 40, 500
EXEMPTION = re.compile(r"# (noqa|type: ignore)")
REASON = re.compile(r"# noqa: \w+(, \w+)* - \S|# type: ignore\[[\w-]+\]  # \S")


def nodes(kind):
    """Every node of a kind with its place."""
    for name, tree in TREES.items():
        yield from ((f"{name}:{node.lineno}", node) for node in ast.walk(tree) if isinstance(node, kind))


def lines_of(function):
    """Lines from the signature to the end, without the docstring."""
    first = function.body[0].end_lineno + 1 if ast.get_docstring(function) else function.lineno
    return max(1, function.end_lineno - first + 1)


def public(holder):
    """Functions and classes that others may use: of a module, or of a public class."""
    for node in ast.iter_child_nodes(holder):
        if isinstance(node, FUNCTION | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)


def test_functions_are_short():
    sizes = {place: lines_of(function) for place, function in nodes(FUNCTION)}
    assert not {place: size for place, size in sizes.items() if size > LONGEST_FUNCTION}


@pytest.mark.parametrize("name", SOURCES)
def test_a_file_is_short_and_says_what_it_holds(name):
    assert SOURCES[name].count("\n") <= LONGEST_FILE
    assert ast.get_docstring(TREES[name])


def test_what_is_public_is_documented_and_typed():
    named = [(f"{name}:{node.lineno} {node.name}", node) for name, tree in TREES.items() for node in public(tree)]
    assert not [place for place, node in named if not ast.get_docstring(node)]
    assert not [place for place, node in named if isinstance(node, FUNCTION) and node.returns is None]


def test_what_catches_everything_says_why():
    broad = [
        place
        for place, handler in nodes(ast.ExceptHandler)
        if handler.type is None or getattr(handler.type, "id", "") in {"Exception", "BaseException"}
    ]
    lines = {place: SOURCES[place.rpartition(":")[0]].split("\n")[int(place.rpartition(":")[2]) - 1] for place in broad}
    assert not [place for place, line in lines.items() if "# noqa: BLE001 - " not in line]


def test_an_exemption_is_explained_on_its_line_or_shares_the_reason_of_the_line_above():
    unexplained = [
        f"{name}:{n}"
        for name, source in SOURCES.items()
        for n, (above, line) in enumerate(pairwise(["", *source.split("\n")]), start=1)
        if EXEMPTION.search(line) and not REASON.search(line) and not EXEMPTION.search(above)
    ]
    assert not unexplained


def test_no_file_of_flows_shadows_a_package():
    """Prefect puts ``flows`` first on the path when it loads a flow by its file."""
    assert not {path.stem for path in (ROOT / "flows").iterdir()} & {*PACKAGES, "prefect", "tests"}
