"""Servers that say nonsense: whatever comes is an opinion that can be kept, or none; nothing else is raised."""

import json
import math
import socket
import threading

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.errors import UsageError
from models.second.adapters import ADAPTERS
from models.second.chat import sentence_of
from models.second.client import ModelClient, json_object
from models.second.opinion import NO, NONE, YES, Failure, Kind, ModelFacts, NoOpinion, Option, Question
from models.second.prompts import PROMPT, WIDE_WINDOW
from models.second.reading import MOST_TOKENS, counted, number
from models.second.servers import connected, offered_models

CODES = (Option("team", "Team"), Option(NONE, NONE))
CHOICE = Question(Kind.CHOICE, "Read.", "<passage>\nzebra\n</passage>", "Which?", CODES)
FITS = Question(Kind.FITS, "Read.", "<passage>\nzebra\n</passage>", "Too?", (Option(YES, YES), Option(NO, NO)))
KEYS = (
    *("answers", "q", "noul", "probabilities", "team", NONE, "usage", "input_tokens", "prompt_tokens", "content"),
    *("choices", "message", "logprobs", "top_logprobs", "token", "logprob", "prompt_eval_count", "finish_reason"),
)
FEW_TOKENS = st.sampled_from([0, 1, -1, 9, 10**400, -(10**400), 1e300, 5e-324, 10**18, True, None])
SIGNS = st.sampled_from(
    ["A", "B", " a", "", "<think", "\ud800", "\x00", "\u202eevil", '{"letter": "A", "confidence": 1e999}']
)
VALUES = st.recursive(
    FEW_TOKENS | SIGNS | st.floats(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
)


def told(usage, *, key, chances=0.5):
    """An answer of the right form in which only the count of tokens and the probabilities are free."""
    top = [{"token": "A", "logprob": chances}, {"token": "B", "logprob": chances}]
    content = '{"letter": "A", "confidence": 70}'
    choice = {"message": {"content": content}, "logprobs": {"content": [{"top_logprobs": top}]}}
    return {
        "choices": [choice],
        "usage": {"prompt_tokens": usage, "input_tokens": usage},
        "answers": {"q": {"probabilities": {"team": chances, NONE: chances}, "noul": chances}},
        "message": {"content": content},
        "logprobs": [{"top_logprobs": top}],
        "prompt_eval_count": usage,
    } | key


ANSWERS = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6) | st.builds(
    told, FEW_TOKENS, chances=FEW_TOKENS | st.floats(), key=st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=1)
)


class Talker:
    """A connection whose every answer is the same."""

    address = "http://127.0.0.1:1"

    def __init__(self, document):
        self.document = document

    def get(self, _path):
        return self.document

    def post(self, _path, _body):
        return self.document


def model(adapter, document):
    return ADAPTERS[adapter](Talker(document), ModelFacts(adapter, PROMPT, "m", Talker.address))


@pytest.mark.parametrize("adapter", ADAPTERS)
@settings(max_examples=60)
@given(ANSWERS, st.sampled_from([CHOICE, FITS]))
@example(told(10**400, key={}), CHOICE)
@example(told(1e300, key={}), CHOICE)
@example(told(0, key={}, chances=1.7e308), CHOICE)
def test_ask_whatever_is_answered_is_an_opinion_that_can_be_kept_or_none(adapter, document, question):
    try:
        opinion = model(adapter, document).ask(question)
    except NoOpinion:
        return
    assert set(opinion.chances) == {option.key for option in question.options}
    assert sum(opinion.chances.values()) == pytest.approx(1)
    assert all(0 < chance < 1 for chance in opinion.chances.values())
    assert 0 < opinion.mass <= 1
    assert 0 <= opinion.tokens <= MOST_TOKENS


@pytest.mark.parametrize("adapter", ["ollama", "chat", "json"])
@settings(max_examples=40)
@given(ANSWERS)
def test_why_whatever_is_answered_is_a_line_that_can_be_sent_on_or_none(adapter, document):
    try:
        line = model(adapter, document).why(CHOICE, CODES[0])
    except NoOpinion:
        return
    assert len(line.encode()) > 0  # no half of a character
    assert "\n" not in line


