"""``/api/corrections``: typing errors corrected on the page, at once, with everything decided, and for good."""

import json
import shutil
from functools import partial

import pytest

from corpus.transcript import Span
from evaluation.study_benchmark import HumanFile
from pipeline.backup import backup_study, restore_study
from pipeline.corrections import FILE
from pipeline.merging import merge_study
from pipeline.run import OutcomeStatus, in_threads, plan, run_study
from pipeline.session import StudySession
from pipeline.study import open_study
from tests.flows.web_support import TALK, code, page, served_study
from tests.pipeline.run_support import WORDS, WordPrecoder

TEAM, MONEY = (WordPrecoder.codebook.ids[WORDS[word]] for word in ("nurse", "money"))
ADA = {"Precode-Coder": "Ada"}
BEN = {"Precode-Coder": "Ben"}


@pytest.fixture
def session(tmp_path, words):
    with served_study(tmp_path / "lhc", {"P01": TALK, "P02": f"Yes. {TALK}"}) as session:
        yield session


@pytest.fixture
def client(session):
    with page(session) as client:
        yield client


def version_of(client, name="P01"):
    transcripts = client.get("/api/study", headers=ADA).json()["transcripts"]
    return next(found["version"] for found in transcripts if found["name"] == name)


def reading(client, version=None, headers=ADA):
    return client.get(f"/api/transcripts/{version or version_of(client)}", headers=headers).json()


def place_of(view, words):
    turn = next(turn for turn in view["turns"] if words in turn["text"])
    start = turn["start"] + turn["text"].index(words)
    return start, start + len(words)


def correct(client, words, right, /, key="c1", headers=ADA, **more):
    view = reading(client)
    start, end = place_of(view, words)
    body = {"key": key, "version": view["version"], "start": start, "end": end, "words": words, "right": right}
    return client.post("/api/corrections", headers=headers, json=body | more)


def take_back(client, correction="c1", key="t1"):
    return client.post("/api/corrections/take-back", headers=ADA, json={"key": key, "correction": correction})


def listed(client):
    return client.get("/api/corrections", headers=ADA).json()["corrections"]


def said(view):
    return [turn["text"] for turn in view["turns"]]


def codings(view):
    text = {turn["start"]: turn["text"] for turn in view["turns"]}

    def words(found):
        start = max(start for start in text if start <= found["start"])
        return text[start][found["start"] - start : found["end"] - start]

    return sorted((found["coder"], words(found), found["code"], found["moved"]) for found in view["codings"])


def run(session):
    with StudySession(open_study(session.study.folder)) as fresh:
        return run_study(fresh, partial(in_threads, fresh), plan(fresh))


def test_the_corrected_text_is_read_at_once_and_the_file_is_not_touched(client, session):
    file = session.study.transcripts / "P01.txt"
    before = file.read_bytes()
    answer = correct(client, "It takes money", "It takes a lot of money").json()
    view = reading(client)
    assert answer["version"] == view["version"]
    assert said(view)[1] == TALK.replace("It takes money", "It takes a lot of money")
    assert [turn["speaker"] for turn in view["turns"]] == ["INT", "Anna"]
    assert file.read_bytes() == before
    (line,) = (session.study.folder / FILE).read_text("utf-8").splitlines()
    assert json.loads(line)["coder"] == "Ada"
    assert (session.study.folder / FILE).stat().st_mode & 0o777 == 0o600


def test_suggestions_and_what_was_decided_come_along_at_once(client):
    view = reading(client)
    first, *others = view["suggestions"]
    decided = {"key": "d1", "action": "accept", "version": view["version"], "suggestion": first["id"], "previous": None}
    client.post("/api/decisions", json={"decisions": [decided]}, headers=ADA)
    rejected = decided | {"key": "d2", "action": "reject", "suggestion": others[0]["id"]}
    client.post("/api/decisions", json={"decisions": [rejected]}, headers=ADA)
    code(client, view["version"], Span(*place_of(view, "have tea")), TEAM, "d3", "Ben")
    assert correct(client, "We have tea", "We have some tea").status_code == 200
    after = reading(client)
    assert len(after["suggestions"]) == len(view["suggestions"])
    assert ("Ben", "have some tea", TEAM, True) in codings(after)
    assert {found["decision"]["action"] for found in after["suggestions"]} == {"accept", "reject"}
    assert client.get("/api/unplaced", headers=ADA).json()["codings"] == []


