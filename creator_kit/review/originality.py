"""Whether a note repeats one that is known: titles by runs of 4 and bigrams, bodies by winnowed fingerprints.

Winnowing (Schleimer, Wilkerson and Aiken, SIGMOD 2003) keeps the smallest hash of each window of 7 hashes of
8 characters, so that a run of 14 or more characters in common is found without fail; look-ups are binary
searches in sorted arrays and grow with the logarithm of the corpus.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from creator_kit.review.finding import PostText
from creator_kit.review.folding import FoldTable, fold, map_positions

GRAM = 8
WINDOW = 7
RUN = GRAM + WINDOW - 1  # the shortest common run that is always found

_U64 = NDArray[np.uint64]
_I64 = NDArray[np.int64]
_BASE = np.uint64(0x9E3779B97F4A7C15)
_TAG = re.compile(r"#[^#\s]{1,40}")


@dataclass(frozen=True, slots=True)
class Overlap:
    """What a note has in common with a known text.

    ``share_rate`` is the part of the note's own material (0 to 1) found in ``known_id``; ``start`` and ``end``
    are the longest common run in the note's title or body.
    """

    known_id: str
    share_rate: float
    start: int
    end: int


def _hash_grams(text: str, size: int) -> _U64:
    """One 64-bit hash for each run of ``size`` characters; the same on every machine."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    if len(codes) < size:
        return np.empty(0, dtype=np.uint64)
    hashes = np.zeros(len(codes) - size + 1, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for offset in range(size):
            hashes = (hashes ^ codes[offset : offset + len(hashes)]) * _BASE
            hashes ^= hashes >> np.uint64(29)
    return hashes


def _winnow(hashes: _U64) -> _I64:
    """Indices of the hashes that winnowing keeps (the last smallest of each window), in order."""
    if len(hashes) <= WINDOW:
        return np.array([int(np.argmin(hashes))] if len(hashes) else [], dtype=np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(hashes, WINDOW)
    last_smallest = WINDOW - 1 - np.argmin(windows[:, ::-1], axis=1)
    return np.unique(np.arange(len(windows)) + last_smallest)


class _Postings:
    """Hashes and the documents they occur in, as two sorted arrays."""

    def __init__(self, hashes: list[_U64]) -> None:
        owners = np.repeat(np.arange(len(hashes), dtype=np.uint32), [len(each) for each in hashes])
        joined = np.concatenate(hashes) if hashes else np.empty(0, dtype=np.uint64)
        order = np.argsort(joined, kind="stable")
        self._hashes = joined[order]
        self._owners = owners[order]

    def ranges(self, hashes: _U64) -> tuple[_I64, _I64]:
        """For each hash, where its documents begin and end."""
        low = np.searchsorted(self._hashes, hashes, side="left")
        high = np.searchsorted(self._hashes, hashes, side="right")
        return low.astype(np.int64), high.astype(np.int64)

    def owners(self, low: int, high: int) -> NDArray[np.uint32]:
        return self._owners[low:high]


# A fingerprint in more notes than this is a set phrase (a greeting, a disclaimer), nobody's in particular.
MAX_COMMON = 200
TITLE_GRAM = 4
MAX_COMMON_TITLES = 2_000
MAX_CANDIDATES = 100


class KnownTexts:
    """Notes that a new one must not repeat: a corpus, one's own earlier drafts, the rest of a batch."""

    def __init__(self, ids: Sequence[str], titles: Sequence[str], bodies: Sequence[str]) -> None:
        self.ids = tuple(ids)
        self._table = FoldTable("all")
        self._titles = [fold(title, self._table) for title in titles]
        self._bodies = [fold(_without_tags(body), self._table) for body in bodies]
        self._title_grams = _Postings([np.unique(_hash_grams(title, TITLE_GRAM)) for title in self._titles])
        self._body_grams = _Postings([self._fingerprint(body)[0] for body in self._bodies])

    @classmethod
    def of(cls, texts: Iterable[tuple[str, str, str]]) -> KnownTexts:
        """From (id, title, body) of each note."""
        rows = list(texts)
        return cls([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])

    def __len__(self) -> int:
        return len(self.ids)

    @staticmethod
    def _fingerprint(folded: str) -> tuple[_U64, _I64]:
        hashes = _hash_grams(folded, GRAM)
        kept = _winnow(hashes)
        values, first = np.unique(hashes[kept], return_index=True)
        return values, kept[first]

    def find_title(self, title: str, frame: Sequence[str] = (), *, min_rate: float = 0.6) -> Overlap | None:
        """The known title nearest to ``title`` outside the template's own words ``frame``, if near enough.

        The rate is the Jaccard index of the character bigrams that are not the frame's. Candidates share a run
        of 4 characters: of a title of 14 or more with two characters changed, one run of 4 is always left.
        """
        pieces = [fold(piece, self._table) for piece in frame]
        own = _strip_frame(fold(title, self._table), pieces)
        grams = np.unique(np.concatenate([np.empty(0, np.uint64), *(_hash_grams(piece, TITLE_GRAM) for piece in own)]))
        if len(grams) == 0:
            return None
        low, high = self._title_grams.ranges(grams)
        telling = np.flatnonzero((high > low) & (high - low <= MAX_COMMON_TITLES)).tolist()
        if not telling:
            return None
        owners = np.concatenate([self._title_grams.owners(int(low[at]), int(high[at])) for at in telling])
        docs, shared = np.unique(owners, return_counts=True)
        mine = _bigrams(own)
        best: tuple[float, int] | None = None
        for doc in docs[np.argsort(-shared, kind="stable")[:MAX_CANDIDATES]].tolist():
            theirs = _bigrams(_strip_frame(self._titles[doc], pieces))
            rate = len(mine & theirs) / len(mine | theirs)
            if rate >= min_rate and (best is None or rate > best[0]):
                best = (rate, doc)
        if best is None:
            return None
        return Overlap(self.ids[best[1]], best[0], 0, len(title))

    def find_body(self, body: str, *, min_run: int = RUN) -> Overlap | None:
        """The known body that shares most fingerprints with ``body``, if they share a run of ``min_run``."""
        blanked = _without_tags(body)
        folded = fold(blanked, self._table)
        values, _places = self._fingerprint(folded)
        if len(values) == 0:
            return None
        low, high = self._body_grams.ranges(values)
        common = (high > low) & (high - low <= MAX_COMMON)
        if not common.any():
            return None
        owners = np.concatenate(
            [self._body_grams.owners(int(a), int(b)) for a, b in zip(low[common], high[common], strict=True)]
        )
        docs, shared = np.unique(owners, return_counts=True)
        origin = map_positions(blanked, self._table)
        best: Overlap | None = None
        for at in np.argsort(-shared, kind="stable")[:5]:
            doc = int(docs[at])
            start, end, covered = self._runs(folded, doc, min_run)
            if end == start:
                continue
            rate = covered / len(folded)
            if best is None or rate > best.share_rate:
                best = Overlap(self.ids[doc], rate, origin[start], origin[end - 1] + 1)
        return best

    def _runs(self, folded: str, doc: int, min_run: int) -> tuple[int, int, int]:
        """The longest run of ``folded`` that is in document ``doc``, and how many characters lie in any."""
        other = self._bodies[doc]
        best_start = best_end = covered = 0
        start = 0
        while start + min_run <= len(folded):
            if folded[start : start + min_run] not in other:
                start += 1
                continue
            end = start + min_run
            while end < len(folded) and folded[start : end + 1] in other:
                end += 1
            covered += end - start
            if end - start > best_end - best_start:
                best_start, best_end = start, end
            start = end
        return best_start, best_end, covered


def _bigrams(pieces: Sequence[str]) -> set[str]:
    return {piece[at : at + 2] for piece in pieces for at in range(len(piece) - 1)}


def _without_tags(body: str) -> str:
    """``body`` with its topics blanked: everybody shares them. Positions stay."""
    return _TAG.sub(lambda match: " " * len(match.group()), body)


def _strip_frame(folded: str, frame: Sequence[str]) -> list[str]:
    """What is left of ``folded`` when the pieces of ``frame`` are taken out, in order; all of it if they do not fit."""
    rest, position = [], 0
    for piece in frame:
        if not piece:
            continue
        at = folded.find(piece, position)
        if at < 0:
            return [folded]
        rest.append(folded[position:at])
        position = at + len(piece)
    rest.append(folded[position:])
    return [piece for piece in rest if piece]


def know_posts(posts: Iterable[PostText]) -> KnownTexts:
    """The texts of ``posts``, known by their names."""
    return KnownTexts.of((post.name, post.title, post.body) for post in posts)
