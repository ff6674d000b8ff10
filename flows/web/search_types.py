"""What the search routes give."""

from __future__ import annotations

from pydantic import BaseModel

from pipeline.search.views import Hit


class HitView(BaseModel):
    """A passage that was found.

    Attributes:
        codes: Those that the asking coder has given to it or to a part of it.
    """

    hit: Hit
    codes: list[str]


class SearchView(BaseModel):
    """What was found.

    Attributes:
        total: Passages that were found, of which the hits are the first.
        more: Whether there are more than that.
        searched: Transcripts that were searched.
        hidden: Transcripts that were not, because the coder codes them blind.
        unready: Those of the searched that cannot be searched by meaning yet; they are being made ready.
        query: What was searched for, which is a passage where others like it were.
    """

    hits: list[HitView]
    total: int
    more: bool
    searched: int
    hidden: int
    unready: int
    query: str
