"""A study that is searched: by words in all talk, by meaning in what participants say, and for passages like another.

Which transcripts may be searched is for the caller to say, because only it knows who asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corpus.errors import UsageError
from corpus.transcript import Role, Span, Transcript
from pipeline.review.audit import Spans
from pipeline.review.sentence_cache import SentenceCache
from pipeline.search.folding import FoldedText, fold
from pipeline.search.ranking import best_passages
from pipeline.search.sentence_index import TURNS, Scores, SentenceIndex
from pipeline.search.stems import Vocabulary
from pipeline.search.views import Hit, HitPiece, SearchResult
from pipeline.search.within import ANYWHERE, Within
from pipeline.search.words import LONGEST_QUERY, Term, occurrences, parse_query

if TYPE_CHECKING:
    from models.embedder import Embedder
    from pipeline.session import StudySession
    from pipeline.store import TranscriptVersion

FOLDER = "search"
"""In the study's cache."""

COUNTED = 2_000
"""Passages that are counted; of more it is only said that there are."""

AROUND = 180
"""Characters shown before a passage and after it, from the same turn."""

SENTENCE_ENDS = ".?!\u2026\n"


@dataclass(frozen=True)
class Searchable:
    """A transcript ready to be searched for words."""

    transcript: Transcript
    folded: FoldedText
    turns: tuple[Span, ...]


