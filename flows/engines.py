"""Who does the transcripts of a run: threads of this process, or worker processes of Dask, here or on a cluster.

The scheduler is Dask's, by way of `prefect-dask`. Ours is which transcripts travel together, and
that workers on this machine are nobody else's: they listen on loopback only, want a secret that is made for this run,
show no dashboard and report to nobody.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from corpus.errors import UsageError
from pipeline.settings import Engine

if TYPE_CHECKING:
    from prefect.task_runners import TaskRunner

    from pipeline.settings import RunSettings
    from pipeline.study import Source, Study

MOST_TOGETHER = 64
"""Transcripts of one task: what a task costs, 50 to 200 ms, is little for each of so many tiny ones."""
CHARGE_BYTES = 150_000
"""Size of the files of one task from which on no other is added: two thousand sentences, a minute of work at most."""
SHARES = 4
"""Tasks for each worker at least, where there are as many transcripts, so that none waits long for another's last."""
FLOOD = 200
"""Transcripts from which on threads take several at once, too: each by itself would fill Prefect's records."""

LOOPBACK = "127.0.0.1"


def batches(sources: Sequence[Source], workers: int) -> Iterator[list[Source]]:
    """Yield the files of a run in order, as they travel to workers.

    Args:
        sources: What there is to do.
        workers: How many work at once.
    """
    most = max(1, min(MOST_TOGETHER, len(sources) // (SHARES * workers)))
    batch: list[Source] = []
    size = 0
    for source in sources:
        if batch and (len(batch) == most or size > CHARGE_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(source)
        with suppress(OSError):  # whoever reads the file says what is wrong with it
            size += source.path.stat().st_size
    if batch:
        yield batch


@contextmanager
def workers_of(study: Study) -> Iterator[TaskRunner[Any]]:
    """Start the workers that a study asks for, or connect to those it names.

    Raises:
        UsageError: If the engine is not installed, or the address needs what is not there.
    """
    settings = study.settings.run
    if settings.address:
        _check_reach(study)
    try:
        runner = _dask(settings) if settings.engine is Engine.DASK else _threads(settings)
    except ModuleNotFoundError:
        raise UsageError("[run] engine: dask is not installed; type: pip install 'precode[dask]'") from None
    with runner:
        yield runner


def _check_reach(study: Study) -> None:
    """Refuse workers on other machines where they would reach neither the suggestions' store nor Prefect."""
    from flows.prefect_server import API

    host = study.settings.run.address.rpartition("//")[2].rpartition(":")[0]
    if host in {LOOPBACK, "localhost"}:
        return
    if not study.settings.store.url:
        raise UsageError("[run] address: workers on other machines need a PostgreSQL [store] url, see docs/scale.md")
    if LOOPBACK in os.environ.get(API, ""):
        raise UsageError(f"[run] address: workers on other machines need a Prefect server; name it in {API}")


def _threads(settings: RunSettings) -> TaskRunner[Any]:
    from prefect.task_runners import ThreadPoolTaskRunner

    return ThreadPoolTaskRunner(max_workers=settings.concurrency)


def _dask(settings: RunSettings) -> TaskRunner[Any]:
    os.environ.setdefault("DASK_LOGGING__DISTRIBUTED", "critical")  # a run tells what matters; workers inherit it
    import dask

    routes: dict[str, object] = {f"distributed.{kind}.http.routes": [] for kind in ("scheduler", "worker", "nanny")}
    dask.config.set(routes)
    from prefect_dask.task_runners import DaskTaskRunner

    local = {
        "n_workers": settings.concurrency,
        "threads_per_worker": 1,
        "host": LOOPBACK,
        "dashboard_address": f"{LOOPBACK}:0",
        "security": True,  # TLS with certificates of this run: who connects may start programs
        "memory_limit": 0,  # a model is larger than Dask would think right, and must not be killed for it
        "silence_logs": logging.CRITICAL,
    }
    given = {"address": settings.address} if settings.address else {"cluster_kwargs": local}
    runner: TaskRunner[Any] = DaskTaskRunner(**given)
    return runner
