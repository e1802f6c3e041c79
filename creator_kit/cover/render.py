"""Drawing a laid-out cover with Pillow. Flat colours through cached masks; no full-size layer is made twice."""

from __future__ import annotations

from functools import lru_cache

from PIL import Image, ImageDraw

from creator_kit.cover.boxes import Box, LaidOutCover, PhotoBox, TextBox
from creator_kit.cover.emoji import draw_emoji
from creator_kit.cover.fonts import Fonts
from creator_kit.cover.photo import PhotoFile, crop_to, draw_scrim
from creator_kit.cover.saliency import find_focus
from creator_kit.cover.shapes import draw_ground, draw_overlay

_SUPERSAMPLING = 4


def render_cover(cover: LaidOutCover) -> Image.Image:
    """``cover`` as an RGB image of its size. The same boxes give the same pixels."""
    image = render_ground(cover)
    draw_texts(image, cover)
    return image


def draw_texts(image: Image.Image, cover: LaidOutCover) -> None:
    """Draw the letters of ``cover`` onto ``image``, which ``render_ground`` made."""
    for text in cover.texts:
        paste_text(image, text, cover.fonts)


def render_ground(cover: LaidOutCover) -> Image.Image:
    """``cover`` without its letters: the pixels that are really behind them."""
    if any(photo.box == (0, 0, *cover.size_px) and not photo.radius_px for photo in cover.photos):
        image = Image.new("RGB", cover.size_px)  # nothing of the ground would be seen
    else:
        image = draw_ground(cover.ground_svg).copy()
    for photo in cover.photos:
        _paste_photo(image, photo, cover)
    if cover.overlay_svg:
        overlay, place = draw_overlay(cover.overlay_svg)
        image.paste(overlay, place, overlay)
    for plate in cover.plates:
        _paste_plate(image, plate.box, plate.radius_px, plate.fill)
    return image


def _paste_photo(image: Image.Image, photo: PhotoBox, cover: LaidOutCover) -> None:
    left, top, right, bottom = photo.box
    if photo.border_px:
        edge = photo.border_px
        frame = (left - edge, top - edge, right + edge, bottom + edge)
        _paste_plate(image, frame, photo.radius_px + edge if photo.radius_px else 0, photo.border_fill)
    size = (right - left, bottom - top)
    whole = cover.pictures[photo.index]
    if isinstance(whole, PhotoFile):
        picture = whole.crop(size, photo.focus)
    else:
        picture = crop_to(whole, size, photo.focus or find_focus(whole, size))
    if photo.scrim != "none":
        plates = [plate.box for plate in cover.plates]
        # A text on a plate of its own asks nothing of the photo: a badge at the top would darken all of it.
        texts = [
            text.box
            for text in cover.texts
            if _overlaps(text.box, photo.box) and not any(_holds(plate, text.box) for plate in plates)
        ]
        inside = [(b[0] - left, b[1] - top, b[2] - left, b[3] - top) for b in texts]
        picture = picture.copy()
        draw_scrim(picture, photo.scrim, inside)
    image.paste(picture, (left, top), rounded_mask(size, photo.radius_px) if photo.radius_px else None)


def _overlaps(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _holds(outer: Box, inner: Box) -> bool:
    return outer[0] <= inner[0] and outer[1] <= inner[1] and outer[2] >= inner[2] and outer[3] >= inner[3]


def _paste_plate(image: Image.Image, box: Box, radius_px: int, fill: tuple[int, int, int]) -> None:
    if not radius_px:
        image.paste(fill, box)
        return
    image.paste(fill, box[:2], rounded_mask((box[2] - box[0], box[3] - box[1]), radius_px))


@lru_cache(maxsize=64)
def rounded_mask(size: tuple[int, int], radius_px: int) -> Image.Image:
    """An L mask with smooth round corners: one corner drawn at four times the size, then mirrored into place."""
    width, height = size
    radius = min(radius_px, width // 2, height // 2)
    mask = Image.new("L", size, 255)
    if radius < 1:
        return mask
    big = radius * _SUPERSAMPLING
    corner = Image.new("L", (big, big), 0)
    ImageDraw.Draw(corner).ellipse((0, 0, 2 * big - 1, 2 * big - 1), fill=255)
    corner = corner.resize((radius, radius), Image.Resampling.BOX)
    flipped = corner.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    mask.paste(corner, (0, 0))
    mask.paste(flipped, (width - radius, 0))
    mask.paste(corner.transpose(Image.Transpose.FLIP_TOP_BOTTOM), (0, height - radius))
    mask.paste(flipped.transpose(Image.Transpose.FLIP_TOP_BOTTOM), (width - radius, height - radius))
    return mask


def paste_text(image: Image.Image, text: TextBox, fonts: Fonts) -> None:
    """Draw ``text`` onto ``image``."""
    for line in text.lines:
        for glyph in line.glyphs:
            if glyph.kind == "emoji":
                picture = draw_emoji(glyph.text, glyph.size_px)
                image.paste(picture, (glyph.x, glyph.y - round(0.88 * glyph.size_px)), picture)
                continue
            mask, dx, dy = fonts.draw_mask(glyph.text, glyph.size_px, text.weight)
            image.paste(glyph.colour, (glyph.x + dx, glyph.y + dy), mask)
