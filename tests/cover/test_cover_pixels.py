"""What is drawn: text where the boxes say, emoji in colour, the same bytes each time, legible on any photo."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cover_cases import lay_out, make_photo, texts_for
from PIL import Image, ImageChops, ImageStat

from creator_kit.cover import (
    AiLabel,
    CoverLayout,
    CoverTexts,
    Fonts,
    Palette,
    find_font,
    layout_cover,
    load_layouts,
    measure_contrast,
    read_ai_label,
    render_cover,
    save_cover,
)
from creator_kit.cover.emoji import draw_emoji, find_drawing
from creator_kit.cover.palette import find_low_contrasts, measure_luminance
from creator_kit.cover.photo import crop_to
from creator_kit.cover.png import encode_png
from creator_kit.cover.render import render_ground
from creator_kit.cover.retouching import find_focus
from creator_kit.errors import AssetError, StorageError, UsageError

NAMES = sorted(load_layouts())


def draw(
    name: str, title: str, layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts
) -> Image.Image:
    spec = layouts[name]
    return render_cover(lay_out(spec, texts_for(spec, title), palettes, fonts, make_photo()))


def mean_difference(one: Image.Image, other: Image.Image) -> float:
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


@pytest.mark.parametrize("name", NAMES)
def test_ink_stays_inside_the_title_box_and_fills_it(
    name: str, layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts
) -> None:
    """Drawn with and without the title, the two pictures differ inside the title's box (and its plates) only."""
    spec = layouts[name]
    cover = lay_out(spec, texts_for(spec, "小个子穿搭｜158显高10cm"), palettes, fonts, make_photo())
    title = next(text for text in cover.texts if text.role == "title")
    drawn = render_cover(cover)
    bare = render_cover(replace(cover, texts=tuple(text for text in cover.texts if text.role != "title")))
    if not cover.photos:
        changed = ImageChops.difference(drawn, bare).getbbox()
        assert changed is not None
        assert changed[0] >= title.box[0] - 2
        assert changed[1] >= title.box[1] - 2
        assert changed[2] <= title.box[2] + 2
        assert changed[3] <= title.box[3] + 2
        # The box is no larger than the ink needs: side bearings and pads of marks at most.
        assert changed[2] - changed[0] >= 0.85 * (title.box[2] - title.box[0])


def test_the_same_inputs_give_the_same_bytes(
    tmp_path: Path, layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts
) -> None:
    for suffix in ("png", "jpg"):
        files = []
        for i in range(2):
            path = tmp_path / f"{i}.{suffix}"
            save_cover(draw("photo-full", "周末去哪儿😀", layouts, palettes, fonts), path, ai_label=AiLabel())
            files.append(path.read_bytes())
        assert files[0] == files[1]


def test_no_time_or_device_is_written(
    tmp_path: Path, layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts
) -> None:
    image = draw("big-type", "早八妆", layouts, palettes, fonts)
    save_cover(image, tmp_path / "a.png")
    save_cover(image, tmp_path / "a.jpg")
    data = (tmp_path / "a.png").read_bytes()
    assert not any(chunk in data for chunk in (b"tIME", b"tEXt", b"iTXt", b"eXIf"))
    with Image.open(tmp_path / "a.jpg") as opened:
        assert not opened.getexif()
    with Image.open(tmp_path / "a.png") as opened:
        assert opened.size == (1242, 1660)
        assert opened.mode == "RGB"
        assert mean_difference(opened, image) == 0
    with Image.open(tmp_path / "a.jpg") as opened:
        assert mean_difference(opened, image) < 2.0


@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_the_ai_label_is_in_the_file(tmp_path: Path, suffix: str) -> None:
    label = AiLabel(content_producer="某某<&>工作室", produce_id="d-1")
    path = tmp_path / f"a.{suffix}"
    save_cover(Image.new("RGB", (400, 500)), path, ai_label=label)
    with Image.open(path) as opened:
        opened.load()
        assert read_ai_label(opened) == label
    assert b"http://www.tc260.org.cn/ns/AIGC/1.0/" in path.read_bytes()
    assert b'"Label":"1"' in path.read_bytes()


ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize("emoji", ["😀", "👩\u200d🍳", "🇯🇵", "1️⃣", "👍🏽", ENGLAND, "❤️", "❤", "✔"])
def test_emoji_are_drawn_in_colour_as_one(emoji: str, fonts: Fonts) -> None:
    assert fonts.classify(emoji) == "emoji"
    image = draw_emoji(emoji, 200)
    assert image.size == (200, 200)
    ink = image.getchannel("A").getbbox()
    assert ink is not None
    assert (ink[2] - ink[0]) * (ink[3] - ink[1]) > 0.3 * 200 * 200
    colours = image.convert("RGB").getcolors(200 * 200) or []
    assert any(max(rgb) - min(rgb) > 60 for _n, rgb in colours) or emoji == "✔"
    assert draw_emoji(emoji, 57).size == (57, 57)


