"""``simulate`` and ``backtest`` as a creator meets them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from synthetic_accounts import make_account
from typer.testing import CliRunner

from creator_kit.cli.app import app
from creator_kit.workspace import init_workspace

runner = CliRunner()
FAST = ["--replicates", "300", "--days", "10"]


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_title_alone_is_forecast_without_a_workspace(away: Path) -> None:
    result = runner.invoke(app, ["simulate", "--title", "新手露营清单", *FAST])
    assert result.exit_code == 0, result.output
    for word in ("P10", "P50", "P90", "impressions", "new followers", "chance of at least", "not evidence"):
        assert word in result.stdout
    assert "P99" not in result.stdout and "mean" not in result.stdout.lower().split()


def test_json_has_the_documented_shape_and_repeats_byte_for_byte(away: Path) -> None:
    call = ["simulate", "--title", "露营", "--json", "--what-if", "paid=500", "--seed", "4", *FAST]
    first, second = runner.invoke(app, call), runner.invoke(app, call)
    assert first.stdout == second.stdout
    document = json.loads(first.stdout)
    assert document["schema_version"] == 1 and document["kind"] == "forecasts"
    forecast = document["forecasts"][0]
    assert set(forecast["quantiles"]["impressions"]) == {"p10", "p50", "p90"}
    assert forecast["what_if"][0]["is_told"] is True
    assert forecast["method"] == "prior" and forecast["inputs_hash"]


def test_pictures_go_where_they_are_asked_for(away: Path) -> None:
    result = runner.invoke(app, ["simulate", "--title", "露营", "--out", "图", *FAST])
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (away / "图").iterdir()) == [
        "forecast-1.png", "forecast-1.svg", "funnel-1.png", "funnel-1.svg",
    ]  # fmt: skip
    assert "written" in result.stderr and "written" not in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        ([], 2, "--title"),
        (["--title", "x", "--type", "直播"], 2, "图文"),
        (["--title", "x", "--profile", "exlpore"], 3, "explore"),
        (["--title", "x", "--profile", "none.toml"], 3, "none.toml"),
        (["--title", "x", "--what-if", "huor=2"], 2, "hour"),
        (["--title", "x", "--quality", "9"], 3, "quality"),
        (["no-such-draft"], 4, "init"),
    ],
)
def test_mistakes_are_said_with_their_exit_code(away: Path, arguments: list[str], code: int, word: str) -> None:
    result = runner.invoke(app, ["simulate", *arguments])
    assert result.exit_code == code, result.output
    assert word in result.stderr and "Traceback" not in result.output


def test_drafts_go_into_the_ledger_and_own_results_into_the_fit(away: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from creator_kit.corpus import store

    notes = make_account(n=40, rng=np.random.default_rng(1))
    monkeypatch.setattr(store, "iter_notes", lambda *_args, **_options: iter(notes))
    with init_workspace(away) as workspace:
        document = json.dumps({"draft_id": "d-1", "title": "露营清单", "sponsored": True})
        workspace.save_draft("d-1", topic="露营", created_on="2026-11-24", document=document)
    result = runner.invoke(app, ["simulate", "d-1", "--json", "--today", "2026-11-24", *FAST])
    assert result.exit_code == 0, result.output
    forecast = json.loads(result.stdout)["forecasts"][0]
    assert forecast["note"]["sponsored"] is True and forecast["note"]["type"] == "图文"
    assert forecast["n_own_notes"] == 40 and forecast["method"] != "prior"
    two = runner.invoke(app, ["simulate", "d-1", "d-1", *FAST])
    assert two.exit_code == 0 and "does not read a title" in two.stdout
    tested = runner.invoke(app, ["backtest", "--out", "."])
    assert tested.exit_code == 0, tested.output
    assert "MAE ln" in tested.stdout and "forecasts show" in tested.stdout
    assert (away / "calibration.png").exists()
    ledger = runner.invoke(app, ["backtest", "--ledger", "--json"])
    assert json.loads(ledger.stdout)["n_open"] == 1


def test_a_backtest_without_results_says_what_to_do(away: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from creator_kit.corpus import store

    monkeypatch.setattr(store, "iter_notes", lambda *_args, **_options: iter(()))
    init_workspace(away).close()
    result = runner.invoke(app, ["backtest"])
    assert result.exit_code == 0, result.output
    assert "results add" in result.stdout


def test_the_constants_are_shown_with_what_they_rest_on(away: Path) -> None:
    shown = runner.invoke(app, ["simulate", "--constants", "--profile", "seed"])
    assert shown.exit_code == 0 and "grade_weight" in shown.stdout and "SEED" in shown.stdout
    document = json.loads(runner.invoke(app, ["simulate", "--constants", "--json"]).stdout)
    assert document["kind"] == "ranking_profile" and document["constants"]["open_rate"]["source"]


def test_a_batch_gives_one_line_a_draft(away: Path) -> None:
    with init_workspace(away) as workspace:
        for k in range(30):
            document = json.dumps({"draft_id": f"d-{k:02}", "title": f"标题{k}", "sponsored": k % 2 == 0})
            workspace.save_draft(f"d-{k:02}", topic="露营", created_on="2026-11-24", document=document)
    call = ["simulate", *(f"d-{k:02}" for k in range(30)), "--jsonl", "--today", "2026-11-24", *FAST]
    lines = runner.invoke(app, call).stdout.splitlines()
    assert [json.loads(line)["title"] for line in lines] == [f"标题{k}" for k in range(30)]
    with init_workspace(away) as workspace:
        assert workspace.count_rows("forecasts") == 30
