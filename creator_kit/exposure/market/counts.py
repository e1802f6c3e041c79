"""Binomial counts of many small numbers, by inversion of uniform ones."""

from __future__ import annotations

import numpy as np

from creator_kit.exposure.market.setting import Floats

# Terms of the distribution that all counts go through, and the logarithm of a first term that is too small.
_FIRST_TERMS, _LEAST_LOG = 5, -60.0


def draw_binomial(rng: np.random.Generator, n: Floats, rate: Floats, *, log_none: Floats | None = None) -> Floats:
    """Binomial counts of ``n`` trials at ``rate`` (0 to below 1), same shape: the terms of the distribution are added
    up until they pass a uniform number. For few expected counts several times as fast as numpy's, one by one.

    ``log_none`` is log1p(-rate) where the caller keeps it and most counts are 0: only the others are then gone through.
    """
    u = rng.random(n.shape, dtype=np.float32)
    if log_none is None:
        return _invert(rng, u, n, rate, n * np.log1p(-rate))
    log_first, count = n * log_none, np.zeros(n.shape, dtype=np.float32)
    at = np.flatnonzero(u >= np.exp(log_first))
    some = (x.reshape(-1).take(at) for x in (u, n, rate, log_first))
    count.reshape(-1)[at] = _invert(rng, *some)
    return count


def _invert(rng: np.random.Generator, u: Floats, n: Floats, rate: Floats, log_none: Floats) -> Floats:
    # Where so many are expected that the first term is lost in 32 bits, numpy draws.
    many = np.flatnonzero(log_none < _LEAST_LOG)
    drawn = rng.binomial(n.reshape(-1)[many].astype(np.int64), rate.reshape(-1)[many])
    n_all = n
    if many.size:
        n, log_none = n.copy(), log_none.copy()
        n.reshape(-1)[many] = log_none.reshape(-1)[many] = 0
    term = np.exp(log_none)
    reach, odds, count = term.copy(), rate / (1 - rate), np.zeros(n.shape, dtype=np.float32)
    for k in range(_FIRST_TERMS):
        count += u >= reach
        term *= odds * (n - np.float32(k)) / np.float32(k + 1)
        reach += term
    # The others go on alone; nobody beyond all trials, where rounding leaves the sum of terms below 1.
    at = np.flatnonzero((u >= reach) & (n > _FIRST_TERMS))
    rest = [x.reshape(-1)[at] for x in (u, n, odds, term, reach)]
    more, k = np.zeros(at.size, dtype=np.float32), _FIRST_TERMS
    while at.size:
        u_left, n_left, odds_left, term_left, reach_left = rest
        more[:] = k + 1
        count.reshape(-1)[at] = more[: at.size]
        term_left *= odds_left * (n_left - np.float32(k)) / np.float32(k + 1)
        reach_left += term_left
        k += 1
        going = (u_left >= reach_left) & (n_left > k)
        at, rest = at[going], [x[going] for x in rest]
    count.reshape(-1)[many] = drawn
    return np.minimum(count, n_all)
