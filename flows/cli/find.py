"""``precode find``: passages of a study by meaning, by words, and like another one."""

from __future__ import annotations

import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from corpus.errors import UsageError
from flows.cli.console import JsonOption, next_step, note, print_json, progress, say

if TYPE_CHECKING:
    from corpus.transcript import Span
    from pipeline.search.study_search import StudySearch
    from pipeline.search.views import SearchResult
    from pipeline.store import TranscriptVersion

LIKE = re.compile(r"(?P<name>.+):(?P<start>\d+)-(?P<end>\d+)")


def find(
    study: Annotated[Path, typer.Argument(help="The study folder.")],
    about: Annotated[
        str, typer.Argument(help="What the passages are about, in words as people say them.", show_default=False)
    ] = "",
    *,
    words: Annotated[
        bool,
        typer.Option(
            "--words", help='Find these words themselves: all in one turn; "two words" as a phrase; word* any ending.'
        ),
    ] = False,
    forms: Annotated[bool, typer.Option("--forms", help="With --words: in any form, treat finds treated.")] = False,
    like: Annotated[
        str,
        typer.Option(help="TRANSCRIPT:START-END, a passage to find others like it, in characters.", show_default=False),
    ] = "",
    transcript: Annotated[str, typer.Option(help="Search this transcript only.", show_default="all")] = "",
    limit: Annotated[int, typer.Option(help="Passages at most.", min=1)] = 10,
    json: JsonOption = False,
) -> None:
    """Find passages by meaning, by words, or like another passage.

    \b
    By meaning, what participants say is searched; by words, all talk.
    \b
    Example:
      precode find my-study "nobody rang back after the operation"
      precode find my-study --words "waiting list"
      precode find my-study --like P03:1200-1340
    """
    from pipeline.search.study_search import StudySearch
    from pipeline.session import StudySession
    from pipeline.study import open_study

    if forms and not words:
        raise UsageError("--forms is for --words")
    if bool(about) == bool(like) or (like and words):
        raise UsageError("say what to find, or --like TRANSCRIPT:START-END, not both")
    with StudySession(open_study(study)) as session:
        versions = session.store.transcripts.versions()
        if not versions:
            raise UsageError(f"{study}: nothing has been read yet; type: precode run --study {study}")
        wanted = [_named(versions, transcript)] if transcript else versions
        search = StudySearch(session)
        if words:
            found = search.by_words(about, wanted, most=limit, forms=forms)
        else:
            found = _by_meaning(search, about or _passage(versions, like), wanted, limit)
    if json:
        hits = [{**asdict(hit), "text": hit.text} for hit in found.hits]
        print_json({"study": str(study), "total": found.total, "more": found.more, "hits": hits})
        return
    _print_hits(found)
    next_step("precode", "review", "--study", study)


def _by_meaning(
    search: StudySearch, about: str | tuple[int, Span], versions: list[TranscriptVersion], limit: int
) -> SearchResult:
    """Search by meaning, after what is not ready yet has been made so.

    Args:
        search: The study.
        about: What passages are about, or version and place of one that they shall be like.
        versions: Where to search.
        limit: Passages at most.
    """
    waiting = search.unready(versions)
    if waiting:
        with progress("Reading sentences", len(waiting)) as bar:
            search.prepare(waiting, lambda: bar.advance(bar.task_ids[0]))
    if isinstance(about, str):
        return search.by_meaning(about, versions, most=limit)
    return search.like(*about, versions, most=limit)


def _named(versions: list[TranscriptVersion], name: str) -> TranscriptVersion:
    found = next((version for version in versions if version.name == name), None)
    if found is None:
        raise UsageError(f"the study has no transcript {name!r}; precode check names them")
    return found


def _passage(versions: list[TranscriptVersion], like: str) -> tuple[int, Span]:
    from corpus.transcript import Span

    asked = LIKE.fullmatch(like)
    if asked is None or int(asked["start"]) >= int(asked["end"]):
        raise UsageError(f"--like {like}: must be TRANSCRIPT:START-END, such as P03:1200-1340")
    return _named(versions, asked["name"]).id, Span(int(asked["start"]), int(asked["end"]))


def _print_hits(found: SearchResult) -> None:
    for hit in found.hits:
        near = "" if hit.similarity is None else f", similarity {hit.similarity:.2f}"
        say(f"{hit.transcript}:{hit.start}-{hit.end} ({hit.speaker or hit.role}{near})")
        say(f"  {' '.join(hit.text.split())}")
    if not found.hits:
        say("Nothing was found.")
    elif found.total > len(found.hits):
        note(f"{found.total}{' or more' if found.more else ''} passages; --limit shows more than {len(found.hits)}.")
