"""The forecast: quantiles and chances, with the sentence that says what they rest on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Quantiles:
    """P10, P50 and P90 of a count over ``horizon_days``."""

    p10: float
    p50: float
    p90: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """What one note may reach within ``horizon_days`` for this creator under ``profile``.

    ``quantiles`` maps ``impressions``, ``reads``, ``likes``, ``collects``, ``comments``, ``shares``,
    ``new_followers`` to Quantiles; ``p_at_least`` maps a number of impressions to its chance (0 to 1);
    ``basis`` says in words whether this is the profile's prior alone or fitted to own results.
    """

    profile: str
    horizon_days: int
    n_replicates: int
    seed: int
    quantiles: dict[str, Quantiles]
    p_at_least: dict[int, float]
    basis: str
    inputs_hash: str
