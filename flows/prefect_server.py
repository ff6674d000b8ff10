"""The embedded Prefect server: a child process that serves one run on loopback and ends with it.

Prefect would start a temporary server by itself, but imports all of the server into this process first. A child that
starts while this process imports Prefect's client halves the wait, and it ends cleanly: it stops when the pipe
from its parent closes, even if the parent is killed.
"""

from __future__ import annotations

import gc
import os
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import chdir, contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

from corpus.errors import UsageError
from corpus.files import private_folder
from models.weights import cache_home

if TYPE_CHECKING:
    import uvicorn
    from fastapi import APIRouter, FastAPI
    from starlette.types import ASGIApp, Receive, Scope, Send

API = "PREFECT_API_URL"
SECRET = "PREFECT_API_AUTH_STRING"  # noqa: S105 - the name of the variable, not what it holds
SERVER_SECRET = "PREFECT_SERVER_API_AUTH_STRING"  # noqa: S105 - as above
WORKERS = "PREFECT_TASKS_RUNNER_THREAD_POOL_MAX_WORKERS"
START_SECONDS = 300
"""How long the child may take: about five on a quiet machine, minutes on a crowded one. A dead one is seen at once."""

UNUSED = (
    *("CANCELLATION_CLEANUP", "EVENT_PERSISTER", "FOREMAN", "LATE_RUNS", "PAUSE_EXPIRATIONS"),
    *("REPOSSESSOR", "CLEANUP_RECONCILER", "TRIGGERS"),
)
"""Background services of the server that we have no use for."""

DEFAULTS = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
}
EMBEDDED = {"PREFECT_LOGGING_TO_API_ENABLED": "false"}
"""What goes for an embedded server only: it would be gone before the last lines of the log reach it."""

ASKED_BY_RUNS = ("/admin", "/flows", "/flow_runs", "/task_runs", "/artifacts", "/events")
"""Routers of Prefect's server that a run has use for."""

SAFE_PATH = {"PYTHONSAFEPATH": "1"}
"""Keeps the current folder off the path of every process that Prefect starts: it may hold a ``models.py``."""

PLACES = {"PREFECT_HOME", "PRECODE_CACHE", "PRECODE_DATA"}
"""Variables that hold a folder, which may have been given relative to the current one."""

DIRECT = ("NO_PROXY", "no_proxy")
"""Variables that keep requests to this machine away from a network's proxy; libraries read one or the other."""

CHILD = {
    **{f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in UNUSED},
    "PREFECT_SERVER_UI_ENABLED": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",  # whatever the user has set for a server of his own
    "PREFECT_SERVER_REGISTER_BLOCKS_ON_START": "false",
    # Else all collections are imported, prefect-dask with all of distributed, to see whether blocks have changed.
    "PREFECT_SERVER_MEMOIZE_BLOCK_AUTO_REGISTRATION": "false",
    "PY_KEY_VALUE_DISABLE_BEARTYPE": "true",  # checks of types that a library of the server compiles at each start
    "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": "http://127.0.0.1",  # no page of any other origin may read an answer
}


