"""The precoder: transcript in, suggestions out, the same ones every time."""

import hashlib
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corpus.codebook import Code
from corpus.seeds import SeedBank, SeedQuote
from corpus.shipped import selfie_uncoded
from corpus.transcript import Role, Transcript
from models.lexical_encoder import LexicalEncoder
from models.model_cache import load_model
from models.stacking import COVERED
from models.suggester import Suggester
from pipeline.choices import ThresholdRule
from pipeline.passages import BEST
from pipeline.precoder import REMEMBERED, make_precoder
from pipeline.settings import SuggestSettings
from tests.corpus.support import BOOK, interviews, quotes, sentence, transcript_of

TALK = transcript_of(
    (Role.INTERVIEWER, sentence("budget", 0)),
    f"{sentence('team', 0)} {sentence('team', 6)}",
    sentence("budget", 9),
    sentence(None, 3),
)
FEW = SeedBank(quotes("team", 8) + quotes("budget", 8) + quotes(None, 8))


def fresh(bank=FEW, **options):
    return make_precoder(BOOK, bank, LexicalEncoder(), **options)


# What is suggested


def test_passages_get_their_codes(precoder):
    found = [(one.code, one.segments, one.span.of(TALK.text)) for one in precoder.suggest(TALK)]
    assert ("team", ("t0001s000", "t0001s001"), f"{sentence('team', 0)} {sentence('team', 6)}") in found
    assert ("budget", ("t0002s000",), sentence("budget", 9)) in found


def test_interviewers_are_never_suggested_a_code(precoder):
    assert all(one.role is Role.PARTICIPANT for one in precoder.score(TALK).segments)
    assert all(one.span.start >= TALK.turns[1].span.start for one in precoder.suggest(TALK))


def test_every_suggestion_reaches_its_threshold_and_none_is_missing(precoder):
    scored = precoder.score(TALK)
    reached = {(scored.segments[row].id, BOOK.ids[code]) for row, code in zip(*_reached(precoder, scored), strict=True)}
    assert {(segment, one.code) for one in precoder.suggest(TALK) for segment in one.segments} == reached
    assert all(0 < one.probability <= 1 and one.rank >= 1 for one in precoder.suggest(TALK))


def test_what_a_run_keeps_is_all_sentences_and_runner_up_codes_with_what_is_suggested(precoder):
    precoded = precoder.precode(TALK)
    assert precoded.scored.segments == precoder.score(TALK).segments
    assert precoded.suggestions == precoder.suggest(TALK)
    for one in precoded.suggestions:
        codes = [code for code, _ in one.alternatives]
        assert sorted([one.code, *codes]) == sorted(BOOK.ids)
        assert [round(probability, 4) for _, probability in one.alternatives] == [p for _, p in one.alternatives]


def _reached(precoder, scored):
    return np.nonzero(scored.probabilities >= precoder.thresholds)


def test_evidence_is_of_the_code_and_words_are_of_the_passage(precoder):
    codes = {quote.text: quote.code for quote in precoder.bank.quotes}
    for one in precoder.suggest(TALK):
        assert 1 <= len(one.evidence) <= 2
        assert {codes[evidence.text] for evidence in one.evidence} == {one.code}
        similarities = [evidence.similarity for evidence in one.evidence]
        assert similarities == sorted(similarities, reverse=True)
        assert -1 <= similarities[-1] <= similarities[0] <= 1.0001
        assert one.words or one.rank > 1  # a code may follow from the sentences around it
        assert all(word in one.span.of(TALK.text).lower() for word in one.words)


def test_the_chance_of_any_code_takes_codes_as_independent(precoder):
    scored = precoder.score(TALK)
    assert scored.coded == pytest.approx([1 - np.prod([1 - p for p in row]) for row in scored.probabilities], abs=1e-6)


def test_passages_taken_as_given_get_a_distribution(precoder):
    ranked = precoder.rank([sentence(code, 10) for code in BOOK.ids])
    assert ranked.argmax(axis=1).tolist() == [0, 1, 2]
    assert ranked.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert precoder.rank([]).shape == (0, 3)


