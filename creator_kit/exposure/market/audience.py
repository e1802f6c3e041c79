"""The audience: latent interests, visits by the hour, and open-or-ignore over what is in view.

P(open i) = e_i·exp(u_i) / (exp(u0) + Σ_j exp(u_j)) over the covers in view: a conditional logit with a mass for
opening nothing and examination e falling with the slot. u = appeal of the note + interest in its scenario, less the
fatigue of covers cut to the same template just before. Nothing here is known to the platform but what is done.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from creator_kit.exposure.market.creators import Creators, Notes, NoteTruth
from creator_kit.exposure.market.page import Feedback, NoteFacts, Pages, Visits
from creator_kit.exposure.market.setting import (
    BLOCK_USERS,
    FOLLOW,
    SEARCH,
    Draws,
    Floats,
    Ints,
    MarketOptions,
    Setting,
    generator,
)
from creator_kit.exposure.mechanism import ACTIONS

# How many slots before a cover can tire of its template.
_MEMORY_SLOTS = 3
_MAX_VISIT_CHANCE = 0.95


class Audience:
    """Everybody who may visit. ``interest`` (users, scenarios) holds exp(interest), float32,
    relative to what a cover is usually met with."""

    def __init__(self, setting: Setting, options: MarketOptions) -> None:
        self.setting, self.seed, self.n_users = setting, options.seed, options.n_users
        self.n_blocks = -(-options.n_users // BLOCK_USERS)
        self.interest = np.empty((options.n_users, setting.n_scenarios), dtype=np.float32)
        self.activity = np.empty(options.n_users, dtype=np.float32)
        self.is_new = np.empty(options.n_users, dtype=bool)
        sd = setting["activity_sd"]
        new_share = 1.0 if options.is_cold else setting["new_user_share"]
        for block in range(self.n_blocks):
            at = self.users_of(range(block, block + 1))
            rng, n = generator(self.seed, "users", block), at.stop - at.start
            z_topic = rng.standard_normal((n, setting.n_topics), dtype=np.float32)
            z_scenario = rng.standard_normal((n, setting.n_scenarios), dtype=np.float32)
            self.interest[at] = np.exp(setting.interests_of(z_topic, z_scenario))
            self.activity[at] = np.exp(sd * rng.standard_normal(n, dtype=np.float32) - sd * sd / 2)
            self.is_new[at] = rng.random(n) < new_share
        # Pull of opening nothing, and of the covers beside one; set by run.calibrate.
        self.ignore = 1.0
        self.usual_rivals = 0.0
        self.facts: NoteFacts

    def users_of(self, blocks: range) -> slice:
        """The users of ``blocks``."""
        return slice(blocks.start * BLOCK_USERS, min(blocks.stop * BLOCK_USERS, self.n_users))

    def meet_notes(self, creators: Creators, notes: Notes, truth: NoteTruth) -> None:
        """Learn what each code looks like. Channel and ties act on the odds of opening."""
        c = self.setting
        pull = np.repeat(np.exp(truth.appeal), 4).reshape(-1, 4)
        pull[:, SEARCH] *= c["search_open_odds"]
        tie = np.array([1.0, c["koc_tie_odds"], c["kol_tie_odds"]])[creators.kind[notes.creator]]
        pull[:, FOLLOW] *= c["follower_open_odds"] * tie
        follow_rate = np.repeat(truth.rates["follow"], 4).reshape(-1, 4)
        # Who is shown a note because they follow its creator does not take to following.
        follow_rate[:, FOLLOW] = 0.0
        self.facts = NoteFacts(
            pull=np.concatenate([pull.ravel(), [c["ad_open_odds"], 0.0]]).astype(np.float32),
            # Ads and empty slots are cut to no template.
            template=np.concatenate([np.repeat(notes.template, 4), [-1, -1]]).astype(np.int8),
            follow_rate=np.concatenate([follow_rate.ravel(), [0.0, 0.0]]).astype(np.float32),
        )

    def choose_follows(self, creators: Creators) -> NDArray[np.int32]:
        """(users, k) whom each follows at the start: a scenario by interest, in it a creator by popularity."""
        c, k = self.setting, round(self.setting["follows_per_user"])
        order = np.argsort(creators.scenario, kind="stable")
        edges = np.concatenate([[0.0], np.cumsum(creators.popularity[order])])
        first = edges[np.searchsorted(creators.scenario[order], np.arange(c.n_scenarios + 1))]
        follows = np.empty((self.n_users, k), dtype=np.int32)
        for block in range(self.n_blocks):
            at = self.users_of(range(block, block + 1))
            rng, need = generator(self.seed, "follows", block), np.cumsum(self.interest[at], axis=1)
            for j in range(k):
                u = rng.random((2, at.stop - at.start), dtype=np.float32)
                scenario = (need < (u[0] * need[:, -1])[:, None]).sum(axis=1).clip(0, c.n_scenarios - 1)
                point = first[scenario] + u[1] * (first[scenario + 1] - first[scenario])
                place = np.searchsorted(edges, point, side="right") - 1
                follows[at, j] = order[np.minimum(place, len(creators) - 1)]
        return follows

    def visit(self, hour: int, block: int, draws: Draws) -> Visits:
        """Who of ``block`` comes in that hour, for what, and for how long."""
        c, at = self.setting, self.users_of(range(block, block + 1))
        chance = self.activity[at] * np.float32(c.visits(hour) * 65_536)
        np.minimum(chance, np.float32(_MAX_VISIT_CHANCE * 65_536), out=chance)
        user = np.flatnonzero(draws.uniform16(at.stop - at.start) < np.rint(chance).astype(np.uint16))
        user += at.start
        searches = draws.happens(len(user), c["search_share"])
        n_feed = len(user) - int(searches.sum())
        user = np.concatenate([user[~searches], user[searches]])
        whole = int(c["page_depth"])
        depth = draws.happens(len(user), c["page_depth"] - whole) + np.int8(whole)
        displaced = np.int8(min(round(c["open_screen_slots"]), whole))
        lost = draws.happens(len(user), c["open_screen_rate"]) * displaced
        # What is searched for is what is needed: by interest, in proportion to its exp.
        need = np.ascontiguousarray(self.interest.take(user[n_feed:], axis=0).T)
        for s in range(1, c.n_scenarios):
            need[s] += need[s - 1]
        passed = (need < draws.uniform(len(user) - n_feed) * need[-1]).view(np.int8)
        query = np.minimum(passed.sum(axis=0, dtype=np.int16), c.n_scenarios - 1).astype(np.int64)
        return Visits(user, n_feed, query, depth - lost, int(lost.sum(dtype=np.int64)))

    def choose(self, visits: Visits, pages: Pages, draws: Draws) -> Feedback:
        """Open at most one cover of each view, or none; some who read then follow."""
        c, n_visits = self.setting, len(visits.user)
        pull = self._pulls(visits, pages).reshape(len(c.examination) // c.n_view, c.n_view, n_visits)
        everything = pull[:, 0] + np.float32(self.ignore)
        for k in range(1, c.n_view):
            everything += pull[:, k]
        point = draws.uniform(len(pull), n_visits)
        point *= everything
        # How far each cover reaches on the line from 0 to everything; the point falls on one, or beyond the last.
        pull *= c.examination.reshape(-1, c.n_view, 1)
        n_passed = (point >= pull[:, 0]).view(np.int8)
        for k in range(1, c.n_view):
            pull[:, k] += pull[:, k - 1]
            n_passed += point >= pull[:, k]
        found = n_passed < c.n_view
        at = np.flatnonzero(found)
        view = np.repeat(np.arange(len(found)), np.count_nonzero(found, axis=1))
        row = view * c.n_view
        row += n_passed.reshape(-1).take(at)
        visit = at
        visit -= view * n_visits
        code = pages.code.reshape(-1).take(row * n_visits + visit)
        # Drawn last, since how many are needed depends on what was opened.
        follows = np.flatnonzero(draws.uniform(len(code)) < self.facts.follow_rate.take(code))
        return Feedback(row, visit, code, visit[follows], code[follows] // 4)

    def _pulls(self, visits: Visits, pages: Pages) -> Floats:
        """exp(u) of every slot, (rows up to whole views, m); 0 beyond a visit's depth."""
        c, n_visits, n_feed = self.setting, len(visits.user), visits.n_feed
        pull = np.zeros((len(c.examination), n_visits), dtype=np.float32)
        self.facts.pull.take(pages.code, mode="clip", out=pull[: c.n_rows])
        # A search is for a need of the moment: it is as wanted as what the feed usually shows, so only there it counts.
        flat, start = self.interest.reshape(-1), visits.user[:n_feed] * c.n_scenarios
        place, interest = np.empty(n_feed, dtype=np.int64), np.empty(n_feed, dtype=np.float32)
        for row, scenario in zip(c.note_rows, pages.scenario, strict=True):
            np.add(start, scenario, out=place)
            flat.take(place, mode="clip", out=interest)
            pull[row, :n_feed] *= interest
        fatigue = c["template_fatigue"]
        if fatigue:
            template = self.facts.template.take(pages.code, mode="clip")
            alike = np.zeros((c.n_rows, n_visits), dtype=np.int8)
            for back in range(1, min(_MEMORY_SLOTS, c.n_rows - 1) + 1):
                alike[back:] += template[back:] == template[:-back]
            alike *= template >= 0
            left = np.exp(-fatigue * np.arange(_MEMORY_SLOTS + 1)).astype(np.float32)
            pull[: c.n_rows] *= left.take(alike, mode="clip")
        return pull

    def open_chance(self, interest: Floats) -> Floats:
        """P(open) of an ordinary cover met with ``interest`` (any shape) beside ordinary covers."""
        examined = np.float32(self.setting.examined_share)
        return np.asarray(examined * interest / (np.float32(self.ignore + self.usual_rivals) + interest))

    def act(self, hour: int, truth: NoteTruth, n_reads: Ints, n_seen: Ints) -> dict[str, Ints]:
        """Likes, collects, comments, shares and hides of the hour by note.

        Readers of a note act alike and independently of each other, so their number is binomial; drawing it at
        once is the same as asking each. Following is not here: it matters who does it.
        """
        rng = generator(self.seed, "actions", hour)
        done = {name: rng.binomial(n_reads, truth.rates[name]) for name in ACTIONS if name != "follow"}
        done["hide"] = rng.binomial(n_seen, truth.rates["hide"])
        return done


def calibrate_ignore(
    setting: Setting, own: NDArray[np.float64], rivals: NDArray[np.float64], open_rate: float
) -> float:
    """The pull of opening nothing under which an ordinary note is opened at ``open_rate`` an impression.

    ``own`` (n,) are interests with which served notes are met, relative to the usual; ``rivals`` (n,) what the
    other covers in view pull together. Solved by bisection; the rate falls as the pull of nothing rises.
    """
    examined = setting.examined_share
    low, high = 1e-6, 1e6
    for _step in range(60):
        middle = (low * high) ** 0.5
        rate = examined * float(np.mean(own / (middle + own + rivals)))
        low, high = (middle, high) if rate > open_rate else (low, middle)
    return float((low * high) ** 0.5)
