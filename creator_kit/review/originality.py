"""Whether a note repeats one that is known: titles by runs of 4 and bigrams, bodies by winnowed fingerprints.

A run of 14 or more characters in common is found without fail (see ``fingerprints``); a Latin word or a number counts
as one character, for ConcurrentHashMap is a word and nobody's sentence. Look-ups are binary searches in one sorted
array and grow with the logarithm of the corpus. A note of 300 characters takes about 1.2 kB.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from creator_kit.review.finding import PostText
from creator_kit.review.fingerprints import GRAM, U32, WINDOW, Postings, TextFolder, TextStore, place_grams, winnow
from creator_kit.review.folding import fold, map_positions

RUN = GRAM + WINDOW - 1  # the shortest common run that is always found

_TAG = re.compile(r"#[^#\s]{1,40}")
# A piece of a frame shorter than this is everybody's word.
_MIN_FRAME = 4


@dataclass(frozen=True, slots=True)
class Overlap:
    """What a note has in common with a known text.

    ``share_rate`` is the part of the note's own material (0 to 1, a Latin word being one character) found in
    ``known_id``; ``start`` and ``end``
    are the longest common run in the note's title or body.
    """

    known_id: str
    share_rate: float
    start: int
    end: int


# A fingerprint in more notes than this is a set phrase (a greeting, a disclaimer), nobody's in particular.
MAX_COMMON = 200
TITLE_GRAM = 4
MAX_COMMON_TITLES = 2_000
# A shorter title names a thing (传送带模型): that another is like it says nothing, that it is the same one does.
_MIN_TITLE = 9
MAX_CANDIDATES = 100
MAX_BODY_CANDIDATES = 12
# Texts that are folded and hashed together.
_BATCH_SIZE = 1_000


class KnownTexts:
    """Notes that a new one must not repeat: a corpus, one's own earlier drafts, the rest of a batch."""

    def __init__(self, ids: Sequence[str], titles: Sequence[str], bodies: Sequence[str]) -> None:
        self._start()
        for at in range(0, len(ids), _BATCH_SIZE):
            part = slice(at, at + _BATCH_SIZE)
            self._add(ids[part], titles[part], bodies[part])
        self._finish()

    @classmethod
    def of(cls, texts: Iterable[tuple[str, str, str]]) -> KnownTexts:
        """From (id, title, body) of each note; they need not all be in memory at a time."""
        known = cls.__new__(cls)
        known._start()
        stream = iter(texts)
        while rows := list(islice(stream, _BATCH_SIZE)):
            known._add([row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows])
        known._finish()
        return known

    def _start(self) -> None:
        self.ids: list[str] = []
        self._folder = TextFolder()
        self._table = self._folder.table
        self._titles, self._bodies = TextStore(), TextStore()
        self._title_grams, self._body_grams = Postings(), Postings()
        self._hidden: int | None = None

    def _add(self, ids: Sequence[str], titles: Sequence[str], bodies: Sequence[str]) -> None:
        first = len(self.ids)
        self.ids.extend(ids)
        points = self._folder.fold_all(titles)
        self._titles.add(points)
        hashes, _places, owners = place_grams(points, TITLE_GRAM)
        self._title_grams.add(hashes, owners + first)
        points = self._folder.fold_all([_without_tags(body) for body in bodies])
        self._bodies.add(points)
        hashes, _places, owners = winnow(points)
        self._body_grams.add(hashes, owners + first)

    def _finish(self) -> None:
        for each in (self._titles, self._bodies, self._title_grams, self._body_grams):
            each.finish()

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def nbytes(self) -> int:
        """Bytes of the index and of the texts in it, ids left out."""
        return sum(each.nbytes for each in (self._titles, self._bodies, self._title_grams, self._body_grams))

    def others(self, at: int) -> KnownTexts:
        """The same texts without the one at ``at``: to hold a draft against the rest of its batch."""
        others = copy.copy(self)
        others._hidden = at
        return others

    def _count(self, documents: U32) -> tuple[list[int], list[int]]:
        """Documents by how often they occur in ``documents``, the most frequent first, and how often."""
        if self._hidden is not None:
            documents = documents[documents != self._hidden]
        found, shared = np.unique(documents, return_counts=True)
        order = np.argsort(-shared, kind="stable")
        return found[order].tolist(), shared[order].tolist()

    def find_title(self, title: str, frame: Sequence[str] = (), *, min_rate: float = 0.6) -> Overlap | None:
        """The known title nearest to ``title`` outside the template's own words ``frame``, if near enough.

        The rate is the Jaccard index of the character bigrams that are not the frame's. Candidates share a run
        of 4 characters: of a title of 14 or more with two characters changed, one run of 4 is always left.
        """
        pieces = [fold(piece, self._table) for piece in frame]
        own = _strip_frame(fold(title, self._table), pieces)
        hashes, _places, _owners = place_grams(self._folder.fold_all(own), TITLE_GRAM)
        candidates, _shared = self._count(self._title_grams.find(hashes, at_most=MAX_COMMON_TITLES))
        mine = _bigrams(own)
        is_name = sum(map(len, own)) < _MIN_TITLE
        best: tuple[float, int] | None = None
        for document in candidates[:MAX_CANDIDATES]:
            theirs = _bigrams(_strip_frame(self._titles[document], pieces))
            rate = len(mine & theirs) / len(mine | theirs)
            if rate >= (1.0 if is_name else min_rate) and (best is None or rate > best[0]):
                best = (rate, document)
        if best is None:
            return None
        return Overlap(self.ids[best[1]], best[0], 0, len(title))

    def find_body(self, body: str, frame: Sequence[str] = (), *, min_run: int = RUN) -> Overlap | None:
        """The known body that shares most with ``body``, if they share a run of ``min_run`` characters.

        Pieces of a body structure's own text (``frame``) are left out of what is looked for and of the count.
        """
        blanked = _without_frame(_without_tags(body), frame)
        folded = fold(blanked, self._table)
        hashes, _places, _owners = winnow(self._folder.fold_all([folded]))
        candidates, _shared = self._count(self._body_grams.find(hashes, at_most=MAX_COMMON))
        if not candidates:
            return None
        best: Overlap | None = None
        origin = map_positions(blanked, self._table)
        weights = _weigh(folded, origin)
        for document in candidates[:MAX_BODY_CANDIDATES]:
            start, end, covered = _find_runs(folded, weights, self._bodies[document], min_run)
            if end == start:
                continue
            rate = covered / max(weights[-1], 1)
            if best is None or rate > best.share_rate:
                best = Overlap(self.ids[document], rate, origin[start], origin[end - 1] + 1)
        return best


