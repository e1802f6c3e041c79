"""The contact sheet of all layouts with three personas, and a feed view: called by draw.py.

Words and photos are made up; short, middle and long titles take turns.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from still_lifes import draw_still_life

from creator_kit.cover import (
    CoverAssets,
    CoverLayout,
    CoverTexts,
    layout_cover,
    load_cover_assets,
    render_cover,
    render_feed,
    render_sheet,
)
from creator_kit.persona import load_persona

# Persona → titles, points, rows of a comparison.
WORDS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "dorm-cook": (
        ("一锅炖", "宿舍小锅的3道懒人晚饭", "食堂关门以后，我用一口小锅解决了晚饭"),
        ("番茄炖蛋 8分钟", "小锅焖饭 只洗1个碗", "白菜豆腐煲 6元一顿", "微波炉也能蒸鱼"),
        ("食堂15元｜小锅6元", "排队20分钟｜开锅8分钟", "油大｜自己放盐"),
    ),
    "petite-office": (
        ("早八妆", "小个子通勤的5套显高搭配", "一米五五上班穿什么，衣柜里只留这些"),
        ("短外套配高腰裤", "同色系从头到脚", "裙长停在膝上3厘米", "鞋尖露一点脚背"),
        ("长风衣｜短外套", "低腰裤｜高腰裤", "拼色｜同色系"),
    ),
    "tidy-home": (
        ("扔掉它", "出租屋收纳先做这4步", "三十平住了两年，我留下来的收纳办法"),
        ("床底放3个带轮收纳箱", "门后挂钩放帽子和包", "抽屉里用分格盒", "每周日清15分钟"),
        ("堆在椅子上｜挂在门后", "塞满抽屉｜分格盒", "看见就买｜量好再买"),
    ),
}
BADGES = {"dorm-cook": "一人食", "petite-office": "155cm", "tidy-home": "出租屋"}
N_COLUMNS, CELL_PX, QUALITY = 8, 136, 74


def draw_cover_pictures(folder: Path) -> None:
    """Write ``covers.jpg`` and ``feed.jpg``."""
    assets = load_cover_assets()
    photos = [draw_still_life(i) for i in range(4)]
    cells = []
    for row, persona in enumerate(WORDS):
        for i, name in enumerate(sorted(name for name, spec in assets.layouts.items() if not spec.inner)):
            cover = draw_layout(assets.layouts[name], persona, i + row, photos, assets)
            cells.append((f"{persona} · {name}", cover))
    # The tool's own sheet has four columns; two of them side by side make a picture that is wider than tall.
    half = [render_sheet([cell for i, cell in enumerate(cells) if i % 8 // 4 == side], assets.fonts) for side in (0, 1)]
    sheet = Image.new("RGB", (half[0].width + half[1].width - 28, half[0].height), (238, 238, 240))
    sheet.paste(half[0], (0, 0))
    sheet.paste(half[1], (half[0].width - 28, 0))
    width = N_COLUMNS * CELL_PX
    save(sheet, folder / "covers.jpg", width)
    title = WORDS["dorm-cook"][0][1]
    cover = draw_layout(assets.layouts["photo-full"], "dorm-cook", 1, photos, assets)
    feed = render_feed(cover, title, layouts=assets.layouts, palettes=assets.palettes, fonts=assets.fonts)
    save(feed.crop((0, 0, feed.width, 1560)), folder / "feed.jpg", 480)


def draw_layout(
    spec: CoverLayout, persona: str, number: int, photos: list[Image.Image], assets: CoverAssets
) -> Image.Image:
    titles, points, rows = WORDS[persona]
    style = load_persona(persona, None).cover
    columns = any(item.marker == "columns" for stack in spec.stack for item in stack.item if item.role == "points")
    texts = CoverTexts(
        titles[number % len(titles)],
        badge=BADGES[persona],
        points=(rows if columns else points) if spec.n_points[1] else (),
        price="¥39.9",
        watermark=style.watermark,
    )
    cover = layout_cover(
        spec,
        texts,
        palette=assets.palettes[style.palette or spec.palette],
        fonts=assets.fonts,
        photo=[photos[(number + i) % len(photos)] for i in range(spec.n_photos)],
        weight=style.weight,
    )
    return render_cover(cover)


def save(image: Image.Image, path: Path, width_px: int) -> None:
    height_px = round(image.height * width_px / image.width)
    small = image.resize((width_px, height_px), Image.Resampling.LANCZOS)
    small.save(path, quality=QUALITY, optimize=True, progressive=True)
