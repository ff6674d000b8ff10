"""A coded study as a REFI-QDA project, and a project's codes as a codebook.

Code trees: domain over level over code on the way out. On the way in a code's path is its domain, except for a level
of ours in it; ``Parent::Child``, as ATLAS.ti has it, is a path too.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, count, groupby
from typing import TYPE_CHECKING

from corpus.codebook import LEVELS, STEP, Code, Codebook
from corpus.coders import MACHINE
from corpus.refi import Project, QdaCase, QdaCode, QdaCoding, QdaNote, Selection, TextSource, User, Value, Variable
from corpus.refi.model import walk
from corpus.refi.xml import guid_of
from pipeline.export.coded import labels_of
from pipeline.export.palette import palette

if TYPE_CHECKING:
    from pipeline.export.coded import CodedDocument, CodedPassage, CodedStudy, GivenCode, Memo

TOPLESS = "Codes"
"""The domain of codes that hang under nothing."""
UNNAMED = "unnamed"
"""What a code without a name is called."""
_PARENTS = "::"
_INCLUDE, _EXCLUDE = "Include: ", "Exclude: "
_MEMO = re.compile(r"^Memo(?: \(([^\n]+?)\))?: ", re.MULTILINE)
"""Begins a memo in a description, for tools that have no other place for it."""


def code_guid(code: str) -> str:
    """Return the GUID of a code of ours by its id, by which we know it again."""
    return guid_of("code", code)


# Out


def project_of(study: CodedStudy) -> Project:
    """Return a study's coded documents as a project; who or what coded becomes a user."""
    on_texts = [memo for document in study.documents for memo in document.memos]
    noted = (memo.coder for memo in (*on_texts, *study.memos))
    coders = dict.fromkeys((*(coder_of(passage) for passage in study.passages()), *noted))
    attributes = tuple(name for name in study.attributes if name != "id")
    return Project(
        study.origin.study or "study",
        tuple(User(guid_of("user", name), name) for name in coders),
        code_tree(study.codes, study.memos),
        tuple(Variable(guid_of("variable", name), name) for name in attributes),
        tuple(_cases(study.documents, attributes)),
        tuple(_source(document) for document in study.documents),
        (
            *(_note(memo, document.transcript.name) for document in study.documents for memo in document.memos),
            *(_note(memo, memo.code) for memo in study.memos),
        ),
    )


def _note(memo: Memo, about: str) -> QdaNote:
    return QdaNote(
        _note_guid(memo, about), "Memo", memo.text, coder=guid_of("user", memo.coder), created=_dated(memo.time)
    )


def _note_guid(memo: Memo, about: str) -> str:
    return guid_of("memo", "code" if memo.code else "source", about, memo.coder)


def _dated(time: datetime | None) -> str:
    """Return a time as REFI-QDA writes it, in UTC; empty where it is not known."""
    return "" if time is None else time.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def coder_of(passage: CodedPassage) -> str:
    """Return whose a passage is; what nobody decided on belongs to the model and version that suggested it."""
    if not passage.pending:
        return passage.coder
    from importlib.metadata import version

    return f"{MACHINE} {passage.codes[0].model} {version('precode')}".replace("  ", " ")


def code_tree(codes: Iterable[Code], memos: Iterable[Memo] = ()) -> tuple[QdaCode, ...]:
    """Return codes under their domains and levels, in the order of their first appearance, with the memos on them."""
    known = list(codes)
    domains = dict.fromkeys(code.domain for code in known)
    colours = palette(list(domains))
    notes: defaultdict[str, list[str]] = defaultdict(list)
    for memo in memos:
        notes[memo.code].append(_note_guid(memo, memo.code))
    leaves = {code.id: _leaf(code, colours[code.domain].light, notes[code.id]) for code in known}
    return tuple(
        _domain(domain, [c for c in known if c.domain == domain], leaves, colours[domain].light) for domain in domains
    )


def _domain(domain: str, codes: Sequence[Code], leaves: Mapping[str, QdaCode], color: str) -> QdaCode:
    loose = [leaves[code.id] for code in codes if not code.level]
    below = [
        QdaCode(
            guid_of("level", domain, level),
            level,
            codable=False,
            color=color,
            codes=tuple(leaves[code.id] for code in codes if code.level == level),
        )
        for level in dict.fromkeys(code.level for code in codes if code.level)
    ]
    return QdaCode(guid_of("domain", domain), domain, codable=False, color=color, codes=(*loose, *below))


