"""Candidates for skeletons: shapes that enough titles share, with one run taken for a filling or none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from creator_kit.mining.bonds import Shapes
from creator_kit.mining.cutting import is_mark
from creator_kit.mining.encoding import FILLING, PAD, EncodedTitles, sorted_unique
from creator_kit.mining.fillable import is_head

# Bits that a slot costs: saying where it ends.
SLOT_BITS = 2.0
MAX_SLOTS = 4
# Candidates are made from the most frequent classes of titles; all classes count for their support.
MAX_CLASSES = 40_000
# Up to so many cells distinct pairs are marked in a table; above, they are sorted.
_TABLE_CELLS = 4_000_000

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SkeletonOptions:
    """Thresholds. ``min_bits``: what the literal words of a skeleton must say at least; ``min_bits_telling`` where
    one of them tells something alone, ``min_bits_marks`` where punctuation carries it ("…，…！")."""

    min_notes: int = 5
    min_authors: int = 3
    min_bits: float = 12.0
    min_bits_telling: float = 7.5
    min_bits_marks: float = 4.0
    max_templates: int = 400


@dataclass(frozen=True, slots=True)
class Candidate:
    """A skeleton with the classes of titles that have it, ascending."""

    items: tuple[int, ...]
    gaps: tuple[bool, ...]
    classes: Ints
    saved: float

    @property
    def n_gaps(self) -> int:
        return sum(self.gaps)


def propose(titles: EncodedTitles, shapes: Shapes, options: SkeletonOptions) -> list[Candidate]:
    """All candidates with enough titles behind them, by items."""
    often = np.sort(np.argsort(-shapes.n_of, kind="stable")[:MAX_CLASSES])
    general = _generalise(shapes.words)
    # (general shape, class) once each, by general shape.
    ids = np.sort(shapes.ids[often], axis=1)
    ids[:, 1:][ids[:, 1:] == ids[:, :-1]] = -1  # a shape that several looks see counts once
    saves = general.weigh(np.arange(len(general.first)), titles.bits)
    pieces = []
    for level in range(ids.shape[1]):
        has = np.flatnonzero(ids[:, level] >= 0)
        shape_id = ids[has, level]
        begin, n = general.starts[shape_id], np.diff(general.starts)[shape_id]
        offset = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
        pieces.append(general.kinds[np.repeat(begin, n) + offset] * len(shapes.n_of) + np.repeat(often[has], n))
    every = np.concatenate(pieces)
    # Kinds that cannot be usable need not be sorted; titles with several shapes of a kind count several times here.
    n_most = np.bincount(every // len(shapes.n_of), weights=shapes.n_of[every % len(shapes.n_of)])
    n_most[saves[: len(n_most)] <= 0] = 0
    is_usable = n_most >= options.min_notes
    every = every[is_usable[every // len(shapes.n_of)]]
    pairs = _list_distinct(every, is_usable, len(shapes.n_of))
    if not len(pairs):
        return []
    kind, number = pairs // len(shapes.n_of), pairs % len(shapes.n_of)
    starts = np.flatnonzero(np.r_[True, kind[1:] != kind[:-1]])
    n_titles = np.add.reduceat(shapes.n_of[number], starts)
    marks = np.random.default_rng(20_240_301).integers(1, 2**62, len(shapes.n_of))
    same = np.add.reduceat(marks[number], starts)  # equal for the same classes
    stops = np.r_[starts[1:], len(pairs)]
    saved = saves[kind[starts]]
    usable = np.flatnonzero(n_titles >= options.min_notes)
    # Of candidates with the same titles, the one that says most; of equals the first kind, which is by content.
    usable = usable[np.lexsort((usable, -saved[usable], same[usable]))]
    out = []
    judge = _Judge(titles, options)
    settled = None
    for place, mark in zip(usable.tolist(), same[usable].tolist(), strict=True):
        if mark != settled:
            items, gaps = _read_shape(general.spell(int(kind[starts[place]])))
            if judge.takes(items, gaps):
                out.append(Candidate(items, gaps, number[starts[place] : stops[place]], float(saved[place])))
                settled = mark
    return sorted(out, key=lambda found: (found.items, found.gaps))


def _list_distinct(pairs: Ints, is_used: NDArray[np.bool_], n: int) -> Ints:
    """Distinct ``pairs`` (first × n + second), ascending; ``is_used[first]`` says which first ones there are."""
    used = np.flatnonzero(is_used)
    if len(used) * n > _TABLE_CELLS:
        return sorted_unique(pairs)
    place = np.cumsum(is_used) - 1
    table = np.zeros(len(used) * n, np.bool_)
    table[place[pairs // n] * n + pairs % n] = True
    found = np.flatnonzero(table)
    return used[found // n] * n + found % n


@dataclass(frozen=True)
class _General:
    """Shapes with one run taken for a filling. Those of shape i are of ``kinds[starts[i]:starts[i + 1]]``; equal
    ones have one kind, which ``first`` traces to a shape and its run."""

    words: Ints
    kinds: Ints
    starts: Ints
    first: Ints

    def spell(self, kind: int) -> tuple[int, ...]:
        shape_id, start, stop = self.first[kind].tolist()
        shape = _read_words(self.words[shape_id])
        return shape if start == stop else (*shape[:start], FILLING, *shape[stop:])

    def weigh(self, kinds: Ints, bits: Floats) -> Floats:
        """Bits that one title of each of ``kinds`` saves."""
        worth = np.where(self.words >= 0, bits[np.maximum(self.words, 0)], 0.0)
        worth -= np.where(self.words == FILLING, SLOT_BITS, 0.0)
        # Whole thousandths add up to the same sum in any order.
        upto = np.c_[np.zeros(len(worth)), np.cumsum(np.round(worth * 1024) / 1024, axis=1)]
        shape_id, start, stop = self.first[kinds].T
        saved: Floats = upto[shape_id, -1] - (upto[shape_id, stop] - upto[shape_id, start])
        saved -= SLOT_BITS * (stop > start)
        return saved


def _scatter(items: Ints) -> Ints:
    value = (items.astype(np.int64) + 11) * np.int64(0x2545_F491_4F6C_DD1D)
    return value ^ (value >> 29)


_STEP = np.int64(0x1F35_7A5B_9C4D_2E6B)


def _read_words(words: Ints) -> tuple[int, ...]:
    return tuple(words[words != PAD].tolist())


def _generalise(shapes: NDArray[np.int32]) -> _General:
    """Every shape (a row that ends in PAD), and every shape with one run of anything taken for a filling where two
    words stay.

    Shapes are compared by polynomial hashes modulo 2**64, so that a shape without its run costs one product.
    """
    words = shapes.astype(np.int64)
    n, width = len(words), words.shape[1] - 1
    length = (words != PAD).sum(axis=1)
    value = _scatter(words)
    value[words == PAD] = 0
    filling = _scatter(np.array([FILLING]))  # arrays wrap in silence, single numbers warn
    power = np.cumprod(np.r_[np.int64(1), np.full(width + 1, _STEP)])
    before = np.c_[np.zeros(n, np.int64), np.cumsum(value[:, :width] * power[:width], axis=1)]
    after = np.zeros((n, width + 2), np.int64)
    for place in range(width - 1, -1, -1):
        after[:, place] = value[:, place] + _STEP * after[:, place + 1]
    n_words = np.c_[np.zeros(n, np.int64), np.cumsum((words != FILLING) & (words != PAD), axis=1)]
    is_open = words == FILLING
    marks, owners, runs, sizes = [before[:, width]], [np.arange(n)], [(0, 0)], [n]
    for start in range(width):
        fits = length > start
        if start:
            fits &= ~is_open[:, start - 1]  # a filling beside the run belongs to it
        for stop in range(start + 1, width + 1):
            rows = np.flatnonzero(
                fits
                & (length >= stop)
                & ~is_open[:, stop]
                & (n_words[:, -1] - n_words[:, stop] + n_words[:, start] >= 2)
            )
            if len(rows):
                marks.append(before[rows, start] + power[[start]] * filling + power[[start + 1]] * after[rows, stop])
                owners.append(rows)
                runs.append((start, stop))
                sizes.append(len(rows))
    every = np.concatenate(marks)
    where = np.column_stack([np.concatenate(owners), np.repeat(np.array(runs), sizes, axis=0)])
    order = np.argsort(where[:, 0], kind="stable")
    every, where = every[order], where[order]
    _, first, kinds = np.unique(every, return_index=True, return_inverse=True)
    starts = np.searchsorted(where[:, 0], np.arange(n + 1))
    return _General(words, kinds.astype(np.int64), starts.astype(np.int64), where[first])


def _read_shape(shape: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[bool, ...]]:
    items, gaps, before = [], [], False
    for item in shape:
        if item == FILLING:
            before = True
        else:
            items.append(item)
            gaps.append(before)
            before = False
    return tuple(items), (*gaps, before)


class _Judge:
    """Whether a person could fill a skeleton, as far as its items tell."""

    def __init__(self, titles: EncodedTitles, options: SkeletonOptions) -> None:
        self._options = options
        self._names, self._bits = titles.names, titles.bits.tolist()
        self._is_typed, self._is_telling = titles.is_typed.tolist(), titles.is_telling.tolist()
        self._is_bracket = [not _BRACKETS.isdisjoint(name) for name in titles.names]
        self._is_mark = [is_mark(name) for name in titles.names]
        self._is_head = [is_head(name) and not typed for name, typed in zip(titles.names, self._is_typed, strict=True)]

    def takes(self, items: tuple[int, ...], gaps: tuple[bool, ...]) -> bool:
        """False for no slot, too many, too little said, or brackets left open."""
        literal = [item for item in items if not self._is_typed[item]]
        n_slots = sum(gaps) + len(items) - len(literal)
        if not literal or not 1 <= n_slots <= MAX_SLOTS:
            return False
        bits = sum([self._bits[item] for item in literal])
        is_counted = self._is_counting(items, gaps)
        if is_counted:
            bits += self._bits[items[0]]
        is_led = (not gaps[0] and self._is_head[items[0]]) or (not gaps[-1] and self._is_head[items[-1]])
        need = self._options.min_bits
        if is_counted or is_led or any(map(self._is_telling.__getitem__, literal)):
            need = self._options.min_bits_telling
        elif sum([self._is_mark[item] for item in literal]) * 2 >= len(literal):
            need = self._options.min_bits_marks
        return bits >= need and (
            not any(map(self._is_bracket.__getitem__, literal))
            or _is_balanced("".join([self._names[item] for item in literal]))
        )

    def _is_counting(self, items: tuple[int, ...], gaps: tuple[bool, ...]) -> bool:
        """Whether the title opens with a number and its classifier (3个…): the number is as much frame as the word."""
        return (
            len(items) > 1
            and not any(gaps[:2])
            and self._names[items[0]] == "{number}"
            and not self._is_typed[items[1]]
        )


_PAIRS = {"（": "）", "(": ")", "《": "》", "【": "】", "“": "”", "「": "」", "[": "]", "『": "』", "‘": "’"}

_BRACKETS = frozenset({*_PAIRS, *_PAIRS.values()})


def _is_balanced(text: str) -> bool:
    waiting: list[str] = []
    for character in text:
        if character in _PAIRS:
            waiting.append(_PAIRS[character])
        elif character in _PAIRS.values() and (not waiting or waiting.pop() != character):
            return False
    return not waiting
