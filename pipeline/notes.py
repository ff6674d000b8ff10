"""Transcribers' notes inside talk, such as ``[laughs]``, ``(inaudible)`` or ``((phone rings))``: not what was said."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.transcript import Span

_BRACKETS = re.compile(r"\(\([^()\n]{0,120}\)\)|\[[^\[\]\n]{0,80}\]|\([^()\n]{0,60}\)")
"""What is never cut in two, be it a note, a pseudonym or an aside."""

_NOTE = re.compile(
    r"""
    \(\( [^()\n]{0,120} \)\)                 # the convention of GAT and f4
    | [\[(] [\s\d.…?!:,#x-]{0,20} [\])]      # a pause of so many seconds, a time, words left out, (?)
    | [\[(] \s* (?: all | both | brief | long | short | soft | slight | deep | kurze | lange | lang )? (?:ly)? \s* (?:
      applau | background | beep | breath | chuckl | clap | cough | cries | crosst | cross-t | crying | door | exhal |
      gasp | giggl | gestur | hesitat | inaudib | incompr | indiscern | indist | inhal | interru | knock | laugh |
      mumbl | murmur | music | nods | nodd | nois | off-?\s?mi | overlap | paus | phone | point(?:s|ing) | record |
      shrug | sigh | silen | smil | sniff | snort | sobs | sobb | stutter | tape | tearful | telephone | time\s?st |
      unclear | unintel | whisper | yawn                                                              # English
      | lach | lächel | schmunz | seufz | hust | räusp | schweig | stille | unverst | klatsch | gelächter # German
      | pauze | zucht | glimlach | kucht | onverst | stilte | huilt                                       # Dutch
      | risa | ríe | riendo | silencio | suspir | ininteligib | llora | risos | rindo | inaudív           # Spanish
      | ride | ridono | risate | silenzio | incomprens | sospir | rires? | rit\b | soupir | inaud | tousse # Italian
      | ler\b | latter | uhørb | utydel | sukk | kremt | stillhet | griner | hoster | suck | skratt | ohörb # Norwegian
      | smij | stanka | tišina | nerazum | kašlj | uzda | śmiech | śmiej | niewyr | kaszl | wzdycha | cisza # Croatian
      | nevet | szünet | érthetetl | köhög | sóhaj | csend                                                # Hungarian
    ) (?:[^\s\[\]()]* \s*){0,3} [\])]
    """,
    re.IGNORECASE | re.VERBOSE,
)
_SPOKEN = re.compile(r"\w")


def whole_spans(text: str) -> Iterator[Span]:
    """Yield the stretches between brackets that are one piece, in order."""
    return (Span(*match.span()) for match in _BRACKETS.finditer(text))


def without_notes(text: str) -> str:
    """Return what was said: the text without notes; the text itself where it holds nothing else."""
    said = _NOTE.sub(" ", text)
    if said == text or not _SPOKEN.search(said):
        return text
    return re.sub(r"\s+([.,;:?!…])", r"\1", re.sub(r"[ \t]{2,}", " ", said)).strip()


def is_spoken(text: str) -> bool:
    """Return whether a stretch has a word that is in no note."""
    return _SPOKEN.search(_NOTE.sub(" ", text)) is not None
