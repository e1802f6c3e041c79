"""Habits of covers: a planted one is found, chance is not, and no data says so."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
from typer.testing import CliRunner

from creator_kit.cli.app import app
from creator_kit.corpus.cover_measures import CoverMeasures
from creator_kit.corpus.heat import compute_heat
from creator_kit.corpus.note import Note
from creator_kit.mining.covers import describe_covers, list_habits, mine_cover_habits
from creator_kit.workspace import init_workspace


def cover(rng: np.random.Generator, *, text_rate: float) -> CoverMeasures:
    return CoverMeasures(
        1080, 1440, round(float(rng.uniform(0.1, 0.9)), 2), 0.2, round(float(rng.uniform(0.05, 0.6)), 2),
        float(rng.choice([0.7, 0.95])), (("#ffffff", 1.0),), {str(rng.choice(["white", "red", "blue"])): 0.9},
        text_rate, (0.8, 0.1, 0.1), (1, 1),
    )  # fmt: skip


def corpus(seed: int, effect: float) -> tuple[list[Note], dict[str, CoverMeasures]]:
    """40 authors of 20 notes; covers with much text gain ``effect`` on the logarithm of the likes."""
    rng = np.random.default_rng(seed)
    notes, measures = [], {}
    for a in range(40):
        reach = rng.normal(5, 1.5)
        for k in range(20):
            much = bool(rng.random() < 0.3)
            likes = int(np.exp(reach + rng.normal(0, 1) + effect * much))
            one = f"{a:08x}{k:08x}"
            notes.append(
                Note(one, f"{a:016x}", type="图文", likes=likes, collects=0, comments=0, published_at="2025-01-01")
            )
            measures[one] = cover(rng, text_rate=0.3 if much else 0.05)
    return notes, measures


def tiers(seed: int, effect: float) -> dict[str, str]:
    notes, measures = corpus(seed, effect)
    reading = mine_cover_habits(notes, compute_heat(notes), measures)
    assert reading.n_measured == reading.n_compared == 800
    return {one.habit: one.tier for one in reading.habits}


def test_a_planted_habit_is_reliable_and_chance_is_not() -> None:
    found = tiers(1, 1.2)
    assert found["text:much"] == "reliable"
    assert found["text:some"] == "avoided"
    others = {habit: tier for habit, tier in found.items() if not habit.startswith("text:")}
    assert sum(tier in ("reliable", "avoided") for tier in others.values()) <= 1
    n_false = sum(tier in ("reliable", "avoided") for seed in range(2, 10) for tier in tiers(seed, 0.0).values())
    assert n_false <= 3


def test_a_confounded_habit_is_not_credited_to_the_cover() -> None:
    """Authors with much reach like text; within an author it changes nothing."""
    rng = np.random.default_rng(5)
    notes, measures = [], {}
    for a in range(40):
        famous = a % 2 == 0
        for k in range(20):
            much = bool(rng.random() < (0.8 if famous else 0.1))
            likes = int(np.exp((8 if famous else 3) + rng.normal(0, 1)))
            one = f"{a:08x}{k:08x}"
            notes.append(Note(one, f"{a:016x}", likes=likes, collects=0, comments=0, published_at="2025-01-01"))
            measures[one] = cover(rng, text_rate=0.3 if much else 0.05)
    found = {one.habit: one for one in mine_cover_habits(notes, compute_heat(notes), measures).habits}
    assert found["text:much"].tier == "common"
    assert found["text:much"].lift is not None
    assert found["text:much"].lift.against == "author"


def test_habits_of_the_same_covers_are_not_told_apart() -> None:
    notes, measures = corpus(1, 1.2)
    bright = {
        one: msgspec.structs.replace(cover, brightness=0.9 if cover.text_rate > 0.2 else 0.1)
        for one, cover in measures.items()
    }
    reading = mine_cover_habits(notes, compute_heat(notes), bright)
    assert ("light:bright", "text:much") in reading.inseparable
    assert any("tells them apart" in line and "much text" in line for line in describe_covers(reading))
    assert mine_cover_habits(notes, compute_heat(notes), measures).inseparable == ()


def test_order_does_not_matter() -> None:
    notes, measures = corpus(3, 0.5)
    back = list(reversed(notes))
    assert mine_cover_habits(notes, compute_heat(notes), measures) == mine_cover_habits(
        back, compute_heat(back), measures
    )


def test_only_measured_covers_are_compared_and_few_say_nothing() -> None:
    notes, measures = corpus(4, 0.5)
    few = dict(list(measures.items())[:4])
    reading = mine_cover_habits(notes, compute_heat(notes), few)
    assert (reading.n_measured, reading.habits) == (4, ())
    assert any("faces" in line for line in describe_covers(reading))
    assert "--images" in describe_covers(mine_cover_habits(notes, compute_heat(notes), {}))[0]


def test_each_cover_has_one_habit_of_a_family() -> None:
    rng = np.random.default_rng(0)
    for _n in range(50):
        families = [habit.split(":")[0] for habit in list_habits(cover(rng, text_rate=float(rng.random())))]
        assert len(families) == len(set(families))


def test_faces_are_a_habit_where_they_were_looked_for() -> None:
    notes, measures = corpus(6, 1.5)
    seen = {
        one: msgspec.structs.replace(cover, n_faces=int(cover.text_rate > 0.1) * (1 + n % 2))
        for n, (one, cover) in enumerate(measures.items())
    }
    reading = mine_cover_habits(notes, compute_heat(notes), seen)
    tier = {one.habit: one.tier for one in reading.habits}
    assert (tier["faces:one"], tier["faces:several"], tier["faces:none"]) == ("reliable", "reliable", "avoided")
    assert any("seen from the front" in line for line in describe_covers(reading))
    without = mine_cover_habits(notes, compute_heat(notes), measures)
    assert not any(one.habit.startswith("faces") for one in without.habits)
    assert any("creator-kit[faces]" in line for line in describe_covers(without))


def test_the_command_says_that_nothing_was_measured(tmp_path: Path) -> None:
    init_workspace(tmp_path).close()
    result = CliRunner().invoke(app, ["mine", "--covers", "--json", "-w", str(tmp_path)])
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert (document["kind"], document["n_measured"], document["habits"]) == ("cover_habits", 0, [])
    assert "--images" in document["sentences"][0]


def test_permuted_heat_gives_any_reliable_habit_in_at_most_5_of_100_runs() -> None:
    notes, measures = corpus(7, 1.0)
    notes = notes[:400]
    heats = compute_heat(notes)
    rng = np.random.default_rng(8)
    n_found = 0
    for _ in range(200):
        order = np.concatenate([rng.permutation(20) + 20 * a for a in range(20)])  # within authors, as compared
        permuted = [replace(heat, rank=heats[drawn].rank) for heat, drawn in zip(heats, order, strict=True)]
        found = mine_cover_habits(notes, permuted, measures).habits
        n_found += any(one.tier in ("reliable", "avoided") for one in found)
    assert n_found <= 10, n_found