@pytest.mark.parametrize(
    "transcript",
    [Transcript("P01", "", ()), transcript_of((Role.INTERVIEWER, sentence("team", 0))), transcript_of("  ")],
    ids=["empty", "interviewer only", "white space"],
)
def test_without_participants_talk_there_is_nothing_to_suggest(precoder, transcript):
    scored = precoder.score(transcript)
    assert (scored.segments, scored.probabilities.shape, scored.coded.shape) == ((), (0, 3), (0,))
    assert precoder.suggest(transcript) == []


def test_a_long_turn_is_scored_like_any_other(precoder):
    """Far more sentences than are combined at once, all in one turn."""
    transcript = transcript_of(" ".join(sentence("team", n) for n in range(2_100)))
    scored = precoder.score(transcript)
    assert len(scored.segments) >= 2_100
    assert np.isfinite(scored.probabilities).all()


def test_evidence_does_not_quote_a_sentence_and_the_passage_that_holds_it():
    text = sentence("team", 0)
    bank = SeedBank((SeedQuote(text, "team"), SeedQuote(f"{text} They do.", "team"), *FEW.quotes))
    (shown,) = (one.evidence for one in always(fresh(bank)).suggest(transcript_of(text)) if one.code == "team")
    assert len(shown) == 2
    assert not shown[1].text.startswith(text)


def always(precoder):
    """A precoder that suggests every code everywhere."""
    precoder.suggester.threshold_table_[:] = 0
    return precoder


# Scores are remembered, by what was scored


def test_scores_are_remembered_for_a_while():
    precoder = fresh()
    first = precoder.score(TALK)
    assert precoder.score(TALK) is first
    for n in range(REMEMBERED):
        precoder.score(transcript_of("Hm.", name=f"other{n}"))
    assert precoder.score(TALK) is not first


def test_the_same_text_with_other_roles_is_another_transcript():
    precoder = fresh()
    turns = tuple(replace(turn, role=Role.INTERVIEWER) for turn in TALK.turns)
    assert precoder.score(TALK).segments
    assert not precoder.score(replace(TALK, turns=turns)).segments


def test_threads_share_one_fit(monkeypatch):
    fits, fit = [], Suggester.fit
    monkeypatch.setattr(Suggester, "fit", lambda self, *given: fits.append(1) or fit(self, *given))
    precoder = fresh()
    with ThreadPoolExecutor(4) as pool:
        assert len({str(found) for found in pool.map(precoder.suggest, [TALK] * 8)}) == 1
    assert len(fits) == 1


# What it is made of


def test_two_precoders_suggest_the_same():
    assert fresh(interviews(24)).suggest(TALK) == fresh(interviews(24)).suggest(TALK)


def test_a_bank_without_uncoded_talk_is_given_that_which_ships():
    own, coded = SeedBank(quotes(None, 3)), SeedBank(quotes("team", 3))
    assert fresh(coded + own).bank == coded + own
    assert fresh(coded).bank == coded + selfie_uncoded()
    assert fresh(coded + own, learned=FEW).bank == coded + own + FEW


@pytest.mark.parametrize("bank", [SeedBank(()), SeedBank(quotes(None, 4))], ids=["empty", "no code"])
def test_a_bank_without_codes_leaves_the_decision_to_names_and_definitions(bank):
    precoder = fresh(bank)
    assert precoder.rank(["Our team works.", "The budget is spent."]).argmax(axis=1).tolist() == [
        BOOK.ids.index("team"),
        BOOK.ids.index("budget"),
    ]
    assert precoder.suggest(transcript_of("The budget. It is gone. So they say."))


def test_suggest_without_a_coded_interview_gives_the_best_of_a_transcript():
    precoder = fresh()
    assert not precoder.suggester.has_evidence
    long = transcript_of(*(sentence(code, n) for n in range(16) for code in (*BOOK.ids, None)))
    scored = precoder.score(long)
    suggested = precoder.suggest(long)
    assert 10 <= len(suggested) <= BEST
    assert min(suggestion.probability for suggestion in suggested) == pytest.approx(
        np.sort(scored.probabilities.ravel())[-BEST], abs=1e-4
    )
    assert max(suggestion.probability for suggestion in suggested) <= COVERED


def test_a_bank_may_be_all_learned():
    assert fresh(SeedBank(()), learned=SeedBank(quotes("team", 3))).bank.coded == quotes("team", 3)


