"""Whole-title skeletons: grown from pairs of words that predict each other, chosen by description length.

1. Each title nominates its most associated ordered word pairs (log-likelihood ratio G², Dunning 1993,
   doi:10.5555/972450.972454) and its most telling single word. Both ends of a title are items too, so a
   skeleton may start with a slot.
2. A nominated pair is closed: words that most of its titles share, at the same place, join it.
3. Each resulting sequence is split by which of its gaps are empty, giving whole skeletons.
4. A greedy weighted cover keeps the skeletons that shorten the description of the titles most (two-part MDL
   as in Krimp, Vreeken et al. 2011, doi:10.1007/s10618-010-0202-x, with the greedy order of SQS, Tatti &
   Vreeken 2012). A skeleton that adds one filling to another (its words lie in one gap) saves nothing beyond
   the cost of naming that filling, so frequent fillings do not become templates.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from creator_kit.mining.encoding import EOS, EncodedTitles, Postings, sorted_unique

# Bits that a slot costs: saying where it ends.
SLOT_BITS = 2.0
# A word joins a pair's skeleton when this share of the pair's titles has it at the same place.
CLOSURE_SHARE = 0.55
N_PAIRS_A_TITLE = 3
MAX_SEEDS = 3000
MAX_GROUP = 500
MAX_ITEMS = 9
MAX_SLOTS = 4

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
    """Thresholds of step 1 to 4. ``min_bits``: what the literal words of a skeleton must say at
    least; ``min_bits_telling`` where one of them tells something alone."""

    min_notes: int = 5
    min_authors: int = 3
    min_bits: float = 12.0
    min_bits_telling: float = 7.5
    max_templates: int = 400


def find_skeletons(
    titles: EncodedTitles,
    options: SkeletonOptions,
    *,
    accept: Callable[[Skeleton], bool] = lambda _skeleton: True,
    advance: Callable[[int], None] = lambda _n: None,
) -> list[Skeleton]:
    """The skeletons that describe ``titles`` best, in the order in which they were chosen.

    Only those that ``accept`` takes are considered (whether a person could fill them).
    Cost is linear in the number of titles (the number of seeds is bounded). Ties are broken by item names.
    """
    if len(titles.rows) < options.min_notes or len(titles.names) <= 2:
        return []
    seeds = _nominate_seeds(titles, options)
    sequences = _close_seeds(titles, seeds, options, advance)
    candidates = [skeleton for skeleton in _split_by_gaps(titles, sequences, options) if accept(skeleton)]
    return _choose(titles, candidates, options)


def _nominate_seeds(titles: EncodedTitles, options: SkeletonOptions) -> list[tuple[int, ...]]:
    """Pairs and single words that titles nominate, most nominations first."""
    items = titles.items
    n, width = items.shape
    n_items = len(titles.names)
    # The single word a title is best told by, among those that say enough alone.
    usable = (items > EOS) & titles.is_telling[np.maximum(items, 0)]
    counts = np.bincount(np.where(usable, items, 0).ravel(), minlength=n_items).astype(float)
    worth = counts * np.maximum(titles.bits - SLOT_BITS, 0)
    worth[: EOS + 1] = 0
    best = np.where(usable, worth[np.maximum(items, 0)], -1.0).argmax(axis=1)
    single = np.where(usable.any(axis=1), items[np.arange(n), best], -1)
    votes: dict[tuple[int, ...], int] = {}
    for item, n_votes in enumerate(np.bincount(single[single >= 0], minlength=n_items)):
        if n_votes >= options.min_notes:
            votes[(item,)] = int(n_votes)

    keys_parts, row_parts = [], []
    for left in range(1, width - 1):
        first = items[:, left].astype(np.int64)
        ok_left = first > EOS
        if not ok_left.any():
            continue
        for right in range(left + 1, min(width, left + 20)):
            second = items[:, right]
            ok = ok_left & (second > EOS)
            rows = np.flatnonzero(ok)
            if len(rows):
                keys_parts.append(first[rows] * n_items + second[rows])
                row_parts.append(rows)
    if not keys_parts:
        return _ordered(votes, titles)
    keys, rows = np.concatenate(keys_parts), np.concatenate(row_parts)
    # Once a title, however often the pair occurs in it.
    both = sorted_unique(keys * n + rows)
    keys, rows = both // n, both % n
    pairs, inverse, n_both = np.unique(keys, return_inverse=True, return_counts=True)
    has = np.zeros(n_items)
    flat = items.ravel()
    seen = sorted_unique(np.where(flat > EOS, flat, 0).astype(np.int64) * n + np.repeat(np.arange(n), width))
    has[:] = np.bincount(seen // n, minlength=n_items)
    score = _g2(n_both.astype(float), has[pairs // n_items], has[pairs % n_items], float(n))
    literal = ~(titles.is_typed[pairs // n_items] & titles.is_typed[pairs % n_items])
    score = np.where((n_both >= options.min_notes) & literal, score, 0.0)
    mine = score[inverse]
    good = mine > 0
    keys, rows, mine = keys[good], rows[good], mine[good]
    order = np.lexsort((keys, -mine, rows))
    keys, rows = keys[order], rows[order]
    starts = np.flatnonzero(np.r_[True, rows[1:] != rows[:-1]]) if len(rows) else np.zeros(0, int)
    rank = np.arange(len(rows)) - np.repeat(starts, np.diff(np.r_[starts, len(rows)]))
    chosen, n_votes_ = np.unique(keys[rank < N_PAIRS_A_TITLE], return_counts=True)
    for key, n_votes in zip(chosen.tolist(), n_votes_.tolist(), strict=True):
        if n_votes >= min(options.min_notes, 3):
            votes[(key // n_items, key % n_items)] = n_votes
    return _ordered(votes, titles)


def _ordered(votes: dict[tuple[int, ...], int], titles: EncodedTitles) -> list[tuple[int, ...]]:
    worth = {seed: n * float(sum(titles.bits[item] for item in seed)) for seed, n in votes.items()}
    return sorted(votes, key=lambda seed: (-round(worth[seed], 6), len(seed), seed))[:MAX_SEEDS]


def _g2(both: Floats, left: Floats, right: Floats, n: float) -> Floats:
    """Log-likelihood ratio of the 2×2 table; 0 where the words avoid each other."""

    def part(observed: Floats, expected: Floats) -> Floats:
        safe = np.maximum(observed, 1e-12)
        return observed * np.log(safe / np.maximum(expected, 1e-12))

    a, b, c = both, left - both, right - both
    d = np.maximum(n - left - right + both, 0)
    total = part(a, left * right / n) + part(b, left * (n - right) / n)
    total += part(c, (n - left) * right / n) + part(d, (n - left) * (n - right) / n)
    return np.where(a > left * right / n, 2 * total, 0.0)


def match_in_order(items: NDArray[np.int32], sequence: tuple[int, ...]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Row numbers of ``items`` that hold ``sequence`` in order, and the leftmost places of its members."""
    n, width = items.shape
    alive = np.arange(n)
    places = np.zeros((n, 0), np.intp)
    last = np.zeros(n, np.intp)
    columns = np.arange(width)
    for item in sequence:
        hit = (items[alive] == item) & (columns[None, :] > last[:, None])
        found = hit.any(axis=1)
        first = hit.argmax(axis=1)[found]
        alive, places = alive[found], np.column_stack([places[found], first])
        last = first
        if not len(alive):
            break
    return alive, places


