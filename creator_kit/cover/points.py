"""Lists on a cover: points with numbers, ticks or dots, steps on a line, chat bubbles, and two columns."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from creator_kit.cover.boxes import Box, PlateBox, TextBox, place_text
from creator_kit.cover.fonts import Fonts
from creator_kit.cover.palette import Palette
from creator_kit.cover.spec import Item
from creator_kit.cover.typeset import SetText, TextStyle, TextTooLongError, set_text_at
from creator_kit.errors import UsageError
from creator_kit.locale import _

# Widths of the marker's column and heights of the marker, in em of the list's type.
_MARKER_COLUMN_EM = {
    "number": 2.05,
    "disc": 2.15,
    "check": 1.75,
    "dot": 1.0,
    "steps": 2.45,
    "bubbles": 0.0,
    "columns": 0.0,
}
_MARKER_HEIGHT_EM = {"number": 1.35, "disc": 1.5, "check": 1.1, "dot": 0.42, "steps": 1.6}
_CARD_PAD_X_EM, _CARD_PAD_Y_EM = 0.7, 0.5
_BUBBLE_WIDTH_RATE = 0.84
# A list of one-line points reads at a glance: it is taken down to this share of the size that two lines would allow.
_SINGLE_LINE_WORTH = 0.7
# A line that ends within a clause costs this much of the logarithm of the size, shared among the points; sizes are
# tried down to the last share of the largest one.
_TORN_LINE_COST, _LEAST_SHARE, _SIZE_STEP = 0.25, 0.75, 0.96
_CLAUSE_ENDS = tuple("，。！？；：、…,.!?;:")
_SPLIT = re.compile(r"\s*[｜|]\s*")


@dataclass(frozen=True, slots=True)
class ListStyle:
    """How a list is set: the item of the layout and its text style in pixels."""

    item: Item
    style: TextStyle
    unit_px: int
    first_number: int = 1


@dataclass(frozen=True, slots=True)
class SetPoints:
    """A list at its size. ``rows`` are the texts of each row (two of them for columns)."""

    style: ListStyle
    fonts: Fonts
    size_px: int
    rows: tuple[tuple[SetText, ...], ...]
    row_heights_px: tuple[int, ...]
    gap_px: int
    height_px: int

    def place(self, region: Box, top: int, palette: Palette) -> tuple[list[PlateBox], list[TextBox]]:
        """The list's plates and texts from ``top`` downwards within ``region``."""
        plates: list[PlateBox] = []
        texts: list[TextBox] = []
        y = top
        for i, (row, height) in enumerate(zip(self.rows, self.row_heights_px, strict=True)):
            marker = self.style.item.marker
            if marker == "bubbles":
                self._place_bubble(i, row[0], region, y, palette, plates, texts)
            elif marker == "columns":
                self._place_columns(row, region, y, height, palette, plates, texts)
            else:
                self._place_row(i, row[0], region, y, height, palette, plates, texts)
            y += height + self.gap_px
        return plates, texts

    def _em(self, value: float) -> int:
        return round(value * self.size_px)

    def _place_row(
        self,
        i: int,
        text: SetText,
        region: Box,
        y: int,
        height: int,
        palette: Palette,
        plates: list[PlateBox],
        texts: list[TextBox],
    ) -> None:
        item = self.style.item
        left, right = region[0], region[2]
        if item.row_fill:
            plates.append(PlateBox((left, y, right, y + height), self._em(0.45), palette.rgb(item.row_fill), "points"))
            left, right = left + self._em(_CARD_PAD_X_EM), right - self._em(_CARD_PAD_X_EM)
        if item.row_line and i < len(self.rows) - 1:
            foot = y + height + self.gap_px // 2
            thick = max(round(0.0022 * self.style.unit_px), 2)
            start = left + self._em(_MARKER_COLUMN_EM[item.marker]) if item.marker == "steps" else left
            plates.append(PlateBox((start, foot, right, foot + thick), 0, palette.rgb(item.row_line), "points"))
        self._place_marker(i, left, y, height, palette, plates, texts)
        if item.marker == "steps" and i < len(self.rows) - 1:
            x = left + self._em(_MARKER_HEIGHT_EM["steps"]) // 2
            half = max(round(0.003 * self.style.unit_px), 2)
            bottom = y + height + self.gap_px + self.row_heights_px[i + 1] // 2
            line = PlateBox(
                (x - half, y + height // 2, x + half, bottom), half, palette.rgb(item.row_line or "line"), "points"
            )
            plates.insert(0, line)
        texts.append(
            place_text(
                text,
                role="points",
                region=region,
                left=left + self._em(_MARKER_COLUMN_EM[item.marker]),
                right=right,
                top=y + (height - text.height_px) // 2,
                align="left",
                weight=item.weight,
                colour=palette.rgb(item.colour),
                emphasis_colour=palette.rgb(item.emphasis_colour),
            )
        )

    def _place_marker(
        self, i: int, left: int, y: int, height: int, palette: Palette, plates: list[PlateBox], texts: list[TextBox]
    ) -> None:
        item = self.style.item
        tall = self._em(_MARKER_HEIGHT_EM[item.marker])
        box = (left, y + (height - tall) // 2, left + tall, y + (height - tall) // 2 + tall)
        number = self.style.first_number + i
        word = {"number": f"{number:02d}", "check": "✓", "dot": ""}.get(item.marker, str(number))
        if item.marker != "number":
            radius = tall // 4 if item.marker == "check" else tall // 2
            plates.append(PlateBox(box, radius, palette.rgb(item.marker_fill), "points"))
        if not word:
            return
        scale = {"number": 1.25, "check": 0.85}.get(item.marker, 0.9)
        style = replace(self.style.style, weight=900, max_lines=1, emphasis="none", tracking=0.0)
        found = set_text_at(word, style, self.fonts, size_px=max(self._em(scale), 8), width_px=10 * tall)
        assert found is not None
        centre = left + tall // 2
        colour = palette.rgb(item.marker_fill if item.marker == "number" else item.marker_colour)
        ink_top, ink_bottom = _ink(found)
        texts.append(
            place_text(
                found,
                role="marker",
                region=box,
                left=left if item.marker == "number" else centre - found.width_px // 2,
                right=left + found.width_px if item.marker == "number" else centre + found.width_px,
                top=y + height // 2 - (ink_top + ink_bottom) // 2,
                align="left",
                weight=900,
                colour=colour,
                emphasis_colour=colour,
            )
        )

    def _place_bubble(
        self,
        i: int,
        text: SetText,
        region: Box,
        y: int,
        palette: Palette,
        plates: list[PlateBox],
        texts: list[TextBox],
    ) -> None:
        item = self.style.item
        mine = i % 2 == 1
        pad_x, pad_y = self._em(_CARD_PAD_X_EM), self._em(_CARD_PAD_Y_EM)
        width = text.width_px + 2 * pad_x
        left = region[2] - width if mine else region[0]
        box = (left, y, left + width, y + text.height_px + 2 * pad_y)
        fill = palette.rgb(item.marker_fill if mine else item.row_fill or "surface")
        colour = palette.rgb(item.marker_colour if mine else item.colour)
        # The tail: a small square that makes one corner of the bubble sharp.
        corner = self._em(0.6)
        tail_left = box[2] - corner if mine else box[0]
        plates.append(PlateBox((tail_left, box[3] - corner, tail_left + corner, box[3]), self._em(0.1), fill, "points"))
        plates.append(PlateBox(box, self._em(0.75), fill, "points"))
        texts.append(
            place_text(
                text,
                role="points",
                region=region,
                left=box[0] + pad_x,
                right=box[2] - pad_x,
                top=y + pad_y,
                align="left",
                weight=item.weight,
                colour=colour,
                emphasis_colour=colour if mine else palette.rgb(item.emphasis_colour),
            )
        )

    def _place_columns(
        self,
        row: tuple[SetText, ...],
        region: Box,
        y: int,
        height: int,
        palette: Palette,
        plates: list[PlateBox],
        texts: list[TextBox],
    ) -> None:
        item = self.style.item
        middle = (region[0] + region[2]) // 2
        gutter = self._em(0.25)
        fills = (item.row_fill or "surface", item.marker_fill)
        colours = (item.colour, item.marker_colour)
        sides = ((region[0], middle - gutter), (middle + gutter, region[2]))
        for text, (left, right), fill, colour in zip(row, sides, fills, colours, strict=True):
            plates.append(PlateBox((left, y, right, y + height), self._em(0.35), palette.rgb(fill), "points"))
            texts.append(
                place_text(
                    text,
                    role="points",
                    region=region,
                    left=left + self._em(0.5),
                    right=right - self._em(0.5),
                    top=y + (height - text.height_px) // 2,
                    align="center",
                    weight=item.weight,
                    colour=palette.rgb(colour),
                    emphasis_colour=palette.rgb(colour),
                )
            )


def _ink(text: SetText) -> tuple[int, int]:
    """Top and bottom of the ink of the first line, within the text's own box."""
    line = text.lines[0]
    baseline = line.top_px + line.ascent_px
    return (
        baseline + round(min(cluster.top for cluster in line.clusters) * line.size_px),
        baseline + round(max(cluster.bottom for cluster in line.clusters) * line.size_px),
    )


def set_points(points: Sequence[str], style: ListStyle, fonts: Fonts, *, width_px: int, height_px: int) -> SetPoints:
    """``points`` at the largest common size at which all of them fit. Raises TextTooLongError."""
    cells = [_split_row(point, style) for point in points]
    best = _find_largest(cells, style, fonts, width_px, height_px)
    if best is None:
        raise TextTooLongError("points", " / ".join(points))
    single = replace(style, style=replace(style.style, max_lines=1))
    calmer = _find_largest(cells, single, fonts, width_px, height_px)
    if calmer and calmer.size_px >= _SINGLE_LINE_WORTH * best.size_px:
        return calmer
    return _mend_torn_lines(best, cells, style, fonts, width_px, height_px)


def _mend_torn_lines(
    best: SetPoints, cells: Sequence[tuple[str, ...]], style: ListStyle, fonts: Fonts, width_px: int, height_px: int
) -> SetPoints:
    """The list at a somewhat smaller size where lines then end with their clauses."""

    def weigh(points: SetPoints) -> float:
        torn = sum(
            not line.text.endswith(_CLAUSE_ENDS) for row in points.rows for text in row for line in text.lines[:-1]
        )
        return math.log(points.size_px) - _TORN_LINE_COST * torn / len(points.rows)

    largest, size = best, best.size_px * _SIZE_STEP
    while size >= max(_LEAST_SHARE * largest.size_px, style.style.min_px) and weigh(best) < math.log(size):
        found = _try_size(cells, style, fonts, int(size), width_px, height_px)
        if found is not None and weigh(found) > weigh(best):
            best = found
        size *= _SIZE_STEP
    return best


def _find_largest(
    cells: Sequence[tuple[str, ...]], style: ListStyle, fonts: Fonts, width_px: int, height_px: int
) -> SetPoints | None:
    low, high = int(style.style.min_px), int(style.style.max_px)
    best = _try_size(cells, style, fonts, low, width_px, height_px)
    while best is not None and low < high:  # what fits at a size fits, up to rounding, at all smaller ones
        middle = (low + high + 1) // 2
        found = _try_size(cells, style, fonts, middle, width_px, height_px)
        if found is None:
            high = middle - 1
        else:
            low, best = middle, found
    return best


def _split_row(point: str, style: ListStyle) -> tuple[str, ...]:
    if style.item.marker != "columns":
        return (point,)
    halves = tuple(part for part in _SPLIT.split(point.strip()) if part)
    if len(halves) != 2:
        raise UsageError(
            _("a comparison needs two sides, got: {point}").format(point=point),
            hint=_("write each point as 'left｜right'"),
        )
    return halves


def _try_size(
    cells: Sequence[tuple[str, ...]], style: ListStyle, fonts: Fonts, size: int, width_px: int, height_px: int
) -> SetPoints | None:
    item, marker = style.item, style.item.marker
    pad_x = pad_y = 0
    if marker == "bubbles":
        width_px = round(width_px * _BUBBLE_WIDTH_RATE)
    if item.row_fill or marker in ("bubbles", "columns"):
        pad_x, pad_y = round(_CARD_PAD_X_EM * size), round(_CARD_PAD_Y_EM * size)
    if marker == "columns":
        room = width_px // 2 - round(1.3 * size)
    else:
        room = width_px - 2 * pad_x - round(_MARKER_COLUMN_EM[marker] * size)
    rows: list[tuple[SetText, ...]] = []
    heights: list[int] = []
    for row in cells:
        texts = [set_text_at(text, style.style, fonts, size_px=size, width_px=max(room, 1)) for text in row]
        found = tuple(text for text in texts if text is not None)
        if len(found) < len(row):
            return None
        rows.append(found)
        tallest = max(text.height_px for text in found)
        heights.append(max(tallest, round(_MARKER_HEIGHT_EM.get(marker, 0) * size)) + 2 * pad_y)
    carded = bool(item.row_fill) or marker in ("bubbles", "columns")
    gap_low, gap_high = (0.38, 0.62) if carded else (0.72, 1.5)
    n_gaps = len(rows) - 1
    free = height_px - sum(heights)
    if free < n_gaps * round(gap_low * size):
        return None
    gap = min(free // n_gaps, round(gap_high * size)) if n_gaps else 0
    return SetPoints(style, fonts, size, tuple(rows), tuple(heights), gap, sum(heights) + n_gaps * gap)
