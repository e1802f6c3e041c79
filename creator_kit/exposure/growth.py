"""How fast notes stop growing: the half-life of promotion, fitted to notes that were seen at several ages.

Two exports of the note list a few days apart, or any series of counts by the hour, tell of each note how much came
between two ages. The mechanism is run for a grid of half-lives, all else drawn from the profile; the likelihood of a
note is a kernel density, over replicates, of its log growth in all its intervals together. Notes that never left the
first pool say next to nothing about a half-life, so it takes some dozens of notes to narrow the profile's range.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from creator_kit.clock import BEIJING
from creator_kit.corpus.merging import Observation
from creator_kit.exposure.mechanism import NoteSetting, run_curve
from creator_kit.exposure.profile import Array, RankingProfile
from creator_kit.exposure.sampling import Streams

NAME = "promotion_half_life_hours"
# With fewer notes seen twice the profile's range stays as it is.
MIN_GROWN = 5
MAX_AGE_HOURS = 720
_N_GRID = 9
_N_REPLICATES = 1000
_SEED = 20260202
# Kernel width on the scale of ln growth: about the noise of a note of some hundred impressions.
_BANDWIDTH = 0.2
# A note that the model cannot produce must not decide alone.
_FLOOR = 1e-6
_MOST_INTERVALS = 3
_HOUR_BIN = 6


@dataclass(frozen=True, slots=True)
class Growth:
    """One note at several ages: ``age_hours`` rising, 1 to 720, ``impressions`` by then; ``hour`` of posting."""

    age_hours: tuple[int, ...]
    impressions: tuple[float, ...]
    hour: int
    is_video: bool


@dataclass(frozen=True, slots=True)
class HalfLifeFit:
    """Posterior of the half-life (hours): middle, and the 1 and 99 % points that take the place of the profile's
    range; ``n_notes`` were seen at two ages or more."""

    n_notes: int
    middle_hours: float
    low_hours: float
    high_hours: float


def collect_growth(histories: Iterable[Sequence[Observation]]) -> list[Growth]:
    """Own notes that were seen at two ages or more within 30 days, each with at most four ages spread over them.

    ``histories`` are observations of one note each, oldest first. Observations without a time of their own, without
    impressions, or with fewer than before (a clock or a recount) are passed over.
    """
    found = []
    for history in histories:
        ages: list[int] = []
        counts: list[float] = []
        posted = next((t for o in reversed(history) if (t := _parse(o.note.published_at))), None)
        for observation in history:
            at, count = _parse(observation.at), observation.note.impressions
            if posted is None or at is None or not observation.is_timed or not count:
                continue
            age = round((at - posted).total_seconds() / 3600)
            if 1 <= age <= MAX_AGE_HOURS and (not ages or (age > ages[-1] and count >= counts[-1])):
                ages.append(age)
                counts.append(float(count))
        if posted is not None and len(ages) >= 2:
            keep = np.unique(np.linspace(0, len(ages) - 1, min(len(ages), _MOST_INTERVALS + 1)).round().astype(int))
            found.append(
                Growth(
                    age_hours=tuple(ages[k] for k in keep),
                    impressions=tuple(counts[k] for k in keep),
                    hour=posted.astimezone(BEIJING).hour,
                    is_video=history[-1].note.type == "视频",
                )
            )
    return found


class GrowthModel:
    """The growth that ``profile`` implies under a grid of half-lives; simulated once for each type and time of day."""

    def __init__(self, profile: RankingProfile) -> None:
        self.profile = profile
        self.constant = getattr(profile.constants, NAME)
        low, high = self.constant.bounds
        # Quantiles of the prior, so that each point of the grid has the same prior mass.
        levels = (np.arange(_N_GRID) + 0.5) / _N_GRID
        self.grid: Array = self.constant.draw(levels) if high > low else np.array([self.constant.default])
        self._curves: dict[tuple[bool, int], list[np.ndarray[tuple[int, int], np.dtype[np.float32]]]] = {}

    def _simulate(self, is_video: bool, hour: int) -> list[np.ndarray[tuple[int, int], np.dtype[np.float32]]]:
        key = (is_video, hour // _HOUR_BIN)
        if key not in self._curves:
            note = NoteSetting(
                is_video=is_video,
                followers=0,
                grade=0,
                hour=min(key[1] * _HOUR_BIN + _HOUR_BIN // 2, 23),
                is_sponsored=False,
                quality=None,
                n_lint_hits=0,
                paid_impressions=0,
            )
            streams = Streams(_SEED, _N_REPLICATES)
            self._curves[key] = [
                run_curve(self.profile.with_constant(NAME, float(value)), note, streams, n_hours=MAX_AGE_HOURS)
                for value in self.grid
            ]
        return self._curves[key]

    def log_likelihood(self, grown: Sequence[Growth]) -> Array:
        """(grid,) ln density of the notes' growth, each in all its intervals, under each half-life."""
        total = np.zeros(len(self.grid))
        # Notes of one sheet that were posted on one day were seen at the same ages.
        alike: dict[tuple[bool, int, tuple[int, ...]], list[Growth]] = {}
        for note in grown:
            alike.setdefault((note.is_video, note.hour // _HOUR_BIN, note.age_hours), []).append(note)
        for (is_video, _time_of_day, ages), notes in alike.items():
            seen = np.diff(np.log1p([note.impressions for note in notes]), axis=1).astype(np.float32)
            at = np.array(ages) - 1
            for k, curve in enumerate(self._simulate(is_video, notes[0].hour)):
                simulated = np.diff(np.log1p(curve[:, at]), axis=1)
                for note_seen in seen:
                    kernel = np.exp(-0.5 * (((simulated - note_seen) / _BANDWIDTH) ** 2).sum(axis=1))
                    total[k] += np.log(float(kernel.mean(dtype=np.float64)) + _FLOOR)
        return total

    def fit(self, grown: Sequence[Growth]) -> HalfLifeFit | None:
        """The posterior from ``grown`` notes; None with fewer than MIN_GROWN of them or a half-life that is known."""
        if len(grown) < MIN_GROWN or len(self.grid) == 1:
            return None
        middle, low, high = self.quantiles(grown, (0.5, 0.01, 0.99))
        return HalfLifeFit(len(grown), middle, low, high)

    def posterior(self, grown: Sequence[Growth]) -> Array:
        """(grid,) posterior mass of each half-life of the grid."""
        total = self.log_likelihood(grown)
        mass = np.exp(total - total.max())
        return np.asarray(mass / mass.sum())

    def quantiles(self, grown: Sequence[Growth], levels: Sequence[float]) -> list[float]:
        """Quantiles of the posterior (hours): each grid point spreads its mass over its stretch of the prior."""
        cdf = np.concatenate([[0.0], np.cumsum(self.posterior(grown))])
        edges = self.constant.draw(np.linspace(0.0, 1.0, _N_GRID + 1))
        return [float(np.exp(np.interp(level, cdf, np.log(edges)))) for level in levels]

    def level_of(self, grown: Sequence[Growth], hours: float) -> float:
        """Posterior probability of a half-life below ``hours`` (0 to 1)."""
        cdf = np.concatenate([[0.0], np.cumsum(self.posterior(grown))])
        edges = self.constant.draw(np.linspace(0.0, 1.0, _N_GRID + 1))
        return float(np.interp(np.log(hours), np.log(edges), cdf))


def apply_half_life(profile: RankingProfile, fit: HalfLifeFit) -> RankingProfile:
    """``profile`` with the posterior in place of its range of the half-life."""
    constant = getattr(profile.constants, NAME)
    own = type(constant).model_validate(
        constant.model_dump()
        | {
            "default": fit.middle_hours,
            "low": fit.low_hours,
            "high": fit.high_hours,
            "distribution": "log-triangular",
            "confidence": "CALC",
            "source": f"fitted to the growth of {fit.n_notes} own notes",
        }
    )
    return profile.model_copy(update={"constants": profile.constants.model_copy(update={NAME: own})})


def _parse(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)
