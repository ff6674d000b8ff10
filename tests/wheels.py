"""Whether every pinned package has a wheel for three systems and Pythons 3.11 to 3.13: ``make wheels`` prints it.

pip is asked, without installing anything: what has no wheel would have to be compiled on a researcher's machine. Which
Python a version is for is the lock's business and not asked again. Needs a network, so that no test runs it.
With ``--constraints`` the pins themselves are printed, for whoever installs our wheel: its own requirements are lower
bounds.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
TORCH = "torch==2.13.0"
"""Pinned in pyproject.toml: every system has its own build, so that it is not in the lock."""
PYTHONS = ("3.11", "3.12", "3.13")
SYSTEMS: Mapping[str, tuple[Mapping[str, str], tuple[str, ...]]] = {
    "Linux": (
        {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix", "platform_machine": "x86_64"},
        ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64", "linux_x86_64"),
    ),
    "macOS": (
        {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix", "platform_machine": "arm64"},
        ("macosx_14_0_arm64", "macosx_13_0_arm64", "macosx_12_0_arm64", "macosx_11_0_arm64", "macosx_11_0_universal2"),
    ),
    "Windows": (
        {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"},
        ("win_amd64",),
    ),
}
"""What a system answers to the conditions of the lock, and the tags of the wheels it takes, best first."""
MISSING = re.compile(r"No matching distribution found for ([\w.-]+==[\w.+!-]+)")


def pins_in(lock: str) -> list[Requirement]:
    """Return the pins of a lock file, conditions included and digests left out, and torch's."""
    lines = [line.split(" \\")[0].strip() for line in lock.splitlines() if re.match(r"[A-Za-z0-9]", line)]
    return [*map(Requirement, lines), Requirement(TORCH)]


def needed(requirements: Iterable[Requirement], environment: Mapping[str, str]) -> list[str]:
    """Return the pins that a system needs.

    Args:
        requirements: All of them.
        environment: The system's answers to environment markers.
    """
    return [
        f"{each.name}{each.specifier}"
        for each in requirements
        if each.marker is None or each.marker.evaluate(dict(environment))
    ]


def without_wheel(pins: list[str], python: str, platforms: tuple[str, ...]) -> Iterator[str]:
    """Yield the pins that have no wheel for a Python on a platform.

    Args:
        pins: Packages with their versions.
        python: Such as ``3.12``.
        platforms: Tags of wheels.
    """
    left = list(pins)
    while left:
        told = _asked(left, python, platforms)
        if told is None:
            return
        missing = MISSING.search(told)
        if missing is None:
            raise SystemExit(f"pip could not be asked: {(told.strip() or 'it says nothing').splitlines()[-1]}")
        yield missing[1]
        lacking = canonicalize_name(missing[1].partition("==")[0])
        rest = [pin for pin in left if canonicalize_name(pin.partition("==")[0]) != lacking]
        if rest == left:
            raise SystemExit(f"pip names what was not asked for: {missing[1]}")
        left = rest


def _asked(pins: list[str], python: str, platforms: tuple[str, ...]) -> str | None:
    """Return what pip complains about; None if it would install all of it."""
    with TemporaryDirectory() as folder:
        listed = Path(folder) / "pins.txt"
        listed.write_text("\n".join(pins))
        tags = [word for platform in platforms for word in ("--platform", platform)]
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--quiet", "--no-deps", "--only-binary=:all:"]
        command += [
            "--ignore-requires-python",
            *tags,
            "--python-version",
            python,
            "--target",
            folder,
            "-r",
            str(listed),
        ]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        return ran.stderr if ran.returncode else None


def main() -> int:
    """Print one line for each system and Python; 1 if anything lacks a wheel."""
    pinned, lacking = pins_in((ROOT / "requirements.lock").read_text()), 0
    if "--constraints" in sys.argv:
        print("\n".join(map(str, pinned)))
        return 0
    for system, (environment, platforms) in SYSTEMS.items():
        for python in PYTHONS:
            pins = needed(pinned, {**environment, "python_version": python, "python_full_version": f"{python}.9"})
            missing = list(without_wheel(pins, python, platforms))
            lacking += len(missing)
            print(
                f"{system:8} Python {python}: {len(pins)} packages, {', '.join(missing) or 'a wheel for each'}",
                flush=True,
            )
    return int(lacking > 0)


if __name__ == "__main__":
    sys.exit(main())
