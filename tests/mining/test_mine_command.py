"""``mine``, ``templates`` and ``scenarios`` at the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from creator_kit.cli.app import app
from creator_kit.paths import find_shipped_dir


def run(*words: str) -> Result:
    return CliRunner().invoke(app, list(words))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("空间 one")
    assert run("init", str(root)).exit_code == 0
    notes = find_shipped_dir("hot_notes_corpus") / "notes.jsonl"
    result = run("corpus", "add", str(notes), "-w", str(root))
    assert result.exit_code == 0, result.output
    return root


def test_mine_writes_what_templates_list_shows(workspace: Path) -> None:
    result = run("mine", "-w", str(workspace), "--json")
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert data["kind"] == "title_library"
    assert data["schema_version"] == 1
    assert data["n_titles"] > 300
    assert data["templates"]
    path = workspace / "templates" / "titles" / "mined.toml"
    first = path.read_bytes()
    assert run("mine", "-w", str(workspace)).exit_code == 0
    assert path.read_bytes() == first
    listed = json.loads(run("templates", "list", "-w", str(workspace), "--json").stdout)["templates"]
    assert listed[0]["id"] == data["templates"][0]["id"]
    shown = run("templates", "show", listed[0]["id"], "-w", str(workspace))
    assert shown.exit_code == 0
    assert str(listed[0]["support"]) in shown.stdout
    same = run("templates", "diff", str(path), str(path))
    assert same.exit_code == 0


def test_data_goes_to_stdout_and_words_to_stderr(workspace: Path) -> None:
    result = run("mine", "-w", str(workspace), "--limit", "3")
    assert "433" not in result.stdout or "titles by" not in result.stdout
    assert "titles by" in result.stderr


def test_scenarios_name_demand_and_supply(workspace: Path) -> None:
    found = json.loads(run("scenarios", "-w", str(workspace), "--json").stdout)["scenarios"]
    assert any(scenario["tag"] == "一人食" for scenario in found)
    assert all(scenario["n_notes"] >= 5 and scenario["n_authors"] >= 3 for scenario in found)
    assert run("scenarios", "-w", str(workspace)).exit_code == 0


def test_an_empty_corpus_is_told_what_to_do(tmp_path: Path) -> None:
    run("init", str(tmp_path))
    mined = run("mine", "-w", str(tmp_path))
    assert mined.exit_code == 0
    assert "corpus add" in mined.stderr
    assert not (tmp_path / "templates").exists()
    assert "corpus add" in run("scenarios", "-w", str(tmp_path)).stderr


def test_wrong_words_are_answered() -> None:
    assert run("templates", "list", "--tier", "good").exit_code == 2
    missing = run("templates", "show", "t-nothing")
    assert missing.exit_code == 3
    assert "templates list" in missing.stderr
    assert run("templates", "diff", "no.toml", "no.toml").exit_code == 3
