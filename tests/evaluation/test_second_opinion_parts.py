"""Weighing by hand: few codes, few interviews, coders who differ, kept trials that somebody changed."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.codings import Coding
from corpus.errors import IntegrityError
from corpus.transcript import Span
from evaluation.second_opinion.cases import Case, JudgedTranscript
from evaluation.second_opinion.telling import methods_sentence, verdict_line
from evaluation.second_opinion.trial import FEWEST_CODED, FEWEST_PASSAGES, FOLDS, Answered, TrialVerdict, weigh
from models.second.opinion import NONE, ModelFacts
from models.second.prompts import PROMPT, PassageText
from models.second.stage import STRONGEST, UNCHANGED, to_weights
from pipeline.second.asking import PassageOpinion
from pipeline.second.kept import KeptTrial, load_trial, save_trial, stage_for
from pipeline.second.passages import AskedPassage

FACTS = ModelFacts("chat", PROMPT, "m", "http://127.0.0.1:1", "cd" * 32, "Q4", 4096, "llama.cpp")
CODES = ("team", "trust", "budget")


def answered(n, document, chances, given_, strengths, best):
    passage = AskedPassage(1, (n, n + 1), Span(9 * n, 9 * n + 8), np.array(chances), False, PassageText("words"))
    opinion = PassageOpinion(dict(zip(CODES, strengths, strict=False)), {}, best)
    return Answered(Case(passage, document, frozenset(given_)), opinion)


@st.composite
def judged(draw):
    """Passages with opinions, of a codebook of one to three codes and of one to four interviews."""
    codes, documents = CODES[: draw(st.integers(1, 3))], draw(st.integers(1, 4))
    chance, strength = st.floats(0.001, 0.999), st.floats(-STRONGEST, STRONGEST)
    return codes, [
        answered(
            n,
            f"P{draw(st.integers(1, documents))}",
            draw(st.lists(chance, min_size=len(codes), max_size=len(codes))),
            draw(st.sets(st.sampled_from(codes))),
            draw(st.lists(strength, min_size=len(codes), max_size=len(codes))),
            draw(st.sampled_from((*codes, NONE))),
        )
        for n in range(draw(st.integers(FOLDS, 9)))
    ]


@settings(max_examples=15, deadline=None)
@given(judged())
def test_weigh_any_codebook_and_any_interviews_gives_finite_numbers_and_too_few_decide_nothing(drawn):
    codes, passages = drawn
    weighing = weigh(passages, codes)
    assert np.isfinite(weighing.loss).all()
    assert (weighing.loss >= 0).all()
    assert weighing.verdict is TrialVerdict.TOO_FEW
    assert weighing.coded.tolist() == [bool(each.case.codes) for each in passages]
    assert (weighing.stage.weights[1:3] >= 0).all()
    assert weighing.alone.tolist() == [each.opinion.best in (each.case.codes or {NONE}) for each in passages]


def of_a_model(right, codes=CODES[:1], documents=6):
    """Passages that precode knows nothing of, and a model that is right, or wrong, of each."""
    passages = []
    for n in range(2 * FEWEST_PASSAGES):
        coded = n % 2 == 0
        strength = 2.0 if coded is right else -2.0
        best = codes[0] if coded is right else NONE
        passages.append(answered(n, f"P{n % documents}", [0.5], codes[:1] if coded else (), [strength], best))
    return weigh(passages, codes)


@pytest.mark.parametrize("documents", [1, 2, 3, 6])
def test_weigh_of_a_codebook_of_one_code_uses_a_model_that_is_right_and_none_that_is_wrong(documents):
    good, bad = of_a_model(True, documents=documents), of_a_model(False, documents=documents)
    assert good.coded.sum() >= FEWEST_CODED
    assert (good.verdict, bad.verdict) == (TrialVerdict.USED, TrialVerdict.NO_GAIN)
    assert good.gain > 0
    assert (good.alone.mean(), bad.alone.mean()) == (1.0, 0.0)
    assert not bad.stage.is_used


SPANS = st.tuples(st.integers(0, 20), st.integers(1, 9)).map(lambda pair: Span(pair[0], sum(pair)))


@given(st.lists(st.tuples(SPANS, st.sampled_from(CODES), st.sampled_from(["Ada", "Ben"]))), st.lists(SPANS), SPANS)
def test_codes_of_a_passage_are_those_of_all_coders_and_none_only_where_somebody_looked(codings, looked, span):
    found = JudgedTranscript([Coding("P01", place, code, coder) for place, code, coder in codings], looked).codes_of(
        span
    )
    given_ = {code for place, code, _ in codings if place.shares_half(span, of="either")}
    seen = any(place.shares_half(span, of="either") for place in looked)
    assert found == (given_ if given_ or seen else None)
    turned = JudgedTranscript([Coding("P01", place, code, coder) for place, code, coder in codings[::-1]], looked)
    assert turned.codes_of(span) == found


# Kept trials


def kept(**other):
    return KeptTrial(**{"facts": FACTS, "verdict": "used", "weights": to_weights(UNCHANGED)} | other)


@pytest.mark.parametrize("verdict", [*TrialVerdict, "of a later version", ""])
def test_a_verdict_is_told_whatever_it_is(tmp_path, verdict):
    save_trial(tmp_path, kept(verdict=str(verdict)))
    trial = load_trial(tmp_path)
    assert trial is not None
    assert FACTS.model in methods_sentence(trial)
    assert ("counts nothing" in verdict_line(trial)) == (verdict != TrialVerdict.USED)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *(("verdict", value) for value in (3, None, [])),
        *(("figures", value) for value in ([], "many", 3)),
        *(("created", value) for value in (20261130, None)),
        *(("weights", value) for value in ([], {"choice": 1}, {"calibrated": 1, "choice": "x", "fit": 0, "offset": 0})),
        *(("facts", value) for value in ("m", {"model": "m"}, {**asdict(FACTS), "digest": 3})),
    ],
)
def test_a_kept_trial_that_somebody_changed_is_told_as_damaged_and_not_later(tmp_path, key, value):
    save_trial(tmp_path, kept())
    path = tmp_path / "second" / "trial.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), key: value}), encoding="utf-8")
    with pytest.raises(IntegrityError, match="is damaged"):
        stage_for(tmp_path, FACTS.fingerprint)


@given(st.text(max_size=9), st.text(max_size=9))
def test_a_fingerprint_of_another_model_is_another(model, other):
    facts = [ModelFacts("chat", PROMPT, name, "h") for name in (model, other)]
    assert (facts[0].fingerprint == facts[1].fingerprint) == (model == other)
