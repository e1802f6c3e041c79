"""The scorer is believed only where it beats n-grams on authors it has not seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from planted import make_notes, plant_titles

from creator_kit.mining.scorer import evaluate_scorer
from creator_kit.mining.wording import describe_scorer


@dataclass(frozen=True)
class FakeHeat:
    rank: float | None
    basis: str = "source"
    from_hot_list: bool = False
    age_band: int = 2


def test_titles_that_say_nothing_give_no_useful_scorer() -> None:
    rng = np.random.default_rng(31)
    planted = plant_titles(400, rng)
    notes = make_notes([p.title for p in planted], [int(a) for a in rng.integers(0, 80, 400)])
    heats = [FakeHeat(float(r)) for r in rng.random(400)]
    card = evaluate_scorer(notes, heats, np.random.default_rng(0))
    assert card is not None
    assert not card.is_useful
    assert abs(card.ours.spearman) < 0.2
    assert any("rank drafts without it" in line for line in describe_scorer(card))


def test_titles_that_say_much_are_heard_and_order_does_not_matter() -> None:
    rng = np.random.default_rng(32)
    planted = plant_titles(500, rng)
    notes = make_notes([p.title for p in planted], [int(a) for a in rng.integers(0, 100, 500)])
    heats = [FakeHeat(min(0.98, 0.55 * rng.random() + 0.43 * (p.template % 3 == 0))) for p in planted]
    card = evaluate_scorer(notes, heats, np.random.default_rng(0))
    assert card is not None
    assert card.ours.spearman > 0.4 and card.ours.auc > 0.7
    assert abs(card.author_median.spearman) < 0.3
    order = rng.permutation(500)
    assert evaluate_scorer([notes[i] for i in order], [heats[i] for i in order], np.random.default_rng(0)) == card


def test_too_little_gives_no_card() -> None:
    notes = make_notes(["好好吃饭"] * 50, list(range(50)))
    assert evaluate_scorer(notes, [FakeHeat(i / 50) for i in range(50)], np.random.default_rng(0)) is None
    assert evaluate_scorer([], [], np.random.default_rng(0)) is None
    assert describe_scorer(None)
