"""The forecast: quantiles and chances, with the sentence that says what they rest on."""

from __future__ import annotations

from dataclasses import dataclass, field

OUTCOMES = ("impressions", "reads", "likes", "collects", "comments", "shares", "new_followers")
CHANNELS = ("discover", "follow", "search", "paid")


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

    ``channels`` maps ``discover``, ``follow``, ``search``, ``paid`` to Quantiles of impressions (they add up
    within each replicate, not from quantile to quantile) and ``channel_shares`` to the median share (0 to 1).
    ``channel_p_at_least`` is ``p_at_least`` of each channel alone.
    ``band`` holds cumulative impressions ``p10``, ``p50``, ``p90`` at ``band_hours`` after posting.
    ``p_pools`` is the chance to be promoted at least once, twice … ``method`` is ``prior``, ``fitted`` or the
    baseline that the fit could not beat; ``n_own_notes`` counts the settled notes behind it and
    ``notes_left_out`` says, by reason, which were not used.
    """

    profile: str
    horizon_days: int
    n_replicates: int
    seed: int
    quantiles: dict[str, Quantiles]
    p_at_least: dict[int, float]
    basis: str
    inputs_hash: str
    channels: dict[str, Quantiles] = field(default_factory=dict)
    channel_shares: dict[str, float] = field(default_factory=dict)
    channel_p_at_least: dict[str, dict[int, float]] = field(default_factory=dict)
    band_hours: tuple[int, ...] = ()
    band: dict[str, tuple[float, ...]] = field(default_factory=dict)
    p_pools: tuple[float, ...] = ()
    method: str = "prior"
    n_own_notes: int = 0
    notes_left_out: dict[str, int] = field(default_factory=dict)
