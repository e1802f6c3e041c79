"""Rules compiled once: one automaton for each way of folding, contexts looked at only where a term was hit."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ahocorasick_rs

from creator_kit.errors import InputError
from creator_kit.locale import _
from creator_kit.review.checks import CHECKS
from creator_kit.review.composition import compose
from creator_kit.review.finding import SEVERITIES, TEXT_FIELDS, Field, Finding, PostText, Severity
from creator_kit.review.folding import FoldTable, fold, map_positions
from creator_kit.review.hit import AS_WRITTEN, Hit, NoteInReview
from creator_kit.review.patterns import spell_out
from creator_kit.review.sounds import Listener, Sounding, is_accident

if TYPE_CHECKING:
    from creator_kit.review.originality import KnownTexts
    from creator_kit.review.rules import Rule, RuleSet

# Between two characters of one word nobody hides more than this; farther apart they are two words.
MAX_GAP = 6
_SENTENCE_END = re.compile("[。！？!?\n；;]")
_CLAUSE_END = re.compile("[，。！？；：、,!?;]")
_LATIN = re.compile("[a-z]")


@dataclass(frozen=True)
class _Stream:
    """The rules that read the text folded in one way."""

    table: FoldTable
    automaton: ahocorasick_rs.AhoCorasick
    owners: tuple[tuple[tuple[int, int], ...], ...]  # for each term of the automaton, its rules and their parts
    patterns: tuple[int, ...]  # rules that have a pattern and no terms


@dataclass(frozen=True)
class _Contexts:
    """A rule's expressions, compiled."""

    pattern: re.Pattern[str] | None
    unless_inside: tuple[re.Pattern[str], ...]
    unless_near: re.Pattern[str] | None
    only_near: re.Pattern[str] | None
    unless_post: re.Pattern[str] | None
    only_post: re.Pattern[str] | None


