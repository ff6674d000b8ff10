"""Whether a study may lead outside its own folder: to other files, to a server, to a hub, to a model of its own.

A study may come from somebody else, and opening it must not do what its sender wanted. So whatever leads outside is
named first, and allowed by the person at this machine: once, for this study at this place, kept outside the study. It
makes no difference who wrote the settings; what changes is asked about again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from platformdirs import user_data_path

from corpus.errors import UsageError
from corpus.files import replace_text
from pipeline.settings import Settings

ENVIRONMENT = "PRECODE_DATA"
STUDIES = "PRECODE_STUDIES"
"""Environment variable of a process that runs deployments: the studies it works on; any other folder is refused."""

TRANSCRIPTS = "transcripts"
"""Links in there are never followed, so that they need not be asked about."""


def data_home() -> Path:
    """Return the folder of what precode keeps for this user: ``PRECODE_DATA``, else the user's data folder."""
    named = os.environ.get(ENVIRONMENT)
    return Path(named).expanduser() if named else user_data_path("precode", appauthor=False)


def trusted_home() -> Path:
    """Return the folder of what the user has allowed."""
    return data_home() / "trusted"


def ways_out(folder: Path, settings: Settings) -> tuple[str, ...]:
    """Return everything by which a study leads outside its folder, one line each; empty for most studies."""
    root = _place(folder)
    return tuple(" ".join(way.splitlines()) for way in (*_named(root, settings), *_links(root, root)))


def require_trust(folder: Path, settings: Settings) -> None:
    """Hold that everything by which a study leads outside has been allowed.

    Raises:
        UsageError: Naming what has not, and what to type; or that this process is for other studies.
    """
    served = os.environ.get(STUDIES)
    if served and _place(folder) not in [_place(Path(each)) for each in served.split(os.pathsep)]:
        raise UsageError(f"{folder}: is no study of this deployment; {STUDIES} names those")
    new = untrusted_ways(folder, settings)
    if new:
        raise UsageError(
            f"{folder}: leads outside its own folder: {'; '.join(new)}. "
            f"If you know where this study comes from and want that, type: precode trust {folder}"
        )


def untrusted_ways(folder: Path, settings: Settings) -> tuple[str, ...]:
    """Return by what a study leads outside its folder that nobody has allowed yet."""
    ways = ways_out(folder, settings)
    return tuple(sorted(set(ways) - _allowed(folder))) if ways else ()


def allow(folder: Path, settings: Settings) -> tuple[str, ...]:
    """Allow what leads outside a study now, in place of what was allowed before, and return it.

    Raises:
        UsageError: If it cannot be written down.
    """
    ways, record = ways_out(folder, settings), _record(folder)
    kept = {"study": str(_place(folder)), "allowed": list(ways), "digest": _digest(folder, ways)}
    try:
        replace_text(record, json.dumps(kept, indent=2) + "\n", errors="backslashreplace")
    except UsageError as error:
        raise UsageError(f"{error}; {ENVIRONMENT} names another folder") from None
    return ways


def withdraw(folder: Path) -> None:
    """Allow a study nothing any more.

    Raises:
        UsageError: If the record cannot be removed.
    """
    try:
        _record(folder).unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{_record(folder)}: cannot be removed ({error.strerror})") from None


def _allowed(folder: Path) -> frozenset[str]:
    try:
        kept = json.loads(_record(folder).read_text(encoding="utf-8"))
        ways = tuple(str(way) for way in kept["allowed"])
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()
    return frozenset(ways) if kept["digest"] == _digest(folder, ways) else frozenset()


def _record(folder: Path) -> Path:
    return trusted_home() / f"{hashlib.sha256(os.fsencode(_place(folder))).hexdigest()[:32]}.json"


def _digest(folder: Path, ways: tuple[str, ...]) -> str:
    return hashlib.sha256("\0".join([str(_place(folder)), *ways]).encode("utf-8", "surrogatepass")).hexdigest()


def _named(root: Path, settings: Settings) -> Iterator[str]:
    """Yield what the settings name."""
    if settings.store.url:
        yield f"[store] url: the database {_without_password(settings.store.url)}"
    if settings.transcripts.url:
        protocol = settings.transcripts.url.partition("://")[0]
        yield f"[transcripts] url: files are fetched from {protocol}://{_without_password(settings.transcripts.url)}"
    if settings.run.address:
        place = _without_password(settings.run.address)
        yield f"[run] address: transcripts are pre-coded by workers of {settings.run.engine} at {place}"
    if settings.second.url:
        yield from _model_server(settings)
    if settings.model.allow_network:
        yield "[model] allow_network: models may be fetched from Hugging Face"
    yield from _encoder(root, settings.model.encoder)
    chosen = settings.study
    files = [
        ("[study] codebook", chosen.codebook),
        ("[study] participants", chosen.participants),
        *(("[study] seeds", path) for path in chosen.seeds),
        ("[benchmark] human", settings.benchmark.human),
    ]
    for key, path in files:
        if not _is_inside(root / path, root):
            yield f"{key}: the file {os.path.realpath(root / path)}"


def _model_server(settings: Settings) -> Iterator[str]:
    """Yield a language model that passages are sent to, unless it is on this machine."""
    from models.second.address import leads_outside

    if leads_outside(settings.second.url):
        yield f"[second] url: passages are sent to a language model at {_without_password(settings.second.url)}"


def _encoder(root: Path, name: str) -> Iterator[str]:
    """Yield a model that is not ours: the files of one may hold programs, wherever they are."""
    from models.encoders import is_encoder_name
    from models.hub import HUB

    if name.startswith(HUB):
        yield f"[model] encoder: {name}, a model of Hugging Face"
    elif is_encoder_name(name):
        return
    elif (root / name).is_dir():
        path = _place(root / name)
        yield f"[model] encoder: the model in {path}, whose files may hold programs (state {_state(path)})"


def _state(model: Path) -> str:
    """Return a short digest of all files of a folder: what was allowed is not another model of the same name."""
    from models.weights import remembered_digest

    found = hashlib.sha256()
    for path in sorted(path for path in model.rglob("*") if path.is_file()):
        line = f"{path.relative_to(model).as_posix()}\0{remembered_digest(path)}\n"
        found.update(line.encode("utf-8", "surrogatepass"))
    return found.hexdigest()[:12]


def _links(folder: Path, root: Path) -> Iterator[str]:
    """Yield the links in a folder, and in those below it, that lead out of the study."""
    for path in sorted(folder.iterdir()):
        if not _is_inside(path, root):
            yield f"{path.relative_to(root).as_posix()}: a link to {os.path.realpath(path)}"
        elif path.is_dir() and not path.is_symlink() and path != root / TRANSCRIPTS:
            yield from _links(path, root)


def _place(path: Path) -> Path:
    """Return where a path leads, links followed, whether or not there is anything."""
    return Path(os.path.realpath(path))


def _is_inside(path: Path, root: Path) -> bool:
    try:
        return _place(path).is_relative_to(root)
    except ValueError:  # no path at all, such as one with a NUL in it; nothing can be read there
        return True


def _without_password(url: str) -> str:
    """Return host and name of a database, and what tells one URL from another that only looks alike."""
    state = hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    try:
        parts = urlsplit(url)
    except ValueError:
        return f"(state {state})"
    return f"{parts.hostname or ''}{parts.path} (state {state})"
