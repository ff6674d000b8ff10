"""Damages sound files of every format and reads each in a process of its own: what may a file from outside do?

    python -m tests.fuzzing --seconds 600
    python -m tests.fuzzing --only pdf --seed 4711

A file is read, or refused with one line. Anything else is a finding and is printed with its seed: another exception,
more than ten seconds, more memory than a gigabyte above the start, or a process that dies.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import multiprocessing
import random
import re
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path

from corpus.errors import InputError, UsageError
from corpus.readers import READERS, read_transcript
from corpus.readers.word_comments import codings_in
from pipeline.backup import LIST, VERSION, restore_study
from pipeline.settings import load_settings
from tests.corpus import readers_support, refi_samples

SECONDS = 10.0
"""Of the processor: what else the machine does must not make a finding."""
HANGS = 90.0
"""Longest that one file may take."""
MEMORY_BYTES = 1_000_000_000
"""Most memory that one file may take above what the process had at its start."""

READ, REFUSED = "read", "refused"
TOKENS = (
    *(b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"-1", b"0", b"65535", b"2147483648", b"9" * 20, b"1e999", b"NaN", b"\r"),
    *(b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"<!ENTITY", b"&a;", b"&#0;", b"]]>", b"<![CDATA[", b"../../etc/passwd"),
    *(b"{", b"}", b"[", b"]", b'"', b"'", b"\n\n", b"\t", b";", b",", b"\\u0000", b"\\ud800", b"\xed\xa0\x80"),
    *(b"\\bin9999999 ", b"\\u-1?", b'{\\*\\fldinst HYPERLINK "', b"\\'ff", b"{\\fonttbl", b"\\cell "),
    *(
        b"<<",
        b">>",
        b" 2 0 R",
        b"endstream",
        b"/Kids [2 0 R]",
        b"/Length 999999999",
        b"/Filter [/LZWDecode /FlateDecode]",
    ),
    *(b"00:00:00,000 --> 00:00:01,000", b"-->", b"<v ", b"P01: ", b"IntervalTier", b"intervals [1]:"),
    *(
        b"*PAR:\t",
        b"\x15",
        b"<ALIGNABLE_ANNOTATION>",
        b"TIME_SLOT_REF1",
        b"<event start=",
        b"<tr><td>",
        b"<br>",
        b"\n>> ",
    ),
    *(b"[00:00:01] ", b"(Ann) ", b"**Ann:** ", b"12/03/2024, 10:30 - Ann: ", b"\n1 ", b" - ", b"\xe2\x80\x8b"),
    "\u202e\u0301\U0001f600".encode(),
)
NUMBER = re.compile(rb"\d+")
VALUE = re.compile(rb"(?<==\")[^\"]*(?=\")|(?<=>)[^<>]+(?=<)|(?<=: )[^,\[\]{}]+")
Counts = Counter[tuple[str, str]]
MARKUP = re.compile(rb"<[^<>]{1,200}>")


@dataclass(frozen=True)
class Case:
    """One damaged file, made again from its name and seed at any time."""

    name: str
    seed: int

    def content(self, sound: bytes) -> bytes:
        chance = random.Random(f"{self.name}:{self.seed}")
        return damaged(sound, chance)


@dataclass(frozen=True)
class Finding:
    """What a file did that no file may."""

    case: Case
    what: str


# Damage


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Damage a file a little, as a whole or inside one part of its archive."""
    if content.startswith(b"PK") and chance.random() < 0.8:
        return _repacked(content, chance)
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        content = chance.choice(DAMAGES)(content, chance)
    return content


def _repacked(content: bytes, chance: random.Random) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as copy:
        names = archive.namelist()
        chosen = chance.choice([name for name in names if name.endswith((".xml", ".rels", ".qde"))] or names)
        for name in names:
            part = archive.read(name)
            if name == chosen and chance.random() < 0.05:
                continue
            copy.writestr(_undated(name), damaged(part, chance) if name == chosen else part)
    return buffer.getvalue()


def _undated(name: str) -> zipfile.ZipInfo:
    """A part's entry without the time of day, so that a seed makes the same file at any time."""
    return zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))


def _at_rest(content: bytes) -> bytes:
    """Put an archive together without times and compression; any other file is left as it is."""
    if not content.startswith(b"PK"):
        return content
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(buffer, "w") as copy:
        for name in archive.namelist():
            copy.writestr(_undated(name), archive.read(name))
    return buffer.getvalue()


def _flip(content: bytes, chance: random.Random) -> bytes:
    at = _place(content, chance)
    return content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: _place(content, chance)]


