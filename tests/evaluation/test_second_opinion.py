"""Whether a second opinion counts: a bad model changes nothing, a good one is used, and trouble changes nothing."""

import random
import shutil
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.coders import MACHINE
from corpus.errors import IntegrityError
from evaluation.learning import learn_study
from evaluation.second_opinion.cases import cases_of
from evaluation.second_opinion.telling import methods_sentence, verdict_line
from evaluation.second_opinion.trial import FEWEST_CODED, FEWEST_PASSAGES, TrialVerdict, refit, try_model
from models.second.opinion import NONE, Failure, NoOpinion, Opinion
from models.second.stage import START, UNCHANGED, Pairs, SecondStage, choice_evidence, stage_of, to_weights
from pipeline.second.asking import IN_A_ROW
from pipeline.second.kept import load_trial, stage_for
from pipeline.second.second_pass import ask_study, planned, show_opinions
from pipeline.session import StudySession
from pipeline.store import Action, EventKind, NewDecision, NewEvent
from pipeline.study import open_study
from tests.evaluation.second_support import make_young_study, precoded_session
from tests.models.second_support import TableModel, sure_of


@pytest.fixture(scope="module")
def precoded(tmp_path_factory):
    """A study that a run has been over."""
    folder = tmp_path_factory.mktemp("young") / "study"
    precoded_session(make_young_study(folder)).close()
    return folder


@pytest.fixture
def session(precoded, tmp_path):
    with StudySession(open_study(shutil.copytree(precoded, tmp_path / "study"))) as opened:
        yield opened


def human(session):
    return session.study.folder / "human.jsonl"


def add_settings(session, lines):
    path = session.study.folder / "study.toml"
    path.write_text(path.read_text(encoding="utf-8") + lines, encoding="utf-8")


def truth(session):
    """The codes of every passage by its words."""
    return {case.passage.text.passage: case.codes for case in cases_of(session, human(session))}


def recorded(session, noise=0.0, seed=0, name="good"):
    """A model that answers as people coded, but in so many cases at random."""
    codes, rng = truth(session), random.Random(seed)
    answers = {}
    for words, given_codes in sorted(codes.items()):
        right = next(iter(given_codes), NONE)
        answers[words] = rng.choice([*session.precoder.codebook.ids, NONE]) if rng.random() < noise else right
    return TableModel(lambda words, keys: sure_of(answers.get(words, NONE), keys), name)


def suggested(session):
    """What coders would be asked, as it is stored."""
    return [
        (s.id, s.suggestion.span, s.suggestion.code, s.suggestion.probability)
        for s in session.store.suggestions.stream()
    ]


def first(trial, which):
    return trial.figures["scores"][f"first_{which}"]["value"]


# Bad models and good ones


@pytest.mark.parametrize("seed", range(3))
def test_random_answers_change_nothing(session, seed):
    rng = random.Random(seed)
    model = TableModel(lambda words, keys: {key: rng.random() for key in keys}, f"random{seed}")
    before = suggested(session)
    trial = try_model(session, model, human(session))
    passed = ask_study(session, model, stage_for(session.study.folder, model.facts.fingerprint))
    assert trial.verdict is TrialVerdict.NO_GAIN
    assert trial.weighing.stage.weight < 0.15
    assert first(trial, "with") >= first(trial, "without") - 0.03
    assert trial.stage is UNCHANGED
    assert (passed.run, suggested(session)) == (None, before)


@pytest.mark.parametrize("answer", ["team", NONE])
def test_a_model_that_always_says_the_same_changes_nothing(session, answer):
    trial = try_model(session, TableModel(lambda _, keys: sure_of(answer, keys), "stuck"), human(session))
    assert trial.verdict is TrialVerdict.NO_GAIN
    assert not trial.stage.is_used


def test_a_good_model_is_used_and_lifts_the_right_code_first(session):
    model = recorded(session, noise=0.2)
    before, trial = suggested(session), try_model(session, model, human(session))
    assert trial.verdict is TrialVerdict.USED
    assert trial.stage.weight > 0.3
    assert first(trial, "with") > first(trial, "without") + 0.1
    passed = ask_study(session, model, stage_for(session.study.folder, model.facts.fingerprint))
    assert passed.run is not None
    assert suggested(session) != before
    run = session.store.runs.all()[-1]
    assert run.facts.model.endswith(f"+{model.facts.fingerprint}")
    assert run.facts.recipe == session.recipe  # the next run does nothing over


def test_what_was_answered_is_not_asked_again_and_no_suggestion_is_stored_twice(session):
    model = recorded(session)
    try_model(session, model, human(session))
    stage = stage_for(session.study.folder, model.facts.fingerprint)
    ask_study(session, model, stage)
    asked, stored = len(model.asked), suggested(session)
    again = ask_study(session, model, stage)
    assert (len(model.asked), suggested(session), again.run) == (asked, stored, None)
    assert again.report.asked == 0


