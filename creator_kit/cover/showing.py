"""Pictures about covers: a contact sheet of layouts, and a phone-sized feed in which a reader would meet one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image
from pydantic import BaseModel, ConfigDict

from creator_kit.cover.boxes import place_text
from creator_kit.cover.fonts import Fonts
from creator_kit.cover.layout import CoverTexts, layout_cover
from creator_kit.cover.palette import Palette
from creator_kit.cover.render import paste_text, render_cover, rounded_mask
from creator_kit.cover.spec import CoverLayout
from creator_kit.cover.typeset import TextStyle, TextTooLongError, set_text
from creator_kit.datafiles import load_model
from creator_kit.paths import list_data_files

_SHEET_COLUMNS, _SHEET_CELL_PX, _SHEET_GAP_PX = 4, 420, 28
_SHEET_GROUND, _CAPTION = (238, 238, 240), (70, 70, 76)
# A phone's feed at three device pixels a point: 1080 wide, two columns.
_FEED_WIDTH_PX, _FEED_HEIGHT_PX, _FEED_GAP_PX, _FEED_RADIUS_PX = 1080, 2160, 15, 24
_FEED_GROUND, _CARD, _TITLE_INK, _QUIET = (245, 245, 245), (255, 255, 255), (51, 51, 51), (225, 225, 228)


class _Neighbour(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    layout: str
    palette: str
    points: tuple[str, ...] = ()


class _Neighbours(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    neighbour: tuple[_Neighbour, ...]


def render_sheet(covers: Sequence[tuple[str, Image.Image]], fonts: Fonts) -> Image.Image:
    """A contact sheet of ``(caption, cover)`` in four columns."""
    n_columns = min(_SHEET_COLUMNS, max(len(covers), 1))
    heights = [round(_SHEET_CELL_PX * image.height / image.width) for _caption, image in covers]
    cell_height = max(heights, default=0) + 58
    n_rows = -(-len(covers) // n_columns)
    size = (
        n_columns * (_SHEET_CELL_PX + _SHEET_GAP_PX) + _SHEET_GAP_PX,
        n_rows * (cell_height + _SHEET_GAP_PX) + _SHEET_GAP_PX,
    )
    sheet = Image.new("RGB", size, _SHEET_GROUND)
    for i, ((caption, image), height) in enumerate(zip(covers, heights, strict=True)):
        x = _SHEET_GAP_PX + (i % n_columns) * (_SHEET_CELL_PX + _SHEET_GAP_PX)
        y = _SHEET_GAP_PX + (i // n_columns) * (cell_height + _SHEET_GAP_PX)
        small = image.resize((_SHEET_CELL_PX, height), Image.Resampling.LANCZOS)
        sheet.paste(small, (x, y), rounded_mask(small.size, 10))
        _write(sheet, caption, (x, y + height + 12), _SHEET_CELL_PX, 28, fonts, _CAPTION, max_lines=1)
    return sheet


def render_feed(
    cover: Image.Image,
    title: str,
    *,
    layouts: Mapping[str, CoverLayout],
    palettes: Mapping[str, Palette],
    fonts: Fonts,
    user_root: Path | None = None,
) -> Image.Image:
    """``cover`` among made-up others in a two-column feed of 1080 × 2160 px; it stands second, at the upper right."""
    cards = []
    for path in list_data_files("covers/feed", ".toml", user_root):
        for one in load_model(path, _Neighbours).neighbour:
            if one.layout in layouts and one.palette in palettes:
                texts = CoverTexts(one.title, points=one.points)
                laid_out = layout_cover(layouts[one.layout], texts, palette=palettes[one.palette], fonts=fonts)
                cards.append((one.title, render_cover(laid_out)))
    cards.insert(1, (title, cover))
    feed = Image.new("RGB", (_FEED_WIDTH_PX, _FEED_HEIGHT_PX), _FEED_GROUND)
    width = (_FEED_WIDTH_PX - 3 * _FEED_GAP_PX) // 2
    tops = [_FEED_GAP_PX, _FEED_GAP_PX]
    for i, (caption, image) in enumerate(cards):
        # The platform fills the shorter column next; the first two go left and right.
        column = i if i < 2 else tops.index(min(tops))
        card = _draw_card(caption, image, width, fonts)
        feed.paste(
            card,
            (_FEED_GAP_PX + column * (width + _FEED_GAP_PX), tops[column]),
            rounded_mask(card.size, _FEED_RADIUS_PX),
        )
        tops[column] += card.height + _FEED_GAP_PX
    return feed


def _draw_card(caption: str, image: Image.Image, width: int, fonts: Fonts) -> Image.Image:
    height = round(width * min(image.height / image.width, 4 / 3))
    card = Image.new("RGB", (width, height + 220), _CARD)
    small = image.resize((width, round(width * image.height / image.width)), Image.Resampling.LANCZOS)
    top = (small.height - height) // 2
    card.paste(small.crop((0, top, width, top + height)), (0, 0))
    foot = height + 22 + _write(card, caption, (24, height + 22), width - 48, 38, fonts, _TITLE_INK, max_lines=2)
    # Author and likes: shapes only, since any name or number here would be invented.
    avatar = 42
    card.paste(_QUIET, (24, foot + 24), rounded_mask((avatar, avatar), avatar // 2))
    card.paste(_QUIET, (80, foot + 36), rounded_mask((150, 18), 9))
    card.paste(_QUIET, (width - 110, foot + 36), rounded_mask((80, 18), 9))
    return card.crop((0, 0, width, foot + 24 + avatar + 22))


def _write(
    image: Image.Image,
    text: str,
    place: tuple[int, int],
    width: int,
    size_px: int,
    fonts: Fonts,
    colour: tuple[int, int, int],
    *,
    max_lines: int,
) -> int:
    """A caption, and its height; one that is too long for its lines is left out rather than cut."""
    style = TextStyle(min_px=size_px * 0.6, max_px=size_px, weight=500, max_lines=max_lines, line_height=1.3)
    try:
        found = set_text(text, style, fonts, width_px=width, height_px=size_px * 1.5 * max_lines, role="title")
    except TextTooLongError:
        return 0
    x, y = place
    box = (x, y, x + width, y + found.height_px)
    placed = place_text(
        found, role="title", region=box, left=x, right=x + width, top=y, align="left", weight=500,
        colour=colour, emphasis_colour=colour,
    )  # fmt: skip
    paste_text(image, placed, fonts)
    return found.height_px