def _drop(content: bytes, chance: random.Random) -> bytes:
    at = _place(content, chance)
    return content[:at] + content[at + chance.choice((1, 2, 10, 100, 1000)) :]


def _repeat(content: bytes, chance: random.Random) -> bytes:
    at = _place(content, chance)
    piece = content[at : at + chance.choice((1, 3, 10, 100, 1000))]
    return (
        content[:at] + piece * min(chance.choice((2, 10, 300, 100_000)), 3_000_000 // (len(piece) or 1)) + content[at:]
    )


def _insert(content: bytes, chance: random.Random) -> bytes:
    at = _place(content, chance)
    return content[:at] + chance.choice(TOKENS) * chance.choice((1, 1, 1, 50, 20_000)) + content[at:]


def _renumber(content: bytes, chance: random.Random) -> bytes:
    found = list(NUMBER.finditer(content[:1_000_000]))
    if not found:
        return content
    match = chance.choice(found)
    number = chance.choice((b"0", b"-1", b"1", b"255", b"65536", b"4294967295", b"9" * 30, b"1.5", b"x"))
    return content[: match.start()] + number + content[match.end() :]


def _revalue(content: bytes, chance: random.Random) -> bytes:
    """Give an attribute, an element or a key another's value, or one nobody expects; the file stays well formed."""
    found = list(VALUE.finditer(content[:1_000_000]))
    if not found:
        return content
    match = chance.choice(found)
    value = chance.choice((b"", b"0", b"-1", b"x", b"9" * 30, b"null", b"true", chance.choice(found)[0]))
    return content[: match.start()] + value + content[match.end() :]


def _nest(content: bytes, chance: random.Random) -> bytes:
    """Open an element, a list or a group many times over."""
    found = MARKUP.findall(content[:1_000_000]) or [b"[", b"{", b"(", b"<<", b'{"a":']
    at = _place(content, chance)
    return content[:at] + chance.choice(found) * chance.choice((10, 300, 30_000)) + content[at:]


def _move(content: bytes, chance: random.Random) -> bytes:
    a, b = sorted((_place(content, chance), _place(content, chance)))
    return (
        content[b:] + content[a:b] + content[:a] if chance.random() < 0.1 else content[:a] + content[b:] + content[a:b]
    )


def _place(content: bytes, chance: random.Random) -> int:
    return chance.randrange(len(content) + 1)


DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip, _flip, _cut, _drop, _drop, _repeat, _insert, _insert, _renumber, _renumber, _nest, _move,
    _revalue, _revalue, _revalue, _revalue
)  # fmt: skip


# Reading, in a process of its own


def outcome_of(path: Path, reading: Callable[[Path], None]) -> str:
    """Read a file and say how it went."""
    try:
        reading(path)
    except InputError as error:
        return REFUSED if "\n" not in str(error) and len(str(error)) < 1000 else "a message of several lines"
    except BaseException as error:  # noqa: BLE001 - any other is what we look for
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        place = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame else ""
        return f"{type(error).__name__} at {place}"
    return READ


def read_as_transcript(path: Path) -> None:
    """Read a transcript, and a Word file's comments, and look at every turn and span."""
    transcript = read_transcript(path)
    position = 0
    for turn, words in transcript.talk():
        assert position <= turn.span.start and words == words.strip() != "", "an unsound turn"
        assert turn.started is None or turn.ended is None or turn.started <= turn.ended, (
            "a turn that ends before it starts"
        )
        position = turn.span.end
    transcript.text.encode("utf-8")
    if path.suffix == ".docx":
        for coding in codings_in(path):
            assert coding.span.of(transcript.text).strip(), "a coding of nothing"


def read_as_project(path: Path) -> None:
    """Read a project or a codebook of another tool."""
    refi = import_module("corpus.refi.read")
    (refi.read_codes if path.suffix == ".qdc" else refi.read_project)(path)


def read_as_backup(path: Path) -> None:
    """Make a study from an archive."""
    with tempfile.TemporaryDirectory() as folder:
        restore_study(path, Path(folder) / "study")


def read_as_settings(path: Path) -> None:
    """Read a study's settings, and transcripts as they say who speaks."""
    try:
        settings, _ = load_settings(path)
    except UsageError as error:
        raise InputError(path.name, str(error)) from None
    for suffix in (".txt", ".vtt"):
        talk = path.with_name(f"settled{suffix}")
        talk.write_bytes(readers_support.samples()[f"talk{suffix}"])
        read_transcript(talk, speakers=settings.speakers.of("talk"))


READINGS: dict[str, Callable[[Path], None]] = {".zip": read_as_backup, ".toml": read_as_settings}


