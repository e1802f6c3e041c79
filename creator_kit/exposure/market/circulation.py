"""What the platform does with notes: guarantee, pools, score, and the tables from which pages are drawn.

The forms are those of creator_kit.exposure.mechanism, acted out. A new note is granted impressions over a day; what
its readers do moves a Beta-Binomial posterior of its score S = p_open·(1 + Σ weight·p_action) - weight·p_hide; with
chance σ((ln(Ŝ/S0) - threshold)/softness)·2^(-age/2H) it gets the next, larger pool. Slots that are not owed to new
notes go to the stock in circulation, by score to the power 1/temperature. Slots are finite: where more is owed than
there is, guarantees come first up to their cap, then pools by score, and what was not served stays owed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from creator_kit.exposure.market.creators import Creators, Notes
from creator_kit.exposure.market.parts import Parts
from creator_kit.exposure.market.setting import (
    CHANNELS,
    FOLLOW,
    FRESH,
    INTEREST,
    SEARCH,
    Ints,
    MarketOptions,
    Setting,
    generator,
)
from creator_kit.exposure.mechanism import ACTIONS, REFERENCE_AD_SHARE, SEARCH_SHARE_HOURS

Doubles = NDArray[np.float64]

# A table has about so many places for each note of its scenario, within what 16 random bits can address.
_PLACES_A_NOTE = 2
_LEAST_BITS, _MOST_BITS = 10, 16
_OVER = -1


class Circulation:
    """The platform's book of notes. ``pool`` (notes,) is -1 before and after a note's pools, else their number;
    ``n_seen``, ``n_reads`` what came of the feed's trials, ``n_gain`` what its readers did, by weight; ``n_promotions``
    the pools won.

    Laid anew for each hour: ``codes`` (places,), 4·note + channel, to draw a slot's note from. The feed's 2^bits places
    of each scenario stand first, then those of search, then each note once for the followers of its creator, last the
    empty slot. ``follow_chance`` (creators,), in 65,536ths, is that a follower's visit is shown the latest note."""

    def __init__(self, setting: Setting, options: MarketOptions, creators: Creators, notes: Notes) -> None:
        c, n = setting, len(notes)
        self.setting, self.seed, self.notes = setting, options.seed, notes
        self.n_users = options.n_users
        self.room = (1.0 - 1.0 / max(c["ad_every_slots"], 1.001)) / (1.0 - REFERENCE_AD_SHARE)
        grade_effect = c["grade_weight"] - 1.0 if options.has_grade_weight else 0.0
        self.grade_factor = 1.0 + grade_effect * (creators.grade[notes.creator] - 1.0) / 9.0
        self.grant = self._grant(creators)
        self._parts = Parts(notes.scenario, c.n_scenarios)
        self._is_stock, self._is_new = notes.is_stock.astype(np.float64), notes.is_new
        most = int(np.bincount(notes.scenario[notes.circulates], minlength=c.n_scenarios).max())
        self.bits = int(np.clip(np.ceil(np.log2(_PLACES_A_NOTE * max(most, 1))), _LEAST_BITS, _MOST_BITS))
        # Places before those of search, and before those of followers.
        self.first_search, self.first_follow = c.n_scenarios << self.bits, 2 * c.n_scenarios << self.bits
        self.codes = np.empty(self.first_follow + n + 1, dtype=np.int32)
        self.codes[self.first_follow :] = 4 * np.arange(n + 1) + FOLLOW
        self.codes[-1] = 4 * n
        self._edges = np.zeros((2, n), dtype=np.int64)
        rng = generator(options.seed, "search_odds")
        share = min(c["search_share"], 0.99)
        # Impressions in search that the first month owes a note for each of its others.
        self.search_factor = share / (1 - share) * np.exp(c["search_sd"] * rng.standard_normal(n))
        # What came of the notes of earlier days is on the book from the start.
        self.n_seen, self.n_reads = notes.n_past_seen.copy(), notes.n_past_reads.copy()
        self.usual_gain = sum(c[f"{name}_weight"] * c[f"{name}_rate"] for name in ACTIONS)
        self.n_gain = self.n_reads * self.usual_gain
        self.n_hides = self.n_seen * c["hide_rate"]
        # Impressions outside search and in it.
        self.n_others, self.n_searched = notes.n_past_seen.copy(), np.zeros(n)
        self.pool = np.full(n, _OVER)
        self.pool_end = np.zeros(n, dtype=np.int64)
        self.budget, self.owed = np.zeros(n), np.zeros(n)
        self.n_promotions = np.zeros(n, dtype=np.int64)
        self.latest_note = np.full(len(creators), -1, dtype=np.int64)
        recent = np.flatnonzero(~notes.is_new)
        recent = recent[np.argsort(notes.posted_hour[recent], kind="stable")]
        self.latest_note[notes.creator[recent]] = recent
        self._latest_hour = np.where(self.latest_note >= 0, notes.posted_hour[self.latest_note], -(10**6))
        tie = np.array([1.0, c["koc_tie_odds"], c["kol_tie_odds"]])[creators.kind]
        met = min(c["follower_feed_rate"] * self.room, 1.0)
        # Chance that a visit is shown a note of this very hour by somebody whom the user follows.
        self._follow_rate = tie * met / (1 - met + tie * met)
        self.feed_slots = np.zeros(0)
        self.search_slots = np.zeros(0)
        self.follow_chance: NDArray[np.uint16]
        self.scenario_mass: NDArray[np.float32]

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
        usual, evidence = c["open_rate"], self.n_seen + kappa
        # Each action's rate is shrunk to the usual one; their weighted sum needs one division.
        gain = (self.n_gain + kappa * self.usual_gain) / (self.n_reads + kappa)
        worth = (self.n_reads + kappa * usual) * (1 + gain)
        worth -= c["hide_weight"] * (self.n_hides + kappa * c["hide_rate"])
        worth /= evidence
        benchmark = usual * (1 + self.usual_gain) - c["hide_weight"] * c["hide_rate"]
        return np.asarray(np.maximum(worth, 1e-9) / max(benchmark, 1e-9), dtype=np.float64)

    def open_hour(self, hour: int) -> None:
        """Take in what is posted now, work out what is owed to whom in this hour, and lay the tables."""
        c, notes = self.setting, self.notes
        posted = np.flatnonzero(notes.posted_hour == hour)
        self.pool[posted] = 0
        self.pool_end[posted] = hour + max(round(c["guarantee_hours"]), 1)
        self.budget[posted] = self.owed[posted] = np.rint(self.grant[posted])
        self.latest_note[notes.creator[posted]] = posted
        self._latest_hour[notes.creator[posted]] = hour
        self._expect_slots(hour)
        score = self.score()
        due = self._due_from_pools(hour)
        n_feed_visits = self.n_users * c.visits(hour) * (1 - c["search_share"])
        # Nobody is shown a note twice on one page.
        due = np.minimum(due, n_feed_visits)
        worth = score ** (1 / c["ranking_temperature"])
        stock = self._is_stock * self.grade_factor * worth
        in_feed = self._share_feed(due, worth, stock)
        owed_search, search_pull = self._search(hour, score)
        in_search = fill(owed_search / self._parts.spread(np.maximum(self.search_slots, 1.0)), search_pull, self._parts)
        mass = self._parts.sum(stock) + self._parts.sum(due) / max(n_feed_visits, 1.0)
        offsets = generator(self.seed, "tables", hour).random((2, c.n_scenarios))
        channel = np.where(self.pool == 0, FRESH, INTEREST)
        self._lay(0, in_feed, channel, offsets[0])
        self._lay(1, in_search, SEARCH, offsets[1])
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

    def _share_feed(self, due: Doubles, worth: Doubles, stock: Doubles) -> Doubles:
        """Shares of each scenario's feed slots, adding up to 1 within it."""
        c, parts = self.setting, self._parts
        share = due / parts.spread(np.maximum(self.feed_slots, 1.0))
        fresh = np.where(self.pool == 0, share, 0.0)
        pooled = share - fresh
        cut = np.minimum(1.0, c["fresh_cap_share"] / np.maximum(parts.sum(fresh), 1e-12))
        fresh *= parts.spread(cut)
        left = 1.0 - parts.sum(fresh)
        if (parts.sum(pooled) > left).any():
            pooled = pour(pooled, worth, left, parts)
        return fill(fresh + pooled, stock, parts)

    def _search(self, hour: int, score: Doubles) -> tuple[Doubles, Doubles]:
        """What search owes each note by now, and the pull of each for the slots that nobody is owed."""
        c, notes = self.setting, self.notes
        age = np.maximum(hour + 1 - notes.posted_hour, 0)
        onset, power = c["search_onset_hours"], c["search_age_power"]
        whole = 1 - (1 + SEARCH_SHARE_HOURS / onset) ** -power
        # Ages are whole hours, so a table spares a power for each note.
        ages = np.arange(int(age.max(initial=0)) + 1)
        left = (1 + ages / onset) ** -power
        wanted = self.search_factor * self.n_others
        owed = np.where(self._is_new, np.maximum(wanted * ((1 - left) / whole)[age] - self.n_searched, 0.0), 0.0)
        pull = self._is_stock * wanted * score * (left / (1 + ages / onset))[age]
        return owed, pull

    def _lay(self, which: int, shares: Doubles, channel: Ints | int, offsets: Doubles) -> None:
        """Lay the tables of the feed (``which`` 0) or of search (1): 2^bits codes for each scenario, each note in
        proportion to its share (systematic sampling from ``offsets`` (scenarios,), 0 to 1)."""
        size, parts = 1 << self.bits, self._parts
        # Shares add up to 1 in each scenario, so their running sum counts the scenarios before.
        reach = np.cumsum(shares)
        reach -= parts.spread(np.append(0.0, reach[parts.last[:-1]]))
        reach *= size / parts.spread(reach[parts.last])
        reach += parts.spread(offsets)
        edges = reach.astype(np.int64)
        np.minimum(edges, size, out=edges)
        edges[parts.last] = size
        edges += parts.spread(np.arange(len(offsets)) * size)
        self._edges[which] = edges
        codes = np.arange(0, 4 * len(shares), 4, dtype=np.int32) + np.asarray(channel, dtype=np.int32)
        first = which * self.first_search
        self.codes[first : first + self.first_search] = np.repeat(codes, np.diff(edges, prepend=0))

    def count_notes(self, by_place: NDArray[np.int32]) -> Ints:
        """(channels, notes) counts from those of the hour's places (places,)."""
        n = len(self.notes)
        counts = np.zeros((len(CHANNELS), n), dtype=np.int64)
        for which, first in enumerate((0, self.first_search)):
            before = np.zeros(self.first_search + 1, dtype=np.int64)
            np.cumsum(by_place[first : first + self.first_search], out=before[1:])
            mine = np.diff(before[self._edges[which]], prepend=0)
            if which:
                counts[SEARCH] = mine
            else:
                counts[FRESH] = mine * (self.pool == 0)
                counts[INTEREST] = mine - counts[FRESH]
        counts[FOLLOW] = by_place[self.first_follow : -1]
        return counts

    def _chance_to_follow_up(self, hour: int) -> NDArray[np.uint16]:
        """That a follower's visit to the feed is shown a creator's latest note, (creators,), in 65,536ths: as often as
        the forecast's follower who is about meets a new note, o·exp(-age/τ), and more often by the odds of the tie."""
        c = self.setting
        age = hour - self._latest_hour
        has_news = age + 0.5 < c["follower_window_hours"]
        # Ages are whole hours, so a table spares an exp for each creator.
        ages = np.arange(int(max(c["follower_window_hours"], 0)) + 1)
        fading = 65_535 * np.exp(-(ages + 0.5) / c["follower_decay_hours"])
        chance = self._follow_rate * fading.take(age, mode="clip")
        return np.asarray(np.where(has_news, np.rint(chance), 0.0).astype(np.uint16))

    def close_hour(self, hour: int, seen: Ints, opened: Ints, acts: dict[str, Ints]) -> None:
        """Count the hour (``seen``, ``opened`` (channels, notes); ``acts`` by note) and decide on what has run its
        course."""
        c = self.setting
        # Only the feed's trials count: those who follow or search would read anyway.
        trial, trial_reads = seen[INTEREST] + seen[FRESH], opened[INTEREST] + opened[FRESH]
        self.n_seen += trial
        self.n_reads += trial_reads
        self.n_others += trial + seen[FOLLOW]
        self.n_searched += seen[SEARCH]
        # Actions come by note; the trials' part of them is in proportion to its reads.
        gain = sum(c[f"{name}_weight"] * acts[name] for name in ACTIONS)
        self.n_gain += gain * (trial_reads / np.maximum(opened.sum(axis=0), 1))
        self.n_hides += acts["hide"] * (trial / np.maximum(seen.sum(axis=0), 1))
        self.owed -= np.where(self.pool >= 0, trial, 0)
        np.maximum(self.owed, 0.0, out=self.owed)
        self.feed_slots = self._parts.sum(trial).astype(np.float64)
        self.search_slots = self._parts.sum(seen[SEARCH]).astype(np.float64)
        self._promote(hour)

    def _promote(self, hour: int) -> None:
        c = self.setting
        ending = np.flatnonzero((self.pool >= 0) & (self.pool_end == hour + 1))
        if not ending.size:
            return
        lead = np.log(self.score()[ending])
        steps = np.clip((lead - c["promotion_threshold"]) / c["promotion_softness"], -60, 60)
        age = hour + 1 - self.notes.posted_hour[ending]
        chance = 2.0 ** (-age / (2 * c["promotion_half_life_hours"])) / (1 + np.exp(-steps))
        chance[self.pool[ending] + 1 >= round(c["n_pools"])] = 0.0
        luck = generator(self.seed, "promotion", hour).random(len(self.pool))[ending]
        self.pool[ending[luck >= chance]] = _OVER
        up = ending[luck < chance]
        self.budget[up] *= c["pool_growth"] * np.where(self.pool[up] == 0, self.room, 1.0)
        self.owed[up] = np.rint(self.budget[up])
        self.pool[up] += 1
        self.n_promotions[up] += 1
        self.pool_end[up] = hour + 1 + max(round(c["pool_hours"]), 1)


