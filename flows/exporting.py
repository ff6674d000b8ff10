"""Any exports of a study by their names, for the command line and for scripts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import UsageError

if TYPE_CHECKING:
    from pipeline.export.gather import ExportRequest
    from pipeline.export.publishing import Published
    from pipeline.session import StudySession


def sort_formats(names: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return formats of suggestions and formats of codings; without a name, all of the first kind.

    Raises:
        UsageError: If there is no format of a name.
    """
    from pipeline.export.formats import CODED_FORMATS
    from pipeline.export.run_outputs import FORMATS

    chosen = tuple(dict.fromkeys(names)) or tuple(FORMATS)
    unknown = [name for name in chosen if name not in FORMATS and name not in CODED_FORMATS]
    if unknown:
        raise UsageError(f"format {unknown[0]!r} is none of {', '.join((*FORMATS, *CODED_FORMATS))}")
    return tuple(name for name in chosen if name in FORMATS), tuple(name for name in chosen if name in CODED_FORMATS)


def export_files(
    session: StudySession, folder: Path | None, request: ExportRequest
) -> Iterator[tuple[list[Path], Published]]:
    """Write one format after the other and yield what to open of each, and all that was written.

    Args:
        session: The study at work.
        folder: Where the files go; ``exports/latest`` of the study by default.
        request: Which formats (those of suggestions by default), whose codings, of which participants.

    Raises:
        UsageError: If there is no such format, nothing to export, or a file cannot be written.
    """
    from pipeline.export.formats import write_coded
    from pipeline.export.gather import suggested_to
    from pipeline.export.not_placed import NAME, not_placed_rows, write_not_placed
    from pipeline.export.publishing import draft_for, publish
    from pipeline.export.run_outputs import LATEST, Documents, suggestion_set, write_formats

    suggested, coded = sort_formats(request.formats)
    study, target = session.study, folder or session.study.exports / LATEST
    if suggested:
        suggestions = suggestion_set(session)
        people, wanted = study.participants(), request.filter.version
        only = {version.name for version in session.store.transcripts.versions() if version.id == wanted}
        chosen = Documents(
            lambda: chain.from_iterable(
                suggested_to(request, [document], people)
                for document in suggestions.documents
                if wanted is None or document.transcript.name in only
            )
        )
        if not suggestions.documents:
            raise UsageError(
                f"{study.folder}: nothing has been pre-coded yet; type: precode run --study {study.folder}"
            )
        if not chosen:
            raise UsageError("no transcript is of a participant as --where asks for")
    with draft_for(target, study.folder) as draft:
        waiting = list(not_placed_rows(session, request)) if coded else []
        if waiting or (coded and (target / NAME).exists()):  # an older table must not go on to list what has a place
            write_not_placed(draft / NAME, waiting)
        of_suggestions = (write_formats(draft, replace(suggestions, documents=chosen), [name]) for name in suggested)
        of_codings = write_coded(session, draft, replace(request, formats=coded)) if coded else ()
        for made in chain(of_suggestions, of_codings):
            published = publish(draft, target, study.folder)
            yield [published.place_of(path.relative_to(draft).as_posix()) for path in made], published
