"""Every view of the page answers whatever became of the study's files, and tells a blind coder of nobody."""

import pytest

from corpus.transcript import Span
from flows.web.job_record import JobFolder
from tests.flows.web_support import code, page, served_study
from tests.pipeline.run_support import WordPrecoder

ADA, BEN, CLEO, DORA, EVE = ({"Precode-Coder": name} for name in ("Ada", "Ben", "Cleo", "Dora", "Eve"))
EMPTY = 'code = []\n[codebook]\nname = "none yet"\n'
OTHER_SCRIPTS = """[codebook]
name = "日本語"
[codebook.colours]
"المنزل / المساعدة" = "#aabbcc"
[[code]]
id = "信頼"
name = "信頼 👩‍⚕️"
domain = "المنزل / المساعدة"
[[code]]
id = "доверие"
name = "Доверие"
domain = "Люди"
aliases = ["믿음", "信賴"]
"""
TABLE = "id,role\nAnna,nurse\nINT,staff\n"
FILES = ("codebook.toml", "participants.csv")
LISTS = ("items", "cells", "memos", "entries", "differences", "hits", "passages", "pairs", "words")
ASKED = {
    "version": 1,
    "first": "Ada",
    "second": "Ben",
    "by": "role",
    "q": "nurse",
    "format": "memos",
    "start": 20,
    "end": 29,
    "code": "core.individual",
}
TAKES_FILTER = (
    *("queue", "matrix", "memos", "trail", "compare/study", "search"),
    *("analysis/codes", "analysis/groups", "analysis/course", "analysis/together", "analysis/words"),
    "analysis/keywords",
)


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """A pre-coded study with a codebook file and a table of who speaks; each test puts back what it changes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.precoder.load_precoder", lambda _study: WordPrecoder())
        with served_study(tmp_path_factory.mktemp("made") / "lhc") as session:
            (session.study.folder / "participants.csv").write_text(TABLE, encoding="utf-8")
            yield session


@pytest.fixture(scope="module")
def client(session):
    """A page on which Ada and Ben coded, with memos, a summary, an assignment and a consensus."""
    ids = session.study.codebook().ids
    added = {"kind": "add", "name": "Parking", "domain": "Means"}
    with page(session) as client:
        for key, version, number, who in (("a1", 1, 0, "Ada"), ("b1", 1, 1, "Ben"), ("b2", 2, 1, "Ben")):
            code(client, version, Span(20, 29), ids[number], key, who)
        for path, body in (
            ("codebook/edits", {"key": "made", "file": "", "edit": added}),
            ("marks", {"kind": "memo", "code": ids[0], "text": "ZEBRA on a code"}),
            ("marks", {"kind": "memo", "version": 1, "text": "ZEBRA on a talk"}),
            ("summaries", {"version": 1, "code": ids[0], "text": "ZEBRA in a cell", "previous": None}),
            ("team/assign", {"coder": "Ben", "versions": [1], "assigned": True}),
            ("consensus", {"version": 1, "start": 20, "end": 29, "codes": [ids[1]], "memo": "ZEBRA too", "key": "c1"}),
        ):
            assert client.post(f"/api/{path}", json=body, headers=BEN).status_code == 200, path
        yield client


@pytest.fixture
def files(session):
    """The study's folder, whose codebook and table are put back."""
    kept = {session.study.folder / name: (session.study.folder / name).read_bytes() for name in FILES}
    yield session.study.folder
    for path, content in kept.items():
        path.write_bytes(content)


def views(client):
    """Every path of the API that is looked at, with what it needs to be told."""
    for path, methods in client.get("/api/openapi.json").json()["paths"].items():
        needs = [each["name"] for each in methods.get("get", {}).get("parameters", []) if each.get("required")]
        if "get" in methods and path not in {"/api/backup", "/api/finish-line.csv"}:
            yield path.format_map(ASKED), {name: ASKED[name] for name in needs if f"{{{name}}}" not in path}


