"""Fitting a profile to the creator's own results, by shrinkage: few notes say little, and it says so.

What is fitted, each by type: the level of impressions (creator_kit.exposure.level), reads for an impression,
and the rate of each action for a read. What only many accounts could tell (weights, thresholds, growth of
pools) stays as the profile has it. The mechanism then gives the shape of a forecast, own results its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from creator_kit.corpus.note import Note, NoteType
from creator_kit.exposure.backtest import Backtest, past_errors, score_walk, walk_forward
from creator_kit.exposure.growth import MIN_GROWN, Growth, GrowthModel, HalfLifeFit, apply_half_life
from creator_kit.exposure.history import OwnHistory, collect_history, describe_left_out, type_of
from creator_kit.exposure.level import (
    HALF_LIFE_NOTES,
    SPREAD_PSEUDO_NOTES,
    LevelPrediction,
    LevelPrior,
    Method,
    predict_level,
    weighted_median,
)
from creator_kit.exposure.mechanism import (
    ACTIONS,
    Adjustment,
    NoteSetting,
    run_impressions,
)
from creator_kit.exposure.profile import Array, RankingProfile
from creator_kit.exposure.rates import REFERENCE_REPLICATES, REFERENCE_SEED, RateFit, fit_rates
from creator_kit.exposure.sampling import Streams
from creator_kit.locale import _, pick

# Below this many settled notes the prior still decides much of a forecast (platform facts, section 7).
FEW_NOTES = 20
_REFERENCE_HOURS = 720
_Z90 = 1.2816
# From so many notes of a type on its counts are looked at apart from the other's.
_ENOUGH_OF_TYPE = 12
# Own counts may draw an interval together to this share of the mechanism's, no further.
_LEAST_SLOPE = 0.4


@dataclass(frozen=True, slots=True)
class CountSpread:
    """How far a count lay below and above what the notes before it led to expect, one note ahead, on ln(1 + count):
    distances to the 10 and 90 % points over ``n_errors`` notes."""

    low: float
    high: float
    n_errors: int


@dataclass(frozen=True, slots=True)
class TypeFit:
    """All that is fitted for one type. ``level`` is the target on ln(1 + impressions) by ``method``;
    ``level_shift`` moves the mechanism there; ``reference`` holds ln P10, P50, P90 of the moved mechanism;
    ``spreads`` how far own counts have varied, by outcome (``reads``, ``likes`` …)."""

    n_notes: int
    method: Method
    level: LevelPrediction
    level_shift: float
    reference: tuple[float, float, float]
    read: RateFit
    actions: dict[str, RateFit]
    spreads: dict[str, CountSpread] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FittedProfile:
    """A profile with what own results say about this account. Use it where a profile is asked for.

    ``half_life`` is None where too few notes (``n_grown``) were seen at two ages; ``profile`` has its range then.
    """

    profile: RankingProfile
    n_notes: int
    left_out: dict[str, int]
    types: dict[str, TypeFit]
    test: Backtest
    n_grown: int = 0
    half_life: HalfLifeFit | None = None
    followers: int = 0
    grade: int = 0

    @property
    def main_type(self) -> NoteType:
        """The type with more settled notes; pictures and text where they are equal."""
        return "视频" if self.types["视频"].n_notes > self.types["图文"].n_notes else "图文"

    def of(self, note_type: NoteType | None) -> TypeFit:
        """The fit for a type; without one that of the account's main type."""
        return self.types[note_type or self.main_type]

    def method(self, note_type: NoteType | None) -> Method:
        """How the level of impressions is set: ``fitted``, or the baseline that the fit could not beat."""
        return self.of(note_type).method

    def with_constant(
        self, name: str, value: float, note_type: NoteType | None, *, n_replicates: int = REFERENCE_REPLICATES
    ) -> FittedProfile:
        """This fit, had constant ``name`` been known to be ``value``.

        Own results set the level and the spread of an ordinary note, whatever the mechanism's constants are: so the
        mechanism is moved there anew, and only what the results do not tell is left to the constant. ``n_replicates``
        tell where an ordinary note lies.
        """
        profile, kind = self.profile.with_constant(name, value), note_type or self.main_type
        fit = self.types[kind]
        if fit.method == "prior":
            return replace(self, profile=profile)
        setting = _reference_note(kind == "视频", self.followers, self.grade)
        reference = _reference_quantiles(profile, setting, fit.level_shift, fit.read, fit.actions, n_replicates)
        return replace(self, profile=profile, types=self.types | {kind: replace(fit, reference=reference)})

    def adjustment(self, note_type: NoteType | None, streams: Streams) -> Adjustment:
        """What takes the place of the profile's own draws."""
        fit = self.of(note_type)
        return Adjustment(
            level_log=np.full(streams.n, fit.level_shift),
            read_rate=fit.read.draw(streams.normal("fit:read")),
            action_rates={name: fit.actions[name].draw(streams.normal(f"fit:{name}")) for name in ACTIONS},
        )

    def target_ratio(self, note_type: NoteType | None, total: Array) -> Array:
        """By how much each replicate's impressions must be multiplied so that an ordinary note of this account
        has the fitted P10, P50 and P90. Increasing in ``total`` times itself, so order is kept."""
        fit = self.of(note_type)
        p10, p50, p90 = fit.reference
        x = np.log1p(np.asarray(total, dtype=np.float64))
        slope = np.where(x < p50, fit.level.low / max(p50 - p10, 1e-6), fit.level.high / max(p90 - p50, 1e-6))
        target = np.expm1(fit.level.centre + slope * (x - p50))
        return np.divide(np.maximum(target, 0.0), total, out=np.ones_like(x), where=total > 0)

    def settle_spread(self, note_type: NoteType | None, outcome: str, draws: Array) -> Array:
        """``draws`` (n,) of a count, drawn together around their P50 where own counts have varied less.

        The mechanism lets appeal, actions and reach vary one on top of the other; of an account's own notes those with
        much reach are often read at a lower rate. Never wider, never another P50, and order is kept.
        """
        spread = self.of(note_type).spreads.get(outcome)
        if spread is None:
            return draws
        x = np.log1p(draws)
        p10, p50, p90 = np.quantile(x, [0.1, 0.5, 0.9], method="inverted_cdf")
        trust = spread.n_errors / (spread.n_errors + SPREAD_PSEUDO_NOTES)
        slopes = [
            np.clip((1 - trust) + trust * own / max(model, 1e-9), _LEAST_SLOPE, 1.0)
            for own, model in ((spread.low, p50 - p10), (spread.high, p90 - p50))
        ]
        return np.asarray(np.rint(np.expm1(p50 + np.where(x < p50, *slopes) * (x - p50))))

    def describe(self, note_type: NoteType | None) -> str:
        """The sentences that say what a forecast rests on, in the reader's language."""
        fit = self.of(note_type)
        share = f"{100 * fit.level.own_weight:.0f}%"
        if fit.method == "prior":
            text = _("Rests on the ranking profile '{profile}' alone: none of your notes can be used yet.").format(
                profile=self.profile.id
            )
        elif fit.method == "fitted":
            text = _(
                "Fitted to {n} settled notes of your own ({n_type} of this type) on the profile '{profile}': "
                "your results decide {share} of the level, the prior the rest."
            ).format(n=self.n_notes, n_type=fit.n_notes, profile=self.profile.id, share=share)
        else:
            text = _(
                "Of your {n} settled notes {n_scored} could be predicted from those before; the fitted model did not "
                "beat {baseline} there beyond doubt. So {baseline}, with the interval of its past errors, is the "
                "forecast shown; the rest follows the profile '{profile}'."
            ).format(
                n=self.n_notes,
                n_scored=self.test.n_scored,
                baseline=describe_method(fit.method),
                profile=self.profile.id,
            )
            if 0 < fit.n_notes < self.n_notes:
                text += " " + _(
                    "It is over notes of both types, as it was tested; {n_type} of them are of this type."
                ).format(n_type=fit.n_notes)
        if self.half_life is not None:
            text += pick("", " ") + _(
                "From the growth of {n} notes between exports: the chance of another pool halves in {low:.0f} to "
                "{high:.0f} hours."
            ).format(n=self.half_life.n_notes, low=self.half_life.low_hours, high=self.half_life.high_hours)
        elif self.n_grown:
            text += pick("", " ") + _(
                "{n} notes were seen at two ages, too few to fit a half-life (it takes {least})."
            ).format(n=self.n_grown, least=MIN_GROWN)
        if 0 < self.n_notes < FEW_NOTES:
            text += pick("", " ") + _(
                "With fewer than {few} notes the prior weighs much, and the next export may move this a lot."
            ).format(few=FEW_NOTES)
        for sentence in describe_left_out(self.left_out):
            text += pick("", " ") + sentence
        return text + pick("", " ") + _("These are properties of the assumed model, not evidence about the platform.")

    def summary(self) -> dict[str, object]:
        """The fit as plain numbers, for hashes and ``--json``."""
        return {
            "n_notes": self.n_notes,
            "left_out": self.left_out,
            "half_life_hours": None
            if self.half_life is None
            else [
                round(x, 2) for x in (self.half_life.low_hours, self.half_life.middle_hours, self.half_life.high_hours)
            ],
            "types": {
                name: {
                    "n_notes": fit.n_notes,
                    "method": fit.method,
                    "p10": round(float(np.expm1(fit.level.centre - fit.level.low)), 1),
                    "p50": round(float(np.expm1(fit.level.centre)), 1),
                    "p90": round(float(np.expm1(fit.level.centre + fit.level.high)), 1),
                    "own_weight": round(fit.level.own_weight, 4),
                    "read_rate": round(fit.read.rate, 5),
                    "spreads": {name: [round(s.low, 4), round(s.high, 4)] for name, s in fit.spreads.items()},
                    "action_rates": {action: round(rate.rate, 5) for action, rate in fit.actions.items()},
                }
                for name, fit in self.types.items()
            },
        }


