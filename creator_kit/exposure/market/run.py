"""Run a market: hour by hour, what is posted and owed, who visits, what is served, opened and learned.

Within an hour users meet the same tables and nobody's choice changes another's page, so blocks of users may run in any
order and on any number of threads; between hours the counts of all are added up, and sums of whole numbers do not
depend on their order. That is why a seed gives the same bytes whatever the chunking.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from creator_kit.exposure.market.audience import Audience, calibrate_ignore
from creator_kit.exposure.market.circulation import Circulation
from creator_kit.exposure.market.counts import draw_binomial
from creator_kit.exposure.market.creators import Creators, Notes, NoteTruth, build_creators
from creator_kit.exposure.market.page import Feedback, Pages, Visits
from creator_kit.exposure.market.platform import Platform, estimate_interest, scenario_weights
from creator_kit.exposure.market.setting import (
    BLOCK_USERS,
    CHANNELS,
    LOGIT_STEPS,
    Draws,
    Floats,
    Ints,
    MarketOptions,
    Setting,
    generator,
)
from creator_kit.exposure.mechanism import ACTIONS
from creator_kit.exposure.profile import RankingProfile

# Users of the pilot that sets the pull of opening nothing.
_PILOT_USERS = 2000
# Users whose estimates are held against their latent interests.
_OBSERVED_USERS = 2000
_HOURS_BETWEEN_LOOKS = 6
# Counts are kept in 16 bits; two weeks of visits add at most some thousands to these.
_MOST_KNOWN = 40_000
# Visits that the platform knows already are made up in so many rounds, for so many users at a time.
_ROUNDS = 2
_WATCHED_USERS = 4096
# CTR is told by how many of a user's impressions the platform had counted before.
EXPERIENCE_EDGES = (0, 20, 50, 100, 200, 400, 800)
# Sums by the hour.
_SUMS = ("ads_seen", "ads_opened", "n_visits", "n_slots", "n_displaced")

Counts = NDArray[np.uint16] | NDArray[np.uint32]
OnHour = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class MarketRun:
    """What was recorded.

    ``seen`` and ``opened`` (hours, notes, channels) by CHANNELS, ``acts`` name → (hours, notes), all unsigned;
    ``ads_seen`` and ``ads_opened`` (hours,); ``n_visits``, ``n_slots`` (hours,) visits and slots served, ads among
    them; ``n_displaced`` (hours,) slots lost to open-screen ads; ``experience_seen`` and ``experience_opened`` by
    EXPERIENCE_EDGES; ``learned`` (hours, edges) mean rank correlation, within a user, of the platform's estimates with
    the latent interests, NaN where under 30 users and between looks.
    """

    setting: Setting
    options: MarketOptions
    creators: Creators
    notes: Notes
    truth: NoteTruth
    seen: Counts
    opened: Counts
    acts: dict[str, Counts]
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
        # Blocks of users; their order changes nothing.
        self.blocks = list(range(self.audience.n_blocks))

    def run(self, on_hour: OnHour | None = None) -> MarketRun:
        """All hours."""
        n_hours, n = self.options.n_hours, len(self.notes)
        names, edges = [*ACTIONS, "hide"], len(EXPERIENCE_EDGES)
        # Kept channel by channel, as they are counted.
        seen, opened = (_Record(n_hours, (len(CHANNELS), n)) for _ in range(2))
        acts = {name: _Record(n_hours, (n,)) for name in names}
        sums = {name: np.zeros(n_hours, dtype=np.int64) for name in _SUMS}
        experience_seen, experience_opened = np.zeros(edges, dtype=np.int64), np.zeros(edges, dtype=np.int64)
        learned = np.full((n_hours, edges), np.nan)
        by_place, opened_by_place = (np.zeros(len(self.circulation.codes), dtype=np.int32) for _ in range(2))
        with _workers(self.options.n_workers) as each:
            list(each(self._acquaint, self.blocks))
            for hour in range(n_hours):
                self.circulation.open_hour(hour)
                self.audience.meet_tables(self.circulation.codes)
                by_place.fill(0)
                opened_by_place.fill(0)
                follows = np.zeros(n, dtype=np.int64)
                # Summing as they come, so that few blocks at a time are in memory.
                for part in each(partial(self._run_block, hour), self.blocks):
                    for place in part.place:
                        np.add.at(by_place, place.reshape(-1), np.int32(1))
                    for place in part.opened_place:
                        np.add.at(opened_by_place, place, np.int32(1))
                    for note in part.follow_note:
                        np.add.at(follows, note, 1)
                    experience_seen += part.experience_seen
                    experience_opened += part.experience_opened
                    for name, total in sums.items():
                        total[hour] += getattr(part, name)
                seen_now = self.circulation.count_notes(by_place)
                opened_now = self.circulation.count_notes(opened_by_place)
                done = self.audience.act(hour, opened_now.sum(axis=0), seen_now.sum(axis=0))
                done["follow"] = follows
                self.circulation.close_hour(hour, seen_now, opened_now, done)
                if hour % _HOURS_BETWEEN_LOOKS == _HOURS_BETWEEN_LOOKS - 1 or hour == n_hours - 1:
                    learned[hour] = self._learned()
                seen.keep(hour, seen_now)
                opened.keep(hour, opened_now)
                for name in names:
                    acts[name].keep(hour, done[name])
                if on_hour is not None:
                    on_hour(1)
        return MarketRun(
            setting=self.setting,
            options=self.options,
            creators=self.creators,
            notes=self.notes,
            truth=self.truth,
            seen=seen.counts.transpose(0, 2, 1),
            opened=opened.counts.transpose(0, 2, 1),
            acts={name: record.counts for name, record in acts.items()},
            n_promotions=self.circulation.n_promotions,
            experience_seen=experience_seen,
            experience_opened=experience_opened,
            learned=learned,
            **sums,
        )

    def _run_block(self, hour: int, block: int) -> _Part:
        luck, served = (Draws(self.options.seed, whose, hour, block) for whose in ("audience", "platform"))
        part = _Part()
        for visits in self.audience.visit(hour, block, luck):
            pages = self.platform.fill_pages(hour, visits, served)
            feedback = self.audience.choose(visits, pages, luck)
            self.platform.observe(visits, pages, feedback)
            part.add(self.setting, visits, pages, feedback)
        part.close()
        return part

    def _acquaint(self, block: int) -> None:
        """Let the platform watch users that it knows already for ``known_visits``: counts, drawn as they would be."""
        c = self.setting
        if not round(c["known_visits"]):
            return
        mass = np.full(c.n_scenarios, 1 / c.n_scenarios, dtype=np.float32)
        at, rng = self.audience.users_of(range(block, block + 1)), generator(self.options.seed, "known", block)
        # A part of a block at a time, so that it stays in the processor's cache.
        for first in range(at.start, at.stop, _WATCHED_USERS):
            some = slice(first, min(first + _WATCHED_USERS, at.stop))
            chance = self.audience.open_chance(self.audience.interest_of(some))
            shown, opened = _watch(c, mass, chance, c["known_visits"], c["open_rate"], rng)
            known = ~self.audience.is_new[some]
            self.platform.know(some, np.minimum(shown, _MOST_KNOWN) * known, np.minimum(opened, _MOST_KNOWN) * known)

    def _learned(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """How well the estimates of the first users rank their latent interests; nobody but us looks."""
        at = slice(0, min(_OBSERVED_USERS, self.options.n_users))
        shown, opened = (x.T.astype(np.float32) for x in self.platform.known(at))
        estimate = self.platform.estimate(shown, opened)
        truth = self.audience.taste[at].T.astype(np.float32)
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


class _Record:
    """Counts by the hour. In 16 bits as long as they fit: fresh memory is what keeping them costs most."""

    def __init__(self, n_hours: int, shape: tuple[int, ...]) -> None:
        self.counts: Counts = np.zeros((n_hours, *shape), dtype=np.uint16)

    def keep(self, hour: int, counts: Ints) -> None:
        if self.counts.dtype == np.uint16 and counts.max(initial=0) > np.iinfo(np.uint16).max:
            self.counts = self.counts.astype(np.uint32)
        self.counts[hour] = counts


class _Part:
    """What one block did in one hour: the places of all slots and of those opened, and the sums."""

    def __init__(self) -> None:
        self.place: list[Ints] = []
        self.opened_place: list[Ints] = []
        self.follow_note: list[Ints] = []
        self.n_visits = self.n_slots = self.n_displaced = self.ads_seen = self.ads_opened = 0
        self.experience_seen = np.zeros(len(EXPERIENCE_EDGES), dtype=np.int64)
        self.experience_opened = np.zeros(len(EXPERIENCE_EDGES), dtype=np.int64)
        self._of_feed: list[tuple[Floats, NDArray[np.int8], NDArray[np.int8]]] = []

    def add(self, c: Setting, visits: Visits, pages: Pages, feedback: Feedback) -> None:
        """Take in some visits."""
        self.place.append(pages.place)
        self.opened_place.append(feedback.opened_place)
        self.follow_note.append(feedback.follow_note)
        self.n_visits += len(visits.user)
        self.n_slots += int(visits.depth.sum(dtype=np.int64))
        self.n_displaced += visits.n_lost_slots
        self.ads_seen += sum(int(np.count_nonzero(visits.depth > row)) for row in c.ad_rows)
        self.ads_opened += feedback.n_ads_opened
        if pages.given is not None:
            self._of_feed.append((pages.given.n_known, visits.depth, feedback.n_opened))

    def close(self) -> None:
        """Sum up the feed's slots and opens by what the platform had seen of the user before."""
        if not self._of_feed:
            return
        n_known, depth, n_opened = (np.concatenate(columns) for columns in zip(*self._of_feed, strict=True))
        self._of_feed = []
        level, n = np.zeros(len(n_known), dtype=np.int8), len(EXPERIENCE_EDGES)
        for edge in EXPERIENCE_EDGES[1:]:
            level += n_known >= edge
        self.experience_seen += np.bincount(level, weights=depth, minlength=n).astype(np.int64)
        self.experience_opened += np.bincount(level, weights=n_opened, minlength=n).astype(np.int64)


