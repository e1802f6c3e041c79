"""Charts say what they were given, hold nothing that a strict page forbids, and are the same every time."""

from __future__ import annotations

import math
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.corpus.note import Note
from creator_kit.locale import Both
from creator_kit.mining import Interval, Lift, TitleTemplate
from creator_kit.mining.reliability import describe_need, needed_times
from creator_kit.report.charts import BLUE, INK, draw_calibration, draw_fan, draw_funnel, draw_whiskers
from creator_kit.report.examples import load_example_words
from creator_kit.report.forecasts import collect_forecast, fit_own
from creator_kit.report.patterns import collect_library
from creator_kit.workspace import init_workspace

X, Y = Both("时间 <b>", "time & <b>"), Both("次数", "number")
HOURS = [1, 6, 24, 168, 720]
BAND = {"p10": [3, 10, 40, 80, 90], "p50": [9, 50, 300, 500, 560], "p90": [40, 400, 2000, 6000, 7000]}


def draw_all() -> list[str]:
    whiskers, axis = draw_whiskers([("a", 0.5, 1.1, 2.0), ("b", 0.01, 3.0, 90.0)], axis_name=X)
    return [
        draw_fan(HOURS, BAND, x_name=X, y_name=Y, name="fan"),
        draw_funnel(
            [(Both("曝光", "impressions"), 10, 200, 4000), (Both("涨粉", "followers"), 0, 0, 7)], x_name=X, name="f"
        ),
        draw_calibration([(10, 100, 900, 120), (10, 100, 900, 5000)], x_name=X, y_name=Y, name="c"),
        *whiskers.values(),
        str(axis),
    ]


def test_charts_fit_a_strict_page_and_never_change() -> None:
    charts = draw_all()
    assert charts == draw_all()
    for svg in charts:
        tree = ElementTree.fromstring(svg)
        for element in tree.iter():
            assert "style" not in element.attrib
            assert not any(name.startswith("on") for name in element.attrib)
            assert element.tag.split("}")[1] in ("svg", "g", "path", "defs", "use", "text", "tspan", "clipPath", "rect")
        assert "@@" not in svg
        assert not re.search("|".join((INK, BLUE, "#000000", "#1f77b4")), svg), "colours follow the page's theme"


def test_axes_have_names_with_units_in_both_languages() -> None:
    tree = ElementTree.fromstring(draw_fan(HOURS, BAND, x_name=X, y_name=Y, name="fan"))
    texts = {("".join(e.itertext()), e.get("class")) for e in tree.iter() if e.tag.endswith("text")}
    assert {("时间 <b>", "zh"), ("time & <b>", "en"), ("1天", "zh"), ("1 d", "en"), ("1,000", None)} <= texts
    assert ("P50  560", None) in texts


def test_ids_of_two_charts_never_meet() -> None:
    both = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in draw_all()[:3]]
    assert not both[0] & both[1]
    assert not both[1] & both[2]


def test_a_whisker_that_leaves_the_axis_is_still_drawn() -> None:
    whiskers, axis = draw_whiskers([("wide", 0.001, 1.0, 1000.0)], axis_name=X)
    assert list(whiskers) == ["wide"]
    assert axis is not None
    assert draw_whiskers([], axis_name=X) == ({}, None)


def template(low: float, value: float, high: float, tier: str = "common") -> TitleTemplate:
    lift = Lift(value, Interval(low, high), 8, 12, "author")
    return TitleTemplate("t", ("挑战", "吧"), 20, 9, tier, lift)  # type: ignore[arg-type]


@given(st.floats(1.05, 4), st.floats(0.1, 0.99))
@settings(max_examples=60, deadline=None)
def test_so_many_times_the_notes_put_the_interval_above_one(value: float, low: float) -> None:
    times = needed_times(template(low, value, value * value / low))
    assert times is not None
    narrowed = math.exp(math.log(value) - math.log(value / low) / math.sqrt(times))
    assert narrowed == pytest.approx(1.0)


def test_what_would_make_a_template_reliable() -> None:
    assert "39 compared notes instead of 20" in describe_need(template(0.76, 2.0, 5.26))
    assert "no hotter" in describe_need(template(0.5, 0.9, 1.4))
    assert "too near to 1" in describe_need(template(0.5, 1.02, 2.1))
    assert "Reliable already" in describe_need(template(1.2, 2.0, 3.0, "reliable"))
    assert "not measured" in describe_need(TitleTemplate("t", ("a",), 0, 0, "common", origin="authored"))
    assert "Nothing to compare" in describe_need(TitleTemplate("t", ("a",), 9, 4, "common"))


def test_the_library_shows_examples_of_ours_and_whiskers() -> None:
    words = load_example_words()
    part = collect_library([template(0.8, 1.5, 2.9)], [], words)
    assert part is not None
    assert part.rows[0].whisker is not None
    assert part.rows[0].lift.en == "1.50 [0.80, 2.90]"
    assert part.doubts
    assert collect_library([], [], words) is None


def test_past_notes_say_how_much_to_trust_the_forecast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("creator_kit.report.what_ifs.rank_unknowns", lambda *_args, **_named: [])
    own = [
        Note(
            note_id=f"n{day}",
            title=f"第{day}篇",
            type="图文",
            impressions=300 + 97 * (day % 7),
            views=40,
            published_at=f"2026-{8 + day // 28:02d}-{1 + day % 28:02d}T20:00:00",
            observed_at="2026-11-20T00:00:00",
        )
        for day in range(30)
    ]
    with init_workspace(tmp_path) as home:
        part = collect_forecast(home, own, [], fit_own(home, own), tmp_path, seed=0)
    assert part.calibration is not None
    assert part.calibration_table is not None
    assert len(part.calibration_table.rows) == 23
    assert re.match(r"Of 23 past notes of yours.*lay between P10 and P90", part.trust[0].en)
    assert len(part.what_ifs) == 6
    assert [row[0].en for row in part.funnel_table.rows][:2] == ["impressions", "reads"]
