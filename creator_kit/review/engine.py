"""Rules compiled once: one scan of a text for all of them, contexts looked at only around what it finds."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING

from creator_kit.review.candidates import Candidate, CandidateFinder
from creator_kit.review.checks import CHECKS, GATES
from creator_kit.review.compiling import CompiledRule, RuleCompiler
from creator_kit.review.contexts import Span, is_altered, join_parts, join_patterns, stands
from creator_kit.review.finding import SEVERITIES, Field, Finding, PostText, Severity
from creator_kit.review.folding import FoldTable, fold
from creator_kit.review.hit import LIGHT, Check, Hit, NoteInReview
from creator_kit.review.patterns import spell_out
from creator_kit.review.scanning import Scanned
from creator_kit.review.settling import keep_longest, keep_tightest, settle
from creator_kit.review.sounds import Listener, is_accident
from creator_kit.review.view import SHORT, View, fold_view, fold_views

if TYPE_CHECKING:
    from creator_kit.review.originality import KnownTexts
    from creator_kit.review.rule import Rule

# Notes that are scanned together: enough to share the cost of a call, few enough to stay in the processor's cache.
BATCH_SIZE = 64
# No match is longer than this, whatever was put between its characters.
_FAR = 2_000
# The longest name in pinyin letters; so far from an action a name is listened for.
_HEARD_REACH = 24


class Engine:
    """Runs rules over notes. Use from one thread or several: only tables grow.

    ``sounds`` maps sound-alikes to what they stand for, ``commerce`` are expressions for words that sell, and
    ``describe_source`` says where a rule comes from in the reader's language.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        sounds: Mapping[str, str],
        commerce: Sequence[str],
        describe_source: Callable[[Rule], str],
    ) -> None:
        self._rules = rules
        self._describe_source = describe_source
        self._commerce = join_patterns(commerce)
        compiler = RuleCompiler(sounds)
        self._compiled = [compiler.add(at, rule) for at, rule in enumerate(rules) if not rule.check]
        self._by_index = {compiled.index: compiled for compiled in self._compiled}
        self._everywhere = [compiled for compiled in self._compiled if compiled.is_everywhere]
        self._commerce_reach = compiler.add_commerce(commerce)
        self._scanner, signs = compiler.finish()
        self._finder = CandidateFinder(self._compiled, signs, self._scanner.classify)
        self._heard, self._listener = self._compile_listener()
        self._checked = [(GATES.get(rule.check), rule, CHECKS[rule.check]) for rule in rules if rule.check]
        self._gates = 0
        for gate, _rule, _check in self._checked:
            self._gates |= gate or 0
        self._awake: dict[int, list[tuple[Rule, Check]]] = {}

    def _compile_listener(self) -> tuple[dict[str, frozenset[int]], Listener | None]:
        """The rules by the names that they take by sound, and what listens for these."""
        heard: dict[str, set[int]] = {}
        table = FoldTable("all")
        for compiled in self._compiled:
            if compiled.rule.heard:
                compiled.reach += _HEARD_REACH
            for term in compiled.rule.heard:
                for name in spell_out(term):
                    heard.setdefault(fold(name, table), set()).add(compiled.index)
        return {name: frozenset(rules) for name, rules in heard.items()}, Listener(heard) if heard else None

    def check(
        self, post: PostText, *, facts: Sequence[str] | None = None, known: KnownTexts | None = None
    ) -> list[Finding]:
        """Findings in ``post``, ordered by field and position, the gravest first where they share a place."""
        present = post.texts()
        scanned = self._scanner.scan([text for _name, text in present]) if present else []
        return self._check(
            post, [(name, text) for (name, _text), text in zip(present, scanned, strict=True)], facts, known
        )

    def check_all(
        self, posts: Sequence[PostText], *, facts: Sequence[str] | None = None, known: KnownTexts | None = None
    ) -> list[list[Finding]]:
        """The findings in each of ``posts``: what ``check`` gives, at a fraction of the cost where they are short."""
        found = []
        for begin in range(0, len(posts), BATCH_SIZE):
            batch = posts[begin : begin + BATCH_SIZE]
            fields = [post.texts() for post in batch]
            texts = [text for present in fields for _name, text in present]
            scanned = iter(self._scanner.scan(texts) if texts else ())
            for post, present in zip(batch, fields, strict=True):
                found.append(self._check(post, [(name, next(scanned)) for name, _text in present], facts, known))
        return found

    def check_words(self, post: PostText, near: Mapping[Field, Sequence[tuple[int, int]]]) -> list[Finding]:
        """What the rules for words find in ``post`` near the given places (start and end, in order) of its fields."""
        present = post.texts()
        scanned = self._scanner.scan([text for _name, text in present])
        fields = [(name, text) for (name, _text), text in zip(present, scanned, strict=True)]
        note = NoteInReview(post, fields, has_commerce=self._sells)
        findings: list[Finding] = []
        for name, text in fields:
            if name in near:
                by_rule = self._finder.find(name, text) if text.hits else {}
                by_rule = {index: some for index, each in by_rule.items() if (some := _near(each, near[name]))}
                findings.extend(self._judge(note, name, text.text, by_rule))
        return settle(findings)

    def _check(
        self,
        post: PostText,
        scanned: Sequence[tuple[Field, Scanned]],
        facts: Sequence[str] | None,
        known: KnownTexts | None,
    ) -> list[Finding]:
        note = NoteInReview(post, scanned, facts, known, self._sells)
        findings: list[Finding] = []
        for name, text in scanned:
            by_rule = self._finder.find(name, text) if text.hits else {}
            if by_rule or self._everywhere:
                findings.extend(self._judge(note, name, text.text, by_rule))
        for rule, check in self._wake(note.traits & self._gates):
            for hit in check(note, rule.options):
                findings.append(self._finding(rule, note, hit))
        return settle(findings)

    def _wake(self, traits: int) -> list[tuple[Rule, Check]]:
        """The checks that may find something in a note with ``traits``."""
        checks = self._awake.get(traits)
        if checks is None:
            checks = self._awake[traits] = [
                (rule, check) for gate, rule, check in self._checked if gate is None or gate & traits
            ]
        return checks

    def _sells(self, note: NoteInReview) -> bool:
        """Whether words that sell stand in ``note``."""
        if self._commerce is None:
            return False
        for _name, scanned in note.scanned:
            if self._commerce_reach is None:
                if self._commerce.search(fold(scanned.text, LIGHT)):
                    return True
            elif scanned.hits:
                reach = self._commerce_reach
                spots = [(left, right, reach) for left, right in self._finder.find_commerce(scanned)]
                if any(self._commerce.search(view.folded) for view in fold_views(scanned.text, LIGHT, spots)):
                    return True
        return False

    def _judge(
        self, note: NoteInReview, name: Field, text: str, by_rule: dict[int, list[Candidate]]
    ) -> Iterator[Finding]:
        """The findings among the candidates of a text."""
        by_table: dict[int, list[CompiledRule]] = {}
        for index in by_rule:
            compiled = self._by_index[index]
            if not compiled.is_everywhere:
                by_table.setdefault(id(compiled.table), []).append(compiled)
        for group in by_table.values():
            if len(text) <= SHORT:
                view = fold_view(text, group[0].table)
                for rule in group:
                    yield from self._judge_view(note, name, text, rule, view, by_rule[rule.index])
                continue
            places = [(left, right, rule.reach) for rule in group for left, right, _sign in by_rule[rule.index]]
            for view in fold_views(text, group[0].table, places):
                for rule in group:
                    if seen := _within(by_rule[rule.index], view):
                        yield from self._judge_view(note, name, text, rule, view, seen)
        for compiled in self._everywhere:
            if name in compiled.rule.fields:
                view = fold_view(text, compiled.table)
                yield from self._judge_view(note, name, text, compiled, view, by_rule.get(compiled.index, ()))

    def _judge_view(
        self,
        note: NoteInReview,
        name: Field,
        text: str,
        compiled: CompiledRule,
        view: View,
        candidates: Sequence[Candidate],
    ) -> Iterator[Finding]:
        rule, contexts, folded = compiled.rule, compiled.contexts, view.folded
        rows: dict[Span, tuple[Span, ...]]
        if contexts.pattern is not None:
            if not all(need.search(folded) for need in compiled.needs):
                return
            spans = [match.span() for match in contexts.pattern.finditer(folded) if match.end() > match.start()]
            if spans and compiled.terms and not any(term in folded for term in compiled.terms):
                whole = fold(text, compiled.table)
                if not any(term in whole for term in compiled.terms):
                    return
            rows = {span: (span,) for span in spans}
        else:
            parts = self._locate(compiled, view, candidates)
            rows = join_parts(view, parts, rule.within) if rule.parts else {span: (span,) for span in parts[0]}
        if not rows:
            return
        for start, end in keep_tightest(rows) if rule.parts else keep_longest(list(rows)):
            if not stands(note, rule, contexts, view, start, end):
                continue
            left, right = view.origin[start], view.origin[end - 1] + 1
            altered = rule.severity_altered is not None and any(is_altered(view, *span) for span in rows[start, end])
            yield self._finding(
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

    def _locate(self, compiled: CompiledRule, view: View, candidates: Sequence[Candidate]) -> list[list[Span]]:
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
        if compiled.rule.heard and self._listener is not None and all(parts[1:]):
            origin = view.origin
            for sounding in self._listener.find(view.text):
                if compiled.index not in self._heard[sounding.name] or sounding.how not in ("sound", "letters"):
                    continue
                if not is_accident(view.text, sounding):
                    parts[0].append((bisect_left(origin, sounding.start), bisect_left(origin, sounding.end)))
        return parts

    def _finding(self, rule: Rule, note: NoteInReview, hit: Hit, *, altered: bool = False) -> Finding:
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


def _near(candidates: list[Candidate], places: Sequence[tuple[int, int]]) -> list[Candidate]:
    """Those of ``candidates`` that are not far from one of ``places``."""
    kept = []
    for candidate in candidates:
        before = bisect_left(places, (candidate[1] + _FAR, 0))
        if before and places[before - 1][1] + _FAR > candidate[0]:
            kept.append(candidate)
    return kept


def _within(candidates: list[Candidate], view: View) -> list[Candidate]:
    """Those of ``candidates`` (in order) that ``view`` shows whole."""
    end = view.begin + len(view.text)
    first = bisect_left(candidates, view.begin, key=itemgetter(0))
    last = bisect_left(candidates, end, first, key=itemgetter(0))
    return [candidate for candidate in candidates[first:last] if candidate[1] < end]
