"""Passages are split and merged, and several suggestions decided together: one entry each, taken back by one undo."""

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import UsageError
from corpus.transcript import Role, Span, Transcript, Turn
from pipeline.review import passage_acts
from pipeline.review.decision_log import Scope
from pipeline.review.errors import Missing, Outdated
from pipeline.review.passage_acts import PassageRef, parted
from pipeline.review.queue import QueueRequest
from pipeline.store import StudyStore
from pipeline.store.records import Action
from pipeline.study_filter import Filter
from tests.pipeline.review_support import FACTS, SAID, client_of, desk_of, fill, interview, proposal, suggested
from tests.pipeline.store_support import source_of

KEYS, NAMES = map("go-{}".format, count()), map("coder {}".format, count())
ANNA = interview("anna", SAID["anna"])
WORDS = Span(ANNA.text.index("We meet"), ANNA.text.index("short.") + 6)


@pytest.fixture
def anna(store):
    return fill(store)["anna"]


@pytest.fixture
def desk(store, anna):
    return desk_of(store)


def coding(desk, version, span, code="team", **about):
    (written,) = desk.decide([proposal("code", version, span=span, code=code, **about)])
    return written.id


def split(desk, ref, at):
    return desk.decide_in_one_go(ref.coder, next(KEYS), lambda state: passage_acts.split(state, ref, at))


def merge(desk, ref, direction="after"):
    return desk.decide_in_one_go(ref.coder, next(KEYS), lambda state: passage_acts.merge(state, ref, direction))


def coded(desk, version, coder="Ann"):
    own = (coding for coding in desk.codings(coder, version) if coding.mine)
    return sorted((passage.start, passage.end, passage.code, passage.memo) for passage in own)


def stored(desk, version, coder):
    """The codings that exports, agreement and learning read."""
    with desk.now() as state:
        held = state.store.decisions.codings(version=version, coder=coder)
    found = (current.decision for current in held)
    memos = {current.decision.id: current.memo for current in held}
    return sorted((coding.span.start, coding.span.end, coding.code, memos[coding.id]) for coding in found)


# Parts


@st.composite
def talks(draw):
    """A transcript of labelled turns with white space of all kinds, a span that holds words, a place in it."""
    said = draw(st.lists(st.text("ab \u00a0\n👩", min_size=1, max_size=9), min_size=1, max_size=4))
    text, turns = "", []
    for words in said:
        text += "WHO: "
        turns.append(Turn(Span(len(text), len(text) + len(words)), "WHO", Role.PARTICIPANT))
        text += words + "\n"
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    return Transcript("t", text, tuple(turns)), Span(start, end), draw(st.integers(0, len(text)))


@given(talks())
def test_parted_halves_lie_in_the_span_in_order_and_lose_no_word_of_any_turn(made):
    transcript, span, at = made
    try:
        first, second = parted(transcript, span, at)
    except UsageError:
        return
    assert span.start == first.start < first.end <= second.start < second.end == span.end
    assert first.join(second) == span
    lost = (
        transcript.text[max(turn.span.start, first.end) : min(turn.span.end, second.start)] for turn in transcript.turns
    )
    assert not "".join(lost).strip()
    for part in (first, second):
        assert any(turn.span.overlap(part) for turn in transcript.turns)


@pytest.mark.parametrize("at", [0, WORDS.start, WORDS.end, WORDS.end + 500])
def test_parted_outside_its_words_is_refused(at):
    with pytest.raises(UsageError, match="inside its words"):
        parted(ANNA, WORDS, at)


# Split and merge


def test_split_leaves_the_answer_to_a_suggestion_with_the_first_part(desk, anna):
    at = ANNA.text.index("every")
    first, second = split(desk, PassageRef("Ann", anna, 1), at)
    assert (first.suggestion, first.action, second.suggestion) == (1, Action.CODE, None)
    assert [Span(one.start, one.end).of(ANNA.text) for one in (first, second)] == ["We meet", "every week."]
    assert first.code == second.code


def test_split_that_rests_on_what_changed_meanwhile_is_refused(desk, anna):
    first = coding(desk, anna, WORDS)
    coding(desk, anna, Span(WORDS.start, WORDS.end - 1), previous=first)
    with pytest.raises(Outdated):
        split(desk, PassageRef("Ann", anna, None, first), ANNA.text.index("Nobody"))


