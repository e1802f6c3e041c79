"""The feed beside the random numbers alone, the same model as a plain loop, and RecSim, on one core in one run.

Run: python benchmarks/market.py [--users 100000] [--recsim PYTHON]

The loop below is an independent second writing of creator_kit.exposure.market: it is given the same world (users'
interests, creators, notes, what opening nothing is worth) and then lives it one visit and one slot at a time with the
standard library's random numbers. It serves for the ratio and as a check, since its rates and shares must agree.

``--recsim`` names the python of an environment in which `pip install recsim` was done. Times are of the processor,
for one thread, so that other work on the machine does not count.
"""

from __future__ import annotations

import argparse
import bisect
import itertools
import math
import random
import resource
import subprocess
import time
from collections import Counter

import numpy as np

from creator_kit.exposure import load_profile
from creator_kit.exposure.market import CHANNELS, Market, MarketOptions, MarketRun
from creator_kit.exposure.mechanism import ACTIONS, SEARCH_SHARE_HOURS
from creator_kit.exposure.profile import RankingProfile

RECSIM = r"""
import sys, time, types
import gin
# gin.tf wants tf.estimator, which TensorFlow has dropped; RecSim needs only gin's decorators of it.
stub = types.ModuleType("gin.tf")
stub.__getattr__ = lambda name: getattr(gin, name)
sys.modules["gin.tf"] = gin.tf = stub
import numpy as np
from recsim.environments import interest_exploration
env = interest_exploration.create_environment(
    {"num_candidates": 60, "slate_size": 19, "resample_documents": True, "seed": 0})
env.reset()
rng, n, begun = np.random.default_rng(0), 0, time.process_time()
while time.process_time() - begun < 5:
    done = env.step(rng.choice(60, 19, replace=False))[2]
    n += 19
    if done:
        env.reset()
print(n / (time.process_time() - begun))
"""


