"""Realistic transcripts of every format, made from nothing: our own words in the shape that each tool writes."""

from __future__ import annotations

import io
import json
import zipfile
import zlib

import docx
from openpyxl import Workbook

TALK = [
    ("INT", "How so?"),
    ("P01", "It just is. The nurse rang, and then the follow-up never came."),
    ("INT", "I see."),
    ("P02", "We cope, as you do."),
]

_ODF = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
_SPACES = " ".join(
    f'xmlns:{short}="{_ODF.format(name)}"'
    for short, name in {"office": "office", "text": "text", "table": "table", "style": "style", "draw": "drawing",
                        "fo": "xsl-fo-compatible"}.items()
)  # fmt: skip


def packed(parts):
    """A zip archive of these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def unpacked(content):
    """The parts of a zip archive."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def saved(document):
    """The bytes of a document or workbook that can save itself."""
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def word(talk=TALK):
    document = docx.Document()
    document.add_heading("An interview")
    for speaker, words in talk:
        paragraph = document.add_paragraph()
        paragraph.add_run(f"{speaker}:").bold = True
        runs = [paragraph.add_run("\t"), paragraph.add_run(words)]
        document.add_comment(runs[1:], text=f"ACCESS; {speaker}", author="Ann", initials="A")
    cells = document.add_table(1, 3).rows[0].cells
    for cell, text in zip(cells, ("0:09", "P01", "In a table."), strict=True):
        cell.text = text
    return saved(document)


def open_document(body, *, styles=""):
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_SPACES}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    return packed({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})


def open_document_talk(talk=TALK):
    return open_document("".join(f"<text:p>{speaker}:<text:tab/>{words}</text:p>" for speaker, words in talk))


def rich_text(talk=TALK):
    lines = "".join(f"{{\\b {speaker}:}}\\tab {words}\\par\n" for speaker, words in talk)
    return (
        "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\froman\\fcharset0 Times;}{\\f1\\fcharset204 Arial;}}\n"
        f"\\f0\\fs24 {lines}}}"
    ).encode("cp1252")


def pdf(*pages):
    """A PDF with one string a line on each page, as a printer driver would set it."""
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", font]
    kids = []
    for lines in pages:
        shown = " T* ".join(f"({line}) Tj" for line in lines)
        stream = zlib.compress(f"BT /F1 11 Tf 14 TL 72 760 Td {shown} ET".encode("cp1252"))
        length = f"<< /Length {len(stream)} /Filter /FlateDecode >>".encode()
        objects.append(length + b"\nstream\n" + stream + b"\nendstream")
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            + f"/Contents {len(objects)} 0 R >>".encode()
        )
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    return _numbered(objects)


def _numbered(objects):
    out, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    rows = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{rows}".encode()
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)


def printed(talk=TALK):
    return pdf([f"{speaker}: {words}" for speaker, words in talk], ["P01: Page two."])


def text_grid(tiers, *, length=60.0):
    """A TextGrid in long form; a tier is its name and its intervals (start, end, words)."""
    head = f'File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0\nxmax = {length}\ntiers? <exists>\n'
    blocks = []
    for n, (name, intervals) in enumerate(tiers, start=1):
        rows = "".join(
            f'        intervals [{i}]:\n            xmin = {a}\n            xmax = {b}\n            text = "{words}"\n'
            for i, (a, b, words) in enumerate(intervals, start=1)
        )
        blocks.append(
            f'    item [{n}]:\n        class = "IntervalTier"\n        name = "{name}"\n        xmin = 0\n'
            f"        xmax = {length}\n        intervals: size = {len(intervals)}\n{rows}"
        )
    return f"{head}size = {len(tiers)}\nitem []:\n{''.join(blocks)}".encode()


def text_grid_talk():
    return text_grid([("INT", [(0, 1.5, "How so?"), (1.5, 2, "")]), ("P01", [(2, 9, 'It ""just"" is. <sil>')])])


def whisper(talk=TALK):
    segments = [
        {"id": n, "start": n * 5.0, "end": n * 5.0 + 4, "text": f" {words}", "speaker": speaker}
        for n, (speaker, words) in enumerate(talk)
    ]
    return json.dumps({"text": "", "segments": segments, "language": "en"}).encode()


def amazon(talk=TALK):
    items = [
        {"type": "pronunciation", "start_time": f"{n}.0", "end_time": f"{n}.9", "speaker_label": speaker,
         "alternatives": [{"confidence": "0.9", "content": word}]}
        for n, (speaker, words) in enumerate(talk) for word in words.split()
    ]  # fmt: skip
    stop = {"type": "punctuation", "alternatives": [{"content": "!"}]}
    return json.dumps({"results": {"transcripts": [], "items": [*items, stop]}}).encode()


def comma_separated(talk=TALK):
    rows = "".join(f'{speaker},0:0{n},"{words}"\r\n' for n, (speaker, words) in enumerate(talk))
    return f"Speaker,Start,Text\r\n{rows}".encode()


