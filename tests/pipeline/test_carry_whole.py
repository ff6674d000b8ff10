"""Carrying as a whole: idempotent, the same whatever else is decided, no coding lost, whoever decided what."""

import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.coders import CONSENSUS
from corpus.suggestion import Suggestion
from corpus.transcript import Role, Span, Transcript, Turn
from pipeline.carry import CarriedTranscript, carry_forward, not_placed
from pipeline.store import Action, EventKind, NewDecision, NewEvent, StudyStore
from tests.pipeline.store_support import facts_of, source_of

SENTENCES = (
    "We meet every week on the ward.",
    "The nurse 👩‍⚕️ rings me at home.",
    "Nobody ever told us about the money.",
    "\u202b\u05e9\u05dc\u05d5\u05dd\u202c, she says, and then she goes.",
    "It is a long way to the next hospital.",
)
UNHURRIED = settings(max_examples=8, deadline=None)
"""Each example is a database of its own."""
CODERS = ("Ann", "Ben", CONSENSUS)
CODINGS = st.lists(
    st.tuples(st.integers(0, len(SENTENCES) - 1), st.sampled_from(CODERS), st.sampled_from(["team", "trust"])),
    max_size=6,
    unique=True,
)
TEXTS = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=6).map("\n".join)
OLD = "\n".join(SENTENCES)


@pytest.fixture(scope="module")
def fresh_store(migrated, tmp_path_factory):
    """Makes an empty store for each example."""

    def make():
        return StudyStore(str(shutil.copy(migrated, tmp_path_factory.mktemp("carry") / "study.db")))

    return make


def add(store, words, name="P01"):
    transcript = Transcript(name, words, (Turn(Span(0, len(words)), "Anna", Role.PARTICIPANT),))
    return store.transcripts.add(transcript, source_of(name, words)).version


def code(store, version, number, coder="Ann", name="team", text=OLD, **more):
    start = text.index(SENTENCES[number])
    span = Span(start, start + len(SENTENCES[number]))
    recorder = {"recorder": "Ann"} if coder == CONSENSUS else {}
    draft = NewDecision(coder, version, Action.CODE, span=span, code=name, **recorder, **more)
    return store.decisions.add(draft)[0]


def codings(store, version):
    text = store.transcripts.get(version).text
    return sorted(
        (current.decision.coder, current.decision.span.of(text), current.decision.code, current.memo)
        for current in store.decisions.codings(version=version)
    )


@UNHURRIED
@given(CODINGS, TEXTS)
def test_carry_is_idempotent(fresh_store, coded, new):
    with fresh_store() as store:
        old = add(store, OLD)
        for number, coder, name in coded:
            code(store, old, number, coder, name)
        version = add(store, new)
        carry_forward(store, ["P01"])
        before = list(store.decisions.stream()), list(store.events.stream())
        assert all(carried.moved == 0 for carried in carry_forward(store, ["P01"]))
        assert (list(store.decisions.stream()), list(store.events.stream())) == before
        assert version in {kept.id for kept in store.transcripts.versions()}


@UNHURRIED
@given(CODINGS, TEXTS)
def test_carry_places_every_coding_or_lists_it(fresh_store, coded, new):
    """None is dropped and none is there twice; what stands verbatim in the new text once is placed there."""
    with fresh_store() as store:
        old = add(store, OLD)
        for number, coder, name in coded:
            code(store, old, number, coder, name)
        version = add(store, new)
        carry_forward(store, ["P01"])
        placed, left = codings(store, version), not_placed(store)
        assert len(placed) + (len(left) if version != old else 0) == len(coded)
        assert {(coder, name) for coder, _, name, _ in placed} <= {(coder, name) for _, coder, name in coded}
        for number, coder, name in coded:
            if new.count(SENTENCES[number]) == 1:
                assert (coder, SENTENCES[number], name, "") in placed


@UNHURRIED
@given(CODINGS, CODINGS)
def test_carry_commutes_with_unrelated_decisions(fresh_store, coded, elsewhere):
    """What is decided on another transcript, before or after, changes nothing of what is carried, nor the reverse."""
    results = []
    for others_first in (True, False):
        with fresh_store() as store:
            old, other = add(store, OLD), add(store, OLD + "\nThe end.", "P02")
            for number, coder, name in coded:
                code(store, old, number, coder, name)
            version = add(store, "Title\n" + OLD)
            for step in (0, 1):
                if others_first is (step == 0):
                    for number, coder, name in elsewhere:
                        code(store, other, number, coder, name)
                else:
                    carry_forward(store, ["P01", "P02"])
            results.append((codings(store, version), codings(store, other)))
    assert results[0] == results[1]


