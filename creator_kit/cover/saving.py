"""A cover as a file: the same picture gives the same bytes, whole or not at all, with no metadata but the AI label."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, PngImagePlugin

from creator_kit.cover.labels import PNG_XMP_KEY, AiLabel, write_xmp
from creator_kit.datafiles import write_whole
from creator_kit.errors import UsageError
from creator_kit.locale import _

JPEG_QUALITY = 92
# Level 1: a tenth of the default's time for files of nearly the same size (measured on covers with photos).
PNG_COMPRESS_LEVEL = 1


def save_cover(image: Image.Image, path: Path, *, ai_label: AiLabel | None = None) -> None:
    """Write ``image`` to ``path``, PNG or JPEG by its suffix.

    Location, device and time are never written; ``ai_label`` goes into the file's XMP.
    """
    suffix = path.suffix.lower()
    if suffix not in (".png", ".jpg", ".jpeg"):
        raise UsageError(_("a cover is .png or .jpg"), where=str(path))
    packet = write_xmp(ai_label) if ai_label else None
    with write_whole(path) as temporary:
        if suffix == ".png":
            info = PngImagePlugin.PngInfo()
            if packet:
                info.add_itxt(PNG_XMP_KEY, packet.decode())
            image.save(temporary, "PNG", compress_level=PNG_COMPRESS_LEVEL, pnginfo=info)
        else:
            extra = {"xmp": packet} if packet else {}
            image.save(temporary, "JPEG", quality=JPEG_QUALITY, subsampling=0, **extra)
