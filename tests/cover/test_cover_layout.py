"""The solver: golden boxes, and what must hold for any title in any layout."""

from __future__ import annotations

import json
from itertools import combinations, pairwise

import pytest
from cover_cases import GOLDEN, TITLES, lay_out, texts_for
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from creator_kit.cover import (
    SIZES_PX,
    CoverLayout,
    CoverTexts,
    Fonts,
    LaidOutCover,
    MissingGlyphError,
    Palette,
    TextTooLongError,
    layout_cover,
    load_layouts,
)
from creator_kit.cover.spec import SAFE_MARGIN
from creator_kit.errors import UsageError
from creator_kit.text.length import count_title_units

NAMES = sorted(load_layouts())
SIZES = [(1242, 1660), (1080, 1440), SIZES_PX["1:1"], SIZES_PX["4:3"]]


def is_inside(box: tuple[int, int, int, int], room: tuple[int, int, int, int]) -> bool:
    return box[0] >= room[0] and box[1] >= room[1] and box[2] <= room[2] and box[3] <= room[3]


def overlap(one: tuple[int, int, int, int], other: tuple[int, int, int, int]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def assert_sound(cover: LaidOutCover) -> None:
    """Every text inside its region and the safe zone, none on another, lines in order, plates on the page."""
    width, height = cover.size_px
    margin = round(SAFE_MARGIN * min(width, height))
    safe = (margin, margin // 2, width - margin, height - margin // 2)
    for text in cover.texts:
        assert is_inside(text.box, text.region), text
        assert is_inside(text.box, safe), text
        for line in text.lines:
            assert is_inside(line.box, text.box), line
        for before, after in pairwise(text.lines):
            assert before.box[3] <= after.box[1]
    for one, other in combinations(cover.texts, 2):
        assert not overlap(one.box, other.box), (one.role, one.box, other.role, other.box)
    for plate in cover.plates:
        assert is_inside(plate.box, (0, 0, width, height)), plate
        for text in cover.texts:
            if text.role != plate.role and not (plate.role == "points" and text.role == "marker"):
                assert not overlap(plate.box, text.box), (plate, text.role)


def test_there_are_enough_layouts_and_each_says_what_it_is(layouts: dict[str, CoverLayout]) -> None:
    assert len(layouts) >= 12
    assert all(spec.zh and spec.en and spec.name == name for name, spec in layouts.items())


def test_titles_of_the_golden_file_are_short_middle_and_as_long_as_allowed() -> None:
    assert count_title_units(TITLES["longest"]) == 20
    assert count_title_units(TITLES["short"]) <= 4


@pytest.mark.parametrize("name", NAMES)
def test_golden_boxes(
    name: str, layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts, photo: Image.Image
) -> None:
    """Exact boxes; ``python tests/cover/write_golden.py`` writes them anew after a wanted change."""
    if "Noto Sans SC (Adobe" not in fonts.credit:
        pytest.skip("the golden boxes are those of the packaged font")
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    for length, title in TITLES.items():
        spec = layouts[name]
        found = lay_out(spec, texts_for(spec, title), palettes, fonts, photo).describe()
        assert found == golden[name][length], length


@pytest.mark.parametrize("size_px", SIZES, ids=str)
@pytest.mark.parametrize("name", NAMES)
def test_each_layout_holds_at_each_size(
    name: str,
    size_px: tuple[int, int],
    layouts: dict[str, CoverLayout],
    palettes: dict[str, Palette],
    fonts: Fonts,
    photo: Image.Image,
) -> None:
    spec = layouts[name]
    for title in TITLES.values():
        for full in (True, False):
            texts = texts_for(spec, title, full=full, label="AI生成" if full else "")
            assert_sound(lay_out(spec, texts, palettes, fonts, photo, size_px))


WORDS = st.sampled_from(
    [
        "救命",
        "这个",
        "也太",
        "好看了",
        "吧",
        "！",
        "，",
        "｜",
        "小个子",
        "穿搭",
        "通勤",
        "5",
        "10分钟",
        "3千块",
        "第3年",
        "iPhone",
        "ChatGPT",
        "的",
        "我",
        "你",
        "一个人",
        "租房",
        "省钱",
        "习惯",
        "😀",
        "👩\u200d🍳",
        "🇯🇵",
        "《小王子》",
        "“松弛感”",
        "…",
        "？",
        "做对了",
        "什么",
        "上海",
        "周边",
        "亲子游",
        ":",
        "2026年",
        "100%",
        "¥39.9",
        "❤",
        "✔",
    ]
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(NAMES), words=st.lists(WORDS, min_size=1, max_size=9), size_px=st.sampled_from(SIZES))
def test_any_title_is_sound_or_refused(
    name: str,
    words: list[str],
    size_px: tuple[int, int],
    layouts: dict[str, CoverLayout],
    palettes: dict[str, Palette],
    fonts: Fonts,
    photo: Image.Image,
) -> None:
    title = "".join(words)
    spec = layouts[name]
    try:
        cover = lay_out(spec, texts_for(spec, title, full=False), palettes, fonts, photo, size_px)
    except TextTooLongError:
        assert count_title_units(title) > 11 or "ChatGPT" in title or "iPhone" in title
        return
    assert_sound(cover)
    drawn = "".join(line.text for text in cover.texts if text.role == "title" for line in text.lines)
    assert drawn.replace("｜", "").replace(" ", "") == title.replace("｜", "").replace(" ", "")


def test_a_short_title_is_set_larger_than_a_long_one(
    layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts, photo: Image.Image
) -> None:
    for name in NAMES:
        sizes = []
        for title in (TITLES["short"], TITLES["longest"]):
            cover = lay_out(layouts[name], texts_for(layouts[name], title, full=False), palettes, fonts, photo)
            sizes.append(next(text.size_px for text in cover.texts if text.role == "title"))
        assert sizes[0] >= sizes[1], name


def test_numbers_of_the_title_are_coloured(
    layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts, photo: Image.Image
) -> None:
    spec, palette = layouts["big-type"], palettes["butter"]
    cover = lay_out(spec, CoverTexts("租房党省钱的5个习惯，S26别买"), palettes, fonts, photo)
    glyphs = [glyph for text in cover.texts for line in text.lines for glyph in line.glyphs]
    loud = "".join(glyph.text for glyph in glyphs if glyph.colour == palette.rgb("pop"))
    assert loud == "5个"


@pytest.mark.parametrize("char", ["م", "ก", "ぴ", "\U0001fae9\u200d\U0001f9ff", "\ue000"])
def test_a_missing_glyph_is_an_error_that_names_it(
    char: str, layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts, photo: Image.Image
) -> None:
    if all(fonts.has_glyph(part) for part in char):
        pytest.skip("this font has it")
    with pytest.raises(MissingGlyphError) as caught:
        lay_out(layouts["big-type"], CoverTexts("好用" + char), palettes, fonts, photo)
    assert f"U+{ord(caught.value.char[0]):04X}" in str(caught.value)


@pytest.mark.parametrize(
    ("title", "error"),
    [
        ("", UsageError),
        ("   ", UsageError),
        ("supercalifragilistic" * 3, TextTooLongError),
        ("مرحبا بالعالم", MissingGlyphError),
    ],
)
def test_titles_that_cannot_be_set(
    title: str,
    error: type[Exception],
    layouts: dict[str, CoverLayout],
    palettes: dict[str, Palette],
    fonts: Fonts,
    photo: Image.Image,
) -> None:
    for name in NAMES:
        with pytest.raises(error):
            lay_out(layouts[name], texts_for(layouts[name], title), palettes, fonts, photo)


@pytest.mark.parametrize("title", ["好", "😀" * 10, "👩‍🍳🇯🇵1️⃣👍🏽", "A", "！"])
def test_odd_titles_are_set(
    title: str, layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts, photo: Image.Image
) -> None:
    for name in NAMES:
        assert_sound(lay_out(layouts[name], texts_for(layouts[name], title, full=False), palettes, fonts, photo))


def test_what_a_layout_needs_is_asked_for(
    layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts
) -> None:
    def attempt(name: str, texts: CoverTexts, size_px: tuple[int, int] = (1242, 1660)) -> None:
        spec = layouts[name]
        layout_cover(spec, texts, size_px=size_px, palette=palettes[spec.palette], fonts=fonts)

    with pytest.raises(UsageError, match="shows 1 photos, 0"):
        attempt("photo-band", CoverTexts("标题"))
    with pytest.raises(UsageError, match="at least 2 points"):
        attempt("list", CoverTexts("标题"))
    with pytest.raises(UsageError, match="holds 7 points"):
        attempt("list", CoverTexts("标题", points=("一件事",) * 8))
    with pytest.raises(UsageError, match="price"):
        attempt("price", CoverTexts("标题"))
    with pytest.raises(UsageError, match="two sides"):
        attempt("compare", CoverTexts("标题", points=("只有一边", "左｜右")))
    with pytest.raises(UsageError, match="300 to"):
        attempt("big-type", CoverTexts("标题"), (20, 20))


def test_the_visible_label_is_tall_enough(
    layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts, photo: Image.Image
) -> None:
    for size_px in SIZES:
        spec = layouts["big-type"]
        cover = lay_out(spec, texts_for(spec, "标题", label="AI生成"), palettes, fonts, photo, size_px)
        label = next(text for text in cover.texts if text.role == "label")
        glyph = label.lines[0].glyphs[-1]
        mask, _dx, _dy = fonts.draw_mask(glyph.text, glyph.size_px, label.weight)
        box = mask.getbbox()
        assert box is not None
        assert box[3] - box[1] >= 0.05 * min(size_px)
