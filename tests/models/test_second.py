"""Second opinions: what is sent, what is made of answers, and what becomes of every way in which there is none."""

import json
import logging
import math
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.codebook import Code, Codebook
from corpus.errors import UsageError
from models.second.address import check_model, checked_address, leads_outside
from models.second.chat import lettered
from models.second.client import ModelClient
from models.second.opinion import NONE, Failure, Kind, NoOpinion, Option, Question
from models.second.prompts import FEW_CODES, PassageText, Prompter
from models.second.reading import json_chances, letter_chances
from models.second.servers import TRIAL, connected, offered_models
from tests.corpus.support import BOOK
from tests.models.second_support import MODEL, answer, decisions, letters, listed, serving, tags

OPTIONS = (Option("team", "Team"), Option("trust", "Trust"), Option(NONE, NONE))
QUESTION = Question(Kind.CHOICE, "Read.", "<passage>\nzebra crossing\n</passage>", "Which?", OPTIONS)
CHAT = "/v1/chat/completions"


def asked(replies, question=QUESTION, *, adapter="chat", timeout=5.0):
    """What a server with these replies thinks of a question; it is connected to beforehand."""
    first = {
        "/v1/models": listed(),
        CHAT: letters(0.8, 0.1, 0.1),
        "/v1/systemone": decisions(lambda *_: {"a": 1.0, "b": 0, NONE: 0}),
    }
    with serving(dict(first)) as server, ModelClient(server.url, timeout=timeout, sleep=lambda _: None) as client:
        model = connected(client, MODEL, adapter)
        server.replies.update(replies)
        return model.ask(question)


def failure(replies, **how):
    with pytest.raises(NoOpinion) as none:
        asked(replies, **how)
    assert "zebra" not in str(none.value)
    return none.value.failure


# What is made of answers


def test_letters_are_added_up_over_their_spellings_and_renormalised():
    entries = [("A", 0.3), (" A", 0.2), ("B", 0.25), ("Which", 0.2), ("▁C", 0.05)]
    told = [{"token": token, "logprob": math.log(p)} for token, p in entries]
    chances, mass = letter_chances(told, OPTIONS)
    assert mass == pytest.approx(0.8)
    assert chances == {
        "team": pytest.approx(0.625, abs=1e-3),
        "trust": pytest.approx(0.3125, abs=1e-3),
        NONE: pytest.approx(0.0625, abs=1e-3),
    }


@given(st.lists(st.floats(0.001, 1), min_size=3, max_size=3), st.floats(0, 0.4))
def test_letters_keep_their_order_whatever_else_the_model_might_have_said(masses, other):
    scale = (1 - other) / sum(masses)
    told = [{"token": letter, "logprob": math.log(m * scale)} for letter, m in zip("ABC", masses, strict=True)]
    chances, mass = letter_chances(told, OPTIONS)
    assert sum(chances.values()) == pytest.approx(1)
    assert mass == pytest.approx(1 - other)
    assert list(chances.values()) == pytest.approx([m / sum(masses) for m in masses], abs=2e-3)


@given(st.sampled_from("ABC"), st.integers(-50, 200))
def test_a_letter_with_a_confidence_never_becomes_certainty(letter, confidence):
    chances = json_chances(json.dumps({"letter": letter, "confidence": confidence}), OPTIONS)
    assert sum(chances.values()) == pytest.approx(1)
    assert 0 < min(chances.values()) <= max(chances.values()) < 1


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["token", "logprob", "top_logprobs", "content"]), inner, max_size=3)
        ),
        max_leaves=8,
    )
)
def test_whatever_is_sent_for_letters_is_an_opinion_or_none(sent):
    try:
        chances, _ = letter_chances(sent, OPTIONS)
    except NoOpinion:
        return
    assert sum(chances.values()) == pytest.approx(1)


def test_systemone_takes_probabilities_as_they_are():
    opinion = asked(
        {"/v1/systemone": decisions(lambda *_: {"team": 0.7, "trust": 0.2, NONE: 0.1})}, adapter="systemone"
    )
    assert opinion.chances == {"team": pytest.approx(0.7), "trust": pytest.approx(0.2), NONE: pytest.approx(0.1)}


def test_a_decision_model_is_given_the_definitions_as_criteria():
    prompter = Prompter(long_book(3))
    replies = {"/v1/models": listed(), "/v1/systemone": decisions(lambda _, asked: dict.fromkeys(asked["criteria"], 1))}
    with serving(replies) as server, ModelClient(server.url, timeout=5) as client:
        connected(client, MODEL, "systemone").ask(prompter.choice(PASSAGE, prompter.codebook.ids))
        (sent,) = server.asked("/v1/systemone")[1:]
    asked = sent["questions"]["q"]
    assert asked["criteria"].keys() == {"c0", "c1", "c2", NONE}
    assert asked["criteria"]["c1"].startswith("Code 1: word")
    assert "Code 1" not in sent["state"]


