"""Files, runs, comparisons, exports and names on the page: what comes of each, and every refusal."""

import io
import threading
import zipfile

import pytest

from corpus.transcript import Span
from flows.web.guard import LARGEST_FILE, REPORT, REPORT_POLICY
from flows.web.jobs import Job, JobKind, JobState
from flows.web.work_routes import REPORT as REPORT_FILE
from pipeline.export.formats import CODED_FORMATS
from pipeline.export.run_outputs import FORMATS
from tests.flows.web_support import TALK, StillJobs, code, page, served_study
from tests.pipeline.run_support import WordPrecoder

TEXT = b"Interviewer: How do the teams work?\nP09: The nurse rings me every day.\n"


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.precoder.load_precoder", lambda _study: WordPrecoder())
    with served_study(tmp_path / "lhc") as opened:
        yield opened


@pytest.fixture
def ada(session):
    with page(session, **{"Precode-Coder": "Ada"}) as client:
        yield client


def send(client, name, body=TEXT, **query):
    return client.post("/api/files", params={"name": name, **query}, content=body)


def test_files_tells_what_came_of_each(session, ada):
    assert send(ada, "P09.txt").json()["outcome"] == "added"
    assert send(ada, "P09.txt").json()["outcome"] == "present"
    assert send(ada, "P09.txt", TEXT + b"P09: Yes.\n").json()["outcome"] == "asked"
    assert send(ada, "P09.txt", TEXT + b"P09: Yes.\n", same_name="keep both").json()["name"] == "P09 2.txt"
    assert send(ada, "P09.mp3").json()["outcome"] == "refused"
    kept = {path.name: path.stat().st_mode & 0o077 for path in session.study.transcripts.iterdir()}
    assert {"P09.txt", "P09 2.txt"} <= kept.keys()
    assert not any(kept[name] for name in ("P09.txt", "P09 2.txt"))
    assert not list(session.study.folder.glob(".precode-*"))


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("../P09.txt", TEXT, 400),
        ("/etc/P09.txt", TEXT, 400),
        ("..\\P09.txt", TEXT, 400),
        ("P09\x00.txt", TEXT, 400),
        ("CON.txt", TEXT, 400),
        ("", TEXT, 422),
        ("P09.txt", b"", 400),
    ],
)
def test_files_refuses_names_that_lead_elsewhere_and_empty_files(session, ada, name, body, status):
    before = sorted(session.study.folder.rglob("*"))
    answer = send(ada, name, body)
    assert answer.status_code == status
    assert "\n" not in answer.json()["detail"]
    assert sorted(session.study.folder.rglob("*")) == before