def statuses(client, headers=ADA, **query):
    return {path: client.get(path, params=asked | query, headers=headers).status_code for path, asked in views(client)}


def defects(found):
    return [path for path, status in found.items() if status >= 500]


# Whatever became of the files


@pytest.mark.parametrize(
    "content",
    [EMPTY, OTHER_SCRIPTS, "nonsense", "", "\x00", "[codebook]\nname = 1\ncode = 3\n", EMPTY + "[[removed]]\nid = 'x'"],
    ids=["empty", "other scripts", "no TOML", "nothing", "not text", "other types", "half a code"],
)
def test_every_view_answers_whatever_somebody_makes_of_the_codebook(client, files, content):
    (files / "codebook.toml").write_text(content, encoding="utf-8")
    assert defects(statuses(client)) == []


def test_every_view_answers_while_there_is_no_codebook_and_says_so(client, files):
    (files / "codebook.toml").unlink()
    found = statuses(client)
    assert defects(found) == []
    assert found["/api/study"] == found["/api/transcripts/1"] == 200
    assert "cannot be read" in client.get("/api/codebook", headers=ADA).json()["problem"]


def test_codings_stay_while_the_codebook_is_broken_and_after(client, files, session):
    file = files / "codebook.toml"
    sound = file.read_bytes()
    before = client.get("/api/transcripts/1", headers=ADA).json()["codings"]
    for content in (b"nonsense", EMPTY.encode(), sound):
        file.write_bytes(content)
        now = client.get("/api/transcripts/1", headers=ADA).json()["codings"]
        assert [(each["code"], each["start"]) for each in now] == [(each["code"], each["start"]) for each in before]
    assert code(client, 1, Span(33, 40), session.study.codebook().ids[0], "a9", "Ada").status_code == 200


@pytest.mark.parametrize(
    ("table", "roles"),
    [
        ("id,role\nAnna,GP\n", ["GP"]),
        ("id,role\nP01,nurse\nP02,\u202bأحمد\u202c\n", ["nurse", "\u202bأحمد\u202c"]),
        ("id;role\nAnna;nurse\n", ["nurse"]),
        ("id,role\n", []),
    ],
)
def test_views_follow_a_table_of_participants_that_changes(client, files, table, roles):
    client.get("/api/analysis/groups", params={"by": "role"}, headers=ADA)
    (files / "participants.csv").write_text(table, encoding="utf-8")
    known = client.get("/api/study", headers=ADA).json()["attributes"].get("role", [])
    assert sorted(known) == sorted(roles)
    for role in roles:
        groups = client.get("/api/analysis/groups", params={"by": "role", "where": f"role={role}"}, headers=ADA)
        assert groups.json()["columns"] == [role]


@pytest.mark.parametrize("table", ["", "id\nAnna,too,many\n", "id,role\nAnna,a\nAnna,b\n"])
def test_every_view_answers_whatever_the_table_of_participants_is(client, files, table):
    (files / "participants.csv").write_text(table, encoding="utf-8")
    assert defects(statuses(client)) == []


@pytest.mark.parametrize("role", ["nurse", "staff", "nobody"])
@pytest.mark.parametrize("suggestions", [True, False])
def test_groups_have_a_column_for_those_only_whom_the_filter_means(client, role, suggestions):
    query = {"by": "role", "where": f"role={role}", "suggestions": suggestions}
    groups = client.get("/api/analysis/groups", params=query, headers=ADA).json()
    assert groups["columns"] == ([] if role == "nobody" else [role])
    assert any(map(any, groups["passages"])) is (role == "nurse")


