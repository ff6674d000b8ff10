"""``/api/speakers``: how transcripts were read, doubts first, and what the researcher says about them."""

from functools import partial

import pytest

from pipeline.run import in_threads, plan, run_study
from pipeline.session import StudySession
from pipeline.settings import load_settings
from pipeline.study import open_study
from tests.flows.web_support import page, served_study
from tests.pipeline.run_support import put

ADA = {"Precode-Coder": "Ada"}
DOUBTFUL = "Ada: The nurse came.\nBo: It took money.\nAda: Yes.\nBo: It did.\n"


@pytest.fixture
def session(tmp_path, words):
    with served_study(tmp_path / "lhc") as session:
        (session.study.transcripts / "Z99.txt").write_text(DOUBTFUL, encoding="utf-8")
        yield session


@pytest.fixture
def client(session):
    with page(session) as client:
        yield client


def speakers(client, **query):
    return client.get("/api/speakers", headers=ADA, params=query).json()


def say(client, **said):
    return client.post("/api/speakers", headers=ADA, json=said)


def roles(view, name):
    check = next(check for check in view["transcripts"] if check["name"] == name)
    return {speaker["label"]: (speaker["role"], speaker["doubtful"]) for speaker in check["speakers"]}


def run(session):
    with StudySession(open_study(session.study.folder)) as fresh:
        run_study(fresh, partial(in_threads, fresh), plan(fresh))


def test_doubts_come_first_and_speakers_are_told_with_their_first_words(client):
    view = speakers(client)
    assert [check["name"] for check in view["transcripts"]] == ["Z99", "P01", "P02"]
    assert (view["doubtful"], view["waiting"]) == (1, 1)
    check = view["transcripts"][1]
    assert (check["turns"], check["timed"], check["error"], check["waiting"]) == (2, 0, "", False)
    assert [(one["label"], one["role"], one["turns"], one["first_words"][:9]) for one in check["speakers"]] == [
        ("INT", "interviewer", 1, "Tell me."),
        ("Anna", "participant", 1, "The nurse"),
    ]


def test_first_words_are_left_out_where_nobody_asks_for_them(client):
    view = speakers(client, words=False)
    assert {one["first_words"] for check in view["transcripts"] for one in check["speakers"]} == {""}


def test_what_is_said_is_kept_for_all_files_and_waits_for_the_next_run(client, session):
    view = say(client, interviewers=["Ada"], participants=["Bo"]).json()
    assert roles(view, "Z99") == {"Ada": ("interviewer", False), "Bo": ("participant", False)}
    assert view["doubtful"] == 0
    assert view["said"]["interviewers"] == ["Ada"]
    assert load_settings(session.study.folder / "study.toml")[0].speakers.participants == ("Bo",)
    assert view["waiting"] == 1
    run(session)
    assert speakers(client)["waiting"] == 0


def test_what_is_said_of_one_file_leaves_the_others_as_they_were(client):
    view = say(client, file="P01", interviewers=["Anna"]).json()
    assert roles(view, "P01")["Anna"][0] == "interviewer"
    assert roles(view, "P02")["Anna"][0] == "participant"
    said = {check["name"]: check["said"]["interviewers"] for check in view["transcripts"]}
    assert said == {"P01": ["Anna"], "P02": [], "Z99": []}
    assert [check["name"] for check in view["transcripts"] if check["waiting"]] == ["Z99", "P01"]


def test_labels_are_merged(client):
    assert set(roles(say(client, file="Z99", names={"Bo": "Ada"}).json(), "Z99")) == {"Ada"}


def test_a_pattern_and_the_first_line_make_a_file_be_read_anew(client, session):
    put(session.study, "P03")
    path = session.study.transcripts / "P03.txt"
    path.write_text("Study: of care\n[Ruth] How was it?\n[Jane] The nurse came.\n", encoding="utf-8")
    view = say(client, file="P03", pattern="[NAME]", first_line=2).json()
    assert set(roles(view, "P03")) == {"Ruth", "Jane"}
    check = next(check for check in view["transcripts"] if check["name"] == "P03")
    assert (check["said"]["pattern"], check["said"]["first_line"]) == ("[NAME]", 2)


def test_another_first_line_waits_for_the_next_run_though_all_roles_stay(client, session):
    put(session.study, "P03", "First.\nINT: And?\nAnna: The nurse rings me.")
    run(session)
    view = say(client, file="P03", first_line=3).json()
    assert [check["name"] for check in view["transcripts"] if check["waiting"]] == ["P03"]


def test_a_file_that_cannot_be_read_says_why_and_is_a_doubt(client, session):
    (session.study.transcripts / "bad.docx").write_bytes(b"no zip")
    check = next(check for check in speakers(client)["transcripts"] if check["name"] == "bad")
    assert check["error"]
    assert (check["doubts"], check["speakers"], check["version"]) == (1, [], None)


def test_a_blind_coder_sees_how_transcripts_were_read(session):
    with page(session, blind=True) as client:
        assert speakers(client)["transcripts"][1]["speakers"][1]["first_words"].startswith("The nurse")


@pytest.mark.parametrize("pattern", ["[LABEL]", "NAME NAME", "TIME TIME NAME"])
def test_a_pattern_that_no_reader_can_use_is_refused_and_not_kept(client, session, pattern):
    before = (session.study.folder / "study.toml").read_text()
    for file in ("", "P01"):
        answer = say(client, file=file, pattern=pattern)
        assert (answer.status_code, "must hold NAME once" in answer.json()["detail"]) == (400, True)
    assert (session.study.folder / "study.toml").read_text() == before
    assert speakers(client)["doubtful"] == 1


def test_a_transcript_that_is_not_there_is_refused_without_a_change(client, session):
    before = (session.study.folder / "study.toml").read_text()
    assert say(client, file="P09", interviewers=["Ruth"]).status_code == 400
    assert (session.study.folder / "study.toml").read_text() == before


@pytest.mark.parametrize(
    "said", [{"interviewers": [""]}, {"interviewers": "Ada"}, {"first_line": -1}, {"pattern": "x\x00"}, {"other": 1}]
)
def test_what_makes_no_sense_is_refused(client, said):
    assert say(client, **said).status_code == 422


def test_settings_that_somebody_broke_meanwhile_are_told_in_a_line(client, session):
    assert client.get("/api/speakers", headers=ADA).status_code == 200
    (session.study.folder / "study.toml").write_text("[study", encoding="utf-8")
    answer = client.get("/api/speakers", headers=ADA)
    assert (answer.status_code, "is not TOML" in answer.json()["detail"]) == (400, True)
