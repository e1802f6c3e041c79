"""How well a cover reads on the feed: measured on the boxes and on the pixels that are really behind the letters.

A score orders layouts for the same words; it is a rule of thumb about legibility, not a forecast of clicks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter, ImageStat

from creator_kit.cover.boxes import Box, LaidOutCover, TextBox
from creator_kit.cover.palette import LARGE_TEXT_CONTRAST, RGB, measure_contrast
from creator_kit.cover.render import draw_texts, render_ground
from creator_kit.locale import _

# A phone's screen of 1080 px shows two columns; this is the width in which a reader first meets a cover.
FEED_COLUMN_PX = 520
# Below this many feed pixels a Chinese character's strokes run together; a good title is five times as tall.
LEGIBLE_FEED_PX, GOOD_FEED_PX = 20.0, 100.0
# APCA: Lc 75 is preferred for fluent reading, Lc 45 the least for large heavy text (APCA-W3 0.1.9).
GOOD_LC, LEAST_LC = 75.0, 45.0
_CLUTTER_EDGE, _MOST_CLUTTER = 40, 0.30
_SMALL_PX = 260
_UNIMPORTANT = frozenset(("watermark", "label", "literal", "marker"))


@dataclass(frozen=True, slots=True)
class CoverFinding:
    """Something a reader may stumble over: ``rule`` for programs, ``message`` for the person."""

    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class CoverScore:
    """``score`` 0 to 100. Heights are pixels of type on a two-column feed; contrasts are the worst twentieth.

    ``title_share`` is the title's share of all edges of the picture (0 to 1): how much it stands out.
    ``clutter_rate`` is the share of pixels on a strong edge outside of texts.
    """

    score: float
    title_feed_px: float
    smallest_feed_px: float
    contrast_wcag: float
    contrast_apca_lc: float
    clutter_rate: float
    title_share: float
    n_overflows: int
    findings: tuple[CoverFinding, ...]


def score_cover(cover: LaidOutCover, drawn: tuple[Image.Image, Image.Image] | None = None) -> CoverScore:
    """Measure ``cover`` as it is drawn: without its letters and with them (``drawn``, where that was done before)."""
    if drawn is None:
        ground = render_ground(cover)
        image = ground.copy()
        draw_texts(image, cover)
    else:
        ground, image = drawn
    important = [text for text in cover.texts if text.role not in _UNIMPORTANT]
    title = next(text for text in cover.texts if text.role == "title")
    to_feed = FEED_COLUMN_PX / cover.size_px[0]
    title_px = title.size_px * to_feed
    smallest_px = min(text.size_px for text in important) * to_feed
    pairs = [pair for text in important for pair in _measure_contrasts(text, ground)]
    # Emoji bring their own colours: a title of nothing else has no contrast to be measured.
    wcag, lc = min((pair[0] for pair in pairs), default=21.0), min((pair[1] for pair in pairs), default=100.0)
    clutter, share = _measure_edges(image, cover, title)
    n_overflows = sum(not _is_inside(text.box, text.region) for text in cover.texts)
    parts = (
        (0.40, _scale(title_px, LEGIBLE_FEED_PX * 0.7, GOOD_FEED_PX)),
        (0.10, _scale(smallest_px, LEGIBLE_FEED_PX * 0.5, LEGIBLE_FEED_PX * 1.2)),
        (0.20, _scale(lc, 30.0, GOOD_LC)),
        (0.20, _scale(share, 0.0, 0.6)),
        (0.10, 1.0 - _scale(clutter, 0.04, _MOST_CLUTTER)),
    )
    score = 100 * sum(weight * value for weight, value in parts) * (0.5 if n_overflows else 1.0)
    findings = tuple(_list_findings(title_px, smallest_px, wcag, lc, clutter, share, n_overflows))
    return CoverScore(
        round(score, 1),
        round(title_px, 1),
        round(smallest_px, 1),
        round(wcag, 2),
        round(lc, 1),
        round(clutter, 3),
        round(share, 3),
        n_overflows,
        findings,
    )


def measure_apca(text: RGB, ground: RGB) -> float:
    """The size of the APCA contrast Lc (0 to 108) of ``text`` on ``ground`` (APCA-W3 0.1.9, the sign dropped)."""
    y_text, y_ground = _apca_luminance(text), _apca_luminance(ground)
    if abs(y_ground - y_text) < 0.0005:
        return 0.0
    if y_ground > y_text:
        contrast = (y_ground**0.56 - y_text**0.57) * 1.14
    else:
        contrast = (y_text**0.62 - y_ground**0.65) * 1.14
    return 0.0 if contrast < 0.1 else (contrast - 0.027) * 100


# The share of each channel's value in APCA's luminance.
_APCA_RED, _APCA_GREEN, _APCA_BLUE = (
    tuple(weight * (value / 255) ** 2.4 for value in range(256)) for weight in (0.2126729, 0.7151522, 0.0721750)
)


def _apca_luminance(rgb: RGB) -> float:
    y = _APCA_RED[rgb[0]] + _APCA_GREEN[rgb[1]] + _APCA_BLUE[rgb[2]]
    return float(y + (0.022 - y) ** 1.414) if y < 0.022 else y


def _measure_contrasts(text: TextBox, ground: Image.Image) -> Iterator[tuple[float, float]]:
    """(WCAG, APCA) of each line and colour against the worst twentieth of the pixels behind it."""
    for line in text.lines:
        crop = ground.crop(line.box)
        small = crop.resize((min(crop.width, 48), min(crop.height, 24)), Image.Resampling.BOX)
        pixels = small.getcolors(48 * 24) or []
        total = sum(n for n, _rgb in pixels)
        for colour in sorted({glyph.colour for glyph in line.glyphs if glyph.kind == "glyph"}):
            worst = []
            for measure in (measure_contrast, measure_apca):
                counted, seen = sorted((measure(colour, rgb), n) for n, rgb in pixels), 0  # type: ignore[arg-type]
                for value, n in counted:
                    seen += n
                    if seen >= 0.05 * total:
                        worst.append(value)
                        break
            yield worst[0], worst[1]


def _measure_edges(image: Image.Image, cover: LaidOutCover, title: TextBox) -> tuple[float, float]:
    """(clutter outside of texts, the title's share of all edges), on the picture at feed size."""
    scale = _SMALL_PX / cover.size_px[0]
    small = image.resize((_SMALL_PX, round(cover.size_px[1] * scale)), Image.Resampling.BOX).convert("L")
    edges = small.filter(ImageFilter.FIND_EDGES)
    # The filter leaves the outermost pixels as they were.
    frame = Image.new("L", small.size, 0)
    frame.paste(255, (1, 1, small.width - 1, small.height - 1))
    edges = ImageChops.multiply(edges, frame)
    inside = Image.new("L", small.size, 0)
    inside.paste(255, _scaled(title.box, scale))
    total = ImageStat.Stat(edges).sum[0] or 1.0
    share = ImageStat.Stat(edges, inside).sum[0] / total if inside.getbbox() else 0.0
    outside = Image.new("L", small.size, 255)
    for text in cover.texts:
        outside.paste(0, _scaled(text.box, scale))
    histogram = edges.histogram(outside)
    n_pixels = sum(histogram) or 1
    return sum(histogram[_CLUTTER_EDGE:]) / n_pixels, float(share)


def _scaled(box: Box, scale: float) -> Box:
    return (int(box[0] * scale), int(box[1] * scale), int(box[2] * scale) + 1, int(box[3] * scale) + 1)


def _is_inside(box: Box, room: Box) -> bool:
    return box[0] >= room[0] and box[1] >= room[1] and box[2] <= room[2] and box[3] <= room[3]


def _scale(value: float, low: float, high: float) -> float:
    return min(max((value - low) / (high - low), 0.0), 1.0)


def _list_findings(
    title_px: float, smallest_px: float, wcag: float, lc: float, clutter: float, share: float, n_overflows: int
) -> Iterator[CoverFinding]:
    if title_px < LEGIBLE_FEED_PX * 1.4:
        yield CoverFinding(
            "title-small",
            _("on the feed the title is {px:.0f} px tall; shorten it or take a layout with larger type").format(
                px=title_px
            ),
        )
    if smallest_px < LEGIBLE_FEED_PX * 0.6:
        yield CoverFinding(
            "small-print",
            _("the smallest text is {px:.0f} px tall on the feed: nobody reads it there").format(px=smallest_px),
        )
    if wcag < LARGE_TEXT_CONTRAST or lc < LEAST_LC:
        yield CoverFinding(
            "contrast",
            _("a text stands out too little from what is behind it (WCAG {wcag:.1f}:1, APCA Lc {lc:.0f})").format(
                wcag=wcag, lc=lc
            ),
        )
    if clutter > _MOST_CLUTTER * 0.7:
        yield CoverFinding("clutter", _("the picture is busy: calm it, or put the title on a plate"))
    if share < 0.08:
        yield CoverFinding("title-lost", _("the title is a small part of what catches the eye"))
    if n_overflows:
        yield CoverFinding("overflow", _("{n} texts reach beyond their place").format(n=n_overflows))
