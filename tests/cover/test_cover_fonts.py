"""Fonts of one's own: static files, collections, and an installed one where the packaged one is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.ttLib.ttCollection import TTCollection
from fontTools.varLib.instancer import instantiateVariableFont
from PIL import ImageStat

from creator_kit.cover import (
    CoverTexts,
    Fonts,
    MissingGlyphError,
    find_font,
    layout_cover,
    load_layouts,
    load_palettes,
    render_cover,
)
from creator_kit.cover import fonts as room
from creator_kit.errors import AssetError

TITLE = "早八通勤5分钟"


@pytest.fixture(scope="module")
def static_font(tmp_path_factory: pytest.TempPathFactory, fonts: Fonts) -> Path:
    """The packaged font at one weight, with the few characters of ``TITLE``."""
    folder = tmp_path_factory.mktemp("fonts")
    font = TTFont(fonts.path, lazy=True)
    options = Options()
    options.layout_features = []
    subsetter = Subsetter(options)
    subsetter.populate(text=TITLE + "0123456789")
    subsetter.subset(font)
    instance = instantiateVariableFont(font, {"wght": 700})
    path = folder / "自己的字体.ttf"
    instance.save(path)
    return path


def draw(fonts: Fonts, title: str = TITLE) -> float:
    """The spread of the cover's brightness (0 to 127): near nothing unless letters stand on the flat ground."""
    spec = load_layouts()["quote"]
    cover = layout_cover(spec, CoverTexts(title), palette=load_palettes()[spec.palette], fonts=fonts)
    assert cover.fonts is fonts
    return ImageStat.Stat(render_cover(cover).convert("L")).stddev[0]


def test_a_static_font_draws_and_says_what_it_lacks(static_font: Path) -> None:
    own = find_font(static_font)
    assert own.weights == (400, 400)  # it has one weight, whatever that is: none is asked for
    assert draw(own) > 20
    assert own.measure("早", 900).advance == pytest.approx(1.0, abs=0.02)
    with pytest.raises(MissingGlyphError) as caught:
        draw(own, "早八喝茶")
    assert caught.value.char == "喝"
    assert "--font" in (caught.value.hint or "")


def test_a_collection_opens_at_its_first_face(static_font: Path, tmp_path: Path) -> None:
    collection = TTCollection()
    collection.fonts = [TTFont(static_font), TTFont(static_font)]
    path = tmp_path / "两种.ttc"
    collection.save(path)
    own = find_font(path)
    assert own.face == 0
    assert draw(own) == pytest.approx(draw(find_font(static_font)), abs=0.5)


@pytest.mark.parametrize("content", [b"", b"not a font at all", b"\0\1\0\0" + b"\xff" * 40])
def test_a_broken_font_is_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "坏.ttf"
    path.write_bytes(content)
    with pytest.raises(AssetError) as caught:
        find_font(path)
    assert "坏.ttf" in str(caught.value)


def test_an_installed_font_is_found_where_the_packaged_one_is_missing(
    static_font: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room._find_installed.cache_clear()
    monkeypatch.setattr(room, "_find_packaged", lambda: None)
    folder = tmp_path / ".local" / "share" / "fonts" / "noto"
    folder.mkdir(parents=True)
    (folder / "NotoSansSC-Bold.ttf").write_bytes(static_font.read_bytes())
    monkeypatch.setattr(room.sys, "platform", "linux")
    monkeypatch.setattr(room.Path, "home", lambda: tmp_path)
    monkeypatch.setattr(room, "_SYSTEM_FONT_FOLDERS", ())
    try:
        own = find_font()
        assert own.path == folder / "NotoSansSC-Bold.ttf"
        assert "NotoSansSC-Bold.ttf" in own.credit
        assert draw(own) > 20
        (folder / "NotoSansSC-Bold.ttf").unlink()
        room._find_installed.cache_clear()
        with pytest.raises(AssetError, match="no Chinese font"):
            find_font()
    finally:
        room._find_installed.cache_clear()
