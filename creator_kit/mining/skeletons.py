"""Whole-title skeletons, chosen by description length among the shapes that bound words make.

1. Each title has a few shapes (``bonds``). A shape, and a shape with one run taken for a filling, is a candidate
   when enough titles have it. Of candidates with the same titles the one that says most stays (closedness:
   Pasquier et al. 1999, doi:10.1007/3-540-49257-7_25).
2. A greedy weighted cover keeps the candidates that shorten the description of the titles most (two-part MDL
   as in Krimp, Vreeken et al. 2011, doi:10.1007/s10618-010-0202-x, with the greedy order of SQS, Tatti &
   Vreeken 2012). A skeleton that adds one filling to another (its words lie in one gap) saves nothing beyond
   the cost of naming that filling, so frequent fillings do not become templates.
3. What was chosen is sought in all shapes again, and what mostly stands in slots of several skeletons is
   filling: the cover is made once more without skeletons of such words.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from creator_kit.mining.bonds import Shapes, find_shapes, measure_bonds
from creator_kit.mining.encoding import EOS, FILLING, PAD, EncodedTitles, is_mark, sorted_unique
from creator_kit.mining.engine import Engine
from creator_kit.mining.fillable import is_head

# Bits that a slot costs: saying where it ends.
SLOT_BITS = 2.0
MAX_SLOTS = 4
# Candidates are made from the most frequent classes of titles; all classes count for their support.
MAX_CLASSES = 40_000

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Skeleton:
    """``items`` without the ends; ``gaps[i]`` says whether a free slot lies before item i (the last one:
    after all items). ``rows`` are the matched titles (row numbers, ascending)."""

    items: tuple[int, ...]
    gaps: tuple[bool, ...]
    rows: Ints

    @property
    def n_gaps(self) -> int:
        return sum(self.gaps)


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


def find_skeletons(
    titles: EncodedTitles,
    options: SkeletonOptions,
    *,
    accept: Callable[[Skeleton], bool] | None = None,
    engine: Engine | None = None,
) -> list[Skeleton]:
    """The skeletons that describe ``titles`` best, in the order in which they were chosen.

    Only those that ``accept`` takes are considered (whether a person could fill them).
    Cost is linear in the number of titles (the number of candidates is bounded). Ties are broken by item numbers.
    """
    if len(titles.rows) < options.min_notes or len(titles.names) <= 2:
        return []
    shapes = find_shapes(titles, measure_bonds(titles, options.min_notes, engine))
    cover = _Cover(titles, shapes, options)
    candidates = _propose(titles, shapes, options)
    if accept is not None:
        candidates = [found for found in candidates if accept(cover.spell(found))]
    chosen, owner = cover.choose(candidates)
    filling = _find_filling_words(titles, [cover.spell(found) for found in chosen], owner[shapes.class_of])
    wider = _Places(shapes).widen(chosen)
    kept = [found for found in wider if not _is_of_fillings(titles, found.items, filling)]
    chosen, _owner = cover.choose(kept)
    return _drop_fillings(titles, [cover.spell(found) for found in chosen])


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A skeleton with the classes of titles that have it, ascending."""

    items: tuple[int, ...]
    gaps: tuple[bool, ...]
    classes: Ints
    saved: float

    @property
    def n_gaps(self) -> int:
        return sum(self.gaps)


def _propose(titles: EncodedTitles, shapes: Shapes, options: SkeletonOptions) -> list[_Candidate]:
    """All candidates with enough titles behind them, by items."""
    often = np.sort(np.argsort(-shapes.n_of, kind="stable")[:MAX_CLASSES])
    general = _generalise(shapes.shapes)
    # (general shape, class) once each, by general shape.
    ids = shapes.ids[often]
    pieces = []
    for level in range(ids.shape[1]):
        has = np.flatnonzero(ids[:, level] >= 0)
        shape_id = ids[has, level]
        begin, n = general.starts[shape_id], np.diff(general.starts)[shape_id]
        offset = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
        pieces.append(general.kinds[np.repeat(begin, n) + offset] * len(shapes.n_of) + np.repeat(often[has], n))
    pairs = sorted_unique(np.concatenate(pieces))
    kind, number = pairs // len(shapes.n_of), pairs % len(shapes.n_of)
    starts = np.flatnonzero(np.r_[True, kind[1:] != kind[:-1]])
    n_titles = np.add.reduceat(shapes.n_of[number], starts)
    marks = np.random.default_rng(20_240_301).integers(1, 2**62, len(shapes.n_of))
    same = np.add.reduceat(marks[number], starts)  # equal for the same classes
    stops = np.r_[starts[1:], len(pairs)]
    saved = general.weigh(kind[starts], titles.bits)
    usable = np.flatnonzero((n_titles >= options.min_notes) & (saved > 0))
    # Of candidates with the same titles, the one that says most; of equals the first kind, which is by content.
    usable = usable[np.lexsort((usable, -saved[usable], same[usable]))]
    out = []
    settled = None
    for place, mark in zip(usable.tolist(), same[usable].tolist(), strict=True):
        if mark != settled:
            items, gaps = _read_shape(general.spell(int(kind[starts[place]])))
            if _is_wellformed(titles, items, gaps, options):
                out.append(_Candidate(items, gaps, number[starts[place] : stops[place]], float(saved[place])))
                settled = mark
    return sorted(out, key=lambda found: (found.items, found.gaps))


