"""What a speaker's name looks like, judged by itself."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from corpus.readers.role_words import ALL_INTERVIEWERS, ALL_PARTICIPANTS

LONGEST = 64
"""Characters of the longest label, and ``MOST_WORDS`` its words."""
MOST_WORDS = 8

# Not "Mother" or "Doctor": participants quote them. Those need more support, like any other name.
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
    r"|(?i:unknown speaker)|[A-Z]{1,3}\?|[A-Z]{1,4} \d{1,3}|[SPEAKR]{7}_\d{1,3}"
)
# Punctuation of talk; a full stop may end initials and titles, but no longer word.
_SENTENCE = re.compile(r'[?!;"\u201c\u201d\u00bf\u00a1\u3002\uff1f\uff01\u061f\u060c\u0964]|\w{4}\.$|\.\.\.|\u2026')
_IN_BRACKETS = re.compile(r"[(\[\uff08][^()\[\]]*[)\]\uff09]")
_PARTICLE = re.compile(
    "van|von|de|der|den|di|da|la|le|el|bin|al|of|and|und|en|et|y|e|i|og|och|the|dos|du|ten|ter|zu|af|av|\u00e9s|a"
)
# Capitalised words that open a line and take a colon without being anybody.
_NOBODY = re.compile(
    "also|and|basically|because|but|date|duration|example|file|however|interview|length|location|maybe|name|no|"
    "notes?|now|ok|okay|page|part|place|question|recording|right|setting|so|source|speaker|subject|summary|text|"
    "then|time|title|topic|transcript|transcribed|transcriber|transcription|warning|well|words|yeah|yes|"
    "age|sex|gender|site|study|project|version|language|occupation|diagnosis|consent|abstract|introduction|"
    "conclusions?|figure|table|ps|nb|re|cc|fw|from|to|tel|phone|e-?mail|address|day|week|year|sure|oh|ah|um|uh|"
    "mm|mhm|hmm?|thanks|good|great|first|firstly|second|secondly|third|thirdly|finally|anyway|anyhow|plus|"
    "true|false|ja|nein|nee|nei|nej|si|s\u00ed|oui|non|da|ne|igen|nem|datum|ort|titel|plaats|lugar|fecha|lieu|"
    "titre|t\u00edtulo|sted|dato|mjesto|hely|d\u00e1tum|keywords?|summary|speakers|objectives?|"
    "attendees|present|participants|observers?|background|methods?|results|discussion|appendix|https?",
    re.IGNORECASE,
)
# Words that begin talk, not a name: pronouns, articles, conjunctions.
_TALK = re.compile(
    "my|your|his|her|our|their|its|the|a|an|this|that|these|those|it|he|she|we|they|you|there|here|when|if|what|"
    "who|why|how|where|which|for|in|on|at|with|as|like|or|not|just|sometimes|often|never|always|still|perhaps|"
    "today|yesterday|tomorrow|one|two|three|another|some|all|most|both|every|each|let|look|listen|see|remember|"
    "think|said|says|except|instead|otherwise|meanwhile|besides|later|before|after|until|since|even|only|"
    "mijn|zijn|haar|ons|onze|het|een|dit|dat|deze|die|ik|hij|zij|wij|maar|dus|want|omdat|"
    "haben|hatten|hätten|sind|waren|wären|würden|können|könnten|möchten|wollen|wollten|kennen|glauben|meinen|"
    "wie|wann|wo|warum|wer|welche|welcher|welches|gibt|gab|"
    "mein|meine|sein|seine|ihre|unser|unsere|das|ein|eine|dieser|diese|dieses|es|wir|ich|er|sie|aber|weil|also|"
    "mi|tu|su|nuestro|nuestra|los|las|un|una|ese|esa|esto|eso|yo|\u00e9l|ella|pero|porque|"
    "mon|ma|mes|ton|ta|ses|notre|nos|les|une|ce|cette|ces|je|il|elle|nous|mais|parce|"
    "min|mitt|mine|hans|hennes|v\u00e5r|et|ei|jeg|vi|han|hun|men|fordi|"
    "moj|moja|moje|na\u0161|na\u0161a|to|ta|taj|ja|on|ona|mi|ali|jer|zato|az|egy|ez|\u00e9n|\u0151|de|mert",
    re.IGNORECASE,
)
_ADVERB = re.compile(
    "[a-z]{2,}(?:ically|onally|ually|ously|estly|ntly|ately|etely|ably|ibly|edly|ingly|fully|cially|nally|ckily|"
    "rally|tally|ankly|cerely|early|ually|ikely|adly|irstly|ondly|inly|mally|ately|tely|actly|lutely|tunately)",
    re.IGNORECASE,
)
# What transcribers put into brackets.
_EVENT = re.compile(
    "(?:(?:long|short|small|brief|slight|loud|both|all|everyone|interviewer|participant|nervous|shared|soft) ?)*"
    "(?:laugh(?:s|ing|ter|ed)?|paus(?:es?|ing)|inaudible|unclear|unintelligible|cross ?talk|silence|sighs?|sighing|"
    "coughs?|coughing|crying|cries|sobs?|overlap(?:ping)?(?: (?:talk|speech))?|applause|music|noise|background noise|"
    "chuckl(?:es?|ing)|sniffs?|breath(?:es?|ing)?|clears throat|phone rings?|redacted|name|names?|place|hospital|"
    "interruption|interrupts|nods?|nodding|smil(?:es|ing)|indistinct|foreign language|speaks .*|end.*|start.*|"
    "lacht|lachen|pauze|pause|unverst\u00e4ndlich|onverstaanbaar|stille|rires?|silencio|risas?|ler|pauza|smijeh|"
    "nevet|sz\u00fcnet|sic|recording (?:starts|ends|stops|begins)|audio .*|video .*)(?: .*)?|.*\\d\\d:\\d\\d.*",
    re.IGNORECASE,
)
INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2067\u2068\u2069\u202a\u202b\u202c\u202d\u202e\ufeff\u00ad"
"""Marks without width: zero width blanks, marks of direction, byte order marks, soft hyphens."""
_INVISIBLE = dict.fromkeys(map(ord, INVISIBLE))


def tidy(name: str) -> str:
    """Return a label as composed characters, without invisible marks and the dashes and colons around it."""
    plain = name if name.isascii() else unicodedata.normalize("NFC", name.translate(_INVISIBLE))
    return " ".join(plain.split()).strip(" -\u2013\u2014:\uff1a*_/")


@lru_cache(maxsize=4096)
def is_known_shape(name: str) -> bool:
    """Tell whether a label is of the kind transcribers write: ``P01``, ``INT``, ``Speaker 2``, ``Participant B``."""
    return _KNOWN.fullmatch(name) is not None


@lru_cache(maxsize=16384)
def says_role(name: str) -> bool:
    """Tell whether a label is a word for an interviewer or a participant, in any of the usual languages."""
    word = re.sub(r"[\s#_-]*(?:\d{1,3}|[A-Za-z])$", "", name.casefold()) if len(name) > 2 else name.casefold()
    forms = {name.casefold(), word, *re.split(r"\s*[/,(|-]\s*", name.casefold().rstrip(")"))}
    return any(len(form) > 1 and (form in ALL_INTERVIEWERS or form in ALL_PARTICIPANTS) for form in forms)


@lru_cache(maxsize=16384)
def could_be_name(name: str) -> bool:
    """Tell whether a few characters could name a speaker at all, with or without capitals."""
    tidied = tidy(name)
    words = tidied.split()
    if is_known_shape(tidied.rstrip(".")) or (words and says_role(tidied.rstrip("."))):
        return True
    if not words or len(words) > MOST_WORDS or len(tidied) > LONGEST or tidied.isdecimal():
        return 0 < len(tidied) <= 2 and tidied.isdecimal()
    bare = _IN_BRACKETS.sub(" ", tidied)
    first = words[0].strip(",.'")
    if not words[0][0].isalpha() or _SENTENCE.search(bare) is not None or not bare.strip():
        return False
    if _NOBODY.fullmatch(first) or _EVENT.fullmatch(tidied):
        return False
    return not ((_TALK.fullmatch(first) and tidied != tidied.upper()) or _ADVERB.fullmatch(first)) and not (
        len(words) > 1 and words[0] == "I"
    )


@lru_cache(maxsize=16384)
def looks_like_name(name: str) -> bool:
    """Tell whether a few characters look like a speaker's name: a known shape, or capitalised words."""
    if is_known_shape(tidy(name)):
        return True
    words = _IN_BRACKETS.sub(" ", tidy(name)).split()
    return (
        could_be_name(name)
        and bool(words)
        and words[0][0].isalpha()
        and not words[0][0].islower()
        and all(map(_is_name_word, words))
    )


def _is_name_word(word: str) -> bool:
    bare = word.strip(",.'\u2019&/-")
    return not bare[:1].islower() or _PARTICLE.fullmatch(bare) is not None
