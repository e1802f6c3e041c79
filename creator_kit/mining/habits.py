"""Habits of notes (a shape, a length, a number of topics) and their lift: any set of named groups, doubted alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from creator_kit.mining.lift import Comparison, Ints, estimate_lifts
from creator_kit.mining.template import Lift, Tier

MIN_NOTES, MIN_AUTHORS = 5, 3
TIERS: tuple[Tier, ...] = ("reliable", "promising", "common", "avoided")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class NoteRow:
    """What a comparison needs of a note: ``hot`` is 1, 0 or NaN (``titles.read_heat``)."""

    note_id: str
    author: str
    hot: float
    within_author: bool
    stratum: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Habit:
    """``name`` is ``family:value``; ``share`` (0..1) is of all notes read. ``lift`` None: nothing to compare with."""

    name: str
    n_notes: int
    n_authors: int
    share: float
    tier: Tier = "common"
    lift: Lift | None = None
    q_value: float = 1.0


@dataclass(frozen=True, slots=True)
class Percentiles:
    """P10, P50 and P90 of a count; of nothing they are 0."""

    p10: int
    p50: int
    p90: int


def measure_percentiles(counts: Sequence[int]) -> Percentiles:
    """Percentiles of ``counts``, each one of the counts themselves."""
    if not counts:
        return Percentiles(0, 0, 0)
    return Percentiles(*(int(v) for v in np.quantile(np.asarray(counts), [0.1, 0.5, 0.9], method="inverted_cdf")))


def compare(rows: Sequence[NoteRow]) -> Comparison:
    """The rows as the lift's comparison."""
    author_ids = {author: i for i, author in enumerate(sorted({row.author for row in rows}))}
    stratum_ids = {stratum: i for i, stratum in enumerate(sorted({row.stratum for row in rows}))}
    return Comparison(
        np.array([row.hot for row in rows], np.float64),
        np.array([stratum_ids[row.stratum] for row in rows], np.int64),
        np.array([author_ids[row.author] for row in rows], np.int64),
        np.array([row.within_author for row in rows], np.bool_),
    )


def measure_habits(rows: Sequence[NoteRow], holders: Mapping[str, Sequence[int]]) -> list[Habit]:
    """The habits of ``holders`` (name → row numbers) that 5 notes by 3 authors share, best first.

    One family of tests: their q-values are controlled together.
    """
    n_authors = {name: len({rows[number].author for number in numbers}) for name, numbers in holders.items()}
    names = sorted(n for n, numbers in holders.items() if len(numbers) >= MIN_NOTES and n_authors[n] >= MIN_AUTHORS)
    if not names:
        return []
    groups: list[Ints] = [np.array(holders[name], np.int64) for name in names]
    found = [
        Habit(name, len(group), n_authors[name], round(len(group) / len(rows), 4), one.tier, one.lift, one.q_value)
        for name, group, one in zip(names, groups, estimate_lifts(compare(rows), groups), strict=True)
    ]
    return sorted(found, key=rank_habit)


def rank_habit(habit: Habit) -> tuple[int, float, int, str]:
    """Sort key: tier, lift where it means something, else how many write so."""
    value = habit.lift.value if habit.lift is not None and habit.tier != "common" else 0.0
    return TIERS.index(habit.tier), -value, -habit.n_notes, habit.name


def group_by_habit(items: Iterable[T], list_habits: Callable[[T], Iterable[str]]) -> dict[str, list[int]]:
    """Habit → numbers of the items that have it."""
    holders: dict[str, list[int]] = defaultdict(list)
    for number, item in enumerate(items):
        for habit in list_habits(item):
            holders[habit].append(number)
    return dict(holders)
