"""Run a market: hour by hour, what is posted and owed, who visits, what is served, opened and learned.

Within an hour users meet the same tables and nobody's choice changes another's page, so blocks of users may run in any
order and on any number of threads; between hours the counts of all are added up, and sums of whole numbers do not
depend on their order. That is why a seed gives the same bytes whatever the chunking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from creator_kit.exposure.market.audience import Audience, calibrate_ignore
from creator_kit.exposure.market.circulation import Circulation
from creator_kit.exposure.market.creators import Creators, Notes, NoteTruth, build_creators
from creator_kit.exposure.market.page import Visits
from creator_kit.exposure.market.platform import Platform, estimate_interest, scenario_weights
from creator_kit.exposure.market.setting import (
    BLOCK_USERS,
    CHANNELS,
    Floats,
    Ints,
    MarketOptions,
    Setting,
    generator,
)
from creator_kit.exposure.profile import RankingProfile

# Users of the pilot that sets the pull of opening nothing.
_PILOT_USERS = 2000
# Users whose estimates are held against their latent interests.
_OBSERVED_USERS = 2000
_HOURS_BETWEEN_LOOKS = 6
# Counts are kept in 16 bits; two weeks of visits add at most some thousands to these.
_MOST_KNOWN = 40_000
# Visits that the platform knows already are made up in so many rounds.
_ROUNDS = 2
# CTR is told by how many of a user's impressions the platform had counted before.
EXPERIENCE_EDGES = (0, 20, 50, 100, 200, 400, 800)

OnHour = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class MarketRun:
    """What was recorded.

    ``seen`` and ``opened`` (hours, notes, channels) by CHANNELS; ``acts`` name → (hours, notes); ``ads_seen`` and
    ``ads_opened`` (hours,); ``n_visits``, ``n_slots`` (hours,) visits and slots served, ads among them;
    ``n_displaced`` (hours,) slots lost to open-screen ads; ``experience_seen`` and ``experience_opened`` by
    EXPERIENCE_EDGES; ``learned`` (hours, edges) mean rank correlation, within a user, of the platform's estimates with
    the latent interests, NaN where under 30 users and between looks.
    """

    setting: Setting
    options: MarketOptions
    creators: Creators
    notes: Notes
    truth: NoteTruth
    seen: Ints
    opened: Ints
    acts: dict[str, Ints]
    ads_seen: Ints
    ads_opened: Ints
    n_visits: Ints
    n_slots: Ints
    n_displaced: Ints
    n_promotions: Ints
    experience_seen: Ints
    experience_opened: Ints
    learned: np.ndarray[tuple[int, int], np.dtype[np.float64]]


def run_market(profile: RankingProfile, options: MarketOptions, *, on_hour: OnHour | None = None) -> MarketRun:
    """Simulate ``options.n_users`` users for ``options.n_hours`` under ``profile``, its constants at their defaults.

    ``on_hour`` is called with 1 after each hour. Same profile, options and seed: same result, to the byte.
    """
    return Market(profile, options).run(on_hour)


class Market:
    """The parts of a market, put together and calibrated, before its first hour."""

    def __init__(self, profile: RankingProfile, options: MarketOptions) -> None:
        self.setting, self.options = Setting(profile), options
        self.creators, self.notes, self.truth = build_creators(self.setting, options)
        self.audience = Audience(self.setting, options)
        self.audience.meet_notes(self.creators, self.notes, self.truth)
        self.circulation = Circulation(self.setting, options, self.creators, self.notes)
        follows = self.audience.choose_follows(self.creators)
        self.platform = Platform(self.setting, options, follows, self.circulation)
        calibrate(self.setting, self.audience, self.notes, self.truth, options.seed)
        n_blocks, step = self.audience.n_blocks, options.chunk_blocks
        self.chunks = [range(first, min(first + step, n_blocks)) for first in range(0, n_blocks, step)]

    def run(self, on_hour: OnHour | None = None) -> MarketRun:
        """All hours."""
        n_hours, n = self.options.n_hours, len(self.notes)
        records: list[_Hour] = []
        learned = np.full((n_hours, len(EXPERIENCE_EDGES)), np.nan)
        acts: list[dict[str, Ints]] = []
        with _workers(self.options.n_workers) as each:
            list(each(self._acquaint, self.chunks))
            for hour in range(n_hours):
                self.circulation.open_hour(hour)
                # Summing as they come, so that one chunk at a time is in memory.
                total = _Hour(n)
                for part in each(partial(self._run_chunk, hour), self.chunks):
                    total.add(part)
                n_reads = total.opened[: 4 * n].reshape(n, 4).sum(axis=1)
                n_seen = total.seen[: 4 * n].reshape(n, 4).sum(axis=1)
                done = self.audience.act(hour, self.truth, n_reads, n_seen)
                done["follow"] = total.follows
                self.circulation.close_hour(hour, total.seen, total.opened, done)
                if hour % _HOURS_BETWEEN_LOOKS == _HOURS_BETWEEN_LOOKS - 1 or hour == n_hours - 1:
                    learned[hour] = self._learned()
                records.append(total)
                acts.append({name: counts.astype(np.int32) for name, counts in done.items()})
                if on_hour is not None:
                    on_hour(1)
        return MarketRun(
            setting=self.setting,
            options=self.options,
            creators=self.creators,
            notes=self.notes,
            truth=self.truth,
            seen=np.stack([r.seen[: 4 * n].reshape(n, 4).astype(np.int32) for r in records]),
            opened=np.stack([r.opened[: 4 * n].reshape(n, 4).astype(np.int32) for r in records]),
            acts={name: np.stack([a[name] for a in acts]) for name in acts[0]},
            ads_seen=np.array([r.seen[4 * n] for r in records]),
            ads_opened=np.array([r.opened[4 * n] for r in records]),
            n_visits=np.array([r.n_visits for r in records]),
            n_slots=np.array([r.n_slots for r in records]),
            n_displaced=np.array([r.n_displaced for r in records]),
            n_promotions=self.circulation.n_promotions,
            experience_seen=np.sum([r.experience_seen for r in records], axis=0),
            experience_opened=np.sum([r.experience_opened for r in records], axis=0),
            learned=learned,
        )

    def _run_chunk(self, hour: int, blocks: range) -> _Hour:
        part = _Hour(len(self.notes))
        visits, draws = self.audience.visit(hour, blocks)
        if not len(visits.user):
            return part
        pages = self.platform.fill_pages(hour, visits, blocks, draws.counts)
        feedback = self.audience.choose(visits, pages, draws)
        part.seen, part.opened = self.platform.observe(visits, pages, feedback)
        # Beyond the depth nothing was served: that bin is no impression.
        part.seen[-1] = 0
        part.follows = np.bincount(feedback.follow_note, minlength=len(self.notes))
        part.count(visits, pages.n_known, feedback.opened_visit)
        return part

    def _acquaint(self, blocks: range) -> None:
        """Let the platform watch users that it knows already for ``known_visits``: counts, drawn as they would be."""
        c, platform = self.setting, self.platform
        if not round(c["known_visits"]):
            return
        mass = np.full(c.n_scenarios, 1 / c.n_scenarios, dtype=np.float32)
        for block in blocks:
            at = self.audience.users_of(range(block, block + 1))
            rng, chance = (
                generator(self.options.seed, "known", block),
                self.audience.open_chance(self.audience.interest[at]),
            )
            shown, opened = _watch(c, mass, chance.T, c["known_visits"], c["open_rate"], rng)
            known = ~self.audience.is_new[at]
            platform.n_shown[at] = np.minimum(shown * known, _MOST_KNOWN).T
            platform.n_opened[at] = np.minimum(opened * known, _MOST_KNOWN).T

    def _learned(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """How well the estimates of the first users rank their latent interests; nobody but us looks."""
        at = slice(0, min(_OBSERVED_USERS, self.options.n_users))
        shown = self.platform.n_shown[at].T.astype(np.float32)
        estimate = self.platform.estimate(shown, self.platform.n_opened[at].T.astype(np.float32))
        truth = np.log(self.audience.interest[at].T)
        level = np.searchsorted(EXPERIENCE_EDGES, shown.sum(axis=0), side="right") - 1
        agreement = _rank_correlation(estimate, truth)
        found = np.full(len(EXPERIENCE_EDGES), np.nan)
        for k in range(len(EXPERIENCE_EDGES)):
            if (level == k).sum() >= 30:
                found[k] = agreement[level == k].mean()
        return found


@contextmanager
def _workers(n: int) -> Iterator[Callable[..., Iterable[Any]]]:
    """A ``map`` over ``n`` threads (numpy works outside the interpreter's lock), the plain one for one."""
    if n == 1:
        yield map
        return
    with ThreadPoolExecutor(n) as pool:
        yield pool.map


class _Hour:
    """Sums over an hour or a part of its users."""

    def __init__(self, n_notes: int) -> None:
        self.seen = np.zeros(4 * n_notes + 2, dtype=np.int64)
        self.opened = np.zeros(4 * n_notes + 2, dtype=np.int64)
        self.follows = np.zeros(n_notes, dtype=np.int64)
        self.n_visits = self.n_slots = self.n_displaced = 0
        self.experience_seen = np.zeros(len(EXPERIENCE_EDGES), dtype=np.int64)
        self.experience_opened = np.zeros(len(EXPERIENCE_EDGES), dtype=np.int64)

    def count(self, visits: Visits, known: Floats, opened_visit: Ints) -> None:
        self.n_visits, self.n_slots = len(visits.user), int(visits.depth.sum())
        self.n_displaced = visits.n_lost_slots
        level = np.searchsorted(EXPERIENCE_EDGES, known, side="right") - 1
        n, is_feed = len(EXPERIENCE_EDGES), visits.query < 0
        self.experience_seen = np.bincount(level[is_feed], weights=visits.depth[is_feed], minlength=n).astype(np.int64)
        self.experience_opened = np.bincount(level[opened_visit][is_feed[opened_visit]], minlength=n)

    def add(self, other: _Hour) -> None:
        self.seen += other.seen
        self.opened += other.opened
        self.follows += other.follows
        self.n_visits += other.n_visits
        self.n_slots += other.n_slots
        self.n_displaced += other.n_displaced
        self.experience_seen += other.experience_seen
        self.experience_opened += other.experience_opened


def calibrate(setting: Setting, audience: Audience, notes: Notes, truth: NoteTruth, seed: int) -> None:
    """Set what opening nothing is worth, so that an ordinary note on an ordinary page has the profile's ``open_rate``.

    The profile's rate was seen on a feed that knew its readers. So a pilot of other users is watched for as long, its
    interests give what a served cover meets, and the covers beside it are those in circulation.
    """
    rng = generator(seed, "pilot")
    z_topic = rng.standard_normal((_PILOT_USERS, setting.n_topics), dtype=np.float32)
    z_scenario = rng.standard_normal((_PILOT_USERS, setting.n_scenarios), dtype=np.float32)
    interest = np.exp(setting.interests_of(z_topic, z_scenario)).T
    mass = np.full(setting.n_scenarios, 1 / setting.n_scenarios, dtype=np.float32)
    usual, open_rate = float(interest.mean()), setting["open_rate"]
    rivals_at_hand = np.exp(truth.appeal[~notes.is_new]) if (~notes.is_new).any() else np.ones(1)
    n = 20 * _PILOT_USERS
    for _round in range(4):
        chance = np.minimum(open_rate * interest / usual, 0.9).astype(np.float32)
        shown, opened = _watch(setting, mass, chance, setting["known_visits"], open_rate, rng)
        weights = scenario_weights(setting, estimate_interest(setting, shown, opened, np.float32(open_rate)), mass)
        weights /= weights.sum(axis=0)
        usual = float((weights * interest).sum() / weights.sum())
    # (n, view) interests met by the covers of one view, each a draw from its reader's page.
    reader = rng.integers(0, _PILOT_USERS, n)
    level = np.cumsum(weights, axis=0)
    met = np.empty((setting.n_view, n))
    for j in range(setting.n_view):
        place = (level[:, reader] < rng.random(n) * level[-1, reader]).sum(axis=0)
        met[j] = interest[np.minimum(place, setting.n_scenarios - 1), reader] / usual
    covers = rng.choice(rivals_at_hand, size=(setting.n_view, n))
    is_ad = rng.random((setting.n_view, n)) < len(setting.ad_rows) / setting.n_rows
    pulls = np.where(is_ad, setting["ad_open_odds"], covers * met)
    rivals = pulls[1:].sum(axis=0)
    audience.interest /= np.float32(usual)
    audience.usual_rivals = float(rivals.mean())
    audience.ignore = calibrate_ignore(setting, met[0], rivals, open_rate)


def _watch(
    setting: Setting, mass: Floats, chance: Floats, n_visits: float, usual: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Counts (scenarios, users) after ``n_visits`` to a feed that learns on the way, opened at ``chance``."""
    shown, opened = np.zeros_like(chance), np.zeros_like(chance)
    for _round in range(_ROUNDS):
        weights = scenario_weights(setting, estimate_interest(setting, shown, opened, np.float32(usual)), mass)
        weights /= weights.sum(axis=0)
        more = weights * np.float32(len(setting.note_rows) * n_visits / _ROUNDS)
        whole = np.floor(more + rng.random(more.shape, dtype=np.float32))
        shown += whole
        opened += rng.binomial(whole.astype(np.int64), chance)
    return shown, opened


def _rank_correlation(a: Floats, b: Floats) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Rank correlation of each column of ``a`` with that of ``b``; ties take their order."""
    ranks = [np.argsort(np.argsort(x, axis=0, kind="stable"), axis=0) for x in (a, b)]
    centred = [r - (len(a) - 1) / 2 for r in ranks]
    return np.asarray((centred[0] * centred[1]).sum(axis=0) / (centred[0] ** 2).sum(axis=0))


__all__ = ["BLOCK_USERS", "CHANNELS", "EXPERIENCE_EDGES", "Market", "MarketRun", "run_market"]
