"""A study made at b6db239 opens with everything in it, and the page answers about it as it did then."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from corpus.transcript import Span
from pipeline.session import StudySession
from pipeline.study import open_study
from tests.flows.web_support import page

ARCHIVE = Path(__file__).parents[1] / "data" / "study-b6db239.zip"
CARERS = "service_delivery.informal_caregiver_involvement"
PORTALS = "technologies.electronic_records_and_portals"
DECISIONS = [
    # id, coder, version, action, suggestion, span, code, memo, previous, recorder, key
    (1, "Ruth", 1, "accept", 1, Span(28, 106), "core.individual", "", None, "", "k0"),
    (2, "Ruth", 1, "reject", 2, Span(28, 106), "leadership_governance.shared_vision_and_culture", "", None, "", "k1"),
    (3, "Ruth", 1, "code", None, Span(131, 160), CARERS, "carer", None, "", "k2"),
    (4, "Ruth", 2, "unsure", 4, Span(25, 99), "core.individual", "", None, "", "k3"),
    (5, "Ruth", 1, "accept", 3, Span(28, 106), PORTALS, "", None, "", "k4"),
    (6, "Ruth", 1, "undo", None, None, None, "", 5, "", "u5"),
    (7, "Sam", 1, "code", None, Span(131, 192), "workforce.core_group", "", None, "", "k6"),
    (8, "Sam", 2, "accept", 4, Span(25, 99), "core.individual", "", None, "", "k7"),
    (9, "consensus", 1, "code", None, Span(131, 160), CARERS, "agreed", None, "Sam", "c8:0"),
]
EVENTS = [
    # id, coder, kind, version, span, code, text
    (1, "Sam", "memo", 2, None, None, "Printing again."),
    (2, "Ruth", "memo", None, None, CARERS, "Wide reading of carers."),
    (3, "Ruth", "done", 1, None, None, ""),
]
CODINGS = {
    1: [(1, "Ruth", 28, 106), (3, "Ruth", 131, 160), (9, "consensus", 131, 160), (7, "Sam", 131, 192)],
    2: [(8, "Sam", 25, 99)],
}
"""Codings in force of each version in text order, both coders see all of them: decision, coder, start, end."""


@pytest.fixture
def session(tmp_path):
    with ZipFile(ARCHIVE) as archive:
        archive.extractall(tmp_path)
    with StudySession(open_study(tmp_path / "old")) as opened:
        yield opened


@pytest.fixture(params=["Ruth", "Sam"])
def asking(request, session):
    """A coder's browser on the page of the study."""
    with page(session, **{"Precode-Coder": request.param}) as client:
        yield request.param, client


def test_old_study_opens_with_all_its_decisions(session):
    stored = [
        (d.id, d.coder, d.version, d.action, d.suggestion, d.span, d.code, d.memo, d.previous, d.recorder, d.key)
        for d in session.store.decisions.stream()
    ]
    assert stored == DECISIONS
    assert not any(decision.blind for decision in session.store.decisions.stream())


def test_old_study_opens_with_all_its_events(session):
    stored = [(e.id, e.coder, e.kind, e.version, e.span, e.code, e.text) for e in session.store.events.stream()]
    assert stored == EVENTS


def test_old_study_has_the_codings_in_force(session):
    codings = {coding.decision.id: coding.memo for coding in session.store.decisions.codings()}
    assert codings == {1: "", 3: "carer", 7: "", 8: "", 9: "agreed"}


def test_study_answer_over_an_old_study(asking):
    coder, client = asking
    told = client.get("/api/study").json()
    assert (told["name"], told["coders"], told["run"], told["model"]) == (
        "Old study",
        ["Ruth", "Sam", "consensus"],
        1,
        "words/v1",
    )
    assert told["pulse"] == {"decisions": 9, "marks": 3, "outcomes": 2}
    progress = [(one["name"], one["suggestions"], one["decided"], one["codings"]) for one in told["transcripts"]]
    assert (
        progress
        == {
            "Ruth": [("anna", 3, 2, 2), ("bert", 3, 1, 0)],
            "Sam": [("anna", 3, 0, 1), ("bert", 3, 1, 1)],
        }[coder]
    )
    assert [one["done"] for one in told["transcripts"]] == [coder == "Ruth", False]


@pytest.mark.parametrize("version", [1, 2])
def test_reading_answer_over_an_old_study(asking, version):
    coder, client = asking
    told = client.get(f"/api/transcripts/{version}").json()
    assert [(one["decision"], one["coder"], one["start"], one["end"]) for one in told["codings"]] == CODINGS[version]
    assert all(one["mine"] is (one["coder"] == coder) for one in told["codings"])
    assert [one["text"] for one in told["memos"]] == {1: [], 2: ["Printing again."]}[version]
    actions = {
        ("Ruth", 1): ["accept", "reject", None],
        ("Sam", 1): [None, None, None],
        ("Ruth", 2): ["unsure", None, None],
        ("Sam", 2): ["accept", None, None],
    }
    decided = [one["decision"] and one["decision"]["action"] for one in told["suggestions"]]
    assert decided == actions[coder, version]


def test_queue_and_log_answers_over_an_old_study(asking):
    coder, client = asking
    queue = client.get("/api/queue").json()
    assert ([item["id"] for item in queue["items"]], queue["total"]) == (
        {"Ruth": [3, 5, 6], "Sam": [1, 2, 3, 5, 6]}[coder],
        6,
    )
    log = [(entry["id"], entry["in_force"]) for entry in client.get("/api/log").json()["decisions"]]
    ruths = [(6, True), (5, False), (4, True), (3, True), (2, True), (1, True)]
    assert log == {"Ruth": ruths, "Sam": [(8, True), (7, True)]}[coder]
    marks = [mark["id"] for mark in client.get("/api/marks").json()["marks"]]
    assert marks == {"Ruth": [1, 2, 3], "Sam": [1, 2]}[coder]


def test_quality_answers_over_an_old_study(asking):
    coder, client = asking
    tallies = {"Ruth": (6, 3, 1, 1, 1), "Sam": (6, 1, 1, 0, 0)}
    total = client.get("/api/progress").json()["total"]
    assert tuple(total[name] for name in ("suggested", "decided", "accepted", "rejected", "unsure")) == tallies[coder]
    compared = client.get("/api/compare", params={"version": 1, "first": "Ruth", "second": "Sam"}).json()
    found = [(one["start"], one["end"], one["kind"]) for one in compared["differences"]]
    assert found == [(28, 106, "missing"), (131, 192, "code")]
    agreement = client.get("/api/agreement", params={"first": "Ruth", "second": "Sam"}).json()
    assert (agreement["units"], agreement["transcripts"], agreement["provisional"]) == (4, 2, True)
    assert agreement["overall"]["kappa"] == pytest.approx(-0.0095, abs=1e-4)
    cells = [(cell["row"], cell["code"]) for cell in client.get("/api/matrix").json()["cells"]]
    matrix = {
        "Ruth": [("anna", "core.individual"), ("anna", CARERS)],
        "Sam": [("anna", "workforce.core_group"), ("bert", "core.individual")],
    }
    assert cells == matrix[coder]


def test_an_old_study_takes_further_decisions(session):
    with page(session, **{"Precode-Coder": "Sam"}) as client:
        body = {"key": "new", "action": "reject", "version": 2, "suggestion": 4, "previous": 8}
        answer = client.post("/api/decisions", json={"decisions": [body]})
    assert answer.status_code == 200
    assert [coding.decision.id for coding in session.store.decisions.codings(coder="Sam")] == [7]
