"""What is counted: the codings and open suggestions that a filter means, as columns, and where they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from corpus.codebook import Codebook, with_gone
from evaluation.study_quality.sentences import CodedSpans, Numbers
from pipeline.framework import group_of
from pipeline.review.speaker_index import Places
from pipeline.review.suggestion_index import Flags, Stage
from pipeline.study_filter import TRANSCRIPT

if TYPE_CHECKING:
    from pipeline.review.study_state import StudyState
    from pipeline.store import TranscriptVersion
    from pipeline.study_filter import Filter


@dataclass(frozen=True)
class Material:
    """What a filter means.

    Attributes:
        codebook: The study's, with codes that people gave and it no longer has.
        shown: Columns of the codes that the filter takes.
        versions: Transcript versions looked at, by id, in order of their names.
        places: Where in them the filter looks.
        hidden: How many transcripts are left out because the one who asks codes them blind.
        codings: Passages that bear a code, each once whoever coded it.
        suggestions: Those that nobody decided on.
    """

    codebook: Codebook
    shown: Numbers
    versions: Mapping[int, TranscriptVersion]
    places: Places
    hidden: int
    codings: CodedSpans
    suggestions: CodedSpans

    def marks(self, *, suggestions: bool) -> CodedSpans:
        """Return the codings, with open suggestions behind them if they are asked for."""
        if not suggestions:
            return self.codings
        columns = ("versions", "starts", "ends", "codes")
        both = ((getattr(each, name) for each in (self.codings, self.suggestions)) for name in columns)
        return CodedSpans(*(np.concatenate([*pair]) for pair in both))

    def groups(self, marks: CodedSpans, by: str) -> tuple[list[str], Numbers]:
        """Return the labels that passages have by an attribute, and the number of each passage's, shape (marks,)."""
        labels: dict[str, int] = {}
        found = np.zeros(len(marks), dtype=np.int64)
        for version in np.unique(marks.versions).tolist():
            rows = np.flatnonzero(marks.versions == version)
            names = self.labels(version, by)
            stretches, which = np.unique(self.places.found[version][0].at(marks.starts[rows]), return_inverse=True)
            found[rows] = np.array([labels.setdefault(names[n], len(labels)) for n in stretches.tolist()])[which]
        return [*labels], found

    def labels(self, version: int, by: str) -> list[str]:
        """Return the group of whoever speaks in each stretch of a version; ``transcript`` makes each its own group."""
        spoken, name = self.places.found[version][0], self.versions[version].name
        return [name if by == TRANSCRIPT else group_of(person, by) for person in spoken.people]


def material_of(state: StudyState, wanted: Filter, coder: str) -> Material:
    """Return what a filter means, as far as a coder may see it.

    Args:
        state: The study.
        wanted: Which participants, transcripts, codes and coders.
        coder: Who asks.
    """
    places, current = state.places(wanted, coder), state.current()
    versions = {version.id: version for version in current if version.id in places.versions}
    given = [coding for version in versions for coding in state.coding_columns.of(version, wanted.coder)]
    codebook = with_gone(state.codebook, {coding.code for coding in given})
    column = {code: n for n, code in enumerate(codebook.ids)}
    rows = [(coding.version, coding.start, coding.end, column[coding.code]) for coding in given]
    codings = CodedSpans(*np.array(rows, dtype=np.int64).reshape(-1, 4).T)
    shown = np.array([n for n, code in enumerate(codebook.codes) if wanted.takes_code(code)], dtype=np.int64)
    meant = np.isin(codings.codes, shown) & places.holding(codings.versions, codings.starts)
    index, undecided = state.index, state.matching(wanted, coder) & open_to(state, wanted.coder)
    undecided &= index.code_numbers < len(state.codebook.ids)
    columns = (index.versions, index.starts, index.ends, index.code_numbers)
    return Material(
        codebook,
        shown,
        versions,
        places,
        sum(version.id in state.hidden(coder) for version in current),
        codings.only(meant),
        CodedSpans(*(each[undecided] for each in columns)),
    )


def open_to(state: StudyState, coder: str | None) -> Flags:
    """Return which suggestions nobody has decided on, or one coder has not, shape (rows of the index,)."""
    flags = np.ones(len(state.index), dtype=np.bool_)
    for each in state.decision_log.coders if coder is None else [coder]:
        flags &= state.stages(each) != Stage.DECIDED
    return flags