def test_the_queue_and_the_counts_go_on_with_the_corrected_text(client):
    def asked():
        items = client.get("/api/queue", headers=ADA).json()["items"]
        return sorted((item["version"], item["code"]) for item in items)

    def counts():
        transcripts = client.get("/api/study", headers=ADA).json()["transcripts"]
        return [(found["name"], found["suggestions"], found["decided"]) for found in transcripts]

    before, counted, old = asked(), counts(), version_of(client)
    correct(client, "We have tea", "We have coffee")
    new = version_of(client)
    assert asked() == sorted((new if version == old else version, code) for version, code in before)
    assert counts() == counted


def test_a_coding_of_one_wrong_word_stays_at_the_right_one(client):
    view = reading(client)
    code(client, view["version"], Span(*place_of(view, "money")), MONEY, "d1", "Ada")
    correct(client, "money", "mony")
    assert codings(reading(client)) == [("Ada", "mony", MONEY, True)]
    correct(client, "mony", "my own money", key="c2")
    assert codings(reading(client)) == [("Ada", "my own money", MONEY, True)]


@pytest.mark.parametrize("quoted", ["It takes money.", "It takes time."])
def test_human_codings_are_found_whether_made_before_or_after_the_correction(client, session, tmp_path, quoted):
    correct(client, "money", "time")
    row = {"transcript": "P01", "exact": quoted, "code": MONEY}
    (tmp_path / "codings.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    transcripts, (coding,) = HumanFile(session, tmp_path / "codings.jsonl").read()
    text = next(each.text for each in transcripts if each.name == "P01")
    assert coding.span.of(text) == "It takes time."


def test_the_next_run_makes_suggestions_of_the_corrected_text_and_then_keeps_it(client, session):
    correct(client, "money", "time")
    outcomes = {outcome.transcript: outcome.status for outcome in run(session).outcomes}
    assert outcomes == {"P01": OutcomeStatus.CODED, "P02": OutcomeStatus.KEPT}
    assert said(reading(client))[1] == TALK.replace("money", "time")
    assert MONEY not in {found["code"] for found in reading(client)["suggestions"]}
    assert {outcome.status for outcome in run(session).outcomes} == {OutcomeStatus.KEPT}


def test_a_text_that_is_corrected_while_a_run_reads_it_stays_corrected(client, session, words, monkeypatch):
    precode, corrected = words.precode, []

    def meanwhile(transcript, *, run_step=None):
        if transcript.name == "P01" and not corrected:
            corrected.append(correct(client, "money", "time").json()["version"])
        return precode(transcript, run_step=run_step)

    monkeypatch.setattr(words, "precode", meanwhile)
    with StudySession(open_study(session.study.folder)) as fresh:
        run_study(fresh, partial(in_threads, fresh), plan(fresh).redone())
    assert reading(client)["version"] == corrected[0]
    assert said(reading(client))[1] == TALK.replace("money", "time")
    assert {outcome.status for outcome in run(session).outcomes} == {OutcomeStatus.KEPT}


def test_a_correction_is_taken_back_and_the_text_before_is_there_again(client, session):
    before = reading(client)
    correct(client, "money", "time")
    code(client, version_of(client), Span(*place_of(reading(client), "takes time")), MONEY, "d1", "Ada")
    answer = take_back(client).json()
    assert (answer["version"], answer["start"]) == (before["version"], place_of(before, "money")[0])
    assert said(reading(client)) == said(before)
    assert codings(reading(client)) == [("Ada", "takes money", MONEY, True)]
    assert listed(client) == []
    assert take_back(client, key="t2").status_code == 404
    assert {outcome.status for outcome in run(session).outcomes} == {OutcomeStatus.KEPT}


def test_what_was_sent_twice_is_written_once(client):
    answer = correct(client, "money", "time")
    again = {"key": "c1", "version": 1, "start": 0, "end": 1, "words": "x", "right": "y"}
    assert client.post("/api/corrections", headers=ADA, json=again).json() == answer.json()
    assert len(listed(client)) == 1


def test_a_correction_that_is_sent_again_after_it_was_taken_back_is_not_made_again(client, session):
    view = reading(client)
    correct(client, "money", "time")
    take_back(client)
    assert reading(client)["version"] == view["version"]
    answer = correct(client, "money", "time")
    assert (answer.status_code, "was taken back" in answer.json()["detail"]) == (409, True)
    assert said(reading(client)) == said(view)
    assert len((session.study.folder / FILE).read_text("utf-8").splitlines()) == 2
    assert correct(client, "money", "time", key="c2").status_code == 200


@pytest.mark.parametrize("order", [("c1", "c2"), ("c2", "c1")])
def test_words_that_two_coders_corrected_come_back_in_whatever_order_they_take_it_back(client, session, order):
    before = reading(client)
    code(client, before["version"], Span(*place_of(before, "takes money")), MONEY, "d1", "Ada")
    correct(client, "takes money", "needs a lot of money")
    correct(client, "a lot of money", "\u05db\u05e1\u05e3 <i>", key="c2", headers=BEN)
    assert said(reading(client))[1] == TALK.replace("takes money", "needs \u05db\u05e1\u05e3 <i>")
    assert {found["coder"] for found in listed(client)} == {"Ada", "Ben"}
    for number, correction in enumerate(order):
        assert take_back(client, correction, key=f"t{number}").status_code == 200
    assert (said(reading(client)), listed(client)) == (said(before), [])
    assert [(coder, words) for coder, words, *_ in codings(reading(client))] == [("Ada", "takes money")]
    assert {outcome.status for outcome in run(session).outcomes} == {OutcomeStatus.KEPT}


def test_lines_that_an_editor_ends_otherwise_are_still_corrections(client, session):
    correct(client, "money", "time")
    correct(client, "tea", "coffee", key="c2")
    log = session.study.folder / FILE
    written = log.read_bytes()
    for ending in (b"\r\n", b" \n", b"\n\n"):
        log.write_bytes(written.replace(b"\n", ending))
        assert [found["right"] for found in listed(client)] == ["time", "coffee"]


def test_who_corrects_a_text_that_somebody_corrected_is_told(client):
    old = version_of(client)
    correct(client, "money", "time")
    answer = correct(client, "tea", "coffee", key="c2", headers=BEN, version=old)
    assert answer.status_code == 409
    assert "corrected meanwhile" in answer.json()["detail"]
    assert correct(client, "tea", "coffee", key="c3", headers=BEN).status_code == 200
    assert said(reading(client))[1] == TALK.replace("money", "time").replace("tea", "coffee")


def test_a_file_that_changed_since_it_was_read_is_not_corrected(client, session):
    file = session.study.transcripts / "P01.txt"
    file.write_text(file.read_text("utf-8").replace("tea", "coffee"), "utf-8")
    answer = correct(client, "money", "time")
    assert (answer.status_code, "type precode run" in answer.json()["detail"]) == (409, True)
    assert not (session.study.folder / FILE).exists()


def test_words_that_are_not_those_on_the_page_are_refused(client):
    assert correct(client, "money", "time", words="honey").status_code == 409


@pytest.mark.parametrize(
    ("words", "right", "status"), [("money", "money", 400), ("money", "ti\x00me", 422), ("Tell me.", " ", 400)]
)
def test_what_cannot_be_a_correction_is_refused_and_leaves_nothing(client, session, words, right, status):
    assert correct(client, words, right).status_code == status
    assert not (session.study.folder / FILE).exists()


def test_markup_is_words(client):
    correct(client, "money", "<b onclick=1>&amp;</b>")
    assert said(reading(client))[1] == TALK.replace("money", "<b onclick=1>&amp;</b>")


def test_strangers_and_nobody_correct_nothing(client, session):
    body = {"key": "c", "version": version_of(client), "start": 0, "end": 1, "words": "T", "right": "t"}
    assert client.post("/api/corrections", json=body).status_code == 401
    assert (
        client.post("/api/corrections", json=body, headers=ADA | {"Origin": "http://evil.example"}).status_code == 403
    )
    assert not (session.study.folder / FILE).exists()


def test_a_transcript_stays_hidden_when_it_is_corrected(client):
    version = version_of(client)
    client.post("/api/marks", json={"kind": "blind", "version": version}, headers=ADA)
    view = reading(client, headers=BEN)
    code(client, version, Span(*place_of(view, "money")), MONEY, "d1", "Ben")
    assert "Ben" not in correct(client, "tea", "coffee").text
    view = reading(client)
    assert (view["hidden"], view["blind"], view["suggestions"], view["codings"]) == (True, True, [], [])
    assert codings(reading(client, headers=BEN)) == [("Ben", "money", MONEY, False)]


def test_a_correction_that_no_longer_fits_is_listed_until_it_is_let_go(client, session):
    correct(client, "money", "time")
    file = session.study.transcripts / "P01.txt"
    file.write_text(file.read_text("utf-8").replace("It takes money.", "It is gone."), "utf-8")
    (outcome, _) = run(session).outcomes
    assert any("1 corrections of its text find no place" in note for note in outcome.notes)
    (lost,) = listed(client)
    assert (lost["fit"], lost["words"], lost["right"], lost["transcript"]) == ("lost", "money", "time", "P01")
    assert take_back(client).status_code == 200
    assert listed(client) == []


def test_a_correction_follows_a_renamed_file_and_one_of_a_file_that_is_gone_is_listed(client, session):
    correct(client, "money", "time")
    code(client, version_of(client), Span(*place_of(reading(client), "takes time")), MONEY, "d1", "Ada")
    file = session.study.transcripts / "P01.txt"
    file.rename(file.with_name("Jane.txt"))
    run(session)
    view = reading(client, version_of(client, "Jane"))
    assert said(view)[1] == TALK.replace("money", "time")
    assert codings(view) == [("Ada", "takes time", MONEY, False)]
    assert [(found["transcript"], found["fit"]) for found in listed(client)] == [("Jane", "applied")]
    file.with_name("Jane.txt").unlink()
    assert [(found["transcript"], found["fit"]) for found in listed(client)] == [("P01", "lost")]


def test_undo_takes_back_the_newest_decision_and_not_what_was_carried(client):
    view = reading(client)
    other = version_of(client, "P02")
    code(client, view["version"], Span(*place_of(view, "money")), MONEY, "d1", "Ada")
    code(client, other, Span(*place_of(view, "tea")), TEAM, "d2", "Ada")
    correct(client, "nurse", "Nurse")
    undone = [client.post("/api/undo", json={"key": f"u{n}"}, headers=ADA).json()["undone"] for n in range(3)]
    assert [(found and found["code"]) for found in undone] == [TEAM, MONEY, None]
    assert codings(reading(client)) == []


def test_audited_sentences_stay_audited(client, session):
    view = reading(client)
    start, end = place_of(view, "We have tea.")
    mark = {"kind": "audited_empty", "version": view["version"], "start": start, "end": end}
    assert client.post("/api/marks", json=mark, headers=ADA).status_code == 200
    correct(client, "money", "a lot of money")
    view = reading(client)
    (event,) = (event for event in session.store.events.stream(version=view["version"], coder="Ada"))
    assert (event.kind, event.span) == ("audited_empty", Span(*place_of(view, "We have tea.")))


def test_backup_and_merge_keep_corrections(client, session, tmp_path):
    correct(client, "money", "time")
    backup_study(session.study, tmp_path / "study.zip")
    restored = restore_study(tmp_path / "study.zip", tmp_path / "restored").path
    assert (restored / FILE).read_bytes() == (session.study.folder / FILE).read_bytes()
    correct(client, "tea", "coffee", key="c2")
    report = merge_study(session.study, open_study(restored))
    assert (report.corrections, report.conflicts) == (1, [])
    study = open_study(restored)
    source = study.sources().accepted[0]
    assert TALK.replace("money", "time").replace("tea", "coffee") in study.read(source).text
    assert merge_study(session.study, study).corrections == 0


@pytest.mark.parametrize("line", ["{}", "[]", "nonsense", '{"id": "a"}', '{"takes_back": 3}'])
def test_a_line_that_is_no_correction_stops_with_its_place(session, line):
    (session.study.folder / FILE).write_text(f"\n{line}\n")
    with pytest.raises(Exception, match=f"{FILE}:2: is no correction"):
        session.study.sources()


def test_a_line_that_a_kill_left_half_written_is_passed_over(client, session):
    correct(client, "money", "time")
    log = session.study.folder / FILE
    log.write_bytes(log.read_bytes() + b'{"id": "c2", "words": "\xe2\x82')
    assert len(listed(client)) == 1
    correct(client, "tea", "coffee", key="c3")
    assert [found["right"] for found in listed(client)] == ["time", "coffee"]


def test_a_link_in_place_of_the_corrections_is_not_followed(session, tmp_path):
    shutil.copy(session.study.folder / "study.toml", tmp_path / "elsewhere")
    (session.study.folder / FILE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Exception, match=r"link to another place|leads outside"):
        open_study(session.study.folder).sources()
