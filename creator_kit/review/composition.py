"""A match that is made of parts: a channel and an action near it say together what neither says alone."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import permutations

Span = tuple[int, int]


def compose(
    parts: Sequence[Sequence[Span]], within: int, are_joined: Callable[[int, int], bool] | None = None
) -> list[tuple[Span, ...]]:
    """The places where one span of each of ``parts`` stand in a row, in any order, at most ``within`` apart.

    ``are_joined(end, start)`` may deny that a span that ends at ``end`` goes with the next one at ``start`` (a full
    stop is between them). Each result holds its spans from left to right; for each leftmost span and each order of
    the parts only the nearest row is given, so the work grows with the number of spans and no faster.
    """
    found: set[tuple[Span, ...]] = set()
    ordered = [sorted(set(part)) for part in parts]
    for order in permutations(range(len(ordered))):
        for first in ordered[order[0]]:
            row = [first]
            for part in order[1:]:
                follower = _next(ordered[part], row[-1][1], within, are_joined)
                if follower is None:
                    break
                row.append(follower)
            else:
                found.add(tuple(row))
    return sorted(found)


def _next(spans: Sequence[Span], end: int, within: int, are_joined: Callable[[int, int], bool] | None) -> Span | None:
    """The first of ``spans`` that begins at ``end`` or up to ``within`` after it; of those the longest."""
    at = bisect_left(spans, (end, 0))
    if at == len(spans) or spans[at][0] > end + within:
        return None
    start = spans[at][0]
    if are_joined is not None and not are_joined(end, start):
        return None
    last = at
    while last + 1 < len(spans) and spans[last + 1][0] == start:
        last += 1
    return spans[last]
