"""What a server offers: its models, what is known of each, and by which adapter one answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from corpus.errors import InputError, UsageError
from corpus.transcript import digest_of
from models.second.adapters import ADAPTERS
from models.second.address import check_model, forwarded, leads_outside
from models.second.chat import WINDOW
from models.second.client import ModelClient
from models.second.opinion import NONE, Failure, Kind, ModelFacts, NoOpinion, Option, Question, SecondOpinion
from models.second.prompts import PROMPT
from models.weights import remembered_digest

OLLAMA, OPENAI, OTHER = "ollama", "openai-compatible", "other"


@dataclass(frozen=True, slots=True)
class OfferedModel:
    """A model that a server lists.

    Attributes:
        remote: Whether it is answered elsewhere, although the server is here.
        digest: Of its weights, as the server tells it.
    """

    name: str
    server: str
    digest: str = ""
    quantisation: str = ""
    size: str = ""
    window: int = 0
    remote: bool = False


def offered_models(client: ModelClient) -> list[OfferedModel]:
    """Return the models of a server, by name.

    Raises:
        UsageError: If it does not answer, or not like a server of models.
    """
    for path, key, read in (("/api/tags", "models", _ollama), ("/v1/models", "data", _listed)):
        try:
            found = client.get(path)
        except NoOpinion as none:
            if none.failure in {Failure.AWAY, Failure.HUNG, Failure.REDIRECTED}:
                remedy = "start it, and type: precode second connect"
                raise UsageError(f"[second] url: {client.address}: {none}; {remedy}") from None
            continue
        if isinstance(found.get(key), list):
            models = (read(entry) for entry in found[key] if isinstance(entry, dict))
            return sorted((model for model in models if model.name), key=lambda model: model.name)
        if isinstance(found.get("model"), str):
            return [OfferedModel(found["model"], OTHER)]
    raise UsageError(f"[second] url: {client.address} answers, but not like a server of language models")


def connected(client: ModelClient, model: str, adapter: str = "", *, allow_network: bool = False) -> SecondOpinion:
    """Return a model by the adapter it answers, tried out with a question that has nothing to do with any study.

    Args:
        client: Connected to its server.
        model: Its name; empty for the only one.
        adapter: Name of an adapter; empty to find out.
        allow_network: Whether the study allows what is beyond this machine.

    Raises:
        UsageError: If there is no such model, it is answered elsewhere, or no adapter gets an answer; says why.
    """
    check_model(model, allow_network=allow_network)
    if adapter and adapter not in ADAPTERS:
        raise UsageError(f"[second] adapter: {adapter!r} is none of {', '.join(ADAPTERS)}")
    offered = _chosen(offered_models(client), model)
    if offered.remote and not allow_network:
        raise forwarded(offered.name)
    check_model(offered.name, allow_network=allow_network)
    known = facts_of(client, offered)
    reasons: list[str] = []
    apart = {"chat", "json"} if offered.server == OLLAMA else {"ollama"}
    for name in [adapter] if adapter else [name for name in ADAPTERS if name not in apart]:
        tried = ADAPTERS[name](client, replace(known, adapter=name))
        try:
            tried.ask(TRIAL)
        except NoOpinion as none:
            reasons.append(f"{name}: {none}")
        else:
            return tried
    raise UsageError(f"[second] model: {offered.name} gives no answer that can be used ({'; '.join(reasons)})")


def facts_of(client: ModelClient, offered: OfferedModel) -> ModelFacts:
    """Return what a server tells of a model: digest and quantisation of its weights, the length of its context."""
    facts = ModelFacts(
        adapter="",
        prompt=PROMPT,
        model=offered.name,
        host=client.address,
        digest=offered.digest,
        quantisation=offered.quantisation,
        window=offered.window,
        server=offered.server,
    )
    if offered.server == OLLAMA:
        told = _told(lambda: client.post("/api/show", {"model": offered.name})).get("model_info")
        lengths = (value for key, value in _object(told).items() if key.endswith(".context_length"))
        return replace(facts, window=next((min(n, WINDOW) for n in map(_length, lengths) if n), WINDOW))
    props = _told(lambda: client.get("/props"))
    window = _length(_object(props.get("default_generation_settings")).get("n_ctx"))
    return replace(
        facts,
        window=window or facts.window,
        digest=(_weights(props) if not leads_outside(client.address) else "") or facts.digest,
        server="llama.cpp" if "model_path" in props else facts.server,
    )


TRIAL = Question(
    Kind.CHOICE,
    "You sort words. Answer with the letter of the option that fits best.",
    "<passage>\nThe kettle is on the stove and the cups are warm.\n</passage>",
    "What is the passage about?",
    (Option("a", "making tea"), Option("b", "a football match"), Option(NONE, NONE)),
)
"""What a model is tried out with; no study's words."""


def _chosen(models: list[OfferedModel], wanted: str) -> OfferedModel:
    for model in models:
        if model.name in {wanted, f"{wanted}:latest"} or (not wanted and len(models) == 1):
            return model
    there = ", ".join(model.name for model in models if not model.remote) or "none"
    raise UsageError(f"[second] model: {wanted or 'none is named'}; the server has: {there}")


def _ollama(entry: Mapping[str, Any]) -> OfferedModel:
    details = _object(entry.get("details"))
    return OfferedModel(
        name=_words(entry.get("name")),
        server=OLLAMA,
        digest=_words(entry.get("digest")).removeprefix("sha256:"),
        quantisation=_words(details.get("quantization_level")),
        size=_words(details.get("parameter_size")),
        remote=bool(entry.get("remote_host") or entry.get("remote_model")),
    )


def _listed(entry: Mapping[str, Any]) -> OfferedModel:
    meta = _object(entry.get("meta"))
    told = ",".join(f"{key}={meta[key]}" for key in ("n_params", "size", "n_vocab") if key in meta)
    return OfferedModel(
        name=_words(entry.get("id")),
        server=OPENAI,
        digest=digest_of(told) if told else "",
        window=_length(meta.get("n_ctx")) or _length(entry.get("max_model_len")),
    )


def _weights(props: Mapping[str, Any]) -> str:
    """Return the digest of the weights that a server on this machine names, where they can be read."""
    path = Path(_words(props.get("model_path")) or "/nowhere")
    try:
        return remembered_digest(path) if path.is_file() else ""
    except (OSError, InputError):
        return ""


def _told(ask: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return what a server tells of itself, nothing where it does not."""
    try:
        return ask()
    except NoOpinion:
        return {}


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _length(value: object) -> int:
    """Return a number of tokens, 0 for what is none."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _words(value: object) -> str:
    return value[:200] if isinstance(value, str) and value.isprintable() else ""
