"""Rules compiled once: one scan of a text for all of them, contexts looked at only around what it finds."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, repeat
from typing import TYPE_CHECKING

from creator_kit.review.candidates import Candidate, CandidateFinder, keep_near
from creator_kit.review.checks import CHECKS, GATES
from creator_kit.review.contexts import join_patterns
from creator_kit.review.finding import Field, Finding, PostText
from creator_kit.review.folding import fold
from creator_kit.review.hit import LIGHT, Check, NoteInReview, find_traits
from creator_kit.review.judging import Judge
from creator_kit.review.scanned import LongScanned, Scanned
from creator_kit.review.settling import settle
from creator_kit.review.tables import compile_rules
from creator_kit.review.view import fold_views

if TYPE_CHECKING:
    from creator_kit.review.originality import KnownTexts
    from creator_kit.review.rule import Rule

# Notes that are scanned together: enough to share the cost of a call, few enough to stay in the processor's cache.
BATCH_SIZE = 64
# No match is longer than this, whatever was put between its characters.
_FAR = 2_000
# At most so many words that may sell are looked at at a time; one at first, since that is often enough, and to find
# many takes reading a long text to its end.
_N_SPOTS = 64


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
        self._commerce = join_patterns(commerce)
        self._compiled, self._scanner, signs, self._commerce_reach = compile_rules(rules, sounds, commerce)
        self._by_index = {compiled.index: compiled for compiled in self._compiled}
        self._finder = CandidateFinder(self._compiled, signs, self._scanner.classify)
        self._judge = Judge(self._compiled, describe_source)
        self._checked = [(GATES.get(rule.check), rule, CHECKS[rule.check]) for rule in rules if rule.check]
        self._gates = 0
        for gate, _rule, _check in self._checked:
            self._gates |= gate or 0
        self._awake: dict[int, list[tuple[Rule, Check]]] = {}

    def check(
        self, post: PostText, *, facts: Sequence[str] | None = None, known: KnownTexts | None = None
    ) -> list[Finding]:
        """Findings in ``post``, ordered by field and position, the gravest first where they share a place."""
        scan = self._scanner.scan_one
        return self._check(post, [(name, scan(text)) for name, text in post.texts()], facts, known)

    def check_all(
        self,
        posts: Sequence[PostText],
        *,
        facts: Sequence[str] | None = None,
        known: Sequence[KnownTexts | None] | None = None,
    ) -> list[list[Finding]]:
        """The findings in each of ``posts``: what ``check`` gives, at a fraction of the cost where they are short;
        ``known`` are what each must not repeat."""
        found = []
        others = iter(known if known is not None else repeat(None))
        for begin in range(0, len(posts), BATCH_SIZE):
            batch = posts[begin : begin + BATCH_SIZE]
            fields = [post.texts() for post in batch]
            scanned = iter(self._scanner.scan_all([text for present in fields for _name, text in present]))
            for post, present in zip(batch, fields, strict=True):
                found.append(self._check(post, [(name, next(scanned)) for name, _text in present], facts, next(others)))
        return found

    def check_words(self, post: PostText, near: Mapping[Field, Sequence[tuple[int, int]]]) -> list[Finding]:
        """What the rules for words find in ``post`` near the given places (start and end, in order) of its fields;
        nothing where none of it takes in such a place."""
        scan = self._scanner.scan_one
        scanned = [(name, scan(text)) for name, text in post.texts()]
        note = NoteInReview(post, scanned, has_commerce=self._sells)
        findings: list[Finding] = []
        for name, text in scanned:
            places = near.get(name, ())
            if not places:
                continue
            # First only what may take in a place: for the most part nothing does.
            by_rule = self._find_near(note, name, text, places, self._finder.extent)
            close = {
                index: some
                for index, each in by_rule.items()
                if (some := keep_near(text, each, places, self._by_index[index].extent))
            }
            taken_in = _find_taken_in(self._judge.find(note, name, text.text, close), places)
            if taken_in:
                if isinstance(text, LongScanned):
                    by_rule = self._find_near(note, name, text, taken_in, 4 * self._finder.extent)
                around = {index: some for index, each in by_rule.items() if (some := _near(each, taken_in))}
                findings.extend(self._judge.find(note, name, text.text, around))
        return settle(findings)

    def _find_near(
        self, note: NoteInReview, name: Field, text: Scanned, places: Sequence[tuple[int, int]], reach: int
    ) -> dict[int, list[Candidate]]:
        """By rule the candidates of a text; of a long one only those that have a place within ``reach`` kept
        characters."""
        if not isinstance(text, LongScanned):
            return self._find(note, name, text, self._finder.read(text))
        by_rule: dict[int, list[Candidate]] = {}
        for low, high in text.surround(places, reach):
            part = self._scanner.scan_one(text.text[low:high])
            for index, candidates in self._find(note, name, part, self._finder.read(part)).items():
                by_rule.setdefault(index, []).extend(
                    (low + left, low + right, sign) for left, right, sign in candidates
                )
        return by_rule

    def _check(
        self,
        post: PostText,
        scanned: Sequence[tuple[Field, Scanned]],
        facts: Sequence[str] | None,
        known: KnownTexts | None,
    ) -> list[Finding]:
        finder = self._finder
        note: NoteInReview | None = None
        findings: list[Finding] = []
        for name, text in scanned:
            signs = finder.read(text)
            if finder.concern(name, signs):
                if note is None:
                    note = NoteInReview(post, scanned, facts, known, self._sells)
                by_rule = self._find(note, name, text, signs)
                if by_rule or self._judge.everywhere:
                    findings.extend(self._judge.find(note, name, text.text, by_rule))
        checks = self._wake(find_traits(post, scanned, facts, known) & self._gates)
        if checks:
            if note is None:
                note = NoteInReview(post, scanned, facts, known, self._sells)
            for rule, check in checks:
                for hit in check(note, rule.options):
                    findings.append(self._judge.describe(rule, note, hit))
        return settle(findings) if findings else findings

    def _find(self, note: NoteInReview, name: Field, text: Scanned, signs: int) -> dict[int, list[Candidate]]:
        """By rule the candidates of a text; rules for advertisements only where it is one."""
        rules = self._finder.concern(name, signs)
        if rules & self._finder.only_in_ads and not note.sells:
            rules &= ~self._finder.only_in_ads
        return self._finder.find(name, text, rules) if rules else {}

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
        reach = self._commerce_reach
        for _name, scanned in note.scanned:
            if reach is None:
                if self._commerce.search(fold(scanned.text, LIGHT)):
                    return True
            elif self._finder.may_sell(self._finder.read(scanned)):
                for spots in _batched(self._finder.find_commerce(scanned), _N_SPOTS):
                    places = [(left, right, reach) for left, right in spots]
                    if any(self._commerce.search(view.folded) for view in fold_views(scanned.text, LIGHT, places)):
                        return True
        return False


def _near(candidates: list[Candidate], places: Sequence[tuple[int, int]]) -> list[Candidate]:
    """Those of ``candidates`` that are not far from one of ``places``."""
    kept = []
    for candidate in candidates:
        before = bisect_left(places, (candidate[1] + _FAR, 0))
        if before and places[before - 1][1] + _FAR > candidate[0]:
            kept.append(candidate)
    return kept


def _find_taken_in(findings: Iterable[Finding], places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Those of ``places`` that share a character with one of ``findings`` or touch it, in order."""
    taken_in: set[int] = set()
    for finding in findings:
        before = bisect_left(places, (finding.end + 1, 0))
        while before and places[before - 1][1] >= finding.start:
            before -= 1
            taken_in.add(before)
    return [places[at] for at in sorted(taken_in)]


def _batched(spots: Iterator[tuple[int, int]], most: int) -> Iterator[list[tuple[int, int]]]:
    n = 1
    while batch := list(islice(spots, n)):
        yield batch
        n = min(2 * n, most)
