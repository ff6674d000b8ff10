"""The corpus' own records: errors, names of coders, codebooks as TOML, rows written and read, spans that move twice."""

import csv
import json
import pickle
import tomllib
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from corpus.codebook import LEVELS, PROVENANCES, Code, Codebook, load_codebook
from corpus.coders import CONSENSUS, LONGEST, MACHINE, coder_name
from corpus.codings import QuoteFinder, Selector, load_codings
from corpus.errors import (
    CodebookError,
    CodingError,
    InputError,
    IntegrityError,
    InternalError,
    PrecodeError,
    UsageError,
    discreet,
)
from corpus.revision import Revision, match_words, words_of
from corpus.rows import TableRow, read_rows
from corpus.solid_text import SolidText, equal_words, without_space
from corpus.span_map import Piece, SpanMap
from corpus.transcript import Role, Span, Transcript, Turn

WORDS = st.lists(st.sampled_from(["yes", "no", "we", "met", "the", "nurse", "it's", "\u00e9t\u00e9", "\U0001f600"]),
                 min_size=1, max_size=30)  # fmt: skip
LINE = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
PLAIN = LINE.filter(str.strip)

# Errors


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (UsageError("x"), 2),
        (CodebookError("x"), 2),
        (InputError("a.txt", "is empty"), 1),
        (CodingError("a.jsonl:3", "is nowhere"), 1),
        (IntegrityError("x"), 3),
        (InternalError("P01", "ValueError", "x.py:1"), 3),
    ],
    ids=lambda value: type(value).__name__,
)
def test_errors_leave_with_their_code_and_survive_another_process(error, exit_code):
    assert isinstance(error, PrecodeError)
    assert error.exit_code == exit_code
    back = pickle.loads(pickle.dumps(error))
    assert (type(back), str(back)) == (type(error), str(error))


def test_input_error_keeps_place_and_problem_apart():
    error = InputError("a.txt:3", "is no line; remove it")
    assert (error.place, error.problem, str(error)) == (
        "a.txt:3",
        "is no line; remove it",
        "a.txt:3: is no line; remove it",
    )


@given(st.text(st.characters(categories=["L"]), min_size=12))
def test_discreet_never_repeats_a_message(words):
    with pytest.raises(InternalError) as caught, discreet("P01"):
        raise ValueError(words)
    assert words not in str(caught.value)
    assert "P01: stopped by ValueError at test_records.py:" in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_discreet_lets_errors_of_ours_and_results_through():
    with discreet("x"):
        found = 3
    assert found == 3
    with pytest.raises(CodingError, match="nowhere"), discreet("x"):
        raise CodingError("a", "nowhere")
    with pytest.raises(KeyboardInterrupt), discreet("x"):
        raise KeyboardInterrupt


def test_internal_error_of_an_exception_never_raised_knows_no_place():
    assert "an unknown place" in str(InternalError.of("P01", ValueError("secret")))
    assert "secret" not in str(InternalError.of("P01", ValueError("secret")))


# Coders


@pytest.mark.parametrize(
    ("written", "name"),
    [("Ann", "Ann"), ("  Ann ", "Ann"), ("Zoe\u0308", "Zo\u00eb"), ("A B", "A B"), ("x" * LONGEST, "x" * LONGEST)],
    ids=["plain", "blanks around", "decomposed", "blank inside", "longest"],
)
def test_coder_name_as_the_log_keeps_it(written, name):
    assert coder_name(written) == name


@pytest.mark.parametrize(
    "written",
    ["", "   ", "x" * (LONGEST + 1), "a\tb", "a\nb", "a\u200bb", CONSENSUS, "Consensus", MACHINE, "Precode 2"],
    ids=ascii,
)
def test_coder_name_refuses(written):
    with pytest.raises(UsageError):
        coder_name(written)


@given(st.text(max_size=90))
def test_coder_name_is_the_same_twice_or_refused(written):
    try:
        name = coder_name(written)
    except UsageError:
        return
    assert coder_name(name) == name
    assert name.isprintable()


# Codebooks

