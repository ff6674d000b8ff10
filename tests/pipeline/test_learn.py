"""What decisions teach: from the log and from files to seed quotations, and what of them is kept in a study."""

import json
import os
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.codebook import Codebook
from corpus.codebook_edits import merge_codes, remove_code
from corpus.codings import Coding
from corpus.errors import CodebookError, CodingError, IntegrityError, UsageError
from corpus.seeds import SeedBank, SeedQuote
from corpus.transcript import Role, Span, Transcript, Turn
from evaluation.metrics.alignment import sentence_codes
from pipeline.learn import CODINGS, DECISIONS, CodedTranscript, coded_in, decided, learned, quotes_of
from pipeline.learned import LearnedSeeds
from pipeline.segment import segment
from pipeline.store import Action, EventKind, NewDecision, NewEvent
from tests.evaluation.support import BOOK
from tests.pipeline.learn_support import bank_of, interview, reading, sentences, suggestion
from tests.pipeline.store_support import coded_run, facts_of, source_of

TRANSCRIPT, SPANS = interview()
(FIRST, _), (SECOND, _), (THIRD, _), (FOURTH, _), *_ = SPANS


def read(*codings, rejected=(), transcript=TRANSCRIPT):
    return CodedTranscript(transcript, [Coding("P01", span, code) for span, code in codings], rejected, DECISIONS)


def codes_by_text(quotes):
    return {quote.text: quote.code for quote in quotes}


# From decisions to quotations


def test_a_coded_sentence_speaks_for_its_code_in_its_context():
    talk = "The kitty was low. It was cold. Nobody came."
    turn = Turn(Span(0, len(talk)), "Anna", Role.PARTICIPANT)
    (quote,) = quotes_of(read((Span(19, 31), "money"), transcript=Transcript("P01", talk, (turn,))), BOOK)
    assert quote == SeedQuote("It was cold.", "money", None, "accepted", DECISIONS, talk, "P01")


def test_rejected_talk_without_a_code_is_uncoded_talk():
    quotes = list(quotes_of(read((FIRST, "money"), rejected=[FIRST, SECOND]), BOOK))
    assert [(quote.code, quote.provenance) for quote in quotes] == [("money", "accepted"), (None, "rejected")]


def test_sentences_nobody_decided_on_teach_nothing():
    assert len(bank_of(read((FIRST, "money"))).quotes) == 1


def test_a_third_code_takes_a_quotation_of_its_own():
    codings = [(FIRST, code) for code in ("trust", "money", "staff")]
    assert [(q.code, q.also) for q in quotes_of(read(*codings), BOOK)] == [("money", "staff"), ("trust", None)]


def test_what_the_interviewer_says_teaches_nothing():
    talk = "Was the kitty low?"
    asked = Transcript("P01", talk, (Turn(Span(0, len(talk)), "INT", Role.INTERVIEWER),))
    assert not list(quotes_of(read((Span(0, 5), "money"), transcript=asked), BOOK))


@given(st.integers(0, 300), st.integers(1, 120))
def test_sentences_bear_codes_by_the_rule_of_the_benchmarks(start, length):
    span = Span(start, start + length)
    segments = segment(TRANSCRIPT, starts_of=lambda _: [0])
    flags = sentence_codes(segments, [Coding("P01", span, "money")], BOOK).any(axis=1)
    assert [one.span.shares_half(span, of="either") for one in segments] == flags.tolist()


# The decision log


@pytest.fixture
def version(store):
    return store.transcripts.add(TRANSCRIPT, source_of("P01")).version


def suggested(store, version, *suggestions):
    coded_run(store, version, *suggestions)
    return [one.id for one in store.suggestions.stream(version=version)]


def test_the_log_says_what_was_accepted_rejected_and_added(store, version):
    yes, no, other = suggested(store, version, *(suggestion(span, "money") for span in (FIRST, SECOND, THIRD)))
    store.decisions.add(
        NewDecision("Ann", version, Action.ACCEPT, suggestion=yes),
        NewDecision("Ann", version, Action.REJECT, suggestion=no),
        NewDecision("Ann", version, Action.CODE, suggestion=other, span=THIRD, code="trust"),
        NewDecision("Ann", version, Action.CODE, span=FOURTH, code="staff"),
    )
    (found,) = decided(store, BOOK)
    assert found.judgements == 5  # the suggestion that was recoded was rejected, too
    words = [text for text, _ in sentences()]
    expected = dict(zip(words[:4], ["money", None, "trust", "staff"], strict=True))
    assert codes_by_text(quotes_of(found, BOOK)) == expected


def test_undone_and_unsure_decisions_teach_nothing(store, version):
    first, second = suggested(store, version, suggestion(FIRST, "money"), suggestion(SECOND, "money"))
    (taken_back,) = store.decisions.add(NewDecision("Ann", version, Action.ACCEPT, suggestion=first))
    store.decisions.undo(taken_back.id, coder="Ann")
    store.decisions.add(NewDecision("Ann", version, Action.UNSURE, suggestion=second))
    assert decided(store, BOOK) == []


