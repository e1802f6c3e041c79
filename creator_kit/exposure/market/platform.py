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

# Counts of one user and scenario in one number: slots shown in its low half, opens in its high half.
_OPEN = np.uint32(1 << 16)
_SHOWN = np.uint32((1 << 16) - 1)


class Platform:
    """Counts by user, ``counts`` (users, scenarios), as slots shown + 65,536 · opens; ``follows`` (users, k)
    creators."""

    def __init__(
        self, setting: Setting, options: MarketOptions, follows: NDArray[np.int32], circulation: Circulation
    ) -> None:
        self.setting, self.seed, self.circulation = setting, options.seed, circulation
        self.counts = np.zeros((options.n_users, setting.n_scenarios), dtype=np.uint32)
        self.follows = follows
        # Read of an impression in the feed, over everybody.
        self.usual_open_rate = setting["open_rate"]
        self._stride = _find_stride(len(setting.note_rows))

    def known(self, at: slice = slice(None)) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
        """What was counted of the users ``at``: slots shown and opens, (users, scenarios) each."""
        return self.counts[at] & _SHOWN, self.counts[at] >> np.uint32(16)

    def know(self, at: slice, shown: Floats, opened: Floats) -> None:
        """Enter what was counted of the users ``at`` before the first hour, (scenarios, users)."""
        self.counts[at] = (shown.astype(np.uint32) + opened.astype(np.uint32) * _OPEN).T

    def estimate(self, shown: Floats, opened: Floats) -> Floats:
        """P(open) by scenario and user, from counts (scenarios, users)."""
        return estimate_interest(self.setting, shown, opened, np.float32(self.usual_open_rate))

    def fill_pages(self, hour: int, visits: Visits, draws: Draws) -> Pages:
        """A page for each of ``visits``."""
        c, book = self.setting, self.circulation
        n_visits, n_feed, note_rows = len(visits.user), visits.n_feed, c.note_rows
        scenario, n_given, before, n_known = self._choose_scenarios(hour, visits.user[:n_feed], draws.uniform(n_feed))
        pick = draws.uniform16(len(note_rows), n_visits).astype(np.int64)
        pick >>= 16 - book.bits
        table, code = book.tables, np.empty((c.n_rows, n_visits), dtype=np.int64)
        # Tables of the feed come first, those of search after them.
        place = np.empty(n_visits, dtype=np.int64)
        searched = (visits.query + c.n_scenarios) << book.bits
        for k, row in enumerate(note_rows):
            np.left_shift(scenario[k], book.bits, out=place[:n_feed])
            place[n_feed:] = searched
            place += pick[k]
            table.take(place, mode="clip", out=code[row])
        code[c.ad_rows] = book.ad_code
        self._place_follow_notes(visits, draws, code, scenario, n_given)
        for row in range(int(visits.depth.min(initial=c.n_rows)), c.n_rows):
            beyond = np.flatnonzero(visits.depth <= row)
            code[row, beyond] = book.ad_code + 1
            if row in note_rows:
                unseen = beyond[: np.searchsorted(beyond, n_feed)]
                n_given[scenario[note_rows.index(row), unseen], unseen] -= np.int8(1)
        return Pages(code, scenario, n_given, before, n_known)

    def _choose_scenarios(
        self, hour: int, user: Ints, u: Floats
    ) -> tuple[Ints, NDArray[np.int8], NDArray[np.uint32], Floats]:
        """(note rows, visits): each scenario in proportion to its weight, by systematic sampling, then spread so that
        neighbours differ. And how many slots each got, what was counted of each user before, and its slots."""
        c, n_rows = self.setting, len(self.setting.note_rows)
        before = np.ascontiguousarray(self.counts.take(user, axis=0).T)
        opened, shown = ((before >> np.uint32(16)).astype(np.float32), (before & _SHOWN).astype(np.float32))
        level = scenario_weights(c, self.estimate(shown, opened), self.circulation.scenario_mass)
        for s in range(1, c.n_scenarios):
            level[s] += level[s - 1]
        level *= n_rows / level[-1]
        # Rounding must not carry a level past the end, or a page would have a slot too many.
        level[-1] = n_rows
        np.minimum(level, level[-1], out=level)
        level += u * np.float32(0.9999)
        edges = level.astype(np.int8)
        scenario, passed = np.empty((n_rows, len(user)), dtype=np.int64), np.empty(edges.shape, dtype=bool)
        # A stride sets likes apart; a start of its own for each hour, so that no scenario owns the top.
        for k in range(n_rows):
            np.less_equal(edges, np.int8((hour * 7 + k * self._stride) % n_rows), out=passed)
            scenario[k] = np.add.reduce(passed.view(np.int8), axis=0, dtype=np.int8)
        edges[1:] -= edges[:-1].copy()
        return scenario, edges, before, shown.sum(axis=0)

    def _place_follow_notes(
        self, visits: Visits, draws: Draws, code: Ints, scenario: Ints, n_given: NDArray[np.int8]
    ) -> None:
        """Give the second note slot of some feed visits to the latest note of a creator that the user follows."""
        c, book, n_feed = self.setting, self.circulation, visits.n_feed
        k_follows = self.follows.shape[1]
        place = draws.uniform16(n_feed).astype(np.int64)
        place *= k_follows
        place >>= 16
        place += visits.user[:n_feed] * k_follows
        creator = self.follows.reshape(-1).take(place)
        at = np.flatnonzero(draws.uniform(n_feed) < book.follow_chance.take(creator))
        note = book.latest_note[creator[at]]
        row = min(1, len(scenario) - 1)
        code[c.note_rows[row], at] = 4 * note + FOLLOW
        n_given[scenario[row, at], at] -= np.int8(1)
        scenario[row, at] = book.notes.scenario[note]
        n_given[scenario[row, at], at] += np.int8(1)

    def observe(self, visits: Visits, pages: Pages, feedback: Feedback) -> None:
        """Count what was shown and opened, by user."""
        c, n, n_feed = self.setting, self.setting.n_scenarios, visits.n_feed
        after = np.ascontiguousarray((pages.before + pages.n_given.astype(np.uint32)).T)
        # Where the scenario of each row stands in its table; an ad has none.
        start = np.full(c.n_rows, -1)
        start[c.note_rows] = np.arange(len(c.note_rows)) * n_feed
        first, visit = start.take(feedback.opened_row), feedback.opened_visit
        at_feed = np.flatnonzero((first >= 0) & (visit < n_feed))
        first, visit = first.take(at_feed), visit.take(at_feed)
        first += visit
        visit *= n
        visit += pages.scenario.reshape(-1).take(first)
        np.add.at(after.reshape(-1), visit, _OPEN)
        self.counts[visits.user[:n_feed]] = after
        # A search says what somebody needs by its query; its page, all of one scenario, says little more.
        self.counts[visits.user[n_feed:], visits.query] += _OPEN + np.uint32(1)
        self._add_follows(visits, feedback)

    def _add_follows(self, visits: Visits, feedback: Feedback) -> None:
        """A new follow takes the place of an old one, in turn by creator: attention is limited."""
        creator = self.circulation.notes.creator[feedback.follow_note]
        user = visits.user[feedback.follow_visit]
        self.follows[user, creator % self.follows.shape[1]] = creator


