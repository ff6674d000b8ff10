"""Loaded at the start of every Python process of a test that names this folder in PYTHONPATH.

It forbids connections and look-ups that leave the machine, notes each attempt in the file PRECODE_TEST_ATTEMPTS, and
replaces the precoder by one that knows three words if PRECODE_TEST_WORDS is set. Child processes inherit all of it.
"""

import ipaddress
import os
import sys
from pathlib import Path
from types import ModuleType


def is_local(host):
    if host in {None, "", "localhost", b"localhost"}:
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False


def guard(event, arguments):
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
        host = arguments[0]
    elif event == "socket.sendto" and isinstance(arguments[1], tuple):
        host = arguments[1][0]
    else:
        return
    if not is_local(host):
        with Path(os.environ["PRECODE_TEST_ATTEMPTS"]).open("a") as file:
            file.write(f"{event} {host!r}\n")
        raise OSError(f"{event} to {host!r} is blocked by the test")


def load_precoder(_study):
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from tests.pipeline.run_support import WordPrecoder

    return WordPrecoder()


if "PRECODE_TEST_ATTEMPTS" in os.environ:
    sys.addaudithook(guard)
if "PRECODE_TEST_WORDS" in os.environ:
    sys.modules["pipeline.precoder"] = ModuleType("pipeline.precoder")
    sys.modules["pipeline.precoder"].load_precoder = load_precoder