class Loop:
    """The hours of a market, one slot at a time."""

    def __init__(self, market: Market, rng: random.Random) -> None:
        self.m, self.c, self.rng = market, market.setting, rng
        self.notes, self.n = market.notes, len(market.notes)
        self.interest = market.audience.interest_of(slice(None)).T.tolist()
        self.appeal = np.exp(market.truth.appeal).tolist()
        self.template = market.notes.template.tolist()
        self.scenario = market.notes.scenario.tolist()
        self.creator = market.notes.creator.tolist()
        self.posted = market.notes.posted_hour.tolist()
        self.kind = market.creators.kind.tolist()
        self.follows = market.platform.follows.tolist()
        self.shown, self.opened = (counts.astype(float).tolist() for counts in market.platform.known())
        book = market.circulation
        self.grant, self.weight = book.grant.tolist(), book.grade_factor.tolist()
        self.search_factor = book.search_factor.tolist()
        self.seen, self.reads = book.n_seen.tolist(), book.n_reads.tolist()
        self.past = list(self.seen)
        self.acts = {name: [n * self.c[f"{name}_rate"] for n in self.reads] for name in ACTIONS}
        self.acts["hide"] = [n * self.c["hide_rate"] for n in self.seen]
        self.circulates = market.notes.circulates.tolist()
        self.pool, self.end = [-1] * self.n, [0] * self.n
        self.budget, self.owed = [0.0] * self.n, [0.0] * self.n
        self.served = [[0, 0, 0, 0] for _ in range(self.n)]
        self.latest = book.latest_note.tolist()
        self.stride = market.platform._stride
        self.by_scenario: list[list[int]] = [[] for _ in range(self.c.n_scenarios)]
        for note, scenario in enumerate(self.scenario):
            self.by_scenario[scenario].append(note)
        even = len(self.c.note_rows) * market.options.n_users / self.c.n_scenarios * self.c.visits(0)
        self.slots = {
            kind: [even * share] * self.c.n_scenarios
            for kind, share in (("feed", 1 - self.c["search_share"]), ("search", self.c["search_share"]))
        }
        self.shown_by_channel, self.opened_by_channel = Counter[int](), Counter[int]()
        self.n_slots = self.n_ads = 0
        self.promoted: set[int] = set()
        self.first_day = Counter[int]()

    def score(self, note: int) -> float:
        c, kappa = self.c, self.c["evidence_pseudo_impressions"]
        read = (self.reads[note] + kappa * c["open_rate"]) / (self.seen[note] + kappa)
        hide = (self.acts["hide"][note] + kappa * c["hide_rate"]) / (self.seen[note] + kappa)
        gain = usual = 0.0
        for name in ACTIONS:
            rate = (self.acts[name][note] + kappa * c[f"{name}_rate"]) / (self.reads[note] + kappa)
            gain += c[f"{name}_weight"] * rate
            usual += c[f"{name}_weight"] * c[f"{name}_rate"]
        benchmark = c["open_rate"] * (1 + usual) - c["hide_weight"] * c["hide_rate"]
        return max(read * (1 + gain) - c["hide_weight"] * hide, 1e-9) / benchmark

    def open_hour(self, hour: int) -> None:
        c = self.c
        for note in range(self.n):
            if self.posted[note] == hour:
                self.pool[note], self.end[note] = 0, hour + round(c["guarantee_hours"])
                self.budget[note] = self.owed[note] = float(round(self.grant[note]))
                self.latest[self.creator[note]] = note
        if hour:
            pace = c.visits(hour) / c.visits(hour - 1)
            self.slots = {kind: [n * pace for n in slots] for kind, slots in self.slots.items()}
        onset, power = c["search_onset_hours"], c["search_age_power"]
        whole = 1 - (1 + SEARCH_SHARE_HOURS / onset) ** -power
        visits = self.m.options.n_users * c.visits(hour) * (1 - c["search_share"])
        self.feed_table, self.search_table, mass = [], [], []
        for scenario, notes in enumerate(self.by_scenario):
            fresh: dict[int, float] = {}
            pooled: dict[int, float] = {}
            stock, owed, pull = dict[int, float](), dict[int, float](), dict[int, float]()
            scores = {note: self.score(note) for note in notes}
            for note in notes:
                age = max(hour + 1 - self.posted[note], 0)
                others = self.past[note] + sum(self.served[note]) - self.served[note][2]
                if self.pool[note] >= 0:
                    left = sum(float(c.hour_shares[h % 24]) for h in range(hour, max(self.end[note], hour + 1)))
                    due = min(self.owed[note] * float(c.hour_shares[hour % 24]) / left, visits)
                    (fresh if self.pool[note] == 0 else pooled)[note] = due / max(self.slots["feed"][scenario], 1)
                if self.posted[note] >= 0:
                    grown = (1 - (1 + age / onset) ** -power) / whole
                    due = self.search_factor[note] * others * grown - self.served[note][2]
                    owed[note] = max(due, 0) / max(self.slots["search"][scenario], 1)
                elif self.circulates[note]:
                    stock[note] = self.weight[note] * scores[note] ** (1 / c["ranking_temperature"])
                    pull[note] = self.search_factor[note] * others * scores[note] * (1 + age / onset) ** (-power - 1)
            cut = min(1.0, c["fresh_cap_share"] / max(sum(fresh.values()), 1e-12))
            shares = {note: share * cut for note, share in fresh.items()}
            room = 1 - sum(shares.values())
            if sum(pooled.values()) > room:
                given = dict.fromkeys(pooled, 0.0)
                for _round in range(3):
                    wish = {k: (pooled[k] - given[k]) * scores[k] ** (1 / c["ranking_temperature"]) for k in pooled}
                    rest, total = room - sum(given.values()), sum(wish.values())
                    if total <= 0 or rest <= 1e-12:
                        break
                    given = {k: min(pooled[k], given[k] + rest * wish[k] / total) for k in pooled}
                pooled = given
            mass.append(sum(stock.values()) + sum(share for share in (*fresh.values(), *pooled.values()))
                        * max(self.slots["feed"][scenario], 1) / max(visits, 1))  # fmt: skip
            self.feed_table.append(self.table(shares | pooled, stock))
            self.search_table.append(self.table(owed, pull))
        self.mass = [x / sum(mass) for x in mass]

    @staticmethod
    def table(owed: dict[int, float], rest: dict[int, float]) -> tuple[list[int], list[float]]:
        total = sum(owed.values())
        scale = 1 / total if total >= 1 else 1.0
        left = 1 - total * scale
        weights = [(k, v * scale) for k, v in owed.items()]
        pull = sum(rest.values())
        weights += [(k, left * v / pull) for k, v in rest.items()] if pull > 0 else []
        return [k for k, _w in weights], list(itertools.accumulate(w for _k, w in weights))

    def draw(self, cumulative: list[float]) -> int:
        return min(bisect.bisect_right(cumulative, self.rng.random() * cumulative[-1]), len(cumulative) - 1)

    def page_weights(self, user: int) -> list[float]:
        c, kappa, usual = self.c, self.c["interest_pseudo_impressions"], self.c["open_rate"]
        width, weights = c.scenarios_per_topic, []
        for topic in range(c.n_topics):
            span = range(topic * width, topic * width + width)
            shown = sum(self.shown[user][s] for s in span)
            level = (sum(self.opened[user][s] for s in span) + kappa * usual) / (shown + kappa)
            for s in span:
                estimate = (self.opened[user][s] + kappa * level) / (self.shown[user][s] + kappa) / usual
                weights.append(estimate ** (1 / c["ranking_temperature"]) * self.mass[s])
        total, explored = sum(weights), c["exploration_share"]
        weights = [(1 - explored) * w / total + explored * m for w, m in zip(weights, self.mass, strict=True)]
        cap = max(c["scenario_cap_share"], 1 / c.n_scenarios)
        for _round in range(2):
            weights = [min(w, cap) for w in weights]
            total = sum(weights)
            weights = [w / total for w in weights]
        return weights

    def visit(self, hour: int, user: int) -> None:
        c, rng = self.c, self.rng
        is_search = rng.random() < c["search_share"]
        whole = int(c["page_depth"])
        depth = whole + (rng.random() < c["page_depth"] - whole)
        if rng.random() < c["open_screen_rate"]:
            depth -= min(round(c["open_screen_slots"]), depth)
        query = self.draw(list(itertools.accumulate(self.interest[user]))) if is_search else -1
        cumulative = [] if is_search else list(itertools.accumulate(self.page_weights(user)))
        page: list[tuple[int, int]] = []
        for k in range(depth):
            if k in c.ad_rows:
                page.append((-1, -1))
                continue
            scenario = query if is_search else self.draw(cumulative)
            notes, weights = (self.search_table if is_search else self.feed_table)[scenario]
            note = notes[self.draw(weights)]
            page.append((note, 2 if is_search else 1 if self.pool[note] == 0 else 0))
        for k, creator in enumerate(self.follows[user] if not is_search else ()):
            latest = self.latest[creator]
            if latest < 0 or hour - self.posted[latest] + 0.5 >= c["follower_window_hours"]:
                continue
            met = min(c["follower_feed_rate"] * self.m.circulation.room, 1.0)
            tie = (1.0, c["koc_tie_odds"], c["kol_tie_odds"])[self.kind[creator]]
            chance = tie * met / (1 - met + tie * met)
            if rng.random() < chance * math.exp(-(hour - self.posted[latest] + 0.5) / c["follower_decay_hours"]):
                row = c.note_rows[(k * self.stride + hour + 1) % len(c.note_rows)]
                if row < len(page):
                    page[row] = (latest, 3)
        pulls, templates = [], []
        for k, (note, channel) in enumerate(page):
            if note < 0:
                pulls.append(c["ad_open_odds"])
                templates.append(-1)
                continue
            pull = self.appeal[note]
            if channel == 2:
                pull *= c["search_open_odds"]
            else:
                pull *= self.interest[user][self.scenario[note]]
            if channel == 3:
                tie = (1.0, c["koc_tie_odds"], c["kol_tie_odds"])[self.kind[self.creator[note]]]
                pull *= c["follower_open_odds"] * tie
            template = self.template[note]
            if template >= 0:
                pull *= math.exp(-c["template_fatigue"] * templates[max(k - 3, 0) : k].count(template))
            templates.append(template)
            pulls.append(pull)
        for first in range(0, len(page), c.n_view):
            view = pulls[first : first + c.n_view]
            point = rng.random() * (self.m.audience.ignore + sum(view))
            for k, pull in enumerate(view):
                point -= pull * math.exp(-(first + k) / c["examination_slots"])
                if point < 0:
                    self.read(user, *page[first + k])
                    break
        self.n_slots += len(page)
        for note, channel in page:
            if note < 0:
                self.n_ads += 1
                continue
            self.count(user, note, channel, hour)
        if is_search:
            self.shown[user][query] += 1
            self.opened[user][query] += 1

    def count(self, user: int, note: int, channel: int, hour: int) -> None:
        scenario = self.scenario[note]
        self.served[note][channel] += 1
        self.shown_by_channel[channel] += 1
        self.hour_slots["search" if channel == 2 else "feed"][scenario] += channel != 3
        if self.posted[note] >= 0 and hour < self.posted[note] + 12:
            self.first_day[note] += 1
        if channel != 2:
            self.shown[user][scenario] += 1
        if channel < 2:
            self.seen[note] += 1
            self.acts["hide"][note] += self.rng.random() < float(self.m.truth.rates["hide"][note])
            if self.pool[note] >= 0:
                self.owed[note] = max(self.owed[note] - 1, 0.0)

    def read(self, user: int, note: int, channel: int) -> None:
        if note < 0:
            return
        self.opened_by_channel[channel] += 1
        if channel != 2:
            self.opened[user][self.scenario[note]] += 1
        if channel < 2:
            self.reads[note] += 1
        for name in ACTIONS:
            if self.rng.random() < float(self.m.truth.rates[name][note]):
                if name == "follow":
                    if channel == 3:
                        continue
                    creator = self.creator[note]
                    self.follows[user][creator % len(self.follows[user])] = creator
                if channel < 2:
                    self.acts[name][note] += 1

    def close_hour(self, hour: int) -> None:
        c, rng = self.c, self.rng
        self.slots = {kind: [float(n) for n in slots] for kind, slots in self.hour_slots.items()}
        for note in range(self.n):
            if self.pool[note] < 0 or self.end[note] != hour + 1:
                continue
            step = (math.log(self.score(note)) - c["promotion_threshold"]) / c["promotion_softness"]
            age = hour + 1 - self.posted[note]
            chance = 2 ** (-age / (2 * c["promotion_half_life_hours"])) / (1 + math.exp(-min(max(step, -60), 60)))
            if rng.random() >= chance or self.pool[note] + 1 >= round(c["n_pools"]):
                self.pool[note] = -1
                continue
            self.promoted.add(note)
            self.budget[note] *= c["pool_growth"] * (self.m.circulation.room if self.pool[note] == 0 else 1)
            self.owed[note] = float(round(self.budget[note]))
            self.pool[note] += 1
            self.end[note] = hour + 1 + round(c["pool_hours"])

    def run(self, n_hours: int) -> None:
        activity = self.m.audience.activity.tolist()
        for hour in range(n_hours):
            self.open_hour(hour)
            self.hour_slots = {kind: [0] * self.c.n_scenarios for kind in ("feed", "search")}
            chance = self.c.visits(hour)
            for user in range(self.m.options.n_users):
                if self.rng.random() < min(activity[user] * chance, 0.95):
                    self.visit(hour, user)
            self.close_hour(hour)


