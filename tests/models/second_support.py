"""A fake server of language models, one behaviour a test, and a model that answers from a table."""

import json
import math
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from models.second.opinion import NONE, YES, Kind, ModelFacts, Opinion, shared_out
from models.second.prompts import PROMPT

MODEL = "tiny:1b"
DIGEST = "ab" * 32


class FakeServer(ThreadingHTTPServer):
    """Answers by ``replies``: path to a function of the request's body that returns status, headers and body.

    ``seen`` holds path, headers and body of everything that came.
    """

    daemon_threads = True

    def __init__(self, replies):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies = replies
        self.seen = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def asked(self, path):
        return [body for where, _, body in self.seen if where == path]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self._reply(None)

    def do_POST(self):
        self._reply(json.loads(self.rfile.read(int(self.headers["content-length"]))))

    def _reply(self, body):
        self.server.seen.append((self.path, dict(self.headers), body))
        reply = self.server.replies.get(self.path, lambda _: answer({"error": "not here"}, 404))
        status, headers, content = reply(body)
        self.send_response(status)
        for name, value in {"content-type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        with suppress(OSError):  # the client did not wait
            self.wfile.write(content)

    def log_message(self, *_):
        pass


def answer(value, status=200, **headers):
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    return status, headers, content


@contextmanager
def serving(replies):
    """A server with these replies, running."""
    server = FakeServer(replies)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def listed(*names):
    return lambda _: answer({"data": [{"id": name, "meta": {"n_params": 7, "size": 9}} for name in names or (MODEL,)]})


def tags(name=MODEL, **more):
    details = {"quantization_level": "Q4_K_M", "parameter_size": "1B"}
    return lambda _: answer({"models": [{"name": name, "digest": DIGEST, "details": details, **more}]})


def letters(*chances, other=0.0, content="A", tokens=100_000, finish="length"):
    """A chat completion whose first token has these probabilities for A, B, ..., and the rest for another word."""
    entries = [
        {"token": f" {letter}", "logprob": math.log(p)} for letter, p in zip("ABCDEFGH", chances, strict=False) if p
    ]
    entries += [{"token": "Which", "logprob": math.log(other)}] if other else []
    told = {"content": [{"token": content, "logprob": -0.1, "top_logprobs": entries}]}
    choice = {"message": {"content": content}, "logprobs": told, "finish_reason": finish}
    return lambda _: answer({"choices": [choice], "usage": {"prompt_tokens": tokens}})


def decisions(choose):
    """A decision model; ``choose`` is given state and question and returns probabilities by option, or one number."""

    def reply(body):
        answers = {}
        for name, asked in body["questions"].items():
            found = choose(body["state"], asked)
            key = "probabilities" if asked["type"] == "choice" else "noul"
            answers[name] = {"type": asked["type"], key: found}
        return answer({"model": body["model"], "answers": answers, "usage": {"input_tokens": 0}})

    return reply


class TableModel:
    """A second opinion without a server: ``choose`` is given the passage's words and the option keys of a choice."""

    def __init__(self, choose, name="table"):
        self.facts = ModelFacts("systemone", PROMPT, name, "http://127.0.0.1:1", digest=DIGEST)
        self.choose = choose
        self.asked = []

    def ask(self, question):
        self.asked.append(question)
        if question.kind is Kind.FITS:
            return Opinion(shared_out({YES: 0.5, "no": 0.5}, question.options))
        keys = [option.key for option in question.options]
        return Opinion(shared_out(self.choose(passage_in(question.state), keys), question.options), milliseconds=20)

    def why(self, question, chosen):
        return f"Because of {chosen.label}."


def passage_in(state):
    return state.partition("<passage>\n")[2].partition("\n</passage>")[0]


def sure_of(code, keys, p=0.9):
    """Probabilities that favour one option, ``NONE`` if the code is not among them."""
    chosen = code if code in keys else NONE
    return {key: p if key == chosen else (1 - p) / (len(keys) - 1) for key in keys}
