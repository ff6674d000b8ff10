"""A study with names in it, and a terminal that answers for passphrases."""

import sqlite3
from contextlib import closing

from pipeline.deidentify.candidates import ReplacementCandidate
from pipeline.deidentify.kinds import IdentifierKind

PASSPHRASE = "a heron by the canal"

TALK = (
    "Hilde Brandvold: Thank you for coming. It is the 4th of May 2021.\r\n"
    "P01: I'm Odalys Ferreira, I nurse at Thornwick Infirmary. \U0001f642 Odalys is what they call me.\r\n"
    "Hilde Brandvold: And who helps?\r\n"
    "P01: Mostly Dr Quarrie. Quarrie rang me on 0161 496 0123 about Mrs Tamworth, who is 97, of 12 Pinfold Lane.\r\n"
    "P01: We are fine.\r\n"
)
SECRETS = (
    *("Odalys", "Ferreira", "Brandvold", "Hilde", "Thornwick", "Quarrie", "Tamworth", "Pinfold"),
    *("0161 496 0123", "4th of May"),
)


def put(study, name="P01", talk=TALK):
    path = study.transcripts / f"{name}.txt"
    path.write_bytes(talk.encode("utf-8"))
    return path


def candidate(text, replacement="[X]", kind=IdentifierKind.PERSON, **other):
    return ReplacementCandidate(text, kind, replacement, **other)


def everything_in(folder):
    """All bytes of a folder's files, and all cells of its databases, as one text."""
    told = []
    for path in folder.rglob("*"):
        if path.is_file():
            told += [path.name, path.read_bytes().decode("utf-8", "replace")]
            told += cells_of(path) if path.suffix == ".db" else []
    return "\n".join(told)


def cells_of(path):
    with closing(sqlite3.connect(path)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [str(row) for table in tables for row in database.execute(f"SELECT * FROM {table}")]
