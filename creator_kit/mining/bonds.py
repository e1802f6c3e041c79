"""Which words of a title are its frame: words that predict one another, wherever they stand.

Two words are bound when one of them is found, in this order, in most of the titles that hold the other, beyond
chance (log-likelihood ratio G², Dunning 1993, doi:10.5555/972450.972454). A filling goes with many frames, so it
is bound to none of them; the words of a frame go with each other. A title's words above a level of boundness,
and its punctuation, are its *shape*. Everything here is whole passes over arrays: cost is linear in the titles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from creator_kit.mining.encoding import EOS, FILLING, PAD, EncodedTitles, is_mark
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
    """Shapes of titles: ``shapes[k]`` are item numbers with one FILLING for each run of anything else.

    ``ids[i]`` are the shapes of titles of class i at each level (−1: none), ``class_of`` the class of each
    title, ``n_of`` the titles of each class. Classes and shapes are numbered by their content.
    """

    shapes: tuple[tuple[int, ...], ...]
    ids: Ints
    class_of: Ints
    n_of: Ints


def count_pairs(part: tuple[Items, int]) -> tuple[Ints, Ints]:
    """(keys, titles that hold the pair in this order) of (items, number of items); a repeated word counts at its
    first place."""
    items, n_items = part
    usable = _first_places(items)
    wide = items.astype(np.int64)
    found: list[Ints] = []
    width = items.shape[1]
    for left in range(1, width - 1):
        for right in range(left + 1, min(width, left + _REACH)):
            both = usable[:, left] & usable[:, right]
            if both.any():
                found.append((wide[:, left] * n_items + wide[:, right])[both])
    if not found:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    keys = np.concatenate(found)
    if n_items <= _TABLE_ITEMS:
        table = np.bincount(keys, minlength=n_items * n_items)
        pairs = np.flatnonzero(table)
        return pairs, table[pairs]
    keys.sort()
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    return keys[starts], np.diff(np.r_[starts, len(keys)])


def merge_pairs(parts: Sequence[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    """The counts of all ``parts`` (each of ``count_pairs``) added up."""
    if len(parts) == 1:
        return parts[0]
    keys = np.concatenate([part[0] for part in parts])
    counts = np.concatenate([part[1] for part in parts])
    order = np.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]]) if len(keys) else np.zeros(0, np.int64)
    return keys[starts], np.add.reduceat(counts, starts) if len(keys) else counts


def measure_bonds(titles: EncodedTitles, min_notes: int, engine: Engine | None = None) -> Bonds:
    """The bonds of all pairs that at least ``min_notes`` titles hold."""
    n, n_items = len(titles.items), len(titles.names)
    chunks = [titles.items[at : at + CHUNK_TITLES] for at in range(0, n, CHUNK_TITLES)]
    keys, counts = merge_pairs(list((engine or LocalEngine()).map(count_pairs, [(one, n_items) for one in chunks])))
    has = np.zeros(n_items)
    for chunk in chunks:
        has += np.bincount(np.where(_first_places(chunk), chunk, 0).ravel(), minlength=n_items)
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
    single = _worth(titles)
    texts: dict[int, Items] = {}
    ids = np.full((n, len(LEVELS) + 6), -1, np.int64)
    for at in range(0, n, CHUNK_TITLES):
        items = titles.items[at : at + CHUNK_TITLES]
        ids[at : at + CHUNK_TITLES] = _shape_chunk(items, bind_tokens(items, bonds), titles, single, texts)
    # Number by content: the order in which titles came must not matter.
    listed = [(tuple(row[row != PAD].tolist()), mark) for mark, row in texts.items()]
    listed.sort()
    marks = np.fromiter((mark for _, mark in listed), np.int64, len(listed))
    by_mark = np.argsort(marks, kind="stable")
    has = (titles.items == EOS).any(axis=1)
    numbered = by_mark[np.searchsorted(marks[by_mark], ids)] if len(marks) else ids
    numbered[~has] = -1
    classes, first, class_of, n_of = np.unique(
        _hash(numbered), return_index=True, return_inverse=True, return_counts=True
    )
    rows = numbered[first]
    order = np.lexsort(rows.T[::-1])
    place = np.empty(len(classes), np.int64)
    place[order] = np.arange(len(classes))
    return Shapes(tuple(shape for shape, _ in listed), rows[order], place[class_of], n_of[order])


def _worth(titles: EncodedTitles) -> Floats:
    """For each item how much it tells of a title alone, in bits over the corpus; 0 for what tells nothing."""
    n_items = len(titles.names)
    counts = np.bincount(np.where(titles.items > EOS, titles.items, 0).ravel(), minlength=n_items)
    worth: Floats = np.where(titles.is_telling, counts * np.maximum(titles.bits - 2.0, 0), 0.0)
    return worth


def _shape_chunk(
    items: Items, bound: NDArray[np.float32], titles: EncodedTitles, worth: Floats, texts: dict[int, Items]
) -> Ints:
    """The marks of the shapes of ``items`` at each level; ``texts`` gets the shape of each mark."""
    inside = items > EOS
    is_often = titles.bits <= OFTEN_BITS
    signs = np.array([is_mark(name) for name in titles.names])
    marks = signs[np.maximum(items, 0)] & inside & ~titles.is_typed[np.maximum(items, 0)]
    alone = np.where(inside, worth[np.maximum(items, 0)], 0.0)
    best = np.zeros_like(inside)
    best[np.arange(len(items)), alone.argmax(axis=1)] = alone.max(axis=1, initial=0.0) > 0
    masks = [bound >= level for level in LEVELS]
    often = is_often[np.maximum(items, 0)] & inside
    heads = np.array([is_head(name) for name in titles.names]) & ~titles.is_typed
    says = (heads | titles.is_telling)[np.maximum(items, 0)] & inside
    head, tail = np.zeros_like(inside), np.zeros_like(inside)
    if items.shape[1] > 2:
        head[:, 1] = says[:, 1]
        tail[:, 1:-1] = says[:, 1:-1] & (items[:, 2:] == EOS)
    masks += [marks, marks | masks[1], marks | often, best, head, tail]
    out = np.empty((len(items), len(masks)), np.int64)
    inside = (items > EOS) | (items == FILLING)
    value = items.astype(np.int64) + 7
    for number, mask in enumerate(masks):
        keep, kept = _shape_tokens(inside, mask)
        # The hash of the shape, without making the shape of every title.
        place = np.cumsum(keep, axis=1, dtype=np.int8) - 1
        worth = np.where(kept, value, np.int64(FILLING + 7)) * _FACTORS[place]
        hashes = np.where(keep, worth, 0).sum(axis=1)
        found, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
        new = [at for mark, at in zip(found.tolist(), first.tolist(), strict=True) if mark not in texts]
        for at, shape in zip(new, _compact(items[new], keep[new], kept[new]), strict=True):
            texts[int(hashes[at])] = shape
        out[:, number] = found[inverse]
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
