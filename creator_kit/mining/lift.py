"""Lift of a group of notes over comparable ones: stratified, shrunk, clustered by author, and doubted.

* Ratio: Mantel–Haenszel risk ratio over strata (the author's own notes, or source × keyword × type × year),
  Greenland & Robins 1985 (doi:10.2307/2530643); half a note is added to both sides, so zeros stay finite.
* Variance of its logarithm: the larger of the binomial one and the one between authors (clustered sandwich
  with G/(G−1)), plus the baseline's own; tested with t at G−1 degrees, G authors.
* Shrinkage: log ratio ~ N(0, τ²) over all groups of the run, τ integrated over its posterior (prior
  ∝ τ·exp(−2τ²), which keeps off zero: Chung et al. 2013, doi:10.1007/s11336-013-9328-2), i.e. empirical Bayes
  without the overconfidence of a point estimate of τ.
* Many groups: Benjamini–Hochberg q-values, and the local false sign rate (Stephens 2017,
  doi:10.1093/biostatistics/kxw041), i.e. the posterior chance that the direction is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from creator_kit.mining.template import Interval, Lift, Tier

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEVEL = 0.9
MIN_COMPARED = 5
_TAU = np.geomspace(0.02, 1.5, 40)
_TAU_SCALE = 0.5


@dataclass(frozen=True)
class Comparison:
    """What is known of each note: ``is_hot`` (1, 0, or NaN where nothing compares), its stratum and author."""

    is_hot: Floats
    stratum: Ints
    author: Ints
    within_author: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LiftResult:
    """``lift`` None: nothing to compare with. ``q_value`` and ``wrong_sign_rate`` are 1.0 and 0.5 then."""

    lift: Lift | None
    tier: Tier
    q_value: float = 1.0
    wrong_sign_rate: float = 0.5


@dataclass(frozen=True, slots=True)
class _Raw:
    log_ratio: float
    variance: float
    p_value: float
    expected: float
    rate: float
    dispersion: float
    baseline: float
    n_hot: int
    n_ordinary: int
    within_author: bool


def estimate_lifts(comparison: Comparison, groups: Sequence[Ints]) -> list[LiftResult]:
    """For each group (note numbers) its lift against the other notes of its strata, and its tier.

    reliable: q ≤ 0.05, wrong-sign rate ≤ 0.05 and the 90 % interval above 1; avoided: the same, below 1;
    promising: wrong-sign rate ≤ 0.1 and above 1; common: everything else.
    """
    known = ~np.isnan(comparison.is_hot)
    n_strata = int(comparison.stratum.max(initial=-1)) + 1
    totals = np.bincount(comparison.stratum[known], minlength=n_strata).astype(float)
    hot = np.bincount(comparison.stratum[known], weights=comparison.is_hot[known], minlength=n_strata).astype(float)
    raws = [_measure(comparison, rows[known[rows]], totals, hot) for rows in groups]
    measured = [raw for raw in raws if raw is not None]
    if not measured:
        return [LiftResult(None, "common") for _ in groups]
    q_values = iter(_benjamini_hochberg([raw.p_value for raw in measured]))
    shrunk = iter(_shrink_counts(measured))
    results = []
    for raw in raws:
        if raw is None:
            results.append(LiftResult(None, "common"))
            continue
        q_value, (middle, low, high, below) = next(q_values), next(shrunk)
        wrong = min(below, 1 - below)
        tier: Tier = "common"
        if q_value <= 0.05 and wrong <= 0.05 and low > 0:
            tier = "reliable"
        elif q_value <= 0.05 and wrong <= 0.05 and high < 0:
            tier = "avoided"
        elif below <= 0.1:
            tier = "promising"
        lift = Lift(
            value=round(math.exp(middle), 4),
            interval=Interval(round(math.exp(low), 4), round(math.exp(high), 4), LEVEL),
            n_hot=raw.n_hot,
            n_ordinary=raw.n_ordinary,
            against="author" if raw.within_author else "source×keyword×type×age",
        )
        results.append(LiftResult(lift, tier, round(q_value, 4), round(wrong, 4)))
    return results


def _measure(comparison: Comparison, rows: Ints, totals: Floats, hot: Floats) -> _Raw | None:
    """The raw log ratio of one group; None when too few of its notes have anything to compare with."""
    stratum = comparison.stratum[rows]
    ids, inside = np.unique(stratum, return_inverse=True)
    n_in = np.bincount(inside).astype(float)
    all_, hot_all = totals[ids], hot[ids]
    # A stratum tells something only with notes outside the group, and both hot and ordinary ones.
    telling = (all_ > n_in) & (hot_all > 0) & (hot_all < all_)
    use = telling[inside]
    rows, inside = rows[use], inside[use]
    authors = np.unique(comparison.author[rows])
    if len(rows) < MIN_COMPARED or len(authors) < 3:
        return None
    y = comparison.is_hot[rows]
    hot_in = np.bincount(inside, weights=y, minlength=len(ids))
    n_out = all_ - n_in
    hot_out = hot_all - hot_in
    weight_out = np.where(telling, n_out / all_, 0.0)
    weight_in = np.where(telling, n_in / all_, 0.0)
    top = float((hot_in * weight_out).sum()) + 0.5
    bottom = float((hot_out * weight_in).sum()) + 0.5
    ratio = top / bottom
    base = np.where(telling, hot_all / (n_in * ratio + n_out), 0.0)
    residual = (y - np.minimum(ratio * base[inside], 1.0)) * weight_out[inside]
    who = np.searchsorted(authors, comparison.author[rows])
    by_author = np.bincount(who, weights=residual)
    # Authors count by how evenly the notes are theirs: sixty notes of one and one each of thirty are 2.5 authors.
    n_even = len(rows) ** 2 / float((np.bincount(who).astype(float) ** 2).sum())
    correction = n_even / max(n_even - 1, 0.25)
    clustered = float((by_author**2).sum()) * correction / top**2
    rate = min(bottom / max(float((n_in * weight_out).sum()) + 0.5, 1e-9), 0.95)
    binomial = (1 - rate) / top
    dispersion = max(clustered / binomial, 1.0)
    baseline = float((weight_in**2 * n_out * base * (1 - np.minimum(base, 1))).sum()) / bottom**2
    variance = dispersion * binomial + baseline
    log_ratio = math.log(ratio)
    from scipy.special import stdtr

    p_value = float(2 * stdtr(max(n_even - 1, 0.25), -abs(log_ratio) / math.sqrt(variance)))
    n_hot = round(float(y.sum()))
    within = bool(comparison.within_author[rows].mean() >= 0.5)
    return _Raw(log_ratio, variance, p_value, bottom, rate, dispersion, baseline, n_hot, len(rows) - n_hot, within)


def _benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    p = np.asarray(p_values)
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return [float(value) for value in q]


def _shrink_counts(raws: Sequence[_Raw]) -> list[tuple[float, float, float, float]]:
    """``_shrink`` with each variance taken at the shrunk ratio instead of the observed one.

    A group that was unlucky has few hot notes and so a large observed variance, a lucky one a small one;
    used as they are, the lucky ones would be trusted more.
    """
    ratios = [raw.log_ratio for raw in raws]
    first = _shrink(ratios, [raw.variance for raw in raws])
    steady = []
    for raw, (middle, *_rest) in zip(raws, first, strict=True):
        ratio = math.exp(middle)
        share_left = max(1 - raw.rate * ratio, 0.2)
        steady.append(raw.dispersion * share_left / (raw.expected * ratio) + raw.baseline)
    return _shrink(ratios, steady)


def _shrink(log_ratios: Sequence[float], variances: Sequence[float]) -> list[tuple[float, float, float, float]]:
    """(median, low, high, P(log ratio < 0)) of each posterior, a mixture of normals over τ."""
    x, v = np.asarray(log_ratios), np.asarray(variances)
    spread = v[None, :] + _TAU[:, None] ** 2
    log_weight = -0.5 * (np.log(spread) + x[None, :] ** 2 / spread).sum(axis=1)
    log_weight += 2 * np.log(_TAU) - 0.5 * (_TAU / _TAU_SCALE) ** 2  # one log τ for the grid, which is even in it
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    share = _TAU[:, None] ** 2 / spread
    mean, sd = share * x[None, :], np.sqrt(share * v[None, :])

    def cdf(at: Floats) -> Floats:
        from scipy.special import ndtr

        below: Floats = np.einsum("t,tj->j", weight, ndtr((at[None, :] - mean) / sd))
        return below

    def quantile(level: float) -> Floats:
        low, high = np.full(len(x), -8.0), np.full(len(x), 8.0)
        for _ in range(45):
            at = (low + high) / 2
            under = cdf(at) < level
            low, high = np.where(under, at, low), np.where(under, high, at)
        middle: Floats = (low + high) / 2
        return middle

    tail = (1 - LEVEL) / 2
    columns = (quantile(0.5), quantile(tail), quantile(1 - tail), cdf(np.zeros(len(x))))
    return [tuple(float(column[i]) for column in columns) for i in range(len(x))]  # type: ignore[misc]
