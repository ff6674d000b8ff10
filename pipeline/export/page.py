"""The page of a run: every transcript as text, suggested passages underlined, reasons in the margin.

Self-contained and without script: the policy in its head forbids every resource but its own style sheet. A run of
more than ``ONE_PAGE`` characters becomes an overview with one page per transcript beside it.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.codebook import Code, Codebook
from corpus.files import replace_file
from corpus.transcript import Role, Transcript
from pipeline.export.layout import MarkedPassage, TextRun, passages, runs
from pipeline.export.palette import book_colours
from pipeline.export.rows import UNDECIDED, Origin, SuggestionRow, clock
from pipeline.export.safety import printable
from pipeline.export.summary import DomainCounts

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).parent / "templates"
ONE_PAGE = 1_000_000
"""Characters of transcript text up to which a run stays one file, about 180,000 words."""


@dataclass(frozen=True, slots=True)
class Document:
    """One transcript and its suggestions."""

    transcript: Transcript
    rows: Sequence[SuggestionRow]


@dataclass(frozen=True, slots=True)
class TurnRow:
    """One turn as the page shows it.

    Attributes:
        speaker: Empty when the same speaker goes on.
        notes: The passages that begin in this turn.
    """

    speaker: str
    time: str
    interviewer: bool
    runs: tuple[tuple[str, TextRun], ...]
    notes: tuple[MarkedPassage, ...]


@dataclass(frozen=True)
class DocumentView:
    """One transcript as the page shows it; ``number`` makes its anchors unique."""

    number: int
    transcript: Transcript
    passages: Sequence[MarkedPassage]

    @property
    def name(self) -> str:
        """The transcript's name."""
        return self.transcript.name

    @cached_property
    def words(self) -> int:
        """Number of words, speaker labels left out."""
        return sum(len(words.split()) for _, words in self.transcript.talk())

    @property
    def suggestions(self) -> int:
        """Number of suggestions."""
        return sum(len(passage.rows) for passage in self.passages)

    def turns(self) -> Iterator[TurnRow]:
        """Yield the turns one by one; a passage across turns is marked in each and explained in the first."""
        before, ahead, begun = None, deque(self.passages), list[MarkedPassage]()
        for turn in self.transcript.turns:
            while ahead and ahead[0].span.start < turn.span.end:
                begun.append(ahead.popleft())
            touching = [passage for passage in begun if passage.span.overlap(turn.span)]
            yield TurnRow(
                speaker=(turn.speaker or "") if turn.speaker != before else "",
                time=clock(turn.started),
                interviewer=turn.role is Role.INTERVIEWER,
                runs=tuple((run.span.of(self.transcript.text), run) for run in runs(turn.span, touching)),
                notes=tuple(passage for passage in touching if turn.span.start <= passage.span.start < turn.span.end),
            )
            before = turn.speaker
            begun = [passage for passage in begun if passage.span.end > turn.span.end]


@dataclass(frozen=True, slots=True)
class DomainLegend:
    """A domain in the legend: its codes with the number of suggestions each received."""

    name: str
    css: str
    count: int
    codes: tuple[tuple[Code, int], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """A transcript as the overview lists it."""

    number: int
    name: str


def write_page(path: Path, documents: Iterable[Document], codebook: Codebook, origin: Origin) -> list[Path]:
    """Write the page of a run and return the files written, the one to open first.

    Args:
        path: The ``.html`` file; pages of single transcripts go into a folder of the same name.
        documents: In the order in which they should appear; gone through twice, and no two held at once if they are
            more than one page takes.
        codebook: Gives the domains their order and colours.
        origin: Told at the top of the page.

    Raises:
        UsageError: If a file cannot be written; an old one then stays as it was.
    """
    tally, listed, characters = DomainCounts(), list[Listed](), 0
    for number, document in enumerate(documents, start=1):
        tally.transcripts.setdefault(document.transcript.name, 0)
        list(tally.passing(document.rows))
        listed.append(Listed(number, document.transcript.name))
        characters += len(document.transcript.text)
    common = _common(tally, codebook, origin)
    views = (
        DocumentView(number, document.transcript, passages(document.rows))
        for number, document in enumerate(documents, start=1)
    )
    if characters <= ONE_PAGE:
        return [_render(path, "page.html", {**common, "views": list(views), "listed": listed, "link": "#t{}"})]
    home = f"../{path.name}"
    pages = [
        _render(
            path.parent / path.stem / f"{view.number:03d}.html",
            "transcript.html",
            {**common, "view": view, "home": home},
        )
        for view in views
    ]
    overview = {**common, "views": [], "listed": listed, "link": f"{path.stem}/{{:03d}}.html"}
    return [_render(path, "page.html", overview), *pages]


def _common(tally: DomainCounts, codebook: Codebook, origin: Origin) -> dict[str, Any]:
    """Return what every page of the run shows."""
    style = _style(codebook)
    return {
        "style": style,
        "policy": policy_of(style),
        "origin": origin,
        "codebook": codebook,
        "tally": tally,
        "domains": _domains(codebook, tally),
        "css": {domain: f"d{n}" for n, domain in enumerate(codebook.domains)},
        "undecided": UNDECIDED,
    }


def _domains(codebook: Codebook, tally: DomainCounts) -> list[DomainLegend]:
    return [
        DomainLegend(
            name=domain,
            css=f"d{n}",
            count=tally.domains[domain],
            codes=tuple((code, tally.codes[code.id]) for code in codebook.codes if code.domain == domain),
        )
        for n, domain in enumerate(codebook.domains)
    ]


def _style(codebook: Codebook) -> str:
    """Return the style sheet: the static part, the domains' colours, and the rules that show one domain alone."""
    colours = list(enumerate(book_colours(codebook).values()))
    light = "".join(f".d{n} {{ --c: {colour.light}; }}\n" for n, colour in colours)
    dark = "".join(f".d{n} {{ --c: {colour.dark}; }}\n" for n, colour in colours)
    alone = "".join(
        f"body:has(#only-d{n}:checked) .item:not(.d{n}, .has-d{n}) {{ display: none; }}\n"
        f"body:has(#only-d{n}:checked) mark:not(.has-d{n}) {{ text-decoration-color: transparent; }}\n"
        f"body:has(#only-noted:checked):has(#only-d{n}:checked) .turn:not(:has(.has-d{n})) {{ display: none; }}\n"
        for n, _ in colours
    )
    static = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    return f"{static}{light}@media screen and (prefers-color-scheme: dark) {{\n{dark}}}\n{alone}"


def policy_of(style: str) -> str:
    """Return a content security policy under which only this very style sheet applies and nothing loads."""
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _render(path: Path, template: str, context: Mapping[str, Any]) -> Path:
    """Render piece by piece into the file, so that the markup of a long run is never in memory as a whole.

    Args:
        path: The file.
        template: Name of the template.
        context: What it shows.
    """
    with replace_file(path) as draft, draft.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(_templates().get_template(template).generate(context))
    return path


@cache
def _templates() -> Environment:
    """Return the templates, each of which is compiled once."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: printable(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
