"""How fast files are read and what memory that takes: ``python -m evaluation.performance.reading``.

Every file is invented talk of two people of about one size. Each is read in a process of its own, so that the peak of
memory is that of its reader; seconds are of the processor, so that other work on the machine hardly counts.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time
from types import MappingProxyType
from zipfile import ZIP_DEFLATED, ZipFile

from corpus.readers import read_transcript
from evaluation.performance.memory import own_peak_mb

MEGABYTES = 10
"""Size of each file; of a Word document, the size of its talk before it is packed."""

_TALK = (
    "the nurse rings me every week and I feel much better than before she came because nobody listened to what we "
    "said about medicine at home with my daughter who lives far from here so they never met"
)
_WORDS = tuple(_TALK.split(" "))
_SPEAKERS = ("Interviewer", "Anna")
_CUE_SECONDS = 2.6


@dataclass(frozen=True, slots=True)
class ReadingCost:
    """What one file took.

    Attributes:
        name: The file's name.
        megabytes: Its size, of a Word document that of its talk.
        seconds: Of the processor.
        peak: Megabytes of memory at the most, Python and its libraries included.
    """

    name: str
    megabytes: float
    seconds: float
    peak: float


def talk_lines(characters: int, *, labelled: bool = True) -> Iterator[str]:
    """Yield lines of invented talk, the same ones every time.

    Args:
        characters: Of all lines together, about.
        labelled: Whether ``Name:`` stands before the words.
    """
    chance = random.Random(1)  # noqa: S311 - no secrets
    written, speaker = 0, 0
    while written < characters:
        speaker = 1 - speaker if chance.random() < 0.3 else speaker
        words = " ".join(chance.choices(_WORDS, k=chance.randint(6, 14))).capitalize() + chance.choice(".?,.")
        line = f"{_SPEAKERS[speaker]}: {words}" if labelled else words
        written += len(line) + 1
        yield line


def cues(characters: int, *, mark: str, labelled: bool) -> Iterator[str]:
    """Yield numbered cues of one line each.

    Args:
        characters: Of all cues together, about.
        mark: What stands before a second's fraction.
        labelled: Whether their lines begin with ``Name:``.
    """
    written = 0
    for n, line in enumerate(talk_lines(characters, labelled=labelled)):
        started = n * _CUE_SECONDS
        cue = f"{n + 1}\n{_time(started, mark)} --> {_time(started + 2.5, mark)}\n{line}\n\n"
        written += len(cue)
        if written > characters:
            return
        yield cue


def _time(seconds: float, mark: str) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}{mark}{int(seconds * 1000) % 1000:03d}"


def word_document(characters: int) -> bytes:
    """Return a Word document of one paragraph a line: an empty one of python-docx, its body written as a string."""
    from docx import Document

    empty, full = BytesIO(), BytesIO()
    Document().save(empty)
    paragraphs = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in talk_lines(characters))
    with ZipFile(empty) as source, ZipFile(full, "w", ZIP_DEFLATED) as target:
        for part in source.namelist():
            content = source.read(part)
            if part == "word/document.xml":
                content = content.replace(b"<w:body>", b"<w:body>" + paragraphs.encode())
            target.writestr(part, content)
    return full.getvalue()


FILES: Mapping[str, Callable[[int], bytes]] = MappingProxyType(
    {
        "labelled.vtt": lambda size: ("WEBVTT\n\n" + "".join(cues(size, mark=".", labelled=True))).encode(),
        "unlabelled.srt": lambda size: "".join(cues(size, mark=",", labelled=False)).encode(),
        "labelled.txt": lambda size: "\n".join(talk_lines(size)).encode(),
        "labelled.docx": word_document,
    }
)
"""The content of each file by its size in characters."""


def read_cost(path: Path, megabytes: float) -> ReadingCost:
    """Read a file and return what that took.

    Raises:
        InputError: If it cannot be read.
    """
    started = process_time()
    read_transcript(path)
    seconds = process_time() - started
    return ReadingCost(path.name, megabytes, seconds, own_peak_mb())


def reading_costs(folder: Path, megabytes: float, names: Sequence[str] = tuple(FILES)) -> Iterator[ReadingCost]:
    """Write files into a folder and read each in a fresh process.

    Args:
        folder: Where they go.
        megabytes: Size of each.
        names: Keys of ``FILES``.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), max_tasks_per_child=1) as pool:
        for name in names:
            path = folder / name
            path.write_bytes(FILES[name](int(megabytes * 1_000_000)))
            yield pool.submit(read_cost, path, megabytes).result()


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one line a file."""
    parser = argparse.ArgumentParser(prog="python -m evaluation.performance.reading", description=__doc__)
    parser.add_argument("--megabytes", type=float, default=MEGABYTES, help="size of each file (default: %(default)s)")
    parser.add_argument("names", nargs="*", help=f"files to try (default: {', '.join(FILES)})")
    options = parser.parse_args(arguments)
    sys.stdout.write(f"{'file':<16}{'MB':>6}{'seconds':>9}{'MB/s':>7}{'peak MB':>9}\n")
    with TemporaryDirectory(prefix="precode-") as folder:
        for cost in reading_costs(Path(folder), options.megabytes, options.names or tuple(FILES)):
            rate = cost.megabytes / cost.seconds
            sys.stdout.write(f"{cost.name:<16}{cost.megabytes:>6g}{cost.seconds:>9.1f}{rate:>7.1f}{cost.peak:>9.0f}\n")


if __name__ == "__main__":
    main()
