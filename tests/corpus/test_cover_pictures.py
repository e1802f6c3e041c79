"""Pictures beside an export: found by the downloaders' names, measured, and nothing but numbers kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from typer.testing import CliRunner

from creator_kit.cli.app import app
from creator_kit.corpus import cover_pictures
from creator_kit.corpus.cover_measures import METHOD, METHOD_WITH_FACES, measure_cover, measure_cover_file
from creator_kit.corpus.cover_pictures import find_covers, load_cover_measures
from creator_kit.cover import CoverTexts, find_font, layout_cover, load_layouts, load_palettes, render_cover
from creator_kit.errors import InputError
from creator_kit.workspace import init_workspace

IDS = [f"66{n:022x}" for n in range(4)]
AUTHOR = "5a0000000000000000000001"
runner = CliRunner()


def scene(seed: int, size: tuple[int, int] = (380, 300)) -> Image.Image:
    """A picture with the many shades of a photo and no straight edge: blurred noise."""
    import numpy as np

    noise = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)


def collage(rows: int, columns: int, gap: int) -> Image.Image:
    image = Image.new("RGB", (1080, 1440), "white")
    for i in range(rows):
        for j in range(columns):
            left, right = round(1080 * j / columns), round(1080 * (j + 1) / columns)
            top, bottom = round(1440 * i / rows), round(1440 * (i + 1) / rows)
            cell = scene(i * columns + j, (right - left - gap, bottom - top - gap))
            image.paste(cell, (left + gap // 2, top + gap // 2))
    return image


def rendered(layout: str, palette: str, texts: CoverTexts) -> Image.Image:
    return render_cover(
        layout_cover(load_layouts()[layout], texts, palette=load_palettes()[palette], fonts=find_font())
    )


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 1), (2, 2), (3, 3), (2, 3)])
@pytest.mark.parametrize("gap", [0, 8])
def test_a_collage_s_grid(shape: tuple[int, int], gap: int) -> None:
    assert measure_cover(collage(*shape, gap)).grid == shape


def test_a_title_card_is_text_on_a_flat_ground_and_no_collage() -> None:
    card = measure_cover(rendered("big-type", "butter", CoverTexts("租房党省钱的5个习惯")))
    assert card.text_rate > 0.2
    assert card.flat_rate > 0.9
    assert card.grid == (1, 1)
    assert max(card.tones, key=lambda name: card.tones[name]) == "yellow"
    listed = measure_cover(
        rendered("list", "tomato", CoverTexts("省钱的习惯", points=("自己带饭上班", "外卖软件卸载", "大件只买二手")))
    )
    assert listed.grid == (1, 1)
    assert max(listed.tones, key=lambda name: listed.tones[name]) == "red"


def test_pictures_without_text_have_none() -> None:
    for seed in range(6):
        assert measure_cover(scene(seed, (900, 1200))).text_rate < 0.01
    # Stripes and tiles are marks in rows too, but not ink on a ground of letters.
    tiles = Image.new("RGB", (900, 1200), (120, 140, 120))
    draw = ImageDraw.Draw(tiles)
    for x in range(0, 900, 90):
        draw.line((x, 0, x, 1200), fill=(60, 70, 60), width=9)
    assert measure_cover(tiles).text_rate < 0.05


@pytest.mark.parametrize("place", [0, 1, 2])
def test_where_the_text_stands(place: int) -> None:
    image = scene(3, (900, 1200)).point(lambda value: value // 3)
    font = find_font().open(90, 800)
    ImageDraw.Draw(image).text((60, 130 + 400 * place), "周末一个人做饭", fill="white", font=font)
    found = measure_cover(image)
    assert found.text_thirds[place] > 0.9
    assert 0.015 < found.text_rate < 0.15


def test_brightness_and_size_are_the_picture_s(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.new("RGB", (1200, 900), (230, 230, 230)).save(path)
    found = measure_cover_file(path)
    assert (found.width_px, found.height_px) == (1200, 900)
    assert found.brightness == pytest.approx(0.9, abs=0.01)
    assert found.tones == {"white": 1.0}
    assert found.palette[0][1] == 1.0


@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n" + b"\0" * 30])
def test_bad_pictures_are_named(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.png"):
        measure_cover_file(path)


def touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    scene(len(str(path)), (300, 400)).save(path)


def test_names_of_both_downloaders_are_understood(tmp_path: Path) -> None:
    for n in (0, 1, 2):
        touch(tmp_path / "images" / IDS[0] / f"{n}.jpg")  # MediaCrawler
    touch(tmp_path / "notes" / f"20250816_101112_{IDS[1]}" / "images" / "0.jpg")  # a fork of it
    touch(tmp_path / f"{IDS[2]}_小标题_1.png")  # XHS-Downloader with 作品ID
    touch(tmp_path / f"{IDS[2]}_小标题_2.png")
    touch(tmp_path / f"{AUTHOR}_阿青" / "2024-06-17_10.11.12_阿青_出租屋收纳小记_1.webp")  # and by default
    touch(tmp_path / "images" / IDS[3] / "2.jpg")  # the first is missing
    touch(tmp_path / "holiday.png")
    found = find_covers(tmp_path)
    by_id = {one.ids[0]: one.path.name for one in found.covers if not one.published_at}
    assert by_id == {IDS[0]: "0.jpg", IDS[1]: "0.jpg", IDS[2]: f"{IDS[2]}_小标题_1.png"}
    (timed,) = [one for one in found.covers if one.published_at]
    assert (timed.ids, timed.published_at) == ((AUTHOR,), "2024-06-17T10:11:12+08:00")
    assert (found.n_pictures, found.n_unnamed, found.n_without_first) == (9, 1, 1)


def export(tmp_path: Path) -> Path:
    path = tmp_path / "search_contents.jsonl"
    rows = [
        {"note_id": one, "title": f"出租屋收纳小记{n}", "desc": "正文", "user_id": f"{n:024x}", "liked_count": n,
         "collected_count": 1, "comment_count": 1, "time": 1718590272000 + n * 1000}
        for n, one in enumerate(IDS)
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def add(*args: str, code: int = 0) -> dict[str, object]:
    result = runner.invoke(app, ["corpus", "add", *args, "--json"])
    assert result.exit_code == code, result.output
    return dict(json.loads(result.stdout)["covers"])


def test_covers_are_measured_once_and_no_picture_or_id_is_kept(tmp_path: Path) -> None:
    pictures = tmp_path / "images"
    touch(pictures / IDS[0] / "0.jpg")
    touch(pictures / "2024-06-17_10.11.13_阿青_出租屋收纳小记1_1.png")  # note 1, by its second and title
    touch(pictures / "2024-06-17_10.11.14_阿青_另一个标题_1.png")  # the second of note 2, another title
    touch(pictures / ("7" * 24) / "0.jpg")
    (pictures / IDS[3]).mkdir()
    (pictures / IDS[3] / "0.jpg").write_bytes(b"cut off")
    root = tmp_path / "我的 号"
    with init_workspace(root) as workspace:
        args = (str(export(tmp_path)), "--images", str(pictures), "--workspace", str(root))
        first = add(*args)
        assert (first["n_measured"], first["n_unmatched"], first["n_problems"]) == (2, 2, 1)
        again = add(*args, "--jobs", "2")
        assert (again["n_measured"], again["n_known"]) == (0, 2)
        measures = load_cover_measures(workspace)
        assert len(measures) == 2
        assert {one.width_px for one in measures.values()} == {300}
        documents = [row[0] for row in workspace.db.execute("SELECT document FROM covers")]
    assert all(one not in text for text in documents for one in (*IDS, "收纳"))
    assert all(len(text) < 1500 for text in documents)


def test_a_folder_that_is_not_there_is_told_before_anything_is_added(tmp_path: Path) -> None:
    with init_workspace(tmp_path / "w") as workspace:
        result = runner.invoke(
            app, ["corpus", "add", str(export(tmp_path)), "--images", str(tmp_path / "no"), "-w", str(workspace.root)]
        )
        assert result.exit_code == 3
        assert workspace.db.execute("SELECT count(*) FROM notes").fetchone()[0] == 0


def test_covers_are_measured_again_once_faces_can_be_found_and_not_the_other_way_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    init_workspace(tmp_path / "w").close()
    touch(tmp_path / "images" / IDS[0] / "0.jpg")
    given = (str(export(tmp_path)), "--images", str(tmp_path / "images"), "-w", str(tmp_path / "w"))
    counts = []
    for method in (METHOD, METHOD, METHOD_WITH_FACES, METHOD_WITH_FACES, METHOD):
        monkeypatch.setattr(cover_pictures, "choose_method", lambda method=method: method)
        covers = add(*given)
        counts.append((covers["n_measured"], covers["n_known"]))
    assert counts == [(1, 0), (0, 1), (1, 0), (0, 1), (0, 1)]
