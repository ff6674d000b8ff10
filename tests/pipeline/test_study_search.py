"""A study that is searched: what is found where, with the words around it, before and after runs."""

from functools import partial

import pytest

from corpus.errors import UsageError
from corpus.transcript import Role, Segment, Span
from models.examples import encode_with_context
from models.lexical_encoder import LexicalEncoder
from pipeline.embed import contexts
from pipeline.run import in_threads, plan, run_study
from pipeline.search.study_search import AROUND, StudySearch
from pipeline.session import StudySession
from pipeline.settings import template
from pipeline.study import open_study
from tests.pipeline.run_support import WordPrecoder, put

TALK = {
    "P01": "The nurse rings me every week. We talk about my tablets. My garden is full of roses.",
    "P02": "Nobody rang. I stopped my tablets because of the dizziness.",
    "P03": "We grow roses and beans in the garden.",
}


@pytest.fixture
def searched(study, monkeypatch):
    """A study of three transcripts after a run that cut one sentence a turn."""
    monkeypatch.setattr("pipeline.precoder.load_precoder", lambda _study: WordPrecoder())
    (study.folder / "study.toml").write_text(
        template("lhc").replace('encoder = "openvino"', 'encoder = "lexical"'), encoding="utf-8"
    )
    for name, words in TALK.items():
        put(study, name, words)

    with StudySession(open_study(study.folder)) as session:
        run_again(session)
        yield session


def run_again(session):
    run_study(session, partial(in_threads, session), plan(session))


def versions(session):
    return session.store.transcripts.versions()


def ready(session):
    search = StudySearch(session)
    search.prepare(search.unready(versions(session)))
    return search


def texts(found):
    return [(hit.transcript, hit.text) for hit in found.hits]


def test_words_are_found_in_the_sentence_they_stand_in(searched):
    found = StudySearch(searched).by_words("ROSES", versions(searched), most=10)
    (first, second) = found.hits
    assert [first.transcript, second.transcript] == ["P01", "P03"]
    text = searched.store.transcripts.get(first.version).text
    assert Span(first.start, first.end).of(text) == first.text
    assert [piece.text for piece in first.pieces if piece.marked] == ["roses"]
    assert first.speaker == "Anna"
    assert found.total == 2
    assert not found.more


def test_words_of_interviewers_are_found_unless_only_participants_are_searched(searched):
    search = StudySearch(searched)
    asked = search.by_words('"tell me"', versions(searched), most=10)
    assert {hit.role for hit in asked.hits} == {Role.INTERVIEWER}
    assert len(asked.hits) == 3
    assert not search.by_words('"tell me"', versions(searched), most=10, everyone=False).hits


def test_more_than_asked_for_is_counted(searched):
    found = StudySearch(searched).by_words("tell", versions(searched), most=1)
    assert (len(found.hits), found.total) == (1, 3)


def test_meaning_finds_nearest_first_once_ready(searched):
    search = StudySearch(searched)
    assert not search.by_meaning("roses in the garden", versions(searched), most=2).hits
    assert len(search.unready(versions(searched))) == 3
    search.prepare(search.unready(versions(searched)))
    assert not search.unready(versions(searched))
    found = search.by_meaning("roses in the garden", versions(searched), most=3)
    assert found.hits[0].transcript in {"P01", "P03"}
    near = [hit.similarity for hit in found.hits]
    assert near == sorted(near, reverse=True)


def test_similarity_is_the_cosine_of_the_vectors_that_suggestions_are_made_from(searched):
    (hit,) = ready(searched).by_meaning("my tablets", versions(searched)[1:2], most=1).hits
    transcript = searched.store.transcripts.get(hit.version)
    (sentence,) = searched.store.runs.sentences(hit.version)
    segment = Segment("", sentence.span, sentence.turn, None, Role.PARTICIPANT)
    words = [sentence.span.of(transcript.text)]
    (vector,) = encode_with_context(LexicalEncoder(), words, contexts(transcript, [segment])).vectors
    assert hit.similarity == pytest.approx(float(vector @ LexicalEncoder().encode(["my tablets"])[0]), abs=0.005)


def test_passages_like_one_do_not_hold_it(searched):
    search = ready(searched)
    (mine, *_) = search.by_words("beans", versions(searched), most=1).hits
    found = search.like(mine.version, Span(mine.start, mine.end), versions(searched), most=10)
    assert found.hits[0].transcript == "P01"
    assert all(hit.version != mine.version or hit.end <= mine.start or hit.start >= mine.end for hit in found.hits)


def test_only_the_versions_that_are_given_are_searched(searched):
    only = versions(searched)[2:]
    search = ready(searched)
    assert {hit.transcript for hit in search.by_words("the", only, most=10).hits} == {"P03"}
    assert {hit.transcript for hit in search.by_meaning("tablets", only, most=10).hits} == {"P03"}


def test_corrected_transcript_is_searched_as_it_is_now(searched):
    search = ready(searched)
    search.by_words("beans", versions(searched), most=1)
    put(searched.study, "P03", "We grow leeks now.")
    run_again(searched)
    assert not search.by_words("beans", versions(searched), most=1).hits
    assert [version.name for version in search.unready(versions(searched))] == ["P03"]
    search.prepare(search.unready(versions(searched)))
    assert ("P03", "We grow leeks now.") in texts(search.by_meaning("leeks", versions(searched), most=9))


def test_damaged_file_of_vectors_costs_its_transcript_and_nothing_else(searched):
    search = ready(searched)
    for file in (searched.study.cache / "search").iterdir():
        file.write_bytes(b"no array")
        break
    found = search.by_meaning("tablets", versions(searched), most=9)
    assert len({hit.transcript for hit in found.hits}) == 2


def test_long_talk_around_a_passage_is_cut_at_blanks(searched):
    words = "word " * 100
    path = searched.study.transcripts / "P05.txt"
    path.write_text(f"INT: {words}. The needle is here. {words}\nAnna: Yes.\n", encoding="utf-8")
    run_again(searched)
    (hit,) = StudySearch(searched).by_words("needle", versions(searched)[-1:], most=1).hits
    assert hit.text == "The needle is here."
    assert hit.before.startswith("\u2026word")
    assert hit.after.endswith("word\u2026")
    assert max(len(hit.before), len(hit.after)) <= AROUND + 1


@pytest.mark.parametrize("query", [" ", "x" * 501])
def test_meaning_of_nothing_or_too_much_is_refused(searched, query):
    with pytest.raises(UsageError, match="say what to search for"):
        StudySearch(searched).by_meaning(query, versions(searched), most=1)


def test_passage_that_is_not_there_is_refused_without_its_words(searched):
    with pytest.raises(UsageError, match=r"span 5\.\.90000 leaves"):
        StudySearch(searched).like(1, Span(5, 90000), versions(searched), most=1)
