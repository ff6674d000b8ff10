"""Which revision ran where, and how much memory it took."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from evaluation.benchmarks.result import Machine


def now() -> str:
    """Return the time in UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def revision() -> str:
    """Return precode's version and, in a git checkout, the commit; ``-dirty`` marks uncommitted changes."""
    commit = _commit(Path(__file__).parents[2])
    return f"{_version()}+{commit}" if commit else _version()


def _version() -> str:
    try:
        return version("precode")
    except PackageNotFoundError:
        return "unknown"


def _commit(checkout: Path) -> str:
    if not (checkout / ".git").exists():
        return ""
    command = ["git", "-C", str(checkout), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - a constant command
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()


def machine() -> Machine:
    """Describe this machine."""
    return Machine(
        system=f"{platform.system()} {platform.release()}",
        processor=platform.machine(),
        cores=os.cpu_count(),
        python=platform.python_version(),
    )


def peak_memory_mb() -> float | None:
    """Return the largest memory this process has held, in megabytes; None where the system does not say."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1e6 if sys.platform == "darwin" else 1e3), 1)
