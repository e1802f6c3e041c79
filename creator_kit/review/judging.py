"""Whether what may be a match is one: a close look first, and contexts only where that finds something."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from creator_kit.review.candidates import Candidate
from creator_kit.review.compiling import CompiledRule, Sign
from creator_kit.review.contexts import Span, is_altered, join_parts, stands
from creator_kit.review.finding import SEVERITIES, Field, Finding, Severity
from creator_kit.review.folding import FoldTable, fold
from creator_kit.review.hit import Hit, NoteInReview
from creator_kit.review.patterns import spell_out
from creator_kit.review.settling import keep_longest, keep_tightest
from creator_kit.review.sounds import Listener, is_accident
from creator_kit.review.view import SHORT, View, fold_places, fold_view

if TYPE_CHECKING:
    from creator_kit.review.rule import Rule

# The parts of a row, by the whole of it.
_Rows = dict[Span, tuple[Span, ...]]


class Judge:
    """Decides on candidates. ``describe_source`` says where a rule comes from in the reader's language."""

    def __init__(self, compiled: Sequence[CompiledRule], describe_source: Callable[[Rule], str]) -> None:
        self._describe_source = describe_source
        self._compiled = compiled
        self._by_index = {each.index: each for each in compiled}
        self.everywhere = [each for each in compiled if each.is_everywhere]

    @cached_property
    def _listening(self) -> tuple[dict[str, frozenset[int]], Listener]:
        """The rules by the names that they take by sound, and what listens for these."""
        heard: dict[str, set[int]] = {}
        table = FoldTable("all")
        for compiled in self._compiled:
            for term in compiled.rule.heard:
                for name in spell_out(term):
                    heard.setdefault(fold(name, table), set()).add(compiled.index)
        return {name: frozenset(rules) for name, rules in heard.items()}, Listener(heard)

    def find(
        self, note: NoteInReview, name: Field, text: str, by_rule: dict[int, list[Candidate]]
    ) -> Iterator[Finding]:
        """The findings among the candidates of a text."""
        by_table: dict[int, list[CompiledRule]] = {}
        for index in by_rule:
            compiled = self._by_index[index]
            if not compiled.is_everywhere:
                by_table.setdefault(id(compiled.table), []).append(compiled)
        for group in by_table.values():
            table = group[0].table
            if len(text) <= SHORT:
                view = fold_view(text, table)
                for compiled in group:
                    yield from self._judge(note, name, text, compiled, view, by_rule[compiled.index])
                continue
            likely = [
                (left, right, compiled.reach, compiled, (left, right, sign))
                for compiled, left, right, sign in self._look_closely(text, table, group, by_rule)
            ]
            for view, own, shown in fold_places(text, table, likely):
                visible = _by_rule(shown)
                for compiled, candidates in _by_rule(own).values():
                    yield from self._judge(
                        note, name, text, compiled, view, visible[compiled.index][1], whose=candidates
                    )
        for compiled in self.everywhere:
            if name in compiled.rule.fields:
                view = fold_view(text, compiled.table)
                yield from self._judge(note, name, text, compiled, view, by_rule.get(compiled.index, ()))

    def _look_closely(
        self, text: str, table: FoldTable, group: Sequence[CompiledRule], by_rule: dict[int, list[Candidate]]
    ) -> Iterator[tuple[CompiledRule, int, int, Sign]]:
        """The candidates of the rules ``group`` that a match may hold, judged by no more of the text than a match
        takes up. Most are done with here, before all is folded that a context may look at."""
        places = [
            (candidate[0], candidate[1], compiled.extent, compiled, candidate)
            for compiled in group
            for candidate in by_rule[compiled.index]
        ]
        for view, _own, shown in fold_places(text, table, places, close=True):
            for compiled, candidates in _by_rule(shown).values():
                if self._find_rows(compiled, view, candidates, close=True):
                    for left, right, sign in candidates:
                        yield compiled, left, right, sign

    def _find_rows(
        self, compiled: CompiledRule, view: View, candidates: Sequence[Candidate], *, close: bool = False
    ) -> _Rows:
        """Where the rule matches in ``view``, contexts aside; a ``close`` look may find more than that."""
        rule, pattern = compiled.rule, compiled.contexts.pattern
        if pattern is None:
            parts = self._locate(compiled, view, candidates, close=close)
            return join_parts(view, parts, rule.within) if rule.parts else {span: (span,) for span in parts[0]}
        for need in compiled.needs:
            if not need.search(view.folded):
                return {}
        return {span: (span,) for match in pattern.finditer(view.folded) if (span := match.span())[1] > span[0]}

    def _judge(
        self,
        note: NoteInReview,
        name: Field,
        text: str,
        compiled: CompiledRule,
        view: View,
        candidates: Sequence[Candidate],
        *,
        whose: Sequence[Candidate] | None = None,
    ) -> Iterator[Finding]:
        """The findings among ``candidates`` in ``view``; of those only that take in one of ``whose``, where these are
        given: for the others another view shows what stands around them."""
        rule, contexts, folded = compiled.rule, compiled.contexts, view.folded
        rows = self._find_rows(compiled, view, candidates)
        if rows and compiled.terms and not any(term in folded for term in compiled.terms):
            whole = fold(text, compiled.table)
            if not any(term in whole for term in compiled.terms):
                return
        if not rows:
            return
        near = _Near(whose) if whose is not None else None
        for start, end in keep_tightest(rows) if rule.parts else keep_longest(list(rows)):
            if near is not None and not near.are_in(view, start, end):
                continue
            if not stands(note, rule, contexts, view, start, end):
                continue
            left, right = view.origin[start], view.origin[end - 1] + 1
            altered = rule.severity_altered is not None and any(is_altered(view, *span) for span in rows[start, end])
            yield self.describe(
                rule,
                note,
                Hit(
                    name,
                    view.begin + left,
                    view.begin + right,
                    {"matched": view.text[left:right]},
                    rule.fix.get(folded[start:end]),
                ),
                altered=altered,
            )

    def _locate(
        self, compiled: CompiledRule, view: View, candidates: Sequence[Candidate], *, close: bool
    ) -> list[list[Span]]:
        """By part, where the rule's terms stand in ``view``."""
        parts: list[list[Span]] = [[] for _part in compiled.rule.parts or (0,)]
        for left, right, sign in candidates:
            span = view.locate(left, right, sign.term, sign.lead)
            if span is not None:
                parts[sign.part].append(span)
        for part, term in compiled.loose:
            at = view.folded.find(term)
            while at >= 0:
                parts[part].append((at, at + len(term)))
                at = view.folded.find(term, at + 1)
        if compiled.rule.heard and all(parts[1:]):
            origin = view.origin
            heard, listener = self._listening
            for sounding in listener.find(view.text):
                if compiled.index not in heard[sounding.name] or sounding.how not in ("sound", "letters"):
                    continue
                if close or not is_accident(view.text, sounding):
                    parts[0].append((bisect_left(origin, sounding.start), bisect_left(origin, sounding.end)))
        return parts

    def describe(self, rule: Rule, note: NoteInReview, hit: Hit, *, altered: bool = False) -> Finding:
        """What ``rule`` says about ``hit``; ``altered``: it was spelled otherwise."""
        severity: Severity = rule.severity
        if rule.severity_in_ad is not None and note.sells:
            severity = rule.severity_in_ad
        if altered and rule.severity_altered is not None:
            severity = min(severity, rule.severity_altered, key=SEVERITIES.index)
        return Finding(
            rule_id=rule.id,
            family=rule.family,
            severity=severity,
            field=hit.field,
            message=rule.describe(hit.params),
            source=self._describe_source(rule),
            start=hit.start,
            end=hit.end,
            matched=str(hit.params.get("matched", "")),
            fix=hit.fix,
        )


def _by_rule(
    places: Sequence[tuple[int, int, int, CompiledRule, Candidate]],
) -> dict[int, tuple[CompiledRule, list[Candidate]]]:
    """The candidates of ``places`` by their rule."""
    grouped: dict[int, tuple[CompiledRule, list[Candidate]]] = {}
    for _left, _right, _reach, compiled, candidate in places:
        index = compiled.index
        if index in grouped:
            grouped[index][1].append(candidate)
        else:
            grouped[index] = (compiled, [candidate])
    return grouped


class _Near:
    """Candidates (in order) of which a match must take in one."""

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        self._starts = [candidate[0] for candidate in candidates]
        # The farthest that any of them up to each one reaches.
        self._ends = list(accumulate([candidate[1] for candidate in candidates], max))

    def are_in(self, view: View, start: int, end: int) -> bool:
        """Whether one of them shares a character with ``view.folded[start:end]``."""
        left, right = view.begin + view.origin[start], view.begin + view.origin[end - 1]
        before = bisect_right(self._starts, right)
        return bool(before) and self._ends[before - 1] >= left
