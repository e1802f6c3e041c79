"""Titles as rows of numbers: typed expressions and frequent words get an item number, everything else is filling.

What can be frame is decided by the data: a word that at least ``min_authors`` authors used in ``min_notes``
titles and that is not a topic. A word is a topic when the notes that carry it in the title name it as a
hashtag or keyword (its *tagness*), or name it inside one while it is at home in one context (source and
keyword) only: frames such as "谁懂啊" go with any tags anywhere, "高中物理" goes with its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from creator_kit.mining.cutting import cut_titles
from creator_kit.mining.engine import PARTITION_TITLES, Engine, LocalEngine
from creator_kit.mining.forms import load_places
from creator_kit.mining.topics import TitleRow
from creator_kit.text.segment import segment_batch

PAD, FILLING = -1, -2
BOS, EOS = 0, 1
MAX_TOKENS = 40  # with both ends; a title of 20 units has fewer
_BATCH = 4096
_TELLING_POS = ("n", "v", "a", "i", "l", "z", "t", "j", "b")


@dataclass(frozen=True)
class EncodedTitles:
    """``items[i, j]`` is the item of token j of title ``rows[i]`` (BOS first, then EOS, then PAD).

    ``names[k]`` is the text of item k, or "{type}" for a typed one (``is_typed[k]``); ``bits[k]`` is its
    code length −log2(share of k among all tokens), what a title saves when a template states k.
    ``is_telling[k]``: a word that says something alone (a noun, verb, adjective; not 的, 这个, 真的).
    """

    rows: tuple[TitleRow, ...]
    items: NDArray[np.int32]
    names: tuple[str, ...]
    is_typed: NDArray[np.bool_]
    bits: NDArray[np.float64]
    is_telling: NDArray[np.bool_]


def encode_titles(
    rows: Sequence[TitleRow],
    *,
    min_notes: int,
    min_authors: int,
    topical: frozenset[str] = frozenset(),
    engine: Engine | None = None,
    advance: Callable[[int], None] = lambda _n: None,
) -> EncodedTitles:
    """``rows`` (their order is kept) as items. Titles of more than MAX_TOKENS tokens keep only their first ones
    and no EOS, so that no whole-title skeleton can come from them."""
    titles = [row.title for row in rows]
    parts = [(titles[at : at + PARTITION_TITLES], topical) for at in range(0, len(titles), PARTITION_TITLES)]
    coded = []
    for part in (engine or LocalEngine()).map(_cut_and_code, parts):
        coded.append(part)
        advance(len(part.codes))
    return _merge_coded(rows, coded, min_notes, min_authors)


def encode_cuts(
    rows: Sequence[TitleRow], cuts: Sequence[Sequence[tuple[str, str, str]]], *, min_notes: int, min_authors: int
) -> EncodedTitles:
    """``encode_titles`` for titles that ``cut_titles`` has cut already."""
    return _merge_coded(rows, [_code_cuts(cuts)], min_notes, min_authors)


@dataclass(frozen=True)
class _Coded:
    """A partition's titles by numbers of its own: ``keys[k]`` is (text, "") of a word or ("", type)."""

    keys: list[tuple[str, str]]
    codes: NDArray[np.int32]


def _cut_and_code(part: tuple[list[str], frozenset[str]]) -> _Coded:
    titles, topical = part
    cuts: list[list[tuple[str, str, str]]] = []
    for begin in range(0, len(titles), _BATCH):
        cuts += cut_titles(titles[begin : begin + _BATCH], topical)
    return _code_cuts(cuts)


_PLAIN = frozenset({"word", "latin", "punct", "space"})


def _code_cuts(cuts: Sequence[Sequence[tuple[str, str, str]]]) -> _Coded:
    index: dict[tuple[str, str], int] = {("", ""): BOS, ("", "end"): EOS}
    flat: list[int] = []
    add = flat.append
    # Two plain dictionaries, since this runs once a token.
    words: dict[str, int] = {}
    types: dict[str, int] = {}
    find = words.get
    places = load_places()
    for tokens in cuts:
        add(BOS)
        for text, kind, pos in tokens:
            if kind in _PLAIN:
                code = find(text)
                if code is None:
                    key = ("", "place") if text in places else (text, "")
                    code = words[text] = index.setdefault(key, len(index))
                add(FILLING if pos == "ns" and text not in places else code)
            elif kind == "topic":
                add(FILLING)
            else:
                code = types.get(kind)
                if code is None:
                    code = types[kind] = index.setdefault(("", kind), len(index))
                add(code)
        add(EOS)
    length = np.fromiter(map(len, cuts), np.int64, len(cuts)) + 2
    codes = np.full((len(cuts), min(int(length.max(initial=2)), MAX_TOKENS)), PAD, np.int32)
    coded = np.fromiter(flat, np.int32, len(flat))
    if len(length) and length.max() > MAX_TOKENS:
        place = np.arange(len(flat)) - np.repeat(np.cumsum(length) - length, length)
        coded = coded[place < MAX_TOKENS]
    # Row by row, so that what comes in order goes in order.
    codes[np.arange(codes.shape[1]) < length[:, None]] = coded
    return _Coded(list(index), codes)


