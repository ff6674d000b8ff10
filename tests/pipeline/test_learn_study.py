"""Learning end to end, on the lexical encoder: what is better is put in force, what is worse is not."""

import json
from functools import partial

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, log_loss

from corpus.seeds import SeedBank
from evaluation.learning import MINIMUM, ScoreChange, Verdict, compare, learn, learn_study, parts_of
from models.lexical_encoder import LexicalEncoder
from models.seed_vectors import examples_of, save_vectors
from pipeline.export.run_outputs import suggestion_set
from pipeline.learned import LearnedSeeds
from pipeline.run import in_threads, plan, run_study
from pipeline.session import StudySession
from pipeline.store import Action, NewDecision
from tests.evaluation.support import BOOK
from tests.pipeline.learn_support import NAMES, OWN, bank_of, fit, reading, sentences, study_at, suggestion

NOTHING = SeedBank(())


# The comparison


def test_decisions_raise_the_quality_on_interviews_that_were_held_out():
    learning = learn([reading(name) for name in NAMES], BOOK, fit, in_force=NOTHING)
    scores = learning.comparison.scores["micro_average_precision"]
    assert learning.verdict is Verdict.BETTER
    assert scores["before"].value < 0.4
    assert scores["after"].value > 0.95
    assert scores["gain"].low > 0.5


def test_what_makes_the_suggester_worse_is_not_better():
    muddled = [reading("P01"), reading("P02", wrong=True), reading("P03", wrong=True)]
    assert learn(muddled, BOOK, fit, in_force=NOTHING).verdict is Verdict.WORSE


def test_one_interview_is_held_out_in_stretches():
    learning = learn([reading("P01")], BOOK, fit, in_force=NOTHING)
    assert learning.verdict is Verdict.BETTER
    assert learning.comparison.scores["log_loss"]["gain"].low is None  # one interview allows no interval


def test_too_few_decisions_are_told_apart_from_bad_ones():
    few = SeedBank(bank_of(reading("P01")).quotes[: MINIMUM - 1])
    assert len(few.quotes) == MINIMUM - 1
    truth = np.eye(3, dtype=np.bool_)[np.zeros(len(few.quotes), dtype=np.intp)]
    scores = np.full(truth.shape, 0.5)
    assert ScoreChange(truth, scores, scores, np.zeros(len(truth), dtype=np.intp)).verdict is Verdict.TOO_FEW


def test_rejections_alone_are_too_few():
    truth = np.zeros((50, 3), dtype=np.bool_)
    scores = np.full(truth.shape, 0.5)
    assert ScoreChange(truth, scores, scores, np.zeros(50, dtype=np.intp)).verdict is Verdict.TOO_FEW


def test_scores_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    truth, before, after = rng.random((30, 3)) < 0.3, rng.random((30, 3)), rng.random((30, 3))
    scores = ScoreChange(truth, before, after, np.arange(30) % 3).scores
    precision, loss = scores["micro_average_precision"], scores["log_loss"]
    assert precision["before"].value == pytest.approx(average_precision_score(truth.ravel(), before.ravel()))
    assert precision["gain"].value == pytest.approx(precision["after"].value - precision["before"].value)
    assert loss["after"].value == pytest.approx(log_loss(truth.ravel(), after.ravel()))
    assert loss["gain"].value == pytest.approx(loss["before"].value - loss["after"].value)


def test_no_suggester_has_seen_what_it_is_compared_on():
    seen = []

    def watching(learned):
        seen.append({quote.document for quote in learned.quotes})
        return fit(NOTHING)

    everything = bank_of(*map(reading, NAMES))
    compare(watching, everything, everything)
    assert seen == [set(NAMES)] + [set(NAMES) - {name} for name in NAMES for _ in ("before", "after")]


def test_a_turn_of_a_single_interview_is_never_torn_apart():
    talk = reading("P01")
    examples = examples_of(bank_of(talk), BOOK, LexicalEncoder())
    parts = parts_of(examples)
    assert sorted(set(parts.tolist())) == [0, 1, 2]
    assert (np.diff(parts) >= 0).all()


# A study


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.setenv("PRECODE_CACHE", str(tmp_path / "caches"))
    return study_at(tmp_path / "lhc")


def run(study):
    with StudySession(study) as session:
        return run_study(session, partial(in_threads, session), plan(session))


def decide(study, names=NAMES):
    """Code everything that the participants say, and reject what was suggested for talk without a code."""
    truth = dict(sentences())
    with StudySession(study) as session:
        for version in (one for one in session.store.transcripts.versions() if one.name in names):
            transcript = session.store.transcripts.get(version.id)
            for turn, words in transcript.talk():
                if code := truth.get(words):
                    session.store.decisions.add(NewDecision("Ann", version.id, Action.CODE, span=turn.span, code=code))
            for one in session.store.suggestions.stream(version=version.id):
                if not truth.get(one.suggestion.span.of(transcript.text)):
                    session.store.decisions.add(NewDecision("Ann", version.id, Action.REJECT, suggestion=one.id))


def taught(study, codings=None):
    with StudySession(study) as session:
        return learn_study(session, codings)


def human(study, names=NAMES):
    """Write a file of codings of everything that has a code."""
    path = study.folder / "codings.jsonl"
    with StudySession(study) as session:
        texts = {source.name: study.read(source).text for source in session.study.sources().accepted}
    lines = (
        {"transcript": name, "start": texts[name].index(words), "end": texts[name].index(words) + len(words), "code": c}
        for name in names
        for words, c in sentences()
        if c
    )
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


