"""Retouching by measurement: exposure and colour cast are read from the picture, then corrected within limits.

The limits matter more than the methods: a photo of a lamp-lit room becomes cleaner, not a different room.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

from PIL import Image, ImageChops, ImageEnhance, ImageFilter, ImageOps, ImageStat
from pydantic import BaseModel, ConfigDict, Field

from creator_kit.cover.saliency import find_focus
from creator_kit.datafiles import read_toml, validate_model
from creator_kit.locale import pick
from creator_kit.paths import list_data_files

_Rate = Annotated[float, Field(ge=0, le=1)]
_Shift = Annotated[float, Field(ge=-1, le=1)]
# Middle grey of a well exposed picture in sRGB, and how far a gamma may move towards it.
_TARGET_MEDIAN, _GAMMA_RANGE = 0.47, (0.68, 1.35)
# No channel is scaled by more than this: a stronger cast is light that belongs to the scene.
_MOST_GAIN = 1.14
_GREYISH_SATURATION = 105  # of 255: a white wall under a yellow lamp is that coloured, a flower or a lip is more
_MEASURE_PX = 256


class RetouchPreset(BaseModel):
    """How much of each correction is applied; see ``templates/retouch/presets.toml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str
    en: str
    exposure: _Rate = 0.0
    white_balance: _Rate = 0.0
    warmth: _Shift = 0.0
    contrast: _Shift = 0.0
    saturation: _Shift = 0.0
    denoise: _Rate = 0.0
    sharpen: _Rate = 0.0

    @property
    def label(self) -> str:
        """What the preset is for, in the reader's language."""
        return pick(self.zh, self.en)


def load_presets(user_root: Path | None = None) -> dict[str, RetouchPreset]:
    """Presets by name from ``templates/retouch/*.toml``; the user's come first, name by name."""
    presets: dict[str, RetouchPreset] = {}
    for root in (None, user_root) if user_root else (None,):
        for path in list_data_files("retouch", ".toml", root):
            for name, table in read_toml(path).items():
                presets[name] = validate_model(table, RetouchPreset, where=f"{path}:{name}")
    return dict(sorted(presets.items()))


def retouch_photo(image: Image.Image, preset: RetouchPreset) -> Image.Image:
    """``image`` (RGB) corrected by ``preset``; a new picture of the same size, the same for the same input."""
    image = _balance(image, preset)
    image = _expose(image, preset.exposure)
    if preset.contrast:
        image = _bend(image, preset.contrast)
    if preset.saturation:
        image = ImageEnhance.Color(image).enhance(1 + preset.saturation)
    if preset.denoise or preset.sharpen:
        image = _denoise_and_sharpen(image, preset.denoise, preset.sharpen)
    return image


def measure_cast(image: Image.Image) -> tuple[float, float, float]:
    """The colour of the light as gains that would make it neutral, mean about 1; (1, 1, 1) where nothing tells.

    Read from pixels that are nearly grey and well lit: walls, plates, paper, sky. An orange flower says nothing about
    the light, so a picture with few such pixels is believed only in proportion.
    """
    small = _shrink(image)
    hue, saturation, value = small.convert("HSV").split()
    del hue
    greyish = saturation.point([255 if level <= _GREYISH_SATURATION else 0 for level in range(256)])
    lit = value.point([255 if 50 <= level <= 248 else 0 for level in range(256)])
    mask = ImageChops.multiply(greyish, lit)
    share = ImageStat.Stat(mask).mean[0] / 255
    if share < 0.02:
        return 1.0, 1.0, 1.0
    means = [max(level, 1.0) for level in ImageStat.Stat(small, mask).mean]
    mean, belief = sum(means) / 3, min(share / 0.25, 1.0)
    red, green, blue = (1 + belief * (mean / level - 1) for level in means)
    return red, green, blue


def fit_photo(image: Image.Image, ratio: tuple[int, int] | None, max_side_px: int) -> Image.Image:
    """``image`` cropped to ``ratio`` (width, height) around what matters, and no larger than ``max_side_px``."""
    width, height = image.size
    if ratio is not None:
        unit = min(width / ratio[0], height / ratio[1])
        width, height = max(round(ratio[0] * unit), 1), max(round(ratio[1] * unit), 1)
    scale = min(1.0, max_side_px / max(width, height))
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    return ImageOps.fit(image, size, Image.Resampling.LANCZOS, centering=find_focus(image, size))


