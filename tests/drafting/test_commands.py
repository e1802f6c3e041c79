"""``draft``, ``drafts`` and ``persona`` as a creator meets them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from creator_kit.cli.app import app
from creator_kit.paths import find_shipped_dir
from creator_kit.workspace import init_workspace

runner = CliRunner()
BEEF = ["draft", "番茄牛腩", "-p", "dorm-cook", "--today", "2026-11-24", "--step", "牛腩焯水", "--step", "小火炖软"]


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_draft_without_a_workspace(away: Path) -> None:
    result = runner.invoke(app, [*BEEF, "--price", "一顿15元", "--place", "宿舍"])
    assert result.exit_code == 0, result.output
    assert "一顿15元" in result.stdout and "牛腩焯水" in result.stdout and "#番茄牛腩" in result.stdout
    assert "not saved" in result.stderr and not list(away.iterdir())


def test_json_and_out_hold_the_same_draft_and_repeat(away: Path) -> None:
    first = runner.invoke(app, [*BEEF, "--json", "--out", "one.json"])
    again = runner.invoke(app, [*BEEF, "--json", "--out", "two.json"])
    assert first.exit_code == 0 and first.stdout == again.stdout
    assert (away / "one.json").read_bytes() == (away / "two.json").read_bytes()
    document = json.loads(first.stdout)
    assert (document["schema_version"], document["kind"]) == (1, "draft")
    assert document["draft"]["titles"][0]["fills"][0]["source"].startswith(("brief.", "persona."))
    assert json.loads((away / "one.json").read_text(encoding="utf-8"))["draft_id"] == document["draft"]["draft_id"]


def test_a_workspace_keeps_drafts_and_names_the_next_step(away: Path) -> None:
    init_workspace(away).close()
    result = runner.invoke(app, [*BEEF, "--json"])
    name = json.loads(result.stdout)["draft"]["draft_id"]
    assert f"creator-kit cover {name}" in result.stderr
    listing = runner.invoke(app, ["drafts", "--json"])
    assert [one["draft_id"] for one in json.loads(listing.stdout)["drafts"]] == [name]
    assert name in runner.invoke(app, ["drafts"]).stdout
    shown = runner.invoke(app, ["drafts", name[:5], "--json"])
    assert json.loads(shown.stdout) == json.loads(result.stdout)
    assert "牛腩焯水" in runner.invoke(app, ["drafts", name]).stdout


def test_the_workspaces_persona_is_the_default(away: Path) -> None:
    init_workspace(away).close()
    path = away / "creator.toml"
    path.write_text(path.read_text(encoding="utf-8").replace('persona = ""', 'persona = "tidy-home"'), encoding="utf-8")
    result = runner.invoke(app, ["draft", "银器清洗", "--json"])
    assert json.loads(result.stdout)["draft"]["persona"] == "tidy-home"


def test_a_batch_streams_lines_with_failures_among_them(away: Path) -> None:
    (away / "b.jsonl").write_text('{"topic": "银器清洗"}\n{"topik": 1}\n{"topic": "浴室除霉"}\n', encoding="utf-8")
    result = runner.invoke(app, ["draft", "--brief", "b.jsonl", "--jsonl", "-p", "tidy-home", "--out", "o.jsonl"])
    assert result.exit_code == 1
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["kind"] for line in lines] == ["draft", "failure", "draft"]
    assert "topic" in lines[1]["error"] and lines[1]["where"].endswith("b.jsonl:2")
    assert (away / "o.jsonl").read_text(encoding="utf-8") == result.stdout
    table = runner.invoke(app, ["draft", "--brief", "b.jsonl", "-p", "tidy-home"])
    assert "银器清洗" in table.stdout and "b.jsonl:2" in table.stderr


def test_briefs_from_stdin(away: Path) -> None:
    result = runner.invoke(
        app, ["draft", "--brief", "-", "--json"], input='{"topic": "银器清洗", "points": ["先看材质"]}\n'
    )
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["results"][0]["draft"]["topic"] == "银器清洗"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["draft"], 2, "topic"),
        (["draft", "甲", "--brief", "b.jsonl"], 2, "not both"),
        (["draft", "--brief", "b.jsonl", "--point", "x"], 2, "--point"),
        (["draft", "甲", "--json", "--jsonl"], 2, "choose one"),
        (["draft", "甲", "--shape", "poem"], 2, "poem"),
        (["draft", "甲", "--today", "30.2."], 2, "--today"),
        (["draft", "甲", "-p", "dorm-cok"], 3, "dorm-cook"),
        (["draft", "  "], 3, "topic"),
        (["draft", "--brief", "none.jsonl"], 3, "none.jsonl"),
        (["draft", "甲", "-w", "nowhere"], 4, "workspace"),
        (["drafts"], 4, "workspace"),
        (["persona", "show", "nobody"], 3, "nobody"),
    ],
)
def test_wrong_calls_say_what_and_end_with_their_code(away: Path, arguments: list[str], code: int, said: str) -> None:
    result = runner.invoke(app, arguments)
    assert result.exit_code == code, result.output
    assert said in result.output and "Traceback" not in result.output


def test_a_blocked_draft_ends_with_one(away: Path) -> None:
    result = runner.invoke(app, ["draft", "银器清洗", "--point", "加我微信领教程", "--point", "先看材质"])
    assert result.exit_code == 1 and "may not be posted" in result.stderr


def test_persona_list_show_and_check(away: Path) -> None:
    assert "dorm-cook" in runner.invoke(app, ["persona", "list"]).stdout
    names = [pack["name"] for pack in json.loads(runner.invoke(app, ["persona", "list", "--json"]).stdout)["personas"]]
    assert {"dorm-cook", "petite-office", "tidy-home"} <= set(names)
    shown = runner.invoke(app, ["persona", "show", "tidy-home"])
    assert shown.exit_code == 0 and "六年" in shown.stdout
    assert (
        json.loads(runner.invoke(app, ["persona", "show", "tidy-home", "--json"]).stdout)["voice"]["register"] == "calm"
    )
    for name in names:
        result = runner.invoke(app, ["persona", "check", name])
        assert result.exit_code == 0, result.output


def test_persona_check_fails_for_a_claim_without_proof_and_a_failing_test(away: Path) -> None:
    target = away / "mine"
    shutil.copytree(find_shipped_dir("templates") / "personas" / "dorm-cook", target)
    path = target / "persona.toml"
    text = path.read_text(encoding="utf-8").replace("好好吃饭，慢慢长大。", "我吃了三年食堂。")
    path.write_text(text.replace('must = ["番茄牛腩"', 'must = ["红烧肉"'), encoding="utf-8")
    result = runner.invoke(app, ["persona", "check", "mine"])
    assert result.exit_code == 1
    assert "我吃了" in result.stdout and "红烧肉" in result.stdout
    document = json.loads(runner.invoke(app, ["persona", "check", "mine", "--json"]).stdout)
    assert document["findings"] and not all(test["passed"] for test in document["tests"])


def test_refill_finishes_a_saved_draft(away: Path) -> None:
    init_workspace(away).close()
    made = json.loads(runner.invoke(app, ["draft", "土豆焖饭", "-p", "dorm-cook", "--json"]).stdout)["draft"]
    assert made["missing"]
    result = runner.invoke(app, ["draft", "--refill", made["draft_id"], "--fill", "土豆切丁\n米铺底", "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["draft"]["missing"] == []
    assert "2️⃣ 米铺底" in runner.invoke(app, ["drafts", made["draft_id"]]).stdout
    # The same brief again gives the same id: the person's words are not written over.
    again = runner.invoke(app, ["draft", "土豆焖饭", "-p", "dorm-cook"])
    assert again.exit_code == 0 and "stays as it was" in again.output and "saved as" not in again.output
    assert "2️⃣ 米铺底" in runner.invoke(app, ["drafts", made["draft_id"]]).stdout
    wrong = runner.invoke(app, ["draft", "--refill", made["draft_id"], "--fill", "多余"])
    assert wrong.exit_code == 2 and "1 fill-ins for 0 gaps" in wrong.output
    assert runner.invoke(app, ["draft", "甲", "--fill", "x"]).exit_code == 2


def test_a_pack_is_handed_on_and_installed(away: Path) -> None:
    init_workspace(away).close()
    packed = runner.invoke(app, ["persona", "pack", "tidy-home", "--into", "dist", "--json"])
    digest = json.loads(packed.stdout)["digest"]
    name = "dist/tidy-home-1.0.0.zip"
    wrong = runner.invoke(app, ["persona", "install", name, "--digest", "0" * 12])
    assert wrong.exit_code == 1 and digest in wrong.output
    assert runner.invoke(app, ["persona", "install", name, "--digest", digest]).exit_code == 0
    assert (away / "templates" / "personas" / "tidy-home" / "persona.toml").is_file()
    assert runner.invoke(app, ["persona", "install", name]).exit_code == 3
