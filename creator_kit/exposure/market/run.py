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
from numpy.typing import NDArray

from creator_kit.exposure.market.audience import Audience, calibrate_ignore
from creator_kit.exposure.market.circulation import Circulation
from creator_kit.exposure.market.creators import Creators, Notes, NoteTruth, build_creators
from creator_kit.exposure.market.page import Feedback, Pages, Visits
from creator_kit.exposure.market.platform import Platform, estimate_interest, scenario_weights
from creator_kit.exposure.market.setting import (
    BLOCK_USERS,
    CHANNELS,
    Draws,
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
# Visits that the platform knows already are made up in so many rounds, for so many users at a time.
_ROUNDS = 2
_WATCHED_USERS = 4096
# Terms of a binomial distribution that all counts go through, and the logarithm of a first term that is too small.
_FIRST_TERMS, _LEAST_LOG = 5, -60.0
# Slots of several blocks that are counted together.
_CODES_AT_ONCE = 500_000
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
        # Blocks of users; their order changes nothing.
        self.blocks = list(range(self.audience.n_blocks))

    def run(self, on_hour: OnHour | None = None) -> MarketRun:
        """All hours."""
        n_hours, n = self.options.n_hours, len(self.notes)
        records: list[_Hour] = []
        learned = np.full((n_hours, len(EXPERIENCE_EDGES)), np.nan)
        acts: list[dict[str, Ints]] = []
        with _workers(self.options.n_workers) as each:
            list(each(self._acquaint, self.blocks))
            for hour in range(n_hours):
                self.circulation.open_hour(hour)
                # Summing as they come, so that few blocks at a time are in memory.
                total = _Hour(n)
                for part in each(partial(self._run_block, hour), self.blocks):
                    total.add(part)
                total.close()
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

    def _run_block(self, hour: int, block: int) -> _Part:
        draws = Draws(self.options.seed, hour, block)
        visits = self.audience.visit(hour, block, draws)
        pages = self.platform.fill_pages(hour, visits, draws)
        feedback = self.audience.choose(visits, pages, draws)
        self.platform.observe(visits, pages, feedback)
        return _Part.of(visits, pages, feedback)

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
            chance = np.ascontiguousarray(self.audience.open_chance(self.audience.interest[some]).T)
            shown, opened = _watch(c, mass, chance, c["known_visits"], c["open_rate"], rng)
            known = ~self.audience.is_new[some]
            self.platform.know(some, np.minimum(shown, _MOST_KNOWN) * known, np.minimum(opened, _MOST_KNOWN) * known)

    def _learned(self) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """How well the estimates of the first users rank their latent interests; nobody but us looks."""
        at = slice(0, min(_OBSERVED_USERS, self.options.n_users))
        shown, opened = (x.T.astype(np.float32) for x in self.platform.known(at))
        estimate = self.platform.estimate(shown, opened)
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


@dataclass(frozen=True, slots=True)
class _Part:
    """What one block did in one hour: the codes of all its slots and of those opened, and the sums."""

    code: NDArray[np.int32]
    opened_code: Ints
    follow_note: Ints
    n_visits: int
    n_slots: int
    n_displaced: int
    experience_seen: Ints
    experience_opened: Ints

    @classmethod
    def of(cls, visits: Visits, pages: Pages, feedback: Feedback) -> _Part:
        n, n_feed = len(EXPERIENCE_EDGES), visits.n_feed
        level = np.zeros(n_feed, dtype=np.int8)
        for edge in EXPERIENCE_EDGES[1:]:
            level += pages.n_known >= edge
        depth = visits.depth[:n_feed].astype(np.float64)
        of_feed = feedback.opened_visit[feedback.opened_visit < n_feed]
        return cls(
            code=pages.code.astype(np.int32).reshape(-1),
            opened_code=feedback.opened_code,
            follow_note=feedback.follow_note,
            n_visits=len(visits.user),
            n_slots=int(visits.depth.sum(dtype=np.int64)),
            n_displaced=visits.n_lost_slots,
            experience_seen=np.bincount(level, weights=depth, minlength=n).astype(np.int64),
            experience_opened=np.bincount(level[of_feed], minlength=n),
        )


class _Hour:
    """Sums over an hour. Codes are counted many blocks at a time, since each count goes over all notes."""

    def __init__(self, n_notes: int) -> None:
        self.n_notes = n_notes
        self.seen = np.zeros(4 * n_notes + 2, dtype=np.int64)
        self.n_visits = self.n_slots = self.n_displaced = 0
        self.experience_seen = np.zeros(len(EXPERIENCE_EDGES), dtype=np.int64)
        self.experience_opened = np.zeros(len(EXPERIENCE_EDGES), dtype=np.int64)
        self._codes: list[NDArray[np.int32]] = []
        self._opened: list[Ints] = []
        self._followed: list[Ints] = []

    def add(self, part: _Part) -> None:
        self._codes.append(part.code)
        self._opened.append(part.opened_code)
        self._followed.append(part.follow_note)
        self.n_visits += part.n_visits
        self.n_slots += part.n_slots
        self.n_displaced += part.n_displaced
        self.experience_seen += part.experience_seen
        self.experience_opened += part.experience_opened
        if sum(len(codes) for codes in self._codes) > _CODES_AT_ONCE:
            self._count()

    def _count(self) -> None:
        if self._codes:
            self.seen += np.bincount(np.concatenate(self._codes), minlength=len(self.seen))
        self._codes = []

    def close(self) -> None:
        """Count what is left."""
        self._count()
        # Beyond a visit's depth nothing was served: that bin is no impression.
        self.seen[-1] = 0
        self.opened = np.bincount(np.concatenate(self._opened), minlength=len(self.seen))
        self.follows = np.bincount(np.concatenate(self._followed), minlength=self.n_notes)


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
        opened += draw_binomial(rng, whole, chance)
    return shown, opened


def draw_binomial(rng: np.random.Generator, n: Floats, rate: Floats) -> Floats:
    """Binomial counts of ``n`` trials at ``rate`` (0 to below 1), same shape: inversion of a uniform number by adding
    up the terms of the distribution. For few expected counts several times as fast as numpy's, which goes one by one.
    """
    u, log_none = rng.random(n.shape, dtype=np.float32), n * np.log1p(-rate)
    # Where so many are expected that the first term is lost in 32 bits, numpy draws.
    many = np.flatnonzero(log_none < _LEAST_LOG)
    drawn = rng.binomial(n.reshape(-1)[many].astype(np.int64), rate.reshape(-1)[many])
    n_all = n
    if many.size:
        n, log_none = n.copy(), log_none.copy()
        n.reshape(-1)[many] = log_none.reshape(-1)[many] = 0
    term = np.exp(log_none)
    reach, odds, count = term.copy(), rate / (1 - rate), np.zeros(n.shape, dtype=np.float32)
    for k in range(_FIRST_TERMS):
        count += u >= reach
        term *= odds * (n - np.float32(k)) / np.float32(k + 1)
        reach += term
    # The others go on alone; nobody beyond all trials, where rounding leaves the sum of terms below 1.
    at = np.flatnonzero((u >= reach) & (n > _FIRST_TERMS))
    rest = [x.reshape(-1)[at] for x in (u, n, odds, term, reach)]
    more, k = np.zeros(at.size, dtype=np.float32), _FIRST_TERMS
    while at.size:
        u_left, n_left, odds_left, term_left, reach_left = rest
        more[:] = k + 1
        count.reshape(-1)[at] = more[: at.size]
        term_left *= odds_left * (n_left - np.float32(k)) / np.float32(k + 1)
        reach_left += term_left
        k += 1
        going = (u_left >= reach_left) & (n_left > k)
        at, rest = at[going], [x[going] for x in rest]
    count.reshape(-1)[many] = drawn
    return np.minimum(count, n_all)


def _rank_correlation(a: Floats, b: Floats) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Rank correlation of each column of ``a`` with that of ``b``; ties take their order."""
    ranks = [np.argsort(np.argsort(x, axis=0, kind="stable"), axis=0) for x in (a, b)]
    centred = [r - (len(a) - 1) / 2 for r in ranks]
    return np.asarray((centred[0] * centred[1]).sum(axis=0) / (centred[0] ** 2).sum(axis=0))


__all__ = ["BLOCK_USERS", "CHANNELS", "EXPERIENCE_EDGES", "Market", "MarketRun", "run_market"]
