"""From the settings of a study to a model that can be asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from corpus.errors import UsageError
from models.second.address import check_model, checked_address
from models.second.client import ModelClient
from models.second.servers import OfferedModel, connected, offered_models
from pipeline.second.second_pass import show_opinions
from pipeline.session import StudySession
from pipeline.settings_file import change_second
from pipeline.study import SETTINGS

if TYPE_CHECKING:
    from models.second.opinion import ModelFacts, SecondOpinion
    from pipeline.settings import Settings
    from pipeline.study import Study


@contextmanager
def open_model(settings: Settings) -> Iterator[SecondOpinion]:
    """Connect to the model that a study names, and try it out with a question of no study.

    Raises:
        UsageError: If none is named, it is not on this machine and nobody allowed that, or it does not answer.
    """
    second, network = settings.second, settings.model.allow_network
    if not second.url:
        raise UsageError("[second] url: no language model is named; type: precode second connect")
    check_model(second.model, allow_network=network)  # before anything is sent
    address = checked_address(second.url, allow_network=network)
    with ModelClient(address, timeout=second.timeout) as client:
        yield connected(client, second.model, second.adapter, allow_network=network)


def models_at(url: str, settings: Settings) -> tuple[list[OfferedModel], bool]:
    """Return the models that a server offers, and whether any web page that is open here could ask them, too.

    Args:
        url: Its address.
        settings: The study's; they say whether it may be beyond this machine.

    Raises:
        UsageError: If it is no such server, or not on this machine.
    """
    address = checked_address(url, allow_network=settings.model.allow_network)
    with ModelClient(address, timeout=settings.second.timeout) as client:
        return offered_models(client), client.allows_foreign_pages()


def connect_model(study: Study, url: str, model: str) -> tuple[ModelFacts, bool]:
    """Find out how a model can be asked, and write it into ``study.toml``.

    Args:
        study: The study.
        url: Address of the model's server.
        model: Its name there.

    Returns:
        What is known of the model, and whether any web page that is open here could ask it, too.

    Raises:
        UsageError: If it is not on this machine, or gives no answer that can be used.
    """
    settings = study.settings
    named = replace_second(settings, url=url, model=model, adapter="")
    with open_model(named) as found:
        facts = found.facts
    with ModelClient(facts.host, timeout=settings.second.timeout) as client:
        is_open = client.allows_foreign_pages()
    change_second(study.folder / SETTINGS, url=facts.host, model=facts.model, adapter=facts.adapter)
    return facts, is_open


def disconnect(study: Study) -> None:
    """Take the model out of ``study.toml``, and its opinions off the page.

    Raises:
        UsageError: If the file cannot be written.
    """
    change_second(study.folder / SETTINGS, url="", model="", adapter="")
    with StudySession(study) as session:
        show_opinions(session, "")


def replace_second(settings: Settings, **values: str) -> Settings:
    """Return settings with other values in ``[second]``."""
    return settings.model_copy(update={"second": settings.second.model_copy(update=values)})
