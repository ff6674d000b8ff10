"""The published quotations: facts ship, words come from the reader's own papers, digests decide."""

import json
from pathlib import Path

import pytest

from corpus import published
from corpus.errors import CodebookError, InputError, IntegrityError
from corpus.published import load_annotations, resolve_published
from corpus.shipped import published_annotations, selfie
from corpus.transcript import digest_of

PAPERS = Path(__file__).parents[3] / "shared" / "papers"
PAPER = "Results.\nOne said: we all\nknow each other now. Another said: there is no money. End.\n"
needs_papers = pytest.mark.skipif(not PAPERS.is_dir(), reason="the papers are not beside this checkout (../shared)")


@pytest.fixture
def annotate(tmp_path, monkeypatch):
    """Write annotations of PAPER and make them the shipped ones."""

    def write(**changes):
        start = PAPER.index("we all")
        end = PAPER.index(" Another")
        row = {"id": "x/P1/1", "paper": "x", "paper_digest": digest_of(PAPER), "participant": "P1"}
        row |= {"construct": "Shared vision", "code": "leadership_governance.shared_vision_and_culture"}
        row |= {"kind": "block", "start": start, "end": end, "digest": digest_of(PAPER[start:end])} | changes
        path = tmp_path / "annotations.jsonl"
        path.write_text(json.dumps(row), encoding="utf-8")
        monkeypatch.setattr(published, "published_annotations", lambda: path)
        return tmp_path

    return write


@pytest.mark.parametrize("content", [PAPER.encode(), b"\xef\xbb\xbf" + PAPER.replace("\n", "\r\n").encode()])
def test_a_paper_is_known_by_its_text_whatever_its_name(annotate, content):
    folder = annotate()
    (folder / "my copy.txt").write_bytes(content)
    (folder / "another.txt").write_text("something else")
    (item,) = resolve_published(folder)
    assert item.text == "we all know each other now."
    assert item.document == "x/P1"


def test_short_quotations_can_be_left_out(annotate):
    folder = annotate()
    (folder / "x.txt").write_text(PAPER)
    assert resolve_published(folder, at_least=40) == []


def test_another_text_is_refused_by_name_of_the_paper(annotate):
    folder = annotate()
    (folder / "x.txt").write_text(PAPER + "!")
    with pytest.raises(InputError, match=r"no \.txt file here has the text of x \(SHA-256 "):
        resolve_published(folder)


def test_a_wrong_digest_is_an_integrity_error_without_words(annotate):
    folder = annotate(digest="0" * 64)
    (folder / "x.txt").write_text(PAPER)
    with pytest.raises(IntegrityError, match="annotation x/P1/1 at ") as caught:
        resolve_published(folder)
    assert "know each other" not in str(caught.value)


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "x.txt").write_text(PAPER)
    with pytest.raises(InputError, match="is not a folder"):
        resolve_published(tmp_path / "x.txt")


def test_an_annotation_with_an_unknown_code_is_refused(annotate):
    folder = annotate(code="joy")
    with pytest.raises(CodebookError, match="joy"):
        resolve_published(folder)


def test_the_shipped_annotations_hold_facts_and_no_words():
    rows = [json.loads(line) for line in published_annotations().read_text(encoding="utf-8").splitlines()]
    facts = {"id", "paper", "paper_digest", "participant", "construct", "code", "kind", "start", "end", "digest"}
    assert all(set(row) == facts for row in rows)
    constructs = {name for code in selfie().codes for name in (code.name, *code.aliases)}
    assert all(row["construct"] in constructs for row in rows)


def test_every_construct_that_a_study_names_is_marked_published():
    named = {one.code for one in load_annotations(published_annotations(), selfie())}
    assert named == {code.id for code in selfie().codes if code.provenance == "published"}
    assert len(named) == 17


@needs_papers
def test_every_published_quotation_resolves():
    assert len(resolve_published(PAPERS)) == 37
    assert len(resolve_published(PAPERS, at_least=40)) == 36
