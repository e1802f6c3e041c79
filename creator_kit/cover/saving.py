"""A cover as a file: the same picture gives the same bytes, whole or not at all, with no metadata but the AI label."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from creator_kit.cover.labels import AiLabel, write_xmp
from creator_kit.cover.png import encode_png, is_flat
from creator_kit.datafiles import write_whole
from creator_kit.errors import UsageError
from creator_kit.locale import _

JPEG_QUALITY = 92


def check_cover_path(path: Path) -> None:
    """Raise UsageError unless ``path`` is a PNG or JPEG by its suffix."""
    if path.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise UsageError(_("a cover is .png or .jpg"), where=str(path))


def save_cover(image: Image.Image, path: Path, *, ai_label: AiLabel | None = None, exif: bytes = b"") -> None:
    """Write ``image`` to ``path``, PNG or JPEG by its suffix.

    Location, device and time are not written unless they are in ``exif``, which only a JPEG takes; ``ai_label`` goes
    into the file's XMP.
    """
    check_cover_path(path)
    encoded = encode_cover(image, path.suffix.lower(), ai_label=ai_label, exif=exif)
    with write_whole(path) as temporary:
        temporary.write_bytes(encoded)


def encode_cover(image: Image.Image, suffix: str, *, ai_label: AiLabel | None = None, exif: bytes = b"") -> bytes:
    """The bytes that ``save_cover`` writes to a file of that ``suffix`` (``.png``, ``.jpg``)."""
    packet = write_xmp(ai_label) if ai_label else None
    if suffix == ".png":
        return encode_png(image, xmp=packet)
    # Half the colour resolution costs a photo nothing to the eye, and a third of its bytes; red letters on white
    # would get a rim.
    subsampling = "4:4:4" if is_flat(image) else "4:2:0"
    buffer = io.BytesIO()
    extra = {name: value for name, value in (("xmp", packet), ("exif", exif)) if value}
    image.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=subsampling, **extra)
    return buffer.getvalue()
