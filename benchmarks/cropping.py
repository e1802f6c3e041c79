"""How much of a subject a crop keeps, beside smartcrop and OpenCV's saliency: ``python benchmarks/cropping.py``.

Subjects are set at random places of 3:2 photos and the photos cropped to 3:4: what share of the subject is kept, how
often all of it (over 95 %), how often most is lost. Peers are measured where they are installed (``smartcrop``,
``opencv-contrib-python-headless``); the photos come with scikit-learn. Then drawn faces, tilted and half of them dim,
are set into the same scenes: how many the extra ``faces`` finds, how often it finds one where none is, and how many
whole faces a crop keeps with it and without.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from sklearn.datasets import load_sample_images

from creator_kit.corpus.faces import find_faces
from creator_kit.cover import find_focus, saliency

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "cover"))
from cover_cases import draw_face  # the tests' drawn face

N_SCENES, WIDTH, HEIGHT = 120, 900, 600
CROP = HEIGHT * 3 // 4


def make_scenes() -> list[tuple[Image.Image, int, int]]:
    """(picture, left and right edge of its subject)."""
    temple, flower = (Image.fromarray(array) for array in load_sample_images().images)
    rng = np.random.default_rng(0)
    scenes = []
    for i in range(N_SCENES):
        noise = rng.integers(60, 200, (5, 7, 3), dtype=np.uint8)
        grounds = (
            Image.fromarray(noise).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC),
            temple.resize((WIDTH, HEIGHT)).filter(ImageFilter.GaussianBlur(6)),
            Image.fromarray(rng.integers(90, 150, (HEIGHT // 4, WIDTH // 4, 3), dtype=np.uint8)).resize(
                (WIDTH, HEIGHT)
            ),
            temple.resize((WIDTH, HEIGHT)),
        )
        picture = grounds[i % 4]
        subject = (flower.crop((230, 80, 480, 330)), draw_face(240), draw_plate())[i // 4 % 3]
        scale = rng.uniform(0.35, 0.6) * HEIGHT / subject.height
        subject = subject.resize((round(subject.width * scale), round(subject.height * scale)))
        mask = Image.new("L", subject.size, 0)
        ImageDraw.Draw(mask).ellipse((4, 4, subject.width - 4, subject.height - 4), fill=255)
        left, top = round(rng.uniform(0, WIDTH - subject.width)), round(rng.uniform(60, HEIGHT - subject.height))
        picture.paste(subject, (left, top), mask.filter(ImageFilter.GaussianBlur(3)))
        scenes.append((picture, left, left + subject.width))
    return scenes


def draw_plate() -> Image.Image:
    image = Image.new("RGB", (300, 300), (120, 100, 80))
    draw = ImageDraw.Draw(image)
    draw.ellipse((10, 10, 290, 290), fill=(240, 238, 230))
    draw.ellipse((60, 70, 200, 210), fill=(190, 90, 40))
    draw.ellipse((150, 110, 250, 220), fill=(90, 140, 60))
    return image.filter(ImageFilter.GaussianBlur(1.5))


def list_methods() -> dict[str, Callable[[Image.Image], float]]:
    """Name → left edge of the crop."""
    methods: dict[str, Callable[[Image.Image], float]] = {
        "ours": lambda image: (WIDTH - CROP) * find_focus(image, (3, 4))[0],
        "centre": lambda image: (WIDTH - CROP) / 2,
    }
    try:
        import smartcrop

        cropper = smartcrop.SmartCrop()
        methods["smartcrop"] = lambda image: cropper.crop(image, 300, 400)["top_crop"]["x"]
    except ImportError:
        print("smartcrop is not installed")
    try:
        import cv2

        for name in ("StaticSaliencySpectralResidual", "StaticSaliencyFineGrained"):
            measure = getattr(cv2.saliency, name + "_create")()
            methods[name] = lambda image, measure=measure: find_window(measure, image)
    except (ImportError, AttributeError):
        print("OpenCV with its saliency module is not installed")
    return methods


def find_window(measure: object, image: Image.Image) -> float:
    _done, found = measure.computeSaliency(np.asarray(image)[:, :, ::-1].copy())  # type: ignore[attr-defined]
    below = np.concatenate([[0.0], np.cumsum(np.asarray(found, float).sum(axis=0))])
    n = len(below) - 1
    window = round(n * CROP / WIDTH)
    return float(np.argmax(below[window:] - below[:-window])) * WIDTH / n


def main() -> None:
    scenes = make_scenes()
    for name, method in list_methods().items():
        kept, seconds = [], []
        for image, left, right in scenes:
            start = time.perf_counter()
            x = method(image)
            seconds.append(time.perf_counter() - start)
            kept.append(max(0.0, min(x + CROP, right) - max(x, left)) / (right - left))
        shares = np.array(kept)
        print(
            f"{name:32} kept {shares.mean():.2f}, all of it {np.mean(shares > 0.95):.2f},"
            f" most lost {np.mean(shares < 0.5):.2f}; {statistics.median(seconds) * 1000:.0f} ms"
        )

    compare_faces()


def compare_faces() -> None:
    rng = np.random.default_rng(1)
    grounds = [scene[0] for i, scene in enumerate(make_scenes()) if i // 4 % 3 != 1][:40]  # not those with a face
    n_false = sum(bool(find_faces(ground)) for ground in grounds)
    found, kept = 0, {"with faces": 0, "without": 0}
    for ground in grounds:
        width = round(rng.uniform(70, 200))
        # Skin all around, so that turning it leaves no corners.
        face = draw_face(width).rotate(float(rng.uniform(-10, 10)), Image.Resampling.BICUBIC, fillcolor=(150, 160, 170))
        left = round(rng.uniform(0, WIDTH - width))
        scene = ground.copy()
        scene.paste(face, (left, round(rng.uniform(40, HEIGHT - face.height))))
        if rng.random() < 0.5:
            scene = scene.point([value * 55 // 100 for value in range(256)] * 3)
        middle = (left + width / 2) / WIDTH
        found += any(one[0] <= middle <= one[2] for one in find_faces(scene) or ())
        for name, finder in (("with faces", find_faces), ("without", lambda _image: None)):
            saliency.find_faces = finder  # type: ignore[assignment]
            x = (WIDTH - CROP) * find_focus(scene, (3, 4))[0]
            kept[name] += x <= left + 0.1 * width and x + CROP >= left + 0.9 * width
    saliency.find_faces = find_faces
    n = len(grounds)
    print(
        f"faces: {found} of {n} found, one where none is in {n_false} of {n} scenes;"
        f" whole in the crop {kept['with faces'] / n:.2f}, without the detector {kept['without'] / n:.2f}"
    )


if __name__ == "__main__":
    main()
