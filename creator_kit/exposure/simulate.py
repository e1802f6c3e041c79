"""The forecast of one note: draw what is unknown, run the mechanism, report quantiles and never a mean."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Literal

import numpy as np

from creator_kit.errors import InputError
from creator_kit.exposure.fitting import FittedProfile
from creator_kit.exposure.forecast import CHANNELS, OUTCOMES, Forecast, Quantiles
from creator_kit.exposure.mechanism import ACTIONS, NoteSetting, Replicates, run_impressions, run_mechanism
from creator_kit.exposure.profile import Array, RankingProfile
from creator_kit.exposure.sampling import Streams, count_quantile
from creator_kit.locale import _

MAX_REPLICATES = 200_000
MAX_DAYS = 365
# Round numbers that a creator would ask about; the ones shown lie around the forecast.
REACH_LADDER = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000)
_ACTION_OUTCOMES = {"like": "likes", "collect": "collects", "comment": "comments", "share": "shares"}
_LEVELS = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True)
class NoteInput:
    """What is known about a note before it is posted.

    ``hour`` is the posting hour in Beijing (0 to 23, None for unknown: noon). ``grade`` is 1 to 10, 0 for
    unknown (drawn). ``quality`` is a score in standard deviations of the creator's notes (about -2 to 2), None
    for unknown; ``title_quality`` likewise, of the title alone by a scorer that has proved itself; ``cover_score`` is 0
    to 100. ``n_lint_hits`` acts only when it is given: no effect of such hits on reach is known.
    ``paid_impressions`` are bought on top and served over the first day.
    """

    type: Literal["图文", "视频"] | None = None
    followers: int = 0
    grade: int = 0
    hour: int | None = None
    sponsored: bool = False
    quality: float | None = None
    n_lint_hits: int = 0
    paid_impressions: int = 0
    title_quality: float | None = None
    cover_score: float | None = None

    def __post_init__(self) -> None:
        problems = (
            (self.followers < 0, "followers", _("a number of followers is not negative")),
            (not 0 <= self.grade <= 10, "grade", _("a grade is 1 to 10, or 0 for unknown")),
            (self.hour is not None and not 0 <= self.hour <= 23, "hour", _("an hour is 0 to 23")),
            (self.quality is not None and not abs(self.quality) <= 5, "quality", _("a quality lies between -5 and 5")),
            (
                self.title_quality is not None and not abs(self.title_quality) <= 5,
                "title_quality",
                _("a quality lies between -5 and 5"),
            ),
            (
                self.cover_score is not None and not 0 <= self.cover_score <= 100,
                "cover_score",
                _("a cover's score lies between 0 and 100"),
            ),
            (self.n_lint_hits < 0, "n_lint_hits", _("a number of findings is not negative")),
            (self.paid_impressions < 0, "paid_impressions", _("a number of impressions is not negative")),
        )
        for is_wrong, field, text in problems:
            if is_wrong:
                raise InputError(text, where=field)


def simulate_note(
    profile: RankingProfile | FittedProfile,
    note: NoteInput,
    *,
    n_replicates: int = 4000,
    horizon_days: int = 30,
    seed: int,
) -> Forecast:
    """The forecast of ``note`` under ``profile``, which may be fitted to own results.

    Same arguments, same forecast. Raises InputError for numbers of replicates or days out of range.
    """
    replicates = simulate_replicates(profile, note, n_replicates=n_replicates, horizon_days=horizon_days, seed=seed)
    return _forecast_of(profile, note, replicates, n_replicates, horizon_days, seed)


def simulate_replicates(
    profile: RankingProfile | FittedProfile,
    note: NoteInput,
    *,
    n_replicates: int,
    horizon_days: int,
    seed: int,
    with_curve: bool = True,
) -> Replicates:
    """The outcomes behind a forecast, one of each replicate; scenarios of one seed share their random numbers."""
    streams, setting = _prepare(profile, note, n_replicates, horizon_days, seed)
    if isinstance(profile, RankingProfile):
        return run_mechanism(profile, setting, streams, n_hours=24 * horizon_days, with_curve=with_curve)
    adjustment = profile.adjustment(note.type, streams)
    replicates = run_mechanism(
        profile.profile, setting, streams, n_hours=24 * horizon_days, adjustment=adjustment, with_curve=with_curve
    )
    unpaid = replicates.total - replicates.impressions["paid"]
    replicates = rescale(replicates, profile.target_ratio(note.type, unpaid), streams)
    # What is counted lies within what it was counted of, also after its spread was settled.
    reads = np.minimum(profile.settle_spread(note.type, "reads", replicates.reads), replicates.total)
    outcome_of = _ACTION_OUTCOMES | {"follow": "new_followers"}
    actions = {
        name: np.minimum(profile.settle_spread(note.type, outcome_of[name], done), reads)
        for name, done in replicates.actions.items()
    }
    return replace(replicates, reads=reads, actions=actions)


def simulate_totals(
    profile: RankingProfile | FittedProfile, note: NoteInput, *, n_replicates: int, horizon_days: int, seed: int
) -> Array:
    """Impressions in every replicate (n,), as ``simulate_replicates`` gives them, in half the time."""
    streams, setting = _prepare(profile, note, n_replicates, horizon_days, seed)
    n_hours = 24 * horizon_days
    if isinstance(profile, RankingProfile):
        return np.asarray(sum(run_impressions(profile, setting, streams, n_hours=n_hours).values()))
    adjustment = profile.adjustment(note.type, streams)
    served = run_impressions(profile.profile, setting, streams, n_hours=n_hours, adjustment=adjustment)
    paid = served.pop("paid")
    ratio = profile.target_ratio(note.type, np.asarray(sum(served.values())))
    return np.asarray(sum(np.rint(one * ratio) for one in served.values()) + paid)


def _prepare(
    profile: RankingProfile | FittedProfile, note: NoteInput, n_replicates: int, horizon_days: int, seed: int
) -> tuple[Streams, NoteSetting]:
    if not 100 <= n_replicates <= MAX_REPLICATES:
        raise InputError(
            _("{n} replicates: give 100 to {most}").format(n=n_replicates, most=MAX_REPLICATES), where="replicates"
        )
    if not 1 <= horizon_days <= MAX_DAYS:
        raise InputError(_("{n} days: give 1 to {most}").format(n=horizon_days, most=MAX_DAYS), where="days")
    setting = NoteSetting(
        is_video=_is_video(profile, note),
        followers=note.followers,
        grade=note.grade,
        hour=12 if note.hour is None else note.hour,
        is_sponsored=note.sponsored,
        quality=note.quality,
        n_lint_hits=note.n_lint_hits,
        paid_impressions=note.paid_impressions,
        title_quality=note.title_quality,
        cover_score=note.cover_score,
    )
    return Streams(seed, n_replicates), setting


def _is_video(profile: RankingProfile | FittedProfile, note: NoteInput) -> bool:
    """A note of unknown type is of the account's usual one, else one of pictures and text."""
    if note.type is None and isinstance(profile, FittedProfile):
        return profile.main_type == "视频"
    return note.type == "视频"