def _shrink(image: Image.Image) -> Image.Image:
    scale = _MEASURE_PX / max(image.size)
    size = (max(round(image.width * scale), 8), max(round(image.height * scale), 8))
    return image.resize(size, Image.Resampling.BOX).convert("RGB")


def _balance(image: Image.Image, preset: RetouchPreset) -> Image.Image:
    gains = [1.0 + preset.white_balance * (gain - 1.0) for gain in measure_cast(image)]
    gains = [min(max(gain, 1 / _MOST_GAIN), _MOST_GAIN) for gain in gains]
    # Warmth moves red and blue apart by up to a tenth; green holds the brightness.
    gains[0] *= 1 + 0.10 * preset.warmth
    gains[2] *= 1 - 0.10 * preset.warmth
    if all(abs(gain - 1) < 0.004 for gain in gains):
        return image
    table = [min(round(value * gain), 255) for gain in gains for value in range(256)]
    return image.point(table)


def _expose(image: Image.Image, strength: float) -> Image.Image:
    if not strength:
        return image
    histogram = _shrink(image).convert("L").histogram()
    low, middle, high = (_find_quantile(histogram, share) / 255 for share in (0.005, 0.5, 0.995))
    # Stretch the ends a little where they leave room, then bend the middle towards grey.
    low, high = min(low, 0.06) * strength, 1 - (1 - max(high, 0.88)) * strength
    span = max(high - low, 0.2)
    at = min(max((middle - low) / span, 0.02), 0.98)
    gamma = min(max(math.log(_TARGET_MEDIAN) / math.log(at), _GAMMA_RANGE[0]), _GAMMA_RANGE[1])
    gamma = 1 + (gamma - 1) * strength
    table = [round(255 * min(max((value / 255 - low) / span, 0.0), 1.0) ** gamma) for value in range(256)]
    return image.point(table * 3)


def _find_quantile(histogram: list[int], share: float) -> int:
    wanted, seen = share * sum(histogram), 0
    for value, n in enumerate(histogram):
        seen += n
        if seen > wanted:
            return value
    return 255


def _bend(image: Image.Image, amount: float) -> Image.Image:
    """An S curve (or its inverse) that leaves black, middle and white where they are."""
    table = []
    for value in range(256):
        x = value / 255
        smooth = x * x * (3 - 2 * x)
        table.append(round(255 * min(max(x + amount * 1.6 * (smooth - x), 0.0), 1.0)))
    return image.point(table * 3)


def _denoise_and_sharpen(image: Image.Image, denoise: float, sharpen: float) -> Image.Image:
    """Colour noise is blurred, brightness only where nothing has an edge; then edges of the brightness are raised."""
    luma, blue, red = image.convert("YCbCr").split()
    unit = max(image.size) / 2000  # radii follow the picture's size
    if denoise:
        blue, red = (band.filter(ImageFilter.GaussianBlur(2.2 * denoise * unit + 0.3)) for band in (blue, red))
        edges = luma.filter(ImageFilter.GaussianBlur(0.8 * unit + 0.2)).filter(ImageFilter.FIND_EDGES)
        flat = edges.point([round(255 * max(0.0, 1 - value / 22) * 0.6 * denoise) for value in range(256)])
        luma = Image.composite(luma.filter(ImageFilter.GaussianBlur(0.9 * unit + 0.3)), luma, flat)
    if sharpen:
        luma = luma.filter(ImageFilter.UnsharpMask(radius=1.4 * unit + 0.4, percent=round(90 * sharpen), threshold=3))
    return Image.merge("YCbCr", (luma, blue, red)).convert("RGB")


def measure_exposure(image: Image.Image) -> tuple[float, float]:
    """(mean brightness, its spread), both 0 to 1."""
    stat = ImageStat.Stat(_shrink(image).convert("L"))
    return stat.mean[0] / 255, stat.stddev[0] / 255
