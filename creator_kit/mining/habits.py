"""Habits of notes (a shape, a length, a number of topics) and their lift: any set of named groups, doubted alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from creator_kit.mining.lift import Comparison, Ints, estimate_lifts
from creator_kit.mining.template import Lift, Tier

MIN_NOTES, MIN_AUTHORS = 5, 3
TIERS: tuple[Tier, ...] = ("reliable", "promising", "common", "avoided")


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


def measure_percentiles(counts: Sequence[int] | NDArray[np.integer]) -> Percentiles:
    """Percentiles of ``counts``, each one of the counts themselves."""
    if not len(counts):
        return Percentiles(0, 0, 0)
    return Percentiles(*(int(v) for v in np.quantile(np.asarray(counts), [0.1, 0.5, 0.9], method="inverted_cdf")))


class CodeGroups(Sequence[Ints]):
    """Groups of notes by a code that each note has (−1: none): group i are the notes with a code of ``members[i]``.

    A group's note numbers are found when they are asked for, since thousands of groups of a million notes that
    overlap would not fit into memory at once.
    """

    def __init__(self, code: NDArray[np.integer], n_codes: int, members: Sequence[Sequence[int]]) -> None:
        self._code, self._n_codes, self._members = code, n_codes, members

    def __len__(self) -> int:
        return len(self._members)

    @overload
    def __getitem__(self, index: int) -> Ints: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Ints]: ...
    def __getitem__(self, index: int | slice) -> Ints | Sequence[Ints]:
        if isinstance(index, slice):
            return CodeGroups(self._code, self._n_codes, self._members[index])
        is_member = np.zeros(self._n_codes + 1, np.bool_)  # the last place serves −1
        is_member[list(self._members[index])] = True
        return np.flatnonzero(is_member[self._code])


def measure_habits(
    comparison: Comparison,
    code: NDArray[np.integer],
    holders: Mapping[str, Sequence[int]],
    n_codes: int,
    *,
    min_notes: int = MIN_NOTES,
) -> list[Habit]:
    """The habits of ``holders`` (name → codes) that ``min_notes`` notes by 3 authors share, best first.

    ``code[i]`` is the code of note i, −1 for a note that was not read. One family of tests: their q-values are
    controlled together.
    """
    n_of_code = np.bincount(code[code >= 0], minlength=n_codes)
    support = {name: int(n_of_code[list(codes)].sum()) for name, codes in holders.items()}
    names = sorted(name for name, n in support.items() if n >= min_notes)
    groups = CodeGroups(code, n_codes, [holders[name] for name in names])
    n_authors = [count_distinct(comparison.author, rows) for rows in groups]
    kept = [place for place, n in enumerate(n_authors) if n >= MIN_AUTHORS]
    if not kept:
        return []
    n_read = int((code >= 0).sum())
    results = estimate_lifts(comparison, CodeGroups(code, n_codes, [holders[names[place]] for place in kept]))
    found = [
        Habit(
            names[place],
            support[names[place]],
            n_authors[place],
            round(support[names[place]] / n_read, 4),
            one.tier,
            one.lift,
            one.q_value,
        )
        for place, one in zip(kept, results, strict=True)
    ]
    return sorted(found, key=rank_habit)


def count_distinct(numbers: Ints, rows: Ints) -> int:
    """How many different ``numbers`` (0 and up) the ``rows`` have."""
    seen = np.zeros(int(numbers.max(initial=-1)) + 1, np.bool_)
    seen[numbers[rows]] = True
    return int(seen.sum())


def rank_habit(habit: Habit) -> tuple[int, float, int, str]:
    """Sort key: tier, lift where it means something, else how many write so."""
    value = habit.lift.value if habit.lift is not None and habit.tier != "common" else 0.0
    return TIERS.index(habit.tier), -value, -habit.n_notes, habit.name
