"""Where an account's exposure stands: the level of ln(1 + impressions), by four methods that a backtest compares.

``fitted`` is empirical Bayes in two steps, for accounts drift: the median of all the account's notes, shrunk to the
profile's prior; then the recency-weighted median, shrunk to that. Both are brought to the type of the note at hand.
(In one step a wrong prior would never fade, since what is recent is always few.) ``median`` and ``last5`` are the
creator's own median and that of the last five notes; ``prior`` is the profile alone.

Each interval starts from the spread that the profile implies and moves to the method's own past errors
(out of sample, one note ahead) as these grow in number; where it has held too few or too many, it is taken further
out or in (adaptive conformal inference, Gibbs and Candès 2021, for each side apart).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from creator_kit.exposure.profile import Array

Method = Literal["prior", "fitted", "median", "last5"]
METHODS: tuple[Method, ...] = ("fitted", "median", "last5", "prior")

# Weight of a note halves with each so many later ones: long enough to be steady, short enough to drift. On the
# accounts looked at the error is flat from 6 to 30; learning it for each account gained nothing.
HALF_LIFE_NOTES = 10.0
# How far an account's present level may lie from that of all its notes (standard deviation of ln). From 0.3 to 1 the
# error on series of likes (of four authors, read both ways), looked at in place of accounts to test, moves by 1 %.
DRIFT_SD = 0.5
# How far the types of an account may lie apart where it has shown only the other one (standard deviation of ln).
OTHER_TYPE_SD = 0.5
# Notes that the difference between the types must outweigh before it is half believed.
TYPE_PSEUDO_NOTES = 8.0
# Past errors that weigh as much as the profile's spread.
SPREAD_PSEUDO_NOTES = 8.0
# Chance that a note should fall below P10, and above P90.
TAIL = 0.1
# How much one note outside (or inside) moves the tail that is aimed at; chosen on the series of likes.
TAIL_STEP = 0.05
_TAIL_BOUNDS = (0.01, 0.4)
# Standard error of a median against that of a mean, for normal data.
_MEDIAN_SE = 1.2533
_Z90 = 1.2816


@dataclass(frozen=True, slots=True)
class LevelPrior:
    """What the profile says before any result, on the scale ln(1 + impressions), by type.

    ``centre`` is ln P50; ``low`` and ``high`` are the distances to P10 and P90 for an account whose level is
    known; ``account_sd`` is how far accounts lie apart.
    """

    centre: float
    low: float
    high: float
    account_sd: float

    @property
    def spread(self) -> float:
        """A standard deviation of one note around its account's level."""
        return (self.low + self.high) / (2 * _Z90)


@dataclass(frozen=True, slots=True)
class LevelPrediction:
    """P50 on the scale ln(1 + impressions) with the distances to P10 and P90; ``own_weight`` (0 to 1) is the
    share of the centre that own notes decide."""

    centre: float
    low: float
    high: float
    own_weight: float


@dataclass(frozen=True, slots=True)
class PastErrors:
    """A method's one-ahead errors (observed minus P50, oldest first), and how often its intervals were left.

    ``n_below`` and ``n_above`` count the notes under P10 and over P90.
    """

    errors: Array
    n_below: int = 0
    n_above: int = 0

    @property
    def tails(self) -> tuple[float, float]:
        """Shares of past errors to leave below P10 and above P90: TAIL, less where more notes fell outside."""
        low, high = (TAIL + TAIL_STEP * (TAIL * self.errors.size - n) for n in (self.n_below, self.n_above))
        least, most = _TAIL_BOUNDS
        return min(max(low, least), most), min(max(high, least), most)


NO_ERRORS = PastErrors(np.zeros(0))