@pytest.mark.parametrize("path", ["/api/files?name=a.txt", "/api/benchmark/codings?name=a.csv"])
def test_files_refuses_what_is_too_large_foreign_unsigned_or_of_another_study(session, ada, path):
    def status(**headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return ada.post(path, content=TEXT, headers=named).status_code

    assert status(Content_Length=str(LARGEST_FILE + 1)) == 413
    assert status(Origin="http://evil.example") == 403
    assert status(Precode_Study="another") == 503
    with page(session) as nobody:
        assert nobody.post(path, content=TEXT).status_code == 401


def test_a_table_of_participants_counts_at_once(ada):
    send(ada, "people.csv", b"id,role\nP01,nurse\n")
    transcripts = {one["name"]: one["attributes"] for one in ada.get("/api/study").json()["transcripts"]}
    assert transcripts["P01"]["role"] == "nurse"
    assert ada.get("/api/exports").json()["attributes"] == ["id", "role"]


def test_run_is_refused_while_something_works(session):
    jobs = StillJobs()
    with page(session, jobs=jobs, **{"Precode-Coder": "Ada"}) as ada:
        assert ada.get("/api/job").json()["state"] == "idle"
        assert ada.post("/api/job/run", json={}).json()["state"] == "working"
        again = ada.post("/api/job/run", json={"redo": True})
        assert (again.status_code, again.json()["detail"].partition(";")[0]) == (
            409,
            "something is at work already (run)",
        )
        assert ada.post("/api/deidentify/find").status_code == 409
        assert ada.post("/api/job/stop").status_code == 202
    assert jobs.asked == [(JobKind.RUN,), "stop", "close"]


def test_run_needs_a_transcript(session, ada):
    for path in session.study.transcripts.iterdir():
        path.unlink()
    assert ada.post("/api/job/run", json={}).status_code == 400


def name_of(client, version):
    """The transcript that a version is of: two are read at once, so either may come first."""
    return next(one["name"] for one in client.get("/api/study").json()["transcripts"] if one["version"] == version)


def test_job_hides_what_a_blind_coder_may_not_see(session):
    jobs = StillJobs()
    with page(session, jobs=jobs, **{"Precode-Coder": "Ada"}) as ada:
        outcome = {"transcript": name_of(ada, 1), "status": "coded", "suggestions": 7, "notes": ["7 held back"]}
        result = {"transcripts": [outcome], "benchmark": {"human": "Ben", "problem": ""}}
        jobs.now = Job(JobKind.RUN, JobState.DONE, (outcome["transcript"],), (outcome,), result)
        seen = ada.get("/api/job").json()
        assert (seen["finished"][0]["suggestions"], seen["measured"]) == (7, "Measured against Ben: see Results.")
        ada.post("/api/marks", json={"kind": "blind", "version": 1})
        hidden = ada.get("/api/job").json()
    assert (hidden["finished"][0]["suggestions"], hidden["finished"][0]["notes"], hidden["measured"]) == (None, [], "")


def test_benchmark_takes_a_file_of_the_study_and_nothing_else(session):
    jobs = StillJobs()
    with page(session, jobs=jobs, **{"Precode-Coder": "Ada"}) as ada:
        for body in ({}, {"file": "study.toml"}, {"file": "../codings.csv"}, {"coder": "Nobody"}):
            assert ada.post("/api/benchmark", json=body).status_code == 400
        kept = ada.post("/api/benchmark/codings?name=mine.csv", content=b"transcript,exact,code\n")
        assert kept.json()["file"] == "codings/mine.csv"
        again = ada.post("/api/benchmark/codings?name=mine.csv", content=b"transcript,exact,code,coder\n")
        assert again.json()["file"] == "codings/mine 2.csv"
        assert ada.post("/api/benchmark/codings?name=mine.docx", content=b"x").status_code == 400
        assert ada.get("/api/benchmark").json()["files"] == ["codings/mine 2.csv", "codings/mine.csv"]
        assert ada.post("/api/benchmark", json={"file": "codings/mine.csv"}).status_code == 202
    kind, *words = jobs.asked[0]
    assert kind is JobKind.BENCHMARK
    assert words[:4] == ["benchmark", "study", "--human", str(session.study.folder / "codings/mine.csv")]


def test_benchmark_takes_a_coder_who_is_done_with_something(session):
    jobs = StillJobs()
    with page(session, jobs=jobs, **{"Precode-Coder": "Ada"}) as ada:
        ada.post("/api/marks", json={"kind": "done", "version": 1})
        assert ada.get("/api/benchmark").json()["coders"] == ["Ada"]
        ada.post("/api/benchmark", json={"coder": "Ada"})
    assert jobs.asked[0][:5] == (JobKind.BENCHMARK, "benchmark", "study", "--coder", "Ada")


def test_the_report_runs_nothing_and_keeps_its_styles(session, ada):
    assert ada.get(REPORT).status_code == 404
    (session.study.reports / REPORT_FILE).write_text("<script>alert(1)</script>")
    answer = ada.get(REPORT)
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"] == REPORT_POLICY
    assert "sandbox" in REPORT_POLICY
    assert "script" not in REPORT_POLICY


def test_every_format_has_a_name_for_researchers(ada):
    assert [each["name"] for each in ada.get("/api/exports").json()["formats"]] == [*FORMATS, *CODED_FORMATS]


@pytest.mark.parametrize("name", [*FORMATS, *CODED_FORMATS])
def test_export_streams_every_format_and_leaves_nothing(session, ada, name):
    code(ada, 1, Span(0, len(TALK) // 3), session.study.codebook().ids[0], "k", "Ada")
    before = sorted(session.study.folder.rglob("*"))
    answer = ada.get("/api/export", params={"format": name})
    assert answer.status_code == 200, answer.json()
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.content
    if answer.headers["content-type"] == "application/zip":
        assert len(zipfile.ZipFile(io.BytesIO(answer.content)).namelist()) > 1
    assert sorted(session.study.folder.rglob("*")) == before


def test_export_is_kept_in_the_study_when_asked_for(session, ada):
    made = ada.post("/api/export", json={"format": "codebook"}).json()
    assert made == {"files": ["exports/latest/codebook.docx"]}
    assert (session.study.folder / made["files"][0]).is_file()


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"format": "exe"}, 400),
        ({}, 422),
        ({"format": "word"}, 400),  # nothing is coded
        ({"format": "qdpx", "suggestions": True, "tool": "word"}, 400),
        ({"format": "framework", "suggestions": True, "by": "salary"}, 400),
        ({"format": "codebook", "study": "another"}, 503),
    ],
)
def test_export_refuses_in_one_line(ada, query, status):
    answer = ada.get("/api/export", params=query)
    assert answer.status_code == status
    assert "\n" not in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/api/export?format=codebook", "/api/backup"])
