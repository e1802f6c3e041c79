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
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate

import ahocorasick_rs
import numpy as np
from numpy.typing import NDArray

from creator_kit.review.folding import FoldTable, common_characters
from creator_kit.text.emoji import EMOJI_RE

# Kinds of characters as they are written; ``Scanned.kinds`` holds those of a text.
DIGIT, NUMERAL, HIDDEN, EMOJI, LETTER, AT, SPELLED, MARK = (1 << at for at in range(16, 24))
_NEW, _SEVERAL = 1 << 30, 1 << 31
_CHINESE_NUMERALS = frozenset("〇零一幺二两三四五六七八九")
_AT_SIGNS = frozenset("@艾([")
_MARKS = frozenset("!！?？~～。")

_NO_CODE = "\0"
_DROPPED, _OTHER, _BREAK = 0, 0x8000, 0x8001
_N_CODES = (0x100 - 0x80) << 7
# Joins texts; a character that is none. The table ends where no letters are left (variation selectors, private use).
_SEAM = "\uffff"
_TABLE_SIZE = 0x32001
_CHUNK_LENGTH = 1_000_000
# One text up to here is looked up without numpy.
_SHORT = 80

_U32 = NDArray[np.uint32]
_U16 = NDArray[np.uint16]
_I64 = NDArray[np.int64]
_LiteralHit = tuple[int, int, int]
_DIGITS = np.uint32(DIGIT | NUMERAL)
_KEPT = np.uint32(0xFFFF | _SEVERAL)
_KINDS = 0x00FF0000


class _Cells(dict[str, int]):
    """Code and kinds of a character, looked up when it is first met."""

    def __init__(self, find: Callable[[str], int]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, char: str) -> int:
        cell = self[char] = self._find(char)
        return cell


class _Coded(dict[int, str]):
    """For ``str.translate``: the codes of a character, as characters, spelled out when it is first met."""

    def __init__(self, spell: Callable[[str], str]) -> None:
        super().__init__()
        self._spell = spell

    def __missing__(self, point: int) -> str:
        coded = self[point] = self._spell(chr(point))
        return coded


def _join(texts: Sequence[str]) -> str:
    """``texts`` with a seam between them; one that stands within a text is made another unused character."""
    return _SEAM.join([text.replace(_SEAM, "\ufffe") if _SEAM in text else text for text in texts])


