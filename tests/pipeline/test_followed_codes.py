"""What stands under codes as the codebook changes: summaries, names and assignments, against plain models."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.codebook import Code, Codebook
from corpus.codebook_edits import merge_codes, rename_code, shared_names
from corpus.coders import folded
from corpus.errors import UsageError
from flows.web.job_record import Job, JobFolder, JobKind, JobState
from pipeline.codebook.differences import content_of, differences, taken_back
from pipeline.review.team import assign, team
from pipeline.store.event_records import Event, EventKind
from pipeline.study_filter import Filter
from pipeline.summaries import current_summaries, histories
from tests.corpus.codebook_support import chains
from tests.pipeline.review_support import desk_of, fill, interview
from tests.pipeline.store_support import source_of

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
BOOK = Codebook("letters", "1", tuple(Code(each, each.upper(), "D") for each in "abcd"))
WRITTEN = st.lists(
    st.tuples(st.integers(1, 2), st.sampled_from("abcd"), st.sampled_from(["", "x", "y", "z"])), max_size=15
)
MERGES = st.lists(st.permutations("abcd").map(lambda codes: codes[:2]), max_size=3)


def events(written):
    return [
        Event(n, BEGAN + timedelta(minutes=n), "Ann", EventKind.SUMMARY, version, None, code, text)
        for n, (version, code, text) in enumerate(written, start=1)
    ]


def merged(pairs):
    """The codebook after merges, and where each code is then."""
    book, now = BOOK, {code: code for code in "abcd"}
    for one, other in pairs:
        if now[one] != now[other]:
            book, gone, into = merge_codes(book, now[one], now[other]), now[one], now[other]
            now = {code: into if at == gone else at for code, at in now.items()}
    return book, now


# Summaries


@given(WRITTEN, MERGES)
def test_of_codes_that_became_one_the_summary_written_last_that_holds_is_shown(written, pairs):
    book, now = merged(pairs)
    last = {}
    for n, (version, code, text) in enumerate(written):
        last[version, code] = (n, text)
    shown = {}
    for (version, code), (_, text) in sorted(last.items(), key=lambda each: each[1]):
        if text:
            shown[version, now[code]] = text
    found = current_summaries(histories(events(written), book))
    assert {place: summary.text for place, summary in found.items()} == shown


@given(WRITTEN, MERGES)
def test_no_summary_is_lost_from_the_history_of_its_cell(written, pairs):
    book, now = merged(pairs)
    cells = histories(events(written), book)
    told = [(summary.version, summary.code, summary.text) for each in cells.values() for summary in each]
    assert sorted(told) == sorted((version, now[code], text) for version, code, text in written)
    assert all({(one.version, one.code) for one in entries} == {place} for place, entries in cells.items())


@given(WRITTEN, st.sampled_from("abcd"))
def test_a_new_name_of_a_code_moves_no_summary(written, code):
    log, renamed = events(written), rename_code(BOOK, code, "Another name")
    assert histories(log, renamed) == histories(log, BOOK)


# Names


@given(st.lists(st.tuples(st.sampled_from(["Trust", "trust", "TRÚST", "Time"]), st.sampled_from("DE")), max_size=6))
def test_shared_names_are_those_that_differ_in_case_and_accents_only(named):
    book = Codebook("b", "1", tuple(Code(str(n), name, domain) for n, (name, domain) in enumerate(named)))
    plain = [(folded(name), domain) for name, domain in named]
    assert shared_names(book) == {each for each in plain if plain.count(each) > 1}


@settings(max_examples=40)
@given(chains(), st.data())
def test_taking_back_never_gives_two_codes_of_a_domain_one_name(books, data):
    book = books[-1]
    for changed in data.draw(st.permutations([differences(*map(content_of, pair)) for pair in pairwise(books)])):
        try:
            book = taken_back(book, changed)
        except UsageError:
            continue
        assert shared_names(book) == frozenset()


def test_taking_back_leaves_two_codes_of_one_name_that_stood_in_the_file_already():
    twins = Codebook("b", "1", (Code("a", "Trust", "D"), Code("b", "trust", "D"), Code("c", "Time", "D")))
    after = rename_code(twins, "c", "Hours")
    assert taken_back(after, differences(content_of(twins), content_of(after))) == twins


# Filters


@given(MERGES, st.sampled_from("abcd"), st.sampled_from("abcd"))
def test_a_filter_by_the_id_of_today_takes_what_was_coded_with_any_id_before(pairs, asked, given_code):
    book, now = merged(pairs)
    found = book.find(given_code)
    assert Filter(code=book.current_id(asked)).takes(found.id, found.domain) is (now[asked] == now[given_code])


# Assignments


@pytest.fixture
def versions(store):
    return fill(store)


@pytest.mark.parametrize("assigned", [True, False])
def test_an_assignment_to_an_earlier_text_is_refused_and_writes_nothing(store, versions, assigned):
    assign(desk_of(store), "Ruth", [versions["anna"]], by="Ann", assigned=True)
    fresh = store.transcripts.add(interview("anna", "Other words by now."), source_of("anna", "second")).version
    desk = desk_of(store)
    written = len(list(store.events.stream()))
    with pytest.raises(UsageError, match="earlier text"):
        assign(desk, "Ben", [versions["bert"], versions["anna"]], by="Ann", assigned=assigned)
    assert len(list(store.events.stream())) == written
    assign(desk, "Ben", [versions["bert"], fresh], by="Ann", assigned=True)
    with desk.now() as state:
        shared = team(state, "Ann").transcripts
    whose = {each.name: [share.coder for share in each.coders if share.assigned] for each in shared}
    assert (whose["anna"], whose["bert"]) == (["Ben"], ["Ben"])


# Jobs

FIELDS = st.sampled_from(["transcript", "status", "suggestions", "notes", "passages", "planned", "outcome"])
ODD = st.recursive(
    st.none() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=4) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(FIELDS, inner, max_size=3),
    max_leaves=6,
)


@given(ODD)
def test_any_line_of_json_is_heard_as_progress_or_passed_over(line):
    heard = Job(JobKind.RUN).heard(json.dumps(line))
    assert heard is None or (heard.kind, heard.state) == (JobKind.RUN, JobState.WORKING)


@given(st.lists(ODD, max_size=3), ODD)
def test_a_record_that_was_written_is_read_as_text_that_can_be_sent_or_as_none(tmp_path_factory, finished, result):
    place = JobFolder(tmp_path_factory.getbasetemp())
    place.make()
    sound = {"kind": "run", "state": "done", "planned": [], "message": "", "id": "a", "seconds": 1.0, "began": 2.0}
    text = json.dumps(sound | {"finished": finished, "result": {"expected": result}})
    (place.folder / "job.json").write_text(text, encoding="utf-8")
    job = place.read()
    if job is not None:
        assert json.dumps([job.finished, job.result], ensure_ascii=False, allow_nan=False).encode()
