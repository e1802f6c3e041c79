"""What can be seen of a cover without a model: colours, brightness, where its text stands, whether it is a collage.

Only these numbers are kept, never the picture. Text is found as rows of evenly coloured marks of one size that stand
out from what is around them; seams of a collage as straight edges across the picture at regular places. Faces are
counted where the extra ``faces`` is installed (``corpus.faces``).
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from creator_kit.corpus.faces import can_find_faces, find_faces
from creator_kit.errors import InputError
from creator_kit.locale import _

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

# Part of every stored measurement: numbers of another method are measured anew. The second counts faces.
METHOD, METHOD_WITH_FACES = 1, 2
_WIDTH_PX = 360  # about half of what a phone's two-column feed shows: titles are 20 px and more, small print is lost
_MAX_PIXELS = 120_000_000
_MIN_SIDE_PX = 64
# Of a mark: grey levels that its ink may vary by (thin strokes are all edge), and the least step at its edge.
_MOST_SPREAD, _LEAST_STEP = 60.0, 24.0
_LEAST_SEPARATION = 0.82
TONES = ("white", "black", "grey", "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown")


class CoverMeasures(msgspec.Struct, frozen=True):
    """All rates 0 to 1. ``palette`` holds up to five (#rrggbb, share), the largest first; ``tones`` the share of each
    colour name; ``flat_rate`` the share of the twelve commonest shades: a drawn card is above a half, a photo below.

    ``text_rate`` is the share of the picture under lines of text, ``text_thirds`` how that is spread over the upper,
    middle and lower third (sum 1, or zeros without text). ``grid`` is (rows, columns) of a collage, (1, 1) for none.
    ``n_faces`` is None where faces could not be looked for.
    """

    width_px: int
    height_px: int
    brightness: float
    contrast: float
    saturation: float
    flat_rate: float
    palette: tuple[tuple[str, float], ...]
    tones: dict[str, float]
    text_rate: float
    text_thirds: tuple[float, float, float]
    grid: tuple[int, int]
    n_faces: int | None = None


def choose_method() -> int:
    """The number of the method that measures here."""
    return METHOD_WITH_FACES if can_find_faces() else METHOD


def measure_cover_file(path: Path) -> CoverMeasures:
    """The measures of the picture at ``path``. Raises InputError for what is no picture, cut off or out of size."""
    where = str(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as opened:
                width, height = opened.size
                if width * height > _MAX_PIXELS or min(width, height) < _MIN_SIDE_PX:
                    raise InputError(
                        _("{width} × {height} pixels is no size of a cover").format(width=width, height=height),
                        where=where,
                    )
                opened.draft("RGB", (_WIDTH_PX, _WIDTH_PX))  # a JPEG is decoded at half or a quarter of its size
                image = ImageOps.exif_transpose(opened)
                if (image.size[0] > image.size[1]) != (width > height):
                    width, height = height, width
                return measure_cover(_to_rgb(image), (width, height))
    except Image.DecompressionBombError as error:
        raise InputError(_("the picture says it has far too many pixels; it was not opened"), where=where) from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        raise InputError(_("not a picture that can be read ({error})").format(error=error), where=where) from error


def measure_cover(image: Image.Image, size_px: tuple[int, int] | None = None) -> CoverMeasures:
    """The measures of ``image`` (RGB); ``size_px`` is its true size where it was decoded smaller."""
    width, height = size_px or image.size
    scaled = (_WIDTH_PX, max(round(_WIDTH_PX * height / width), 1))
    small = image.resize(scaled, Image.Resampling.BOX if image.width >= _WIDTH_PX else Image.Resampling.BILINEAR)
    pixels: Floats = np.asarray(small, np.float32)
    grey: Floats = np.asarray(small.convert("L"), np.float32)
    hsv = np.asarray(small.resize((64, 64), Image.Resampling.BOX).convert("HSV"), np.int16).reshape(-1, 3)
    text = find_text(grey)
    area = float(text.mean())
    thirds = [float(part.sum()) for part in np.array_split(text, 3)]
    total = sum(thirds) or 1.0
    top, middle, bottom = (round(part / total, 3) for part in thirds)
    faces = find_faces(image)
    shades = np.bincount(((pixels.astype(np.int32) >> 5) @ np.array([64, 8, 1])).ravel(), minlength=512)
    return CoverMeasures(
        width,
        height,
        brightness=round(float(grey.mean()) / 255, 3),
        contrast=round(float(grey.std()) / 255, 3),
        saturation=round(float((hsv[:, 1] * hsv[:, 2]).mean()) / 255 / 255, 3),
        flat_rate=round(float(np.sort(shades)[-12:].sum()) / grey.size, 3),
        palette=_find_palette(small),
        tones=_name_tones(hsv),
        text_rate=round(area, 3),
        text_thirds=(top, middle, bottom),
        grid=find_grid(pixels),
        n_faces=None if faces is None else len(faces),
    )


def _to_rgb(image: Image.Image) -> Image.Image:
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        ground = Image.new("RGB", image.size, (255, 255, 255))
        ground.paste(image, mask=image.getchannel("A"))
        return ground
    return image.convert("RGB")


def _find_palette(small: Image.Image) -> tuple[tuple[str, float], ...]:
    tiny = small.resize((90, 120), Image.Resampling.BOX)
    reduced = tiny.quantize(6, method=Image.Quantize.MEDIANCUT)
    table = reduced.getpalette() or []
    counted = sorted(((n, index) for n, index in reduced.getcolors() or []), key=lambda pair: (-pair[0], pair[1]))
    found = []
    for n, index in counted[:5]:
        red, green, blue = table[3 * int(index) : 3 * int(index) + 3]  # type: ignore[arg-type]
        found.append((f"#{red:02x}{green:02x}{blue:02x}", round(n / (90 * 120), 3)))
    return tuple(found)


def _name_tones(hsv: NDArray[np.int16]) -> dict[str, float]:
    """The share of each of ``TONES`` above one hundredth."""
    hue, saturation, value = (hsv[:, i].astype(np.int32) for i in range(3))
    degrees = hue * 360 // 256
    names = np.full(len(hsv), TONES.index("grey"))
    vivid = (saturation >= 50) & (value >= 55)
    for name, low, high in (
        ("red", 0, 16), ("orange", 16, 42), ("yellow", 42, 68), ("green", 68, 165), ("blue", 165, 255),
        ("purple", 255, 295), ("pink", 295, 345), ("red", 345, 361),
    ):  # fmt: skip
        names[vivid & (degrees >= low) & (degrees < high)] = TONES.index(name)
    reddish = vivid & ((degrees < 20) | (degrees >= 330))
    names[reddish & (saturation < 130) & (value >= 170)] = TONES.index("pink")
    names[vivid & (degrees >= 8) & (degrees < 45) & (value < 165)] = TONES.index("brown")
    names[~vivid & (value >= 205)] = TONES.index("white")
    names[(value < 60) | (~vivid & (value < 75))] = TONES.index("black")
    # Cream and the palest tints read as white paper.
    names[vivid & (saturation < 58) & (value >= 225)] = TONES.index("white")
    shares = np.bincount(names, minlength=len(TONES)) / len(names)
    return {name: round(float(share), 3) for name, share in zip(TONES, shares, strict=True) if share >= 0.01}


def find_text(grey: Floats) -> Bools:
    """A mask of the lines of text in ``grey`` (0 to 255): marks of one ink and height, three or more in a row."""
    from scipy import ndimage

    ground = ndimage.uniform_filter(grey, 41, mode="nearest")
    steep = ndimage.generic_gradient_magnitude(grey, ndimage.sobel) / 4
    mask = np.zeros(grey.shape, bool)
    for sign in (1, -1):
        labels, n = ndimage.label(sign * (grey - ground) > 22, structure=np.ones((3, 3)))
        if not n:
            continue
        marks = _pick_marks(grey, labels, n, steep, ndimage)
        for top, left, bottom, right in _join_rows(marks):
            if measure_separation(grey[top:bottom, left:right]) >= _LEAST_SEPARATION:
                mask[top:bottom, left:right] = True
    return mask


def measure_separation(box: Floats) -> float:
    """How well two levels describe ``box``: Otsu's ratio of the variance between the classes to all of it, 0 to 1.

    Ink on a ground is near 0.9; foliage, stone and cloth spread over the levels and stay below 0.8.
    """
    counts = np.bincount(box.astype(np.int64).ravel(), minlength=256).astype(np.float64)
    levels = np.arange(256)
    weight = counts.cumsum()
    total, mass = weight[-1], (counts * levels).cumsum()
    spread = (counts * levels**2).sum() / total - (mass[-1] / total) ** 2
    if spread < 1:
        return 0.0
    below = weight / total
    between = (mass[-1] / total * below - mass / total) ** 2 / np.maximum(below * (1 - below), 1e-9)
    return float(between[:-1].max() / spread)


def _pick_marks(grey: Floats, labels: Any, n: int, steep: Floats, ndimage: Any) -> NDArray[np.float64]:
    """Rows (top, left, bottom, right, ink) of components that could be a character or a part of one."""
    numbers = np.arange(1, n + 1)
    boxes = ndimage.find_objects(labels)
    top, left, bottom, right = (
        np.array(values) for values in zip(
            *((box[0].start, box[1].start, box[0].stop, box[1].stop) for box in boxes), strict=True
        )
    )  # fmt: skip
    height, width = bottom - top, right - left
    area = ndimage.sum_labels(np.ones_like(grey), labels, numbers)
    # The ink inside of the edges, where there is an inside: thin strokes are all edge.
    ink = ndimage.mean(grey, labels, numbers)
    spread = ndimage.standard_deviation(grey, labels, numbers)
    edge = labels - np.where(ndimage.binary_erosion(labels > 0), labels, 0)
    sharp = ndimage.mean(steep, edge, numbers)
    fill = area / (height * width)
    page_height, page_width = grey.shape
    good = (
        (height >= 5) & (height <= 0.3 * page_height) & (width >= 2) & (width <= 0.5 * page_width)
        & (area >= 8) & (fill >= 0.12) & (fill <= 0.95) & (spread <= _MOST_SPREAD) & (sharp >= _LEAST_STEP)
    )  # fmt: skip
    found: NDArray[np.float64] = np.stack([top, left, bottom, right, ink], axis=1).astype(np.float64)[good]
    return found


def _join_rows(marks: NDArray[np.float64]) -> list[tuple[int, int, int, int]]:
    """Boxes (top, left, bottom, right) of rows of at least three marks that share height, line and ink."""
    n = len(marks)
    if n < 3 or n > 4000:  # thousands of marks are a texture
        return []
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import connected_components

    top, left, bottom, right, ink = marks.T
    height, middle = bottom - top, (top + bottom) / 2
    tall = np.maximum(height[:, None], height[None, :])
    low = np.minimum(height[:, None], height[None, :])
    gap = np.maximum(left[:, None] - right[None, :], left[None, :] - right[:, None])
    near = (
        (np.abs(middle[:, None] - middle[None, :]) < 0.45 * tall)
        & (low > 0.3 * tall)
        & (gap < 0.75 * tall)
        & (np.abs(ink[:, None] - ink[None, :]) < 26)
    )
    _n, group = connected_components(csr_matrix(near), directed=False)
    boxes = []
    for number in np.unique(group):
        members = group == number
        if members.sum() < 3:
            continue
        box = (top[members].min(), left[members].min(), bottom[members].max(), right[members].max())
        tallest = height[members].max()
        is_line = box[3] - box[1] >= 1.6 * (box[2] - box[0]) and box[2] - box[0] <= 1.7 * tallest
        # Letters stand on a line: most marks of a word reach nearly as high and as low as the tallest.
        even = np.mean(height[members] >= 0.55 * tallest)
        if is_line and even >= 0.4:
            boxes.append((int(box[0]), int(box[1]), int(box[2]), int(box[3])))
    return boxes


def find_grid(pixels: Floats) -> tuple[int, int]:
    """(rows, columns) of a collage of photos, which may leave a band for the title; (1, 1) for none.

    A seam is an edge that runs nearly all across, at a regular place; every cell must be busy like a photo.
    """
    across = np.abs(pixels[:, 2:] - pixels[:, :-2]).max(axis=2) > 16
    down = (np.abs(pixels[2:] - pixels[:-2]).max(axis=2) > 16).mean(axis=1)
    grey: Floats = pixels.mean(axis=2)
    height = len(grey)
    limits = [0, *_find_peaks(down), height]
    best, found = (1, 0), (1, 1)
    for i, top in enumerate(limits):
        for bottom in limits[i + 1 :]:
            if bottom - top < 0.4 * height:
                continue
            band = _trim(grey, top, bottom)
            if band is None:
                continue
            y0, y1, x0, x1 = band
            rows, columns = _count_cells(down[y0 : y1 - 2]), _count_cells(across[y0:y1, x0 : x1 - 2].mean(axis=0))
            cells = rows * columns
            if (cells, y1 - y0) > best and _are_photos(grey[y0:y1, x0:x1], rows, columns):
                best, found = (cells, y1 - y0), (rows, columns)
    return found


def _find_peaks(seams: Floats) -> list[int]:
    """At most eight places, apart from each other, where an edge runs across."""
    places: list[int] = []
    for place in np.argsort(-seams, kind="stable")[:80]:
        if seams[place] < 0.62 or len(places) == 8:
            break
        if all(abs(int(place) - other) > 0.03 * len(seams) for other in places):
            places.append(int(place))
    return sorted(places)


def _trim(grey: Floats, top: int, bottom: int) -> tuple[int, int, int, int] | None:
    """(top, bottom, left, right) of the band without even margins; None when hardly anything is left."""
    band = grey[top:bottom]
    busy_rows, busy_columns = np.flatnonzero(band.std(axis=1) > 6), np.flatnonzero(band.std(axis=0) > 6)
    if not len(busy_rows) or not len(busy_columns):
        return None
    y0, y1 = top + int(busy_rows[0]), top + int(busy_rows[-1]) + 1
    x0, x1 = int(busy_columns[0]), int(busy_columns[-1]) + 1
    return (y0, y1, x0, x1) if y1 - y0 >= 60 and x1 - x0 >= 60 else None


def _count_cells(seams: Floats) -> int:
    n = len(seams)
    slack = max(round(0.02 * n), 2)
    usual = float(np.median(seams)) if n else 1.0  # grass and gravel have steps everywhere
    for cells, least in ((4, 0.62), (3, 0.62), (2, 0.72)):
        least = max(least, usual + 0.3)
        places = [round(n * k / cells) for k in range(1, cells)]
        if n >= 60 and all(seams[place - slack : place + slack + 1].max() >= least for place in places):
            return cells
    return 1


def _are_photos(grey: Floats, rows: int, columns: int) -> bool:
    """Whether each cell has a photo's many shades; a card or a row of a list has one ground."""
    for strip in np.array_split(grey, rows):
        for cell in np.array_split(strip, columns, axis=1):
            counts = np.bincount((cell.astype(np.int32) >> 4).ravel(), minlength=16)
            if (counts >= 0.03 * cell.size).sum() < 5 or counts.max() > 0.7 * cell.size:
                return False
    return True
