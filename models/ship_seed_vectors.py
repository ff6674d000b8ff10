"""Embed the shipped seed bank and keep its vectors beside it: ``make vectors``, after every change to the bank."""

from __future__ import annotations

import sys

from corpus.shipped import SELFIE, selfie_seeds
from models.encoders import DEFAULT_ENCODER, load_encoder
from models.seed_vectors import save_vectors


def main() -> None:
    """Replace the shipped vectors by those of the bank as it is now."""
    bank = selfie_seeds()
    path = save_vectors(SELFIE, bank, load_encoder(DEFAULT_ENCODER))
    for old in SELFIE.glob("*.npz"):
        if old != path:
            old.unlink()
    sys.stdout.write(f"{path.name}: {len(bank.quotes)} vectors\n")


if __name__ == "__main__":
    main()
