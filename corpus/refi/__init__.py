"""REFI-QDA 1.0: the exchange format of qualitative analysis software, projects (``.qdpx``) and codebooks (``.qdc``)."""

from __future__ import annotations

from corpus.refi.dialects import DIALECTS, Dialect
from corpus.refi.model import (
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
)
from corpus.refi.read import LeftOut, ReadProject, read_codes, read_project
from corpus.refi.write import codes_xml, project_bytes

__all__ = [
    "DIALECTS",
    "Dialect",
    "LeftOut",
    "Project",
    "QdaCase",
    "QdaCode",
    "QdaCoding",
    "QdaNote",
    "QdaSet",
    "ReadProject",
    "Selection",
    "TextSource",
    "User",
    "Value",
    "Variable",
    "codes_xml",
    "project_bytes",
    "read_codes",
    "read_project",
]
