"""Faces: found where the library is, kept by every crop, counted on covers, and done without where it is not."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest
from cover_cases import TITLES, draw_face, lay_out, make_photo, texts_for
from PIL import Image, ImageDraw

from creator_kit.corpus import faces
from creator_kit.corpus.cover_measures import METHOD, METHOD_WITH_FACES, choose_method, measure_cover_file
from creator_kit.cover import CoverLayout, Fonts, Palette, find_focus, fit_photo, render_cover

needs_opencv = pytest.mark.skipif(importlib.util.find_spec("cv2") is None, reason="the extra 'faces' is not installed")


@pytest.fixture
def without_opencv(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(faces.importlib.util, "find_spec", lambda _name: None)
    faces.can_find_faces.cache_clear()
    yield
    faces.can_find_faces.cache_clear()


def make_scene(place: float, width: int = 120) -> Image.Image:
    """A face at ``place`` across a wide picture, and at its other end what is far more colourful."""
    scene = Image.new("RGB", (1200, 600), (140, 150, 160))
    draw = ImageDraw.Draw(scene)
    far = 900 if place < 0.5 else 60
    for i in range(8):
        draw.rectangle((far + 30 * i, 120 + 40 * (i % 3), far + 20 + 30 * i, 480), fill=(250, 30 * i, 20))
    scene.paste(draw_face(width), (round(place * (1200 - width)), 180))
    return scene


@needs_opencv
@pytest.mark.parametrize("width", [60, 120, 240])
def test_a_drawn_face_is_found_where_it_is(width: int) -> None:
    scene = Image.new("RGB", (480, 640), (140, 150, 160))
    scene.paste(draw_face(width), (100, 200))
    ((left, top, right, bottom),) = faces.find_faces(scene) or ()
    assert left * 480 == pytest.approx(100 + 0.05 * width, abs=0.12 * width)
    assert right * 480 == pytest.approx(100 + 0.95 * width, abs=0.12 * width)
    assert 200 < top * 640 < bottom * 640 < 200 + 1.35 * width


@needs_opencv
@pytest.mark.parametrize("place", [0.05, 0.3, 0.95])
def test_every_crop_keeps_the_face(place: float) -> None:
    scene = make_scene(place)
    for ratio in ((3, 4), (1, 1)):
        cropped = fit_photo(scene, ratio, 4000)
        assert len(faces.find_faces(cropped) or ()) == 1
        left = round(find_focus(scene, ratio)[0] * (1200 - cropped.width))
        face = round(place * (1200 - 120))
        assert left <= face
        assert left + cropped.width >= face + 120


@needs_opencv
def test_a_cover_s_faces_are_counted(tmp_path: Path) -> None:
    scene = make_photo(900, 1200)
    for n in range(3):
        path = tmp_path / f"{n}.jpg"
        scene.save(path, quality=92)
        assert measure_cover_file(path).n_faces == n
        scene.paste(draw_face(200), (80 + 400 * n, 700))
    assert choose_method() == METHOD_WITH_FACES


@needs_opencv
def test_letters_and_cards_are_no_faces(
    layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts, photo: Image.Image
) -> None:
    for spec in layouts.values():
        cover = render_cover(lay_out(spec, texts_for(spec, TITLES["middle"]), palettes, fonts, photo))
        assert faces.find_faces(cover) == (), spec.name


def test_without_the_library_nothing_is_said_about_faces(without_opencv: None, tmp_path: Path) -> None:
    assert faces.find_faces(make_scene(0.05)) is None
    assert choose_method() == METHOD
    make_scene(0.05).save(tmp_path / "a.jpg")
    assert measure_cover_file(tmp_path / "a.jpg").n_faces is None
    assert fit_photo(make_scene(0.05), (3, 4), 4000).size == (450, 600)
