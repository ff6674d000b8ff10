"""Which codings an export holds: those in force, of whom, on which text, and suggestions only if asked for."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.codebook import Code
from corpus.coders import CONSENSUS, MACHINE
from corpus.errors import UsageError
from corpus.transcript import Role, Span
from pipeline.counting import in_force
from pipeline.export.coded import NO_DOMAIN, PENDING, CodingStatus, labels_of, path_of
from pipeline.export.gather import ExportRequest, gather, left_behind
from pipeline.session import StudySession
from pipeline.store import Action, CurrentDecision, Decision, NewDecision
from pipeline.study import create_study
from pipeline.study_filter import Filter, where_of
from tests.corpus.support import transcript_of
from tests.pipeline.coded_support import accept, add, code, span_of, suggest

TALK = transcript_of("The nurse rings me. She knows us all.", (Role.INTERVIEWER, "And money?"), "None. 🙂 Yes. None.")
TIME = datetime(2026, 11, 29, tzinfo=UTC)
FIRST, SECOND = (span_of(TALK, words) for words in ("The nurse", "🙂 Yes."))


@pytest.fixture
def session(tmp_path):
    with StudySession(create_study(tmp_path / "s", name="S")) as opened:
        yield opened


@pytest.fixture
def codes(session):
    return session.study.codebook().ids


def passages(session, *, suggestions=False, **choice):
    return list(gather(session, ExportRequest(filter=Filter(**choice), suggestions=suggestions)).passages())


def told(session, **choice):
    return [(one.span, one.coder, [(c.code.id, c.status) for c in one.codes]) for one in passages(session, **choice)]


def test_a_coding_says_what_where_by_whom_and_whence(session, codes):
    version = add(session, TALK)
    (suggestion,) = suggest(session, version, (FIRST, codes[0], 0.73))
    accept(session, version, suggestion, memo="clear")
    (passage,) = passages(session)
    (one,) = passage.codes
    assert (passage.text, passage.speaker, passage.coder, passage.pending) == (
        "The nurse",
        "participant",
        "Anna",
        False,
    )
    assert (one.status, one.probability, one.memo, one.model, one.run) == (
        CodingStatus.ACCEPTED,
        0.73,
        "clear",
        "words/v1",
        1,
    )
    assert one.path == path_of(one.code) == f"{one.code.domain} > {one.code.level} > {one.code.name}"


def test_codes_that_one_coder_gave_one_passage_are_one_row_in_codebook_order(session, codes):
    version = add(session, TALK)
    for name in (codes[5], codes[2]):
        code(session, version, FIRST, name)
    code(session, version, FIRST, codes[2], coder="Ben")
    assert told(session) == [
        (FIRST, "Anna", [(codes[2], CodingStatus.CODED), (codes[5], CodingStatus.CODED)]),
        (FIRST, "Ben", [(codes[2], CodingStatus.CODED)]),
    ]
    assert [one.coder for one in passages(session, coder="Ben")] == ["Ben"]


def test_another_code_in_place_of_a_suggestion_has_no_probability_of_its_own(session, codes):
    version = add(session, TALK)
    (suggestion,) = suggest(session, version, (FIRST, codes[0], 0.73))
    code(session, version, FIRST, codes[1], suggestion=suggestion)
    ((one,),) = (passage.codes for passage in passages(session))
    assert (one.code.id, one.status, one.probability, one.model) == (codes[1], CodingStatus.CHANGED, None, "words/v1")


def test_open_suggestions_come_only_if_asked_for_and_marked(session, codes):
    version = add(session, TALK)
    suggested = suggest(session, version, *((FIRST, name, 0.6) for name in codes[:5]))
    accept(session, version, suggested[0])
    for action, one in ((Action.REJECT, suggested[1]), (Action.UNSURE, suggested[2])):
        session.store.decisions.add(NewDecision("Anna", version, action, suggestion=one))
    session.store.decisions.add(NewDecision("Ben", version, Action.MEMO, suggestion=suggested[3], memo="hm"))
    assert told(session) == [(FIRST, "Anna", [(codes[0], CodingStatus.ACCEPTED)])]
    open_ones = [
        (codes[2], CodingStatus.UNSURE),
        (codes[3], CodingStatus.SUGGESTED),
        (codes[4], CodingStatus.SUGGESTED),
    ]
    assert told(session, suggestions=True) == [
        (FIRST, "Anna", [(codes[0], CodingStatus.ACCEPTED)]),
        (FIRST, MACHINE, open_ones),
    ]
    (_, pending) = passages(session, suggestions=True)
    assert pending.pending
    assert pending.codes[1].memo == "hm"


def test_a_suggestion_that_one_coder_accepted_is_not_open_though_another_is_unsure(session, codes):
    version = add(session, TALK)
    (suggestion,) = suggest(session, version, (FIRST, codes[0], 0.6))
    accept(session, version, suggestion)
    session.store.decisions.add(NewDecision("Ben", version, Action.UNSURE, suggestion=suggestion))
    assert [coder for _, coder, _ in told(session, suggestions=True)] == ["Anna"]


def test_what_was_taken_back_is_not_there(session, codes):
    version = add(session, TALK)
    session.store.decisions.undo(code(session, version, FIRST, codes[0]).id, coder="Anna")
    assert told(session) == []


def test_a_consensus_takes_the_place_of_what_it_was_reached_on(session, codes):
    version = add(session, TALK)
    code(session, version, FIRST, codes[0])
    code(session, version, Span(FIRST.start, FIRST.end + 2), codes[1], coder="Ben")
    code(session, version, SECOND, codes[3], coder="Ben")
    code(session, version, FIRST, codes[2], coder=CONSENSUS)
    assert [(coder, given[0][0]) for _, coder, given in told(session)] == [(CONSENSUS, codes[2]), ("Ben", codes[3])]
    assert [given[0][0] for _, _, given in told(session, coder="Anna")] == [codes[0]]


def test_passages_keep_what_is_nested_in_a_passage_of_a_consensus(session, codes):
    whole, nested, beside = span_of(TALK, "The nurse rings me. She knows us all."), span_of(TALK, "rings"), SECOND
    version = add(session, TALK)
    code(session, version, whole, codes[0])
    code(session, version, nested, codes[1])
    code(session, version, whole, codes[2], coder="Ben")
    code(session, version, beside, codes[3], coder="Ben")
    code(session, version, whole, codes[2], coder=CONSENSUS)
    found = {(span, coder): given[0][0] for span, coder, given in told(session)}
    assert found == {(whole, CONSENSUS): codes[2], (nested, "Anna"): codes[1], (beside, "Ben"): codes[3]}


@given(st.integers(0, 400), st.integers(1, 300), st.integers(1, 300))
def test_in_force_lets_a_consensus_replace_what_shares_half_of_both(start, length, agreed):
    own, common = Span(start, start + length), Span(100, 100 + agreed)
    taken = CurrentDecision(Decision("Anna", 1, Action.CODE, span=own, code="team", id=1, time=TIME))
    consensus = CurrentDecision(Decision(CONSENSUS, 1, Action.CODE, span=common, code="trust", id=2, time=TIME))
    kept = in_force([taken, consensus])
    assert kept == ([consensus] if own.shares_half(common, of="both") else [taken, consensus])


def test_a_consensus_that_no_code_fits_leaves_nothing(session, codes):
    version = add(session, TALK)
    code(session, version, FIRST, codes[0])
    code(session, version, SECOND, codes[1])
    session.store.decisions.add(NewDecision(CONSENSUS, version, Action.MEMO, span=FIRST, memo="no code"))
    assert [span for span, _, _ in told(session)] == [SECOND]


def test_codings_on_an_earlier_text_are_counted_not_moved(session, codes):
    code(session, add(session, TALK), FIRST, codes[0])
    add(session, transcript_of("Another text."))
    assert told(session) == []
    assert left_behind(session) == 1


def test_a_code_of_another_codebook_is_kept_under_its_own_heading(session):
    code(session, add(session, TALK), FIRST, "no.such")
    study = gather(session, ExportRequest())
    (passage,) = study.passages()
    assert passage.codes[0].code.domain == NO_DOMAIN
    assert study.codes[-1].id == "no.such"
    assert study.used == study.codes[-1:]


def test_spans_are_code_points(session, codes):
    code(session, add(session, TALK), SECOND, codes[0])
    assert passages(session)[0].text == "🙂 Yes."


# Participants


@pytest.fixture
def people(session):
    (session.study.folder / "participants.csv").write_text("id,Role\nP01,nurse\nP02,GP\n", encoding="utf-8")
    return session.study.participants()


@pytest.mark.usefixtures("people")
def test_passages_know_whose_they_are(session, codes):
    code(session, add(session, TALK), FIRST, codes[0])
    (passage,) = passages(session)
    assert (passage.participant, passage.who) == ({"id": "P01", "role": "nurse"}, "P01")


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ((), ["P01", "P02"]),
        (("role=NURSE",), ["P01"]),
        (("ROLE=nurse", "role=gp"), ["P01", "P02"]),
        (("role=nurse", "id=P01"), ["P01"]),
        (("transcript=p02",), ["P02"]),
    ],
)
def test_filters_choose_participants(session, people, filters, kept):
    for name in ("P01", "P02"):
        add(session, transcript_of("Hello there.", name=name))
    study = gather(session, ExportRequest(filter=Filter(where=where_of(filters, people))))
    assert [document.transcript.name for document in study.documents] == kept


def test_a_filter_in_a_focus_group_chooses_speakers(session, people, codes):
    group = transcript_of("I nurse.", "I doctor.", name="group")
    turns = tuple(
        turn.__class__(turn.span, name, turn.role) for turn, name in zip(group.turns, ("P01", "P02"), strict=True)
    )
    version = add(session, group.__class__("group", group.text, turns))
    for turn in turns:
        code(session, version, turn.span, codes[0])
    assert [one.text for one in passages(session, where=where_of(["role=gp"], people))] == ["I doctor."]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("role", "write ATTRIBUTE=VALUE"),
        ("role=", "write ATTRIBUTE=VALUE"),
        ("age=7", r"'age' is no attribute .*\(id, role, transcript\)"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(people, text, message):
    with pytest.raises(UsageError, match=message):
        where_of([text], people)


@pytest.mark.usefixtures("people")
def test_a_filter_that_nobody_meets_is_refused(session):
    add(session, TALK)
    with pytest.raises(UsageError, match="no transcript is of a participant"):
        gather(session, ExportRequest(filter=Filter(where={"role": frozenset({"x"})})))


NAMES = st.sampled_from(["a", "b", "a (x)", "a (0)"])


@given(st.lists(st.tuples(NAMES, st.sampled_from("xy")), max_size=8))
def test_labels_are_never_two_alike(parts):
    made = [Code(f"{n}", *names) for n, names in enumerate(parts)]
    labels = labels_of(made)
    assert len(set(labels.values())) == len(made)


def test_what_is_pending_is_no_coding():
    assert PENDING.isdisjoint({CodingStatus.CODED, CodingStatus.ACCEPTED, CodingStatus.CHANGED})
