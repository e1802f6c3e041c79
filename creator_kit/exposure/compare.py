"""What would change: scenarios under common random numbers, and which unknown drives the answer."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from creator_kit.datafiles import suggest
from creator_kit.errors import UsageError
from creator_kit.exposure.fitting import FittedProfile
from creator_kit.exposure.forecast import Quantiles
from creator_kit.exposure.picture import format_count
from creator_kit.exposure.profile import Array, Constants, RankingProfile
from creator_kit.exposure.rates import REFERENCE_REPLICATES
from creator_kit.exposure.simulate import NoteInput, outcome_draws, simulate_replicates, simulate_totals, summarise
from creator_kit.locale import _

# A scenario whose change is smaller than this in both directions is called no difference (0.5 %).
_NEGLIGIBLE = 0.005
# Sensitivity looks at P50 and P90, which this many replicates give within a few per cent (common numbers).
SENSITIVITY_REPLICATES = 2000


@dataclass(frozen=True, slots=True)
class Difference:
    """A scenario against the base, replicate by replicate with the same random numbers.

    ``change`` holds P10, P50, P90 of the relative change of ``outcome`` (0.1 = 10 % more), ``p_more`` the chance
    that the scenario brings strictly more (0 to 1), ``extra_reads`` how many more (or fewer) reads. ``is_told`` is
    False where the change's interval holds zero: then no difference can be told.
    """

    outcome: str
    base_p50: float
    scenario_p50: float
    change: Quantiles
    p_more: float
    extra_reads: Quantiles

    @property
    def is_told(self) -> bool:
        """Whether the 80 % interval of the change lies on one side of zero."""
        return self.change.p10 > _NEGLIGIBLE or self.change.p90 < -_NEGLIGIBLE


def compare_notes(
    profile: RankingProfile | FittedProfile,
    base: NoteInput,
    scenario: NoteInput,
    *,
    outcome: str = "impressions",
    n_replicates: int = 4000,
    horizon_days: int = 30,
    seed: int,
) -> Difference:
    """What ``scenario`` changes against ``base`` in ``outcome`` (one of OUTCOMES)."""
    first, second = (
        outcome_draws(
            simulate_replicates(
                profile, note, n_replicates=n_replicates, horizon_days=horizon_days, seed=seed, with_curve=False
            )
        )
        for note in (base, scenario)
    )
    return compare_draws(first, second, outcome=outcome)


def compare_draws(first: dict[str, Array], second: dict[str, Array], *, outcome: str = "impressions") -> Difference:
    """What ``second`` changes against ``first``: ``outcome_draws`` of two notes under the same random numbers."""
    a, b = first[outcome], second[outcome]
    return Difference(
        outcome=outcome,
        base_p50=float(np.quantile(a, 0.5, method="inverted_cdf")),
        scenario_p50=float(np.quantile(b, 0.5, method="inverted_cdf")),
        change=summarise((b + 1) / (a + 1) - 1),
        p_more=float((b > a).mean()),
        extra_reads=summarise(second["reads"] - first["reads"]),
    )


def describe_cost(difference: Difference, price_yuan: float) -> str:
    """What a paid boost at ``price_yuan`` costs for each further read, in words."""
    low, high = difference.extra_reads.p10, difference.extra_reads.p90
    if low < 1:
        return _("no cost of a read can be told: it may bring none")
    return _("{price:g} yuan for {low} to {high} more reads: {least:.2f} to {most:.2f} yuan each").format(
        price=price_yuan, low=format_count(low), high=format_count(high), least=price_yuan / high, most=price_yuan / low
    )


def describe_difference(difference: Difference) -> str:
    """A sentence that claims no more than the interval allows."""
    if not difference.is_told:
        return _("no difference can be told")
    low, high = (_signed_percent(x) for x in (difference.change.p10, difference.change.p90))
    return _("{low} to {high} under this model").format(low=low, high=high)


def _signed_percent(change: float) -> str:
    return f"{'-' if change < 0 else '+'}{format_count(abs(100 * change))}%"


_WORDS = {"hour", "grade", "followers", "type", "sponsored", "quality", "paid", "lint", "cover", "title"}
# What a boost costs changes no exposure; it stands in the scenario so that its cost can be told.
_PRICE = "price"
_FIELD_OF = {"paid": "paid_impressions", "lint": "n_lint_hits", "cover": "cover_score", "title": "title_quality"}
# A title's score is not known better than that; drafts whose titles score alike are run once.
TITLE_DECIMALS = 1
# What a title is worth to the model, None where nothing tells.
RateTitle = Callable[[str], float | None]


def parse_scenario(text: str, base: NoteInput, rate_title: RateTitle = lambda _title: None) -> NoteInput:
    """``base`` changed as ``text`` says: ``hour=20``, ``grade=10,followers=5000``, ``paid=2000``, ``sponsored=yes``,
    ``cover=80``, and last ``title=another title``, whose quality is what ``rate_title`` says.

    Raises UsageError for an unknown word or a value that does not fit.
    """
    changes: dict[str, Any] = {}
    for part in _split_scenario(text):
        word, _equals, value = (piece.strip() for piece in part.partition("="))
        if word == "title" and value:
            changes["title_quality"] = rate_title(value)
            continue
        if word == _PRICE:
            parse_price(text)
            continue
        if word not in _WORDS:
            near = suggest(word, sorted(_WORDS))
            raise UsageError(
                _("a scenario cannot change '{word}'").format(word=word),
                where=f"--what-if {text}",
                hint=_("did you mean '{near}'?").format(near=near) if near else ", ".join(sorted(_WORDS)),
            )
        try:
            changes[_FIELD_OF.get(word, word)] = _parse_value(word, value)
        except ValueError as error:
            raise UsageError(
                _("'{value}' does not fit '{word}'").format(value=value, word=word), where=f"--what-if {text}"
            ) from error
    return replace(base, **changes)


def parse_price(text: str) -> float | None:
    """The ``price=`` (yuan) of a scenario, None where it has none. Raises UsageError unless it is above zero."""
    for part in _split_scenario(text):
        word, _equals, value = (piece.strip() for piece in part.partition("="))
        if word == _PRICE:
            try:
                price = float(value)
            except ValueError:
                price = float("nan")
            if not 0 < price < float("inf"):
                raise UsageError(
                    _("'{value}' does not fit '{word}'").format(value=value, word=word), where=f"--what-if {text}"
                )
            return price
    return None


def has_title(text: str) -> bool:
    """Whether a scenario is about another title."""
    return any(part.strip().startswith("title=") for part in _split_scenario(text))


def _split_scenario(text: str) -> list[str]:
    """The parts between commas; a title is the last and keeps its own."""
    before, is_title, title = text.partition("title=")
    parts = [part for part in before.split(",") if part.strip() or not is_title]
    return [*parts, is_title + title] if is_title else parts


def _parse_value(word: str, value: str) -> object:
    if word == "type":
        if value not in ("图文", "视频"):
            raise ValueError(value)
        return value
    if word == "sponsored":
        return {"yes": True, "no": False, "1": True, "0": False, "是": True, "否": False}.get(value) or _false(value)
    if word in ("quality", "cover"):
        return float(value)
    if word == "title":
        raise ValueError(value)
    return int(value)


def _false(value: str) -> bool:
    if value not in ("no", "0", "否"):
        raise ValueError(value)
    return False


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What the P50 and P90 of impressions become when ``name`` is known to lie at its low or its high end."""

    name: str
    note: str
    confidence: str
    low: float
    high: float
    p50_at_low: float
    p50_at_high: float
    p90_at_low: float
    p90_at_high: float

    @property
    def swing(self) -> float:
        """Size of the effect: |ln| of the P50's ratio plus that of the P90's, for ranking."""
        p50 = math.log((self.p50_at_high + 1) / (self.p50_at_low + 1))
        p90 = math.log((self.p90_at_high + 1) / (self.p90_at_low + 1))
        return abs(p50) + abs(p90)


