"""A dialogue in a form, as a file and as the turns a reader should find in it."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from evaluation.reading.dialogues import Dialogue, WrittenForm
from evaluation.reading.documents import table_rows, write_document
from evaluation.reading.lines import label_of, lines_of
from evaluation.reading.recordings import CUES, service_label, write_cues, write_results
from evaluation.reading.scorer import LabelledTurn


def write_form(dialogue: Dialogue, form: WrittenForm, folder: Path) -> Path:
    """Write a dialogue into a folder and return the file's path.

    Args:
        dialogue: What was said; names the file.
        form: Decides the kind of file and how it is laid out.
        folder: Must exist; a file of the same name is replaced.
    """
    path = folder / f"{dialogue.name}{_suffix(form)}"
    if form.medium == "word":
        path.write_bytes(write_document(_decomposed(dialogue) if "nfd" in form.twists else dialogue, form))
    else:
        path.write_bytes(_encoded(_text(dialogue, form), form.twists))
    return path


def expected_turns(dialogue: Dialogue, form: WrittenForm) -> list[LabelledTurn]:
    """Return what a reader should find; where a form names nobody, turns have neither speaker nor role.

    Where it marks no change of speaker either, all talk is one turn.
    """
    named = form.medium != "cues" or CUES[form.layout].named
    if not named and not CUES[form.layout].marks_turns:
        return [LabelledTurn(None, None, " ".join(words for turn in dialogue.turns for words in turn.paragraphs))]
    return [
        LabelledTurn(
            speaker=_label(dialogue, turn.speaker, form) if named else None,
            role=dialogue.roles[turn.speaker] if named else None,
            words=" ".join(turn.paragraphs),
        )
        for turn in dialogue.turns
    ]


def _label(dialogue: Dialogue, speaker: str, form: WrittenForm) -> str:
    return service_label(dialogue, speaker, form) if form.medium == "json" else label_of(speaker, form)


def _suffix(form: WrittenForm) -> str:
    if form.medium == "cues":
        return CUES[form.layout].suffix
    if form.medium == "text":
        return ".tsv" if form.layout == "nvivo" else ".txt"
    return {"json": ".json", "word": ".docx"}[form.medium]


def _text(dialogue: Dialogue, form: WrittenForm) -> str:
    if form.medium == "cues":
        return write_cues(dialogue, form)
    if form.medium == "json":
        return write_results(dialogue, form)
    header = [*dialogue.header, ""] if "header" in form.twists else []
    if form.layout == "nvivo":
        return "\n".join("\t".join(row) for row in table_rows(dialogue, form)) + "\n"
    return "\n".join([*header, *lines_of(dialogue, form)]) + "\n"


def _encoded(text: str, twists: frozenset[str]) -> bytes:
    if "nfd" in twists:
        text = unicodedata.normalize("NFD", text)
    if "crlf" in twists:
        text = text.replace("\n", "\r\n")
    if "utf16" in twists:
        return text.encode("utf-16")
    if "cp1252" in twists:
        return text.encode("cp1252")
    return text.encode("utf-8-sig" if "bom" in twists else "utf-8")


def _decomposed(dialogue: Dialogue) -> Dialogue:
    """Return the dialogue with every letter's accents apart, as macOS and some recorders write them."""

    def apart(text: str) -> str:
        return unicodedata.normalize("NFD", text)

    return Dialogue(
        name=dialogue.name,
        language=dialogue.language,
        forms=dialogue.forms,
        header=tuple(map(apart, dialogue.header)),
        roles={apart(speaker): role for speaker, role in dialogue.roles.items()},
        said=tuple((apart(speaker), tuple(map(apart, paragraphs))) for speaker, paragraphs in dialogue.said),
    )
