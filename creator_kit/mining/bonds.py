"""Which words of a title are its frame: words that predict one another, wherever they stand.

Two words are bound when one of them is found, in this order, in most of the titles that hold the other, beyond
chance (log-likelihood ratio G², Dunning 1993, doi:10.5555/972450.972454). A filling goes with many frames, so it
is bound to none of them; the words of a frame go with each other. A title's words above a level of boundness,
and its punctuation, are its *shape*. Everything here is whole passes over arrays: cost is linear in the titles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from creator_kit.mining.cutting import is_mark
from creator_kit.mining.encoding import EOS, FILLING, PAD, EncodedTitles
from creator_kit.mining.engine import Engine, LocalEngine
from creator_kit.mining.fillable import is_head

# Chance gives a pair this G² once in 10,000.
MIN_G2 = 15.0
MIN_BOND = 0.3
LEVELS = (0.35, 0.55, 0.8)
# Up to so many items a pair is a place in a table; above, pairs are sorted.
_TABLE_ITEMS = 3000
CHUNK_TITLES = 100_000
# Words further apart than this are not looked at together.
_REACH = 20
# A word of at least one token in 2**7 is among the shapes' words whatever it is bound to.
OFTEN_BITS = 7.0

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Items = NDArray[np.int32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Bonds:
    """``keys`` (first item × ``n_items`` + second) ascending, and the bond of each pair in [MIN_BOND, 1]."""

    n_items: int
    keys: Ints
    strength: NDArray[np.float32]


@dataclass(frozen=True)
class Shapes:
    """Shapes of titles: ``words[k]`` are item numbers with one FILLING for each run of anything else, then PAD.

    ``ids[i]`` are the shapes of titles of class i, one for each way of looking (−1: none), ``class_of`` the class
    of each title, ``n_of`` the titles of each class. Classes and shapes are numbered by hashes of their content.
    """

    words: Items
    ids: Ints
    class_of: Ints
    n_of: Ints


Counts = tuple[Ints, Ints, Ints]


def count_pairs(part: tuple[Items, int]) -> Counts:
    """(keys, titles that hold the pair in this order, titles that hold each item) of (items, number of items); a
    repeated word counts at its first place."""
    items, n_items = part
    usable = _first_places(items)
    wide = items.astype(np.int64)
    has = np.bincount(wide[usable], minlength=n_items)
    found: list[Ints] = []
    width = items.shape[1]
    for left in range(1, width - 1):
        for right in range(left + 1, min(width, left + _REACH)):
            both = usable[:, left] & usable[:, right]
            if both.any():
                found.append((wide[:, left] * n_items + wide[:, right])[both])
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64), has
    keys = np.concatenate(found)
    if n_items <= _TABLE_ITEMS:
        table = np.bincount(keys, minlength=n_items * n_items)
        pairs = np.flatnonzero(table)
        return pairs, table[pairs], has
    keys.sort()
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    return keys[starts], np.diff(np.r_[starts, len(keys)]), has


def merge_pairs(parts: Sequence[Counts]) -> Counts:
    """The counts of all ``parts`` (each of ``count_pairs``) added up."""
    if len(parts) == 1:
        return parts[0]
    keys = np.concatenate([part[0] for part in parts])
    counts = np.concatenate([part[1] for part in parts])
    order = np.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, np.int64)
    counts = np.add.reduceat(counts, starts) if len(keys) else counts
    return keys[starts], counts, np.sum([part[2] for part in parts], axis=0)


def measure_bonds(titles: EncodedTitles, min_notes: int, engine: Engine | None = None) -> Bonds:
    """The bonds of all pairs that at least ``min_notes`` titles hold."""
    n, n_items = len(titles.items), len(titles.names)
    chunks = [titles.items[at : at + CHUNK_TITLES] for at in range(0, n, CHUNK_TITLES)]
    parts = list((engine or LocalEngine()).map(count_pairs, [(one, n_items) for one in chunks]))
    keys, counts, n_with = merge_pairs(parts)
    has = n_with.astype(np.float64)
    often = counts >= min_notes
    keys, both = keys[often], counts[often].astype(np.float64)
    left, right = has[keys // n_items], has[keys % n_items]
    # What most titles hold is frame too, though nothing in a title could make it likelier.
    bound = (_g2(both, left, right, float(n)) >= MIN_G2) | (both >= 0.5 * n)
    strength = np.where(bound, both / np.minimum(left, right), 0.0)
    bound = strength >= MIN_BOND
    return Bonds(n_items, keys[bound], strength[bound].astype(np.float32))


def _first_places(items: Items) -> Mask:
    usable: Mask = items > EOS
    for right in range(2, items.shape[1]):
        for left in range(max(1, right - _REACH), right):
            usable[:, right] &= items[:, left] != items[:, right]
    return usable


def _g2(both: Floats, left: Floats, right: Floats, n: float) -> Floats:
    """Log-likelihood ratio of the 2×2 table; 0 where the words avoid each other."""

    def part(observed: Floats, expected: Floats) -> Floats:
        return observed * np.log(np.maximum(observed, 1e-12) / np.maximum(expected, 1e-12))

    a, b, c = both, left - both, right - both
    d = np.maximum(n - left - right + both, 0)
    total = part(a, left * right / n) + part(b, left * (n - right) / n)
    total += part(c, (n - left) * right / n) + part(d, (n - left) * (n - right) / n)
    return np.where(a > left * right / n, 2 * total, 0.0)


def bind_tokens(items: Items, bonds: Bonds) -> NDArray[np.float32]:
    """For each token its strongest bond to another one of its title, 0 where it has none."""
    n, width = items.shape
    out = np.zeros((n, width), np.float32)
    if not len(bonds.keys):
        return out
    usable = items > EOS
    wide = items.astype(np.int64)
    table = None
    if bonds.n_items <= _TABLE_ITEMS:
        table = np.zeros(bonds.n_items**2, np.float32)
        table[bonds.keys] = bonds.strength
    for left in range(1, width - 1):
        for right in range(left + 1, min(width, left + _REACH)):
            rows = np.flatnonzero(usable[:, left] & usable[:, right])
            if not len(rows):
                continue
            keys = wide[rows, left] * bonds.n_items + wide[rows, right]
            if table is not None:
                strength = table[keys]
            else:
                place = np.minimum(np.searchsorted(bonds.keys, keys), len(bonds.keys) - 1)
                strength = np.where(bonds.keys[place] == keys, bonds.strength[place], np.float32(0))
            out[rows, left] = np.maximum(out[rows, left], strength)
            out[rows, right] = np.maximum(out[rows, right], strength)
    return out


def find_shapes(titles: EncodedTitles, bonds: Bonds) -> Shapes:
    """The shapes of all titles: at each of ``LEVELS``, by punctuation alone, with bound words, with frequent words,
    by the one word that tells most, and by the word that opens or ends it. A title that goes on beyond the encoded
    tokens has none."""
    n = len(titles.items)
    looks = _Looks(titles)
    marks = np.empty((n, N_LOOKS), np.int64)
    for at in range(0, n, CHUNK_TITLES):
        # Once for titles that differ in fillings only.
        _, one, which = np.unique(_hash(titles.items[at : at + CHUNK_TITLES]), return_index=True, return_inverse=True)
        items = titles.items[at + one]
        marks[at : at + CHUNK_TITLES] = looks.read(items, bind_tokens(items, bonds))[which]
    # Titles are classed by the marks of their shapes, so that only one of each class is numbered.
    _, first, class_of, n_of = np.unique(_hash(marks), return_index=True, return_inverse=True, return_counts=True)
    known, words = looks.list_shapes()
    rows = marks[first]
    ids = np.where(rows == 0, -1, np.searchsorted(known, rows))
    return Shapes(words, ids, class_of, n_of)


def _worth(titles: EncodedTitles) -> Floats:
    """For each item how much it tells of a title alone, in bits over the corpus; 0 for what tells nothing."""
    n_items = len(titles.names)
    counts = np.bincount(np.where(titles.items > EOS, titles.items, 0).ravel(), minlength=n_items)
    worth: Floats = np.where(titles.is_telling, counts * np.maximum(titles.bits - 2.0, 0), 0.0)
    return worth


# The shape of a title: at three levels, by marks, marks and bound words, marks and frequent words; by the one word
# that tells most, the first one, the last one.
N_LOOKS = len(LEVELS) + 6


class _Looks:
    """Reads the shapes of titles, as marks (hashes; 0: none), and remembers what each mark stands for."""

    def __init__(self, titles: EncodedTitles) -> None:
        self._worth = _worth(titles)
        self._is_often = titles.bits <= OFTEN_BITS
        self._is_mark = np.array([is_mark(name) for name in titles.names]) & ~titles.is_typed
        heads = np.array([is_head(name) for name in titles.names]) & ~titles.is_typed
        self._says = heads | titles.is_telling
        self._seen: set[int] = set()
        self._marks: list[Ints] = []
        self._words: list[Items] = []

    def read(self, items: Items, bound: NDArray[np.float32]) -> Ints:
        """The marks of the shapes of ``items`` by every look; 0 where a title goes on beyond its tokens."""
        item = np.maximum(items, 0)
        inside = items > EOS
        signs = self._is_mark[item] & inside
        masks = [bound >= level for level in LEVELS]
        masks += [signs, signs | masks[1], signs | (self._is_often[item] & inside)]
        length = ((items > EOS) | (items == FILLING)).sum(axis=1)
        alone = np.where(inside, self._worth[item], 0.0)
        best = alone.argmax(axis=1)
        each = np.arange(len(items))
        first = np.full(len(items), min(1, items.shape[1] - 1))
        singles = [
            (best, alone[each, best] > 0),
            (first, (self._says[item] & inside)[each, first]),
            (length, (self._says[item] & inside)[each, length]),
        ]
        out = np.empty((len(items), N_LOOKS), np.int64)
        is_word = (items > EOS) | (items == FILLING)
        value = items.astype(np.int64) + 7
        spelled: list[Callable[[Ints], Items]] = []
        for number, mask in enumerate(masks):
            keep, kept = _shape_tokens(is_word, mask)
            # The hash of the shape, without making the shape of every title.
            place = np.cumsum(keep, axis=1, dtype=np.int8) - 1
            factors = np.where(kept, value, np.int64(FILLING + 7)) * _FACTORS[place]
            out[:, number] = np.where(keep, factors, 0).sum(axis=1)
            spelled.append(partial(_spell_kept, items, keep, kept))
        for number, (place, says) in enumerate(singles, start=len(masks)):
            shape = _keep_one(items[each, place], place, length, says)
            out[:, number] = np.where(shape == PAD, 0, (shape.astype(np.int64) + 7) * _FACTORS[:3]).sum(axis=1)
            spelled.append(shape.__getitem__)
        out[~(items == EOS).any(axis=1)] = 0
        for number, spell in enumerate(spelled):
            marks, at = np.unique(out[:, number], return_index=True)
            new = [k for k, mark in enumerate(marks.tolist()) if mark and mark not in self._seen]
            self._seen.update(marks[new].tolist())
            self._marks.append(marks[new])
            self._words.append(spell(at[new]))
        return out

    def list_shapes(self) -> tuple[Ints, Items]:
        """All marks, ascending, and the shape of each in a row that ends in PAD."""
        width = max((words.shape[1] for words in self._words), default=0) + 1
        marks = np.concatenate([np.zeros(0, np.int64), *self._marks])
        words = np.full((len(marks), width), PAD, np.int32)
        at = 0
        for some in self._words:
            words[at : at + len(some), : some.shape[1]] = some
            at += len(some)
        order = np.argsort(marks)
        words = words[order]
        return marks[order], words[:, : int((words != PAD).sum(axis=1).max(initial=0)) + 1]


def _spell_kept(items: Items, keep: Mask, kept: Mask, rows: Ints) -> Items:
    return _compact(items[rows], keep[rows], kept[rows])


def _keep_one(word: Items, place: Ints, length: Ints, says: Mask) -> Items:
    """Shapes that keep the one ``word`` at ``place`` (1 is the first) where it ``says`` something."""
    before, after = says & (place > 1), says & (place < length)
    out = np.full((len(word), 3), PAD, np.int32)
    at = before.astype(np.int64)
    each = np.arange(len(word))
    out[before | ~says, 0] = FILLING
    out[each[says], at[says]] = word[says]
    out[each[after], at[after] + 1] = FILLING
    return out


def _shape_tokens(inside: Mask, frame: Mask) -> tuple[Mask, Mask]:
    """Which tokens make the shape (those of ``frame``, and the first of each run of others); which are frame."""
    kept = frame & inside
    starts = np.ones_like(inside)
    starts[:, 1:] = kept[:, :-1] | ~inside[:, :-1]
    return inside & (kept | starts), kept


def _compact(items: Items, keep: Mask, kept: Mask) -> Items:
    """``items[keep]`` moved to the left of each row, FILLING where it is not ``kept``."""
    out = np.full(items.shape, PAD, np.int32)
    row, column = np.nonzero(keep)
    out[row, (np.cumsum(keep, axis=1) - 1)[row, column]] = np.where(kept, items, FILLING)[row, column]
    return out


_FACTORS = np.random.default_rng(20_240_229).integers(1, 2**62, 64) * 2 + 1


def _hash(rows: NDArray[np.signedinteger]) -> Ints:
    """A 64-bit mark of each row; trailing PAD (−1) would count, so rows to compare have one width."""
    mixed = (rows.astype(np.int64) + 7) * _FACTORS[: rows.shape[1]]
    total: Ints = mixed.sum(axis=1)
    return total