def test_chat_json_takes_letter_and_confidence():
    wrote = {"choices": [{"message": {"content": '{"letter": "B", "confidence": 80}'}, "finish_reason": "stop"}]}
    with (
        serving({"/v1/models": listed(), CHAT: lambda _: answer(wrote)}) as server,
        ModelClient(server.url, timeout=5) as client,
    ):
        opinion = connected(client, MODEL, "json").ask(QUESTION)
        form = server.asked(CHAT)[-1]["response_format"]["json_schema"]["schema"]
    assert opinion.chances["trust"] == pytest.approx(0.8, abs=1e-3)
    assert form["properties"]["letter"]["enum"] == ["A", "B", "C"]


def test_ollama_is_asked_by_its_own_api_with_a_context_that_holds_the_codebook():
    top = [{"token": letter, "logprob": math.log(p)} for letter, p in zip("ABC", (0.1, 0.8, 0.1), strict=True)]
    reply = {"message": {"content": "B"}, "logprobs": [{"token": "B", "top_logprobs": top}], "prompt_eval_count": 90}
    replies = {
        "/api/tags": tags(),
        "/api/show": lambda _: answer({"model_info": {"x.context_length": 40_960}}),
        "/api/chat": lambda _: answer(reply),
    }
    with serving(replies) as server, ModelClient(server.url, timeout=5) as client:
        model = connected(client, MODEL)
        assert model.ask(QUESTION).chances["trust"] == pytest.approx(0.8, abs=1e-3)
        options = server.asked("/api/chat")[-1]["options"]
    assert (model.facts.adapter, model.facts.quantisation, model.facts.window) == ("ollama", "Q4_K_M", 8192)
    assert model.facts.fingerprint == "tiny:1b@abababababab/ollama/second/v1"
    assert options["num_ctx"] == 8192


def test_the_adapter_is_found_by_asking():
    with (
        serving({"/v1/models": listed(), CHAT: letters(0.9, 0.1)}) as server,
        ModelClient(server.url, timeout=5) as client,
    ):
        assert connected(client, "").facts.adapter == "chat"
        assert server.asked("/v1/systemone")[0]["questions"]["q"]["criteria"].keys() == {"a", "b", NONE}


# Every way in which there is no opinion


def hang(_):
    time.sleep(0.6)
    return answer({})


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (lambda _: answer({"error": "x"}, 404), Failure.NOT_FOUND),
        (lambda _: answer({"error": "x"}, 501), Failure.NO_DECISIONS),
        (lambda _: answer({"error": {"message": "Loading model"}}, 503), Failure.LOADING),
        (lambda _: answer({"error": "x"}, 500), Failure.REFUSED),
        (lambda _: answer({"error": {"type": "exceed_context_size_error"}}, 400), Failure.TOO_LONG),
        (lambda _: answer(b"", 302, location="http://127.0.0.1:9/elsewhere"), Failure.REDIRECTED),
        (lambda _: answer(b"{not json"), Failure.UNREADABLE),
        (lambda _: answer([1, 2]), Failure.UNREADABLE),
        (lambda _: answer({"choices": []}), Failure.UNREADABLE),
        (lambda _: (200, {"content-type": "text/html"}, b'{"choices": []}'), Failure.UNREADABLE),
        (lambda _: answer(b"[" * 100_000), Failure.UNREADABLE),
        (letters(0.9, 0.05, content="<think>"), Failure.THINKING),
        (letters(0.2, 0.1, other=0.6), Failure.OFF_TOPIC),
        (letters(0.9, 0.05, tokens=1), Failure.TRUNCATED),
        (hang, Failure.HUNG),
    ],
)
def test_a_chat_that_fails_is_no_opinion_and_says_why(reply, why):
    assert failure({CHAT: reply}, timeout=0.3 if reply is hang else 5.0) is why


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"answers": {}}, Failure.UNREADABLE),
        ({"answers": {"q": {"probabilities": {"team": 2}}}}, Failure.UNREADABLE),
        ({"answers": {"q": {"probabilities": {"team": -1, "trust": 1, NONE: 1}}}}, Failure.UNREADABLE),
        ({"answers": {"q": {"probabilities": {"team": "x", "trust": 1, NONE: 1}}}}, Failure.UNREADABLE),
        ({"answers": {"q": {}}, "usage": {"input_tokens": 1}}, Failure.TRUNCATED),
    ],
)
def test_a_decision_that_fails_is_no_opinion_and_says_why(sent, why):
    assert failure({"/v1/systemone": lambda _: answer(sent)}, adapter="systemone") is why


