"""``/api/deidentify``: what may identify people, decided on in the page, and the copy without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends
from pydantic import AfterValidator, BaseModel, Field

from corpus.errors import UsageError
from flows.web.coding_types import Body, storable
from flows.web.errors import REFUSALS
from flows.web.job_record import JobKind
from flows.web.sessions import current_coder
from flows.web.work_routes import Work
from pipeline.deidentify.kinds import IdentifierKind

if TYPE_CHECKING:
    from pipeline.deidentify.candidates import ReplacementCandidate
    from pipeline.study import Study

Coder = Annotated[str, Depends(current_coder)]
Text = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(storable)]
MOST_CANDIDATES = 20_000


class CandidateIn(Body):
    """A line of the list as it was decided; without a replacement it gets one."""

    text: Text
    kind: IdentifierKind = Field(default=IdentifierKind.PERSON, strict=False)
    replacement: Annotated[str, Field(max_length=300), AfterValidator(storable)] = ""
    hide: bool = True


class CandidateView(BaseModel):
    """A line of the list: what stands in the transcripts, how often, where, and what takes its place."""

    text: str
    kind: IdentifierKind
    replacement: str
    hide: bool
    count: int
    transcripts: int
    contexts: list[str]
    note: str


class ListView(BaseModel):
    """The list of a study.

    Attributes:
        listed: Whether somebody has looked for names yet.
        key: Whether something was replaced before; then the same passphrase is asked for.
        target: Where the copy goes.
    """

    listed: bool
    key: bool
    target: str
    kinds: list[IdentifierKind]
    candidates: list[CandidateView]


class CandidatesIn(Body):
    """The whole list."""

    candidates: Annotated[list[CandidateIn], Field(max_length=MOST_CANDIDATES)]


class ApplyIn(Body):
    """The passphrase of the key, which is kept nowhere."""

    passphrase: Annotated[str, Field(min_length=1, max_length=1_000)]


class AppliedView(BaseModel):
    """What became of the study; see ``pipeline.deidentify.apply.Applied``."""

    folder: str
    transcripts: int
    replaced: int
    codings: int
    decisions: int
    left_behind: int
    refused: list[str]


def router(work: Work) -> APIRouter:
    """Return the routes that take names out of a study."""
    routes = APIRouter(prefix="/api/deidentify", tags=["deidentify"], responses=REFUSALS)
    study, one_at_a_time = work.session.study, Lock()

    @routes.get("")
    def listed(coder: Coder) -> ListView:
        """Return the list as it was decided last, with the places where each line stands."""
        return _list_view(study)

    @routes.post("/find", status_code=202)
    def find(coder: Coder) -> None:
        """Begin to look for names; what was decided stays. ``/api/job`` tells when it is done."""
        work.jobs.begin(JobKind.FIND_NAMES, "deidentify", "--json")

    @routes.put("")
    def decide(coder: Coder, body: CandidatesIn) -> ListView:
        """Keep the list as it is sent, whole."""
        with one_at_a_time:
            _save(study, body.candidates)
        return _list_view(study)

    @routes.post("/apply")
    def apply(coder: Coder, body: ApplyIn) -> AppliedView:
        """Write the copy; what is there already stays as it is, and what came since is added."""
        work.require_open_eyes(coder)
        with one_at_a_time:
            return _apply(study, body.passphrase)

    return routes


def _list_view(study: Study) -> ListView:
    from pipeline.deidentify.apply import FOLDER, KEY
    from pipeline.deidentify.listing import edited

    path = edited(study.folder / FOLDER)
    candidates = _read(path) if path else []
    return ListView(
        listed=path is not None,
        key=(study.folder / FOLDER / KEY).exists(),
        target=str(_target(study)),
        kinds=list(IdentifierKind),
        candidates=[CandidateView.model_validate(line, from_attributes=True) for line in candidates],
    )


def _read(path: Path) -> list[ReplacementCandidate]:
    from pipeline.deidentify.listing import read_list
    from pipeline.deidentify.pseudonyms import filled

    return list(filled(read_list(path, with_places=True)))


def _save(study: Study, sent: Sequence[CandidateIn]) -> None:
    """Write the list; counts and places of lines that were there stay."""
    from pipeline.deidentify.apply import FOLDER
    from pipeline.deidentify.candidates import ReplacementCandidate
    from pipeline.deidentify.listing import edited, write_list
    from pipeline.deidentify.matcher import plain
    from pipeline.deidentify.pseudonyms import filled

    folder = study.folder / FOLDER
    path = edited(folder)
    if path is None:
        raise UsageError("nobody has looked for names yet; do that first")
    known = {plain(line.text): line for line in _read(path)}
    lines: dict[str, ReplacementCandidate] = {}
    for line in sent:
        before = known.get(plain(line.text), ReplacementCandidate(plain(line.text), line.kind, ""))
        lines.setdefault(
            plain(line.text), replace(before, kind=line.kind, replacement=line.replacement.strip(), hide=line.hide)
        )
    write_list(folder, list(filled([line for line in lines.values() if line.text])))


def _target(study: Study) -> Path:
    from pipeline.deidentify.apply import SUFFIX

    folder = study.folder.resolve()
    return folder.with_name(f"{folder.name}{SUFFIX}")


def _apply(study: Study, passphrase: str) -> AppliedView:
    from pipeline.deidentify.apply import FOLDER, KEY, apply, sound
    from pipeline.deidentify.key import Key, check_passphrase, load_key
    from pipeline.deidentify.listing import edited
    from pipeline.study import CODINGS

    path, key = edited(study.folder / FOLDER), study.folder / FOLDER / KEY
    if path is None:
        raise UsageError("nobody has looked for names yet; do that first")
    candidates = _read(path)
    sound(candidates)
    check_passphrase(passphrase)
    known = load_key(key, passphrase) if key.exists() else Key()
    usual = study.folder / CODINGS
    applied = apply(study, _target(study), candidates, known, passphrase, [usual] if usual.exists() else [])
    return AppliedView(
        folder=str(applied.study.folder),
        transcripts=applied.transcripts,
        replaced=applied.replaced,
        codings=applied.codings,
        decisions=applied.carried.decisions,
        left_behind=applied.carried.behind,
        refused=list(map(str, applied.refused)),
    )
