"""Pictures: whole, readable, and within their width; the same forecast gives the same picture."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from synthetic_accounts import make_account
from wcwidth import wcswidth

from creator_kit.cli import speak
from creator_kit.errors import UsageError
from creator_kit.exposure import Forecast, NoteInput, RankingProfile, draw_fan_chart, render_fan, simulate_note
from creator_kit.exposure.account_chart import draw_calibration, render_calibration
from creator_kit.exposure.backtest import walk_forward
from creator_kit.exposure.fitting import level_prior
from creator_kit.exposure.funnel_chart import render_funnel
from creator_kit.exposure.history import collect_history
from creator_kit.exposure.level import LevelPrior
from creator_kit.exposure.picture import decades, format_count, round_ticks, shorten


@pytest.fixture(scope="module")
def forecast(explore: RankingProfile) -> Forecast:
    return simulate_note(explore, NoteInput(type="图文"), n_replicates=500, seed=1)


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter() if element.tag.endswith("text")]


def test_the_fan_says_what_it_shows_and_what_it_is_not(forecast: Forecast) -> None:
    svg = draw_fan_chart(forecast, title="<新手>&露营")
    shown = texts(svg)
    assert "<新手>&露营" in shown
    assert any(text.startswith("P50") and format_count(forecast.quantiles["impressions"].p50) in text for text in shown)
    assert any("not evidence about the platform" in text for text in shown)
    assert svg == draw_fan_chart(forecast, title="<新手>&露营")


def test_the_band_lies_inside_the_picture_in_order(forecast: Forecast) -> None:
    root = ET.fromstring(draw_fan_chart(forecast))
    points = [
        tuple(map(float, p.split(",")))
        for e in root.iter()
        if "points" in e.attrib
        for p in e.get("points", "").split()
    ]
    assert len(points) > 200
    assert all(0 <= x <= 960 and 0 <= y <= 560 for x, y in points)


def test_png_and_svg_are_written_and_other_suffixes_refused(forecast: Forecast, tmp_path: Path) -> None:
    draw_fan_chart(forecast, tmp_path / "图" / "fan.svg", title="露营🏕️清单")
    draw_fan_chart(forecast, tmp_path / "图" / "fan.png", title="露营🏕️清单")
    assert (tmp_path / "图" / "fan.svg").read_text(encoding="utf-8").startswith("<svg")
    with Image.open(tmp_path / "图" / "fan.png") as image:
        assert image.size == (1920, 1120)
        red = np.asarray(image.convert("RGB")).astype(int)
        assert ((red[..., 0] - red[..., 1]) > 100).sum() > 3000  # the P50 line is there
    with pytest.raises(UsageError):
        draw_fan_chart(forecast, tmp_path / "fan.gif")
    assert not (tmp_path / "fan.gif").exists()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("days", [1, 7, 30, 365])
def test_the_terminal_fan_fits_its_width(explore: RankingProfile, language: str, days: int) -> None:
    speak(language)
    forecast = simulate_note(explore, NoteInput(), n_replicates=200, horizon_days=days, seed=1)
    drawn = render_fan(forecast, n_columns=78)
    lines = drawn.splitlines()
    assert len(lines) == 11
    assert max(wcswidth(line) for line in lines) <= 79
    assert "━" in drawn and "░" in drawn


def test_the_terminal_fan_shows_the_median_inside_the_band(forecast: Forecast) -> None:
    rows = render_fan(forecast, n_columns=60).splitlines()[:-2]
    for column in range(20, 60):
        cells = "".join(row[column] if column < len(row) else " " for row in rows).strip()
        assert cells.count("━") <= 1
        assert " " not in cells


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (7.4, "7"), (99, "99"), (637, "640"), (5649, "5,600"), (123456, "120,000")]
)
def test_counts_are_given_as_precisely_as_they_are_known(value: float, text: str) -> None:
    assert format_count(value) == text


def test_long_titles_are_cut_by_their_width() -> None:
    assert shorten("短标题", 20) == "短标题"
    cut = shorten("很长" * 30, 20)
    assert cut.endswith("…") and wcswidth(cut) <= 40


def test_the_calibration_plot_counts_what_it_draws(tmp_path: Path) -> None:
    prior = LevelPrior(6.4, 1.0, 1.9, 0.8)
    history = collect_history(make_account(n=40, rng=np.random.default_rng(1)))
    walk = walk_forward(history, {False: prior, True: prior})
    svg = draw_calibration(walk, "fitted", tmp_path / "calibration.png")
    root = ET.fromstring(svg)
    dots = [e for e in root.iter() if e.tag.endswith("circle")]
    assert len(dots) == int(walk.scored.sum())
    n_red = sum(e.get("fill") == "#e0314b" for e in dots)
    assert any(f"{len(dots) - n_red} of {len(dots)} notes" in text for text in texts(svg))
    nothing = walk_forward(collect_history([]), {False: prior, True: prior})
    assert "0 of 0" in draw_calibration(nothing, "fitted")


def test_the_funnel_and_the_calibration_are_also_plain_text(explore: RankingProfile) -> None:
    forecast = simulate_note(explore, NoteInput(followers=500), n_replicates=400, seed=2)
    bars = render_funnel(forecast, n_columns=30)
    assert list(bars) == list(forecast.quantiles)
    assert all(len(bar) <= 30 and bar.count("━") == 1 for bar in bars.values())
    assert bars["impressions"].index("━") > bars["likes"].index("━")
    history = collect_history(make_account(n=60, rng=np.random.default_rng(3)))
    prior = level_prior(explore, is_video=False)
    walk = walk_forward(history, {False: prior, True: prior})
    text = render_calibration(walk, "fitted", n_columns=60, n_rows=7)
    lines = text.splitlines()
    assert len(lines) == 7 and max(map(len, lines)) <= 60
    n_shown = (60 - lines[-1].index("┤")) // 2
    assert 20 <= text.count("●") + text.count("✗") <= n_shown
    assert render_calibration(walk_forward(collect_history([]), {False: prior, True: prior}), "fitted") == ""


def test_ticks_are_round_and_inside() -> None:
    assert round_ticks(0.0, 0.21) == pytest.approx([0.0, 0.05, 0.1, 0.15, 0.2])
    assert round_ticks(0, 54_000) == [0, 20_000, 40_000]
    assert decades(8, 6_500) == [10, 30, 100, 300, 1000, 3000]
    assert decades(8, 65_000) == [10, 100, 1000, 10_000]
    assert decades(150, 800) == [300]
