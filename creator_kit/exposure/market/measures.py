"""What a market shows: channels and hours, learning, inequality, templates, grades. Nothing here feeds back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from creator_kit.exposure.backtest import wilson_interval
from creator_kit.exposure.market.run import EXPERIENCE_EDGES, MarketRun
from creator_kit.exposure.market.setting import CHANNELS, FOLLOW, INTEREST

# Bounds of the follower bands: shares of creators counted from the most followed.
FOLLOWER_BANDS = ((0.0, 0.01), (0.01, 0.1), (0.1, 0.5), (0.5, 1.0))
# By how many follow them; the platform's own words.
KINDS = ("ordinary", "koc", "kol")
_N_BOOTSTRAP = 400
# Fewer notes than this say too little about a group.
_FEW = 20


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the creators: its share of creators and of impressions (0 to 1), the median impressions of its new
    notes a day or more old at the end (None under 20), and the Gini coefficient within it."""

    name: str
    n_creators: int
    creator_share: float
    impression_share: float
    median_impressions: float | None
    gini: float | None


@dataclass(frozen=True, slots=True)
class Ties:
    """Creators of one kind and those who come back to them: shares (0 to 1) of creators, of all impressions, of their
    own impressions that followers brought, and how many of these were opened."""

    kind: str
    creator_share: float
    impression_share: float
    follower_share: float
    follower_ctr: float


@dataclass(frozen=True, slots=True)
class TemplateUse:
    """Covers of one template: their share of the new notes shown, CTR of those with it and of those without, and the
    ratio of the two with a 95 % interval over notes (None where a side has under 20)."""

    adoption: float
    ctr_with: float | None
    ctr_without: float | None
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None


@dataclass(frozen=True, slots=True)
class MarketSummary:
    """The figures of one run. Shares and rates 0 to 1; hours count from midnight of the first day.

    ``quantiles`` are P10, P50, P90 of the impressions of new notes ``age_hours`` after posting; ``promoted_share`` is
    of those whose guarantee has ended, None where none has. ``actions`` counts what was done, hides among them.
    """

    n_users: int
    n_hours: int
    n_creators: int
    n_new_notes: int
    n_visits: int
    n_slots: int
    ad_share: float
    n_displaced: int
    channel_shares: dict[str, float]
    channel_ctr: dict[str, float]
    hourly_impressions: list[int]
    hourly_by_channel: dict[str, list[int]]
    hourly_ctr: list[float]
    experience: list[dict[str, float | int | None]]
    age_hours: int
    quantiles: dict[str, float]
    promoted_share: float | None
    gini_notes: float
    gini_creators: float
    by_grade: list[Group]
    by_followers: list[Group]
    by_tie: list[Ties]
    actions: dict[str, int]


