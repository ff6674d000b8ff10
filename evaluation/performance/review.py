"""Speed of the review page, measured on the real server in a process of its own, over HTTP, on a large study.

The figures and their goals: the first page is there in under a second, the next item in under 50 ms at the 95th
percentile while decisions are being written, a search in under 300 ms once one has been made, codes that stand together
in under a second, the first time too, and the server takes less than 500 MB.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import numpy as np

from corpus.errors import UsageError
from evaluation.performance.measurement import Measurement
from evaluation.performance.memory import peak_mb
from evaluation.performance.review_study import Size, make_searchable, make_study
from evaluation.report.tables import ScoreTable

PROTOCOL = "review-speed/v3"
REQUESTS = 500
START_SECONDS = 60
ANSWER_SECONDS = 300
"""How long an answer may take: the first one of a very large study reads all of it, on a busy machine."""
STOP_SECONDS = 10
FIRST_ITEM = "/api/queue?limit=1"
CODER = {"Precode-Coder": "Speed"}
SEARCHES = 11
"""Of each kind; the first of all reads what the others search."""
FIRST_OF_A_KIND = frozenset({"words, often", "meaning"})
MET = {True: "yes", False: "no", None: ""}
"""How tables say whether a goal is met."""
COUNTS = {
    "codes together in sentences": "/api/analysis/together?suggestions=true",
    "codes together in turns": "/api/analysis/together?suggestions=true&unit=turn",
    "codes together in transcripts": "/api/analysis/together?suggestions=true&unit=transcript",
    "how often codes were given": "/api/analysis/codes",
    "codes over the course": "/api/analysis/course?suggestions=true",
    "words": "/api/analysis/words",
    "keywords": "/api/analysis/keywords?by=transcript&most=5",
    "audit trail": "/api/trail",
}
"""What counts all codings, suggestions or words of a study."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    Attributes:
        value: None where the system does not say.
        goal: What it should stay under, None where there is no goal.
    """

    name: str
    value: float | None
    unit: str
    goal: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None without a goal or a value."""
        return None if self.goal is None or self.value is None else self.value < self.goal


@dataclass(frozen=True, kw_only=True)
class ReviewSpeed(Measurement):
    """One run of the benchmark."""

    size: Size
    requests: int
    figures: tuple[Figure, ...]
    protocol: str = PROTOCOL

    def tables(self) -> list[ScoreTable]:
        """Return the figures beside their goals."""
        sentences, suggestions = (self.size.transcripts * each for each in (self.size.sentences, self.size.suggestions))
        title = f"Review of {self.size.transcripts} transcripts, {sentences:,} sentences, {suggestions:,} suggestions"
        return [figures_table(title, self.figures)]


def benchmark_review(
    precode: Sequence[str], folder: Path, *, size: Size | None = None, requests: int = REQUESTS
) -> ReviewSpeed:
    """Make a study in an empty folder, serve it, review it as a browser does, and stop the server.

    Args:
        precode: How precode is called, for instance ``("precode",)``.
        folder: Empty; left behind with the study in it.
        size: How large the study is; by default the largest that precode is made for.
        requests: How many items are asked for, each after a decision on the one before.

    Raises:
        UsageError: If the server does not start or refuses a request.
    """
    size = size or Size()
    study = make_study(folder / "study", size)
    make_searchable(study)
    with serving((*precode, "review", "--study", str(study.folder), "--no-open", "--port", "0")) as server:
        figures = (
            Figure("start to first page", server.seconds, "s", 1.0),
            Figure("start to first item", server.seconds_to(FIRST_ITEM), "s"),
            *opening(server.page),
            *deciding(server.page, requests),
            *_searching(server.page),
            *_counting(server.page),
            Figure("most memory", peak_mb(server.process), "MB", 500),
        )
    return ReviewSpeed(size=size, requests=requests, figures=figures)


class Page:
    """Asks a server like a page does: over one connection that stays open.

    Args:
        url: Where the server is.
    """

    def __init__(self, url: str) -> None:
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=ANSWER_SECONDS)

    def get(self, path: str) -> dict[str, Any]:
        """Return the answer to a question, nothing where it is no JSON.

        Raises:
            UsageError: If the server refuses.
        """
        return self._ask("GET", path, None)

    def post(self, path: str, body: object) -> dict[str, Any]:
        """Return the answer to something sent.

        Raises:
            UsageError: If the server refuses.
        """
        return self._ask("POST", path, json.dumps(body))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: str | None) -> dict[str, Any]:
        self._connection.request(method, path, body, {**CODER, "Content-Type": "application/json"})
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise UsageError(f"{method} {path.partition('?')[0]}: the server answered {answer.status}")
        return dict(json.loads(content)) if answer.headers.get_content_type() == "application/json" else {}


@dataclass(frozen=True, slots=True)
class ServedPage:
    """A server that runs.

    Attributes:
        started: When, by the clock of `time.perf_counter`.
        seconds: How long it took to its first page.
    """

    process: subprocess.Popen[str]
    page: Page
    started: float
    seconds: float

    def seconds_to(self, path: str) -> float:
        """Ask for something and return how long it took from the start of the server to the answer."""
        self.page.get(path)
        return time.perf_counter() - self.started