def _reading(path: Path) -> Callable[[Path], None]:
    return READINGS.get(path.suffix, read_as_transcript if path.suffix in READERS else read_as_project)


def _serve(pipe: Connection) -> None:
    """Read each file that is named and answer with its outcome."""
    for module in ("docx", "lxml.etree", "openpyxl", "pypdf", "striprtf.striprtf", "charset_normalizer"):
        import_module(module)
    _limit_memory()
    with suppress(EOFError):
        while True:
            path, begun = Path(pipe.recv()), time.process_time()
            outcome = outcome_of(path, _reading(path))
            pipe.send(outcome if time.process_time() - begun < SECONDS else f"longer than {SECONDS:.0f} seconds")


def _limit_memory() -> None:
    """Set the limit a gigabyte above what the process has now, where the system has such limits."""
    with suppress(ImportError, OSError):
        resource = import_module("resource")
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + MEMORY_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


class Reader:
    """A process that reads files one after another; a new one takes over when it dies or hangs."""

    def __init__(self) -> None:
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    def read(self, path: Path) -> str:
        """Return the outcome of one file."""
        try:
            self._pipe.send(str(path))
            if self._pipe.poll(HANGS):
                return self._pipe.recv()
            outcome = f"no answer after {HANGS:.0f} seconds"
        except (EOFError, OSError):
            outcome = "the process died"
        self.stop()
        self._start()
        return outcome

    def stop(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self._pipe.close()


# Running


SETTINGS = """\
[speakers]
interviewers = ["INT", "Ruth"]
participants = ["P01"]
names = { "P02" = "Jane" }
pattern = "NAME TIME"
first_line = 1
[speakers.files.talk]
pattern = "[NAME]"
first_line = 2
"""


def all_samples() -> dict[str, bytes]:
    """Sound files by their names: transcripts, projects of other tools, a backup and settings of speakers."""
    samples = {**readers_support.samples(), **refi_samples.samples()}
    samples |= {"study.zip": _backup(), "speakers.toml": SETTINGS.encode()}
    return {name: _at_rest(content) for name, content in samples.items()}


def _backup() -> bytes:
    """A backup as ``pipeline.backup`` writes one, the same at any time."""
    files = {"study.toml": SETTINGS.encode(), "transcripts/P01.txt": readers_support.plain()}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    listed = {"backup_version": VERSION, "study": "x", "created": "2027-01-31T17:00:00+00:00", "files": digests}
    return readers_support.packed({**files, LIST: json.dumps(listed)})


def cases(names: list[str], first: int) -> Iterator[Case]:
    """Yield one case after another, all formats in turn."""
    seed = first
    while True:
        for name in names:
            yield Case(name, seed)
        seed += 1


def fuzz(
    samples: dict[str, bytes], *, seconds: float, first: int = 0
) -> tuple[Counter[tuple[str, str]], list[Finding]]:
    """Read damaged files for some seconds.

    Returns:
        How often each format was read, refused, or neither, and every finding.
    """
    counts: Counts = Counter()
    findings: list[Finding] = []
    reader, until = Reader(), time.monotonic() + seconds
    with tempfile.TemporaryDirectory() as folder:
        for case in cases(list(samples), first):
            if time.monotonic() > until:
                break
            path = Path(folder) / case.name
            path.write_bytes(case.content(samples[case.name]))
            outcome = reader.read(path)
            counts[path.suffix, outcome if outcome in (READ, REFUSED) else "finding"] += 1
            if outcome not in (READ, REFUSED):
                findings.append(Finding(case, outcome))
                tell(f"{case.name} --seed {case.seed}: {outcome}")
    reader.stop()
    return counts, findings


def tell(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Fuzz and tell."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--only", help="part of a sample's name, such as pdf")
    options.add_argument("--seed", type=int, help="make this one file again and keep it in the temporary folder")
    options.add_argument("--first", type=int, default=0, help="seed to start from")
    asked = options.parse_args()
    samples = {name: content for name, content in all_samples().items() if not asked.only or asked.only in name}
    if asked.seed is not None:
        for name, content in samples.items():
            path = Path(tempfile.gettempdir()) / f"seed{asked.seed}-{name}"
            path.write_bytes(Case(name, asked.seed).content(content))
            tell(f"{path} {outcome_of(path, _reading(path))}")
        return 0
    counts, findings = fuzz(samples, seconds=asked.seconds, first=asked.first)
    tell(json.dumps({f"{suffix} {outcome}": n for (suffix, outcome), n in sorted(counts.items())}, indent=1))
    tell(f"{sum(counts.values())} files, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
