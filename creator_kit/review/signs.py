"""Characters as signs of their sounds, so that terms and texts can be held against each other by sound."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from creator_kit.review.folding import FoldTable
from creator_kit.review.sounds import load_readings
from creator_kit.review.vocabulary import DIGITS

# A sound is one character of the private area, so that one automaton reads sounds, letters and digits.
_FIRST_SOUND = 0xE000
# Between two characters of one word nobody hides more than this.
MAX_GAP = 4
CODE_BITS = 21


@lru_cache(maxsize=1)
def load_signs() -> tuple[dict[str, str], dict[int, str]]:
    """The sign of each syllable, and for ``str.translate`` that of each character (a digit's is 0)."""
    readings = load_readings()
    signs = {syllable: chr(_FIRST_SOUND + at) for at, syllable in enumerate(sorted(set(readings.values())))}
    return signs, {ord(char): signs[syllable] for char, syllable in readings.items()} | DIGITS


class SignTable(dict[int, str]):
    """For ``str.translate``: the sign of a character, folded (of 扣扣 for a penguin the first is enough)."""

    def __init__(self, table: FoldTable) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, point: int) -> str:
        signs = self[point] = self._table[point][:1].translate(load_signs()[1])
        return signs


class PlainTable(dict[int, str]):
    """For ``str.translate``: a character folded, digits alike."""

    def __init__(self, table: FoldTable) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, point: int) -> str:
        plain = self[point] = self._table[point][:1].translate(DIGITS)
        return plain


def is_syllable(letters: str) -> bool:
    """Whether ``letters`` are one, and more than an interjection (a, e, o)."""
    return len(letters) > 1 and letters in load_signs()[0]


def encode(chars: str) -> int:
    """``chars`` as one number."""
    code = 0
    for char in chars:
        code = code << CODE_BITS | ord(char)
    return code


class Numbers:
    """A set of numbers, from a row of them (64 bits each) in order: there at once, where a set would take its time."""

    def __init__(self, row: bytes) -> None:
        self.row = row
        self._numbers = memoryview(row).cast("q")

    def __contains__(self, number: int) -> bool:
        at = bisect_left(self._numbers, number)
        return at < len(self._numbers) and self._numbers[at] == number


def number_pieces(text: str, n: int) -> Numbers:
    """All pieces of ``n`` characters in ``text``, as ``encode`` numbers them."""
    return Numbers(_number([text] * n).tobytes())


def number_pairs(terms: Iterable[str]) -> Numbers:
    """Pairs of neighbours in ``terms`` with either as a sound."""
    joined = "\n".join(terms)
    sounds = joined.translate(load_signs()[1])
    return Numbers(np.union1d(_number([joined, sounds]), _number([sounds, joined])).tobytes())


def _number(texts: Sequence[str]) -> NDArray[np.int64]:
    """For each place the characters that ``texts`` (all as long) have there, at the next one and so on, as a number; in
    order, each once."""
    codes = [np.frombuffer(text.encode("utf-32-le"), dtype="<u4").astype(np.int64) for text in texts]
    n = len(codes[0]) - len(codes) + 1
    numbers = np.zeros(max(0, n), dtype=np.int64)
    for at, each in enumerate(codes):
        numbers = numbers << CODE_BITS | each[at : at + n] if n > 0 else numbers
    return np.unique(numbers)


def find_neighbour(text: str, at: int, step: int, table: Mapping[int, str]) -> str:
    """The next character from ``at`` on that is not dropped, by ``table``; "" where there is none near."""
    if 0 <= at < len(text) and (char := table[ord(text[at])]):
        return char
    for place in range(at + step, at + step * (MAX_GAP + 1), step):
        if not 0 <= place < len(text):
            break
        if char := table[ord(text[place])]:
            return char
    return ""
