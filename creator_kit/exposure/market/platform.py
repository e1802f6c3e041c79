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

_MAX_COUNT = 60_000


class Platform:
    """Counts by user: ``n_shown`` and ``n_opened`` (scenarios, users); ``follows`` (users, k) creators."""

    def __init__(
        self, setting: Setting, options: MarketOptions, follows: NDArray[np.int32], circulation: Circulation
    ) -> None:
        self.setting, self.seed, self.circulation = setting, options.seed, circulation
        self.n_shown = np.zeros((setting.n_scenarios, options.n_users), dtype=np.uint16)
        self.n_opened = np.zeros((setting.n_scenarios, options.n_users), dtype=np.uint16)
        self.follows = follows
        # Read of an impression in the feed, over everybody.
        self.usual_open_rate = setting["open_rate"]
        self._stride = _find_stride(len(setting.note_rows))

    def estimate(self, shown: Floats, opened: Floats) -> Floats:
        """P(open) by scenario and user relative to the usual, from counts (scenarios, users)."""
        return estimate_interest(self.setting, shown, opened, np.float32(self.usual_open_rate))

    def fill_pages(self, hour: int, visits: Visits, blocks: range, counts: list[int]) -> tuple[Pages, Draws]:
        """A page for each of ``visits``, whose numbers by block are ``counts``."""
        c, tables = self.setting, self.circulation.tables
        draws = Draws(self.seed, "platform", hour, list(blocks))
        draws.counts = counts
        n_visits, note_rows = len(visits.user), c.note_rows
        u = draws.uniform(4)
        scenario = self._choose_scenarios(visits, u)
        is_search = visits.query >= 0
        # Feed tables come first, search tables after them.
        table = scenario + np.where(is_search, c.n_scenarios, 0).astype(np.int32)
        pick = draws.uniform16(len(note_rows)) >> np.uint16(16 - tables.bits)
        code = tables.code.ravel()[(table << tables.bits) + pick]
        self._place_follow_notes(hour, visits, u, code, scenario)
        full = np.empty((c.n_rows, n_visits), dtype=np.int32)
        full[note_rows] = code
        full[c.ad_rows] = self.circulation.ad_code
        for k in range(int(visits.depth.min(initial=c.n_rows)), c.n_rows):
            beyond = np.flatnonzero(visits.depth <= k)
            full[k, beyond] = self.circulation.ad_code + 1
            if k in note_rows:
                scenario[note_rows.index(k), beyond] = -1
        return Pages(full, scenario), draws

    def _choose_scenarios(self, visits: Visits, u: Floats) -> NDArray[np.int32]:
        """(note rows, visits): each scenario in proportion to its weight, by systematic sampling, then spread so that
        neighbours differ; all rows the query's in a search."""
        c, n_rows = self.setting, len(self.setting.note_rows)
        shown = self.n_shown[:, visits.user].astype(np.float32)
        opened = self.n_opened[:, visits.user].astype(np.float32)
        weights = scenario_weights(c, self.estimate(shown, opened), self.circulation.scenario_mass)
        level = np.cumsum(weights, axis=0)
        level *= n_rows / level[-1]
        # Rounding must not carry a level past the end, or a page would have a slot too many.
        np.minimum(level, n_rows, out=level)
        level[-1] = n_rows
        level += u[0] * np.float32(0.9999)
        edges = level.astype(np.int8)
        edges[1:] -= edges[:-1].copy()
        ids = np.tile(np.arange(c.n_scenarios, dtype=np.int32), len(visits.user))
        by_visit = np.repeat(ids, edges.T.ravel()).reshape(-1, n_rows)
        # A turn of its own for each visit, so that no scenario owns the top; a stride so that likes are apart.
        turn = (u[1] * n_rows).astype(np.int64)
        flat, start = by_visit.ravel(), np.arange(len(visits.user)) * n_rows
        scenario = np.empty((n_rows, len(visits.user)), dtype=np.int32)
        for k in range(n_rows):
            place = turn + (k * self._stride) % n_rows
            place[place >= n_rows] -= n_rows
            scenario[k] = flat[start + place]
        searches = np.flatnonzero(visits.query >= 0)
        scenario[:, searches] = visits.query[searches]
        return scenario

    def _place_follow_notes(
        self, hour: int, visits: Visits, u: Floats, code: NDArray[np.int32], scenario: NDArray[np.int32]
    ) -> None:
        """Give the second note slot of some feed visits to the latest note of a creator that the user follows."""
        c, book = self.setting, self.circulation
        k_follows = self.follows.shape[1]
        which = (u[2] * k_follows).astype(np.int64)
        creator = self.follows[visits.user, which]
        note = book.latest_note[creator]
        age = hour + 0.5 - book.notes.posted_hour[note]
        # So that a follower meets a note as often as the forecast's Poisson mean has it: d·o·activity·exp(-age/τ).
        rate = c["follower_active_rate"] * c["follower_feed_rate"] * book.room / c["visits_per_day"]
        chance = k_follows * rate / max(1 - c["search_share"], 1e-9) * np.exp(-age / c["follower_decay_hours"])
        is_due = (note >= 0) & (age < c["follower_window_hours"]) & (visits.query < 0) & (u[3] < chance)
        at = np.flatnonzero(is_due)
        row = min(1, len(code) - 1)
        code[row, at] = 4 * note[at] + FOLLOW
        scenario[row, at] = book.notes.scenario[note[at]]

    def observe(self, visits: Visits, pages: Pages, feedback: Feedback) -> tuple[Ints, Ints]:
        """Count what was shown and opened, by user; returns impressions and opens by code."""
        c, n_visits = self.setting, len(visits.user)
        n_codes = self.circulation.ad_code + 2
        seen = np.bincount(pages.code.ravel(), minlength=n_codes)
        code = pages.code[feedback.opened_row, feedback.opened_visit]
        opened = np.bincount(code, minlength=n_codes)
        # A search says what somebody needs by its query; its page, all of one scenario, says little more.
        n = c.n_scenarios
        column = np.arange(n_visits, dtype=np.int32)
        at_feed = np.where(visits.query >= 0, np.int32(-n * n_visits - n_visits), np.int32(0)) + column
        place = pages.scenario * np.int32(n_visits) + at_feed
        # Negative places are slots beyond the depth, and searches; they fall into a bin that is cut off.
        shown = np.bincount((np.maximum(place, -n_visits) + n_visits).ravel(), minlength=(n + 1) * n_visits)
        row_of = np.full(c.n_rows, -1)
        row_of[c.note_rows] = np.arange(len(c.note_rows))
        row = row_of[feedback.opened_row]
        is_note = row >= 0
        hit = place[row[is_note], feedback.opened_visit[is_note]]
        hits = np.bincount(hit[hit >= 0], minlength=n * n_visits)
        shown, hits = shown[n_visits:].reshape(n, n_visits), hits.reshape(n, n_visits)
        searches = np.flatnonzero(visits.query >= 0)
        shown[visits.query[searches], searches] += 1
        hits[visits.query[searches], searches] += 1
        for counts, more in ((self.n_shown, shown), (self.n_opened, hits)):
            now = counts[:, visits.user] + more.astype(np.uint16)
            counts[:, visits.user] = np.minimum(now, _MAX_COUNT)
        self._add_follows(visits, feedback)
        return seen, opened

    def _add_follows(self, visits: Visits, feedback: Feedback) -> None:
        """A new follow takes the place of an old one, in turn by creator: attention is limited."""
        creator = self.circulation.notes.creator[feedback.follow_note]
        user = visits.user[feedback.follow_visit]
        self.follows[user, creator % self.follows.shape[1]] = creator