@contextmanager
def serving(command: Sequence[str], environment: Mapping[str, str] = MappingProxyType({})) -> Iterator[ServedPage]:
    """Start a server and yield it once it has answered with its first page; stop it in the end.

    Args:
        command: What prints the server's address and serves.
        environment: Variables that are set for it.
    """
    started = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - this very program
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ | environment
    ) as process:
        try:
            found = re.search(r"http://\S+", process.stdout.readline() if process.stdout else "")
            if found is None:
                raise UsageError("the review page did not start; type: precode review --study STUDY")
            page = Page(found[0])
            page.get("/")
            yield ServedPage(process, page, started, time.perf_counter() - started)
            page.close()
        finally:
            _stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()


def opening(page: Page) -> Iterator[Figure]:
    """Measure what a researcher opens: the study, the first item, the longest transcript, the views of quality."""
    study, seconds = _timed(page.get, "/api/study")
    yield Figure("list of transcripts", seconds, "s")
    yield Figure("first item", _timed(page.get, FIRST_ITEM)[1], "s")
    longest = max(study["transcripts"], key=lambda transcript: transcript["characters"])["version"]
    yield Figure("longest transcript", _timed(page.get, f"/api/transcripts/{longest}")[1], "s")
    for name, path in {"progress": "/api/progress", "audit": "/api/audit/next"}.items():
        yield Figure(f"{name}, first time", _timed(page.get, path)[1], "s")


def deciding(page: Page, requests: int) -> Iterator[Figure]:
    """Measure deciding on one item after the other: the decision is written, then the next item is asked for."""
    asked, decided = [], []
    item = page.get("/api/queue?order=uncertain&limit=1")["items"][0]
    for n in range(requests):
        decision = {"key": str(uuid4()), "action": ("accept", "reject")[n % 2], "version": item["version"]}
        sent = {"decisions": [{**decision, "suggestion": item["id"], "previous": None}]}
        decided.append(_timed(page.post, "/api/decisions", sent)[1])
        answer, seconds = _timed(page.get, f"/api/queue?order=uncertain&limit=1&after={item['id']}")
        asked.append(seconds)
        item = answer["items"][0]
    for name, times in {"next item": asked, "decision": decided}.items():
        half, most = (1000 * float(np.percentile(times, rank)) for rank in (50, 95))
        yield Figure(f"{name}, median", half, "ms")
        yield Figure(f"{name}, 95th percentile", most, "ms", 50 if name == "next item" else None)


def _searching(page: Page) -> Iterator[Figure]:
    """Measure searching by words that are there often and never, by meaning, and for passages like one."""
    often = {"often": "bacor*", "two words": '"bacor* dela*"', "never": "absent"}
    asked = {f"words, {name}": f"/api/search?{urlencode({'q': query})}" for name, query in often.items()}
    asked["words, any form"] = "/api/search?how=forms&q=bacor"
    code = page.get("/api/queue?limit=1")["items"][0]["code"]
    asked["words, near a code"] = f"/api/search?{urlencode({'q': 'bacor*', 'code': code})}"
    asked["meaning"] = "/api/search?how=meaning&q=waiting+for+a+call"
    asked["passages alike"] = "/api/search/like?version=1&start=200&end=300"
    for name, path in asked.items():
        first, *times = [_timed(page.get, path)[1] for _ in range(SEARCHES)]
        if name in FIRST_OF_A_KIND:
            yield Figure(f"search by {name}, first time", first, "s")
        yield Figure(f"search by {name}, 95th percentile", 1000 * float(np.percentile(times, 95)), "ms", 300)


def _counting(page: Page) -> Iterator[Figure]:
    """Measure the reading tools, the first time and then again."""
    for name, path in COUNTS.items():
        goal = 1.0 if name.startswith("codes together") else None
        first, *times = [_timed(page.get, path)[1] for _ in range(4)]
        yield Figure(f"{name}, first time", first, "s", goal)
        yield Figure(f"{name}, again", max(times), "s", goal)


def _timed(ask: Callable[..., dict[str, Any]], *words: object) -> tuple[dict[str, Any], float]:
    started = time.perf_counter()
    answer = ask(*words)
    return answer, time.perf_counter() - started


def figures_table(title: str, figures: Iterable[Figure]) -> ScoreTable:
    """Return figures beside their goals."""
    return ScoreTable(title, ("", "measured", "goal", "met"), tuple(map(_cells, figures)))


def _cells(figure: Figure) -> tuple[str, ...]:
    digits = {"s": 2, "ms": 1, "ms each": 3, "times": 2}.get(figure.unit, 0)
    measured = "-" if figure.value is None else f"{figure.value:.{digits}f} {figure.unit}"
    goal = "" if figure.goal is None else f"< {figure.goal:g} {figure.unit}"
    return figure.name, measured, goal, MET[figure.met]