class StudySearch:
    """Searches one study. Threads may share one.

    Args:
        session: The study, open as long as this is used.
    """

    def __init__(self, session: StudySession) -> None:
        self._session = session
        self._lock = Lock()
        self._outcomes = 0
        self._texts: dict[int, Searchable] = {}
        self._vocabulary = Vocabulary()
        self._sentences = SentenceCache(session.store)

    def by_words(
        self,
        query: str,
        versions: Sequence[TranscriptVersion],
        *,
        most: int,
        everyone: bool = True,
        forms: bool = False,
        within: Within = ANYWHERE,
    ) -> SearchResult:
        """Return the passages in which all words and phrases of a query stand in one turn, in order of the texts.

        Args:
            query: As ``pipeline.search.words`` has it.
            versions: Where to search.
            most: Passages at most; the result says how many there are.
            everyone: Whether what interviewers say is searched, too.
            forms: Whether all forms of the words will do: *treat* finds treated and treatments.
            within: Where hits must lie.

        Raises:
            UsageError: If the query holds no word.
        """
        self._refresh()
        terms, hits, total = self._terms(query, versions, forms=forms), list[Hit](), 0
        for version in versions:
            searchable = self._searchable(version.id)
            wanted = within.turns(version.id, searchable.turns)
            for turn, places in occurrences(terms, searchable.folded, searchable.turns):
                if not wanted[turn]:
                    continue
                if not everyone and searchable.transcript.turns[turn].role is Role.INTERVIEWER:
                    continue
                for span, marked in self._passages(version.id, searchable, turn, places):
                    total += 1
                    if len(hits) < most:
                        hits.append(_hit(version, searchable.transcript, span, marked))
            if total >= COUNTED:
                break
        return SearchResult(hits, total, total >= COUNTED)

    def _terms(self, query: str, versions: Sequence[TranscriptVersion], *, forms: bool) -> tuple[Term, ...]:
        """Return what a query looks for; for the forms of its words all texts are read first."""
        if not forms:
            return parse_query(query)
        language = self._session.study.settings.study.language
        for version in versions:
            self._searchable(version.id)
        with self._lock:
            return parse_query(query, lambda word: self._vocabulary.forms(word, language))

    def by_meaning(
        self, query: str, versions: Sequence[TranscriptVersion], *, most: int, within: Within = ANYWHERE
    ) -> SearchResult:
        """Return the passages of participants that are nearest to a query in meaning, nearest first.

        Args:
            query: What passages shall be about, in words like those of the talk.
            versions: Where to search.
            most: Passages at most.
            within: Where hits must lie.

        Raises:
            UsageError: If the query is empty or too long.
        """
        if not query.strip() or len(query) > LONGEST_QUERY:
            raise UsageError(f"say what to search for, in at most {LONGEST_QUERY} characters")
        return self._near(query, versions, most, within=within)

    def like(
        self,
        version: int,
        span: Span,
        versions: Sequence[TranscriptVersion],
        *,
        most: int,
        within: Within = ANYWHERE,
    ) -> SearchResult:
        """Return the passages of participants that are nearest to a passage in meaning, itself left out.

        Args:
            version: Where the passage is.
            span: Its place in the text.
            versions: Where to search.
            most: Passages at most.
            within: Where hits must lie.

        Raises:
            UsageError: If there is no such passage.
        """
        return self._near(self.words_of(version, span), versions, most, (version, span), within)

    def words_of(self, version: int, span: Span) -> str:
        """Return the words of a passage.

        Raises:
            UsageError: If there is no such passage.
        """
        words = span.of(self._searchable(version).transcript.text)
        if len(words) < len(span) or not words.strip():
            raise UsageError(f"span {span.start}..{span.end} leaves transcript version {version}, or holds no words")
        return words

    def unready(self, versions: Sequence[TranscriptVersion]) -> list[TranscriptVersion]:
        """Return those versions that cannot be searched by meaning yet."""
        self._refresh()
        with self._lock:
            return self._index.unready(versions)

    def prepare(self, versions: Sequence[TranscriptVersion], tell: Callable[[], None] = lambda: None) -> None:
        """Make versions ready to be searched by meaning; each takes a moment where a run has read it.

        Args:
            versions: What ``unready`` returned.
            tell: Called after each.
        """
        for version in versions:
            self._index.build(version)
            tell()

    def _near(
        self,
        text: str,
        versions: Sequence[TranscriptVersion],
        most: int,
        itself: tuple[int, Span] | None = None,
        within: Within = ANYWHERE,
    ) -> SearchResult:
        """Return what is nearest to a text in meaning.

        Args:
            text: What passages shall be like.
            versions: Where to search.
            most: Passages at most.
            itself: Version and place of a passage that is left out.
            within: Where hits must lie.
        """
        self._refresh()
        query = np.asarray(self._embedder.encode([text])[0], dtype=np.float32)
        with self._lock:
            scores = self._index.scores(query, versions)
        cosines = scores.cosines
        if itself is not None:
            version, span = itself
            same = (scores.versions == version) & (scores.spans[:, 0] < span.end) & (scores.spans[:, 1] > span.start)
            cosines = np.where(same, np.float32(-np.inf), cosines)
        if within != ANYWHERE:
            cosines = np.where(self._meant(scores, within), cosines, np.float32(-np.inf))
        named = {version.id: version for version in versions}
        hits = []
        for passage in best_passages(cosines, scores.turns, most):
            version_id = int(scores.versions[passage.first])
            place = Span(int(scores.spans[passage.first, 0]), int(scores.spans[passage.end - 1, 1]))
            transcript = self._searchable(version_id).transcript
            hits.append(_hit(named[version_id], transcript, place, similarity=round(passage.score, 3)))
        return SearchResult(hits, len(hits), len(hits) == most)

    def _meant(self, scores: Scores, within: Within) -> NDArray[np.bool_]:
        """Return which sentences lie where hits must, shape (sentences,)."""
        meant = np.zeros(len(scores.versions), dtype=np.bool_)
        for version in np.unique(scores.versions).tolist():
            rows = np.flatnonzero(scores.versions == version)
            turns = within.turns(version, self._searchable(version).turns)
            meant[rows] = turns[scores.turns[rows] - version * TURNS]
        return meant

    def _passages(
        self, version: int, searchable: Searchable, turn: int, places: Sequence[Span]
    ) -> Iterator[tuple[Span, list[Span]]]:
        """Yield the sentences of a turn that hold the places, neighbours as one passage, with their places."""
        text, within = searchable.transcript.text, searchable.turns[turn]
        sentences = self._sentences.spans(version)
        passage, marked = None, list[Span]()
        for place in places:
            sentence = _sentence_at(place, sentences) or _sentence_around(place, text, within)
            if passage is not None and sentence.start <= passage.end + 1:
                passage = passage.join(sentence)
                marked.append(place)
                continue
            if passage is not None:
                yield passage, marked
            passage, marked = sentence, [place]
        if passage is not None:
            yield passage, marked

    def _searchable(self, version: int) -> Searchable:
        with self._lock:
            if version not in self._texts:
                transcript = self._session.store.transcripts.get(version)
                turns = tuple(turn.span for turn in transcript.turns)
                self._texts[version] = Searchable(transcript, fold(transcript.text), turns)
                self._vocabulary.add(self._texts[version].folded.text)
            return self._texts[version]

    def _refresh(self) -> None:
        """Forget what runs have worked on since: they may have read its turns or cut its sentences otherwise."""
        store = self._session.store
        newest = store.change_counters().outcomes
        with self._lock:
            touched = store.runs.versions_since(self._outcomes) if newest != self._outcomes else ()
            self._outcomes = newest
            self._sentences.forget(touched)
            for version in touched:
                self._texts.pop(version, None)
            if touched and "_index" in self.__dict__:
                self._index.forget(touched)

    @cached_property
    def _embedder(self) -> Embedder:
        from pipeline.precoder import study_embedder

        return study_embedder(self._session.study)

    @cached_property
    def _index(self) -> SentenceIndex:
        return SentenceIndex(self._session.store, self._embedder, self._session.study.cache / FOLDER)


