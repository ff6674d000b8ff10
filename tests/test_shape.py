"""The shape of the code: the figures of `make shape`, documented, no broad except, no unexplained exemption."""

import ast
import re
from itertools import pairwise

import pytest

from tests import shape
from tests.shape import FACADE, FUNCTION, PACKAGES, ROOT, Module

MODULES = [module for module in shape.CODE if "versions" not in module.path]
SOURCES = {module.path: module.source for module in MODULES}
ALLOWED = {
    "circles": 0,
    "classes": 0,
    "hops": 99,
    "exemptions": 59,
    "functions": 0,
    "files": 0,
    "args": 0,
    "one": 0,
}
"""How much of each is left. A number here may only fall; the goals stand in `shape.MEASURES`."""
LEAST_RATIO = 0.8
"""Lines of tests to lines of code; may only rise."""
EXEMPTION = re.compile(r"# (noqa|type: ignore)")
REASON = re.compile(r"# noqa: \w+(, \w+)* - \S|# type: ignore\[[\w-]+\]  # \S")


def nodes(kind):
    """Every node of a kind with its place."""
    for module in MODULES:
        yield from ((f"{module.path}:{node.lineno}", node) for node in module.nodes if isinstance(node, kind))


def public(holder):
    """Functions and classes that others may use: of a module or a public class. Overloads have no docstring."""
    for node in ast.iter_child_nodes(holder):
        if "overload" in {ast.unparse(decorator) for decorator in getattr(node, "decorator_list", ())}:
            continue
        if isinstance(node, FUNCTION | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)


@pytest.mark.parametrize("name", shape.MEASURES)
def test_the_shape_gets_no_worse(name):
    places = shape.MEASURES[name][2]()
    assert len(places) <= ALLOWED[name], f"see: make shape; python tests/shape.py --list {name}"


def test_every_figure_of_make_shape_is_held():
    assert ALLOWED.keys() == shape.MEASURES.keys()


def test_there_are_tests_enough():
    assert shape.ratio() >= LEAST_RATIO


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.path)
def test_a_file_says_what_it_holds(module):
    assert ast.get_docstring(module.tree)


def test_what_is_public_is_documented_and_typed():
    named = [(module.place(node, node.name), node) for module in MODULES for node in public(module.tree)]
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


def test_no_package_imports_the_facade():
    """``precode.py`` is for users; what the packages share lies in one of them."""
    facade = Module(FACADE, "")
    known = {module.name for module in [*MODULES, facade]}
    assert not [m.path for m in MODULES if m.path != FACADE and facade.name in shape.imported_by(m, known)]


def test_no_file_of_flows_shadows_a_package():
    """Prefect puts ``flows`` first on the path when it loads a flow by its file."""
    assert not {path.stem for path in (ROOT / "flows").iterdir()} & {*PACKAGES, "prefect", "tests"}


def package(**sources):
    """Modules by name."""
    return [Module(f"{name}.py", source) for name, source in sources.items()]


@pytest.mark.parametrize(
    ("back", "counted"),
    [
        ("import a", 2),
        ("from a import f", 2),
        ("def g():\n    from a import f", 2),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from a import f", 0),
        ("import c", 0),
    ],
)
def test_import_circles_counts_those_inside_functions_and_not_those_for_types(back, counted):
    code = package(a="import b\ndef f(): ...", b=back, c="")
    assert len(shape.import_circles(code)) == counted


def test_import_circles_sees_a_way_round_through_several_and_only_who_is_on_it():
    code = package(a="import b", b="import c", c="import a", d="import a")
    assert [place.partition(":")[0] for place in shape.import_circles(code)] == ["a", "b", "c"]


def test_import_circles_tells_a_module_of_a_package_from_a_name_in_it():
    names = {"p/__init__.py": "from p.x import f", "p/x.py": "from p import y\ndef f(): ...", "p/y.py": ""}
    assert not shape.import_circles([Module(path, source) for path, source in names.items()])


def test_class_names_with_two_meanings_looks_across_files():
    code = package(a="class One: ...\nclass Two: ...", b="class Two: ...")
    assert shape.class_names_with_two_meanings(code) == ["Two: a.py:2, b.py:1"]


@pytest.mark.parametrize(
    ("source", "counted"),
    [
        ("def _f():\n    return 1\n_f()", 1),
        ('def _f():\n    """Say."""\n    x = 1\n    return x\n_f()', 1),
        ("def _f():\n    return 1\n_f() + _f()", 0),
        ("def _f():\n    a = 1\n    b = 2\n    return a + b\n_f()", 0),
        ("def f():\n    return 1\nf()", 0),
        ("class A:\n    def _f(self):\n        return 1\n    def g(self):\n        return self._f()", 1),
    ],
)
def test_private_hops_are_short_private_and_used_once(source, counted):
    assert len(shape.private_hops(package(a=source))) == counted


def test_exemptions_are_comments_and_not_words_in_a_string():
    source = "import a  # noqa: F401 - why\nb = a  # type: ignore[x]  # why\nc = '# noqa'"
    assert len(shape.exemptions(package(a=source))) == 2


@pytest.mark.parametrize(("lines", "counted"), [(39, 0), (40, 1)])
def test_long_functions_count_the_signature(lines, counted):
    body = "\n".join("    x = 1" for _ in range(lines))
    assert len(shape.long_functions(package(a=f"def f():\n{body}"))) == counted


@pytest.mark.parametrize(
    ("source", "counted"),
    [
        ("def f(a, b, c): ...", 1),
        ('def f(a, *, b, c):\n    """Say.\n\n    Args:\n        a: What.\n    """', 0),
        ("def f(a, b): ...", 0),
        ("def _f(a, b, c): ...", 0),
        ("class A:\n    def f(self, a, b): ...", 0),
        ("class A:\n    def f(self, a, b, c): ...", 1),
        ("class _A:\n    def f(self, a, b, c): ...", 0),
        ("@app.command()\ndef f(a, b, c): ...", 0),
    ],
)
def test_parameters_without_args_asks_public_functions_of_three(source, counted):
    assert len(shape.parameters_without_args(package(a=source))) == counted


def test_loop_variables_named_one_are_seen_in_loops_and_comprehensions():
    source = "for one in x: ...\ny = [one for one in x]\nz = {k: one for k, one in x}\none = 1"
    assert len(shape.loop_variables_named_one(package(a=source))) == 3