def _close_seeds(
    titles: EncodedTitles,
    seeds: list[tuple[int, ...]],
    options: SkeletonOptions,
    advance: Callable[[int], None],
) -> dict[tuple[int, ...], Ints]:
    """Item sequences (grown from the seeds, every step kept) with the rows that hold them."""
    postings = Postings(titles)
    found: dict[tuple[int, ...], Ints] = {}
    covered: dict[tuple[int, int], int] = {}
    for seed in seeds:
        advance(1)
        rows = postings.rows_with(seed)
        alive, _ = match_in_order(titles.items[rows], seed)
        rows = rows[alive]
        if len(rows) < options.min_notes:
            continue
        if len(seed) == 2 and covered.get((seed[0], seed[1]), 0) >= 0.8 * len(rows):
            continue  # a skeleton that holds this pair already speaks for its titles
        sequence = seed
        found.setdefault(sequence, rows)
        while len(sequence) < MAX_ITEMS:
            grown = _grow(titles, sequence, rows, options)
            if grown is None:
                break
            sequence, rows = grown
            found.setdefault(sequence, rows)
        for left in range(len(sequence)):
            for right in range(left + 1, len(sequence)):
                pair = (sequence[left], sequence[right])
                covered[pair] = max(covered.get(pair, 0), len(rows))
    return found


