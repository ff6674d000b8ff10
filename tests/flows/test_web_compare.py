"""Comparing two coders over a whole study: filters, counts, and consensus that figures and exports follow."""

import shutil

import pytest

from corpus.transcript import Span
from flows.web.compare_types import Shown
from pipeline.export.gather import ExportRequest, gather
from pipeline.session import StudySession
from pipeline.study import open_study
from tests.flows.web_support import code, page, served_study
from tests.pipeline.run_support import WordPrecoder

ADA = {"Precode-Coder": "Ada"}
FIRST, SECOND = Span(20, 27), Span(33, 40)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A pre-coded study to make copies of."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.precoder.load_precoder", lambda _study: WordPrecoder())
        with served_study(tmp_path_factory.mktemp("made") / "lhc") as session:
            return session.study.folder


@pytest.fixture
def session(made, tmp_path):
    shutil.copytree(made, tmp_path / "lhc")
    with StudySession(open_study(tmp_path / "lhc")) as session:
        yield session


@pytest.fixture
def book(session):
    return session.study.codebook()


@pytest.fixture
def client(session, book):
    """Ada and Ben agree on one passage of P01, differ on another, and Ada alone codes one of P02."""
    ids = book.ids
    with page(session) as client:
        for key, version, span, code_id, coder in (
            ("a1", 1, FIRST, ids[0], "Ada"),
            ("b1", 1, FIRST, ids[0], "Ben"),
            ("a2", 1, SECOND, ids[1], "Ada"),
            ("b2", 1, SECOND, ids[-1], "Ben"),
            ("a3", 2, FIRST, ids[1], "Ada"),
        ):
            code(client, version, span, code_id, key, coder)
        yield client


def compared(client, coder="Ada", **query):
    query = {"first": "Ada", "second": "Ben", **query}
    return client.get("/api/compare/study", params=query, headers={"Precode-Coder": coder}).json()


def places(found):
    return [(one["transcript"], one["start"], one["kind"]) for one in found["differences"]]


def agree(client, act="", version=1, span=SECOND, key="agreed", **more):
    body = {"version": version, "start": span.start, "end": span.end, "key": key, **more}
    return client.post(f"/api/consensus{act}", json=body, headers=ADA)


def test_compare_study_lists_all_transcripts_with_codes_words_and_counts(client, book):
    found = compared(client)
    assert places(found) == [("P01", 33, "code"), ("P02", 20, "missing")]
    first = found["differences"][0]
    assert (first["first"], first["second"]) == ([book.ids[1]], [book.ids[-1]])
    turns = client.get("/api/transcripts/1", headers=ADA).json()["turns"]
    said = next(turn for turn in turns if turn["start"] <= SECOND.start < turn["end"])
    assert first["words"] == said["text"][SECOND.start - said["start"] : SECOND.end - said["start"]]
    assert found["counts"] == {"all": 3, "differ": 2, "same": 1, "span": 0, "code": 1, "missing": 1, "open": 2}
    assert found["codes"] == {book.ids[1]: 2, book.ids[-1]: 1}
    assert found["more"] == 0


@pytest.mark.parametrize("show", Shown)
def test_compare_study_shows_as_many_of_each_kind_as_it_counts(client, show):
    found = compared(client, show=show)
    assert len(found["differences"]) == found["counts"][show]


def test_compare_study_filters_by_transcript_code_and_domain(client, book):
    assert places(compared(client, version=2)) == [("P02", 20, "missing")]
    assert places(compared(client, code=book.ids[-1])) == [("P01", 33, "code")]
    assert places(compared(client, code="no such code")) == []
    domains = {book[code_id].domain for code_id in book.ids}
    by_domain = {domain: len(compared(client, domain=domain, show="all")["differences"]) for domain in domains}
    assert by_domain[book[book.ids[0]].domain] >= 1
    assert sum(by_domain.values()) >= 3


def test_compare_study_goes_on_where_the_page_before_ended(client):
    first, rest = compared(client, limit=1, show="all"), compared(client, after=1, show="all")
    assert (len(first["differences"]), first["more"]) == (1, 2)
    assert places(first) + places(rest) == places(compared(client, show="all"))


def test_compare_study_leaves_out_what_is_hidden_from_whoever_asks(client):
    client.post("/api/marks", json={"kind": "blind", "version": 1}, headers={"Precode-Coder": "Cleo"})
    assert places(compared(client, coder="Cleo")) == [("P02", 20, "missing")]
    assert compared(client, coder="Cleo")["counts"]["all"] == 1


def exported(session):
    return {
        (passage.transcript, passage.coder, given.code.id)
        for passage in gather(session, ExportRequest()).passages()
        for given in passage.codes
    }


def test_a_consensus_withdrawn_is_gone_from_comparison_figures_and_exports_and_comes_back(client, session, book):
    def figure():
        query = {"first": "Ada", "second": "consensus", "versions": [1]}
        return client.get("/api/agreement", params=query, headers=ADA).json()["overall"]["kappa"]

    apart, alone = exported(session), figure()
    agree(client, codes=[book.ids[2]])
    together, both = exported(session), figure()
    assert ("P01", "consensus", book.ids[2]) in together
    assert compared(client)["counts"]["open"] == 1
    (entry,) = agree(client, "/withdraw", key="back").json()["decisions"]
    assert (entry["action"], entry["recorder"]) == ("undo", "Ada")
    assert (exported(session), figure()) == (apart, alone)
    assert both != alone
    (shown,) = compared(client, show="code")["differences"]
    assert (shown["agreed"], shown["consensus"], shown["withdrawn"]["id"]) == (None, None, entry["id"])
    agree(client, "/restore", key="again")
    assert (exported(session), figure()) == (together, both)
    assert compared(client, show="code")["differences"][0]["withdrawn"] is None


@pytest.mark.parametrize("act", ["/withdraw", "/restore"])
def test_withdrawing_what_nobody_agreed_on_is_refused_in_a_line(client, act):
    answer = agree(client, act)
    assert (answer.status_code, "\n" in answer.json()["detail"]) == (400, False)
    assert agree(client, act, version=999).status_code == 404
    assert agree(client, act, span=FIRST, codes=[]).status_code == 422
