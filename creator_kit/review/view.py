"""A part of a text, folded, with as much around a candidate as a rule wants to see."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any

from creator_kit.review.folding import FoldTable, fold, map_positions

# Characters that folding drops come on top of those that a rule wants to see; so many are allowed for at first.
_SLACK = 24
# A text of so few characters is looked at whole.
SHORT = 80
# Where every place is a candidate a text is looked at in pieces of about this length.
_MAX_LENGTH = 20_000


class View:
    """``text`` begins at character ``begin`` of a field; ``folded`` is its folding by ``table``."""

    def __init__(self, text: str, begin: int, folded: str, table: FoldTable) -> None:
        self.text = text
        self.begin = begin
        self.folded = folded
        self._table = table

    @cached_property
    def origin(self) -> list[int]:
        """For each folded character the one of ``text`` that it comes from."""
        return map_positions(self.text, self._table)

    def locate(self, left: int, right: int, term: str, lead: int) -> tuple[int, int] | None:
        """Where ``term`` lies in ``folded``, if the field's characters ``left`` to ``right`` (its last) spell it.

        ``lead`` of its characters stand before ``left``, since the scan does not see them.
        """
        origin, n = self.origin, len(term)
        left, right = left - self.begin, right - self.begin
        at = bisect_left(origin, left)
        while at < len(origin) and origin[at] == left:
            start = at - lead
            if start >= 0 and self.folded.startswith(term, start):
                return start, start + n
            at += 1  # one character may have become several
        return None


def fold_view(text: str, table: FoldTable) -> View:
    """All of ``text``, folded by ``table``."""
    return View(text, 0, fold(text, table), table)


Place = tuple[Any, ...]
"""First and last character, and how many folded characters around them are to be seen; then what the caller likes."""


def fold_views(text: str, table: FoldTable, places: Sequence[Place]) -> Iterator[View]:
    """Views of ``text`` that show each place, in order, one at a time."""
    return (view for view, _own, _shown in fold_places(text, table, places))


def fold_places(
    text: str, table: FoldTable, places: Sequence[Place], *, close: bool = False
) -> Iterator[tuple[View, Sequence[Place], Sequence[Place]]]:
    """Views of ``text``, in order, one at a time, with the places for which each was made and those that it shows.

    A place for which a view was made is seen with its reach of folded characters on either side, or up to the ends of
    the text; places that are near share a view. With ``close`` a view shows little more than asked for.
    """
    if not places:
        return
    if len(text) <= SHORT:
        yield fold_view(text, table), places, places
        return
    ordered = sorted(places, key=itemgetter(0, 1)) if len(places) > 1 else places
    n_places = len(ordered)
    begin = 0
    while begin < n_places:
        left, right, reach = ordered[begin][:3]
        margin = (reach if close else 2 * reach) + _SLACK
        low, high, last, widest = max(0, left - margin), right + 1 + margin, right, reach
        end = begin + 1
        while end < n_places:
            place = ordered[end]
            reach = place[2]
            margin = (reach if close else 2 * reach) + _SLACK
            if place[0] - margin > high or high - low >= _MAX_LENGTH:
                break
            high, last, widest = max(high, place[1] + 1 + margin), max(last, place[1]), max(widest, reach)
            end += 1
        view = _fold_region(text, table, low, high, left, last, widest)
        own = shown = ordered[begin:end]
        # Where much is dropped a view grows until it shows other places, too.
        first, behind, stop = begin, end, view.begin + len(view.text)
        while first and ordered[first - 1][0] >= view.begin:
            first -= 1
        while behind < n_places and ordered[behind][0] < stop:
            behind += 1
        if behind - first > end - begin:
            shown = [place for place in ordered[first:behind] if place[1] < stop]
        yield view, own, shown
        begin = end


def _fold_region(text: str, table: FoldTable, low: int, high: int, left: int, right: int, reach: int) -> View:
    while True:
        before, after = fold(text[low:left], table), fold(text[right + 1 : high], table)
        if (len(before) >= reach or low == 0) and (len(after) >= reach or high >= len(text)):
            return View(text[low:high], low, before + fold(text[left : right + 1], table) + after, table)
        # Much is dropped here: look farther.
        low = low if len(before) >= reach else max(0, low - 4 * (left - low))
        high = high if len(after) >= reach else high + 4 * (high - right)
