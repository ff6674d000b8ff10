"""One self-contained page of a benchmark: scores beside baselines, plots, mistakes in context, a methods paragraph.

Without script and without network: its policy allows its own style sheet alone. It holds transcript text and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.codebook import Code, Codebook
from corpus.files import replace_file
from evaluation.benchmarks.result import Result
from evaluation.metrics.intervals import Block, Score
from evaluation.report.cases import Mistakes
from evaluation.report.methods import counts, methods
from evaluation.report.svg import finish_plot, line_plot, reliability_plot, whisker
from evaluation.report.tables import LINE_COLUMNS, bare, cell, flat, number
from evaluation.study_quality.finish import FinishLine
from pipeline.export.page import TEMPLATES as SHARED
from pipeline.export.page import policy_of
from pipeline.export.palette import palette
from pipeline.export.safety import printable

TEMPLATES = Path(__file__).parent / "templates"
SHADES = 8
HEADLINES = (
    ("passages.domain.precision", "Precision, domain", "of suggested passages, those a person coded so too"),
    ("passages.domain.recall", "Recall, domain", "of human passages, those a suggestion meets"),
    ("quotes.construct.top1", "Construct, first choice", "passage given: the first code is the human's"),
    ("quotes.construct.top3", "Construct, first three", "passage given: the human's code is among three"),
    ("quotes.domain.top1", "Domain, first choice", "passage given: the first domain is the human's"),
    ("calibration.ece", "Calibration error", "mean gap of stated and observed share; 0 is best"),
)
BLOCKS = {
    "sentences": "Every participant sentence, ranked",
    "passages": "Passages at the operating threshold",
    "quotes": "Passage given, only the code is asked",
    "agreement": "Chance-corrected agreement, with the prevalence that bends it",
    "human": "Human with human, on the same passages",
    "calibration": "Calibration",
    "work_saved": "Reading saved",
}
LOWER_IS_BETTER = ("calibration", "prevalence")


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One score beside the baselines.

    Attributes:
        best: Position of the best cell: 0 is precode, None where nothing may be compared.
    """

    name: str
    score: Score
    others: tuple[str, ...]
    best: int | None


@dataclass(frozen=True, slots=True)
class Card:
    """One code with its scores and worst mistakes."""

    code: Code
    line: Block
    mistakes: Mistakes | None


def write_report(
    path: Path,
    result: Result,
    codebook: Codebook,
    mistakes: Mapping[str, Mistakes],
    finish: FinishLine | None = None,
) -> None:
    """Write the page.

    Args:
        path: The ``.html`` file.
        result: Of any protocol.
        codebook: Gives codes their names and domains their colours.
        mistakes: By code; the text in them is shown.
        finish: What taking suggestions as they are would come to; None where that is no question.

    Raises:
        UsageError: If the file cannot be written; an old one then stays as it was.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader([TEMPLATES, SHARED]),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=lambda value: printable(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["code_name"] = lambda code: codebook[code].name
    page = environment.get_template("report.html").render(
        _context(result, codebook, mistakes), finish=finish, finish_plot=finish_plot(finish.points) if finish else ""
    )
    with replace_file(path) as draft:
        draft.write_text(page, encoding="utf-8", newline="\n")


def _context(result: Result, codebook: Codebook, mistakes: Mapping[str, Mistakes]) -> dict[str, Any]:
    style, known = _style(codebook), dict(flat(result.scores))
    return {
        "style": style,
        "policy": policy_of(style),
        "origin": {"facts": _facts(result)},
        "result": result,
        "codebook": codebook,
        "headlines": [(title, meaning, known[name]) for name, title, meaning in HEADLINES if name in known],
        "groups": _groups(result),
        "baselines": [name.replace("_", " ") for name in result.baselines],
        "domains": [(name, result.per_domain[name]) for name in codebook.domains if name in result.per_domain],
        "levels": result.per_level,
        "plots": _plots(result),
        "confusion": _confusion(result.confusion, codebook.domains),
        "cards": [card for card in _cards(result, codebook, mistakes) if card.line.get("positives") or card.mistakes],
        "holds_text": bool(mistakes),
        "methods": methods(result),
        "css": {domain: f"d{n}" for n, domain in enumerate(codebook.domains)},
        "counts": counts(result.inputs),
        "columns": [column for column in LINE_COLUMNS.items() if column[0] != "positives"],
        "cell": cell,
        "bare": bare,
        "bare_number": number,
        "whisker": whisker,
    }


def _facts(result: Result) -> list[tuple[str, str]]:
    inputs = result.inputs
    facts = [
        ("Protocol", result.protocol),
        ("Made", result.created),
        ("precode", result.revision),
        ("Model", inputs.model),
        ("Recipe", inputs.recipe[:12]),
        ("Codebook", inputs.codebook[:12]),
        ("Seeds", inputs.seeds[:12]),
    ]
    return [(label, value) for label, value in facts if value]


def _groups(result: Result) -> list[tuple[str, list[ReportLine]]]:
    """Return every score with the baselines' beside it, one group for each block of the result."""
    others = [dict(flat(block)) for block in result.baselines.values() if isinstance(block, Mapping)]
    unit = result.inputs.rules.get("unit")
    titles = BLOCKS | ({"agreement": f"{BLOCKS['agreement']}; the unit is the {unit}"} if unit else {})
    groups = [
        (titles.get(name, name), [_line(key, score, others) for key, score in flat({name: block})])
        for name, block in result.scores.items()
    ]
    return [(title, lines) for title, lines in groups if lines]