def world(profile: RankingProfile, n_users: int, n_hours: int, seed: int = 1) -> Market:
    return Market(profile, MarketOptions(n_users=n_users, n_hours=n_hours, seed=seed, n_workers=1))


def timed_run(market: Market) -> tuple[MarketRun, float]:
    """The run and the processor seconds of its hours, the users' earlier visits not among them."""
    for block in market.blocks:
        market._acquaint(block)
    market._acquaint = lambda _block: None  # type: ignore[method-assign, assignment]
    begun = time.process_time()
    run = market.run()
    return run, time.process_time() - begun


def uniform_seconds(n: int) -> float:
    """Processor seconds for ``n`` uniform numbers, best of three."""
    times = []
    for _round in range(3):
        rng, left = np.random.default_rng(1), n
        begun = time.process_time()
        while left > 0:
            rng.random(min(left, 1_000_000))
            left -= 1_000_000
        times.append(time.process_time() - begun)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--loop-users", type=int, default=1500)
    parser.add_argument("--recsim", metavar="PYTHON")
    arguments = parser.parse_args()
    profile = load_profile("explore")
    print("growth over users, 24 hours, one thread:")
    for n_users in sorted({10_000, arguments.users, 1_000_000}):
        begun = time.process_time()
        market = world(profile, n_users, 24)
        setup = time.process_time() - begun
        run, seconds = timed_run(market)
        n_slots = int(run.n_slots.sum())
        alone = uniform_seconds(n_slots)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
        print(
            f"  {n_users:>9,} users: {n_slots:>11,} impressions, set-up {setup:5.1f} s, hours {seconds:6.2f} s, "
            f"{n_slots / seconds / 1e6:5.2f} M/s, {seconds / alone:4.0f} times numpy's uniforms, {peak:.2f} GB"
        )
    rate = n_slots / seconds

    vectorised, _seconds = timed_run(world(profile, arguments.loop_users, 24))
    market = world(profile, arguments.loop_users, 24)
    for block in market.blocks:
        market._acquaint(block)
    loop = Loop(market, random.Random(1))
    begun = time.process_time()
    loop.run(24)
    loop_seconds = time.process_time() - begun
    loop_rate = loop.n_slots / loop_seconds
    print(f"plain Python loop: {loop_rate:,.0f} impressions/s; the feed is {rate / loop_rate:,.0f} times as fast")
    seen, opened = vectorised.seen.sum(axis=(0, 1)), vectorised.opened.sum(axis=(0, 1))
    print("agreement of the two writings (same world, other random numbers):")
    print(f"  slots          ours {int(vectorised.n_slots.sum()):,}, loop {loop.n_slots:,}")
    for k, name in enumerate(CHANNELS):
        ours = seen[k] / seen.sum(), opened[k] / max(seen[k], 1)
        theirs = (
            loop.shown_by_channel[k] / (loop.n_slots - loop.n_ads),
            loop.opened_by_channel[k] / max(loop.shown_by_channel[k], 1),
        )
        print(f"  {name:9} share ours {ours[0]:.4f}, loop {theirs[0]:.4f}; opened {ours[1]:.3f}, {theirs[1]:.3f}")

    if arguments.recsim:
        done = subprocess.run([arguments.recsim, "-c", RECSIM], capture_output=True, text=True, check=False)
        if done.returncode:
            print("RecSim: installed but does not run here: " + done.stderr.strip().splitlines()[-1])
        else:
            theirs_rate = float(done.stdout.split()[-1])
            print(
                f"RecSim 0.2.4, interest exploration, slates of 19 of 60: {theirs_rate:,.0f} impressions/s; "
                f"the feed is {rate / theirs_rate:,.0f} times as fast"
            )
    else:
        print("RecSim: not measured; `pip install recsim` into an environment of its own and give --recsim its python")
    print("KuaiSim: not on PyPI, so not measured")


if __name__ == "__main__":
    main()
