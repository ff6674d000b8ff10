"""A study under review: three transcripts, suggestions by three codes, words that offsets stumble over."""

from dataclasses import dataclass
from itertools import count

from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from corpus.codebook import Code, Codebook
from corpus.participants import Participants
from corpus.suggestion import Evidence, Suggestion
from corpus.transcript import Role, Span, Transcript, Turn
from flows.web.coding_routes import router
from flows.web.sessions import current_coder
from pipeline.review import queue, reading
from pipeline.review.service import ReviewService
from pipeline.review.study_state import StudyState
from pipeline.settings import Settings
from pipeline.store import RunFacts, Sentence
from pipeline.store.records import Action, DecisionFields
from tests.pipeline.store_support import source_of

BOOK = Codebook(
    "tiny",
    "1",
    (Code("team", "Team", "People"), Code("trust", "Trust", "People"), Code("budget", "Budget", "Means")),
)
FACTS = RunFacts("recipe", "lexical/v1", BOOK.digest, "seeds", {})
ASKED = "How do you work?"
SAID = {
    "anna": "We meet every week. Nobody trusts the plan. Money is short.",
    "bert": "The nurse 👩‍⚕️ rings me. Cafe\u0301 talk helps. \u202b\u05e9\u05dc\u05d5\u05dd\u202c <b>Trust</b> matters.",
    "cleo": "I never see the budget. We share a desk.",
}
KEYS = map("key-{}".format, count())


@dataclass
class StubSession:
    """What a desk needs of a session."""

    store: object
    codebook: Codebook = BOOK

    @property
    def study(self):
        return self

    def __post_init__(self):
        self.codebook = lambda: BOOK
        self.participants = Participants
        self.codebook_stamp = lambda: 0
        self.settings = Settings()


def sentences_of(transcript):
    """Sentences end at full stops here."""
    for number, turn in enumerate(transcript.turns):
        at = turn.span.start
        for piece in turn.span.of(transcript.text).split(". ") if turn.role is Role.PARTICIPANT else ():
            end = min(at + len(piece) + 1, turn.span.end)
            yield Sentence(Span(at, end), number)
            at = end + 1


def interview(name, words):
    text = f"INT: {ASKED}\n{name}: {words}\n"
    first, second = text.index(ASKED), text.index(words)
    turns = (
        Turn(Span(first, first + len(ASKED)), "INT", Role.INTERVIEWER, 0.0, 4.0),
        Turn(Span(second, second + len(words)), name.title(), Role.PARTICIPANT, 4.0, 20.0),
    )
    return Transcript(name, text, turns)


def suggested(span, code, probability, **other):
    evidence = (Evidence("A seed of ours.", 0.5, "authored"),)
    others = tuple((one, 0.125) for one in BOOK.ids if one != code)
    values = {"segments": ("t0001s000",), "rank": 1, "evidence": evidence, "words": ("w",), "alternatives": others}
    return Suggestion(span, code=code, probability=probability, **(values | other))


def fill(store, facts=FACTS):
    """Put the interviews into a store; the n-th sentence of all is suggested a code with probability 0.1 (n + 1)."""
    run, number, versions = store.runs.start(facts), count(1), {}
    for name, words in SAID.items():
        transcript = interview(name, words)
        version = versions[name] = store.transcripts.add(transcript, source_of(name)).version
        sentences = list(sentences_of(transcript))
        found = [suggested(one.span, BOOK.ids[n % 3], n / 10) for one, n in zip(sentences, number, strict=False)]
        store.runs.save(run, version, found, sentences)
    store.runs.finish(run)
    return versions


class Desk(ReviewService):
    """A service with shorthands for what tests look at."""

    def _look(self, function, *about):
        with self.now() as state:
            return function(state, *about)

    def hidden(self, coder):
        return self._look(StudyState.hidden, coder)

    def transcripts(self, coder):
        return self._look(reading.overview, coder)

    def read(self, coder, version):
        return self._look(reading.read, coder, version)

    def codings(self, coder, version):
        return self._look(reading.codings, coder, version)

    def log(self, coder, limit):
        return self._look(reading.own_log, coder, limit)

    def events(self, coder):
        return self._look(reading.events, coder)

    def event_stream(self, version):
        return self._look(lambda state: list(state.store.events.stream(version=version)))

    def queue(self, coder, request):
        return self._look(queue.next_items, coder, request)

    def preview(self, coder, wanted):
        return self._look(queue.preview, coder, wanted)


def desk_of(store, **options):
    return Desk(StubSession(store), **options)


def proposal(action, version, *, coder="Ann", **about):
    about.setdefault("key", next(KEYS))
    return DecisionFields(coder, version, Action(action), **about)


def client_of(desk, coder="Ann"):
    """A browser of one coder, without the guard around the application."""
    app = FastAPI()
    app.include_router(router(desk))
    app.dependency_overrides[current_coder] = _by_header
    return TestClient(app, headers={"precode-coder": coder})


def _by_header(request: Request):
    return request.headers["precode-coder"]