@pytest.mark.parametrize(
    ("text", "finish", "why"),
    [
        ("<think>hmm</think>", "stop", Failure.THINKING),
        ('{"letter": "A", "conf', "length", Failure.CUT),
        ("The answer is A", "stop", Failure.UNREADABLE),
        ('{"letter": "Z", "confidence": 3}', "stop", Failure.OFF_TOPIC),
        ('{"letter": "AB", "confidence": 3}', "stop", Failure.OFF_TOPIC),
        ('{"letter": "A"}', "stop", Failure.UNREADABLE),
    ],
)
def test_json_that_fails_is_no_opinion_and_says_why(text, finish, why):
    good = {"choices": [{"message": {"content": '{"letter": "A", "confidence": 80}'}, "finish_reason": "stop"}]}
    bad = {"choices": [{"message": {"content": text}, "finish_reason": finish}]}
    with (
        serving({"/v1/models": listed(), CHAT: lambda _: answer(good)}) as server,
        ModelClient(server.url, timeout=5) as client,
    ):
        model = connected(client, MODEL, "json")
        server.replies[CHAT] = lambda _: answer(bad)
        with pytest.raises(NoOpinion) as none:
            model.ask(QUESTION)
    assert none.value.failure is why


def test_a_server_that_is_away_is_no_opinion():
    with (
        serving({"/v1/models": listed(), CHAT: letters(0.9, 0.1)}) as server,
        ModelClient(server.url, timeout=5) as client,
    ):
        model = connected(client, MODEL, "chat")
    with ModelClient(server.url, timeout=5) as client, pytest.raises(NoOpinion) as none:
        type(model)(client, model.facts).ask(QUESTION)
    assert none.value.failure is Failure.AWAY


def test_a_model_that_loads_is_waited_for_once_and_not_for_ever():
    waits, states = [], iter([503] * 3 + [200])

    def loading(body):
        status = next(states, 503)
        return answer({"error": "loading"}, 503) if status == 503 else letters(0.9, 0.1)(body)

    with (
        serving({"/v1/models": listed(), CHAT: loading}) as server,
        ModelClient(server.url, timeout=5, sleep=waits.append) as client,
    ):
        model = connected(client, MODEL, "chat")
        assert len(waits) == 3
        with pytest.raises(NoOpinion):
            model.ask(QUESTION)
        assert sum(waits) <= 125
        with pytest.raises(NoOpinion):
            model.ask(QUESTION)
        assert sum(waits) <= 125


# Where it may be asked


@pytest.mark.parametrize(
    "url", ["http://localhost:11434", "http://127.0.0.1:8080/v1", "http://[::1]:1234/", "https://127.0.0.2"]
)
def test_this_machine_is_asked_by_number(url):
    found = checked_address(url, allow_network=False)
    assert found.startswith(("http://127.", "https://127.", "http://[::1]"))
    assert not leads_outside(url)


@pytest.mark.parametrize(
    "url",
    [
        *("http://192.168.1.5:11434", "http://example.org", "http://localhost.example.org", "http://0.0.0.0:1"),
        *(
            "http://127.0.0.1.example.org",
            "http://127.1",
            "http://2130706433",
            "http://[::ffff:127.0.0.1]:1",
            "http://[fe80::1]",
        ),
        *(
            "ftp://127.0.0.1",
            "127.0.0.1:80",
            "",
            "http://",
            "http://user:pw@127.0.0.1",
            "http://127.0.0.1:99999",
            "http://127.0.0.1/?x=1",
        ),
    ],
)
def test_anything_else_is_refused(url):
    with pytest.raises(UsageError, match=r"\[second\] url"):
        checked_address(url, allow_network=False)


def test_another_machine_needs_the_study_to_allow_it():
    assert checked_address("http://192.168.1.5:11434/v1", allow_network=True) == "http://192.168.1.5:11434"
    assert leads_outside("http://192.168.1.5:11434")


@pytest.mark.parametrize("name", ["gpt-oss:120b-cloud", "clef:cloud", "qwen3.5:397B-CLOUD"])
def test_a_cloud_model_is_refused_before_a_byte_is_sent(name):
    with pytest.raises(UsageError, match="OLLAMA_NO_CLOUD"):
        check_model(name, allow_network=False)
    with serving({"/api/tags": tags(name)}) as server, ModelClient(server.url, timeout=5) as client:
        with pytest.raises(UsageError, match="cloud"):
            connected(client, name)
        assert server.seen == []