def _leaf(code: Code, color: str, notes: Sequence[str]) -> QdaCode:
    return QdaCode(code_guid(code.id), code.name, description_of(code), color=color, notes=tuple(notes))


def description_of(code: Code) -> str:
    """Return all that is said about what a code means."""
    parts = ((code.definition, ""), (code.include, _INCLUDE), (code.exclude, _EXCLUDE))
    return "\n".join(head + text for text, head in parts if text)


def _cases(documents: Sequence[CodedDocument], attributes: Sequence[str]) -> Iterator[QdaCase]:
    known = sorted(
        (document for document in documents if document.participant.get("id")),
        key=lambda document: document.participant["id"],
    )
    for person, group in groupby(known, key=lambda document: document.participant["id"]):
        theirs = list(group)
        held = ((name, theirs[0].participant.get(name, "")) for name in attributes)
        values = tuple(Value(guid_of("variable", name), "Text", value) for name, value in held if value)
        yield QdaCase(guid_of("case", person), person, "", (), values, tuple(map(_source_guid, theirs)))


def _source_guid(document: CodedDocument) -> str:
    return guid_of("source", document.transcript.name)


def _source(document: CodedDocument) -> TextSource:
    transcript = document.transcript
    selections = tuple(chain.from_iterable(map(_selections, document.passages)))
    notes = tuple(_note_guid(memo, transcript.name) for memo in document.memos)
    return TextSource(_source_guid(document), transcript.name, transcript.text, selections=selections, notes=notes)


def _selections(passage: CodedPassage) -> Iterator[Selection]:
    """Yield a selection for each memo on a passage, so that every code keeps its own."""
    memos: defaultdict[str, list[GivenCode]] = defaultdict(list)
    for given in passage.codes:
        memos[given.memo].append(given)
    for number, group in enumerate(memos.values()):
        yield _selection(replace(passage, codes=tuple(group)), *([number] if number else []))


def _selection(passage: CodedPassage, *number: int) -> Selection:
    place, coder = (passage.transcript, passage.span.start, passage.span.end), coder_of(passage)
    user = guid_of("user", coder)
    codings = tuple(
        QdaCoding(guid_of("coding", *place, coder, given.code.id), code_guid(given.code.id), user, _dated(given.time))
        for given in passage.codes
    )
    return Selection(
        guid_of("selection", *place, coder, *number),
        passage.span.start,
        passage.span.end,
        description=_note_of(passage),
        coder=user,
        created=min((coding.created for coding in codings if coding.created), default=""),
        codings=codings,
    )


def _note_of(passage: CodedPassage) -> str:
    """Return what a coder noted; of a suggestion what speaks for it."""
    if passage.pending:
        return "\n".join(_evidence(given) for given in passage.codes)
    return passage.codes[0].memo


def _evidence(given: GivenCode) -> str:
    sure = "" if given.probability is None else f", probability {given.probability:.2f}"
    sure += ", uncertain" if given.uncertain else ""
    seeds = "".join(f"\nSeed quotation: {text}" for text in given.evidence[:2])
    return f"Suggestion, decided by nobody: {given.code.name}{sure}{seeds}"


# In


def book_of(name: str, codes: tuple[QdaCode, ...]) -> tuple[Codebook | None, Mapping[str, str]]:
    """Return a codebook of the codes that can be given, and the id of each by its GUID; None without any."""
    made: dict[str, Code] = {}
    ids: dict[str, str] = {}
    for code, above in walk(codes):
        if code.codable:
            made_of = _code(code, above, made)
            made[made_of.id] = made_of
            ids[code.guid] = made_of.id
    return (Codebook(slug(name), "1", tuple(made.values()), title=name) if made else None), ids


def _code(code: QdaCode, above: Sequence[str], taken: Mapping[str, object]) -> Code:
    steps = [part.strip() for part in code.name.split(_PARENTS) if part.strip()] or [UNNAMED]
    *parents, own = _bare([*above, *steps])
    level = parents.pop().lower() if len(parents) > 1 and parents[-1].lower() in LEVELS else None
    domain = STEP.join(parents) or (own if code.codes else TOPLESS)
    description, _ = memos_in(code.description)
    text, _, exclude = f"\n{description}".partition(f"\n{_EXCLUDE}")
    definition, _, include = text.partition(f"\n{_INCLUDE}")
    id_ = _free(slug(own), slug(domain), taken)
    return Code(id_, own, domain, level, definition.strip(), include.strip(), exclude.strip())


