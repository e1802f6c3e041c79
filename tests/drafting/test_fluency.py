"""Fluency: weights that rank what people write above what only machines do, whatever the order of a set."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creator_kit.corpus import Note
from creator_kit.drafting.fluency import (
    MAX_SCORE,
    MIN_AUTHORS,
    MIN_COLLECTIONS,
    Fluency,
    fit_fluency,
    list_grams,
    load_fluency,
)
from creator_kit.persona import compare_voice, measure_voice


@given(st.text(max_size=40))
def test_a_score_is_bounded_and_only_depends_on_the_title(title: str) -> None:
    fluency = load_fluency()
    assert -MAX_SCORE <= fluency.score(title) <= MAX_SCORE
    assert fluency.score(title) == Fluency(dict(reversed(fluency.weights.items())), fluency.bias).score(title)


def test_grams_hide_which_digit_it_is() -> None:
    assert list_grams("3步就够") == list_grams("7步就够")


def test_what_one_author_or_one_collection_writes_gets_no_weight() -> None:
    rng = random.Random(0)
    real = [(f"红烧{rng.choice('鱼肉鸡鸭')}真香呀", f"a{n % 9}", f"c{n % 4}") for n in range(60)]
    made = [(f"红烧{rng.choice('鱼肉鸡鸭')}讲清楚", f"a{n % 9}", f"c{n % 4}") for n in range(60)]
    alone = [("独门秘笈", "a1", f"c{n % 4}") for n in range(MIN_COLLECTIONS + 3)]
    one_place = [("本站特供", f"a{n}", "c1") for n in range(MIN_AUTHORS + 3)]
    weights, bias = fit_fluency([*real, *alone, *one_place], made)
    assert not any("秘" in gram or "特供" in gram for gram in weights)
    fluency = Fluency(weights, bias)
    assert fluency.score("红烧鱼真香呀") > 0 > fluency.score("红烧鱼讲清楚")


def test_habits_move_the_odds_towards_the_author_and_three_notes_hardly() -> None:
    fluency = load_fluency()

    def odds(n: int) -> float:
        learned = measure_voice([Note(str(i), title="今天吃什么呀🔥") for i in range(n)])
        score = fluency.measure_habits(learned)
        assert score is not None
        return score("番茄牛腩🔥") - score("番茄牛腩")

    assert odds(60) > odds(3) > 0
    assert fluency.measure_habits(None) is None


def test_an_authors_own_note_lies_nearer_than_a_foreign_one() -> None:
    notes = [
        Note(str(i), title=f"周{i % 5}吃面", body="煮面。\n加蛋。\n开吃。", tags=("面", "晚饭")) for i in range(20)
    ]
    stats = measure_voice(notes)
    own = compare_voice(stats, title="周3吃面", body="煮面。\n加蛋。\n开吃。", n_tags=2)
    other = compare_voice(stats, title="谁懂啊！！姐妹们～🔥", body="说" * 400, n_tags=9)
    assert own.distance == 0 and other.distance > 0.5 and "title.emoji" in other.outside


@pytest.mark.parametrize("path", [Path(__file__).parents[2] / "templates" / "drafting" / "fluency.toml"])
def test_the_shipped_file_holds_grams_only(path: Path) -> None:
    assert path.stat().st_size < 100_000
    assert all(len(gram) <= 3 for gram in load_fluency().weights)
