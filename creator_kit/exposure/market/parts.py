"""Sums within parts of a column, and values of a part set beside each of its rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from creator_kit.exposure.market.setting import Ints


class Parts:
    """Rows (n,) sorted by the part that they belong to; no part is empty. ``last`` (parts,) are the last rows."""

    def __init__(self, part: Ints, n_parts: int) -> None:
        self._first = np.searchsorted(part, np.arange(n_parts))
        self.sizes = np.diff(self._first, append=len(part))
        self.last = self._first + self.sizes - 1

    def sum(self, values: NDArray[Any]) -> NDArray[Any]:
        """(parts,) sums of ``values`` (n,)."""
        return np.asarray(np.add.reduceat(values, self._first))

    def spread(self, values: NDArray[Any]) -> NDArray[Any]:
        """(n,) for each row what its part has."""
        return np.repeat(values, self.sizes)
