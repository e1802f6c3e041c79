"""Rules brought to the form in which they run: literals for the scan, and what each of them may be a sign of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from creator_kit.errors import InputError
from creator_kit.locale import _
from creator_kit.review.anchors import compile_needs, find_anchor_sets, find_anchors, measure
from creator_kit.review.contexts import Contexts, compile_contexts, measure_reach
from creator_kit.review.folding import FoldTable, Stretch
from creator_kit.review.patterns import spell_out
from creator_kit.review.scanning import Scanner

if TYPE_CHECKING:
    from creator_kit.review.rule import Rule

# The owner of literals that are a sign of selling.
COMMERCE = -1
# Letters of the longest syllable (zhuang), and of the longest name by which a rule listens beside an action.
MAX_SYLLABLE, HEARD_REACH = 6, 24


class Sign(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What a literal may stand for: a term of a rule (its ``part``), or a place where the rule's pattern may match.

    ``term`` is spelled as the rule folds texts, "" for patterns; ``lead`` of its characters come before the
    literal. A Latin letter right before or after the literal rules it out where ``before`` or ``after`` is set.

    There are some 40,000; the garbage collector need not look at them (it did so for a third of the time).
    """

    rule: int
    part: int = 0
    term: str = ""
    lead: int = 0
    before: bool = False
    after: bool = False


@dataclass
class CompiledRule:
    """A rule with its tables. ``is_everywhere``: nothing gives it away, it is run on every text.

    ``terms`` are kept of a rule with a pattern (one of them must be in the text), ``loose`` are terms without a
    letter or digit, which the scan does not see: (part, folded term). ``is_seen_whole``: the scan sees the first and
    the last character of each term. ``n_parts``: how many signs must come together; a pattern has two of them where
    it tells as much. ``extent``: a match has at most so many folded characters, with what its expression looks at.
    """

    index: int
    rule: Rule
    table: FoldTable
    reach: int
    is_everywhere: bool = False
    terms: tuple[str, ...] = ()
    loose: list[tuple[int, str]] = field(default_factory=list)
    is_seen_whole: bool = True
    n_parts: int = 1
    extent: int = 0

    @property
    def needed(self) -> range:
        """The parts of which a text must hold a sign; what is heard has none, nor what is looked for everywhere."""
        if self.is_everywhere:
            return range(0)
        return range(1 if self.rule.heard else 0, self.n_parts)

    @cached_property
    def contexts(self) -> Contexts:
        """Compiled when the rule is first woken: most never are in one run of a command."""
        return compile_contexts(self.rule)

    @cached_property
    def needs(self) -> list[re.Pattern[str]]:
        """What a folded text holds wherever the rule's pattern matches: asked for first, since that is quick."""
        return compile_needs(self.rule.pattern)


class RuleCompiler:
    """Collects the signs of rules by literal; then ``scanner`` looks for them, and ``signs`` says of what."""

    def __init__(self, sounds: Mapping[str, str]) -> None:
        self.scanner = Scanner(sounds)
        self._sounds = sounds
        self._tables: dict[tuple[Stretch, bool], FoldTable] = {}
        # Where a letter may be heard as something else, its being there rules nothing out.
        self._letters_stay = not any(char.isascii() and char.isalpha() for char in sounds)
        self._signs: dict[str, dict[Sign, None]] = {}

    def add(self, index: int, rule: Rule) -> CompiledRule:
        """Compile ``rule``. Raises InputError for a term of which folding leaves too little."""
        table = self.table_of(rule)
        compiled = CompiledRule(index, rule, table, measure_reach(rule))
        if rule.pattern:
            compiled.terms = tuple(dict.fromkeys(folded for _part, folded in self._spell(rule, table)))
            compiled.extent = sum(measure(rule.pattern)) + 1
            anchors = find_anchor_sets(rule.pattern, self.scanner.fold)
            heard = find_anchor_sets(rule.pattern, self.scanner.fold_sounds) if rule.sounds else []
            compiled.n_parts = min(len(anchors), len(heard)) if rule.sounds else len(anchors)
            compiled.is_everywhere = not compiled.n_parts
            for part in range(compiled.n_parts):
                for anchor in anchors[part]:
                    before = anchor.no_letter_before and self._letters_stay
                    after = anchor.no_letter_after and self._letters_stay
                    self._note(anchor.literal, Sign(index, part, before=before, after=after))
                if rule.sounds:
                    for anchor in heard[part]:
                        self._note(anchor.literal, Sign(index, part))
            return compiled
        compiled.n_parts = max(1, len(rule.parts))
        longest = [0] * compiled.n_parts
        for part, folded in self._spell(rule, table):
            longest[part] = max(longest[part], len(folded))
            literal = self.scanner.fold(folded)
            if not literal:
                compiled.loose.append((part, folded))
                compiled.is_everywhere = True
                continue
            lead = 0
            while not self.scanner.fold(folded[lead]):
                lead += 1
            if lead or not self.scanner.fold(folded[-1]):
                compiled.is_seen_whole = False
            # What the rule will ask of Latin words anyway, asked of the scan's hits at once.
            before = self._letters_stay and "a" <= folded[0] <= "z"
            after = self._letters_stay and "a" <= folded[-1] <= "z"
            sign = Sign(index, part, folded, lead, before, after)
            self._note(literal, sign)
            if rule.sounds:
                self._note(self.scanner.fold_sounds(folded), sign)
        if rule.heard:
            compiled.reach += HEARD_REACH
            longest[0] = max(longest[0], MAX_SYLLABLE * max(map(len, rule.heard)))
        compiled.extent = sum(longest) + (compiled.n_parts - 1) * rule.within
        return compiled

    def add_commerce(self, patterns: Sequence[str]) -> int | None:
        """Look for what the note sells by; gives how far to look around, None where every text must be searched."""
        reach = 0
        for pattern in patterns:
            anchors = find_anchors(pattern, self.scanner.fold)
            if anchors is None:
                return None
            for anchor in anchors:
                self._note(anchor.literal, Sign(COMMERCE))
            reach = max(reach, sum(measure(pattern)) + 1)
        return reach

    def finish(self) -> tuple[Scanner, list[tuple[Sign, ...]]]:
        """The scanner for all literals, and for each of them its signs."""
        self.scanner.compile(self._signs)
        return self.scanner, [tuple(signs) for signs in self._signs.values()]

    def _note(self, literal: str, sign: Sign) -> None:
        self._signs.setdefault(literal, {})[sign] = None

    def table_of(self, rule: Rule) -> FoldTable:
        """The table by which ``rule`` folds texts; rules share them."""
        key = (rule.stretch, rule.sounds)
        if key not in self._tables:
            self._tables[key] = FoldTable(rule.stretch, self._sounds if rule.sounds else None)
        return self._tables[key]

    def _spell(self, rule: Rule, table: FoldTable) -> Iterator[tuple[int, str]]:
        """Each term of ``rule``, spelled out and folded, with its part."""
        for part, terms in enumerate(rule.parts or (rule.terms,)):
            for term in terms:
                for spelling in spell_out(term):
                    folded = spelling.translate(table)  # as fold() does, faster for a few characters
                    if not folded or (len(folded) == 1 and len(spelling) > 1):
                        raise InputError(
                            _("rule '{id}': too little is left of the term '{term}' after folding").format(
                                id=rule.id, term=spelling
                            )
                        )
                    yield part, folded