def summarise_market(run: MarketRun) -> MarketSummary:
    """The figures of ``run``."""
    notes, creators = run.notes, run.creators
    seen, opened = run.seen.sum(axis=1, dtype=np.int64), run.opened.sum(axis=1, dtype=np.int64)
    by_channel, opened_by_channel = seen.sum(axis=0), opened.sum(axis=0)
    total = int(by_channel.sum())
    by_note = run.seen.sum(axis=(0, 2), dtype=np.int64)
    by_creator = np.bincount(notes.creator, weights=by_note, minlength=len(creators))
    age_hours = min(24, max(run.options.n_hours // 2, 1))
    aged, impressions = impressions_at_age(run, age_hours)
    new = np.flatnonzero(notes.is_new)
    # Promotion is decided when the guarantee ends.
    judged = new[notes.posted_hour[new] + round(run.setting["guarantee_hours"]) <= run.options.n_hours]
    rank = np.argsort(np.argsort(-creators.popularity, kind="stable"), kind="stable") / max(len(creators), 1)

    def group(name: str, member: NDArray[np.bool_]) -> Group:
        own = impressions[member[notes.creator[aged]]]
        return Group(
            name=name,
            n_creators=int(member.sum()),
            creator_share=float(member.mean()),
            impression_share=float(by_creator[member].sum() / max(by_creator.sum(), 1)),
            median_impressions=float(np.median(own)) if len(own) >= _FEW else None,
            gini=gini(by_creator[member]) if member.sum() >= _FEW else None,
        )

    return MarketSummary(
        n_users=run.options.n_users,
        n_hours=run.options.n_hours,
        n_creators=len(creators),
        n_new_notes=len(new),
        n_visits=int(run.n_visits.sum()),
        n_slots=int(run.n_slots.sum()),
        ad_share=float(run.ads_seen.sum() / max(run.n_slots.sum(), 1)),
        n_displaced=int(run.n_displaced.sum()),
        channel_shares={name: _rate(by_channel[k], total) for k, name in enumerate(CHANNELS)},
        channel_ctr={name: _rate(opened_by_channel[k], by_channel[k]) for k, name in enumerate(CHANNELS)},
        hourly_impressions=[int(x) for x in seen.sum(axis=1)],
        hourly_by_channel={name: [int(x) for x in seen[:, k]] for k, name in enumerate(CHANNELS)},
        hourly_ctr=[_rate(o, s) for o, s in zip(opened.sum(axis=1), seen.sum(axis=1), strict=True)],
        experience=_experience(run),
        age_hours=age_hours,
        quantiles={
            name: float(q)
            for name, q in zip(
                ("p10", "p50", "p90"),
                np.quantile(impressions, [0.1, 0.5, 0.9], method="inverted_cdf") if len(impressions) else (0, 0, 0),
                strict=True,
            )
        },
        promoted_share=float((run.n_promotions[judged] > 0).mean()) if len(judged) else None,
        gini_notes=gini(by_note[new]),
        gini_creators=gini(by_creator),
        by_grade=[group(str(grade), creators.grade == grade) for grade in range(1, 11)],
        by_followers=[
            group(f"{100 * low:g}–{100 * high:g}%", (rank >= low) & (rank < high)) for low, high in FOLLOWER_BANDS
        ],
        by_tie=_ties(run),
        actions={name: int(done.sum(dtype=np.int64)) for name, done in run.acts.items()},
    )


def _ties(run: MarketRun) -> list[Ties]:
    kind, found = run.creators.kind[run.notes.creator], []
    seen, opened = (x.sum(axis=0, dtype=np.int64) for x in (run.seen, run.opened))
    for number, name in enumerate(KINDS):
        own, by_followers = seen[kind == number], seen[kind == number, FOLLOW].sum()
        found.append(
            Ties(
                name,
                float((run.creators.kind == number).mean()),
                _rate(own.sum(), seen.sum()),
                _rate(by_followers, own.sum()),
                _rate(opened[kind == number, FOLLOW].sum(), by_followers),
            )
        )
    return found


def impressions_at_age(
    run: MarketRun, age_hours: int, channels: slice = slice(None)
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(notes, impressions in their first ``age_hours``) of the new notes that were so old before the end."""
    posted = run.notes.posted_hour
    at = np.flatnonzero((posted >= 0) & (posted + age_hours <= run.options.n_hours))
    so_far = np.zeros((run.options.n_hours + 1, len(at)), dtype=np.int64)
    np.cumsum(run.seen[:, at, channels].sum(axis=2, dtype=np.int64), axis=0, out=so_far[1:])
    column = np.arange(len(at))
    return at, so_far[posted[at] + age_hours, column] - so_far[posted[at], column]


def gini(values: NDArray[np.int64] | NDArray[np.float64]) -> float:
    """Gini coefficient: 0 all equal, near 1 all with one. 0 where there is nothing to share."""
    x = np.sort(np.asarray(values, dtype=np.float64))
    n, total = len(x), float(x.sum())
    if n == 0 or total <= 0:
        return 0.0
    return float((2 * np.arange(1, n + 1) - n - 1) @ x / (n * total))


def measure_template(run: MarketRun, adoption: float) -> TemplateUse:
    """How covers of template 0 fare in the feed beside those without a template, among the new notes of ``run``."""
    notes = run.notes
    seen = run.seen[:, :, : INTEREST + 2].sum(axis=(0, 2), dtype=np.int64)
    opened = run.opened[:, :, : INTEREST + 2].sum(axis=(0, 2), dtype=np.int64)
    shown = notes.is_new & (seen > 0)
    sides = [np.flatnonzero(shown & (notes.template == t)) for t in (0, -1)]
    ctr = [_rate(opened[at].sum(), seen[at].sum()) if len(at) >= _FEW else None for at in sides]
    if ctr[0] is None or not ctr[1]:
        return TemplateUse(adoption, ctr[0], ctr[1], None, None, None)
    rng = np.random.default_rng([run.options.seed, 7])
    drawn = []
    for at in sides:
        pick = at[rng.integers(0, len(at), (_N_BOOTSTRAP, len(at)))]
        drawn.append(opened[pick].sum(axis=1) / seen[pick].sum(axis=1))
    low, high = np.quantile(drawn[0] / np.maximum(drawn[1], 1e-12), [0.025, 0.975])
    return TemplateUse(adoption, ctr[0], ctr[1], ctr[0] / ctr[1], float(low), float(high))


def share_interval(n_hits: int, n: int) -> tuple[float, float]:
    """95 % interval of a share, (0, 1) where nothing was counted."""
    return wilson_interval(n_hits, n) if n else (0.0, 1.0)


def _experience(run: MarketRun) -> list[dict[str, float | int | None]]:
    """CTR in the feed and agreement of estimates with latent interests, by what the platform had seen of a user."""
    found: list[dict[str, float | int | None]] = []
    for k, least in enumerate(EXPERIENCE_EDGES):
        seen, opened = int(run.experience_seen[k]), int(run.experience_opened[k])
        if not seen:
            continue
        low, high = share_interval(opened, seen)
        told = run.learned[:, k][~np.isnan(run.learned[:, k])]
        found.append(
            {
                "impressions_from": least,
                "n_slots": seen,
                "ctr": opened / seen,
                "ctr_low": low,
                "ctr_high": high,
                "rank_correlation": float(told[-1]) if len(told) else None,
            }
        )
    return found


def _rate(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0