def _grow(
    titles: EncodedTitles, sequence: tuple[int, ...], rows: Ints, options: SkeletonOptions
) -> tuple[tuple[int, ...], Ints] | None:
    """``sequence`` with the word that most of its titles share, or None when there is none."""
    group = rows if len(rows) <= MAX_GROUP else rows[:: len(rows) // MAX_GROUP + 1]
    part = titles.items[group]
    alive, places = match_in_order(part, sequence)
    part = part[alive]
    n = len(part)
    counts = np.bincount(np.where(part > EOS, part, 0).ravel(), minlength=len(titles.names))
    counts[: EOS + 1] = 0
    best: tuple[float, float, int, int] | None = None
    width = part.shape[1]
    for item in np.flatnonzero(counts >= CLOSURE_SHARE * n).tolist():
        hit = part == item
        has = hit.any(axis=1)
        n_held = places[has]
        # A word may stand twice; its first and its last place are tried.
        for column in (hit.argmax(axis=1), width - 1 - hit[:, ::-1].argmax(axis=1)):
            at = column[has, None]
            slots = (n_held < at).sum(axis=1)[~(n_held == at).any(axis=1)]
            shares = np.bincount(slots, minlength=len(sequence) + 1) / n
            slot = int(shares.argmax())
            if shares[slot] >= CLOSURE_SHARE:
                key = (float(shares[slot]), float(titles.bits[item]), -item, -slot)
                if best is None or key > best:
                    best = key
    if best is None:
        return None
    item, slot = -best[2], -best[3]
    longer = (*sequence[:slot], item, *sequence[slot:])
    alive, _ = match_in_order(titles.items[rows], longer)
    grown = rows[alive]
    if len(grown) < options.min_notes:
        return None
    return longer, grown


def _split_by_gaps(
    titles: EncodedTitles, sequences: dict[tuple[int, ...], Ints], options: SkeletonOptions
) -> list[Skeleton]:
    """Whole skeletons: the titles of a sequence apart by which of its gaps are empty."""
    authors = np.fromiter((row.author for row in titles.rows), np.int64, len(titles.rows))
    out: dict[tuple[tuple[int, ...], tuple[bool, ...]], Skeleton] = {}
    for sequence in sorted(sequences):
        rows = sequences[sequence]
        alive, places = match_in_order(titles.items[rows], sequence)
        rows = rows[alive]
        part = titles.items[rows]
        whole = (part == EOS).any(axis=1)
        rows, places, part = rows[whole], places[whole], part[whole]
        if len(rows) < options.min_notes:
            continue
        end = (part == EOS).argmax(axis=1)
        edges = np.column_stack([np.zeros(len(rows), np.intp), places, end])
        open_ = np.diff(edges, axis=1) > 1
        codes = open_ @ (1 << np.arange(open_.shape[1]))
        for code in np.unique(codes):
            mine = rows[codes == code]
            gaps = tuple(bool(code >> bit & 1) for bit in range(open_.shape[1]))
            skeleton = _tidy(titles, Skeleton(sequence, gaps, mine), options)
            if skeleton is None or not _is_supported(skeleton, authors, options):
                continue
            key = (skeleton.items, skeleton.gaps)
            if key in out:
                merged = np.union1d(out[key].rows, skeleton.rows)
                skeleton = Skeleton(skeleton.items, skeleton.gaps, merged)
            out[key] = skeleton
    return [out[key] for key in sorted(out)]


def _is_supported(skeleton: Skeleton, authors: Ints, options: SkeletonOptions) -> bool:
    if len(skeleton.rows) < options.min_notes:
        return False
    _, counts = np.unique(authors[skeleton.rows], return_counts=True)
    # A habit of one author is not a template, however many others tried it once.
    return len(counts) >= options.min_authors and counts.max() <= max(0.5 * len(skeleton.rows), 2)


def _tidy(titles: EncodedTitles, skeleton: Skeleton, options: SkeletonOptions) -> Skeleton | None:
    """None for what a person could not fill: no slot, too many, too little said, or brackets left open."""
    items = skeleton.items
    n_slots = skeleton.n_gaps + sum(bool(titles.is_typed[item]) for item in items)
    if not 1 <= n_slots <= MAX_SLOTS:
        return None
    literal = [item for item in items if not titles.is_typed[item]]
    bits = float(sum(titles.bits[item] for item in literal))
    need = options.min_bits_telling if any(titles.is_telling[item] for item in literal) else options.min_bits
    if not literal or bits < need:
        return None
    text = "".join(titles.names[item] for item in literal)
    if not _is_balanced(text):
        return None
    return skeleton


_PAIRS = {"（": "）", "(": ")", "《": "》", "【": "】", "“": "”", "「": "」", "[": "]", "『": "』", "‘": "’"}


def _is_balanced(text: str) -> bool:
    waiting: list[str] = []
    for character in text:
        if character in _PAIRS:
            waiting.append(_PAIRS[character])
        elif character in _PAIRS.values() and (not waiting or waiting.pop() != character):
            return False
    return not waiting


def saved_bits(titles: EncodedTitles, skeleton: Skeleton) -> float:
    """Bits that one title of ``skeleton`` saves: what its words cost alone, less saying where its slots end."""
    return sum(float(titles.bits[item]) for item in skeleton.items) - SLOT_BITS * skeleton.n_gaps


def _names_a_filling(longer: Skeleton, shorter: Skeleton) -> bool:
    """Whether ``longer`` is (nearly) ``shorter`` with one place spelled out: a filling, not another frame.

    What is in ``longer`` only must be one unbroken run; ``shorter`` must be kept but for a word in three.
    """
    return _one_run_extra(longer.items, shorter.items)


@lru_cache(maxsize=200_000)
def _one_run_extra(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    if not set(a) & set(b):
        return False
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


def _choose(titles: EncodedTitles, candidates: list[Skeleton], options: SkeletonOptions) -> list[Skeleton]:
    """The cover; then again without candidates that are made of what the first cover shows to be slot words."""
    chosen, owner = _cover(titles, candidates, options)
    filling = _find_filling_words(titles, chosen, owner)
    if filling.any():
        kept = []
        for skeleton in candidates:
            telling = [item for item in skeleton.items if titles.is_telling[item]]
            if not telling or not all(filling[item] for item in telling):
                kept.append(skeleton)
        chosen, owner = _cover(titles, kept, options)
    return _drop_fillings(chosen)


def _cover(titles: EncodedTitles, candidates: list[Skeleton], options: SkeletonOptions) -> tuple[list[Skeleton], Ints]:
    """Greedy weighted cover, lazily re-evaluated (gains only fall as titles get covered), and who owns a title."""
    n = len(titles.rows)
    authors = np.fromiter((row.author for row in titles.rows), np.int64, n)
    saves = [saved_bits(titles, skeleton) for skeleton in candidates]
    costs = [
        sum(float(titles.bits[item]) for item in skeleton.items) + 4 * (skeleton.n_gaps + 1) for skeleton in candidates
    ]
    now = np.zeros(n)
    owner = np.full(n, -1, np.int64)
    chosen: list[Skeleton] = []

    def gain(number: int) -> tuple[float, Ints]:
        skeleton = candidates[number]
        rows = skeleton.rows
        better = saves[number] > now[rows]
        mine = owner[rows]
        for other, n_shared in zip(*np.unique(mine, return_counts=True), strict=True):
            # A variant that most titles of its host share is the better host; a rare one names a filling.
            if other >= 0 and n_shared < 0.5 * len(chosen[other].rows) and _names_a_filling(skeleton, chosen[other]):
                better &= mine != other
        rows = rows[better]
        return float((saves[number] - now[rows]).sum()) - costs[number], rows

    queue = [
        (-round((saves[number] * len(skeleton.rows)) - costs[number], 6), number)
        for number, skeleton in enumerate(candidates)
        if saves[number] > 0
    ]
    heapq.heapify(queue)
    while queue and len(chosen) < options.max_templates:
        _, number = heapq.heappop(queue)
        value, rows = gain(number)
        if value <= 0 or len(rows) < options.min_notes or len(sorted_unique(authors[rows])) < options.min_authors:
            continue
        if queue and -round(value, 6) > queue[0][0]:
            heapq.heappush(queue, (-round(value, 6), number))
            continue
        now[rows] = saves[number]
        owner[rows] = len(chosen)
        chosen.append(candidates[number])
    return chosen, owner


def _drop_fillings(chosen: list[Skeleton]) -> list[Skeleton]:
    """Of a skeleton and a variant that names one of its fillings, chosen in either order, the variant goes when
    it holds less than half of the titles."""
    kept = []
    for longer in chosen:
        is_variant = False
        for host in chosen:
            if host is longer or not _names_a_filling(longer, host):
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
