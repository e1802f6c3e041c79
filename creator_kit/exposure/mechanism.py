"""The mechanism: one note on its way through guarantee, pools, follow feed and search, in all replicates at once.

It follows the forms that engineers have described in public (open probability times a weighted sum of action
probabilities; a guarantee for new notes; more traffic for what does well), with every number taken from a
ranking profile. What it yields are properties of that assumed model, not evidence about the platform.

1. Latent appeal of the note v ~ N(0, quality_sd), of its content for each action likewise and correlated.
2. Reading: over a page of ``page_depth`` slots examined as exp(-k / examination_slots), a conditional logit
   over the covers in view and an ignore mass, reduced to a rate for each impression: the slate's
   P(open) = e·exp(v) / (exp(u0) + sum of the others + exp(v)), with u0 such that v = 0 gives ``open_rate``.
   A video is also read where the flow plays it without its cover being chosen.
3. Guarantee: base + content·(the platform's first guess at quality) + author·(its record), spread over a day.
4. Promotion from pool to pool with chance σ((ln(Ŝ/S0) - threshold)/softness)·2^(-age/2H), where
   S = p_read·(1 + Σ weight·p_action) - weight·p_hide and Ŝ is the Beta-Binomial posterior of what was counted in
   the pools' trials so far. The platform sees counts only, never v. Each pool is ``pool_growth`` times the one before.
5. Follow feed: Poisson, decaying with age. 6. Search: a share of the recommended, a power law in age.
7. Paid impressions, where bought, are read at other odds and are not counted by 4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from creator_kit.exposure.profile import Array, Constants, RankingProfile
from creator_kit.exposure.sampling import Streams, count_quantile, normal_cdf

Index = NDArray[np.int64] | slice

ACTIONS = ("like", "collect", "comment", "share", "follow")
# The profile's rates were seen where every seventh slot is an ad (a study on Qilin); more ads leave less room.
REFERENCE_AD_SHARE = 1 / 7
# The platform needs more than one page of rivals to be averaged over; 32 slates leave under 0.5 % of error.
_N_SLATES = 32
# Search builds up over the note's life; its share is meant over the first month.
SEARCH_SHARE_HOURS = 720


@dataclass(frozen=True, slots=True)
class NoteSetting:
    """What the mechanism needs to know about a note; see NoteInput for the ranges."""

    is_video: bool
    followers: int
    grade: int
    hour: int
    is_sponsored: bool
    quality: float | None
    n_lint_hits: int
    paid_impressions: int
    title_quality: float | None = None
    cover_score: float | None = None


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What own results change: draws (n,) that take the place of the profile's, None for its own."""

    level_log: Array | None = None
    read_rate: Array | None = None
    action_rates: dict[str, Array] | None = None


@dataclass(frozen=True, slots=True)
class Replicates:
    """Outcomes in every replicate. Impressions by channel (n,), reads, actions, and when they came.

    ``n_promotions`` counts the pools after the guarantee; ``cumulative`` (n, hours) impressions by then.
    """

    impressions: dict[str, Array]
    reads: Array
    actions: dict[str, Array]
    read_rate: Array
    action_rates: dict[str, Array]
    n_promotions: NDArray[np.int64]
    cumulative: NDArray[np.float32]

    @property
    def total(self) -> Array:
        return np.asarray(sum(self.impressions.values()))


def draw_constants(profile: RankingProfile, streams: Streams) -> dict[str, Array]:
    """Every constant of ``profile`` in every replicate: name → (n,)."""
    return {
        name: getattr(profile.constants, name).draw(streams.uniform(f"constant:{name}"))
        for name in Constants.model_fields
    }


def run_mechanism(
    profile: RankingProfile,
    note: NoteSetting,
    streams: Streams,
    *,
    n_hours: int,
    adjustment: Adjustment | None = None,
    with_curve: bool = True,
) -> Replicates:
    """All replicates of ``note`` over ``n_hours`` after posting.

    ``with_curve`` False gives ``cumulative`` for the last hour only: the same totals, several times as fast.
    """
    run = _Run(profile, note, streams, n_hours, adjustment or Adjustment(), with_curve)
    return Replicates(
        impressions=_serve(run),
        reads=run.reads,
        actions=run.actions,
        read_rate=run.reader.rate(run.v),
        action_rates={name: run.rates[name] for name in ACTIONS},
        n_promotions=run.n_promotions,
        cumulative=run.cumulative,
    )