def test_what_was_learned_is_in_force_at_the_next_run_which_says_so(study):
    run(study)
    decide(study)
    learning = taught(study)
    assert learning.verdict is Verdict.BETTER
    assert LearnedSeeds(study.folder).seeds(study.codebook()) == learning.seeds
    with StudySession(study) as session:
        assert [one.name for one in plan(session).todo] == list(NAMES)
    run(study)
    with StudySession(study) as session:
        before, after = (one.facts for one in session.store.runs.all())
        assert before.seeds != after.seeds == session.precoder.bank.digest
        found = {
            one.suggestion.span.of(session.store.transcripts.get(one.version).text)
            for one in session.store.suggestions.stream()
        }
    assert {text for text in found if OWN["money"] in text}


def test_what_was_decided_stays_listed_with_the_model_that_made_it(study):
    run(study)
    with StudySession(study) as session:
        version = session.store.transcripts.versions()[0]
        transcript = session.store.transcripts.get(version.id)
        spans = [turn.span for turn, words in transcript.talk() if OWN["money"] in words][:2]
        first = session.store.runs.start(session.facts({}))
        session.store.runs.save(first, version.id, [suggestion(span, "money") for span in spans])
        for one, action in zip(session.store.suggestions.stream(version=version.id), ("accept", "reject"), strict=True):
            session.store.decisions.add(NewDecision("Ann", version.id, Action(action), suggestion=one.id))
    decide(study, NAMES[1:])
    assert taught(study).verdict is Verdict.BETTER
    second = run(study).run
    with StudySession(study) as session:
        rows = [row for row in suggestion_set(session).rows() if row.transcript == version.name and row.code == "money"]
    assert {row.status for row in rows if row.origin.run == str(first)} == {"accept", "reject"}
    assert {row.status for row in rows if row.origin.run == str(second)} == {"undecided"}
    assert len({row.start for row in rows}) == len(rows)  # nothing is asked twice
    assert rows == sorted(rows, key=lambda row: row.start)


def test_learning_twice_changes_nothing(study):
    run(study)
    decide(study)
    taught(study)
    files = {path: path.read_bytes() for path in (study.folder / "learned").iterdir()}
    assert taught(study).verdict is Verdict.KNOWN
    assert {path: path.read_bytes() for path in (study.folder / "learned").iterdir()} == files


def test_a_study_without_decisions_has_nothing_to_learn(study):
    assert taught(study).verdict is Verdict.KNOWN
    assert not (study.folder / "learned").exists()


def test_a_file_of_codings_teaches_and_later_decisions_leave_it_in_place(study):
    assert taught(study, human(study, NAMES[:2])).verdict is Verdict.BETTER
    run(study)
    decide(study, NAMES[2:])
    learning = taught(study)
    assert {quote.document for quote in learning.seeds.quotes} == set(NAMES)


def test_vectors_that_ship_serve_a_bank_that_has_grown(tmp_path):
    base, more = bank_of(reading("P01")), bank_of(reading("P02", wrong=True))
    save_vectors(tmp_path, base, LexicalEncoder())

    class OnlyNew(LexicalEncoder):
        def encode(self, texts):
            assert set(texts) <= {quote.text for quote in more.quotes}
            return LexicalEncoder().encode(texts)

    ready = examples_of(base + more, BOOK, OnlyNew(), shipped=tmp_path)
    afresh = examples_of(base + more, BOOK, LexicalEncoder())
    assert ready.encoded.vectors == pytest.approx(afresh.encoded.vectors, abs=1e-3)
    assert ready.encoded.texts == afresh.encoded.texts


# The command


def test_the_command_shows_before_and_after_and_what_to_type_next(study, precode):
    code, out, _ = precode("learn", "--study", study.folder, "--human", human(study))
    assert code == 0
    assert "micro average precision" in out
    assert out.splitlines()[-1] == f"Next: precode run --study {study.folder}"
    assert not any(words in out for words, _ in sentences())


def test_the_command_speaks_to_machines_and_takes_back(study, precode):
    _, out, _ = precode("learn", "--study", study.folder, "--human", human(study), "--json")
    told = json.loads(out)
    assert (told["verdict"], told["rule"], told["coded"]) == ("better", "not-worse/v1", 108)
    assert told["scores"]["log_loss"]["gain"]["value"] > 0
    assert LearnedSeeds(study.folder).lessons()[0].seeds == told["seeds"]
    _, out, _ = precode("learn", "--study", study.folder, "--back")
    assert out.startswith("Taken back. In force now: the seeds the study began with.")
    assert precode("learn", "--study", study.folder, "--back")[0] == 2


def test_too_few_decisions_are_told(study, precode):
    path = human(study, NAMES[:1])
    path.write_text(path.read_text().splitlines()[0])
    (study.transcripts / "P01.txt").write_text(f"Anna: {sentences()[0][0]}\n")
    path.write_text(json.dumps({"transcript": "P01", "exact": sentences()[0][0], "code": "money"}))
    code, out, _ = precode("learn", "--study", study.folder, "--human", path)
    assert code == 0
    assert "Too few to judge by (it takes 20 sentences, 5 of them coded)" in out


def test_back_and_human_exclude_each_other(study, precode):
    assert precode("learn", "--study", study.folder, "--back", "--human", "x.jsonl")[0] == 2
