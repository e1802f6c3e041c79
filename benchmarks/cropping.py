"""How much of a subject a crop keeps, beside smartcrop and OpenCV's saliency: ``python benchmarks/cropping.py``.

Subjects are set at random places of 3:2 photos and the photos cropped to 3:4: what share of the subject is kept, how
often all of it (over 95 %), how often most is lost. Peers are measured where they are installed (``smartcrop``,
``opencv-contrib-python-headless``); the photos come with scikit-learn.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from sklearn.datasets import load_sample_images

from creator_kit.cover import find_focus

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
        subject = (flower.crop((230, 80, 480, 330)), draw_person(), draw_plate())[i // 4 % 3]
        scale = rng.uniform(0.35, 0.6) * HEIGHT / subject.height
        subject = subject.resize((round(subject.width * scale), round(subject.height * scale)))
        mask = Image.new("L", subject.size, 0)
        ImageDraw.Draw(mask).ellipse((4, 4, subject.width - 4, subject.height - 4), fill=255)
        left, top = round(rng.uniform(0, WIDTH - subject.width)), round(rng.uniform(60, HEIGHT - subject.height))
        picture.paste(subject, (left, top), mask.filter(ImageFilter.GaussianBlur(3)))
        scenes.append((picture, left, left + subject.width))
    return scenes


def draw_person() -> Image.Image:
    image = Image.new("RGB", (240, 300), (150, 160, 170))
    draw = ImageDraw.Draw(image)
    draw.ellipse((40, 10, 200, 210), fill=(60, 40, 30))
    draw.ellipse((65, 45, 175, 190), fill=(225, 180, 150))
    draw.rectangle((30, 200, 210, 300), fill=(40, 70, 120))
    for x in (95, 145):
        draw.ellipse((x - 7, 100, x + 7, 112), fill=(40, 30, 30))
    return image.filter(ImageFilter.GaussianBlur(1.5))


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


if __name__ == "__main__":
    main()
