"""The key: what every replacement stands for, encrypted with a passphrase.

scrypt (RFC 7914) makes a key of the passphrase, AES-GCM encrypts and seals with it. The file names both and their
parameters, so that it can be read without precode; these are sealed with the rest.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from corpus.errors import InputError, UsageError
from corpus.files import replace_file
from corpus.transcript import Span
from pipeline.deidentify.kinds import IdentifierKind
from pipeline.deidentify.rewrite import Original

FORMAT = "precode-key/v1"
SHORTEST = 10
"""Characters of the shortest passphrase."""
COST, BLOCK, LANES = 2**16, 8, 1
"""scrypt's n, r, p: a quarter of a second and 64 MB for every guess."""
DEAREST = 2**20


@dataclass(frozen=True, slots=True)
class Entry:
    """One identifier and what replaced it."""

    text: str
    kind: IdentifierKind
    replacement: str


@dataclass(frozen=True)
class Key:
    """What leads back to the originals.

    Attributes:
        entries: All identifiers ever replaced in a study.
        names: The new name of each transcript by its old one.
        originals: What was replaced where, by the new name of the transcript.
    """

    entries: tuple[Entry, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    originals: Mapping[str, tuple[Original, ...]] = field(default_factory=dict)

    def with_more(self, other: Key) -> Key:
        """Return a key that knows what either knows; the other's word is the newer one."""
        entries = tuple(dict.fromkeys((*self.entries, *other.entries)))
        return Key(entries, {**self.names, **other.names}, {**self.originals, **other.originals})


def check_passphrase(passphrase: str) -> None:
    """Refuse a passphrase that is too short.

    Raises:
        UsageError: If it is.
    """
    if len(passphrase) < SHORTEST:
        raise UsageError(f"the passphrase is shorter than {SHORTEST} characters; take four words or more")


def save_key(path: Path, key: Key, passphrase: str) -> None:
    """Encrypt a key into a file that only its owner may read.

    Args:
        path: The file.
        key: What leads back to the originals.
        passphrase: See ``check_passphrase``.

    Raises:
        UsageError: If the file cannot be written.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    head: dict[str, Any] = {
        "format": FORMAT,
        "kdf": "scrypt",
        "n": COST,
        "r": BLOCK,
        "p": LANES,
        "cipher": "AES-256-GCM",
    }
    head |= {"salt": _written(os.urandom(16)), "nonce": _written(os.urandom(12))}
    secret = AESGCM(_derived(head, passphrase))
    sealed = secret.encrypt(_bytes(head["nonce"]), _document(key), _sealed(head))
    with replace_file(path) as draft:
        draft.write_text(json.dumps({**head, "data": _written(sealed)}, indent=2) + "\n", encoding="ascii")


def load_key(path: Path, passphrase: str) -> Key:
    """Decrypt a key.

    Raises:
        InputError: If the file is no key, or was changed.
        UsageError: If the passphrase is wrong.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        head = json.loads(path.read_text(encoding="ascii"))
        sealed, nonce = _bytes(head.pop("data")), _bytes(head["nonce"])
        if head["format"] != FORMAT or not 2 <= head["n"] <= DEAREST or (head["r"], head["p"]) != (BLOCK, LANES):
            raise ValueError  # noqa: TRY301 - one answer to all that is no key
        secret = AESGCM(_derived(head, passphrase))
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(path, "is no key of precode, or a damaged one; take it from a backup") from None
    try:
        return _key(json.loads(secret.decrypt(nonce, sealed, _sealed(head))))
    except InvalidTag:
        raise UsageError(f"{path}: the passphrase is wrong, or the file was changed; nothing was read") from None


def _derived(head: Mapping[str, Any], passphrase: str) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(_bytes(head["salt"]), 32, head["n"], head["r"], head["p"]).derive(passphrase.encode())


def _sealed(head: Mapping[str, Any]) -> bytes:
    return json.dumps(head, sort_keys=True).encode()


def _document(key: Key) -> bytes:
    originals = {
        name: [[original.span.start, original.span.end, original.text] for original in several]
        for name, several in key.originals.items()
    }
    entries = [asdict(entry) for entry in key.entries]
    return json.dumps({"entries": entries, "names": dict(key.names), "originals": originals}).encode()


def _key(document: Mapping[str, Any]) -> Key:
    entries = tuple(
        Entry(entry["text"], IdentifierKind(entry["kind"]), entry["replacement"]) for entry in document["entries"]
    )
    originals = {
        name: tuple(Original(Span(start, end), text) for start, end, text in several)
        for name, several in document["originals"].items()
    }
    return Key(entries, document["names"], originals)


def _written(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
