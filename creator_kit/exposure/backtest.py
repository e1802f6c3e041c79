"""How wrong the forecast would have been: each own note predicted from those that were known before it.

One note ahead, in order of publication. A note counts as known once it is ``SETTLED_DAYS`` old, for the model
and for the baselines alike; only notes old enough at their export are scored (counts keep growing).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from creator_kit.exposure.history import SETTLED_DAYS, OwnHistory
from creator_kit.exposure.level import METHODS, LevelPrior, Method, PastErrors, predict_level
from creator_kit.exposure.profile import Array

# Scored notes had at least this age at their export, and at least this many known notes before them.
SCORED_AGE_DAYS = 7.0
MIN_KNOWN = 5
# Fewer scored notes cannot show that a model beats a median.
MIN_SCORED = 10
_N_BOOTSTRAP = 2000
_LEVELS = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Walk:
    """One-ahead predictions on the scale ln(1 + impressions): (n, 3) P10/P50/P90 by method, NaN before the first.

    ``scored`` marks the notes that count; ``known_before`` (n,) how many notes were known before each.
    """

    y: Array
    quantiles: dict[Method, Array]
    scored: NDArray[np.bool_]
    known_before: NDArray[np.int64]

    def errors(self, method: Method) -> Array:
        """Observed minus P50, (n,)."""
        return np.asarray(self.y - self.quantiles[method][:, 1])


@dataclass(frozen=True, slots=True)
class MethodScore:
    """One method over the scored notes, on ln(1 + impressions).

    ``mae_log`` mean absolute error of P50; ``pinball`` mean pinball loss over P10, P50, P90; ``coverage`` of
    the 80 % interval with its Wilson interval (95 %); ``spearman`` rank correlation of P50 and outcome, None
    where either never varies.
    """

    method: Method | Literal["shown"]
    mae_log: float
    pinball: float
    coverage: float
    coverage_low: float
    coverage_high: float
    spearman: float | None
    mdape: float


@dataclass(frozen=True, slots=True)
class Backtest:
    """The table, and what follows from it.

    ``better_median`` is the median with the smaller log error; ``gain`` how much smaller the fitted model's
    error is (positive is better), with a paired 95 % bootstrap interval; ``chosen`` is what a forecast shows:
    the model only where that interval lies above zero. Scores are empty where nothing could be scored.
    """

    n_notes: int
    n_scored: int
    scores: dict[Method, MethodScore]
    better_median: Method
    gain: float
    gain_low: float
    gain_high: float
    chosen: Method


def walk_forward(
    history: OwnHistory, priors: dict[bool, LevelPrior], *, known_after_days: float = SETTLED_DAYS
) -> Walk:
    """Predict each note of ``history`` from those at least ``known_after_days`` older. ``priors`` by is_video."""
    y, n = history.log_impressions, len(history)
    quantiles: dict[Method, Array] = {method: np.full((n, 3), np.nan) for method in METHODS}
    # Strictly before, so that a delay of 0 days never lets a note foretell itself or one of the same moment.
    known_before = np.searchsorted(history.days, history.days - known_after_days, side="left")
    for i in range(n):
        known = int(known_before[i])
        prior = priors[bool(history.is_video[i])]
        for method in METHODS:
            if known == 0 and method in ("median", "last5"):
                continue
            past = past_errors(y, quantiles[method], known)
            p = predict_level(method, y[:known], history.is_video[:known], bool(history.is_video[i]), prior, past)
            quantiles[method][i] = (p.centre - p.low, p.centre, p.centre + p.high)
    scored = history.older_than(SCORED_AGE_DAYS) & (known_before >= MIN_KNOWN)
    return Walk(y, quantiles, scored, known_before.astype(np.int64))


def past_errors(y: Array, quantiles: Array, known: int) -> PastErrors:
    """How a method with ``quantiles`` (n, 3) fared on the first ``known`` notes, where it had made a prediction."""
    at = np.flatnonzero(~np.isnan(quantiles[:known, 1]))
    low, middle, high = quantiles[at].T
    came = y[at]
    return PastErrors(came - middle, int((came < low).sum()), int((came > high).sum()))


def backtest(
    history: OwnHistory, priors: dict[bool, LevelPrior], *, known_after_days: float = SETTLED_DAYS
) -> Backtest:
    """Walk forward over ``history`` and compare the methods on the same notes."""
    return score_walk(walk_forward(history, priors, known_after_days=known_after_days))


def score_walk(walk: Walk) -> Backtest:
    """The table of a walk."""
    at = walk.scored
    n_scored = int(at.sum())
    if n_scored == 0:
        return Backtest(len(walk.y), 0, {}, "median", 0.0, 0.0, 0.0, "fitted")
    scores = {method: _score(method, walk.y[at], walk.quantiles[method][at]) for method in METHODS}
    better, differences = _gains(walk, at)
    low, high = paired_interval(differences)
    chosen: Method = "fitted" if n_scored < MIN_SCORED or low > 0 else better
    return Backtest(len(walk.y), n_scored, scores, better, float(differences.mean()), low, high, chosen)


def score_shown(walk: Walk) -> MethodScore | None:
    """What forecasts would have shown at the time: for each note the method that ``score_walk`` would have chosen from
    the notes known before it. Choosing costs something; the better median of the whole table was not known then."""
    at = np.flatnonzero(walk.scored)
    if not len(at):
        return None
    quantiles = np.empty((len(at), 3))
    for row, note in enumerate(at):
        known = walk.scored & (np.arange(len(walk.y)) < walk.known_before[note])
        chosen: Method = "fitted"
        if known.sum() >= MIN_SCORED:
            better, differences = _gains(walk, known)
            chosen = "fitted" if paired_interval(differences)[0] > 0 else better
        quantiles[row] = walk.quantiles[chosen][note]
    return _score("shown", walk.y[at], quantiles)


def _gains(walk: Walk, at: NDArray[np.bool_]) -> tuple[Method, Array]:
    """The better median on the notes ``at``, and by how much the fitted model's error is smaller on each of them."""
    fitted, median, last5 = (np.abs(walk.errors(method)[at]) for method in ("fitted", "median", "last5"))
    # Ties go to the plain median, the simpler of the two.
    return ("last5", last5 - fitted) if last5.mean() < median.mean() else ("median", median - fitted)