def test_emoji_show_on_the_cover(layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts) -> None:
    spec = layouts["quote"]
    cover = lay_out(spec, CoverTexts("晚安🇯🇵"), palettes, fonts, make_photo())
    image = render_cover(cover)
    glyph = next(g for text in cover.texts for line in text.lines for g in line.glyphs if g.kind == "emoji")
    middle = (glyph.x + glyph.size_px // 2, glyph.y - round(0.38 * glyph.size_px))
    red, green, blue = image.getpixel(middle)  # type: ignore[misc]
    assert red > 150 > max(green, blue)  # the sun of the flag


def test_an_unknown_emoji_is_an_error() -> None:
    assert find_drawing("字") is None
    with pytest.raises(AssetError):
        draw_emoji("字", 40)


def test_all_of_it_works_without_a_shaping_library(tmp_path: Path) -> None:
    """A fresh process in which raqm and fribidi cannot be found draws sequences all the same."""
    code = (
        "import PIL.features as f; f.check = lambda *_: False\n"
        "from PIL import ImageFont\n"
        "real = ImageFont.truetype\n"
        "def only_basic(*a, **k):\n"
        "    assert k.get('layout_engine') == ImageFont.Layout.BASIC\n"
        "    return real(*a, **k)\n"
        "ImageFont.truetype = only_basic\n"
        "from pathlib import Path\n"
        "from creator_kit.cover import *\n"
        "spec = load_layouts()['big-type']\n"
        "palette, texts = load_palettes()[spec.palette], CoverTexts('好吃👩\\u200d🍳🇯🇵')\n"
        "c = layout_cover(spec, texts, palette=palette, fonts=find_font())\n"
        "emoji = [g.text for t in c.texts for l in t.lines for g in l.glyphs if g.kind == 'emoji']\n"
        "assert len(emoji) == 2, emoji\n"
        f"save_cover(render_cover(c), Path({str(tmp_path / 'a.png')!r}))\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert (tmp_path / "a.png").is_file()


def text_grounds(spec: CoverLayout) -> Iterator[tuple[str, str, float]]:
    for stack in spec.stack:
        for item in stack.item:
            large = item.size[0] >= 0.05 or item.weight >= 700
            ground = item.plate.fill if item.plate else item.on
            yield item.colour, ground, 3.0 if large else 4.5
            if item.emphasis != "none":
                yield item.emphasis_colour, ground, 3.0
            if item.mark:
                yield item.colour, item.mark.fill, 3.0
            if item.role == "points" and item.marker in ("disc", "steps", "check", "bubbles", "columns"):
                yield item.marker_colour, item.marker_fill, 3.0


@pytest.mark.parametrize("name", NAMES)
def test_each_text_is_legible_on_its_ground_in_every_palette(
    name: str, layouts: dict[str, CoverLayout], palettes: dict[str, Palette]
) -> None:
    for palette_name, palette in palettes.items():
        for colour, ground, least in text_grounds(layouts[name]):
            ratio = measure_contrast(palette.rgb(colour), palette.rgb(ground))
            assert ratio >= least, (palette_name, colour, ground, round(ratio, 2))


def test_palettes_keep_their_promise(palettes: dict[str, Palette]) -> None:
    assert len(palettes) >= 8
    assert all(not find_low_contrasts(palette) for palette in palettes.values())


def test_contrast_is_that_of_wcag() -> None:
    assert measure_contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21.0)
    assert measure_contrast((119, 119, 119), (255, 255, 255)) == pytest.approx(4.48, abs=0.01)
    assert measure_luminance((255, 0, 0)) == pytest.approx(0.2126)


@pytest.mark.parametrize("light", [True, False])
def test_white_text_stays_legible_on_light_and_dark_photos(
    light: bool, layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts
) -> None:
    """Measured on the pixels that are really behind the letters; away from them the photo keeps its light."""
    photo, spec = make_photo(light=light), layouts["photo-full"]
    texts = CoverTexts("周末去哪儿", "不排队")
    cover = layout_cover(spec, texts, palette=palettes["butter"], fonts=fonts, photo=photo)
    ground = render_ground(cover)
    for text in cover.texts:
        pixels = ground.crop(text.box).getcolors(1 << 22) or []
        ratios = sorted((measure_contrast((255, 255, 255), rgb), n) for n, rgb in pixels)  # type: ignore[arg-type]
        low = sum(n for ratio, n in ratios if ratio < 4.5)
        assert low <= 0.05 * sum(n for _ratio, n in ratios)
    sky = ImageStat.Stat(ground.crop((0, 0, 1242, 250))).mean
    plain = ImageStat.Stat(crop_to(photo, cover.size_px, find_focus(photo, cover.size_px)).crop((0, 0, 1242, 250))).mean
    assert sky == pytest.approx(plain, abs=1.0)


def test_a_broken_or_missing_font_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "坏.ttf"
    bad.write_bytes(b"not a font")
    with pytest.raises(AssetError, match="not a font"):
        find_font(bad)
    with pytest.raises(AssetError, match="no such font"):
        find_font(tmp_path / "none.ttf")


def test_saving_is_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = Image.new("RGB", (300, 400))
    with pytest.raises(UsageError):
        save_cover(image, tmp_path / "a.gif")

    def fail(*_args: object, **_kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fail)
    with pytest.raises(StorageError):
        save_cover(image, tmp_path / "a.png")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (300, 200), (1242, 1660)])
@pytest.mark.parametrize("kind", ["flat", "photo", "noise"])
def test_png_is_lossless_and_read_by_others(size: tuple[int, int], kind: str) -> None:
    if kind == "flat":
        image = Image.new("RGB", size, (12, 200, 77))
        image.paste((255, 0, 3), (0, 0, size[0] // 2, size[1]))
    elif kind == "photo":
        image = make_photo(*size)
    else:
        image = Image.merge("RGB", [Image.effect_noise(size, 90) for _band in range(3)])
    data = encode_png(image, xmp=b"<x/>")
    with Image.open(io.BytesIO(data)) as opened:
        opened.load()
        assert opened.tobytes() == image.tobytes()
        assert opened.info["xmp"] == b"<x/>"
    with Image.open(io.BytesIO(data)) as opened:
        opened.verify()
