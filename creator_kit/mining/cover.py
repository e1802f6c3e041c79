"""Which candidates describe the titles best: a greedy weighted cover (step 2 of ``skeletons``)."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from creator_kit.mining.bonds import Shapes
from creator_kit.mining.candidates import Candidate, Floats, Ints, SkeletonOptions
from creator_kit.mining.encoding import EncodedTitles


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


class Cover:
    """Greedy weighted cover of the classes of titles."""

    def __init__(self, titles: EncodedTitles, shapes: Shapes, options: SkeletonOptions) -> None:
        self._titles, self._options = titles, options
        self._weight = shapes.n_of.astype(float)
        authors = np.fromiter((row.author for row in titles.rows), np.int64, len(titles.rows))
        self._order = np.argsort(shapes.class_of, kind="stable")
        self._authors_by_class = authors[self._order]
        self._starts = np.concatenate([[0], np.cumsum(shapes.n_of)])

    def rows_of(self, classes: Ints) -> Ints:
        """Numbers of the titles of ``classes``, ascending."""
        if not len(classes):
            return np.zeros(0, np.int64)
        return np.sort(self._order[self._places_of(classes)])

    def _places_of(self, classes: Ints) -> Ints:
        n_of = self._starts[classes + 1] - self._starts[classes]
        upto = np.cumsum(n_of)
        return np.repeat(self._starts[classes] - upto + n_of, n_of) + np.arange(upto[-1])

    def spell(self, found: Candidate) -> Skeleton:
        return Skeleton(found.items, found.gaps, self.rows_of(found.classes))

    def choose(self, candidates: Sequence[Candidate]) -> tuple[list[Candidate], Ints]:
        """The cover, lazily re-evaluated (gains only fall as titles get covered), and who owns each class."""
        options = self._options
        gains = _Gains(candidates, self._weight, self._titles)
        chosen: list[Candidate] = []
        queue = gains.bound(options.min_notes)
        n_looked = 0
        while queue and len(chosen) < options.max_templates:
            _, number = heapq.heappop(queue)
            value, better, n_titles = gains.measure(number)
            n_looked += len(candidates[number].classes) + 100
            if value > 0 and n_titles >= options.min_notes:
                if queue and -round(value, 6) > queue[0][0]:
                    heapq.heappush(queue, (-round(value, 6), number))
                elif self._is_shared(classes := candidates[number].classes[better]):
                    gains.take(number, classes)
                    chosen.append(candidates[number])
            if 2 * n_looked > gains.size:
                # As much work as was spent on single ones tells for all at once which of them have nothing left.
                queue = gains.bound(options.min_notes, queue)
                n_looked = 0
        return chosen, gains.owner

    def _is_shared(self, classes: Ints) -> bool:
        authors = self._authors_by_class[self._places_of(classes)]
        authors.sort()
        is_new = np.ones(len(authors) + 1, np.bool_)
        np.not_equal(authors[1:], authors[:-1], out=is_new[1:-1])
        runs = np.diff(is_new.nonzero()[0])
        # A habit of one author is not a template, however many others tried it once.
        return len(runs) >= self._options.min_authors and runs.max() <= max(0.5 * len(authors), 2)


class _Gains:
    """What each candidate would save beyond those taken."""

    def __init__(self, candidates: Sequence[Candidate], weight: Floats, titles: EncodedTitles) -> None:
        bits = titles.bits.tolist()
        self._candidates = candidates
        self._weights = [weight[found.classes] for found in candidates]
        self._costs = np.array([sum(bits[i] for i in found.items) + 4 * (found.n_gaps + 1) for found in candidates])
        self._sets = [sum(1 << item for item in set(found.items)) for found in candidates]
        self._tells = [any(titles.is_telling[item] for item in found.items) for found in candidates]
        self._now = np.zeros(len(weight))
        self.owner = np.full(len(weight), -1, np.int64)
        self._taken: list[tuple[int, float]] = []
        n_of = np.array([len(found.classes) for found in candidates], np.int64)
        self._starts = np.cumsum(n_of) - n_of
        self._classes = np.concatenate([np.zeros(0, np.int64), *(found.classes for found in candidates)])
        self._saved = np.repeat(np.array([found.saved for found in candidates]), n_of)
        self._every = weight[self._classes]
        self.size = len(self._classes)

    def bound(self, min_notes: int, known: Sequence[tuple[float, int]] | None = None) -> list[tuple[float, int]]:
        """A heap of (−the most it can still save, number) of the candidates that can save something: of all, or of
        those of ``known``, whose own bounds hold on."""
        if not len(self._candidates):
            return []
        better = np.maximum(self._saved - self._now[self._classes], 0.0)
        value = np.round(np.add.reduceat(better * self._every, self._starts) - self._costs, 6)
        n_titles = np.add.reduceat((better > 0) * self._every, self._starts)
        fits = (value > 0) & (n_titles >= min_notes)
        if known is None:
            queue = [(-float(value[number]), number) for number in np.flatnonzero(fits).tolist()]
        else:
            queue = [(max(before, -float(value[number])), number) for before, number in known if fits[number]]
        heapq.heapify(queue)
        return queue

    def measure(self, number: int) -> tuple[float, NDArray[np.bool_], float]:
        """(bits that it saves now, in which of its classes it does, how many titles these hold)."""
        found, weight, cost = self._candidates[number], self._weights[number], float(self._costs[number])
        saves = found.saved - self._now[found.classes]
        better = saves > 0
        gains = np.where(better, saves * weight, 0.0)
        value = float(gains.sum())
        if self._taken and value > cost:
            mine = self.owner[found.classes]
            shared: Floats = np.bincount(mine + 1, weights=weight).astype(np.float64)
            barred = [place for place in shared[1:].nonzero()[0].tolist() if self._is_barred(number, place, shared)]
            if barred:
                for place in barred:
                    better &= mine != place
                value = float(gains[better].sum())
        return value - cost, better, float(weight @ better)

    def _is_barred(self, number: int, place: int, shared: Floats) -> bool:
        """Whether ``number`` may not take titles of the skeleton taken at ``place``.

        A variant that most titles of its host share is the better host; a rare one names a filling. A rhythm
        ("…，…！") takes whole frames as fillings: what names one of its is another frame.
        """
        host, n_host = self._taken[place]
        return self._tells[host] and shared[place + 1] < 0.5 * n_host and self._is_variant(number, host)

    def _is_variant(self, number: int, host: int) -> bool:
        b = self._candidates[host].items
        n_lost = (self._sets[host] & ~self._sets[number]).bit_count()
        # Too few words in common tell without a look at their order.
        return 3 * (len(b) - n_lost) >= 2 * len(b) and is_one_run_extra(self._candidates[number].items, b)

    def take(self, number: int, classes: Ints) -> None:
        """``number`` owns ``classes`` from now on."""
        self._now[classes] = self._candidates[number].saved
        self.owner[classes] = len(self._taken)
        self._taken.append((number, float(self._weights[number].sum())))


@lru_cache(maxsize=200_000)
def is_one_run_extra(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    """Whether ``a`` is (nearly) ``b`` with one place spelled out: a filling, not another frame.

    What is in ``a`` only must be one unbroken run; ``b`` must be kept but for a word in three.
    """
    # The common case: b is a beginning and an end of a.
    begin = 0
    while begin < len(b) and begin < len(a) and a[begin] == b[begin]:
        begin += 1
    end = 0
    while end < len(b) - begin and end < len(a) - begin and a[-1 - end] == b[-1 - end]:
        end += 1
    if begin + end == len(b):
        return len(a) > len(b)
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
