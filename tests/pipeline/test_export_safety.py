"""Whatever goes wrong while a file is written, the old one stays and one line says why."""

import gc
import os
import tracemalloc
from unittest.mock import Mock

import pytest

from corpus.errors import UsageError
from pipeline.export import write_csv, write_jsonl, write_xlsx
from tests.pipeline.export_support import CODEBOOK, ORIGIN, rows_for

WRITERS = {
    "csv": write_csv,
    "jsonl": write_jsonl,
    "xlsx": lambda path, rows: write_xlsx(path, rows, CODEBOOK, ORIGIN),
}


@pytest.fixture(params=WRITERS.values(), ids=WRITERS)
def writer(request):
    return request.param


def test_an_interrupted_export_leaves_the_old_file(tmp_path, writer):
    def broken():
        yield from rows_for("One.")
        raise KeyboardInterrupt

    path = tmp_path / "s.out"
    path.write_text("old")
    with pytest.raises(KeyboardInterrupt):
        writer(path, broken())
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("s.out", "old")]


def test_a_full_disk_is_one_line_and_leaves_the_old_file(tmp_path, writer):
    def full():
        return iter(Mock(side_effect=OSError(28, "No space left on device")), None)

    path = tmp_path / "s.out"
    path.write_text("old")
    with pytest.raises(UsageError, match=r"s\.out: cannot be written \(No space left on device\)") as caught:
        writer(path, full())
    assert "\n" not in str(caught.value)
    assert path.read_text() == "old"


# XlsxWriter leaves its scratch files to the garbage collector when the last step fails.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_workbook_that_cannot_be_closed_is_an_export_error(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("xlsxwriter.workbook.ZipFile", full)
    with pytest.raises(UsageError, match="No space left"):
        write_xlsx(tmp_path / "s.xlsx", rows_for("One."), CODEBOOK, ORIGIN)
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_an_export_error(tmp_path, writer):
    (tmp_path / "reports").write_text("not a folder")
    with pytest.raises(UsageError, match="cannot be written"):
        writer(tmp_path / "reports" / "s.out", rows_for("One."))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_an_unwritable_folder_is_an_export_error(tmp_path, writer):
    tmp_path.chmod(0o500)
    with pytest.raises(UsageError, match="cannot be written"):
        writer(tmp_path / "s.out", rows_for("One."))


def peak_memory(writer, path, count):
    (row,) = rows_for("A passage of ordinary length. " * 8)
    writer(path, [row])  # imports and caches are not counted
    tracemalloc.start()
    writer(path, (row for _ in range(count)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_memory_does_not_grow_with_the_number_of_rows(tmp_path, writer):
    few, many = peak_memory(writer, tmp_path / "few", 100), peak_memory(writer, tmp_path / "many", 1_000)
    assert many < few + 500_000
