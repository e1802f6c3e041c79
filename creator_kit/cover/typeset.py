"""Setting a text into a rectangle: the largest size whose lines break by phrase, stay even and fit.

Everything is measured in em and scaled, so a result depends only on the text, the style, the rectangle and the font.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from wcwidth import iter_graphemes

from creator_kit.cover.fonts import Fonts
from creator_kit.errors import InputError
from creator_kit.locale import _
from creator_kit.text.linebreak import Piece, break_pieces, join_line, split_pieces

Emphasis = Literal["none", "numbers", "line", "auto"]

# The em box of a Chinese glyph above and below the baseline (OS/2 typographic metrics of Noto Sans SC).
ASCENT_EM, DESCENT_EM = 0.88, 0.12
# How much size may be given up for a better break: a cost of 1 weighs as much as 30 % of size.
_COST_WEIGHT = 0.35
_SIZE_STEP = 0.96
# White left at the two sides of a full-width mark, in em; a whole em tears holes into large type.
_OPENERS = frozenset("（【「『《〈“‘")
_EMOJI_ADVANCE_EM, _EMOJI_SIZE_EM = 1.18, 1.0
_NUMBER = re.compile(
    r"(?<![A-Za-z0-9])(?<![A-Za-z] )第?[¥￥$]?\d+(?:[.,:/~～\-–]\d+)*"
    r"(?:%|％|[A-Za-z]{1,3}(?![A-Za-z])"
    r"|[万千百亿]?(?:小时|分钟|公里|公斤|毫升|厘米|个月|[块元个支款天晚年月周日岁秒点步招道种样折倍斤克米件套口只双张本瓶杯碗盒袋顿份次遍条页集期位家间台平题])?)\+?"
)


class TextTooLongError(InputError):
    """No legible size of ``text`` fits its place. ``role`` names the place (title, subtitle, …)."""

    def __init__(self, role: str, text: str) -> None:
        self.role, self.text = role, text
        super().__init__(
            _("the {role} does not fit at a size that a reader could read: {text}").format(role=role, text=text),
            hint=_("shorten it, or choose another layout (--layout) or a taller size (--size)"),
        )


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How a text may be set; sizes in pixels, the rest in em or as ratios.

    ``justify`` is how much larger than the base size a line may become to fill its measure (1.0: all lines alike).
    """

    min_px: float
    max_px: float
    weight: int = 700
    line_height: float = 1.22
    tracking: float = 0.0
    max_lines: int = 4
    justify: float = 1.0
    emphasis: Emphasis = "none"
    emphasis_scale: float = 1.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """A grapheme with its place in the line, in em of the line's size: pen at ``x``, enlarged by ``scale``."""

    text: str
    kind: str
    x: float
    advance: float
    scale: float
    emphasised: bool
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class SetLine:
    """A line at ``size_px``; ``top_px`` is its place in the block, ``ascent_px``/``descent_px`` hold all its ink."""

    text: str
    size_px: int
    width_px: int
    top_px: int
    ascent_px: int
    descent_px: int
    clusters: tuple[Cluster, ...]


@dataclass(frozen=True, slots=True)
class SetText:
    """A text in lines. ``size_px`` is the base size."""

    size_px: int
    width_px: int
    height_px: int
    lines: tuple[SetLine, ...]


def set_text(text: str, style: TextStyle, fonts: Fonts, *, width_px: float, height_px: float, role: str) -> SetText:
    """``text`` at the largest size of ``style`` that fits ``width_px`` × ``height_px``.

    Size and quality of the breaks are weighed against each other. Raises TextTooLongError when nothing fits at
    ``style.min_px`` and MissingGlyphError for a character that cannot be drawn.
    """
    measured = _measure_text(
        " ".join(unicodedata.normalize("NFC", text).split()),
        fonts,
        style.weight,
        style.tracking,
        style.emphasis,
        style.emphasis_scale,
    )
    pieces = measured.pieces
    if not pieces:
        raise TextTooLongError(role, text)
    best: tuple[float, _Plan] | None = None
    seen: set[tuple[tuple[int, int], ...]] = set()
    size = style.max_px
    while size >= style.min_px:
        # No later (smaller) size can win once even a perfect break of it would weigh less.
        if best is not None and math.log(size * style.justify) <= best[0]:
            break
        for n_lines in range(1, min(style.max_lines, len(pieces)) + 1):
            found = break_pieces(
                measured.widths,
                measured.separator_widths,
                measured.costs,
                measured.run_ons,
                max_width=width_px / size,
                n_lines=n_lines,
            )
            if found is None or found.spans in seen:
                continue
            seen.add(found.spans)  # the lines grow to the largest size that fits, whatever limit they were found for
            plan = _plan_lines(found.spans, measured, style, width_px, height_px)
            if plan is None:
                continue
            area = sum(size * math.ceil(row.width * size) for row, size in zip(plan.rows, plan.sizes, strict=True))
            score = 0.5 * math.log(area / measured.total_em) - _COST_WEIGHT * found.cost
            if best is None or score > best[0] + 1e-9:
                best = (score, plan)
        size *= _SIZE_STEP
    if best is None:
        raise TextTooLongError(role, text)
    return _finish(best[1], measured, style)


