"""From the hits of a scan to the candidates of rules: which rules a text may concern, and where.

Most hits come to nothing: a name without an action near it, two letters within an English word. What can be told
from the places of the hits alone is told here, before any text is folded again for the rule that asked.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from operator import itemgetter

from creator_kit.review.anchors import find_needs
from creator_kit.review.compiling import COMMERCE, CompiledRule, Sign
from creator_kit.review.contexts import SENTENCE_END
from creator_kit.review.finding import TEXT_FIELDS, Field
from creator_kit.review.scanned import DIGIT, EMOJI, NUMERAL, LiteralHit, LongScanned, Scanned

# First and last character, and what it may be a sign of.
Candidate = tuple[int, int, Sign]
# A rule has at most so many parts.
_MAX_PARTS = 3
# A long text is sorted in blocks of at least so many codes: few rules are concerned by each.
_BLOCK_CODES = 200
# One character is at most so many codes (the longest word that is a character, and then some).
_MAX_CODES = 40
# In a text up to here nothing is far from anything.
_SHORT = 80


class _Masks(dict[int, int]):
    """By literal which parts of which rules it is a sign of; worked out when it is first hit."""

    def __init__(self, signs: Sequence[tuple[Sign, ...]], width: int, commerce_bit: int) -> None:
        super().__init__()
        self._signs = signs
        self._width = width
        self._commerce_bit = commerce_bit

    def __missing__(self, literal: int) -> int:
        mask = 0
        for sign in self._signs[literal]:
            mask |= 1 << (sign.part * self._width + sign.rule) if sign.rule >= 0 else self._commerce_bit
        self[literal] = mask
        return mask


class CandidateFinder:
    """Sorts hits by the rules that they concern. ``signs`` are those of each literal, by its number; ``classify``
    gives the kinds of a character.

    The rules that a text may concern are a mask, a bit for each rule. Masks of three times the length say of which
    parts of which rules there is a sign: part after part, so that shifting brings the parts of a rule together.
    """

    def __init__(
        self, compiled: Sequence[CompiledRule], signs: Sequence[tuple[Sign, ...]], classify: Callable[[str], int]
    ) -> None:
        self._classify = classify
        self._kinds: dict[int, list[int]] = {}
        self._signs = signs
        self._compiled = {each.index: each for each in compiled}
        self._width = width = 1 + max(self._compiled, default=0)
        self._commerce_bit = 1 << (_MAX_PARTS * width)
        self._masks = _Masks(signs, width, self._commerce_bit)
        self._in_field = {
            name: sum(1 << each.index for each in compiled if name in each.rule.fields) for name in TEXT_FIELDS
        }
        # By part the rules that go without a sign of it.
        self._without = [
            sum(1 << each.index for each in compiled if part not in each.needed) for part in range(_MAX_PARTS)
        ]
        # The rules that speak only where something is sold.
        self.only_in_ads = sum(1 << each.index for each in compiled if each.rule.only_in_ad)
        # No match is longer, in characters that are kept.
        self.extent = max([each.extent for each in compiled], default=0)
        self._block_codes = max(_BLOCK_CODES, self.extent + _MAX_CODES)

    def read(self, scanned: Scanned) -> int:
        """Of which parts of which rules a text has signs, and whether of selling (all, if it is a long one)."""
        masks, signs = self._masks, 0
        for found, _origin, _skipped in scanned.passes:
            for hit in found:
                signs |= masks[hit[0]]
        if not signs and isinstance(scanned, LongScanned):
            return 2 * self._commerce_bit - 1
        return signs

    def may_sell(self, signs: int) -> bool:
        """Whether there is a sign of selling among ``signs``."""
        return signs >= self._commerce_bit

    def concern(self, name: Field, signs: int) -> int:
        """The rules, as a mask, that a text with ``signs`` in the field ``name`` may concern."""
        width, without = self._width, self._without
        return (
            (signs | without[0])
            & (signs >> width | without[1])
            & (signs >> 2 * width | without[2])
            & self._in_field[name]
        )

    def find(self, name: Field, scanned: Scanned, rules: int) -> dict[int, list[Candidate]]:
        """By rule (of the mask ``rules``), in order of their places, the candidates in the field ``name``."""
        by_rule: dict[int, list[Candidate]] = {}
        rules = self._with_kinds(rules, scanned.kinds)
        if isinstance(scanned, LongScanned):
            self._find_in_blocks(name, scanned, rules, by_rule)
        elif rules:
            self._sort(scanned.text, scanned.hits, rules, by_rule)
        return self._keep_likely(scanned, by_rule) if by_rule else by_rule

    def _find_in_blocks(
        self, name: Field, scanned: LongScanned, rules: int, by_rule: dict[int, list[Candidate]]
    ) -> None:
        """Sort the hits of a long text. A rule is left out wherever one of its signs is missing in a block and in
        those before and after it: a match lies in one block or in two."""
        masks = self._masks
        before = signs = 0
        hits: list[LiteralHit] = []
        for following in chain(scanned.blocks(self._block_codes), ([],)):
            after = 0
            for hit in following:
                after |= masks[hit[0]]
            if hits and (concerned := rules & self.concern(name, before | signs | after)):
                self._sort(scanned.text, hits, concerned, by_rule)
            before, signs, hits = signs, after, following

    def find_commerce(self, scanned: Scanned) -> Iterator[tuple[int, int]]:
        """First and last character of what may be a word that sells."""
        bit, masks = self._commerce_bit, self._masks
        blocks = scanned.blocks(self._block_codes) if isinstance(scanned, LongScanned) else [scanned.hits]
        for hits in blocks:
            for literal, left, right in hits:
                if masks[literal] & bit and any(
                    sign.rule == COMMERCE and _is_apart(scanned.text, left, right, sign)
                    for sign in self._signs[literal]
                ):
                    yield left, right

    def _with_kinds(self, rules: int, kinds: int) -> int:
        """Those of ``rules`` of which every match has a kind of characters that the text has."""
        left = rules
        while left:
            bit = left & -left
            left ^= bit
            index = bit.bit_length() - 1
            needed = self._kinds.get(index)
            if needed is None:
                needed = self._kinds[index] = self._find_kinds(index)
            if needed and not all(kinds & each for each in needed):
                rules ^= bit
        return rules

    def _find_kinds(self, index: int) -> list[int]:
        """The kinds of characters that each match of a rule's expression has."""
        pattern = self._compiled[index].rule.pattern
        if not pattern:
            return []
        needs = find_needs(pattern)
        return [
            kinds
            for kinds in (EMOJI, DIGIT | NUMERAL)
            if any(all(any(self._classify(char) & kinds for char in text) for text in texts) for texts in needs)
        ]

    def _sort(self, text: str, hits: Iterable[LiteralHit], rules: int, by_rule: dict[int, list[Candidate]]) -> None:
        masks, width = self._masks, self._width
        wanted = rules | rules << width | rules << 2 * width
        for literal, left, right in hits:
            if masks[literal] & wanted:
                for sign in self._signs[literal]:
                    rule = sign.rule
                    if rule >= 0 and rules >> rule & 1 and _is_apart(text, left, right, sign):
                        if rule in by_rule:
                            by_rule[rule].append((left, right, sign))
                        else:
                            by_rule[rule] = [(left, right, sign)]

    def _keep_likely(self, scanned: Scanned, by_rule: dict[int, list[Candidate]]) -> dict[int, list[Candidate]]:
        """``by_rule`` in order, without candidates that have not beside them what every match has."""
        kept: dict[int, list[Candidate]] = {}
        for index, candidates in by_rule.items():
            compiled = self._compiled[index]
            if len(candidates) > 1:
                candidates.sort(key=itemgetter(0))
            if compiled.rule.parts:
                candidates = _keep_joined(scanned, compiled, candidates)
            elif compiled.rule.pattern and not compiled.is_everywhere:
                if compiled.n_parts > 1:
                    candidates = _keep_close(scanned, compiled, candidates)
                for kinds in self._kinds.get(index, ()):
                    if candidates and len(scanned.text) > _SHORT:
                        candidates = _keep_beside(scanned, kinds, compiled.extent, candidates)
            if candidates:
                kept[index] = candidates
        return kept


