"""Public human-coded sets as codebook and quotes. The data are other people's and stay where the user keeps them.

Every loader reads the files as their authors published them, from a folder named like the set:

============ ===================================================================== =========================
``nhs``      patient comments, Friends and Family Test (folder ``pxtextmining``)   topics, one a comment
``pdpilot``  passages of seven interviews on a software tool                       topics, three levels deep
``ci_claims`` claims of papers on continuous integration, two more coders          topics
``casino``   negotiation talk                                                      what a speaker does
``annomi``   motivational interviews, some by ten coders                           what a speaker does
``nhs-multi`` the comments of ``nhs`` and those to which several topics were given  topics
============ ===================================================================== =========================
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.codebook import Code, Codebook
from corpus.codings import Coding, QuoteFinder, Selector
from corpus.errors import InputError, UsageError
from corpus.quotes import QuoteItem
from corpus.readers import read_transcript
from evaluation.benchmarks.hand_coded import CodedProject

FEWEST_QUOTES = 6
"""A code with fewer quotes takes no part: there would be nothing to learn from and to test on."""
MOST_CODES = 20
"""Only the most frequent codes take part, so that no set is a benchmark of its own rarities."""


@dataclass(frozen=True)
class PublicSet:
    """One set.

    Attributes:
        items: Human-coded quotes; each text once.
        coders: The same passages by each of several coders, in one order; empty where nobody coded twice.
        whole: The codebook the coders used, with the codes that are too rare to take part.
    """

    name: str
    codebook: Codebook
    items: Sequence[QuoteItem]
    coders: Sequence[Sequence[QuoteItem]] = ()
    whole: Codebook | None = None


def load_public_set(name: str, folder: Path) -> PublicSet:
    """Read one of ``PUBLIC_SETS``.

    Args:
        name: A key of ``PUBLIC_SETS``.
        folder: The folder that holds all sets.

    Raises:
        UsageError: If there is no such set.
        InputError: If its files are not there or cannot be read.
    """
    if name not in PUBLIC_SETS:
        raise UsageError(f"set {name!r} is none of {', '.join(PUBLIC_SETS)}")
    try:
        return _frequent(PUBLIC_SETS[name](folder))
    except OSError as error:
        place = error.filename or folder
        raise InputError(place, f"cannot be read ({error.strerror}); the set {name!r} belongs there") from None
    except (KeyError, ValueError) as error:
        raise InputError(folder, f"set {name!r} has another layout than expected ({type(error).__name__})") from None


def _nhs(folder: Path) -> PublicSet:
    """Read the comments to which one topic was given."""
    whole = _nhs_multi(folder)
    return PublicSet("nhs", whole.codebook, [item for item in whole.items if len(item.codes) == 1])


def _nhs_multi(folder: Path) -> PublicSet:
    """Read the comments to which any topic was given; empty answers and unlabelled ones are left out."""
    rows = _csv_rows(folder / "pxtextmining" / "v6framework_230831.csv")
    topics = _nhs_topics(folder / "pxtextmining" / "framework" / "docs" / "framework" / "framework3.qmd")
    names = [key for key in [*rows[0]][[*rows[0]].index("Not assigned") :] if key not in NHS_UNLABELLED]
    given = [(row, [name for name in rows[0] if name in names and row[name].strip() == "1"]) for row in rows]
    items = [
        _item("nhs", n, row["FFT answer"], codes, row["Respondent ID"])
        for n, (row, codes) in enumerate(given)
        if codes and row["FFT answer"].strip()
    ]
    codes = [(name, *topics.get(NHS_RENAMED.get(name, name), ("Other", ""))) for name in names]
    return PublicSet("nhs-multi", _book("nhs", codes), items)


NHS_UNLABELLED = ("Not assigned", "Labelling not possible", "Safeguarding concerns?")
NHS_RENAMED = {
    "Number & deployment of staff": "Staffing levels & responsiveness",
    "Staff responsiveness": "Staffing levels & responsiveness",
    "Staff continuity": "Continuity of care",
    "Referals & continuity of care": "Continuity of care",
    "Environment & Facilities": "Environment, facilities & equipment",
    "Provision of medical equipment": "Environment, facilities & equipment",
}
"""Topics of the coded file that the framework's newest edition holds under another name."""


