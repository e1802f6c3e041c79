"""Whether a match is meant: a word of its own, in a context that does not exempt it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from creator_kit.review.anchors import measure
from creator_kit.review.composition import compose
from creator_kit.review.folding import fold
from creator_kit.review.hit import AS_WRITTEN, NoteInReview
from creator_kit.review.view import View

if TYPE_CHECKING:
    from creator_kit.review.rule import Rule

Span = tuple[int, int]

# Between two characters of one word nobody hides more than this; farther apart they are two words.
MAX_GAP = 6
# So near to a line break on both sides, in folded characters, two parts of a match still belong together.
_ACROSS_LINES = 2
SENTENCE_END = re.compile("[。！？!?\n；;]")
_CLAUSE_END = re.compile("[，。！？；：、,!?;]")


@dataclass(frozen=True)
class Contexts:
    """A rule's expressions, compiled."""

    pattern: re.Pattern[str] | None
    unless_inside: tuple[re.Pattern[str], ...]
    unless_near: re.Pattern[str] | None
    only_near: re.Pattern[str] | None
    unless_post: re.Pattern[str] | None
    only_post: re.Pattern[str] | None


def join_patterns(patterns: Sequence[str]) -> re.Pattern[str] | None:
    """One expression for all of ``patterns``; None for none."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns)) if patterns else None


def compile_contexts(rule: Rule) -> Contexts:
    """The expressions of ``rule``."""
    return Contexts(
        pattern=re.compile(rule.pattern) if rule.pattern else None,
        unless_inside=tuple(re.compile(pattern) for pattern in rule.unless_inside),
        unless_near=join_patterns(rule.unless_near),
        only_near=join_patterns(rule.only_near),
        unless_post=join_patterns(rule.unless_post),
        only_post=join_patterns(rule.only_post),
    )


def measure_reach(rule: Rule) -> int:
    """How many folded characters around a sign of ``rule`` its expressions may look at."""
    width, look = measure(rule.pattern) if rule.pattern else (0, 0)
    # Most contexts do not look around, and reading each of them takes long.
    looks = [measure(pattern)[1] for pattern in rule.unless_inside if "(?" in pattern.replace("(?:", "")]
    return rule.window + max([look, *looks, 2 * MAX_GAP]) + 1 + width + (rule.within if rule.parts else 0)


def stands(note: NoteInReview, rule: Rule, contexts: Contexts, view: View, start: int, end: int) -> bool:
    """Whether ``view.folded[start:end]`` is meant: whole Latin words, no wide gaps, no context that exempts it."""
    folded, text, origin = view.folded, view.text, view.origin
    if not rule.pattern and not rule.parts and not is_whole(view, start, end):
        return False
    if rule.only_altered or rule.unless_spelled:
        written = fold(text[origin[start] : origin[end - 1] + 1], AS_WRITTEN)
        if (rule.only_altered and written == folded[start:end]) or written in rule.unless_spelled:
            return False
        if rule.only_altered and _is_style(view, start, end):
            return False
    low, high = max(0, start - rule.window), end + rule.window
    for pattern in contexts.unless_inside:
        for match in pattern.finditer(folded, low, min(high, len(folded))):
            if match.start() < end and match.end() > start:
                return False
    if contexts.unless_near or contexts.only_near:
        near = _sentence(view, low, high, start, end)
        if contexts.unless_near and contexts.unless_near.search(near):
            return False
        if contexts.only_near and not contexts.only_near.search(near):
            return False
    if rule.only_in_ad and not note.sells:
        return False
    if contexts.unless_post and note.has(contexts.unless_post):
        return False
    return not (contexts.only_post and not note.has(contexts.only_post))


def join_parts(view: View, parts: Sequence[Sequence[Span]], within: int) -> dict[Span, tuple[Span, ...]]:
    """The places where spans of all ``parts`` stand together, each a whole word, within one sentence."""
    text, origin = view.text, view.origin

    def are_joined(end: int, start: int) -> bool:
        marks = SENTENCE_END.findall(text, origin[end - 1] + 1, origin[start])
        # A line that breaks right between the parts may be one sentence set in two.
        return not marks or (marks == ["\n"] and start - end <= _ACROSS_LINES)

    whole = [[span for span in part if is_whole(view, *span)] for part in parts]
    return {(row[0][0], row[-1][1]): row for row in compose(whole, within, are_joined)}


def is_altered(view: View, start: int, end: int) -> bool:
    """Whether the writer spelled ``folded[start:end]`` otherwise, width, case and traditional characters aside."""
    written = view.text[view.origin[start] : view.origin[end - 1] + 1]
    return fold(written, AS_WRITTEN) != view.folded[start:end]


def is_whole(view: View, start: int, end: int) -> bool:
    """Whether a match is a word of its own: no Latin letter touches it, and nothing wide parts it."""
    folded, origin = view.folded, view.origin
    for at in (start, end):
        if 0 < at < len(folded) and origin[at] == origin[at - 1] + 1 and _is_latin(folded[at - 1] + folded[at]):
            return False
    return origin[end - 1] - origin[start] == end - 1 - start or _is_one_word(view, start, end)


def _is_latin(piece: str) -> bool:
    return all("a" <= char <= "z" for char in piece)


def _is_one_word(view: View, start: int, end: int) -> bool:
    """Whether what stands between the characters of a match may hide a word: not much of it, and no full stop or
    comma in one place only (动作要快。手要稳 is two clauses, 公，众，号 is not)."""
    text, origin = view.text, view.origin
    gaps = [text[origin[at] + 1 : origin[at + 1]] for at in range(start, end - 1) if origin[at + 1] > origin[at]]
    if any(len(gap) > MAX_GAP for gap in gaps):
        return False
    if any(_CLAUSE_END.search(gap) for gap in gaps):
        if len(gaps) == 1:
            # 加，v，看，图: the mark stands between all characters around, too.
            gap, after = gaps[0], text[origin[end - 1] + 1 : origin[end - 1] + 2 + 2 * MAX_GAP]
            return after.startswith(gap) and after[len(gap) + 1 :].startswith(gap)
        return all(gaps)
    return True


def _is_style(view: View, start: int, end: int) -> bool:
    """Whether all of the line is set apart as the match is (微 信 读 书 笔 记): a way of writing, not of hiding."""
    text, origin = view.text, view.origin
    if start == 0 and end == len(origin):
        return False
    low, high = max(0, start - 1), min(len(origin), end + 1)
    gaps = {text[origin[at] + 1 : origin[at + 1]] for at in range(low, high - 1)}
    return len(gaps) == 1 and gaps != {""}


def _sentence(view: View, low: int, high: int, start: int, end: int) -> str:
    """The part of ``folded[low:high]`` that is in one sentence with ``start`` to ``end``; the text as it was written
    says where that begins and ends, for folding may have dropped the marks."""
    folded, text, origin = view.folded, view.text, view.origin
    high = min(high, len(folded))
    for match in SENTENCE_END.finditer(text, origin[low], origin[start]):
        low = bisect_left(origin, match.end(), low, start)
    cut = SENTENCE_END.search(text, origin[end - 1] + 1, origin[high - 1] + 1)
    return folded[low : bisect_left(origin, cut.start(), end, high) if cut else high]
