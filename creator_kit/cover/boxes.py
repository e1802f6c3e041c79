"""What the solver hands to the renderer: boxes in pixels, ``(left, top, right, bottom)``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from creator_kit.cover.fonts import Fonts
from creator_kit.cover.palette import RGB
from creator_kit.cover.typeset import SetLine, SetText

Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class GlyphBox:
    """One grapheme: the pen stands at ``x`` on the line's baseline ``y``."""

    text: str
    kind: str
    x: int
    y: int
    size_px: int
    colour: RGB


@dataclass(frozen=True, slots=True)
class LineBox:
    """A line; all its ink lies in ``box``."""

    text: str
    box: Box
    baseline: int
    size_px: int
    glyphs: tuple[GlyphBox, ...]


@dataclass(frozen=True, slots=True)
class TextBox:
    """A text of one role within ``region``, the room it was given."""

    role: str
    region: Box
    box: Box
    size_px: int
    weight: int
    colour: RGB
    lines: tuple[LineBox, ...]


@dataclass(frozen=True, slots=True)
class PlateBox:
    """A filled box behind text: rounded, or an ellipse when ``radius_px`` is half its side."""

    box: Box
    radius_px: int
    fill: RGB
    role: str = ""


@dataclass(frozen=True, slots=True)
class PhotoBox:
    """Where photo number ``index`` goes; it is cropped to fill around ``focus`` (or what matters in it)."""

    index: int
    box: Box
    radius_px: int
    border_px: int
    border_fill: RGB
    scrim: str
    focus: tuple[float, float] | None


@dataclass(frozen=True)
class LaidOutCover:
    """A cover as boxes; ``render_cover`` draws it. ``ground_svg`` and ``overlay_svg`` are its decorations."""

    layout: str
    size_px: tuple[int, int]
    ground_svg: str
    overlay_svg: str | None
    photos: tuple[PhotoBox, ...]
    plates: tuple[PlateBox, ...]
    texts: tuple[TextBox, ...]
    fonts: Fonts = field(repr=False, compare=False)
    pictures: tuple[Any, ...] = field(default=(), repr=False, compare=False)

    def describe(self) -> dict[str, Any]:
        """The boxes as JSON: what the golden files hold."""
        return {
            "layout": self.layout,
            "size_px": list(self.size_px),
            "texts": [
                {
                    "role": text.role,
                    "region": list(text.region),
                    "box": list(text.box),
                    "size_px": text.size_px,
                    "lines": [
                        {"text": line.text, "box": list(line.box), "size_px": line.size_px} for line in text.lines
                    ],
                }
                for text in self.texts
            ],
            "plates": [list(plate.box) for plate in self.plates],
            "photos": [list(photo.box) for photo in self.photos],
        }


def place_text(
    text: SetText,
    *,
    role: str,
    region: Box,
    left: int,
    right: int,
    top: int,
    align: str,
    weight: int,
    colour: RGB,
    emphasis_colour: RGB,
) -> TextBox:
    """``text`` between ``left`` and ``right`` from ``top`` downwards, as boxes in pixels."""
    lines = tuple(_place_line(line, left, right, top, align, colour, emphasis_colour) for line in text.lines)
    box = (
        min(line.box[0] for line in lines),
        min(line.box[1] for line in lines),
        max(line.box[2] for line in lines),
        max(line.box[3] for line in lines),
    )
    return TextBox(role, region, box, text.size_px, weight, colour, lines)


def _place_line(
    line: SetLine, left: int, right: int, top: int, align: str, colour: RGB, emphasis_colour: RGB
) -> LineBox:
    free = right - left - line.width_px
    x = left + {"left": 0, "center": free // 2, "right": free}[align]
    baseline = top + line.top_px + line.ascent_px
    glyphs = tuple(
        GlyphBox(
            cluster.text,
            cluster.kind,
            x + round(cluster.x * line.size_px),
            baseline,
            round(line.size_px * cluster.scale),
            emphasis_colour if cluster.emphasised else colour,
        )
        for cluster in line.clusters
        if cluster.kind != "space"
    )
    box = (x, top + line.top_px, x + line.width_px, top + line.top_px + line.ascent_px + line.descent_px)
    return LineBox(line.text, box, baseline, line.size_px, glyphs)
