"""Quotations that interview studies published under SELFIE's constructs, as stand-off annotations.

The annotations hold facts only: where in which text a quotation stands, its digest, who said it, and the
construct the authors filed it under. The words come from the reader's own copy of the papers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.codebook import Codebook
from corpus.errors import InputError, IntegrityError
from corpus.quotes import QuoteItem
from corpus.rows import TableRow, read_rows
from corpus.shipped import published_annotations, selfie
from corpus.transcript import Span, digest_of


@dataclass(frozen=True, slots=True)
class Annotation:
    r"""One published quotation, without its words.

    Attributes:
        paper: Short name of the paper.
        paper_digest: Digest of the paper's text, newline = ``\n``.
        participant: The paper's label for the interviewee, one spelling for each person.
        construct: The construct as the paper prints it.
        kind: ``block`` for a displayed quotation, ``inline_fragment`` for one inside a sentence.
        span: Into the paper's text.
        digest: Digest of the passage.
    """

    id: str
    paper: str
    paper_digest: str
    participant: str
    construct: str
    code: str
    kind: str
    span: Span
    digest: str


def load_annotations(path: Path, codebook: Codebook) -> list[Annotation]:
    """Read stand-off annotations.

    Raises:
        CodebookError: If an annotation names a code that the codebook does not have.
        InputError: If the file cannot be read or a line lacks a key.
    """
    return [_annotation_from(row, codebook) for row in read_rows(path)]


def resolve_published(papers: Path, *, at_least: int = 0) -> list[QuoteItem]:
    """Return the published quotations with their words, read from a folder that holds the papers as text.

    The files are known by their digest, so they may have any name. One interviewee is one document.

    Args:
        papers: The folder; its ``.txt`` files are tried.
        at_least: Leave out quotations of fewer characters.

    Raises:
        InputError: If a paper is not in the folder.
        IntegrityError: If a passage does not have the digest that its annotation records.
    """
    annotations = load_annotations(published_annotations(), selfie())
    texts = _texts_by_digest(papers)
    _require_all(papers, texts, annotations)
    items = [_resolved(annotation, texts[annotation.paper_digest]) for annotation in annotations]
    return [item for item in items if len(item.text) >= at_least]


def _annotation_from(row: TableRow, codebook: Codebook) -> Annotation:
    return Annotation(
        id=row.text("id"),
        paper=row.text("paper"),
        paper_digest=row.text("paper_digest"),
        participant=row.text("participant"),
        construct=row.text("construct"),
        code=codebook[row.text("code")].id,
        kind=row.text("kind"),
        span=Span(row.whole("start"), row.whole("end")),
        digest=row.text("digest"),
    )


def _texts_by_digest(papers: Path) -> dict[str, str]:
    if not papers.is_dir():
        raise InputError(papers, "is not a folder; name the folder that holds the papers as .txt files")
    texts = [path.read_text(encoding="utf-8-sig", errors="replace") for path in sorted(papers.glob("*.txt"))]
    return {digest_of(text): text for text in texts}


def _require_all(papers: Path, texts: Mapping[str, str], annotations: Iterable[Annotation]) -> None:
    wanted = {annotation.paper: annotation.paper_digest for annotation in annotations}
    absent = {paper: digest for paper, digest in wanted.items() if digest not in texts}
    if absent:
        listed = ", ".join(f"{paper} (SHA-256 {digest[:12]}...)" for paper, digest in absent.items())
        raise InputError(papers, f"no .txt file here has the text of {listed}; the offsets fit that text only")


def _resolved(annotation: Annotation, text: str) -> QuoteItem:
    passage = annotation.span.of(text)
    if digest_of(passage) != annotation.digest:
        place = f"annotation {annotation.id} at {annotation.span.start}..{annotation.span.end}"
        raise IntegrityError(f"{place}: the paper's text has another passage there than the annotation records")
    return QuoteItem(
        id=annotation.id,
        text=" ".join(passage.split()),
        codes=frozenset({annotation.code}),
        document=f"{annotation.paper}/{annotation.participant}",
        source=annotation.paper,
    )
