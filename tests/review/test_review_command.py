"""``creator-kit review`` at a terminal, in a pipe and in CI."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from creator_kit.cli.app import app
from creator_kit.paths import find_shipped_dir
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


BATCH = [
    {"id": "a", "title": "早餐", "body": "全麦面包抹上一层花生酱，再铺几片香蕉，撒一点肉桂粉，烤箱一百八十度五分钟。"},
    {
        "id": "b",
        "title": "午餐",
        "body": "换个口味，全麦面包抹上一层花生酱，再铺几片香蕉，撒一点肉桂粉，烤箱一百八十度五分钟。",
        "cover_texts": ["资料", "加薇❤️信"],
        "scheduled_at": "2026-11-24T12:30",
    },
    {
        "id": "c",
        "title": "晚餐",
        "body": "番茄切块，锅里放油，炒出汁再倒蛋液。",
        "scheduled_at": "2026-11-25T20:00+08:00",
    },
    {"id": "d", "title": "", "body": ""},
]


def review_batch(note: Path, *more: str) -> dict[str, set[str]]:
    path = note.parent / "batch.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in BATCH), encoding="utf-8")
    result = RUNNER.invoke(app, ["review", str(path), "--json", "--today", "2026-11-24", *more])
    return {each["name"]: {f["rule_id"] for f in each["findings"]} for each in json.loads(result.stdout)["notes"]}


def test_a_batch_is_held_against_itself_the_cover_is_read_and_the_clock_looked_at(note: Path) -> None:
    found = review_batch(note)
    assert found["a"] == {"originality.copied"}
    assert found["b"] == {"originality.copied", "diversion.wechat", "limits.schedule"}
    assert found["c"] == set()
    assert "d" not in found  # without a word there is nothing to read, and no reason to leave the others unread


def save_draft(root: Path, draft_id: str, body: str) -> None:
    with init_workspace(root) as workspace:
        row = {"draft_id": draft_id, "title": "早餐", "body": body, "tags": [], "topic": "早餐"}
        document = msgspec.json.encode(row).decode()
        workspace.save_draft(draft_id, topic="早餐", created_on="2026-11-24", document=document)


def test_ones_own_earlier_drafts_are_known(note: Path) -> None:
    save_draft(note.parent, "d20261101-old", str(BATCH[0]["body"]))
    save_draft(note.parent, "d20261124-new", str(BATCH[1]["body"]))
    result = RUNNER.invoke(app, ["review", "d20261124-new", "--json"])
    findings = json.loads(result.stdout)["notes"][0]["findings"]
    assert [f["rule_id"] for f in findings] == ["originality.copied"]
    assert "d20261101-old" in findings[0]["message"] and findings[0]["matched"].startswith("全麦面包")


def test_findings_are_counted_by_rule(note: Path) -> None:
    path = note.parent / "batch.jsonl"
    review_batch(note)
    result = RUNNER.invoke(app, ["review", str(path), "--by-rule", "--json", "--today", "2026-11-24"])
    document = json.loads(result.stdout)
    assert document["kind"] == "review-by-rule" and document["n_notes"] == 3
    first = document["rules"][0]
    assert (first["rule_id"], first["n_findings"], first["per_1000_notes"]) == ("originality.copied", 2, 666.67)
    shown = RUNNER.invoke(app, ["review", str(path), "--by-rule", "--today", "2026-11-24"]).stdout
    assert "originality.copied" in shown and "666.7" in shown


def test_a_packs_rules_and_facts(note: Path, tmp_path: Path) -> None:
    with init_workspace(tmp_path):
        pass
    pack = tmp_path / "templates" / "personas" / "mine"
    shutil.copytree(find_shipped_dir("templates") / "personas" / "dorm-cook", pack)
    (pack / "rules.toml").write_text(
        '[source.pack]\nzh = "人设"\nen = "pack"\n[adjust.spam]\nseverity = "off"\n[adjust."absolute.most"]\n'
        'severity = "block"\n[[rule]]\nid = "pack.word"\nfamily = "taboo"\nseverity = "warn"\nterms = ["绝绝子"]\n'
        'source = "pack"\nzh = "“{matched}”不像我说的话。"\nen = "not my word"\n',
        encoding="utf-8",
    )
    note.write_text("早餐笔记\n\n绝绝子！！！！！这是最好用的锅。我用它煮了八年粥。", encoding="utf-8")

    def found(*more: str) -> set[tuple[str, str]]:
        result = RUNNER.invoke(app, ["review", str(note), "--json", *more])
        return {(f["rule_id"], f["severity"]) for f in json.loads(result.stdout)["notes"][0]["findings"]}

    assert found() == {("spam.mark_rows", "advise"), ("absolute.most", "advise")}
    assert found("--persona", "mine") == {
        ("pack.word", "warn"),
        ("absolute.most", "block"),
        ("experience.unbacked", "warn"),
    }


def test_a_file_that_cannot_be_read_does_not_hide_the_others(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("早餐笔记\n\n想要的加➕薇❤️信", encoding="utf-8")
    (tmp_path / "b.txt").write_bytes(b"\xff\xfe\x00\xc3\x28")
    (tmp_path / "c.jsonl").write_text('{"title": "好", "body": "今天吃面"}\n{broken\n', encoding="utf-8")
    result = RUNNER.invoke(app, ["review", str(tmp_path)])
    assert result.exit_code == 3
    assert "薇❤️信" in result.stdout
    assert "b.txt" in result.stderr and "c.jsonl:2" in result.stderr
    assert all(len(line) <= 80 for line in result.stderr.splitlines() if "checked" in line)