def _nhs_topics(path: Path) -> dict[str, tuple[str, str]]:
    """Return domain and definition of each topic; the framework's examples are left out, they may be in the set."""
    domain, topics = "", {}
    for block in re.split(r"\n(?=##+ )", path.read_text(encoding="utf-8")):
        head, _, body = block.partition("\n")
        if head.startswith("## "):
            domain = head[3:].strip()
        elif head.startswith("### "):
            topics[head[4:].strip()] = (domain, " ".join(body.partition("Example")[0].split(":::")[0].split()))
    return topics


def _pdpilot(folder: Path) -> PublicSet:
    """Read coded passages; a code is its whole path, its domain the first part of the path."""
    rows = _csv_rows(folder / "pdpilot" / "coded_segments.csv")
    memos = json.loads((folder / "pdpilot" / "code_system.json").read_text(encoding="utf-8"))
    items = [_item("pdpilot", n, row["segment"], [row["code"]], row["document"]) for n, row in enumerate(rows)]
    paths = [path.split(" > ") for path in dict.fromkeys(row["code"] for row in rows)]
    codes = [(" > ".join(path), path[0], memos.get(path[-1], {}).get("memo", "")) for path in paths]
    return PublicSet("pdpilot", _book("pdpilot", codes), items)


PDPILOT_INTERVIEWER = "Dan"
"""The label of the interviewer in its transcripts."""


def pdpilot_interviews(folder: Path) -> CodedProject:
    """Read the seven interviews as their authors published them (PDF), with the passages they coded in them.

    A passage whose words stand nowhere in its transcript (two of 262) is left out.

    Args:
        folder: The folder that holds all sets.

    Raises:
        InputError: If its files are not there or cannot be read.
    """
    whole = load_public_set("pdpilot", folder).whole
    paths = sorted((folder / "pdpilot" / "results" / "transcripts").glob("*.pdf"))
    transcripts = [read_transcript(path, interviewers=(PDPILOT_INTERVIEWER,)) for path in paths]
    finders = {transcript.name: QuoteFinder(transcript) for transcript in transcripts}
    rows = _csv_rows(folder / "pdpilot" / "coded_segments.csv")
    places = ((row, finders[row["document"]].find(Selector(row["segment"]))) for row in rows)
    codings = [Coding(row["document"], spans[0], row["code"]) for row, spans in places if len(spans) == 1]
    if whole is None or not codings:
        raise InputError(folder / "pdpilot", "holds no coded interviews")
    return CodedProject(whole, transcripts, codings)


def _ci_claims(folder: Path) -> PublicSet:
    """Read the claims with the experts' code, and the two coders who coded all of them again."""
    data = folder / "ci_claims" / "data"
    rows = json.loads((data / "02_dataset_gold_CI.json").read_text(encoding="utf-8"))
    codes = dict.fromkeys((row["labels"]["code"], row["labels"]["theme"], "") for row in rows)
    texts = {row["paper_id"]: row["input"]["claim"].capitalize() for row in rows}
    items = [_item("ci", row["paper_id"], texts[row["paper_id"]], [row["labels"]["code"]], "") for row in rows]
    sheets = [_ci_sheet(data / f"human_annotator_{n}.csv") for n in (1, 2)]
    both = [claim for claim in texts if all(claim in sheet for sheet in sheets)]
    coders = [[_item("ci", claim, texts[claim], [sheet[claim]], "") for claim in both] for sheet in sheets]
    return PublicSet("ci_claims", _book("ci_claims", codes), items, coders)