def rank_unknowns(
    profile: RankingProfile | FittedProfile,
    note: NoteInput,
    *,
    n_replicates: int = SENSITIVITY_REPLICATES,
    horizon_days: int = 30,
    seed: int,
) -> list[Sensitivity]:
    """Each constant that has a range, moved from end to end while the others stay unknown; largest swing first.

    With a fitted profile it is what own results leave open (FittedProfile.with_constant).
    """
    found = []
    n_reference = min(2 * n_replicates, REFERENCE_REPLICATES)
    ranking = profile.profile if isinstance(profile, FittedProfile) else profile
    for name in Constants.model_fields:
        constant = getattr(ranking.constants, name)
        low, high = constant.bounds
        if low == high:
            continue
        ends = []
        for value in (low, high):
            total = simulate_totals(
                profile.with_constant(name, value, note.type, n_replicates=n_reference)
                if isinstance(profile, FittedProfile)
                else profile.with_constant(name, value),
                note,
                n_replicates=n_replicates,
                horizon_days=horizon_days,
                seed=seed,
            )
            ends.append([float(x) for x in np.quantile(total, [0.5, 0.9], method="inverted_cdf")])
        found.append(
            Sensitivity(
                name, constant.note, constant.confidence, low, high, ends[0][0], ends[1][0], ends[0][1], ends[1][1]
            )
        )
    return sorted(found, key=lambda item: (-item.swing, item.name))


assert {_FIELD_OF.get(word, word) for word in _WORDS} == {field.name for field in fields(NoteInput)}
