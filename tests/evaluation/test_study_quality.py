"""What the review page is told about a study: from the store, up to date, and blind where a coder is."""

import json
import subprocess
import sys
from dataclasses import asdict, replace

import numpy as np
import pytest
from pydantic import TypeAdapter
from typer.testing import CliRunner

from corpus.codebook import GONE
from corpus.errors import IntegrityError, UsageError
from corpus.seeds import SeedBank
from corpus.suggestion import Suggestion
from corpus.transcript import Role, Span, Transcript, Turn
from evaluation.learning import Learning, ScoreChange
from evaluation.study_quality.learning_state import learned_state
from evaluation.study_quality.quality import AnswerCache, StudyQuality
from evaluation.study_quality.types import Agreement, Difference, DifferenceKind, Phase, Progress
from flows.cli.app import app
from pipeline.review.service import ReviewService
from pipeline.session import StudySession
from pipeline.store import Action, EventKind, NewDecision, NewEvent, RunFacts, Sentence
from pipeline.store.event_records import ALL_CODES
from pipeline.study import open_study
from tests.pipeline.learn_support import study_at
from tests.pipeline.store_support import source_of

PLACES = [Span(n * 20, n * 20 + 19) for n in range(30)]
"""The sentences of every transcript: thirty, one turn each."""
SUGGESTED = (("money", 0.9), ("staff", 0.7), ("trust", 0.55))
"""What the first sentences are suggested, one each."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return study_at(tmp_path_factory.mktemp("insight") / "study").folder


class Room:
    """A study under review with two pre-coded transcripts, and shorthands for what coders do."""

    def __init__(self, session):
        self.store = session.store
        self.codebook = session.study.codebook()
        self.insight = StudyQuality(ReviewService(session))
        self.versions = [self.add(name) for name in ("P01", "P02")]

    def add(self, name):
        turns = tuple(Turn(place, "Anna", Role.PARTICIPANT) for place in PLACES)
        transcript = Transcript(name, "x" * 600 + name, turns)
        version = self.store.transcripts.add(transcript, source_of(name)).version
        self.run(version)
        return version

    def run(self, version, count=3):
        run = self.store.runs.start(RunFacts("recipe", "lexical/v1", self.codebook.digest, "seeds"))
        made = [
            Suggestion(place, (f"t{n:04d}s000",), code, chance, 1)
            for n, (place, (code, chance)) in enumerate(zip(PLACES, SUGGESTED[:count], strict=False))
        ]
        self.store.runs.save(run, version, made, [Sentence(place, n) for n, place in enumerate(PLACES)])
        self.store.runs.finish(run)

    def code(self, coder, version, sentence, code="money"):
        return self.store.decisions.add(NewDecision(coder, version, Action.CODE, span=PLACES[sentence], code=code))[0]

    def answer(self, coder, version, number, action):
        suggestion = [*self.store.suggestions.stream(version=version)][number].id
        return self.store.decisions.add(NewDecision(coder, version, action, suggestion=suggestion))[0]

    def mark(self, coder, version, kind, span=None):
        self.store.events.add(NewEvent(coder, kind, version, span))


@pytest.fixture
def room(folder):
    (folder / "study.db").unlink(missing_ok=True)
    with StudySession(open_study(folder)) as session:
        yield Room(session)


def test_agreement_is_provisional_until_both_are_done(room):
    one, other = room.versions
    for coder in ("Ada", "Ben"):
        room.code(coder, one, 4)
        room.code(coder, other, 5)
    room.code("Ada", one, 6)
    found = room.insight.agreement("Ada", "Ben")
    assert (found.provisional, found.transcripts, found.units) == (True, 2, 60)
    assert found.codes[0].percent == pytest.approx(59 / 60)
    for coder in ("Ada", "Ben"):
        room.mark(coder, other, EventKind.DONE)
    found = room.insight.agreement("Ada", "Ben")
    assert (found.provisional, found.transcripts, found.codes[0].kappa) == (False, 1, 1)
    room.mark("Ben", other, EventKind.REOPENED)
    assert room.insight.agreement("Ada", "Ben").provisional


def test_agreement_looks_at_the_transcripts_asked_for(room):
    one, other = room.versions
    for coder in ("Ada", "Ben"):
        room.code(coder, one, 4)
        room.code(coder, other, 4)
    assert room.insight.agreement("Ada", "Ben", versions=[one]).units == 30
    assert room.insight.agreement("Ada", "Ben", versions=[]).units == 0


def test_the_machine_is_a_coder(room):
    one = room.versions[0]
    room.answer("Ada", one, 0, Action.ACCEPT)
    room.answer("Ada", one, 1, Action.REJECT)
    found = room.insight.agreement("precode", "Ada")
    by_code = {each.label: each for each in found.codes}
    assert (found.transcripts, by_code["money"].kappa, by_code["staff"].kappa) == (1, 1, 0)


def test_a_decision_taken_back_is_gone_at_once(room):
    one = room.versions[0]
    room.code("Ben", one, 4)
    decision = room.code("Ada", one, 4)
    assert room.insight.agreement("Ada", "Ben").overall.kappa == 1
    room.store.decisions.undo(decision.id, coder="Ada")
    assert room.insight.agreement("Ada", "Ben").transcripts == 0


def test_hidden_versions_never_enter(room):
    one, other = room.versions
    for coder in ("Ada", "Ben"):
        room.code(coder, one, 4)
        room.code(coder, other, 4)
        room.mark(coder, one, EventKind.DONE)
    room.answer("Ada", one, 0, Action.ACCEPT)
    assert room.insight.agreement("Ada", "Ben", hidden=[one]).transcripts == 1
    assert room.insight.agreement("Ada", "Ben", versions=[one], hidden=[one]).units == 0
    found = room.insight.progress("Ada", hidden=[one])
    assert [each.name for each in found.transcripts] == ["P02"]
    assert (found.total.suggested, found.total.decided) == (3, 0)
    assert sum(each.suggested for each in (*found.domains,)) == sum(each.suggested for each in found.bands) == 3


def test_progress_is_each_coders_own(room):
    one = room.versions[0]
    room.answer("Ada", one, 0, Action.ACCEPT)
    room.answer("Ada", one, 1, Action.UNSURE)
    room.answer("Ben", one, 0, Action.REJECT)
    ada, ben = (room.insight.progress(coder).total for coder in ("Ada", "Ben"))
    assert (ada.suggested, ada.decided, ada.accepted, ada.unsure) == (6, 2, 1, 1)
    assert (ben.decided, ben.rejected) == (1, 1)
    assert room.insight.progress("Ada").pace.remaining == 4


def test_a_new_run_shows_at_once_and_decided_suggestions_stay(room):
    one = room.versions[0]
    room.answer("Ada", one, 0, Action.ACCEPT)
    assert room.insight.progress("Ada").total.suggested == 6
    room.run(one, count=1)
    found = room.insight.progress("Ada").total
    assert (found.suggested, found.decided) == (4, 1)


def test_an_audit_gives_an_interval_for_recall(room):
    one, other = room.versions
    room.answer("Ada", one, 0, Action.ACCEPT)
    for place in PLACES[3:13]:
        for version in room.versions:
            assert room.insight.progress("Ada").missed.recall is None
            found = (version, place) == (other, PLACES[5])
            room.mark("Ada", version, EventKind.AUDITED_FOUND if found else EventKind.AUDITED_EMPTY, place)
    missed = room.insight.progress("Ada").missed
    assert (missed.audited, missed.found, missed.unsuggested, missed.insufficient) == (20, 1, 54, None)
    assert missed.low < missed.recall < missed.high
    assert room.insight.progress("Ada", hidden=[one]).missed.insufficient == 10


def test_differences_with_the_machine_and_a_consensus(room):
    one = room.versions[0]
    room.answer("Ada", one, 0, Action.ACCEPT)
    room.code("Ada", one, 1, "trust")
    kinds = {each.start: each.kind for each in room.insight.differences(one, "precode", "Ada")}
    assert kinds == {0: DifferenceKind.SAME, 20: DifferenceKind.CODE, 40: DifferenceKind.MISSING}
    agreed = room.code("consensus", one, 1, "trust")
    found = {each.start: each for each in room.insight.differences(one, "precode", "Ada")}
    assert (found[20].consensus, found[20].agreed) == (agreed, ("trust",))
    assert found[0].consensus is None


def test_comparison_finds_anew_only_what_was_decided_on_since(room, monkeypatch):
    one, other = room.versions
    room.code("Ada", one, 1)
    room.code("Ben", other, 2)
    asked = []
    find = StudyQuality.differences
    monkeypatch.setattr(StudyQuality, "differences", lambda self, *about: asked.append(about[0]) or find(self, *about))
    first = room.insight.comparison("Ada", "Ben")
    assert [(each.version, each.transcript) for each in first] == [(one, "P01"), (other, "P02")]
    assert room.insight.comparison("Ada", "Ben") == first
    assert asked == [one, other]
    room.code("Ben", one, 1)
    assert [each.difference.kind for each in room.insight.comparison("Ada", "Ben")] == ["same", "missing"]
    assert asked == [one, other, one]
    assert [each.version for each in room.insight.comparison("Ada", "Ben", hidden=[one])] == [other]
    room.run(other)
    room.mark("Ada", one, EventKind.DONE)
    assert len(room.insight.comparison("precode", "Ada")) == 6


def test_comparison_follows_coders_who_become_one(room):
    one, _ = room.versions
    room.code("Ada", one, 1)
    room.code("Ben", one, 4)
    assert [each.difference.kind for each in room.insight.comparison("Ada", "Cleo")] == ["missing"]
    room.store.events.add(NewEvent("Ben", EventKind.RENAMED, text="Ada"))
    assert len(room.insight.comparison("Ada", "Cleo")) == 2


def test_differences_of_an_unknown_version_are_refused(room):
    with pytest.raises(UsageError, match="no transcript version 99"):
        room.insight.differences(99, "Ada", "Ben")


def test_answers_are_json_without_nan(room):
    room.code("Ada", room.versions[0], 4)
    answers = (
        (Agreement, room.insight.agreement("Ada", "precode")),
        (Progress, room.insight.progress("Ada")),
        (list[Difference], room.insight.differences(room.versions[0], "Ada", "precode")),
    )
    for form, answer in answers:
        written = TypeAdapter(form).dump_json(answer)
        json.loads(written, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    json.dumps(asdict(answers[1][1]), allow_nan=False)


def test_the_same_question_is_answered_once(room, monkeypatch):
    first = room.insight.progress("Ada")
    assert room.insight.progress("Ada") is first
    room.answer("Ada", room.versions[0], 0, Action.ACCEPT)
    assert room.insight.progress("Ada") is not first


def test_only_so_many_answers_are_kept():
    answers, made = AnswerCache(limit=2), []
    for key in ("a", "b", "c", "c", "a"):
        answers.get(key, 1, lambda key=key: made.append(key))
    assert made == ["a", "b", "c", "a"]


def test_a_codebook_of_before_is_not_the_machines_word(room):
    for version in room.versions:
        room.code("Ada", version, 4)
    room.codebook = replace(room.codebook, version="0")
    room.run(room.versions[1])
    assert room.insight.agreement("Ada", "precode").transcripts == 1
    assert room.insight.progress("Ada").total.suggested == 3


def test_the_server_stays_light():
    heavy = ["torch", "sklearn", "spacy", "prefect", "scipy", "openvino", "onnxruntime", "sentence_transformers"]
    code = f"import sys, evaluation.study_quality.quality; print([name for name in {heavy} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert told == "[]\n"


def document(verdict="better", **scores):
    return {"verdict": verdict, "judgements": 41, "sentences": 30, "coded": 12, "scores": scores}


def pair(before, after):
    return {
        name: {"value": value, "low": None, "high": None, "n": 12}
        for name, value in (("before", before), ("after", after))
    }


def test_learning_is_told_in_figures_and_words():
    found = learned_state(document(micro_average_precision=pair(0.5, 0.6), log_loss=pair(0.3, 0.2)))
    assert (found.state, found.verdict, found.judgements) == (Phase.LEARNED, "better", 41)
    assert (found.before.micro_average_precision, found.after.log_loss) == (0.5, 0.2)
    assert "not worse" in found.message


def test_what_precode_learn_prints_is_understood(folder, monkeypatch):
    truth = np.eye(3, dtype=bool)[np.arange(24) % 3]
    after = np.where(truth, 0.8, 0.1)
    compared = ScoreChange(truth, np.full((24, 3), 0.3), after, np.arange(24) % 4)
    learning = Learning(compared.verdict, SeedBank(()), 30, compared)
    monkeypatch.setattr("evaluation.learning.learn_study", lambda *_: learning)
    printed = CliRunner().invoke(app, ["learn", "--study", str(folder), "--json"]).stdout
    found = learned_state(json.loads(printed))
    assert (found.verdict, found.judgements) == ("better", 30)
    assert found.after.micro_average_precision == 1
    assert found.before.log_loss > found.after.log_loss > 0


def test_nothing_compared_means_no_figures():
    found = learned_state(document("too few"))
    assert (found.before, found.after) == (None, None)
    assert "20 decided sentences" in found.message


def test_insufficient_scores_are_none():
    few = {"before": {"insufficient": 3}, "after": {"insufficient": 3}}
    found = learned_state(document("worse", micro_average_precision=few, log_loss=few))
    assert found.before.log_loss is None


@pytest.mark.parametrize("other", [{}, {"verdict": "fine", "judgements": 1}, {"verdict": "better", "judgements": None}])
def test_another_form_is_refused(other):
    with pytest.raises(IntegrityError, match="another form"):
        learned_state(other)


# Codes that the codebook no longer has


def test_agreement_counts_codes_that_are_gone_under_a_domain_of_their_own(room):
    version = room.versions[0]
    for coder in ("Ada", "Bo"):
        room.code(coder, version, 4, "old.code")
        room.mark(coder, version, EventKind.DONE)
    agreement = room.insight.agreement("Ada", "Bo")
    assert agreement.overall.prevalence > 0
    assert {domain.label: domain.kappa for domain in agreement.domains}[GONE] == 1
    assert [code.label for code in agreement.codes][-1] == "old.code"


# The finish line and the audit of codes


def test_finish_line_rests_on_blind_transcripts_and_complete_audits(room):
    blind, seen = room.versions
    room.mark("Ada", blind, EventKind.BLIND)
    for sentence, code in ((0, "money"), (1, "money"), (5, "trust")):
        draft = NewDecision("Ada", blind, Action.CODE, span=PLACES[sentence], code=code, blind=True)
        room.store.decisions.add(draft)
    room.mark("Ada", blind, EventKind.DONE)
    room.answer("Ada", blind, 1, Action.ACCEPT)  # with sight of what was suggested: says nothing here
    for sentence, text in ((0, ALL_CODES), (7, ALL_CODES), (9, "")):
        room.store.events.add(NewEvent("Ada", EventKind.AUDITED_EMPTY, seen, PLACES[sentence], text=text))
    line = room.insight.finish_line("Ada", precision=0.75)
    assert (line.sentences, line.transcripts, line.audited) == (60, 1, 2)
    assert line.judged == len(PLACES) + 2
    assert {code.code: (code.judged, code.right) for code in line.codes} == {
        "money": (2, 1),  # in the audited sentence nothing was coded
        "staff": (1, 0),
        "trust": (1, 0),
    }
    assert room.insight.finish_line("Ada", precision=0.75, hidden={blind}).transcripts == 0
    assert room.insight.finish_line("Bo", precision=0.75).judged == 0


def test_progress_tells_the_codes_that_were_missed_apart_from_the_sentences(room):
    version, other = room.versions
    for sentence in range(30):
        for place in (version, other):
            room.store.events.add(NewEvent("Ada", EventKind.AUDITED_FOUND, place, PLACES[sentence], text=ALL_CODES))
    for number in range(3):
        room.answer("Ada", version, number, Action.ACCEPT)
        room.answer("Ada", other, number, Action.ACCEPT)
    room.code("Ada", version, 0, "trust")  # a second code where the first was found
    progress = room.insight.progress("Ada")
    assert progress.missed_codes.found == 1
    assert progress.missed_codes.recall == pytest.approx(6 / 7)
    assert progress.missed.found == 54, "sentences without a suggestion that were said to bear a code"
