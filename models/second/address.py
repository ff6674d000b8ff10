"""Where a language model may be asked: on this very machine, and nowhere else unless the study allows it."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from corpus.errors import UsageError

CLOUD = re.compile(r"[:-]cloud$", re.IGNORECASE)
"""How names end that a local server forwards to its maker."""

OFFLINE = "OLLAMA_NO_CLOUD=1"
_REMEDY = "write http://127.0.0.1:PORT; anything but this machine needs [model] allow_network = true"


def checked_address(url: str, *, allow_network: bool) -> str:
    """Return an address without its path, with a number for a host wherever that host is this machine.

    Args:
        url: Such as ``http://localhost:11434`` or ``http://127.0.0.1:8080/v1``.
        allow_network: Whether the study allows what is beyond this machine.

    Raises:
        UsageError: If it is no address, holds a password, or leads elsewhere.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise UsageError(f"[second] url: is no address; {_REMEDY}") from None
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        raise UsageError(f"[second] url: is no address of a server; {_REMEDY}")
    if parts.username is not None or parts.password is not None:
        raise UsageError("[second] url: holds a user or password; leave them out")
    literal = "127.0.0.1" if host == "localhost" else host
    if not is_loopback(literal) and not allow_network:
        raise UsageError(f"[second] url: {host} is not this machine; {_REMEDY}")
    shown = f"[{literal}]" if ":" in literal else literal
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def leads_outside(url: str) -> bool:
    """Tell whether an address is anything but this machine; one that is no address leads nowhere."""
    try:
        checked_address(url, allow_network=False)
    except UsageError:
        try:
            return bool(urlsplit(url).hostname)
        except ValueError:
            return False
    return False


def is_loopback(host: str) -> bool:
    """Tell whether a host is a loopback address, written as a number."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check_model(name: str, *, allow_network: bool) -> None:
    """Refuse a model whose name says that the local server forwards it.

    Args:
        name: The model's.
        allow_network: Whether the study allows what is beyond this machine.

    Raises:
        UsageError: If it is one.
    """
    if CLOUD.search(name) and not allow_network:
        raise forwarded(name)


def forwarded(name: str) -> UsageError:
    """Return the error for a model that answers elsewhere although its server is here."""
    return UsageError(
        f"[second] model: {name} is answered in its maker's cloud, not on this machine; choose another "
        f"(with {OFFLINE} Ollama offers none of them)"
    )