def workbook(talk=TALK):
    book = Workbook()
    book.active.append(["Respondent ID", "Comment"])
    for row in talk:
        book.active.append(row)
    return saved(book)


def subtitles(mark=".", head="WEBVTT\n\n", talk=TALK):
    cues = (
        f"{n}\n00:00:{n * 5:02d}{mark}000 --> 00:00:{n * 5 + 4:02d}{mark}000\n{speaker}: {words}\n\n"
        for n, (speaker, words) in enumerate(talk, start=1)
    )
    return (head + "".join(cues)).encode()


def plain(talk=TALK):
    return "".join(f"{speaker}  0:0{n}\n{words}\n\n" for n, (speaker, words) in enumerate(talk)).encode()


def elan(talk=TALK):
    slots = "".join(f'<TIME_SLOT TIME_SLOT_ID="ts{n}" TIME_VALUE="{n * 500}"/>' for n in range(2 * len(talk)))
    tiers = "".join(
        f'<TIER TIER_ID="{speaker}" PARTICIPANT="{speaker}" LINGUISTIC_TYPE_REF="t">'
        + "".join(
            f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a{n}" TIME_SLOT_REF1="ts{2 * n}" '
            f'TIME_SLOT_REF2="ts{2 * n + 1}"><ANNOTATION_VALUE>{words}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION>'
            "</ANNOTATION>"
            for n, (who, words) in enumerate(talk)
            if who == speaker
        )
        + "</TIER>"
        for speaker in dict.fromkeys(who for who, _ in talk)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><ANNOTATION_DOCUMENT VERSION="3.0"><HEADER TIME_UNITS="milliseconds"/>'
        f'<TIME_ORDER>{slots}</TIME_ORDER>{tiers}<TIER TIER_ID="gloss" PARENT_REF="INT"/></ANNOTATION_DOCUMENT>'
    ).encode()


def exmaralda(talk=TALK):
    speakers = list(dict.fromkeys(who for who, _ in talk))
    table = "".join(
        f'<speaker id="SPK{n}"><abbreviation>{who}</abbreviation></speaker>' for n, who in enumerate(speakers)
    )
    points = "".join(f'<tli id="T{n}" time="{n}.5"/>' for n in range(len(talk) + 1))
    tiers = "".join(
        f'<tier id="TIE{k}" speaker="SPK{k}" category="v" type="t" display-name="{speaker}">'
        + "".join(
            f'<event start="T{n}" end="T{n + 1}">{words} </event>'
            for n, (who, words) in enumerate(talk)
            if who == speaker
        )
        + "</tier>"
        for k, speaker in enumerate(speakers)
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><basic-transcription><head><speakertable>{table}</speakertable></head>'
        f"<basic-body><common-timeline>{points}</common-timeline>{tiers}"
        f'<tier id="N" category="nv" type="d"><event start="T0" end="T1">nods</event></tier></basic-body>'
        "</basic-transcription>"
    ).encode()


def clan(talk=TALK):
    lines = "".join(
        f"*{speaker}:\t{words} \x15{n * 1000}_{n * 1000 + 900}\x15\n%com:\tnothing\n"
        for n, (speaker, words) in enumerate(talk)
    )
    return f"@UTF8\n@Begin\n@Participants:\tINT Investigator, P01 Ann Participant\n{lines}@End\n".encode()


def web_page(talk=TALK):
    paragraphs = "".join(f'<p><a name="ts_{n}">{speaker}: {words}</a></p>' for n, (speaker, words) in enumerate(talk))
    head = "<head><title>x</title></head>"
    return f"<html>{head}<body><p>Transcribed with noScribe vers. 0.5</p>{paragraphs}</body></html>".encode()


def assembly(talk=TALK):
    utterances = [
        {"speaker": speaker, "start": n * 5000, "end": n * 5000 + 4000, "text": words}
        for n, (speaker, words) in enumerate(talk)
    ]
    return json.dumps({"status": "completed", "utterances": utterances}).encode()


def samples():
    """One or two files of every format that is read, by their names."""
    return {
        "talk.cha": clan(),
        "talk.csv": comma_separated(),
        "talk.doc": rich_text(),
        "talk.docx": word(),
        "talk.eaf": elan(),
        "talk.exb": exmaralda(),
        "talk.htm": web_page(),
        "talk.html": web_page(),
        "whisper.json": whisper(),
        "assembly.json": assembly(),
        "amazon.json": amazon(),
        "talk.odt": open_document_talk(),
        "talk.pdf": printed(),
        "talk.rtf": rich_text(),
        "talk.srt": subtitles(",", ""),
        "talk.textgrid": text_grid_talk(),
        "talk.tsv": comma_separated().replace(b",", b"\t"),
        "talk.txt": plain(),
        "talk.vtt": subtitles(),
        "talk.xlsx": workbook(),
    }
