"""A new study with a codebook of any kind: one that ships, a TOML file, a table, or that of another tool."""

from __future__ import annotations

from pathlib import Path

from corpus.codebook import Codebook, load_codebook
from corpus.errors import InputError, UsageError
from corpus.files import private_folder, replace_text
from corpus.shipped import frameworks
from pipeline.choices import NO_CODEBOOK
from pipeline.exchange.bundle import read_bundle
from pipeline.exchange.folder import BOOK
from pipeline.export.qda_project import codebook_toml, slug
from pipeline.study import SETTINGS, Study, create_study


def codebook_text(path: Path) -> str:
    """Return a codebook as TOML: a TOML file as it is, comments and all, any other kind of file converted.

    Raises:
        CodebookError: If a TOML file is no codebook.
        InputError: If the file cannot be read or holds no codes.
    """
    if path.suffix.lower() == ".toml":
        load_codebook(path)
        return path.read_text(encoding="utf-8-sig")
    book = read_bundle(path).book
    if book is None:
        raise InputError(path, "holds no codes")
    return codebook_toml(book)


def study_with_codebook(folder: Path, codebook: str, *, name: str | None = None, sample: bool = False) -> Study:
    """Make a study with a codebook that ships, with a copy of a file's in the study's folder, or with no codes yet.

    Args:
        folder: Where; made when absent.
        codebook: One of ``corpus.shipped.frameworks``, ``NO_CODEBOOK``, else the path of a file.
        name: What to call the study; the folder's name by default.
        sample: Put the shipped sample interviews into it.

    Raises:
        CodebookError: If a TOML file is no codebook.
        InputError: If the file cannot be read or holds no codes.
        UsageError: If there is neither such a codebook nor such a file, or the folder cannot become a study.
    """
    if codebook in frameworks():
        return create_study(folder, name=name, sample=sample, codebook=codebook)
    if codebook != NO_CODEBOOK and not Path(codebook).is_file():
        known = ", ".join((*frameworks(), NO_CODEBOOK))
        raise UsageError(f"codebook {codebook!r} is none of {known}, and no file (.toml, .csv, .xlsx, .qdc, ...)")
    title, copy = name or folder.resolve().name, folder / BOOK
    empty = Codebook(slug(title), "1", (), title)
    text = codebook_toml(empty) if codebook == NO_CODEBOOK else codebook_text(Path(codebook))
    if (folder / SETTINGS).exists():
        raise UsageError(f"{folder}: is a study already; its codebook is named in {folder / SETTINGS}")
    if copy.exists() and (codebook == NO_CODEBOOK or not copy.samefile(codebook)):
        raise UsageError(f"{copy}: is there already; name it with --codebook, or move it away")
    private_folder(folder)
    replace_text(copy, text)
    return create_study(folder, name=name, sample=sample, codebook=BOOK)