def _weigh(folded: str, origin: Sequence[int]) -> list[int]:
    """How many characters stand before each place of ``folded`` and behind its last; a Latin word or number is one."""
    weights, total, was_word, before = [0], 0, False, -2
    for char, at in zip(folded, origin, strict=True):
        is_word = char.isascii()
        total += not (is_word and was_word and at <= before + 1)
        weights.append(total)
        was_word, before = is_word, at
    return weights


def _find_runs(folded: str, weights: Sequence[int], other: str, min_run: int) -> tuple[int, int, int]:
    """The longest run of ``folded`` that is in ``other``, and what all runs weigh; those below ``min_run`` are none."""
    best_start = best_end = covered = 0
    start = 0
    while start + min_run <= len(folded):
        at = other.find(folded[start : start + min_run])
        if at < 0:
            start += 1
            continue
        end = start + min_run
        while end < len(folded) and (at := other.find(folded[start : end + 1], at)) >= 0:
            end += 1
        weight = weights[end] - weights[start]
        if weight >= min_run:
            covered += weight
            if weight > weights[best_end] - weights[best_start]:
                best_start, best_end = start, end
        start = end
    return best_start, best_end, covered


def _bigrams(pieces: Sequence[str]) -> set[str]:
    return {piece[at : at + 2] for piece in pieces for at in range(len(piece) - 1)}


def _without_tags(body: str) -> str:
    """``body`` with its topics blanked: everybody shares them. Positions stay."""
    return _TAG.sub(lambda match: " " * len(match.group()), body)


def _without_frame(body: str, frame: Sequence[str]) -> str:
    """``body`` with each piece of ``frame`` blanked where it first stands. Positions stay."""
    for piece in frame:
        if len(piece) >= _MIN_FRAME and (at := body.find(piece)) >= 0:
            body = body[:at] + " " * len(piece) + body[at + len(piece) :]
    return body


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
