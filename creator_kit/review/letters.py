"""Words in pinyin letters: fei in 减fei, jianfei, wei in vwei."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

from creator_kit.review.signs import PlainTable, find_neighbour, is_syllable, load_signs
from creator_kit.review.sounds import load_readings

Letters = tuple[int, int, tuple[str, ...]]
"""A run of letters: start, end, and the syllables that it may be read as (and letters that stand for themselves)."""

_MAX_SYLLABLE = 6
_MAX_LETTERS = 14
_MAX_READINGS = 6
_MAX_KNOWN = 20_000
_LETTERS = re.compile("(?<![a-z_.@-])[a-z]+(?![a-z_@-])")


class LetterReader:
    """Finds runs of letters that may be syllables. ``latin`` are letters of terms, which may stand beside a syllable;
    ``are_neighbours`` says whether two characters or sounds stand side by side in a term; texts are folded by
    ``to_plain``."""

    def __init__(self, latin: frozenset[str], are_neighbours: Callable[[str, str], bool], to_plain: PlainTable) -> None:
        self._latin = latin
        self._are_neighbours = are_neighbours
        self._to_plain = to_plain
        self._readings: dict[str, tuple[tuple[str, ...], ...]] = {}

    def find(self, text: str) -> list[Letters]:
        """Runs of letters that may be syllables of a term, by what stands beside them."""
        found: list[Letters] = []
        for match in _LETTERS.finditer(text):
            readings = self._readings.get(match[0])
            if readings is None:
                readings = self._read_letters(match[0])
                if len(self._readings) < _MAX_KNOWN:
                    self._readings[match[0]] = readings
            if not readings:
                continue
            start, end = match.span()
            if text[end : end + 1].isdigit() and text[start - 1 : start] not in load_readings():
                continue  # an account's name
            signs = load_signs()[0]
            before = find_neighbour(text, start - 1, -1, self._to_plain)
            after = find_neighbour(text, end, 1, self._to_plain)
            for pieces in readings:
                row = [before, *(signs[piece] if is_syllable(piece) else piece for piece in pieces), after]
                if any(self._are_neighbours(a[-1:], b[:1]) for a, b in itertools.pairwise(row)):
                    found.append((start, end, pieces))
        return found

    def _read_letters(self, letters: str) -> tuple[tuple[str, ...], ...]:
        """Ways to read ``letters`` as syllables, or as one with letters of a term (the v of v信) before or after it."""
        found: list[tuple[str, ...]] = []

        def read(at: int, row: tuple[str, ...]) -> None:
            if at == len(letters):
                found.append(row)
                return
            for end in range(min(len(letters), at + _MAX_SYLLABLE), at + 1, -1):
                if is_syllable(letters[at:end]):
                    read(end, (*row, letters[at:end]))

        if len(letters) <= _MAX_LETTERS and (is_syllable(letters) or letters not in self._latin):
            read(0, ())
            for at in range(1, len(letters)):
                for row, other in ((letters[:at], letters[at:]), (letters[at:], letters[:at])):
                    if other in self._latin and is_syllable(row) and not is_syllable(other):
                        found.append((row, other) if letters.startswith(row) else (other, row))
        return tuple(sorted(found, key=lambda row: (len(row), row))[:_MAX_READINGS])
