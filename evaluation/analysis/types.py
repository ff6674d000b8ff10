"""What the figures of a study's talk and codings tell, in frozen records with the fields of the page's JSON."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CountedIn(StrEnum):
    """In what codes stand together: a sentence or turn of a participant, or a transcript."""

    SENTENCE = "sentence"
    TURN = "turn"
    TRANSCRIPT = "transcript"


@dataclass(frozen=True, slots=True)
class Looked:
    """What was looked at.

    Attributes:
        transcripts: How many.
        hidden: How many were left out, because the one who asks codes them blind.
    """

    transcripts: int
    hidden: int


@dataclass(frozen=True, slots=True)
class CodeCount:
    """How often a code was given.

    Attributes:
        passages: Passages that bear it, each once whoever coded it.
        transcripts: Transcripts with such a passage.
        suggested: Suggestions of it that nobody decided on.
    """

    code: str
    passages: int
    transcripts: int
    suggested: int


@dataclass(frozen=True, slots=True)
class CodeCounts(Looked):
    """How often each code was given, all of them in codebook order."""

    codes: tuple[CodeCount, ...]


@dataclass(frozen=True, slots=True)
class CodeTable(Looked):
    """Codes by something else; codes without a passage are left out.

    Attributes:
        codes: Ids, the rows.
        columns: What the columns are called.
        sizes: Transcripts in each column.
        passages: Rows of cells: passages with the code.
        with_code: Rows of cells: transcripts with such a passage.
    """

    codes: tuple[str, ...]
    columns: tuple[str, ...]
    sizes: tuple[int, ...]
    passages: tuple[tuple[int, ...], ...]
    with_code: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class CodePair:
    """Two codes that stand together.

    Attributes:
        units: Units with both.
        jaccard: As a share of the units with either.
    """

    first: str
    second: str
    units: int
    jaccard: float


@dataclass(frozen=True, slots=True)
class CodesTogether(Looked):
    """Which codes stand together.

    Attributes:
        unit: In what.
        codes: Ids of the codes that stand anywhere, in codebook order.
        units: In how many units each stands.
        pairs: Those that stand together anywhere, most first.
    """

    unit: CountedIn
    codes: tuple[str, ...]
    units: tuple[int, ...]
    pairs: tuple[CodePair, ...]


@dataclass(frozen=True, slots=True)
class WordCount:
    """How often participants say a word.

    Attributes:
        rate: Occurrences in 10,000 words.
        transcripts: Transcripts in which somebody says it.
    """

    word: str
    count: int
    rate: float
    transcripts: int


@dataclass(frozen=True, slots=True)
class WordCounts(Looked):
    """The words that participants say most.

    Attributes:
        total: All words, those that are left out of the list too.
        different: How many different ones.
        words: The most frequent ones that are no stop words.
    """

    total: int
    different: int
    words: tuple[WordCount, ...]


@dataclass(frozen=True, slots=True)
class Keyword(WordCount):
    """A word that a group says more than the others.

    Attributes:
        elsewhere: Occurrences in 10,000 words of the others.
        g2: Log-likelihood of the difference, see ``evaluation.analysis.keyness``.
        log_ratio: By how many doublings the group says it more often.
    """

    elsewhere: float
    g2: float
    log_ratio: float


@dataclass(frozen=True, slots=True)
class GroupKeywords:
    """The keywords of a group, most telling first.

    Attributes:
        transcripts: Those in which somebody of the group speaks.
        total: Words of the group.
    """

    group: str
    transcripts: int
    total: int
    keywords: tuple[Keyword, ...]


@dataclass(frozen=True, slots=True)
class Keywords(Looked):
    """The keywords of each group."""

    groups: tuple[GroupKeywords, ...]
