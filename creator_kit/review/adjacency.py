"""Which characters may stand side by side in what a regular expression matches: 瘦 before 十, 某 before 宝.

The follow sets of Glushkov's construction (1961), read off the parse tree. What may be any character has no
neighbours that would say something; a gap that may be empty has none of its own.
"""

from __future__ import annotations

import re._constants as _c  # type: ignore[import-not-found]
import re._parser as _parser  # type: ignore[import-not-found]
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from creator_kit.review.anchors import list_class

_REPEATS = (_c.MAX_REPEAT, _c.MIN_REPEAT, _c.POSSESSIVE_REPEAT)
_GUARDS = (_c.ASSERT, _c.ASSERT_NOT, _c.AT)


@dataclass(frozen=True)
class _Edges:
    """What a piece may begin and end with, and whether it may be empty."""

    first: frozenset[str] = frozenset()
    last: frozenset[str] = frozenset()
    may_be_empty: bool = True


def adjacent_pairs(pattern: str) -> set[str]:
    """Pairs of characters, as strings of two, that may be neighbours in a match of ``pattern``."""
    pairs: set[str] = set()
    _read_sequence(_parser.parse(pattern), pairs)
    return pairs


def _cross(left: Iterable[str], right: Iterable[str], pairs: set[str]) -> None:
    right = tuple(right)
    pairs.update(a + b for a in left for b in right)


def _read_sequence(tree: Any, pairs: set[str]) -> _Edges:
    edges = _Edges()
    for op, value in tree:
        if op not in _GUARDS:
            edges = _follow(edges, _read_node(op, value, pairs), pairs)
    return edges


def _follow(left: _Edges, right: _Edges, pairs: set[str]) -> _Edges:
    _cross(left.last, right.first, pairs)
    return _Edges(
        left.first | right.first if left.may_be_empty else left.first,
        left.last | right.last if right.may_be_empty else right.last,
        left.may_be_empty and right.may_be_empty,
    )


def _read_node(op: Any, value: Any, pairs: set[str]) -> _Edges:
    if op is _c.LITERAL:
        return _Edges(frozenset({chr(value)}), frozenset({chr(value)}), False)
    if op is _c.IN:
        characters = list_class(value) or frozenset()  # a long class says as little as any character
        return _Edges(characters, characters, False)
    if op is _c.SUBPATTERN:
        return _read_sequence(value[-1], pairs)
    if op is _c.ATOMIC_GROUP:
        return _read_sequence(value, pairs)
    if op is _c.BRANCH:
        branches = [_read_sequence(branch, pairs) for branch in value[1]]
        return _Edges(
            frozenset().union(*(branch.first for branch in branches)),
            frozenset().union(*(branch.last for branch in branches)),
            any(branch.may_be_empty for branch in branches),
        )
    if op in _REPEATS:
        low, high, inner = value
        edges = _read_sequence(inner, pairs)
        if high > 1:
            _cross(edges.last, edges.first, pairs)
        return _Edges(edges.first, edges.last, edges.may_be_empty or low == 0)
    return _Edges(may_be_empty=False)  # any character
