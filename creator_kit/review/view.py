"""A part of a text, folded, with as much around a candidate as a rule wants to see."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property

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


def fold_views(text: str, table: FoldTable, places: Sequence[tuple[int, int, int]]) -> Iterator[View]:
    """Views of ``text`` that show each place (first and last character, reach), in order, one at a time.

    A place is seen with ``reach`` folded characters on either side, or up to the ends of the text; places that
    are near share a view.
    """
    if len(text) <= SHORT:
        if places:
            yield fold_view(text, table)
        return
    regions: list[list[int]] = []
    for left, right, reach in sorted(places):
        margin = 2 * reach + _SLACK
        last = regions[-1] if regions else None
        if last is not None and left - margin <= last[1] and last[1] - last[0] < _MAX_LENGTH:
            last[1] = max(last[1], right + 1 + margin)
            last[3], last[4] = max(last[3], right), max(last[4], reach)
        else:
            regions.append([max(0, left - margin), right + 1 + margin, left, right, reach])
    for region in regions:
        yield _fold_region(text, table, *region)


def _fold_region(text: str, table: FoldTable, low: int, high: int, left: int, right: int, reach: int) -> View:
    while True:
        before, after = fold(text[low:left], table), fold(text[right + 1 : high], table)
        if (len(before) >= reach or low == 0) and (len(after) >= reach or high >= len(text)):
            return View(text[low:high], low, before + fold(text[left : right + 1], table) + after, table)
        # Much is dropped here: look farther.
        low = low if len(before) >= reach else max(0, low - 4 * (left - low))
        high = high if len(after) >= reach else high + 4 * (high - right)