def rescale(replicates: Replicates, ratio: Array, streams: Streams) -> Replicates:
    """``replicates`` with impressions times ``ratio`` (n,): reads and actions are thinned, or drawn for the rest.

    Paid impressions are bought by number and stay as they are.
    """
    impressions = {
        name: served if name == "paid" else np.rint(served * ratio) for name, served in replicates.impressions.items()
    }
    before, after = replicates.total, np.asarray(sum(impressions.values()))
    reads = _resize(replicates.reads, before, after, replicates.read_rate, streams, "rescale:reads")
    actions = {
        name: _resize(done, replicates.reads, reads, replicates.action_rates[name], streams, f"rescale:{name}")
        for name, done in replicates.actions.items()
    }
    factor = np.divide(after, before, out=np.zeros_like(after), where=before > 0)
    return Replicates(
        impressions=impressions,
        reads=reads,
        actions=actions,
        read_rate=replicates.read_rate,
        action_rates=replicates.action_rates,
        n_promotions=replicates.n_promotions,
        cumulative=(replicates.cumulative * factor.astype(np.float32)[:, None]),
    )


def _resize(done: Array, before: Array, after: Array, rate: Array, streams: Streams, label: str) -> Array:
    z = streams.normal(label)
    kept = np.divide(after, before, out=np.ones_like(after), where=before > 0)
    thinned = count_quantile(done, np.minimum(kept, 1.0), z)
    added = done + count_quantile(np.maximum(after - before, 0.0), rate, z)
    return np.where(after < before, thinned, added)