def test_another_model_adapter_or_prompt_has_to_be_tried_by_itself(session):
    model = recorded(session)
    try_model(session, model, human(session))
    assert stage_for(session.study.folder, model.facts.fingerprint).is_used
    assert not stage_for(session.study.folder, recorded(session, name="other").facts.fingerprint).is_used


def test_no_prompt_and_no_word_is_kept(session):
    model = recorded(session)
    try_model(session, model, human(session))
    rows = [str(row) for row in session.store.opinions.stream(model.facts.fingerprint)]
    kept = "".join(rows) + (session.study.folder / "second" / "trial.json").read_text(encoding="utf-8")
    assert rows
    assert not [words for words in truth(session) if words in kept]


def test_too_few_codings_decide_nothing(session, tmp_path):
    few = tmp_path / "few.jsonl"
    few.write_text("".join(human(session).read_text(encoding="utf-8").splitlines(keepends=True)[:6]), encoding="utf-8")
    trial = try_model(session, recorded(session), few)
    assert trial.verdict is TrialVerdict.TOO_FEW
    assert not stage_for(session.study.folder, trial.facts.fingerprint).is_used
    assert str(FEWEST_PASSAGES) in verdict_line(load_trial(session.study.folder))


def test_the_methods_sentence_names_model_weights_prompt_and_rule(session):
    try_model(session, recorded(session), human(session))
    sentence = methods_sentence(load_trial(session.study.folder))
    assert all(part in sentence for part in ("good", "abababababab", "second/v1", "systemone", "48 passages"))


def test_a_damaged_trial_is_told(session):
    (session.study.folder / "second").mkdir()
    (session.study.folder / "second" / "trial.json").write_text('{"format": "second/v1"}', encoding="utf-8")
    with pytest.raises(IntegrityError, match="precode second try"):
        stage_for(session.study.folder, "x")


# Trouble


class Failing(TableModel):
    """Answers so many questions, then fails."""

    def __init__(self, good, answers, failure=Failure.AWAY):
        super().__init__(good.choose, good.facts.model)
        self.left, self.failure, self.tried = answers, failure, 0

    def ask(self, question):
        self.tried += 1
        if self.left <= 0:
            raise NoOpinion(self.failure)
        self.left -= 1
        return super().ask(question)


@pytest.mark.parametrize("answers", [0, 7])
def test_a_server_killed_in_the_middle_leaves_the_suggestions_of_the_run(session, answers):
    good = recorded(session)
    try_model(session, good, human(session))
    stage, before = stage_for(session.study.folder, good.facts.fingerprint), suggested(session)
    fresh = Failing(good, answers)
    fresh.facts = type(good.facts)("systemone", "second/v1", "fresh", "http://127.0.0.1:1")
    passed = ask_study(session, fresh, stage)
    assert suggested(session) == before
    assert fresh.tried == answers + IN_A_ROW
    assert "in a row" in passed.report.stopped
    assert passed.report.failures == {Failure.AWAY: IN_A_ROW}


def test_a_cut_prompt_ends_the_pass_at_once(session):
    model = Failing(recorded(session), 2, Failure.TRUNCATED)
    passed = ask_study(session, model, UNCHANGED)
    assert model.tried == 3
    assert "longer context" in passed.report.stopped


def test_failures_that_do_not_follow_one_another_do_not_end_the_pass(session):
    good, calls = recorded(session), []

    class Flaky(TableModel):
        def ask(self, question):
            calls.append(question)
            if len(calls) % 3 == 0:
                raise NoOpinion(Failure.UNREADABLE)
            return super().ask(question)

    passed = ask_study(session, Flaky(good.choose), UNCHANGED)
    assert not passed.report.stopped
    assert passed.report.failures[Failure.UNREADABLE] > IN_A_ROW


def test_the_budget_ends_a_pass_with_the_least_sure_asked_first(session):
    add_settings(session, "[second]\nbudget = 5\n")
    with StudySession(open_study(session.study.folder)) as small:
        model = recorded(small)
        model.asked.clear()
        ask_study(small, model, UNCHANGED)
        doubts = [passage.doubt for passage in planned(small).passages]
    assert len(model.asked) == 5
    assert doubts == sorted(doubts)


# Which decisions may be fitted on


def decide(session, count, **how):
    made = []
    for stored in list(session.store.suggestions.stream())[:count]:
        draft = NewDecision("Ada", stored.version, Action.ACCEPT, suggestion=stored.id, **how)
        made += session.store.decisions.add(draft)
    return made