def test_another_coders_passage_and_one_that_is_not_there_are_missing(desk, anna):
    theirs = coding(desk, anna, WORDS, coder="Ben")
    for ref in (PassageRef("Ann", anna, None, theirs), PassageRef("Ann", anna, 999), PassageRef("Ann", anna)):
        with pytest.raises(Missing):
            split(desk, ref, ANNA.text.index("Nobody"))


def test_merge_takes_in_the_neighbour_of_the_code_with_its_memo(desk, anna):
    left = coding(desk, anna, Span(WORDS.start, WORDS.start + 7), memo="one")
    coding(desk, anna, Span(WORDS.start + 14, WORDS.start + 19), "trust")
    coding(desk, anna, Span(WORDS.start + 20, WORDS.end), memo="two")
    merge(desk, PassageRef("Ann", anna, None, left))
    assert coded(desk, anna) == [
        (WORDS.start, WORDS.end, "team", "one\n\ntwo"),
        (WORDS.start + 14, WORDS.start + 19, "trust", ""),
    ]


def test_merge_answers_a_suggestion_that_waits_beside_the_passage(desk, anna):
    own = coding(desk, anna, Span(WORDS.start, WORDS.start + 7), "trust")
    merge(desk, PassageRef("Ann", anna, None, own))  # suggestion 1 is of that code and begins there, too
    assert [(one.code, one.start) for one in desk.codings("Ann", anna)] == [("trust", WORDS.start)]
    assert 1 not in {item.id for item in desk.queue("Ann", QueueRequest(limit=50)).items}


def test_merge_without_a_neighbour_is_missing(desk, anna):
    alone = coding(desk, anna, WORDS, "team")
    (first,) = desk.decide([proposal("reject", anna, suggestion=3)])  # the other one of that code
    assert first.action is Action.REJECT
    for direction in ("before", "after"):
        with pytest.raises(Missing, match="same code"):
            merge(desk, PassageRef("Ann", anna, None, alone), direction)


