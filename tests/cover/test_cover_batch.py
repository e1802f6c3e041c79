"""Many covers and photos: the same bytes whatever the processes, one failure is no end, nothing half-written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cover_cases import make_draft, make_photo
from typer.testing import CliRunner

from creator_kit import datafiles
from creator_kit.cli.app import app
from creator_kit.cover import CoverTexts, DrawnCover, batch, draw_cover, load_cover_assets, load_presets
from creator_kit.cover.batch import BatchFailure, CoverTask, RetouchTask, draw_draft_covers, retouch_files
from creator_kit.drafting import Brief, Draft
from creator_kit.drafting.document import draft_from_json, draft_to_json
from creator_kit.errors import StorageError
from creator_kit.persona.model import CoverStyle
from creator_kit.workspace import Workspace, init_workspace

TITLES = ("租房党省钱的5个习惯", "x" * 80, "早八妆", "番茄牛腩怎么炖才烂😋", "一个人住的第3年")
STYLE = CoverStyle(palette="night", layout="memo", weight=700, watermark="@阿青")
runner = CliRunner()


def drafts() -> list[Draft]:
    return [
        make_draft(
            draft_id=f"d-20261124-{n:03d}",
            title=title,
            model_used=n == 2,
            brief=Brief(topic="省钱", points=("大件只买二手", "话费改成8元套餐") if n % 2 == 0 else ()),
        )
        for n, title in enumerate(TITLES)
    ]


def read_all(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_bytes_do_not_depend_on_the_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch, "_COVERS_PER_PROCESS", 1)
    found = []
    for n_jobs in (1, 2):
        folder = tmp_path / str(n_jobs)
        tasks = [CoverTask(one, STYLE, folder / f"{one.draft_id}.png") for one in drafts()]
        results = list(draw_draft_covers(tasks, n_jobs=n_jobs))
        assert [isinstance(one, BatchFailure) for one in results] == [False, True, False, False, False]
        assert [str(one.paths[0].name) for one in results if isinstance(one, DrawnCover)] == list(read_all(folder))
        found.append(read_all(folder))
    assert found[0] == found[1]
    assert len(found[0]) == 4


def test_a_cover_drawn_alone_has_the_same_bytes_as_in_a_batch(tmp_path: Path) -> None:
    """Caches of glyphs and grounds change nothing."""
    assets = load_cover_assets()
    draw_cover(CoverTexts("早八通勤妆容"), tmp_path / "first.png", assets=assets)
    for title in TITLES[2:]:
        draw_cover(CoverTexts(title), tmp_path / "between.png", assets=assets)
    draw_cover(CoverTexts("早八通勤妆容"), tmp_path / "again.png", assets=assets)
    assert (tmp_path / "first.png").read_bytes() == (tmp_path / "again.png").read_bytes()


def save(workspace: Workspace, draft: Draft) -> None:
    workspace.save_draft(draft.draft_id, topic=draft.topic, created_on=draft.created_on, document=draft_to_json(draft))


def test_the_command_draws_all_drafts_without_a_picture(tmp_path: Path) -> None:
    with init_workspace(tmp_path) as workspace:
        for one in drafts():
            save(workspace, one)
        save(workspace, make_draft(draft_id="d-20261124-900", images=("mine.jpg",)))
        result = runner.invoke(app, ["cover", "--all", "--json", "-w", str(tmp_path)])
        assert result.exit_code == 3, result.output  # one title fits nowhere
        document = json.loads(result.stdout)
        assert [one["draft_id"][-3:] for one in document["covers"]] == ["000", "002", "003", "004"]
        assert [one["name"][-3:] for one in document["failed"]] == ["001"]
        assert draft_from_json(workspace.load_draft("d-20261124-003")).images == ("covers/d-20261124-003.png",)
        again = json.loads(runner.invoke(app, ["cover", "--all", "--json", "-w", str(tmp_path)]).stdout)
        assert (again["covers"], len(again["failed"])) == ([], 1)
        two = ["cover", "d-20261124-000", "d-20261124-002", "--layout", "quote", "--out", str(tmp_path / "更多")]
        result = runner.invoke(app, [*two, "-w", str(tmp_path)])
        assert result.exit_code == 0, result.output
        assert len(read_all(tmp_path / "更多")) == 2
        for wrong in (["--out", "a.png"], ["--feed", "f.png"]):
            assert runner.invoke(app, [*two[:3], *wrong, "-w", str(tmp_path)]).exit_code == 2


def test_photos_of_a_folder_are_the_same_whatever_the_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "_PHOTOS_PER_PROCESS", 1)
    source = tmp_path / "photos"
    source.mkdir()
    for n in range(3):
        make_photo(500 + 100 * n, 400).save(source / f"{n}.jpg")
    (source / "broken.jpg").write_bytes(b"no picture")
    preset = load_presets()["warm-food"]
    found = []
    for n_jobs in (1, 2):
        out = tmp_path / str(n_jobs)
        tasks = [
            RetouchTask(path, out / path.name, preset, has_previews=n_jobs == 2) for path in sorted(source.iterdir())
        ]
        results = list(retouch_files(tasks, n_jobs=n_jobs))
        assert [isinstance(one, BatchFailure) for one in results] == [False, False, False, True]
        found.append(read_all(out))
    assert found[0] == found[1]
    result = runner.invoke(app, ["retouch", str(source), "--jobs", "2", "--out", str(tmp_path / "o"), "--json"])
    assert result.exit_code == 3
    document = json.loads(result.stdout)
    assert (len(document["photos"]), len(document["failed"])) == (3, 1)


def test_a_folder_without_permission_is_told_and_left_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(datafiles.tempfile, "mkstemp", refuse)
    with pytest.raises(StorageError, match="permission"):
        draw_cover(CoverTexts("早八"), tmp_path / "a.png")
    tasks = [CoverTask(one, None, tmp_path / f"{one.draft_id}.png") for one in drafts()]
    with pytest.raises(StorageError):  # the first one ends the batch: it would be so for all
        list(draw_draft_covers(tasks))
    result = runner.invoke(app, ["cover", "--title", "早八", "--out", str(tmp_path / "a.png")])
    assert result.exit_code == 5
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_ctrl_c_leaves_nothing_and_keeps_what_was_there(
    suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"a{suffix}"
    draw_cover(CoverTexts("早八"), path)
    before = path.read_bytes()

    def interrupt(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupt)  # the last moment before the new file is in its place
    with pytest.raises(KeyboardInterrupt):
        draw_cover(CoverTexts("晚八"), path)
    assert read_all(tmp_path) == {path.name: before}
