"""The largest memory that a process has held."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path


def peak_mb(process: subprocess.Popen[str]) -> float | None:
    """Return the largest memory a process has held, in megabytes; only Linux says so of another process."""
    return _high_water_mb(str(process.pid)) if sys.platform == "linux" else None


def own_peak_mb() -> float:
    """Return the largest memory this process has held, in megabytes.

    On Linux ``ru_maxrss`` would not do: it begins at the size of the process that started this one.
    """
    import resource  # Windows has none

    told = _high_water_mb("self") if sys.platform == "linux" else None
    unit = 1e6 if sys.platform == "darwin" else 1e3  # of ru_maxrss: bytes there, kilobytes elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit if told is None else told


def _high_water_mb(process: str) -> float | None:
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1000 if found else None
