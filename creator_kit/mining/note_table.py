"""Notes as arrays: heat, comparison, bodies read into codes, topics. Read once, in any order, with one result."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from creator_kit.corpus.note import Note
from creator_kit.mining.body_reading import BodyPart, BodyRead, flatten, read_parts
from creator_kit.mining.engine import Engine
from creator_kit.mining.lift import Comparison, Ints
from creator_kit.mining.line_roles import Role
from creator_kit.mining.tagging import clean_tags
from creator_kit.mining.titles import HasHeat, read_heat

# Of so many bodies of one export some have a line break, unless the export takes them out.
MIN_FLAT = 20
NameT = TypeVar("NameT", str, tuple[str, ...])
BodyKind = tuple[tuple[Role, ...], tuple[str, ...]]
Codes = NDArray[np.int32]


@dataclass(frozen=True)
class TopicTable:
    """``names`` of topics (lower case); use k is of topic ``topic[k]`` by note ``note[k]``."""

    names: tuple[str, ...]
    topic: Codes
    note: Codes


@dataclass(frozen=True)
class NoteTable:
    """Arrays over notes in the order of their ids; nothing of their text but the topics' names.

    ``kind[i]``: place in ``kinds`` (outline, habits), −1 without a whole body; ``counts[i]``: characters, lines, emoji.
    ``source[i]`` is a place in ``sources``, ``day[i]`` one in ``days`` or −1. ``flat`` sources have no line break in
    any of at least 20 bodies: their export took them out, and only lengths of their bodies are kept.
    """

    comparison: Comparison
    kinds: tuple[BodyKind, ...]
    kind: Codes
    counts: Codes
    place: NDArray[np.int8]
    topics: TopicTable
    source: Codes
    sources: tuple[str, ...]
    day: Codes
    days: tuple[str, ...]
    flat: tuple[str, ...]
    n_hot_list: int
    n_keywords: int

    @property
    def n_notes(self) -> int:
        return len(self.kind)

    @property
    def has_body(self) -> NDArray[np.bool_]:
        return self.kind >= 0

    def describe_origin(self, rows: Ints) -> tuple[dict[str, int], str, str]:
        """The notes of ``rows`` by source, and the first and last day on which they were published ("" unknown)."""
        n_of = np.bincount(self.source[rows], minlength=len(self.sources))
        days = self.day[rows]
        known = days[days >= 0]
        first, last = (self.days[known.min()], self.days[known.max()]) if len(known) else ("", "")
        return {name: int(n) for name, n in zip(self.sources, n_of, strict=True) if n}, first, last


@dataclass
class _Columns:
    """What grows note by note; numbers are of first appearance until the table is sorted."""

    ids: list[str] = field(default_factory=list)
    hot: array[float] = field(default_factory=lambda: array("d"))
    within: array[int] = field(default_factory=lambda: array("b"))
    stratum: array[int] = field(default_factory=lambda: array("i"))
    author: array[int] = field(default_factory=lambda: array("i"))
    source: array[int] = field(default_factory=lambda: array("i"))
    day: array[int] = field(default_factory=lambda: array("i"))
    topic: array[int] = field(default_factory=lambda: array("i"))
    topic_note: array[int] = field(default_factory=lambda: array("i"))
    strata: dict[tuple[str, ...], int] = field(default_factory=dict)
    authors: dict[str, int] = field(default_factory=dict)
    sources: dict[str, int] = field(default_factory=dict)
    days: dict[str, int] = field(default_factory=dict)
    topics: dict[str, int] = field(default_factory=dict)
    keywords: set[str] = field(default_factory=set)
    n_hot_list: int = 0

    def add(self, note: Note, heat: HasHeat | None, hot_rank: float, has_body: bool) -> None:
        hot, within, stratum = read_heat(note, heat, hot_rank)
        self.n_hot_list += bool(heat is not None and heat.from_hot_list)
        for topic in clean_tags(note):
            self.topic.append(self.topics.setdefault(topic, len(self.topics)))
            self.topic_note.append(len(self.ids))
        self.ids.append(note.note_id)
        self.hot.append(hot)
        self.within.append(within)
        self.stratum.append(self.strata.setdefault(stratum, len(self.strata)))
        self.author.append(self.authors.setdefault(note.author, len(self.authors)))
        self.source.append(self.sources.setdefault(note.source, len(self.sources)))
        self.day.append(self.days.setdefault((note.published_at or "")[:10], len(self.days)))
        if has_body and note.keyword:
            self.keywords.add(note.keyword)


def read_notes(
    notes: Iterable[Note],
    heats: Sequence[HasHeat | None],
    *,
    hot_rank: float,
    engine: Engine | None = None,
    advance: Callable[[int], None] = lambda _n: None,
) -> NoteTable:
    """The table of ``notes``; ``heats[i]`` is the heat of note i. Bodies are read by ``engine``, a part at a time."""
    columns = _Columns()

    def list_bodies() -> Iterator[str]:
        for note, heat in zip_longest(notes, heats):
            if note is None:
                return
            body = "" if note.body_truncated else note.body
            columns.add(note, heat, hot_rank, bool(body.strip()))
            yield body

    kinds: dict[BodyKind, int] = {}
    parts = [_renumber_part(part, kinds) for part in read_parts(list_bodies(), engine=engine, advance=advance)]
    return _sort_table(columns, kinds, parts)


def _renumber_part(
    part: BodyPart, kinds: dict[BodyKind, int]
) -> tuple[Codes, Codes, NDArray[np.bool_], NDArray[np.int8]]:
    new = np.array([kinds.setdefault(kind, len(kinds)) for kind in part.kinds] + [-1], np.int32)
    return new[part.kind], part.counts, part.has_break, part.place


def _sort_table(
    columns: _Columns,
    kinds: dict[BodyKind, int],
    parts: list[tuple[Codes, Codes, NDArray[np.bool_], NDArray[np.int8]]],
) -> NoteTable:
    n = len(columns.ids)
    empty = (np.zeros(0, np.int32), np.zeros((0, 3), np.int32), np.zeros(0, np.bool_), np.zeros(0, np.int8))
    kind, counts, has_break, place = (np.concatenate(column) for column in zip(empty, *parts, strict=True))
    source = np.asarray(columns.source, np.int32)
    flat = _find_flat(source, kind, has_break, len(columns.sources))
    new_kind, kind_names = _flatten_kinds(kinds, np.unique(kind[~flat[source]]), np.unique(kind[flat[source]]))
    kind = np.where(flat[source], new_kind[1][kind], new_kind[0][kind]).astype(np.int32)
    author, _authors = _renumber(columns.author, columns.authors)
    stratum, _strata = _renumber(columns.stratum, columns.strata)
    source, sources = _renumber(columns.source, columns.sources)
    day, days = _renumber(columns.day, columns.days)
    topic, names = _renumber(columns.topic, columns.topics)
    hot = np.asarray(columns.hot, np.float64)
    place_of_id = {note_id: number for number, note_id in enumerate(sorted(set(columns.ids)))}
    ids = np.fromiter((place_of_id[note_id] for note_id in columns.ids), np.int32, n)
    del place_of_id
    order = np.lexsort((hot, author, stratum, kind, ids))
    at = np.empty(n, np.int32)
    at[order] = np.arange(n, dtype=np.int32)
    note = at[np.asarray(columns.topic_note, np.int32)] if len(topic) else np.zeros(0, np.int32)
    by_note = np.lexsort((topic, note))
    # The day "" sorts first, so that known days keep their order when it is taken out.
    skip = int(bool(days) and not days[0])
    flat_names = tuple(sorted(name for name, number in columns.sources.items() if flat[number]))
    return NoteTable(
        Comparison(hot[order], stratum[order].astype(np.int64), author[order].astype(np.int64),
                   np.asarray(columns.within, np.bool_)[order]),
        kind_names, kind[order], counts[order], place[order],
        TopicTable(names, topic[by_note], note[by_note]),
        source[order], sources, day[order] - skip, days[skip:], flat_names, columns.n_hot_list, len(columns.keywords),
    )  # fmt: skip


def _find_flat(source: Codes, kind: Codes, has_break: NDArray[np.bool_], n_sources: int) -> NDArray[np.bool_]:
    n_bodies = np.bincount(source[kind >= 0], minlength=n_sources)
    n_broken = np.bincount(source[has_break], minlength=n_sources)
    flat: NDArray[np.bool_] = (n_bodies >= MIN_FLAT) & (n_broken == 0)
    return flat


def _flatten_kinds(
    kinds: dict[BodyKind, int], whole: Codes, flat: Codes
) -> tuple[tuple[Codes, Codes], tuple[BodyKind, ...]]:
    """The kinds by name, with the new numbers of bodies read whole and of bodies without their line breaks."""
    listed = list(kinds)
    flattened = {int(k): _flatten_kind(listed[k]) for k in flat if k >= 0}
    names = sorted({*(listed[k] for k in whole if k >= 0), *flattened.values()})
    place = {name: number for number, name in enumerate(names)}
    new = np.full((2, len(listed) + 1), -1, np.int32)  # the last column serves −1
    for k in whole:
        if k >= 0:
            new[0, k] = place[listed[k]]
    for k, name in flattened.items():
        new[1, k] = place[name]
    return (new[0], new[1]), tuple(names)


def _flatten_kind(kind: BodyKind) -> BodyKind:
    read = flatten(BodyRead(*kind, 0, 0, 0))
    return read.outline, read.habits


def _renumber(codes: array[int], names: dict[NameT, int]) -> tuple[Codes, tuple[NameT, ...]]:
    """Codes by the order of the names instead of their first appearance."""
    ordered = sorted(names)
    new = np.empty(len(ordered), np.int32)
    for number, name in enumerate(ordered):
        new[names[name]] = number
    return new[np.asarray(codes, np.int32)], tuple(ordered)
