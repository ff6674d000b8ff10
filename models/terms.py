"""Words and word pairs of texts: counted once a text, weighed by how rare they are (TF-IDF).

As scikit-learn's ``TfidfVectorizer`` does it, which takes six times as long for a bank of 25,000 sentences (it spells
out every pair, most of which are met once) and whose import alone takes longer than a small run.
"""

from __future__ import annotations

import re
import runpy
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from itertools import chain, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from corpus.fillers import is_filler
from models.embedder import FloatArray
from models.fitted_arrays import Arrays, text_list, texts_array

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

NO_TERM = "no code"
"""What is weighed where no text has a term."""

FEW_TEXTS = 2_000
"""Up to so many texts every term is kept; with more, only those that two texts share."""

WORD = re.compile(r"\b\w\w+\b")

CONTRACTED = frozenset(
    {"ain", "aren", "couldn", "didn", "doesn", "don", "hadn", "hasn", "haven", "isn", "ll", "mustn", "needn"}
    | {"shan", "shouldn", "ve", "wasn", "weren", "won", "wouldn"}
)
"""What is left of "don't" or "we've", where words end at an apostrophe."""


def folded(text: str) -> str:
    """Return a text without accents and in small letters."""
    if text.isascii():
        return text.lower()
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign)).lower()


def words_of(text: str) -> list[str]:
    """Return the words of a text, folded, those of one letter left out."""
    return WORD.findall(folded(text))


def terms_of(text: str) -> list[str]:
    """Return the words of a text and its pairs of words."""
    words = words_of(text)
    return [*words, *map(" ".join, pairwise(words))]


@dataclass(frozen=True)
class CountedTexts:
    """Texts with their terms, counted once for all that is fitted to some of them.

    Attributes:
        words: Every word, after what is weighed where there is none.
        pairs: Shape (pairs, 2): the numbers of the words of every pair.
        rows: The row of each text.
        counts: Shape (texts, words + pairs).
    """

    words: Sequence[str]
    pairs: NDArray[np.intp]
    rows: Mapping[str, int]
    counts: csr_matrix

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """Return texts with their terms; one that is there twice is counted once."""
        from scipy.sparse import csr_matrix

        rows, numbers = {text: row for row, text in enumerate(dict.fromkeys(texts))}, {NO_TERM: 0}
        spoken = [[numbers.setdefault(word, len(numbers)) for word in words_of(text)] for text in rows]
        lengths = [len(words) for words in spoken]
        place = np.repeat(np.arange(len(rows)), lengths)
        word = np.fromiter(chain.from_iterable(spoken), dtype=np.intp, count=len(place))
        beside = place[1:] == place[:-1]
        width = len(numbers)
        kinds, pair = np.unique(word[:-1][beside] * width + word[1:][beside], return_inverse=True)
        columns = np.concatenate([word, width + pair])
        cells = np.concatenate([place, place[1:][beside]]), columns
        shape = len(rows), width + len(kinds)
        counts = csr_matrix((np.ones(len(columns), np.float32), cells), shape=shape)
        return cls(list(numbers), np.stack(np.divmod(kinds, width), axis=1), rows, counts)

    def of_texts(self, texts: Sequence[str]) -> csr_matrix:
        """Return the counts of some of the texts, shape (texts, words + pairs)."""
        return self.counts[[self.rows[text] for text in texts]]

    def term(self, column: int) -> str:
        """Return what a column counts."""
        beyond = column - len(self.words)
        return self.words[column] if beyond < 0 else " ".join(self.words[n] for n in self.pairs[beyond])


class TermWeights:
    """TF-IDF of some terms: counts by their logarithm, rows of length 1.

    Args:
        terms: In the order of columns.
        rarity: Shape (terms,): inverse document frequencies.
        columns: Shape (terms,): their columns among the counted texts that they were learnt from.
    """

    def __init__(self, terms: Sequence[str], rarity: FloatArray, columns: NDArray[np.intp] | None = None) -> None:
        self.terms = terms
        self.rarity = rarity
        self.columns = columns

    @classmethod
    def learnt_from(cls, texts: Sequence[str], counted: CountedTexts, *, few: int = FEW_TEXTS) -> Self:
        """Return the weights of all terms of few texts, of those that two texts share of many, and never of none.

        Args:
            texts: What a classifier learns from.
            counted: Holds them.
            few: How many texts are few.
        """
        held = np.bincount(counted.of_texts(texts).indices, minlength=counted.counts.shape[1])
        shared = np.flatnonzero(held > (len(texts) > few))
        names = {column: counted.term(column) for column in (shared if len(shared) else np.flatnonzero(held)).tolist()}
        columns = np.array(sorted(names, key=names.__getitem__) or [0], dtype=np.intp)
        rarity = 1 + np.log((1 + len(texts)) / (1 + held[columns]))
        return cls([names.get(column, NO_TERM) for column in columns.tolist()], rarity.astype(np.float32), columns)

    def of(self, texts: Sequence[str], counted: CountedTexts | None = None) -> csr_matrix:
        """Return the weights of the terms of texts, shape (texts, terms).

        Args:
            texts: Any.
            counted: What the weights were learnt from, if it holds the texts: they need not be counted again.
        """
        weights = self._counts(texts) if counted is None else counted.of_texts(texts)[:, self.columns]
        weights.data = (1 + np.log(weights.data)) * self.rarity[weights.indices]
        squares = np.add.reduceat(np.append(weights.data**2, 0), weights.indptr[:-1])
        lengths = np.sqrt(np.where(np.diff(weights.indptr), squares, 1)).astype(np.float32)
        weights.data /= np.repeat(lengths, np.diff(weights.indptr))
        return weights

    def _counts(self, texts: Sequence[str]) -> csr_matrix:
        from scipy.sparse import csr_matrix

        known = [[self._column[term] for term in terms_of(text) if term in self._column] for text in texts]
        columns = np.fromiter(chain.from_iterable(known), dtype=np.intp)
        cells = np.repeat(np.arange(len(texts)), [len(found) for found in known]), columns
        return csr_matrix((np.ones(len(columns), np.float32), cells), shape=(len(texts), len(self.terms)))

    @cached_property
    def _column(self) -> Mapping[str, int]:
        return {term: column for column, term in enumerate(self.terms)}

    def to_arrays(self) -> Arrays:
        """Return terms and rarity."""
        return {"terms": texts_array(self.terms), "rarity": self.rarity}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Return the weights that ``to_arrays`` was called on."""
        return cls(text_list(arrays["terms"]), arrays["rarity"])


def is_content_term(term: str, language: str = "en") -> bool:
    """Return whether a term has a word beyond those that hold any sentence of a language together, or fill it."""
    return any(word not in stop_words(language) and not is_filler(word, language) for word in term.split())


def listed_stop_words(language: str) -> frozenset[str]:
    """Return spaCy's list of words that stand everywhere in a language; empty where it has none.

    Its file is read by itself: importing it would load spaCy as a whole.
    """
    spacy = find_spec("spacy")
    for place in (spacy and spacy.submodule_search_locations) or ():
        path = Path(place) / "lang" / language / "stop_words.py"
        if language.isalpha() and path.is_file():
            return frozenset(runpy.run_path(str(path))["STOP_WORDS"])
    return frozenset()


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return the function words of a language by its ISO 639-1 code, and those of English, since seeds may be English.

    They are written as terms are: without accents, and in parts where an apostrophe stands.
    """
    words = listed_stop_words("en") | listed_stop_words(language)
    return frozenset(CONTRACTED.union(*(re.findall(r"\w+", folded(word)) for word in words)))
