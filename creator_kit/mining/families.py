"""One control of chance for all that a run tests: titles, lengths, habits and shapes of bodies, topics.

Each kind is a family of tests with Benjamini–Hochberg q-values of its own. Were each judged alone at 5 %, a run over
five families would find something in permuted notes five times as often. Benjamini & Bogomolov 2014
(doi:10.1111/rssb.12028): a family is selected by its Simes p-value (the least of its q-values) among the families, and
within the R selected of m families tests are held to the level R/m · 5 %. With nothing to be found a run then finds
something with at most 5 %, and a family of three hundred templates does not silence one of five lengths.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from creator_kit.mining.habits import Habit, rank_habit
from creator_kit.mining.template import Tier, TitleTemplate
from creator_kit.mining.title_library import TIER_ORDER, TitleLibrary

LEVEL = 0.05


def control_families(families: Sequence[Sequence[float]]) -> list[list[float]]:
    """The q-values (0..1) of each family's tests over all families, from those within each; never smaller than these.

    An empty family (nothing could be tested) takes no part. A value is the least level at which the procedure above
    rejects: with k families selected, x is rejected at q where x ≤ k·q/m and the k-th least Simes p is ≤ k·q/m.
    """
    simes = sorted(min(family) for family in families if family)
    m = len(simes)

    def adjust(x: float) -> float:
        return min(1.0, *(max(x, p) * m / k for k, p in enumerate(simes, start=1)))

    return [[adjust(x) for x in family] for family in families]


def hold_tier(tier: Tier, q_value: float) -> Tier:
    """``tier`` where the joint ``q_value`` bears it; else what remains of it without proof."""
    if q_value <= LEVEL:
        return tier
    return {"reliable": "promising", "avoided": "common"}.get(tier, tier)  # type: ignore[return-value]


def hold_habits(habits: Sequence[Habit], q_values: Sequence[float]) -> list[Habit]:
    """The tested ``habits`` with joint q-values (in their order, of those that have a lift) and tiers, best first."""
    rest = iter(q_values)
    held = []
    for habit in habits:
        if habit.lift is not None:
            q = next(rest)
            habit = replace(habit, q_value=round(q, 4), tier=hold_tier(habit.tier, q))
        held.append(habit)
    return sorted(held, key=rank_habit)


def list_title_q_values(library: TitleLibrary) -> list[float]:
    """The q-values of the templates that were compared, in their order."""
    return [_q_value(template) for template in library.templates if template.lift is not None]


def hold_titles(library: TitleLibrary, q_values: Sequence[float]) -> TitleLibrary:
    """``library`` with joint q-values (in its order, of those that have a lift) and tiers, in the order of tiers."""
    rest = iter(q_values)
    held = []
    for template in library.templates:
        if template.lift is not None:
            q = next(rest)
            provenance = {**template.provenance, "q_value": round(q, 4)}
            template = replace(template, tier=hold_tier(template.tier, q), provenance=provenance)
        held.append(template)
    # The sort is stable, so that the order of common templates stays.
    held.sort(key=_rank_title)
    n_tiers = {tier: sum(template.tier == tier for template in held) for tier in library.summary.n_tiers}
    return TitleLibrary(tuple(held), replace(library.summary, n_tiers=n_tiers))


def _rank_title(template: TitleTemplate) -> tuple[int, float]:
    value = template.lift.value if template.lift is not None and template.tier != "common" else 0.0
    return TIER_ORDER.index(template.tier), -value


def _q_value(template: TitleTemplate) -> float:
    value = template.provenance.get("q_value", 1.0)
    return value if isinstance(value, float) else 1.0
