"""Texts and photos for the tests of covers; the photos are drawn here, so that none is committed."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

from creator_kit.cover import CoverLayout, CoverTexts, Fonts, LaidOutCover, Palette, layout_cover
from creator_kit.drafting import Brief, Draft

GOLDEN = Path(__file__).parent / "golden_boxes.json"
TITLES = {
    "short": "早八妆",
    "middle": "租房党省钱的5个习惯",
    "longest": "从月薪3千到月薪3万，我到底做对了什么事呢",
}
POINTS = ("每周日备好5天的菜", "外卖软件卸载一个月", "大件只买二手", "话费改成8元套餐")
COLUMNS = ("平价粉底｜贵价粉底", "持妆4小时｜持妆10小时", "要叠散粉｜单用就行")


def make_photo(width: int = 900, height: int = 1200, light: bool = False) -> Image.Image:
    """A scene of a sky, a hill and a sun: bright above, darker below (or all bright)."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    image = Image.blend(image, Image.new("RGB", image.size, (250, 245, 235) if light else (40, 90, 140)), 0.6)
    draw = ImageDraw.Draw(image)
    draw.ellipse((width * 0.55, height * 0.1, width * 0.8, height * 0.3), fill=(255, 240, 200))
    draw.ellipse(
        (-width * 0.3, height * 0.6, width * 1.1, height * 1.5), fill=(240, 236, 228) if light else (40, 80, 50)
    )
    return image


def texts_for(spec: CoverLayout, title: str, *, full: bool = True, label: str = "") -> CoverTexts:
    """Texts that fill ``spec``: everything it can show, or only what it must show."""
    columns = any(item.marker == "columns" for stack in spec.stack for item in stack.item if item.role == "points")
    points = COLUMNS if columns else POINTS
    if full:
        return CoverTexts(title, "写给刚开始的普通人", "亲测有效", points, "¥39.9", "@阿青的小日子", label)
    return CoverTexts(title, points=points if spec.n_points[0] else (), price="¥39.9", label=label)


def lay_out(
    spec: CoverLayout,
    texts: CoverTexts,
    palettes: dict[str, Palette],
    fonts: Fonts,
    photo: Image.Image,
    size_px: tuple[int, int] = (1242, 1660),
) -> LaidOutCover:
    return layout_cover(
        spec, texts, size_px=size_px, palette=palettes[spec.palette], fonts=fonts, photo=[photo] * spec.n_photos
    )


def make_draft(**changes: object) -> Draft:
    fields: dict[str, object] = {
        "draft_id": "d-20261124-abc",
        "topic": "租房省钱",
        "persona": "",
        "created_on": "2026-11-24",
        "title": "租房党省钱的5个习惯",
        "body": "正文",
        "tags": ("租房",),
        "titles": (),
        "brief": Brief(topic="租房省钱", points=("大件只买二手", "话费改成8元套餐"), scenario="一个人住"),
        "body_template": "plain",
    }
    return Draft(**{**fields, **changes})  # type: ignore[arg-type]