@dataclass(frozen=True)
class _General:
    """Shapes with one run taken for a filling. Those of shape i are of ``kinds[starts[i]:starts[i + 1]]``; equal
    ones have one kind, which ``first`` traces to a shape and its run."""

    shapes: tuple[tuple[int, ...], ...]
    words: Ints
    kinds: Ints
    starts: Ints
    first: Ints

    def spell(self, kind: int) -> tuple[int, ...]:
        shape_id, start, stop = self.first[kind].tolist()
        shape = self.shapes[shape_id]
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


def _generalise(shapes: tuple[tuple[int, ...], ...]) -> _General:
    """Every shape, and every shape with one run of anything taken for a filling where two words stay.

    Shapes are compared by polynomial hashes modulo 2**64, so that a shape without its run costs one product.
    """
    n, width = len(shapes), max(map(len, shapes), default=0)
    words = np.full((n, width + 1), PAD, np.int64)
    for row, shape in enumerate(shapes):
        words[row, : len(shape)] = shape
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
    marks, origin = [before[:, width]], [np.c_[np.arange(n), np.zeros(n, np.int64), np.zeros(n, np.int64)]]
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
                origin.append(np.c_[rows, np.full(len(rows), start), np.full(len(rows), stop)])
    every, where = np.concatenate(marks), np.concatenate(origin)
    order = np.argsort(where[:, 0], kind="stable")
    every, where = every[order], where[order]
    _, first, kinds = np.unique(every, return_index=True, return_inverse=True)
    starts = np.searchsorted(where[:, 0], np.arange(n + 1))
    return _General(shapes, words, kinds.astype(np.int64), starts.astype(np.int64), where[first])


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


class _Places:
    """Which classes of titles hold which items, to find a skeleton in all of them."""

    def __init__(self, shapes: Shapes) -> None:
        # The fullest shape of a class: a skeleton is looked for in it.
        length = np.array([len(shape) for shape in shapes.shapes], np.int64)
        lengths = np.where(shapes.ids >= 0, length[shapes.ids], -1)
        fullest = shapes.ids[np.arange(len(shapes.ids)), lengths.argmax(axis=1)]
        self._shapes = [shapes.shapes[i] if i >= 0 else () for i in fullest.tolist()]
        self._holders: dict[int, set[int]] = {}
        for number, shape in enumerate(self._shapes):
            for item in set(shape):
                self._holders.setdefault(item, set()).add(number)

    def widen(self, chosen: Sequence[_Candidate]) -> list[_Candidate]:
        """``chosen`` with all classes whose fullest shape has the skeleton in it."""
        out = []
        for found in chosen:
            sets = sorted((self._holders.get(item, set()) for item in set(found.items)), key=len)
            likely = sets[0].intersection(*sets[1:]) - set(found.classes.tolist())
            more = [number for number in likely if _holds(self._shapes[number], found.items, found.gaps)]
            classes = np.sort(np.r_[found.classes, np.asarray(more, np.int64)])
            out.append(_Candidate(found.items, found.gaps, classes, found.saved))
        return out


def _holds(shape: tuple[int, ...], items: tuple[int, ...], gaps: tuple[bool, ...]) -> bool:
    """Whether ``shape`` is ``items`` with something in just the gaps (leftmost reading first)."""

    def read(at: int, number: int) -> bool:
        if number == len(items):
            return (at < len(shape)) == gaps[-1]
        if not gaps[number]:
            return at < len(shape) and shape[at] == items[number] and read(at + 1, number + 1)
        return any(shape[place] == items[number] and read(place + 1, number + 1) for place in range(at + 1, len(shape)))

    return read(0, 0)


