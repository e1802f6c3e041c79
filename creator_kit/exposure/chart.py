"""Pictures of a forecast: a fan of cumulative impressions as SVG, PNG and plain text.

Both axes are logarithmic: a note's first day and its first month, a hundred and ten thousand impressions, are
all readable in one picture. The SVG is plain shapes and text; the PNG is the same SVG drawn by resvg.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from wcwidth import wcswidth

from creator_kit.exposure.forecast import Forecast
from creator_kit.exposure.picture import (
    GREY,
    RED,
    close_svg,
    decades,
    drawable_text,
    format_count,
    grid_row,
    log_scale,
    open_svg,
    shorten,
    svg_text,
)
from creator_kit.locale import _

WIDTH_PX, HEIGHT_PX = 960, 560
_LEFT, _RIGHT, _TOP, _BOTTOM = 84, 148, 104, 92
_TICK_HOURS = (1, 3, 6, 12, 24, 72, 168, 336, 720, 2160, 4320, 8760)


def draw_fan_chart(forecast: Forecast, path: Path | None = None, *, title: str | None = None) -> str:
    """The fan of cumulative impressions over the horizon; returns the SVG.

    With ``path`` it is also written there, as SVG or PNG by its suffix. Raises UsageError for another suffix,
    AssetError where a PNG finds no font.
    """
    if title and path is not None and path.suffix.lower() == ".png":
        title = drawable_text(title)
    return close_svg(_draw_fan(forecast, title), path)


def _draw_fan(forecast: Forecast, title: str | None) -> list[str]:
    hours = forecast.band_hours
    band = forecast.band
    # Curves need no more points than the eye resolves: about 90 on a logarithmic axis.
    picked = _spread(hours, 90)
    lows, mids, highs = ([band[name][i] for i in picked] for name in ("p10", "p50", "p90"))
    shown = [hours[i] for i in picked]
    last_hour = max(shown[-1], shown[0] + 1)
    least = max(0.8 * lows[0], 1.0)
    most = max(1.25 * highs[-1], 10 * least)
    bottom = HEIGHT_PX - _BOTTOM
    x_of = log_scale(shown[0], last_hour, _LEFT, WIDTH_PX - _RIGHT)
    y_of = log_scale(least, most, bottom, _TOP)

    def points(values: list[float]) -> list[str]:
        return [f"{x_of(hour):.1f},{y_of(max(value, least)):.1f}" for hour, value in zip(shown, values, strict=True)]

    parts = open_svg(WIDTH_PX, HEIGHT_PX)
    heading = title or _("Impressions of one note over {days} days").format(days=forecast.horizon_days)
    parts.append(svg_text(_LEFT - 56, 40, shorten(heading, 46), size=22, weight=600))
    totals = forecast.quantiles["impressions"]
    parts.append(
        svg_text(
            _LEFT - 56,
            68,
            _("one in two notes gets more than {p50}; 8 in 10 get {p10} to {p90}").format(
                p10=format_count(totals.p10), p50=format_count(totals.p50), p90=format_count(totals.p90)
            ),
            size=15,
            fill=GREY,
        )
    )
    for count in decades(least, most):
        parts += grid_row(_LEFT, WIDTH_PX - _RIGHT, y_of(count), f"{count:,.0f}")
    for hour in _TICK_HOURS:
        if shown[0] <= hour <= last_hour:
            x = x_of(hour)
            parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{bottom}" y2="{bottom + 6}" stroke="{GREY}"/>')
            parts.append(svg_text(x, bottom + 24, describe_age(hour), size=13, fill=GREY, anchor="middle"))
    upper, middle, lower = points(highs), points(mids), points(lows)
    parts.append(f'<polygon points="{" ".join(upper + lower[::-1])}" fill="{RED}" fill-opacity="0.16"/>')
    for line in (upper, lower):
        parts.append(f'<polyline points="{" ".join(line)}" fill="none" stroke="{RED}" stroke-opacity="0.45"/>')
    parts.append(f'<polyline points="{" ".join(middle)}" fill="none" stroke="{RED}" stroke-width="3"/>')
    ends = _apart([y_of(max(values[-1], least)) for values in (highs, mids, lows)], 20)
    for name, y, value in zip(("P90", "P50", "P10"), ends, (highs[-1], mids[-1], lows[-1]), strict=True):
        weight = 600 if name == "P50" else 400
        parts.append(svg_text(WIDTH_PX - _RIGHT + 10, y + 5, f"{name}  {format_count(value)}", size=15, weight=weight))
    middle_px = (_LEFT + WIDTH_PX - _RIGHT) / 2
    parts.append(svg_text(middle_px, bottom + 48, _("time since posting"), size=13, fill=GREY, anchor="middle"))
    parts.append(svg_text(_LEFT - 56, _TOP - 6, _("impressions so far"), size=13, fill=GREY))
    parts.append(svg_text(_LEFT - 56, HEIGHT_PX - 16, _footer(forecast), size=12, fill=GREY))
    return parts


def _footer(forecast: Forecast) -> str:
    if forecast.method == "prior":
        basis = _("profile '{profile}' alone, no own results").format(profile=forecast.profile)
    else:
        basis = _("profile '{profile}' and {n} own notes").format(profile=forecast.profile, n=forecast.n_own_notes)
    return basis + " · " + _("properties of the assumed model, not evidence about the platform")


def describe_age(hour: int) -> str:
    """``hour`` hours after posting, short: 6 h, 3 d."""
    return _("{n} h").format(n=hour) if hour < 24 else _("{n} d").format(n=hour // 24)


def _spread(hours: Sequence[int], n: int) -> list[int]:
    """Indices into ``hours`` evenly spread on a logarithmic axis, the first and the last among them."""
    last = len(hours) - 1
    wanted = {min(round(math.exp(math.log(len(hours)) * k / (n - 1))) - 1, last) for k in range(n)}
    return sorted(wanted | {0, last})


def _apart(positions: list[float], gap: float) -> list[float]:
    """``positions`` (rising) moved so that neighbours lie at least ``gap`` apart."""
    moved = list(positions)
    for k in range(1, len(moved)):
        moved[k] = max(moved[k], moved[k - 1] + gap)
    return moved


def render_fan(forecast: Forecast, *, n_columns: int = 76, n_rows: int = 9) -> str:
    """The same fan as plain text, at most ``n_columns`` wide: ░ between P10 and P90, ━ at P50."""
    hours, band = forecast.band_hours, forecast.band
    label_width = max(len(f"{forecast.band['p90'][-1] * 1.1:,.0f}"), 5)
    n_plot = max(n_columns - label_width - 2, 20)
    last_hour = hours[-1]
    picked = [
        min(max(round(math.exp(math.log(max(last_hour, 2)) * k / (n_plot - 1))), 1), last_hour) - 1
        for k in range(n_plot)
    ]
    least = max(band["p10"][min(5, len(hours) - 1)], 1.0)
    most = max(band["p90"][-1], least * 4)

    def row_of(value: float) -> int:
        share = math.log(max(value, least) / least) / math.log(most / least)
        return min(max(round(share * (n_rows - 1)), 0), n_rows - 1)

    grid = [[" "] * n_plot for _row in range(n_rows)]
    for column, index in enumerate(picked):
        if band["p90"][index] < least:
            continue
        bottom = row_of(band["p10"][index])
        for row in range(bottom, row_of(band["p90"][index]) + 1):
            grid[row][column] = "░"
        if band["p50"][index] >= least:
            grid[row_of(band["p50"][index])][column] = "━"
    lines = []
    for row in reversed(range(n_rows)):
        label = ""
        if row % 2 == 0:
            label = format_count(math.exp(math.log(least) + row / (n_rows - 1) * math.log(most / least)))
        lines.append(f"{label:>{label_width}} ┤" + "".join(grid[row]).rstrip())
    lines.append(" " * label_width + " └" + "─" * n_plot)
    axis = [" "] * n_plot
    free_from = 0
    for hour in _TICK_HOURS:
        if hour > last_hour:
            break
        text = describe_age(hour)
        column = round(math.log(hour) / math.log(max(last_hour, 2)) * (n_plot - 1))
        start = min(max(column - wcswidth(text) // 2, 0), n_plot - wcswidth(text))
        if start >= free_from:
            # A wide character takes two columns: leave its second cell empty.
            cells = [c for char in text for c in ([char] if wcswidth(char) == 1 else [char, ""])]
            axis[start : start + len(cells)] = cells
            free_from = start + len(cells) + 1
    lines.append(" " * (label_width + 2) + "".join(axis).rstrip())
    return "\n".join(lines)