@given(st.text("ab <>&\x00\x1b\x7f\n\u2028\u200f\u202a\u202b\u202e\u2066\u2069\ud800\udfff\u05e9"))
def test_sentence_of_shows_no_sign_that_hides_or_turns_round_others(text):
    try:
        line = sentence_of(text)
    except NoOpinion:
        return
    assert line.split() == line.split(" ")
    assert not any(sign in "\x00\x1b\x7f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069" for sign in line)
    assert json.loads(json.dumps(line, ensure_ascii=False).encode()) == line


def test_sentence_of_keeps_what_writes_from_right_to_left_and_emoji():
    said = "\u200f\u05e9\u05dc\u05d5\u05dd, \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 "
    said += "\U0001f469\u200d\u2695\ufe0f <b>"
    assert sentence_of(f"{said}\x00\n") == said
    with pytest.raises(NoOpinion):
        sentence_of("\ud800\u202e\x00")


@pytest.mark.parametrize("value", [10**400, -(10**400), math.inf, math.nan, True, None, "1", [], {}])
def test_number_is_finite_or_none(value):
    with pytest.raises(NoOpinion):
        number(value)


@pytest.mark.parametrize(
    ("told_", "tokens"),
    [(None, 0), ([], 0), ({}, 0), ({"n": 7}, 7), ({"n": 7.9}, 7), ({"n": MOST_TOKENS}, MOST_TOKENS)],
)
def test_counted_is_a_count_where_there_is_one(told_, tokens):
    assert counted(told_, "n") == tokens


@pytest.mark.parametrize("value", [-1, MOST_TOKENS + 1, 1e300, 10**400, None, "7", False])
def test_counted_refuses_what_counts_nothing(value):
    with pytest.raises(NoOpinion):
        counted({"n": value}, "n")


@given(st.binary(max_size=40) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_json_object_is_an_object_or_none(content):
    try:
        assert isinstance(json_object(content), dict)
    except NoOpinion as none:
        assert none.failure is Failure.UNREADABLE


# Servers

OFFERS = st.dictionaries(
    st.sampled_from(["models", "data", "model", "model_path", "model_info", "default_generation_settings", *KEYS[:2]]),
    st.recursive(
        FEW_TOKENS | SIGNS | st.just("m"),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "name",
                        "id",
                        "details",
                        "digest",
                        "meta",
                        "n_ctx",
                        "n_params",
                        "max_model_len",
                        "x.context_length",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
    ),
    max_size=5,
)


@given(OFFERS)
@example({"data": [{"id": "m", "meta": {"n_params": "\ud800", "n_ctx": True}}]})
@example({"models": [{"name": "m", "digest": 3, "details": []}], "model_info": {"x.context_length": -8}})
def test_connected_to_whatever_is_offered_is_a_model_or_one_line(document):
    try:
        for offered in offered_models(Talker(document)):
            assert offered.name.isprintable()
            assert offered.window >= 0
        facts = connected(Talker(document | {"usage": None}), "").facts
    except UsageError as error:
        assert "\n" not in str(error)
        return
    assert facts.window >= 0
    assert isinstance(facts.window, int) and not isinstance(facts.window, bool)


@pytest.mark.parametrize(
    ("window", "known"), [(WIDE_WINDOW, WIDE_WINDOW), (-8, 0), (True, 0), ("9", 0), (None, 0), (0, 0)]
)
def test_offered_models_take_a_window_only_from_a_number(window, known):
    (offered,) = offered_models(Talker({"data": [{"id": "m", "meta": {"n_ctx": window}}]}))
    assert offered.window == known


def test_allows_foreign_pages_looks_at_the_head_and_waits_for_no_body():
    head = b"HTTP/1.1 200 OK\r\naccess-control-allow-origin: *\r\ncontent-length: 9999\r\n\r\n{"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        held = []

        def answer():
            held.append(listener.accept()[0])
            held[0].recv(9999)
            held[0].sendall(head)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        with ModelClient(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=0.3) as client:
            assert client.allows_foreign_pages()
        thread.join()
        held[0].close()