def run_impressions(
    profile: RankingProfile, note: NoteSetting, streams: Streams, *, n_hours: int, adjustment: Adjustment | None = None
) -> dict[str, Array]:
    """Impressions by channel (n,), as ``run_mechanism`` gives them, in half the time.

    What readers do is counted only where the platform judges by it.
    """
    return _serve(_Run(profile, note, streams, n_hours, adjustment or Adjustment(), with_curve=False, with_reads=False))


def run_curve(
    profile: RankingProfile, note: NoteSetting, streams: Streams, *, n_hours: int
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """(n, n_hours) impressions so far by hour, as ``run_mechanism`` gives them, without what readers do."""
    run = _Run(profile, note, streams, n_hours, Adjustment(), with_curve=True, with_reads=False)
    _serve(run)
    return run.cumulative


def _serve(run: _Run) -> dict[str, Array]:
    impressions = {"discover": run.serve_pools(), "follow": run.serve_followers()}
    impressions["search"] = run.serve_search(impressions["discover"] + impressions["follow"])
    impressions["paid"] = run.serve_paid()
    return impressions


def base_read_rate(c: dict[str, Array], *, is_video: bool) -> Array:
    """P(read | impression) of an ordinary note, before the account's own results: (n,)."""
    if not is_video:
        return c["open_rate"]
    return np.asarray(c["open_rate"] + (1 - c["open_rate"]) * c["video_flow_read_rate"])


class _Reader:
    """How often an impression is read, given the appeal of its note."""

    def __init__(self, c: dict[str, Array], base_rate: Array, streams: Streams) -> None:
        self.base_rate = np.clip(base_rate, 1e-6, 1 - 1e-6)
        ratio = np.exp(-1.0 / c["examination_slots"])
        examined = (1 - ratio ** c["page_depth"]) / (c["page_depth"] * (1 - ratio))
        n_rivals = round(float(np.max(c["covers_in_view"]))) - 1
        z = np.random.default_rng([streams.seed, _N_SLATES]).standard_normal((_N_SLATES, max(n_rivals, 0)))
        # (n, slates): the pull of the other covers in view; rivals vary as notes in general do.
        self.rivals = np.zeros((streams.n, _N_SLATES))
        for j in range(n_rivals):
            present = (np.rint(c["covers_in_view"]) - 1 > j)[:, None]
            self.rivals += present * np.exp(c["quality_sd"][:, None] * z[None, :, j])
        # exp(u0), the pull of opening nothing, such that a note of appeal 0 is read at the base rate.
        self.ignore = np.maximum(examined / self.base_rate - 1.0 - self.rivals.mean(axis=1), 0.05)
        self._at_zero = self._slate(np.zeros(streams.n), slice(None))

    def _slate(self, v: Array, at: Index) -> Array:
        pull = np.exp(v)[:, None]
        return np.asarray((pull / (self.ignore[at][:, None] + self.rivals[at] + pull)).mean(axis=1))

    def rate(self, v: Array, at: Index = slice(None), odds: Array | float = 1.0) -> Array:
        """P(read | impression) for appeal ``v`` (logit units) at replicates ``at``; ``odds`` for other readers."""
        rate = np.clip(self.base_rate[at] * self._slate(v, at) / self._at_zero[at], 0.0, 0.999)
        return np.asarray(odds * rate / (1 - rate + odds * rate))


class _Clock:
    """The audience's day, turned to the posting hour; ``grid_hours`` are the ages at which the curve is kept."""

    def __init__(
        self, shares: tuple[float, ...], hour: int, n_hours: int, longest_hours: float, with_curve: bool
    ) -> None:
        day = np.roll(np.asarray(shares, dtype=np.float64) / sum(shares), -hour)
        self.n_hours = n_hours
        self.grid_hours = np.arange(1, n_hours + 1) if with_curve else np.array([n_hours])
        self.activity = np.resize(day, n_hours + int(np.ceil(longest_hours)) + 1)
        self.elapsed = np.concatenate([[0.0], np.cumsum(self.activity)])

    def deliver(self, start_hours: Array, hours: Array) -> NDArray[np.float32]:
        """(m, grid) share of a batch that is out by each hour of the grid, batches running from their start."""
        first, last = start_hours.astype(np.int64), (start_hours + hours).astype(np.int64)
        begun = self.elapsed[first].astype(np.float32)[:, None]
        span = (self.elapsed[last] - self.elapsed[first]).astype(np.float32)[:, None]
        now = self.elapsed[self.grid_hours].astype(np.float32)[None, :]
        return np.asarray(np.clip((now - begun) / span, 0.0, 1.0))


class _Evidence:
    """What the platform has counted of each note so far: Beta-Binomial posteriors of its rates."""

    def __init__(self, n: int) -> None:
        self.seen, self.reads, self.hides = np.zeros(n), np.zeros(n), np.zeros(n)
        self.actions = {name: np.zeros(n) for name in ACTIONS}

    def add(self, at: Index, seen: Array, reads: Array, actions: dict[str, Array], hides: Array) -> None:
        """Count a pool's trial at replicates ``at``."""
        self.seen[at] += seen
        self.reads[at] += reads
        self.hides[at] += hides
        for name, done in actions.items():
            self.actions[name][at] += done

    def posterior(self, usual_read: Array, usual: dict[str, Array], kappa: Array) -> tuple[Array, dict[str, Array]]:
        """Posterior P(read) and rates of actions and hides, with ``kappa`` pseudo-counts at what is usual."""
        rates = {name: (self.actions[name] + kappa * usual[name]) / (self.reads + kappa) for name in ACTIONS}
        rates["hide"] = (self.hides + kappa * usual["hide"]) / (self.seen + kappa)
        return (self.reads + kappa * usual_read) / (self.seen + kappa), rates


class _Run:
    """One run: what was drawn, and what has been served and counted so far."""

    def __init__(
        self,
        profile: RankingProfile,
        note: NoteSetting,
        streams: Streams,
        n_hours: int,
        adjustment: Adjustment,
        with_curve: bool,
        with_reads: bool = True,
    ) -> None:
        n = streams.n
        self.note, self.streams, self.with_reads = note, streams, with_reads
        self.c = c = draw_constants(profile, streams)
        self.appeal = _latent(
            streams.normal("appeal"),
            (note.quality, c["quality_validity"]),
            (note.title_quality, c["title_validity"]),
            (_cover_quality(note.cover_score, c), c["cover_validity"]),
        )
        self.v = c["quality_sd"] * self.appeal
        self.usual_read = base_read_rate(c, is_video=note.is_video)
        self.reader = _Reader(c, self.usual_read if adjustment.read_rate is None else adjustment.read_rate, streams)
        self.rates = self._draw_action_rates(adjustment.action_rates or {})
        account = adjustment.level_log
        self.level_log = c["account_sd"] * streams.normal("account") if account is None else account
        self.weight = self._draw_weight()
        # Slots that ads leave, relative to the ad load under which the profile's rates were seen.
        self.room = (1.0 - 1.0 / np.maximum(c["ad_every_slots"], 1.001)) / (1.0 - REFERENCE_AD_SHARE)
        longest = max(float(np.max(c["guarantee_hours"])), float(np.max(c["pool_hours"])), 24.0)
        self.clock = _Clock(profile.audience_hours.shares, note.hour, n_hours, longest, with_curve)
        self.reads = np.zeros(n)
        self.actions = {name: np.zeros(n) for name in ACTIONS}
        self.n_promotions = np.zeros(n, dtype=np.int64)
        self.cumulative = np.zeros((n, len(self.clock.grid_hours)), dtype=np.float32)

    def _draw_action_rates(self, fitted: dict[str, Array]) -> dict[str, Array]:
        c, streams = self.c, self.streams
        common = _latent(streams.normal("content"), (self.note.quality, c["quality_validity"]))
        rho = c["action_correlation"]
        rates = {}
        for name in (*ACTIONS, "hide"):
            base = np.clip(fitted.get(name, c[f"{name}_rate"]), 1e-9, 1 - 1e-9)
            # Good content is hidden less, so its common part enters with the other sign.
            sign = -1.0 if name == "hide" else 1.0
            shift = c["action_sd"] * (sign * rho * common + np.sqrt(1 - rho**2) * streams.normal(f"action:{name}"))
            if name not in fitted:
                shift = shift + c["account_rate_sd"] * streams.normal(f"account:{name}")
            rates[name] = 1.0 / (1.0 + (1 - base) / base * np.exp(-shift))
        return rates

    def _draw_weight(self) -> Array:
        """The account's weight by its grade, and the penalty where one was asked for: (n,) factors."""
        c, streams, note = self.c, self.streams, self.note
        grade = np.full(streams.n, float(note.grade)) if note.grade else np.floor(1 + 10 * streams.uniform("grade"))
        factor = 1.0 + (c["grade_weight"] - 1.0) * (grade - 1.0) / 9.0
        return np.asarray(factor * c["lint_penalty"] ** min(note.n_lint_hits, 3))

    def _count(self, label: str, served: Array, read_rate: Array, at: Index = slice(None)) -> None:
        """Add what ``served`` impressions (at replicates ``at``) bring to the note's reads and actions."""
        if not self.with_reads:
            return
        reads, actions = self._tally(label, served, read_rate, at)
        self.reads[at] += reads
        for name, done in actions.items():
            # Someone who follows already cannot follow again.
            if not (name == "follow" and label == "follow"):
                self.actions[name][at] += done

    def _tally(self, label: str, served: Array, read_rate: Array, at: Index) -> tuple[Array, dict[str, Array]]:
        reads = count_quantile(served, read_rate, self.streams.normal(f"{label}:reads")[at])
        # All actions in one call: for a few hundred replicates numpy takes longer to begin than to count.
        counts = count_quantile(
            np.tile(reads, len(ACTIONS)),
            np.concatenate([self.rates[name][at] for name in ACTIONS]),
            np.concatenate([self.streams.normal(f"{label}:{name}")[at] for name in ACTIONS]),
        )
        return reads, dict(zip(ACTIONS, counts.reshape(len(ACTIONS), -1), strict=True))

    def _score(self, read: Array, rates: dict[str, Array]) -> Array:
        gain = sum(self.c[f"{name}_weight"] * rates[name] for name in ACTIONS)
        return np.asarray(np.maximum(read * (1.0 + gain) - self.c["hide_weight"] * rates["hide"], 1e-9))

    def _grant(self) -> tuple[Array, Array]:
        """Impressions of the guarantee, and the number of them that the platform judges the note by.

        The trial is of a size that depends neither on the platform's guess at the note nor on the account's
        weight. Were it larger for a better guess, more evidence could cost a lucky note its promotion, and more
        quality could lower exposure.
        """
        c, streams = self.c, self.streams
        validity = c["content_estimate_validity"]
        content = normal_cdf(validity * self.appeal + np.sqrt(1 - validity**2) * streams.normal("guess"))
        others = c["guarantee_base"] + c["guarantee_author"] * streams.uniform("author_record")
        factor = (
            np.exp(self.level_log) * c["cold_start_boost"] * np.exp(c["guarantee_sd"] * streams.normal("guarantee"))
        )
        budget = (others + c["guarantee_content"] * content) * self.weight * factor
        return np.asarray(budget), np.asarray((others + c["guarantee_content"] / 2) * factor)

    def serve_pools(self) -> Array:
        """Recommended impressions (n,): the guarantee, then pool after pool for those that are promoted."""
        c, streams, n = self.c, self.streams, self.streams.n
        # The benchmark is what the profile takes for usual: the platform compares with it, never with the truth.
        usual = {name: c[f"{name}_rate"] for name in (*ACTIONS, "hide")}
        benchmark = self._score(self.usual_read, usual)
        budget, trial = self._grant()
        first_room = self.room * c["sponsored_factor"] if self.note.is_sponsored else self.room
        total, start = np.zeros(n), np.zeros(n)
        evidence = _Evidence(n)
        at = np.arange(n)
        for pool in range(round(float(np.max(c["n_pools"])))):
            label = f"pool{pool}"
            hours = np.maximum(np.rint(c["guarantee_hours" if pool == 0 else "pool_hours"][at]), 1.0)
            out = self.clock.deliver(start[at], hours)
            # What is still due when the horizon ends is not part of the forecast.
            served = np.rint(np.rint(budget[at]) * out[:, -1])
            self.cumulative[at] += served.astype(np.float32)[:, None] * (out / np.maximum(out[:, -1:], 1e-9))
            total[at] += served
            start[at] += hours
            read_rate = self.reader.rate(self.v[at] + pool * c["audience_match_step"][at], at)
            self._count(label, served, read_rate, at)
            tried = np.rint(trial[at])
            hides = count_quantile(tried, self.rates["hide"][at], streams.normal(f"{label}:hide")[at])
            evidence.add(at, tried, *self._tally(label, tried, read_rate, at), hides)
            read, rates = evidence.posterior(self.usual_read, usual, c["evidence_pseudo_impressions"])
            lead = np.log(self._score(read, rates) / benchmark)
            steps = np.clip((lead - c["promotion_threshold"]) / c["promotion_softness"], -60, 60)
            chance = 2.0 ** (-start / (2.0 * c["promotion_half_life_hours"])) / (1.0 + np.exp(-steps))
            is_promoted = (streams.uniform(f"{label}:promotion") < chance) & (pool + 1 < np.rint(c["n_pools"]))
            at = at[(is_promoted & (start < self.clock.n_hours))[at]]
            if not at.size:
                break
            self.n_promotions[at] += 1
            growth = c["pool_growth"][at] * (first_room[at] if pool == 0 else 1.0)
            budget[at] *= growth
            trial[at] *= growth
        return total

    def serve_followers(self) -> Array:
        """Impressions in the follow feed (n,): Poisson, with the audience's hours and the note's age."""
        c, clock = self.c, self.clock
        n_hours = min(clock.n_hours, int(np.ceil(np.max(c["follower_window_hours"]))))
        age = np.arange(n_hours) + 0.5
        by_hour = clock.activity[None, :n_hours] * np.exp(-age[None, :] / c["follower_decay_hours"][:, None])
        by_hour *= age[None, :] < c["follower_window_hours"][:, None]
        grown = np.cumsum(by_hour, axis=1)
        whole = grown[:, -1:]
        mean = self.note.followers * c["follower_active_rate"] * c["follower_feed_rate"] * self.room * whole[:, 0]
        served = count_quantile(None, mean, self.streams.normal("follow"))
        self._count("follow", served, self.reader.rate(self.v, odds=c["follower_open_odds"]))
        share = grown[:, np.minimum(clock.grid_hours, n_hours) - 1] / np.maximum(whole, 1e-12)
        self.cumulative += (served[:, None] * share).astype(np.float32)
        return served

    def serve_search(self, others: Array) -> Array:
        """Impressions in search (n,): odds around the profile's share, a Lomax curve in the note's age."""
        c, hours = self.c, self.clock.grid_hours.astype(np.float32)
        share = np.clip(c["search_share"], 0.0, 0.99)
        month = others * share / (1 - share) * np.exp(c["search_sd"] * self.streams.normal("search_odds"))
        onset, power = c["search_onset_hours"], c["search_age_power"]
        grown = np.log1p(hours[None, :] / onset.astype(np.float32)[:, None])
        grown = 1 - np.exp(-power.astype(np.float32)[:, None] * grown)
        grown /= (1 - (1 + SEARCH_SHARE_HOURS / onset) ** -power).astype(np.float32)[:, None]
        last = np.maximum(grown[:, -1].astype(np.float64), 1e-9)
        served = count_quantile(None, month * last, self.streams.normal("search"))
        self._count("search", served, self.reader.rate(self.v, odds=c["search_open_odds"]))
        self.cumulative += grown * (served / last).astype(np.float32)[:, None]
        return served

    def serve_paid(self) -> Array:
        """Bought impressions (n,), over the first day."""
        served = np.full(self.streams.n, float(self.note.paid_impressions))
        if self.note.paid_impressions:
            self._count("paid", served, self.reader.rate(self.v, odds=self.c["paid_open_odds"]))
            self.cumulative += served.astype(np.float32)[:, None] * self.clock.deliver(np.zeros(1), np.full(1, 24.0))
        return served


def _latent(z: Array, *known: tuple[float | Array | None, Array]) -> Array:
    """A standard normal that correlates with each known quality (None for unknown) by its validity; what they leave
    open is ``z``."""
    told, left = np.zeros_like(z), np.ones_like(z)
    for quality, validity in known:
        if quality is not None:
            told += validity * quality
            left -= validity**2
    return np.asarray(told + np.sqrt(np.maximum(left, 0.0)) * z)


def _cover_quality(score: float | None, c: dict[str, Array]) -> Array | None:
    return None if score is None else (score - c["cover_score_usual"]) / c["cover_score_sd"]
