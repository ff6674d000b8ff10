"""The codebook edited over the API: file, history, codings, suggestions and seeds follow, and no edit is lost."""

import json
import multiprocessing
import stat

import pytest

from corpus.codebook import GONE, load_codebook
from corpus.transcript import Span
from pipeline.codebook.editing import edit_codebook, history_of
from pipeline.codebook.edits import AddCode
from pipeline.export.gather import ExportRequest, gather
from pipeline.export.run_outputs import suggestion_set
from pipeline.session import StudySession
from pipeline.study import open_study
from tests.flows.web_support import code, page, served_study

ADA, BO = {"Precode-Coder": "Ada"}, {"Precode-Coder": "Bo"}
TALK = "The nurse rings me. It takes money. We have tea."


@pytest.fixture
def session(tmp_path, words):
    with served_study(tmp_path / "lhc") as session:
        yield session


@pytest.fixture
def client(session):
    with page(session) as client:
        yield client


@pytest.fixture
def version(client):
    return client.get("/api/study", headers=ADA).json()["transcripts"][0]["version"]


def book(client, who=ADA):
    return client.get("/api/codebook", headers=who).json()


def post(client, edit, key, who=ADA, file=None):
    file = book(client, who)["file"] if file is None else file
    return client.post("/api/codebook/edits", json={"key": key, "file": file, "edit": edit}, headers=who)


def edit(client, edit, key, who=ADA):
    answer = post(client, edit, key, who)
    assert answer.status_code == 200, answer.json()
    return answer.json()


def take_back(client, version, key, who=ADA):
    body = {"key": key, "file": book(client)["file"], "version": version}
    return client.post("/api/codebook/take-back", json=body, headers=who)


def codes(client):
    return {code["id"]: code for code in book(client)["codes"]}


def codings(client, version, who=ADA):
    return client.get(f"/api/transcripts/{version}", headers=who).json()["codings"]


def test_the_first_edit_of_a_codebook_that_ships_makes_a_copy_and_keeps_its_seeds(client, session):
    before = session.study.seeds().digest
    first = book(client)
    assert (first["path"], len(first["codes"])) == ("", 53)
    made = edit(client, {"kind": "add", "name": "Parking", "domain": "Means"}, "k1")
    assert (made["about"], made["codebook"]["path"]) == ("means.parking", "codebook.toml")
    path = session.study.folder / "codebook.toml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_codebook(path).ids[-1] == "means.parking"
    again = open_study(session.study.folder)
    assert (again.settings.study.codebook, again.settings.study.seeds) == ("codebook.toml", ("selfie",))
    assert again.seeds().digest == before
    assert "means.parking" in {code["id"] for code in client.get("/api/study", headers=BO).json()["codebook"]["codes"]}


def test_an_edit_that_rests_on_an_older_file_is_refused_and_says_who_was_first(client):
    seen = book(client)["file"]
    edit(client, {"kind": "rename", "code": codes_of(client)[0], "name": "Mine"}, "k1", BO)
    late = post(client, {"kind": "rename", "code": codes_of(client)[1], "name": "Yours"}, "k2", ADA, seen)
    assert late.status_code == 409
    assert late.json()["detail"].startswith("the codebook was changed meanwhile, by Bo;")
    assert "Yours" not in {code["name"] for code in book(client)["codes"]}
    assert post(client, {"kind": "rename", "code": codes_of(client)[1], "name": "Yours"}, "k2").status_code == 200


def codes_of(client):
    return [code["id"] for code in book(client)["codes"]]


def test_an_edit_that_is_sent_again_is_made_once(client):
    one = edit(client, {"kind": "add", "name": "Parking", "domain": "Means"}, "k1")
    again = post(client, {"kind": "add", "name": "Parking", "domain": "Means"}, "k1", file="").json()
    assert again["about"] == one["about"]
    assert [each["said"] for each in book(client)["versions"]].count("Made “Parking” in Means") == 1
    assert post(client, {"kind": "add", "name": "Else", "domain": "Means"}, "k1", BO, "").status_code == 400


def test_only_making_a_code_may_rest_on_no_file(client):
    answer = post(client, {"kind": "remove", "code": codes_of(client)[0]}, "k1", file="")
    assert answer.status_code == 422
    assert post(client, {"kind": "add", "name": "x", "domain": "D", "more": 1}, "k2", file="").status_code == 422


def test_codings_follow_a_merge_and_come_back_when_it_is_taken_back(client, version):
    one, other = codes_of(client)[:2]
    assert code(client, version, Span(40, 52), one, "c1", "Ada").status_code == 200
    merged = edit(client, {"kind": "merge", "code": one, "into": other}, "k1")
    assert [coding["code"] for coding in codings(client, version)] == [other]
    assert codes(client)[other]["coded"] == 1
    assert take_back(client, merged["codebook"]["versions"][0]["id"], "k2", BO).status_code == 200
    assert [coding["code"] for coding in codings(client, version)] == [one]


