"""What must stand in a text for a regular expression to match it: a few literals that an automaton finds.

A rule's expression is run only around them. This is the prefilter of RE2 and Rust's regex crate: from the parse
tree come sets of strings of which every match contains one; the most telling set is taken.
"""

from __future__ import annotations

import math
import re
import re._constants as _c  # type: ignore[import-not-found]
import re._parser as _parser  # type: ignore[import-not-found]
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import Any

# A set of literals grows by the product of what may follow one another; up to here it pays.
MAX_PRODUCT = 400
MAX_ANCHORS = 4_000
_MAX_CLASS = 64
# How many strings to ask for are asked for, and how often, before an expression is run at all.
_MAX_NEEDS, _N_NEEDS = 200, 2
# So many sets are made of those that the branches of an alternation need.
_MAX_BRANCH_NEEDS = 2
# A second set of anchors that stands at more than one place in so many would tell little.
_MAX_SECOND_RATE = 0.05
# A given letter or digit, a given Chinese character: how often they stand at a place of a note, roughly.
_LATIN_RATE, _CHINESE_RATE = 0.01, 0.002
# Put before a literal that no Latin letter may precede, and behind one that none may follow.
_NO_LETTER_BEFORE, _NO_LETTER_AFTER = "\0", "\1"
_MARKS = {0: None, 1: None}
_REPEATS = (_c.MAX_REPEAT, _c.MIN_REPEAT, _c.POSSESSIVE_REPEAT)


@dataclass(frozen=True, slots=True)
class Anchor:
    """A literal, folded, of which a match contains at least one; and whether a Latin letter beside it rules it out."""

    literal: str
    no_letter_before: bool = False
    no_letter_after: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """What is known of a piece of an expression.

    ``exact``: all that it can match (None: too much to list). ``needs``: sets of strings, one string of each of
    them is in every match. ``edge``: what every match both begins and ends with one of.
    """

    exact: frozenset[str] | None = None
    needs: tuple[frozenset[str], ...] = ()
    edge: frozenset[str] = field(default=frozenset({""}))


def find_anchors(pattern: str, fold: Callable[[str], str]) -> list[Anchor] | None:
    """Anchors of ``pattern`` after ``fold``; None when there are none or too many."""
    sets = find_anchor_sets(pattern, fold)
    return sets[0] if sets else None


def find_anchor_sets(pattern: str, fold: Callable[[str], str]) -> list[list[Anchor]]:
    """Up to two sets of anchors of ``pattern`` after ``fold``, the most telling first: every match holds one of each.

    A second set is given where it tells something of its own: it shares no string with the first, and it is rare.
    """
    ranked = _rank(_read_sequence(_parser.parse(pattern), fold).needs, fold)
    if not ranked:
        return []
    sets = [sorted({_parse_anchor(text, fold) for text in ranked[0][1]}, key=repr)]
    first = [anchor.literal for anchor in sets[0]]
    for score, need in ranked[1:]:
        if score < -_MAX_SECOND_RATE:
            break
        second = {_parse_anchor(text, fold) for text in need}
        if not any(anchor.literal in text or text in anchor.literal for anchor in second for text in first):
            sets.append(sorted(second, key=repr))
            break
    return sets


def find_needs(pattern: str) -> list[frozenset[str]]:
    """Sets of strings, one string of each of which is in every match of ``pattern``."""
    needs = _read_sequence(_parser.parse(pattern), str).needs
    sets = dict.fromkeys(frozenset(text.translate(_MARKS) for text in need) for need in needs)
    return [texts for texts in sets if "" not in texts and len(texts) <= _MAX_NEEDS]


@lru_cache(maxsize=2_000)
def compile_needs(pattern: str) -> list[re.Pattern[str]]:
    """Plain expressions, each of which is found in every text that ``pattern`` matches; the most telling first."""
    plain: dict[str, int] = {}
    for texts in find_needs(pattern):
        # Whatever holds 涨了 holds 涨.
        least = [text for text in sorted(texts) if not any(part != text and part in text for part in texts)]
        plain["|".join(map(re.escape, least))] = min(map(len, least))
    ranked = sorted(plain, key=lambda text: (-plain[text], len(text)))
    return [re.compile(text) for text in ranked[:_N_NEEDS]]


def measure(pattern: str) -> tuple[int, int]:
    """The longest match of ``pattern`` in characters, and how far it looks around beyond it."""
    tree = _parser.parse(pattern)
    return int(tree.getwidth()[1]), _look_width(tree)


def _parse_anchor(text: str, fold: Callable[[str], str]) -> Anchor:
    literal = fold(text.translate(_MARKS))
    return Anchor(literal, text.startswith(_NO_LETTER_BEFORE), text.endswith(_NO_LETTER_AFTER))


def _score(texts: Iterable[str], fold: Callable[[str], str]) -> float | None:
    """Minus how often, by a rough guess, one of ``texts`` stands at a given place of a text; None for too often."""
    folded = {fold(text.translate(_MARKS)) for text in texts}
    if "" in folded or len(folded) > MAX_ANCHORS:
        return None
    return -math.fsum(map(_guess_rate, folded))


def _guess_rate(text: str) -> float:
    rate = 1.0
    for char in text:
        rate *= _LATIN_RATE if char.isascii() else _CHINESE_RATE
    return rate