def configuration(concurrency: int, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the settings under which Prefect keeps to itself; what the user has set stays.

    Args:
        concurrency: Transcripts worked on at once.
        environment: Variables that are set already.
    """
    wanted = {**DEFAULTS, "PREFECT_HOME": str(cache_home() / "prefect"), WORKERS: str(concurrency)}
    return {name: environment.get(name, value) for name, value in wanted.items()} | {"DO_NOT_TRACK": "1"}


def unproxied(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return settings under which no proxy is asked for addresses of this machine; what is excepted already stays."""
    known = next((environment[name] for name in reversed(DIRECT) if environment.get(name)), "")
    return dict.fromkeys(DIRECT, ",".join(filter(None, [known, "127.0.0.1", "localhost"])))


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A server in a child of this process, for whoever knows the secret of this start."""

    url: str
    secret: str


@contextmanager
def prefect_api(concurrency: int, *, scheduling: bool = False) -> Iterator[None]:
    """Make a Prefect server available: the one that ``PREFECT_API_URL`` names, else a child of this process.

    Args:
        concurrency: Transcripts worked on at once.
        scheduling: Whether a child must keep a schedule, too.

    Raises:
        UsageError: If the child does not start.
    """
    with starting_server(concurrency, scheduling=scheduling) as server, connected(server):
        yield


@contextmanager
def starting_server(concurrency: int, *, scheduling: bool = False) -> Iterator[EmbeddedServer | None]:
    """Start a child that serves, and yield before it answers; None where ``PREFECT_API_URL`` names a server.

    Args:
        concurrency: Transcripts worked on at once.
        scheduling: Whether it must keep a schedule, too.
    """
    os.environ.update(configuration(concurrency) | SAFE_PATH)
    os.environ.update({name: str(Path(os.environ[name]).expanduser().absolute()) for name in PLACES & set(os.environ)})
    with suppress(OSError):  # Prefect makes the folder but not its parents, and says itself what is wrong with it
        private_folder(Path(os.environ["PREFECT_HOME"]))
    if os.environ.get(API):
        yield None
    else:
        secret = f"precode:{secrets.token_urlsafe(32)}"
        with _child(secret, scheduling=scheduling) as url:
            yield EmbeddedServer(url, secret)


@contextmanager
def connected(server: EmbeddedServer | None, soon: Iterable[str] = ()) -> Iterator[None]:
    """Let Prefect in this process talk to a server that was started: this one, or the one ``PREFECT_API_URL`` names.

    Meanwhile Prefect's own folder is the current one: Prefect takes ``prefect.toml``, ``pyproject.toml`` and ``.env``
    of the current folder for its settings, which may name programs, and that folder may be a study somebody sent.

    Args:
        server: From `starting_server`.
        soon: Modules that will be needed, imported while the server starts.

    Raises:
        UsageError: If the server does not start.
    """
    with chdir(_own_folder()):
        if server is None:
            yield
            return
        os.environ.update({**EMBEDDED, **unproxied(), API: server.url, SECRET: server.secret})
        try:
            from prefect.settings import (  # takes two seconds, which the child needs, too
                PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
                temporary_settings,
            )

            for name in soon:
                import_module(name)
            _await(server.url)
            # Heartbeats tell a server that outlives a run; a flow waits up to a second for them to end.
            with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
                yield
        finally:
            del os.environ[API], os.environ[SECRET]


def _own_folder() -> Path:
    home = Path(os.environ.get("PREFECT_HOME", ""))
    return home if home.is_dir() else Path(sys.prefix)


@contextmanager
def _child(secret: str, *, scheduling: bool) -> Iterator[str]:
    """Start the server, which answers who knows the secret, and yield its address before it answers."""
    # A server that calls itself ephemeral leaves out what schedules need, whatever its settings say.
    keeping = "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED" if scheduling else "PREFECT__SERVER_EPHEMERAL"
    environment = os.environ | CHILD | {keeping: "true", SERVER_SECRET: secret, SECRET: secret}
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "flows.prefect_server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        cwd=_own_folder(),
        text=True,
        start_new_session=True,
    ) as child:
        try:
            port = child.stdout.readline().strip() if child.stdout else ""
            yield f"http://127.0.0.1:{port}/api"
        finally:
            if child.stdin:
                child.stdin.close()
            _end(child)


def _end(child: subprocess.Popen[str]) -> None:
    try:
        child.wait(timeout=10)
    except subprocess.TimeoutExpired:
        child.kill()


def _await(url: str) -> None:
    """Wait for the first answer: the socket listens from the start, so one request waits long enough."""
    try:
        with urlopen(f"{url}/health", timeout=START_SECONDS):  # noqa: S310 - our own http address
            pass
    except OSError:
        raise UsageError("Prefect's server did not start; try again, or do without: precode run --no-prefect") from None


def main() -> None:
    """Serve until the pipe on standard input closes. The first line on standard output is the port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)  # noqa: T201 - the parent reads it
        _serve(listener)
    gc.freeze()  # all is closed: collecting what Prefect has loaded takes a second or two, for which the parent waits


def _serve(listener: socket.socket) -> None:
    import uvicorn

    config = uvicorn.Config("flows.prefect_server:make_app", factory=True, log_level="critical", lifespan="on")
    server = uvicorn.Server(config)
    threading.Thread(target=_stop_with_parent, args=(server,), daemon=True).start()
    config.load()
    server.run(sockets=[listener])


def make_app() -> FastAPI:
    """Return Prefect's server behind our door: Prefect itself asks for the secret, we for name and sender."""
    from prefect.server.api import server
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    server.API_ROUTERS = asked_first(server.API_ROUTERS)  # type: ignore[assignment]  # typed as the kinds in their order
    app = server.create_app()
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1"])
    app.add_middleware(NoBrowsers)
    return app


def asked_first(routers: Iterable[APIRouter]) -> tuple[APIRouter, ...]:
    """Return the routers, first those that a run asks.

    FastAPI prepares the routes of a router, 10 ms each, when it first looks there; all of them take a second or two.
    """
    places = {prefix: place for place, prefix in enumerate(ASKED_BY_RUNS)}
    return tuple(sorted(routers, key=lambda router: places.get(router.prefix, len(ASKED_BY_RUNS))))


class NoBrowsers:
    """Middleware that refuses what a browser sends: this server has no page, so a foreign one would be asking.

    Args:
        app: What is guarded.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what comes from no page; refuse the rest."""
        from starlette.datastructures import Headers
        from starlette.responses import PlainTextResponse

        if scope["type"] == "http" and {"origin", "sec-fetch-site"} & set(Headers(scope=scope)):
            await PlainTextResponse("refused: no page may ask this server", 403)(scope, receive, send)
        elif scope["type"] == "websocket" and "origin" in Headers(scope=scope):
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self.app(scope, receive, send)


def _stop_with_parent(server: uvicorn.Server) -> None:
    sys.stdin.read()
    if not server.config.loaded:  # nothing is open yet, and whoever failed to plan a run waits for this process
        os._exit(0)
    server.should_exit = True


if __name__ == "__main__":
    main()
