"""Lines that are nobody's talk: the block of titles above it, references below it, notices of the tools between."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from corpus.readers.grammars import TalkLine
from corpus.readers.names import is_known_shape, says_role, tidy
from corpus.readers.stamps import trailing_stamp

HEAD_LINES = 40
"""Lines at the top among which a title block is looked for."""

_KEY = re.compile(
    r"\s*[*_#\-\u2022]{0,4}\s*(?P<key>[^\W\d_][^:\uff1a\t\n]{0,40}?)[*_]{0,3}\s*(?:[:\uff1a]|\t)[*_]{0,3}\s*(?P<value>.{0,120})$"
)
_FIELD = re.compile(
    r"(?i)(?:interview(?:ed|ee)?(?: (?:no|number|id|date|code|by|with|length|duration|location|mode).*| ?\d+)?|"
    r"(?:start|end|meeting|participant|interviewer|file|study|project|site|case|recording|transcript|patient|"
    r"respondent|document|audio) ?(?:id|no\.?|number|name|code|time|date|version|length|info.*|details|file)|"
    r"date.*|title|location|place|venue|setting|duration|length|time|transcri(?:bed|ber|pt|ption).*|recorded.*|recording|"
    r"project|study|site|topic|subject|language|consent|gender|sex|age|occupation|diagnos.*|version|file.*|source|"
    r"participants|attendees|present|speakers|observers?|notes?|notetaker|pseudonym|ethnicity|education|id|name|"
    r"datum|ort|titel|dauer|alter|geschlecht|sprache|plaats|locatie|duur|leeftijd|geslacht|taal|fecha|lugar|"
    r"duraci\u00f3n|edad|sexo|idioma|lieu|dur\u00e9e|\u00e2ge|sexe|langue|dato|sted|varighet|alder|kj\u00f8nn|mjesto|"
    r"trajanje|dob|spol|hely(?:sz\u00edn)?|id\u0151pont|d\u00e1tum|nem|kor|c\u00edm|data|luogo|durata|et\u00e0|"
    r"summary keywords|keywords|transkription|transkript|diakriniert|befragte\w* person)"
)
_REFERENCES = re.compile(
    r"(?i)\W*(?:references?|bibliography|reference list|works cited|literature(?: cited)?|literatur(?:verzeichnis)?|"
    r"literatuur(?:lijst)?|bibliograf\w+|r\u00e9f\u00e9rences|referencias|referanser|literatura|irodalom)\W*"
)
_RULE = re.compile(r"\s*(?:[-=_*~#\u2013\u2014\u2500]\s*){3,}")
_NOTICE = re.compile(
    r"(?i)\s*(?:transcribed by (?:https?://)?(?:www\.)?otter\.ai/?|(?:\S+ ){1,6}(?:started|stopped|hat die|gestart)"
    r" ?(?:the )?(?:transcription|recording)(?: gestartet| beendet)?\.?|"
    r"\[?(?:end|start) of (?:the )?(?:transcript|recording|interview|audio)\]?\.?|"
    r"(?:the )?(?:transcription|recording) ended after [\d:]{4,9}\.?|"
    r"this editable transcript was computer generated.{0,140}|"
    r"transcribed (?:with|using|by) (?:noscribe|whisper|trint|sonix|descript|rev|happyscribe).{0,80})\s*"
)
# What a transcriber writes above the talk; talk about a recording says "I" or "we".
_PREFACE = re.compile(
    r"(?i)transcri|interview|record(?:ed|ing)|verbatim|anonymi[sz]|pseudonym|notation|consent|audio|transkri"
)
_PERSON = re.compile(r"(?i)\b(?:i|i'm|my|me|we|our|you|your|ik|mijn|ich|mein|wir|yo|mi|je|mon|jeg|ja|moj|\u00e9n)\b")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
"""Letters of languages that put no blanks between words, about two a word: Thai to Khmer, Japanese, Chinese."""
_SENTENCE_END = re.compile(r"[.?!\u2026\u3002\uff1f\uff01\u061f]['\"\u201d\u2019)\]]?\s*$")


_TOPIC = re.compile(
    r"\W{0,4}(?P<word>[^\W\d_]{3,20}) (?P<number>\d{1,2}|[IVX]{1,5})\s*[:.\u2013\u2014-]\s*(?P<title>\S.{0,70}?)\W{0,3}"
)


def topics(lines: Sequence[TalkLine]) -> frozenset[int]:
    """Return the numbers of lines that are headings of topics: "Theme 1: Access", "Theme 2: Medication".

    Their word is nobody's role, comes with another number each time, counting on, and with a title that is no
    sentence, and somebody's label stands below; people who are called "Nurse 1" and "Nurse 2" come back, or answer one
    after the other, and "Week 1: home" of a diary heads a story.
    """
    found: dict[str, list[tuple[int, str]]] = {}
    for n, line in enumerate(lines):
        match = _TOPIC.fullmatch(line.text.strip()) if len(line.text) < 120 else None
        if match and not (says_role(match["word"]) or is_sentence(match["title"])):
            ended = _SENTENCE_END.search(line.text) is not None
            found.setdefault(match["word"].casefold(), []).append((n, "" if ended else match["number"]))
    return frozenset(
        n
        for places in found.values()
        if len(places) > 1
        and all(number for _, number in places)
        and len({number for _, number in places}) == len(places)
        and all(after - before > 2 for (before, _), (after, _) in pairwise(places))
        and all(n + 1 < len(lines) and _key(lines[n + 1].text) for n, _ in places)
        for n, _ in places
    )


def is_notice(text: str) -> bool:
    """Tell whether a line is what a tool wrote about itself, or a rule."""
    return len(text) < 200 and (_NOTICE.fullmatch(text) is not None or _RULE.fullmatch(text) is not None)


def is_sentence(text: str) -> bool:
    """Tell whether a line is rather talk than a title: four words and a full stop, or very many words."""
    text = text[: trailing_stamp(text)[0]]
    words = len(text.split()) + len(_UNSPACED.findall(text)) // 2
    if _PREFACE.search(text[:500]) and not _PERSON.search(text[:500]):
        return False
    return (words >= 4 and _SENTENCE_END.search(text) is not None) or words >= 25


def references_start(lines: Sequence[TalkLine]) -> int:
    """Return the line on which a list of references begins, in the last third of a text; ``len(lines)`` without one."""
    first = max(2, len(lines) // 3)
    found = (n for n in range(first, len(lines)) if len(lines[n].text) < 60 and _REFERENCES.fullmatch(lines[n].text))
    place = next(found, len(lines))
    # Where people still speak behind it, it was a topic.
    later = sum(_role_key(line.text) for line in lines[place + 1 :])
    return place if later < 2 else len(lines)


def front_end(lines: Sequence[TalkLine]) -> int:
    """Return on which line the talk begins, behind a block of titles and fields ("Date: ...").

    Fields such as "Participant: 62, female" look like labels. They belong to the block if a field that is nobody's name
    follows or precedes them, their values are no sentences, and their keys label nothing below.
    """
    head = lines[:HEAD_LINES]
    below = [_key(line.text) for line in lines]
    last_field = -1
    end = 0
    for n, line in enumerate(head):
        match = _KEY.match(line.text[:200])
        key, value = (tidy(match["key"]), match["value"].strip()) if match else ("", "")
        ruled = _RULE.fullmatch(line.text) is not None
        if key and _FIELD.fullmatch(key) and not _is_label_below(key, n, below):
            last_field = n
        elif not (ruled or _may_stand_in_front(line, key, value, n, below)):
            break
        end = n + 1
    if last_field < 0:
        return _role_block(head[:end], lines, below)
    boundary = last_field + 1
    while boundary < end and (_key(head[boundary].text) not in below[end:] or not head[boundary].opens):
        boundary += 1
    return boundary


def _may_stand_in_front(line: TalkLine, key: str, value: str, n: int, below: Sequence[str]) -> bool:
    """Tell whether a line without a field of its own may belong to a block of titles.

    Args:
        line: The line.
        key: What stands before its colon.
        value: What stands behind it.
        n: Its number.
        below: The keys of all lines.
    """
    if not key:
        return not is_sentence(line.text)
    if not (is_known_shape(key) or says_role(key) or value):
        return False
    return not is_sentence(value) and _SENTENCE_END.search(value) is None and below.count(key) <= 1 + (n < 3)


def _role_block(head: Sequence[TalkLine], lines: Sequence[TalkLine], below: Sequence[str]) -> int:
    """Return the end of a first paragraph that holds only roles and who has them, 0 if there is none."""
    block = next((n for n, line in enumerate(head) if n and line.opens), 0)
    if not block or not any(not line.opens for line in lines[:block]):
        return 0
    keys = [_key(line.text) for line in head[:block]]
    alone = all(key and key not in below[block:] for key in keys)
    return block if alone and sum(map(bool, below[block:])) > 1 else 0


def _is_label_below(key: str, n: int, below: Sequence[str]) -> bool:
    return (is_known_shape(key) or says_role(key)) and key in below[n + 1 :]


def _role_key(text: str) -> bool:
    key = _key(text)
    return bool(key) and (is_known_shape(key) or says_role(key))


def _key(text: str) -> str:
    match = _KEY.match(text[:200])
    return tidy(match["key"]) if match else ""
