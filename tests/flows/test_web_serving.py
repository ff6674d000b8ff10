"""Half-open connections do not keep the page from answering."""

import asyncio
import socket
import threading
import time
from contextlib import contextmanager
from urllib.request import urlopen

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from flows.web import serving
from flows.web.serving import ImpatientProtocol


async def echo(request: Request):
    if request.url.path == "/slow":
        await asyncio.sleep(1)
    return PlainTextResponse(str(len(await request.body())))


@contextmanager
def served():
    app = Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST"])])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, http=ImpatientProtocol, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()
        finally:
            server.should_exit = True
            thread.join(20)


def ask(address, path=""):
    with urlopen(f"http://{address[0]}:{address[1]}/{path}", timeout=30) as answer:
        return answer.read()


def is_closed(connection):
    """Tell whether the other side closes; waits for it."""
    connection.settimeout(30)
    try:
        while connection.recv(4096):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


UNFINISHED = {
    "nothing": b"",
    "half a line": b"GET / HT",
    "half a header": b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: a",
    "half a body": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc",
}


@pytest.mark.parametrize("sent", UNFINISHED.values(), ids=UNFINISHED)
@pytest.mark.parametrize("after", [b"", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"], ids=["first", "after an answer"])
def test_a_request_that_never_ends_is_dropped(monkeypatch, sent, after):
    monkeypatch.setattr(serving, "REQUEST_SECONDS", 0.3)
    with served() as address, socket.create_connection(address) as connection:
        if after:
            connection.sendall(after)
            assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        connection.sendall(sent)
        assert is_closed(connection)


def test_a_request_that_comes_in_drops_is_dropped(monkeypatch):
    monkeypatch.setattr(serving, "REQUEST_SECONDS", 0.5)
    with served() as address, socket.create_connection(address) as connection, pytest.raises(ConnectionError):
        for _ in range(200):
            connection.sendall(b"X")
            time.sleep(0.05)


def test_an_answer_may_take_longer_than_a_request(monkeypatch):
    monkeypatch.setattr(serving, "REQUEST_SECONDS", 0.3)
    with served() as address:
        assert ask(address, "slow") == b"0"


def test_the_page_answers_while_hundreds_say_nothing():
    with served() as address:
        silent = [socket.create_connection(address) for _ in range(serving.MOST_WAITING + 50)]
        try:
            assert ask(address) == b"0"
            assert all(is_closed(connection) for connection in silent[:50])
        finally:
            for connection in silent:
                connection.close()