def estimate_interest(setting: Setting, shown: Floats, opened: Floats, usual: np.float32) -> Floats:
    """P(open) relative to ``usual``: scenario shrunk to its topic, topic to everybody. Arrays (scenarios, users)."""
    kappa = np.float32(setting["interest_pseudo_impressions"])
    n = setting.scenarios_per_topic
    # Adding rows is several times as fast as numpy's sum over a short axis.
    topic_opened, topic_shown = (
        sum(counts[k::n] for k in range(n)) + kappa * level
        for counts, level in ((opened, usual), (shown, np.float32(1)))
    )
    topic = topic_opened / topic_shown
    estimate = opened + kappa * np.repeat(topic, n, axis=0)
    estimate /= shown + kappa
    estimate /= usual
    return np.asarray(estimate, dtype=np.float32)


def scenario_weights(setting: Setting, estimate: Floats, mass: Floats) -> Floats:
    """Share of a page that each scenario gets, (scenarios, users): score to the power 1/temperature, a share for
    exploration, and no scenario above its cap."""
    weights = np.log(estimate)
    weights *= np.float32(1 / setting["ranking_temperature"])
    np.exp(weights, out=weights)
    weights *= mass[:, None]
    explored = np.float32(setting["exploration_share"])
    weights *= (1 - explored) / weights.sum(axis=0)
    weights += explored * mass[:, None]
    # Two rounds, since what is cut off goes to the others.
    cap = np.float32(max(setting["scenario_cap_share"], 1.0 / setting.n_scenarios))
    for _round in range(2):
        np.minimum(weights, cap, out=weights)
        weights /= weights.sum(axis=0)
    return np.minimum(weights, cap * np.float32(1.05))


def _find_stride(n: int) -> int:
    """A step through n slots that meets each once and takes neighbours about 0.4 n apart."""
    return next((k for k in range(max(round(0.382 * n), 1), n) if np.gcd(k, n) == 1), 1)
