"""Lift of a group of notes over comparable ones: stratified, shrunk, clustered by author, and doubted.

* Ratio: Mantel–Haenszel risk ratio over strata (the author's own notes, or source × keyword × type × age band),
  Greenland & Robins 1985 (doi:10.2307/2530643); half a note is added to both sides, so zeros stay finite.
* Variance of its logarithm: the larger of the binomial one and the one between authors (clustered sandwich
  with G/(G−1)), plus the baseline's own.
* Test: Mantel–Haenszel's score over the strata, its variance times the dispersion between authors, with t at G−1
  degrees, G authors; for small groups no smaller than the exact conditional p (a Wald test of the log ratio
  hardly ever finds a small group, since its variance is that of the observed, extreme ratio).
* Shrinkage: log ratio ~ N(0, τ²) over all groups of the run, τ integrated over its posterior (prior
  ∝ τ·exp(−2τ²), which keeps off zero: Chung et al. 2013, doi:10.1007/s11336-013-9328-2), i.e. empirical Bayes
  without the overconfidence of a point estimate of τ. It gives the lift and the chance of a wrong direction.
* Interval: an empirical-Bayes interval holds on average over all groups and misses most of the extreme ones
  (Armstrong, Kolesár & Plagborg-Møller 2022, doi:10.3982/ECTA18597). So that it holds for those too, it is the
  90 % interval under a weak prior of the group's own, log ratio ~ N(0, 1), around the shrunk lift.
* Many groups: Benjamini–Hochberg q-values, and the local false sign rate (Stephens 2017,
  doi:10.1093/biostatistics/kxw041), i.e. the posterior chance that the direction is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from creator_kit.mining.template import Interval, Lift, Tier

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

LEVEL = 0.9
MIN_COMPARED = 5
MAX_EXACT = 200
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
        q_value, (middle, below) = next(q_values), next(shrunk)
        low, high = _interval(raw, middle)
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
    score = _score_test(n_in[telling], all_[telling], hot_all[telling], hot_in[telling].astype(np.float64))
    from scipy.special import stdtr

    p_value = max(score.exact, float(2 * stdtr(max(n_even - 1, 0.25), -score.z / math.sqrt(dispersion))))
    n_hot = round(float(y.sum()))
    within = bool(comparison.within_author[rows].mean() >= 0.5)
    return _Raw(log_ratio, variance, p_value, bottom, rate, dispersion, baseline, n_hot, len(rows) - n_hot, within)


@dataclass(frozen=True, slots=True)
class _Score:
    z: float
    exact: float


def _score_test(n_in: Floats, n_all: Floats, hot_all: Floats, hot_in: Floats) -> _Score:
    """Mantel–Haenszel's test over strata: |z| with the variance under no difference, and for groups of up to
    ``MAX_EXACT`` notes the exact two-sided p (twice the smaller tail of the convolved hypergeometrics)."""
    excess = float((hot_in - n_in * hot_all / n_all).sum())
    spread = n_in * (n_all - n_in) * hot_all * (n_all - hot_all) / (n_all**2 * np.maximum(n_all - 1, 1))
    z = abs(excess) / math.sqrt(float(spread.sum()))
    if n_in.sum() > MAX_EXACT:
        return _Score(z, 0.0)
    whole, start = np.ones(1), 0
    for n, total, hot in zip(n_in.tolist(), n_all.tolist(), hot_all.tolist(), strict=True):
        low, chances = _hypergeometric(int(n), int(total), int(hot))
        whole, start = np.convolve(whole, chances), start + low
    at = round(float(hot_in.sum())) - start
    return _Score(z, min(1.0, 2 * min(float(whole[: at + 1].sum()), float(whole[at:].sum()))))


@lru_cache(maxsize=20_000)
def _hypergeometric(n: int, total: int, hot: int) -> tuple[int, Floats]:
    """The least number of hot notes among ``n`` drawn of ``total`` with ``hot``, and the chances from it on."""
    low, high = max(0, n - (total - hot)), min(n, hot)
    chances = [math.comb(hot, k) * math.comb(total - hot, n - k) / math.comb(total, n) for k in range(low, high + 1)]
    return low, np.array(chances)


def _benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    p = np.asarray(p_values)
    order = np.argsort(p, kind="stable")
    scaled = p[order] * len(p) / np.arange(1, len(p) + 1)
    q = np.empty(len(p))
    q[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return [float(value) for value in q]


def _shrink_counts(raws: Sequence[_Raw]) -> list[tuple[float, float]]:
    """``_shrink`` with each variance taken at the shrunk ratio instead of the observed one.

    A group that was unlucky has few hot notes and so a large observed variance, a lucky one a small one;
    used as they are, the lucky ones would be trusted more.
    """
    ratios = [raw.log_ratio for raw in raws]
    first = _shrink(ratios, [raw.variance for raw in raws])
    return _shrink(ratios, [_variance_at(raw, middle) for raw, (middle, _below) in zip(raws, first, strict=True)])


def _variance_at(raw: _Raw, log_ratio: float) -> float:
    """The variance of the log ratio of ``raw`` were ``log_ratio`` true."""
    ratio = math.exp(log_ratio)
    share_left = max(1 - raw.rate * ratio, 0.2)
    return raw.dispersion * share_left / (raw.expected * ratio) + raw.baseline


def _interval(raw: _Raw, middle: float) -> tuple[float, float]:
    """The credible interval of the log ratio under a prior of its own, N(0, 1), widened to ``middle``."""
    from scipy.special import ndtri

    variance = raw.variance
    for _ in range(3):
        variance = _variance_at(raw, raw.log_ratio / (1 + variance))
    centre = raw.log_ratio / (1 + variance)
    half = float(ndtri((1 + LEVEL) / 2)) * math.sqrt(variance / (1 + variance))
    return min(centre - half, middle), max(centre + half, middle)


def _shrink(log_ratios: Sequence[float], variances: Sequence[float]) -> list[tuple[float, float]]:
    """(median, P(log ratio < 0)) of each posterior, a mixture of normals over τ."""
    from scipy.special import ndtr

    x, v = np.asarray(log_ratios), np.asarray(variances)
    spread = v[None, :] + _TAU[:, None] ** 2
    log_weight = -0.5 * (np.log(spread) + x[None, :] ** 2 / spread).sum(axis=1)
    log_weight += 2 * np.log(_TAU) - 0.5 * (_TAU / _TAU_SCALE) ** 2  # one log τ for the grid, which is even in it
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    share = _TAU[:, None] ** 2 / spread
    mean, sd = share * x[None, :], np.sqrt(share * v[None, :])

    def cdf(at: Floats) -> Floats:
        below: Floats = weight @ ndtr((at[None, :] - mean) / sd)
        return below

    low, high = np.full(len(x), -8.0), np.full(len(x), 8.0)
    for _ in range(32):  # to 4e-9
        at = (low + high) / 2
        under = cdf(at) < 0.5
        low, high = np.where(under, at, low), np.where(under, high, at)
    return list(zip(((low + high) / 2).tolist(), cdf(np.zeros(len(x))).tolist(), strict=True))