def test_a_coding_by_one_coder_outweighs_a_rejection_by_another(store, version):
    (one,) = suggested(store, version, suggestion(FIRST, "money"))
    store.decisions.add(NewDecision("Ann", version, Action.ACCEPT, suggestion=one))
    store.decisions.add(NewDecision("Bo", version, Action.REJECT, suggestion=one))
    assert [quote.code for quote in quotes_of(decided(store, BOOK)[0], BOOK)] == ["money"]


def test_decisions_on_an_earlier_text_still_teach(store, version):
    (one,) = suggested(store, version, suggestion(FIRST, "money"))
    store.decisions.add(NewDecision("Ann", version, Action.ACCEPT, suggestion=one))
    words = "Another text."
    turn = Turn(Span(0, len(words)), "Anna", Role.PARTICIPANT)
    store.transcripts.add(Transcript("P01", words, (turn,)), source_of("P01", "second"))
    assert [quote.code for quote in quotes_of(decided(store, BOOK)[0], BOOK)] == ["money"]


def test_codes_of_another_codebook_are_left_out(store, version):
    store.decisions.add(NewDecision("Ann", version, Action.CODE, span=FIRST, code="of-old"))
    assert decided(store, BOOK) == []


def test_a_decided_suggestion_remembers_the_model_that_made_it_after_newer_runs(store, version):
    (one,) = suggested(store, version, suggestion(FIRST, "money"))
    (decision,) = store.decisions.add(NewDecision("Ann", version, Action.ACCEPT, suggestion=one))
    coded_run(store, version, suggestion(SECOND, "staff"), recipe="recipe-2")
    run = store.suggestions.get(decision.suggestion).run
    assert next(each.facts for each in store.runs.all() if each.id == run) == facts_of("recipe-1")


def test_an_interview_marked_as_done_teaches_its_sentences_without_a_code(store, version):
    store.decisions.add(NewDecision("Ann", version, Action.CODE, span=FIRST, code="money"))
    store.events.add(NewEvent("Ann", EventKind.DONE, version))
    codes = [quote.code for quote in quotes_of(decided(store, BOOK)[0], BOOK)]
    assert codes == ["money"] + [None] * (len(sentences()) - 1)
    store.events.add(NewEvent("Ann", EventKind.REOPENED, version))
    assert [quote.code for quote in quotes_of(decided(store, BOOK)[0], BOOK)] == ["money"]


def test_a_sentence_that_an_audit_found_empty_teaches_no_code(store, version):
    store.events.add(NewEvent("Ann", EventKind.AUDITED_EMPTY, version, span=SECOND))
    (quote,) = quotes_of(decided(store, BOOK)[0], BOOK)
    assert (quote.text, quote.code) == (sentences()[1][0], None)


def test_a_decided_sentence_remembers_its_question():
    asked = "And who pays for that?"
    text = f"{asked}\nNobody pays."
    turns = (
        Turn(Span(0, len(asked)), "INT", Role.INTERVIEWER),
        Turn(Span(len(asked) + 1, len(text)), "Anna", Role.PARTICIPANT),
    )
    coding = Coding("P01", Span(len(asked) + 1, len(text)), "money")
    reading = CodedTranscript(Transcript("P01", text, turns), [coding], [], DECISIONS)
    assert [quote.question for quote in quotes_of(reading, BOOK)] == [asked]


# Files of human codings


def test_a_coded_interview_is_taken_to_be_coded_completely(tmp_path):
    path = tmp_path / "codings.jsonl"
    path.write_text(json.dumps({"transcript": "P01", "start": FIRST.start, "end": FIRST.end, "code": "money"}))
    other, _ = interview("P02")
    (found,) = coded_in(path, [TRANSCRIPT, other], BOOK)
    quotes = list(quotes_of(found, BOOK))
    assert [quote.code for quote in quotes] == ["money"] + [None] * (len(sentences()) - 1)
    assert found.judgements == 1


def test_a_coding_that_fits_no_transcript_is_refused(tmp_path):
    path = tmp_path / "codings.jsonl"
    path.write_text('{"transcript": "P09", "start": 0, "end": 4, "code": "money"}')
    with pytest.raises(CodingError, match="line 1"):
        coded_in(path, [TRANSCRIPT], BOOK)


def test_what_files_taught_stays_until_the_same_interview_is_coded_anew():
    first = learned([reading("P01", source=CODINGS), reading("P02", source=CODINGS)], BOOK)
    again = learned([reading("P02", source=CODINGS, wrong=True)], BOOK, earlier=first)
    assert {q.document: q.code for q in again.quotes if "kitty" in q.text} == {"P01": "money", "P02": "trust"}


