"""The reading tools over HTTP: one filter everywhere, what is refused, and the lists as files."""

import csv
import hashlib
import io
import re
import zipfile

import pytest

from corpus.transcript import Span
from flows.web.pages import FOLDER
from tests.flows.web_support import code, page, served_study

TALK = {"P01": "The nurse rings me. It takes money.", "P02": "The nurse left. We have tea."}
ADA = {"Precode-Coder": "Ada"}
VENDORED = {
    "d3-7.9.0.min.js": "f2094bbf6141b359722c4fe454eb6c4b0f0e42cc10cc7af921fc158fceb86539",
    "plot-0.6.17.min.js": "4358086467740777dd788d6b27a95cebdbaefdd50c730a3060117073bd7134cb",
}


@pytest.fixture
def session(tmp_path, words):
    with served_study(tmp_path / "lhc", TALK) as session:
        table = "id,role,age\nP01,nurse,40\nP02,GP,50\n"
        (session.study.folder / "participants.csv").write_text(table, encoding="utf-8")
        yield session


@pytest.fixture
def client(session):
    """A page on which two transcripts were coded by two people, with memos."""
    book = session.study.codebook().ids
    with page(session) as client:
        for number, (version, coder) in enumerate([(1, "Ada"), (1, "Ben"), (2, "Ben")]):
            assert code(client, version, Span(20, 29), book[number % 2], f"k{number}", coder).status_code == 200
        memo = {"kind": "memo", "version": 2, "text": "=a long talk"}
        assert client.post("/api/marks", json=memo, headers={"Precode-Coder": "Ben"}).status_code == 200
        yield client


def asked(client, path, **query):
    answer = client.get(f"/api/{path}", params=query, headers=ADA)
    assert answer.status_code == 200, answer.text
    return answer.json()


def counts(client, **query):
    return {
        each["code"]: each["passages"] for each in asked(client, "analysis/codes", **query)["codes"] if each["passages"]
    }


def test_one_filter_means_the_same_to_every_view(client, session):
    first, second = session.study.codebook().ids[:2]
    assert counts(client) == {first: 2, second: 1}
    assert counts(client, where="role=nurse") == {first: 1, second: 1}
    assert counts(client, where=["role=nurse", "role=gp"]) == {first: 2, second: 1}
    assert counts(client, where=["role=nurse", "age=50"]) == {}
    assert counts(client, coder="Ben", version=1) == {second: 1}
    assert counts(client, code=first) == {first: 2}
    matrix = asked(client, "matrix", coder="Ben", where="role=GP")
    assert ([cell["row"] for cell in matrix["cells"]], matrix["rows"]) == (["P02"], ["P02"])
    assert asked(client, "matrix", code=second, coder="Ben")["codes"] == [second]
    queue = asked(client, "queue", where="role=gp", state="all")
    assert {item["transcript"] for item in queue["items"]} <= {"P02"}
    everything = asked(client, "queue", state="all")["items"]
    assert queue["total"] == sum(item["transcript"] == "P02" for item in everything)
    sides = {"version": 1, "first": "Ada", "second": "Ben"}
    assert asked(client, "compare", **sides)["differences"]
    assert asked(client, "compare", **sides, where="role=gp")["differences"] == []
    assert asked(client, "study")["attributes"] == {"role": ["GP", "nurse"], "age": ["40", "50"]}


def test_accepting_many_takes_those_whom_the_filter_means(client):
    (item, *_) = asked(client, "queue", state="undecided")["items"]
    body = {"code": item["code"], "at_least": 0.0, "where": ["transcript=nobody"]}
    assert client.post("/api/bulk/preview", json=body, headers=ADA).json()["count"] == 0
    body["where"] = [f"transcript={item['transcript']}"]
    assert client.post("/api/bulk/preview", json=body, headers=ADA).json()["count"] >= 1


