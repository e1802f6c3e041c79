"""Photos: opened with care, upright, in RGB, cropped to a box, and darkened under text as much as they ask for."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from creator_kit.cover.palette import TEXT_CONTRAST, measure_luminance
from creator_kit.datafiles import storage_error
from creator_kit.errors import AssetError, InputError
from creator_kit.locale import _

MAX_PIXELS = 120_000_000  # a 108-megapixel phone photo passes; a bomb does not
MIN_SIDE_PX = 64
_HEIF_SUFFIXES = frozenset((".heic", ".heif"))


def load_photo(path: Path, *, enough_px: int | None = None) -> Image.Image:
    """The picture at ``path``: first frame, turned upright by its EXIF, 8-bit sRGB, transparency on white.

    A JPEG whose sides are several times ``enough_px`` is decoded at a half, a quarter or an eighth of its size, but
    no side below that: a phone's photo costs a quarter of the time then.

    Raises InputError for a file that is no picture, is cut off, too small or too large, and AssetError for HEIC
    without its plug-in.
    """
    where = str(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as opened:
                width, height = opened.size
                if width * height > MAX_PIXELS:
                    raise InputError(
                        _("{width} × {height} pixels are too many (limit {limit} million)").format(
                            width=width, height=height, limit=MAX_PIXELS // 1_000_000
                        ),
                        where=where,
                        hint=_("make it smaller first"),
                    )
                if min(width, height) < MIN_SIDE_PX:
                    raise InputError(
                        _("{width} × {height} pixels are too few for a cover").format(width=width, height=height),
                        where=where,
                    )
                opened.seek(0)
                if enough_px is not None:
                    opened.draft(None, (enough_px, enough_px))
                opened.load()
                return _to_srgb(ImageOps.exif_transpose(opened))
    except Image.DecompressionBombError as error:
        raise InputError(_("the picture says it has far too many pixels; it was not opened"), where=where) from error
    except UnidentifiedImageError as error:
        if path.suffix.lower() in _HEIF_SUFFIXES:
            raise AssetError(
                _("HEIC pictures need a plug-in"), where=where, hint=_("pip install pillow-heif, or save it as JPEG")
            ) from error
        raise InputError(_("not a picture that can be opened"), where=where, hint=_("use JPEG, PNG or WebP")) from error
    except FileNotFoundError as error:
        raise storage_error(error, path) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        if isinstance(error, OSError) and error.errno:
            raise storage_error(error, path) from error
        raise InputError(_("the picture is damaged or cut off ({error})").format(error=error), where=where) from error


def _to_srgb(image: Image.Image) -> Image.Image:
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I") or image.mode == "F":  # 16 bit a channel: scaled, since convert() would clip
        image = image.convert("F").point(lambda value: value * (255 / 65535)).convert("L")
        profile = None
    if profile and image.mode in ("RGB", "CMYK", "L"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if converted is not None:
                return converted
        except ImageCms.PyCMSError:
            pass  # a broken profile: the plain conversion below is the best guess
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGB", image.size, (255, 255, 255))
        ground.paste(image, mask=image.getchannel("A"))
        return ground
    return image.convert("RGB")


def crop_to(image: Image.Image, size_px: tuple[int, int], focus: tuple[float, float]) -> Image.Image:
    """``image`` scaled and cropped to fill ``size_px`` around ``focus`` (fractions of its width and height)."""
    if image.mode != "RGB":
        image = _to_srgb(image)
    # Enlarging, the longer kernel of Lanczos buys rings at edges and a third more time.
    enlarged = image.width < size_px[0] or image.height < size_px[1]
    method = Image.Resampling.BICUBIC if enlarged else Image.Resampling.LANCZOS
    return ImageOps.fit(image, size_px, method, centering=focus)


def measure_bright_luminance(image: Image.Image, boxes: Sequence[tuple[int, int, int, int]]) -> float:
    """The luminance (0 to 1) that 95 % of the pixels in ``boxes`` stay below: the worst case behind white text."""
    found = 0.0
    for box in boxes:
        crop = image.crop(box).resize((32, 32), Image.Resampling.BOX).convert("L")
        histogram, total = crop.histogram(), 0
        for level in range(255, -1, -1):
            total += histogram[level]
            if total > 0.05 * 32 * 32:
                found = max(found, measure_luminance((level, level, level)))
                break
    return found


def needed_scrim(luminance: float, contrast: float = TEXT_CONTRAST) -> float:
    """The opacity of black (0 to 1) that gives white text ``contrast`` over a ground of ``luminance``."""
    target = 1.05 / contrast - 0.05
    if luminance <= target:
        return 0.0
    # Black of opacity a multiplies sRGB values by 1 − a; luminance goes about with the power 2.2 of that.
    return float(min(1.0 - (target / luminance) ** (1 / 2.2), 0.95))


def draw_scrim(image: Image.Image, kind: str, boxes: Sequence[tuple[int, int, int, int]]) -> None:
    """Darken ``image`` in place: below ``boxes`` (texts) as much as white text needs, fading out away from them."""
    if not boxes:
        return
    width, height = image.size
    top = max(min(box[1] for box in boxes), 0)
    bottom = min(max(box[3] for box in boxes), height)
    strength = max(needed_scrim(measure_bright_luminance(image, boxes)) + 0.04, 0.25)
    fade = max(round(0.22 * height), 1)
    column = []
    for y in range(height):
        if kind == "all":
            rate = 1.0
        elif kind == "bottom":
            rate = min(max((y - (top - fade)) / fade, 0.0), 1.0)
        else:
            rate = min(max(((bottom + fade) - y) / fade, 0.0), 1.0)
        column.append(round(255 * strength * rate * rate * (3 - 2 * rate)))
    dark = [y for y, opacity in enumerate(column) if opacity]
    if not dark:
        return
    first, last = dark[0], dark[-1] + 1  # the rest of the picture is not touched at all
    mask = Image.frombytes("L", (1, last - first), bytes(column[first:last]))
    image.paste((0, 0, 0), (0, first), mask.resize((width, last - first), Image.Resampling.NEAREST))
