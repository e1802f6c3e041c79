"""The forecast beside the same model written as a plain loop, and beside the random numbers alone.

Run: python benchmarks/exposure.py [--replicates 4000]

The loop below is an independent second writing of creator_kit.exposure.mechanism, one replicate at a time with
the standard library's random numbers. It serves twice: for the ratio of times, and as a check, since its
quantiles must agree with those of the vectorised model within Monte-Carlo noise.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import time

import numpy as np

from creator_kit.exposure import NoteInput, load_profile
from creator_kit.exposure.mechanism import ACTIONS, REFERENCE_AD_SHARE
from creator_kit.exposure.profile import Constant, Constants, RankingProfile
from creator_kit.exposure.simulate import simulate_note, simulate_replicates

HOURS = 720


def draw(constant: Constant, rng: random.Random) -> float:
    low, high = constant.bounds
    if low == high:
        return constant.default
    mode, is_log = constant.default, constant.distribution.startswith("log-")
    if is_log:
        low, mode, high = math.log(low), math.log(mode), math.log(high)
    x = rng.uniform(low, high) if constant.distribution.endswith("uniform") else rng.triangular(low, high, mode)
    return math.exp(x) if is_log else x


def binomial(n: int, p: float, rng: random.Random) -> int:
    if n * p > 40:
        return min(max(round(rng.gauss(n * p, math.sqrt(n * p * (1 - p)))), 0), n)
    return sum(rng.random() < p for _ in range(n))


def poisson(mean: float, rng: random.Random) -> int:
    if mean > 40:
        return max(round(rng.gauss(mean, math.sqrt(mean))), 0)
    count, product, limit = 0, rng.random(), math.exp(-mean)
    while product > limit:
        count, product = count + 1, product * rng.random()
    return count


def one_note(
    profile: RankingProfile, followers: int, hour: int, rng: random.Random
) -> tuple[float, float, list[float]]:
    c = {name: draw(getattr(profile.constants, name), rng) for name in Constants.model_fields}
    day = [s / sum(profile.audience_hours.shares) for s in profile.audience_hours.shares]
    activity = [day[(hour + t) % 24] for t in range(HOURS + 48)]
    appeal = rng.gauss(0, 1)
    v = c["quality_sd"] * appeal
    common = rng.gauss(0, 1)
    rho = c["action_correlation"]
    rates = {}
    for name in (*ACTIONS, "hide"):
        base = c[f"{name}_rate"]
        shift = c["action_sd"] * (
            (-rho if name == "hide" else rho) * common + math.sqrt(1 - rho * rho) * rng.gauss(0, 1)
        )
        shift += c["account_rate_sd"] * rng.gauss(0, 1)
        rates[name] = 1 / (1 + (1 - base) / base * math.exp(-shift))
    examined = sum(math.exp(-k / c["examination_slots"]) for k in range(round(c["page_depth"]))) / round(
        c["page_depth"]
    )
    slates = [
        sum(math.exp(c["quality_sd"] * rng.gauss(0, 1)) for _ in range(round(c["covers_in_view"]) - 1))
        for _ in range(32)
    ]
    ignore = max(examined / c["open_rate"] - 1 - statistics.fmean(slates), 0.05)

    def slate(at: float) -> float:
        return statistics.fmean(math.exp(at) / (ignore + s + math.exp(at)) for s in slates)

    def read_rate(at: float, odds: float = 1.0) -> float:
        rate = min(c["open_rate"] * slate(at) / slate(0), 0.999)
        return odds * rate / (1 - rate + odds * rate)

    def score(read: float, r: dict[str, float]) -> float:
        gain = sum(c[f"{name}_weight"] * r[name] for name in ACTIONS)
        return max(read * (1 + gain) - c["hide_weight"] * r["hide"], 1e-9)

    usual = {name: c[f"{name}_rate"] for name in rates}
    weight = 1 + (c["grade_weight"] - 1) * rng.randrange(10) / 9
    validity = c["content_estimate_validity"]
    guess = 0.5 * (1 + math.erf((validity * appeal + math.sqrt(1 - validity**2) * rng.gauss(0, 1)) / math.sqrt(2)))
    others = c["guarantee_base"] + c["guarantee_author"] * rng.random()
    factor = math.exp(c["account_sd"] * rng.gauss(0, 1)) * c["cold_start_boost"]
    factor *= math.exp(c["guarantee_sd"] * rng.gauss(0, 1))
    budget = (others + c["guarantee_content"] * guess) * weight * factor
    trial = (others + c["guarantee_content"] / 2) * factor
    room = (1 - 1 / c["ad_every_slots"]) / (1 - REFERENCE_AD_SHARE)
    by_hour = [0.0] * HOURS
    seen = hidden = reads = tried_reads = 0.0
    acted = dict.fromkeys(ACTIONS, 0.0)
    start = 0
    kappa = c["evidence_pseudo_impressions"]
    for pool in range(round(c["n_pools"])):
        hours = round(c["guarantee_hours" if pool == 0 else "pool_hours"])
        span = sum(activity[start : start + hours])
        served = 0.0
        for t in range(start, min(start + hours, HOURS)):
            part = round(budget) * activity[t] / span
            by_hour[t] += part
            served += part
        rate = read_rate(v + pool * c["audience_match_step"])
        tried = round(trial)
        n_read = binomial(tried, rate, rng)
        rest = round(served) - tried
        reads += (
            n_read + binomial(rest, rate, rng) if rest > 0 else binomial(n_read, min(served / max(tried, 1), 1.0), rng)
        )
        seen, tried_reads, start = seen + tried, tried_reads + n_read, start + hours
        hidden += binomial(tried, rates["hide"], rng)
        for name in ACTIONS:
            acted[name] += binomial(n_read, rates[name], rng)
        posterior_read = (tried_reads + kappa * c["open_rate"]) / (seen + kappa)
        posterior = {name: (acted[name] + kappa * usual[name]) / (tried_reads + kappa) for name in ACTIONS}
        posterior["hide"] = (hidden + kappa * usual["hide"]) / (seen + kappa)
        lead = math.log(score(posterior_read, posterior) / score(c["open_rate"], usual))
        step = min(max((lead - c["promotion_threshold"]) / c["promotion_softness"], -60), 60)
        if (
            rng.random() >= 2 ** (-start / (2 * c["promotion_half_life_hours"])) / (1 + math.exp(-step))
            or start >= HOURS
        ):
            break
        budget *= c["pool_growth"] * (room if pool == 0 else 1)
        trial *= c["pool_growth"] * (room if pool == 0 else 1)
    discover = sum(by_hour)
    follow = 0
    for t in range(int(c["follower_window_hours"])):
        mean = followers * c["follower_active_rate"] * c["follower_feed_rate"] * room
        n = poisson(mean * activity[t] * math.exp(-(t + 0.5) / c["follower_decay_hours"]), rng)
        by_hour[t] += n
        follow += n
    month = (
        (discover + follow) * c["search_share"] / (1 - c["search_share"]) * math.exp(c["search_sd"] * rng.gauss(0, 1))
    )
    before, whole = 0.0, 1 - (1 + HOURS / c["search_onset_hours"]) ** -c["search_age_power"]
    for t in range(HOURS):
        now = (1 - (1 + (t + 1) / c["search_onset_hours"]) ** -c["search_age_power"]) / whole
        by_hour[t] += month * (now - before)
        before = now
    reads += binomial(follow, read_rate(v, c["follower_open_odds"]), rng)
    reads += binomial(round(month), read_rate(v, c["search_open_odds"]), rng)
    return discover + follow + month, reads, by_hour


def best_of(n: int, work: object) -> float:
    times = []
    for _ in range(n):
        begun = time.process_time()
        work()  # type: ignore[operator]
        times.append(time.process_time() - begun)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--replicates", type=int, default=4000)
    n = parser.parse_args().replicates
    profile, note = load_profile("explore"), NoteInput(type="图文", followers=1000, hour=20)

    whole = best_of(5, lambda: simulate_note(profile, note, n_replicates=n, seed=1))
    rng = np.random.default_rng(1)
    uniforms = best_of(5, lambda: rng.random(n * HOURS))
    plain = random.Random(1)
    begun = time.process_time()
    loop = [one_note(profile, note.followers, 20, plain) for _ in range(n)]
    loop_seconds = time.process_time() - begun
    ours = simulate_replicates(profile, note, n_replicates=n, horizon_days=30, seed=1)
    quantiles = [
        [round(float(q)) for q in np.quantile(values, [0.1, 0.5, 0.9])]
        for values in (ours.total, [row[0] for row in loop], ours.reads, [row[1] for row in loop])
    ]
    print(f"{n} replicates x {HOURS} hours")
    print(f"forecast            {whole:8.3f} s   {n * HOURS / whole / 1e6:8.1f} M note-hours/s")
    print(f"numpy uniforms alone {uniforms:7.3f} s   forecast takes {whole / uniforms:.1f} times as long")
    print(f"plain Python loop   {loop_seconds:8.3f} s   forecast is {loop_seconds / whole:.0f} times as fast")
    print(f"impressions P10/P50/P90: ours {quantiles[0]}, loop {quantiles[1]}")
    print(f"reads       P10/P50/P90: ours {quantiles[2]}, loop {quantiles[3]}")


if __name__ == "__main__":
    main()
