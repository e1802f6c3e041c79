"""What our pictures share: colours, text as SVG, counts as people read them, and SVG drawn as PNG by resvg."""

from __future__ import annotations

import math
from collections.abc import Callable
from html import escape
from pathlib import Path

from wcwidth import wcswidth

from creator_kit.datafiles import write_text, write_whole
from creator_kit.errors import UsageError
from creator_kit.locale import _

RED, INK, GREY, LINE = "#e0314b", "#22252b", "#6d737d", "#e4e7ec"
FAMILY = "'Noto Sans SC','PingFang SC','Microsoft YaHei','Hiragino Sans GB',sans-serif"


def open_svg(width_px: int, height_px: int) -> list[str]:
    """The first lines of a picture on white."""
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width_px}" height="{height_px}" '
        f'viewBox="0 0 {width_px} {height_px}" font-family="{FAMILY}" role="img">',
        f'<rect width="{width_px}" height="{height_px}" fill="#ffffff"/>',
    ]


def close_svg(parts: list[str], path: Path | None) -> str:
    """The picture that ``parts`` make, saved to ``path`` (.svg or .png) where one is given."""
    svg = "\n".join([*parts, "</svg>"]) + "\n"
    if path is not None:
        save_picture(svg, path)
    return svg


def grid_row(left_px: float, right_px: float, y_px: float, text: str) -> list[str]:
    """A line across a plot at ``y_px`` with its value ``text`` to the left."""
    return [
        f'<line x1="{left_px}" x2="{right_px}" y1="{y_px:.1f}" y2="{y_px:.1f}" stroke="{LINE}"/>',
        svg_text(left_px - 10, y_px + 5, text, size=13, fill=GREY, anchor="end"),
    ]


def log_scale(least: float, most: float, from_px: float, to_px: float) -> Callable[[float], float]:
    """A logarithmic axis: what is ``least`` (above zero) lies at ``from_px``, what is ``most`` at ``to_px``."""
    start, span = math.log(least), math.log(most / least)
    return lambda value: from_px + (math.log(value) - start) / span * (to_px - from_px)


def decades(least: float, most: float) -> list[float]:
    """Ticks of a logarithmic axis from ``least`` to ``most``: powers of ten, and thrice these where they are few."""
    powers = [10.0**k for k in range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)]
    ticks = [power for power in powers if least <= power <= most]
    if len(ticks) <= 3:
        ticks = [tick for power in powers for tick in (power, 3 * power) if least <= tick <= most]
    return ticks


def round_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """At most ``most`` round numbers (steps of 1, 2 or 5 times a power of ten) from ``low`` to ``high``."""
    raw = max(high - low, 1e-9) / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= raw)
    return [k * step for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def format_count(value: float) -> str:
    """A count for a reader: whole below 100, else two significant digits, for more would be pretence."""
    if value < 100:
        return f"{value:.0f}"
    digits = 10 ** (math.floor(math.log10(value)) - 1)
    return f"{round(value / digits) * digits:,.0f}"


def save_picture(svg: str, path: Path) -> None:
    """Write ``svg`` to ``path``, drawn as PNG if its suffix says so."""
    suffix = path.suffix.lower()
    if suffix == ".svg":
        write_text(path, svg)
    elif suffix == ".png":
        png = _draw_png(svg)
        with write_whole(path) as temporary:
            temporary.write_bytes(png)
    else:
        raise UsageError(_("a picture is .svg or .png"), where=str(path))


def _draw_png(svg: str) -> bytes:
    import resvg_py

    from creator_kit.cover.fonts import find_font

    font = find_font()
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, skip_system_fonts=True, font_files=[str(font.path)], font_family="Noto Sans SC", zoom=2.0
        )
    )


def drawable_text(text: str) -> str:
    """``text`` without what the picture's font lacks, emoji above all: a gap is better than an empty box."""
    from creator_kit.cover.fonts import find_font

    font = find_font()
    return "".join(char for char in text if font.has_glyph(char)).strip()


def svg_text(
    x: float, y: float, text: str, *, size: int, fill: str = INK, anchor: str = "start", weight: int = 400
) -> str:
    """One line of text with its baseline at (x, y) pixels."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" fill="{fill}" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )


def shorten(text: str, n_columns: int) -> str:
    """``text`` cut to ``n_columns`` full-width characters."""
    if wcswidth(text) <= n_columns * 2:
        return text
    while wcswidth(text) > n_columns * 2 - 2:
        text = text[:-1]
    return text + "…"
