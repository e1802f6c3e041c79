"""Bodies of notes: frequent shapes (roles of lines in order), lengths, emoji and topic habits, each with its doubt.

A shape is a subsequence of outlines that no longer one with the same notes contains (closed: Pasquier et al. 1999,
doi:10.1007/3-540-49257-7_25), shared by 5 notes of 3 authors and a thousandth of all bodies. No sentence of any note
is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from creator_kit.corpus.heat import HOT_RANK
from creator_kit.corpus.note import Note
from creator_kit.mining.engine import Engine
from creator_kit.mining.families import control_families, hold_habits
from creator_kit.mining.habits import (
    MIN_AUTHORS,
    MIN_NOTES,
    TIERS,
    CodeGroups,
    Habit,
    Percentiles,
    count_distinct,
    measure_habits,
    measure_percentiles,
    rank_habit,
)
from creator_kit.mining.line_roles import Role
from creator_kit.mining.note_table import Codes, NoteTable, read_notes
from creator_kit.mining.template import Lift, Tier
from creator_kit.mining.titles import HasHeat
from creator_kit.mining.topic_habits import TopicRead, read_topics

MAX_SHAPES = 40
MIN_PARTS = 2
MIN_SHAPE_SHARE = 0.001


@dataclass(frozen=True, slots=True)
class BodyShape:
    """``roles`` in order, others may stand between; ``n_exact`` notes consist of just these.

    ``n_characters`` and ``n_lines`` are of its notes, ``sources`` their corpora with counts.
    """

    roles: tuple[Role, ...]
    support: int
    n_authors: int
    n_exact: int
    tier: Tier
    lift: Lift | None
    q_value: float
    n_characters: Percentiles
    n_lines: Percentiles
    sources: dict[str, int] = field(default_factory=dict)
    published_first: str = ""
    published_last: str = ""

    @property
    def name(self) -> str:
        """``hook→bullet→tip``."""
        return "→".join(self.roles)


@dataclass(frozen=True, slots=True)
class BodySummary:
    """What was read: ``n_bodies`` of ``n_notes`` have a body, ``n_one_line`` of them without a line break;
    ``flat_sources`` have none in any body: their exports took them out."""

    n_notes: int = 0
    n_bodies: int = 0
    n_authors: int = 0
    n_compared: int = 0
    n_one_line: int = 0
    flat_sources: tuple[str, ...] = ()
    n_hot_list: int = 0
    n_keywords: int = 0
    published_first: str = ""
    published_last: str = ""
    sources: dict[str, int] = field(default_factory=dict)

    @property
    def spans_one_week(self) -> bool:
        """Whether all of at least 5 bodies were published within seven days."""
        if self.n_bodies < MIN_NOTES or not self.published_first:
            return False
        return (date.fromisoformat(self.published_last) - date.fromisoformat(self.published_first)).days < 7


@dataclass(frozen=True, slots=True)
class TagHabits:
    """Topics a note: how many, and how many of them broad, scenario, narrow or rare; ``habits`` best first."""

    n_tags: Percentiles
    share_of_class: dict[str, float]
    habits: tuple[Habit, ...]


@dataclass(frozen=True, slots=True)
class BodyLibrary:
    """Shapes and habits, best first (tier, then lift; common ones by support)."""

    shapes: tuple[BodyShape, ...]
    habits: tuple[Habit, ...]
    n_characters: Percentiles
    n_lines: Percentiles
    n_emoji: Percentiles
    tags: TagHabits
    summary: BodySummary


def mine_bodies(
    notes: Iterable[Note],
    heats: Sequence[HasHeat | None],
    *,
    hot_rank: float = HOT_RANK,
    max_shapes: int = MAX_SHAPES,
    engine: Engine | None = None,
    advance: Callable[[int], None] = lambda _n: None,
) -> BodyLibrary:
    """Shapes, habits and topics of a corpus; ``heats[i]`` is the heat of note i. The notes' order does not matter.

    Of each note only counts and codes are kept. ``advance`` is called with numbers of bodies read.
    """
    sought = SoughtBodies(read_notes(notes, heats, hot_rank=hot_rank, engine=engine, advance=advance))
    tested = sought.test()
    return sought.finish(tested, control_families(list_q_values(tested)), max_shapes=max_shapes)


def list_q_values(families: Sequence[Sequence[Habit]]) -> list[list[float]]:
    """The q-values of each family's compared habits, in their order."""
    return [[habit.q_value for habit in family if habit.lift is not None] for family in families]


