"""What the rules that block are made of, as strings: terms, and pairs of characters that may stand side by side.

Each comes with what else its rule asks for, so that a word that only sounds like a term is taken up where the rest of
the rule stands near it, and nowhere else.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from creator_kit.review.adjacency import adjacent_pairs
from creator_kit.review.anchors import compile_needs
from creator_kit.review.folding import FoldTable, Stretch, fold
from creator_kit.review.patterns import spell_out
from creator_kit.review.sounds import load_readings

if TYPE_CHECKING:
    from creator_kit.review.rule import Rule

# Any digit is as good as another.
DIGITS = dict.fromkeys(map(ord, "0123456789"), "0")
Owner = tuple[int, int]
"""The bit of a part of a rule, and the bits of all parts of that rule (0: it has one part only)."""


@dataclass
class Expression:
    """A rule's expression, compiled when it is first looked for; folded as the rule folds."""

    pattern: str
    table: FoldTable

    @cached_property
    def _needs(self) -> list[re.Pattern[str]]:
        return compile_needs(self.pattern)

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.pattern)

    def is_in(self, text: str) -> bool:
        """Whether ``text``, which is in small letters, has a match; one that is disguised in other ways too may be
        missed."""
        return all(need.search(text) for need in self._needs) and (
            self._compiled.search(fold(text, self.table)) is not None
        )


@dataclass
class Vocabulary:
    """``terms`` of several characters, and ``letters`` (terms of one), by whose they are; ``joints``, pairs where a
    letter meets a term of another part, with the numbers of these ``parts`` (their terms, a line each): those with a
    term that follows it, those with one that it follows; ``pairs`` that an expression may match, with the numbers of
    these; ``rules`` are the bits of each that has several parts. All are folded, each digit is 0."""

    terms: dict[str, list[Owner]] = field(default_factory=dict)
    letters: dict[str, int] = field(default_factory=dict)
    joints: dict[str, tuple[list[int], list[int]]] = field(default_factory=dict)
    parts: list[str] = field(default_factory=list)
    pairs: dict[str, list[int]] = field(default_factory=dict)
    expressions: list[Expression] = field(default_factory=list)
    rules: list[int] = field(default_factory=list)
    _split: dict[int, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)

    def follow(self, pair: str, text: str) -> bool:
        """Whether ``text`` begins with a term that may follow the first character of ``pair``."""
        lines = map(self._split_part, self.joints[pair][0]) if text[:1] == pair[1] else ()
        return any(text[:n] in terms for terms in lines for n in range(1, len(text) + 1))

    def lead(self, pair: str, text: str) -> bool:
        """Whether ``text`` ends with a term that the second character of ``pair`` may follow."""
        lines = map(self._split_part, self.joints[pair][1]) if text[-1:] == pair[0] else ()
        return any(text[-n:] in terms for terms in lines for n in range(1, len(text) + 1))

    def _split_part(self, number: int) -> frozenset[str]:
        terms = self._split.get(number)
        if terms is None:
            terms = self._split[number] = frozenset(self.parts[number].split("\n"))
        return terms


def collect_vocabulary(
    rules: Iterable[Rule], spoken: Iterable[str], sounds: Mapping[str, str], table: FoldTable
) -> Vocabulary:
    """What the rules that block, somewhere or in an advertisement, are made of, and the ``spoken`` words, which are
    taken up anywhere; folded by ``table``."""
    known = Vocabulary(terms={word: [(0, 0)] for word in spoken})
    rules = [rule for rule in rules if _blocks(rule)]
    known.expressions = list_expressions(rules, sounds)
    n_bits = n_expressions = 0
    for rule in rules:
        parts = [_fold_all(terms, table) for terms in rule.parts or (rule.terms,)]
        bits = [1 << (n_bits + at) for at in range(len(parts))]
        n_bits += len(parts)
        needed = sum(bits) if len(parts) > 1 else 0
        if needed:
            known.rules.append(needed)
        for bit, part in zip(bits, parts, strict=True):
            owner = (bit, needed)
            for term in part:
                if len(term) == 1:
                    known.letters[term] = known.letters.get(term, 0) | bit
                else:
                    known.terms.setdefault(term, []).append(owner)
        for left, right in itertools.permutations(parts, 2):
            letters = [letter for letter in left if len(letter) == 1 and letter in load_readings()]
            if letters and right:
                number = len(known.parts)
                known.parts.append("\n".join(right))
                firsts = list(dict.fromkeys([term[0] for term in right]))
                lasts = list(dict.fromkeys([term[-1] for term in right]))
                for letter in letters:
                    for first in firsts:
                        known.joints.setdefault(letter + first, ([], []))[0].append(number)
                    for last in lasts:
                        known.joints.setdefault(last + letter, ([], []))[1].append(number)
        if rule.pattern:
            for pair in sorted({pair.translate(table).translate(DIGITS) for pair in adjacent_pairs(rule.pattern)}):
                if len(pair) == 2 and not pair.isascii():
                    known.pairs.setdefault(pair, []).append(n_expressions)
            n_expressions += 1
    return known


def list_expressions(rules: Iterable[Rule], sounds: Mapping[str, str]) -> list[Expression]:
    """The expressions of the rules that block, in order."""
    tables: dict[tuple[Stretch, bool], FoldTable] = {}
    found = []
    for rule in rules:
        if rule.pattern and _blocks(rule):
            key = (rule.stretch, rule.sounds)
            if key not in tables:
                tables[key] = FoldTable(rule.stretch, sounds if rule.sounds else None)
            found.append(Expression(rule.pattern, tables[key]))
    return found


def _blocks(rule: Rule) -> bool:
    return "block" in (rule.severity, rule.severity_in_ad, rule.severity_altered)


def _fold_all(terms: Iterable[str], table: FoldTable) -> list[str]:
    """All spellings of ``terms``, folded."""
    spellings = "\n".join(itertools.chain.from_iterable(map(spell_out, terms)))
    folded = spellings.translate(table).translate(DIGITS)
    return [term for term in dict.fromkeys(folded.split("\n")) if term]


def join_bits(owners: Iterable[Sequence[Owner]]) -> int:
    """The bits of all parts that ``owners`` name."""
    bits = 0
    for bit, _needed in itertools.chain.from_iterable(owners):
        bits |= bit
    return bits
