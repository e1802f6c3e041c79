"""``simulate market`` as somebody meets it, and that ``simulate DRAFT`` is still what it was."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from creator_kit.cli.app import app

runner = CliRunner()
SMALL = ["simulate", "market", "--users", "2000", "--hours", "8", "--no-policies", "--draws", "0"]


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_market_shows_channels_learning_and_inequality(away: Path) -> None:
    result = runner.invoke(app, SMALL)
    assert result.exit_code == 0, result.output
    for word in ("interest", "fresh", "search", "Gini", "grade", "followers", "not evidence", "2,000 users"):
        assert word in result.stdout


def test_its_json_repeats_byte_for_byte_and_its_pictures_go_where_asked(away: Path) -> None:
    first, second = (runner.invoke(app, [*SMALL, "--json", "--seed", "3", "--out", "图"]) for _k in range(2))
    assert first.exit_code == 0, first.output
    assert first.stdout == second.stdout
    document = json.loads(first.stdout)
    assert document["schema_version"] == 1 and document["kind"] == "market" and document["profile"] == "explore"
    assert sum(document["channel_shares"].values()) == pytest.approx(1.0)
    assert len(document["hourly_impressions"]) == 8
    assert sorted(path.name for path in (away / "图").iterdir()) == ["market-explore.png", "market-explore.svg"]


def test_policies_are_tried_on_a_market_of_their_own(away: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("creator_kit.cli.market.EXPERIMENT_USERS", 1500)
    call = ["simulate", "market", "--users", "1000", "--hours", "18", "--json", "--profile", "seed", "--draws", "0"]
    document = json.loads(runner.invoke(app, call).stdout)
    assert [row["adoption"] for row in document["template_adoption"]] == [0.1, 0.5, 0.9]
    assert document["grade_weight"] and document["experiment_users"] == 1500
    plain = runner.invoke(app, [argument for argument in call if argument != "--json"])
    assert "grade weight on and off" in plain.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["--users", "0"], 2, "users"),
        (["--hours", "-3"], 2, "hours"),
        (["--profile", "exlpore"], 3, "explore"),
        (["--usres", "5"], 2, "--usres"),
    ],
)
def test_mistakes_are_said_with_their_exit_code(away: Path, arguments: list[str], code: int, word: str) -> None:
    result = runner.invoke(app, ["simulate", "market", *arguments])
    assert result.exit_code == code, result.output
    assert word in result.stderr


def test_a_forecast_may_be_called_by_its_full_name(away: Path) -> None:
    short = ["simulate", "--title", "露营", "--replicates", "200", "--days", "3", "--json"]
    full = ["simulate", "forecast", *short[1:]]
    assert runner.invoke(app, short).stdout == runner.invoke(app, full).stdout != ""
    assert "market" in runner.invoke(app, ["simulate", "--help"]).stdout


def test_what_is_unknown_widens_the_figures(away: Path) -> None:
    call = ["simulate", "market", "--users", "800", "--hours", "6", "--no-policies", "--draws", "4"]
    shown = runner.invoke(app, call)
    assert shown.exit_code == 0, shown.output
    assert "4 draws of all constants" in shown.stdout
    document = json.loads(runner.invoke(app, [*call, "--json"]).stdout)
    by_name = {measure["name"]: measure for measure in document["over_draws"]}
    shares = by_name["share_interest"]["over_draws"]
    assert shares["p10"] < shares["p90"] and by_name["share_interest"]["n"] == 4
    assert 0.05 < by_name["ads"]["at_defaults"] < 0.2


def test_the_day_the_readers_and_the_followed_are_shown(away: Path) -> None:
    call = ["simulate", "market", "--users", "3000", "--hours", "30", "--no-policies", "--draws", "0"]
    shown = runner.invoke(app, call).stdout
    for word in ("00–03", "21–24", "KOC", "KOL", "of 100 who open a note", "10,000 impressions"):
        assert word in shown
    document = json.loads(runner.invoke(app, [*call, "--json"]).stdout)
    by_channel = document["hourly_by_channel"]
    assert [sum(hour) for hour in zip(*by_channel.values(), strict=True)] == document["hourly_impressions"]
    assert set(document["actions"]) == {"like", "collect", "comment", "share", "follow", "hide"}
    assert [tie["kind"] for tie in document["by_tie"]] == ["ordinary", "koc", "kol"]
    assert sum(tie["impression_share"] for tie in document["by_tie"]) == pytest.approx(1.0)
