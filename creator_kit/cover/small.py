"""Small pictures of covers, for pages: drawn again pixel by pixel, so that nothing of the file but its picture comes
along. They are named by what they were made from, and a cover that is drawn here leaves its own at once: decoding and
shrinking hundreds of them later is what a page would take longest for."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import get_ident

from PIL import Image, ImageOps

from creator_kit.datafiles import storage_error
from creator_kit.errors import StorageError

# Below a workspace's root.
SMALL_FOLDER = ".report-cache"
# What an opened note shows, and a feed: the largest of these at which all of it stays light (pixels of width).
OPEN_WIDTH_PX = 620
FEED_WIDTHS_PX = (300, 240)
QUALITY, METHOD = 70, 2
MAX_PIXELS = 60_000_000
_FORMATS = ("PNG", "JPEG", "WEBP")
# Part of each name: a change of the encoding makes new ones.
_RECIPE = b"webp-3"


def name_small(data: bytes) -> str:
    """The name (without width and suffix) of the small pictures of a file that holds ``data``."""
    return hashlib.sha256(_RECIPE + data).hexdigest()[:24]


def small_path(folder: Path, name: str, width_px: int) -> Path:
    """Where the picture ``name`` at ``width_px`` lies."""
    return folder / f"{name}-{width_px}.webp"


def keep_small(image: Image.Image, path: Path, folder: Path) -> None:
    """Leave the small pictures of ``image``, which ``path`` holds, in ``folder``; what fails here is made later."""
    if path.suffix.lower() != ".png":  # a JPEG's pixels are not those that were drawn
        return
    with suppress(OSError, StorageError):
        folder.mkdir(exist_ok=True)
        name = name_small(path.read_bytes())
        write_small(image, [(small_path(folder, name, width), width) for width in (OPEN_WIDTH_PX, *FEED_WIDTHS_PX)])


def shrink_file(source: Path, wanted: Sequence[tuple[Path, int]]) -> None:
    """Write ``source`` at each width; nothing where it is no picture that we know."""
    picture = _read(source)
    if picture is not None:
        write_small(picture, wanted)


def write_small(picture: Image.Image, wanted: Sequence[tuple[Path, int]]) -> None:
    """Write ``picture`` (RGB) at about each width; never wider than it is. Raises StorageError."""
    # All come from the widest, so that a width is the same whichever others were asked for with it.
    widest = _fit(picture, OPEN_WIDTH_PX, least=0.8)
    for target, width_px in wanted:
        small = _fit(widest, width_px, least=0.95)
        # A fresh image: no EXIF, XMP, ICC profile or comment of the source can follow.
        clean = Image.new("RGB", small.size)
        clean.paste(small)
        unfinished = target.with_name(f".{target.name}.{os.getpid()}.{get_ident()}")
        try:
            clean.save(unfinished, "WEBP", quality=QUALITY, method=METHOD)
            unfinished.replace(target)
        except OSError as error:
            raise storage_error(error, target) from error
        finally:
            unfinished.unlink(missing_ok=True)


def _read(source: Path) -> Image.Image | None:
    try:
        with Image.open(source, formats=_FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                return None
            # A photo is decoded at a half, a quarter or an eighth where that is still large enough.
            opened.draft("RGB", (2 * OPEN_WIDTH_PX, 2 * OPEN_WIDTH_PX))
            picture = ImageOps.exif_transpose(opened)
            if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
                layer = picture.convert("RGBA")
                picture = Image.new("RGB", layer.size, (255, 255, 255))
                picture.paste(layer, mask=layer.getchannel("A"))
            return picture if picture.mode == "RGB" else picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _fit(picture: Image.Image, width_px: int, *, least: float) -> Image.Image:
    """``picture`` at about ``width_px``: by a whole factor where that gives ``least`` of it or more, for it costs a
    sixth of the time."""
    factor = math.ceil(picture.width / (1.05 * width_px))
    if factor <= 1:
        return picture
    if picture.width >= least * width_px * factor:
        return picture.reduce(factor)
    height_px = max(round(picture.height * width_px / picture.width), 1)
    return picture.resize((width_px, height_px), Image.Resampling.BICUBIC, reducing_gap=1.5)
