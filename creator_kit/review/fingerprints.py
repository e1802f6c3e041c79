"""Fingerprints of many texts at a time, and the sorted list in which they are looked up.

Winnowing (Schleimer, Wilkerson and Aiken, SIGMOD 2003) keeps the smallest hash of each window of 7 hashes of
8 characters, so that a run of 14 or more characters in common is found without fail. Some thousand texts are
folded, hashed and winnowed in one array, which costs a tenth of doing so one by one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from creator_kit.review.folding import FoldTable, common_characters, fold

GRAM = 8
WINDOW = 7

U64 = NDArray[np.uint64]
U32 = NDArray[np.uint32]
U16 = NDArray[np.uint16]
I64 = NDArray[np.int64]

SEAM = "\uffff"
_SEAM_POINT, _UNSEEN, _SEVERAL = 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFE
_TABLE_SIZE = 0x32001  # behind it are no letters
_NOTHING = np.uint64(0xFFFFFFFFFFFFFFFF)
_FIRST, _SECOND = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)


class TextFolder:
    """Folds texts to nothing but their letters and digits, as ``fold`` does with a FoldTable of stretch "all"."""

    def __init__(self) -> None:
        self.table = FoldTable("all")
        self._points = np.full(_TABLE_SIZE, _UNSEEN, dtype=np.uint32)
        common = [ord(char) for char in common_characters()]
        self._points[common] = common
        self._points[-1] = 0
        self._points[_SEAM_POINT] = _SEAM_POINT

    def fold(self, text: str) -> str:
        """The folded text."""
        return fold(text, self.table)

    def fold_all(self, texts: Sequence[str]) -> U32:
        """The code points of all ``texts`` folded, a seam behind each."""
        texts = [text.replace(SEAM, "") if SEAM in text else text for text in texts]
        points = self._fold_joined(texts)
        if (points == _SEVERAL).any():
            # One character became several (㏄): such texts are folded one by one.
            owners = np.searchsorted(np.flatnonzero(points == _SEAM_POINT), np.flatnonzero(points == _SEVERAL))
            texts = list(texts)
            for at in np.unique(owners).tolist():
                texts[at] = self.fold(texts[at])
            points = self._fold_joined(texts)
        return points

    def _fold_joined(self, texts: Sequence[str]) -> U32:
        joined = SEAM.join([*texts, ""])
        raw = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        folded: U32 = self._points.take(raw, mode="clip")
        unseen = folded == _UNSEEN
        if unseen.any():
            for point in np.unique(raw[unseen]).tolist():
                piece = self.table[point]
                self._points[point] = 0 if not piece else ord(piece) if len(piece) == 1 else _SEVERAL
            folded = self._points.take(raw, mode="clip")
        kept: U32 = folded[folded != 0]
        return kept


def hash_grams(points: U32, size: int) -> U64:
    """One 64-bit hash for each run of ``size`` points (a power of two); the same on every machine."""
    hashes = points.astype(np.uint64)
    reach = 1
    with np.errstate(over="ignore"):
        while reach < size:
            if len(hashes) <= reach:
                return np.empty(0, dtype=np.uint64)
            hashes = hashes[:-reach] * _FIRST + hashes[reach:]
            hashes ^= hashes >> np.uint64(31)
            hashes *= _SECOND
            hashes ^= hashes >> np.uint64(29)
            reach *= 2
    return hashes


def place_grams(points: U32, size: int) -> tuple[U64, I64, I64]:
    """The hashes of all runs of ``size`` points that do not cross a seam, where they are, and in which text."""
    hashes = hash_grams(points, size)
    is_seam = points == _SEAM_POINT
    seams = np.cumsum(is_seam)
    if not len(hashes):
        return hashes, np.empty(0, np.int64), np.empty(0, np.int64)
    owners = (seams - is_seam)[: len(hashes)]
    places = np.flatnonzero(owners == seams[size - 1 :])
    return hashes[places], places, owners[places]


def winnow(points: U32) -> tuple[U64, I64, I64]:
    """The fingerprints of texts: hashes, where they are in ``points``, and of which text, in order of their places."""
    hashes, places, owners = place_grams(points, GRAM)
    if not len(hashes):
        return hashes, places, owners
    n_windows = len(hashes) - WINDOW + 1
    if n_windows > 0:
        smallest, offset = hashes[:n_windows].copy(), np.zeros(n_windows, dtype=np.int64)
        for at in range(1, WINDOW):
            following = hashes[at : at + n_windows]
            is_smaller = following <= smallest  # the last of equal ones
            np.copyto(smallest, following, where=is_smaller)
            offset[is_smaller] = at
        in_one = owners[:n_windows] == owners[WINDOW - 1 :]
        kept = (np.arange(n_windows) + offset)[in_one]
    else:
        kept = np.empty(0, dtype=np.int64)
    # Texts with less than a window of hashes give their smallest one.
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    lengths = np.diff(starts, append=len(owners))
    short = [
        start + int(np.argmin(hashes[start : start + n]))
        for start, n in zip(starts[lengths < WINDOW].tolist(), lengths[lengths < WINDOW].tolist(), strict=True)
    ]
    kept = np.unique(np.concatenate([kept, np.array(short, dtype=np.int64)]))
    return hashes[kept], places[kept], owners[kept]


class Postings:
    """Which documents a hash occurs in: the upper half of each entry is the hash's, the lower one the document.

    One sorted array of 8 bytes an entry, nothing else. Of two entries in 4 billion one pair shares a hash by chance,
    so that what is found is a candidate.
    """

    def __init__(self) -> None:
        self._pieces: list[U64] = []
        self._entries: U64 = np.empty(0, dtype=np.uint64)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def nbytes(self) -> int:
        return self._entries.nbytes

    def add(self, hashes: U64, documents: I64) -> None:
        """Note that ``documents`` hold ``hashes``; call ``finish`` before looking up."""
        keys = (hashes & np.uint64(0xFFFFFFFF00000000)) | documents.astype(np.uint64)
        self._pieces.append(np.unique(keys))

    def finish(self) -> None:
        """Sort what was added."""
        if self._pieces:
            self._entries = np.concatenate([self._entries, *self._pieces])
            self._pieces.clear()
            self._entries.sort()

    def find(self, hashes: U64, *, at_most: int) -> U32:
        """The documents of each of ``hashes``, one after the other; those in more than ``at_most`` are left out."""
        low = np.unique(hashes & np.uint64(0xFFFFFFFF00000000))
        starts = np.searchsorted(self._entries, low, side="left")
        ends = np.searchsorted(self._entries, low | np.uint64(0xFFFFFFFF), side="right")
        telling = (ends > starts) & (ends - starts <= at_most)
        pieces = [
            self._entries[start:end]
            for start, end in zip(starts[telling].tolist(), ends[telling].tolist(), strict=True)
        ]
        if not pieces:
            return np.empty(0, dtype=np.uint32)
        return (np.concatenate(pieces) & np.uint64(0xFFFFFFFF)).astype(np.uint32)


class TextStore:
    """Folded texts, two bytes a character."""

    def __init__(self) -> None:
        self._pieces: list[U16] = []
        self._points: U16 = np.empty(0, dtype=np.uint16)
        self._ends: I64 = np.empty(0, dtype=np.int64)

    @property
    def nbytes(self) -> int:
        return self._points.nbytes + self._ends.nbytes

    def add(self, points: U32) -> None:
        """Keep texts with a seam behind each, as ``TextFolder.fold_all`` gives them; then call ``finish``."""
        self._pieces.append(np.where(points > _SEAM_POINT, 0xFFFD, points).astype(np.uint16))

    def finish(self) -> None:
        """Make what was added readable."""
        self._points = np.concatenate([self._points, *self._pieces])
        self._pieces.clear()
        self._ends = np.flatnonzero(self._points == _SEAM_POINT)

    def __getitem__(self, at: int) -> str:
        start = int(self._ends[at - 1]) + 1 if at else 0
        return self._points[start : int(self._ends[at])].tobytes().decode("utf-16-le", "replace")
