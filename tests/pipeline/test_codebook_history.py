"""The codebook's file and history: what edits leave of a file, what the log tells, and what taking back does."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import codebook_edits as edits
from corpus.codebook import Codebook, load_codebook, parse_codebook
from corpus.errors import CodebookError, UsageError
from corpus.shipped import framework_codebook, frameworks
from pipeline.codebook.differences import applied, book_of, content_of, differences, taken_back
from pipeline.codebook.history import ChangeKind, CodebookChange, CodebookHistory
from pipeline.codebook.toml_text import changed_toml
from pipeline.export.qda_project import codebook_toml
from pipeline.store.event_records import Event, EventKind
from tests.corpus.codebook_support import BOOK, chains

few = settings(max_examples=40)
"""Each example is a dozen edits."""

TEXT = """# Ours, since May
[codebook]  # the head
name = "demo"
owner = "Ruth"

# the first of them
[[code]]
id = "told"
name = "Being told"  # as people say it
domain = "Leaving"
weight = 3

[[code]]
id = "home.help"
name = "Help"
domain = "Home / Help"
aliases = [
  "Aid",  # in the old project
]

[[code]]
id = "home.alone"
name = "Managing"
domain = "Home"
"""


def parsed(text):
    return parse_codebook(Path("codebook.toml"), text.encode())


# The file


@few
@given(chains())
def test_changed_toml_says_what_it_has_to_and_keeps_comments_and_unknown_keys(books):
    text = TEXT
    for book in books:
        text = changed_toml(text, book)
        assert parsed(text) == book
        assert changed_toml(text, book) == text
    assert all(kept in text for kept in ("# Ours, since May", "# the head", 'owner = "Ruth"', "# the first of them"))
    if "told" in {code.id for code in (*books[-1].codes, *books[-1].removed)}:
        assert "weight = 3" in text


def test_changed_toml_does_not_grow_when_a_code_goes_and_comes_back():
    text, book = TEXT, parsed(TEXT)
    sizes = []
    for _ in range(6):
        text = changed_toml(text, edits.remove_code(book, "told"))
        text = changed_toml(text, edits.restore_code(parsed(text), "told"))
        sizes.append(len(text))
    assert sizes[-1] <= sizes[1]


@pytest.mark.parametrize("name", frameworks())
def test_changed_toml_leaves_a_codebook_that_ships_as_it_is(name):
    path = framework_codebook(name)
    assert changed_toml(path.read_text(encoding="utf-8"), load_codebook(path)) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("\n", "\r\n"),
        'code = [{id = "a", name = "A", domain = "D"}]\n[codebook]\nname = "x"\n',
        'code = []\n[codebook]\nname = "x"\ncolours = {D = "#112233"}\n',
    ],
)
def test_changed_toml_takes_every_way_of_writing_codes(text):
    added, _ = edits.add_code(parsed(text), edits.NewCode("New", "D"))
    again = changed_toml(text, added)
    assert parsed(again) == added
    for code in added.ids:
        added = edits.remove_code(added, code)
    assert parsed(changed_toml(again, added)) == added


@few
@given(chains(6))
def test_codebook_toml_and_load_are_inverse_for_edited_codebooks(books):
    assert parsed(codebook_toml(books[-1])) == books[-1]


# The history


@few
@given(chains())
def test_differences_applied_one_after_the_other_make_the_last_codebook(books):
    content = {}
    for book in books:
        content = applied(content, differences(content, content_of(book)))
        assert book_of(content) == book
    assert differences(content, content_of(books[-1])) == []


@few
@given(chains())
def test_taken_back_undoes_the_last_change_and_taking_that_back_does_it_again(books):
    for before, after in pairwise(books):
        changes = differences(content_of(before), content_of(after))
        undone = taken_back(after, changes)
        assert undone.codes == before.codes
        assert undone.colours == before.colours
        again = taken_back(undone, differences(content_of(after), content_of(undone)))
        assert again == after


@few
@given(chains(), st.data())
def test_taken_back_in_any_order_keeps_every_code_findable_or_is_refused(books, data):
    changes = [differences(content_of(one), content_of(other)) for one, other in pairwise(books)]
    ever, book = {code_id for each in books for code_id in each.ids}, books[-1]
    for chosen in data.draw(st.permutations(changes)):
        try:
            book = taken_back(book, chosen)
        except UsageError as error:
            assert "take that back first" in str(error)
        except CodebookError:  # two codes would have one id
            raise
        assert all(book.knows(code_id) for code_id in ever)


def history(*changes):
    return CodebookHistory.of(
        Event(n, None, "Ada", EventKind.CODEBOOK, None, None, None, change.by("Ada").text)
        for n, change in enumerate(changes, start=1)
    )


def change(kind, digest, **more):
    return CodebookChange(kind, "said", digest, **more)


def test_lineage_goes_back_to_the_last_change_that_was_made_by_hand():
    told = history(
        change(ChangeKind.BEGUN, "a"),
        change(ChangeKind.RENAME, "b"),
        change(ChangeKind.BY_HAND, "c"),
        change(ChangeKind.ADD, "d"),
    )
    assert told.lineage("d") == {"c", "d"}
    assert told.lineage("unknown") == {"unknown"}
    assert history().lineage("a") == {"a"}


def test_taken_back_entries_are_those_whose_undoing_holds():
    told = history(
        change(ChangeKind.ADD, "a"),
        change(ChangeKind.TAKE_BACK, "b", takes_back=1),
        change(ChangeKind.TAKE_BACK, "a", takes_back=2),
    )
    assert told.taken_back == {2}
    assert [version.id for version in told.in_force("Ada")] == [1]


def test_noticed_begins_a_history_and_tells_what_was_edited_by_hand():
    begun = CodebookHistory().noticed(BOOK)
    told = CodebookHistory.of([Event(1, None, "precode", EventKind.CODEBOOK, None, None, None, begun.text)])
    assert (told.versions[0].change.said, told.noticed(BOOK)) == ("Began with 3 codes", None)
    by_hand = told.noticed(edits.rename_code(BOOK, "told", "Told"))
    assert "Edited by hand: 1 code changed" in by_hand.text
    assert told.ids == set(BOOK.ids)
    updated = told.noticed(edits.rename_code(BOOK, "told", "Told"), ships=True)
    assert "Another version came with precode" in updated.text


@pytest.mark.parametrize("text", ["", "{}", '{"kind": "no", "differences": []}', '{"differences": [1]}', "[]"])
def test_a_history_that_was_not_written_by_us_is_refused(text):
    with pytest.raises(CodebookError, match="damaged"):
        CodebookHistory.of([Event(1, None, "x", EventKind.CODEBOOK, None, None, None, text)])
    with pytest.raises(CodebookError, match="damaged"):
        assert not history(change(ChangeKind.ADD, "a", differences=(((), 1, 2),))).content
    with pytest.raises(CodebookError, match="damaged"):
        book_of({"order": ["a"], "codes": {}, "removed": {}, "colours": {}, "head": {}})


def test_the_digest_knows_nothing_of_colours_and_of_what_was_taken_out():
    coloured = edits.colour_domain(BOOK, "Home", "#123456")
    gone = edits.remove_code(BOOK, "told")
    assert coloured.digest == BOOK.digest
    assert gone.digest == Codebook(BOOK.name, BOOK.version, BOOK.codes[1:]).digest != BOOK.digest
