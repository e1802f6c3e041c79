"""A cover leaves the same small pictures as its file would give later, and no cover fails for want of them."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

from creator_kit.cover import save_cover
from creator_kit.cover.small import FEED_WIDTHS_PX, OPEN_WIDTH_PX, keep_small, name_small, shrink_file, small_path


def draw(path: Path) -> Image.Image:
    image = Image.new("RGB", (1242, 1660), (250, 240, 220))
    ImageDraw.Draw(image).ellipse((100, 200, 1100, 1300), fill=(180, 40, 60))
    save_cover(image, path)
    return image


def test_kept_is_what_the_file_gives(tmp_path: Path) -> None:
    image = draw(tmp_path / "c.png")
    keep_small(image, tmp_path / "c.png", tmp_path / "kept")
    name = name_small((tmp_path / "c.png").read_bytes())
    for width in (OPEN_WIDTH_PX, *FEED_WIDTHS_PX):
        kept = small_path(tmp_path / "kept", name, width)
        shrink_file(tmp_path / "c.png", [(tmp_path / "again.webp", width)])
        assert kept.read_bytes() == (tmp_path / "again.webp").read_bytes()
        with Image.open(kept) as small:
            assert 0.9 * width <= small.width <= 1.05 * width


def test_a_folder_that_cannot_be_written_costs_no_cover(tmp_path: Path) -> None:
    image = draw(tmp_path / "c.png")
    (tmp_path / "file").write_text("")
    keep_small(image, tmp_path / "c.png", tmp_path / "file")
    keep_small(image, tmp_path / "c.png", tmp_path / "file" / "below")
    assert (tmp_path / "file").read_text() == ""


def test_a_jpeg_leaves_none(tmp_path: Path) -> None:
    image = draw(tmp_path / "c.png")
    save_cover(image, tmp_path / "c.jpg")
    keep_small(image, tmp_path / "c.jpg", tmp_path / "kept")
    assert not (tmp_path / "kept").exists()
