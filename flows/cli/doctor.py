"""``precode doctor``: is everything here and sound?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Annotated

import typer

from corpus.errors import PrecodeError
from flows.cli.console import JsonOption, next_step, print_json, print_table


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    sound: bool
    detail: str


def doctor(
    *,
    encoder: Annotated[str, typer.Option(help="The encoder to look at.")] = "openvino",
    json: JsonOption = False,
) -> None:
    """Check versions, model weights, shipped data and privacy settings.

    \b
    Example:
      precode doctor
    """
    findings = [*_versions(), *(_look(what, look) for what, look in LOOKS.items())]
    findings.append(_look("encoder", lambda: _encoder(encoder)))
    if json:
        print_json([asdict(finding) for finding in findings])
    else:
        print_table(
            ["What", "", "Detail"],
            [[finding.what, "ok" if finding.sound else "BAD", finding.detail] for finding in findings],
        )
        next_step("precode", "init", "my-study", "--sample")
    raise typer.Exit(0 if all(finding.sound for finding in findings) else 3)


def _versions() -> Iterator[Finding]:
    from pipeline.run import versions

    for name, version in versions().items():
        yield Finding(name, sound=True, detail=version)


def _look(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, sound=True, detail=look())
    except PrecodeError as error:
        return Finding(what, sound=False, detail=str(error))


def _weights() -> str:
    from models.weights import WEIGHTS_SHA256, packaged_model

    return f"{packaged_model().parent.name}, SHA-256 {WEIGHTS_SHA256[:12]}..."


def _encoder(name: str) -> str:
    from models.encoders import load_encoder

    return load_encoder(name).fingerprint


def _framework() -> str:
    from corpus.shipped import selfie, selfie_seeds

    return f"{len(selfie().codes)} codes, {len(selfie_seeds().coded)} seed quotations"


def _encoders() -> str:
    from models.added_encoders import added_encoders

    return ", ".join(f"{facts.name} ({facts.runtime or 'not exported yet'})" for facts in added_encoders())


def _network() -> str:
    from models.weights import OFFLINE, stay_offline

    stay_offline()
    return f"not used: {', '.join(OFFLINE)} are set for every run"


def _caches() -> str:
    from models.weights import cache_home

    return str(cache_home())


def _second() -> str:
    from importlib.util import find_spec

    if find_spec("httpx") is None or find_spec("models.second") is None:
        return "no language model can be asked: this installation was made without"
    return "no language model is asked, unless a study names one on this machine"


def _prefect() -> str:
    import os

    from flows.prefect_server import API, configuration

    return f"{os.environ.get(API) or 'embedded server'}, home {configuration(1)['PREFECT_HOME']}"


LOOKS: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "model weights": _weights,
        "encoders here": _encoders,
        "SELFIE framework": _framework,
        "network": _network,
        "user cache": _caches,
        "Prefect": _prefect,
        "second opinion": _second,
    }
)
"""What is looked at, in order; a look returns a detail or raises what is wrong."""
