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
    assert run("mine", "-w", str(workspace), "--no-score").exit_code == 0
    assert path.read_bytes() == first
    listed = json.loads(run("templates", "list", "-w", str(workspace), "--json").stdout)["templates"]
    assert listed[0]["id"] == data["templates"][0]["id"]
    shown = run("templates", "show", listed[0]["id"], "-w", str(workspace))
    assert shown.exit_code == 0
    assert str(listed[0]["support"]) in shown.stdout
    same = run("templates", "diff", str(path), str(path))
    assert same.exit_code == 0


def test_the_scorer_is_judged_beside_its_baselines_and_saved(workspace: Path) -> None:
    told = run("mine", "-w", str(workspace), "--limit", "1").stderr
    for name in ("title scorer", "character n-grams alone", "the author's own median"):
        assert f"  {name}: Spearman " in told
    assert "Held out by author, 4" in told and "gain over n-grams in Spearman" in told
    saved = workspace / "templates" / "ranking" / "title_scorer.json"
    first = saved.read_bytes()
    data = json.loads(run("mine", "-w", str(workspace), "--json").stdout)
    assert str(saved) in data["files"] and str(workspace / "templates" / "bodies" / "mined.toml") in data["files"]
    card = json.loads(first)["card"]
    assert data["scorer"]["ours"] == card["ours"] and data["scorer"]["n_notes"] == card["n_notes"] > 200
    assert ("beats character n-grams" in told) == data["scorer"]["is_useful"]
    quiet = json.loads(run("mine", "-w", str(workspace), "--no-score", "--json").stdout)
    assert quiet["scorer"] is None and saved.read_bytes() == first


def test_a_scorer_of_an_earlier_corpus_does_not_stay(tmp_path: Path) -> None:
    run("init", str(tmp_path))
    old = tmp_path / "templates" / "ranking" / "title_scorer.json"
    old.parent.mkdir(parents=True)
    old.write_text("{}", encoding="utf-8")
    mined = run("mine", "-w", str(tmp_path))
    assert mined.exit_code == 0 and "was removed" in mined.stderr and "too few comparable titles" in mined.stderr
    assert not old.exists()


def test_into_takes_titles_and_bodies(workspace: Path, tmp_path: Path) -> None:
    assert run("mine", "-w", str(workspace), "--into", str(tmp_path), "--name", "一号", "--no-score").exit_code == 0
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.toml")) == [
        "bodies/一号.toml",
        "titles/一号.toml",
    ]
    assert "tag_habits" in (tmp_path / "bodies" / "一号.toml").read_text(encoding="utf-8")


def test_data_goes_to_stdout_and_words_to_stderr(workspace: Path) -> None:
    result = run("mine", "-w", str(workspace), "--limit", "3", "--no-score")
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
