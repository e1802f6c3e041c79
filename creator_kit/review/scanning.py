"""One pass over texts: which literals stand where, and what kinds of characters there are.

Each character becomes a code of 16 bits by one look-up in a table (numpy), what folding drops is left out, and one
automaton reads the codes. The folding is the widest that any rule asks for, so a hit is a candidate: whoever wants
it for certain folds the place again in his own way.

Codes keep their low and their high byte apart (below and above 0x80), so that the automaton, which reads bytes,
never takes the second half of one character and the first half of the next for a third.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import ahocorasick_rs
import numpy as np
from numpy.typing import NDArray

from creator_kit.review.folding import FoldTable, common_characters
from creator_kit.text.emoji import EMOJI_RE

# Kinds of characters as they are written; ``Scanned.kinds`` holds those of a text.
DIGIT, NUMERAL, HIDDEN, EMOJI, LETTER, AT, SPELLED = (1 << at for at in range(16, 23))
_NEW, _SEVERAL = 1 << 30, 1 << 31
_CHINESE_NUMERALS = frozenset("〇零一幺二两三四五六七八九")
_AT_SIGNS = frozenset("@艾([")

_DROPPED, _OTHER, _BREAK = 0, 0x8000, 0x8001
_N_CODES = (0x100 - 0x80) << 7
# Joins texts; a character that is none. The table ends where no letters are left (variation selectors, private use).
_SEAM = "\uffff"
_TABLE_SIZE = 0x32001
_CHUNK_LENGTH = 1_000_000

_U32 = NDArray[np.uint32]
_U16 = NDArray[np.uint16]
_I64 = NDArray[np.int64]
_LiteralHit = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Scanned:
    """A text with the kinds of its characters (all together, and one by one as bits), and its hits.

    A hit is a literal's number and the first and the last character of ``text`` that it was read from.
    """

    text: str
    kinds: int
    each: _U32
    hits: list[_LiteralHit]

    def places(self, kinds: int) -> list[int]:
        """Indices of the characters that are of one of ``kinds``."""
        return np.flatnonzero(self.each & np.uint32(kinds)).tolist()

    def digits(self) -> tuple[_I64, _I64]:
        """Where digits and Chinese numerals are, and how many each of them is at most (⑫ is two)."""
        at = np.flatnonzero(self.each & np.uint32(DIGIT | NUMERAL))
        return at, 1 + ((self.each[at] & np.uint32(_SEVERAL)) != 0).astype(np.int64)

    def count(self, kinds: int) -> int:
        """How many characters are of one of ``kinds``."""
        return int(np.count_nonzero(self.each & np.uint32(kinds)))


class Scanner:
    """Looks for ``literals`` (folded by ``fold`` or by ``fold_sounds``); stateless but for its tables.

    ``sounds`` maps a character to what it stands in for. Where that is one letter for another, all literals are
    looked for with both brought together. Where a sign stands for a word (➕ for 加), texts with such a sign are
    read a second time.
    """

    def __init__(self, sounds: Mapping[str, str]) -> None:
        one_for_one = {k: v for k, v in sounds.items() if len(v) == 1 and k.isalnum() and v.isalnum()}
        plain = FoldTable("all")
        self._tables = (
            FoldTable("all", {k: v for k, v in one_for_one.items() if plain[ord(k)] == k}),
            FoldTable("all", sounds),
        )
        self._written = FoldTable("none")
        self._sounds = sounds
        self._automaton: ahocorasick_rs.BytesAhoCorasick | None = None

    def fold(self, text: str) -> str:
        """``text`` as every pass reads it."""
        return text.translate(self._tables[0])

    def fold_sounds(self, text: str) -> str:
        """``text`` as the second pass reads it."""
        return text.translate(self._tables[1])

    def compile(self, literals: Iterable[str]) -> None:
        """Look for ``literals`` from now on; their numbers are their places."""
        texts = list(literals)
        letters = sorted(set("".join(texts)))
        if len(letters) > _N_CODES - 2:
            raise ValueError(f"literals of more than {_N_CODES - 2} different characters")
        self._codes = {ord(letter): _spread(at + 2) for at, letter in enumerate(letters)}
        first = np.full(_TABLE_SIZE, _NEW, dtype=np.uint32)
        common = [ord(char) for char in common_characters() if char not in self._sounds]
        first[common] = _OTHER | LETTER
        for char in map(chr, common):
            if char in _CHINESE_NUMERALS or char in _AT_SIGNS or char.isdigit():
                first[ord(char)] |= self._classify(char)
        for point in self._codes.keys() & set(common):
            first[point] += self._codes[point] - _OTHER
        first[-1] = _DROPPED
        self._looked_up = (first, first.copy())
        for table in self._looked_up:
            table[ord(_SEAM)] = _BREAK
        self._longest = max(map(len, texts), default=1)
        if texts:
            coded = [text.translate(self._codes).encode("utf-16-le", "surrogatepass") for text in texts]
            self._automaton = ahocorasick_rs.BytesAhoCorasick(coded)

    def _encode_all(self, folded: str) -> _U16:
        return np.array([self._codes.get(ord(char), _OTHER) for char in folded], dtype="<u2")

    def _encode(self, folded: str) -> int:
        if len(folded) > 1:
            return _SEVERAL
        return self._codes.get(ord(folded), _OTHER) if folded else _DROPPED

    def _classify(self, char: str) -> int:
        kinds = 0
        written = self._written[ord(char)]
        if any(piece in "0123456789" for piece in written):
            kinds |= DIGIT
        if any(piece in _CHINESE_NUMERALS for piece in written):
            kinds |= NUMERAL
        if unicodedata.category(char) == "Cf":
            kinds |= HIDDEN
        if EMOJI_RE.match(char) or "\U0001f1e6" <= char <= "\U0001f1ff" or char == "\u20e3":
            kinds |= EMOJI
        if char.isalnum():
            kinds |= LETTER
        if char in _AT_SIGNS or written in _AT_SIGNS:
            kinds |= AT
        if self._tables[0][ord(char)] != self._tables[1][ord(char)]:
            kinds |= SPELLED
        return kinds

    def _learn(self, points: _U32) -> None:
        """Fill the tables for characters met for the first time."""
        for point in np.unique(points).tolist():
            if self._looked_up[0][point] & _NEW:
                kinds = self._classify(chr(point))
                for table, looked_up in zip(self._tables, self._looked_up, strict=True):
                    looked_up[point] = self._encode(table[point]) | kinds

    def scan(self, texts: Sequence[str]) -> list[Scanned]:
        """Each of ``texts`` with its hits; many short texts cost far less together than one by one."""
        joined = _SEAM.join([text.replace(_SEAM, "\ufffe") if _SEAM in text else text for text in texts])
        looked_up = self._look_up(joined + _SEAM, 0)
        ends = list(accumulate([len(text) + 1 for text in texts]))
        starts = [0, *ends[:-1]]
        if len(texts) == 1:
            kinds = [int(np.bitwise_or.reduce(looked_up))]
        else:
            kinds = np.bitwise_or.reduceat(looked_up, starts).tolist()
        scanned = [
            Scanned(text, each, looked_up[start : end - 1], [])
            for text, each, start, end in zip(texts, kinds, starts, ends, strict=True)
        ]
        self._find(joined, looked_up, 0, scanned, starts)
        again = [one for one in scanned if one.kinds & SPELLED]
        if again:
            joined = _SEAM.join([one.text for one in again])
            starts = list(accumulate([len(one.text) + 1 for one in again[:-1]], initial=0))
            self._find(joined, self._look_up(joined + _SEAM, 1), 1, again, starts)
        return scanned

    def _look_up(self, text: str, way: int) -> _U32:
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        looked_up: _U32 = self._looked_up[way].take(points, mode="clip")
        if np.bitwise_or.reduce(looked_up) & _NEW:
            self._learn(points[(looked_up & _NEW) != 0])
            looked_up = self._looked_up[way].take(points, mode="clip")
        return looked_up

    def _find(self, text: str, looked_up: _U32, way: int, scanned: Sequence[Scanned], starts: Sequence[int]) -> None:
        """Add to each of ``scanned`` its hits; they begin at ``starts`` of ``text``."""
        if self._automaton is None:
            return
        tail, tail_at = np.empty(0, dtype=np.uint16), np.empty(0, dtype=np.int64)
        for begin in range(0, len(looked_up), _CHUNK_LENGTH):
            kept, at = self._keep(text, looked_up[begin : begin + _CHUNK_LENGTH], begin, way)
            n_tail = len(tail)
            if n_tail:
                kept, at = np.concatenate([tail, kept]), np.concatenate([tail_at, at])
            hits = self._automaton.find_matches_as_indexes(kept.view(np.uint8).data, overlapping=True)
            if hits:
                if n_tail:  # found with the chunk before
                    hits = [hit for hit in hits if hit[2] > 2 * n_tail]
                lefts = at[[hit[1] >> 1 for hit in hits]].tolist()
                rights = at[[(hit[2] >> 1) - 1 for hit in hits]].tolist()
                owner, ends = 0, [*starts[1:], len(looked_up) + 1]
                for hit, left, right in zip(hits, lefts, rights, strict=True):
                    if not starts[owner] <= left < ends[owner]:
                        owner = bisect_right(starts, left) - 1
                    start = starts[owner]
                    scanned[owner].hits.append((hit[0], left - start, right - start))
            tail, tail_at = kept[-self._longest :], at[-self._longest :]

    def _keep(self, text: str, looked_up: _U32, begin: int, way: int) -> tuple[_U16, _I64]:
        """The codes that are kept of the part of ``text`` from ``begin`` on, and where they come from."""
        codes = looked_up.astype(np.uint16)
        if not np.bitwise_or.reduce(looked_up) & _SEVERAL:
            (at,) = codes.nonzero()
            return codes[at], at + begin if begin else at
        # One character stands for several (㏄): its place is repeated and its codes are filled in.
        several = np.flatnonzero(looked_up & np.uint32(_SEVERAL))
        spelled = [self._encode_all(self._tables[way][ord(text[begin + at])]) for at in several.tolist()]
        n_more = np.array([len(each) - 1 for each in spelled])
        codes[several] = _OTHER
        (at,) = codes.nonzero()
        first = np.searchsorted(at, several)
        at = np.insert(at, np.repeat(first, n_more), np.repeat(several, n_more))
        kept = codes[at]
        for place, each in zip((first + np.cumsum(n_more) - n_more).tolist(), spelled, strict=True):
            kept[place : place + len(each)] = each
        return kept, at + begin


def _spread(number: int) -> int:
    """``number`` as a code: seven bits below 0x80, the others from 0x80 on."""
    return (number & 0x7F) | (0x80 + (number >> 7)) << 8