def paired_interval(differences: Array) -> tuple[float, float]:
    """95 % interval of the mean of paired ``differences``: bootstrap over blocks of five neighbours.

    Blocks, because the errors of neighbouring notes go together; the draws are fixed, so the interval is too.
    """
    n = len(differences)
    length = min(5, n)
    rng = np.random.default_rng([n, 80])
    n_blocks = math.ceil(n / length)
    starts = rng.integers(0, n, size=(_N_BOOTSTRAP, n_blocks))
    # Sums of each block by where it starts; the last block is cut so that n are drawn.
    so_far = np.concatenate([[0.0], np.cumsum(np.concatenate([differences, differences[:length]]))])
    whole, last = (so_far[size : size + n] - so_far[:n] for size in (length, n - (n_blocks - 1) * length))
    means = (whole[starts[:, :-1]].sum(axis=1) + last[starts[:, -1]]) / n
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def _score(method: Method | Literal["shown"], y: Array, quantiles: Array) -> MethodScore:
    inside = (quantiles[:, 0] <= y) & (y <= quantiles[:, 2])
    low, high = wilson_interval(int(inside.sum()), len(y))
    pinball = np.mean(
        [
            np.mean(np.maximum(level * (y - quantiles[:, k]), (level - 1) * (y - quantiles[:, k])))
            for k, level in enumerate(_LEVELS)
        ]
    )
    actual, expected = np.expm1(y), np.expm1(quantiles[:, 1])
    return MethodScore(
        method=method,
        mae_log=float(np.abs(y - quantiles[:, 1]).mean()),
        pinball=float(pinball),
        coverage=float(inside.mean()),
        coverage_low=low,
        coverage_high=high,
        spearman=spearman(quantiles[:, 1], y),
        mdape=float(np.median(np.abs(actual - expected) / np.maximum(actual, 1.0))),
    )


def wilson_interval(n_hits: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson score interval of a share, 95 % by default."""
    share = n_hits / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(middle - half, 0.0), min(middle + half, 1.0)


def spearman(a: Array, b: Array) -> float | None:
    """Rank correlation with average ranks for ties; None where one side never varies or has under 3 values."""
    if len(a) < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return float(np.corrcoef(_ranks(a), _ranks(b))[0, 1])


def _ranks(values: Array) -> Array:
    _values, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[inverse], dtype=np.float64)