def _is_wellformed(
    titles: EncodedTitles, items: tuple[int, ...], gaps: tuple[bool, ...], options: SkeletonOptions
) -> bool:
    """False for what a person could not fill: no slot, too many, too little said, or brackets left open."""
    n_slots = sum(gaps) + sum(bool(titles.is_typed[item]) for item in items)
    if not 1 <= n_slots <= MAX_SLOTS:
        return False
    literal = [item for item in items if not titles.is_typed[item]]
    bits = float(sum(titles.bits[item] for item in literal))
    is_counted = is_counting(titles, items, gaps)
    if is_counted:
        bits += float(titles.bits[items[0]])
    need = options.min_bits
    is_led = any(
        not gap and not titles.is_typed[item] and is_head(titles.names[item])
        for gap, item in ((gaps[0], items[0]), (gaps[-1], items[-1]))
    )
    if is_counted or is_led or any(titles.is_telling[item] for item in literal):
        need = options.min_bits_telling
    elif sum(is_mark(titles.names[item]) for item in literal) * 2 >= len(literal):
        need = options.min_bits_marks
    return bool(literal) and bits >= need and _is_balanced("".join(titles.names[item] for item in literal))


def is_counting(titles: EncodedTitles, items: tuple[int, ...], gaps: tuple[bool, ...]) -> bool:
    """Whether the title opens with a number and its classifier (3个…): the number is as much frame as the word."""
    return (
        len(items) > 1 and not any(gaps[:2]) and titles.names[items[0]] == "{number}" and not titles.is_typed[items[1]]
    )


_PAIRS = {"（": "）", "(": ")", "《": "》", "【": "】", "“": "”", "「": "」", "[": "]", "『": "』", "‘": "’"}


def _is_balanced(text: str) -> bool:
    waiting: list[str] = []
    for character in text:
        if character in _PAIRS:
            waiting.append(_PAIRS[character])
        elif character in _PAIRS.values() and (not waiting or waiting.pop() != character):
            return False
    return not waiting


def _saved(titles: EncodedTitles, items: tuple[int, ...], gaps: tuple[bool, ...]) -> float:
    """Bits that one title saves: what the words of its skeleton cost alone, less saying where its slots end."""
    return float(titles.bits[list(items)].sum()) - SLOT_BITS * sum(gaps)


def saved_bits(titles: EncodedTitles, skeleton: Skeleton) -> float:
    """Bits that one title of ``skeleton`` saves by it."""
    return _saved(titles, skeleton.items, skeleton.gaps)


@lru_cache(maxsize=100_000)
def _item_set(items: tuple[int, ...]) -> frozenset[int]:
    return frozenset(items)