def estimate_interest(setting: Setting, shown: Floats, opened: Floats, usual: np.float32) -> Floats:
    """P(open): scenario shrunk to its topic, topic to everybody's ``usual``. Arrays (scenarios, users)."""
    kappa, n = np.float32(setting["interest_pseudo_impressions"]), setting.scenarios_per_topic
    # Adding rows is several times as fast as numpy's sum over a short axis.
    topic, seen = opened[::n] + kappa * usual, shown[::n] + kappa
    for k in range(1, n):
        topic += opened[k::n]
        seen += shown[k::n]
    topic /= seen
    topic *= kappa
    estimate = opened.reshape(setting.n_topics, n, -1) + topic[:, None]
    estimate /= (shown + kappa).reshape(estimate.shape)
    return estimate.reshape(shown.shape)


def scenario_weights(setting: Setting, estimate: Floats, mass: Floats) -> Floats:
    """What each scenario gets of a page, (scenarios, users), not yet adding up to 1: score to the power
    1/temperature, a share for exploration, and what is above the cap cut off twice."""
    power = 1 / setting["ranking_temperature"]
    if power == 2.0:  # the shipped profiles' temperature; a square is a tenth of the time of any power
        weights = np.square(estimate)
    else:
        weights = np.log(estimate)
        weights *= np.float32(power)
        np.exp(weights, out=weights)
    weights *= mass[:, None]
    explored = np.float32(setting["exploration_share"])
    weights *= (1 - explored) / weights.sum(axis=0)
    weights += explored * mass[:, None]
    # Twice, since what is cut off goes to the others.
    # (A row to compare with is five times as fast as a number.)
    share = max(setting["scenario_cap_share"], 1.0 / setting.n_scenarios)
    cap = np.full(weights.shape[1], share, dtype=np.float32)
    np.minimum(weights, cap, out=weights)
    weights /= weights.sum(axis=0)
    return np.minimum(weights, cap, out=weights)


def _find_stride(n: int) -> int:
    """A step through n slots that meets each once and takes neighbours about 0.4 n apart."""
    return next((k for k in range(max(round(0.382 * n), 1), n) if np.gcd(k, n) == 1), 1)