def test_downloads_are_begun_by_our_own_pages_only(ada, path):
    opened = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert ada.get(path, headers=opened).status_code == 403
    assert ada.get(path, headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_backup_holds_the_study_and_leaves_nothing(session, ada):
    before = sorted(session.study.folder.rglob("*"))
    answer = ada.get("/api/backup")
    names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
    assert {"study.toml", "study.db", "transcripts/P01.txt"} <= set(names)
    assert sorted(session.study.folder.rglob("*")) == before


def test_whoever_codes_blind_gets_no_export_that_shows_suggestions(session, ada):
    ada.post("/api/marks", json={"kind": "blind", "version": 1})
    for path in ("/api/export?format=csv", "/api/export?format=qdpx&suggestions=true", "/api/backup", REPORT):
        assert ada.get(path).status_code == 403
    assert ada.post("/api/export", json={"format": "html"}).status_code == 403
    assert ada.post("/api/benchmark", json={"coder": "Ada"}).status_code == 403
    assert ada.get("/api/export?format=codebook").status_code == 200
    assert ada.get("/api/exports").json()["blind"] == [name_of(ada, 1)]


def listed(session):
    """Propose a list, as the command does in a process of its own."""
    from pipeline.deidentify.candidates import ReplacementCandidate
    from pipeline.deidentify.kinds import IdentifierKind
    from pipeline.deidentify.listing import write_list

    found = [ReplacementCandidate("nurse", IdentifierKind.PERSON, "[Person 1]", True, 2, 2, ("The »nurse« rings",))]
    write_list(session.study.folder / "deidentify", found)


def test_deidentify_shows_the_list_with_its_places_and_keeps_what_is_decided(session, ada):
    assert ada.get("/api/deidentify").json()["listed"] is False
    assert ada.put("/api/deidentify", json={"candidates": []}).status_code == 400
    listed(session)
    line = ada.get("/api/deidentify").json()["candidates"][0]
    assert (line["text"], line["count"], line["contexts"]) == ("nurse", 2, ["The »nurse« rings"])
    sent = [{"text": "nurse", "hide": False, "replacement": "[Person 1]"}, {"text": "money"}]
    lines = ada.put("/api/deidentify", json={"candidates": sent}).json()["candidates"]
    assert [(each["text"], each["hide"], each["count"]) for each in lines] == [("nurse", False, 2), ("money", True, 0)]
    assert lines[1]["replacement"]


def test_deidentify_writes_the_copy_and_refuses_short_and_wrong_passphrases(session, ada):
    listed(session)
    assert ada.post("/api/deidentify/apply", json={"passphrase": "short"}).status_code == 400
    done = ada.post("/api/deidentify/apply", json={"passphrase": "four words or more"}).json()
    assert (done["transcripts"], done["replaced"]) == (2, 2)
    assert "nurse" not in (session.study.folder.parent / "lhc-deidentified/transcripts/P01.txt").read_text()
    again = ada.post("/api/deidentify/apply", json={"passphrase": "other words entirely"})
    assert (again.status_code, "passphrase is wrong" in again.json()["detail"]) == (400, True)


# Attacks on files that are dropped


def at_once(count, act):
    """Do something in many threads at the same time and return what came of it."""
    barrier, found = threading.Barrier(count), []

    def acting(n):
        barrier.wait()
        found.append(act(n))

    threads = [threading.Thread(target=acting, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_of_files_of_one_name_that_come_at_once_one_is_added_and_the_others_asked_about(session, ada):
    texts = [TEXT + f"P09: {n}.\n".encode() for n in range(4)]
    answers = at_once(4, lambda n: send(ada, "P09.txt", texts[n]).json()["outcome"])
    assert sorted(answers) == ["added", "asked", "asked", "asked"]
    assert (session.study.transcripts / "P09.txt").read_bytes() in texts
    assert not list(session.study.folder.rglob(".precode-*"))


def test_codings_of_one_name_that_come_at_once_are_all_kept(session, ada):
    bodies = [f"transcript,exact,code\nP01,{n},x\n".encode() for n in range(4)]
    places = at_once(4, lambda n: ada.post("/api/benchmark/codings?name=mine.csv", content=bodies[n]).json()["file"])
    assert len(set(places)) == 4
    assert sorted((session.study.folder / place).read_bytes() for place in places) == sorted(bodies)
    assert ada.post("/api/benchmark/codings?name=mine.csv", content=bodies[0]).json()["file"] in places


@pytest.mark.parametrize(
    "name", ["../mine.csv", "/tmp/mine.csv", "..\\mine.csv", "m\x00.csv", "nul.csv", ".csv", "a/b.csv"]
)
def test_codings_go_nowhere_but_into_their_folder(session, ada, name):
    before = sorted(session.study.folder.rglob("*"))
    answer = ada.post("/api/benchmark/codings", params={"name": name}, content=b"transcript,exact,code\n")
    assert (answer.status_code, "\n" in answer.json()["detail"]) == (400, False)
    assert sorted(path for path in session.study.folder.rglob("*") if path.name != "codings") == before


def test_codings_tell_where_a_file_lies_in_the_way(session, ada):
    (session.study.folder / "codings").write_text("a file")
    answer = ada.post("/api/benchmark/codings?name=mine.csv", content=b"transcript,exact,code\n")
    assert answer.status_code == 400
    assert (session.study.folder / "codings").read_text() == "a file"


def test_benchmark_measures_by_no_file_that_a_link_leads_to(session, ada, tmp_path):
    (tmp_path / "outside.csv").write_text("transcript,exact,code\n")
    (session.study.folder / "codings").mkdir()
    (session.study.folder / "codings" / "link.csv").symlink_to(tmp_path / "outside.csv")
    assert ada.get("/api/benchmark").json()["files"] == []
    for file in ("codings/link.csv", str(tmp_path / "outside.csv"), "codings/../../outside.csv"):
        assert ada.post("/api/benchmark", json={"file": file}).status_code == 400


def test_files_takes_in_what_comes_while_a_run_works(session):
    with page(session, jobs=StillJobs(now=Job(JobKind.RUN)), **{"Precode-Coder": "Ada"}) as ada:
        assert send(ada, "P09.txt").json()["outcome"] == "added"
        assert "transcripts/P09.txt" in ada.get("/api/files").json()["transcripts"]
        assert ada.get("/api/job").json()["state"] == "working"


@pytest.mark.parametrize("result", [{}, {"transcripts": []}, {"benchmark": None, "expected": ""}])
def test_job_is_told_of_whatever_a_command_answers(session, result):
    jobs = StillJobs(now=Job(JobKind.RUN, JobState.DONE, ("P01",), ({"transcript": "P01"},), result))
    with page(session, jobs=jobs, **{"Precode-Coder": "Ada"}) as ada:
        seen = ada.get("/api/job").json()
    assert (seen["state"], seen["measured"], seen["expected"]) == ("done", "", "")
    assert [each["transcript"] for each in seen["finished"]] == ([] if "transcripts" in result else ["P01"])


def test_files_takes_a_composed_and_a_decomposed_name_for_one(session, ada):
    assert send(ada, "Ren\u00e9.txt").json()["outcome"] == "added"
    assert send(ada, "Rene\u0301.txt").json()["outcome"] == "present"
    assert send(ada, "Rene\u0301.txt", TEXT + b"P09: Yes.\n").json()["outcome"] == "asked"