def test_a_model_that_its_server_forwards_is_refused_before_it_is_asked():
    with (
        serving({"/api/tags": tags(remote_host="https://elsewhere.example")}) as server,
        ModelClient(server.url, timeout=5) as client,
    ):
        assert [model.remote for model in offered_models(client)] == [True]
        with pytest.raises(UsageError, match="cloud"):
            connected(client, MODEL)
        assert [path for path, _, _ in server.seen] == ["/api/tags"] * 2


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    assert asked({}).chances["team"] > 0.5


def test_no_log_line_holds_a_word_of_the_passage(caplog):
    caplog.set_level(logging.DEBUG)
    asked({})
    failure({CHAT: lambda _: answer(b"zebra")})
    assert caplog.records
    assert "zebra" not in caplog.text


def test_a_server_that_lets_foreign_pages_in_is_noticed():
    with (
        serving(
            {
                "/v1/models": lambda _: answer(
                    {"data": []}, **{"access-control-allow-origin": "http://elsewhere.example"}
                )
            }
        ) as server,
        ModelClient(server.url, timeout=5) as client,
    ):
        assert client.allows_foreign_pages()
    with serving({"/v1/models": listed()}) as server, ModelClient(server.url, timeout=5) as client:
        assert not client.allows_foreign_pages()


# The prompt

PASSAGE = PassageText("The nurses rang.", "Who helps you?", "Anna", "I was alone.", "Then it was fine.")


def long_book(codes):
    return Codebook("long", "1", tuple(Code(f"c{n}", f"Code {n}", "D", definition="word " * 60) for n in range(codes)))


def test_the_codebook_comes_first_and_is_the_same_for_every_passage():
    prompter = Prompter(BOOK)
    first = prompter.choice(PASSAGE, BOOK.ids)
    second = prompter.choice(PassageText("Money is short."), BOOK.ids)
    assert first.system == second.system
    assert all(code.name in first.system for code in BOOK.codes)
    assert "The nurses rang." not in first.system
    assert first.options[-1].key == NONE


def test_the_order_of_the_codes_is_drawn_from_the_words_and_stays():
    prompter = Prompter(long_book(12))
    orders = {
        tuple(o.key for o in prompter.choice(PassageText(f"passage {n}"), prompter.codebook.ids).options)
        for n in range(20)
    }
    again = prompter.choice(PassageText("passage 3"), prompter.codebook.ids[::-1])
    assert len(orders) > 15
    assert again == prompter.choice(PassageText("passage 3"), prompter.codebook.ids)


@pytest.mark.parametrize(
    ("codes", "window", "all_told", "asked_about"),
    [(12, 0, True, 12), (13, 0, False, 8), (13, 8192, True, 8), (57, 4096, False, 8)],
)
def test_what_is_told_of_a_codebook_depends_on_its_length_and_the_context(codes, window, all_told, asked_about):
    prompter = Prompter(long_book(codes), window)
    candidates = prompter.candidates(prompter.codebook.ids)
    assert (prompter.tells_all, len(candidates)) == (all_told, asked_about)
    assert (codes <= FEW_CODES) == (len(candidates) == codes)
    question = prompter.choice(PASSAGE, candidates)
    assert question.told == all_told
    shown = lettered(question)
    assert ("- Code 3: word" in shown[0]["content"]) == all_told
    assert ("word word" in shown[1]["content"]) != all_told


@given(st.text(max_size=80))
def test_no_words_end_the_passage_early(words):
    state = (
        Prompter(BOOK).choice(PassageText(f"a {words} b", question=words, speaker=words, before=words), BOOK.ids).state
    )
    assert state.count("</passage>") == 1
    assert state.endswith("</passage>")
    assert state.count("<context>") <= 1


@given(st.text(max_size=30), st.text(max_size=30))
def test_the_digest_of_a_question_tells_every_word(one, other):
    questions = [Prompter(BOOK).choice(PassageText(f"x {words}"), BOOK.ids) for words in (one, other)]
    assert (questions[0].digest == questions[1].digest) == (questions[0].state == questions[1].state)


def test_the_question_that_a_model_is_tried_out_with_is_no_study_s():
    assert "kettle" in TRIAL.state


OURS = ("httpx", "models.second", "pipeline.second", "evaluation.second_opinion", "flows.second")


def test_nothing_of_this_is_imported_without_a_second_opinion():
    modules = "flows.cli.app, flows.cli.run, flows.web.app, flows.web.api"
    code = f"import sys, {modules}; print([m for m in {OURS} if m in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