@lru_cache(maxsize=200_000)
def _one_run_extra(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether ``a`` is (nearly) ``b`` with one place spelled out: a filling, not another frame.

    What is in ``a`` only must be one unbroken run; ``b`` must be kept but for a word in three.
    """
    if 3 * (len(b) - len(_item_set(b) - _item_set(a))) < 2 * len(b):
        return False  # too few words in common
    # Longest common subsequence, then the runs of a outside it.
    size = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) - 1, -1, -1):
        for j in range(len(b) - 1, -1, -1):
            size[i][j] = size[i + 1][j + 1] + 1 if a[i] == b[j] else max(size[i + 1][j], size[i][j + 1])
    common = size[0][0]
    if 3 * common < 2 * len(b) or common == len(a):
        return False
    runs, i, j, outside = 0, 0, 0, False
    while i < len(a):
        if j < len(b) and a[i] == b[j] and size[i][j] == size[i + 1][j + 1] + 1:
            i, j, outside = i + 1, j + 1, False
        elif j < len(b) and size[i][j + 1] == size[i][j]:
            j += 1
        else:
            runs += not outside
            i, outside = i + 1, True
    return runs == 1


def _find_filling_words(titles: EncodedTitles, chosen: list[Skeleton], owner: Ints) -> NDArray[np.bool_]:
    """Items that mostly stand in the slots of the chosen skeletons, and in those of at least two: slot words."""
    n_items = len(titles.names)
    in_frame = np.zeros(n_items)
    in_slot = np.zeros(n_items)
    n_hosts = np.zeros(n_items)
    for number, skeleton in enumerate(chosen):
        rows = np.flatnonzero(owner == number)
        part = titles.items[rows]
        counts = np.bincount(np.where(part > EOS, part, 0).ravel(), minlength=n_items).astype(float)
        frame = np.zeros(n_items, bool)
        frame[list(skeleton.items)] = True
        in_frame += np.where(frame, counts, 0)
        in_slot += np.where(frame, 0, counts)
        n_hosts += ~frame & (counts >= 2)
    flat = titles.items.ravel()
    total = np.bincount(flat[flat > EOS], minlength=n_items)
    return (in_slot > 0.5 * np.maximum(total, 1)) & (n_hosts >= 2) & (in_slot > in_frame)


def _is_of_fillings(titles: EncodedTitles, items: tuple[int, ...], filling: NDArray[np.bool_]) -> bool:
    telling = [item for item in items if titles.is_telling[item]]
    return bool(telling) and all(filling[item] for item in telling)


class _Cover:
    """Greedy weighted cover of the classes of titles."""

    def __init__(self, titles: EncodedTitles, shapes: Shapes, options: SkeletonOptions) -> None:
        self._titles, self._options = titles, options
        self._weight = shapes.n_of.astype(float)
        self._authors = np.fromiter((row.author for row in titles.rows), np.int64, len(titles.rows))
        self._order = np.argsort(shapes.class_of, kind="stable")
        self._starts = np.r_[0, np.cumsum(shapes.n_of)]

    def rows_of(self, classes: Ints) -> Ints:
        """Numbers of the titles of ``classes``, ascending."""
        if not len(classes):
            return np.zeros(0, np.int64)
        pieces = [self._order[self._starts[i] : self._starts[i + 1]] for i in classes.tolist()]
        return np.sort(np.concatenate(pieces))

    def spell(self, found: _Candidate) -> Skeleton:
        return Skeleton(found.items, found.gaps, self.rows_of(found.classes))

    def choose(self, candidates: Sequence[_Candidate]) -> tuple[list[_Candidate], Ints]:
        """The cover, lazily re-evaluated (gains only fall as titles get covered), and who owns each class."""
        bits, options = self._titles.bits, self._options
        weights = [self._weight[found.classes] for found in candidates]
        costs = [sum(float(bits[i]) for i in found.items) + 4 * (found.n_gaps + 1) for found in candidates]
        now = np.zeros(len(self._weight))
        owner = np.full(len(self._weight), -1, np.int64)
        chosen: list[_Candidate] = []
        sizes: list[float] = []
        has_words: list[bool] = []

        def gain(number: int) -> tuple[float, Ints, float]:
            found, weight = candidates[number], weights[number]
            better = found.saved > now[found.classes]
            mine = owner[found.classes]
            shared = np.bincount(mine + 1, weights=weight)
            for place in np.flatnonzero(shared[1:]).tolist():
                # A variant that most titles of its host share is the better host; a rare one names a filling.
                # A rhythm ("…，…！") takes whole frames as fillings: what names one of its is another frame.
                if (
                    has_words[place]
                    and shared[place + 1] < 0.5 * sizes[place]
                    and _one_run_extra(found.items, chosen[place].items)
                ):
                    better &= mine != place
            classes, weight = found.classes[better], weight[better]
            value = float(((found.saved - now[classes]) * weight).sum()) - costs[number]
            return value, classes, float(weight.sum())

        queue = [
            (-round(found.saved * float(weights[number].sum()) - costs[number], 6), number)
            for number, found in enumerate(candidates)
        ]
        heapq.heapify(queue)
        while queue and len(chosen) < options.max_templates:
            _, number = heapq.heappop(queue)
            value, classes, n_titles = gain(number)
            if value <= 0 or n_titles < options.min_notes:
                continue
            if queue and -round(value, 6) > queue[0][0]:
                heapq.heappush(queue, (-round(value, 6), number))
                continue
            if not self._is_shared(classes):
                continue
            now[classes] = candidates[number].saved
            owner[classes] = len(chosen)
            chosen.append(candidates[number])
            sizes.append(float(weights[number].sum()))
            has_words.append(any(self._titles.is_telling[item] for item in candidates[number].items))
        return chosen, owner

    def _is_shared(self, classes: Ints) -> bool:
        authors = np.sort(self._authors[self.rows_of(classes)])
        runs = np.diff(np.flatnonzero(np.r_[True, authors[1:] != authors[:-1], True]))
        # A habit of one author is not a template, however many others tried it once.
        return len(runs) >= self._options.min_authors and runs.max() <= max(0.5 * len(authors), 2)


def _drop_fillings(titles: EncodedTitles, chosen: list[Skeleton]) -> list[Skeleton]:
    """Of a skeleton and a variant that names one of its fillings, chosen in either order, the variant goes when
    it holds less than half of the titles."""
    hosts = [host for host in chosen if any(titles.is_telling[item] for item in host.items)]
    kept = []
    for longer in chosen:
        is_variant = False
        for host in hosts:
            if host is longer or not _one_run_extra(longer.items, host.items):
                continue
            n_shared = len(np.intersect1d(longer.rows, host.rows, assume_unique=True))
            if n_shared < 0.5 * len(host.rows) and n_shared >= 0.8 * len(longer.rows):
                is_variant = True
                break
        if not is_variant:
            kept.append(longer)
    return kept


def assign_titles(titles: EncodedTitles, skeletons: list[Skeleton]) -> Ints:
    """For each title the number of the skeleton that describes it best, −1 for none."""
    n = len(titles.rows)
    now, owner = np.zeros(n), np.full(n, -1, np.int64)
    for number, skeleton in enumerate(skeletons):
        save = saved_bits(titles, skeleton)
        better = skeleton.rows[save > now[skeleton.rows]]
        now[better], owner[better] = save, number
    return owner
