"""A part of a text, folded, with as much around a candidate as a rule wants to see."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

from creator_kit.review.folding import FoldTable, fold, map_positions

# Characters that folding drops come on top of those that a rule wants to see; so many are allowed for at first.
_SLACK = 24
# Where every place is a candidate a text is looked at in pieces of about this length.
_MAX_LENGTH = 20_000


@dataclass(frozen=True, slots=True)
class View:
    """``text`` begins at character ``begin`` of a field; each folded character comes from ``text[origin[…]]``."""

    text: str
    begin: int
    folded: str
    origin: list[int]

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


def fold_view(text: str, table: FoldTable, low: int = 0, high: int | None = None) -> View:
    """The characters ``low`` to ``high`` of ``text`` folded by ``table``."""
    part = text[low:high]
    return View(part, low, fold(part, table), map_positions(part, table))


def fold_views(text: str, table: FoldTable, places: Iterable[tuple[int, int, int]]) -> list[View]:
    """Views of ``text`` that show each place (first and last character, reach), in order.

    A place is seen with ``reach`` folded characters on either side, or up to the ends of the text; places that
    are near share a view.
    """
    regions: list[list[int]] = []
    for left, right, reach in sorted(places):
        margin = 2 * reach + _SLACK
        last = regions[-1] if regions else None
        if last is not None and left - margin <= last[1] and last[1] - last[0] < _MAX_LENGTH:
            last[1] = max(last[1], right + 1 + margin)
            last[3], last[4] = max(last[3], right), max(last[4], reach)
        else:
            regions.append([max(0, left - margin), right + 1 + margin, left, right, reach])
    return [_fold_region(text, table, *region) for region in regions]


def _fold_region(text: str, table: FoldTable, low: int, high: int, left: int, right: int, reach: int) -> View:
    while True:
        view = fold_view(text, table, low, high)
        n_before = bisect_left(view.origin, left - low)
        n_after = len(view.origin) - bisect_left(view.origin, right + 1 - low)
        if (n_before >= reach or low == 0) and (n_after >= reach or high >= len(text)):
            return view
        # Much is dropped here: look farther.
        low = max(0, low - 4 * (left - low)) if n_before < reach else low
        high = high + 4 * (high - right) if n_after < reach else high