class Scanned:
    """A text with the kinds of its characters (all together, and one by one as bits), and its hits.

    A hit is a literal's number and the first and the last character of ``text`` that it was read from. ``n_digits``
    counts the characters that are digits or Chinese numerals.
    """

    __slots__ = ("_each", "hits", "kinds", "n_digits", "text")

    def __init__(
        self, text: str, kinds: int, n_digits: int, each: _U32 | _Cells, hits: list[_LiteralHit] | None = None
    ) -> None:
        self.text = text
        self.kinds = kinds
        self.n_digits = n_digits
        self.hits: list[_LiteralHit] = [] if hits is None else hits
        self._each = each

    @property
    def each(self) -> _U32:
        """The code and the kinds of each character."""
        if isinstance(self._each, dict):
            self._each = np.array(list(map(self._each.__getitem__, self.text)), dtype=np.uint32)
        return self._each

    def places(self, kinds: int) -> list[int]:
        """Indices of the characters that are of one of ``kinds``."""
        if isinstance(self._each, dict):
            cells = self._each
            return [at for at, char in enumerate(self.text) if cells[char] & kinds]
        return np.flatnonzero(self._each & np.uint32(kinds)).tolist()

    def digits(self) -> tuple[_I64, _I64]:
        """Where digits and Chinese numerals are, and how many each of them is at most (⑫ is two)."""
        at = np.flatnonzero(self.each & _DIGITS)
        return at, 1 + ((self.each[at] & np.uint32(_SEVERAL)) != 0).astype(np.int64)

    def count(self, kinds: int) -> int:
        """How many characters are of one of ``kinds``."""
        return int(np.count_nonzero(self.each & np.uint32(kinds)))

    def count_kept(self, start: int, end: int) -> int:
        """How many characters from ``start`` to ``end`` folding keeps, whatever a rule asks for; at least."""
        return int(np.count_nonzero(self.each[start:end] & _KEPT))


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
                first[ord(char)] |= self.classify(char)
        for point in self._codes.keys() & set(common):
            first[point] += self._codes[point] - _OTHER
        first[-1] = _DROPPED
        self._looked_up = (first, first.copy())
        for table in self._looked_up:
            table[ord(_SEAM)] = _BREAK
        self._cells = _Cells(self._find_cell)
        self._coded = (_Coded(lambda char: self._spell(char, 0)), _Coded(lambda char: self._spell(char, 1)))
        plain = [char for char in map(chr, common) if first[ord(char)] & _KINDS == LETTER]
        self._telling = re.compile(f"[^{''.join(plain)}]")
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

    def _learn(self, points: _U32) -> None:
        """Fill the tables for characters met for the first time."""
        for point in np.unique(points).tolist():
            if self._looked_up[0][point] & _NEW:
                kinds = self.classify(chr(point))
                for table, looked_up in zip(self._tables, self._looked_up, strict=True):
                    looked_up[point] = self._encode(table[point]) | kinds

    def _find_cell(self, char: str) -> int:
        """What the first pass makes of ``char``."""
        return int(self._look_up("\ufffe" if char == _SEAM else char, 0)[0])

    def _spell(self, char: str, way: int) -> str:
        """The codes that stand for ``char``, as characters; a zero where it is dropped."""
        kept, _at = self._keep(char, self._look_up("\ufffe" if char == _SEAM else char, way), 0, way)
        return "".join(map(chr, kept.tolist())) or _NO_CODE

    def scan(self, texts: Sequence[str]) -> list[Scanned]:
        """Each of ``texts`` with its hits; many short texts cost far less together than one by one."""
        if len(texts) == 1:
            return [self._scan_short(texts[0]) if len(texts[0]) <= _SHORT else self._scan_one(texts[0])]
        joined = _join(texts) + _SEAM
        looked_up = self._look_up(joined, 0)
        ends = list(accumulate([len(text) + 1 for text in texts]))
        starts = [0, *ends[:-1]]
        kinds = np.bitwise_or.reduceat(looked_up, starts).tolist()
        n_digits = np.add.reduceat((looked_up & _DIGITS) != 0, starts, dtype=np.int64).tolist()
        scanned = [
            Scanned(text, each, n, looked_up[start : end - 1])
            for text, each, n, start, end in zip(texts, kinds, n_digits, starts, ends, strict=True)
        ]
        self._find(joined, looked_up, 0, scanned, starts)
        again = [one for one in scanned if one.kinds & SPELLED]
        if again:
            joined = _join([one.text for one in again])
            starts = list(accumulate([len(one.text) + 1 for one in again[:-1]], initial=0))
            self._find(joined, self._look_up(joined, 1), 1, again, starts)
        return scanned

    def _scan_one(self, text: str) -> Scanned:
        joined = _join([text])
        looked_up = self._look_up(joined, 0)
        kinds = int(np.bitwise_or.reduce(looked_up))
        n_digits = int(np.count_nonzero(looked_up & _DIGITS)) if kinds & (DIGIT | NUMERAL) else 0
        scanned = Scanned(text, kinds, n_digits, looked_up)
        self._find(joined, looked_up, 0, [scanned], [0])
        if kinds & SPELLED:
            self._find(joined, self._look_up(joined, 1), 1, [scanned], [0])
        return scanned

    def _scan_short(self, text: str) -> Scanned:
        """As ``_scan_one``."""
        telling = self._telling.findall(text)
        kinds, n_digits = LETTER if len(telling) < len(text) else 0, 0
        for char in telling:
            cell = self._cells[char]
            kinds |= cell
            if cell & (DIGIT | NUMERAL):
                n_digits += 1
        hits: list[_LiteralHit] = []
        if self._automaton is not None:
            for way in (0, 1) if kinds & SPELLED else (0,):
                table = self._coded[way]
                coded = text.translate(table)
                codes = coded.replace(_NO_CODE, "")
                found = self._automaton.find_matches_as_indexes(
                    codes.encode("utf-16-le", "surrogatepass"), overlapping=True
                )
                if not found:
                    continue
                if len(coded) == len(text):
                    at = [place for place, code in enumerate(coded) if code != _NO_CODE]
                else:
                    at = [place for place, char in enumerate(text) for code in table[ord(char)] if code != _NO_CODE]
                hits += [(literal, at[start >> 1], at[(end >> 1) - 1]) for literal, start, end in found]
        return Scanned(text, kinds, n_digits, self._cells, hits)

    def _look_up(self, text: str, way: int) -> _U32:
        if len(text) <= _CHUNK_LENGTH:
            return self._look_up_chunk(text, way)
        looked_up = np.empty(len(text), dtype=np.uint32)
        for begin in range(0, len(text), _CHUNK_LENGTH):
            chunk = self._look_up_chunk(text[begin : begin + _CHUNK_LENGTH], way)
            looked_up[begin : begin + len(chunk)] = chunk
        return looked_up

    def _look_up_chunk(self, text: str, way: int) -> _U32:
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
                numbers = [hit[0] for hit in hits]
                if len(scanned) == 1:
                    scanned[0].hits += zip(numbers, lefts, rights, strict=True)
                else:
                    self._share_out(numbers, lefts, rights, scanned, starts)
            tail, tail_at = kept[-self._longest :], at[-self._longest :]

    @staticmethod
    def _share_out(
        numbers: Sequence[int],
        lefts: Sequence[int],
        rights: Sequence[int],
        scanned: Sequence[Scanned],
        starts: Sequence[int],
    ) -> None:
        """Give each of ``scanned`` the hits that lie in it."""
        owner, start, end = 0, 0, 0
        for number, left, right in zip(numbers, lefts, rights, strict=True):
            if not start <= left < end:
                owner = bisect_right(starts, left) - 1
                start = starts[owner]
                end = starts[owner + 1] if owner + 1 < len(starts) else left + 1
            scanned[owner].hits.append((number, left - start, right - start))

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
