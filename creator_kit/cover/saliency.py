"""Where to crop a photo: around what the eye goes to, measured without a model.

Three maps are added: edges and colour that stand out from most of the picture; the spectral residual, i.e. what the
picture's amplitude spectrum has beyond its own trend (Hou & Zhang 2007, doi:10.1109/CVPR.2007.383267); and the
distance from the commonest colour. Together they keep more of a planted subject than OpenCV's saliency (172 MB) or
smartcrop do, in a third of the latter's time (benchmarks/cropping.py). Faces come first where OpenCV is installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PIL import Image, ImageChops, ImageFilter, ImageStat

from creator_kit.corpus.faces import Face, find_faces

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_MEASURE_PX, _SPECTRUM_PX = 256, 96
_EDGE_WEIGHT, _SPECTRUM_WEIGHT, _COLOUR_WEIGHT = 0.4, 0.3, 0.3
# How much of what the eye goes to may be given up to stay at the centre, from the middle to the edge.
_CENTRE_PULL = 0.1
_N_PLACES = 120
# A whole face outweighs all else that a picture may have; hair and chin reach beyond the detector's box.
_FACE_WEIGHT, _FACE_PAD = 3.0, 0.35


def find_focus(image: Image.Image, size_px: tuple[int, int]) -> tuple[float, float]:
    """Where to crop ``image`` to the ratio of ``size_px``: centering (0 to 1) across and down.

    The window that keeps most of the faces (where they can be looked for: the extra ``faces``) and of what the eye
    goes to, with a mild pull to the centre, and upwards, since heads are above. The same picture always gives the same
    place.
    """
    width, height = image.size
    ratio = size_px[0] / size_px[1]
    if abs(width / height - ratio) < 0.01:
        return 0.5, 0.5
    import numpy as np

    across = width / height > ratio
    profile = _measure_profile(image, across)
    window = ratio * height / width if across else width / ratio / height
    edges, below = np.linspace(0, 1, len(profile) + 1), np.concatenate([[0.0], np.cumsum(profile)])
    here = np.linspace(0, 1, _N_PLACES + 1)
    starts = here * (1 - window)
    kept = np.interp(starts + window, edges, below) - np.interp(starts, edges, below)
    kept -= _CENTRE_PULL * np.abs(here - (0.5 if across else 0.42))
    faces = find_faces(image)
    if faces:
        kept += _FACE_WEIGHT * _keep_faces(faces, starts, window, across)
    # Rounded, so that the last bit of a Fourier transform decides nothing.
    place = float(here[int(np.argmax(np.round(kept, 6)))])
    return (place, 0.5) if across else (0.5, place)


def _keep_faces(faces: tuple[Face, ...], starts: Floats, window: float, across: bool) -> Floats:
    """What share of the faces, by their size, a window from each of ``starts`` keeps (0 to 1)."""
    import numpy as np

    kept: Floats = np.zeros_like(starts)
    total = 0.0
    for left, top, right, bottom in faces:
        low, high = (left, right) if across else (top, bottom)
        pad = _FACE_PAD * (high - low)
        low, high = max(low - pad, 0.0), min(high + pad, 1.0)
        size = (right - left) * (bottom - top)
        inside = np.minimum(starts + window, high) - np.maximum(starts, low)
        kept += size * np.clip(inside, 0.0, None) / (high - low)
        total += size
    shares: Floats = kept / total
    return shares


def _measure_profile(image: Image.Image, across: bool) -> Floats:
    """What the eye goes to, by column (or by row), summing to 1."""
    import numpy as np

    axis = 0 if across else 1
    scale = _MEASURE_PX / max(image.size)
    size = (max(round(image.width * scale), 8), max(round(image.height * scale), 8))
    small = image.resize(size, Image.Resampling.BOX).convert("RGB")
    maps = (
        (_EDGE_WEIGHT, _map_edges(small)),
        (_SPECTRUM_WEIGHT, _map_residual(small)),
        (_COLOUR_WEIGHT, _map_rarity(small)),
    )
    total = np.zeros(_SPECTRUM_PX)
    for weight, found in maps:
        profile = found.sum(axis=axis)
        n = len(profile)
        profile = np.interp(np.linspace(0, n - 1, _SPECTRUM_PX), np.arange(n), profile)
        if profile.sum() > 0:
            total += weight * profile / profile.sum()
    even: Floats = np.full(_SPECTRUM_PX, 1 / _SPECTRUM_PX)
    return total / total.sum() if total.sum() > 0 else even


def _map_edges(small: Image.Image) -> Floats:
    import numpy as np

    edges = small.convert("L").filter(ImageFilter.GaussianBlur(1)).filter(ImageFilter.FIND_EDGES)
    frame = Image.new("L", small.size, 0)
    frame.paste(255, (2, 2, small.width - 2, small.height - 2))
    _hue, saturation, value = small.convert("HSV").split()
    # A dark ground is saturated, but nobody looks at it; nor at the colour that most of the picture has.
    colour = ImageChops.multiply(saturation, value)
    common = round(ImageStat.Stat(colour).mean[0])
    colour = colour.point([max(level - common, 0) // 3 for level in range(256)])
    return np.asarray(ImageChops.multiply(ImageChops.add(edges, colour, 1.5), frame), np.float64)


def _map_residual(small: Image.Image) -> Floats:
    """The spectral residual of the brightness, without its margins (a picture does not go on there)."""
    import numpy as np

    height = max(round(_SPECTRUM_PX * small.height / small.width), 16)
    grey = np.asarray(small.resize((_SPECTRUM_PX, height), Image.Resampling.BOX).convert("L"), np.float64)
    spectrum = np.fft.fft2(grey)
    log_amplitude = np.log(np.abs(spectrum) + 1e-6)
    around = np.pad(log_amplitude, 1, mode="wrap")
    trend = sum(around[i : i + height, j : j + _SPECTRUM_PX] for i in range(3) for j in range(3)) / 9
    found = np.abs(np.fft.ifft2(np.exp(log_amplitude - trend + 1j * np.angle(spectrum)))) ** 2
    kernel = np.exp(-(np.arange(-6, 7) ** 2) / (2 * 2.5**2))
    kernel /= kernel.sum()
    for axis in (0, 1):
        found = np.apply_along_axis(np.convolve, axis, found, kernel, "same")
    inner: Floats = np.zeros_like(found)
    inner[3:-3, 3:-3] = found[3:-3, 3:-3]
    return inner


def _map_rarity(small: Image.Image) -> Floats:
    import numpy as np

    pixels = np.asarray(small.filter(ImageFilter.GaussianBlur(2)), np.float64)
    rarity: Floats = np.abs(pixels - np.median(pixels.reshape(-1, 3), axis=0)).sum(axis=2)
    return rarity