def _is_apart(text: str, left: int, right: int, sign: Sign) -> bool:
    """Whether no Latin letter stands beside a hit where that rules it out."""
    if sign.before and left and _is_letter(text[left - 1]):
        return False
    return not (sign.after and right + 1 < len(text) and _is_letter(text[right + 1]))


def _keep_beside(scanned: Scanned, kinds: int, extent: int, candidates: list[Candidate]) -> list[Candidate]:
    """Those of ``candidates`` that have a character of ``kinds`` within ``extent`` kept characters."""
    places = scanned.find_places(kinds)
    return _keep_within(scanned, candidates, places, places, extent)


def _keep_within(
    scanned: Scanned, candidates: Sequence[Candidate], starts: Sequence[int], ends: Sequence[int], extent: int
) -> list[Candidate]:
    """Those of ``candidates`` with a place before or behind them within ``extent`` kept characters: places begin at
    ``starts``, in order; ``ends`` is the last character of each, or the farthest up to it."""
    kept = []
    for candidate in candidates:
        left, right = candidate[0], candidate[1]
        at = bisect_left(starts, left)
        if (at < len(starts) and _is_within(scanned, right, starts[at], extent)) or (
            at and _is_within(scanned, ends[at - 1], left, extent)
        ):
            kept.append(candidate)
    return kept


def _is_within(scanned: Scanned, end: int, start: int, extent: int) -> bool:
    """Whether at most ``extent`` characters that folding keeps stand between ``end`` (not of them) and ``start``."""
    return start - end - 1 <= extent or scanned.count_kept(end + 1, start) <= extent


def keep_near(
    scanned: Scanned, candidates: list[Candidate], places: Sequence[tuple[int, int]], extent: int
) -> list[Candidate]:
    """Those of ``candidates`` that are within ``extent`` kept characters of one of ``places`` (start and end)."""
    return _keep_within(
        scanned, candidates, [start for start, _end in places], [end - 1 for _start, end in places], extent
    )


def _keep_close(scanned: Scanned, compiled: CompiledRule, candidates: list[Candidate]) -> list[Candidate]:
    """Those of ``candidates`` (in order) for the first part of an expression that have one for the other part so near
    that one match may hold both."""
    first = [candidate for candidate in candidates if not candidate[2].part]
    others = [candidate for candidate in candidates if candidate[2].part]
    if not first or not others:
        return []
    starts = [left for left, _right, _sign in others]
    # The farthest that any of the others up to this one ends: what begins early may end late.
    ends, end = [], -1
    for _left, right, _sign in others:
        end = max(end, right)
        ends.append(end)
    return _keep_within(scanned, first, starts, ends, compiled.extent)


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
    if start - end > within and scanned.count_kept(end + 1, start) > within:
        return False
    for at, mark in enumerate(SENTENCE_END.finditer(scanned.text, end + 1, start)):
        if at or mark[0] != "\n":  # one line break may stand within a sentence
            return False
    return True


def _is_letter(char: str) -> bool:
    return "a" <= char <= "z" or "A" <= char <= "Z"
