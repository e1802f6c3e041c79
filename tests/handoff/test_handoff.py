"""A pack holds one thing to copy per file, says what is left to do, and is replaced whole or not at all."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from creator_kit.drafting import Brief, Draft, TitleCandidate
from creator_kit.errors import InputError, StorageError
from creator_kit.handoff import write_handoff
from creator_kit.locale import use_language
from creator_kit.review import Finding

DRAFT = Draft(
    draft_id="d1",
    topic="番茄牛腩",
    persona="dorm-cook",
    created_on="2026-11-24",
    title="一人食｜番茄牛腩",
    body="先焯水。\n再炖［待补：炖多久］。\n",
    tags=("一人食", "番茄牛腩"),
    titles=(
        TitleCandidate("一人食｜番茄牛腩", "t1", "一人食｜{topic}", "common", "prevalence only"),
        TitleCandidate("番茄牛腩怎么炖", "t2", "{topic}怎么炖", "common", "prevalence only"),
    ),
    brief=Brief(topic="番茄牛腩"),
    body_template="steps",
    missing=("炖多久",),
)
BLOCK = Finding("missing-fact", "missing", "block", "body", "a fact is missing: 炖多久", "creator_kit")
FORECAST = {
    "profile": "explore",
    "horizon_days": 30,
    "quantiles": {"impressions": {"p10": 100.0, "p50": 300.4, "p90": 2000.0}},
    "basis": "prior only",
}


@pytest.fixture
def cover(tmp_path: Path) -> Path:
    path = tmp_path / "cover.png"
    path.write_bytes(b"\x89PNG fake")
    return path


def test_a_pack_holds_one_thing_to_copy_per_file(tmp_path: Path, cover: Path) -> None:
    pack = write_handoff(DRAFT, tmp_path / "出 手", images=[cover, cover], findings=[BLOCK], forecast=FORECAST)
    folder = pack.folder
    assert (folder / "title.txt").read_text(encoding="utf-8") == "一人食｜番茄牛腩\n"
    assert (folder / "body.txt").read_text(encoding="utf-8") == DRAFT.body
    assert (folder / "tags.txt").read_text(encoding="utf-8") == "#一人食 #番茄牛腩\n"
    assert sorted(path.name for path in (folder / "images").iterdir()) == ["01-cover.png", "02-page.png"]
    note = json.loads((folder / "note.json").read_text(encoding="utf-8"))
    assert next(iter(note)) == "schema_version"
    assert note["ready"] is False
    assert note["missing"] == ["炖多久"]
    assert note["forecast"]["quantiles"]["impressions"]["p50"] == 300.4


def test_the_checklist_says_what_the_person_must_still_do(tmp_path: Path, cover: Path) -> None:
    draft = replace(DRAFT, sponsored=True, model_used=True)
    pack = write_handoff(draft, tmp_path, images=[cover], findings=[BLOCK], forecast=FORECAST)
    checklist = (pack.folder / "checklist.md").read_text(encoding="utf-8")
    assert not pack.is_ready
    for words in ("fill in: 炖多久", "利益相关", "AI-content", "P50 300", "番茄牛腩怎么炖", "never posts"):
        assert words in checklist
    assert checklist.count("炖多久") == 1, "a missing fact is listed once, not again as a finding"


def test_without_findings_it_is_ready(tmp_path: Path, cover: Path) -> None:
    draft = replace(DRAFT, missing=(), body="先焯水。")
    assert write_handoff(draft, tmp_path, images=[cover], findings=[], forecast=None).is_ready


def test_same_draft_same_bytes_in_both_languages_readable(tmp_path: Path, cover: Path) -> None:
    one = write_handoff(DRAFT, tmp_path / "a", images=[cover], findings=[BLOCK], forecast=FORECAST).folder
    two = write_handoff(DRAFT, tmp_path / "b", images=[cover], findings=[BLOCK], forecast=FORECAST).folder
    for path in one.rglob("*"):
        if path.is_file():
            assert path.read_bytes() == (two / path.relative_to(one)).read_bytes()
    use_language("zh")
    zh = write_handoff(DRAFT, tmp_path / "c", images=[cover], findings=[BLOCK], forecast=FORECAST).folder
    assert (zh / "note.json").read_bytes() == (one / "note.json").read_bytes(), "JSON does not change with language"


def test_a_failure_leaves_the_earlier_pack(tmp_path: Path, cover: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_handoff(DRAFT, tmp_path, images=[cover], findings=[], forecast=None).folder
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    with pytest.raises(StorageError, match="disk is full"):
        write_handoff(replace(DRAFT, title="另一个"), tmp_path, images=[cover], findings=[], forecast=None)
    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cover.png", "d1"]


def test_a_missing_image_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.png"):
        write_handoff(DRAFT, tmp_path, images=[tmp_path / "nowhere.png"], findings=[], forecast=None)
    assert list(tmp_path.iterdir()) == []
