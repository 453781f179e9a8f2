"""Which row of the weights a feature has: sorted digests instead of a dictionary of names.

A third of a million names in a dictionary take seventy megabytes, their digests four.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np

_BYTES = 8  # of a digest: two of a million features share one once in 40 million models


@dataclass(frozen=True)
class Rows:
    """``keys`` (uint64, sorted) are digests of features, ``places`` (int32) their rows."""

    keys: Any
    places: Any

    @classmethod
    def of(cls, names: Sequence[str], first: int) -> Rows:
        """Return rows for names that lie one after the other from row ``first`` on."""
        keys = _digests(names)
        order = np.argsort(keys, kind="stable")
        return cls(keys[order], (order + first).astype(np.int32))

    def find(self, names: Collection[str]) -> tuple[Any, Any]:
        """Return which of the names are known (bool, one each) and the rows of those."""
        keys = _digests(names)
        if not len(self.keys):
            return np.zeros(len(keys), dtype=bool), self.places[:0]
        near = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        known = self.keys[near] == keys
        return known, self.places[near[known]]


def _digests(names: Collection[str]) -> Any:
    parts = (blake2b(name.encode(), digest_size=_BYTES).digest() for name in names)
    return np.frombuffer(b"".join(parts), dtype="<u8")
