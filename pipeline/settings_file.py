"""Changes in settings, which are a TOML file; comments and everything else stay as they are."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus.errors import UsageError
from corpus.files import replace_text
from pipeline.settings import SuggestSettings, load_settings


@dataclass(frozen=True, slots=True)
class SpeakerChanges:
    """What a researcher says about speakers, added to what was said before.

    Attributes:
        file: Name of the transcript it is about; empty for all.
        interviewers: Labels of interviewers.
        participants: Labels of participants.
        names: From labels as written to the label they are kept under.
        pattern: What labels look like.
        first_line: Line on which talk begins, from 1.
    """

    file: str = ""
    interviewers: Sequence[str] = ()
    participants: Sequence[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    pattern: str = ""
    first_line: int = 0

    def __bool__(self) -> bool:
        return bool(self.interviewers or self.participants or self.names or self.pattern or self.first_line)


def change_speakers(path: Path, changes: SpeakerChanges) -> None:
    """Write what was said about speakers into ``[speakers]``; a label has one role, the last that was said.

    Args:
        path: The ``study.toml``.
        changes: What to add.

    Raises:
        UsageError: If the file cannot be read or written, or would not be valid any more; then it stays as it was.
    """
    import tomlkit

    load_settings(path)  # refuses in our words what tomlkit would refuse in its own
    document = tomlkit.parse(path.read_text(encoding="utf-8-sig"))
    table = document.setdefault("speakers", tomlkit.table())
    if changes.file:
        table = table.setdefault("files", tomlkit.table(is_super_table=True)).setdefault(changes.file, tomlkit.table())
    _add_labels(table, "interviewers", "participants", changes.interviewers)
    _add_labels(table, "participants", "interviewers", changes.participants)
    if changes.names:
        table.setdefault("names", tomlkit.inline_table()).update(changes.names)
    if changes.pattern:
        table["pattern"] = changes.pattern
    if changes.first_line:
        table["first_line"] = changes.first_line
    _save(path, tomlkit.dumps(document))


def change_suggestions(path: Path, chosen: SuggestSettings) -> None:
    """Write by which rule probabilities become suggestions into ``[suggest]``.

    Args:
        path: The ``study.toml``.
        chosen: The rule and what belongs to it.

    Raises:
        UsageError: If the file cannot be read or written; then it stays as it was.
    """
    import tomlkit

    load_settings(path)  # refuses in our words what tomlkit would refuse in its own
    document = tomlkit.parse(path.read_text(encoding="utf-8-sig"))
    document.setdefault("suggest", tomlkit.table()).update(chosen.model_dump(mode="json"))
    _save(path, tomlkit.dumps(document))


def change_study(path: Path, **values: str | list[str]) -> None:
    """Write what is coded with what into ``[study]``.

    Raises:
        UsageError: If the file cannot be read or written, or would not be valid any more; then it stays as it was.
    """
    import tomlkit

    load_settings(path)
    document = tomlkit.parse(path.read_text(encoding="utf-8-sig"))
    document.setdefault("study", tomlkit.table()).update(values)
    _save(path, tomlkit.dumps(document))


def change_second(path: Path, **values: str) -> None:
    """Write which language model is asked for a second opinion into ``[second]``.

    Raises:
        UsageError: If the file cannot be read or written, or would not be valid any more; then it stays as it was.
    """
    import tomlkit

    load_settings(path)
    document = tomlkit.parse(path.read_text(encoding="utf-8-sig"))
    document.setdefault("second", tomlkit.table()).update(values)
    _save(path, tomlkit.dumps(document))


def _add_labels(table: MutableMapping[str, Any], key: str, other: str, labels: Sequence[str]) -> None:
    """Add labels to one list of a table and take them out of the other."""
    if not labels:
        return
    if other in table:
        table[other] = [label for label in table[other] if label not in labels]
    table[key] = list(dict.fromkeys((*table.get(key, ()), *labels)))


def _save(path: Path, text: str) -> None:
    """Write settings if they can be read back."""
    draft = path.with_name(f".{path.name}.checking")
    try:
        replace_text(draft, text)
        load_settings(draft)
        replace_text(path, text)
    except UsageError as error:
        raise UsageError(str(error).replace(str(draft), str(path))) from None
    finally:
        draft.unlink(missing_ok=True)
