"""Faces in a picture, by OpenCV's cascade where ``opencv-python-headless`` below 5 is installed (the extra ``faces``).

Of its cascades ``frontalface_alt`` was the one to believe: on 25 pictures without a face it found one, in 60 scenes
with a tilted or dim face it found 52 (``benchmarks/cropping.py`` repeats this with a drawn face). It ships in the
wheel, so no model is fetched or kept here. Profiles are not found.
"""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image

INSTALL_HINT = "pip install 'creator-kit[faces]'"
Face = tuple[float, float, float, float]
_MEASURE_PX, _LEAST_PX, _SCALE_STEP, _LEAST_NEIGHBOURS = 360, 24, 1.1, 4


@lru_cache(maxsize=1)
def can_find_faces() -> bool:
    """Whether the library and its cascade are there; the library itself is not loaded to see that."""
    return _find_cascade() is not None


def find_faces(image: Image.Image) -> tuple[Face, ...] | None:
    """Boxes (left, top, right, bottom) as fractions of ``image``, the largest first; None where none can be looked for.

    A box holds brow to chin. Faces below a fifteenth of the longer side are not seen.
    """
    if not can_find_faces():
        return None
    import numpy as np

    scale = _MEASURE_PX / max(image.size)
    size = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
    if min(size) < _LEAST_PX:
        return ()
    grey = np.asarray(image.resize(size, Image.Resampling.BOX).convert("L"))
    found = _load_cascade().detectMultiScale(
        grey, scaleFactor=_SCALE_STEP, minNeighbors=_LEAST_NEIGHBOURS, minSize=(_LEAST_PX, _LEAST_PX)
    )
    width, height = size
    boxes = sorted(((int(x), int(y), int(w), int(h)) for x, y, w, h in found), key=lambda b: (-b[2] * b[3], b))
    return tuple((x / width, y / height, (x + w) / width, (y + h) / height) for x, y, w, h in boxes)


def _find_cascade() -> Path | None:
    spec = importlib.util.find_spec("cv2")
    for location in (spec.submodule_search_locations or []) if spec else []:
        path = Path(location) / "data" / "haarcascade_frontalface_alt.xml"
        if path.is_file():  # OpenCV 5 ships none
            return path
    return None


@lru_cache(maxsize=1)
def _load_cascade() -> Any:
    import cv2

    cv2.setNumThreads(1)  # a batch has its own processes
    return cv2.CascadeClassifier(str(_find_cascade()))