def _rank(needs: Iterable[frozenset[str]], fold: Callable[[str], str]) -> list[tuple[float, frozenset[str]]]:
    """``needs`` with what they score, the most telling first."""
    scored = [(score, need) for need in needs if need and (score := _score(need, fold)) is not None]
    return sorted(scored, key=lambda pair: -pair[0])


def _join(left: Iterable[str], right: Iterable[str]) -> frozenset[str]:
    """Each of ``left`` with each of ``right`` behind it; marks that come to stand within say nothing any more."""
    joined = set()
    for a, b in product(left, right):
        if a.strip("\0\1"):
            b = b.lstrip(_NO_LETTER_BEFORE)
        if b.strip("\0\1"):
            a = a.rstrip(_NO_LETTER_AFTER)
        joined.add(a + b)
    return frozenset(joined)


def _read_sequence(tree: Any, fold: Callable[[str], str]) -> _Part:
    run = frozenset({""})
    needs: list[frozenset[str]] = []
    is_exact = True
    for op, value in tree:
        part = _read_node(op, value, fold)
        if part.exact is not None and len(run) * len(part.exact) <= MAX_PRODUCT:
            run = _join(run, part.exact)
            continue
        is_exact = False
        edge = part.exact if part.exact is not None else part.edge
        needs.append(_join(run, edge) if len(run) * len(edge) <= MAX_PRODUCT else run)
        needs.extend(part.needs)
        run = edge
    needs.append(run)
    return _Part(run if is_exact else None, tuple(needs))


def _read_node(op: Any, value: Any, fold: Callable[[str], str]) -> _Part:
    if op is _c.LITERAL:
        return _Part(frozenset({chr(value)}))
    if op is _c.IN:
        return _Part(list_class(value))
    if op in (_c.ASSERT_NOT, _c.ASSERT, _c.AT):
        return _Part(frozenset({_read_guard(op, value)}))
    if op is _c.SUBPATTERN:
        return _read_sequence(value[-1], fold)
    if op is _c.ATOMIC_GROUP:
        return _read_sequence(value, fold)
    if op is _c.BRANCH:
        return _read_branches([_read_sequence(branch, fold) for branch in value[1]], fold)
    if op in _REPEATS:
        return _read_repeat(value[0], value[1], _read_sequence(value[2], fold))
    return _Part()


def _read_branches(parts: list[_Part], fold: Callable[[str], str]) -> _Part:
    if all(part.exact is not None for part in parts):
        exact = frozenset().union(*(part.exact or () for part in parts))
        if len(exact) <= MAX_PRODUCT:
            return _Part(exact)
    ranked = [_rank(part.needs, fold) for part in parts]
    if not all(ranked):
        return _Part()
    # One need of each branch: all of their best, and all of what else they ask for.
    n_needs = min(_MAX_BRANCH_NEEDS, max(map(len, ranked)))
    return _Part(
        None,
        tuple(frozenset().union(*(each[min(at, len(each) - 1)][1] for each in ranked)) for at in range(n_needs)),
    )


def _read_repeat(low: int, high: int, inner: _Part) -> _Part:
    if inner.exact is not None:
        powers: set[str] = set()
        power, n = frozenset({""}), 0
        for n in range(high + 1):
            if n >= low:
                powers |= power
            if n == high or len(powers) + len(power) * len(inner.exact) > MAX_PRODUCT:
                break
            power = _join(power, inner.exact)
        if n == high:
            return _Part(frozenset(powers))
        return _Part(None, (inner.exact,), inner.exact) if low else _Part()
    return _Part(None, inner.needs, inner.edge) if low else _Part()


def list_class(items: Any) -> frozenset[str] | None:
    """The characters of a class of the parse tree; None for a long one and for what is no list (``[^…]``, ``\\w``)."""
    characters: set[str] = set()
    for op, value in items:
        if op is _c.LITERAL:
            characters.add(chr(value))
        elif op is _c.RANGE and value[1] - value[0] < _MAX_CLASS:
            characters.update(map(chr, range(value[0], value[1] + 1)))
        else:
            return None  # a negation, a category or a script
    return frozenset(characters) if len(characters) <= _MAX_CLASS else None


def _read_guard(op: Any, value: Any) -> str:
    """The mark of an assertion that no Latin letter stands here, "" for any other."""
    if op is not _c.ASSERT_NOT or len(value[1]) != 1 or value[1][0][0] is not _c.IN:
        return ""
    if (_c.RANGE, (ord("a"), ord("z"))) not in value[1][0][1] or value[1][0][1][0][0] is _c.NEGATE:
        return ""
    return _NO_LETTER_BEFORE if value[0] < 0 else _NO_LETTER_AFTER


def _look_width(tree: Any) -> int:
    widest = 0
    for op, value in tree:
        inner: list[Any] = []
        if op in (_c.ASSERT, _c.ASSERT_NOT):
            widest = max(widest, int(value[1].getwidth()[1]))
            inner = [value[1]]
        elif op is _c.BRANCH:
            inner = value[1]
        elif op is _c.SUBPATTERN:
            inner = [value[-1]]
        elif op is _c.ATOMIC_GROUP:
            inner = [value]
        elif op in _REPEATS:
            inner = [value[2]]
        for each in inner:
            widest = max(widest, _look_width(each))
    return max(widest, 1)
