"""Random numbers that scenarios share: each has a name and depends on nothing but the seed and that name.

Two runs with the same seed differ only where their inputs differ ("common random numbers"), so a comparison
is not drowned in Monte-Carlo noise and a new constant leaves every other draw as it was.
"""

from __future__ import annotations

import math
import zlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Above this mean a count's quantile comes from the Cornish-Fisher expansion, below from summing the pmf.
_LARGE_MEAN = 25.0
_MAX_SMALL_COUNT = 90
# Numbers for at most so many replicates are kept: 400 names of them are 16 MB.
_MAX_KEPT = 5000
_ERF = np.frompyfunc(math.erf, 1, 1)


class Streams:
    """Named random numbers for ``n`` replicates under ``seed``."""

    def __init__(self, seed: int, n: int) -> None:
        self.seed = seed
        self.n = n

    def uniform(self, name: str) -> Array:
        """(n,) levels in (0, 1), stratified: one in each n-th (Latin hypercube), which steadies quantiles."""
        return _recall("uniform", self.seed, self.n, name) if self.n <= _MAX_KEPT else self._draw_uniform(name)

    def normal(self, name: str) -> Array:
        """(n,) standard normals."""
        return _recall("normal", self.seed, self.n, name) if self.n <= _MAX_KEPT else self._draw_normal(name)

    def _draw_uniform(self, name: str) -> Array:
        generator = self._generator(name)
        return np.asarray((generator.permutation(self.n) + generator.random(self.n)) / self.n)

    def _draw_normal(self, name: str) -> Array:
        return self._generator(name).standard_normal(self.n)

    def _generator(self, name: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, zlib.crc32(name.encode())])


@lru_cache(maxsize=400)
def _recall(kind: str, seed: int, n: int, name: str) -> Array:
    """Numbers that many runs share, drawn once: ranking the unknowns asks for each of them a hundred times."""
    streams = Streams(seed, n)
    values = streams._draw_uniform(name) if kind == "uniform" else streams._draw_normal(name)
    values.flags.writeable = False
    return values


def normal_cdf(z: Array) -> Array:
    """Standard normal distribution function."""
    return np.asarray(0.5 * (1.0 + np.asarray(_ERF(z / math.sqrt(2.0)), dtype=np.float64)))


def count_quantile(n_trials: Array | None, rate: Array, z: Array) -> Array:
    """The binomial count (Poisson with mean ``rate`` where ``n_trials`` is None) at the normal score ``z``.

    Never falls when the rate or the number of trials rises at a fixed ``z``, which makes common random
    numbers monotone. Means above 25 use the second-order Cornish-Fisher expansion. All arrays (n,).
    """
    if n_trials is None:
        mean, rest = rate, np.ones_like(rate)
        most = np.full_like(rate, np.inf)
    else:
        rate = np.clip(rate, 0.0, 1.0)
        mean, rest = n_trials * rate, 1.0 - rate
        most = n_trials
    count = np.rint(mean + z * np.sqrt(mean * rest) + (z * z - 1.0) * (2.0 * rest - 1.0) / 6.0)
    small = np.flatnonzero((mean < _LARGE_MEAN) & (mean > 0))
    if small.size:
        count[small] = _small_count(None if n_trials is None else n_trials[small], rate[small], z[small])
    # Just above the seam the expansion may lie one below the exact count at the seam: never fall there.
    seam = np.flatnonzero((mean >= _LARGE_MEAN) & (mean < 1.4 * _LARGE_MEAN))
    if seam.size:
        at_seam = np.full(seam.size, _LARGE_MEAN) if n_trials is None else _LARGE_MEAN / n_trials[seam]
        exact = _small_count(None if n_trials is None else n_trials[seam], at_seam, z[seam])
        count[seam] = np.maximum(count[seam], exact)
    count[mean <= 0] = 0.0
    return np.asarray(np.clip(count, 0.0, most))


def _small_count(n_trials: Array | None, rate: Array, z: Array) -> Array:
    level = normal_cdf(z)
    if n_trials is None:
        pmf = np.exp(-rate)
        odds = rate
    else:
        safe = np.minimum(rate, 1.0 - 1e-12)
        pmf = np.exp(n_trials * np.log1p(-safe))
        odds = safe / (1.0 - safe)
    below = pmf.copy()
    count = np.zeros_like(rate)
    active = np.flatnonzero(below < level)
    for k in range(1, _MAX_SMALL_COUNT):
        if not active.size:
            break
        left = 1.0 if n_trials is None else np.maximum(n_trials[active] - k + 1, 0.0)
        pmf[active] *= odds[active] * left / k
        count[active] = k
        below[active] += pmf[active]
        active = active[below[active] < level[active]]
    return count
