"""Fonts, layouts and palettes once for the room."""

from __future__ import annotations

import pytest
from cover_cases import make_photo
from PIL import Image

from creator_kit.cover import CoverLayout, Fonts, Palette, find_font, load_layouts, load_palettes


@pytest.fixture(scope="session")
def fonts() -> Fonts:
    return find_font()


@pytest.fixture(scope="session")
def layouts() -> dict[str, CoverLayout]:
    return load_layouts()


@pytest.fixture(scope="session")
def palettes() -> dict[str, Palette]:
    return load_palettes()


@pytest.fixture(scope="session")
def photo() -> Image.Image:
    return make_photo()