def test_accepting_many_takes_the_id_that_a_code_had_before_it_was_merged(client):
    one = client.get("/api/queue", headers=ADA).json()["items"][0]["code"]
    other = next(code for code in codes_of(client) if code != one)
    edit(client, {"kind": "merge", "code": one, "into": other}, "k1")
    told = [
        client.post("/api/bulk/preview", json={"code": code, "at_least": 0}, headers=ADA).json()["count"]
        for code in (one, other)
    ]
    assert told[0] == told[1] >= 1


def test_codings_of_a_code_taken_out_stand_under_its_name_and_come_back_with_it(client, session, version):
    one = codes_of(client)[0]
    name = codes(client)[one]["name"]
    code(client, version, Span(40, 52), one, "c1", "Ada")
    edit(client, {"kind": "remove", "code": one}, "k1")
    assert [(gone["id"], gone["coded"]) for gone in book(client)["removed"]] == [(one, 1)]
    assert client.get("/api/study", headers=ADA).json()["codebook"]["removed"] == {one: name}
    given = {given.code for _, given in gather(session, ExportRequest()).given()}
    assert [(each.name, each.domain) for each in given] == [(name, GONE)]
    edit(client, {"kind": "restore", "code": one}, "k2")
    assert (book(client)["removed"], codes(client)[one]["coded"]) == ([], 1)


def test_split_takes_the_chosen_codings_along_and_back(client, version):
    one = codes_of(client)[0]
    for n, (start, who) in enumerate(((40, "Ada"), (45, "Ada"), (50, "Bo"))):
        code(client, version, Span(start, start + 4), one, f"c{n}", who)
    listed = client.get("/api/codebook/codings", params={"code": one}, headers=ADA).json()["codings"]
    assert [(each["start"], each["mine"]) for each in listed] == [(40, True), (45, True), (50, False)]
    split = {"kind": "split", "code": one, "name": "A part", "domain": "Means", "codings": [listed[1]["decision"]]}
    assert post(client, split | {"codings": [listed[2]["decision"]]}, "k0").status_code == 404
    made = edit(client, split, "k1")
    assert post(client, split, "k1", file="").status_code == 422
    assert {coding["start"]: coding["code"] for coding in codings(client, version)}[45] == made["about"]
    assert {coding["start"]: coding["code"] for coding in codings(client, version)}[40] == one
    undone = take_back(client, made["codebook"]["versions"][0]["id"], "k2").json()
    assert {coding["code"] for coding in codings(client, version)} == {one}
    assert take_back(client, undone["codebook"]["versions"][0]["id"], "k3").status_code == 200
    assert {coding["start"]: coding["code"] for coding in codings(client, version)}[45] == made["about"]


def test_suggestions_stay_while_the_codebook_is_edited_and_follow_or_go(client, session, version):
    before = {each["id"]: each for each in items(client)}
    assert len(before) >= 2
    first = next(iter(before.values()))
    one, other = first["code"], next(each for each in codes_of(client) if each != first["code"])
    edit(client, {"kind": "add", "name": "Parking", "domain": "Means"}, "k1")
    assert {each["id"] for each in items(client)} == set(before)
    merged = edit(client, {"kind": "merge", "code": one, "into": other}, "k2")
    assert {each["id"]: each["code"] for each in items(client)}[first["id"]] == other
    assert {row.code for row in suggestion_set(session).rows()} == {each["code"] for each in items(client)}
    view = merged["codebook"]
    assert view["suggested_with"] == view["versions"][-1]["digest"] != view["digest"]
    assert {row.origin.codebook for row in suggestion_set(session).rows()} == {view["suggested_with"]}
    edit(client, {"kind": "remove", "code": other}, "k3")
    assert first["id"] not in {each["id"] for each in items(client)}
    assert other not in {row.code for row in suggestion_set(session).rows()}


def items(client):
    return client.get("/api/queue", params={"limit": 50}, headers=ADA).json()["items"]


def test_what_is_edited_by_hand_is_taken_in_and_stands_in_the_history(client, session):
    edit(client, {"kind": "add", "name": "Parking", "domain": "Means"}, "k1")
    path = session.study.folder / "codebook.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('"Parking"', '"Parking space"'), encoding="utf-8")
    assert codes(client)["means.parking"]["name"] == "Parking space"
    newest = book(client)["versions"][0]
    assert (newest["kind"], newest["coder"], newest["can_take_back"]) == ("by_hand", "", False)
    path.write_text("nonsense", encoding="utf-8")
    broken = book(client)
    assert "is not TOML" in broken["problem"]
    assert len(broken["codes"]) == 54
    assert post(client, {"kind": "add", "name": "More", "domain": "Means"}, "k2", file="").status_code != 200