class SoughtBodies:
    """All that is to be tested of a table of notes: lengths, habits and shapes of bodies, habits of topics.

    Which groups of notes are compared does not depend on who is hot, so that permuted heat can be tested on them.
    """

    def __init__(self, table: NoteTable) -> None:
        self.table = table
        listed = [habits for _outline, habits in table.kinds]
        self._lengths, self._habits = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
        for kind, habits in enumerate(listed):
            for name in habits:
                (self._lengths if name.startswith("length:") else self._habits)[name].append(kind)
        # Long bodies hold more of everything, so that all but length is compared with bodies of like length.
        bands = sorted(self._lengths)
        band_of = np.array([bands.index(habits[0]) if habits else -1 for habits in listed] + [-1], np.int64)
        self._alike = table.comparison.stratum * (len(bands) + 1) + band_of[table.kind] + 1
        outlines = sorted({outline for outline, _habits in table.kinds if outline})
        place = {outline: number for number, outline in enumerate(outlines)}
        self._outlines = outlines
        self._outline = np.array([place.get(outline, -1) for outline, _ in table.kinds] + [-1], np.int32)[table.kind]
        self._n_outline = np.bincount(self._outline[self._outline >= 0], minlength=len(outlines))
        self._min_shape = max(MIN_NOTES, round(MIN_SHAPE_SHARE * int(table.has_body.sum())))
        self._shapes = self._find_shapes()
        self._topics: TopicRead = read_topics(table)

    @property
    def shape_names(self) -> list[str]:
        """The shapes that are tested, each ``hook→bullet→tip``."""
        return sorted(self._shapes)

    def test(self, is_hot: NDArray[np.float64] | None = None) -> tuple[list[Habit], ...]:
        """The four families, each with q-values of its own; ``is_hot`` in place of the notes' own heat."""
        table = self.table
        whole = table.comparison if is_hot is None else replace(table.comparison, is_hot=is_hot)
        bodies = replace(whole, is_hot=np.where(table.has_body, whole.is_hot, np.nan))
        alike = replace(bodies, stratum=self._alike)
        n_kinds, n_outlines = len(table.kinds), len(self._outlines)
        return (
            measure_habits(bodies, table.kind, self._lengths, n_kinds),
            measure_habits(alike, table.kind, self._habits, n_kinds),
            measure_habits(alike, self._outline, self._shapes, n_outlines, min_notes=self._min_shape),
            measure_habits(whole, self._topics.code, self._topics.holders, self._topics.n_codes),
        )

    def finish(
        self, families: Sequence[Sequence[Habit]], q_values: Sequence[Sequence[float]], *, max_shapes: int = MAX_SHAPES
    ) -> BodyLibrary:
        """The library of what ``test`` found, with the q-values of all that the run tested."""
        table = self.table
        lengths, habits, shapes, topics = (hold_habits(family, q) for family, q in zip(families, q_values, strict=True))
        counts = table.counts[table.has_body]
        has_outline = table.counts[self._outline >= 0]
        return BodyLibrary(
            tuple(self._select_shapes(shapes)[:max_shapes]),
            tuple(sorted([*lengths, *habits], key=rank_habit)),
            measure_percentiles(counts[:, 0]),
            measure_percentiles(has_outline[:, 1]),
            measure_percentiles(has_outline[:, 2]),
            TagHabits(measure_percentiles(self._topics.n_topics), self._topics.share_of_class, tuple(topics)),
            self._summarise(counts),
        )

    def _find_shapes(self) -> dict[str, list[int]]:
        """The closed subsequences of outlines that enough bodies share, with the outlines that contain them."""
        # A role stands once in an outline, so that its subsequences are at most 2^10.
        holders: dict[tuple[Role, ...], list[int]] = defaultdict(list)
        for number, whole in enumerate(self._outlines):
            for size in range(MIN_PARTS, len(whole) + 1):
                for part in combinations(whole, size):
                    holders[part].append(number)
        support = {part: int(self._n_outline[wholes].sum()) for part, wholes in holders.items()}
        frequent = {part for part, n in support.items() if n >= self._min_shape}
        # Open: some pattern with one role more has all its notes.
        swallowed = {
            part[:gap] + part[gap + 1 :]
            for part in frequent
            for gap in range(len(part))
            if support.get(part[:gap] + part[gap + 1 :]) == support[part]
        }
        return {"→".join(part): holders[part] for part in sorted(frequent - swallowed)}

    def _select_shapes(self, habits: Sequence[Habit]) -> list[BodyShape]:
        place = {"→".join(outline): number for number, outline in enumerate(self._outlines)}
        out: list[BodyShape] = []
        for habit in habits:
            roles: tuple[Role, ...] = tuple(habit.name.split("→"))  # type: ignore[arg-type]
            own = place.get(habit.name)
            exact = np.flatnonzero(self._outline == own) if own is not None else np.zeros(0, np.int64)
            is_written = len(exact) >= MIN_NOTES and count_distinct(self.table.comparison.author, exact) >= MIN_AUTHORS
            # Of patterns that contain one another the best stands for all, unless people write just the other, too.
            says_more = not any(other.tier == habit.tier and _nest(other.roles, roles) for other in out)
            if is_written or (habit.tier != "common" and says_more):
                out.append(self._describe_shape(habit, roles, len(exact)))
        out.sort(key=lambda shape: (TIERS.index(shape.tier), -shape.n_exact if shape.tier == "common" else 0))
        return out

    def _describe_shape(self, habit: Habit, roles: tuple[Role, ...], n_exact: int) -> BodyShape:
        rows = CodeGroups(self._outline, len(self._outlines), [self._shapes[habit.name]])[0]
        return BodyShape(
            roles,
            habit.n_notes,
            habit.n_authors,
            n_exact,
            habit.tier,
            habit.lift,
            habit.q_value,
            measure_percentiles(self.table.counts[rows, 0]),
            measure_percentiles(self.table.counts[rows, 1]),
            *self.table.describe_origin(rows),
        )

    def _summarise(self, counts: Codes) -> BodySummary:
        table = self.table
        rows = np.flatnonzero(table.has_body)
        sources, first, last = table.describe_origin(rows)
        return BodySummary(
            n_notes=table.n_notes,
            n_bodies=len(rows),
            n_authors=count_distinct(table.comparison.author, rows),
            n_compared=int((~np.isnan(table.comparison.is_hot[rows])).sum()),
            n_one_line=int((counts[:, 1] == 1).sum()),
            flat_sources=table.flat,
            n_hot_list=table.n_hot_list,
            n_keywords=table.n_keywords,
            published_first=first,
            published_last=last,
            sources=sources,
        )


def _nest(one: Sequence[Role], other: Sequence[Role]) -> bool:
    """Whether the shorter of two shapes is a subsequence of the longer."""
    short, long = sorted((one, other), key=len)
    rest = iter(long)
    return all(role in rest for role in short)
