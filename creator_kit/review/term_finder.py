"""All places of some terms in texts. One text is looked at piece by piece; for many an automaton is made."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import ahocorasick_rs

# The automaton of all terms of the rules takes as long to make as so many characters to look at without.
_N_CHARACTERS = 50_000


class TermFinder:
    """Finds ``terms`` (no two alike, none empty), of which the number in this order is told."""

    def __init__(self, terms: Sequence[str]) -> None:
        self._terms = terms
        self._n_read = 0

    @cached_property
    def _numbers(self) -> tuple[dict[str, int], list[int]]:
        """The number of each term, and how long they are."""
        return dict(zip(self._terms, range(len(self._terms)), strict=True)), sorted(set(map(len, self._terms)))

    @cached_property
    def _automaton(self) -> ahocorasick_rs.AhoCorasick:
        return ahocorasick_rs.AhoCorasick(self._terms)

    def find(self, text: str) -> list[tuple[int, int, int]]:
        """All places in ``text``, within each other too: number, start and end. None where ``text`` holds half of a
        surrogate pair (from a file that was cut)."""
        self._n_read += len(text)
        try:
            if self._n_read > _N_CHARACTERS:
                return self._automaton.find_matches_as_indexes(text, overlapping=True)
            text.encode()
        except UnicodeEncodeError:
            return []
        numbers, lengths = self._numbers
        found = []
        for start in range(len(text)):
            for length in lengths:
                end = start + length
                if end > len(text):
                    break
                number = numbers.get(text[start:end])
                if number is not None:
                    found.append((number, start, end))
        return found
