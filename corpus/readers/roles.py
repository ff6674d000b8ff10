"""Who asks and who answers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import zip_longest

from corpus.readers.draft import Utterance
from corpus.transcript import Role, Turn

DEFAULT_INTERVIEWERS = (
    *("Interviewer", "Int", "Intv", "Intvr", "Interviewers", "I", "IV", "IVR", "Q"),
    *("Researcher", "Moderator", "Mod", "Facilitator"),
)
"""Labels that mark interviewers, whatever their case and the number behind them."""

_NUMBER = re.compile(r"[\s#_-]*\d+$")
_IN_BRACKETS = re.compile(r"\(([^()]*)\)")


def folded(names: Collection[str]) -> frozenset[str]:
    """Return names in the form in which they are compared."""
    return frozenset(" ".join(name.split()).casefold() for name in names)


def is_interviewer(speaker: str, interviewers: Collection[str]) -> bool:
    """Tell whether a label names an interviewer: ``INT1``, ``Jane Doe (Interviewer)``, ``interviewer 2``.

    Args:
        speaker: The label as written.
        interviewers: Names as ``folded`` returns them.
    """
    outside = _IN_BRACKETS.sub(" ", speaker)
    forms = folded([speaker, outside, *_IN_BRACKETS.findall(speaker)])
    return any(form in interviewers or _NUMBER.sub("", form) in interviewers for form in forms)


def turns_of(utterances: Sequence[Utterance], interviewers: Collection[str]) -> tuple[Turn, ...]:
    """Give every utterance its role, and its end where the next beginning tells it."""
    names = folded(interviewers)
    speakers = {said.speaker for said in utterances}
    roles = {name: _role(name, names) for name in speakers}
    return tuple(
        Turn(said.span, said.speaker, roles[said.speaker], said.started, _end(said, following))
        for said, following in zip_longest(utterances, utterances[1:])
    )


def _role(speaker: str | None, names: Collection[str]) -> Role:
    return Role.INTERVIEWER if speaker is not None and is_interviewer(speaker, names) else Role.PARTICIPANT


def _end(said: Utterance, following: Utterance | None) -> float | None:
    if said.ended is not None or said.started is None or following is None or following.started is None:
        return said.ended
    return following.started if following.started >= said.started else None


def role_warnings(turns: Sequence[Turn]) -> Iterator[str]:
    """Yield what a person should know about the roles, without naming anybody."""
    labels = {turn.speaker for turn in turns if turn.speaker is not None}
    roles = {turn.role for turn in turns}
    if not labels:
        yield "no speaker labels found; all talk is treated as a participant's"
    elif Role.INTERVIEWER not in roles:
        yield (
            f"none of its {len(labels)} speaker labels names a known interviewer; all are treated as participants "
            "(set the names of your interviewers to change that)"
        )
    elif Role.PARTICIPANT not in roles:
        yield "every speaker label names an interviewer; nothing will be suggested"