def test_what_decisions_taught_goes_when_they_are_undone():
    assert learned([], BOOK, earlier=learned([reading("P01")], BOOK)).quotes == ()


def test_a_decision_overrules_a_file_on_its_sentence_only():
    bank = learned([reading("P01", source=CODINGS), read((FIRST, "trust"))], BOOK)
    words = [text for text, _ in sentences()]
    truth = dict(sentences())
    assert codes_by_text(bank.quotes) == truth | {words[0]: "trust"}
    assert len(bank.quotes) == len(words)


def test_decisions_keep_all_their_codes_where_a_file_coded_the_same_sentence():
    every = read(*((FIRST, code) for code in BOOK.ids))
    alone, over = learned([every], BOOK), learned([reading("P01", source=CODINGS), every], BOOK)
    assert {(q.code, q.also) for q in over.quotes if q.source == DECISIONS} == {(q.code, q.also) for q in alone.quotes}


# What is kept


@pytest.fixture
def kept(tmp_path):
    return LearnedSeeds(tmp_path)


ONE, TWO = bank_of(reading("P01")), bank_of(reading("P02", wrong=True))


def test_a_study_has_learned_nothing_at_first(kept):
    assert kept.seeds(BOOK).quotes == ()
    with pytest.raises(UsageError, match="has learned nothing"):
        kept.back()


def test_what_was_learned_is_read_back_as_it_was(kept):
    kept.install(ONE, {"judgements": 20})
    assert kept.seeds(BOOK) == ONE
    assert kept.lessons()[0].facts == {"judgements": 20}


@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip))
def test_every_text_survives(tmp_path_factory, text):
    kept = LearnedSeeds(tmp_path_factory.mktemp("study"))
    bank = SeedBank((SeedQuote(text, None, None, "rejected", DECISIONS, text, "P01"),))
    kept.install(bank, {})
    assert kept.seeds(BOOK) == bank


def test_back_walks_from_lesson_to_lesson_and_a_new_one_goes_on_top(kept):
    kept.install(ONE, {})
    kept.install(TWO, {})
    assert kept.back().seeds == ONE.digest
    assert kept.back() is None
    assert kept.seeds(BOOK).quotes == ()
    kept.install(TWO, {})
    assert kept.seeds(BOOK) == TWO


@pytest.mark.parametrize("file", [1, 2], ids=["the seeds", "the history"])
def test_a_kill_before_a_file_is_whole_leaves_what_was_in_force(kept, monkeypatch, file):
    kept.install(ONE, {})
    files = iter(range(1, 3))

    def killed(descriptor):
        if stat.S_ISREG(os.fstat(descriptor).st_mode) and next(files) == file:
            raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", killed)
    with pytest.raises(KeyboardInterrupt):
        kept.install(TWO, {})
    assert kept.seeds(BOOK) == ONE
    assert not list(kept.folder.glob(".precode-*"))
    monkeypatch.undo()
    kept.install(TWO, {})
    assert kept.seeds(BOOK) == TWO


def test_damaged_seeds_are_refused_with_a_way_out(kept):
    kept.install(ONE, {})
    (file,) = kept.folder.glob("seeds-*.jsonl")
    file.write_text(file.read_text().replace("kitty", "purse"))
    with pytest.raises(IntegrityError, match=r"digest differs.*--back"):
        kept.seeds(BOOK)
    file.unlink()
    with pytest.raises(IntegrityError, match=r"cannot be read.*--back"):
        kept.seeds(BOOK)
    assert kept.back() is None


@pytest.mark.parametrize("line", ["{", "{}", '{"action": "x", "seeds": "s", "created": "c", "facts": {}}'])
def test_a_damaged_history_is_refused(kept, line):
    kept.folder.mkdir()
    (kept.folder / "history.jsonl").write_text(f"{line}\n")
    with pytest.raises(IntegrityError, match=r"history\.jsonl:1"):
        kept.lessons()


def test_learned_codes_that_left_the_codebook_are_named_with_a_way_out(kept):
    kept.install(ONE, {})
    with pytest.raises(CodebookError, match=r"'staff' is not in codebook.*--back"):
        kept.seeds(Codebook("tiny", "2", BOOK.codes[:1]))


def test_learned_quotations_follow_a_merge_and_leave_with_a_code_that_was_taken_out(kept):
    kept.install(ONE, {})
    merged = kept.seeds(merge_codes(BOOK, "staff", "money"))
    assert [quote.code for quote in merged.quotes] == ["money" if q.code == "staff" else q.code for q in ONE.quotes]
    gone = kept.seeds(remove_code(BOOK, "staff"))
    assert [quote.code for quote in gone.quotes] == [q.code for q in ONE.quotes if q.code != "staff"]


def test_a_folder_that_cannot_be_written_is_told(kept):
    kept.folder.write_text("in the way")
    with pytest.raises(UsageError, match="cannot be written"):
        kept.install(ONE, {})
