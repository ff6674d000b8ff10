"""Dialogues as tools write them from a recording: subtitles, captions, results of speech services."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from evaluation.reading.dialogues import SECONDS_PER_WORD, Dialogue, DialogueTurn, WrittenForm
from evaluation.reading.lines import clock, label_of

WORDS_IN_A_CUE = 11


@dataclass(frozen=True, slots=True)
class CueLayout:
    """How cues name who speaks.

    Attributes:
        first: Format of the first cue of a turn.
        others: Format of its other cues.
        suffix: ``.vtt`` or ``.srt``.
        identified: Cues have an identifier.
        named: Somebody is named; otherwise only a change of speaker is marked, or nothing.
    """

    first: str
    others: str
    suffix: str = ".vtt"
    identified: bool = False
    named: bool = True

    @property
    def marks_turns(self) -> bool:
        """Whether the first cue of a turn differs from the others."""
        return self.first != self.others


CUES: Mapping[str, CueLayout] = MappingProxyType(
    {
        "captions": CueLayout(">> {words}", "{words}", named=False),
        "captions-named": CueLayout(">> {NAME}: {words}", "{words}"),
        "srt-bracket": CueLayout("[{name}] {words}", "{words}", ".srt"),
        "srt-colon": CueLayout("{name}: {words}", "{words}", ".srt"),
        "vtt-colon": CueLayout("{name}: {words}", "{name}: {words}", identified=True),
        "vtt-plain": CueLayout("{words}", "{words}", named=False),
        "vtt-teams": CueLayout("<v {name}>{words}</v>", "<v {name}>{words}</v>", identified=True),
        "vtt-voice": CueLayout("<v {name}>{words}", "<v {name}>{words}"),
    }
)


def write_cues(dialogue: Dialogue, form: WrittenForm) -> str:
    """Return a dialogue as WebVTT or SubRip."""
    layout = CUES[form.layout]
    blocks = []
    for number, (turn, start, words) in enumerate(_cues(dialogue), start=1):
        name = label_of(turn.speaker, form)
        pattern = layout.first if start == turn.started else layout.others
        times = f"{_precise(start)} --> {_precise(start + SECONDS_PER_WORD * len(words.split()))}"
        lines = [times, pattern.format(name=name, NAME=name.upper(), words=words)]
        if layout.suffix == ".srt":
            lines[0] = times.replace(".", ",")
        blocks.append("\n".join([str(number), *lines] if layout.identified or layout.suffix == ".srt" else lines))
    head = ["WEBVTT"] if layout.suffix == ".vtt" else []
    return "\n\n".join([*head, *blocks]) + "\n"


def _cues(dialogue: Dialogue) -> Iterator[tuple[DialogueTurn, float, str]]:
    for turn in dialogue.turns:
        start = turn.started
        for paragraph in turn.paragraphs:
            words = paragraph.split()
            for first in range(0, len(words), WORDS_IN_A_CUE):
                piece = words[first : first + WORDS_IN_A_CUE]
                yield turn, start, " ".join(piece)
                start += SECONDS_PER_WORD * len(piece)


def _precise(seconds: float) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{clock(whole)}.{thousandths:03}"


def service_label(dialogue: Dialogue, speaker: str, form: WrittenForm) -> str:
    """Return what a speech service calls a speaker; whisperX's results are taken to have been given names.

    Args:
        dialogue: Who speaks in it, in which order.
        speaker: One of them.
        form: Names the service.
    """
    number = list(dialogue.roles).index(speaker)
    return {"assemblyai": "ABCDEFGH"[number], "deepgram": str(number)}.get(form.layout, label_of(speaker, form))


def write_results(dialogue: Dialogue, form: WrittenForm) -> str:
    """Return a dialogue as the JSON of a speech service."""
    return json.dumps(SERVICES[form.layout](dialogue, form), ensure_ascii=False)


def _whisperx(dialogue: Dialogue, form: WrittenForm) -> object:
    segments = [
        {
            "start": round(start, 2),
            "end": round(start + SECONDS_PER_WORD * len(words.split()), 2),
            "text": f" {words}",
            "speaker": service_label(dialogue, turn.speaker, form),
        }
        for turn, start, words in _cues(dialogue)
    ]
    return {"segments": segments, "language": dialogue.language}


def _assemblyai(dialogue: Dialogue, form: WrittenForm) -> object:
    utterances = [
        {
            "speaker": service_label(dialogue, turn.speaker, form),
            "text": " ".join(turn.paragraphs),
            "start": round(turn.started * 1000),
            "end": round(turn.ended * 1000),
            "confidence": 0.94,
            "words": [],
        }
        for turn in dialogue.turns
    ]
    text = " ".join(str(each["text"]) for each in utterances)
    return {"id": "0", "status": "completed", "text": text, "words": [], "utterances": utterances}


def _deepgram(dialogue: Dialogue, form: WrittenForm) -> object:
    utterances = [
        {
            "start": turn.started,
            "end": turn.ended,
            "confidence": 0.94,
            "channel": 0,
            "transcript": " ".join(turn.paragraphs),
            "words": [],
            "speaker": int(service_label(dialogue, turn.speaker, form)),
            "id": str(n),
        }
        for n, turn in enumerate(dialogue.turns)
    ]
    transcript = " ".join(str(each["transcript"]) for each in utterances)
    channels = [{"alternatives": [{"transcript": transcript, "confidence": 0.94, "words": []}]}]
    return {"metadata": {"channels": 1}, "results": {"channels": channels, "utterances": utterances}}


SERVICES: Mapping[str, Callable[[Dialogue, WrittenForm], object]] = MappingProxyType(
    {"assemblyai": _assemblyai, "deepgram": _deepgram, "whisperx": _whisperx}
)
