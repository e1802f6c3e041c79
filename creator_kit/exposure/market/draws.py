"""What is unknown widens what a market shows: the same market many times, each with constants from their ranges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from creator_kit.exposure.forecast import Quantiles
from creator_kit.exposure.market.measures import MarketSummary, summarise_market
from creator_kit.exposure.market.run import OnHour, run_market
from creator_kit.exposure.market.setting import CHANNELS, MarketOptions
from creator_kit.exposure.profile import Constants, MarketConstants, RankingProfile
from creator_kit.exposure.sampling import Streams

# Markets of a draw are this large at most: their figures are steady there, and the constants move them far more.
DRAWN_USERS = 10_000


@dataclass(frozen=True, slots=True)
class DrawnMeasure:
    """A figure of the market: of the run with all constants at their defaults, and over the draws of all that have a
    range.

    ``name`` is one of MEASURES; values are as in MarketSummary, None where a market of that size cannot tell. ``n`` is
    the number of draws that could.
    """

    name: str
    at_defaults: float | None
    over_draws: Quantiles | None
    n: int


def _share_of(channel: str, summary: MarketSummary) -> float:
    return summary.channel_shares[channel]


def _best_known(summary: MarketSummary) -> float | None:
    told = [row["rank_correlation"] for row in summary.experience if row["rank_correlation"] is not None]
    return float(told[-1]) if told else None


def _by_grade(summary: MarketSummary) -> float | None:
    """Impressions a creator at grade ten against grade one."""
    first, last = (
        group.impression_share / group.creator_share for group in (summary.by_grade[0], summary.by_grade[-1])
    )
    return last / first if first else None


MEASURES: dict[str, Callable[[MarketSummary], float | None]] = {
    **{f"share_{name}": partial(_share_of, name) for name in CHANNELS},
    "ctr": lambda s: sum(s.channel_shares[name] * s.channel_ctr[name] for name in CHANNELS),
    "ads": lambda s: s.ad_share,
    "interest_known": _best_known,
    "note_p10": lambda s: s.quantiles["p10"],
    "note_p50": lambda s: s.quantiles["p50"],
    "note_p90": lambda s: s.quantiles["p90"],
    "promoted": lambda s: s.promoted_share,
    "gini_notes": lambda s: s.gini_notes,
    "gini_creators": lambda s: s.gini_creators,
    "grade_ratio": _by_grade,
}


def draw_profiles(profile: RankingProfile, n_draws: int, seed: int) -> Iterator[RankingProfile]:
    """``n_draws`` profiles whose constants are known to be what was drawn from their ranges (a Latin hypercube)."""
    streams = Streams(seed, n_draws)
    drawn: dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]] = {}
    for part, model in ((profile.constants, Constants), (profile.market, MarketConstants)):
        for name in model.model_fields:
            constant = getattr(part, name)
            low, high = constant.bounds
            if low < high:
                drawn[name] = constant.draw(streams.uniform(f"market:{name}"))
    for k in range(n_draws):
        yield profile.with_constants({name: float(values[k]) for name, values in drawn.items()})


def try_draws(
    profile: RankingProfile,
    options: MarketOptions,
    n_draws: int,
    *,
    at_defaults: MarketSummary,
    on_hour: OnHour | None = None,
) -> list[DrawnMeasure]:
    """The figures of markets of at most ``DRAWN_USERS`` users under ``n_draws`` draws of the constants, beside those
    ``at_defaults``; each market is another sample of users and notes too."""
    small = replace(options, n_users=min(options.n_users, DRAWN_USERS), n_workers=1)
    summaries = [
        summarise_market(run_market(drawn, replace(small, seed=small.seed + k), on_hour=on_hour))
        for k, drawn in enumerate(draw_profiles(profile, n_draws, options.seed), 1)
    ]
    found = []
    for name, measure in MEASURES.items():
        values = np.array([value for s in summaries if (value := measure(s)) is not None])
        spread = None
        if values.size:
            spread = Quantiles(*(float(q) for q in np.quantile(values, (0.1, 0.5, 0.9), method="inverted_cdf")))
        found.append(DrawnMeasure(name, measure(at_defaults), spread, values.size))
    return found
