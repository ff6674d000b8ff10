"""The pieces of a run: plan, retries, outcomes, session, speakers, steps, sentences and what stands around them."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.errors import CodingError, InputError, IntegrityError, InternalError, UsageError
from corpus.seeds import SeedBank, SeedQuote
from corpus.speakers import SpeakerReading
from corpus.suggestion import Suggestion
from corpus.transcript import Role, Span, Transcript, Turn
from models.examples import EncodedTexts
from models.lexical_encoder import LexicalEncoder
from models.suggester import Near
from pipeline.embed import contexts, embed_segments, participant_segments
from pipeline.notes import is_spoken, whole_spans, without_notes
from pipeline.run import (
    FinishedRun,
    OutcomeStatus,
    Plan,
    TranscriptOutcome,
    in_threads,
    may_pass,
    plan,
    precode_transcript,
    refusal,
    run_study,
    settled,
    versions,
    with_retries,
)
from pipeline.segment import ruled_starts, segment
from pipeline.session import StudySession
from pipeline.spacy_models import hidden, without_surrogates
from pipeline.speakers import ASKING, SURE, StudySpeakers, TranscriptCheck, check_of, first_words
from pipeline.steps import EVIDENCE_SHOWN, Scored, evidence_for, precode, run_directly
from pipeline.study import Source, create_study, told_apart
from tests.corpus.support import BOOK, TRANSCRIPTS, interviews, sentence, transcript_of
from tests.pipeline.run_support import put

# Retries and outcomes


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (UsageError("the database is locked"), True),
        (InputError("P01.txt", "is empty"), True),
        (CodingError("codings.jsonl:3", "fits nothing"), True),
        (IntegrityError("damaged"), False),
        (InternalError("P01", "ValueError", "x.py:1"), True),
        (ValueError("not ours"), False),
        (KeyboardInterrupt(), False),
    ],
    ids=lambda value: type(value).__name__,
)
def test_may_pass_asks_whether_trying_again_could_help(error, passes):
    assert may_pass(error) is passes


@pytest.mark.parametrize(
    ("failures", "retries", "calls"),
    [(0, 2, 1), (2, 2, 3), (3, 2, 3), (1, 0, 1)],
    ids=["well", "late", "never", "once"],
)
def test_with_retries_calls_no_more_often_than_it_was_told(failures, retries, calls, monkeypatch):
    pauses, made = [], []
    monkeypatch.setattr("pipeline.run.time.sleep", pauses.append)

    def action():
        made.append(1)
        if len(made) <= failures:
            raise UsageError("locked")
        return "done"

    if failures > retries:
        with pytest.raises(UsageError, match="locked"):
            with_retries(action, retries)
    else:
        assert with_retries(action, retries) == "done"
    assert len(made) == calls
    assert pauses == [0.5 * 2**n for n in range(calls - 1)]


def test_settled_turns_a_defect_into_an_outcome_and_lets_other_errors_through():
    source = Source("P01", None, "transcripts/P01.txt")
    defect = InternalError("P01", "ValueError", "x.py:1")

    def raising(error):
        def result():
            raise error

        return result

    found = settled(source, raising(defect))
    assert (found.transcript, found.status, found.error) == ("P01", OutcomeStatus.FAILED, str(defect))
    with pytest.raises(UsageError, match="disk"):
        settled(source, raising(UsageError("the disk is full")))
    assert settled(source, lambda: found) is found


def test_refusal_names_the_file_and_its_transcript():
    found = refusal(InputError("transcripts/a/P01.docx", "is a link"))
    assert (found.transcript, found.source, found.status) == (
        *("P01", "transcripts/a/P01.docx", OutcomeStatus.REFUSED),
    )
    assert found.error == "transcripts/a/P01.docx: is a link"


@pytest.mark.parametrize(
    ("states", "code"),
    [([], 0), (["coded", "kept"], 0), (["coded", "refused"], 1), (["refused", "failed"], 3), (["failed"], 3)],
)
def test_exit_code_of_a_run_is_that_of_the_worst(states, code):
    outcomes = tuple(TranscriptOutcome(f"P{n}", "x", OutcomeStatus(state)) for n, state in enumerate(states))
    assert FinishedRun(1, outcomes, 0.0).exit_code == code


def test_redone_plans_everything_that_can_be_read_in_path_order():
    first, second, third = (Source(name, None, f"transcripts/{name}.txt") for name in "abc")
    refused = refusal(InputError("transcripts/d.txt", "is a link"))
    again = Plan((third,), (second, first), (refused,)).redone()
    assert [source.name for source in again.todo] == ["a", "b", "c"]
    assert (again.kept, again.refused) == ((), (refused,))


def test_versions_name_what_bears_on_a_result():
    found = versions()
    assert {"python", "precode", "spacy", "prefect"} <= found.keys()
    assert all(version[0].isdigit() for version in found.values())


# A run over small studies


@pytest.mark.usefixtures("words")
def test_in_threads_yields_outcomes_in_the_order_of_the_sources(study):
    for name in ("P03", "P01", "P02"):
        put(study, name)
    with StudySession(study) as session:
        todo = plan(session).todo[::-1]
        run = session.store.runs.start(session.facts({}))
        assert [outcome.transcript for outcome in in_threads(session, run, todo)] == ["P03", "P02", "P01"]


@pytest.mark.usefixtures("words")
def test_precode_transcript_runs_its_steps_in_order_and_stores_what_they_made(study):
    put(study, "P01")
    ran = []

    def run_step(name, step):
        ran.append(name)
        return step()

    with StudySession(study) as session:
        run = session.store.runs.start(session.facts({}))
        outcome = precode_transcript(session, run, study.sources().accepted[0], run_step=run_step)
        assert len(list(session.store.suggestions.stream(run=run))) == outcome.suggestions == 1
    assert ran == ["segment", "embed", "suggest"]


@pytest.mark.usefixtures("words")
def test_precode_transcript_of_what_cannot_be_read_is_an_outcome_that_is_kept(study):
    (study.transcripts / "P01.txt").write_bytes(b"")
    with StudySession(study) as session:
        run = session.store.runs.start(session.facts({}))
        outcome = precode_transcript(session, run, study.sources().accepted[0])
        (stored,) = session.store.runs.outcomes(run)
    assert outcome.status is OutcomeStatus.REFUSED
    assert stored.error == outcome.error


@pytest.mark.usefixtures("words")
def test_run_study_of_nothing_makes_no_run_and_asks_nobody_to_work(study):
    def work(*_):
        raise AssertionError("there is nothing to do")

    with StudySession(study) as session:
        done = run_study(session, work, plan(session))
        assert (done.run, done.outcomes, done.exit_code) == (None, (), 0)


@pytest.mark.parametrize(
    "name", ["\u05e9\u05dc\u05d5\u05dd", "👩‍⚕️ nurse", "a b.c"], ids=["Hebrew", "emoji", "blanks and dots"]
)
@pytest.mark.usefixtures("words")
def test_plan_knows_a_file_again_whatever_it_is_called(study, name):
    put(study, name)
    with StudySession(study) as session:
        first = plan(session)
        run_study(session, lambda run, todo: in_threads(session, run, todo), first)
        second = plan(session)
    assert [source.name for source in first.todo] == [source.name for source in second.kept] == [name]


# Session


def test_session_makes_its_parts_once_for_all_threads(study, monkeypatch):
    made, begun = [], threading.Barrier(4)

    def load(opened):
        made.append(opened)
        return SimpleNamespace(recipe="r")

    monkeypatch.setattr("pipeline.precoder.load_precoder", load)
    with StudySession(study) as session, ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: begun.wait() >= 0 and session.precoder, range(4)))
        stores = {id(session.store) for _ in range(3)}
    assert made == [study]
    assert all(each is found[0] for each in found)
    assert len(stores) == 1


def test_session_that_was_never_used_makes_no_database_when_it_closes(study):
    with StudySession(study):
        pass
    assert not (study.folder / "study.db").exists()


def test_session_recipe_changes_with_that_of_the_precoder(study, words):
    recipes = []
    for recipe in ("a", "b", "a"):
        words.recipe = recipe
        recipes.append(StudySession(study).recipe)
    assert recipes[0] == recipes[2] != recipes[1]
    assert recipes[0] != "a", "what is stored of a transcript is part of it"


# Files of a study


@pytest.mark.parametrize(
    ("names", "accepted", "refused"),
    [
        ([], [], []),
        (["a/P01.txt", "b/P02.txt"], ["a/P01.txt", "b/P02.txt"], []),
        (["a/P01.txt", "b/P01.docx", "c/P01.pdf"], ["a/P01.txt"], ["b/P01.docx", "c/P01.pdf"]),
    ],
    ids=["none", "two names", "one name three times"],
)
def test_told_apart_keeps_the_first_of_a_name_and_refuses_the_others_with_a_remedy(tmp_path, names, accepted, refused):
    found = told_apart(Source((tmp_path / name).stem, tmp_path / name, name) for name in names)
    assert [source.relative for source in found.accepted] == accepted
    assert [error.place for error in found.refused] == refused
    assert all(error.problem == "has the same name as a/P01.txt; rename one" for error in found.refused)


# Speakers


def reading(label, role=Role.PARTICIPANT, confidence=0.9):
    return SpeakerReading(label, 1, 3, (Span(0, 3),), role, confidence, "a reason")


@pytest.mark.parametrize(
    ("speakers", "asking", "doubtful"),
    [
        ([], 0.0, set()),
        ([reading("A")], 0.0, set()),
        ([reading("A", confidence=SURE)], 0.0, set()),
        ([reading("A", confidence=SURE - 0.01)], 0.0, {"A"}),
        ([reading("A", Role.INTERVIEWER, 0.1), reading("B", confidence=0.1)], 0.0, {"B"}),
        ([reading(None, confidence=0.1)], ASKING, set()),
        ([reading(None, confidence=0.9)], ASKING + 0.01, {None}),
    ],
    ids=["nobody", "sure", "just sure", "unsure", "asks anyway", "narrative", "questions without a label"],
)
def test_doubtful_is_who_may_be_asking(speakers, asking, doubtful):
    check = TranscriptCheck("P01", "P01.txt", tuple(speakers), asking=asking)
    assert check.doubtful == doubtful
    assert check.doubts == len(doubtful)


def test_doubts_count_errors_and_labels_that_are_probably_one():
    check = TranscriptCheck("P01", "P01.txt", (reading("A", confidence=0.1),), similar=(("A", "Aa"),), error="is empty")
    assert check.doubts == 3


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"turns": 9, "words": 99, "reason": "other"}, True),
        ({"role": Role.INTERVIEWER}, False),
        ({"label": "B"}, False),
        ({"confidence": 0.1}, False),
        ({"confidence": 0.8}, True),
    ],
    ids=["counts", "role", "label", "doubt", "as sure"],
)
def test_fingerprint_is_what_a_reading_means_for_suggestions(change, same):
    before = TranscriptCheck("P01", "P01.txt", (reading("A"),))
    after = TranscriptCheck("P01", "other.txt", (replace(reading("A"), **change),))
    assert (before.fingerprint == after.fingerprint) is same


@given(TRANSCRIPTS)
def test_check_of_counts_turns_stamps_and_questions(transcript):
    check = check_of(transcript, "transcripts/P01.txt")
    talk = [words for _, words in transcript.talk()]
    assert (check.name, check.source, check.turns, check.timed) == (
        transcript.name,
        "transcripts/P01.txt",
        len(talk),
        0,
    )
    assert check.asking == pytest.approx(sum("?" in words for words in talk) / max(1, len(talk)))
    assert sum(speaker.turns for speaker in check.speakers) == check.turns


def test_hold_back_splits_suggestions_by_who_speaks(study, monkeypatch):
    text = "Before. One. Two. Three."
    turns = tuple(
        Turn(Span(text.index(words), text.index(words) + len(words)), speaker, Role.PARTICIPANT)
        for words, speaker in (("One.", "A"), ("Two.", "B"), ("Three.", None))
    )
    transcript = Transcript("P01", text, turns)
    speakers = StudySpeakers(study)
    checked = {"P01": TranscriptCheck("P01", "P01.txt", (reading("A"), reading("B", confidence=0.1), reading(None)))}
    monkeypatch.setattr(speakers, "checks", lambda: checked)
    found = [Suggestion(span, ("t",), "team", 0.5, 1) for span in (Span(0, 6), *(turn.span for turn in turns))]
    made, held = speakers.hold_back(transcript, found)
    assert held == [found[2]]
    assert made == [found[0], found[1], found[3]]
    assert speakers.hold_back(replace(transcript, name="P99"), found) == (found, [])


def test_fingerprint_of_a_transcript_that_is_not_there_is_empty(study):
    assert StudySpeakers(study).fingerprint("P99") == ""
    assert StudySpeakers(study).checks() == {}


def test_first_words_are_read_anew_and_stand_on_one_line(study):
    (study.transcripts / "P01.txt").write_text("INT: Tell\tme   now.\nAnna: The nurse 🙂.\n", encoding="utf-8")
    check = StudySpeakers(study).checks()["P01"]
    assert dict(first_words(study, check)) == {"INT": "Tell me now.", "Anna": "The nurse 🙂."}
    (study.transcripts / "P01.txt").unlink()
    with pytest.raises(InputError, match=r"P01\.txt"):
        list(first_words(study, check))


# Steps


@dataclass
class StubSuggester:
    """Gives each sentence the probabilities that the test says, and notes what it was asked."""

    probabilities: np.ndarray
    thresholds_: np.ndarray
    near: tuple = ()
    asked: list = field(default_factory=list)

    def score(self, encoded, turns):
        self.asked.append(turns.tolist())
        return self.probabilities[: len(encoded.texts)]

    def nearest(self, vector, column, *, most=2):
        self.asked.append((round(float(np.linalg.norm(vector)), 6), column, most))
        return self.near[:most]

    def words(self, text, column, language="en"):
        return tuple(text.split()[:1])


BANK = SeedBank(
    (
        SeedQuote("The nurses matter.", "team"),
        SeedQuote("The nurses matter. They do.", "team"),
        SeedQuote("Porters, too.", "team", None, "accepted"),
        SeedQuote("We all matter.", "team"),
    )
)


def model_of(rows, thresholds=(0.5, 0.5, 0.5), near=()):
    probabilities = np.array(rows, np.float32).reshape(-1, 3)
    suggester = StubSuggester(probabilities, np.array(thresholds, np.float32), tuple(near))
    return SimpleNamespace(codebook=BOOK, bank=BANK, language="en", embedder=LexicalEncoder(), suggester=suggester)


TALK = transcript_of((Role.INTERVIEWER, "And now?"), f"{sentence('team', 0)} {sentence('team', 6)}", sentence(None, 3))


def test_precode_merges_neighbours_of_a_turn_and_names_what_speaks_for_them():
    near = [Near(2, 0.75), Near(0, 0.5)]
    model = model_of([[0.9, 0.1, 0.2], [0.7, 0.1, 0.6], [0.1, 0.1, 0.1]], near=near)
    precoded = precode(TALK, model, run_directly)
    team, budget = precoded.suggestions
    assert (team.code, team.probability, team.rank, team.segments) == ("team", 0.9, 1, ("t0001s000", "t0001s001"))
    assert team.span.of(TALK.text) == TALK.turns[1].span.of(TALK.text)
    assert [(seed.text, seed.provenance) for seed in team.evidence] == [
        *(("Porters, too.", "accepted"), ("The nurses matter.", "authored")),
    ]
    assert (budget.code, budget.rank, budget.segments) == ("budget", 2, ("t0001s001",))
    assert [code for code, _ in team.alternatives] == ["budget", "trust"]
    assert model.suggester.asked[0] == [1, 1, 2], "sentences know their turns"


def test_precode_of_talk_without_participants_asks_no_model():
    model = model_of([])
    precoded = precode(transcript_of((Role.INTERVIEWER, "And now?")), model, run_directly)
    assert (precoded.suggestions, precoded.scored.segments, precoded.scored.probabilities.shape) == ([], (), (0, 3))
    assert model.suggester.asked == []


def test_precode_runs_every_step_under_its_name():
    names = []

    def run_step(name, step):
        names.append(name)
        return step()

    precode(TALK, model_of(np.zeros((3, 3))), run_step)
    assert names == ["segment", "embed", "suggest"]


def test_coded_is_the_chance_of_any_code():
    scored = Scored(
        (), EncodedTexts((), (), np.zeros((2, 1), np.float32)), np.array([[0.5, 0.5], [0.0, 0.0]], np.float32)
    )
    assert scored.coded.tolist() == [0.75, 0.0]


@pytest.mark.parametrize(
    ("rows", "texts"),
    [
        ((), []),
        ((0, 1, 2), ["The nurses matter.", "Porters, too."]),
        ((1, 0, 2), ["The nurses matter. They do.", "Porters, too."]),
        ((0, 2, 3), ["The nurses matter.", "Porters, too."]),
        ((0, 0, 0), ["The nurses matter."]),
    ],
    ids=["none", "one holds another", "the other way round", "no more than are shown", "the same"],
)
def test_evidence_never_holds_a_quotation_within_another(rows, texts):
    model = model_of([], near=[Near(row, 0.9 - n / 10) for n, row in enumerate(rows)])
    evidence = evidence_for(np.eye(2, dtype=np.float32), 0, model)
    assert [seed.text for seed in evidence] == texts
    assert len(evidence) <= EVIDENCE_SHOWN


@pytest.mark.parametrize("vectors", [np.eye(3), np.ones((1, 3)), np.full((4, 3), 1e-3)], ids=["three", "one", "short"])
def test_evidence_is_asked_for_by_a_unit_vector(vectors):
    model = model_of([])
    evidence_for(vectors.astype(np.float32), 2, model)
    ((norm, column, _),) = model.suggester.asked
    assert (norm, column) == (pytest.approx(1.0, abs=1e-5), 2)


def test_evidence_for_a_passage_without_a_direction_is_no_division_by_nought():
    assert evidence_for(np.zeros((1, 3), np.float32), 0, model_of([])) == ()


def test_precoder_and_steps_are_one(precoder):
    talk = interviews(1).quotes[0].text
    transcript = transcript_of(talk)
    assert precode(transcript, precoder, run_directly).suggestions == precoder.suggest(transcript)


# Sentences and what stands around them


@given(TRANSCRIPTS)
def test_contexts_stay_in_their_turn_and_hold_their_sentence(transcript):
    segments = segment(transcript, starts_of=lambda _: [0])
    for found, context in zip(segments, contexts(transcript, segments), strict=True):
        assert context == without_notes(found.span.of(transcript.text))


def test_contexts_are_the_sentences_on_either_side():
    transcript = transcript_of("One. Two. Three.", "Four.")
    spans = [
        Span(transcript.text.index(words), transcript.text.index(words) + len(words))
        for words in ("One.", "Two.", "Three.", "Four.")
    ]
    whole = segment(transcript, starts_of=lambda _: [0])
    segments = [replace(whole[n == 3], span=span) for n, span in enumerate(spans)]
    assert contexts(transcript, segments) == ["One. Two.", "One. Two. Three.", "Two. Three.", "Four."]


def test_participant_segments_are_those_of_participants():
    segments = segment(TALK, starts_of=lambda _: [0])
    assert [found.turn for found in participant_segments(segments)] == [1, 2]


def test_embed_segments_of_nothing_asks_no_encoder():
    encoded = embed_segments(TALK, (), None)
    assert (encoded.texts, encoded.vectors.shape) == ((), (0, 0))


def test_embed_segments_leaves_notes_out_and_gives_a_row_for_each_sentence():
    transcript = transcript_of("We [laughs] met.", "Yes.")
    segments = segment(transcript, starts_of=lambda _: [0])
    encoded = embed_segments(transcript, segments, LexicalEncoder())
    assert list(encoded.texts) == ["We met.", "Yes."]
    assert len(encoded.vectors) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("We met [laughs] there.", "We met there."),
        ("((phone rings)) Hello.", "Hello."),
        ("[laughs]", "[laughs]"),
        ("[Person 1] came.", "[Person 1] came."),
        ("Well (5) yes.", "Well yes."),
        ("", ""),
    ],
    ids=["inside", "before", "nothing else", "pseudonym", "pause", "empty"],
)
def test_without_notes_is_what_was_said(text, said):
    assert without_notes(text) == said


@pytest.mark.parametrize(
    ("text", "spoken"), [("[laughs] ...", False), ("[laughs] Yes", True), ("", False), ("👩‍⚕️", False)]
)
def test_is_spoken_asks_for_a_word_outside_notes(text, spoken):
    assert is_spoken(text) is spoken


@given(st.text(alphabet="ab ()[]\n", max_size=40))
@example("((a)) [b] (c)")
def test_whole_spans_are_between_brackets_and_never_overlap(text):
    spans = list(whole_spans(text))
    assert all(first.end <= second.start for first, second in itertools.pairwise(spans))
    assert all(span.of(text)[0] in "([" and span.of(text)[-1] in ")]" for span in spans)


@pytest.mark.parametrize(
    ("text", "language", "starts"),
    [
        ("Wij komen. Zij ook.", "nl", ["Wij komen. ", "Zij ook."]),
        ("Dr. M\u00fcller kam z. B. heute. Gut.", "de", ["Dr. M\u00fcller kam z. B. heute. ", "Gut."]),
        ("", "nl", [""]),
    ],
    ids=["Dutch", "German abbreviations", "nothing"],
)
def test_ruled_starts_cut_any_language_at_its_marks(text, language, starts):
    cuts = [*ruled_starts(text, language=language), len(text)]
    assert [text[a:b] for a, b in itertools.pairwise(cuts)] == starts


@given(st.text(st.characters(exclude_categories=())))
def test_without_surrogates_keeps_every_offset(text):
    clean = without_surrogates(text)
    assert len(clean) == len(text)
    clean.encode("utf-8")
    assert all(a == b for a, b in zip(text, clean, strict=True) if not "\ud800" <= a <= "\udfff")


def test_hidden_modules_are_not_found_and_come_back():
    with hidden("no_such_module_at_all"), pytest.raises(ImportError):
        __import__("no_such_module_at_all")
    with hidden("json"):
        assert __import__("json"), "what is loaded already stays"


def test_create_study_in_a_folder_with_files_keeps_them(tmp_path):
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "mine.txt").write_text("mine", encoding="utf-8")
    create_study(tmp_path / "s")
    assert (tmp_path / "s" / "mine.txt").read_text(encoding="utf-8") == "mine"
