"""Rows of JSONL and CSV: every mistake is told with its place and without a word of its content."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus import rows as module
from corpus.errors import InputError
from corpus.rows import TableRow, read_rows

ENDLESS = "1" * 5_000


def written(folder, content, name="rows.jsonl"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_rows_know_their_place(tmp_path):
    path = written(tmp_path, '{"a": 1}\n\n  \n{"a": 2}')
    assert list(read_rows(path)) == [TableRow(f"{path}:1", {"a": 1}), TableRow(f"{path}:4", {"a": 2})]


def test_windows_files_and_line_separators_inside_text_are_read(tmp_path):
    path = written(tmp_path, '\ufeff{"a": "x\u2028y"}\r\n{"a": "z"}\r\n')
    assert [row.text("a") for row in read_rows(path)] == ["x\u2028y", "z"]


def test_csv_rows_know_the_line_they_end_on(tmp_path):
    path = written(tmp_path, 'start,exact\r\n3,"two\r\nlines"\r\n4,\r\n', "rows.csv")
    first, second = read_rows(path)
    assert (first.place, first.text("exact"), first.whole("start")) == (f"{path}:3", "two\nlines", 3)
    assert (second.place, second.optional("exact")) == (f"{path}:4", None)


def test_cells_beyond_the_header_of_a_csv_are_left_out(tmp_path):
    (row,) = read_rows(written(tmp_path, "a,b\n1,2,3\n", "rows.CSV"))
    assert row.data == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    ("content", "place", "problem"),
    [
        ('{"a": 1}\n{"a": SECRET}', ":2", "is not JSON (column 7)"),
        ('["SECRET"]', ":1", "must be a JSON object"),
        (f'{{"a": {ENDLESS}}}', ":1", "endless"),
        ("[" * 100_000, ":1", "endless"),
        (b'{"a": "\xe9"}', "", "is not UTF-8 (byte 7)"),
    ],
    ids=["syntax", "kind", "number", "nesting", "bytes"],
)
def test_a_bad_line_is_refused_at_its_place(tmp_path, content, place, problem):
    path = written(tmp_path, content)
    with pytest.raises(InputError) as caught:
        list(read_rows(path))
    assert caught.value.place == f"{path}{place}"
    assert problem in caught.value.problem
    assert "SECRET" not in str(caught.value)


def test_a_csv_cell_without_end_is_refused(tmp_path):
    path = written(tmp_path, f"a\nfirst\n{'x' * 200_000}\n", "rows.csv")
    with pytest.raises(InputError, match=r"rows\.csv:3: is not CSV"):
        list(read_rows(path))


def test_absent_files_folders_and_huge_files_are_refused(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="cannot be read"):
        read_rows(tmp_path / "absent.jsonl")
    with pytest.raises(InputError, match="cannot be read"):
        read_rows(tmp_path)
    monkeypatch.setattr(module, "MAXIMUM_BYTES", 3)
    with pytest.raises(InputError, match="larger than"):
        read_rows(written(tmp_path, "{}{}"))


@pytest.mark.parametrize("value", [None, "", "  ", 3, ["a"]])
def test_a_text_is_a_string_with_something_in_it(value):
    with pytest.raises(InputError, match="f:1: key 'a' must be a non-empty text"):
        TableRow("f:1", {"a": value}).text("a")


@pytest.mark.parametrize("ask", [TableRow.required, TableRow.text, TableRow.whole])
def test_a_missing_key_is_named(ask):
    with pytest.raises(InputError, match="f:1: key 'a' is missing"):
        ask(TableRow("f:1", {"b": 1}), "a")


@pytest.mark.parametrize(("value", "expected"), [(None, None), ("", None), ("x", "x"), (0, "0")])
def test_an_optional_text_may_be_empty(value, expected):
    assert TableRow("f:1", {"a": value}).optional("a") == expected
    assert TableRow("f:1", {}).optional("a") is None


@given(st.integers(-(10**12), 10**12))
def test_whole_numbers_come_as_numbers_and_as_text(number):
    assert TableRow("f:1", {"a": number}).whole("a") == TableRow("f:1", {"a": f" {number} "}).whole("a") == number


@pytest.mark.parametrize(
    "value", [None, "", "two", "1.5", 1.5, True, float("inf"), float("nan"), [1], {}, ENDLESS], ids=str
)
def test_nothing_else_is_a_whole_number(value):
    with pytest.raises(InputError, match="f:1: key 'a' must be a whole number"):
        TableRow("f:1", {"a": value}).whole("a")


def test_columns_may_be_separated_by_semicolons(tmp_path):
    path = tmp_path / "codings.csv"
    path.write_text('transcript;exact;code\nP01;"one; two, three";team\n', encoding="utf-8")
    assert [row.data for row in read_rows(path)] == [{"transcript": "P01", "exact": "one; two, three", "code": "team"}]
