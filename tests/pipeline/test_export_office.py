"""Word and Excel files open in LibreOffice and show there what was written; one conversion at a time."""

import csv
import os
import shutil
import subprocess
import zipfile

import docx
import pytest
from openpyxl import load_workbook

from pipeline.export.codebook_word import write_codebook
from pipeline.export.framework_sheet import write_framework_sheet
from pipeline.export.framework_word import write_framework_word
from pipeline.export.gather import ExportRequest, gather
from pipeline.export.passages_sheet import write_passages
from pipeline.export.quotations import write_quotations_word
from pipeline.export.transcript_word import write_transcript
from pipeline.study import create_study
from tests.pipeline.coded_support import hostile_study, sample_session
from tests.pipeline.export_support import HOSTILE

SOFFICE = shutil.which("soffice")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(SOFFICE is None, reason="LibreOffice (soffice) is not installed on this machine"),
]
TEXT = "txt:Text (encoded):UTF8"
CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
"""Every sheet as a file of its own: comma, quotation marks, UTF-8, cells as they are shown."""


@pytest.fixture(scope="module")
def profile(tmp_path_factory):
    return tmp_path_factory.mktemp("profile")


@pytest.fixture(scope="module", params=["sample", "hostile"])
def study(request, tmp_path_factory):
    if request.param == "hostile":
        return hostile_study([word for word in HOSTILE if word.isprintable()])
    with sample_session(create_study(tmp_path_factory.mktemp("office") / "s", name="Sample", sample=True)) as session:
        return gather(session, ExportRequest(suggestions=True))


def convert(path, to, profile):
    """Convert a file and return the files that came out."""
    folder = path.parent / f"{path.stem}-{path.suffix[1:]}"
    command = [SOFFICE, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", to]
    done = subprocess.run(
        [*command, "--outdir", str(folder), str(path)],
        capture_output=True,
        timeout=180,
        check=False,
        env={**os.environ, "HOME": str(profile)},
    )
    assert done.returncode == 0
    return sorted(folder.iterdir())


def shown(cell):
    """A cell as LibreOffice shows it."""
    if cell.value is None:
        return ""
    return f"{cell.value:.0%}" if isinstance(cell.value, float) else str(cell.value)


def plain(text):
    """Text without what LibreOffice and openpyxl write differently: escapes of controls, line ends, outer blanks."""
    return " ".join(text.replace("_x005F_", "_").split())


def sheets_of(files):
    for file in files:
        with file.open(encoding="utf-8", newline="") as opened:
            yield file.stem.partition("-")[2], [[plain(cell) for cell in row] for row in csv.reader(opened)]


@pytest.mark.parametrize("write", [write_passages, write_framework_sheet], ids=["passages", "framework"])
def test_a_workbook_shows_cell_by_cell_what_was_written(tmp_path, profile, study, write):
    write(tmp_path / "book.xlsx", study)
    converted = dict(sheets_of(convert(tmp_path / "book.xlsx", CSV, profile)))
    book = load_workbook(tmp_path / "book.xlsx")
    assert len(converted) == len(book.sheetnames)
    for sheet, rows in zip(book, (converted[name] for name in sorted(converted, key=order_in(book))), strict=True):
        written = [[plain(shown(cell)) for cell in row] for row in sheet.iter_rows()]
        width = max(len(row) for row in written)
        assert [row + [""] * (width - len(row)) for row in rows] == written[: len(rows)]
        assert not any(any(row) for row in written[len(rows) :])


def order_in(book):
    """Where a sheet stands; LibreOffice leaves out of file names what file systems dislike."""

    def solid(name):
        return "".join(letter for letter in name if letter.isalnum())

    names = [solid(name) for name in book.sheetnames]
    return lambda name: names.index(solid(name))


WORD = {
    "quotations": write_quotations_word,
    "framework": write_framework_word,
    "codebook": lambda path, study: write_codebook(path, study.codebook, {}),
    "transcript": lambda path, study: write_transcript(path, study.documents[0]),
}


@pytest.mark.parametrize("write", WORD.values(), ids=WORD)
def test_a_word_document_shows_every_word_that_was_written(tmp_path, profile, study, write):
    write(tmp_path / "text.docx", study)
    (file,) = convert(tmp_path / "text.docx", TEXT, profile)
    seen = "".join(file.read_text("utf-8-sig").split())
    document = docx.Document(tmp_path / "text.docx")
    tables = [cell for table in document.tables for row in table.rows for cell in row.cells]
    paragraphs = [*document.paragraphs, *(paragraph for cell in tables for paragraph in cell.paragraphs)]
    assert not [one.text for one in paragraphs if "".join(one.text.split()) not in seen]


def test_comments_survive_libreoffice(tmp_path, profile, study):
    document = study.documents[0]
    count = write_transcript(tmp_path / "text.docx", document)
    (file,) = convert(tmp_path / "text.docx", "odt", profile)
    with zipfile.ZipFile(file) as archive:
        content = archive.read("content.xml").decode("utf-8")
    assert content.count("<office:annotation ") == count > 0
