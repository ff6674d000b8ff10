"""The matrix of the Framework Method: cases by constructs, domain by domain, with the passages in its cells."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from corpus.codebook import Code
from pipeline.export.coded import CodedDocument, CodedPassage, CodedStudy, domains_of
from pipeline.framework import cells_of, group_of, group_order


@dataclass(frozen=True)
class FrameworkRow:
    """One row of the matrix: a participant, or a group of them.

    Attributes:
        label: Its name.
        about: Attributes worth a second line, such as sector and role.
    """

    label: str
    about: str = ""


@dataclass(frozen=True)
class Domain:
    """The matrix of one domain.

    Attributes:
        codes: Its constructs, the columns.
        cells: Passages by label of the case and id of the code; where there are none the key is absent.
        summaries: What was written into cells, likewise.
    """

    name: str
    codes: tuple[Code, ...]
    cells: Mapping[tuple[str, str], tuple[CodedPassage, ...]]
    summaries: Mapping[tuple[str, str], str]

    def used(self) -> tuple[Code, ...]:
        """Return the constructs that some case has a passage or a summary for."""
        filled = {name for _, name in (*self.cells, *self.summaries)}
        return tuple(code for code in self.codes if code.id in filled)


@dataclass(frozen=True)
class Framework:
    """The whole matrix.

    Attributes:
        by: The attribute that makes the groups; empty if each participant is a row.
    """

    by: str
    cases: tuple[FrameworkRow, ...]
    domains: tuple[Domain, ...]


def framework_of(study: CodedStudy, by: str = "") -> Framework:
    """Lay out the passages of a study as a framework matrix.

    Args:
        study: What was coded.
        by: Name of an attribute of the participants whose values are the rows; empty for one row a participant, or a
            transcript where the study has no table of participants.
    """
    placed = ((case_of(passage, by).label, given.code.id, passage) for passage, given in study.given())
    cells = cells_of(placed, alike=lambda passage: (passage.transcript, passage.span))  # what coders coded alike: once
    return Framework(by, tuple(_cases(study, by)), tuple(_domains(study, cells, _summaries(study, by))))


def case_of(passage: CodedPassage, by: str) -> FrameworkRow:
    """Return the row of a passage."""
    if by:
        return FrameworkRow(group_of(passage.participant, by))
    return FrameworkRow(passage.who, described(passage.participant))


def described(participant: Mapping[str, str]) -> str:
    """Return what a paper says beside a participant's id: sector and role, or the first attributes there are."""
    known = [participant[name] for name in ("sector", "role") if participant.get(name)]
    others = (value for name, value in participant.items() if name != "id" and value)
    return ", ".join(known or [value for _, value in zip(range(2), others, strict=False)])


def source_of(passage: CodedPassage, by: str = "") -> str:
    """Return what stands behind a passage in a cell: the time, and in a group also who says it."""
    parts = (passage.who if by else "", passage.timestamp)
    mark = "suggestion, not coded" if passage.pending else ""
    return ", ".join(part for part in (*parts, mark) if part)


def _cases(study: CodedStudy, by: str) -> Iterator[FrameworkRow]:
    """Yield the rows: everybody in order of the transcripts, coded or not; groups by name, those not stated last."""
    found: dict[str, FrameworkRow] = {}
    for document in study.documents:
        mine = [case_of(passage, by) for passage in document.passages]
        whole = [] if mine and not document.summaries else [_case_of_document(document, by)]
        for case in (*mine, *whole):
            found.setdefault(case.label, case)
    yield from sorted(found.values(), key=lambda case: group_order(case.label)) if by else found.values()


def _case_of_document(document: CodedDocument, by: str) -> FrameworkRow:
    """Return the row of a transcript as a whole: of one in which nobody was coded, and of its summaries."""
    person = document.participant
    if by:
        return FrameworkRow(group_of(person, by))
    return FrameworkRow(person.get("id") or document.transcript.name, described(person))


def _summaries(study: CodedStudy, by: str) -> dict[tuple[str, str], str]:
    """Return what each cell says; where a row has several transcripts, each of them under its name."""
    rows = [(_case_of_document(document, by).label, document) for document in study.documents]
    transcripts = Counter(label for label, _ in rows)
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for label, document in rows:
        source = f"{document.transcript.name}: " if transcripts[label] > 1 else ""
        for summary in document.summaries:
            found[label, summary.code].append(f"{source}{summary.text}")
    return {place: "\n\n".join(texts) for place, texts in found.items()}


def _domains(
    study: CodedStudy,
    cells: Mapping[tuple[str, str], tuple[CodedPassage, ...]],
    summaries: Mapping[tuple[str, str], str],
) -> Iterator[Domain]:
    for name in domains_of(study.codes):
        codes = tuple(code for code in study.codes if code.domain == name)
        ids = {code.id for code in codes}
        passages = {place: found for place, found in cells.items() if place[1] in ids}
        yield Domain(name, codes, passages, {place: text for place, text in summaries.items() if place[1] in ids})
