"""Old Word documents (``.doc``), turned into ``.docx`` by LibreOffice where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus.errors import InputError
from corpus.readers.draft import Draft
from corpus.readers.limits import CONVERSION_SECONDS
from corpus.readers.rich_text import read_rich_text
from corpus.readers.source import ZIP, kind_of, read_bytes
from corpus.readers.web_page import read_web_page
from corpus.readers.word import read_word
from corpus.speakers import SpeakerSettings

_OLD = b"\xd0\xcf\x11\xe0"
_PROGRAMS = ("soffice", "libreoffice")


def read_old_word(path: Path, speakers: SpeakerSettings) -> Draft:
    """Read a ``.doc`` transcript; one that is really ``.docx``, rich text or a web page is read as such.

    Raises:
        InputError: If it is none of these, or LibreOffice is not there or cannot read it.
    """
    data = read_bytes(path)
    if data.startswith(ZIP):
        return read_word(path, speakers)
    if data.lstrip()[:5] == b"{\\rtf":
        return read_rich_text(path, speakers)
    if data.lstrip()[:1] == b"<":
        return read_web_page(path, speakers)
    if not data.startswith(_OLD):
        raise InputError(path, f"is no Word document but {kind_of(data) or 'something else'}; save it as .docx")
    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        raise InputError(path, "is an old Word document; save it as .docx")
    with TemporaryDirectory(prefix="precode-") as folder:
        converted = _converted(path, data, program, Path(folder))
        draft = read_word(converted, speakers)
    return Draft(draft.text, draft.utterances, (*draft.warnings, "an old Word document, read through LibreOffice"))


def _converted(path: Path, data: bytes, program: str, folder: Path) -> Path:
    """Return the ``.docx`` that LibreOffice makes of a file, with a profile of its own and macros off.

    Args:
        path: The file, for messages.
        data: Its bytes.
        program: LibreOffice.
        folder: Where to work; nothing outside it is written.
    """
    source = folder / "source.doc"
    source.write_bytes(data)
    command = [program, "--headless", "--norestore", "--nolockcheck", "--nodefault", "--safe-mode",
               f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--convert-to", "docx:MS Word 2007 XML",
               "--outdir", str(folder), str(source)]  # fmt: skip
    # Whatever a file links to is asked of a proxy that is not there.
    nowhere = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9")
    environment = {"PATH": str(Path(program).parent) + ":/usr/bin:/bin", "HOME": str(folder), **nowhere}
    try:
        subprocess.run(  # noqa: S603 - a program that is installed, with a file of our own naming
            command, check=False, capture_output=True, timeout=CONVERSION_SECONDS, env=environment, cwd=folder
        )
    except (subprocess.TimeoutExpired, OSError):
        raise InputError(path, "is an old Word document that LibreOffice did not convert; save it as .docx") from None
    converted = folder / "source.docx"
    if not converted.is_file():
        raise InputError(path, "is an old Word document that LibreOffice cannot read; save it as .docx")
    return converted
