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

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from creator_kit.mining.bonds import CHUNK_TITLES, Shapes, find_shapes, measure_bonds
from creator_kit.mining.candidates import SLOT_BITS, Candidate, Ints, SkeletonOptions, propose
from creator_kit.mining.cover import Cover, Skeleton, is_one_run_extra
from creator_kit.mining.encoding import EOS, FILLING, PAD, EncodedTitles, sorted_unique
from creator_kit.mining.engine import Engine


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
    cover = Cover(titles, shapes, options)
    candidates = propose(titles, shapes, options)
    if accept is not None:
        candidates = [found for found in candidates if accept(cover.spell(found))]
    chosen, owner = cover.choose(candidates)
    filling = _find_filling_words(titles, [found.items for found in chosen], owner[shapes.class_of])
    wider = _Places(shapes).widen(chosen)
    kept = [found for found in wider if not _is_of_fillings(titles, found.items, filling)]
    chosen, _owner = cover.choose(kept)
    return _drop_fillings(titles, [cover.spell(found) for found in chosen])


class _Places:
    """Which classes of titles hold which items, to find a skeleton in all of them.

    A shape is a string here, one character an item, so that a skeleton is sought as pieces of text.
    """

    def __init__(self, shapes: Shapes) -> None:
        # The fullest shape of a class: a skeleton is looked for in it.
        length = (shapes.words != PAD).sum(axis=1)
        lengths = np.where(shapes.ids >= 0, length[shapes.ids], -1)
        fullest = shapes.ids[np.arange(len(shapes.ids)), lengths.argmax(axis=1)]
        self._classes_by_shape = np.argsort(fullest, kind="stable")
        used, starts, n_of = np.unique(fullest[self._classes_by_shape], return_index=True, return_counts=True)
        self._spans = list(zip(starts.tolist(), (starts + n_of).tolist(), strict=True))
        self._texts: list[str] = []
        self._holders: dict[int, set[int]] = {}
        rows, sizes = shapes.words.tolist(), length.tolist()
        for number, shape_id in enumerate(used.tolist()):
            shape = rows[shape_id][: sizes[shape_id]] if shape_id >= 0 else []
            self._texts.append(_to_text(shape))
            for item in set(shape):
                self._holders.setdefault(item, set()).add(number)

    def widen(self, chosen: Sequence[Candidate]) -> list[Candidate]:
        """``chosen`` with all classes whose fullest shape has the skeleton in it."""
        out = []
        for found in chosen:
            sets = sorted((self._holders.get(item, set()) for item in set(found.items)), key=len)
            pieces = _to_pieces(found.items, found.gaps)
            holding = [
                number
                for number in sets[0].intersection(*sets[1:])
                if _holds(self._texts[number], pieces, found.gaps[0], found.gaps[-1])
            ]
            more = [self._classes_by_shape[slice(*self._spans[number])] for number in holding]
            out.append(
                Candidate(found.items, found.gaps, sorted_unique(np.concatenate([found.classes, *more])), found.saved)
            )
        return out


def _to_text(items: Sequence[int]) -> str:
    return "".join([chr(item - FILLING) for item in items])


def _to_pieces(items: tuple[int, ...], gaps: tuple[bool, ...]) -> list[str]:
    """The runs of items without a gap inside."""
    text = _to_text(items)
    cuts = [0, *(at for at in range(1, len(items)) if gaps[at]), len(items)]
    return [text[start:stop] for start, stop in pairwise(cuts)]


def _holds(text: str, pieces: Sequence[str], opens: bool, ends: bool) -> bool:
    """Whether ``text`` is ``pieces`` with something between any two, and before and behind where it ``opens`` and
    ``ends`` with a gap. The leftmost place of each piece leaves most for the others."""
    inner = list(pieces)
    start, stop = 0, len(text)
    if not opens:
        first = inner.pop(0)
        if not text.startswith(first):
            return False
        start = len(first)
        if not inner:
            return ends == (start < stop)
    if not ends:
        last = inner.pop()
        if not text.endswith(last):
            return False
        stop -= len(last)
    for piece in inner:
        start = text.find(piece, start + 1, stop) + len(piece)
        if start < len(piece):
            return False
    return start < stop


def _saved(titles: EncodedTitles, items: tuple[int, ...], gaps: tuple[bool, ...]) -> float:
    """Bits that one title saves: what the words of its skeleton cost alone, less saying where its slots end."""
    return float(titles.bits[list(items)].sum()) - SLOT_BITS * sum(gaps)


def saved_bits(titles: EncodedTitles, skeleton: Skeleton) -> float:
    """Bits that one title of ``skeleton`` saves by it."""
    return _saved(titles, skeleton.items, skeleton.gaps)


def _find_filling_words(titles: EncodedTitles, chosen: Sequence[tuple[int, ...]], owner: Ints) -> NDArray[np.bool_]:
    """Items that mostly stand in the slots of the chosen skeletons, and in those of at least two: slot words."""
    n_items = len(titles.names)
    counts = np.zeros((len(chosen), n_items), np.int64)
    total = np.zeros(n_items, np.int64)
    for at in range(0, len(owner), CHUNK_TITLES):
        part, mine = titles.items[at : at + CHUNK_TITLES], owner[at : at + CHUNK_TITLES, None]
        total += np.bincount(part[part > EOS], minlength=n_items)
        keys = (mine * n_items + part)[(part > EOS) & (mine >= 0)]
        counts += np.bincount(keys, minlength=counts.size).reshape(counts.shape)
    frame = np.zeros(counts.shape, np.bool_)
    for number, items in enumerate(chosen):
        frame[number, list(items)] = True
    in_frame = np.where(frame, counts, 0).sum(axis=0)
    in_slot = np.where(frame, 0, counts).sum(axis=0)
    n_hosts = (~frame & (counts >= 2)).sum(axis=0)
    is_filling: NDArray[np.bool_] = (in_slot > 0.5 * np.maximum(total, 1)) & (n_hosts >= 2) & (in_slot > in_frame)
    return is_filling


def _is_of_fillings(titles: EncodedTitles, items: tuple[int, ...], filling: NDArray[np.bool_]) -> bool:
    telling = [item for item in items if titles.is_telling[item]]
    return bool(telling) and all(filling[item] for item in telling)


def _drop_fillings(titles: EncodedTitles, chosen: list[Skeleton]) -> list[Skeleton]:
    """Of a skeleton and a variant that names one of its fillings, chosen in either order, the variant goes when
    it holds less than half of the titles."""
    hosts = [
        (host, sum(1 << item for item in set(host.items)))
        for host in chosen
        if any(titles.is_telling[item] for item in host.items)
    ]
    kept = []
    for longer in chosen:
        own = sum(1 << item for item in set(longer.items))
        is_variant = False
        for host, words in hosts:
            n_lost = (words & ~own).bit_count()
            if host is longer or 3 * (len(host.items) - n_lost) < 2 * len(host.items):
                continue
            if not is_one_run_extra(longer.items, host.items):
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
