"""Models of Hugging Face on this machine: by which names they are known, where they lie, and fetching one, once.

Run as ``python -m models.hub NAME FOLDER``: fetching happens in a process of its own, the only one of ours that is not
told to stay off the network. What it takes are settings, vocabularies and weights: no programs, and no pickles where
there is a better form of the weights.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from corpus.errors import UsageError
from corpus.files import digest_file, replace_folder
from models.module_process import is_of_the_machine, run_module
from models.weights import OFFLINE, cache_home

HUB = "hub:"
BY_NEED: Mapping[str, str] = MappingProxyType(
    {
        "base": "sentence-transformers/all-mpnet-base-v2",
        "multilingual": "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
    }
)
"""Hub names of encoders that do not ship, by what they are for."""
MEGABYTES: Mapping[str, int] = MappingProxyType({"base": 440, "multilingual": 490})
"""About how much has to be fetched for them."""

_REPOSITORY = re.compile(r"(?!.*(--|\.\.))(?=.{1,96}$)[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", re.ASCII)
_SETTINGS = {".json", ".txt", ".model", ".md"}
_OTHER_FORMS = {"onnx", "openvino"}


def is_hub_name(name: str) -> bool:
    """Return whether an encoder's name stands for a model of Hugging Face."""
    return name in BY_NEED or name.startswith(HUB)


def repository_of(name: str) -> str:
    """Return what Hugging Face calls the model of an encoder's name.

    Raises:
        UsageError: If no model there can be called so.
    """
    repository = BY_NEED.get(name) or name.removeprefix(HUB)
    if not _REPOSITORY.fullmatch(repository):
        raise UsageError(f"{name}: is no name of a model; write {HUB}OWNER/MODEL")
    return repository


def hub_address() -> str:
    """Return where models are fetched from: Hugging Face, or the mirror that ``HF_ENDPOINT`` names to its library."""
    return os.environ.get("HF_ENDPOINT") or "https://huggingface.co"


def encoders_home() -> Path:
    """Return the folder in the user's cache of models that were fetched, or copied there."""
    return cache_home() / "encoders"


def folder_of(name: str) -> Path:
    """Return where the model of an encoder's name lies, whether or not it is there: ``encoders/base``, for example.

    Raises:
        UsageError: If no model can be called so.
    """
    if name in BY_NEED:
        return encoders_home() / name
    return encoders_home() / "hub" / repository_of(name).replace("/", "--")  # never part of a name


def wanted_files(files: Iterable[str]) -> list[str]:
    """Return which files of a repository a model consists of; pickled weights only where a folder has no others."""
    paths = [PurePosixPath(file) for file in files]
    paths = [path for path in paths if ".." not in path.parts and not path.is_absolute()]
    paths = [path for path in paths if not _OTHER_FORMS & set(path.parts) and not path.parts[0].startswith(".")]
    safe = {path.parent for path in paths if path.suffix == ".safetensors"}
    return [
        str(path)
        for path in paths
        if path.suffix in _SETTINGS
        or path.suffix == ".safetensors"
        or (path.match("pytorch_model*.bin") and path.parent not in safe)
    ]


def fetch(repository: str, folder: Path) -> None:
    """Fetch a model into a folder, whole or not at all.

    Raises:
        UsageError: If it cannot be fetched or the folder cannot be written.
    """
    try:
        with replace_folder(folder) as draft:
            _download_elsewhere(repository, draft)
    except UsageError as error:
        raise UsageError(
            f"{repository}: cannot be fetched: {error}; or copy the model's folder from a machine that has it to "
            f"{folder} and add it again, or name that folder"
        ) from None


def _download_elsewhere(repository: str, folder: Path) -> None:
    online: dict[str, str | None] = {**OFFLINE, "HF_HUB_OFFLINE": None, "TRANSFORMERS_OFFLINE": None}
    if not sys.stderr.isatty():
        online["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    done = run_module("models.hub", repository, str(folder), environment=online, shows_progress=True)
    if done.returncode:
        raise UsageError((done.stdout.strip().splitlines() or ["no message"])[-1])


def download(repository: str, folder: Path) -> None:
    """Write the files of a model into an empty folder, straight from the network.

    Raises:
        UsageError: If there is no such model, it cannot be reached, or what came is not what was announced.
        OSError: If the folder cannot be written.
    """
    from huggingface_hub import HfApi, hf_hub_download

    found = HfApi().model_info(repository, files_metadata=True)
    announced = {sibling.rfilename: sibling for sibling in found.siblings or ()}
    wanted = wanted_files(announced)
    if not any(file.endswith((".safetensors", ".bin")) for file in wanted):
        raise UsageError("it has no weights that sentence-transformers could read")
    size = sum(announced[file].size or 0 for file in wanted)
    if size > shutil.disk_usage(folder).free:
        raise UsageError(f"its {size / 1e6:,.0f} MB do not fit on the disk; make room, or set PRECODE_CACHE")
    for file in wanted:
        path = Path(hf_hub_download(repository, file, revision=found.sha, local_dir=folder))
        large = announced[file].lfs
        if large and digest_file(path) != large.sha256:
            raise UsageError(f"{file} arrived damaged; try again")
    shutil.rmtree(folder / ".cache", ignore_errors=True)  # the library's notes on the download


def reason_of(error: BaseException) -> str:
    """Return what stood in the way, and what to do."""
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    if isinstance(error, KeyboardInterrupt):
        return "stopped"
    if isinstance(error, UsageError):
        return str(error)
    if isinstance(error, GatedRepoError):
        return "its owners ask for an agreement first: give it on huggingface.co, then type: hf auth login"
    if isinstance(error, RepositoryNotFoundError):
        return "Hugging Face has no such model, or it is not public"
    kind = getattr(error, "strerror", None) or type(error).__name__
    if is_of_the_machine(error):
        return f"{kind}; make room, or set PRECODE_CACHE to another folder"
    return f"Hugging Face cannot be reached ({kind}); try again where there is a network"


if __name__ == "__main__":
    # every library below has its own kind of error; whoever started this reads one line
    sys.excepthook = lambda _kind, error, _trace: sys.stdout.write(f"{reason_of(error)}\n")
    download(sys.argv[1], Path(sys.argv[2]))
