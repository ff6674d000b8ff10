"""Puts files of ours into a folder that people use, too: what they changed or added there stays.

The folder has a list of what we wrote, with digests. A file that is as we wrote it is replaced by the newer one. Any
other is left alone, and the newer one goes beside it under a numbered name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path

from corpus.errors import InputError, UsageError
from corpus.files import digest_file, draft_folder, move_files, replace_text

RECORD = ".precode.json"
"""The list: by path in the folder the digests that our file may have, and which file is the newest of its name."""


@dataclass(frozen=True, slots=True)
class Published:
    """What was put into a folder.

    Attributes:
        folder: The folder.
        files: Where each file is now, by the path in the folder that it should have.
        kept: Files that somebody changed or added, each with ours that went beside it.
    """

    folder: Path
    files: Mapping[str, Path] = field(default_factory=dict)
    kept: Mapping[Path, Path] = field(default_factory=dict)

    def place_of(self, name: str) -> Path:
        """Return where a file is now; a folder of files is where it should be."""
        return self.files.get(name, self.folder / name)

    def messages(self) -> Iterator[str]:
        """Yield a line for each file that was left alone."""
        for path, ours in self.kept.items():
            yield f"{path} is not as precode wrote it and stays as it is; the new one is {ours.name}"


@contextmanager
def draft_for(folder: Path, study: Path) -> Iterator[Path]:
    """Give a fresh folder on the same disk, from which ``publish`` takes files.

    Args:
        folder: Where the files will go.
        study: The study folder; links in it are not followed out of it.

    Raises:
        UsageError: If the folder is reached by a link that leads out of the study, or cannot be written.
    """
    _check_links(folder, study)
    with draft_folder(folder / "exports") as draft:
        yield draft


def publish(draft: Path, folder: Path, study: Path, *, ours: str = "") -> Published:
    """Move the files of a draft into a folder, none over a file that somebody changed or added.

    Killed in between, some files are the new ones and some the old ones, each whole, and all are known for ours.

    Args:
        draft: Holds the files at the paths that they should have in the folder.
        folder: Where to; made when absent.
        study: The study folder; links in it are not followed out of it.
        ours: Subfolder in which files of ours that are not written again are removed.

    Raises:
        UsageError: If a link leads out of the study, or a file cannot be written.
    """
    record = _Record.of(folder)
    wanted = sorted(path.relative_to(draft).as_posix() for path in draft.rglob("*") if path.is_file())
    digests = {name: digest_file(draft / name) for name in wanted}
    names: dict[str, str] = {}
    taken = set(wanted)
    for name in wanted:
        free = _free(folder, name, digests[name], record)
        names[name] = next(path for path in free if path == name or path not in taken)
        taken.add(names[name])
    for parent in {(folder / name).parent for name in wanted}:
        _check_links(parent, study)
    for name in wanted:
        record.files.setdefault(names[name], []).append(digests[name])
    record.save(folder)  # before the files, so that a kill leaves none of ours that we do not know
    move_files({draft / name: folder / names[name] for name in wanted})
    record.files.update({names[name]: [digests[name]] for name in wanted})
    record.newest.update(names)
    placed = set(names.values())
    for path in list((folder / ours).rglob("*")) if ours and not (folder / ours).is_symlink() else ():
        name = path.relative_to(folder).as_posix()
        if name not in placed and _is_ours(path, record.files.get(name, ())):
            path.unlink()
            del record.files[name]
    record.save(folder)
    files = {name: folder / names[name] for name in wanted}
    return Published(folder, files, {folder / name: path for name, path in files.items() if names[name] != name})


def newest(folder: Path) -> Published:
    """Return the files of ours that were last written into a folder."""
    return Published(folder, {name: folder / path for name, path in _Record.of(folder).newest.items()})


def adopt(folder: Path, copies: Iterable[Path]) -> None:
    """Take files of a folder without a list for ours where one of the copies holds the same.

    Args:
        folder: Written by a precode that kept no list.
        copies: Folders that it wrote at the same time.

    Raises:
        UsageError: If the list cannot be written.
    """
    if not folder.is_dir() or (folder / RECORD).exists():
        return
    record = _Record({}, {})
    for copy in copies:
        for path in (path for path in copy.rglob("*") if path.is_file() and not path.is_symlink()):
            name = path.relative_to(copy).as_posix()
            if _is_ours(folder / name, [digest_file(path)]):
                record.files[name] = [digest_file(path)]
                record.newest[name] = name
    record.save(folder)


@dataclass(frozen=True, slots=True)
class _Record:
    files: dict[str, list[str]]
    newest: dict[str, str]

    @classmethod
    def of(cls, folder: Path) -> _Record:
        """Read the list of a folder; a damaged one knows nothing, so that everything is left alone."""
        try:
            known = json.loads((folder / RECORD).read_text(encoding="utf-8"))
            files = {str(name): [str(digest) for digest in digests] for name, digests in known["files"].items()}
            return cls(files, {str(name): str(path) for name, path in known["newest"].items()})
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return cls({}, {})

    def save(self, folder: Path) -> None:
        known = {"files": self.files, "newest": self.newest}
        replace_text(folder / RECORD, json.dumps(known, indent=1, ensure_ascii=False) + "\n", errors="replace")


def _free(folder: Path, name: str, digest: str, record: _Record) -> Iterator[str]:
    """Yield the paths at which a file may be put, the one that it should have first."""
    path = Path(name)
    numbered = (path.with_name(f"{path.stem} ({n}){path.suffix}").as_posix() for n in count(2))
    for candidate in chain([name], numbered):
        place = folder / candidate
        if not (place.exists() or place.is_symlink()) or _is_ours(place, [digest, *record.files.get(candidate, ())]):
            yield candidate


def _is_ours(path: Path, digests: Iterable[str]) -> bool:
    try:
        return path.is_file() and not path.is_symlink() and digest_file(path) in set(digests)
    except InputError:  # not to be read by us, so not written by us
        return False


def _check_links(folder: Path, study: Path) -> None:
    root = study if folder.absolute().is_relative_to(study.absolute()) else folder
    if not folder.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"{folder}: leads out of the study by a link; remove the link, or choose a folder with --to")
