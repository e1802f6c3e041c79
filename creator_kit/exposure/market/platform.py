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
from creator_kit.exposure.market.page import Feedback, Given, Pages, Visits
from creator_kit.exposure.market.setting import (
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
        c, book, n_visits = self.setting, self.circulation, len(visits.user)
        given = None if visits.query is not None else self._choose_scenarios(hour, visits.user, draws.uniform(n_visits))
        pick = draws.uniform16(len(c.note_rows), n_visits)
        pick >>= np.uint16(16 - book.bits)
        if given is not None:
            place = given.scenario << book.bits
            place += pick
            self._place_follow_notes(hour, visits, draws, place, given)
        else:
            assert visits.query is not None
            place = pick + ((visits.query << book.bits) + book.first_search)
        least = int(visits.depth.min(initial=c.n_rows))
        for k, row in enumerate(c.note_rows):
            if row < least:
                continue
            beyond = np.flatnonzero(visits.depth <= row)
            place[k, beyond] = len(book.codes) - 1
            if given is not None:
                given.n_slots[given.scenario[k].take(beyond), beyond] -= np.int8(1)
        return Pages(place, given)

    def _choose_scenarios(self, hour: int, user: Ints, u: Floats) -> Given:
        """Each scenario in proportion to its weight, by systematic sampling, then spread so that neighbours differ."""
        c, n_rows = self.setting, len(self.setting.note_rows)
        before = np.ascontiguousarray(self.counts.take(user, axis=0).T)
        opened, shown = ((before >> np.uint32(16)).astype(np.float32), (before & _SHOWN).astype(np.float32))
        level = scenario_weights(c, self.estimate(shown, opened), self.circulation.scenario_mass)
        _add_up(level.reshape(c.n_topics, c.scenarios_per_topic, -1))
        # Rounding must not carry a level past the end, or a page would have a slot too many: u leaves room for it.
        level *= n_rows / level[-1]
        level[-1] = n_rows
        level += u * np.float32(0.9999)
        edges = level.astype(np.int8)
        # A stride sets likes apart; a start of its own for each hour, so that no scenario owns the top.
        scenario, passed = np.empty((n_rows, len(user)), dtype=np.int64), np.empty(edges.shape, dtype=np.int8)
        for k, at in enumerate(((hour * 7 + np.arange(n_rows) * self._stride) % n_rows).astype(np.int8)):
            np.less_equal(edges, at, out=passed.view(bool))
            scenario[k] = np.add.reduce(passed, axis=0, dtype=np.int8)
        edges[1:] -= edges[:-1].copy()
        return Given(scenario, edges, before, np.add.reduce(shown, axis=0))

    def _place_follow_notes(self, hour: int, visits: Visits, draws: Draws, place: Ints, given: Given) -> None:
        """Give slots of the feed to the latest notes of creators whom the user follows, each at its chance: a slot of
        its own for each, so that the page holds the scenarios that it would have held elsewhere."""
        book, n_rows, n_follows = self.circulation, len(place), self.follows.shape[1]
        n_visits, n = len(visits.user), min(n_follows, n_rows)
        follows = self.follows.take(visits.user, axis=0)
        if n < n_follows:
            # A page has room for so many; who is looked at changes by the hour.
            follows = follows[:, (np.arange(n) + hour) % n_follows]
        at = np.flatnonzero(draws.uniform16(n_visits, n) < book.follow_chance.take(follows, mode="clip"))
        visit = at // n
        where = ((at - visit * n) * self._stride + hour + 1) % n_rows
        where *= n_visits
        where += visit
        note = book.latest_note.take(follows.reshape(-1).take(at))
        place.reshape(-1)[where] = note + book.first_follow
        # A page may get several slots of one scenario, so they are added up one by one.
        scenario, n_slots = given.scenario.reshape(-1), given.n_slots.reshape(-1)
        np.subtract.at(n_slots, scenario.take(where) * n_visits + visit, np.int8(1))
        own = book.notes.scenario.take(note)
        scenario[where] = own
        own *= n_visits
        own += visit
        np.add.at(n_slots, own, np.int8(1))

    def observe(self, visits: Visits, pages: Pages, feedback: Feedback) -> None:
        """Count what was shown and opened, by user."""
        given = pages.given
        if given is None:
            # A search says what somebody needs by its query; its page, all of one scenario, says little more.
            self.counts[visits.user, visits.query] += _OPEN + np.uint32(1)
        else:
            after = np.ascontiguousarray((given.before + given.n_slots.astype(np.uint32)).T)
            where = feedback.opened_row * len(visits.user)
            where += feedback.opened_visit
            at = feedback.opened_visit * self.setting.n_scenarios
            at += given.scenario.reshape(-1).take(where)
            np.add.at(after.reshape(-1), at, _OPEN)
            # A user's counts as one item: rows are then copied whole, in half the time.
            row = f"V{after.itemsize * after.shape[1]}"
            self.counts.view(row)[visits.user, 0] = after.view(row)[:, 0]
        self._add_follows(visits, feedback)

    def _add_follows(self, visits: Visits, feedback: Feedback) -> None:
        """A new follow takes the place of an old one, in turn by creator: attention is limited."""
        creator = self.circulation.notes.creator[feedback.follow_note]
        user = visits.user[feedback.follow_visit]
        self.follows[user, creator % self.follows.shape[1]] = creator


def _add_up(level: Floats) -> None:
    """Running sums over topics and their scenarios, (topics, scenarios of each, visits), in place: within topics
    first, which takes fewer steps than one by one."""
    for k in range(1, level.shape[1]):
        level[:, k] += level[:, k - 1]
    for topic in range(1, len(level)):
        level[topic] += level[topic - 1, -1]


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
    weights *= (1 - explored) / np.add.reduce(weights, axis=0)
    weights += explored * mass[:, None]
    # Twice, since what is cut off goes to the others.
    # (A row to compare with is five times as fast as a number.)
    share = max(setting["scenario_cap_share"], 1.0 / setting.n_scenarios)
    cap = np.full(weights.shape[1], share, dtype=np.float32)
    np.minimum(weights, cap, out=weights)
    cap *= np.add.reduce(weights, axis=0)
    return np.minimum(weights, cap, out=weights)


def _find_stride(n: int) -> int:
    """A step through n slots that meets each once and takes neighbours about 0.4 n apart."""
    return next((k for k in range(max(round(0.382 * n), 1), n) if np.gcd(k, n) == 1), 1)
