"""How well a file was read: what a reader found against what is right.

Both sides are sequences of turns. Before they are compared, characters are composed (NFC), white space is folded, and
consecutive turns of one speaker become one turn; unnamed ones only where the file marks no change of speaker, that is
where no two unnamed turns follow one another in what is right. Labels are the same if they are up to case, white space
and a leading "Speaker"; an unnamed turn must be found unnamed.

- **Turns right**: the share of right turns that were found with the same words and the same label. Both sequences of
  turns are aligned (longest matching blocks), so one broken turn does not spoil those after it.
- **Speakers right**: the share of words given to the right label. Words of both sides are aligned likewise; a word
  that was not found is wrong.
- **Roles right**: the share of words given to the right role, interviewer or participant, of the words whose file
  names who speaks: of the others nobody could know.
- **Words lost**: words that stand in no turn, or not in their place. **Words added**: what a reader takes for talk that
  is none, such as labels, time stamps, lines of a header, or captions that were read twice.

A word is a run of characters without white space; of Chinese, Japanese and Thai every character is one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise

from corpus.transcript import Role, Transcript

_WORD = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]|[^\s\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class LabelledTurn:
    """A turn as it is right, or as a reader found it.

    Attributes:
        role: None where the file does not let anybody know it.
    """

    speaker: str | None
    role: Role | None
    words: str

    @property
    def label(self) -> str | None:
        """The speaker's label as labels are compared."""
        if self.speaker is None:
            return None
        return " ".join(unicodedata.normalize("NFC", self.speaker).casefold().split()).removeprefix("speaker ")


@dataclass(frozen=True, slots=True)
class ReadingScore:
    """Counts of one file or of several together; ``turns`` and ``words`` are those that are right.

    Attributes:
        role_words: Words whose role can be known.
        refused: Files that could not be read at all; all their words are lost.
    """

    files: int = 0
    turns: int = 0
    turns_right: int = 0
    words: int = 0
    speakers_right: int = 0
    role_words: int = 0
    roles_right: int = 0
    lost: int = 0
    added: int = 0
    refused: int = 0

    def __add__(self, other: ReadingScore) -> ReadingScore:
        return ReadingScore(*(ours + theirs for ours, theirs in zip(astuple(self), astuple(other), strict=True)))

    def shares(self) -> tuple[float, float, float]:
        """Return turns right, speakers right and roles right; 1 where there is nothing to be wrong about."""
        counts = (
            (self.turns_right, self.turns),
            (self.speakers_right, self.words),
            (self.roles_right, self.role_words),
        )
        shares = [right / n if n else 1.0 for right, n in counts]
        return shares[0], shares[1], shares[2]


def found_turns(transcript: Transcript) -> list[LabelledTurn]:
    """Return the turns of a transcript as they are compared."""
    return [LabelledTurn(turn.speaker, turn.role, words) for turn, words in transcript.talk()]


def score_turns(expected: Sequence[LabelledTurn], found: Sequence[LabelledTurn]) -> ReadingScore:
    """Compare what was found with what is right; nothing found at all is a refusal."""
    changes_unnamed = any(before.label is after.label is None for before, after in pairwise(expected))
    right = _merged(expected, unnamed=not changes_unnamed)
    ours = _merged(found, unnamed=not changes_unnamed)
    wanted, got = _words(right), _words(ours)
    matched = _aligned([word for word, _ in wanted], [word for word, _ in got])
    pairs = [(wanted[i][1], got[j][1]) for i, j in matched]
    return ReadingScore(
        files=1,
        turns=len(right),
        turns_right=len(_aligned(list(map(_key, right)), list(map(_key, ours)))),
        words=len(wanted),
        speakers_right=sum(turn.label == read.label for turn, read in pairs),
        role_words=sum(turn.role is not None for _, turn in wanted),
        roles_right=sum(turn.role is not None and turn.role == read.role for turn, read in pairs),
        lost=len(wanted) - len(pairs),
        added=len(got) - len(pairs),
        refused=int(not found),
    )


def _merged(turns: Iterable[LabelledTurn], *, unnamed: bool) -> list[LabelledTurn]:
    """Join consecutive turns of one speaker, and of nobody in particular if ``unnamed``."""
    merged: list[LabelledTurn] = []
    for turn in turns:
        before = merged[-1] if merged else None
        if before and before.label == turn.label and (unnamed or turn.label is not None):
            merged[-1] = replace(before, words=f"{before.words} {turn.words}")
        else:
            merged.append(turn)
    return merged


def _words(turns: Iterable[LabelledTurn]) -> list[tuple[str, LabelledTurn]]:
    """Return every word with its turn."""
    return [(word, turn) for turn in turns for word in _WORD.findall(unicodedata.normalize("NFC", turn.words))]


def _key(turn: LabelledTurn) -> tuple[str | None, tuple[str, ...]]:
    return turn.label, tuple(word for word, _ in _words([turn]))


def _aligned(ours: Sequence[object], theirs: Sequence[object]) -> list[tuple[int, int]]:
    """Return the places of equal items, in order on both sides."""
    blocks = SequenceMatcher(None, ours, theirs, autojunk=False).get_matching_blocks()
    return [(block.a + n, block.b + n) for block in blocks for n in range(block.size)]
