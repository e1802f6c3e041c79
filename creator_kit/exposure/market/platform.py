"""The platform: fills a page for a visit from what it has counted, and counts what comes of it.

It knows visits, queries, pages, opens and follows, never an interest or an appeal. For each user it keeps, by
scenario, how often it has shown and how often that was opened; an estimate is shrunk to the user's topic and that to
everybody. Ranking everything by score with Gumbel noise of ``ranking_temperature`` is the same as drawing a scenario
by (its estimate)^(1/temperature) times the mass of its notes, then a note within it by its own share: that is how
a page is filled here, at a cost that does not grow with the number of notes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from creator_kit.exposure.market.circulation import Circulation
from creator_kit.exposure.market.page import Feedback, Pages, Visits
from creator_kit.exposure.market.setting import (
    FOLLOW,
    Draws,
    Floats,
    Ints,
    MarketOptions,
    Setting,
)


class Platform:
    """Counts by user: ``n_shown`` and ``n_opened`` (users, scenarios); ``follows`` (users, k) creators."""

    def __init__(
        self, setting: Setting, options: MarketOptions, follows: NDArray[np.int32], circulation: Circulation
    ) -> None:
        self.setting, self.seed, self.circulation = setting, options.seed, circulation
        self.n_shown = np.zeros((options.n_users, setting.n_scenarios), dtype=np.uint16)
        self.n_opened = np.zeros((options.n_users, setting.n_scenarios), dtype=np.uint16)
        self.follows = follows
        # Read of an impression in the feed, over everybody.
        self.usual_open_rate = setting["open_rate"]
        self._stride = _find_stride(len(setting.note_rows))

    def estimate(self, shown: Floats, opened: Floats) -> Floats:
        """P(open) by scenario and user relative to the usual, from counts (scenarios, users)."""
        return estimate_interest(self.setting, shown, opened, np.float32(self.usual_open_rate))

    def fill_pages(self, hour: int, visits: Visits, blocks: range, counts: list[int]) -> Pages:
        """A page for each of ``visits``, whose numbers by block are ``counts``."""
        c, tables = self.setting, self.circulation.tables
        draws = Draws(self.seed, "platform", hour, list(blocks))
        draws.counts = counts
        n_visits, note_rows = len(visits.user), c.note_rows
        u = draws.uniform(3)
        scenario, n_given, n_known = self._choose_scenarios(hour, visits, u[0])
        # Feed tables come first, search tables after them.
        first = np.where(visits.query >= 0, np.int32(c.n_scenarios << tables.bits), np.int32(0))
        pick = draws.uniform16(len(note_rows))
        pick >>= np.uint16(16 - tables.bits)
        flat, code = tables.code.ravel(), np.empty((c.n_rows, n_visits), dtype=np.int32)
        for k, row in enumerate(note_rows):
            place = scenario[k].astype(np.int32)
            place <<= tables.bits
            place += first
            place += pick[k]
            flat.take(place, mode="clip", out=code[row])
        code[c.ad_rows] = self.circulation.ad_code
        self._place_follow_notes(hour, visits, u, code, scenario, n_given)
        for k in range(int(visits.depth.min(initial=c.n_rows)), c.n_rows):
            beyond = np.flatnonzero(visits.depth <= k)
            code[k, beyond] = self.circulation.ad_code + 1
            if k in note_rows:
                n_given[scenario[note_rows.index(k), beyond], beyond] -= np.int8(1)
        # A search says what somebody needs by its query; its page, all of one scenario, says little more.
        searches = np.flatnonzero(visits.query >= 0)
        n_given[:, searches] = 0
        n_given[visits.query[searches], searches] = 1
        return Pages(code, scenario, n_given, n_known)

    def _choose_scenarios(
        self, hour: int, visits: Visits, u: Floats
    ) -> tuple[NDArray[np.int8], NDArray[np.int8], Floats]:
        """(note rows, visits): each scenario in proportion to its weight, by systematic sampling, then spread so that
        neighbours differ; all rows the query's in a search. And how many slots each got, and what was counted of each
        user before."""
        c, n_rows = self.setting, len(self.setting.note_rows)
        shown = self.n_shown.take(visits.user, axis=0).T.astype(np.float32, order="C")
        opened = self.n_opened.take(visits.user, axis=0).T.astype(np.float32, order="C")
        level = scenario_weights(c, self.estimate(shown, opened), self.circulation.scenario_mass)
        for s in range(1, c.n_scenarios):
            level[s] += level[s - 1]
        level *= n_rows / level[-1]
        # Rounding must not carry a level past the end, or a page would have a slot too many.
        np.minimum(level, n_rows, out=level)
        level[-1] = n_rows
        level += u * np.float32(0.9999)
        edges = level.astype(np.int8)
        scenario = np.empty((n_rows, len(visits.user)), dtype=np.int8)
        # A stride sets likes apart; a start of its own for each hour, so that no scenario owns the top.
        for k in range(n_rows):
            place = np.int8((hour * 7 + k * self._stride) % n_rows)
            np.sum((edges <= place).view(np.int8), axis=0, dtype=np.int8, out=scenario[k])
        searches = np.flatnonzero(visits.query >= 0)
        scenario[:, searches] = visits.query[searches]
        edges[1:] -= edges[:-1].copy()
        return scenario, edges, shown.sum(axis=0)

    def _place_follow_notes(
        self,
        hour: int,
        visits: Visits,
        u: Floats,
        code: NDArray[np.int32],
        scenario: NDArray[np.int8],
        n_given: NDArray[np.int8],
    ) -> None:
        """Give the second note slot of some feed visits to the latest note of a creator that the user follows."""
        c, book = self.setting, self.circulation
        k_follows = self.follows.shape[1]
        which = (u[1] * k_follows).astype(np.int64)
        creator = self.follows[visits.user, which]
        note = book.latest_note[creator]
        age = hour + 0.5 - book.notes.posted_hour[note]
        # So that a follower meets a note as often as the forecast's Poisson mean has it: d·o·activity·exp(-age/τ).
        rate = c["follower_active_rate"] * c["follower_feed_rate"] * book.room / c["visits_per_day"]
        chance = k_follows * rate / max(1 - c["search_share"], 1e-9) * np.exp(-age / c["follower_decay_hours"])
        is_due = (note >= 0) & (age < c["follower_window_hours"]) & (visits.query < 0) & (u[2] < chance)
        at = np.flatnonzero(is_due)
        row = min(1, len(scenario) - 1)
        code[c.note_rows[row], at] = 4 * note[at] + FOLLOW
        n_given[scenario[row, at], at] -= np.int8(1)
        scenario[row, at] = book.notes.scenario[note[at]]
        n_given[scenario[row, at], at] += np.int8(1)

    def observe(self, visits: Visits, pages: Pages, feedback: Feedback) -> tuple[Ints, Ints]:
        """Count what was shown and opened, by user; returns impressions and opens by code."""
        c, n = self.setting, self.setting.n_scenarios
        n_codes = self.circulation.ad_code + 2
        seen = np.bincount(pages.code.ravel(), minlength=n_codes)
        code = pages.code[feedback.opened_row, feedback.opened_visit]
        opened = np.bincount(code, minlength=n_codes)
        self.n_shown[visits.user] = self.n_shown.take(visits.user, axis=0) + pages.n_given.T.astype(np.uint16)
        row_of = np.full(c.n_rows, -1)
        row_of[c.note_rows] = np.arange(len(c.note_rows))
        row = row_of[feedback.opened_row]
        at_feed = np.flatnonzero((row >= 0) & (visits.query[feedback.opened_visit] < 0))
        visit = feedback.opened_visit[at_feed]
        flat = self.n_opened.reshape(-1)
        np.add.at(flat, visits.user[visit] * n + pages.scenario[row[at_feed], visit], np.uint16(1))
        searches = np.flatnonzero(visits.query >= 0)
        flat[visits.user[searches] * n + visits.query[searches]] += np.uint16(1)
        self._add_follows(visits, feedback)
        return seen, opened

    def _add_follows(self, visits: Visits, feedback: Feedback) -> None:
        """A new follow takes the place of an old one, in turn by creator: attention is limited."""
        creator = self.circulation.notes.creator[feedback.follow_note]
        user = visits.user[feedback.follow_visit]
        self.follows[user, creator % self.follows.shape[1]] = creator


def estimate_interest(setting: Setting, shown: Floats, opened: Floats, usual: np.float32) -> Floats:
    """P(open): scenario shrunk to its topic, topic to everybody's ``usual``. Arrays (scenarios, users)."""
    kappa, n = np.float32(setting["interest_pseudo_impressions"]), setting.scenarios_per_topic
    # Adding rows is several times as fast as numpy's sum over a short axis.
    topic = sum((opened[k::n] for k in range(n)), start=kappa * usual)
    topic /= sum((shown[k::n] for k in range(n)), start=kappa)
    topic *= kappa
    estimate = opened.reshape(setting.n_topics, n, -1) + np.asarray(topic)[:, None]
    estimate /= (shown + kappa).reshape(estimate.shape)
    return np.asarray(estimate.reshape(shown.shape), dtype=np.float32)


def scenario_weights(setting: Setting, estimate: Floats, mass: Floats) -> Floats:
    """What each scenario gets of a page, (scenarios, users), not yet adding up to 1: score to the power
    1/temperature, a share for exploration, and what is above the cap cut off twice."""
    weights = np.log(estimate)
    weights *= np.float32(1 / setting["ranking_temperature"])
    np.exp(weights, out=weights)
    weights *= mass[:, None]
    explored = np.float32(setting["exploration_share"])
    weights *= (1 - explored) / weights.sum(axis=0)
    weights += explored * mass[:, None]
    # Twice, since what is cut off goes to the others.
    cap = np.float32(max(setting["scenario_cap_share"], 1.0 / setting.n_scenarios))
    np.minimum(weights, cap, out=weights)
    weights /= weights.sum(axis=0)
    return np.minimum(weights, cap, out=weights)


def _find_stride(n: int) -> int:
    """A step through n slots that meets each once and takes neighbours about 0.4 n apart."""
    return next((k for k in range(max(round(0.382 * n), 1), n) if np.gcd(k, n) == 1), 1)
