"""The ways to ask a model, by the name that ``[second] adapter`` uses, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from models.second.chat import ChatModel, JsonChatModel, OllamaModel
from models.second.client import ModelClient
from models.second.opinion import ModelFacts, SecondOpinion
from models.second.systemone import DecisionModel

ADAPTERS: Mapping[str, Callable[[ModelClient, ModelFacts], SecondOpinion]] = MappingProxyType(
    {"systemone": DecisionModel, "ollama": OllamaModel, "chat": ChatModel, "json": JsonChatModel}
)
