"""Texts and photos for the tests of covers; the photos are drawn here, so that none is committed."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

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


def draw_face(width: int = 160, skin: tuple[int, int, int] = (222, 178, 150)) -> Image.Image:
    """A face from the front, drawn plainly: nobody's, but with the light and shade that a detector looks for."""
    k = 4
    w, h = width * k, round(width * 1.3) * k
    image = Image.new("RGB", (w, h), (150, 160, 170))
    draw = ImageDraw.Draw(image)

    def oval(left: float, top: float, right: float, bottom: float, fill: tuple[int, int, int]) -> None:
        draw.ellipse((left * w, top * h, right * w, bottom * h), fill=fill)

    hair, eye = (45, 32, 28), (40, 28, 24)
    dark = (skin[0] * 3 // 4, skin[1] * 3 // 4, skin[2] * 3 // 4)
    light = (min(skin[0] + 22, 255), min(skin[1] + 18, 255), min(skin[2] + 15, 255))
    oval(0.12, 0.02, 0.88, 0.75, hair)
    draw.rectangle((0.4 * w, 0.75 * h, 0.6 * w, 0.95 * h), fill=dark)
    oval(0.2, 0.12, 0.8, 0.9, skin)
    oval(0.18, 0.03, 0.82, 0.34, hair)
    for x in (0.36, 0.64):
        oval(x - 0.105, 0.40, x + 0.105, 0.53, dark)
        draw.rectangle(((x - 0.1) * w, 0.385 * h, (x + 0.1) * w, 0.41 * h), fill=hair)
        oval(x - 0.075, 0.445, x + 0.075, 0.505, (245, 240, 235))
        oval(x - 0.035, 0.44, x + 0.035, 0.51, eye)
    draw.polygon([(0.5 * w, 0.45 * h), (0.455 * w, 0.64 * h), (0.545 * w, 0.64 * h)], fill=light)
    oval(0.44, 0.62, 0.56, 0.67, dark)
    oval(0.38, 0.72, 0.62, 0.785, (150, 70, 70))
    for x in (0.28, 0.58):
        oval(x, 0.6, x + 0.14, 0.7, light)
    return image.filter(ImageFilter.GaussianBlur(k * width / 80)).resize((w // k, h // k), Image.Resampling.LANCZOS)
