"""One pass over texts: which literals stand where, and what kinds of characters there are.

Each character becomes a code of 16 bits by one look-up in a table (numpy), what folding drops is left out, and one
automaton reads the codes. The folding is the widest that any rule asks for, so a hit is a candidate: whoever wants
it for certain folds the place again in his own way.

Codes keep their low and their high byte apart (below and above 0x80), so that the automaton, which reads bytes,
never takes the second half of one character and the first half of the next for a third.

One short text (a title) is looked up character by character instead: a dozen calls of numpy cost more than that.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from operator import itemgetter

import ahocorasick_rs
import numpy as np
from numpy.typing import NDArray

from creator_kit.review.folding import FoldTable, common_characters
from creator_kit.review.scanned import (
    AT,
    DIGIT,
    DIGITS,
    EMOJI,
    HIDDEN,
    I64,
    LETTER,
    MARK,
    NO_CODE,
    NUMERAL,
    SEVERAL,
    SPELLED,
    U32,
    Cells,
    Coded,
    LiteralHit,
    LongScanned,
    Scanned,
)
from creator_kit.text.emoji import EMOJI_RE

__all__ = ["AT", "EMOJI", "HIDDEN", "MARK", "Scanner"]

_NEW, _SEVERAL = 1 << 30, SEVERAL
_CHINESE_NUMERALS = frozenset("〇零一幺二两三四五六七八九")
_AT_SIGNS = frozenset("@艾([")
_MARKS = frozenset("!！?？~～。")

_DROPPED, _OTHER, _BREAK = 0, 0x8000, 0x8001
_N_CODES = (0x100 - 0x80) << 7
# Joins texts; a character that is none. The table ends where no letters are left (variation selectors, private use).
_SEAM = "\uffff"
_TABLE_SIZE = 0x32001
# So many characters are looked up together; a text of more is never held as a list of hits.
_CHUNK_LENGTH = 1 << 16
# One text up to here is looked up without numpy.
_SHORT = 80

_U16 = NDArray[np.uint16]
_ANY_DIGIT = DIGIT | NUMERAL
_KINDS = 0x00FF0000


def _join(texts: Sequence[str]) -> str:
    """``texts`` with a seam between them; one that stands within a text is made another unused character."""
    return _SEAM.join([text.replace(_SEAM, "\ufffe") if _SEAM in text else text for text in texts])


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
        codes = {ord(letter): _spread(at + 2) for at, letter in enumerate(letters)}
        coded = [text.translate(codes).encode("utf-16-le", "surrogatepass") for text in texts]
        self.restore("".join(letters), coded)

    def restore(self, letters: str, coded: list[bytes]) -> None:
        """Look for literals that were compiled before, from their ``letters`` and their codes."""
        self.letters, self.coded = letters, coded
        self._codes = {ord(letter): _spread(at + 2) for at, letter in enumerate(letters)}
        first = np.full(_TABLE_SIZE, _NEW, dtype=np.uint32)
        common = [ord(char) for char in common_characters() if char not in self._sounds]
        first[common] = _OTHER | LETTER
        for char in map(chr, common):
            if char in _CHINESE_NUMERALS or char in _AT_SIGNS or char.isdigit():
                first[ord(char)] |= self.classify(char)
        for point in self._codes.keys() & set(common):
            first[point] += self._codes[point] - _OTHER
        first[-1] = _DROPPED
        self._looked_up = (first, first.copy())
        for table in self._looked_up:
            table[ord(_SEAM)] = _BREAK
        self._cells = Cells(self._find_cell)
        self._coded = (Coded(lambda char: self._spell(char, 0)), Coded(lambda char: self._spell(char, 1)))
        plain = [char for char in map(chr, common) if first[ord(char)] & _KINDS == LETTER]
        self._find_telling = re.compile(f"[^{''.join(plain)}]").findall
        self._longest = max(map(len, coded), default=2) // 2
        self._search = ahocorasick_rs.BytesAhoCorasick(coded).find_matches_as_indexes

    def _encode_all(self, folded: str) -> _U16:
        return np.array([self._codes.get(ord(char), _OTHER) for char in folded], dtype="<u2")

    def _encode(self, folded: str) -> int:
        if len(folded) > 1:
            return _SEVERAL
        return self._codes.get(ord(folded), _OTHER) if folded else _DROPPED

    def classify(self, char: str) -> int:
        """The kinds of ``char``, as bits."""
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
        if char in _MARKS:
            kinds |= MARK
        if self._tables[0][ord(char)] != self._tables[1][ord(char)]:
            kinds |= SPELLED
        return kinds

    def _learn(self, points: Iterable[int]) -> None:
        """Fill the tables for characters met for the first time."""
        for point in points:
            if self._looked_up[0][point] & _NEW:
                kinds = self.classify(chr(point))
                for table, looked_up in zip(self._tables, self._looked_up, strict=True):
                    looked_up[point] = self._encode(table[point]) | kinds

    def _find_cell(self, char: str) -> int:
        """What the first pass makes of ``char``."""
        return self._look_up_one(char, 0)

    def _spell(self, char: str, way: int) -> str:
        """The codes that stand for ``char``, as characters; a zero where it is dropped."""
        cell = self._look_up_one(char, way)
        if cell & _SEVERAL:
            return "".join(map(chr, self._encode_all(self._tables[way][ord(char)]).tolist()))
        return chr(cell & 0xFFFF)

    def _look_up_one(self, char: str, way: int) -> int:
        if char == _SEAM:
            char = "\ufffe"
        point = min(ord(char), _TABLE_SIZE - 1)
        cell: int = self._looked_up[way].item(point)
        if cell & _NEW:
            self._learn([point])
            cell = self._looked_up[way].item(point)
        return cell

    def scan_one(self, text: str) -> Scanned:
        """``text`` with its hits."""
        if len(text) <= _SHORT:
            return self._scan_short(text)
        return self._scan_alone(text) if len(text) <= _CHUNK_LENGTH else self._scan_long(text)

    def scan_all(self, texts: Sequence[str]) -> list[Scanned]:
        """Each of ``texts`` with its hits; many short texts cost far less together than one by one."""
        if any(len(text) > _CHUNK_LENGTH for text in texts):
            return [self.scan_one(text) for text in texts]
        if len(texts) < 2:
            return [self.scan_one(text) for text in texts]
        joined = _join(texts) + _SEAM
        looked_up = self._look_up(joined, 0)
        ends = list(accumulate([len(text) + 1 for text in texts]))
        starts = [0, *ends[:-1]]
        kinds = np.bitwise_or.reduceat(looked_up, starts).tolist()
        n_digits = np.add.reduceat((looked_up & DIGITS) != 0, starts, dtype=np.int64).tolist()
        scanned = [
            Scanned(text, each, n, looked_up[start : end - 1])
            for text, each, n, start, end in zip(texts, kinds, n_digits, starts, ends, strict=True)
        ]
        self._find(joined, looked_up, 0, scanned, starts)
        again = [one for one in scanned if one.kinds & SPELLED]
        if again:
            joined = _join([one.text for one in again]) + _SEAM
            starts = list(accumulate([len(one.text) + 1 for one in again[:-1]], initial=0))
            self._find(joined, self._look_up(joined, 1), 1, again, starts)
        return scanned

    def _scan_alone(self, text: str) -> Scanned:
        joined = _join([text])
        looked_up = self._look_up(joined, 0)
        kinds = int(np.bitwise_or.reduce(looked_up))
        n_digits = int(np.count_nonzero(looked_up & DIGITS)) if kinds & _ANY_DIGIT else 0
        scanned = Scanned(text, kinds, n_digits, looked_up)
        self._find(joined, looked_up, 0, [scanned], [0])
        if kinds & SPELLED:
            self._find(joined, self._look_up(joined, 1), 1, [scanned], [0])
        return scanned

    def _scan_long(self, text: str) -> Scanned:
        joined = _join([text])
        looked_up = self._look_up(joined, 0)
        kinds = int(np.bitwise_or.reduce(looked_up))
        n_digits = sum(
            int(np.count_nonzero(looked_up[begin : begin + _CHUNK_LENGTH] & DIGITS))
            for begin in range(0, len(text), _CHUNK_LENGTH)
        )
        ways = (0, 1) if kinds & SPELLED else (0,)
        return LongScanned(text, kinds, n_digits, looked_up, lambda n: self._read_blocks(joined, looked_up, ways, n))

    def _scan_short(self, text: str) -> Scanned:
        """As ``_scan_alone``."""
        telling = self._find_telling(text)
        kinds, n_digits = LETTER if len(telling) < len(text) else 0, 0
        cells = self._cells
        for char in telling:
            cell = cells[char]
            kinds |= cell
            if cell & _ANY_DIGIT:
                n_digits += 1
        scanned = Scanned(text, kinds, n_digits, cells)
        for way in (0, 1) if kinds & SPELLED else (0,):
            table = self._coded[way]
            coded = text.translate(table)
            found = self._search(coded.replace(NO_CODE, "").encode("utf-16-le", "surrogatepass"), overlapping=True)
            if found:
                scanned.add_pass(found, (coded, table))
        return scanned

    def _read_blocks(self, text: str, looked_up: U32, ways: Sequence[int], n_codes: int) -> Iterator[list[LiteralHit]]:
        """The hits of a long text in blocks of ``n_codes`` codes of the first pass (the last one may be shorter); a
        hit belongs where it ends."""
        tails: list[tuple[_U16, I64]] = [(np.empty(0, dtype=np.uint16), np.empty(0, dtype=np.int64)) for _way in ways]
        pending: list[LiteralHit] = []
        n_pending, last_spelled = 0, -1
        for begin in range(0, len(text), _CHUNK_LENGTH):
            chunk = looked_up[begin : begin + _CHUNK_LENGTH]
            spelled = (chunk & np.uint32(SPELLED)).nonzero()[0]
            if len(spelled):
                last_spelled = begin + int(spelled[-1])
            kept, at = self._keep(text, chunk, begin, 0)
            bounds = at[n_codes - n_pending :: n_codes].tolist()
            n_pending += len(at) - n_codes * len(bounds)
            hits: list[LiteralHit] = []
            for way in ways:
                if way:
                    kept, at = self._keep(
                        text, self._look_up_chunk(text[begin : begin + _CHUNK_LENGTH], way), begin, way
                    )
                tail, tail_at = tails[way]
                kept, at = np.concatenate([tail, kept]), np.concatenate([tail_at, at])
                tails[way] = kept[-self._longest :].copy(), at[-self._longest :].copy()
                if not way or (len(at) and last_spelled >= at[0]):  # else the first pass saw all that there is
                    hits += self._read_codes(kept, at, 2 * len(tail))
            if len(ways) > 1:
                hits = sorted(dict.fromkeys(hits), key=itemgetter(2))
            start = 0
            for bound in bounds:
                end = bisect_left(hits, bound, start, key=itemgetter(2))
                yield pending + hits[start:end]
                pending, start = [], end
            pending += hits[start:]
        yield pending

    def _read_codes(self, kept: _U16, at: I64, begin: int) -> Iterator[LiteralHit]:
        """The hits in ``kept`` that end behind byte ``begin``."""
        found = [hit for hit in self._search(kept.view(np.uint8).data, overlapping=True) if hit[2] > begin]
        lefts = at[[hit[1] >> 1 for hit in found]].tolist()
        rights = at[[(hit[2] >> 1) - 1 for hit in found]].tolist()
        return zip([hit[0] for hit in found], lefts, rights, strict=True)

    def _look_up(self, text: str, way: int) -> U32:
        if len(text) <= _CHUNK_LENGTH:
            return self._look_up_chunk(text, way)
        looked_up = np.empty(len(text), dtype=np.uint32)
        for begin in range(0, len(text), _CHUNK_LENGTH):
            chunk = self._look_up_chunk(text[begin : begin + _CHUNK_LENGTH], way)
            looked_up[begin : begin + len(chunk)] = chunk
        return looked_up

    def _look_up_chunk(self, text: str, way: int) -> U32:
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        looked_up: U32 = self._looked_up[way].take(points, mode="clip")
        if np.bitwise_or.reduce(looked_up) & _NEW:
            self._learn(np.unique(points[(looked_up & _NEW) != 0]).tolist())
            looked_up = self._looked_up[way].take(points, mode="clip")
        return looked_up

    def _find(self, text: str, looked_up: U32, way: int, scanned: Sequence[Scanned], starts: Sequence[int]) -> None:
        """Give each of ``scanned`` its hits; they begin at ``starts`` of ``text``."""
        kept, at = self._keep(text, looked_up, 0, way)
        found = self._search(kept.view(np.uint8).data, overlapping=True)
        if not found:
            return
        if len(scanned) == 1:
            scanned[0].add_pass(found, at)
            return
        # Hits come in the order of their ends, and none is read across a seam.
        seams = 2 * (kept == _BREAK).nonzero()[0]
        bounds = np.searchsorted(np.array([hit[2] for hit in found]), seams, side="right").tolist()
        first = 0
        for one, start, last in zip(scanned, starts, bounds, strict=True):
            if last > first:
                one.add_pass(found[first:last], at, start)
                first = last

    def _keep(self, text: str, looked_up: U32, begin: int, way: int) -> tuple[_U16, I64]:
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
