"""Pictures of a market: slots by hour and channel, learning, grades with the weight on and off, a template's worth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from creator_kit.exposure.market.experiments import GradeEffect
from creator_kit.exposure.market.measures import MarketSummary, TemplateUse
from creator_kit.exposure.picture import (
    GREY,
    INK,
    RED,
    close_svg,
    format_count,
    grid_row,
    open_svg,
    round_ticks,
    svg_text,
)
from creator_kit.locale import _

# The second height is of a picture without experiments.
WIDTH_PX, HEIGHT_PX, LOW_PX = 960, 720, 420
_CHANNEL_COLOURS = {"interest": "#3f6ea8", "fresh": "#8fb4dc", "search": "#b9b4a8", "follow": "#d9822b"}
# Panels: left, top, width and height of their plots.
_PANELS = ((84, 128, 360, 180), (560, 128, 360, 180), (84, 432, 360, 180), (560, 432, 360, 180))


def draw_market(
    summary: MarketSummary,
    grades: Sequence[GradeEffect] = (),
    templates: Sequence[TemplateUse] = (),
    path: Path | None = None,
) -> str:
    """Four panels; those whose experiment was not run are left out.

    Returns the SVG; with ``path`` it is written as SVG or PNG by its suffix.
    """
    height_px = HEIGHT_PX if grades or templates else LOW_PX
    parts = open_svg(WIDTH_PX, height_px)
    parts.append(svg_text(28, 40, _("A market of {n:,} users").format(n=summary.n_users), size=22, weight=600))
    line = _("{hours} hours · {slots} slots served · {notes:,} new notes").format(
        hours=summary.n_hours, slots=format_count(summary.n_slots), notes=summary.n_new_notes
    )
    parts.append(svg_text(28, 68, line, size=15, fill=GREY))
    parts += _stacks(_PANELS[0], _("impressions by hour"), summary.hourly_by_channel)
    learning = [
        (str(row["impressions_from"]) + "+", float(row["ctr"] or 0), row["ctr_low"], row["ctr_high"])
        for row in summary.experience
    ]
    parts += _dots(
        _PANELS[1], _("opened, by what the platform had shown a user before"), learning, percent=True, least=0.0
    )
    if grades:
        rows = [(str(g.grade), g.ratio, g.low, g.high) for g in grades]
        parts += _dots(_PANELS[2], _("grade: impressions with the weight / without"), rows, level=1.0)
    if templates:
        told = [
            (f"{100 * t.adoption:.0f}%", t.ratio, t.ratio_low, t.ratio_high) for t in templates if t.ratio is not None
        ]
        parts += _dots(_PANELS[3], _("a template's CTR / others', by how many follow it"), told, level=1.0)
    parts.append(
        svg_text(
            28,
            height_px - 18,
            _("lines: intervals of 95% · properties of the assumed model, not evidence about the platform"),
            size=12,
            fill=GREY,
        )
    )
    return close_svg(parts, path)


Row = tuple[str, float, float | int | None, float | int | None]


def _frame(
    panel: tuple[int, int, int, int],
    title: str,
    rows: Sequence[Row],
    low: float,
    high: float,
    every: int,
    percent: bool,
) -> list[str]:
    left, top, width, height = panel
    parts = [svg_text(left - 56, top - 18, title, size=14, weight=600)]
    for value in round_ticks(low, high):
        text = f"{100 * value:.3g}%" if percent else f"{value:,.0f}" if high > 10 else f"{value:.2f}"
        parts += grid_row(left, left + width, top + height - height * (value - low) / (high - low), text)
    for k, row in enumerate(rows):
        if k % every == 0:
            x = left + width * (k + 0.5) / len(rows)
            parts.append(svg_text(x, top + height + 20, row[0], size=12, fill=GREY, anchor="middle"))
    return parts


def _stacks(panel: tuple[int, int, int, int], title: str, by_channel: dict[str, list[int]]) -> list[str]:
    """Bars by hour, the channels one upon the other, with a key below."""
    left, top, width, height = panel
    totals = [sum(hour) for hour in zip(*by_channel.values(), strict=True)]
    most = max(totals, default=1) * 1.05 or 1.0
    rows: list[Row] = [(str(hour), float(n), None, None) for hour, n in enumerate(totals)]
    parts = _frame(panel, title, rows, 0.0, most, max(len(rows) // 8, 1), False)
    step, reach = width / max(len(rows), 1), [0.0] * len(rows)
    names = {"interest": _("interest"), "fresh": _("fresh"), "search": _("search"), "follow": _("followed")}
    for number, (channel, counts) in enumerate(by_channel.items()):
        colour = _CHANNEL_COLOURS[channel]
        for k, n in enumerate(counts):
            tall = height * n / most
            reach[k] += tall
            parts.append(
                f'<rect x="{left + k * step + step * 0.12:.1f}" y="{top + height - reach[k]:.1f}" '
                f'width="{step * 0.76:.1f}" height="{tall:.1f}" fill="{colour}"/>'
            )
        x, y = left + number * width / len(by_channel), top + height + 46
        parts.append(f'<rect x="{x:.1f}" y="{y - 10:.1f}" width="12" height="12" fill="{colour}"/>')
        parts.append(svg_text(x + 18, y + 1, names[channel], size=12, fill=GREY))
    return parts


def _dots(
    panel: tuple[int, int, int, int],
    title: str,
    rows: Sequence[Row],
    *,
    percent: bool = False,
    level: float | None = None,
    least: float | None = None,
) -> list[str]:
    left, top, width, height = panel
    ends = [float(x) for row in rows for x in row[1:] if x is not None] + ([level] if level is not None else [])
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    margin = max((high - low) * 0.12, 1e-3)
    low, high = (low - margin if least is None else least), high + margin

    def y_of(value: float) -> float:
        return top + height - height * (value - low) / (high - low)

    parts = _frame(panel, title, rows, low, high, 1, percent)
    if level is not None:
        parts.append(
            f'<line x1="{left}" x2="{left + width}" y1="{y_of(level):.1f}" y2="{y_of(level):.1f}" '
            f'stroke="{GREY}" stroke-dasharray="4 4"/>'
        )
    for k, (_name, value, lower, upper) in enumerate(rows):
        x = left + width * (k + 0.5) / len(rows)
        if lower is not None and upper is not None:
            parts.append(
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{y_of(float(lower)):.1f}" y2="{y_of(float(upper)):.1f}" '
                f'stroke="{RED}" stroke-width="3" stroke-opacity="0.35"/>'
            )
        parts.append(f'<circle cx="{x:.1f}" cy="{y_of(value):.1f}" r="4.5" fill="{RED if level else INK}"/>')
    return parts
