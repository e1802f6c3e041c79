"""Scores order covers as a reader would; pages, the sheet and the feed show what they should."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cover_cases import POINTS, lay_out, make_photo, texts_for
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner

from creator_kit.cli.app import app
from creator_kit.cover import (
    CoverLayout,
    CoverTexts,
    Fonts,
    Palette,
    TextTooLongError,
    choose_best,
    choose_layout,
    layout_cover,
    layout_pages,
    render_cover,
    render_feed,
    render_sheet,
    score_cover,
)
from creator_kit.cover.pages import split_points
from creator_kit.cover.scoring import FEED_COLUMN_PX, measure_apca
from creator_kit.datafiles import read_toml
from creator_kit.errors import UsageError
from creator_kit.paths import list_data_files


@pytest.mark.parametrize(
    ("text", "ground", "lc"),
    [
        # The reference values of the APCA-W3 repository's tests.
        ((136, 136, 136), (255, 255, 255), 63.06),
        ((255, 255, 255), (136, 136, 136), 68.54),
        ((0, 0, 0), (170, 170, 170), 58.15),
        ((170, 170, 170), (0, 0, 0), 56.24),
        ((17, 34, 51), (221, 238, 255), 91.67),
        ((221, 238, 255), (17, 34, 51), 93.07),
        ((34, 34, 51), (34, 34, 51), 0.0),
    ],
)
def test_apca(text: tuple[int, int, int], ground: tuple[int, int, int], lc: float) -> None:
    assert measure_apca(text, ground) == pytest.approx(lc, abs=0.1)


def test_heights_are_those_on_the_feed(
    layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts
) -> None:
    for size_px in ((1242, 1660), (1080, 1440)):
        cover = layout_cover(
            layouts["quote"], CoverTexts("早八通勤"), size_px=size_px, palette=palettes["night"], fonts=fonts
        )
        title = next(text for text in cover.texts if text.role == "title")
        score = score_cover(cover)
        assert score.title_feed_px == pytest.approx(title.size_px * FEED_COLUMN_PX / size_px[0], abs=0.1)
        assert score.n_overflows == 0
        assert not score.findings


def test_a_longer_title_a_fainter_colour_and_a_busy_photo_score_lower(
    layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts
) -> None:
    def score(title: str, palette: Palette) -> float:
        return score_cover(layout_cover(layouts["quote"], CoverTexts(title), palette=palette, fonts=fonts)).score

    night = palettes["night"]
    assert score("早八通勤", night) > score("从月薪3千到月薪3万，我到底做对了什么事呢", night)
    faint = night.model_copy(update={"ink": "#44454d", "pop": "#44454d"})
    assert score("早八通勤", night) > score("早八通勤", faint)
    found = score_cover(layout_cover(layouts["quote"], CoverTexts("早八通勤"), palette=faint, fonts=fonts))
    assert "contrast" in {finding.rule for finding in found.findings}
    noise = Image.effect_noise((900, 1200), 120).convert("RGB")
    spec, texts = layouts["collage-4"], CoverTexts("早八通勤")
    calm, busy = (
        score_cover(layout_cover(spec, texts, palette=night, fonts=fonts, photo=[picture] * 4))
        for picture in (make_photo(), noise)
    )
    assert busy.clutter_rate > calm.clutter_rate
    assert busy.score < calm.score


def test_the_best_shows_everything_and_is_the_same_each_time(
    layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts
) -> None:
    texts = CoverTexts("租房党省钱的5个习惯", points=POINTS)
    ranked = choose_best(texts, layouts, palettes, fonts=fonts)
    names = [laid_out.layout for _score, laid_out in ranked]
    assert names == [laid_out.layout for _score, laid_out in choose_best(texts, layouts, palettes, fonts=fonts)]
    assert not {"photo-band", "price", "compare", "page-points"} & set(names)
    assert layouts[names[0]].n_points[1]
    n_listing = sum(bool(layouts[name].n_points[1]) for name in names)
    scores = [score.score for score, _laid_out in ranked]
    assert scores[:n_listing] == sorted(scores[:n_listing], reverse=True)
    with pytest.raises(TextTooLongError):
        choose_best(CoverTexts("x" * 70), layouts, palettes, fonts=fonts)


def test_a_preferred_layout_is_taken_only_where_it_can_be_filled(layouts: dict[str, CoverLayout]) -> None:
    assert choose_layout(CoverTexts("a"), layouts, preferred=["quote"]).name == "quote"
    assert choose_layout(CoverTexts("a"), layouts, preferred=["before-after"]).name == "big-type"
    assert choose_layout(CoverTexts("a"), layouts, preferred=["before-after"], n_photos=2).name == "before-after"
    assert choose_layout(CoverTexts("a"), layouts, n_photos=9).name == "collage-9"


@given(st.lists(st.text(min_size=1, max_size=3), max_size=32).map(tuple), st.integers(1, 5))
def test_points_are_split_evenly_and_in_order(points: tuple[str, ...], per_page: int) -> None:
    pages = split_points(points, per_page)
    assert tuple(point for page in pages for point in page) == points
    assert all(0 < len(page) <= per_page for page in pages)
    assert not pages or max(map(len, pages)) - min(map(len, pages)) <= 1


def test_inner_pages_number_on(layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts) -> None:
    points = tuple(f"第{n}条：早睡早起，少点外卖，每天走路去上班" for n in "一二三四五六七")
    texts = CoverTexts("省钱的7个习惯", points=points)
    style = {"layouts": layouts, "size_px": (1242, 1660), "palette": palettes["mint"], "fonts": fonts}
    pages = list(layout_pages(texts, **style))  # type: ignore[arg-type]
    numbers = [line.text for page in pages for text in page.texts if text.role == "marker" for line in text.lines]
    assert numbers == [str(n) for n in range(1, 8)]
    assert len(pages) == 2
    with pytest.raises(UsageError, match="no points"):
        list(layout_pages(CoverTexts("a"), **style))  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="too many"):
        list(layout_pages(CoverTexts("a", points=("b",) * 40), **style))  # type: ignore[arg-type]


def test_the_sheet_and_the_feed(layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts) -> None:
    cover = Image.new("RGB", (1242, 1660), (255, 0, 255))
    sheet = render_sheet([("一 · 90", cover)] * 5, fonts)
    assert sheet.width > 4 * 400
    feed = render_feed(cover, "早八妆", layouts=layouts, palettes=palettes, fonts=fonts)
    assert feed.size == (1080, 2160)
    assert feed.getpixel((800, 300)) == (255, 0, 255)  # upper right
    assert feed.getpixel((300, 300)) != (255, 0, 255)


def test_the_command_draws_them_all(tmp_path: Path) -> None:
    args = ["cover", "--title", "省钱的5个习惯", "--best", "--pages", "--sheet", str(tmp_path / "s.png")]
    for point in (*POINTS, "月初先存再花"):
        args += ["--point", point]
    args += ["--feed", str(tmp_path / "f.jpg"), "--out", str(tmp_path / "c.png"), "--json"]
    result = CliRunner().invoke(app, args)
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert [Path(path).name for path in document["paths"]] == ["c.png", "c-2.png", "c-3.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c-2.png", "c-3.png", "c.png", "f.jpg", "s.png"]
    assert 0 < document["score"]["score"] <= 100


def test_every_layout_scores_without_a_finding_at_its_best(
    layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts
) -> None:
    for name, spec in layouts.items():
        if spec.inner:
            continue
        cover = lay_out(spec, texts_for(spec, "早八通勤妆容"), palettes, fonts, make_photo())
        score = score_cover(cover)
        assert not score.findings, (name, score)
        assert render_cover(cover).size == cover.size_px


def test_the_neighbours_in_the_feed_keep_the_number_of_their_title(layouts: dict[str, CoverLayout]) -> None:
    n_seen = 0
    for path in list_data_files("covers/feed", ".toml"):
        for one in read_toml(path)["neighbour"]:
            promised = re.search(r"(\d+)[件个条步招]", one["title"])
            if promised:
                n_seen += 1
                assert len(one["points"]) == int(promised[1]), one["title"]
            low, high = layouts[one["layout"]].n_points
            assert low <= len(one.get("points", ())) <= high or not high
    assert n_seen


def test_a_title_of_emoji_alone_is_scored(
    layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts
) -> None:
    texts = CoverTexts("😀" * 12 + "👨‍👩‍👧‍👦🇨🇳" * 4)
    for name in ("big-type", "quote"):
        score = score_cover(layout_cover(layouts[name], texts, palette=palettes["butter"], fonts=fonts))
        assert score.n_overflows == 0
        assert not any(finding.rule == "contrast" for finding in score.findings)


def test_lines_of_points_end_with_their_clauses_where_a_smaller_size_allows_it(
    layouts: dict[str, CoverLayout], palettes: dict[str, Palette], fonts: Fonts
) -> None:
    points = ("每周日备好5天的菜，分装冷冻", "外卖软件卸载一个月，实在想吃就走路去买", "大件只买二手，验货时带上充电器")
    cover = layout_cover(
        layouts["page-points"], CoverTexts("省钱", points=points), palette=palettes["mint"], fonts=fonts
    )
    lines = [line.text for text in cover.texts if text.role == "points" for line in text.lines]
    assert lines == [part for point in points for part in (point.split("，")[0] + "，", point.split("，")[1])]
