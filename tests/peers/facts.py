"""What a study or a project of a tool holds, as countable facts by kind, and what of it came through."""

import json
import re
from collections import Counter, defaultdict

from pipeline.export.gather import ExportRequest, gather
from pipeline.export.qda_project import TOPLESS
from pipeline.session import StudySession
from pipeline.study import open_study

TRANSCRIPTS = "transcripts"
CODES = "codes under their parents"
DEFINITIONS = "definitions of codes"
CODINGS = "codings with equal words"
CODERS = "coders of codings"
DATES = "dates of codings"
CODING_MEMOS = "memos on codings"
CODE_MEMOS = "memos on codes"
TRANSCRIPT_MEMOS = "memos on transcripts"
MEMO_CODERS = "coders of memos"
VALUES = "cases with values"
DOCUMENTS = "cases with documents"
PROJECT_MEMOS = "memos on the project"
CASE_MEMOS = "memos on cases"
CATEGORY_MEMOS = "memos on categories"
JOURNALS = "journals"
ANNOTATIONS = "annotations"
KINDS = (
    *(TRANSCRIPTS, CODES, DEFINITIONS, CODINGS, CODERS, DATES, CODING_MEMOS, CODE_MEMOS, TRANSCRIPT_MEMOS),
    *(MEMO_CODERS, VALUES, DOCUMENTS, PROJECT_MEMOS, CASE_MEMOS, CATEGORY_MEMOS, JOURNALS, ANNOTATIONS),
)
NOTES = {
    "project": PROJECT_MEMOS,
    "case": CASE_MEMOS,
    "category": CATEGORY_MEMOS,
    "memo": JOURNALS,
    "annotation": ANNOTATIONS,
}

SHOWN = 3
"""Facts of a kind that are printed where they were lost."""


class Facts(defaultdict):
    """Facts by kind; every fact counts as often as it is there."""

    def __init__(self):
        super().__init__(Counter)

    def add(self, kind, *fact):
        self[kind][tuple(solid(part) for part in fact)] += 1

    def coding(self, transcript, words, code, coder="", time=None, memo=""):
        """Add a coding with its coder, time and memo, as far as there are any."""
        place = (transcript, words, code)
        self.add(CODINGS, *place)
        for kind, fact in ((CODERS, coder), (DATES, time and f"{time:%Y-%m-%d %H:%M:%S}"), (CODING_MEMOS, memo)):
            if fact:
                self.add(kind, *place, fact)

    def code(self, path, about):
        """Add a code, the definition that a tool has of it, and the memos that this ends in."""
        definition, memos = parts_of(about)
        self.add(CODES, path)
        if definition:
            self.add(DEFINITIONS, path, definition)
        for coder, said in memos:
            self.add(CODE_MEMOS, path, said)
            self.add(MEMO_CODERS, path, coder, said)

    def transcript(self, name, text, about, owner):
        """Add a transcript with what a tool says about it: a memo of its owner, and the memos that it ends in."""
        before, memos = parts_of(about)
        self.add(TRANSCRIPTS, name, text)
        for coder, said in [(owner, before)] * bool(before) + memos:
            self.add(TRANSCRIPT_MEMOS, name, said)
            self.add(MEMO_CODERS, name, coder, said)


def parts_of(about):
    """Return what stands before the memos of ours in a description, and their coders and texts."""
    before, *rest = re.split(r"^Memo \((.+?)\): ", about or "", flags=re.MULTILINE)
    return before.strip(), list(zip(rest[::2], rest[1::2], strict=True))


def solid(text):
    """Return a text with single blanks, as tools lay out lines anew."""
    return " ".join(str(text).split())


def bare(path):
    """Return a path without the names in it that precode repeats for tools that want every name once."""
    shorter = []
    for name in path:
        shorter.append(name.removeprefix("".join(f"{above} / " for above in shorter)))
    return " / ".join(shorter)


def path_of(code):
    """Return where a code hangs: domain, level, name; nothing stands above what hangs under nothing."""
    return " / ".join(part for part in (code.domain.removeprefix(TOPLESS), code.level, code.name) if part)


def facts_of(folder):
    """Return what a study of ours holds."""
    facts, study = Facts(), open_study(folder)
    with StudySession(study) as session:
        coded = gather(session, ExportRequest())
    for code in coded.codebook.codes:
        facts.add(CODES, path_of(code))
        parts = ((code.definition, ""), (code.include, "Include: "), (code.exclude, "Exclude: "))
        if described := " ".join(head + text for text, head in parts if text):
            facts.add(DEFINITIONS, path_of(code), described)
    _add_coded(facts, coded)
    _add_files(facts, study)
    return facts


def _add_coded(facts, coded):
    paths = {code.id: path_of(code) for code in coded.codebook.codes}
    for memo in coded.memos:
        facts.add(CODE_MEMOS, paths[memo.code], memo.text)
        facts.add(MEMO_CODERS, paths[memo.code], memo.coder, memo.text)
    for document in coded.documents:
        name = document.transcript.name
        facts.add(TRANSCRIPTS, name, document.transcript.text)
        for memo in document.memos:
            facts.add(TRANSCRIPT_MEMOS, name, memo.text)
            facts.add(MEMO_CODERS, name, memo.coder, memo.text)
        for passage in document.passages:
            for given in passage.codes:
                path = path_of(given.code)
                facts.coding(name, passage.text, path, passage.coder, given.time, given.memo)
        if document.participant:
            facts.add(DOCUMENTS, document.participant["id"], name)


def _add_files(facts, study):
    for person in study.participants().people:
        for key, value in person.items():
            if key != "id" and value:
                facts.add(VALUES, person["id"], key, value)
    for notes in sorted(study.folder.glob("imports/*/notes.jsonl")):
        for line in notes.read_text(encoding="utf-8").splitlines():
            note = json.loads(line)
            if note["kind"] in NOTES and note["text"]:
                facts.add(NOTES[note["kind"]], note["text"])


def kept(expected, came):
    """Return for each kind that there is how many facts came through, of how many."""
    return {
        kind: (sum((expected[kind] & came[kind]).values()), sum(expected[kind].values()))
        for kind in KINDS
        if expected[kind]
    }


def lost(expected, came):
    """Yield what did not come through, for whoever runs the job; these are words of a study made for it."""
    for kind in filter(expected.get, KINDS):
        gone, new = expected[kind] - came[kind], came[kind] - expected[kind]
        yield from (f"{kind}: lost {fact}" for fact in list(gone)[:SHOWN])
        yield from (f"{kind}: new {fact}" for fact in list(new)[:SHOWN])


def table(ways):
    """Return a Markdown table of what was kept, a column for each way.

    Args:
        ways: By its title, what ``kept`` says of each way.
    """
    lines = [f"| kept | {' | '.join(ways)} |", f"| --- {'| --- ' * len(ways)}|"]
    for kind in KINDS:
        if any(kind in way for way in ways.values()):
            cells = ("{} of {}".format(*way[kind]) if kind in way else "" for way in ways.values())
            lines.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join(lines)


def in_page(page, name, new):
    """Return a page whose part between the marks of a table is this table."""
    begin, end = f"<!-- made by make peers: {name} -->", "<!-- end -->"
    assert page.count(begin) == 1, f"the page has no place for the table {name}"
    return re.sub(
        rf"{re.escape(begin)}\n.*?{re.escape(end)}", lambda _: f"{begin}\n{new}\n{end}", page, flags=re.DOTALL
    )
