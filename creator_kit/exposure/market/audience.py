"""The audience: latent interests, visits by the hour, and open-or-ignore over what is in view.

P(open i) = e_i·exp(u_i) / (exp(u0) + Σ_j exp(u_j)) over the covers in view: a conditional logit with a mass for
opening nothing and examination e falling with the slot. u = appeal of the note + interest in its scenario, less the
fatigue of covers cut to the same template just before. Nothing here is known to the platform but what is done.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from creator_kit.exposure.market.counts import draw_binomial
from creator_kit.exposure.market.creators import Creators, Notes, NoteTruth
from creator_kit.exposure.market.page import Feedback, NoteFacts, Pages, Visits
from creator_kit.exposure.market.setting import (
    BLOCK_USERS,
    FOLLOW,
    LOGIT_STEPS,
    PIECE_VISITS,
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
# Logits beyond which no interest and no utility of a note goes; their sum stays within 16 bits.
_MOST_TASTE, _MOST_UTILITY = 12.0, 24.0
_NO_TEMPLATE = 255
# Places of a scenario's table of creators to follow.
_FOLLOW_BITS = 14


class Audience:
    """Everybody who may visit. ``taste`` (users, scenarios) holds interests in LOGIT_STEPS, relative to what a cover is
    usually met with."""

    def __init__(self, setting: Setting, options: MarketOptions) -> None:
        self.setting, self.seed, self.n_users = setting, options.seed, options.n_users
        self.n_blocks = -(-options.n_users // BLOCK_USERS)
        self.taste = np.empty((options.n_users, setting.n_scenarios), dtype=np.int16)
        self.activity = np.empty(options.n_users, dtype=np.float32)
        self.is_new = np.empty(options.n_users, dtype=bool)
        sd = setting["activity_sd"]
        new_share = 1.0 if options.is_cold else setting["new_user_share"]
        for block in range(self.n_blocks):
            at = self.users_of(range(block, block + 1))
            rng, n = generator(self.seed, "users", block), at.stop - at.start
            z_topic = rng.standard_normal((n, setting.n_topics), dtype=np.float32)
            z_scenario = rng.standard_normal((n, setting.n_scenarios), dtype=np.float32)
            self.taste[at] = setting.in_steps(setting.interests_of(z_topic, z_scenario), _MOST_TASTE)
            self.activity[at] = np.exp(sd * rng.standard_normal(n, dtype=np.float32) - sd * sd / 2)
            self.is_new[at] = rng.random(n) < new_share
        ad = setting.in_steps(np.log([max(setting["ad_open_odds"], 1e-9)]), _MOST_UTILITY)
        self._ad_look = np.int32((int(ad[0]) << 8) + _NO_TEMPLATE)
        # Pull of opening nothing, and of the covers beside one; set by run.calibrate.
        self.ignore = 1.0
        self.usual_rivals = 0.0
        self.facts: NoteFacts

    def interest_of(self, at: slice | Ints) -> Floats:
        """exp(interest) of the users ``at``, (scenarios, users)."""
        return np.asarray(np.exp(np.ascontiguousarray(self.taste[at].T) * np.float32(1 / LOGIT_STEPS)))

    def users_of(self, blocks: range) -> slice:
        """The users of ``blocks``."""
        return slice(blocks.start * BLOCK_USERS, min(blocks.stop * BLOCK_USERS, self.n_users))

    def meet_notes(self, creators: Creators, notes: Notes, truth: NoteTruth) -> None:
        """Learn what each code looks like. Channel and ties act on the odds of opening."""
        c = self.setting
        utility = np.repeat(truth.appeal, 4).reshape(-1, 4)
        utility[:, SEARCH] += np.log(max(c["search_open_odds"], 1e-9))
        tie = np.array([1.0, c["koc_tie_odds"], c["kol_tie_odds"]])[creators.kind[notes.creator]]
        utility[:, FOLLOW] += np.log(np.maximum(c["follower_open_odds"] * tie, 1e-9))
        follow_rate = np.repeat(truth.rates["follow"], 4).reshape(-1, 4)
        # Who is shown a note because they follow its creator does not take to following.
        follow_rate[:, FOLLOW] = 0.0
        self.facts = NoteFacts(
            look=_look(c.in_steps(utility.ravel(), _MOST_UTILITY), np.repeat(notes.template, 4)),
            follow_rate=np.append(follow_rate.ravel(), 0.0).astype(np.float32),
            most_follow=float(follow_rate.max(initial=0.0)),
        )
        # (actions, notes) rates of what is done by note, and the logarithm that nobody does it.
        self.act_names = [*(name for name in ACTIONS if name != "follow"), "hide"]
        self.act_rates = np.stack([truth.rates[name] for name in self.act_names]).astype(np.float32)
        self._log_none = np.log1p(-self.act_rates)

    def meet_tables(self, codes: NDArray[np.int32]) -> None:
        """Lay out what will be met at each place of the hour's tables, so that a slot is looked up once."""
        self._codes = codes
        self._look_at = self.facts.look.take(codes)

    def choose_follows(self, creators: Creators) -> NDArray[np.int32]:
        """(users, k) whom each follows at the start: scenarios by interest, in each a creator by how many notes there
        are to be met by and how popular they are."""
        c, k = self.setting, round(self.setting["follows_per_user"])
        follows = np.empty((self.n_users, k), dtype=np.int32)
        table = _lay_creators(creators, c.n_scenarios)
        for block in range(self.n_blocks):
            at = self.users_of(range(block, block + 1))
            rng, need = generator(self.seed, "follows", block), self.interest_of(at)
            for s in range(1, c.n_scenarios):
                need[s] += need[s - 1]
            need *= k / need[-1]
            # Each scenario gets its part of the k to within one.
            need += rng.random(need.shape[1], dtype=np.float32) * np.float32(0.9999)
            edges = need.astype(np.int16)
            place = rng.integers(0, 1 << _FOLLOW_BITS, (k, need.shape[1]), dtype=np.uint16).astype(np.int64)
            for j in range(k):
                scenario = (edges <= j).sum(axis=0, dtype=np.int64).clip(0, c.n_scenarios - 1)
                follows[at, j] = table.take(place[j] + (scenario << _FOLLOW_BITS))
        return follows

    def visit(self, hour: int, block: int, draws: Draws) -> Iterator[Visits]:
        """Who of ``block`` comes in that hour, for what, and for how long; some at a time."""
        c, at = self.setting, self.users_of(range(block, block + 1))
        chance = self.activity[at] * np.float32(c.visits(hour) * 65_536)
        np.minimum(chance, np.float32(_MAX_VISIT_CHANCE * 65_536), out=chance)
        users = np.flatnonzero(draws.uniform16(at.stop - at.start) < chance.astype(np.uint16))
        users += at.start
        # Feed and search are served from other tables, so each has pieces of its own.
        searches = draws.happens(len(users), c["search_share"])
        for is_search in (False, True):
            some = users[np.flatnonzero(searches == is_search)]
            for first in range(0, len(some), PIECE_VISITS):
                yield self._visits_of(some[first : first + PIECE_VISITS], is_search, draws)

    def _visits_of(self, user: Ints, is_search: bool, draws: Draws) -> Visits:
        c = self.setting
        whole = int(c["page_depth"])
        depth = draws.happens(len(user), c["page_depth"] - whole) + np.int8(whole)
        displaced = np.int8(min(round(c["open_screen_slots"]), whole))
        lost = draws.happens(len(user), c["open_screen_rate"]) * displaced
        depth -= lost
        n_lost = int(np.add.reduce(lost, dtype=np.int64))
        if not is_search:
            return Visits(user, None, depth, n_lost)
        # What is searched for is what is needed: by interest, in proportion to its exp.
        need = self.interest_of(user)
        for s in range(1, c.n_scenarios):
            need[s] += need[s - 1]
        passed = (need < draws.uniform(len(user)) * need[-1]).view(np.int8)
        query = np.minimum(np.add.reduce(passed, axis=0, dtype=np.int16), c.n_scenarios - 1).astype(np.int64)
        return Visits(user, query, depth, n_lost)

    def choose(self, visits: Visits, pages: Pages, draws: Draws) -> Feedback:
        """Open at most one cover of each view, or none; some who read then follow."""
        c, n_visits = self.setting, len(visits.user)
        pull = self._pulls(visits, pages).reshape(len(c.examination) // c.n_view, c.n_view, n_visits)
        everything = pull[:, 0] + np.float32(self.ignore)
        for k in range(1, c.n_view):
            everything += pull[:, k]
        # 16 bits tell a chance to within 0.00002; the half keeps it unbiased.
        point = draws.uniform16(len(pull), n_visits) + np.float32(0.5)
        everything *= np.float32(1 / 65_536)
        point *= everything
        # How far each cover reaches on the line from 0 to everything; the point falls on one, or beyond the last.
        pull *= c.examination.reshape(-1, c.n_view, 1)
        n_passed = (point >= pull[:, 0]).view(np.int8)
        for k in range(1, c.n_view):
            pull[:, k] += pull[:, k - 1]
            n_passed += point >= pull[:, k]
        found = n_passed < c.n_view
        at = np.flatnonzero(found)
        view = at // n_visits
        row = view * c.n_view
        row += n_passed.reshape(-1).take(at)
        view *= -n_visits
        view += at
        visit = view
        # Where each row of the page stands among the note slots; an ad does not.
        start = np.full(len(c.examination), -1)
        start[c.note_rows] = np.arange(len(c.note_rows))
        row = start.take(row)
        is_note = np.flatnonzero(row >= 0)
        n_ads, row, visit = len(row) - len(is_note), row.take(is_note), visit.take(is_note)
        place = pages.place.reshape(-1).take(row * n_visits + visit)
        n_opened = np.add.reduce(found.view(np.int8), axis=0, dtype=np.int8)
        # Drawn last, since how many are needed depends on what was opened. Few follow, whatever they read, so only
        # those who would follow the most followed are looked at one by one.
        most = min(int(self.facts.most_follow * 65_536) + 1, 65_535)
        eager = np.flatnonzero(draws.uniform16(len(place)) < np.uint16(most))
        code = self._codes.take(place.take(eager))
        luck = draws.uniform(len(code)) * np.float32(most / 65_536)
        follows = np.flatnonzero(luck < self.facts.follow_rate.take(code))
        return Feedback(row, visit, place, visit[eager[follows]], code[follows] >> 2, n_ads, n_opened)

    def _pulls(self, visits: Visits, pages: Pages) -> Floats:
        """exp(u) of every slot, (rows up to whole views, m); 0 beyond a visit's depth."""
        c, n_visits = self.setting, len(visits.user)
        look = np.empty((len(c.examination), n_visits), dtype=np.int32)
        look[c.n_rows :] = _NO_TEMPLATE
        for row in c.ad_rows:
            look[row] = self._ad_look
        for rows, notes in c.note_runs:
            self._look_at.take(pages.place[notes], mode="clip", out=look[rows])
        template = look.astype(np.uint8)
        look >>= 8
        utility = look.astype(np.int16)
        # A search is for a need of the moment: it is as wanted as what the feed usually shows, so only there it counts.
        if pages.given is not None:
            own = pages.given.scenario + visits.user * c.n_scenarios
            taste = self.taste.reshape(-1).take(own, mode="clip")
            for rows, notes in c.note_runs:
                utility[rows] += taste[notes]
        fatigue = round(c["template_fatigue"] * LOGIT_STEPS)
        if fatigue:
            alike = np.zeros(template.shape, dtype=np.int8)
            for back in range(1, min(_MEMORY_SLOTS, c.n_rows - 1) + 1):
                alike[back:] += template[back:] == template[:-back]
            # Ads, like slots beyond the depth, are cut to no template.
            alike *= template != _NO_TEMPLATE
            utility -= alike * np.int16(min(fatigue, 2000))
        pull = utility.astype(np.float32)
        pull *= np.float32(1 / LOGIT_STEPS)
        np.exp(pull, out=pull)
        for row in range(int(visits.depth.min(initial=c.n_rows)), len(pull)):
            pull[row] *= visits.depth > row
        return pull

    def open_chance(self, interest: Floats) -> Floats:
        """P(open) of an ordinary cover met with ``interest`` (any shape) beside ordinary covers."""
        examined = np.float32(self.setting.examined_share)
        return np.asarray(examined * interest / (np.float32(self.ignore + self.usual_rivals) + interest))

    def act(self, hour: int, n_reads: Ints, n_seen: Ints) -> dict[str, Ints]:
        """Likes, collects, comments, shares and hides of the hour by note.

        Readers of a note act alike and independently of each other, so their number is binomial; drawing it at
        once is the same as asking each. Following is not here: it matters who does it.
        """
        n = np.empty(self.act_rates.shape, dtype=np.float32)
        n[:-1], n[-1] = n_reads, n_seen
        done = draw_binomial(generator(self.seed, "actions", hour), n, self.act_rates, log_none=self._log_none)
        return dict(zip(self.act_names, done.astype(np.int64), strict=True))


def _look(utility: NDArray[np.int16], template: NDArray[np.int8]) -> NDArray[np.int32]:
    """Both in one number, and an empty slot at the end."""
    both = (utility.astype(np.int32) << 8) | template.view(np.uint8)
    return np.append(both, np.int32(_NO_TEMPLATE))


def _lay_creators(creators: Creators, n_scenarios: int) -> NDArray[np.int32]:
    """A table of 2^bits creators for each scenario: each as often as readers come by to follow them."""
    order, size = np.argsort(creators.scenario, kind="stable"), 1 << _FOLLOW_BITS
    first = np.searchsorted(creators.scenario[order], np.arange(n_scenarios + 1))
    weight, table = creators.popularity * creators.notes_a_day, np.empty(n_scenarios * size, dtype=np.int32)
    for s in range(n_scenarios):
        mine = order[first[s] : first[s + 1]]
        reach = np.cumsum(weight[mine])
        places = np.searchsorted(reach, (np.arange(size) + 0.5) * (reach[-1] / size), side="right")
        table[s * size : (s + 1) * size] = mine[np.minimum(places, len(mine) - 1)]
    return table


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
