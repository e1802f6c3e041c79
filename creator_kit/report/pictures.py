"""The small pictures that a page needs: found where covers left them, made where they are not there."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from creator_kit.cover.small import FEED_WIDTHS_PX, OPEN_WIDTH_PX, SMALL_FOLDER, name_small, shrink_file, small_path
from creator_kit.datafiles import storage_error
from creator_kit.handoff.note_view import Picture

# Best first.
THUMB_WIDTHS_PX = (*FEED_WIDTHS_PX, 180)
SINGLE_WIDTHS_PX = (OPEN_WIDTH_PX, 420, *FEED_WIDTHS_PX, 180)
FOLDER = "pictures"
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
    folder = root / SMALL_FOLDER
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise storage_error(error, folder) from error
    yield folder


def shrink_pictures(
    paths: Sequence[Path], cache: Path, widths_px: Sequence[int], *, n_jobs: int
) -> list[dict[Path, Small]]:
    """Each picture at about each of ``widths_px`` (never wider than it is), one mapping for each width.

    Each file is decoded once. Those that cannot be read are left out.
    """
    digests = {}
    for path in dict.fromkeys(paths):
        try:
            digests[path] = name_small(path.read_bytes())
        except OSError:
            continue
    targets = {path: [small_path(cache, digest, width) for width in widths_px] for path, digest in digests.items()}
    # Two files of one content are one picture.
    todo = {
        files[0]: (path, list(zip(files, widths_px, strict=True)))
        for path, files in targets.items()
        if not all(file.is_file() for file in files)
    }
    # Threads, not processes: Pillow decodes, scales and encodes without holding the interpreter.
    with ThreadPoolExecutor(n_jobs) as pool:
        try:
            for future in [pool.submit(shrink_file, path, wanted) for path, wanted in todo.values()]:
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


def _size_of(path: Path) -> tuple[int, int] | None:
    try:
        with Image.open(path, formats=("WEBP",)) as image:
            return image.size
    except (OSError, ValueError):
        return None
