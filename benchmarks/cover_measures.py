"""How well text on covers is found without a model: ``python benchmarks/cover_measures.py``.

Every layout is drawn, saved as JPEG and measured; the places of its lines are known, so precision and recall are exact.
Beside it, in the same run, RapidOCR's detector where ``rapidocr-onnxruntime`` is installed.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from sklearn.datasets import load_sample_images

from creator_kit.corpus.cover_measures import find_text, measure_cover_file
from creator_kit.cover import CoverTexts, LaidOutCover, layout_cover, load_cover_assets, render_cover

TITLES = ("早八妆", "租房党省钱的5个习惯", "从月薪3千到月薪3万，我到底做对了什么事呢")
POINTS = ("平价粉底｜贵价粉底", "持妆4小时｜持妆10小时", "要叠散粉｜单用就行")
WIDTH = 360
Mask = NDArray[np.bool_]


def draw_covers(photos: list[Image.Image]) -> list[tuple[bool, LaidOutCover, Image.Image]]:
    """(has photos, boxes, picture) of every layout with three lengths of title."""
    assets = load_cover_assets()
    covers = []
    for name in sorted(assets.layouts):
        spec = assets.layouts[name]
        pictures = [photos[i % 2].crop((20 * i, 12 * i, 20 * i + 400, 12 * i + 320)) for i in range(spec.n_photos)]
        for title in TITLES:
            texts = CoverTexts(title, "写给刚开始的普通人", "一人住", POINTS, "¥39.9", "@阿青的小日子")
            palette = assets.palettes[spec.palette]
            cover = layout_cover(spec, texts, palette=palette, fonts=assets.fonts, photo=pictures or None)
            covers.append((bool(pictures), cover, render_cover(cover)))
    return covers


def mark_truth(cover: LaidOutCover, shape: tuple[int, int]) -> Mask:
    scale, truth = WIDTH / cover.size_px[0], np.zeros(shape, bool)
    for text in cover.texts:
        for line in text.lines:
            left, top, right, bottom = (round(value * scale) for value in line.box)
            truth[top:bottom, left:right] = True
    return truth


def list_finders() -> dict[str, Callable[[Image.Image], Mask]]:
    finders: dict[str, Callable[[Image.Image], Mask]] = {
        "ours": lambda small: find_text(np.asarray(small.convert("L"), np.float32))
    }
    try:
        from rapidocr_onnxruntime import RapidOCR
    except ImportError:
        print("rapidocr-onnxruntime is not installed")
        return finders
    engine = RapidOCR()

    def find(small: Image.Image) -> Mask:
        found, _seconds = engine(np.asarray(small), use_det=True, use_cls=False, use_rec=False)
        mask = np.zeros((small.height, small.width), bool)
        for corners in [] if found is None else found:
            (left, top), (right, bottom) = np.array(corners).min(0).astype(int), np.array(corners).max(0).astype(int)
            mask[top:bottom, left:right] = True
        return mask

    return finders | {"rapidocr": find}


def main() -> None:
    photos = [Image.fromarray(array) for array in load_sample_images().images]
    covers = draw_covers(photos)
    smalls = [
        image.resize((WIDTH, round(WIDTH * image.height / image.width)), Image.Resampling.BOX) for *_x, image in covers
    ]
    for name, find in list_finders().items():
        rows: dict[bool, list[tuple[float, float]]] = {False: [], True: []}
        seconds = []
        for (has_photos, cover, _image), small in zip(covers, smalls, strict=True):
            truth = mark_truth(cover, (small.height, small.width))
            start = time.perf_counter()
            found = find(small)
            seconds.append(time.perf_counter() - start)
            both = float((found & truth).sum())
            rows[has_photos].append((both / max(found.sum(), 1), both / truth.sum()))
        cards, pictures = (np.mean(rows[kind], axis=0) for kind in (False, True))
        false = [float(find(photo.resize((WIDTH, WIDTH * photo.height // photo.width))).mean()) for photo in photos]
        print(
            f"{name:9} drawn cards: precision {cards[0]:.2f}, recall {cards[1]:.2f}; with photos: {pictures[0]:.2f},"
            f" {pictures[1]:.2f}; on photos without text {max(false):.3f}; {1000 * statistics.median(seconds):.0f} ms"
        )
    with tempfile.TemporaryDirectory() as folder:
        seconds = []
        for i, (_has_photos, _cover, image) in enumerate(covers):
            path = Path(folder) / f"{i}.jpg"
            image.save(path, quality=90)
            start = time.perf_counter()
            measure_cover_file(path)
            seconds.append(time.perf_counter() - start)
        print(f"all measures of a JPEG file: median {1000 * statistics.median(seconds):.0f} ms")


if __name__ == "__main__":
    main()
