"""The file of a study's codebook: read with the digest of its bytes, replaced whole and private."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from corpus.codebook import Codebook, parse_codebook
from corpus.errors import CodebookError, UsageError
from corpus.files import replace_text
from corpus.shipped import framework_codebook, frameworks
from pipeline.codebook.toml_text import changed_toml
from pipeline.settings_file import change_study
from pipeline.study import SETTINGS, Study

OWN = "codebook.toml"
"""What the file of a study's own codebook is called."""


@dataclass(frozen=True)
class BookFile:
    """The file of a codebook as it is now.

    Attributes:
        study: The study as its settings are now.
        path: Of the file, which may be one that ships with precode.
        content: Its bytes.
        book: What it says.
    """

    study: Study
    path: Path
    content: bytes
    book: Codebook

    @classmethod
    def of(cls, study: Study) -> BookFile:
        """Read the codebook that a study's settings name now.

        Raises:
            CodebookError: If it cannot be read or contradicts itself.
            UsageError: If the settings cannot be read.
        """
        study = study.reread()
        name = study.settings.study.codebook
        path = framework_codebook(name) if name in frameworks() else study.folder / name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise CodebookError(f"{path}: cannot be read ({error.strerror})") from None
        return cls(study, path, content, parse_codebook(path, content))

    @property
    def digest(self) -> str:
        """SHA-256 of its bytes."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def ships(self) -> bool:
        """Whether it comes with precode, so that a copy is what is changed."""
        return self.study.settings.study.codebook in frameworks()

    def replaced(self, book: Codebook) -> Study:
        """Let the file say something else, in the place of a codebook that ships a copy of it in the study's folder.

        Args:
            book: What it has to say.

        Returns:
            The study with its settings as they are then.

        Raises:
            UsageError: If the file cannot be written, or not without losing what it says.
        """
        text = changed_toml(self.content.decode("utf-8-sig"), book)
        if parse_codebook(self.path, text.encode()) != book:
            raise UsageError(f"{self.path}: is written in a way that cannot be changed here; edit it by hand")
        if not self.ships:
            replace_text(self.path, text)
            return self.study
        own = free_name(self.study.folder, OWN)
        replace_text(self.study.folder / own, text)
        seeds = self.study.settings.study.seeds or (self.study.settings.study.codebook,)
        change_study(self.study.folder / SETTINGS, codebook=own, seeds=list(seeds))
        return self.study.reread()


def free_name(folder: Path, name: str) -> str:
    """Return a name that no file in a folder has: the one asked for, or that with a number."""
    asked = Path(name)
    names = (name if n == 1 else f"{asked.stem}-{n}{asked.suffix}" for n in count(1))
    return next(each for each in names if not (folder / each).exists())