CODES = st.builds(
    Code,
    id=st.text("abc_", min_size=1, max_size=6),
    name=PLAIN,
    domain=PLAIN,
    level=st.none() | st.sampled_from(LEVELS),
    definition=LINE,
    include=LINE,
    exclude=LINE,
    aliases=st.lists(LINE, max_size=3).map(tuple),
    provenance=st.sampled_from(PROVENANCES),
)
BOOKS = st.builds(
    Codebook,
    name=PLAIN,
    version=PLAIN,
    codes=st.lists(CODES, min_size=1, max_size=5, unique_by=lambda code: code.id).map(tuple),
    title=LINE,
    source=LINE,
)


def toml(book):
    """A codebook as TOML, its strings escaped as in JSON, of which TOML's basic strings take every escape used."""

    def quoted(text):
        return json.dumps(text).replace("\x7f", "\\u007f") if text.isascii() else basic(text)

    def basic(text):
        special = {ord('"'): '\\"', ord("\\"): "\\\\"}
        shown = {n: f"\\u{n:04x}" for n in (*range(0x20), 0x7F)}
        return f'"{text.translate(special | shown)}"'

    lines = ["[codebook]", *(f"{key} = {quoted(getattr(book, key))}" for key in ("name", "version", "title", "source"))]
    for code in book.codes:
        lines.append("[[code]]")
        for key in ("id", "name", "domain", "level", "definition", "include", "exclude", "provenance"):
            if getattr(code, key) is not None:
                lines.append(f"{key} = {quoted(getattr(code, key))}")
        lines.append(f"aliases = [{', '.join(map(quoted, code.aliases))}]")
    return "\n".join(lines) + "\n"


@given(BOOKS)
def test_a_codebook_comes_back_from_toml(tmp_path_factory, book):
    path = tmp_path_factory.mktemp("book") / "codebook.toml"
    path.write_bytes(toml(book).encode("utf-8"))
    assert tomllib.loads(toml(book))["codebook"]["name"] == book.name
    read = load_codebook(path)
    assert read == book
    assert read.digest == book.digest
    assert read.ids == tuple(book.by_id)


@given(BOOKS, BOOKS)
def test_codebooks_of_one_digest_are_equal(book, other):
    assert (book.digest == other.digest) == (book == other)


@given(BOOKS)
def test_domains_are_those_of_the_codes_in_their_order(book):
    assert set(book.domains) == {code.domain for code in book.codes}
    assert list(book.domains) == sorted(book.domains, key=[code.domain for code in book.codes].index)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("tsk", "code 'tsk' is not in codebook 'b'"),
        ("we met often", "code with blanks in it"),
        ("", "code with blanks"),
    ],
)
def test_lacks_quotes_ids_and_never_talk(asked, said):
    book = Codebook("b", "1", (Code("a", "A", "D"),))
    assert said in book.lacks(asked)
    if " " in asked:
        assert asked not in book.lacks(asked)
    with pytest.raises(CodebookError, match="is not in codebook"):
        book[asked]


# Rows

VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10)


@given(st.lists(st.dictionaries(st.text(max_size=5), VALUES, max_size=4), max_size=6))
def test_rows_of_jsonl_come_back_with_their_lines(tmp_path_factory, given_rows):
    path = tmp_path_factory.mktemp("rows") / "rows.jsonl"
    path.write_text("\n\n".join(map(json.dumps, given_rows)), encoding="utf-8", newline="")
    rows = list(read_rows(path))
    assert [row.data for row in rows] == given_rows
    assert [row.place for row in rows] == [f"{path}:{2 * n + 1}" for n in range(len(given_rows))]


CELLS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)


@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6))
def test_rows_of_csv_come_back(tmp_path_factory, cells):
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerows([("first", "second"), *cells])
    assert [(row.data["first"], row.data["second"]) for row in read_rows(path)] == cells


@pytest.mark.parametrize("value", [True, 1.5, "1.5", "one", None, [], {}, "", float("inf"), float("nan")], ids=repr)
def test_whole_names_the_row_of_what_is_no_whole_number(value):
    with pytest.raises(InputError, match=r"^a\.jsonl:3: key 'n' must be a whole number$"):
        TableRow("a.jsonl:3", {"n": value}).whole("n")


