"""Files that a browser sends: streamed to a private draft on the study's disk, under a name that leads nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import Request

from corpus.errors import UsageError
from corpus.files import draft_folder
from pipeline.exchange.dropped import checked_name

BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
"""A file's bytes as OpenAPI describes them: the body is the file, its name is in the query."""


@asynccontextmanager
async def uploaded(request: Request, name: str, beside: Path) -> AsyncIterator[Path]:
    """Give the file that a request brings, gone when the block ends; the guard holds how large it may be.

    Args:
        request: Its body is the file.
        name: What the file is called.
        beside: A path on the disk where the file will go.

    Raises:
        UsageError: If the name is no file's name, the file is empty, or the disk is full.
    """
    known = checked_name(name)
    with draft_folder(beside) as folder:
        path = folder / known
        with path.open("xb") as file:
            async for piece in request.stream():
                file.write(piece)
        if not path.stat().st_size:
            raise UsageError("the file is empty (0 bytes)")
        yield path
