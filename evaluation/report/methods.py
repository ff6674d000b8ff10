"""The methods paragraph of a paper, written from a result: what was measured, with what, how thresholds were set."""

from __future__ import annotations

from evaluation.report.results import Inputs, Result

DIGITS = 12
THRESHOLDS = (
    "Thresholds were set without sight of these data: on training interviews that the scorers had not seen, the lowest "
    "probability that kept the target precision in the code's domain, and the threshold of all codes where a domain "
    "had too few suggestions."
)
INTERVALS = "Intervals are 95% percentile bootstrap intervals from 1,000 draws of whole documents."


def methods(result: Result) -> list[str]:
    """Return sentences for a methods section; digests let a reader check that the same inputs were used."""
    parts = [_what(result), _with(result), _operating(result), INTERVALS, _baselines(result), _rules(result)]
    return [part for part in parts if part]


def counts(inputs: Inputs) -> list[tuple[int, str]]:
    """Return how much was compared, each number with its noun."""
    known = [
        (inputs.n_documents, "document"),
        (inputs.n_sentences, "participant sentence"),
        (inputs.n_passages, "human coding"),
        (inputs.n_quotes, "coded passage"),
    ]
    return [(n, what if n == 1 else f"{what}s") for n, what in known if n]


def _what(result: Result) -> str:
    named = ", ".join(f"{n:,} {what}" for n, what in counts(result.inputs))
    made = f"Suggestions by precode {result.revision} were compared with human coding"
    return f"{made} (protocol {result.protocol}): {named}."


def _with(result: Result) -> str:
    inputs = result.inputs
    seeds = f", seed bank {inputs.seeds[:DIGITS]}" if inputs.seeds else ""
    data = "".join(f", {name} {digest[:DIGITS]}" for name, digest in inputs.data.items())
    digests = f"SHA-256, first {DIGITS} digits: codebook {inputs.codebook[:DIGITS]}{seeds}{data}"
    return (
        f"Encoder and suggester: {inputs.model}, recipe {inputs.recipe[:DIGITS]} ({digests}). "
        "A guard refused test texts that the seeds hold, equal or sharing over a fifth of their eight-word runs."
    )


def _operating(result: Result) -> str:
    if "passages" in result.scores:
        return THRESHOLDS
    return "Where the passage is given, its most probable code counts as the one suggestion, so no threshold applies."


def _baselines(result: Result) -> str:
    if not result.baselines:
        return ""
    names = ", ".join(name.replace("_", " ") for name in result.baselines)
    return f"Baselines, fitted on the same seeds and scored in the same run: {names}."


def _rules(result: Result) -> str:
    wanted = (
        "alignment",
        "agreement",
        "domain_score",
        "calibration",
        "wss95",
        "few_shot",
        "learning_curve",
        "human",
        "insufficient",
    )
    definitions = [
        f"{key.replace('_', ' ')}: {result.inputs.rules[key]}" for key in wanted if key in result.inputs.rules
    ]
    return f"Definitions: {'; '.join(definitions)}." if definitions else ""
