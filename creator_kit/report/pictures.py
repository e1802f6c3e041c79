"""Covers as small WebP pictures, drawn again pixel by pixel: nothing of the file but its picture comes along."""

from __future__ import annotations

import base64
import hashlib
import math
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import get_ident

from PIL import Image, ImageOps

from creator_kit.datafiles import storage_error
from creator_kit.handoff.note_view import Picture

# What the feed shows, best first, and what an opened note shows (pixels of width).
THUMB_WIDTHS_PX = (300, 240, 180)
OPEN_WIDTH_PX = 620
SINGLE_WIDTHS_PX = (620, 420, 300, 240, 180)
QUALITY, METHOD = 70, 2
MAX_PIXELS = 60_000_000
FOLDER = "pictures"
_FORMATS = ("PNG", "JPEG", "WEBP")
# Part of each cached file's name: a change of the encoding makes new ones.
_RECIPE = b"webp-2"
_MAX_CACHED = 8000
_N_SAMPLE = 12


@dataclass(frozen=True, slots=True)
class Small:
    """A small picture in the cache."""

    path: Path
    width_px: int
    height_px: int

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def n_bytes(self) -> int:
        return self.path.stat().st_size


@contextmanager
def open_cache(root: Path | None) -> Iterator[Path]:
    """The folder of small pictures below ``root``; without a root one that lasts as long as the block."""
    if root is None:
        with TemporaryDirectory() as temporary:
            yield Path(temporary)
        return
    folder = root / ".report-cache"
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise storage_error(error, folder) from error
    yield folder


def shrink_pictures(
    paths: Sequence[Path], cache: Path, widths_px: Sequence[int], *, n_jobs: int
) -> list[dict[Path, Small]]:
    """Each picture at about each of ``widths_px`` (widest first; never wider than it is), one mapping for each width.

    Each file is decoded once. Those that cannot be read are left out.
    """
    digests = {}
    for path in dict.fromkeys(paths):
        try:
            digests[path] = hashlib.sha256(_RECIPE + path.read_bytes()).hexdigest()[:24]
        except OSError:
            continue
    targets = {path: [cache / f"{digest}-{width}.webp" for width in widths_px] for path, digest in digests.items()}
    # Two files of one content are one picture.
    todo = {
        files[0]: (path, list(zip(files, widths_px, strict=True)))
        for path, files in targets.items()
        if not all(file.is_file() for file in files)
    }
    # Threads, not processes: Pillow decodes, scales and encodes without holding the interpreter.
    with ThreadPoolExecutor(n_jobs) as pool:
        try:
            for future in [pool.submit(_shrink, path, wanted) for path, wanted in todo.values()]:
                future.result()
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    found: list[dict[Path, Small]] = [{} for _width in widths_px]
    for path, files in targets.items():
        for small, file in zip(found, files, strict=True):
            size = _size_of(file)
            if size is not None:
                small[path] = Small(file, *size)
    return found


def fit_width(
    paths: Sequence[Path], cache: Path, widths_px: Sequence[int], *, budget_bytes: int, share: float = 1.0
) -> int:
    """The largest of ``widths_px`` at which all ``paths`` together stay within ``budget_bytes``, judged by a dozen.

    ``share`` is how many bytes of the page one byte of a picture takes (4/3 as base64).
    """
    distinct = list(dict.fromkeys(paths))
    step = max(len(distinct) // _N_SAMPLE, 1)
    sample = distinct[::step][:_N_SAMPLE]
    for width_px in widths_px[:-1]:
        (small,) = shrink_pictures(sample, cache, [width_px], n_jobs=1)
        each = sum(item.n_bytes for item in small.values()) / max(len(small), 1)
        if each * len(distinct) * share <= budget_bytes:
            return width_px
    return widths_px[-1]


def prune_cache(cache: Path, used: set[str]) -> None:
    """Drop pictures that nothing used this time, once there are too many."""
    kept = [path for path in cache.glob("*.webp") if path.name not in used]
    if len(kept) + len(used) > _MAX_CACHED:
        for path in kept:
            path.unlink(missing_ok=True)


def embed(small: Small) -> Picture:
    """The picture inside the page, once, under a name of its own."""
    data = base64.b64encode(small.path.read_bytes()).decode("ascii")
    return Picture(f"data:image/webp;base64,{data}", small.width_px, small.height_px, f"p-{small.path.stem}")


def beside(small: Small) -> Picture:
    """The picture beside the page."""
    return Picture(f"{FOLDER}/{small.name}", small.width_px, small.height_px)


def count_jobs() -> int:
    return min(os.cpu_count() or 1, 8)


def _shrink(source: Path, wanted: Sequence[tuple[Path, int]]) -> None:
    """Write ``source`` at each width (widest first); nothing where it is no picture that we know."""
    try:
        with Image.open(source, formats=_FORMATS) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                return
            opened.draft("RGB", (2 * wanted[0][1], 2 * wanted[0][1]))
            picture = ImageOps.exif_transpose(opened)
            if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
                layer = picture.convert("RGBA")
                picture = Image.new("RGB", layer.size, (255, 255, 255))
                picture.paste(layer, mask=layer.getchannel("A"))
            elif picture.mode != "RGB":
                picture = picture.convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return
    for target, width_px in wanted:
        picture = _fit(picture, width_px)
        # A fresh image: no EXIF, XMP, ICC profile or comment of the source can follow.
        clean = Image.new("RGB", picture.size)
        clean.paste(picture)
        unfinished = target.with_name(f".{target.name}.{get_ident()}")
        try:
            clean.save(unfinished, "WEBP", quality=QUALITY, method=METHOD)
            unfinished.replace(target)
        except OSError as error:
            raise storage_error(error, target) from error
        finally:
            unfinished.unlink(missing_ok=True)


def _fit(picture: Image.Image, width_px: int) -> Image.Image:
    """``picture`` at about ``width_px``: by a whole factor where that comes near, for it costs a sixth of the time."""
    factor = math.ceil(picture.width / (1.05 * width_px))
    if factor <= 1:
        return picture
    if picture.width >= 0.8 * width_px * factor:
        return picture.reduce(factor)
    height_px = max(round(picture.height * width_px / picture.width), 1)
    return picture.resize((width_px, height_px), Image.Resampling.BICUBIC, reducing_gap=1.5)


def _size_of(path: Path) -> tuple[int, int] | None:
    try:
        with Image.open(path, formats=("WEBP",)) as image:
            return image.size
    except (OSError, ValueError):
        return None
