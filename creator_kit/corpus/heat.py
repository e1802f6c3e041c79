"""How hot a note is among what it can be compared with. Absolute counts never decide.

Engagement is the platform's own 互动量, likes + collects + comments (shares are missing from half of all
exports); notes are compared on those of the three that both have. A note's heat is its mid-rank among its
comparables, (n_below + n_equal / 2) / n, itself counted among the equal ones: ties share a rank, a pile of
zeros stands below the middle, and multiplying all counts of an author or a list changes nothing.

A floor ("10万+") is an interval without an upper end. It stands above every exact count below it; a
comparison that it cannot decide counts half. Where more than ``MAX_UNDECIDED_RATE`` of a note's
comparisons are undecided it has no rank.

Comparables are the author's other notes of the same stage of life (fresh or settled) where there are at
least ``MIN_AUTHOR_NOTES``, which takes the author's reach out; else notes of the same source, keyword, type
and age, then of coarser groups, each named in ``Heat.basis``. Notes of different sources are never compared:
one list holds a week of a feed, another the year's best.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

import numpy as np
import numpy.typing as npt

from creator_kit.corpus.note import Note

Basis = Literal[
    "author",
    "source×keyword×type×age",
    "source×keyword×age",
    "source×type×age",
    "source×age",
    "source",
    "none",
]

ENGAGEMENT = ("likes", "collects", "comments")

# With 8 notes the best two of an author's are hot: fewer would make every second author's latest note a hit.
MIN_AUTHOR_NOTES = 8
# Below 20 the standard error of a rank is above 0.11, half the width of the hot fifth.
MIN_GROUP_NOTES = 20
# A fifth undecided leaves the rank open by ±0.1.
MAX_UNDECIDED_RATE = 0.2

# The best fifth is hot, the lower half is ordinary; between them lies a gap, so that the two differ in kind.
HOT_RANK = 0.8
ORDINARY_RANK = 0.5

# Ages in days. Most of a note's engagement comes within three days of publication, nearly all within two weeks
# unless search keeps it alive; the later bands only keep years apart.
AGE_BANDS_DAYS = (3, 14, 90, 365)

# A list chosen for its heat has nearly no note below the platform's first public step, "10+" likes; samples
# of feeds, searches, topic pages and whole accounts have a quarter or more of them.
QUIET_LIKES = 10
MIN_QUIET_RATE = 0.1

_UNKNOWN_AGE = len(AGE_BANDS_DAYS) + 1
_Ints = npt.NDArray[np.int64]
_Floats = npt.NDArray[np.float64]
_Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Heat:
    """``rank`` in (0, 1), None where nothing can be said; ``n_peers`` other notes it was compared with.

    ``from_hot_list``: compared within a list that was itself chosen for heat, whose lower half is not ordinary.
    ``age_band``: how many of ``AGE_BANDS_DAYS`` the note had passed when its counts were read, one more than all
    of them where that is unknown.
    """

    rank: float | None
    basis: Basis
    n_peers: int
    from_hot_list: bool = False
    age_band: int = _UNKNOWN_AGE

    @property
    def is_hot(self) -> bool:
        """Among the best fifth of its comparables."""
        return self.rank is not None and self.rank >= HOT_RANK

    @property
    def is_ordinary(self) -> bool:
        """In the lower half of comparables that include ordinary notes."""
        return self.rank is not None and self.rank <= ORDINARY_RANK and not self.from_hot_list


_NO_HEAT = Heat(None, "none", 0)


def compute_heat(notes: Sequence[Note]) -> list[Heat]:
    """The heat of each of ``notes`` among all of them, in their order. O(n log n).

    The result for a note does not depend on the order of the others.
    """
    if not notes:
        return []
    age = _age_bands(notes)
    is_fresh = age == 0
    source = _codes(note.source for note in notes)
    keyword = _codes(note.keyword or "" for note in notes)
    kind = _codes(note.type or "" for note in notes)
    author = _codes(note.author for note in notes)
    has_author = np.array([bool(note.author) for note in notes])

    # (basis, group of each note, who takes part, least size of a group)
    everyone = np.ones(len(notes), dtype=bool)
    groupings: list[tuple[Basis, _Ints, _Bools, int]] = [
        ("author", _combine(author, is_fresh.astype(np.int64)), has_author, MIN_AUTHOR_NOTES),
        ("source×keyword×type×age", _combine(source, keyword, kind, age), everyone, MIN_GROUP_NOTES),
        ("source×keyword×age", _combine(source, keyword, age), everyone, MIN_GROUP_NOTES),
        ("source×type×age", _combine(source, kind, age), everyone, MIN_GROUP_NOTES),
        ("source×age", _combine(source, age), everyone, MIN_GROUP_NOTES),
        # A fresh note among settled ones would look ordinary only because it is young.
        ("source", source, ~is_fresh, MIN_GROUP_NOTES),
    ]

    counts = np.array([[-1 if (v := getattr(note, name)) is None else v for name in ENGAGEMENT] for note in notes])
    floors = np.array([[name in note.floors for name in ENGAGEMENT] for note in notes]) & (counts >= 0)
    known = (counts >= 0) @ (1 << np.arange(len(ENGAGEMENT)))  # which counts a note has, as bits

    rank = np.full(len(notes), np.nan)
    n_peers = np.zeros(len(notes), dtype=np.int64)
    basis = np.full(len(notes), -1, dtype=np.int64)
    for metrics in np.unique(known[known > 0]):
        chosen = [i for i in range(len(ENGAGEMENT)) if metrics >> i & 1]
        comparable = (known & metrics) == metrics
        total = counts[:, chosen].sum(axis=1)
        is_floor: _Bools = np.asarray(floors[:, chosen].any(axis=1))
        for number, (_name, group, takes_part, least) in enumerate(groupings):
            open_ = (known == metrics) & (basis < 0) & takes_part
            if not open_.any():
                continue
            among = np.flatnonzero(comparable & takes_part)
            group_rank, n_group, undecided_rate = _mid_ranks(group[among], total[among], is_floor[among])
            settled = open_[among] & (n_group >= least) & (undecided_rate <= MAX_UNDECIDED_RATE)
            at = among[settled]
            rank[at] = group_rank[settled]
            n_peers[at] = n_group[settled] - 1
            basis[at] = number

    hot_lists = find_hot_lists(notes)
    return [
        Heat(r, groupings[b][0], n, b > 0 and note.source in hot_lists, band) if b >= 0 else _NO_HEAT
        for note, r, b, n, band in zip(
            notes, rank.tolist(), basis.tolist(), n_peers.tolist(), age.tolist(), strict=True
        )
    ]


class HotListJudge:
    """Tells lists that were chosen for their heat from sources with ordinary notes in them.

    Feed it notes with ``add``. A source is judged if at least ``MIN_GROUP_NOTES`` of its notes can be told
    quiet (below ``QUIET_LIKES`` likes) from not. It is a hot list if fewer than ``MIN_QUIET_RATE`` of them are
    quiet and it does not consist of whole accounts (half of its notes by authors with ``MIN_AUTHOR_NOTES`` or
    more), where even the least note may be loved.
    """

    def __init__(self) -> None:
        self._n_known: dict[str, int] = {}
        self._n_quiet: dict[str, int] = {}
        self._n_by_author: dict[tuple[str, str], int] = {}

    def add(self, note: Note) -> None:
        if note.likes is None or (note.likes < QUIET_LIKES and "likes" in note.floors):
            return
        source = note.source
        self._n_known[source] = self._n_known.get(source, 0) + 1
        self._n_quiet[source] = self._n_quiet.get(source, 0) + (note.likes < QUIET_LIKES)
        if note.author:
            key = source, note.author
            self._n_by_author[key] = self._n_by_author.get(key, 0) + 1

    def judge(self) -> dict[str, bool]:
        """Whether each judged source is a hot list; sources with too few notes are left out."""
        in_accounts: dict[str, int] = {}
        for (source, _author), n in self._n_by_author.items():
            if n >= MIN_AUTHOR_NOTES:
                in_accounts[source] = in_accounts.get(source, 0) + n
        return {
            source: self._n_quiet[source] < MIN_QUIET_RATE * n and in_accounts.get(source, 0) < n / 2
            for source, n in self._n_known.items()
            if n >= MIN_GROUP_NOTES
        }


def find_hot_lists(notes: Iterable[Note]) -> frozenset[str]:
    """The sources that hold only notes chosen for their heat, so that none of them is ordinary."""
    judge = HotListJudge()
    for note in notes:
        judge.add(note)
    return frozenset(source for source, is_hot_list in judge.judge().items() if is_hot_list)


def _mid_ranks(group: _Ints, value: _Ints, is_floor: _Bools) -> tuple[_Floats, _Ints, _Floats]:
    """Mid-rank of each value within its group, the group's size, and the share of undecided comparisons.

    All groups at once: group and dense value are one sortable key, and each count is a binary search.
    """
    levels, dense = np.unique(value, return_inverse=True)
    width = len(levels) + 1
    # In the order of the keys all searches run along the arrays instead of jumping about in them.
    order = np.argsort(group * width + dense, kind="stable")
    group, dense, is_floor = group[order], dense[order], is_floor[order]
    start = group * width
    key = start + dense
    exact, floor = key[~is_floor], key[is_floor]

    def count(keys: _Ints, low: _Ints, high: _Ints) -> _Ints:
        return np.searchsorted(keys, high) - np.searchsorted(keys, low)

    n_exact, n_floor = count(exact, start, start + width), count(floor, start, start + width)
    n_below = count(exact, start, key)
    n_equal = np.where(is_floor, 1, count(exact, key, key + 1))
    n_undecided = np.where(
        is_floor,
        n_exact - n_below + n_floor - 1,  # any count at or above the floor, any other floor
        count(floor, start, key + 1),  # floors at or below the count
    )
    n = n_exact + n_floor
    back = np.empty_like(order)
    back[order] = np.arange(len(order))
    ranks = (n_below + n_equal / 2 + n_undecided / 2) / n
    return ranks[back], n[back], (n_undecided / np.maximum(n - 1, 1))[back]


def _age_bands(notes: Sequence[Note]) -> _Ints:
    """The band of each note's age at observation; where that moment is unknown, at its source's newest note."""
    latest: dict[str, date] = {}
    published = [_day(note.published_at) for note in notes]
    for note, day in zip(notes, published, strict=True):
        if day is not None and (note.source not in latest or day > latest[note.source]):
            latest[note.source] = day
    bands = []
    for note, day in zip(notes, published, strict=True):
        if day is None:
            bands.append(_UNKNOWN_AGE)
            continue
        if note.observed_at is None:
            # An export is at least as young as its newest note.
            age_days = (latest[note.source] - day).days
        elif len(note.observed_at) > 10 and note.published_at is not None and len(note.published_at) > 10:
            # Both in Beijing time: the offset, if any, says nothing more.
            age = datetime.fromisoformat(note.observed_at[:19]) - datetime.fromisoformat(note.published_at[:19])
            age_days = age // timedelta(days=1)
        else:
            age_days = (date.fromisoformat(note.observed_at[:10]) - day).days
        bands.append(sum(age_days >= edge for edge in AGE_BANDS_DAYS))
    return np.array(bands, dtype=np.int64)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text[:10]) if text else None


def _codes(values: Iterable[str]) -> _Ints:
    known: dict[str, int] = {}
    return np.array([known.setdefault(value, len(known)) for value in values], dtype=np.int64)


def _combine(*codes: _Ints) -> _Ints:
    """One code for each combination, numbered from 0 again at every step so that it never overflows."""
    combined = codes[0]
    for code in codes[1:]:
        combined = np.unique(combined * (int(code.max()) + 1) + code, return_inverse=True)[1].astype(np.int64)
    return combined