def _merge_coded(rows: Sequence[TitleRow], parts: Sequence[_Coded], min_notes: int, min_authors: int) -> EncodedTitles:
    index: dict[tuple[str, str], int] = {("", ""): BOS, ("", "end"): EOS}
    raw = np.full((len(rows), max((part.codes.shape[1] for part in parts), default=2)), PAD, np.int32)
    at = 0
    for part in parts:
        new = np.array([index.setdefault(key, len(index)) for key in part.keys] + [FILLING, PAD], np.int32)
        n, width = part.codes.shape
        raw[at : at + n, :width] = new[part.codes]  # the last two places serve FILLING (−2) and PAD (−1)
        at += n
    names = [text if text else "{" + kind + "}" for text, kind in index]
    return _keep_frequent(tuple(rows), raw, names, [not text for text, _kind in index], min_notes, min_authors)


def sorted_unique(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Distinct values, ascending. Sorting beats numpy's hash table several times on millions of keys."""
    ordered = np.sort(values)
    return ordered[np.r_[True, ordered[1:] != ordered[:-1]]] if len(ordered) else ordered


_TABLE_CELLS = 100_000_000


def _list_once(raw: NDArray[np.int32]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(title, item) of all items that are none of PAD and FILLING, each once a title."""
    ordered = np.sort(raw, axis=1)
    is_new = ordered >= 0
    is_new[:, 1:] &= ordered[:, 1:] != ordered[:, :-1]
    place, column = np.nonzero(is_new)
    return place, ordered[place, column].astype(np.int64)


def _keep_frequent(
    rows: tuple[TitleRow, ...],
    raw: NDArray[np.int32],
    names: list[str],
    typed: list[bool],
    min_notes: int,
    min_authors: int,
) -> EncodedTitles:
    """Renumber the items that can be frame, by text so that input order does not matter; the rest is FILLING."""
    n, n_names = len(rows), len(names)
    authors = np.fromiter((row.author for row in rows), np.int64, n)
    notes_of = np.zeros(n_names, np.int64)
    authors_of = np.zeros(n_names, np.int64)
    if n:
        place, code = _list_once(raw)
        notes_of = np.bincount(code, minlength=n_names)
        often = notes_of >= min_notes
        place, code = place[often[code]], code[often[code]]
        n_authors, n_often = int(authors.max()) + 1, int(often.sum())
        both = (np.cumsum(often) - 1)[code] * n_authors + authors[place]
        if n_often * n_authors <= _TABLE_CELLS:
            table = np.zeros(n_often * n_authors, np.bool_)
            table[both] = True
            authors_of[often] = table.reshape(n_often, n_authors).sum(axis=1)
        else:
            authors_of[often] = np.bincount(sorted_unique(both) // n_authors, minlength=n_often)
    keep = [code for code in range(2, n_names) if notes_of[code] >= min_notes and authors_of[code] >= min_authors]
    keep.sort(key=lambda code: names[code])
    new = np.full(n_names + 2, FILLING, np.int32)  # the last two places serve PAD (-1) and FILLING (-2)
    new[PAD], new[FILLING], new[BOS], new[EOS] = PAD, FILLING, BOS, EOS
    for place_, code_ in enumerate(keep, start=2):
        new[code_] = place_
    counts = np.concatenate([[n, n], notes_of[keep]]) if n else np.ones(2 + len(keep))
    kept_names = [names[code] for code in keep]
    telling = [False, False]
    for name, words in zip(kept_names, segment_batch(kept_names), strict=True):
        says = any(kind == "word" and pos.startswith(_TELLING_POS) for _, kind, pos in words)
        telling.append(len(name) >= 2 and says)
    return EncodedTitles(
        rows=rows,
        items=new[raw],
        names=("", "", *kept_names),
        is_typed=np.array([False, False, *(typed[code] for code in keep)]),
        bits=-np.log2(np.maximum(counts, 1) / max(int((raw != PAD).sum()), 1)),
        is_telling=np.array(telling) & ~np.array([False, False, *(typed[code] for code in keep)]),
    )
