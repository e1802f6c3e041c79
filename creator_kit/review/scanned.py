"""What one pass over a text found: the kinds of its characters, and which literals stand where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

# Kinds of characters as they are written; ``Scanned.kinds`` holds those of a text.
DIGIT, NUMERAL, HIDDEN, EMOJI, LETTER, AT, SPELLED, MARK = (1 << at for at in range(16, 24))
# Above them: a character that stands for several.
SEVERAL = 1 << 31
# The code, as a character, of one that folding drops.
NO_CODE = "\0"

U32 = NDArray[np.uint32]
I64 = NDArray[np.int64]
LiteralHit = tuple[int, int, int]
_ANY_CODE = 0xFFFF | SEVERAL
DIGITS, KEPT = np.uint32(DIGIT | NUMERAL), np.uint32(_ANY_CODE)


class Cells(dict[str, int]):
    """Code and kinds of a character, looked up when it is first met."""

    def __init__(self, find: Callable[[str], int]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, char: str) -> int:
        cell = self[char] = self._find(char)
        return cell


class Coded(dict[int, str]):
    """For ``str.translate``: the codes of a character, as characters, spelled out when it is first met."""

    def __init__(self, spell: Callable[[str], str]) -> None:
        super().__init__()
        self._spell = spell

    def __missing__(self, point: int) -> str:
        coded = self[point] = self._spell(chr(point))
        return coded


# Where the codes of a text come from: an array of indices, or all its codes (what is dropped included) and their table.
Origin = I64 | tuple[str, Coded]


class Scanned:
    """A text with the kinds of its characters (all together, and one by one as bits), and its hits.

    ``passes`` are what the automaton found: a literal's number and where it begins and ends, in bytes of codes; with
    where the codes come from. ``hits`` say that in characters: the number and the first and the last character of
    ``text``. Most texts are done with before anybody asks for them. ``n_digits`` counts the characters that are digits
    or Chinese numerals.
    """

    _hits: list[LiteralHit] | None = None
    _places: dict[int, list[int]] | None = None

    def __init__(self, text: str, kinds: int, n_digits: int, each: U32 | Cells) -> None:
        self.text = text
        self.kinds = kinds
        self.n_digits = n_digits
        self.passes: list[tuple[Sequence[LiteralHit], Origin, int]] = []
        self._each = each

    def add_pass(self, found: Sequence[LiteralHit], origin: Origin, skipped: int = 0) -> None:
        """Take in what the automaton ``found``; ``origin`` gives the character of each code, counted from
        ``skipped`` on."""
        self.passes.append((found, origin, skipped))

    @property
    def hits(self) -> list[LiteralHit]:
        """Each hit once."""
        if self._hits is None:
            hits: list[LiteralHit] = []
            for found, origin, skipped in self.passes:
                if isinstance(origin, np.ndarray):
                    lefts = (origin[[hit[1] >> 1 for hit in found]] - skipped).tolist()
                    rights = (origin[[(hit[2] >> 1) - 1 for hit in found]] - skipped).tolist()
                    hits += zip([hit[0] for hit in found], lefts, rights, strict=True)
                else:
                    at = _find_origins(self.text, *origin)
                    hits += [(literal, at[start >> 1], at[(end >> 1) - 1]) for literal, start, end in found]
            self._hits = hits if len(self.passes) < 2 else list(dict.fromkeys(hits))
        return self._hits

    @property
    def each(self) -> U32:
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

    def find_places(self, kinds: int) -> list[int]:
        """As ``places``, kept for the next who asks."""
        if self._places is None:
            self._places = {}
        if kinds not in self._places:
            self._places[kinds] = self.places(kinds)
        return self._places[kinds]

    def digits(self) -> tuple[I64, I64]:
        """Where digits and Chinese numerals are, and how many each of them is at most (⑫ is two)."""
        at = np.flatnonzero(self.each & DIGITS)
        return at, 1 + ((self.each[at] & np.uint32(SEVERAL)) != 0).astype(np.int64)

    def count(self, kinds: int) -> int:
        """How many characters are of one of ``kinds``."""
        return int(np.count_nonzero(self.each & np.uint32(kinds)))

    def count_kept(self, start: int, end: int) -> int:
        """How many characters from ``start`` to ``end`` folding keeps, whatever a rule asks for; at least."""
        if isinstance(self._each, dict):
            cells = self._each
            return sum([1 for char in self.text[start:end] if cells[char] & _ANY_CODE])
        return int(np.count_nonzero(self._each[start:end] & KEPT))


def _find_origins(text: str, coded: str, table: Coded) -> list[int]:
    """For each code of ``text`` the character that it comes from; ``coded`` is all of it, what is dropped included."""
    if len(coded) == len(text):
        return [place for place, code in enumerate(coded) if code != NO_CODE]
    return [place for place, char in enumerate(text) for code in table[ord(char)] if code != NO_CODE]


class LongScanned(Scanned):
    """A text of which the hits are read piece by piece: all of them at once would take far more room than it does."""

    def __init__(
        self, text: str, kinds: int, n_digits: int, each: U32, read: Callable[[int], Iterator[list[LiteralHit]]]
    ) -> None:
        super().__init__(text, kinds, n_digits, each)
        self._read = read

    @property
    def hits(self) -> list[LiteralHit]:
        if self._hits is None:
            self._hits = [hit for block in self.blocks(1) for hit in block]
        return self._hits

    def blocks(self, n_codes: int) -> Iterator[list[LiteralHit]]:
        """The hits in blocks of the text with at least so many codes each, by the character where a hit ends."""
        return self._read(n_codes)

    def surround(self, places: Sequence[tuple[int, int]], n_kept: int) -> Iterator[tuple[int, int]]:
        """Parts of the text (start and end) that show ``places`` (the same, in order) with so many kept characters on
        either side, as far as there are."""
        last: tuple[int, int] | None = None
        for start, end in places:
            low, high = max(0, start - n_kept), min(len(self.text), end + n_kept)
            while low and self.count_kept(low, start) < n_kept:
                low = max(0, low - 4 * n_kept)
            while high < len(self.text) and self.count_kept(end, high) < n_kept:
                high = min(len(self.text), high + 4 * n_kept)
            if last is not None and low <= last[1]:
                last = (min(low, last[0]), max(high, last[1]))
                continue
            if last is not None:
                yield last
            last = (low, high)
        if last is not None:
            yield last
