"""What the platform does with notes: guarantee, pools, score, and the tables from which pages are drawn.

The forms are those of creator_kit.exposure.mechanism, acted out. A new note is granted impressions over a day; what
its readers do moves a Beta-Binomial posterior of its score S = p_open·(1 + Σ weight·p_action) - weight·p_hide; with
chance σ((ln(Ŝ/S0) - threshold)/softness)·2^(-age/2H) it gets the next, larger pool. Slots that are not owed to new
notes go to the stock in circulation, by score to the power 1/temperature. Slots are finite: where more is owed than
there is, guarantees come first up to their cap, then pools by score, and what was not served stays owed.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from creator_kit.exposure.market.creators import Creators, Notes
from creator_kit.exposure.market.setting import (
    CHANNELS,
    FRESH,
    INTEREST,
    SEARCH,
    Floats,
    Ints,
    MarketOptions,
    Setting,
    generator,
)
from creator_kit.exposure.mechanism import ACTIONS, REFERENCE_AD_SHARE, SEARCH_SHARE_HOURS

Doubles = NDArray[np.float64]

# A table has about so many places for each note of its scenario, within what 16 random bits can address.
_PLACES_A_NOTE = 4
_LEAST_BITS, _MOST_BITS = 10, 16
_OVER = -1


class Circulation:
    """The platform's book of notes. ``pool`` (notes,) is -1 before and after a note's pools, else their number;
    ``served`` (notes, channels) counts impressions, ``n_promotions`` the pools won. Laid anew for each hour: ``tables``
    (2·scenarios·2^bits,), the codes to draw a slot's note from, the feed's scenario by scenario and then those of
    search; ``follow_chance`` (creators,) that a follower's visit is shown the creator's latest note."""

    def __init__(self, setting: Setting, options: MarketOptions, creators: Creators, notes: Notes) -> None:
        c, n = setting, len(notes)
        self.setting, self.seed, self.notes = setting, options.seed, notes
        self.n_users = options.n_users
        self.ad_code = 4 * n
        self.room = (1.0 - 1.0 / max(c["ad_every_slots"], 1.001)) / (1.0 - REFERENCE_AD_SHARE)
        grade_effect = c["grade_weight"] - 1.0 if options.has_grade_weight else 0.0
        self.grade_factor = 1.0 + grade_effect * (creators.grade[notes.creator] - 1.0) / 9.0
        self.grant = self._grant(creators)
        first = np.searchsorted(notes.scenario, np.arange(c.n_scenarios + 1))
        self._slices = [slice(int(a), int(b)) for a, b in pairwise(first)]
        most = max(max(part.stop - part.start for part in self._slices), 1)
        self.bits = int(np.clip(np.ceil(np.log2(_PLACES_A_NOTE * most)), _LEAST_BITS, _MOST_BITS))
        rng = generator(options.seed, "search_odds")
        share = min(c["search_share"], 0.99)
        # Impressions in search that the first month owes a note for each of its others.
        self.search_factor = share / (1 - share) * np.exp(c["search_sd"] * rng.standard_normal(n))
        # What came of the notes of earlier days is on the book from the start.
        self.n_seen, self.n_reads = notes.n_past_seen.copy(), notes.n_past_reads.copy()
        self.n_acts = {name: self.n_reads * c[f"{name}_rate"] for name in ACTIONS}
        self.n_acts["hide"] = self.n_seen * c["hide_rate"]
        self.served = np.zeros((n, len(CHANNELS)), dtype=np.int64)
        self.others_before = notes.n_past_seen.copy()
        self.pool = np.full(n, _OVER)
        self.pool_start, self.pool_end = np.zeros(n, dtype=np.int64), np.zeros(n, dtype=np.int64)
        self.budget, self.owed = np.zeros(n), np.zeros(n)
        self.n_promotions = np.zeros(n, dtype=np.int64)
        self.latest_note = np.full(len(creators), -1, dtype=np.int64)
        recent = np.flatnonzero(~notes.is_new)
        recent = recent[np.argsort(notes.posted_hour[recent], kind="stable")]
        self.latest_note[notes.creator[recent]] = recent
        self.feed_slots = np.zeros(0)
        self.search_slots = np.zeros(0)
        self.tables: Ints
        self.follow_chance: Floats
        self.scenario_mass: Floats

    def _grant(self, creators: Creators) -> Doubles:
        """Impressions that each note is granted: base + content·guess + author·(rank of the record), times weights."""
        c, notes = self.setting, self.notes
        kappa = c["evidence_pseudo_impressions"]
        record = (creators.n_past_reads + kappa * c["open_rate"]) / (creators.n_past_seen + kappa)
        rank = (np.argsort(np.argsort(record, kind="stable"), kind="stable") + 0.5) / len(creators)
        noise = generator(self.seed, "guarantee").standard_normal(len(notes))
        factor = creators.level[notes.creator] * c["cold_start_boost"] * np.exp(c["guarantee_sd"] * noise)
        base = c["guarantee_base"] + c["guarantee_author"] * rank[notes.creator] + c["guarantee_content"] * notes.guess
        return np.asarray(base * self.grade_factor * factor)

    def score(self) -> Doubles:
        """Posterior score of every note relative to the usual note's, from what was counted."""
        c, kappa = self.setting, self.setting["evidence_pseudo_impressions"]
        usual = c["open_rate"]
        read = (self.n_reads + kappa * usual) / (self.n_seen + kappa)
        gain, usual_gain = np.zeros(len(read)), 0.0
        for name in ACTIONS:
            rate = (self.n_acts[name] + kappa * c[f"{name}_rate"]) / (self.n_reads + kappa)
            gain += c[f"{name}_weight"] * rate
            usual_gain += c[f"{name}_weight"] * c[f"{name}_rate"]
        hide = (self.n_acts["hide"] + kappa * c["hide_rate"]) / (self.n_seen + kappa)
        benchmark = usual * (1 + usual_gain) - c["hide_weight"] * c["hide_rate"]
        return np.asarray(
            np.maximum(read * (1 + gain) - c["hide_weight"] * hide, 1e-9) / max(benchmark, 1e-9), dtype=np.float64
        )

    def open_hour(self, hour: int) -> None:
        """Take in what is posted now, work out what is owed to whom in this hour, and lay the tables."""
        c, notes = self.setting, self.notes
        posted = np.flatnonzero(notes.posted_hour == hour)
        self.pool[posted] = 0
        self.pool_start[posted] = hour
        self.pool_end[posted] = hour + max(round(c["guarantee_hours"]), 1)
        self.budget[posted] = self.owed[posted] = np.rint(self.grant[posted])
        self.latest_note[notes.creator[posted]] = posted
        self._expect_slots(hour)
        score = self.score()
        due = self._due_from_pools(hour)
        n_feed_visits = self.n_users * c.visits(hour) * (1 - c["search_share"])
        # Nobody is shown a note twice on one page.
        due = np.minimum(due, n_feed_visits)
        stock = np.where(notes.is_new, 0.0, self.grade_factor * score ** (1 / c["ranking_temperature"]))
        owed_search, search_pull = self._search(hour, score)
        mass = np.zeros(c.n_scenarios)
        in_feed, in_search = np.empty(len(notes)), np.empty(len(notes))
        for s, part in enumerate(self._slices):
            in_feed[part] = self._share_feed(s, part, due, score, stock)
            in_search[part] = _fill(owed_search[part] / max(self.search_slots[s], 1.0), search_pull[part])
            mass[s] = stock[part].sum() + due[part].sum() / max(n_feed_visits, 1.0)
        offsets = generator(self.seed, "tables", hour).random((2, c.n_scenarios))
        channel = np.where(self.pool == 0, FRESH, INTEREST)
        self.tables = np.concatenate(
            [self._lay(in_feed, channel, offsets[0]), self._lay(in_search, np.full(len(notes), SEARCH), offsets[1])]
        )
        self.scenario_mass = (mass / max(mass.sum(), 1e-12)).astype(np.float32)
        self.follow_chance = self._chance_to_follow_up(hour)

    def _expect_slots(self, hour: int) -> None:
        """Slots of this hour by scenario: those of the hour before, at the pace of the audience's day."""
        c = self.setting
        if not self.feed_slots.size:
            page = len(c.note_rows)
            visits = self.n_users * c.visits(hour)
            even = np.full(c.n_scenarios, visits * page / c.n_scenarios)
            self.feed_slots, self.search_slots = even * (1 - c["search_share"]), even * c["search_share"]
            return
        pace = c.visits(hour) / c.visits(hour - 1)
        self.feed_slots, self.search_slots = self.feed_slots * pace, self.search_slots * pace

    def _due_from_pools(self, hour: int) -> Doubles:
        """What is owed to each note in its pool, spread over the pool's hours with the audience's day."""
        c = self.setting
        due = np.zeros(len(self.pool))
        at = np.flatnonzero(self.pool >= 0)
        # (hours left) → share of what is left that falls into this hour.
        longest = int((self.pool_end[at] - hour).max(initial=1))
        ahead = np.cumsum(np.resize(np.roll(c.hour_shares, -(hour % 24)), longest))
        due[at] = self.owed[at] * ahead[0] / ahead[np.maximum(self.pool_end[at] - hour, 1) - 1]
        return due

    def _share_feed(self, s: int, part: slice, due: Doubles, score: Doubles, stock: Doubles) -> Doubles:
        """Shares of a scenario's feed slots, adding up to 1."""
        c, slots = self.setting, max(self.feed_slots[s], 1.0)
        is_fresh = self.pool[part] == 0
        fresh = np.where(is_fresh, due[part], 0.0) / slots
        fresh *= min(1.0, c["fresh_cap_share"] / max(fresh.sum(), 1e-12))
        pooled = np.where(is_fresh, 0.0, due[part]) / slots
        left = 1.0 - fresh.sum()
        if pooled.sum() > left:
            pooled = _pour(pooled, score[part] ** (1 / c["ranking_temperature"]), left)
        return _fill(fresh + pooled, stock[part])

    def _search(self, hour: int, score: Doubles) -> tuple[Doubles, Doubles]:
        """What search owes each note by now, and the pull of each for the slots that nobody is owed."""
        c, notes = self.setting, self.notes
        age = np.maximum(hour + 1 - notes.posted_hour, 0)
        onset, power = c["search_onset_hours"], c["search_age_power"]
        whole = 1 - (1 + SEARCH_SHARE_HOURS / onset) ** -power
        # Ages are whole hours, so a table spares a power for each note.
        left = (1 + np.arange(int(age.max(initial=0)) + 1) / onset) ** -power
        grown = ((1 - left) / whole)[age]
        others = self.others_before + self.served.sum(axis=1) - self.served[:, SEARCH]
        owed = np.where(notes.is_new, self.search_factor * others * grown - self.served[:, SEARCH], 0.0)
        pull = np.where(notes.is_new, 0.0, self.search_factor * others * score * left[age] / (1 + age / onset))
        return np.maximum(owed, 0.0), pull

    def _lay(self, shares: Doubles, channel: Ints, offsets: Doubles) -> Ints:
        """A table of 2^bits codes for each scenario, each note in proportion to its share (systematic sampling from
        ``offsets`` (scenarios,), 0 to 1)."""
        size, edges = 1 << self.bits, np.empty(len(shares), dtype=np.int64)
        for s, part in enumerate(self._slices):
            reach = np.cumsum(shares[part])
            edges[part] = reach * (size / reach[-1]) + offsets[s]
            edges[part] += s * size
            edges[part.stop - 1] = (s + 1) * size
        codes = 4 * np.arange(len(shares)) + channel
        return np.repeat(codes, np.diff(edges, prepend=0))

    def _chance_to_follow_up(self, hour: int) -> Floats:
        """That a follower's visit to the feed is shown a creator's latest note, (creators,): so that a follower meets
        a note as often as the forecast's Poisson mean has it, d·o·activity·exp(-age/τ)."""
        c = self.setting
        age = hour + 0.5 - self.notes.posted_hour[self.latest_note]
        rate = c["follower_active_rate"] * c["follower_feed_rate"] * self.room / c["visits_per_day"]
        rate *= round(c["follows_per_user"]) / max(1 - c["search_share"], 1e-9)
        has_news = (self.latest_note >= 0) & (age < c["follower_window_hours"])
        return np.where(has_news, rate * np.exp(-age / c["follower_decay_hours"]), 0.0).astype(np.float32)

    def close_hour(self, hour: int, seen: Ints, opened: Ints, acts: dict[str, Ints]) -> None:
        """Count the hour (``seen``, ``opened`` by code; ``acts`` by note) and decide on what has run its course."""
        c, n = self.setting, len(self.notes)
        by_channel = seen[: 4 * n].reshape(n, 4)
        self.served += by_channel
        # Only the feed's trials count: those who follow or search would read anyway.
        trial = by_channel[:, INTEREST] + by_channel[:, FRESH]
        reads = opened[: 4 * n].reshape(n, 4)
        trial_reads = reads[:, INTEREST] + reads[:, FRESH]
        self.n_seen += trial
        self.n_reads += trial_reads
        # Actions come by note; the trials' part of them is in proportion to its reads.
        part = trial_reads / np.maximum(reads.sum(axis=1), 1)
        for name, done in acts.items():
            self.n_acts[name] += done * (part if name != "hide" else trial / np.maximum(by_channel.sum(axis=1), 1))
        self.owed -= np.where(self.pool >= 0, trial, 0)
        np.maximum(self.owed, 0.0, out=self.owed)
        self._count_slots(by_channel)
        ending = np.flatnonzero((self.pool >= 0) & (self.pool_end == hour + 1))
        if not ending.size:
            return
        lead = np.log(self.score()[ending])
        steps = np.clip((lead - c["promotion_threshold"]) / c["promotion_softness"], -60, 60)
        age = hour + 1 - self.notes.posted_hour[ending]
        chance = 2.0 ** (-age / (2 * c["promotion_half_life_hours"])) / (1 + np.exp(-steps))
        chance[self.pool[ending] + 1 >= round(c["n_pools"])] = 0.0
        luck = generator(self.seed, "promotion", hour).random(n)[ending]
        self.pool[ending[luck >= chance]] = _OVER
        up = ending[luck < chance]
        self.budget[up] *= c["pool_growth"] * np.where(self.pool[up] == 0, self.room, 1.0)
        self.owed[up] = np.rint(self.budget[up])
        self.pool[up] += 1
        self.n_promotions[up] += 1
        self.pool_start[up] = hour + 1
        self.pool_end[up] = hour + 1 + max(round(c["pool_hours"]), 1)

    def _count_slots(self, by_channel: Ints) -> None:
        feed = by_channel[:, INTEREST] + by_channel[:, FRESH]
        scenario, n = self.notes.scenario, self.setting.n_scenarios
        self.feed_slots = np.bincount(scenario, weights=feed, minlength=n).astype(np.float64)
        self.search_slots = np.bincount(scenario, weights=by_channel[:, SEARCH], minlength=n).astype(np.float64)


def _fill(owed: Doubles, pull: Doubles) -> Doubles:
    """Shares that add up to 1: what is owed, and the rest by ``pull``; owed shares shrink where they exceed 1."""
    total = float(owed.sum())
    if total >= 1.0 or pull.sum() <= 0:
        return owed / total if total > 0 else np.full(len(owed), 1.0 / max(len(owed), 1))
    return np.asarray(owed + (1.0 - total) * pull / pull.sum())


def _pour(wanted: Doubles, weight: Doubles, capacity: float) -> Doubles:
    """Share out ``capacity`` in proportion to wanted·weight, nobody above what they want (three rounds)."""
    given = np.zeros_like(wanted)
    for _round in range(3):
        open_want = wanted - given
        pull = open_want * weight
        if pull.sum() <= 0 or capacity - given.sum() <= 1e-12:
            break
        given = np.minimum(wanted, given + (capacity - given.sum()) * pull / pull.sum())
    return given
