"""The filter that pages and exports share, and who speaks where, each against a plain reading."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.codebook import GONE
from corpus.participants import Participants
from corpus.transcript import Role, Span, Transcript, Turn
from pipeline.review.queue import QueueRequest
from pipeline.review.speaker_index import SpeakerIndex
from pipeline.review.suggestion_index import Wanted
from pipeline.store import StudyStore, TranscriptVersion
from pipeline.study_filter import EVERYTHING, Filter, where_of
from tests.corpus.support import BOOK
from tests.pipeline.review_support import SAID, Desk, StubSession, fill

PEOPLE = Participants(
    ("id", "role"),
    ({"id": "anna", "role": "nurse"}, {"id": "bert", "role": "GP"}, {"id": "Dora", "role": "nurse"}),
)
ROLES = st.sampled_from([{}, {"role": frozenset({"nurse"})}, {"role": frozenset({"gp", "none"})}])


def group(name, speakers):
    """A transcript in which each speaker has a turn of ten characters."""
    text = "123456789\n" * len(speakers)
    turns = (Turn(Span(10 * n, 10 * n + 9), who, Role.PARTICIPANT) for n, who in enumerate(speakers))
    return Transcript(name, text, tuple(turns))


def version_of(number, name):
    blank = {"source": "", "source_digest": "", "digest": "", "characters": 0, "warnings": (), "added": None}
    return TranscriptVersion(id=number, name=name, **blank)


@given(
    st.lists(
        st.tuples(st.sampled_from(["anna", "bert", "talk"]), st.lists(st.sampled_from(["Dora", "bert", "X"]))),
        max_size=4,
    ),
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 49)), max_size=12),
    ROLES,
)
def test_places_hold_what_a_look_at_each_speaker_finds(talks, passages, where):
    texts = {n: group(name, speakers) for n, (name, speakers) in enumerate(talks, start=1)}
    wanted, index = Filter(where=where), SpeakerIndex(lambda: PEOPLE, texts.__getitem__)
    places = index.places([version_of(n, text.name) for n, text in texts.items()], wanted)

    def meant(version, start):
        if version not in texts:
            return False
        text = texts[version]
        turn = text.turns[min(start // 10, len(text.turns) - 1)] if text.turns else None
        return wanted.is_about(text.name, PEOPLE.of(text.name, turn and turn.speaker))

    expected = [meant(*passage) for passage in passages]
    columns = np.array(passages, dtype=np.intp).reshape(-1, 2).T
    assert places.holding(*columns).tolist() == expected
    assert [places.holds(*passage) for passage in passages] == expected
    for version in texts:
        inside = {at for span in places.stretches(version) for at in range(span.start, min(span.end, 50))}
        assert inside == {at for at in range(50) if meant(version, at)}


def test_speakers_are_looked_up_anew_when_the_table_is_another():
    table = [PEOPLE]
    index = SpeakerIndex(lambda: table[0], {}.__getitem__)
    anna, wanted = version_of(1, "anna"), Filter(where={"role": frozenset({"nurse"})})
    assert set(index.places([anna], wanted).versions) == {1}
    table[0] = Participants(("id", "role"), ({"id": "anna", "role": "GP"},))
    assert set(index.places([anna], wanted).versions) == set()


@given(st.sampled_from([None, *BOOK.domains, GONE]), st.sampled_from([None, *BOOK.ids, "lost"]))
def test_takes_a_code_by_its_id_and_its_domain(domain, code):
    for known in (*BOOK.ids, "lost"):
        of = BOOK.find(known).domain
        assert Filter(domain, code).takes(known, of) is (code in {None, known} and domain in {None, of})


def test_a_domain_takes_its_groups_and_no_other_domain_that_begins_alike():
    assert [Filter("Care").takes_domain(name) for name in ("Care", "Care / Team", "Careers")] == [True, True, False]


@pytest.fixture
def desk(tmp_path):
    """A study whose table of participants knows two of three people."""
    with StudyStore(str(tmp_path / "study.db")) as store:
        fill(store)
        session = StubSession(store)
        session.participants = lambda: PEOPLE
        yield Desk(session)


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ((), set(SAID)),
        (("role=nurse",), {"anna"}),
        (("role=nurse", "role=gp"), {"anna", "bert"}),
        (("transcript=cleo",), {"cleo"}),
    ],
)
def test_the_queue_asks_about_those_whom_a_filter_means(desk, where, names):
    question = QueueRequest(filter=Filter(where=where_of(where, PEOPLE)), state=Wanted.ALL, limit=50)
    answer = desk.queue("Ann", question)
    assert {item.transcript for item in answer.items} == names
    assert answer.total == len(answer.items)
    everything = desk.queue("Ann", QueueRequest(filter=EVERYTHING, state=Wanted.ALL, limit=50))
    assert answer.items == [item for item in everything.items if item.transcript in names]
