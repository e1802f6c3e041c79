"""All places of some terms in texts: a few texts are looked at piece by piece, for many an automaton is made."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import ahocorasick_rs

# The automaton of all terms of the rules takes as long to make as so many characters to look at without.
_N_CHARACTERS = 50_000


class TermFinder:
    """Finds ``terms``, the keys of a mapping (none of them empty)."""

    def __init__(self, terms: Mapping[str, object]) -> None:
        self._terms = terms
        self._n_read = 0

    @cached_property
    def _lengths(self) -> list[int]:
        return sorted(set(map(len, self._terms)))

    @cached_property
    def _automaton(self) -> ahocorasick_rs.AhoCorasick:
        return ahocorasick_rs.AhoCorasick(list(self._terms))

    def find(self, text: str) -> list[tuple[int, int]]:
        """All places in ``text``, within each other too: start and end. None where ``text`` holds half of a surrogate
        pair (from a file that was cut)."""
        self._n_read += len(text)
        try:
            if self._n_read > _N_CHARACTERS:
                matches = self._automaton.find_matches_as_indexes(text, overlapping=True)
                return [(start, end) for _number, start, end in matches]
            text.encode()
        except UnicodeEncodeError:
            return []
        terms, lengths = self._terms, self._lengths
        found = []
        for start in range(len(text)):
            for length in lengths:
                end = start + length
                if end > len(text):
                    break
                if text[start:end] in terms:
                    found.append((start, end))
        return found