def test_decisions_count_until_opinions_were_shown_and_blind_ones_always(session):
    model = recorded(session)
    ask_study(session, model, UNCHANGED)
    decide(session, 4)
    before = len(cases_of(session))
    assert before >= 4
    show_opinions(session, model.facts.fingerprint)
    assert len(cases_of(session)) == before
    shown = list(session.store.suggestions.stream())[4:8]
    for stored in shown:
        session.store.decisions.add(NewDecision("Ben", stored.version, Action.ACCEPT, suggestion=stored.id))
    assert len(cases_of(session)) == before
    span = shown[0].suggestion.span
    blind = NewDecision("Cy", shown[0].version, Action.CODE, span=span, code="team", blind=True)
    session.store.decisions.add(blind)
    assert len(cases_of(session)) > before


def test_decisions_of_an_earlier_time_count_although_they_are_written_later(session):
    model = recorded(session)
    ask_study(session, model, UNCHANGED, show=True)
    decide(session, 3, time=datetime.now(UTC) - timedelta(days=1))
    assert len(cases_of(session)) >= 3


def test_audits_count(session):
    version, span = next((p.version, p.span) for p in planned(session).passages if not p.suggested)
    session.store.events.add(NewEvent("Ada", EventKind.AUDITED_EMPTY, version, span))
    (case,) = cases_of(session)
    assert (case.passage.span, case.codes) == (span, frozenset())


def test_a_transcript_coded_blind_counts_as_a_whole_while_its_coder_is_done(session):
    version = session.store.transcripts.versions()[0].id

    def note(kind):
        session.store.events.add(NewEvent("Ada", kind, version))
        return len(cases_of(session))

    assert note(EventKind.BLIND) == 0
    assert note(EventKind.DONE) == 8
    assert note(EventKind.REOPENED) == 0


def test_learning_weighs_again_what_was_answered_without_asking(session):
    model = recorded(session)
    try_model(session, model, human(session))
    asked, created = len(model.asked), load_trial(session.study.folder)
    assert refit(session, human(session)).verdict is TrialVerdict.USED
    add_settings(session, '[second]\nurl = "http://127.0.0.1:1"\nmodel = "good"\n')
    with StudySession(open_study(session.study.folder)) as opened:
        learn_study(opened, human(session))
    after = load_trial(session.study.folder)
    assert len(model.asked) == asked
    assert (after.verdict, after.facts) == (created.verdict, created.facts)


def test_opinions_are_shown_from_the_moment_that_is_noted(session):
    show_opinions(session, "")
    assert not [e for e in session.store.events.stream(coder=MACHINE) if e.kind is EventKind.SECOND]
    try_model(session, recorded(session), human(session))
    noted = [e.text for e in session.store.events.stream(coder=MACHINE) if e.kind is EventKind.SECOND]
    assert noted == [recorded(session).facts.fingerprint]


# The second stage


def some_pairs(rng, n, informative):
    given_codes = rng.random(n) < 0.3
    choice = np.where(given_codes, 1.0, -1.0) * informative + rng.normal(0, 1, n)
    calibrated = np.clip(0.3 + rng.normal(0, 0.1, n), 0.01, 0.99)
    return Pairs(calibrated, choice, np.zeros(n), given_codes, np.arange(n) // 4)


@given(st.integers(0, 10_000), st.floats(0, 2))
def test_a_stage_never_turns_an_opinion_round_and_reads_back_as_it_was(seed, informative):
    stage = SecondStage.fit(some_pairs(np.random.default_rng(seed), 80, informative))
    assert (stage.weights[:3] >= 0).all()
    assert np.allclose(stage_of(to_weights(stage)).weights, stage.weights, atol=1e-5)


@given(st.lists(st.floats(0.001, 0.999), min_size=1, max_size=9))
def test_the_start_of_a_stage_changes_nothing(chances):
    calibrated = np.array(chances)
    assert np.allclose(UNCHANGED.mixed(calibrated, np.full(len(chances), 3.0), np.ones(len(chances))), calibrated)
    assert (UNCHANGED.weights == START).all()


@given(st.dictionaries(st.sampled_from(["a", "b", "c", NONE]), st.floats(0, 1), min_size=2))
def test_evidence_is_bounded_and_nothing_where_all_are_alike(masses):
    evidence = choice_evidence(Opinion(masses))
    assert NONE not in evidence
    assert all(abs(strength) <= 4 for strength in evidence.values())
    alike = choice_evidence(Opinion(dict.fromkeys(masses, 1 / len(masses))))
    assert all(abs(strength) < 1e-9 for strength in alike.values())


def test_the_rule_asks_for_more_coded_passages_than_a_handful():
    assert FEWEST_CODED >= 15