def set_text_at(text: str, style: TextStyle, fonts: Fonts, *, size_px: int, width_px: float) -> SetText | None:
    """``text`` at exactly ``size_px`` in as few lines as ``style.max_lines`` allows; None when it does not fit."""
    fixed = replace(style, min_px=size_px, max_px=size_px, justify=1.0)
    for n_lines in range(1, style.max_lines + 1):
        try:
            return set_text(
                text, replace(fixed, max_lines=n_lines), fonts, width_px=width_px, height_px=math.inf, role="points"
            )
        except TextTooLongError:
            continue
    return None


@dataclass(frozen=True, slots=True)
class _Measured:
    """A text in pieces with all that does not depend on its size. ``advances`` are those of a piece's clusters."""

    pieces: tuple[Piece, ...]
    bodies: tuple[tuple[Cluster, ...], ...]
    separators: tuple[tuple[Cluster, ...], ...]
    widths: tuple[float, ...]
    separator_widths: tuple[float, ...]
    costs: tuple[float, ...]
    run_ons: tuple[float, ...]
    total_em: float


# A list tries a dozen sizes for the same texts, and a batch says the same badge on every cover.
@lru_cache(maxsize=512)
def _measure_text(
    text: str, fonts: Fonts, weight: int, tracking: float, emphasis: Emphasis, emphasis_scale: float
) -> _Measured:
    pieces = tuple(split_pieces(text))
    style = TextStyle(0, 0, weight, tracking=tracking, emphasis=emphasis, emphasis_scale=emphasis_scale)
    emphasised = _emphasised_positions(text, style)
    bodies, separators, position = [], [], 0
    for piece in pieces:
        bodies.append(tuple(_measure(piece.text, position, emphasised, style, fonts)))
        position += len(piece.text)
        separators.append(tuple(_measure(piece.separator, position, frozenset(), style, fonts)))
        position += len(piece.separator)
    widths = tuple(sum(c.advance for c in clusters) for clusters in bodies)
    return _Measured(
        pieces,
        tuple(bodies),
        tuple(separators),
        widths,
        tuple(sum(c.advance for c in clusters) for clusters in separators),
        tuple(piece.break_cost for piece in pieces),
        tuple(piece.run_on_cost for piece in pieces),
        sum(widths) or 1.0,
    )


def _emphasised_positions(text: str, style: TextStyle) -> frozenset[int]:
    if style.emphasis not in ("numbers", "auto"):
        return frozenset()
    return frozenset(i for match in _NUMBER.finditer(text) for i in range(match.start(), match.end()))


def _measure(text: str, position: int, emphasised: frozenset[int], style: TextStyle, fonts: Fonts) -> Iterator[Cluster]:
    """Clusters with ``x`` still the shift of the pen within the cluster's own advance."""
    for grapheme in iter_graphemes(text):
        loud = position in emphasised
        scale = style.emphasis_scale if loud and grapheme.isascii() else 1.0
        position += len(grapheme)
        if not grapheme.strip():
            yield Cluster(grapheme, "space", 0.0, 0.3 + style.tracking, 1.0, False, 0.0, 0.0)
            continue
        kind = fonts.classify(grapheme)
        if kind == "emoji":
            top = -ASCENT_EM + (1.0 - _EMOJI_SIZE_EM) / 2
            pad = (_EMOJI_ADVANCE_EM - _EMOJI_SIZE_EM) / 2
            advance = _EMOJI_ADVANCE_EM + style.tracking
            yield Cluster(grapheme, kind, pad, advance, 1.0, False, top, top + _EMOJI_SIZE_EM)
            continue
        metrics = fonts.measure(grapheme, style.weight)
        shift, advance = 0.0, metrics.advance
        if _is_wide_mark(grapheme) and advance > 0.9 and metrics.right - metrics.left < 0.6:
            before, after = (0.14, 0.05) if grapheme in _OPENERS else (0.06, 0.14)
            if grapheme in "｜|":
                before = after = 0.2
            shift = before - metrics.left
            advance = before + (metrics.right - metrics.left) + after
        else:
            # Ink that reaches past its advance must not reach past the line's box.
            shift = max(0.0, -metrics.left)
            advance = max(advance, metrics.right + shift)
        yield Cluster(
            grapheme,
            "glyph",
            shift * scale,
            (advance + style.tracking) * scale,
            scale,
            loud,
            metrics.top * scale,
            metrics.bottom * scale,
        )