def _line(key: str, score: Score, others: Sequence[Mapping[str, Score]]) -> ReportLine:
    scores = [score, *(other.get(key) for other in others)]
    values = [
        -1.0 if compared_score is None or compared_score.value is None else compared_score.value
        for compared_score in scores
    ]
    compared = sum(value >= 0 for value in values) > 1 and not any(word in key for word in LOWER_IS_BETTER)
    name = key.partition(".")[2].replace(".", " · ").replace("_", " ")
    best = max(range(len(values)), key=values.__getitem__) if compared else None
    return ReportLine(name, score, tuple(map(bare, scores[1:])), best)


def _plots(result: Result) -> list[tuple[str, str, list[str]]]:
    """Return title, SVG and legend of each plot the result has curves for."""
    curves, plots = result.curves, []
    pairs = {name: curves.get(f"precision_recall.{name}", ()) for name in ("construct", "domain")}
    if any(pairs.values()):
        plots.append(("Precision and recall", line_plot(pairs, "Recall", "Precision"), list(pairs)))
    if curves.get("precision_coverage"):
        answered = {"first choice right": curves["precision_coverage"]}
        svg = line_plot(answered, "Share of coded passages answered", "Precision")
        plots.append(("Precision and coverage", svg, ["most confident first"]))
    if curves.get("reliability"):
        plots.append(("Reliability", reliability_plot(curves["reliability"]), ["larger dot: more rows"]))
    return plots


def _confusion(block: Block, domains: Sequence[str]) -> list[tuple[str, list[tuple[int, int]]]]:
    """Return, for each human domain, count and shade under each suggested domain; shades are shares of the row."""
    counts = {human: [_count(block.get(human), other) for other in domains] for human in domains}
    return [
        (human, [(n, -(-n * SHADES // sum(given))) for n in given]) for human, given in counts.items() if sum(given)
    ]


def _count(block: Block | Score | int | None, name: str) -> int:
    found = block.get(name, 0) if isinstance(block, Mapping) else 0
    return found if isinstance(found, int) else 0


def _cards(result: Result, codebook: Codebook, mistakes: Mapping[str, Mistakes]) -> list[Card]:
    lines = {code.id: result.per_code.get(code.id, {}) for code in codebook.codes}
    return [
        Card(code, line, mistakes.get(code.id))
        for code in codebook.codes
        if isinstance(line := lines[code.id], Mapping)
    ]


def _style(codebook: Codebook) -> str:
    """Return the run page's sheet, the report's, and the domains' colours for light and dark ground."""
    colours = list(enumerate(palette(codebook.domains).values()))
    light = "".join(f".d{n} {{ --c: {colour.light}; }}\n" for n, colour in colours)
    dark = "".join(f".d{n} {{ --c: {colour.dark}; }}\n" for n, colour in colours)
    sheets = [
        (folder / name).read_text(encoding="utf-8")
        for folder, name in ((SHARED, "style.css"), (TEMPLATES, "report.css"))
    ]
    return f"{''.join(sheets)}{light}@media screen and (prefers-color-scheme: dark) {{\n{dark}}}\n"