@pytest.mark.parametrize(("value", "number"), [(3, 3), ("3", 3), (3.0, 3), (" 3 ", 3), ("-3", -3), (0, 0)], ids=repr)
def test_whole_takes_numbers_in_any_form(value, number):
    assert TableRow("a", {"n": value}).whole("n") == number


# Solid text and spans that move


@given(st.text(max_size=40), st.text(max_size=40))
def test_equal_words_is_an_equivalence_that_knows_no_white_space(first, second):
    assert equal_words(first, f" {first}\n")
    assert equal_words(first, second) == equal_words(second, first) == (without_space(first) == without_space(second))


def test_solid_text_finds_places_that_overlap():
    assert list(SolidText("a a a").find("aa")) == [0, 1]
    assert list(SolidText("abc").find("d")) == []
    assert SolidText("x  a \n b").span(1, 2) == Span(3, 8)


@st.composite
def maps(draw):
    """Pieces that cover three texts one after another: old, middle and new."""
    old = middle = new = 0
    there, onward = [], []
    for _ in range(draw(st.integers(1, 6))):
        old, middle, new = (at + draw(st.integers(0, 3)) for at in (old, middle, new))
        length = draw(st.integers(1, 6))
        there.append(Piece(Span(old, old + length), Span(middle, middle + length), kept=True))
        onward.append(Piece(Span(middle, middle + length), Span(new, new + length), kept=True))
        old, middle, new = old + length, middle + length, new + length
    whole = [Piece(a.old, b.new, kept=True) for a, b in zip(there, onward, strict=True)]
    return SpanMap(there), SpanMap(onward), SpanMap(whole), old


@given(maps(), st.data())
def test_two_span_maps_compose(made, data):
    there, onward, whole, length = made
    start = data.draw(st.integers(0, length - 1))
    span = Span(start, data.draw(st.integers(start + 1, length)))
    middle = there.move(span)
    assert whole.move(span) == (None if middle is None else onward.move(middle))


@given(maps(), st.data())
def test_move_near_is_move_where_there_is_one(made, data):
    there, _, _, length = made
    start = data.draw(st.integers(0, length + 5))
    span = Span(start, start + data.draw(st.integers(1, 9)))
    near = there.move_near(span)
    assert len(near) > 0
    assert there.move(span) in (None, near)


@given(maps(), st.data())
def test_a_span_inside_moves_inside_where_its_surroundings_move(made, data):
    there, _, _, length = made
    start = data.draw(st.integers(0, length - 1))
    outer = Span(start, data.draw(st.integers(start + 1, length)))
    inner_start = data.draw(st.integers(outer.start, outer.end - 1))
    inner = Span(inner_start, data.draw(st.integers(inner_start + 1, outer.end)))
    moved, around = there.move(inner), there.move(outer)
    if moved is not None:
        assert around.start <= moved.start < moved.end <= around.end


def test_a_replaced_stretch_is_taken_whole():
    found = SpanMap([Piece(Span(0, 4), Span(0, 4), kept=True), Piece(Span(4, 8), Span(4, 10), kept=False),
                     Piece(Span(8, 12), Span(10, 14), kept=True)])  # fmt: skip
    assert found.move(Span(2, 6)) == Span(2, 10)
    assert found.move(Span(5, 9)) == Span(4, 11)
    assert found.move(Span(5, 6)) == Span(4, 10)


# Revisions


@given(WORDS, WORDS)
def test_match_words_pairs_equal_words_and_each_once(old, new):
    to = match_words(old, new).tolist()
    assert len(to) == len(old)
    taken = [place for place in to if place >= 0]
    assert len(set(taken)) == len(taken)
    assert all(old[n] == new[place] for n, place in enumerate(to) if place >= 0)


@given(WORDS)
def test_match_words_of_equal_texts_is_the_identity(words):
    assume(len(set(words)) == len(words))
    assert match_words(words, words).tolist() == list(range(len(words)))


@given(st.text(max_size=60))
def test_words_of_a_text_lie_in_it_in_order(text):
    spans, words = words_of(text)
    assert len(spans) == len(words)
    assert all(not any(map(str.isspace, span.of(text))) for span in spans)
    assert all(before.end <= after.start for before, after in pairwise(spans))