def _sentence_at(place: Span, sentences: Spans) -> Span | None:
    """Return the sentences of a run that hold a place; None where it cut none, as in what interviewers say."""
    first = int(np.searchsorted(sentences[:, 1], place.start, side="right"))
    last = int(np.searchsorted(sentences[:, 0], place.end, side="left")) - 1
    if first > last or sentences[first, 0] > place.start or sentences[last, 1] < place.end:
        return None
    return Span(int(sentences[first, 0]), int(sentences[last, 1]))


def _sentence_around(place: Span, text: str, turn: Span) -> Span:
    """Return a place with all up to the marks that end sentences on either side, within its turn.

    Args:
        place: Within the turn.
        text: The transcript's.
        turn: Its span.
    """
    start = max((text.rfind(mark, turn.start, place.start) + 1 for mark in SENTENCE_ENDS), default=0) or turn.start
    ends = [at + 1 for mark in SENTENCE_ENDS if (at := text.find(mark, place.end, turn.end)) >= 0]
    end = min(ends, default=turn.end)
    piece = text[start:end]
    return Span(start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip()))


def _apart(places: Sequence[Span]) -> list[Span]:
    """Return places, in order, with those that overlap as one: two terms may both find a word."""
    apart: list[Span] = []
    for place in places:
        if apart and apart[-1].overlap(place):
            apart[-1] = apart[-1].join(place)
        else:
            apart.append(place)
    return apart


def _hit(
    version: TranscriptVersion,
    transcript: Transcript,
    place: Span,
    marked: Sequence[Span] = (),
    similarity: float | None = None,
) -> Hit:
    """Return a passage with the words around it.

    Args:
        version: Where it is.
        transcript: The same with its text.
        place: The passage, within one turn.
        marked: What was searched for, within the passage.
        similarity: To what was searched for by meaning.
    """
    number = transcript.turn_at(place.start) or 0
    turn, text = transcript.turns[number], transcript.text
    cuts = [place.start, *(end for span in _apart(marked) for end in (span.start, span.end)), place.end]
    pieces = (HitPiece(text[start:end], bool(n % 2)) for n, (start, end) in enumerate(pairwise(cuts)))
    before, after = text[max(turn.span.start, place.start - AROUND) : place.start], text[place.end : turn.span.end]
    if len(after) > AROUND:
        after = f"{after[:AROUND].rpartition(' ')[0]}\u2026"
    if place.start - AROUND > turn.span.start:
        before = f"\u2026{before.partition(' ')[2]}"
    return Hit(
        version.id,
        version.name,
        number,
        turn.speaker,
        turn.role,
        place.start,
        place.end,
        before,
        tuple(piece for piece in pieces if piece.text),
        after,
        similarity,
    )
