"""Two libraries compared, titles, shapes and habits: what rose, what fell, what is new, what is gone."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from creator_kit.cli.app import app
from creator_kit.errors import InputError
from creator_kit.mining.bodies import BodyLibrary, BodyShape, BodySummary, TagHabits
from creator_kit.mining.body_library import load_bodies, save_bodies, suggest_structure
from creator_kit.mining.habits import Habit, Percentiles
from creator_kit.mining.library_diff import diff_contents, read_contents
from creator_kit.mining.template import Interval, Lift
from creator_kit.paths import find_shipped_dir

NONE = Percentiles(0, 0, 0)
LIFT = Lift(1.5, Interval(1.2, 1.9), 12, 20, "author")
HIGH = Lift(3.0, Interval(2.4, 3.9), 12, 20, "author")


def shape(*roles: str, tier: str = "promising", lift: Lift | None = LIFT) -> BodyShape:
    return BodyShape(
        tuple(roles), 20, 9, 6, tier, lift, 0.04, Percentiles(10, 90, 300), Percentiles(2, 4, 9),  # type: ignore[arg-type]
        {"a": 20}, "2025-01-01", "2025-02-01",
    )  # fmt: skip


def library(*shapes: BodyShape, habits: tuple[Habit, ...] = (), topics: tuple[Habit, ...] = ()) -> BodyLibrary:
    summary = BodySummary(n_notes=60, n_bodies=50, n_authors=20, n_compared=40, sources={"a": 50})
    return BodyLibrary(shapes, habits, NONE, NONE, NONE, TagHabits(NONE, {"broad": 0.2}, topics), summary)


OLD = library(
    shape("hook", "bullet"),
    shape("hook", "step", lift=LIFT),
    shape("hook", "tip"),
    habits=(Habit("emoji:none", 30, 12, 0.6, "common", LIFT, 0.4),),
    topics=(Habit("tags:4-6", 30, 12, 0.6, "reliable", LIFT, 0.01),),
)
NEW = library(
    shape("hook", "bullet", tier="reliable"),
    shape("hook", "step", lift=HIGH),
    shape("hook", "question"),
    habits=(Habit("emoji:none", 30, 12, 0.6, "avoided", LIFT, 0.01),),
    topics=(Habit("tags:4-6", 30, 12, 0.6, "reliable", LIFT, 0.01),),
)
WANT = {
    ("shape", "hook→bullet"): "rose",
    ("shape", "hook→step"): "rose",
    ("shape", "hook→question"): "new",
    ("shape", "hook→tip"): "gone",
    ("habit", "emoji:none"): "fell",
    ("topics", "tags:4-6"): "same",
}


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["templates", "diff", *words])
    return result.exit_code, result.stdout if result.exit_code == 0 else result.output


def test_what_rose_fell_came_and_went(tmp_path: Path) -> None:
    old, new = save_bodies(OLD, tmp_path / "a" / "bodies"), save_bodies(NEW, tmp_path / "b" / "bodies")
    changes = diff_contents(read_contents(old), read_contents(new))
    assert {(change.kind, change.name): change.verdict for change in changes} == WANT
    code, out = run(str(old), str(new), "--json")
    told = json.loads(out)
    assert code == 0 and told["kind"] == "template_diff"
    assert {(change["kind"], change["name"]): change["verdict"] for change in told["changes"]} == WANT
    rose = next(change for change in told["changes"] if change["name"] == "hook→bullet")
    assert (rose["before"]["tier"], rose["after"]["tier"]) == ("promising", "reliable")
    assert rose["after"]["lift"]["low"] == 1.2 and rose["after"]["n_notes"] == 20
    code, out = run(str(old), str(new))
    assert code == 0
    for word in ("rose", "fell", "new", "gone", "emoji list", "no emoji", "reliable 20 1.50"):
        assert word in out


def test_folders_are_compared_whole(tmp_path: Path) -> None:
    save_bodies(OLD, tmp_path / "a" / "bodies")
    save_bodies(NEW, tmp_path / "b" / "bodies")
    for side in ("a", "b"):
        (tmp_path / side / "titles").mkdir()
        text = (find_shipped_dir("templates") / "titles" / "shipped.toml").read_text(encoding="utf-8")
        (tmp_path / side / "titles" / "mined.toml").write_text(text, encoding="utf-8")
    changes = diff_contents(read_contents(tmp_path / "a"), read_contents(tmp_path / "b"))
    assert {change.verdict for change in changes if change.kind == "title"} == {"same"}
    assert {(c.kind, c.name): c.verdict for c in changes if c.kind != "title"} == WANT
    assert run(str(tmp_path / "a"), str(tmp_path / "a"))[0] == 0


def test_what_cannot_be_compared_is_said(tmp_path: Path) -> None:
    bodies = save_bodies(OLD, tmp_path)
    titles = find_shipped_dir("templates") / "titles" / "shipped.toml"
    code, out = run(str(bodies), str(titles))
    assert code == 3 and "titles and the other bodies" in out
    (tmp_path / "titles").mkdir()
    with pytest.raises(InputError, match="no library in this folder"):
        read_contents(tmp_path)
    (tmp_path / "odd.toml").write_text("shapes = [{roles = ['hok']}]", encoding="utf-8")
    with pytest.raises(InputError, match=r"odd\.toml"):
        read_contents(tmp_path / "odd.toml")


def test_a_library_of_bodies_comes_back_whole(tmp_path: Path) -> None:
    assert load_bodies(save_bodies(OLD, tmp_path)) == OLD
    shipped = load_bodies(find_shipped_dir("templates") / "bodies" / "shipped.toml")
    assert len(shipped.shapes) >= 10 and shipped.habits and shipped.tags.habits
    assert shipped.summary.n_bodies == sum(shipped.summary.sources.values())
    for one in shipped.shapes:
        assert sum(one.sources.values()) == one.support
        assert "2018-01-01" < one.published_first <= one.published_last < "2026-12-31"
        assert one.support >= 5 and one.n_authors >= 3


def test_only_what_is_reliable_suggests_a_structure() -> None:
    reliable = [
        shape(*roles, tier="reliable")
        for roles in (
            ("hook", "tip"), ("hook", "question", "context"), ("hook", "context"), ("hook", "step", "context"),
            ("hook", "bullet", "tip"),
        )
    ]  # fmt: skip
    assert suggest_structure([]) is None
    assert suggest_structure([replace(one, tier="promising") for one in reliable]) is None
    assert [suggest_structure([one]) for one in reliable] == [None, "qa", "diary", "steps", "list"]
    assert suggest_structure(reliable) == "qa"  # the first that shows one