def predict_level(
    method: Method,
    y: Array,
    is_video: NDArray[np.bool_],
    for_video: bool,
    prior: LevelPrior,
    past: PastErrors = NO_ERRORS,
) -> LevelPrediction:
    """The next note's level from ``y`` (ln(1 + impressions), oldest first) and what is known of the method's ``past``
    errors. Empty ``y`` gives the prior."""
    n = len(y)
    if method == "prior" or n == 0:
        return _prior_prediction(prior)
    if method == "fitted":
        centre, own_weight, level_sd = _fitted_centre(y, is_video == for_video, prior)
    else:
        # A baseline knows neither types nor shrinkage; its doubt about itself shows in its past errors.
        centre = float(np.median(y if method == "median" else y[-5:]))
        own_weight, level_sd = 1.0, _MEDIAN_SE * prior.spread / np.sqrt(min(n, 5 if method == "last5" else n))
    low, high = (float(np.hypot(side, _Z90 * level_sd)) for side in (prior.low, prior.high))
    if past.errors.size:
        below, above = past.tails
        # Positions k/(n+1): an interval from n past errors that covers as much of the next one.
        past_low, past_high = np.quantile(past.errors, [below, 1 - above], method="weibull")
        trust = past.errors.size / (past.errors.size + SPREAD_PSEUDO_NOTES)
        low = max((1 - trust) * low - trust * float(past_low), 0.05)
        high = max((1 - trust) * high + trust * float(past_high), 0.05)
    return LevelPrediction(centre, low, high, own_weight)


def _prior_prediction(prior: LevelPrior) -> LevelPrediction:
    low, high = (float(np.hypot(side, _Z90 * prior.account_sd)) for side in (prior.low, prior.high))
    return LevelPrediction(prior.centre, low, high, 0.0)


def _fitted_centre(y: Array, same: NDArray[np.bool_], prior: LevelPrior) -> tuple[float, float, float]:
    """Posterior centre for the type that ``same`` marks, the share of own notes in it, and the standard deviation left
    in the level."""
    shifted, type_variance = _bring_to_type(y, same)
    overall, overall_se2 = _median_with_error(shifted, np.ones(len(y)), prior)
    recent, recent_se2 = _median_with_error(shifted, 0.5 ** (np.arange(len(y))[::-1] / HALF_LIFE_NOTES), prior)
    overall_se2, recent_se2 = overall_se2 + type_variance, recent_se2 + type_variance
    overall_weight = prior.account_sd**2 / (prior.account_sd**2 + overall_se2)
    home = prior.centre + overall_weight * (overall - prior.centre)
    recent_weight = DRIFT_SD**2 / (DRIFT_SD**2 + recent_se2)
    centre = home + recent_weight * (recent - home)
    own_weight = recent_weight + (1 - recent_weight) * overall_weight
    variance = recent_weight * recent_se2 + (1 - recent_weight) ** 2 * overall_weight * overall_se2
    return centre, own_weight, float(np.sqrt(variance))


def _bring_to_type(y: Array, same: NDArray[np.bool_]) -> tuple[Array, float]:
    """``y`` with notes of the other type moved by the difference between the types, as far as it is believed, and the
    variance that its doubt leaves in the level."""
    n_same = int(same.sum())
    few = min(n_same, len(y) - n_same)
    belief = few / (few + TYPE_PSEUDO_NOTES)
    if few:
        y = np.where(same, y, y + belief * float(np.median(y[same]) - np.median(y[~same])))
    return y, ((1 - n_same / len(y)) * OTHER_TYPE_SD) ** 2 * (1 - belief)


def _median_with_error(y: Array, weights: Array, prior: LevelPrior) -> tuple[float, float]:
    """The weighted median and its squared standard error; the spread of one note around it is the profile's, corrected
    by what the notes show (MAD, robust)."""
    level = weighted_median(y, weights)
    n_effective = float(weights.sum() ** 2 / (weights**2).sum())
    seen = 1.4826 * weighted_median(np.abs(y - level), weights)
    variance = (n_effective * seen**2 + 4.0 * prior.spread**2) / (n_effective + 4.0)
    return level, _MEDIAN_SE**2 * variance / n_effective


def weighted_median(values: Array, weights: Array) -> float:
    """The point where half of the weight lies on either side, between two values where it falls between them."""
    order = np.argsort(values, kind="stable")
    v, w = values[order], weights[order]
    middle = np.cumsum(w) - w / 2
    return float(np.interp(w.sum() / 2, middle, v))
