"""Charts of the page: Matplotlib draws them, and what it wrote is turned into SVG that a strict page can hold.

Style attributes become presentation attributes (a page's policy forbids the former), colours become the page's
variables, so that a chart follows light and dark, and each text stands there in both languages, of which the page
shows one. Data colours are Okabe and Ito's; nothing is told by colour alone. The same data give the same bytes.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from html import escape
from typing import Any

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

from creator_kit.exposure.picture import format_count
from creator_kit.locale import Both

INK, MUTED, LINE = "#101010", "#606060", "#d0d0d0"
BLUE, VERMILION = "#0072b2", "#d55e00"
_COLOURS = {INK: "currentColor", MUTED: "var(--muted)", LINE: "var(--line)", BLUE: "var(--c1)", VERMILION: "var(--c2)"}
_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "creator_kit",
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": MUTED,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": MUTED,
}
_AGES_HOURS = (1, 3, 6, 12, 24, 72, 168, 336, 720, 2160, 4320, 8760)
ROW_PX = 26
WHISKER_WIDTH_PX = 260
MAX_FACTOR = 8.0
# Narrow, so that the letters are still read at the width of a phone.
WIDTH_IN = 5.2
# Where the figures of the funnel end, in widths of its plot.
_FIGURE_COLUMNS = (1.16, 1.37, 1.62)

_STYLE = re.compile(r' style="([^"]*)"')
_ID = re.compile(r'(\bid="|href="#|url\(#)([A-Za-z0-9_.-]+)')
_TEXT = re.compile(r"<text([^>]*)>@@(\d+)@@</text>")


class _Texts:
    """Texts of a chart: Matplotlib sets a short mark, which becomes the text in both languages."""

    def __init__(self) -> None:
        self.texts: list[Both] = []

    def __call__(self, text: Both) -> str:
        self.texts.append(text)
        return f"@@{len(self.texts) - 1}@@"


def draw_fan(
    hours: Sequence[int], band: dict[str, Sequence[float]], *, x_name: Both, y_name: Both, name: str
) -> Markup:
    """Cumulative impressions by age, both axes logarithmic: P10 to P90 as a band, P50 as a line."""
    with mpl.rc_context(_SETTINGS):
        figure, axes = _axes(WIDTH_IN, 3.5, (0.125, 0.165, 0.665, 0.755))
        low, mid, high = (np.maximum(np.asarray(band[key], float), 0.8) for key in ("p10", "p50", "p90"))
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.fill_between(hours, low, high, color=BLUE, alpha=0.22, linewidth=0)
        axes.plot(hours, mid, color=BLUE, linewidth=2.6)
        for line in (low, high):
            axes.plot(hours, line, color=BLUE, linewidth=1, linestyle=(0, (4, 3)))
        axes.set_xlim(hours[0], hours[-1])
        axes.set_ylim(max(low[0] * 0.8, 0.8), high[-1] * 1.3)
        texts = _Texts()
        _count_axis(axes.yaxis, *axes.get_ylim())
        ticks = [hour for hour in _AGES_HOURS if hours[0] <= hour <= hours[-1]]
        axes.xaxis.set_major_locator(FixedLocator(ticks))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda hour, _at: texts(_age(int(hour)))))
        axes.set_xlabel(texts(x_name))
        axes.text(0, 1.03, texts(y_name), transform=axes.transAxes, color=MUTED)
        _label_ends(axes, [("P90", high[-1]), ("P50", mid[-1]), ("P10", low[-1])])
        return _finish(figure, texts, name)


def draw_funnel(rows: Sequence[tuple[Both, float, float, float]], *, x_name: Both, name: str) -> Markup:
    """A bar from P10 to P90 for each outcome (name, P10, P50, P90), a tick at P50, on log(1 + count)."""
    with mpl.rc_context(_SETTINGS):
        height = 0.36 * len(rows) + 1.0
        figure, axes = _axes(WIDTH_IN, height, (0.235, 0.56 / height, 0.46, 1 - 0.92 / height))
        texts = _Texts()
        for at, (_name, low, mid, high) in enumerate(rows):
            a, b, c = (math.log10(1 + value) for value in (low, mid, high))
            axes.plot([a, c], [at, at], color=BLUE, alpha=0.35, linewidth=11, solid_capstyle="butt")
            axes.plot([b, b], [at - 0.3, at + 0.3], color=BLUE, linewidth=3)
            for column, value in zip(_FIGURE_COLUMNS, (low, mid, high), strict=True):
                axes.text(
                    column,
                    at,
                    format_count(value),
                    transform=axes.get_yaxis_transform(),
                    va="center",
                    ha="right",
                    fontsize=10,
                )
        axes.set_yticks(range(len(rows)), [texts(row[0]) for row in rows])
        axes.invert_yaxis()
        most = max(math.log10(1 + row[3]) for row in rows) + 0.1
        counts = [0, *(10**k for k in range(1, 8) if math.log10(1 + 10**k) <= most)]
        axes.set_xlim(0, most)
        axes.xaxis.set_major_locator(FixedLocator([math.log10(1 + count) for count in counts]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda at, _i: f"{10**at - 1:,.0f}"))
        axes.yaxis.grid(False)
        axes.set_xlabel(texts(x_name))
        for column, head in zip(_FIGURE_COLUMNS, ("P10", "P50", "P90"), strict=True):
            axes.text(column, 1.03, head, transform=axes.transAxes, color=MUTED, fontsize=10, ha="right")
        return _finish(figure, texts, name)


def draw_calibration(
    rows: Sequence[tuple[float, float, float, float]], *, x_name: Both, y_name: Both, name: str
) -> Markup:
    """Past notes in order (P10, P50, P90, what came): a bar and a tick; a dot inside its bar, a cross outside."""
    with mpl.rc_context(_SETTINGS):
        figure, axes = _axes(WIDTH_IN, 3.4, (0.125, 0.165, 0.85, 0.75))
        axes.set_yscale("log")
        width = max(min(310 / max(len(rows), 1) * 0.6, 12), 1.2)
        for at, (low, mid, high, came) in enumerate(rows, 1):
            axes.plot(
                [at, at], [max(low, 1), max(high, 1)], color=BLUE, alpha=0.3, linewidth=width, solid_capstyle="butt"
            )
            axes.plot([at], [max(mid, 1)], marker="_", markersize=width, color=BLUE)
            is_inside = low <= came <= high
            axes.plot(
                [at],
                [max(came, 1)],
                marker="o" if is_inside else "X",
                markersize=4.5 if is_inside else 7,
                color=INK if is_inside else VERMILION,
                linestyle="",
            )
        values = [max(value, 1) for row in rows for value in row]
        axes.set_ylim(min(values) * 0.7, max(values) * 1.4)
        axes.set_xlim(0.3, len(rows) + 0.7)
        texts = _Texts()
        _count_axis(axes.yaxis, *axes.get_ylim())
        axes.xaxis.grid(False)
        axes.set_xlabel(texts(x_name))
        axes.text(0, 1.03, texts(y_name), transform=axes.transAxes, color=MUTED)
        return _finish(figure, texts, name)


def draw_whiskers(
    rows: Sequence[tuple[str, float, float, float]], *, axis_name: Both
) -> tuple[dict[str, Markup], Markup | None]:
    """A dot with its interval for each (key, low, value, high) on one logarithmic axis of ratios, and that axis.

    Whiskers that leave the axis end in an arrow's head.
    """
    if not rows:
        return {}, None
    most = min(max(max(max(row[3], 1 / max(row[1], 1e-3)) for row in rows) * 1.1, 2.0), MAX_FACTOR)
    height = ROW_PX * (len(rows) + 2)
    with mpl.rc_context(_SETTINGS):
        figure, axes = _axes(WHISKER_WIDTH_PX / 72, height / 72, (0, 0, 1, 1))
        axes.set_axis_off()
        axes.set_xscale("log")
        axes.set_xlim(1 / most, most)
        axes.set_ylim(height, 0)
        for at, (_key, low, value, high) in enumerate(rows):
            y = ROW_PX * (at + 0.5)
            drawn = axes.plot([1, 1], [y - ROW_PX / 2, y + ROW_PX / 2], color=MUTED, linewidth=1, linestyle=(0, (3, 3)))
            a, b = max(low, 1 / most), min(high, most)
            drawn += axes.plot([a, b], [y, y], color=BLUE, linewidth=2.2)
            drawn += axes.plot([value, value], [y, y], color=BLUE, linewidth=9, solid_capstyle="round")
            for end, mark, is_cut in ((a, "<", low < a), (b, ">", high > b)):
                drawn += axes.plot([end], [y], marker=mark if is_cut else "|", markersize=7, color=BLUE, linestyle="")
            for line in drawn:
                line.set_gid(f"row-{at}")
                line.set_clip_on(False)
        texts = _Texts()
        y = ROW_PX * (len(rows) + 0.5)
        labels = [
            axes.text(tick, y, f"{tick:g}×", ha="center", va="center", color=MUTED, fontsize=10)
            for tick in (0.25, 0.5, 1, 2, 4)
            if 1 / most < tick * 0.85 and tick * 1.15 < most
        ]
        labels.append(
            axes.text(1, y + ROW_PX * 0.8, texts(axis_name), ha="center", va="center", color=MUTED, fontsize=10)
        )
        for label in labels:
            label.set_gid("axis")
        svg = str(_finish(figure, texts, "w"))
    groups = _groups(svg)
    rows_by_key = {row[0]: _crop(groups[f"row-{at}"], ROW_PX * at, ROW_PX, "whisker") for at, row in enumerate(rows)}
    return rows_by_key, _crop(groups["axis"], ROW_PX * len(rows), 2 * ROW_PX, "whisker-axis")


def _axes(width_in: float, height_in: float, box: tuple[float, float, float, float]) -> tuple[Figure, Axes]:
    figure = Figure((width_in, height_in))
    return figure, figure.add_axes(box)


def _count_axis(axis: Any, low: float, high: float) -> None:
    """Counts on a logarithmic axis: decades, and 3s between where there are few."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [10.0**k for k in powers]
    if len([tick for tick in ticks if low <= tick <= high]) < 3:
        ticks += [3 * 10.0**k for k in powers]
    axis.set_major_locator(FixedLocator([tick for tick in sorted(ticks) if low <= tick <= high]))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())
    axis.set_major_formatter(FuncFormatter(lambda count, _at: f"{count:,.0f}" if count >= 1 else f"{count:g}"))


