"""Photos: opened with care, upright, in RGB, cropped to a box, and darkened under text as much as they ask for."""

from __future__ import annotations

import io
import warnings
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageCms, ImageOps, UnidentifiedImageError

from creator_kit.cover.labels import PNG_TEXT_KEY, PNG_XMP_KEY, AiLabel, read_ai_label
from creator_kit.cover.palette import TEXT_CONTRAST, measure_luminance
from creator_kit.cover.saliency import find_focus
from creator_kit.datafiles import storage_error
from creator_kit.errors import AssetError, InputError
from creator_kit.locale import _

MAX_PIXELS = 120_000_000  # a 108-megapixel phone photo passes; a bomb does not
MIN_SIDE_PX = 64
_HEIF_SUFFIXES = frozenset((".heic", ".heif"))
_EXIF_ORIENTATION = 0x0112
# A phone photo at half its size and some crops: a batch over one background, or one try of all layouts.
_KEPT_BYTES = 48_000_000


def load_photo(path: Path, *, enough_px: tuple[int, int] | None = None) -> Image.Image:
    """The picture at ``path``: first frame, turned upright by its EXIF, 8-bit sRGB, transparency on white.

    A JPEG that is several times larger than ``enough_px`` (width, height) is decoded at a half, a quarter or an eighth
    of its size, but no side below that: a phone's photo costs half of the time then. Of its metadata only what
    may hold an AI label stays in ``info``.

    Raises InputError for a file that is no picture, is cut off, too small or too large, and AssetError for HEIC
    without its plug-in.
    """
    with _opening(path) as opened:
        opened.seek(0)
        _draft(opened, enough_px)
        opened.load()
        xmp = {key: opened.info[key] for key in ("xmp", PNG_XMP_KEY, PNG_TEXT_KEY) if key in opened.info}
        image = _to_srgb(ImageOps.exif_transpose(opened))
    image.info = xmp  # type: ignore[assignment]  # keys are strings only
    return image


def read_exif(path: Path) -> bytes:
    """The EXIF of the picture at ``path`` (device, place, time), as that of an upright picture; empty without."""
    with _opening(path) as opened:
        exif = opened.getexif()
        exif.pop(_EXIF_ORIENTATION, None)
        return exif.tobytes() if len(exif) else b""


def _draft(opened: Image.Image, enough_px: tuple[int, int] | None) -> None:
    if enough_px is not None:
        turned = opened.getexif().get(_EXIF_ORIENTATION, 1) >= 5
        opened.draft(None, enough_px[::-1] if turned else enough_px)


@contextmanager
def _opening(path: Path) -> Iterator[Image.Image]:
    """The opened picture; whatever is wrong with it, found now or within the block, is said by name."""
    where = str(path)
    if path.suffix.lower() in _HEIF_SUFFIXES:
        _register_heif(where)
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
                yield opened
    except Image.DecompressionBombError as error:
        raise InputError(_("the picture says it has far too many pixels; it was not opened"), where=where) from error
    except UnidentifiedImageError as error:
        raise InputError(_("not a picture that can be opened"), where=where, hint=_("use JPEG, PNG or WebP")) from error
    except FileNotFoundError as error:
        raise storage_error(error, path) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        if isinstance(error, OSError) and error.errno:
            raise storage_error(error, path) from error
        raise InputError(_("the picture is damaged or cut off ({error})").format(error=error), where=where) from error


def _register_heif(where: str) -> None:
    try:
        import pillow_heif
    except ImportError as error:
        raise AssetError(
            _("HEIC pictures need a plug-in"), where=where, hint=_("pip install pillow-heif, or save it as JPEG")
        ) from error
    pillow_heif.register_heif_opener()


@dataclass(frozen=True)
class PhotoFile:
    """A photo that is decoded when a box asks for it, no larger than the box needs; a batch decodes it once."""

    path: Path

    def read_label(self) -> AiLabel | None:
        """The AI label that the file carries. Raises as ``load_photo``, but a JPEG is looked at only from outside."""
        with _opening(self.path) as opened:
            if opened.format == "PNG":
                opened.load()  # its texts may stand behind the picture
            return read_ai_label(opened)

    def load(self, enough_px: tuple[int, int]) -> Image.Image:
        """As ``load_photo``; the picture must not be changed."""
        with _opening(self.path) as opened:
            _draft(opened, enough_px)
            key = ("whole", *self._stamp(), opened.size)  # never a larger one that happens to be kept: same bytes
        return _kept.get(key) or _kept.keep(key, lambda: load_photo(self.path, enough_px=enough_px))

    def crop(self, size_px: tuple[int, int], focus: tuple[float, float] | None) -> Image.Image:
        """As ``crop_to``, around what matters when ``focus`` is None; the picture must not be changed."""

        def make() -> Image.Image:
            whole = self.load(size_px)
            return crop_to(whole, size_px, focus or find_focus(whole, size_px))

        key = ("crop", *self._stamp(), size_px, focus)
        return _kept.get(key) or _kept.keep(key, make)

    def _stamp(self) -> tuple[str, int, int]:
        try:
            stat = self.path.stat()
        except OSError as error:
            raise storage_error(error, self.path) from error
        return (str(self.path.resolve()), stat.st_mtime_ns, stat.st_size)


class _Kept:
    """Pictures by key, the longest unused dropped first, within ``limit_bytes`` (a pixel takes four)."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes, self.pictures = limit_bytes, OrderedDict[tuple[object, ...], Image.Image]()

    def get(self, key: tuple[object, ...]) -> Image.Image | None:
        if key in self.pictures:
            self.pictures.move_to_end(key)
        return self.pictures.get(key)

    def keep(self, key: tuple[object, ...], make: Callable[[], Image.Image]) -> Image.Image:
        self.pictures.pop(key, None)
        image = self.pictures[key] = make()
        while len(self.pictures) > 1 and self._n_bytes() > self.limit_bytes:
            self.pictures.popitem(last=False)
        return image

    def _n_bytes(self) -> int:
        return sum(4 * image.width * image.height for image in self.pictures.values())


_kept = _Kept(_KEPT_BYTES)


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
    # Enlarging wants a smooth kernel. Scaling down, Hamming's is as sharp as bicubic's, without the rings at edges of
    # Lanczos' and in half of its time.
    enlarged = image.width < size_px[0] or image.height < size_px[1]
    method = Image.Resampling.BICUBIC if enlarged else Image.Resampling.HAMMING
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
    # A multiplication by grey is the same as black laid over it, in a quarter of the time of pasting through a mask.
    left = Image.frombytes("L", (1, last - first), bytes(255 - opacity for opacity in column[first:last]))
    shade = left.resize((width, last - first), Image.Resampling.NEAREST).convert("RGB")
    image.paste(ImageChops.multiply(image.crop((0, first, width, last)), shade), (0, first))