def fill(owed: Doubles, pull: Doubles, parts: Parts) -> Doubles:
    """Shares that add up to 1 in each part: what is owed, and the rest by ``pull``; owed shares shrink where they
    exceed 1."""
    total, pulls = parts.sum(owed), parts.sum(pull)
    is_full = (total >= 1.0) | (pulls <= 0)
    scale = np.where(is_full, 1.0 / np.maximum(total, 1e-300), 1.0)
    rest = np.where(is_full, 0.0, (1.0 - total) / np.maximum(pulls, 1e-300))
    shares = owed * parts.spread(scale) + pull * parts.spread(rest)
    is_empty = is_full & (total <= 0)
    if is_empty.any():
        shares += parts.spread(np.where(is_empty, 1.0 / parts.sizes, 0.0))
    return np.asarray(shares)


def pour(wanted: Doubles, weight: Doubles, capacity: Doubles, parts: Parts) -> Doubles:
    """Share out ``capacity`` of each part in proportion to wanted·weight, nobody above what they want (three rounds);
    where all fits, everybody gets what they want."""
    given = np.where(parts.spread(parts.sum(wanted) > capacity), 0.0, wanted)
    for _round in range(3):
        pull = (wanted - given) * weight
        total, rest = parts.sum(pull), capacity - parts.sum(given)
        goes_on = (total > 0) & (rest > 1e-12)
        if not goes_on.any():
            break
        step = np.where(goes_on, rest / np.maximum(total, 1e-300), 0.0)
        given = np.minimum(wanted, given + pull * parts.spread(step))
    return np.asarray(given)
