"""Transcripts that lie in an object store or on a file server: read, never changed, and kept beside the others.

A study that names ``[transcripts] url`` has a copy of them in ``transcripts/``, brought up to date when a run begins
and on every machine that works on it; so workers share no folder. What was fetched is noted with what the store says of
it (size, and ETag or time) and with the digest of its bytes: only what changed is fetched again, and a file that
somebody put there or changed is never written over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from corpus.errors import InputError, UsageError
from corpus.files import digest_file, replace_file, replace_text
from pipeline.study import NOT_TRANSCRIPTS, Study

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

PROTOCOLS: Mapping[str, str] = {"s3": "s3", "gs": "gcs", "gcs": "gcs", "az": "azure", "smb": "smb", "sftp": "sftp"}
"""What a URL may begin with, and the extra that brings what is needed."""
CHANGES = ("ETag", "etag", "md5Hash", "content_md5", "LastModified", "mtime", "created")
"""Under which stores say what tells one content of an object from another."""
RECORD = "fetched.json"
LARGEST = 500_000_000
"""Bytes of the largest file that is fetched."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What became of the files in the store.

    Attributes:
        files: Paths within the study of what is new or changed.
        refused: What cannot be a transcript of this study, one error each.
    """

    files: tuple[str, ...] = ()
    refused: tuple[InputError, ...] = ()


def fetch_transcripts(study: Study) -> Fetched:
    """Copy what is new or changed in a study's object store among its transcripts; nothing where it names none.

    Raises:
        UsageError: If the store cannot be reached, or what reaches it is not installed.
    """
    url = study.settings.transcripts.url
    if not url:
        return Fetched()
    record = _FetchRecord.of(study.cache / RECORD)
    files: list[str] = []
    refused: list[InputError] = []
    with _plainly(url):
        system, root = _opened(url)
        for path, facts in sorted(system.find(root, detail=True).items()):
            name = path.removeprefix(root).lstrip("/") or PurePosixPath(path).name
            told = next((facts[key] for key in CHANGES if facts.get(key)), "")
            try:
                if _is_wanted(name, facts) and _fetch(study, system, path, name, f"{facts['size']} {told}", record):
                    files.append(f"transcripts/{name}")
            except InputError as error:
                refused.append(error)
    record.save()
    return Fetched(tuple(files), tuple(refused))


class _FetchRecord:
    """What was fetched, by name: the state that the store told, and the digest of the bytes."""

    def __init__(self, path: Path, known: dict[str, tuple[str, str]]) -> None:
        self.path = path
        self.known = known

    @classmethod
    def of(cls, path: Path) -> _FetchRecord:
        """Read a record; a damaged one knows nothing, so that what lies there is compared anew."""
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
            return cls(path, {str(name): (str(state), str(digest)) for name, (state, digest) in found.items()})
        except (OSError, ValueError, TypeError, AttributeError):
            return cls(path, {})

    def save(self) -> None:
        """Write the record."""
        replace_text(self.path, json.dumps(self.known, indent=1, ensure_ascii=False) + "\n", errors="replace")


def _fetch(study: Study, system: AbstractFileSystem, path: str, name: str, state: str, record: _FetchRecord) -> bool:
    """Copy one file unless it is here as it is there; return whether it was copied.

    Args:
        study: Whose transcripts.
        system: Where the file is.
        path: Its path there.
        name: Its path in the study's transcripts.
        state: What the store says of it.
        record: What was fetched before.

    Raises:
        InputError: If somebody has put another file in its place.
    """
    target = study.transcripts / name
    here = digest_file(target) if target.is_file() else ""
    before, digest = record.known.get(name, ("", ""))
    if here and here == digest and before == state:
        return False
    if target.is_symlink() or (target.exists() and not here):
        raise InputError(f"transcripts/{name}", "is no file, so what the object store has of this name is not fetched")
    with replace_file(study.cache / "fetched") as draft:
        system.get_file(path, str(draft))
        there = digest_file(draft)
        if here and here not in {digest, there}:
            raise InputError(
                f"transcripts/{name}", "differs from what the object store has of this name; rename one of them"
            )
        record.known[name] = (state, there)
        if there == here:
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        with replace_file(target) as final:
            final.write_bytes(draft.read_bytes())
    return True


def _is_wanted(name: str, facts: Mapping[str, Any]) -> bool:
    """Tell whether an object is a transcript by its name.

    Raises:
        InputError: If it is, but may not be fetched.
    """
    from corpus.readers import SUFFIXES

    parts = name.split("/")
    if PurePosixPath(name).suffix.lower() not in SUFFIXES or any(part.startswith(NOT_TRANSCRIPTS[1]) for part in parts):
        return False
    if {"", ".", ".."} & set(parts) or any(part.startswith(".") or set(part) & set("\\:\0") for part in parts):
        raise InputError(f"transcripts/{name}", "is no name for a file of a study; rename it in the object store")
    if int(facts.get("size") or 0) > LARGEST:
        raise InputError(f"transcripts/{name}", f"is larger than {LARGEST // 1_000_000} MB, so it is not fetched")
    return True


def _opened(url: str) -> tuple[AbstractFileSystem, str]:
    """Return the file system of a URL and the path of the folder in it.

    Raises:
        UsageError: If the URL is of no kind that is allowed, or what it needs is not installed.
    """
    import fsspec

    protocol = url.partition("://")[0]
    if protocol not in PROTOCOLS or "::" in url:
        known = ", ".join(f"{name}://" for name in PROTOCOLS)
        raise UsageError(f"[transcripts] url: begins with none of {known}")
    try:
        system, root = fsspec.core.url_to_fs(url, use_listings_cache=False)
    except ImportError:
        raise UsageError(f"[transcripts] url: type: pip install 'precode[{PROTOCOLS[protocol]}]'") from None
    return system, str(root).rstrip("/")


@contextmanager
def _plainly(url: str) -> Iterator[None]:
    """Say that a store cannot be reached without quoting what its library says, which may hold a key."""
    try:
        yield
    except (UsageError, InputError):
        raise
    except Exception as error:  # noqa: BLE001 - every store's library has errors of its own
        place = url.partition("://")[0]
        raise UsageError(
            f"[transcripts] url: the {place} store cannot be read ({type(error).__name__}); check the address, the "
            "network and the credentials of its library"
        ) from None
