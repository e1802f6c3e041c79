"""The creators of a market: who they are, when they post, and the notes that come of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from creator_kit.exposure.market.setting import Ints, MarketOptions, Setting, generator
from creator_kit.exposure.mechanism import ACTIONS
from creator_kit.exposure.sampling import normal_cdf

# Impressions by which a note of earlier days was judged; about an ordinary guarantee.
PAST_IMPRESSIONS = 300
# Part of the earlier notes that passed their first pool and are still in circulation ("70 to 80 % stay", LORE).
CIRCULATING_SHARE = 0.2
_KOC, _KOL = 1, 2


@dataclass(frozen=True, slots=True)
class Creators:
    """Columns (creators,). ``kind`` 0 ordinary, 1 KOC, 2 KOL; ``popularity`` adds up to 1; ``level`` is the factor
    by which the platform serves an account for reasons that no constant explains; ``n_past_seen`` and
    ``n_past_reads`` are what it has counted of their earlier notes. ``skill`` (standard normal) is latent."""

    scenario: Ints
    is_worker: NDArray[np.bool_]
    grade: Ints
    popularity: NDArray[np.float64]
    notes_a_day: NDArray[np.float64]
    kind: Ints
    level: NDArray[np.float64]
    skill: NDArray[np.float64]
    n_past_seen: NDArray[np.float64]
    n_past_reads: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.scenario)


@dataclass(frozen=True, slots=True)
class Notes:
    """Columns (notes,), by scenario and then by time: what everybody may know of a note.

    ``posted_hour`` is negative for those of the days before; of these, some still ``circulates``, the others are there
    for followers alone, as their creator's latest. ``template`` -1 for none; ``guess`` (0 to 1) the rank that a content
    model gives the note before anybody has seen it.
    """

    creator: Ints
    scenario: Ints
    posted_hour: Ints
    template: NDArray[np.int8]
    guess: NDArray[np.float64]
    n_past_seen: NDArray[np.float64]
    n_past_reads: NDArray[np.float64]
    circulates: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.creator)

    @property
    def is_stock(self) -> NDArray[np.bool_]:
        """Of the days before, and still served by score."""
        return np.asarray(self.circulates & (self.posted_hour < 0))

    @property
    def is_new(self) -> NDArray[np.bool_]:
        """Posted during the run."""
        return np.asarray(self.posted_hour >= 0)


@dataclass(frozen=True, slots=True)
class NoteTruth:
    """What is latent in a note: ``appeal`` (notes,) on the logit scale, its template's lift included, and the rate of
    each action for a read, of a hide for an impression."""

    appeal: NDArray[np.float64]
    rates: dict[str, NDArray[np.float64]]


def build_creators(setting: Setting, options: MarketOptions) -> tuple[Creators, Notes, NoteTruth]:
    """Creators for that audience, their notes of the days before and those that they will post."""
    c, rng = setting, generator(options.seed, "creators")
    workers = c["worker_share"]
    notes_a_day = workers * c["worker_notes_per_day"] + (1 - workers) * c["sharer_notes_per_day"]
    n = max(round(options.n_users * c["notes_per_user_day"] / notes_a_day), setting.n_scenarios)
    is_worker = rng.random(n) < workers
    scenario = rng.integers(0, setting.n_scenarios, n)
    # However small the world, somebody has written about each scenario.
    scenario[: setting.n_scenarios] = np.arange(setting.n_scenarios)
    skill = rng.standard_normal(n)
    # Those who post more and have been read more have climbed further; much is chance (JUDGE).
    z_popular = rng.standard_normal(n)
    climbed = 0.5 * is_worker + 0.5 * z_popular + 0.7 * rng.standard_normal(n)
    grade = np.clip(np.ceil(10 * (np.argsort(np.argsort(climbed, kind="stable")) + 1) / n), 1, 10).astype(np.int64)
    popularity = np.exp(c["popularity_sd"] * z_popular)
    rank = np.argsort(np.argsort(-popularity, kind="stable")) / n
    kind = np.where(rank < c["kol_share"], _KOL, np.where(rank < c["kol_share"] + c["koc_share"], _KOC, 0))
    level = np.exp(c["account_sd"] * rng.standard_normal(n))
    account_shift = {name: c["account_rate_sd"] * rng.standard_normal(n) for name in (*ACTIONS, "hide")}

    rate = np.where(is_worker, c["worker_notes_per_day"], c["sharer_notes_per_day"])
    past, past_hour = _schedule(rng, setting, is_worker, rate, -round(24 * c["stock_days"]), 0)
    past = np.concatenate([past, np.arange(setting.n_scenarios)])
    past_hour = np.concatenate([past_hour, np.full(setting.n_scenarios, -24)])
    new, new_hour = _schedule(rng, setting, is_worker, rate, 0, options.n_hours)
    creator = np.concatenate([past, new])
    posted_hour = np.concatenate([past_hour, new_hour])
    # Each column has its own generator, so that an option changes what it is about and nothing else.
    truth, template, z = _make_notes(setting, options, creator, skill, is_worker, account_shift)
    validity = c["content_estimate_validity"]
    noise = generator(options.seed, "guess").standard_normal(len(creator))
    guess = normal_cdf(validity * z + np.sqrt(1 - validity**2) * noise)

    n_past = len(past)
    odds = c["open_rate"] / (1 - c["open_rate"]) * np.exp(truth.appeal[:n_past])
    seen = np.zeros(len(creator))
    reads = np.zeros(len(creator))
    seen[:n_past] = PAST_IMPRESSIONS
    reads[:n_past] = generator(options.seed, "past").binomial(PAST_IMPRESSIONS, odds / (1 + odds))
    creators = Creators(
        scenario=scenario,
        is_worker=is_worker,
        grade=grade,
        popularity=popularity / popularity.sum(),
        notes_a_day=rate,
        kind=kind,
        level=level,
        skill=skill,
        n_past_seen=np.bincount(creator, weights=seen, minlength=n).astype(np.float64),
        n_past_reads=np.bincount(creator, weights=reads, minlength=n).astype(np.float64),
    )
    # What was read most stays in circulation; ties go to the earlier one.
    n_kept = max(round(CIRCULATING_SHARE * n_past), setting.n_scenarios)
    by_reads = np.lexsort((np.arange(n_past), -reads[:n_past]))
    _each, best_of_scenario = np.unique(scenario[creator[by_reads]], return_index=True)
    best = np.union1d(by_reads[:n_kept], by_reads[best_of_scenario])
    # Followers are shown what is latest, read or not.
    recent = np.flatnonzero(past_hour + c["follower_window_hours"] > 0)
    recent = recent[np.lexsort((recent, past_hour[recent], past[recent]))]
    latest = recent[np.diff(past[recent], append=-1) != 0]
    keep = np.concatenate([np.union1d(best, latest), np.arange(n_past, len(creator))])
    circulates = np.ones(len(creator), dtype=bool)
    circulates[:n_past] = False
    circulates[best] = True
    order = keep[np.lexsort((keep, posted_hour[keep], scenario[creator[keep]]))]
    notes = Notes(
        creator=creator[order],
        scenario=scenario[creator[order]],
        posted_hour=posted_hour[order],
        template=template[order],
        guess=guess[order],
        n_past_seen=seen[order],
        n_past_reads=reads[order],
        circulates=circulates[order],
    )
    rates = {name: rates_of[order] for name, rates_of in truth.rates.items()}
    return creators, notes, NoteTruth(truth.appeal[order], rates)


def _schedule(
    rng: np.random.Generator,
    setting: Setting,
    is_worker: NDArray[np.bool_],
    rate: NDArray[np.float64],
    first_hour: int,
    last_hour: int,
) -> tuple[Ints, Ints]:
    """(creator, hour) of each post: workers keep an hour of their own, sharers post when the audience is about."""
    own_hour = rng.choice(24, size=len(rate), p=setting.hour_shares)
    n_posts = rng.poisson(rate * (last_hour - first_hour) / 24)
    creator = np.repeat(np.arange(len(rate)), n_posts)
    any_hour = rng.choice(24, size=len(creator), p=setting.hour_shares)
    n_days = max((last_hour - first_hour) // 24, 1)
    day = rng.integers(0, n_days, len(creator))
    hour = first_hour + 24 * day + np.where(is_worker[creator], own_hour[creator], any_hour)
    # A run that ends within a day has fewer hours to post in.
    return creator, np.minimum(hour, last_hour - 1)


def _make_notes(
    setting: Setting,
    options: MarketOptions,
    creator: Ints,
    skill: NDArray[np.float64],
    is_worker: NDArray[np.bool_],
    account_shift: dict[str, NDArray[np.float64]],
) -> tuple[NoteTruth, NDArray[np.int8], NDArray[np.float64]]:
    c, n = setting, len(creator)
    workers = float(is_worker[creator].mean()) if n else 0.0
    own = generator(options.seed, "appeal").standard_normal(n)
    z = np.sqrt(c["skill_share"]) * skill[creator] + np.sqrt(1 - c["skill_share"]) * own + options.quality_shift
    rng = generator(options.seed, "templates")
    follows = rng.random(n) < np.where(is_worker[creator], c["worker_template_rate"], c["sharer_template_rate"])
    template = np.where(follows, rng.integers(0, round(c["n_templates"]), n), -1)
    adopts = rng.random(n)
    if options.template_adoption is not None:
        # The question is what one template does; the others stand aside.
        template = np.where(adopts < options.template_adoption, 0, -1)
    rng = generator(options.seed, "actions")
    common, rho = rng.standard_normal(n), c["action_correlation"]
    rates = {}
    for name in (*ACTIONS, "hide"):
        sign = -1.0 if name == "hide" else 1.0
        shift = c["action_sd"] * (sign * rho * common + np.sqrt(1 - rho**2) * rng.standard_normal(n))
        base = min(max(c[f"{name}_rate"], 1e-9), 1 - 1e-9)
        rates[name] = 1 / (1 + (1 - base) / base * np.exp(-(shift + account_shift[name][creator])))
    # Centred on the usual use of templates, so that an ordinary note has appeal 0.
    usual_use = workers * c["worker_template_rate"] + (1 - workers) * c["sharer_template_rate"]
    appeal = c["quality_sd"] * z + c["template_lift"] * ((template >= 0) - usual_use)
    return NoteTruth(appeal, rates), template.astype(np.int8), z
