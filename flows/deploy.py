"""A study as a Prefect deployment: served from this process, on a schedule, until it is stopped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from flows.prefect_server import prefect_api
from pipeline.study import Study
from pipeline.trust import STUDIES


def serve_study(study: Study, *, interval: timedelta | None = None, cron: str | None = None) -> None:
    """Run the flow on a schedule, one run at a time, taking in the study's inbox; returns when stopped.

    Args:
        study: What to work on; no other is touched.
        interval: Time between the starts of two runs.
        cron: Instead of an interval, when to start.

    Raises:
        UsageError: If no Prefect server can be reached.
    """
    folder = study.folder.resolve()  # before Prefect's folder is the current one
    with _only(folder), prefect_api(study.settings.run.concurrency, scheduling=True):
        from prefect.types.entrypoint import EntrypointType

        from flows.precode_flow import precode_study

        precode_study.serve(
            name=folder.name,
            interval=interval,
            cron=cron,
            parameters={"folder": str(folder), "inbox": True},
            limit=1,
            print_starting_message=False,
            entrypoint_type=EntrypointType.MODULE_PATH,
        )


@contextmanager
def _only(folder: Path) -> Iterator[None]:
    """Let the flows that this process starts work on one study."""
    os.environ[STUDIES] = str(folder)
    try:
        yield
    finally:
        del os.environ[STUDIES]
