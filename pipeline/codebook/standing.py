"""Suggestions that hold although the codebook was edited since they were made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from corpus.codebook import Codebook

if TYPE_CHECKING:
    from pipeline.session import StudySession
    from pipeline.store import Run, StoredSuggestion


def lineage_of(session: StudySession, codebook: Codebook) -> frozenset[str]:
    """Return the digests of the codebooks whose suggestions hold under a study's codebook; see ``CodebookHistory``."""
    from pipeline.codebook.editing import history_of

    return history_of(session).lineage(codebook.digest)


def holding(
    stored: Iterable[StoredSuggestion], codebook: Codebook, runs: Mapping[int, Run], lineage: Collection[str]
) -> Iterator[StoredSuggestion]:
    """Yield the suggestions that hold, under the ids that their codes have now; those of codes that are gone do not.

    Args:
        stored: Any suggestions of a study.
        codebook: The study's.
        runs: By id.
        lineage: See ``lineage_of``.
    """
    for suggested in stored:
        code = codebook.current_id(suggested.suggestion.code)
        if runs[suggested.run].facts.codebook in lineage and code in codebook.by_id:
            yield replace(suggested, suggestion=replace(suggested.suggestion, code=code))