def calibrate(setting: Setting, audience: Audience, notes: Notes, truth: NoteTruth, seed: int) -> None:
    """Set what opening nothing is worth, so that an ordinary note on an ordinary page has the profile's ``open_rate``.

    The profile's rate was seen on a feed that knew its readers. So a pilot of other users is watched for as long, its
    interests give what a served cover meets, and the covers beside it are those in circulation.
    """
    interest, weights, usual = _fly_pilot(setting, seed)
    rng, open_rate, n = generator(seed, "pilot_views"), setting["open_rate"], 10 * _PILOT_USERS
    rivals_at_hand = np.exp(truth.appeal[notes.is_stock]) if notes.is_stock.any() else np.ones(1)
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
    audience.taste -= np.int16(round(LOGIT_STEPS * math.log(usual)))
    audience.usual_rivals = float(rivals.mean())
    audience.ignore = calibrate_ignore(setting, met[0], rivals, open_rate)


@lru_cache(maxsize=2)
def _fly_pilot(setting: Setting, seed: int) -> tuple[Floats, Floats, float]:
    """The pilot's interests, what each scenario then gets of their pages, (scenarios, users), and the interest with
    which a served cover is met. Kept, since the markets of one experiment share it."""
    rng = generator(seed, "pilot")
    z_topic = rng.standard_normal((_PILOT_USERS, setting.n_topics), dtype=np.float32)
    z_scenario = rng.standard_normal((_PILOT_USERS, setting.n_scenarios), dtype=np.float32)
    interest = np.exp(setting.interests_of(z_topic, z_scenario)).T
    mass = np.full(setting.n_scenarios, 1 / setting.n_scenarios, dtype=np.float32)
    usual, open_rate = float(interest.mean()), setting["open_rate"]
    for _round in range(4):
        chance = np.minimum(open_rate * interest / usual, 0.9).astype(np.float32)
        shown, opened = _watch(setting, mass, chance, setting["known_visits"], open_rate, rng)
        weights = scenario_weights(setting, estimate_interest(setting, shown, opened, np.float32(open_rate)), mass)
        weights /= weights.sum(axis=0)
        usual = float((weights * interest).sum() / weights.sum())
    return interest, weights, usual


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
        opened += draw_binomial(rng, whole, chance)
    return shown, opened


def _rank_correlation(a: Floats, b: Floats) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Rank correlation of each column of ``a`` with that of ``b``; ties take their order."""
    ranks = [np.argsort(np.argsort(x, axis=0, kind="stable"), axis=0) for x in (a, b)]
    centred = [r - (len(a) - 1) / 2 for r in ranks]
    return np.asarray((centred[0] * centred[1]).sum(axis=0) / (centred[0] ** 2).sum(axis=0))


__all__ = ["BLOCK_USERS", "CHANNELS", "EXPERIENCE_EDGES", "Market", "MarketRun", "run_market"]