def test_history_is_told_and_a_change_that_was_changed_since_is_not_taken_back(client):
    one = codes_of(client)[0]
    edit(client, {"kind": "rename", "code": one, "name": "First"}, "k1")
    edit(client, {"kind": "rename", "code": one, "name": "Second"}, "k2", BO)
    versions = book(client)["versions"]
    assert [(each["coder"], each["kind"]) for each in versions] == [("Bo", "rename"), ("Ada", "rename"), ("", "begun")]
    refused = take_back(client, versions[1]["id"], "k3")
    assert (refused.status_code, "take that back first" in refused.json()["detail"]) == (400, True)
    assert take_back(client, versions[0]["id"], "k4").status_code == 200
    assert take_back(client, versions[0]["id"], "k5").status_code == 404
    assert take_back(client, versions[1]["id"], "k6").status_code == 200
    assert codes(client)[one]["name"] not in {"First", "Second"}


def test_a_coded_passage_becomes_a_seed_and_none_again(client, session, version):
    one = codes_of(client)[0]
    code(client, version, Span(40, 52), one, "c1", "Ada")
    place = {"start": 40, "end": 52, "code": one}
    seeded = client.post(f"/api/seeds/{version}", json={"key": "s1", **place}, headers=ADA).json()
    assert seeded == {"seeds": [place]}
    (line,) = (session.study.folder / "seeds.jsonl").read_text(encoding="utf-8").splitlines()
    quote = json.loads(line)
    assert (quote["code"], quote["provenance"], quote["document"]) == (one, "accepted", "P01")
    study = open_study(session.study.folder)
    assert study.settings.study.seeds == ("selfie", "seeds.jsonl")
    assert study.seeds().quotes[-1].text == quote["text"]
    assert client.post(f"/api/seeds/{version}", json={"key": "s2", **place}, headers=ADA).status_code == 400
    assert client.post(f"/api/seeds/{version}", json={"key": "s3", **place, "end": 60}, headers=ADA).status_code == 404
    newest = book(client)["versions"][0]
    assert (newest["kind"], newest["can_take_back"]) == ("seed", True)
    assert take_back(client, newest["id"], "s4").status_code == 200
    assert client.get(f"/api/seeds/{version}", headers=ADA).json() == {"seeds": []}
    redo = book(client)["versions"][0]["id"]
    assert take_back(client, redo, "s5").status_code == 200
    assert client.get(f"/api/seeds/{version}", headers=ADA).json() == {"seeds": [place]}
    dropped = client.post(f"/api/seeds/{version}", json={"key": "s6", **place, "wanted": False}, headers=ADA)
    assert dropped.json() == {"seeds": []}


def test_codings_and_seeds_of_others_stay_unseen_while_a_transcript_is_coded_blind(client, version):
    one = codes_of(client)[0]
    code(client, version, Span(40, 52), one, "c1", "Bo")
    client.post(f"/api/seeds/{version}", json={"key": "s1", "start": 40, "end": 52, "code": one}, headers=BO)
    client.post("/api/marks", json={"kind": "blind", "version": version}, headers=ADA)
    code(client, version, Span(40, 52), one, "c2", "Ada")
    listed = client.get("/api/codebook/codings", params={"code": one}, headers=ADA).json()["codings"]
    assert [each["coder"] for each in listed] == ["Ada"]
    assert codes(client)[one]["coded"] == 1
    assert client.get(f"/api/seeds/{version}", headers=ADA).json() == {"seeds": []}


def test_memos_on_a_code_follow_it_and_history_is_no_mark(client):
    one, other = codes_of(client)[:2]
    client.post("/api/marks", json={"kind": "memo", "code": one, "text": "note"}, headers=ADA)
    edit(client, {"kind": "merge", "code": one, "into": other}, "k1")
    marks = client.get("/api/marks", headers=ADA).json()["marks"]
    assert [(mark["kind"], mark["code"]) for mark in marks] == [("memo", other)]
    assert codes(client)[other]["memos"] == ["Ada: note"]


def _add(folder, name):
    with StudySession(open_study(folder)) as session:
        for n in range(5):
            edit_codebook(session, AddCode(name=f"{name} {n}", domain="Both"), coder=name, file="")


def test_two_processes_that_edit_at_once_lose_nothing(session):
    folder = session.study.folder
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_add, args=(folder, name)) for name in ("Ada", "Bo")]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
        assert process.exitcode == 0
    names = {code.name for code in open_study(folder).codebook().codes if code.domain == "Both"}
    assert names == {f"{name} {n}" for name in ("Ada", "Bo") for n in range(5)}
    history = history_of(session)
    assert history.noticed(open_study(folder).codebook()) is None


def test_no_word_of_a_code_is_in_a_refusal(client):
    edit(client, {"kind": "add", "name": "nobody rang", "domain": "In vivo", "in_vivo": True}, "k1")
    again = post(client, {"kind": "add", "name": "nobody rang", "domain": "In vivo", "in_vivo": True}, "k2")
    assert again.status_code == 400
    assert "rang" not in again.json()["detail"]