@pytest.mark.parametrize("path", TAKES_FILTER)
def test_a_filter_that_means_nothing_finds_nothing(client, path):
    needs = next(asked for each, asked in views(client) if each == f"/api/{path}")
    unlike = {"search": ["coder", "version"], "analysis/words": ["coder"], "queue": ["coder"], "memos": ["version"]}
    for name, value in (("code", "no.such"), ("domain", "No such"), ("version", 99), ("coder", "nobody")):
        if name in (*unlike.get(path, ()), "coder" if path == "compare/study" else ""):
            continue
        found = client.get(f"/api/{path}", params=needs | {name: value}, headers=ADA).json()
        assert not any(found[name] for name in LISTS if name in found), name


# Blind


def test_no_view_tells_a_blind_coder_what_others_wrote(client):
    assert "ZEBRA" in "".join(client.get(path, params=asked, headers=ADA).text for path, asked in views(client))
    for version in (1, 2):
        client.post("/api/marks", json={"kind": "blind", "version": version}, headers=CLEO)
    client.post("/api/presence", json={"version": 1}, headers=BEN)
    for path, asked in views(client):
        assert "ZEBRA" not in client.get(path, params=asked, headers=CLEO).text, path
    assert client.post("/api/presence", json={"version": 2}, headers=CLEO).json() == {"people": []}
    for path in ("memos", "trail", "summaries", "compare/study"):
        answer = client.get(f"/api/{path}", params={"first": "Ada", "second": "Ben"}, headers=CLEO)
        assert '"Ben"' not in answer.text, path


def test_a_blind_coder_neither_records_nor_withdraws_what_others_agreed_on(client, session):
    client.post("/api/marks", json={"kind": "blind", "version": 1}, headers=DORA)
    body = {"version": 1, "start": 20, "end": 29, "key": "x"}
    counters = session.store.change_counters()
    assert client.post("/api/consensus", json=body | {"codes": [], "memo": ""}, headers=DORA).status_code == 404
    for act in ("withdraw", "restore"):
        assert client.post(f"/api/consensus/{act}", json=body, headers=DORA).status_code == 404
    assert session.store.change_counters() == counters


def test_whoever_is_done_sees_what_others_wrote(client):
    for version in (1, 2):
        client.post("/api/marks", json={"kind": "blind", "version": version}, headers=EVE)
    assert client.get("/api/memos", headers=EVE).json()["memos"] == []
    client.post("/api/marks", json={"kind": "done", "version": 1}, headers=EVE)
    assert {memo["text"] for memo in client.get("/api/memos", headers=EVE).json()["memos"]} >= {"ZEBRA on a talk"}


# Records of a job


@pytest.mark.parametrize(
    "odd",
    ['"seconds": 1e999', '"seconds": NaN', '"began": 1' + "0" * 400, '"finished": [{"suggestions": 1e999}]'],
    ids=["infinite", "no number", "too long", "infinite suggestions"],
)
def test_the_page_takes_a_record_with_a_number_that_is_none_as_no_job(tmp_path, odd):
    place = JobFolder(tmp_path)
    place.make()
    sound = '"kind": "run", "state": "done", "planned": [], "finished": [], "result": {}, "message": "", "id": "a"'
    for text, is_job in (
        (f'{{{sound}, "seconds": 1, "began": 2}}', True),
        (f'{{{sound}, "seconds": 1, "began": 2, {odd}}}', False),
    ):
        (place.folder / "job.json").write_text(text, encoding="utf-8")
        assert (place.read() is not None) is is_job


def test_a_record_with_half_a_character_can_be_sent(tmp_path):
    place = JobFolder(tmp_path)
    place.make()
    text = (
        '{"kind": "run", "state": "failed", "planned": ["P\\udcff01"], "finished": [{"transcript": "\\ud83d"}],'
        ' "result": {}, "message": "\\udc80", "id": "a", "seconds": 1, "began": 2}'
    )
    (place.folder / "job.json").write_text(text, encoding="utf-8")
    job = place.read()
    assert (job.planned, job.finished, job.message) == (("P?01",), ({"transcript": "?"},), "?")