def _is_wide_mark(grapheme: str) -> bool:
    return unicodedata.category(grapheme[0])[0] == "P" or grapheme[0] in "｜"


@dataclass(frozen=True, slots=True)
class _Row:
    """A line before its size is known: its pieces, and its measures in em."""

    first: int
    last: int
    width: float
    ascent: float
    descent: float


@dataclass(frozen=True, slots=True)
class _Plan:
    """Lines at their sizes; (top, ascent, descent) of each and the whole height in pixels."""

    rows: tuple[_Row, ...]
    sizes: tuple[int, ...]
    places: tuple[tuple[int, int, int], ...]
    height_px: int


def _plan_lines(
    spans: Sequence[tuple[int, int]], measured: _Measured, style: TextStyle, width_px: float, height_px: float
) -> _Plan | None:
    """Lines at the largest size (each enlarged up to ``style.justify``) within the rectangle; None below min_px."""
    rows = tuple(_measure_row(first, last, measured, style) for first, last in spans)
    base = min(style.max_px, width_px / max(row.width for row in rows))
    sizes = [min(base * style.justify, width_px / row.width, style.max_px) for row in rows]
    height = _stack_rows(rows, [int(size) for size in sizes], style)[1]
    if height > height_px:
        # Heights are linear in the size up to rounding: one division and, rarely, a pixel less.
        shrink = height_px / height
        sizes = [size * shrink for size in sizes]
        while _stack_rows(rows, [int(size) for size in sizes], style)[1] > height_px and min(sizes) > 1:
            sizes = [size - 1 for size in sizes]
    whole = [int(size + 1e-6) for size in sizes]
    if min(whole) < math.floor(style.min_px):
        return None
    places, total = _stack_rows(rows, whole, style)
    return _Plan(rows, tuple(whole), tuple(places), total)


def _row_clusters(first: int, last: int, measured: _Measured) -> Iterator[Cluster]:
    for i in range(first, last):
        yield from measured.bodies[i]
        if i < last - 1:
            yield from measured.separators[i]


def _measure_row(first: int, last: int, measured: _Measured, style: TextStyle) -> _Row:
    width, ascent, descent = 0.0, ASCENT_EM, DESCENT_EM
    for cluster in _row_clusters(first, last, measured):
        width += cluster.advance
        ascent, descent = max(ascent, -cluster.top), max(descent, cluster.bottom)
    return _Row(first, last, width - style.tracking, ascent, descent)


def _stack_rows(rows: Sequence[_Row], sizes: Sequence[int], style: TextStyle) -> tuple[list[tuple[int, int, int]], int]:
    """(top, ascent, descent) of each row in pixels, and the height of all."""
    places: list[tuple[int, int, int]] = []
    y = 0.0
    for i, (row, size) in enumerate(zip(rows, sizes, strict=True)):
        if i:
            above = places[-1]
            leading = (style.line_height - 1.0) * (size + sizes[i - 1]) / 2
            y += leading - (above[2] - DESCENT_EM * sizes[i - 1]) - (row.ascent - ASCENT_EM) * size
            y = max(y, sum(above))
        top = math.ceil(y)
        ascent_px, descent_px = math.ceil(row.ascent * size), math.ceil(row.descent * size)
        places.append((top, ascent_px, descent_px))
        y = top + ascent_px + descent_px
    return places, math.ceil(y)


def _finish(plan: _Plan, measured: _Measured, style: TextStyle) -> SetText:
    lines = []
    for row, size, (top, ascent_px, descent_px) in zip(plan.rows, plan.sizes, plan.places, strict=True):
        x, placed = 0.0, []
        for c in _row_clusters(row.first, row.last, measured):
            # Written out: ``replace`` takes four times as long, and a list is set at a dozen sizes.
            placed.append(Cluster(c.text, c.kind, x + c.x, c.advance, c.scale, c.emphasised, c.top, c.bottom))
            x += c.advance
        text = join_line(measured.pieces[row.first : row.last])
        lines.append(SetLine(text, size, math.ceil(row.width * size), top, ascent_px, descent_px, tuple(placed)))
    if style.emphasis in ("line", "auto") and not any(c.emphasised for line in lines for c in line.clusters):
        lines = _emphasise_last_line(lines)
    return SetText(min(plan.sizes), max(line.width_px for line in lines), plan.height_px, tuple(lines))


def _emphasise_last_line(lines: list[SetLine]) -> list[SetLine]:
    if len(lines) < 2:
        return lines
    loud = tuple(replace(cluster, emphasised=cluster.kind == "glyph") for cluster in lines[-1].clusters)
    return [*lines[:-1], replace(lines[-1], clusters=loud)]