@UNHURRIED
@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_carry_through_any_number_of_texts_comes_back_to_the_first_text_as_it_was(fresh_store, texts):
    with fresh_store() as store:
        first = add(store, OLD)
        code(store, first, 1, memo="hm")
        for text in texts:
            add(store, text)
            carry_forward(store, ["P01"])
        assert add(store, OLD) == first
        carry_forward(store, ["P01"])
        assert ("Ann", SENTENCES[1], "team", "hm") in codings(store, first)


def test_carry_of_an_empty_study_is_nothing(store):
    assert carry_forward(store, []) == []
    assert not_placed(store) == []


def test_carry_of_a_study_without_decisions_says_nothing(store):
    add(store, OLD)
    add(store, OLD + "\nMore.")
    assert carry_forward(store, ["P01"]) == []


@pytest.mark.parametrize("redone", [False, True], ids=["undone", "undone and redone"])
def test_carry_takes_only_what_is_in_force(store, redone):
    old = add(store, OLD)
    undone = store.decisions.undo(code(store, old, 0).id, coder="Ann")
    if redone:
        store.decisions.undo(undone.id, coder="Ann")
    version = add(store, OLD + "\nMore.")
    carry_forward(store, ["P01"])
    assert len(codings(store, version)) == int(redone)


def test_carry_keeps_two_coders_and_their_consensus_apart(store):
    old = add(store, OLD)
    for coder, name in zip(CODERS, ("team", "trust", "trust"), strict=True):
        code(store, old, 1, coder, name)
    version = add(store, "Title\n" + OLD)
    (carried,) = carry_forward(store, ["P01"])
    assert carried.moved == 3
    assert [(coder, name) for coder, _, name, _ in codings(store, version)] == [
        *(("Ann", "team"), ("Ben", "trust"), (CONSENSUS, "trust")),
    ]


def test_carry_keeps_a_code_that_left_the_codebook(store):
    code(store, add(store, OLD), 2, name="gone.code")
    version = add(store, OLD + "\nMore.")
    carry_forward(store, ["P01"])
    assert codings(store, version) == [("Ann", SENTENCES[2], "gone.code", "")]


def test_carry_keeps_whether_a_coding_was_blind(store):
    code(store, add(store, OLD), 2, blind=True)
    version = add(store, OLD + "\nMore.")
    carry_forward(store, ["P01"])
    (current,) = store.decisions.codings(version=version)
    assert current.decision.blind


def test_carry_of_a_rejection_without_its_suggestion_is_dropped_and_its_memo_is_kept(store):
    old = add(store, OLD)
    run = store.runs.start(facts_of())
    spans = [Span(OLD.index(sentence), OLD.index(sentence) + len(sentence)) for sentence in SENTENCES[:2]]
    store.runs.save(run, old, [Suggestion(span, ("t0000s000",), "team", 0.5, 1) for span in spans])
    first, second = store.suggestions.stream(version=old)
    store.decisions.add(
        NewDecision("Ann", old, Action.REJECT, suggestion=first.id),
        NewDecision("Ann", old, Action.REJECT, suggestion=second.id, memo="no team at all"),
    )
    version = add(store, OLD + "\nMore.")
    carry_forward(store, ["P01"])
    assert [(current.decision.action, current.memo) for current in store.decisions.current(version=version)] == [
        (Action.MEMO, "no team at all"),
    ]


def test_carry_of_a_renamed_and_changed_file_leaves_the_other_name_alone(store):
    """Only the same text tells a renamed file; a text that also changed is another transcript."""
    old = add(store, OLD)
    code(store, old, 0)
    add(store, OLD + "\nMore.", "Anna")
    assert carry_forward(store, ["Anna"]) == []
    assert {version.name for version in store.transcripts.versions()} == {"P01", "Anna"}


def test_carry_does_not_overwrite_what_a_coder_said_on_the_current_text_since(store):
    old = add(store, OLD)
    code(store, old, 0)
    store.events.add(NewEvent("Ann", EventKind.MEMO, old, text="old"))
    version = add(store, OLD + "\nMore.")
    store.events.add(NewEvent("Ann", EventKind.MEMO, version, text="new"))
    carry_forward(store, ["P01"])
    assert [event.text for event in store.events.stream(version=version)] == ["new"]


@pytest.mark.parametrize(
    ("carried", "notes"),
    [
        (CarriedTranscript("P01", 0, 0, 0), []),
        (CarriedTranscript("P01", 3, 0, 0), ["the text or its name changed and 3 decisions moved along"]),
        (
            CarriedTranscript("P01", 3, 1, 2),
            [
                "the text or its name changed and 3 decisions moved along; 1 stand on changed words: "
                "please look at them on the page",
                "2 codings of the earlier text found no place; the page lists them with both texts",
            ],
        ),
    ],
    ids=["nothing", "all moved", "some changed and some lost"],
)
def test_notes_say_what_a_person_should_look_at(carried, notes):
    assert list(carried.notes()) == notes
