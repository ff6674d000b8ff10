"""What processes connect to, by the operating system's account: strace records every call that concerns the network."""

import re
import shutil
import sys
from ipaddress import ip_address

import pytest

RECORDED = ("connect(", "sendto(", "sendmsg(", "sendmmsg(", "bind(")
ADDRESS = re.compile(r'(?:inet_addr\(|inet_pton\(AF_INET6, )"([^"]+)"')
PORT = re.compile(r"sin6?_port=htons\((\d+)\)")
DNS_PORTS = {"53", "853", "5353"}

needs_strace = pytest.mark.skipif(
    sys.platform != "linux" or not shutil.which("strace"), reason="strace is absent (.ci/tools installs it)"
)


def recorded(log):
    """Return the words that run a command under strace; ``log`` takes one line a call, of all its processes.

    The command keeps the process id (-D), so that signals reach it, and is slowed at these calls only.
    """
    return ("strace", "-D", "-f", "--seccomp-bpf", "-qq", "-s", "64", "-e", "trace=network", "-o", str(log))


def outward(log):
    """Return the calls that reach beyond this machine or ask a resolver, one line each."""
    return [line for line in log.read_text(errors="replace").splitlines() if is_outward(line)]


def is_outward(line):
    """Tell whether a call goes to, or waits at, an address beyond loopback, or asks a name server, even a local one."""
    if not any(call in line for call in RECORDED):
        return False
    ports = PORT.findall(line)
    if DNS_PORTS & set(ports):
        return True
    return any(not ip_address(address).is_loopback for address in ADDRESS.findall(line))