def test_merge_reaches_no_further_than_a_question(store):
    words = [f"said {n}. " for n in range(6)]
    text = "".join(words)
    spans = [Span(7 * 0 + sum(map(len, words[:n])), sum(map(len, words[: n + 1])) - 2) for n in range(6)]
    turns = tuple(Turn(span, None, Role.PARTICIPANT) for span in spans)
    version = store.transcripts.add(Transcript("long", text, turns), source_of("long")).version
    desk = desk_of(store)
    first = coding(desk, version, spans[0])
    coding(desk, version, spans[3])
    with pytest.raises(Missing):
        merge(desk, PassageRef("Ann", version, None, first))
    near = coding(desk, version, spans[5])
    merge(desk, PassageRef("Ann", version, None, near), "before")
    assert {(one.start, one.end) for one in desk.codings("Ann", version)} == {
        (spans[0].start, spans[0].end),
        (spans[3].start, spans[5].end),
    }


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One study for all examples of a property: each has a coder of its own, who shares nothing with the others."""
    with StudyStore(str(tmp_path_factory.mktemp("study") / "study.db")) as store:
        version = fill(store)["anna"]
        yield desk_of(store), version


@settings(deadline=None, max_examples=60)
@given(st.integers(WORDS.start, WORDS.end), st.integers(WORDS.start, WORDS.end), st.sampled_from(["memo", ""]))
def test_split_then_merge_is_the_identity(shared, one, other, memo):
    (desk, version), coder = shared, next(NAMES)
    span = Span(min(one, other), max(one, other) + 1)
    passage = coding(desk, version, span, "budget", memo=memo, coder=coder)
    desk.decide([proposal("reject", version, suggestion=2, coder=coder)])  # the other one of that code
    before = coded(desk, version, coder)
    try:
        first, _ = split(desk, PassageRef(coder, version, None, passage), (one + other) // 2)
    except UsageError:
        return
    assert len(coded(desk, version, coder)) == 2
    merge(desk, PassageRef(coder, version, None, first.id))
    assert coded(desk, version, coder) == before


# Whatever is done, undo takes it back act by act


@st.composite
def acts(draw):
    kinds = st.sampled_from(["split", "merge", "together", "code", "answer", "remove"])
    return draw(st.lists(st.tuples(kinds, st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=6))


def act(desk, version, coder, step):
    """Do something to a passage; tell whether anything was done."""
    kind, one, other = step
    passages = [coding for coding in desk.codings(coder, version) if coding.mine]
    waiting = [item.id for item in desk.queue(coder, QueueRequest(limit=50)).items if item.version == version]
    at = WORDS.start + other % len(WORDS)
    if kind in {"split", "merge", "remove"}:
        return bool(passages) and act_on(desk, version, passages[one % len(passages)], coder, kind, at)
    if kind == "code":
        coding(desk, version, Span(at, min(at + 1 + one % 9, WORDS.end)), "team", coder=coder)
    elif not waiting:
        return False
    elif kind == "answer":
        verdict = ["accept", "reject", "unsure"][one % 3]
        head = desk.queue(coder, QueueRequest(limit=50, filter=Filter(version=version))).items[0].decision
        previous = head and head.id
        desk.decide([proposal(verdict, version, suggestion=waiting[0], previous=previous, coder=coder)])
    else:
        verdict = Action.ACCEPT if one % 2 else Action.REJECT
        desk.decide_in_one_go(
            coder, next(KEYS), lambda state: passage_acts.answer_together(state, coder, version, verdict, waiting)
        )
    return True


def act_on(desk, version, passage, coder, kind, at):
    about = {"suggestion": passage.suggestion, "previous": passage.decision}
    ref = PassageRef(coder, version, **about)
    try:
        if kind == "remove":
            desk.decide([proposal("reject", version, coder=coder, **about)])
        elif kind == "split":
            split(desk, ref, at)
        else:
            merge(desk, ref, ["before", "after"][at % 2])
    except (UsageError, Missing):
        return False
    return True


@settings(deadline=None, max_examples=40)
@given(acts())
def test_random_acts_keep_passages_in_the_text_and_undo_leaves_the_codings_as_they_were(shared, done):
    (desk, version), coder = shared, next(NAMES)
    states = [coded(desk, version, coder)]
    for step in done:
        if act(desk, version, coder, step):
            states.append(coded(desk, version, coder))
        assert all(0 <= start < end <= len(ANNA.text) for start, end, _, _ in coded(desk, version, coder))
        assert stored(desk, version, coder) == coded(desk, version, coder)
    for before in reversed(states[:-1]):
        assert desk.undo(coder, next(KEYS), scope=Scope(version)).decision is not None
        assert coded(desk, version, coder) == before
    for after in states[1:]:
        desk.redo(coder, next(KEYS), Scope(version))
        assert coded(desk, version, coder) == after


# By the page


def post(client, path, **body):
    return client.post(f"/api/passages/{path}", json={"key": next(KEYS), **body})


def test_a_split_that_is_sent_again_is_written_once_and_undone_whole_by_the_queue(desk, anna):
    client, body = client_of(desk), {"key": "again", "version": anna, "suggestion": 1, "at": ANNA.text.index("every")}
    first, second = (client.post("/api/passages/split", json=body).json() for _ in range(2))
    assert first == second
    assert len(coded(desk, anna)) == 2
    undone = client.post("/api/undo", json={"key": "u", "suggestions": True}).json()
    assert (undone["count"], coded(desk, anna)) == (2, [])


def test_several_suggestions_are_decided_together_and_undone_together(store, desk, anna):
    client = client_of(desk)
    answer = post(client, "together", version=anna, action="accept", suggestions=[1, 2, 3])
    assert len(answer.json()["decisions"]) == 3
    assert post(client, "together", version=anna, action="reject", suggestions=[1]).status_code == 409
    assert client.post("/api/undo", json={"key": "u2"}).json()["count"] == 3
    assert coded(desk, anna) == []


def test_what_is_hidden_is_neither_split_nor_merged_nor_answered(store, anna):
    client = client_of(desk_of(store, blind=True))
    assert post(client, "split", version=anna, suggestion=1, at=WORDS.start + 3).status_code == 404
    assert post(client, "merge", version=anna, suggestion=1, direction="after").status_code == 404
    assert post(client, "together", version=anna, action="accept", suggestions=[1]).status_code == 404


def test_an_item_of_the_queue_tells_what_else_waits_on_its_passage_and_what_was_given_there(store, anna):
    again = suggested(WORDS, "budget", 0.9)
    store.runs.save(store.runs.start(FACTS), anna, [suggested(WORDS, "team", 0.95), again], [])
    desk = desk_of(store)
    coding(desk, anna, WORDS, "trust")
    (item,) = [
        each for each in desk.queue("Ann", QueueRequest(limit=50)).items if each.code == "team" and each.version == anna
    ]
    assert [(other.code, other.probability) for other in item.also] == [("budget", 0.9)]
    assert item.given == ("trust",)
    assert desk.queue("Ben", QueueRequest(limit=50)).items[0].given == ()
