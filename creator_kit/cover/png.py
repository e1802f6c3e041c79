"""PNG bytes of a cover, several times faster than the general encoder and as small, since we know what is in it.

A flat cover (few colours, long equal runs) compresses best without a row filter, which Pillow cannot be told; a photo
wants a filter for each row, chosen as libpng chooses, but computed for many rows at once. How a filtered photo packs
best depends on its grain, so a few strips of it are tried. Measured in ``benchmarks/covers.py``.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from PIL import Image
from zlib_ng import zlib_ng

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_NO_FILTER = b"\0"
# Seen on every eighth pixel: a flat cover with all its smooth edges has fewer colours, any photo has more.
_FLAT_COLOURS, _SAMPLE_STEP = 2000, 8
_FLAT_LEVEL, _PHOTO_LEVEL = 5, 4
_STRIP_ROWS = 32  # what is worked on at once stays in the processor's cache
# Strings are looked for, at thrice the time of runs, where they save more than this share.
_WORTH_STRINGS = 0.015


def encode_png(image: Image.Image, *, xmp: bytes | None = None) -> bytes:
    """``image`` (RGB) as a PNG file without time or other metadata than ``xmp``. Lossless; same pixels, same bytes."""
    if image.mode != "RGB":
        image = image.convert("RGB")
    packed = _pack_flat(image) if is_flat(image) else _pack_photo(image)
    head = struct.pack(">IIBBBBB", *image.size, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", packed), (b"IEND", b"")]
    if xmp:
        chunks.insert(1, (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp))
    return _SIGNATURE + b"".join(_write_chunk(kind, body) for kind, body in chunks)


def is_flat(image: Image.Image) -> bool:
    """Whether ``image`` is drawn in few colours, as against a photo."""
    size = (max(image.width // _SAMPLE_STEP, 1), max(image.height // _SAMPLE_STEP, 1))
    return image.resize(size, Image.Resampling.NEAREST).getcolors(_FLAT_COLOURS) is not None


def _pack_flat(image: Image.Image) -> bytes:
    width, height = image.size
    packer = zlib_ng.compressobj(_FLAT_LEVEL, zlib.DEFLATED, 15, 8)
    stride, view = width * 3, memoryview(image.tobytes())
    packed: list[bytes] = []
    for start in range(0, stride * height, stride):  # row by row: a joined copy would cost as much as a photo
        packed += (packer.compress(_NO_FILTER), packer.compress(view[start : start + stride]))
    packed.append(packer.flush())
    return b"".join(packed)


def _pack_photo(image: Image.Image) -> bytes:
    strips = list(_filter_strips(image))
    runs, strings = (
        sum(len(_pack([strip], *way)) for strip in strips[3::16] or strips)
        for way in ((1, zlib.Z_RLE), (_PHOTO_LEVEL, zlib.Z_FILTERED))
    )
    has_strings = strings < (1 - _WORTH_STRINGS) * runs
    return _pack(strips, _PHOTO_LEVEL, zlib.Z_FILTERED) if has_strings else _pack(strips, 1, zlib.Z_RLE)


def _pack(strips: list[Bytes], level: int, strategy: int) -> bytes:
    packer = zlib_ng.compressobj(level, zlib.DEFLATED, 15, 9, strategy)
    return b"".join([*(packer.compress(strip) for strip in strips), packer.flush()])


def _filter_strips(image: Image.Image) -> Iterator[Bytes]:
    """Rows of filtered bytes with the number of their filter before them (PNG 9.2), some rows at a time.

    The filter whose bytes, as signed numbers, are nearest to 0 in sum is taken for each row, as libpng does.
    """
    import numpy as np

    height = image.height
    rows: Bytes = np.asarray(image).reshape(height, -1)
    around = np.zeros((_STRIP_ROWS + 1, rows.shape[1] + 3), np.uint8)  # a row above, a pixel to the left
    for top in range(0, height, _STRIP_ROWS):
        n = min(_STRIP_ROWS, height - top)
        if top:
            around[0, 3:] = rows[top - 1]
        around[1 : n + 1, 3:] = rows[top : top + n]
        here, left = around[1 : n + 1, 3:], around[1 : n + 1, :-3]
        above, corner = around[:n, 3:], around[:n, :-3]
        mean = (left & above) + ((left ^ above) >> 1)  # without a carry out of the byte
        filtered = (here - left, here - above, here - mean, here - _predict_paeth(left, above, corner))
        sums = [np.abs(one.view(np.int8)).view(np.uint8).sum(axis=1, dtype=np.uint32) for one in filtered]
        best = np.argmin(sums, axis=0)
        strip = np.empty((n, rows.shape[1] + 1), np.uint8)
        strip[:, 0] = best + 1
        for number, one in enumerate(filtered):
            chosen = best == number
            strip[chosen, 1:] = one[chosen]
        yield strip


def _predict_paeth(left: Bytes, above: Bytes, corner: Bytes) -> Bytes:
    """Of the three the nearest to left + above − corner (PNG 9.4), in bytes throughout.

    Where the corner lies between the other two its distance is the difference of theirs; elsewhere it is their sum,
    and never the least.
    """
    import numpy as np

    to_left = np.maximum(above, corner) - np.minimum(above, corner)
    to_above = np.maximum(left, corner) - np.minimum(left, corner)
    near = np.where(to_left <= to_above, left, above)
    between = ((left < corner) & (above > corner)) | ((left > corner) & (above < corner))
    to_corner = np.maximum(to_left, to_above) - np.minimum(to_left, to_above)
    paeth: Bytes = np.where(between & (to_corner < np.minimum(to_left, to_above)), corner, near)
    return paeth


def _write_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
