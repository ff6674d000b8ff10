"""The list: who belongs together, what a researcher may change, what a second run keeps."""

import stat
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from corpus.errors import InputError, UsageError
from pipeline.deidentify.apply import sound
from pipeline.deidentify.candidates import Substitutions
from pipeline.deidentify.kinds import IdentifierKind
from pipeline.deidentify.listing import edited, read_list, write_csv_list, write_list
from pipeline.deidentify.matcher import plain
from pipeline.deidentify.merge import propose
from pipeline.deidentify.pseudonyms import Pseudonyms, filled
from tests.corpus.support import transcript_of
from tests.pipeline.deidentify_support import candidate

CELLS = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=30).map(plain).filter(bool)
ROWS = st.tuples(CELLS, CELLS, st.sampled_from(IdentifierKind), st.booleans())


def named(*people):
    forms = [candidate(person).form for person in people]
    return Pseudonyms(()).of(forms)


@pytest.mark.parametrize(
    ("full", "short"),
    [("John Smith", "John"), ("John Smith", "Mr Smith"), ("Dr. Ann-Marie Lee", "Ann-Marie"), ("Dr Lee", "Lee")],
)
def test_clear_variants_share_a_replacement(full, short):
    for people in ((full, short), (short, full)):
        assert len(set(named(*people).values())) == 1


@pytest.mark.parametrize(
    "people",
    [
        ("Graham Ridley", "Graham Oyelaran", "Graham"),
        ("Mr Smith", "Mrs Smith", "John Smith"),
        ("John Smith", "Mary Smith"),
    ],
)
def test_where_it_is_not_clear_everybody_stays_apart(people):
    assert len(set(named(*people).values())) == 3 if len(people) == 3 else 2


def test_one_name_has_one_replacement_in_all_transcripts():
    study = [
        transcript_of("I asked Odalys Ferreira about it.", name="P01"),
        transcript_of("Yesterday Ferreira told me. Then Odalys went home.", name="P02"),
    ]
    found = {one.text: one for one in propose(study)}
    assert {found[name].replacement for name in ("Odalys Ferreira", "Ferreira", "Odalys")} == {"[Person 1]"}
    assert found["Odalys"].count == 1


def test_a_second_run_keeps_what_was_decided_and_adds_what_is_new():
    first = [transcript_of("I asked Odalys Ferreira in Thornwick.", name="P01")]
    decided = [replace(one, hide=False, replacement="[Someone]") for one in propose(first)]
    again = propose([*first, transcript_of("We met Hilde Brandvold, and Odalys was there.", name="P02")], decided)
    assert [(one.text, one.hide, one.replacement) for one in again[: len(decided)]] == [
        (one.text, False, "[Someone]") for one in decided
    ]
    added = {one.text: one.replacement for one in again[len(decided) :]}
    assert added["Hilde Brandvold"] == "[Person 1]"
    assert added["Odalys"] == "[Someone]"
    assert propose(first, propose(first)) == propose(first)


def test_numbers_that_were_given_are_not_given_again():
    known = [candidate("Ann", "[Person 1]"), candidate("Bob", "[Person 3]")]
    more = filled([*known, candidate("Carl", ""), candidate("Dora", "")])
    assert [one.replacement for one in more] == ["[Person 1]", "[Person 3]", "[Person 2]", "[Person 4]"]


@given(
    st.lists(
        st.tuples(CELLS, CELLS, st.sampled_from(IdentifierKind), st.booleans()),
        max_size=5,
        unique_by=lambda row: row[0],
    )
)
def test_the_list_comes_back_as_it_was_written(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("list") / "candidates.csv"
    written = [candidate(text, name, kind, hide=hide) for text, name, kind, hide in rows]
    write_csv_list(path, written)
    assert told(read_list(path)) == told(written)


def test_workbook_and_table_say_the_same_and_are_private(tmp_path):
    written = [
        candidate("+44 161 496 0123", "[Phone 1]", IdentifierKind.PHONE),
        candidate("=Ann", hide=False),
        candidate("'t Hert"),
    ]
    paths = write_list(tmp_path, written)
    assert [told(read_list(path)) for path in paths] == [told(written)] * 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    assert edited(tmp_path) == tmp_path / "candidates.xlsx"


def told(candidates):
    return [(one.text, one.replacement, one.kind, one.hide) for one in candidates]


def test_edits_are_respected_and_lines_may_be_added(tmp_path):
    book, _ = write_list(tmp_path, [candidate("Ann", "[Person 1]"), candidate("Bob", "[Person 2]")])
    workbook = load_workbook(book)
    sheet = workbook.worksheets[0]
    sheet["A2"], sheet["B3"] = "No", "the porter"
    sheet["D4"] = "Carl"
    workbook.save(book)
    substitutions = Substitutions(filled(read_list(book)))
    assert substitutions.applied("Ann, Bob and Carl") == "Ann, the porter and [Person 2]"


def test_the_list_that_was_saved_last_counts(tmp_path):
    _, table = write_list(tmp_path, [candidate("Ann")])
    write_csv_list(table, [candidate("Ann", hide=False)])
    assert edited(tmp_path) == table


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("perhaps,x,person,Ann", "candidates.csv:2: says neither"),
        ("yes,x,animal,Ann", "candidates.csv:2: names no kind"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_without_its_words(tmp_path, line, problem):
    path = tmp_path / "candidates.csv"
    path.write_text(f"hide,replacement,kind,text\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match=problem) as raised:
        read_list(path)
    assert "Ann" not in str(raised.value)


def test_a_replacement_that_is_itself_on_the_list_is_refused():
    with pytest.raises(UsageError, match="1 replacements on the list are themselves"):
        sound([candidate("Ann", "Bob"), candidate("Bob", "Carl")])
    with pytest.raises(UsageError, match="hides nothing"):
        sound([candidate("Ann", hide=False)])
