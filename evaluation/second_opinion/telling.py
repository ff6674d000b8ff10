"""What a trial came to, in plain words: for the terminal, the page, and a methods section."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evaluation.second_opinion.trial import FEWEST_CODED, FEWEST_PASSAGES, RULE, TrialVerdict

if TYPE_CHECKING:
    from pipeline.second.kept import KeptTrial


def verdict_line(trial: KeptTrial) -> str:
    """Return whether the model counts now, and why."""
    match trial.verdict:
        case TrialVerdict.USED:
            weight = trial.weights["choice"] / max(trial.weights["calibrated"], 1e-6)
            return f"It helps: from now on its choice counts {weight:.2f} where precode's own odds count 1."
        case TrialVerdict.NO_GAIN:
            return "It does not help on passages held out from it. It counts nothing; suggestions stay as they are."
        case _:
            return (
                f"Too little to judge by: it takes {FEWEST_PASSAGES} passages judged without sight of it, "
                f"{FEWEST_CODED} of them coded. It counts nothing."
            )


def methods_sentence(trial: KeptTrial) -> str:
    """Return what a methods section should say of the model: name, weights, prompt, measurement and outcome."""
    facts, figures = trial.facts, trial.figures
    known = [f"weights {facts.digest[:12]}" if facts.digest else "", facts.quantisation, f"asked as {facts.adapter}"]
    told = ", ".join(part for part in (*known, f"prompt {facts.prompt}") if part)
    match trial.verdict:
        case TrialVerdict.USED:
            role = "its answers were combined with precode's calibrated odds by weights shared by all codes"
        case TrialVerdict.NO_GAIN:
            role = "it did not lower log loss on held-out passages and was given no weight"
        case _:
            role = "it was given no weight, because too few passages had been judged without it"
    return (
        f"A local language model ({facts.model}, {told}) gave a second opinion on passages; {role} (rule {RULE}, "
        f"{figures.get('answered', 0)} passages judged without sight of it, {trial.created[:10]})."
    )
