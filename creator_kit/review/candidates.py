"""From the hits of a scan to the candidates of rules: which rules a text may concern, and where.

Most hits come to nothing: a name without an action near it, two letters within an English word. What can be told
from the places of the hits alone is told here, before any text is folded again for the rule that asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING

from creator_kit.review.anchors import find_needs
from creator_kit.review.compiling import COMMERCE, CompiledRule, Sign
from creator_kit.review.contexts import SENTENCE_END
from creator_kit.review.finding import TEXT_FIELDS, Field
from creator_kit.review.scanning import DIGIT, EMOJI, NUMERAL

if TYPE_CHECKING:
    from creator_kit.review.scanning import Scanned

# First and last character, and what it may be a sign of.
Candidate = tuple[int, int, Sign]
# Combinations of signs whose rules are kept at hand: those of titles come again and again.
_MAX_KNOWN = 20_000


class CandidateFinder:
    """Sorts hits by the rules that they concern. ``signs`` are those of each literal, by its number; ``classify``
    gives the kinds of a character."""

    def __init__(
        self, compiled: Sequence[CompiledRule], signs: Sequence[tuple[Sign, ...]], classify: Callable[[str], int]
    ) -> None:
        self._classify = classify
        self._kinds: dict[int, list[int]] = {}
        self._signs = signs
        self._compiled = {each.index: each for each in compiled}
        # Each part of each rule is a bit; a rule is concerned where all the bits are that it needs.
        bits: dict[tuple[int, int], int] = {}
        for each in compiled:
            for part in each.needed:
                bits[each.index, part] = 1 << len(bits)
        self._masks = [sum({bits.get((sign.rule, sign.part), 0) for sign in each}) for each in signs]
        self._needs = [(each, sum(bits[each.index, part] for part in each.needed)) for each in compiled]
        self._concerned: dict[Field, dict[int, tuple[int, ...]]] = {name: {} for name in TEXT_FIELDS}

    def find(self, name: Field, scanned: Scanned) -> dict[int, list[Candidate]]:
        """By rule, in order of their places, the candidates in the field ``name``."""
        mask = 0
        for literal, _left, _right in scanned.hits:
            mask |= self._masks[literal]
        known = self._concerned[name]
        concerned = known.get(mask)
        if concerned is None:
            if len(known) >= _MAX_KNOWN:
                known.clear()
            concerned = known[mask] = self._find_concerned(name, mask)
        concerned = tuple([index for index in concerned if self._has_kinds(index, scanned.kinds)])
        if not concerned:
            return {}
        by_rule: dict[int, list[Candidate]] = {}
        for candidate in self._read(scanned):
            if candidate[2].rule in concerned:
                by_rule.setdefault(candidate[2].rule, []).append(candidate)
        for index, candidates in list(by_rule.items()):
            candidates.sort(key=itemgetter(0))
            compiled = self._compiled[index]
            if compiled.rule.parts and not (kept := _keep_joined(scanned, compiled, candidates)):
                del by_rule[index]
            elif compiled.rule.parts:
                by_rule[index] = kept
        return by_rule

    def find_commerce(self, scanned: Scanned) -> list[tuple[int, int]]:
        """First and last character of what may be a word that sells."""
        return [(left, right) for left, right, sign in self._read(scanned) if sign.rule == COMMERCE]

    def _has_kinds(self, index: int, kinds: int) -> bool:
        """Whether a text with ``kinds`` of characters has those that every match of a rule's expression has."""
        needed = self._kinds.get(index)
        if needed is None:
            rule = self._compiled[index].rule
            needed = self._kinds[index] = self._find_kinds(rule.pattern) if rule.pattern else []
        return not needed or all(kinds & each for each in needed)

    def _find_kinds(self, pattern: str) -> list[int]:
        return [
            kinds
            for kinds in (EMOJI, DIGIT | NUMERAL)
            if any(
                all(any(self._classify(char) & kinds for char in text) for text in texts)
                for texts in find_needs(pattern)
            )
        ]

    def _find_concerned(self, name: Field, mask: int) -> tuple[int, ...]:
        return tuple([each.index for each, needs in self._needs if mask & needs == needs and name in each.rule.fields])

    def _read(self, scanned: Scanned) -> Iterable[Candidate]:
        """What the hits may be signs of; a Latin letter beside them rules some out."""
        text = scanned.text
        for literal, left, right in dict.fromkeys(scanned.hits):
            for sign in self._signs[literal]:
                if sign.before and left and _is_letter(text[left - 1]):
                    continue
                if sign.after and right + 1 < len(text) and _is_letter(text[right + 1]):
                    continue
                yield left, right, sign


def _keep_joined(scanned: Scanned, compiled: CompiledRule, candidates: list[Candidate]) -> list[Candidate]:
    """Those of ``candidates`` (in order) that stand in a row with the other parts, as far as their places tell.

    A row lies within one sentence and its parts are at most ``within`` folded characters apart; a rule keeps what
    the scan keeps and more, so parts that are too far apart here are so for the rule.
    """
    needed = set(compiled.needed)
    if not compiled.is_seen_whole or (compiled.rule.heard and len(compiled.rule.parts) > 2):
        return candidates if needed <= {sign.part for _left, _right, sign in candidates} else []
    kept: list[Candidate] = []
    first, end = 0, candidates[0][1]
    for at in range(1, len(candidates) + 1):
        if at < len(candidates) and _are_joined(scanned, end, candidates[at][0], compiled.rule.within):
            end = max(end, candidates[at][1])
            continue
        cluster = candidates[first:at]
        if needed <= {sign.part for _left, _right, sign in cluster}:
            kept += cluster
        if at < len(candidates):
            first, end = at, candidates[at][1]
    return kept


def _are_joined(scanned: Scanned, end: int, start: int, within: int) -> bool:
    """Whether what begins at ``start`` may be in a row with what ends at ``end`` (its last character)."""
    if start <= end + 1:
        return True
    for at, mark in enumerate(SENTENCE_END.finditer(scanned.text, end + 1, start)):
        if at or mark[0] != "\n":  # one line break may stand within a sentence
            return False
    return start - end - 1 <= within or scanned.count_kept(end + 1, start) <= within


def _is_letter(char: str) -> bool:
    return "a" <= char <= "z" or "A" <= char <= "Z"
