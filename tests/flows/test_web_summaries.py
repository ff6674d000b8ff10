"""Summaries of the matrix over HTTP: written, told to the later of two, exported."""

import io
import zipfile

import pytest

from corpus.transcript import Span
from tests.flows.web_support import code, page, served_study

ADA, BEN = {"Precode-Coder": "Ada"}, {"Precode-Coder": "Ben"}


@pytest.fixture
def client(tmp_path, words):
    with served_study(tmp_path / "lhc") as session, page(session) as client:
        yield client


@pytest.fixture
def cell(client):
    study = client.get("/api/study", headers=ADA).json()
    return {"version": study["transcripts"][0]["version"], "code": study["codebook"]["codes"][0]["id"]}


def write(client, cell, text, previous=None, headers=ADA):
    return client.post("/api/summaries", json={**cell, "text": text, "previous": previous}, headers=headers)


def test_the_later_of_two_is_told_what_the_other_wrote_and_nothing_is_lost(client, cell):
    first = write(client, cell, "Ada's").json()
    assert (first["coder"], first["text"]) == ("Ada", "Ada's")
    late = write(client, cell, "Ben's", headers=BEN)
    assert (late.status_code, late.json()["current"]["text"]) == (409, "Ada's")
    assert write(client, cell, "Ben's", first["id"], BEN).status_code == 200
    past = client.get("/api/summaries/history", params=cell, headers=ADA).json()["summaries"]
    assert [(one["coder"], one["text"]) for one in past] == [("Ben", "Ben's"), ("Ada", "Ada's")]
    (now,) = client.get("/api/summaries", headers=ADA).json()["summaries"]
    assert {"text": now["text"], **cell} == {"text": "Ben's", **cell}


@pytest.mark.parametrize(
    ("changed", "status"),
    [({"version": 99}, 404), ({"code": "nothing"}, 400), ({"text": "\x00"}, 422), ({"by": 1}, 422)],
)
def test_what_is_not_there_or_not_text_is_refused(client, cell, changed, status):
    sent = {**cell, "text": "x", "previous": None} | changed
    assert client.post("/api/summaries", json=sent, headers=ADA).status_code == status


def test_a_blind_coder_learns_of_no_summary(tmp_path, words):
    with served_study(tmp_path / "lhc") as session:
        with page(session) as open_:
            study = open_.get("/api/study", headers=ADA).json()
            cell = {"version": study["transcripts"][0]["version"], "code": study["codebook"]["codes"][0]["id"]}
            assert write(open_, cell, "Ada's").status_code == 200
        with page(session, blind=True) as blind:
            assert blind.get("/api/summaries", headers=BEN).json()["summaries"] == []
            assert blind.get("/api/summaries/history", params=cell, headers=BEN).status_code == 404
            assert write(blind, cell, "x", headers=BEN).status_code == 404
            assert "text" not in blind.get("/api/marks", headers=BEN).text


def test_a_matrix_tells_the_transcripts_of_its_rows_and_its_export_holds_the_summaries(client, cell):
    code(client, cell["version"], Span(60, 65), cell["code"], "k", "Ada")
    write(client, cell, "A very own summary")
    matrix = client.get("/api/matrix", headers=ADA).json()
    assert matrix["versions"][0] == [cell["version"]]
    answer = client.get("/api/export", params={"format": "framework"}, headers=ADA)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        for name in archive.namelist():
            with zipfile.ZipFile(io.BytesIO(archive.read(name))) as office:
                parts = [office.read(part).decode("utf-8", "replace") for part in office.namelist()]
            assert any("A very own summary" in part for part in parts), name
