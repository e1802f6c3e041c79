"""Pictures that pass for photos at a small size, drawn from numbers, so that no photo is committed."""

from __future__ import annotations

import math
import random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

RGB = tuple[int, int, int]
# Table, plate and food of each scene.
SCENES: tuple[tuple[RGB, RGB, tuple[RGB, ...]], ...] = (
    ((150, 104, 70), (244, 240, 232), ((200, 62, 36), (236, 190, 90), (84, 132, 58), (250, 236, 214))),
    ((214, 206, 196), (70, 84, 92), ((240, 208, 150), (120, 160, 70), (226, 120, 60), (250, 246, 236))),
    ((92, 100, 88), (250, 248, 244), ((126, 74, 44), (230, 214, 190), (196, 140, 90), (70, 44, 30))),
    ((232, 196, 190), (255, 250, 248), ((220, 70, 90), (250, 214, 220), (130, 170, 100), (255, 236, 170))),
)


def draw_still_life(number: int, width: int = 900, height: int = 1200) -> Image.Image:
    """A bowl on a table by a window; ``number`` chooses its colours and places."""
    table, plate, foods = SCENES[number % len(SCENES)]
    rng = random.Random(number)
    image = Image.new("RGB", (width, height), table)
    grain = Image.effect_noise((width // 40, height), 60).resize((width, height), Image.Resampling.BICUBIC)
    image = ImageChops.overlay(image, Image.merge("RGB", [grain.point([100 + v // 5 for v in range(256)])] * 3))
    x, y, r = width * rng.uniform(0.4, 0.6), height * rng.uniform(0.36, 0.46), width * rng.uniform(0.34, 0.42)
    shadow = Image.new("L", image.size, 0)
    ImageDraw.Draw(shadow).ellipse((x - r + 50, y - r + 70, x + r + 60, y + r + 90), fill=150)
    image.paste((20, 14, 10), (0, 0), shadow.filter(ImageFilter.GaussianBlur(40)))
    bowl = image.copy()
    draw = ImageDraw.Draw(bowl)
    dim: RGB = (plate[0] * 4 // 5, plate[1] * 4 // 5, plate[2] * 4 // 5)
    for radius, fill in ((r, plate), (r * 0.86, dim), (r * 0.82, foods[0])):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
    for _piece in range(70):
        angle, far = rng.uniform(0, 2 * math.pi), r * 0.7 * math.sqrt(rng.random())
        size, fill = r * rng.uniform(0.05, 0.17), foods[rng.randrange(1, len(foods))]
        px, py = x + far * math.cos(angle), y + far * math.sin(angle)
        draw.ellipse((px - size + 6, py - size * 0.7 + 9, px + size + 6, py + size * 0.7 + 9), fill=(60, 34, 22))
        draw.ellipse((px - size, py - size * 0.7, px + size, py + size * 0.7), fill=fill)
        draw.ellipse((px - size * 0.5, py - size * 0.5, px + size * 0.1, py - size * 0.1), fill=lighten(fill))
    image = bowl.filter(ImageFilter.GaussianBlur(3))
    light = Image.linear_gradient("L").rotate(rng.choice((120, 240)), Image.Resampling.BICUBIC, expand=False)
    light = light.resize(image.size, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(60))
    image = ImageChops.soft_light(image, Image.merge("RGB", [light.point([70 + v * 2 // 3 for v in range(256)])] * 3))
    noise = Image.effect_noise(image.size, 10)
    return ImageChops.overlay(image, Image.merge("RGB", [noise] * 3))


def lighten(colour: RGB) -> RGB:
    red, green, blue = (min(value + 38, 255) for value in colour)
    return red, green, blue
