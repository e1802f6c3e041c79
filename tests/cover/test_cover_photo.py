"""Photos of every bad kind: a clear error, or a picture that is upright and in RGB."""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path

import pytest
from cover_cases import make_photo
from PIL import Image, JpegImagePlugin

from creator_kit.cover import (
    CoverLayout,
    CoverTexts,
    Fonts,
    Palette,
    layout_cover,
    load_photo,
    render_cover,
    save_cover,
)
from creator_kit.cover.photo import crop_to, draw_scrim, needed_scrim
from creator_kit.errors import AssetError, CreatorKitError, InputError


def test_a_plain_photo(tmp_path: Path) -> None:
    path = tmp_path / "照片 1.jpg"
    make_photo(300, 400).save(path)
    image = load_photo(path)
    assert (image.mode, image.size) == ("RGB", (300, 400))


def test_turned_upright_by_exif(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "a.jpg"
    make_photo(400, 300).save(path, exif=exif)
    assert load_photo(path).size == (300, 400)


@pytest.mark.parametrize("mode", ["CMYK", "L", "P", "RGBA", "LA", "1", "I;16"])
def test_other_modes_become_rgb(tmp_path: Path, mode: str) -> None:
    source = make_photo(200, 260)
    if mode == "I;16":
        image = Image.new("I;16", (200, 260), 40_000)
    else:
        image = source.convert(mode)
    path = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    image.save(path)
    found = load_photo(path)
    assert (found.mode, found.size) == ("RGB", (200, 260))
    if mode == "I;16":
        assert found.getpixel((5, 5)) == pytest.approx((155, 155, 155), abs=2)


def test_transparent_parts_are_white(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.new("RGBA", (100, 100), (0, 0, 0, 0)).save(path)
    assert load_photo(path).getpixel((50, 50)) == (255, 255, 255)


def test_the_first_frame_of_an_animation(tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    frames = [Image.new("RGB", (100, 100), colour) for colour in ("red", "blue")]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert load_photo(path).getpixel((50, 50))[0] > 200  # type: ignore[index]


def write_png_header(path: Path, width: int, height: int) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b""))


def test_bad_files_are_errors_that_name_the_file(tmp_path: Path) -> None:
    whole = tmp_path / "whole.jpg"
    make_photo(600, 800).save(whole)
    cases: dict[str, bytes] = {
        "truncated.jpg": whole.read_bytes()[:4000],
        "zero.jpg": b"",
        "text.jpg": "这不是图片".encode(),
        "vector.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    }
    for name, data in cases.items():
        (tmp_path / name).write_bytes(data)
    Image.new("RGB", (1, 1)).save(tmp_path / "tiny.png")
    write_png_header(tmp_path / "large.png", 30_000, 30_000)
    write_png_header(tmp_path / "bomb.png", 12_000, 12_000)
    for name in [*cases, "tiny.png", "large.png", "bomb.png", "missing.png"]:
        with pytest.raises(InputError) as caught:
            load_photo(tmp_path / name)
        assert name in str(caught.value)
    with pytest.raises(CreatorKitError):
        load_photo(tmp_path)


def test_heic_is_read_through_its_plug_in(tmp_path: Path) -> None:
    plug_in = pytest.importorskip("pillow_heif")
    plug_in.register_heif_opener()
    path = tmp_path / "a.heic"
    make_photo(300, 400).save(path)
    assert load_photo(path).size == (300, 400)


def test_heic_says_how_to_read_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    path = tmp_path / "a.heic"
    path.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    with pytest.raises(AssetError, match="pillow-heif"):
        load_photo(path)


def test_cropping_fills_the_box() -> None:
    for size in ((300, 100), (100, 300), (1200, 1600)):
        assert crop_to(make_photo(400, 400), size, (0.5, 0.4)).size == size


def test_a_brighter_photo_needs_more_scrim() -> None:
    strengths = [needed_scrim(luminance) for luminance in (0.05, 0.3, 0.6, 1.0)]
    assert strengths == sorted(strengths)
    assert strengths[0] == 0.0
    assert 0.5 < strengths[-1] < 0.7


def test_a_large_jpeg_is_decoded_no_larger_than_needed_and_never_too_small(tmp_path: Path) -> None:
    path = tmp_path / "phone.jpg"
    make_photo(2400, 3200).save(path)
    assert load_photo(path).size == (2400, 3200)
    assert load_photo(path, enough_px=(1100, 700)).size == (1200, 1600)
    assert load_photo(path, enough_px=(1242, 1600)).size == (2400, 3200)


def test_a_turned_jpeg_is_decoded_for_the_box_as_it_will_stand(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "turned.jpg"
    make_photo(3200, 2400).save(path, exif=exif)
    assert load_photo(path, enough_px=(1100, 1500)).size == (1200, 1600)


@pytest.mark.parametrize("kind", ["all", "top", "bottom"])
def test_a_scrim_darkens_only_where_it_is_due(kind: str) -> None:
    before = Image.new("RGB", (300, 400), (240, 240, 240))
    after = before.copy()
    draw_scrim(after, kind, [(30, 10, 270, 60)] if kind == "top" else [(30, 340, 270, 390)])
    rows = [after.getpixel((150, y)) for y in (5, 200, 395)]
    untouched = [row == (240, 240, 240) for row in rows]
    assert untouched == {"all": [False] * 3, "top": [False, True, True], "bottom": [True, True, False]}[kind]


def test_colour_resolution_is_kept_where_letters_need_it(tmp_path: Path, palettes: dict[str, Palette]) -> None:
    save_cover(Image.new("RGB", (300, 400), palettes["tomato"].rgb("bg")), tmp_path / "flat.jpg")
    bands = [Image.effect_noise((800, 1000), 90) for _band in range(3)]
    save_cover(Image.merge("RGB", bands), tmp_path / "photo.jpg")
    found = []
    for name in ("flat.jpg", "photo.jpg"):
        with Image.open(tmp_path / name) as image:
            found.append(JpegImagePlugin.get_sampling(image))
    assert found == [0, 2]  # 4:4:4 and 4:2:0


def test_a_badge_on_its_plate_does_not_darken_the_photo(
    layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts
) -> None:
    spec, photo = layouts["photo-full"], make_photo(900, 1200, light=True)
    plain = CoverTexts("早八妆")
    badged = CoverTexts("早八妆", badge="亲测有效")
    rows = []
    for texts in (plain, badged):
        image = render_cover(layout_cover(spec, texts, palette=palettes["butter"], fonts=fonts, photo=[photo]))
        rows.append([image.getpixel((1100, y)) for y in (100, 400, 1500)])
    assert rows[0] == rows[1]
    bare = crop_to(photo, (1242, 1660), (0.5, 0.5))
    assert rows[1][:2] == [bare.getpixel((1100, y)) for y in (100, 400)]
    assert sum(rows[1][2]) < 0.7 * sum(bare.getpixel((1100, 1500)))  # type: ignore[arg-type]