class Engine:
    """Runs the rules of a RuleSet over notes. Stateless after construction; use from one thread or several."""

    def __init__(self, rules: RuleSet) -> None:
        self._set = rules
        self._rules = rules.rules
        self._contexts = [_compile_contexts(rule) for rule in rules.rules]
        self._commerce = _join(rules.commerce)
        self._streams = self._compile_streams()
        self._heard, self._listener = self._compile_listener()
        self._checks = [(rule, CHECKS[rule.check]) for rule in self._rules if rule.check]

    def _compile_streams(self) -> list[_Stream]:
        groups: dict[tuple[str, bool], list[int]] = {}
        for index, rule in enumerate(self._rules):
            if not rule.check:
                groups.setdefault((rule.stretch, rule.sounds), []).append(index)
        streams = []
        for (stretch, sounds), members in sorted(groups.items()):
            table = FoldTable(stretch, self._set.sounds if sounds else None)  # type: ignore[arg-type]
            owners: dict[str, list[tuple[int, int]]] = {}
            patterns = []
            for index in members:
                rule = self._rules[index]
                if not rule.terms and not rule.parts:
                    patterns.append(index)
                for part, term in (
                    (at, term) for at, terms in enumerate(rule.parts or (rule.terms,)) for term in terms
                ):
                    for spelling in spell_out(term):
                        folded = fold(spelling, table)
                        if not folded or (len(folded) == 1 and len(spelling) > 1):
                            raise InputError(
                                _("rule '{id}': too little is left of the term '{term}' after folding").format(
                                    id=rule.id, term=spelling
                                )
                            )
                        known = owners.setdefault(folded, [])
                        if (index, part) not in known:
                            known.append((index, part))
            automaton = ahocorasick_rs.AhoCorasick(list(owners), matchkind=ahocorasick_rs.MatchKind.Standard)
            streams.append(_Stream(table, automaton, tuple(map(tuple, owners.values())), tuple(patterns)))
        return streams

    def _compile_listener(self) -> tuple[dict[str, tuple[int, ...]], Listener | None]:
        """The rules by the names that they take by sound, and what listens for these."""
        heard: dict[str, list[int]] = {}
        table = FoldTable("all")
        for index, rule in enumerate(self._rules):
            for name in dict.fromkeys(spelling for term in rule.heard for spelling in spell_out(term)):
                heard.setdefault(fold(name, table), []).append(index)
        return {name: tuple(rules) for name, rules in heard.items()}, Listener(heard) if heard else None

    def check(
        self, post: PostText, *, facts: Sequence[str] | None = None, known: KnownTexts | None = None
    ) -> list[Finding]:
        """Findings in ``post``, ordered by field and position, the gravest first where they share a place."""
        note = NoteInReview(post, facts, known, self._commerce)
        findings: list[Finding] = []
        for name, text in note.texts:
            findings.extend(self._scan(note, name, text))
        for rule, check in self._checks:
            for hit in check(note, rule.options):
                findings.append(self._finding(rule, note, hit))
        return _settle(findings) if findings else []

    def _scan(self, note: NoteInReview, name: Field, text: str) -> Iterator[Finding]:
        soundings: dict[int, list[Sounding]] | None = None
        for stream in self._streams:
            folded = fold(text, stream.table)
            spans: dict[int, list[list[tuple[int, int]]]] = {}
            for term, start, end in stream.automaton.find_matches_as_indexes(folded, overlapping=True):
                for index, part in stream.owners[term]:
                    if index not in spans:
                        spans[index] = [[] for _part in self._rules[index].parts or (0,)]
                    spans[index][part].append((start, end))
            for index, found in spans.items():
                if not self._rules[index].heard or not all(found[1:]):
                    continue
                if soundings is None:  # asked for only where an action is there
                    soundings = self._listen(text)
                if index in soundings:
                    found[0] += _folded_spans(text, soundings[index], map_positions(text, stream.table))
            for index in stream.patterns:
                pattern = self._contexts[index].pattern
                if pattern is not None and pattern.search(folded):
                    spans[index] = [[]]
            spans = {index: found for index, found in spans.items() if len(found) == 1 or all(found)}
            if not spans:
                continue
            origin = map_positions(text, stream.table)
            for index in sorted(spans):
                rule, contexts = self._rules[index], self._contexts[index]
                if name not in rule.fields:
                    continue
                rows: dict[tuple[int, int], tuple[tuple[int, int], ...]] = {span: (span,) for span in spans[index][0]}
                if rule.parts:
                    rows = _compose(rule, spans[index], folded, text, origin)
                elif contexts.pattern is not None:
                    rows = {
                        match.span(): (match.span(),)
                        for match in contexts.pattern.finditer(folded)
                        if match.end() > match.start()
                    }
                for start, end in _longest(list(rows)):
                    if not self._stands(note, rule, contexts, folded, text, origin, start, end):
                        continue
                    left, right = origin[start], origin[end - 1] + 1
                    matched = folded[start:end]
                    hit = Hit(name, left, right, {"matched": text[left:right]}, rule.fix.get(matched))
                    altered = rule.severity_altered is not None and any(
                        _is_altered(folded, text, origin, *span) for span in rows[start, end]
                    )
                    yield self._finding(rule, note, hit, altered=altered)

    def _listen(self, text: str) -> dict[int, list[Sounding]]:
        """By rule, the names that ``text`` writes by their sound."""
        found: dict[int, list[Sounding]] = {}
        if self._listener is not None:
            for sounding in self._listener.find(text):
                if sounding.how in ("sound", "letters"):
                    for index in self._heard[sounding.name]:
                        found.setdefault(index, []).append(sounding)
        return found

    def _stands(
        self,
        note: NoteInReview,
        rule: Rule,
        contexts: _Contexts,
        folded: str,
        text: str,
        origin: list[int],
        start: int,
        end: int,
    ) -> bool:
        """Whether a match is meant: whole Latin words, no wide gaps, and no context that exempts it."""
        if not rule.pattern and not rule.parts and not _is_whole(folded, text, origin, start, end):
            return False
        if rule.only_altered or rule.unless_spelled:
            written = fold(text[origin[start] : origin[end - 1] + 1], AS_WRITTEN)
            if (rule.only_altered and written == folded[start:end]) or written in rule.unless_spelled:
                return False
        low, high = max(0, start - rule.window), end + rule.window
        for pattern in contexts.unless_inside:
            for match in pattern.finditer(folded, low, min(high, len(folded))):
                if match.start() < end and match.end() > start:
                    return False
        if contexts.unless_near or contexts.only_near:
            near = _sentence(folded, text, origin, low, high, start, end)
            if contexts.unless_near and contexts.unless_near.search(near):
                return False
            if contexts.only_near and not contexts.only_near.search(near):
                return False
        if rule.only_in_ad and not note.sells:
            return False
        if contexts.unless_post and contexts.unless_post.search(note.folded):
            return False
        return not (contexts.only_post and not contexts.only_post.search(note.folded))

    def _finding(self, rule: Rule, note: NoteInReview, hit: Hit, *, altered: bool = False) -> Finding:
        severity: Severity = rule.severity
        if rule.severity_in_ad is not None and note.sells:
            severity = rule.severity_in_ad
        if altered and rule.severity_altered is not None:
            severity = min(severity, rule.severity_altered, key=SEVERITIES.index)
        matched = str(hit.params.get("matched", ""))
        return Finding(
            rule_id=rule.id,
            family=rule.family,
            severity=severity,
            field=hit.field,
            message=rule.describe(hit.params),
            source=self._set.describe_source(rule),
            start=hit.start,
            end=hit.end,
            matched=matched,
            fix=hit.fix,
        )


def _join(patterns: Sequence[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns)) if patterns else None


def _compile_contexts(rule: Rule) -> _Contexts:
    return _Contexts(
        pattern=re.compile(rule.pattern) if rule.pattern else None,
        unless_inside=tuple(re.compile(pattern) for pattern in rule.unless_inside),
        unless_near=_join(rule.unless_near),
        only_near=_join(rule.only_near),
        unless_post=_join(rule.unless_post),
        only_post=_join(rule.only_post),
    )


