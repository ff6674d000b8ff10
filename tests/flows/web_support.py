"""A study that is served in the test's own process, and what stands in for learning."""

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

from fastapi.testclient import TestClient

from corpus.transcript import Span
from evaluation.study_quality.types import LearnState, Phase
from flows.web.app import make_app
from flows.web.guard import Access
from flows.web.jobs import Job, JobKind, JobRunningError, JobState
from pipeline.run import in_threads, plan, run_study
from pipeline.session import StudySession
from pipeline.study import create_study, open_study
from tests import shared_adapters  # noqa: F401 - importing it is what it is for
from tests.pipeline.run_support import put

HOST = "localhost:8765"
TALK = "The nurse rings me. It takes money. We have tea."


@dataclass
class StillJobs:
    """Learns nothing, notes what it was asked for."""

    asked: list = field(default_factory=list)
    now: Job | None = None

    def job(self):
        return self.now

    def run(self, *, redo=False):
        self.begin(JobKind.RUN, *(["--redo"] if redo else []))

    def begin(self, kind, *words):
        if self.now and self.now.state is JobState.WORKING:
            raise JobRunningError(self.now.kind)
        self.asked.append((kind, *words))
        self.now = Job(kind)

    def stop(self):
        self.asked.append("stop")

    def learning(self):
        return LearnState(Phase.IDLE)

    def learn(self):
        self.asked.append("learn")
        return LearnState(Phase.LEARNING)

    def rank(self):
        self.asked.append("rank")
        return LearnState(Phase.RANKING)

    def close(self):
        self.asked.append("close")


def served_study(folder, talk=None):
    """A study of who said what, pre-coded in order; the test has put a precoder of words in place."""
    settings = create_study(folder).folder / "study.toml"
    settings.write_text(settings.read_text("utf-8").replace("concurrency = 2", "concurrency = 1"), encoding="utf-8")
    study = open_study(folder)
    for name, said in (talk or {"P01": TALK, "P02": TALK}).items():
        put(study, name, said)
    session = StudySession(study)
    run_study(session, partial(in_threads, session), plan(session))
    return session


@contextmanager
def page(session, *, jobs=None, blind=False, coder=None, **headers):
    """A browser or notebook that follows no redirects."""
    access = Access("127.0.0.1", 8765, coder=coder)
    app = make_app(session, jobs=jobs or StillJobs(), access=access, blind=blind)
    with TestClient(app, base_url=f"http://{HOST}", follow_redirects=False) as client:
        client.headers.update(headers)
        yield client


def code(client, version, span: Span, code_id, key, coder):
    """Code a passage by hand and return the answer."""
    one = {"key": key, "action": "code", "version": version, "start": span.start, "end": span.end, "code": code_id}
    return client.post("/api/decisions", json={"decisions": [one]}, headers={"Precode-Coder": coder})