def _ci_sheet(path: Path) -> dict[str, str]:
    """Return the code each claim got; lines that are no claim (titles, themes) have no number."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row[1]: " ".join(row[3].split()) for row in csv.reader(file) if row[0].isdigit() and row[3].strip()}


def _casino(folder: Path) -> PublicSet:
    """Read the utterances of annotated dialogues; those without a strategy are coded as nothing."""
    parts = [folder / "casino" / "data" / "split" / f"casino_{part}.json" for part in ("train", "valid", "test")]
    dialogues = [dialogue for part in parts for dialogue in json.loads(part.read_text(encoding="utf-8"))]
    utterances = [
        _item(
            "casino",
            f"{dialogue['dialogue_id']}-{n}",
            text,
            [label for label in labels.split(",") if label and label != "non-strategic"],
            str(dialogue["dialogue_id"]),
        )
        for dialogue in dialogues
        for n, (text, labels) in enumerate(dialogue.get("annotations", []))
    ]
    names = dict.fromkeys(code for item in utterances for code in sorted(item.codes))
    return PublicSet("casino", _book("casino", [(name, "strategy", "") for name in names]), utterances)


def _annomi(folder: Path) -> PublicSet:
    """Read what therapists do and how clients speak of change; ``other`` and ``neutral`` are coded as nothing."""
    utterances: dict[tuple[str, str], list[QuoteItem]] = {}
    for row in _csv_rows(folder / "annomi" / "AnnoMI-full.csv"):
        place = (row["transcript_id"], row["utterance_id"])
        given = {row["main_therapist_behaviour"], row["client_talk_type"]} & {*ANNOMI_THERAPIST, *ANNOMI_CLIENT}
        item = _item("annomi", "-".join(place), row["utterance_text"], sorted(given), row["transcript_id"])
        utterances.setdefault(place, []).append(item)
    several = [items for items in utterances.values() if len(items) == ANNOMI_CODERS]
    names = [(code, "therapist", "") for code in ANNOMI_THERAPIST] + [(code, "client", "") for code in ANNOMI_CLIENT]
    items = [items[0] for items in utterances.values()]
    coders = [[items[n] for items in several] for n in range(ANNOMI_CODERS)]
    return PublicSet("annomi", _book("annomi", names), items, coders)


ANNOMI_CODERS = 10
ANNOMI_THERAPIST = ("question", "reflection", "therapist_input")
ANNOMI_CLIENT = ("change", "sustain")


PUBLIC_SETS: Mapping[str, Callable[[Path], PublicSet]] = {
    "nhs": _nhs,
    "pdpilot": _pdpilot,
    "ci_claims": _ci_claims,
    "casino": _casino,
    "annomi": _annomi,
    "nhs-multi": _nhs_multi,
}


def _csv_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _item(source: str, number: object, text: str, codes: Iterable[str], document: str) -> QuoteItem:
    """Return a quote; one that belongs to no document is its own."""
    name = f"{source}-{number}"
    return QuoteItem(name, " ".join(text.split()), frozenset(codes), document or name, source=source)


def _book(name: str, codes: Iterable[tuple[str, str, str]]) -> Codebook:
    return Codebook(name, "1", tuple(Code(code, code, domain, definition=text) for code, domain, text in codes))


def _frequent(whole: PublicSet) -> PublicSet:
    """Keep the most frequent codes, quotes that bear any of them or nothing, and each text once."""
    items = list(_first_of_each_text(whole.items))
    counts = Counter(code for item in items for code in item.codes)
    most = {code for code, n in counts.most_common(MOST_CODES) if n >= FEWEST_QUOTES}
    codes = tuple(code for code in whole.codebook.codes if code.id in most)
    book = Codebook(whole.codebook.name, whole.codebook.version, codes)
    kept = [replace(item, codes=item.codes & most) for item in items if not item.codes or item.codes & most]
    return PublicSet(whole.name, book, kept, whole.coders, whole.codebook)


def _first_of_each_text(items: Iterable[QuoteItem]) -> Iterator[QuoteItem]:
    seen: set[str] = set()
    for item in items:
        if item.text.casefold() not in seen:
            seen.add(item.text.casefold())
            yield item
