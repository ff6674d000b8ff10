"""A study without punctuation and capitals keeps its words, its turns and the places of its codings."""

import pytest

from corpus.codings import Coding
from corpus.transcript import Span
from evaluation.punctuation import bare, main, score_punctuation
from tests.corpus.support import transcript_of


def test_bare_leaves_words_apostrophes_hyphens_and_notes():
    transcript = transcript_of("Well, she's re-read it [laughs]: \u201cFine!\u201d")
    (turn,) = bare(transcript).transcript.talk()
    assert turn[1].split() == ["well", "she's", "re-read", "it", "[laughs]", "fine"]


def test_bare_moves_spans_to_the_same_words():
    transcript = transcript_of("Well, she rings. Every week!")
    stripped = bare(transcript)
    start = transcript.text.index("Every")
    moved = stripped.moved(Span(start, start + len("Every week!")))
    assert moved.of(stripped.transcript.text) == "every week"
    assert stripped.moved(Span(start - 2, start - 1)) is None


def test_bare_keeps_turns_with_words_only():
    transcript = transcript_of("...", "Yes.")
    assert [words for _, words in bare(transcript).transcript.talk()] == ["yes"]


def test_score_punctuation_counts_suggestions_that_are_in_both(monkeypatch):
    from evaluation import punctuation

    class Suggested:
        def __init__(self, code, span):
            self.code, self.span = code, span

    class FakeScorer:
        def suggest(self, transcript):
            whole = Span(0, len(transcript.text))
            lost = [Suggested("b", whole)] if "Yes" in transcript.text else []
            return [Suggested("a", whole), *lost]

    monkeypatch.setattr(punctuation, "_passages", lambda *_: {"precision": 1, "recall": 1})
    transcript = transcript_of("Yes. No.")
    score = score_punctuation(FakeScorer(), [transcript], [Coding(transcript.name, Span(0, 4), "a")])
    assert (score.kept, score.n_with, score.found, score.n_without) == (1, 2, 1, 1)
    assert [row[1:3] for row in score.table().rows] == [("2", "1/2"), ("1", "1/1")]


@pytest.mark.model
@pytest.mark.slow
def test_main_most_suggestions_do_not_need_punctuation(capsys):
    main()
    _, whole, stripped = (line.split(" | ") for line in capsys.readouterr().out.splitlines())
    kept, of = map(int, whole[2].split("/"))
    assert kept / of > 0.8
    assert float(stripped[4].split()[0]) > 0.6
