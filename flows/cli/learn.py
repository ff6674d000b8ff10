"""``precode learn``: adapt a study's suggestions to what people decided."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli.console import JsonOption, StudyOption, next_step, note, print_json, print_table, progress, say

if TYPE_CHECKING:
    from evaluation.learning import Learning, ScoreChange
    from evaluation.metrics.intervals import Score
    from pipeline.study import Study


def learn(
    *,
    study: StudyOption = Path(),
    human: Annotated[
        Path | None,
        typer.Option(
            help="Also learn from human codings of whole interviews, JSONL or CSV; what they leave uncoded counts.",
            show_default=False,
        ),
    ] = None,
    back: Annotated[bool, typer.Option("--back", help="Take the last learning back instead.")] = False,
    json: JsonOption = False,
) -> None:
    """Learn from accepted and rejected suggestions and from codings of your own.

    \b
    Decisions become seed quotations. The suggester is fitted with and without
    them and both are compared on decisions they have not seen; what was learned
    is used only if it is not worse. The next run makes the suggestions that are
    still undecided anew.
    \b
    Example:
      precode learn --study my-study
      precode learn --study my-study --human codings.jsonl
      precode learn --study my-study --back
    """
    from corpus.errors import UsageError
    from pipeline.study import open_study

    if back and human:
        raise UsageError("--back and --human exclude each other; give one")
    opened = open_study(study)
    if back:
        _take_back(opened, json=json)
    else:
        _learn(opened, human, json=json)


def _take_back(study: Study, *, json: bool) -> None:
    from pipeline.learned import LearnedSeeds

    lesson = LearnedSeeds(study.folder).back()
    if json:
        print_json({"study": str(study.folder), "in_force": lesson and lesson.seeds})
        return
    named = f"what was learned at {lesson.created}" if lesson else "the seeds the study began with"
    say(f"Taken back. In force now: {named}.")
    next_step("precode", "run", "--study", study.folder)


def _learn(study: Study, human: Path | None, *, json: bool) -> None:
    from evaluation.learning import learn_study
    from pipeline.session import StudySession

    note(f"Learning from the decisions in {study.folder} ...")
    with progress("Learning"), StudySession(study) as session:
        learning = learn_study(session, human)
    if json:
        print_json({"study": str(study.folder), **_document(learning)})
    else:
        _print_summary(learning, study)


def _document(learning: Learning) -> dict[str, Any]:
    from evaluation.learning import RULE

    comparison = learning.comparison
    scores = {
        metric: {name: score.to_json() for name, score in each.items()}
        for metric, each in (comparison.scores if comparison else {}).items()
    }
    return {"verdict": str(learning.verdict), "rule": RULE, "seeds": learning.seeds.digest} | {
        "judgements": learning.judgements,
        "sentences": len(learning.seeds.quotes),
        "coded": len(learning.seeds.coded),
        "scores": scores,
    }


def _print_summary(learning: Learning, study: Study) -> None:
    from evaluation.learning import MINIMUM, Verdict
    from evaluation.metrics.intervals import FEWEST

    if learning.comparison:
        _print_scores(learning.comparison)
    say(f"{learning.judgements} decisions on {len(learning.seeds.quotes)} sentences.")
    match learning.verdict:
        case Verdict.KNOWN:
            say("Nothing new has been decided; nothing was changed.")
        case Verdict.TOO_FEW:
            say(f"Too few to judge by (it takes {MINIMUM} sentences, {FEWEST} of them coded); nothing was changed.")
        case Verdict.WORSE:
            say("With them suggestions would fit decisions held back less well; nothing was changed.")
        case Verdict.BETTER:
            say("Learned. The next run makes the undecided suggestions anew; to undo this, add --back.")
            next_step("precode", "run", "--study", study.folder)


def _print_scores(comparison: ScoreChange) -> None:
    rows = [[metric.replace("_", " "), *map(_figure, each.values())] for metric, each in comparison.scores.items()]
    title = f"On {len(comparison.truth)} decided sentences, held out ({comparison.coded} coded)"
    print_table(["", "before", "after", "gain"], rows, title=title)


def _figure(score: Score) -> str:
    if score.value is None:
        return "-"
    interval = "" if score.low is None else f" [{score.low:.3f}, {score.high:.3f}]"
    return f"{score.value:.3f}{interval}"
