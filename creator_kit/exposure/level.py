"""Where an account's exposure stands: the level of ln(1 + impressions), by four methods that a backtest compares.

``fitted`` is empirical Bayes: the recency-weighted median of the account's notes (accounts drift), brought to
the type of the note at hand, shrunk to the profile's prior by what the notes can tell. ``median`` and
``last5`` are the creator's own median and that of the last five notes; ``prior`` is the profile alone.

Each interval starts from the spread that the profile implies and moves to the method's own past errors
(out of sample, one note ahead) as these grow in number.
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
# A note of the other type says this much of what one of the same type says.
OTHER_TYPE_WEIGHT = 0.4
# How far the types of an account may lie apart where it has shown only the other one (standard deviation of ln).
OTHER_TYPE_SD = 0.5
# Notes that the difference between the types must outweigh before it is half believed.
TYPE_PSEUDO_NOTES = 8.0
# Past errors that weigh as much as the profile's spread.
SPREAD_PSEUDO_NOTES = 8.0
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


def predict_level(
    method: Method, y: Array, is_video: NDArray[np.bool_], for_video: bool, prior: LevelPrior, past_errors: Array
) -> LevelPrediction:
    """The next note's level from ``y`` (ln(1 + impressions), oldest first) and the method's ``past_errors``
    (observed minus centre, oldest first). Empty ``y`` gives the prior."""
    n = len(y)
    if method == "prior" or n == 0:
        return _prior_prediction(prior)
    if method == "fitted":
        centre, own_weight, level_sd = _fitted_centre(y, is_video, for_video, prior)
    else:
        # A baseline knows neither types nor shrinkage; its doubt about itself shows in its past errors.
        centre = float(np.median(y if method == "median" else y[-5:]))
        own_weight, level_sd = 1.0, _MEDIAN_SE * prior.spread / np.sqrt(min(n, 5 if method == "last5" else n))
    low, high = (float(np.hypot(side, _Z90 * level_sd)) for side in (prior.low, prior.high))
    if past_errors.size:
        # Positions k/(n+1): an interval from n past errors that covers as much of the next one.
        past_low, past_high = np.quantile(past_errors, [0.1, 0.9], method="weibull")
        trust = past_errors.size / (past_errors.size + SPREAD_PSEUDO_NOTES)
        low = max((1 - trust) * low - trust * float(past_low), 0.05)
        high = max((1 - trust) * high + trust * float(past_high), 0.05)
    return LevelPrediction(centre, low, high, own_weight)


def _prior_prediction(prior: LevelPrior) -> LevelPrediction:
    low, high = (float(np.hypot(side, _Z90 * prior.account_sd)) for side in (prior.low, prior.high))
    return LevelPrediction(prior.centre, low, high, 0.0)


def _fitted_centre(
    y: Array, is_video: NDArray[np.bool_], for_video: bool, prior: LevelPrior
) -> tuple[float, float, float]:
    """Posterior centre, the share of own notes in it, and the standard deviation left in the level."""
    n = len(y)
    same = is_video == for_video
    weights = 0.5 ** (np.arange(n)[::-1] / HALF_LIFE_NOTES)
    shifted = y
    if same.any() and not same.all():
        few = min(int(same.sum()), int((~same).sum()))
        gap = float(np.median(y[same]) - np.median(y[~same])) * few / (few + TYPE_PSEUDO_NOTES)
        shifted = np.where(same, y, y + gap)
    weights = np.where(same, weights, OTHER_TYPE_WEIGHT * weights)
    level = weighted_median(shifted, weights)
    n_effective = float(weights.sum() ** 2 / (weights**2).sum())
    # The spread of one note around the level: the profile's, corrected by what the notes show (MAD, robust).
    seen = 1.4826 * weighted_median(np.abs(shifted - level), weights)
    variance = (n_effective * seen**2 + 4.0 * prior.spread**2) / (n_effective + 4.0)
    se2 = _MEDIAN_SE**2 * variance / n_effective + (0.0 if same.any() else OTHER_TYPE_SD**2)
    own_weight = prior.account_sd**2 / (prior.account_sd**2 + se2)
    centre = prior.centre + own_weight * (level - prior.centre)
    return centre, own_weight, float(np.sqrt(own_weight * se2))


def weighted_median(values: Array, weights: Array) -> float:
    """The point where half of the weight lies on either side, between two values where it falls between them."""
    order = np.argsort(values, kind="stable")
    v, w = values[order], weights[order]
    middle = np.cumsum(w) - w / 2
    return float(np.interp(w.sum() / 2, middle, v))
