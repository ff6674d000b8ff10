"""``precode check``: how transcripts were read, and who speaks in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.errors import UsageError
from flows.cli.console import JsonOption, next_step, note, print_json, print_table, say

if TYPE_CHECKING:
    from pipeline.settings_file import SpeakerChanges
    from pipeline.speakers import TranscriptCheck
    from pipeline.study import Study

HEADER = ("Transcript", "Speaker", "Turns", "Words", "Role", "Sure", "First words")
NO_LABEL = "(no label)"


def check(
    study: Annotated[Path, typer.Argument(help="The study folder.", show_default="this folder")] = Path(),
    *,
    interviewer: Annotated[list[str] | None, typer.Option(help="This speaker asks. May be repeated.")] = None,
    participant: Annotated[list[str] | None, typer.Option(help="This speaker answers. May be repeated.")] = None,
    rename: Annotated[
        list[str] | None, typer.Option(help="OLD=NEW: keep a label under another name. May be repeated.")
    ] = None,
    labels: Annotated[str, typer.Option(help='What labels look like, such as "[NAME]" or "NAME -".')] = "",
    first_line: Annotated[int, typer.Option(help="The line on which talk begins, from 1.", min=0)] = 0,
    file: Annotated[str, typer.Option(help="Say this of one transcript only.", show_default="of all")] = "",
    json: JsonOption = False,
) -> None:
    """Show how each transcript was read, doubts first, and say who is who.

    \b
    What you say is kept in study.toml, table [speakers], and holds for every later
    run. Until it is known whether somebody asks or answers, suggestions on what
    they say are held back.
    \b
    Example:
      precode check my-study
      precode check my-study --interviewer Ruth --rename Jnae=Jane
      precode check my-study --file P03 --labels "[NAME]" --first-line 12
    """
    from pipeline.settings_file import SpeakerChanges, change_speakers
    from pipeline.speakers import StudySpeakers
    from pipeline.study import SETTINGS, open_study

    opened = open_study(study)
    changes = SpeakerChanges(
        file, interviewer or (), participant or (), dict(map(_renaming, rename or ())), labels, first_line
    )
    if changes:
        _check_name(opened, changes)
        change_speakers(opened.folder / SETTINGS, changes)
        opened = open_study(study)
    checks = sorted(StudySpeakers(opened).checks().values(), key=lambda found: (not found.doubts, found.name))
    if json:
        print_json([asdict(found) | {"doubtful": sorted(map(str, found.doubtful))} for found in checks])
        return
    _print_checks(opened, checks)


def _renaming(text: str) -> tuple[str, str]:
    old, equals, new = (part.strip() for part in text.partition("="))
    if not (old and equals and new):
        raise UsageError(f"--rename {text!r}: write OLD=NEW, for instance Jnae=Jane")
    return old, new


def _check_name(study: Study, changes: SpeakerChanges) -> None:
    names = [source.name for source in study.sources().accepted]
    if changes.file and changes.file not in names:
        raise UsageError(
            f"--file {changes.file!r} is no transcript of the study; there are {', '.join(names) or 'none'}"
        )


def _print_checks(study: Study, checks: list[TranscriptCheck]) -> None:
    if not checks:
        raise UsageError(f"{study.transcripts}: holds no transcripts; put some there first")
    print_table(HEADER, [row for found in checks for row in _rows(study, found)], title="How transcripts were read")
    for line in study.sources().passed_over:
        note(line)
    for found in checks:
        for line in _lines(found):
            note(f"{found.source}: {line}")
    doubtful = [found for found in checks if found.doubts]
    if doubtful:
        say(f"{len(doubtful)} of {len(checks)} transcripts leave a doubt; look at them first.")
        say("If somebody asks the questions: precode check --interviewer NAME; if they answer: --participant NAME")
    else:
        say(f"No doubts about who speaks in {len(checks)} transcripts.")
    next_step("precode", "run", "--study", study.folder)


def _rows(study: Study, found: TranscriptCheck) -> Iterator[tuple[str, ...]]:
    from pipeline.speakers import first_words

    if found.error:
        yield (found.name, "cannot be read", "", "", "", "", "")
        return
    words = dict(first_words(study, found))
    for number, speaker in enumerate(found.speakers):
        doubt = "doubtful" if speaker.label in found.doubtful else f"{speaker.confidence:.0%}"
        yield (
            "" if number else found.name,
            speaker.label or NO_LABEL,
            str(speaker.turns),
            str(speaker.words),
            str(speaker.role),
            doubt,
            words[speaker.label],
        )


def _lines(found: TranscriptCheck) -> Iterable[str]:
    """Yield what else a person should know about one transcript."""
    if found.error:
        yield found.error
        return
    for often, rarely in found.similar:
        yield f"{often!r} and {rarely!r} are probably one: precode check --rename {rarely!r}={often!r}"
    for speaker in found.speakers:
        if speaker.label in found.doubtful:
            yield f"{speaker.label or NO_LABEL} is doubtful: {speaker.reason}"
    if found.timed:
        yield f"{found.timed} of {found.turns} turns have a time"
    yield from found.warnings
