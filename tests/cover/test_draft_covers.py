"""Covers of drafts as a batch calls for them, without the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from cover_cases import make_draft
from PIL import Image

from creator_kit.cover import CoverOptions, add_images, draw_draft_cover, load_cover_assets
from creator_kit.drafting import TitleCandidate
from creator_kit.errors import InputError, RefusedError
from creator_kit.persona.model import CoverStyle

ASSETS = load_cover_assets()


def test_the_persona_s_style_is_taken_where_nothing_else_is_named(tmp_path: Path) -> None:
    style = CoverStyle(palette="night", layout="memo", weight=700, watermark="@阿青")
    drawn = draw_draft_cover(make_draft(), style, tmp_path / "a.png", assets=ASSETS)
    assert (drawn.layout, drawn.palette, drawn.remarks) == ("memo", "night", ())
    assert "@阿青" in [text["lines"][0]["text"] for text in drawn.boxes["texts"]]
    other = draw_draft_cover(
        make_draft(), style, tmp_path / "b.jpg", options=CoverOptions(layout="quote", palette="butter"), assets=ASSETS
    )
    assert (other.layout, other.palette) == ("quote", "butter")


def test_a_style_that_cannot_be_had_is_said(tmp_path: Path) -> None:
    style = CoverStyle(palette="no-such", layout="photo-full", watermark="")
    drawn = draw_draft_cover(make_draft(), style, tmp_path / "a.png", assets=ASSETS)
    assert len(drawn.remarks) == 2
    assert "no-such" in drawn.remarks[0]
    assert "photo-full" in drawn.remarks[1]


def test_pages_are_noted_in_the_draft_once_and_first(tmp_path: Path) -> None:
    draft = make_draft(images=("mine.jpg",))
    drawn = draw_draft_cover(
        draft, None, tmp_path / "covers" / "a.png", options=CoverOptions(pages=True), assets=ASSETS
    )
    for _again in range(2):
        draft = add_images(draft, drawn.paths, tmp_path)
    assert draft.images == ("covers/a.png", "covers/a-2.png", "mine.jpg")


def test_words_given_replace_the_draft_s(tmp_path: Path) -> None:
    drawn = draw_draft_cover(make_draft(), None, tmp_path / "a.png", assets=ASSETS, texts={"price": "¥9.9"})
    assert drawn.layout == "price"
    gap = "［待补：数字］"
    with pytest.raises(RefusedError):
        draw_draft_cover(make_draft(title=f"省{gap}元", missing=(gap,)), None, tmp_path / "b.png", assets=ASSETS)
    titles = (TitleCandidate(title="短标题", template_id="t", skeleton="", tier="", why=""),)
    with pytest.raises(InputError) as caught:
        draw_draft_cover(make_draft(title="x" * 80, titles=titles), None, tmp_path / "b.png", assets=ASSETS)
    assert "短标题" in (caught.value.hint or "")
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_a_model_s_hand_is_labelled(tmp_path: Path) -> None:
    drawn = draw_draft_cover(make_draft(model_used=True), None, tmp_path / "a.jpg", assets=ASSETS)
    assert drawn.ai_label is not None
    assert drawn.ai_label.produce_id == make_draft().draft_id
    with Image.open(tmp_path / "a.jpg") as image:
        assert "TC260" in str(image.info.get("xmp"))