def test_tables_say_what_was_looked_at(client, session):
    first, second = session.study.codebook().ids[:2]
    groups = asked(client, "analysis/groups", by="Role")
    assert (groups["columns"], groups["sizes"], groups["transcripts"]) == (["GP", "nurse"], [1, 1], 2)
    assert groups["with_code"][groups["codes"].index(first)] == [1, 1]
    course = asked(client, "analysis/course", parts=4)
    assert len(course["columns"]) == 4
    assert sum(map(sum, course["passages"])) == 3
    (pair,) = asked(client, "analysis/together", unit="transcript")["pairs"]
    assert (pair["first"], pair["second"], pair["units"], pair["jaccard"]) == (first, second, 1, 0.5)
    words = {each["word"]: each for each in asked(client, "analysis/words")["words"]}
    assert (words["nurse"]["count"], words["nurse"]["transcripts"]) == (2, 2)
    assert "the" not in words
    assert "the" in {each["word"] for each in asked(client, "analysis/words", language="")["words"]}
    keywords = asked(client, "analysis/keywords", by="role")
    assert [group["group"] for group in keywords["groups"]] == ["GP", "nurse"]


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("analysis/groups", {}, 422),
        ("analysis/groups", {"by": "shoe"}, 400),
        ("analysis/keywords", {"by": "shoe"}, 400),
        ("analysis/words", {"language": "xx"}, 400),
        ("analysis/course", {"parts": 1}, 422),
        ("analysis/together", {"unit": "page"}, 422),
        ("analysis/codes", {"where": "shoe=9"}, 400),
        ("analysis/codes", {"where": "role"}, 400),
        ("trail", {"limit": 0}, 422),
        ("export", {"format": "memos", "where": "shoe=9"}, 400),
    ],
)
def test_what_cannot_be_counted_is_refused_in_a_line(client, path, query, status):
    answer = client.get(f"/api/{path}", params=query, headers=ADA)
    assert answer.status_code == status
    assert "\n" not in answer.json()["detail"]


def test_who_codes_blind_is_told_of_no_other_coder(client):
    client.post("/api/marks", json={"kind": "blind", "version": 2}, headers=ADA)
    assert asked(client, "memos")["memos"] == []
    entries = [entry for entry in asked(client, "trail")["entries"] if entry["coder"] != "precode"]
    assert {(entry["coder"], entry["transcript"]) for entry in entries} <= {
        ("Ada", "P01"),
        ("Ada", "P02"),
        ("Ben", "P01"),
    }
    assert asked(client, "analysis/codes")["hidden"] == 1
    assert sum(counts(client).values()) == 2


def downloaded(client, **query):
    answer = client.get("/api/export", params=query, headers={"Precode-Coder": "Ben"})
    assert answer.status_code == 200, answer.text
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    (table,) = [name for name in archive.namelist() if name.endswith(".csv")]
    assert any(name.endswith(".xlsx") for name in archive.namelist())
    return list(csv.DictReader(io.StringIO(archive.read(table).decode("utf-8-sig"))))


def test_memos_and_trail_are_handed_over_under_the_filter(client, session):
    (memo,) = downloaded(client, format="memos")
    assert (memo["On"], memo["Document"], memo["Memo"], memo["Coder"]) == ("transcript", "P02", "'=a long talk", "Ben")
    assert downloaded(client, format="memos", where="role=nurse") == []
    trail = downloaded(client, format="trail")
    assert [row["Did"] for row in trail if row["Coder"] != "precode"] == ["code", "code", "code", "memo"]
    assert {row["In force"] for row in trail} == {"yes"}
    assert [row["Document"] for row in downloaded(client, format="trail", coder="Ben", where="role=GP")] == [
        "P02",
        "P02",
    ]
    people = [row["Coder"] for row in downloaded(client, format="trail", version=1) if row["Coder"] != "precode"]
    assert people == ["Ada", "Ben"]


def test_libraries_of_the_page_are_those_that_were_checked_and_nothing_else_is_loaded():
    vendor = FOLDER / "static" / "vendor"
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in vendor.glob("*.js")}
    assert found == VENDORED
    template = (FOLDER / "templates" / "analysis.html").read_text("utf-8")
    assert set(re.findall(r"/static/vendor/([^\"]+)", template)) == set(VENDORED)
    assert {path.name for path in vendor.iterdir()} == {*VENDORED, "LICENSE-d3", "LICENSE-plot"}
