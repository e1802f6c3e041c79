"""Decorations as SVG: every shape of a layout becomes a few elements; resvg draws them with clean edges.

Everything that varies is a function of the shape's box and numbers, never of a random draw: same bytes each time.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from functools import lru_cache

from PIL import Image

from creator_kit.cover.palette import Palette
from creator_kit.cover.spec import CoverLayout, Shape


def write_background_svg(layout: CoverLayout, palette: Palette, size_px: tuple[int, int]) -> str:
    """The ground and the shapes below the photos, as an SVG document of ``size_px``."""
    width, height = size_px
    ground = Shape(kind="rect", box=(0, 0, 1, 1), fill=layout.background, fill_to=layout.background_to)
    return _write_svg([ground, *(shape for shape in layout.shape if not shape.over)], palette, width, height)


def write_overlay_svg(layout: CoverLayout, palette: Palette, size_px: tuple[int, int]) -> str | None:
    """The shapes above the photos, or None when there are none."""
    shapes = [shape for shape in layout.shape if shape.over]
    return _write_svg(shapes, palette, *size_px) if shapes else None


@lru_cache(maxsize=10)
def draw_ground(svg: str) -> Image.Image:
    """``svg``, which covers the whole canvas, as an RGB image; the caller must not change it.

    Cached, since a batch shares its backgrounds.
    """
    return _draw_svg(svg).convert("RGB")


@lru_cache(maxsize=10)
def draw_overlay(svg: str) -> tuple[Image.Image, tuple[int, int]]:
    """What ``svg`` draws, as an RGBA image no larger than that, and its place; the caller must not change it."""
    image = _draw_svg(svg).convert("RGBA")
    box = image.getchannel("A").getbbox() or (0, 0, 1, 1)
    return image.crop(box), box[:2]


def _draw_svg(svg: str) -> Image.Image:
    import resvg_py

    data = resvg_py.svg_to_bytes(svg_string=svg, skip_system_fonts=True)
    return Image.open(io.BytesIO(bytes(data)))


def _write_svg(shapes: Sequence[Shape], palette: Palette, width: int, height: int) -> str:
    body = "".join(_Writer(shape, palette, width, height, i).write() for i, shape in enumerate(shapes))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}">{body}</svg>'
    )


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


class _Writer:
    """One shape as SVG elements, in pixels."""

    def __init__(self, shape: Shape, palette: Palette, width: int, height: int, index: int) -> None:
        self.shape, self.palette, self.index = shape, palette, index
        fx, fy, fw, fh = shape.box
        self.x, self.y, self.w, self.h = fx * width, fy * height, fw * width, fh * height
        self.unit = min(width, height)
        self.cx, self.cy, self.r = self.x + self.w / 2, self.y + self.h / 2, min(self.w, self.h) / 2
        self.thick = shape.thickness * self.unit
        self.defs = ""

    def write(self) -> str:
        shape = self.shape
        paint = self._paint()
        elements = getattr(self, f"_{shape.kind}")(paint)
        shadow = self._shadow() if shape.shadow else ""
        turn = f' transform="rotate({_n(shape.rotate)} {_n(self.cx)} {_n(self.cy)})"' if shape.rotate else ""
        # fill-opacity, not opacity: a group's opacity makes resvg draw a layer of the canvas's size.
        opacity = (
            f' fill-opacity="{_n(shape.opacity)}" stroke-opacity="{_n(shape.opacity)}"' if shape.opacity < 1 else ""
        )
        return f"{self.defs}<g{opacity}{turn}>{shadow}{elements}</g>"

    def _shadow(self) -> str:
        """A soft shadow as nested frames that fade outwards: a blur filter, or filled layers, cost ten times more."""
        depth, n = self.shape.shadow * self.unit, 10
        radius = min(self.shape.radius * self.unit, self.r)
        step = 2.4 * depth / n
        frames = []
        for i in range(n):
            spread = -0.8 * depth + step * (i + 0.5)
            fade = (1 - (i + 0.5) / n) ** 2
            frames.append(
                f'<rect x="{_n(self.x - spread)}" y="{_n(self.y - spread + depth * 0.8)}"'
                f' width="{_n(self.w + 2 * spread)}" height="{_n(self.h + 2 * spread)}"'
                f' rx="{_n(max(radius + spread, 1.0))}" stroke-opacity="{0.16 * fade:.4f}"/>'
            )
        return f'<g fill="none" stroke="#000000" stroke-width="{_n(step)}">{"".join(frames)}</g>'

    def _colour(self, role: str) -> str:
        return "#{:02x}{:02x}{:02x}".format(*self.palette.rgb(role))

    def _paint(self) -> str:
        shape = self.shape
        fill = self._colour(shape.fill)
        if shape.fill_to:
            self.defs = (
                f'<linearGradient id="g{self.index}" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="{fill}"/>'
                f'<stop offset="1" stop-color="{self._colour(shape.fill_to)}"/></linearGradient>'
            )
            fill = f"url(#g{self.index})"
        paint = f'fill="{fill}"'
        if shape.stroke:
            paint += f' stroke="{self._colour(shape.stroke)}" stroke-width="{_n(shape.stroke_width * self.unit)}"'
        return paint

    def _stroke(self) -> str:
        return (
            f'fill="none" stroke="{self._colour(self.shape.fill)}" stroke-width="{_n(self.thick)}"'
            ' stroke-linecap="round" stroke-linejoin="round"'
        )

    def _clip(self) -> str:
        x, y, width, height = self.shape.box
        if x <= 0 and y <= 0 and x + width >= 1 and y + height >= 1:
            return ""  # the canvas clips it; a clip path costs a layer
        name = f"c{self.index}"
        self.defs += f'<clipPath id="{name}">{self._rect("")}</clipPath>'
        return f'clip-path="url(#{name})"'

    def _rect(self, paint: str) -> str:
        radius = _n(min(self.shape.radius * self.unit, self.r))
        place = f'x="{_n(self.x)}" y="{_n(self.y)}" width="{_n(self.w)}" height="{_n(self.h)}"'
        return f'<rect {place} rx="{radius}" {paint}/>'

    def _frame(self, _paint: str) -> str:
        return self._rect(self._stroke())

    def _disc(self, paint: str) -> str:
        return f'<circle cx="{_n(self.cx)}" cy="{_n(self.cy)}" r="{_n(self.r)}" {paint}/>'

    def _ring(self, _paint: str) -> str:
        return f'<circle cx="{_n(self.cx)}" cy="{_n(self.cy)}" r="{_n(self.r - self.thick / 2)}" {self._stroke()}/>'

    def _arc(self, _paint: str) -> str:
        r = self.r - self.thick / 2
        path = f"M{_n(self.cx - r)} {_n(self.cy)}A{_n(r)} {_n(r)} 0 0 1 {_n(self.cx + r)} {_n(self.cy)}"
        return f'<path d="{path}" {self._stroke()}/>'

    def _line(self, _paint: str) -> str:
        return f'<path d="M{_n(self.x)} {_n(self.cy)}H{_n(self.x + self.w)}" {self._stroke()}/>'

    def _rules(self, _paint: str) -> str:
        step = self.h / self.shape.n
        path = "".join(f"M{_n(self.x)} {_n(self.y + step * (i + 1))}h{_n(self.w)}" for i in range(self.shape.n))
        return f'<path d="{path}" {self._stroke()}/>'

    def _grid(self, _paint: str) -> str:
        step = self.w / self.shape.n
        columns = "".join(f"M{_n(self.x + step * i)} {_n(self.y)}v{_n(self.h)}" for i in range(1, self.shape.n))
        n_rows = int(self.h / step)
        rows = "".join(f"M{_n(self.x)} {_n(self.y + step * i)}h{_n(self.w)}" for i in range(1, n_rows + 1))
        return f'<path d="{columns}{rows}" {self._stroke()}/>'

    def _dots(self, paint: str) -> str:
        step = self.w / self.shape.n
        radius = max(self.thick, 0.5)
        n_rows = max(int(self.h / step + 0.5), 1)
        dots = (
            f'<circle cx="{_n(self.x + step * (i + 0.5))}" cy="{_n(self.y + step * (j + 0.5))}" r="{_n(radius)}"/>'
            for j in range(n_rows)
            for i in range(self.shape.n)
        )
        return f"<g {paint}>{''.join(dots)}</g>"

    def _stripes(self, paint: str) -> str:
        clip = self._clip()
        step = (self.w + self.h) / self.shape.n
        path = "".join(
            f"M{_n(self.x - self.h + step * i)} {_n(self.y + self.h)}l{_n(self.h)} {_n(-self.h)}h{_n(step / 2)}"
            f"l{_n(-self.h)} {_n(self.h)}z"
            for i in range(self.shape.n + 1)
        )
        return f'<path {clip} d="{path}" {paint}/>'

    def _rays(self, paint: str) -> str:
        clip = self._clip()
        reach = math.hypot(self.w, self.h)
        path = ""
        for i in range(self.shape.n):
            for angle in (2 * math.pi * i / self.shape.n, 2 * math.pi * (i + 0.5) / self.shape.n):
                start = f"M{_n(self.cx)} {_n(self.cy)}L" if angle == 2 * math.pi * i / self.shape.n else "L"
                path += f"{start}{_n(self.cx + reach * math.cos(angle))} {_n(self.cy + reach * math.sin(angle))}"
            path += "z"
        return f'<path {clip} d="{path}" {paint}/>'

    def _spark(self, paint: str) -> str:
        r, x, y = self.r, self.cx, self.cy
        k = r * 0.14
        return (
            f'<path d="M{_n(x)} {_n(y - r)}Q{_n(x + k)} {_n(y - k)} {_n(x + r)} {_n(y)}Q{_n(x + k)} {_n(y + k)} {_n(x)}'
            f' {_n(y + r)}Q{_n(x - k)} {_n(y + k)} {_n(x - r)} {_n(y)}Q{_n(x - k)} {_n(y - k)} {_n(x)} {_n(y - r)}z"'
            f" {paint}/>"
        )

    def _burst(self, paint: str) -> str:
        points = []
        for i in range(self.shape.n * 2):
            radius = self.r if i % 2 == 0 else self.r * 0.86
            angle = math.pi * i / self.shape.n - math.pi / 2
            points.append(f"{_n(self.cx + radius * math.cos(angle))},{_n(self.cy + radius * math.sin(angle))}")
        return f'<polygon points="{" ".join(points)}" stroke-linejoin="round" {paint}/>'

    def _wave(self, paint: str) -> str:
        """A wavy upper edge, filled down to the box's foot."""
        n, amplitude = self.shape.n, self.thick
        step = self.w / n
        path = f"M{_n(self.x)} {_n(self.y + amplitude)}"
        for i in range(n):
            bend = -amplitude if i % 2 == 0 else amplitude
            path += f"q{_n(step / 2)} {_n(bend * 2)} {_n(step)} 0"
        return f'<path d="{path}V{_n(self.y + self.h)}H{_n(self.x)}z" {paint}/>'

    def _zigzag(self, paint: str) -> str:
        """A torn lower edge."""
        n, depth = self.shape.n, self.thick
        step = self.w / n
        bottom = self.y + self.h
        path = f"M{_n(self.x)} {_n(self.y)}h{_n(self.w)}V{_n(bottom - depth)}"
        for i in range(n):
            right = self.x + self.w - step * i
            path += f"L{_n(right - step / 2)} {_n(bottom)}L{_n(right - step)} {_n(bottom - depth)}"
        return f'<path d="{path}z" {paint}/>'

    def _squiggle(self, _paint: str) -> str:
        n = self.shape.n
        step = self.w / n
        bends = "".join(f"q{_n(step / 2)} {_n(self.h * (1 if i % 2 else -1))} {_n(step)} 0" for i in range(n))
        return f'<path d="M{_n(self.x)} {_n(self.cy)}{bends}" {self._stroke()}/>'

    def _blob(self, paint: str) -> str:
        """A soft uneven round shape: three sines on a circle, closed by smooth curves."""
        points = []
        for i in range(12):
            angle = 2 * math.pi * i / 12
            radius = 0.88 + 0.07 * math.sin(2 * angle + self.shape.n) + 0.05 * math.sin(3 * angle + 2 * self.shape.n)
            points.append(
                (self.cx + self.w / 2 * radius * math.cos(angle), self.cy + self.h / 2 * radius * math.sin(angle))
            )
        path = ""
        for i, (x, y) in enumerate(points):
            before, after, later = points[i - 1], points[(i + 1) % 12], points[(i + 2) % 12]
            if not path:
                path = f"M{_n(x)} {_n(y)}"
            c1 = (x + (after[0] - before[0]) / 6, y + (after[1] - before[1]) / 6)
            c2 = (after[0] - (later[0] - x) / 6, after[1] - (later[1] - y) / 6)
            path += f"C{_n(c1[0])} {_n(c1[1])} {_n(c2[0])} {_n(c2[1])} {_n(after[0])} {_n(after[1])}"
        return f'<path d="{path}z" {paint}/>'

    def _quote(self, paint: str) -> str:
        """A pair of opening quotation marks."""
        return self._scaled(
            "M0 62C0 28 16 8 44 0L48 12C33 18 26 28 25 40H46V88H0z"
            "M54 62C54 28 70 8 98 0L102 12C87 18 80 28 79 40H100V88H54z",
            102,
            88,
            paint,
        )

    def _path(self, paint: str) -> str:
        """``d`` in a 100 × 100 square, scaled into the box without distortion."""
        return self._scaled(self.shape.d, 100, 100, paint)

    def _scaled(self, d: str, width: float, height: float, paint: str) -> str:
        scale = min(self.w / width, self.h / height)
        dx, dy = self.cx - width * scale / 2, self.cy - height * scale / 2
        if not d:
            return ""
        return f'<path transform="translate({_n(dx)} {_n(dy)}) scale({scale:.5f})" d="{d}" {paint}/>'