def describe_method(method: Method) -> str:
    """A method's name in the reader's language."""
    return {
        "prior": _("the profile's prior alone"),
        "fitted": _("the fitted model"),
        "median": _("the median of all your notes"),
        "last5": _("the median of your last five notes"),
    }[method]


def fit_profile(
    profile: RankingProfile,
    own_notes: Iterable[Note],
    *,
    grown: Sequence[Growth] = (),
    followers: int = 0,
    grade: int = 0,
) -> FittedProfile:
    """``profile`` fitted to ``own_notes``, which were written with about that many followers at that grade.

    ``grown`` are own notes that were seen at several ages (creator_kit.exposure.growth); they fit the half-life.

    Without a usable note the fit is the prior. The level of impressions comes from the fitted model only where
    a backtest on the same notes shows that it beats the better of the two medians; with fewer scored notes
    than such a test needs, it comes from the fitted model, in which the prior then weighs much.
    """
    history = collect_history(own_notes)
    half_life = GrowthModel(profile).fit(grown)
    if half_life is not None:
        profile = apply_half_life(profile, half_life)
    priors = {
        is_video: level_prior(profile, is_video=is_video, followers=followers, grade=grade)
        for is_video in (False, True)
    }
    walk = walk_forward(history, priors)
    test = score_walk(walk)
    y = history.log_impressions
    types: dict[str, TypeFit] = {}
    for is_video, prior in priors.items():
        method: Method = test.chosen if len(history) else "prior"
        past = past_errors(y, walk.quantiles[method], len(history))
        level = predict_level(method, y, history.is_video, is_video, prior, past)
        shift = level.centre - prior.centre
        setting = _reference_note(is_video, followers, grade)
        read, actions = fit_rates(profile, history, is_video=is_video)
        reference = _reference_quantiles(profile, setting, shift, read, actions)
        types[type_of(is_video)] = TypeFit(
            n_notes=int((history.is_video == is_video).sum()) if len(history) else 0,
            method=method,
            level=level,
            level_shift=shift,
            reference=reference,
            read=read,
            actions=actions,
            spreads=_past_spreads(history, is_video=is_video),
        )
    return FittedProfile(profile, len(history), history.left_out, types, test, len(grown), half_life, followers, grade)


