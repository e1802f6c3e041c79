"""Policies tested on the market: the same world twice, differing in one thing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from creator_kit.exposure.market.measures import TemplateUse, impressions_at_age, measure_template
from creator_kit.exposure.market.run import MarketRun, OnHour, run_market
from creator_kit.exposure.market.setting import FOLLOW, MarketOptions
from creator_kit.exposure.profile import RankingProfile

# Shares of all notes that follow one template, from a few to everybody but a tenth (to compare with).
ADOPTIONS = (0.1, 0.5, 0.9)
_N_BOOTSTRAP = 400


@dataclass(frozen=True, slots=True)
class GradeEffect:
    """Impressions of a grade's new notes with the grade weight on, relative to those of the same notes with it off:
    ratio of totals with a 95 % interval over notes. Followers come whatever the grade, so theirs are left out."""

    grade: int
    n_notes: int
    ratio: float
    low: float
    high: float


def try_grade_weight(
    profile: RankingProfile, options: MarketOptions, *, on: MarketRun | None = None, on_hour: OnHour | None = None
) -> list[GradeEffect]:
    """The market with the grade weight on and off, same world and same random numbers, by grade. ``on`` is the run with
    it where there is one already."""
    if on is None or on.options != options:
        on = run_market(profile, options, on_hour=on_hour)
    return compare_grades(on, run_market(profile, replace(options, has_grade_weight=False), on_hour=on_hour))


def compare_grades(on: MarketRun, off: MarketRun) -> list[GradeEffect]:
    """Grade by grade, what ``on`` brought relative to ``off``; grades without a note are left out."""
    age = min(24, max(on.options.n_hours // 2, 1))
    at, with_weight = impressions_at_age(on, age, slice(FOLLOW))
    _same, without = impressions_at_age(off, age, slice(FOLLOW))
    rng, found = np.random.default_rng([on.options.seed, 11]), []
    for grade in range(1, 11):
        mine = np.flatnonzero(on.creators.grade[on.notes.creator[at]] == grade)
        if not len(mine) or not without[mine].sum():
            continue
        pick = mine[rng.integers(0, len(mine), (_N_BOOTSTRAP, len(mine)))]
        drawn = with_weight[pick].sum(axis=1) / np.maximum(without[pick].sum(axis=1), 1)
        low, high = np.quantile(drawn, [0.025, 0.975])
        ratio = float(with_weight[mine].sum() / without[mine].sum())
        found.append(GradeEffect(grade, len(mine), ratio, float(low), float(high)))
    return found


def try_template_adoption(
    profile: RankingProfile, options: MarketOptions, *, on_hour: OnHour | None = None
) -> list[TemplateUse]:
    """What one template is worth when few follow it, and when nearly everybody does."""
    return [
        measure_template(run_market(profile, replace(options, template_adoption=share), on_hour=on_hour), share)
        for share in ADOPTIONS
    ]


def count_runs(has_on: bool) -> int:
    """Markets that both experiments run, where the run with the grade weight is at hand or is not."""
    return (1 if has_on else 2) + len(ADOPTIONS)