@pytest.mark.parametrize(
    "changed",
    [
        {"bank": FEW + SeedBank((SeedQuote("Hm.", None),))},
        {"codebook": replace(BOOK, codes=(*BOOK.codes[:2], Code("budget", "Budget", "People")))},
        {"embedder": LexicalEncoder("lexical/v2")},
    ],
    ids=["bank", "codebook", "encoder"],
)
def test_a_recipe_changes_with_whatever_it_names(changed):
    assert replace(fresh(), **changed).recipe != fresh().recipe == fresh().recipe


def test_a_recipe_changes_with_the_rule_that_was_chosen_and_the_fitted_suggester_stays():
    rule = replace(fresh(), chosen=SuggestSettings(threshold=ThresholdRule.THOROUGH))
    assert rule.recipe != fresh().recipe
    assert rule.fitted_recipe == fresh().fitted_recipe


def test_the_model_names_encoder_and_suggester():
    assert fresh().model == "lexical/v1+suggester/v5"


# Kept suggesters


def unfit(monkeypatch):
    """From now on, fitting is a failure."""
    monkeypatch.setattr(Suggester, "fit", lambda *_: pytest.fail("was fitted again"))


def test_a_kept_suggester_equals_the_fitted_one(tmp_path, monkeypatch):
    first = fresh(kept=tmp_path)
    scores = first.score(TALK).probabilities
    unfit(monkeypatch)
    again = fresh(kept=tmp_path)
    assert np.array_equal(again.score(TALK).probabilities, scores)
    assert again.suggest(TALK) == first.suggest(TALK)


def test_another_recipe_is_fitted_afresh(tmp_path):
    for bank in (FEW, FEW + FEW):
        fresh(bank, kept=tmp_path).suggest(TALK)
    assert len(list(tmp_path.glob("*.npz"))) == 2
    assert not list(tmp_path.glob("*.draft"))


def flip_middle(file):
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0xFF
    file.write_bytes(content)


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.write_bytes(file.read_bytes()[:-1]),
        lambda file: file.write_bytes(b""),
        lambda file: file.unlink(),
        flip_middle,
        lambda file: file.write_bytes(b"\xff\xfe"),
        lambda file: np.savez_compressed(file, domains=np.zeros(9)),
        lambda file: np.savez(file, domains=np.zeros(9)),
    ],
    ids=["cut", "empty", "no file", "flipped", "no zip", "packed", "another file"],
)
def test_a_damaged_file_is_fitted_again_not_loaded(tmp_path, damage):
    first = fresh(kept=tmp_path)
    scores = first.score(TALK).probabilities
    (file,) = tmp_path.glob("*.npz")
    damage(file)
    assert load_model(tmp_path, first.fitted_recipe) is None
    assert np.array_equal(fresh(kept=tmp_path).score(TALK).probabilities, scores)
    assert load_model(tmp_path, first.fitted_recipe) is not None


class Trap:
    """Leaves a file when it is unpickled."""

    def __init__(self, sprung):
        self.sprung = sprung

    def __reduce__(self):
        return Path.touch, (self.sprung,)


def pickled_array(file, trap):
    np.savez(file, domains=np.array([trap], dtype=object))


@pytest.mark.parametrize("suffix", [".npz", ".joblib"])
@pytest.mark.parametrize(
    "write", [lambda file, trap: file.write_bytes(pickle.dumps(trap)), pickled_array], ids=["pickle", "object array"]
)
def test_load_model_runs_nothing_that_a_file_holds(tmp_path, suffix, write):
    sprung = tmp_path / "sprung"
    pickle.loads(pickle.dumps(Trap(sprung)))
    assert sprung.exists()
    sprung.unlink()
    precoder = fresh(kept=tmp_path)
    file = tmp_path / f"suggester-{precoder.fitted_recipe[:16]}{suffix}"
    with file.open("wb") as opened:
        write(file if write is not pickled_array else opened, Trap(sprung))
    file.with_suffix(".sha256").write_text(hashlib.sha256(file.read_bytes()).hexdigest())
    assert load_model(tmp_path, precoder.fitted_recipe) is None
    precoder.suggest(TALK)
    assert not sprung.exists()
    assert not list(tmp_path.glob("*.joblib"))


def test_a_folder_that_cannot_be_written_costs_nothing_but_a_line(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    assert fresh(kept=tmp_path / "file").thresholds.shape == (3,)
    assert "the fitted suggester is not kept" in caplog.text