def _bare(path: Sequence[str]) -> list[str]:
    """Return names without those above them, which tools get that want every name once."""
    bare: list[str] = []
    for name in path:
        bare.append(name.removeprefix(STEP.join((*bare, ""))) or name)
    return bare


def described(description: str, memos: Iterable[tuple[str, str]]) -> str:
    """Return a description that ends in memos, each with who wrote it."""
    return "\n".join(part for part in (description, *(f"Memo ({coder}): {text}" for coder, text in memos)) if part)


def memos_on(memos: Iterable[Memo]) -> Mapping[str, list[tuple[str, str]]]:
    """Return coder and text of memos by the id of the code that they are on."""
    found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for memo in memos:
        found[memo.code].append((memo.coder, memo.text))
    return found


def memos_in(description: str) -> tuple[str, list[tuple[str, str]]]:
    """Return a description without the memos that it ends in, and coder and text of each; the coder may be unknown."""
    before, *parts = _MEMO.split(description)
    memos = [(coder or "", text.strip()) for coder, text in zip(parts[::2], parts[1::2], strict=True)]
    return before.strip() if memos else description, memos


def slug(name: str) -> str:
    """Return a name as an id: letters, digits and underscores in lower case."""
    return re.sub(r"[\W_]+", "_", name.casefold()).strip("_") or "code"


def _free(own: str, domain: str, taken: Mapping[str, object]) -> str:
    numbered = (f"{domain}.{own}_{n}" for n in count(2))
    return next(name for name in chain([own, f"{domain}.{own}"], numbered) if name not in taken)


def matched(own: Codebook, guids: Mapping[str, str], study: Codebook) -> dict[str, str]:
    """Return for codes of a file the study's codes they are: by our GUID, else by id, name or alias, case folded.

    A name that several codes of the study bear decides nothing by itself; with the domain it may.

    Args:
        own: The codes of the file.
        guids: Their ids by GUID, empty if the file knows none.
        study: The study's codebook.
    """
    ours = {code_guid(code.id): code.id for code in study.codes}
    found = {id_: ours[guid] for guid, id_ in guids.items() if guid in ours}
    names = _names(study)
    for code in own.codes:
        keys = (name_key(code.id), name_key(code.name), name_key(f"{code.domain}{STEP}{code.name}"))
        named = next((names[key] for key in keys if key in names), None)
        if code.id not in found and named is not None:
            found[code.id] = named
    return found


def _names(study: Codebook) -> dict[str, str]:
    """Return codes by whatever names one of them alone."""
    labels = labels_of(study.codes)
    named = [
        (name_key(name), code.id)
        for code in study.codes
        for name in (code.id, code.name, *code.aliases, f"{code.domain}{STEP}{code.name}", labels[code.id])
    ]
    bearers = Counter(name for name, _ in set(named))
    ids = {name_key(code.id): code.id for code in study.codes}
    return {name: code for name, code in named if bearers[name] == 1} | ids


def name_key(name: str) -> str:
    """Return what names of codes are compared by: neither case, blanks nor the accents' form decide."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def codebook_toml(book: Codebook) -> str:
    """Return a codebook as the TOML that ``load_codebook`` reads."""
    head = {"name": book.name, "version": book.version, "title": book.title, "source": book.source}
    blocks = ["[codebook]\n" + _lines(head)]
    if book.colours:
        colours = "".join(f"{_quoted(domain)} = {_quoted(colour)}\n" for domain, colour in book.colours)
        blocks.append(f"[codebook.colours]\n{colours}")
    blocks += [_block("code", code) for code in book.codes] + [_block("removed", code) for code in book.removed]
    return "\n".join(blocks if book.codes else ["code = []\n", *blocks])


def _block(key: str, code: Code) -> str:
    entry = {"id": code.id, "name": code.name, "domain": code.domain, "level": code.level or ""}
    more = {"definition": code.definition, "include": code.include, "exclude": code.exclude}
    aliases = f"aliases = [{', '.join(map(_quoted, code.aliases))}]\n" if code.aliases else ""
    return f"[[{key}]]\n" + _lines({**entry, **more}) + aliases


def _lines(values: Mapping[str, str]) -> str:
    return "".join(f"{key} = {_quoted(value)}\n" for key, value in values.items() if value)


def _quoted(text: str) -> str:
    """Quote for TOML, whose basic strings are JSON's except for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
