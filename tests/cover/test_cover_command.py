"""``cover`` as a person or a script calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cover_cases import make_draft, make_photo
from PIL import Image
from typer.testing import CliRunner

from creator_kit.cli.app import app
from creator_kit.cover import AiLabel, read_ai_label
from creator_kit.cover.saving import save_cover
from creator_kit.drafting import TitleCandidate
from creator_kit.drafting.document import draft_from_json, draft_to_json
from creator_kit.workspace import init_workspace

runner = CliRunner()


def run(*args: str, code: int = 0) -> str:
    result = runner.invoke(app, ["cover", *args])
    assert result.exit_code == code, result.output
    return result.output


def test_a_title_becomes_a_png(tmp_path: Path) -> None:
    path = tmp_path / "封面 1.png"
    run("--title", "早八通勤妆容", "--out", str(path))
    with Image.open(path) as image:
        assert (image.format, image.size) == ("PNG", (1242, 1660))


@pytest.mark.parametrize(
    ("size", "pixels"),
    [("1080x1440", (1080, 1440)), ("1:1", (1242, 1242)), ("4:3", (1440, 1080)), ("3:4", (1242, 1660))],
)
def test_sizes(tmp_path: Path, size: str, pixels: tuple[int, int]) -> None:
    path = tmp_path / "a.jpg"
    run("--title", "早八通勤妆容", "--size", size, "--out", str(path))
    with Image.open(path) as image:
        assert image.size == pixels


def test_json_tells_the_boxes(tmp_path: Path) -> None:
    output = run("--title", "早八", "--layout", "quote", "--out", str(tmp_path / "a.png"), "--json")
    document = json.loads(output)
    assert (document["kind"], document["layout"], document["schema_version"]) == ("cover", "quote", 1)
    assert document["boxes"]["texts"][0]["lines"][0]["text"] == "早八"


def test_points_choose_a_list_and_photos_a_photo_layout(tmp_path: Path) -> None:
    photo = tmp_path / "p.jpg"
    make_photo(400, 500).save(photo)
    out = ("--out", str(tmp_path / "a.png"), "--json")
    assert json.loads(run("--title", "省钱", "--point", "一", "--point", "二", *out))["layout"] == "list"
    assert json.loads(run("--title", "省钱", "--photo", str(photo), *out))["layout"] == "photo-band"
    assert json.loads(run("--title", "省钱", "--price", "¥9", *out))["layout"] == "price"
    assert json.loads(run("--title", "省钱", *out))["layout"] == "big-type"


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        ((), 2, "either a draft or --title"),
        (("--title", "a", "--layout", "bigtype"), 2, "did you mean 'big-type'"),
        (("--title", "a", "--palette", "buter"), 2, "did you mean 'butter'"),
        (("--title", "a", "--size", "huge"), 2, "not a size"),
        (("--title", "سلام"), 6, "U+0633"),
        (("--title", "a" * 60), 3, "does not fit"),
        (("--title", "a", "--out", "a.gif"), 2, ".png or .jpg"),
        (("--title", "a", "--photo", "none.jpg"), 3, "none.jpg"),
        (("--title", "a", "--font", "none.ttf"), 6, "no such font"),
    ],
)
def test_errors(args: tuple[str, ...], code: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert words in run(*args, code=code)
    assert not list(tmp_path.iterdir())


def test_lists_and_credits() -> None:
    document = json.loads(run("--list", "--json"))
    assert {"big-type", "memo", "quote"} <= {layout["name"] for layout in document["layouts"]}
    assert "big-type" in run("--list")
    credits = run("--credits")
    assert "Open Font License" in credits
    assert "CC-BY 4.0" in credits


def test_a_photo_that_is_labelled_keeps_its_label(tmp_path: Path) -> None:
    photo, path = tmp_path / "p.png", tmp_path / "a.png"
    label = AiLabel(content_producer="模型公司", produce_id="x-9")
    save_cover(make_photo(400, 500), photo, ai_label=label)
    run("--title", "早八", "--photo", str(photo), "--out", str(path))
    with Image.open(path) as image:
        image.load()
        assert read_ai_label(image) == label


def test_a_draft_gets_its_cover_and_knows_it(tmp_path: Path) -> None:
    with init_workspace(tmp_path / "我的 号") as workspace:
        draft = make_draft(model_used=True)
        workspace.save_draft(
            draft.draft_id, topic=draft.topic, created_on=draft.created_on, document=draft_to_json(draft)
        )
        for _again in range(2):
            document = json.loads(run("d-2026", "--workspace", str(workspace.root), "--json"))
        path = workspace.root / "covers" / "d-20261124-abc.png"
        assert Path(document["path"]) == path
        assert document["layout"] == "list"
        roles = {text["role"]: text["lines"][0]["text"] for text in document["boxes"]["texts"]}
        assert roles["badge"] == "一个人住"
        assert roles["label"] == "AI生成"  # a model had a hand in it
        assert draft_from_json(workspace.load_draft("d-2026")).images == ("covers/d-20261124-abc.png",)
        with Image.open(path) as image:
            image.load()
            assert read_ai_label(image) == AiLabel(produce_id=draft.draft_id)


def test_a_title_too_long_offers_the_draft_s_shorter_ones(tmp_path: Path) -> None:
    titles = tuple(
        TitleCandidate(title=one, template_id="t", skeleton="", tier="", why="") for one in ("短标题", "x" * 80)
    )
    with init_workspace(tmp_path) as workspace:
        draft = make_draft(title="x" * 80, titles=titles)
        workspace.save_draft(
            draft.draft_id, topic=draft.topic, created_on=draft.created_on, document=draft_to_json(draft)
        )
        assert "短标题" in run("d-2026", "-w", str(tmp_path), code=3)


def test_nothing_is_written_when_a_page_cannot_be(tmp_path: Path) -> None:
    points = ["--point", "短", "--point", "x" * 300]
    run("--title", "a", "-l", "big-type", "--pages", *points, "--out", str(tmp_path / "a.png"), code=3)
    run("--title", "a", "--feed", str(tmp_path / "f.gif"), "--out", str(tmp_path / "a.png"), code=2)
    assert not list(tmp_path.iterdir())


def test_a_gap_in_the_title_is_refused_and_in_a_point_left_out(tmp_path: Path) -> None:
    with init_workspace(tmp_path) as workspace:
        gap = "［待补：数字］"
        draft = make_draft(title=f"省了{gap}元", missing=(gap,))
        workspace.save_draft(
            draft.draft_id, topic=draft.topic, created_on=draft.created_on, document=draft_to_json(draft)
        )
        assert "gap" in run("d-2026", "-w", str(tmp_path), code=1)
        assert not (tmp_path / "covers").exists()
        run("d-2026", "-w", str(tmp_path), "--badge", "省钱", code=1)
