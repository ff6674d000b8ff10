"""How far people agree with each other on the same passages: what a machine's agreement is held against.

Every pair of coders is compared on every passage, and all pairs are pooled; intervals draw whole documents.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from corpus.codebook import Codebook
from corpus.errors import UsageError
from corpus.quotes import QuoteItem
from evaluation.metrics.grouping import Flags
from evaluation.metrics.intervals import Block, Bootstrap
from evaluation.metrics.measures import Rows, agreement_block, quote_block


def human_block(coders: Sequence[Sequence[QuoteItem]], codebook: Codebook) -> Block:
    """Return agreement of coders with each other, and how often one's first code is among the other's.

    Args:
        coders: The same passages in one order, by each coder.
        codebook: Its codes and domains are compared; codes it does not have are taken as given to no passage.

    Raises:
        UsageError: If fewer than two coders are given, or their passages differ.
    """
    if len(coders) < 2 or len({tuple(item.id for item in items) for items in coders}) != 1:
        raise UsageError("human agreement needs two or more coders of the same passages")
    flags = [
        np.array([[code in item.codes for code in codebook.ids] for item in items], dtype=np.bool_) for items in coders
    ]
    pairs = list(combinations(range(len(coders)), 2))
    names, documents = np.unique([item.document for item in coders[0]], return_inverse=True)
    first, second = (np.concatenate([flags[pair[side]] for pair in pairs]) for side in (0, 1))
    rows = Rows(codebook, second, first.astype(np.float64), np.tile(documents, len(pairs)), Bootstrap(len(names)))
    return {"agreement": agreement_block(rows, first), "same": _same(rows, first)}


def _same(rows: Rows, first: Flags) -> Block:
    """Return the share of passages, of those both coded, where one's code is among the other's."""
    both = rows.coded & first.any(axis=1)
    kept = Rows(rows.codebook, rows.truth[both], rows.scores[both], rows.documents[both], rows.bootstrap)
    tops = quote_block(kept)
    return {name: {"top1": block["top1"]} for name, block in tops.items() if isinstance(block, dict)}
