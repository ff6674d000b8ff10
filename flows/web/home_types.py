"""What the routes of the first page take and give."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from flows.web.coding_types import Body, storable

FolderPath = Annotated[str, Field(min_length=1, max_length=2_000), AfterValidator(storable)]
StudyName = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(storable)]


class RecentView(BaseModel):
    """A study that was opened lately."""

    folder: str
    name: str
    is_there: bool


class ChoiceView(BaseModel):
    """What a new study can be coded with: a codebook that comes with precode, or none yet."""

    id: str
    title: str
    codes: int


class HomeView(BaseModel):
    """What the first page shows.

    Attributes:
        folder: Where a new study goes unless somebody says otherwise.
    """

    recent: list[RecentView]
    codebooks: list[ChoiceView]
    folder: str


class FolderView(BaseModel):
    """A folder below another.

    Attributes:
        study: Whether it is a study.
    """

    name: str
    path: str
    study: bool


class FoldersView(BaseModel):
    """What lies in a folder of this machine: folders only.

    Attributes:
        parent: The folder above; empty at the top.
    """

    path: str
    parent: str
    folders: list[FolderView]


class FolderIn(Body):
    """A folder of this machine, whole path."""

    folder: FolderPath


class TrustIn(FolderIn):
    """Everything by which the study leads outside its folder, as it was shown."""

    ways: Annotated[list[Annotated[str, Field(max_length=5_000)]], Field(max_length=1_000)]


class StudyIn(Body):
    """A new study: in ``parent`` a folder is made that is called like the study."""

    name: StudyName
    parent: FolderPath
    codebook: Annotated[str, Field(max_length=100)] = "selfie"
    sample: bool = False


class OpenedView(BaseModel):
    """A study is open now.

    Attributes:
        lines: What came of a file that it was made from.
    """

    folder: str
    lines: list[str] = Field(default_factory=list)


class OutsideView(BaseModel):
    """A study that leads outside its folder, which nobody has allowed yet."""

    detail: str
    ways: list[str]