def _folded_spans(text: str, soundings: Sequence[Sounding], origin: list[int]) -> list[tuple[int, int]]:
    """Where ``soundings`` are in the folded text, those left out that only sound alike by accident."""
    return [
        (bisect_left(origin, sounding.start), bisect_left(origin, sounding.end))
        for sounding in soundings
        if not is_accident(text, sounding)
    ]


def _compose(
    rule: Rule, parts: Sequence[Sequence[tuple[int, int]]], folded: str, text: str, origin: list[int]
) -> dict[tuple[int, int], tuple[tuple[int, int], ...]]:
    """The places where the rule's parts stand together, each a whole word, within one sentence."""

    def are_joined(end: int, start: int) -> bool:
        return _SENTENCE_END.search(text, origin[end - 1] + 1, origin[start]) is None

    whole = [[span for span in part if _is_whole(folded, text, origin, *span)] for part in parts]
    return {(row[0][0], row[-1][1]): row for row in compose(whole, rule.within, are_joined)}


def _is_altered(folded: str, text: str, origin: list[int], start: int, end: int) -> bool:
    """Whether the writer spelled ``folded[start:end]`` otherwise, width, case and traditional characters aside."""
    return fold(text[origin[start] : origin[end - 1] + 1], AS_WRITTEN) != folded[start:end]


def _is_whole(folded: str, text: str, origin: list[int], start: int, end: int) -> bool:
    """Whether a match is a word of its own: no Latin letter touches it, and nothing wide parts it."""
    left, right = origin[start], origin[end - 1]
    if _LATIN.match(folded[start]) and start and origin[start - 1] == left - 1 and _is_latin(folded[start - 1]):
        return False
    if _LATIN.match(folded[end - 1]) and end < len(folded) and origin[end] == right + 1 and _is_latin(folded[end]):
        return False
    return _is_one_word(text, origin, start, end)


def _is_one_word(text: str, origin: list[int], start: int, end: int) -> bool:
    """Whether what stands between the characters of a match may hide a word: not much of it, and no full stop or
    comma in one place only (动作要快。手要稳 is two clauses, 公，众，号 is not)."""
    gaps = [text[origin[at] + 1 : origin[at + 1]] for at in range(start, end - 1) if origin[at + 1] > origin[at]]
    if any(len(gap) > MAX_GAP for gap in gaps):
        return False
    if any(_CLAUSE_END.search(gap) for gap in gaps):
        if len(gaps) == 1:
            # 加，v，看，图: the mark stands between all characters around, too.
            gap, after = gaps[0], text[origin[end - 1] + 1 :]
            return after.startswith(gap) and after[len(gap) + 1 :].startswith(gap)
        return all(gaps)
    return True


def _is_latin(char: str) -> bool:
    return _LATIN.match(char) is not None


def _sentence(folded: str, text: str, origin: list[int], low: int, high: int, start: int, end: int) -> str:
    """The part of ``folded[low:high]`` that is in one sentence with ``start`` to ``end``; the text as it was written
    says where that begins and ends, for folding may have dropped the marks."""
    high = min(high, len(folded))
    for match in _SENTENCE_END.finditer(text, origin[low], origin[start]):
        low = bisect_left(origin, match.end(), low, start)
    cut = _SENTENCE_END.search(text, origin[end - 1] + 1, origin[high - 1] + 1)
    return folded[low : bisect_left(origin, cut.start(), end, high) if cut else high]


class _Spans:
    """Spans that do not overlap, in order."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int]] = []

    def add(self, start: int, end: int) -> bool:
        """Add a span unless it overlaps one that is there; says whether it was added."""
        at = bisect_left(self._spans, (start, end))
        if at < len(self._spans) and self._spans[at][0] < end:
            return False
        if at and self._spans[at - 1][1] > start:
            return False
        self._spans.insert(at, (start, end))
        return True


def _longest(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """``spans`` without those that overlap a longer (else earlier) one, in order."""
    if len(spans) == 1:
        return spans
    kept = _Spans()
    ranked = sorted(set(spans), key=lambda span: (span[0] - span[1], span[0]))
    return sorted(span for span in ranked if kept.add(*span))


def _settle(findings: list[Finding]) -> list[Finding]:
    """In reading order; of overlapping findings of one family only the gravest (else longest) stays."""
    grave = {severity: rank for rank, severity in enumerate(SEVERITIES)}
    taken: dict[tuple[str, Field], _Spans] = {}
    kept = []
    for finding in sorted(findings, key=lambda f: (grave[f.severity], f.start - f.end, f.start, f.rule_id)):
        if finding.start < 0 or taken.setdefault((finding.family, finding.field), _Spans()).add(
            finding.start, finding.end
        ):
            kept.append(finding)
    place = {name: rank for rank, name in enumerate((*TEXT_FIELDS, "images", "note"))}
    return sorted(kept, key=lambda f: (place[f.field], f.start, grave[f.severity], f.rule_id))
