"""Rates of an account, by shrinkage: reads for an impression, and what is done for a read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from creator_kit.exposure.history import OwnHistory
from creator_kit.exposure.level import HALF_LIFE_NOTES, weighted_median
from creator_kit.exposure.mechanism import base_read_rate, draw_constants
from creator_kit.exposure.profile import Array, RankingProfile
from creator_kit.exposure.sampling import Streams

# The prior's quantiles are a reference, not a forecast: own seed, enough replicates for a steady P50.
REFERENCE_SEED = 20260101
REFERENCE_REPLICATES = 4000
# An outlier that was read as much as five ordinary notes speaks for five of them, not for a hundred.
_MAX_READS_IN_MEDIANS = 5.0
_COUNT_OF = {
    "like": "likes",
    "collect": "collects",
    "comment": "comments",
    "share": "shares",
    "follow": "new_followers",
}


@dataclass(frozen=True, slots=True)
class RateFit:
    """A rate on the log-odds scale: posterior ``logit`` with ``sd``; ``own_weight`` (0 to 1) is the own notes'
    share in it, ``n_notes`` how many spoke."""

    logit: float
    sd: float
    own_weight: float
    n_notes: int

    @property
    def rate(self) -> float:
        """The posterior's middle, 0 to 1."""
        return float(1 / (1 + np.exp(-self.logit)))

    def draw(self, z: Array) -> Array:
        """Rates at the normal scores ``z``."""
        return np.asarray(1 / (1 + np.exp(-(self.logit + self.sd * z))))


def fit_rates(profile: RankingProfile, history: OwnHistory, *, is_video: bool) -> tuple[RateFit, dict[str, RateFit]]:
    """Reads for an impression, and each of ACTIONS for a read, of the notes of one type, shrunk to ``profile``."""
    streams = Streams(REFERENCE_SEED, REFERENCE_REPLICATES)
    constants = draw_constants(profile, streams)
    account_sd = profile.constants.account_rate_sd.default
    same = history.is_video == is_video if len(history) else np.zeros(0, dtype=bool)
    rank = np.arange(int(same.sum()))[::-1]
    # Rates drift more slowly than the level, so their memory is longer.
    recency = 0.5 ** (rank / (2.5 * HALF_LIFE_NOTES))
    impressions, views = history.impressions[same], history.views[same]
    has_views = np.isfinite(views) & (views <= impressions)
    read = _fit_read_rate(
        base_read_rate(constants, is_video=is_video),
        account_sd,
        impressions[has_views],
        views[has_views],
        recency[has_views],
    )
    actions = {}
    for action, metric in _COUNT_OF.items():
        done = history.counts[metric][same]
        usable = np.isfinite(done) & np.isfinite(views) & (views > 0)
        actions[action] = _fit_action_rate(
            constants[f"{action}_rate"],
            account_sd,
            profile.constants.action_sd.default,
            views[usable],
            done[usable],
            recency[usable],
        )
    return read, actions


def _logit(rate: Array) -> Array:
    return np.asarray(np.log(rate / (1 - rate)))


def _posterior(prior_draws: Array, account_sd: float, own: float, se2: float, n_notes: int) -> RateFit:
    logits = _logit(np.clip(prior_draws, 1e-9, 1 - 1e-9))
    middle = float(np.median(logits))
    variance = float(np.var(logits)) + account_sd**2
    if n_notes == 0:
        return RateFit(middle, float(np.sqrt(variance)), 0.0, 0)
    own_weight = variance / (variance + se2)
    return RateFit(middle + own_weight * (own - middle), float(np.sqrt(own_weight * se2)), own_weight, n_notes)


def _fit_read_rate(prior: Array, account_sd: float, impressions: Array, views: Array, recency: Array) -> RateFit:
    n = len(views)
    if n == 0:
        return _posterior(prior, account_sd, 0.0, 1.0, 0)
    logits = _logit(np.clip((views + 0.5) / (impressions + 1), 1e-4, 1 - 1e-4))
    middle = weighted_median(logits, recency)
    n_effective = float(recency.sum() ** 2 / (recency**2).sum())
    # Notes of one account vary by about 0.6 on this scale where there are too few to say (JUDGE).
    spread2 = (n * (1.4826 * float(np.median(np.abs(logits - middle)))) ** 2 + 4 * 0.36) / (n + 4)
    return _posterior(prior, account_sd, middle, 1.57 * spread2 / n_effective, n)


def _fit_action_rate(
    prior: Array, account_sd: float, action_sd: float, reads: Array, done: Array, recency: Array
) -> RateFit:
    n = len(reads)
    if n == 0:
        return _posterior(prior, account_sd, 0.0, 1.0, 0)
    capped = np.minimum(1.0, _MAX_READS_IN_MEDIANS * float(np.median(reads)) / reads) * recency
    n_events, n_reads = float((capped * done).sum()), float((capped * reads).sum())
    rate = min((n_events + 0.5) / (n_reads + 1.0), 0.99)
    shares = capped * reads / n_reads
    # Two doubts: few events, and notes that differ among themselves (a pooled rate is a mean of them).
    se2 = 1.0 / (n_events + 0.5) + action_sd**2 * float((shares**2).sum())
    return _posterior(prior, account_sd, float(np.log(rate / (1 - rate))) - action_sd**2 / 2, se2, n)
