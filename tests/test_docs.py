"""The documents: every command they show exists with its options, every link and picture leads somewhere."""

import re
import shlex
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest
from typer.main import get_command

from flows.cli.app import app

ROOT = Path(__file__).parents[1]
FRONT = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")]
DOCS = sorted((ROOT / "docs").rglob("*.md"))
SHOWING = [page for page in (ROOT / "README.md", *DOCS) if page.name != "cli.md"]
"""Pages that show commands; ``docs/cli.md`` is held equal to the help itself by test_cli."""
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHELLS = {"", "sh", "bash", "console", "powershell"}
INLINE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
COMMAND = re.compile(r"^\s*(?:\w+=\S+ )*(?:\S*[\\/])?precode\s+(?P<words>[a-z-].*)$")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
IMAGE_BYTES = 300_000


def name_of(page):
    return page.relative_to(ROOT).as_posix()


def text_of(page):
    return page.read_text(encoding="utf-8")


def prose_of(page):
    return INLINE.sub("", FENCE.sub("", text_of(page)))


def spans_of(text):
    """Whatever a reader could type: the lines of shell blocks, and what stands between backticks."""
    for language, block in FENCE.findall(text):
        if language in SHELLS:
            yield from block.replace("\\\n", " ").splitlines()
    yield from (" ".join(span.split()) for span in INLINE.findall(FENCE.sub("", text)))


def commands_of(text):
    """What follows ``precode`` in each command line, comments and pipes left out."""
    lines = (line.split(" #")[0].split(" | ")[0] for line in spans_of(text) if not line.lstrip().startswith("#"))
    return [found["words"].strip() for found in map(COMMAND.search, lines) if found]


def anchors_of(page):
    """The fragments of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text_of(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def wrong_with(words):
    """Say what a command line names that does not exist; nothing if all of it does."""
    command, rest = get_command(app), shlex.split(words)
    while rest and hasattr(command, "commands"):
        if rest[0].startswith("-"):
            break
        if rest[0] not in command.commands:
            return f"no command {rest[0]!r}"
        command = command.commands[rest.pop(0)]
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    named = {word.partition("=")[0] for word in rest if word.startswith("-") and word != "-"}
    return f"no option {sorted(named - known - {'--help'})}" if named - known - {"--help"} else None


def broken_in(page):
    """Yield each relative link of a page that leads nowhere."""
    for link in LINK.findall(prose_of(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, fragment = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (fragment and target.suffix == ".md" and fragment not in anchors_of(target)):
            yield link


@pytest.mark.parametrize("page", SHOWING, ids=name_of)
def test_commands_that_a_page_shows_exist_with_their_options(page):
    wrong = {words: problem for words in commands_of(text_of(page)) if (problem := wrong_with(words))}
    assert not wrong


@pytest.mark.parametrize("page", [*FRONT, *DOCS], ids=name_of)
def test_links_and_pictures_of_a_page_lead_somewhere(page):
    assert not list(broken_in(page))


def test_readme_and_the_walk_through_show_commands():
    shown = {words.split()[0] for page in SHOWING for words in commands_of(text_of(page))}
    assert {"init", "run", "benchmark", "learn", "export", "doctor", "serve", "codebook"} <= shown


def test_every_page_and_picture_is_linked():
    linked = {
        (page.parent / unquote(link).partition("#")[0]).resolve()
        for page in (*FRONT, *DOCS)
        for link in LINK.findall(prose_of(page))
    }
    pictures = sorted((ROOT / "docs" / "images").iterdir())
    assert not [name_of(path) for path in (*DOCS, *pictures) if path not in linked]


def test_pictures_are_small():
    sizes = {name_of(path): path.stat().st_size for path in (ROOT / "docs" / "images").iterdir()}
    assert sizes
    assert not {name: size for name, size in sizes.items() if size >= IMAGE_BYTES}


def test_changelog_names_the_version():
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    assert re.search(rf"^## \[{re.escape(project['version'])}\]", text_of(ROOT / "CHANGELOG.md"), re.MULTILINE)


def test_every_dependency_has_its_line_of_why_and_no_other_has():
    project = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]
    declared = [
        *project["dependencies"],
        *(one for extra in project["optional-dependencies"].values() for one in extra),
    ]
    why = text_of(ROOT / "docs" / "decisions" / "0002-dependencies.md").partition("## Left out")[0]
    rows = re.findall(r"^\| ([a-z][a-z0-9-]*) \| \S", why, re.MULTILINE)
    assert sorted(rows) == sorted(re.match(r"[\w-]+", one)[0].lower() for one in declared)


@pytest.mark.parametrize("page", [*FRONT, *DOCS], ids=name_of)
def test_make_targets_that_a_page_names_exist(page):
    targets = set(re.findall(r"^([a-z-]+):", text_of(ROOT / "Makefile"), re.MULTILINE))
    lines = (line.strip() for line in spans_of(text_of(page)))
    named = {found[1] for line in lines if (found := re.match(r"make ([a-z-]+)\b", line))}
    assert named <= targets


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("run --study s --no-prefect", None),
        ("benchmark study --study s --human c.jsonl --json -", None),
        ("--version", None),
        ("codebook check --help", None),
        ("reviews s", "no command 'reviews'"),
        ("benchmark studies", "no command 'studies'"),
        ("run --studie=s", "no option ['--studie']"),
        ("--verbose", "no option ['--verbose']"),
    ],
)
def test_a_wrong_command_line_would_be_noticed(words, problem):
    assert wrong_with(words) == problem


def test_command_lines_are_found_wherever_they_stand():
    shell = "```\n.venv/bin/precode run  # here\n# precode no\nA=b precode serve \\\n  --every 5\n```\n"
    windows = "```powershell\n.venv\\Scripts\\precode doctor\n```\nType `precode export`, not `pip install precode`.\n"
    other = "```python\nprecode nothing\n```\n"
    assert [words.split() for words in commands_of(shell + windows + other)] == [
        ["run"],
        ["serve", "--every", "5"],
        ["doctor"],
        ["export"],
    ]
