"""Edits of a codebook: what each does, and that whatever is done every code that there was can still be found."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings

from corpus import codebook_edits as edits
from corpus.codebook import GONE, Code, Codebook
from corpus.codebook_edits import Description, NewCode
from corpus.errors import UsageError
from tests.corpus.codebook_support import BOOK, chains

few = settings(max_examples=40)
"""Each example is a dozen edits."""


@few
@given(chains())
def test_edits_keep_every_code_that_there_ever_was_findable(books):
    ever = {code_id for book in books for code_id in book.ids}
    last = books[-1]
    assert all(last.knows(code_id) for code_id in ever)
    for code_id in ever:
        found = last.find(code_id)
        assert found.domain == GONE or last.by_id[found.id] == found


@few
@given(chains())
def test_edits_keep_ids_apart_and_names_apart_within_a_domain(books):
    for book in books:
        ids = [code.id for code in (*book.codes, *book.removed)]
        assert len(ids) == len(set(ids))
        assert not {alias for code in book.codes for alias in code.aliases if alias in ids and alias == code.id}
        assert all(code.domain in book.domains for code in book.codes)


@few
@given(chains())
def test_a_code_that_became_part_of_another_is_never_somebody_elses(books):
    """What leads to a code leads there, or to one that it became part of, or to nothing, but never to a stranger."""
    for before, after in pairwise(books):
        for code_id, now in before.renamed.items():
            if code_id in {code.id for book in books for code in book.codes}:
                assert after.current_id(code_id) in {now, after.current_id(now)}


def test_rename_keeps_the_id_and_the_old_name_among_the_aliases():
    renamed = edits.rename_code(BOOK, "told", "  Knowing   what comes ")
    assert renamed["told"] == Code("told", "Knowing what comes", "Leaving", aliases=("Being told",))
    again = edits.rename_code(renamed, "told", "Being told")
    assert (again["told"].name, again["told"].aliases) == ("Being told", ("Being told", "Knowing what comes"))


def test_merge_leaves_an_alias_and_takes_older_ones_along():
    once = edits.merge_codes(BOOK, "home.help", "home.alone")
    twice = edits.merge_codes(once, "home.alone", "told")
    assert twice.ids == ("told",)
    assert [twice.current_id(code_id) for code_id in ("home.help", "home.alone", "told")] == ["told"] * 3


def test_merge_takes_an_id_from_another_code_that_had_it_for_a_name():
    book = edits.describe_code(BOOK, "told", Description(aliases=("rang",)))
    book, rang = edits.add_code(book, NewCode("Rang", "Home"))
    clash = Codebook("demo", "1", (*book.codes, Code("rang", "Ring", "Home")))
    merged = edits.merge_codes(clash, "rang", rang.id)
    assert merged.current_id("rang") == rang.id
    assert "rang" not in merged["told"].aliases


def test_remove_keeps_name_and_restore_puts_it_back_into_its_domain():
    gone = edits.remove_code(BOOK, "told")
    assert (gone.find("told").name, gone.find("told").domain) == ("Being told", GONE)
    back = edits.restore_code(gone, "told")
    assert (set(back.codes), back.removed) == (set(BOOK.codes), ())
    assert back.digest == edits.move_code(BOOK, "told", "Leaving").digest or back.ids[-1] == "told"


def test_describe_keeps_ids_that_codings_name_and_refuses_another_codes_name():
    book = edits.merge_codes(BOOK, "home.help", "home.alone")
    said = edits.describe_code(book, "home.alone", Description("Alone."), former={"home.help"})
    assert said.current_id("home.help") == "home.alone"
    assert said["home.alone"].definition == "Alone."
    with pytest.raises(UsageError, match="belongs to a code already"):
        edits.describe_code(BOOK, "told", Description(aliases=("Aid",)))


def test_rename_domain_takes_its_groups_along():
    book = edits.colour_domain(BOOK, "Home / Help", "#AABBCC")
    renamed = edits.rename_domain(book, "Home", "At home")
    assert renamed.domains == ("Leaving", "At home / Help", "At home")
    assert renamed.colours == (("At home / Help", "#aabbcc"),)


def test_a_code_in_a_participants_words_has_an_id_without_them():
    new = NewCode("nobody rang back", "In vivo", in_vivo=True)
    book, code = edits.add_code(BOOK, new)
    assert re.fullmatch("in-vivo[.][0-9a-f]{6}", code.id)
    assert (book.ids[-1], code.name) == (code.id, "nobody rang back")
    assert edits.add_code(BOOK, new, taken={code.id})[1].id == f"{code.id}-2"


def test_ids_of_names_that_differ_differ_in_every_copy_of_a_study():
    names = ("日本", "中国", "Parking", "Taxi")
    ids = {edits.add_code(BOOK, NewCode(name, "Home"))[1].id for name in names}
    assert len(ids) == len(names)
    assert edits.add_code(BOOK, NewCode("日本", "Home"))[1].id in ids


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (lambda: edits.add_code(BOOK, NewCode(" ", "Home")), "1 to 200 letters"),
        (lambda: edits.add_code(BOOK, NewCode("a\x07b", "Home")), "signs that print"),
        (lambda: edits.add_code(BOOK, NewCode("managing", "Home")), "of this name in this domain"),
        (lambda: edits.add_code(BOOK, NewCode("x", "Home /  / Help")), "every step of a domain"),
        (lambda: edits.merge_codes(BOOK, "told", "told"), "part of itself"),
        (lambda: edits.restore_code(BOOK, "told"), "no such code was taken out"),
        (lambda: edits.rename_domain(BOOK, "Ho", "At"), "no such domain"),
        (lambda: edits.colour_domain(BOOK, "Home", "red"), "#rrggbb"),
        (lambda: edits.describe_code(BOOK, "told", Description(level="giga")), "the level is one of"),
    ],
)
def test_what_cannot_be_done_is_refused_without_quoting_a_name(act, says):
    with pytest.raises(UsageError, match=says) as caught:
        act()
    assert not any(code.name in str(caught.value) for code in BOOK.codes)
