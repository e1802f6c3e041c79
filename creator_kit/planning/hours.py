"""Which hours work for this account: own results, shrunk to "no difference", and silent where none can be told.

What is compared are notes of one account: ln(1 + impressions) less the median of the notes around each in time and
of its type, so that growth and type do not pass for an hour. Hours are eight parts of the day of three hours.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from creator_kit.clock import BEIJING
from creator_kit.corpus.note import Note
from creator_kit.exposure.history import OwnHistory, collect_history

PART_HOURS = 3
N_PARTS = 24 // PART_HOURS
# Practitioners name 7–9, 12–14, 18–20 and 21–23 (LORE); without evidence these only spread the posts.
USUAL_HOURS = (8, 12, 19, 21)
MIN_NOTES = 16
MIN_PART_NOTES = 4
# Chance of a difference as large as seen between parts that do not differ; below it they count as told apart.
MAX_CHANCE = 0.05
_N_SHUFFLES = 999
_NEIGHBOURS = 7


@dataclass(frozen=True, slots=True)
class PartOfDay:
    """Three hours from ``start_hour``: ``n_notes`` own notes, and ``effect``, ln of the factor on impressions against
    the account's own level, shrunk to 0."""

    start_hour: int
    n_notes: int
    effect: float


@dataclass(frozen=True, slots=True)
class HourChoice:
    """What own results say about hours. ``is_told``: some part of the day differs beyond chance (``chance`` is the
    permutation p value, 1 where there is too little to test); else every hour counts the same and posts are spread."""

    n_notes: int
    is_told: bool
    chance: float
    parts: tuple[PartOfDay, ...]

    def effect_of(self, hour: int) -> float:
        """ln of the factor on impressions at ``hour``; 0 where nothing is told."""
        return self.parts[hour // PART_HOURS].effect if self.is_told else 0.0

    def choose_hours(self, quiet: frozenset[int], *, n_hours: int = 2) -> tuple[int, ...]:
        """The posting hours to choose from, outside ``quiet``: the best ``n_hours`` where own results tell, else the
        usual ones."""
        usual = [hour for hour in USUAL_HOURS if hour not in quiet]
        if not self.is_told:
            return tuple(usual) or tuple(hour for hour in range(24) if hour not in quiet)[: len(USUAL_HOURS)]
        free = [hour for hour in range(24) if hour not in quiet]
        by_part: dict[int, int] = {}
        for hour in free:  # the usual hour of a part, else its middle one
            part = hour // PART_HOURS
            if part not in by_part or hour in USUAL_HOURS or (hour % PART_HOURS == 1 and by_part[part] not in usual):
                by_part[part] = hour
        ranked = sorted(by_part, key=lambda part: (-self.parts[part].effect, part))
        return tuple(sorted(by_part[part] for part in ranked[:n_hours]))


def fit_hours(notes: Iterable[Note], *, seed: int) -> HourChoice:
    """What ``notes`` (the creator's own) say about hours. Same notes and seed, same answer."""
    history = collect_history(notes)
    if len(history) == 0:
        return HourChoice(0, False, 1.0, tuple(PartOfDay(p * PART_HOURS, 0, 0.0) for p in range(N_PARTS)))
    part = _parts_of_day(history)
    residual = _residuals(history)
    counts = np.bincount(part, minlength=N_PARTS)
    effects = _shrink(residual, part)
    n_tested = int((counts >= MIN_PART_NOTES).sum())
    chance = 1.0
    if len(history) >= MIN_NOTES and n_tested >= 2:
        chance = _chance(residual, part, np.random.default_rng(seed))
    return HourChoice(
        len(history),
        chance < MAX_CHANCE,
        chance,
        tuple(PartOfDay(p * PART_HOURS, int(counts[p]), float(effects[p])) for p in range(N_PARTS)),
    )


def _parts_of_day(history: OwnHistory) -> NDArray[np.int64]:
    offset_hours = BEIJING.utcoffset(None).total_seconds() / 3600  # history counts days in UTC
    hour = (history.days * 24 + offset_hours) % 24
    return (hour // PART_HOURS).astype(np.int64)


def _residuals(history: OwnHistory) -> NDArray[np.float64]:
    y = history.log_impressions
    out = np.zeros(len(y))
    for kind in (False, True):
        places = np.flatnonzero(history.is_video == kind)
        for rank, place in enumerate(places):
            around = places[max(rank - _NEIGHBOURS, 0) : rank + _NEIGHBOURS + 1]
            others = around[around != place]
            out[place] = y[place] - float(np.median(y[others])) if len(others) else 0.0
    # A note that went viral says little about its hour.
    limit = 3 * 1.4826 * float(np.median(np.abs(out - np.median(out)))) + 1e-9
    return np.clip(out, -limit, limit)


def _shrink(residual: NDArray[np.float64], part: NDArray[np.int64]) -> NDArray[np.float64]:
    """Means of the parts towards 0 by n / (n + within / between), between by the method of moments."""
    counts = np.bincount(part, minlength=N_PARTS).astype(float)
    means = np.divide(
        np.bincount(part, weights=residual, minlength=N_PARTS), counts, out=np.zeros(N_PARTS), where=counts > 0
    )
    within = float(((residual - means[part]) ** 2).sum() / max(len(residual) - int((counts > 0).sum()), 1))
    used = counts > 0
    spread = float((counts[used] * means[used] ** 2).sum())
    between = max((spread - int(used.sum()) * within) / max(float(counts.sum()), 1.0), 0.0)
    if between == 0.0:
        return np.zeros(N_PARTS)
    return np.asarray(means * counts / (counts + within / between))


def _chance(residual: NDArray[np.float64], part: NDArray[np.int64], rng: np.random.Generator) -> float:
    counts = np.bincount(part, minlength=N_PARTS).astype(float)
    used = counts >= MIN_PART_NOTES
    kept = used[part]
    residual, part = residual[kept] - residual[kept].mean(), part[kept]

    def between(values: NDArray[np.float64]) -> float:
        sums = np.bincount(part, weights=values, minlength=N_PARTS)
        return float((sums[used] ** 2 / counts[used]).sum())

    seen = between(residual)
    as_large = sum(between(rng.permutation(residual)) >= seen - 1e-12 for _ in range(_N_SHUFFLES))
    return (1 + as_large) / (1 + _N_SHUFFLES)
