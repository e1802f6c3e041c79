"""How past forecasts of an account fared: each note's 80 % interval beside what came of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from creator_kit.exposure.backtest import Walk
from creator_kit.exposure.level import Method
from creator_kit.exposure.picture import (
    GREY,
    INK,
    RED,
    close_svg,
    decades,
    format_count,
    grid_row,
    log_scale,
    open_svg,
    svg_text,
)
from creator_kit.locale import _

WIDTH_PX, HEIGHT_PX = 960, 480
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 40, 96, 72
_BLUE = "#3f6ea8"


def draw_calibration(walk: Walk, method: Method, path: Path | None = None) -> str:
    """The scored notes of ``walk`` in order: bar P10 to P90, tick P50, dot what came (red outside its bar).

    Returns the SVG; with ``path`` it is written as SVG or PNG by its suffix.
    """
    at = np.flatnonzero(walk.scored)
    quantiles, y = walk.quantiles[method][at], walk.y[at]
    parts = open_svg(WIDTH_PX, HEIGHT_PX)
    n_inside = int(((quantiles[:, 0] <= y) & (y <= quantiles[:, 2])).sum())
    parts.append(svg_text(28, 40, _("What was forecast, and what came"), size=22, weight=600))
    parts.append(
        svg_text(
            28,
            66,
            _("{inside} of {n} notes lay between P10 and P90; each was forecast from the notes before it").format(
                inside=n_inside, n=len(at)
            ),
            size=15,
            fill=GREY,
        )
    )
    if len(at):
        parts += _plot(quantiles, y)
    parts.append(
        svg_text(
            28,
            HEIGHT_PX - 16,
            _("impressions · bar: P10 to P90, tick: P50 · dot: came, red: outside"),
            size=12,
            fill=GREY,
        )
    )
    return close_svg(parts, path)


def _plot(
    quantiles: np.ndarray[tuple[int, int], np.dtype[np.float64]], y: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> list[str]:
    counts = np.maximum(np.expm1(quantiles), 1.0)
    came = np.maximum(np.expm1(y), 1.0)
    least, most = 0.8 * float(min(counts.min(), came.min())), 1.25 * float(max(counts.max(), came.max()))
    y_of = log_scale(least, most, HEIGHT_PX - _BOTTOM, _TOP)
    n = len(y)

    def x_of(k: int) -> float:
        return _LEFT + (k + 0.5) / n * (WIDTH_PX - _LEFT - _RIGHT)

    parts = []
    for count in decades(least, most):
        parts += grid_row(_LEFT, WIDTH_PX - _RIGHT, y_of(count), format_count(count))
    half = min(max((WIDTH_PX - _LEFT - _RIGHT) / n * 0.3, 1.0), 7.0)
    for k in range(n):
        x = x_of(k)
        low, middle, high = (y_of(float(bound)) for bound in counts[k])
        parts.append(
            f'<rect x="{x - half:.1f}" y="{high:.1f}" width="{2 * half:.1f}" height="{max(low - high, 1):.1f}" '
            f'fill="{_BLUE}" fill-opacity="0.22"/>'
        )
        parts.append(
            f'<line x1="{x - half:.1f}" x2="{x + half:.1f}" y1="{middle:.1f}" y2="{middle:.1f}" '
            f'stroke="{_BLUE}" stroke-width="2"/>'
        )
        inside = counts[k, 0] <= came[k] <= counts[k, 2]
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y_of(float(came[k])):.1f}" r="{min(half + 0.5, 4):.1f}" '
            f'fill="{INK if inside else RED}"/>'
        )
    return parts


def render_calibration(walk: Walk, method: Method, *, n_columns: int = 76, n_rows: int = 9) -> str:
    """The same as plain text, the latest notes that fit, two columns each: ░ from P10 to P90, ━ at P50, ● what came
    (✗ outside); "" where nothing was scored."""
    at = np.flatnonzero(walk.scored)
    if not len(at):
        return ""
    label_width = len(f"{np.expm1(walk.y[at]).max():,.0f}")
    at = at[-max((n_columns - label_width - 2) // 2, 1) :]
    quantiles, y = walk.quantiles[method][at], walk.y[at]
    least, most = min(quantiles.min(), y.min()), max(quantiles.max(), y.max())
    step = max(most - least, 1e-9) / (n_rows - 1)

    def row_of(value: float) -> int:
        return round(float((value - least) / step))

    grid = [[" "] * (2 * len(at)) for _row in range(n_rows)]
    for k, (low, middle, high) in enumerate(quantiles):
        for row in range(row_of(low), row_of(high) + 1):
            grid[row][2 * k] = "░"
        grid[row_of(middle)][2 * k] = "━"
        grid[row_of(y[k])][2 * k] = "●" if low <= y[k] <= high else "✗"
    lines = []
    for row in reversed(range(n_rows)):
        label = format_count(float(np.expm1(least + row * step))) if row % 2 == 0 else ""
        lines.append(f"{label:>{label_width}} ┤" + "".join(grid[row]).rstrip())
    return "\n".join(lines)