def outcome_draws(replicates: Replicates) -> dict[str, Array]:
    """OUTCOMES → (n,), in every replicate."""
    draws = {"impressions": replicates.total, "reads": replicates.reads}
    draws |= {outcome: replicates.actions[action] for action, outcome in _ACTION_OUTCOMES.items()}
    draws["new_followers"] = replicates.actions["follow"]
    assert tuple(draws) == OUTCOMES and len(ACTIONS) == len(_ACTION_OUTCOMES) + 1
    return draws


def summarise(values: Array) -> Quantiles:
    """P10, P50, P90 of ``values`` (n,), each of them one of the values."""
    p10, p50, p90 = (float(x) for x in np.quantile(values, _LEVELS, method="inverted_cdf"))
    return Quantiles(p10, p50, p90)


def _forecast_of(
    profile: RankingProfile | FittedProfile,
    note: NoteInput,
    replicates: Replicates,
    n_replicates: int,
    horizon_days: int,
    seed: int,
) -> Forecast:
    draws = outcome_draws(replicates)
    total = draws["impressions"]
    quantiles = {name: summarise(values) for name, values in draws.items()}
    some = np.maximum(total, 1.0)
    # Partitioning a float32 matrix in place of np.quantile keeps 4,000 x 720 under a tenth of a second.
    ranks = [max(int(np.ceil(level * n_replicates)) - 1, 0) for level in _LEVELS]
    by_hour = np.partition(np.ascontiguousarray(replicates.cumulative.T), ranks, axis=1)
    return Forecast(
        profile=_plain(profile).id,
        horizon_days=horizon_days,
        n_replicates=n_replicates,
        seed=seed,
        quantiles=quantiles,
        p_at_least=_chances(total),
        basis=_basis(profile, note),
        inputs_hash=hash_inputs(profile, note, n_replicates, horizon_days, seed),
        channels={name: summarise(replicates.impressions[name]) for name in CHANNELS},
        channel_shares={name: float(np.median(replicates.impressions[name] / some)) for name in CHANNELS},
        channel_p_at_least={name: _chances(replicates.impressions[name]) for name in CHANNELS},
        band_hours=tuple(range(1, by_hour.shape[0] + 1)),
        band={
            name: tuple(round(float(x), 1) for x in by_hour[:, rank])
            for name, rank in zip(("p10", "p50", "p90"), ranks, strict=True)
        },
        p_pools=tuple(
            float((replicates.n_promotions >= k).mean()) for k in range(1, int(replicates.n_promotions.max()) + 1)
        ),
        method="prior" if isinstance(profile, RankingProfile) else profile.method(note.type),
        n_own_notes=0 if isinstance(profile, RankingProfile) else profile.n_notes,
        notes_left_out={} if isinstance(profile, RankingProfile) else dict(profile.left_out),
    )


def _chances(impressions: Array) -> dict[int, float]:
    """The chance of at least so many, for each rung of REACH_LADDER."""
    return {n: float((impressions >= n).mean()) for n in REACH_LADDER}


def _plain(profile: RankingProfile | FittedProfile) -> RankingProfile:
    return profile if isinstance(profile, RankingProfile) else profile.profile


def _basis(profile: RankingProfile | FittedProfile, note: NoteInput) -> str:
    if isinstance(profile, RankingProfile):
        return _(
            "Rests on the ranking profile '{profile}' alone, with no results of yours: a wide interval. "
            "`creator-kit results add` of your own sheet narrows it. "
            "These are properties of the assumed model, not evidence about the platform."
        ).format(profile=profile.id)
    return profile.describe(note.type)


def hash_inputs(
    profile: RankingProfile | FittedProfile, note: NoteInput, n_replicates: int, horizon_days: int, seed: int
) -> str:
    """16 hex digits over everything that the forecast was made from."""
    document = {
        "profile": _plain(profile).model_dump(mode="json", exclude={"market"}),
        "fit": None if isinstance(profile, RankingProfile) else profile.summary(),
        "note": asdict(note),
        "n_replicates": n_replicates,
        "horizon_days": horizon_days,
        "seed": seed,
    }
    text = json.dumps(document, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]
