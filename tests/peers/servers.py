"""Servers of other tools for the time of a test, on the loopback interface only, and clients for them."""

import html
import os
import re
import signal
import socket
import subprocess
import time
from contextlib import contextmanager

import httpx

HOST = "127.0.0.1"
START_SECONDS = 600  # Label Studio migrates its database first
STOP_SECONDS = 20


def free_port():
    with socket.socket() as bound:
        bound.bind((HOST, 0))
        return bound.getsockname()[1]


@contextmanager
def served(words, url, log, **environment):
    """Run a server until the block ends; it answers at ``url`` when the block begins.

    Args:
        words: The command.
        url: Where to ask whether it has started.
        log: File for what it prints.
        environment: Variables for it.
    """
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*map(str, words)],
            env=dict(os.environ) | environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_for(url, process, log)
            yield
        finally:
            _end(process)


def _wait_for(url, process, log):
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text(errors="replace")[-3000:]
        try:
            httpx.get(url, timeout=10)
        except httpx.TransportError:
            time.sleep(0.5)
        else:
            return
    raise AssertionError(f"{url} did not answer")


def _end(process):
    """End a server with all that it started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(STOP_SECONDS)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


class TaguetteClient:
    """A user of a Taguette server."""

    def __init__(self, url, login):
        self._http = httpx.Client(base_url=url, timeout=60, follow_redirects=True)
        self.login = login
        self._form("/register", login=login, password1="not secret", password2="not secret")

    def close(self):
        self._http.close()

    def _token(self, page):
        self._http.get(page).raise_for_status()
        return self._http.cookies["_xsrf"]

    def _form(self, page, **fields):
        answer = self._http.post(page, data={"_xsrf": self._token(page), **fields})
        answer.raise_for_status()
        return answer

    def call(self, path, body, method="POST"):
        answer = self._http.request(method, path, json=body, headers={"X-XSRFToken": self._http.cookies["_xsrf"]})
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def new_project(self, name):
        return int(str(self._form("/project/new", name=name, description="").url).rstrip("/").split("/")[-1])

    def add_document(self, project, name, text, description=""):
        """Upload a page with bold labels; anything but HTML would need Calibre."""
        lines = (re.sub(r"^(\w+):", r"<b>\1</b>:", html.escape(line, quote=False)) for line in text.splitlines())
        page = (
            '<html><head><meta charset="utf-8"></head><body>\n'
            + "\n".join(f"<p>{line}</p>" for line in lines)
            + "\n</body></html>"
        )
        fields = {"_xsrf": self._http.cookies["_xsrf"], "name": name, "description": description}
        files = {"file": (f"{name}.html", page.encode(), "text/html")}
        answer = self._http.post(f"/api/project/{project}/document/new", data=fields, files=files)
        answer.raise_for_status()
        return answer.json()["created"]

    def contents(self, project, document):
        """Return the text of a document as Taguette counts in it."""
        answer = self._http.get(f"/api/project/{project}/document/{document}/contents")
        answer.raise_for_status()
        markup = "".join(part["contents"] for part in answer.json()["contents"])
        return html.unescape(re.sub(r"<[^>]+>", "", markup))

    def import_project(self, path, project=1):
        fields = {"_xsrf": self._http.cookies["_xsrf"], "project_id": str(project)}
        answer = self._http.post("/api/import", data=fields, files={"file": ("p.sqlite3", path.read_bytes())})
        answer.raise_for_status()
        return answer.json()["project_id"]

    def download(self, project, what, path):
        answer = self._http.get(f"/project/{project}/export/{what}")
        answer.raise_for_status()
        path.write_bytes(answer.content)
        return path


@contextmanager
def taguette(command, folder, port):
    """Run Taguette for several users; give its URL."""
    folder.mkdir()
    (folder / "config.py").write_text(
        f'NAME = "Peers"\nBIND_ADDRESS = "{HOST}"\nPORT = {port}\nBASE_PATH = "/"\nDOMAIN = "localhost:{port}"\n'
        f'SECRET_KEY = "not secret"\nDATABASE = "sqlite:///{folder}/taguette.sqlite3"\nTOS_FILE = None\n'
        'X_HEADERS = False\nEMAIL = "Peers <peers@localhost>"\nMAIL_SERVER = {"ssl": False, "host": "localhost", '
        '"port": 25}\nCOOKIES_PROMPT = False\nREGISTRATION_ENABLED = True\nSQLITE3_IMPORT_ENABLED = True\n'
    )
    url = f"http://{HOST}:{port}"
    words = (command, "--no-browser", "server", folder / "config.py")
    with served(words, f"{url}/health", folder / "log"):
        yield url


class LabelStudioClient:
    """A user of a Label Studio server, who signs up."""

    def __init__(self, url, email):
        self._http = httpx.Client(base_url=url, timeout=120, follow_redirects=True)
        self._http.get("/user/signup/").raise_for_status()
        form = {"email": email, "password": "not secret 1", "csrfmiddlewaretoken": self._http.cookies["csrftoken"]}
        self._http.post("/user/signup/", data=form, headers={"Referer": url}).raise_for_status()

    def close(self):
        self._http.close()

    def call(self, path, body=None, method="POST"):
        headers = {"X-CSRFToken": self._http.cookies["csrftoken"], "Referer": str(self._http.base_url)}
        answer = self._http.request(method, path, json=body, headers=headers)
        answer.raise_for_status()
        return answer.json()

    def new_project(self, title, configuration, tasks):
        project = self.call("/api/projects/", {"title": title, "label_config": configuration})["id"]
        self.call(f"/api/projects/{project}/import", tasks)
        return project

    def export(self, project, path):
        answer = self._http.get(f"/api/projects/{project}/export?exportType=JSON&download_all_tasks=true")
        answer.raise_for_status()
        path.write_bytes(answer.content)
        return path


@contextmanager
def label_studio(command, folder, port):
    """Run Label Studio; give its URL."""
    folder.mkdir()
    url = f"http://{HOST}:{port}"
    words = (command, "start", "--no-browser", "--port", port, "--internal-host", HOST, "--data-dir", folder)
    quiet = {"COLLECT_ANALYTICS": "False", "LATEST_VERSION_CHECK": "False", "SENTRY_DSN": "", "FRONTEND_SENTRY_DSN": ""}
    with served(words, f"{url}/health", folder.parent / "label-studio.log", HOME=str(folder), **quiet):
        yield url