@lru_cache(maxsize=32)
def level_prior(profile: RankingProfile, *, is_video: bool, followers: int = 0, grade: int = 0) -> LevelPrior:
    """The profile's P10, P50, P90 for an account of ordinary level, and how far accounts lie apart."""
    streams = Streams(REFERENCE_SEED, REFERENCE_REPLICATES)
    level = Adjustment(level_log=np.zeros(streams.n))
    note = _reference_note(is_video, followers, grade)
    served = run_impressions(profile, note, streams, n_hours=_REFERENCE_HOURS, adjustment=level)
    p10, p50, p90 = (float(x) for x in np.quantile(np.log1p(sum(served.values())), [0.1, 0.5, 0.9]))
    low, high = profile.constants.account_sd.bounds
    return LevelPrior(centre=p50, low=p50 - p10, high=p90 - p50, account_sd=max((low + high) / 2, 1e-3))


def _past_spreads(history: OwnHistory, *, is_video: bool) -> dict[str, CountSpread]:
    """By outcome: errors of the recency-weighted median of the notes before, among notes of this type if these are
    enough, else among all."""
    found = {}
    columns = {"reads": history.views, **history.counts}
    for outcome, counts in columns.items():
        known = np.isfinite(counts)
        same = known & (history.is_video == is_video)
        y = np.log1p(counts[same if same.sum() >= _ENOUGH_OF_TYPE else known])
        errors = [
            y[k] - weighted_median(y[:k], 0.5 ** (np.arange(k)[::-1] / HALF_LIFE_NOTES)) for k in range(5, len(y))
        ]
        if errors:
            low, high = np.quantile(errors, [0.1, 0.9], method="weibull")
            found[outcome] = CountSpread(max(-float(low), 0.05), max(float(high), 0.05), len(errors))
    return found


def _reference_note(is_video: bool, followers: int, grade: int) -> NoteSetting:
    return NoteSetting(
        is_video=is_video,
        followers=followers,
        grade=grade,
        hour=12,
        is_sponsored=False,
        quality=None,
        n_lint_hits=0,
        paid_impressions=0,
    )


def _reference_quantiles(
    profile: RankingProfile,
    note: NoteSetting,
    shift: float,
    read: RateFit,
    actions: dict[str, RateFit],
    n_replicates: int = REFERENCE_REPLICATES,
) -> tuple[float, float, float]:
    streams = Streams(REFERENCE_SEED, n_replicates)
    adjustment = Adjustment(
        level_log=np.full(streams.n, shift),
        read_rate=read.draw(streams.normal("fit:read")),
        action_rates={name: actions[name].draw(streams.normal(f"fit:{name}")) for name in ACTIONS},
    )
    served = run_impressions(profile, note, streams, n_hours=_REFERENCE_HOURS, adjustment=adjustment)
    p10, p50, p90 = (float(x) for x in np.quantile(np.log1p(sum(served.values())), [0.1, 0.5, 0.9]))
    return p10, p50, p90