@given(st.lists(st.integers(0, 99), min_size=6, max_size=14, unique=True), st.data())
def test_revision_to_and_back_is_where_it_was_its_last_mark_aside(numbers, data):
    sentences = [f"Word{n} stands here with number{n} and end{n}." for n in numbers]
    old = "\n".join(sentences)
    new = "\n".join(["Preface of the transcriber.", *data.draw(st.permutations(sentences))])
    chosen = data.draw(st.sampled_from(sentences))
    span = Span(old.index(chosen), old.index(chosen) + len(chosen))
    there = Revision(old, new).move(span)
    assert there.span.of(new).removesuffix(".") == chosen.removesuffix(".")
    back = Revision(new, old).move(there.span).span
    assert back.of(old).removesuffix(".") == chosen.removesuffix(".")
    assert back.start == span.start


@given(WORDS, st.data())
def test_a_revision_in_white_space_only_changes_no_passage(words, data):
    old, new = " ".join(words), "\n\n".join(words)
    spans, _ = words_of(old)
    first = data.draw(st.integers(0, len(spans) - 1))
    last = data.draw(st.integers(first, len(spans) - 1))
    span = Span(spans[first].start, spans[last].end)
    found = Revision(old, new).move(span)
    if found is not None:
        assert equal_words(found.span.of(new), span.of(old)) or found.changed


@pytest.mark.parametrize(
    ("old", "new"), [("", ""), ("", "new"), ("old", ""), ("   ", "x")], ids=["both empty", "was", "is", "blank"]
)
def test_a_revision_of_empty_texts_moves_nothing_and_raises_nothing(old, new):
    revision = Revision(old, new)
    if old and old != new:
        assert revision.move(Span(0, 1)) is None


# Quotations


def two_speakers():
    text = "It is hard. We manage.\nIt is hard. They left.\n"
    second = text.index("\n") + 1
    turns = (Turn(Span(0, second - 1), "A", Role.PARTICIPANT), Turn(Span(second, len(text) - 1), "B", Role.PARTICIPANT))
    return Transcript("talk", text, turns)


@pytest.mark.parametrize(
    ("selector", "starts"),
    [
        (Selector("It is hard."), [0, 23]),
        (Selector("It is hard.", suffix="They"), [23]),
        (Selector("It is hard.", prefix="manage."), [23]),
        (Selector("It is hard.", speaker="B"), [23]),
        (Selector("It is hard.", speaker="nobody"), [0, 23]),
        (Selector("It is hard.", prefix="nowhere"), [0, 23]),
        (Selector("It was hard."), []),
        (Selector("  "), []),
        (Selector("We\n manage."), [12]),
    ],
    ids=["twice", "suffix", "prefix", "speaker", "no such speaker", "no such prefix", "absent", "blank", "respaced"],
)
def test_quote_finder_finds_all_places_that_fit(selector, starts):
    assert [span.start for span in QuoteFinder(two_speakers()).find(selector)] == starts


def test_load_codings_lists_all_misfits_of_a_file_at_once(tmp_path):
    path = tmp_path / "codings.jsonl"
    rows = [
        {"transcript": "talk", "code": "a", "exact": "It is hard."},
        {"transcript": "talk", "code": "z", "exact": "We manage."},
        {"transcript": "gone", "code": "a", "exact": "We manage."},
        {"transcript": "talk", "code": "a", "start": 5, "end": 5000},
        {"transcript": "talk", "code": "a", "exact": "We manage."},
        {"transcript": "talk", "code": "a", "exact": "It is hard."},
    ]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    with pytest.raises(CodingError) as caught:
        load_codings(path, {"talk": two_speakers()}, Codebook("b", "1", (Code("a", "A", "D"),)))
    said = str(caught.value)
    assert "more than once (add prefix and suffix): line 1, 6" in said
    assert "code 'z' is not in codebook 'b': line 2" in said
    assert "transcript 'gone' is not in the study: line 3" in said
    assert "no span of the transcript: line 4" in said
    assert "manage" not in said
