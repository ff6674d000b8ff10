"""What becomes of codings when a transcript is corrected: ``python -m evaluation.revisions``.

The sample study's texts are edited at random, as people correct transcripts, and every human coding is moved to the
edited text. Each character remembers where it came from, so that what is right is known:

- *kept*: moved to the new text;
- *right*: every word of the passage that still stands is covered, and no word from elsewhere;
- *wrong words*: a word from outside the passage is covered, although the passage was said to be moved;
- *listed*: not moved; somebody is asked where it belongs. Right where less than half of its words still stand together.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from corpus.codings import load_codings
from corpus.readers import read_transcript
from corpus.revision import Revision
from corpus.shipped import sample_codings, sample_transcripts, selfie
from corpus.transcript import Span

EDITS = 200
LETTERS = "abcdefghijklmnopqrstuvwxyz"
ADDED = -1
"""Where a character came from that was not there before."""

Traced = list[tuple[str, int]]
"""Characters, each with its place in the text before the edit."""


@dataclass(frozen=True)
class Fate:
    """What became of one coding.

    Attributes:
        edit: Kind of the edit.
        outcome: ``right``, ``incomplete``, ``wrong words`` or ``listed``.
        flagged: Whether a person is asked to look.
    """

    edit: str
    outcome: str
    flagged: bool


def typing_errors(text: Traced, draw: random.Random) -> Traced:
    """Change, drop or double one to six letters."""
    edited = list(text)
    for _ in range(draw.randint(1, 6)):
        at = draw.choice([n for n, (character, _) in enumerate(edited) if character.isalpha()])
        edited[at : at + 1] = draw.choice([[], [(draw.choice(LETTERS), ADDED)], [edited[at], (edited[at][0], ADDED)]])
    return edited


def inserted_lines(text: Traced, draw: random.Random) -> Traced:
    """Put blank lines, notes or a forgotten remark between lines."""
    edited = list(text)
    for _ in range(draw.randint(1, 4)):
        ends = [n for n, (character, _) in enumerate(edited) if character == "\n"]
        words = draw.choice(
            ["\n", "\n\n", "[door opens]\n", "Transcriber's note: checked twice.\n", "Mm, yes, I see.\n"]
        )
        at = draw.choice(ends) + 1
        edited[at:at] = [(character, ADDED) for character in words]
    return edited


def removed_lines(text: Traced, draw: random.Random) -> Traced:
    """Leave out one or two lines."""
    lines = _lines(text)
    for _ in range(draw.randint(1, 2)):
        del lines[draw.randrange(len(lines))]
    return [pair for line in lines for pair in line]


def renamed_speaker(text: Traced, draw: random.Random) -> Traced:
    """Give the label at the beginning of some lines another name everywhere."""
    name = draw.choice(["P07", "Dr Okafor", "Interviewer 2", "R"])
    plain = "".join(character for character, _ in text)
    labels = sorted({line.split(":")[0] for line in plain.split("\n") if 0 < line.find(":") < 40})
    label = draw.choice(labels) + ":" if labels else ""
    edited: Traced = []
    for line in _lines(text):
        begins = label and "".join(character for character, _ in line).startswith(label)
        edited += [(character, ADDED) for character in f"{name}:"] + line[len(label) :] if begins else line
    return edited


def moved_paragraphs(text: Traced, draw: random.Random) -> Traced:
    """Move one to three lines elsewhere."""
    lines = _lines(text)
    for _ in range(draw.randint(1, 3)):
        line = lines.pop(draw.randrange(len(lines)))
        lines.insert(draw.randrange(len(lines) + 1), line)
    return [pair for line in lines for pair in line]


def rewrapped(text: Traced, draw: random.Random) -> Traced:
    """Break lines at another width."""
    width, column, edited = draw.randint(50, 90), 0, list[tuple[str, int]]()
    for character, origin in text:
        breaks = character == " " and column > width
        edited.append(("\n" if breaks else character, origin))
        column = 0 if breaks or character == "\n" else column + 1
    return edited


EDIT_KINDS: Mapping[str, Callable[[Traced, random.Random], Traced]] = MappingProxyType(
    {
        "typing errors": typing_errors,
        "inserted lines": inserted_lines,
        "removed lines": removed_lines,
        "speaker renamed": renamed_speaker,
        "paragraphs moved": moved_paragraphs,
        "lines broken anew": rewrapped,
        "several of these": lambda text, draw: typing_errors(moved_paragraphs(inserted_lines(text, draw), draw), draw),
    }
)


def fates_of(text: str, spans: Sequence[Span], edit: str, draw: random.Random) -> list[Fate]:
    """Edit a text at random and return what became of passages.

    Args:
        text: The text before.
        spans: Passages of it.
        edit: A key of ``EDIT_KINDS``.
        draw: Decides the edit.
    """
    traced = EDIT_KINDS[edit](list(zip(text, range(len(text)), strict=True)), draw)
    revision = Revision(text, "".join(character for character, _ in traced))
    return [_fate(edit, revision, traced, span) for span in spans]


def run(edits: int = EDITS, seed: int = 0) -> list[Fate]:
    """Return the fate of every human coding of the sample study in every edit; the same for the same seed."""
    transcripts = {transcript.name: transcript for transcript in map(read_transcript, sample_transcripts())}
    codings = load_codings(sample_codings(), transcripts, selfie())
    draw, fates, names = random.Random(seed), list[Fate](), sorted(transcripts)  # noqa: S311 - no secret
    for n in range(edits):
        name = names[n % len(names)]
        spans = sorted({coding.span for coding in codings if coding.transcript == name})
        fates += fates_of(transcripts[name].text, spans, [*EDIT_KINDS][n % len(EDIT_KINDS)], draw)
    return fates


def _fate(edit: str, revision: Revision, traced: Traced, span: Span) -> Fate:
    moved = revision.move(span)
    if moved is None:
        return Fate(edit, "listed", flagged=True)
    covered = [(character, origin) for character, origin in traced[moved.span.start : moved.span.end]]
    if any(
        character.isalnum() and not (origin == ADDED or span.start <= origin < span.end)
        for character, origin in covered
    ):
        return Fate(edit, "wrong words", moved.changed)
    there = {origin for _, origin in covered}
    standing = [o for character, o in traced if character.isalnum() and span.start <= o < span.end]
    return Fate(edit, "right" if all(o in there for o in standing) else "incomplete", moved.changed)


def _lines(text: Traced) -> list[Traced]:
    lines: list[Traced] = [[]]
    for pair in text:
        lines[-1].append(pair)
        if pair[0] == "\n":
            lines.append([])
    return [line for line in lines if line]


def main() -> None:
    """Print how many codings were kept, and at the right words, by kind of edit."""
    fates = run()
    kinds = ("right", "incomplete", "wrong words", "listed")
    print(f"{'edit':<20}{'codings':>9}" + "".join(f"{kind:>13}" for kind in kinds) + f"{'please look':>13}")
    for edit in (*EDIT_KINDS, ""):
        own = [fate for fate in fates if fate.edit == edit or not edit]
        counts = Counter(fate.outcome for fate in own)
        shares = "".join(f"{counts[kind]:>13,}" for kind in kinds)
        print(f"{edit or 'all':<20}{len(own):>9,}{shares}{sum(fate.flagged for fate in own):>13,}")
    moved = [fate for fate in fates if fate.outcome != "listed"]
    right = sum(fate.outcome == "right" for fate in moved)
    print(f"kept or listed 100%; of those moved {right / len(moved):.1%} at the right words")


if __name__ == "__main__":
    main()
