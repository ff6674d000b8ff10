"""Writes a study for other analysis software: its codings as a REFI-QDA project, its codebook as a ``.qdc``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from corpus.codebook import Codebook
from corpus.errors import UsageError
from corpus.files import replace_file
from corpus.refi import DIALECTS, codes_xml, project_bytes
from pipeline.export.qda_project import code_tree, project_of
from pipeline.export.qualcoder_project import for_qualcoder

if TYPE_CHECKING:
    from pipeline.export.coded import CodedStudy
    from pipeline.session import StudySession

TOOLS = tuple(DIALECTS)
"""What ``--for`` takes."""


def write_qdpx(path: Path, session: StudySession, *, tool: str = "generic", with_suggestions: bool = False) -> None:
    """Write a study's codings under their coders, as one tool reads them best.

    Args:
        path: The ``.qdpx`` file.
        session: The study.
        tool: One of ``TOOLS``.
        with_suggestions: Add suggestions that nobody decided on, under a user named after model and version.

    Raises:
        UsageError: If the tool is unknown or the file cannot be written.
    """
    from pipeline.export.gather import ExportRequest, gather

    write_coded_qdpx(path, gather(session, ExportRequest(suggestions=with_suggestions)), tool=tool)


def write_coded_qdpx(path: Path, study: CodedStudy, *, tool: str = "generic") -> None:
    """Write what was gathered of a study as one tool reads it best.

    Args:
        path: The ``.qdpx`` file.
        study: Its codings.
        tool: One of ``TOOLS``.

    Raises:
        UsageError: If the tool is unknown or the file cannot be written.
    """
    if tool not in DIALECTS:
        raise UsageError(f"tool {tool!r} is none of {', '.join(TOOLS)}")
    project = project_of(study)
    data = project_bytes(for_qualcoder(project) if tool == "qualcoder" else project, DIALECTS[tool])
    with replace_file(path) as draft:
        draft.write_bytes(data)


def write_qdc(path: Path, codebook: Codebook) -> None:
    """Write a codebook: domains over levels over codes, with definitions.

    Raises:
        UsageError: If the file cannot be written.
    """
    with replace_file(path) as draft:
        draft.write_bytes(codes_xml(code_tree(codebook.codes)))