def _label_ends(axes: Axes, ends: Sequence[tuple[str, float]]) -> None:
    """Names and values at the right of their curves (highest first), moved apart where they would touch."""
    low, high = (math.log(limit) for limit in axes.get_ylim())
    last = math.inf
    for name, value in ends:
        place = min((math.log(value) - low) / (high - low), last - 0.085)
        last = place
        weight = "bold" if name == "P50" else "normal"
        axes.text(1.015, place, f"{name}  {format_count(value)}", transform=axes.transAxes, va="center", weight=weight)


def _age(hours: int) -> Both:
    return Both(f"{hours}时", f"{hours} h") if hours < 24 else Both(f"{hours // 24}天", f"{hours // 24} d")


def _finish(figure: Figure, texts: _Texts, name: str) -> Markup:
    buffer = io.StringIO()
    figure.patch.set_visible(False)
    for axes in figure.axes:
        axes.patch.set_visible(False)
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<!--.*?-->|<style.*?</style>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*" height="[^"]*"', r'\1 class="chart" aria-hidden="true"', svg, count=1)
    svg = _STYLE.sub(_to_attributes, svg)
    for colour, variable in _COLOURS.items():
        svg = svg.replace(colour, variable)
    svg = _ID.sub(rf"\1{name}-\2", svg)
    svg = _TEXT.sub(lambda match: _say_both(match.group(1), texts.texts[int(match.group(2))]), svg)
    return Markup(re.sub(r"\s*\n\s*", "\n", svg).strip())  # drawn here; every text in it was escaped


def _to_attributes(match: re.Match[str]) -> str:
    """``style="fill: #fff; stroke-width: 2"`` as attributes; the page chooses the fonts."""
    attributes = []
    for declaration in match.group(1).split(";"):
        name, _colon, value = declaration.strip().partition(": ")
        if name == "font":  # "700 11px 'DejaVu Sans'", perhaps with the weight left out
            size = re.search(r"[\d.]+px", value)
            attributes += [("font-size", size.group() if size else "")] + [("font-weight", "700")] * ("700" in value)
        elif name and name != "font-family":
            attributes.append((name, value))
    return "".join(f' {name}="{escape(value)}"' for name, value in attributes if value)


def _say_both(attributes: str, text: Both) -> str:
    if text.zh == text.en:
        return f"<text{attributes}>{escape(text.zh)}</text>"
    return f'<text class="zh"{attributes}>{escape(text.zh)}</text><text class="en"{attributes}>{escape(text.en)}</text>'


def _groups(svg: str) -> dict[str, str]:
    """The drawn groups by their id (Matplotlib writes them one after the other, with no group of ours in another)."""
    found: dict[str, str] = {}
    pieces = re.split(r'<g id="w-(row-\d+|axis)">', svg)
    for key, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        depth, end = 1, 0
        for tag in re.finditer(r"<g\b|</g>", piece):
            depth += 1 if tag.group() == "<g" else -1
            if depth == 0:
                end = tag.start()
                break
        found[key] = found.get(key, "") + f"<g>{piece[:end]}</g>"
    # A marker is defined where it is first used: each row brings its own.
    markers = {match.group(1): match.group() for match in re.finditer(r'<path id="(w-m[^"]+)"[^>]*/>', svg)}
    return {key: _own_markers(group, markers) for key, group in found.items()}


def _own_markers(group: str, markers: dict[str, str]) -> str:
    """``group`` with each marker drawn in place of its use, so that no row needs another's definitions."""
    group = re.sub(r"<defs>.*?</defs>", "", group, flags=re.DOTALL)

    def draw(match: re.Match[str]) -> str:
        path = re.sub(r' id="[^"]*"', "", markers[match.group(1)])
        return f'<g transform="translate({match.group(2)} {match.group(3)})"{match.group(4)}>{path}</g>'

    return re.sub(r'<use xlink:href="#(w-m[^"]+)" x="([^"]+)" y="([^"]+)"([^>]*)/>', draw, group)


def _crop(group: str, top_px: int, height_px: int, css_class: str) -> Markup:
    return Markup(  # a piece of a chart drawn above
        f'<svg class="{css_class}" viewBox="0 {top_px} {WHISKER_WIDTH_PX} {height_px}" aria-hidden="true" '
        f'xmlns="http://www.w3.org/2000/svg">{group}</svg>'
    )
