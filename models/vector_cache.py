"""Vectors by content: a text is encoded once per model, whatever the transcript, run or process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from corpus.blob_cache import BlobCache, Blobs, portions
from models.embedder import Embedder, FloatArray

FILE_NAME = "vectors.db"

_ENCODED_AT_ONCE = 2_048  # texts between two commits: what a kill can cost


class VectorCache:
    """An embedder that remembers. Safe for several threads and processes on one folder.

    Args:
        embedder: Encodes what is not known yet.
        folder: Where the cache file lives; made when the first vector is kept.
    """

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        self.embedder = embedder
        self.folder = folder
        self._kept = BlobCache(folder / FILE_NAME, "vector")  # float32, by digest of model and text

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the embedder behind the cache: the vectors are the same."""
        return self.embedder.fingerprint

    @property
    def file(self) -> Path:
        """The cache file."""
        return self._kept.file

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return the embedder's vectors, shape (len(texts), dimension), encoding each unknown text once."""
        if not texts:
            return self.embedder.encode(texts)
        known_as = (f"{self.fingerprint}\0{text}".encode("utf-8", "surrogatepass") for text in texts)
        keys = [sha256(name).digest() for name in known_as]
        wanted = dict(zip(keys, texts, strict=True))
        known = self._kept.read(list(wanted))
        unknown = {key: text for key, text in wanted.items() if key not in known}
        known.update(self._encode_unknown(unknown))
        return np.frombuffer(bytearray().join(known[key] for key in keys), np.float32).reshape(len(keys), -1)

    def _encode_unknown(self, unknown: Mapping[bytes, str]) -> Blobs:
        """Encode and keep, in portions, so that a kill loses little."""
        vectors: Blobs = {}
        for keys in portions(list(unknown), _ENCODED_AT_ONCE):
            rows = self.embedder.encode([unknown[key] for key in keys])
            fresh = {key: row.tobytes() for key, row in zip(keys, rows, strict=True)}
            self._kept.write(fresh)
            vectors.update(fresh)
        return vectors
