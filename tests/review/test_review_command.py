"""``creator-kit review`` at a terminal, in a pipe and in CI."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from creator_kit.cli.app import app
from creator_kit.workspace import init_workspace

RUNNER = CliRunner()


@pytest.fixture
def note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "note.txt"
    path.write_text("早餐笔记\n\n太香了！！！！！想要的加➕薇❤️信\n\n#早餐\n", encoding="utf-8")
    return path


def test_a_blocking_finding_exits_1_and_is_underlined(note: Path) -> None:
    result = RUNNER.invoke(app, ["review", str(note)])
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    at = next(index for index, line in enumerate(lines) if "薇❤️信" in line)
    assert "‾‾‾" in lines[at + 1]
    assert "not legal advice" in result.stderr


@pytest.mark.parametrize(("fail_on", "code"), [("block", 0), ("warn", 0), ("advise", 1), ("never", 0)])
def test_the_user_sets_from_which_severity_it_fails(note: Path, fail_on: str, code: int) -> None:
    note.write_text("早餐笔记\n\n太香了！！！！！", encoding="utf-8")
    assert RUNNER.invoke(app, ["review", str(note), "--fail-on", fail_on]).exit_code == code


def test_json_has_one_shape(note: Path) -> None:
    result = RUNNER.invoke(app, ["review", str(note), "--json"])
    document = json.loads(result.stdout)
    assert document["schema_version"] == 1 and document["kind"] == "review"
    assert document["n_notes"] == 1 and document["counts"]["block"] == 1
    assert set(document["notes"][0]["findings"][0]) == {
        "rule_id", "family", "severity", "field", "message", "source", "start", "end", "matched", "fix",
    }  # fmt: skip


def test_stdin_text_and_json_lines(note: Path) -> None:
    assert RUNNER.invoke(app, ["review", "-"], input="早餐\n煎蛋").exit_code == 0
    lines = '{"title": "早餐", "body": "加v"}\n{"title": "午餐", "body": "面"}\n'
    result = RUNNER.invoke(app, ["review", "-", "--format", "jsonl"], input=lines)
    assert result.exit_code == 1
    assert [bool(json.loads(line)["findings"]) for line in result.stdout.splitlines()] == [True, False]
    assert RUNNER.invoke(app, ["review", "-"], input="").exit_code == 3


def test_fix_shows_the_diff_and_changes_only_what_is_safe(note: Path) -> None:
    before = note.read_text(encoding="utf-8")
    shown = RUNNER.invoke(app, ["review", str(note), "--diff"])
    assert "+太香了！想要的加➕薇❤️信" in shown.stdout
    assert note.read_text(encoding="utf-8") == before
    RUNNER.invoke(app, ["review", str(note), "--fix"])
    assert note.read_text(encoding="utf-8") == before.replace("！！！！！", "！")


def test_a_draft_by_the_beginning_of_its_id(note: Path) -> None:
    with init_workspace(note.parent) as workspace:
        row = {
            "draft_id": "d20261124-abc",
            "title": "早餐",
            "body": "太香了！！！！！",
            "tags": ["早餐"],
            "topic": "早餐",
        }
        workspace.save_draft(
            row["draft_id"], topic="早餐", created_on="2026-11-24", document=msgspec.json.encode(row).decode()
        )
    result = RUNNER.invoke(app, ["review", "d2026", "--fix", "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["notes"][0]["name"] == "d20261124-abc"
    with init_workspace(note.parent) as workspace:
        assert json.loads(workspace.load_draft("d20261124-abc"))["body"] == "太香了！"


def test_against_known_notes(note: Path) -> None:
    known = note.parent / "known.jsonl"
    body = "全麦面包抹上一层花生酱，再铺几片香蕉，撒一点肉桂粉，烤箱一百八十度五分钟。"
    known.write_text(json.dumps({"note_id": "k7", "title": "早餐", "body": body}) + "\n", encoding="utf-8")
    note.write_text(f"早餐\n\n{body}", encoding="utf-8")
    result = RUNNER.invoke(app, ["review", str(note), "--against", str(known), "--json"])
    assert [f["rule_id"] for f in json.loads(result.stdout)["notes"][0]["findings"]] == ["originality.copied"]


def test_what_is_not_there_is_said(note: Path) -> None:
    result = RUNNER.invoke(app, ["review", "nothing.txt"])
    assert result.exit_code == 3
    assert "nothing.txt" in result.stderr
