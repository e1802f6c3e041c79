"""The funnel of a forecast: from impressions to new followers, each as an interval and never as one number."""

from __future__ import annotations

import math
from pathlib import Path

from creator_kit.exposure.forecast import OUTCOMES, Forecast
from creator_kit.exposure.picture import (
    GREY,
    LINE,
    RED,
    close_svg,
    drawable_text,
    format_count,
    log_scale,
    open_svg,
    shorten,
    svg_text,
)
from creator_kit.locale import _

WIDTH_PX, HEIGHT_PX = 960, 500
_LEFT, _RIGHT, _TOP, _ROW_PX = 132, 176, 104, 48


def name_outcome(outcome: str) -> str:
    """One of OUTCOMES in the reader's language."""
    return {
        "impressions": _("impressions"),
        "reads": _("reads"),
        "likes": _("likes"),
        "collects": _("collects"),
        "comments": _("comments"),
        "shares": _("shares"),
        "new_followers": _("new followers"),
    }[outcome]


def draw_funnel(forecast: Forecast, path: Path | None = None, *, title: str | None = None) -> str:
    """A bar from P10 to P90 for each outcome on one logarithmic axis (1 + count), with a tick at P50.

    Returns the SVG; with ``path`` it is written as SVG or PNG by its suffix.
    """
    if title and path is not None and path.suffix.lower() == ".png":
        title = drawable_text(title)
    most = forecast.quantiles["impressions"].p90 * 1.1 + 10
    scale = log_scale(1, 1 + most, _LEFT, WIDTH_PX - _RIGHT)

    def x_of(count: float) -> float:
        return scale(1 + count)

    parts = open_svg(WIDTH_PX, HEIGHT_PX)
    heading = title or _("From impressions to new followers, {days} days").format(days=forecast.horizon_days)
    parts.append(svg_text(28, 40, shorten(heading, 36), size=22, weight=600))
    legend = _("{days} days after posting · bar: 8 in 10 notes · mark: half get more").format(
        days=forecast.horizon_days
    )
    parts.append(svg_text(28, 68, legend, size=15, fill=GREY))
    bottom = _TOP + _ROW_PX * len(OUTCOMES)
    for power in range(7):
        count = 0 if power == 0 else 10**power
        if count > most:
            break
        x = x_of(count)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{bottom}" stroke="{LINE}"/>')
        parts.append(svg_text(x, bottom + 20, f"{count:,}", size=13, fill=GREY, anchor="middle"))
    for row, outcome in enumerate(OUTCOMES):
        q = forecast.quantiles[outcome]
        y = _TOP + _ROW_PX * row + 10
        low, middle, high = x_of(q.p10), x_of(q.p50), x_of(q.p90)
        parts.append(svg_text(_LEFT - 14, y + 20, name_outcome(outcome), size=15, anchor="end"))
        parts.append(
            f'<rect x="{low:.1f}" y="{y}" width="{max(high - low, 3):.1f}" height="28" rx="3" '
            f'fill="{RED}" fill-opacity="0.18"/>'
        )
        parts.append(f'<rect x="{middle - 2:.1f}" y="{y - 2}" width="4" height="32" fill="{RED}"/>')
        numbers = f"{format_count(q.p50)}  ({format_count(q.p10)}–{format_count(q.p90)})"
        parts.append(svg_text(max(high, middle) + 12, y + 20, numbers, size=14))
    parts.append(
        svg_text(
            28,
            HEIGHT_PX - 14,
            _("properties of the assumed model, not evidence about the platform"),
            size=12,
            fill=GREY,
        )
    )
    return close_svg(parts, path)


def render_funnel(forecast: Forecast, *, n_columns: int = 30) -> dict[str, str]:
    """The same as plain text: outcome → a bar of at most ``n_columns``, ░ from P10 to P90, ━ at P50, all on one
    logarithmic axis (1 + count)."""
    most = math.log1p(max(q.p90 for q in forecast.quantiles.values())) or 1.0
    bars = {}
    for outcome in OUTCOMES:
        q = forecast.quantiles[outcome]
        low, middle, high = (round(math.log1p(count) / most * (n_columns - 1)) for count in (q.p10, q.p50, q.p90))
        cells = [" "] * low + ["░"] * (high - low + 1)
        cells[middle] = "━"
        bars[outcome] = "".join(cells)
    return bars
