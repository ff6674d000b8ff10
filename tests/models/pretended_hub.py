"""A pretended Hugging Face on this machine: the answers that fetching a model needs, and no more."""

import hashlib
import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

REVISION = "5" * 40


class Hub:
    """Repositories by name, each a mapping of files to bytes.

    Attributes:
        repositories: What can be fetched.
        announces: Size of every file in place of the true one.
        damaged: Files that arrive other than announced.
        asked: Paths that were asked for.
        stalls: Ending of files that come half, and the rest never.
        stalled: Set when that has happened.
    """

    def __init__(self, repositories):
        self.repositories = repositories
        self.announces = 0
        self.damaged = set()
        self.asked = []
        self.stalls = None
        self.stalled = Event()
        self.over = Event()

    def info(self, name):
        siblings = [
            {
                "rfilename": file,
                "size": self.announces or len(content),
                **({"lfs": {"size": len(content), "sha256": digest(content), "pointerSize": 1}} if large(file) else {}),
            }
            for file, content in self.repositories[name].items()
        ]
        return {"id": name, "modelId": name, "sha": REVISION, "siblings": siblings, "private": False, "tags": []}


def digest(content):
    return hashlib.sha256(content).hexdigest()


def large(file):
    return file.endswith((".safetensors", ".bin"))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_HEAD(self):
        self.answer(send=False)

    def do_GET(self):
        self.answer(send=True)

    def answer(self, *, send):
        hub = self.server.hub
        path = self.path.partition("?")[0]
        hub.asked.append(path)
        for name, files in hub.repositories.items():
            if path in (f"/api/models/{name}", f"/api/models/{name}/revision/{REVISION}"):
                return self.give(json.dumps(hub.info(name)).encode(), "application/json", send=send)
            file = path.removeprefix(f"/{name}/resolve/{REVISION}/")
            if file in files:
                content = files[file][::-1] if file in hub.damaged else files[file]
                return self.give(content, "application/octet-stream", send=send, file=file)
        self.send_response(404)
        self.send_header("X-Error-Code", "RepoNotFound")
        self.send_header("Content-Length", "0")
        self.end_headers()
        return None

    def give(self, content, kind, *, send, file=""):
        hub = self.server.hub
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{digest(content)}"')
        self.send_header("X-Repo-Commit", REVISION)
        self.end_headers()
        if send and hub.stalls and file.endswith(hub.stalls):
            self.wfile.write(content[: len(content) // 2])
            self.wfile.flush()
            hub.stalled.set()
            hub.over.wait(60)
        elif send:
            self.wfile.write(content)

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def pretended_hub(repositories):
    """Serve repositories on a port of this machine; gives the hub and its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.hub = Hub(repositories)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.hub, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.hub.over.set()
        server.shutdown()
        server.server_close()
