"""The methods paragraph of a paper, written from a result: what was measured, with what, how thresholds were set.

Every number in it is that of the constant it speaks of: the paragraph cannot state a rule that the code does not
have.
"""

from __future__ import annotations

from evaluation.benchmarks import leakage
from evaluation.benchmarks.result import Inputs, Result
from evaluation.metrics import intervals
from models import thresholds

DIGITS = 12


def methods(result: Result) -> list[str]:
    """Return sentences for a methods section; digests let a reader check that the same inputs were used."""
    parts = [_what(result), _with(result), _guard(result), _operating(result), _intervals()]
    parts += [_unit(result), _baselines(result), _rules(result)]
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
    return f"Encoder and suggester: {inputs.model}, recipe {inputs.recipe[:DIGITS]} ({digests})."


def _guard(result: Result) -> str:
    done = result.inputs.rules.get("leakage", "a benchmark refuses to run on test texts that a seed gives away")
    return f"Leakage: {done}; a seed gives a text away if {leakage.rule()}."


def _operating(result: Result) -> str:
    if "passages" not in result.scores:
        return (
            "Where the passage is given, its most probable code counts as the one suggestion, so no threshold applies."
        )
    chosen = result.inputs.operating
    if "floor" in chosen:
        return (
            f"Every code was suggested from a probability of {float(chosen['floor']):.0%} on, as the study chose, "
            "whatever precision that keeps."
        )
    if "best" in chosen:
        return (
            f"No threshold was set: of each transcript the {int(chosen['best'])} most probable suggestions were made, "
            "which is what the study chose or what is done where no coded interview supports a threshold."
        )
    precision = float(chosen.get("precision", thresholds.TARGET_PRECISION))
    return (
        "Thresholds were set without sight of these data: on training interviews that the classifiers had not "
        f"seen, the lowest probability at which at least {precision:.0%} of the suggestions in "
        f"the code's domain were right, the threshold of all codes where a domain had fewer than "
        f"{thresholds.FEWEST} suggestions, and {thresholds.NEVER:g} where neither reached that precision."
    )


def _intervals() -> str:
    draws, level = f"{intervals.DRAWS:,}", f"{intervals.LEVEL:.0%}"
    return f"Intervals are {level} percentile bootstrap intervals from {draws} draws of whole documents."


def _unit(result: Result) -> str:
    """Name the unit of agreement; results made before it was written down do not know it."""
    unit = result.inputs.rules.get("unit", "")
    return (
        f"The unit of agreement is the {unit}: each pair of it and a code, or domain, is one decision." if unit else ""
    )


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
