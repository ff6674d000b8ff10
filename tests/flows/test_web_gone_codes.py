"""Codings whose code the codebook no longer has, or has under another id, on the page and in exports."""

import pytest

from corpus.codebook import GONE
from corpus.transcript import Span
from pipeline.export.gather import ExportRequest, gather
from pipeline.session import StudySession
from pipeline.store import Action, NewDecision
from pipeline.study import open_study
from tests.flows.web_support import page, served_study

ADA = {"Precode-Coder": "Ada"}
BOOK = """[codebook]
name = "mine"

[[code]]
id = "mutual_trust"
name = "Mutual trust"
domain = "People"
aliases = ["trust"]
"""


@pytest.fixture
def session(tmp_path, words):
    with served_study(tmp_path / "lhc") as session:
        version = session.store.transcripts.versions()[0].id
        for start, code in ((40, "trust"), (50, "old.code")):
            coding = NewDecision("Ada", version, Action.CODE, span=Span(start, start + 8), code=code)
            session.store.decisions.add(coding)
        folder = session.study.folder
        (folder / "mine.toml").write_text(BOOK, encoding="utf-8")
        settings = folder / "study.toml"
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace('codebook = "selfie"', 'codebook = "mine.toml"'), encoding="utf-8")
    with StudySession(open_study(folder)) as opened:
        yield opened


def test_matrix_shows_a_code_under_its_new_id_and_one_that_is_gone(session):
    with page(session) as client:
        matrix = client.get("/api/matrix", headers=ADA).json()
    assert matrix["codes"] == ["mutual_trust", "old.code"]
    assert {cell["code"] for cell in matrix["cells"]} == {"mutual_trust", "old.code"}


def test_reading_shows_both_codings(session):
    version = session.store.transcripts.versions()[0].id
    with page(session) as client:
        codings = client.get(f"/api/transcripts/{version}", headers=ADA).json()["codings"]
    assert [coding["code"] for coding in codings] == ["mutual_trust", "old.code"]


def test_exports_have_both_the_one_that_is_gone_under_a_heading_of_its_own(session):
    study = gather(session, ExportRequest())
    given = {code.code.id: code.code.domain for _, code in study.given()}
    assert given == {"mutual_trust": "People", "old.code": GONE}
