"""What a speaker's name looks like, judged by itself."""

from __future__ import annotations

import re

LONGEST = 64
"""Characters of the longest label, and ``MOST_WORDS`` its words."""
MOST_WORDS = 8

# Not "Mother" or "Doctor": participants quote them. Those must label two lines like any other name.
_ROLE = (
    "interviewer|interviewee|int|participant|respondent|informant|researcher|moderator|facilitator|"
    "patient|carer|caregiver|client"
)
_NUMBER = r"[ #_-]*(?:\d{1,3}|[a-z])"
# "P01", "int2b"; "Interviewer", "Participant B"; "Speaker 2"; "GP 1". Not "Speaker" or "GP" without a number.
_KNOWN = re.compile(
    r"(?i:[a-z]{1,4}[-_]?\d{1,3}[a-z]?"
    rf"|(?:{_ROLE})(?:{_NUMBER})?"
    rf"|(?:unknown )?speaker{_NUMBER})"
    r"|[A-Z]{1,4} \d{1,3}"
)
# Punctuation of talk; a full stop may end initials and titles, but no longer word.
_SENTENCE = re.compile(r'[?!;"\u201c\u201d]|\w{4}\.$')
_IN_BRACKETS = re.compile(r"\([^()]*\)")
_PARTICLE = re.compile("van|von|de|der|den|di|da|la|le|el|bin|al|of|and|und|en|et|y|the")
# Capitalised words that open a line and take a colon without being anybody.
_NOBODY = re.compile(
    "also|and|basically|because|but|date|duration|example|file|however|interview|length|location|maybe|name|no|"
    "notes?|now|ok|okay|page|part|place|question|recording|right|setting|so|source|speaker|subject|summary|text|"
    "then|time|title|topic|transcript|transcribed|transcriber|warning|well|words|yeah|yes",
    re.IGNORECASE,
)


def tidy(name: str) -> str:
    """Return a label without the white space, dashes and colons around and inside it."""
    return " ".join(name.split()).strip(" -\u2013:")


def is_known_shape(name: str) -> bool:
    """Tell whether a label is of the kind transcribers write: ``P01``, ``INT``, ``Speaker 2``, ``Participant B``."""
    return _KNOWN.fullmatch(name) is not None


def could_be_name(name: str) -> bool:
    """Tell whether a few characters could name a speaker at all, with or without capitals."""
    words = tidy(name).split()
    if is_known_shape(tidy(name)):
        return True
    return 0 < len(words) <= MOST_WORDS and words[0][0].isalpha() and not _is_talk(" ".join(words), words[0])


def looks_like_name(name: str) -> bool:
    """Tell whether a few characters look like a speaker's name: a known shape, or capitalised words."""
    if is_known_shape(tidy(name)):
        return True
    words = _IN_BRACKETS.sub(" ", tidy(name)).split()
    return could_be_name(name) and not words[0][0].islower() and all(map(_is_name_word, words))


def _is_talk(name: str, first: str) -> bool:
    return len(name) > LONGEST or _SENTENCE.search(name) is not None or _NOBODY.fullmatch(first) is not None


def _is_name_word(word: str) -> bool:
    bare = word.strip(",.'\u2019&/-")
    return not bare[:1].islower() or _PARTICLE.fullmatch(bare) is not None
