"""The page holds what the workspace holds, escaped, small, in both languages, and is written whole or not at all."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from page_reading import Page
from PIL import Image
from showcase import IMAGE, NOW, SCRIPT, build_workspace, make_cover, make_draft, report_on
from typer.testing import CliRunner

import creator_kit.report.build as build
from creator_kit.cli.app import app
from creator_kit.drafting import draft_to_json
from creator_kit.errors import CreatorKitError, InputError, StorageError, UsageError
from creator_kit.locale import use_language
from creator_kit.report.build import ReportOptions, write_report
from creator_kit.report.pictures import shrink_pictures
from creator_kit.workspace import init_workspace, open_workspace


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_workspace(tmp_path_factory.mktemp("home") / "w", 12)


@pytest.fixture(scope="module")
def page(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Page:
    use_language("en")
    return Page.read(report_on(home, tmp_path_factory.mktemp("out") / "r").page)


def test_everything_stands_in_the_page(page: Page) -> None:
    assert page.count("li", "draft") == 12
    assert page.count("section", "note") == 12
    assert page.count("article", "side") == 12
    assert page.count("li", "neighbour") >= 2
    for part in ("feed", "compare", "forecast", "library", "plan"):
        assert any(a.get("id") == part for _tag, a in page.elements), part
    assert page.count("li", "rung") == 10
    assert page.count("div", "fixed") == 1
    assert "［待补：多少钱］" in page.html
    assert page.count("mark", "gap") >= 3
    assert page.count("mark", "block") >= 4
    assert page.count("button", "copy") == 36


def test_it_is_safe(page: Page) -> None:
    page.assert_safe()


def test_hostile_texts_are_only_ugly(hostile_page: Path) -> None:
    page = Page.read(hostile_page)
    page.assert_safe()
    assert SCRIPT not in page.html
    assert "&lt;script&gt;window.pwned=1&lt;/script&gt;" in page.html
    assert IMAGE not in page.html
    assert "{{ 7*7 }}" in page.html
    assert "onerror" not in {name for _tag, a in page.elements for name in a}


def test_both_languages_stand_there_and_the_tools_own_is_shown_first(home: Path, tmp_path: Path) -> None:
    use_language("zh")
    page = Page.read(report_on(home, tmp_path / "r").page)
    assert page.elements[0][1]["data-lang"] == "zh"
    assert page.count("span", "zh") == page.count("span", "en") > 100
    assert page.elements[0][1]["lang"] == "zh-CN"


def test_same_inputs_same_bytes(home: Path, page: Page, tmp_path: Path) -> None:
    use_language("en")
    cache = home / ".report-cache"
    cache.rename(tmp_path / "away")  # what was kept from the first time changes nothing
    cache.mkdir()
    for path in (tmp_path / "away").glob("forecast-*.json"):
        shutil.copy(path, cache)
    again = report_on(home, tmp_path / "b")
    assert again.page.read_bytes() == page.html.encode("utf-8")
    assert all(f"pictures/{path.name}" in page.html for path in (tmp_path / "b/pictures").iterdir())


def test_marks_and_findings_belong_together(page: Page) -> None:
    numbers = [n for _tag, a in page.elements if "data-n" in a for n in a["data-n"].split()]
    assert len(numbers) == page.count("span", "n")


@pytest.mark.usefixtures("bare")
def test_an_empty_workspace_says_what_to_do_next(tmp_path: Path) -> None:
    init_workspace(tmp_path / "w").close()
    page = Page.read(report_on(tmp_path / "w", tmp_path / "r").page)
    page.assert_safe()
    assert page.count("li", "draft") == 0
    for command in ("creator-kit corpus add", "creator-kit draft", "creator-kit plan make", "creator-kit results add"):
        assert command in page.html


@pytest.mark.usefixtures("bare")
def test_drafts_without_covers_and_with_lost_or_broken_ones(tmp_path: Path) -> None:
    root = tmp_path / "w"
    broken = root / "covers/broken.png"
    with init_workspace(root) as home:
        broken.parent.mkdir()
        broken.write_bytes(b"\x89PNG\r\n\x1a\nnot a picture")
        (root / "covers/text.png").write_text("<svg onload=alert(1)>")
        for number, images in enumerate(((), ("covers/lost.png",), ("covers/broken.png",), ("covers/text.png",))):
            draft = make_draft(number, images=images)
            home.save_draft(draft.draft_id, topic="", created_on=draft.created_on, document=draft_to_json(draft))
    written = report_on(root, tmp_path / "r")
    assert (written.n_shown, written.n_without_cover) == (4, 4)
    page = Page.read(written.page)
    page.assert_safe()
    assert page.html.count("1 of its pictures are missing or cannot be read") == 3
    assert not list((tmp_path / "r/pictures").iterdir())


def test_pictures_are_drawn_again_without_what_the_file_said(tmp_path: Path) -> None:
    source = tmp_path / "photo.jpg"
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "SecretCamera", 6
    Image.new("RGB", (1600, 1200), (200, 30, 30)).save(
        source, exif=exif, comment=b"SecretComment", icc_profile=b"x" * 99
    )
    wide, narrow = shrink_pictures([source], tmp_path, [620, 300], n_jobs=1)
    for small, width in ((wide[source], 620), (narrow[source], 300)):
        data = small.path.read_bytes()
        assert b"Secret" not in data
        assert 0.8 * width <= small.width_px <= 1.05 * width
        assert small.height_px > small.width_px, "turned as its EXIF says"
        with Image.open(small.path) as image:
            assert (image.format, image.info.get("exif"), image.info.get("icc_profile")) == ("WEBP", None, None)


def test_a_huge_picture_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("creator_kit.cover.small.MAX_PIXELS", 1000)
    make_cover(tmp_path / "big.png", 1)
    assert shrink_pictures([tmp_path / "big.png"], tmp_path, [300], n_jobs=2) == [{}]


@pytest.mark.usefixtures("bare")
def test_many_drafts_stand_on_several_pages(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "DRAFTS_PER_PAGE", 5)
    written = report_on(home, tmp_path / "r")
    assert (written.n_pages, written.n_shown) == (3, 12)
    names = ["index.html", "drafts-2.html", "drafts-3.html"]
    pages = [Page.read(tmp_path / "r" / name) for name in names]
    assert [page.count("li", "draft") for page in pages] == [5, 5, 2]
    for page in pages:
        page.assert_safe()
        assert [a["href"] for tag, a in page.elements if tag == "a" and a.get("href", "").endswith(".html")] == names
    shown = [a["data-id"] for page in pages for _tag, a in page.elements if "data-id" in a]
    assert len(set(shown)) == 12
    assert pages[1].count("li", "rung") == 0
    single = report_on(home, tmp_path / "s", single_file=True)
    assert (single.n_pages, single.n_shown, single.n_drafts) == (1, 5, 12)


@pytest.mark.usefixtures("bare")
def test_a_single_file_holds_each_picture_once(home: Path, tmp_path: Path) -> None:
    written = report_on(home, tmp_path / "s", single_file=True)
    assert [path.name for path in (tmp_path / "s").iterdir()] == ["index.html"]
    page = Page.read(written.page)
    page.assert_safe()
    data = re.findall(r"data:image/webp;base64,[^\"]+", page.html)
    assert len(data) == len(set(data)) == page.count("symbol") > 5


@pytest.mark.usefixtures("bare")
def test_pictures_stay_within_their_budget(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    generous = report_on(home, tmp_path / "a", single_file=True).page_bytes
    monkeypatch.setattr(build, "PICTURE_BUDGET_BYTES", 20_000)
    assert report_on(home, tmp_path / "b", single_file=True).page_bytes < generous


@pytest.mark.usefixtures("bare")
def test_a_folder_of_other_things_is_not_replaced(home: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos/mine.txt").write_text("keep me")
    with pytest.raises(UsageError, match="replaces its folder"):
        report_on(home, tmp_path / "photos")
    with pytest.raises(InputError, match="not a folder"):
        report_on(home, tmp_path / "photos/mine.txt")
    assert (tmp_path / "photos/mine.txt").read_text() == "keep me"


@pytest.mark.usefixtures("bare")
def test_a_folder_that_cannot_be_written_is_told(home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CreatorKitError) as caught:
        report_on(home, tmp_path / "file" / "below")
    assert str(tmp_path / "file") in str(caught.value)


@pytest.mark.usefixtures("bare")
def test_a_failure_leaves_the_earlier_page(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = report_on(home, tmp_path / "r").page.read_bytes()

    def fail(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(build, "write_text", fail)
    with pytest.raises(StorageError, match="disk is full"):
        report_on(home, tmp_path / "r")
    assert (tmp_path / "r/index.html").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["r"]


@pytest.mark.usefixtures("bare")
def test_a_page_is_replaced_and_lost_pictures_go(tmp_path: Path) -> None:
    root = build_workspace(tmp_path / "w", 3)
    report_on(root, tmp_path / "r")
    n_before = len(list((tmp_path / "r/pictures").iterdir()))
    shutil.rmtree(root / "covers")
    report_on(root, tmp_path / "r")
    assert n_before > 0
    assert not list((tmp_path / "r/pictures").iterdir())


def write_class(folder: Path) -> Path:
    for number, name in enumerate(("小林", "阿May", '<b onclick="x">坏')):
        (folder / name).mkdir(parents=True)
        text = draft_to_json(replace(make_draft(number), draft_id="d1"))
        (folder / name / "第一课.json").write_text(text, encoding="utf-8")
    (folder / "小林" / "坏.json").write_text("{", encoding="utf-8")
    return folder


def test_a_class_is_a_matrix_with_drill_down_and_nothing_personal(tmp_path: Path) -> None:
    folder = write_class(tmp_path / "class-3")
    written = write_report(None, ReportOptions(out=tmp_path / "r", now=NOW, class_dir=folder, persona="dorm-cook"))
    page = Page.read(written.page)
    page.assert_safe()
    assert page.count("table", "matrix") == 1
    assert page.count("section", "note") == 3
    anchors = [a["id"] for _tag, a in page.elements if a.get("class") == "note"]
    assert len(set(anchors)) == 3, "drafts of one id stay apart"
    assert all(f'href="#{anchor}"' in page.html for anchor in anchors)
    assert "小林/坏.json" in page.html
    assert page.count("td", "hard") >= 1
    assert str(tmp_path) not in page.html
    assert not any(a.get("id") in ("feed", "plan", "forecast") for _tag, a in page.elements)


def test_a_class_shows_no_picture_from_outside_its_folder(tmp_path: Path) -> None:
    make_cover(tmp_path / "private.png", 1)
    folder = tmp_path / "class"
    folder.mkdir()
    (folder / "a.json").write_text(draft_to_json(make_draft(1, images=("../private.png",))), encoding="utf-8")
    write_report(None, ReportOptions(out=tmp_path / "r", now=NOW, class_dir=folder, persona="dorm-cook"))
    assert not list((tmp_path / "r/pictures").iterdir())


@pytest.mark.usefixtures("bare")
def test_the_command(home: Path, tmp_path: Path) -> None:
    env = {"CREATOR_KIT_LANG": "en", "CREATOR_KIT_TODAY": "2026-11-24"}
    out = tmp_path / "r"
    result = CliRunner().invoke(app, ["report", "-w", str(home), "--out", str(out), "--json"], env=env)
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert (document["kind"], document["n_drafts"], document["page"]) == ("report", 12, str(out / "index.html"))
    assert document["page_bytes"] == (out / "index.html").stat().st_size
    result = CliRunner().invoke(app, ["report", "-w", str(home), "-p", "dorm-cook"], env=env)
    assert result.exit_code == 2
    result = CliRunner().invoke(app, ["report", "-w", str(home), "--out", str(home / "covers")], env=env)
    assert result.exit_code == 2


@pytest.mark.usefixtures("bare")
def test_the_command_opens_the_page(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("typer.launch", lambda url: opened.append(url) or 0)
    result = CliRunner().invoke(app, ["report", "-w", str(home), "--out", str(tmp_path / "出 r"), "--open"])
    assert result.exit_code == 0, result.output
    assert opened == [(tmp_path / "出 r/index.html").as_uri()]


@pytest.mark.usefixtures("bare")
def test_a_forecast_in_the_ledger_stands_at_its_draft(tmp_path: Path) -> None:
    root = build_workspace(tmp_path / "w", 2)
    totals = {"impressions": {"p10": 111.0, "p50": 2222.0, "p90": 33333.0}}
    with open_workspace(root) as home:
        document = {"draft_id": "d0000001", "title": "x", "made_at": "2026-11-20T10:00:00+08:00"}
        document["forecast"] = {"quantiles": totals, "horizon_days": 30}  # type: ignore[assignment]
        home.save_forecast(
            "f1", draft_id="d0000001", made_at="2026-11-20", inputs_hash="h", document=json.dumps(document)
        )
    page = Page.read(report_on(root, tmp_path / "r").page)
    assert "P10 110" in page.html
    assert "P50 2,200" in page.html
    assert "P90 33,000" in page.html
    assert page.html.count("P50 2,200") == 1
