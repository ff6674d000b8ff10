"""What learning came to, as the page tells it: from the JSON that ``precode learn`` prints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from corpus.errors import IntegrityError
from evaluation.learning import MINIMUM, Verdict
from evaluation.metrics.intervals import FEWEST
from evaluation.study_quality.types import LearningQuality, LearnState, Phase

MESSAGES = {
    Verdict.KNOWN: "Nothing new has been decided since the last time. Nothing was changed.",
    Verdict.TOO_FEW: f"Too few to judge by: it takes {MINIMUM} decided sentences, {FEWEST} of them coded. "
    "Nothing was changed.",
    Verdict.WORSE: "On decisions it had not seen, the suggester would have been worse. Nothing was changed.",
    Verdict.BETTER: "On decisions it had not seen, the suggester was not worse, so it is in use from now on. "
    "The suggestions that are still undecided can be made anew.",
}


def learned_state(document: Mapping[str, Any]) -> LearnState:
    """Return what a finished learning came to, in figures and in plain words.

    Args:
        document: What ``precode learn --json`` printed.

    Raises:
        IntegrityError: If it is something else.
    """
    try:
        verdict, judgements = Verdict(document["verdict"]), int(document["judgements"])
        before, after = (_quality(document["scores"], which) for which in ("before", "after"))
    except (KeyError, TypeError, ValueError, AttributeError):
        raise IntegrityError("precode learn answered in another form than expected; is it the same version?") from None
    return LearnState(Phase.LEARNED, verdict.value, judgements, before, after, MESSAGES[verdict])


def _quality(scores: Mapping[str, Any], which: str) -> LearningQuality | None:
    if not scores:
        return None
    precision, loss = (scores[metric][which].get("value") for metric in ("micro_average_precision", "log_loss"))
    return LearningQuality(precision, loss)
