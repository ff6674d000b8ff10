"""REFI-QDA files of our own writing: sound ones in the variants of each tool, and ones that mean harm."""

import io
import zipfile

from corpus.refi import (
    DIALECTS,
    Project,
    QdaCase,
    QdaCode,
    QdaCoding,
    QdaNote,
    QdaSet,
    Selection,
    TextSource,
    User,
    Value,
    Variable,
    codes_xml,
    project_bytes,
)
from corpus.refi.xml import guid_of

TALK = (
    "INT: How did it begin?\n"
    "Anna: The nurse rang me 🙂 every week.\n"
    "\n"
    "INT: And the money?\n"
    "Anna: Nobody told us who pays — ليس أنا — for the ride home.\n"
)
QUOTES = ("The nurse rang me 🙂 every week.", "who pays — ليس أنا — for", "ride home")


def selection_of(text, quote, *codes, coder="", **more):
    start = text.index(quote)
    codings = tuple(QdaCoding(guid_of("coding", text, quote, code, coder), code, coder) for code in codes)
    guid = guid_of("selection", text, quote, codes, coder)
    return Selection(guid, start, start + len(quote), coder=coder, codings=codings, **more)


def codes_of():
    team = QdaCode(guid_of("team"), "Team", "People working together.", color="#ff8800")
    skills = QdaCode(guid_of("skills"), "Skills")
    people = QdaCode(guid_of("people"), "Workforce", codable=False, codes=(team, skills))
    return people, QdaCode(guid_of("money"), "Money", "Who pays.")


def project_of(text=TALK, quotes=QUOTES, name="ward study"):
    people, money = codes_of()
    ada, ben = User(guid_of("ada"), "Ada"), User(guid_of("ben"), "Ben")
    memo = QdaNote(guid_of("memo"), "Memo", "Ask again.\nSoon.", coder=ada.guid)
    selections = (
        selection_of(text, quotes[0], people.codes[0].guid, coder=ada.guid, notes=(memo.guid,)),
        selection_of(text, quotes[1], money.guid, people.codes[1].guid, coder=ben.guid, description="unclear"),
        selection_of(text, quotes[2], coder=ben.guid, description="an annotation"),
    )
    role = Variable(guid_of("role"), "role")
    source = TextSource(
        guid_of("P01"), "P01.docx", text, coder=ada.guid, created="2026-01-05T09:30:00Z", selections=selections
    )
    case = QdaCase(guid_of("Anna"), "P01", values=(Value(role.guid, "Text", "carer"),), sources=(source.guid,))
    group = QdaSet(guid_of("set"), "first wave", codes=(money.guid,), sources=(source.guid,), notes=(memo.guid,))
    return Project(
        name, (ada, ben), (people, money), (role,), (case,), (source,), (memo,), (group,), "A study.", (memo.guid,)
    )


def archive_of(parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def parts_of(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def qde(sources="", before="", head=""):
    """A project file around the given sources."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{head}<Project xmlns="urn:QDA-XML:project:1.0" name="odd" '
        f'origin="Some tool 1">{before}<Sources>{sources}</Sources></Project>'
    ).encode()


def text_source(raw, *places, path="internal://one.txt", name="one"):
    """A source whose selections lie at ``places``: start, end and the name they bear."""
    code = guid_of("money")
    inside = "".join(
        f'<PlainTextSelection guid="{{{guid_of(raw, place).upper()}}}" startPosition="{place[0]}" '
        f'endPosition="{place[1]}" name="{place[2]}"><Coding guid="{guid_of("c", raw, place)}">'
        f'<CodeRef targetGUID="{code}"/></Coding></PlainTextSelection>'
        for place in places
    )
    return f'<TextSource guid="{guid_of(name)}" name="{name}" plainTextPath="{path}">{inside}</TextSource>'


def samples():
    """Return sound files by name, for whoever wants to break them."""
    project = project_of()
    files = {f"{tool}.qdpx": project_bytes(project, dialect) for tool, dialect in DIALECTS.items()}
    parts = parts_of(files["generic.qdpx"])
    return {**files, "codes.qdc": codes_xml(project.codes), "bare.qde": parts["project.qde"]}
