"""The shape of the code in figures: what `make shape` prints, and what `tests/test_shape.py` holds.

usage: python tests/shape.py [--list NAME]     (exits 1 while a goal is missed)

Counted are the packages and `precode.py`; files and the ratio of tests to code also look at `tests/`.
"""

from __future__ import annotations

import argparse
import ast
import io
import sys
import tokenize
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("corpus", "models", "pipeline", "evaluation", "flows")
FACADE = "precode.py"
LONGEST_FUNCTION, LONGEST_FILE = 40, 500
HOP = 2
"""Lines of body up to which a private function that is used once says no more than its name."""
MANY_PARAMETERS = 3
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
COMPREHENSION = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass(frozen=True)
class Module:
    """One file of Python.

    Attributes:
        path: Relative to the root, with slashes.
        source: Its text.
    """

    path: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @property
    def name(self) -> str:
        """Name under which it is imported."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def place(self, node: ast.AST, *words: str) -> str:
        return " ".join([f"{self.path}:{node.lineno}", *words])


def modules(*folders: str, root: Path = ROOT) -> list[Module]:
    """Read the files of folders, or single files, in order."""
    paths = [
        path for name in folders for path in ([root / name] if name.endswith(".py") else (root / name).rglob("*.py"))
    ]
    return [Module(p.relative_to(root).as_posix(), p.read_text(encoding="utf-8")) for p in sorted(paths) if p.is_file()]


def import_circles(code: list[Module]) -> list[str]:
    """Modules that import themselves through others. Imports inside functions count, those for types only do not."""
    graph = {module.name: imported_by(module, {m.name for m in code}) for module in code}
    reach = {name: reachable(name, graph) for name in graph}
    return [
        f"{name}: {', '.join(sorted(m for m in reach[name] if name in reach[m]))}"
        for name in graph
        if name in reach[name]
    ]


def imported_by(module: Module, known: set[str]) -> set[str]:
    """Names of the modules that one imports itself; the packages they lie in are not counted as imported."""
    typing_only = {
        inner
        for node in module.nodes
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        for part in node.body
        for inner in ast.walk(part)
    }
    found: set[str] = set()
    for node in module.nodes:
        if node in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & known
        elif isinstance(node, ast.ImportFrom):
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (whole & known) or ({node.module} & known)
            if whole - known:
                found |= {str(node.module)} & known
    return found - {module.name}


def reachable(start: str, graph: dict[str, set[str]]) -> set[str]:
    """What can be reached from a node by one step or more."""
    seen: set[str] = set()
    left = [start]
    while left:
        fresh = graph[left.pop()] - seen
        seen |= fresh
        left += fresh
    return seen


def class_names_with_two_meanings(code: list[Module]) -> list[str]:
    """Names that more than one class has."""
    places = defaultdict(list)
    for module in code:
        for node in module.nodes:
            if isinstance(node, ast.ClassDef):
                places[node.name].append(module.place(node))
    return [f"{name}: {', '.join(found)}" for name, found in sorted(places.items()) if len(found) > 1]


def private_hops(code: list[Module]) -> list[str]:
    """Private functions of two lines or fewer that their file uses once."""
    found = []
    for module in code:
        used = Counter(
            n.id if isinstance(n, ast.Name) else n.attr for n in module.nodes if isinstance(n, ast.Name | ast.Attribute)
        )
        holders = [node for node in module.nodes if isinstance(node, ast.Module | ast.ClassDef)]
        functions = [node for holder in holders for node in holder.body if isinstance(node, FUNCTION)]
        private = [f for f in functions if f.name.startswith("_") and not f.name.startswith("__")]
        found += [module.place(f, f.name) for f in private if used[f.name] == 1 and body_lines(f) <= HOP]
    return found


def exemptions(code: list[Module]) -> list[str]:
    """Comments that silence a checker."""
    return [
        f"{module.path}:{token.start[0]} {token.string}"
        for module in code
        for token in tokenize.generate_tokens(io.StringIO(module.source).readline)
        if token.type == tokenize.COMMENT and ("noqa" in token.string or "type: ignore" in token.string)
    ]


def long_functions(code: list[Module]) -> list[str]:
    """Functions of more than forty lines, signature counted and docstring not."""
    functions = [(module, node) for module in code for node in module.nodes if isinstance(node, FUNCTION)]
    return [m.place(f, f.name) for m, f in functions if body_lines(f) + signature_lines(f) > LONGEST_FUNCTION]


def long_files(code: list[Module]) -> list[str]:
    """Files of more than five hundred lines."""
    return [module.path for module in code if module.source.count("\n") > LONGEST_FILE]


def parameters_without_args(code: list[Module]) -> list[str]:
    """Public functions of three parameters or more whose docstring does not explain them under ``Args:``.

    What a framework calls (a decorator with a dot: commands, routes) shows its docstring to users and explains its
    parameters in their annotations.
    """
    return [
        module.place(function, function.name)
        for module in code
        for function in public_functions(module.tree)
        if len(parameters(function)) >= MANY_PARAMETERS
        and "Args:" not in (ast.get_docstring(function) or "")
        and not any("." in ast.unparse(decorator).partition("(")[0] for decorator in function.decorator_list)
        and not any("Annotated[" in ast.unparse(p.annotation) for p in parameters(function) if p.annotation)
    ]


def loop_variables_named_one(code: list[Module]) -> list[str]:
    """Loop variables that do not say what they are."""
    found = []
    for module in code:
        loops = [n for n in module.nodes if isinstance(n, ast.For | ast.AsyncFor)]
        loops += [part for n in module.nodes if isinstance(n, COMPREHENSION) for part in n.generators]
        names = [n for loop in loops for n in ast.walk(loop.target) if isinstance(n, ast.Name) and n.id == "one"]
        found += [module.place(name) for name in names]
    return found


def public_functions(holder: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions that others may call: of a module, or of a public class."""
    for node in holder.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from public_functions(node)
        elif isinstance(node, FUNCTION) and not node.name.startswith("_"):
            yield node


def parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    """Return what a caller passes."""
    named = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return [parameter for parameter in named if parameter.arg not in {"self", "cls"}]


def signature_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines before the body; none where the docstring is counted out with them."""
    return 0 if ast.get_docstring(function) else function.body[0].lineno - function.lineno


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return function.end_lineno - body[0].lineno + 1 if body else 0


def lines_of_code(files: list[Module]) -> int:
    """Lines that are neither blank nor a comment."""
    lines = (line.strip() for module in files for line in module.source.splitlines())
    return sum(1 for line in lines if line and not line.startswith("#"))


CODE = modules(*PACKAGES, FACADE)
TESTS = modules("tests")

MEASURES: dict[str, tuple[str, int, Callable[[], list[str]]]] = {
    "circles": ("modules in import circles", 0, lambda: import_circles(CODE)),
    "classes": ("class names with two meanings", 0, lambda: class_names_with_two_meanings(CODE)),
    "hops": ("private functions used once with two lines or fewer", 99, lambda: private_hops(CODE)),
    "exemptions": ("noqa / type: ignore", 59, lambda: exemptions(CODE)),
    "functions": ("functions over 40 lines", 0, lambda: long_functions(CODE)),
    "files": ("files over 500 lines", 0, lambda: long_files(CODE + TESTS)),
    "args": ("public functions with 3 parameters or more without Args:", 0, lambda: parameters_without_args(CODE)),
    "one": ("loop variables named one", 0, lambda: loop_variables_named_one(CODE)),
}
"""What is counted by its short name: title, the most that is allowed in the end, and how the places are found."""
LEAST_RATIO = 0.8


def ratio() -> float:
    """Return lines of tests to lines of code."""
    return lines_of_code(TESTS) / lines_of_code(CODE)


def main(arguments: list[str]) -> int:
    """Print each figure beside its goal, or the places of one; return 1 while a goal is missed."""
    parser = argparse.ArgumentParser(description="Print the shape of the code.")
    parser.add_argument("--list", choices=MEASURES, help="print the places of one figure")
    wanted = parser.parse_args(arguments).list
    if wanted:
        print(*MEASURES[wanted][2](), sep="\n")
        return 0
    missed = 0
    for name, (title, goal, places) in MEASURES.items():
        figure = len(places())
        missed += figure > goal
        print(f"{name:<11} {figure:>5}   goal {goal:>3}   {'ok    ' if figure <= goal else 'missed'}   {title}")
    missed += ratio() < LEAST_RATIO
    reached = "ok    " if ratio() >= LEAST_RATIO else "missed"
    print(
        f"{'ratio':<11} {ratio():>5.2f}   goal {LEAST_RATIO:>3}   {reached}   lines of tests to lines of code, at least"
    )
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
