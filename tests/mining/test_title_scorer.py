"""A saved scorer comes back the same and scores as the model that it was fitted as."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest
from planted import make_notes, plant_titles
from test_scorer import FakeHeat

from creator_kit.errors import InputError
from creator_kit.mining.scorer import HeldOut, ScorerCard
from creator_kit.mining.title_scorer import FILE, TitleScorer, fit_title_scorer, load_scorer, save_scorer

CARD = ScorerCard(300, 60, HeldOut(0.5, 0.8), HeldOut(0.4, 0.7), HeldOut(0.0, 0.5), 0.05, 0.15)


@pytest.fixture(scope="module")
def fitted() -> tuple[TitleScorer, list[str], list[float]]:
    rng = np.random.default_rng(33)
    planted = plant_titles(300, rng)
    notes = make_notes([p.title for p in planted], [int(a) for a in rng.integers(0, 60, 300)])
    ranks = [min(0.98, 0.55 * rng.random() + 0.43 * (p.template % 3 == 0)) for p in planted]
    scorer = fit_title_scorer(notes, [FakeHeat(rank) for rank in ranks], CARD, today="2026-11-24")
    return scorer, [p.title for p in planted], ranks


def test_a_saved_scorer_comes_back_with_its_card(
    fitted: tuple[TitleScorer, list[str], list[float]], tmp_path: Path
) -> None:
    scorer, titles, _ranks = fitted
    path = save_scorer(scorer, tmp_path)
    first = path.read_bytes()
    back = load_scorer(tmp_path)
    assert back is not None
    assert back == scorer and back.card == CARD and back.is_useful and back.fitted_on == "2026-11-24"
    assert back.score_titles(titles[:30]) == scorer.score_titles(titles[:30])
    assert save_scorer(back, tmp_path).read_bytes() == first
    assert load_scorer(None) is None
    (tmp_path / FILE).write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match="title scorer"):
        load_scorer(tmp_path)


def test_scores_without_sklearn_are_those_of_the_fit(fitted: tuple[TitleScorer, list[str], list[float]]) -> None:
    scorer, titles, ranks = fitted
    scores = np.array(scorer.score_titles(titles))
    # Mean and spread were taken from scikit-learn's own predictions.
    assert scores.mean() == pytest.approx(scorer.middle, abs=1e-4)
    assert scores.std() == pytest.approx(scorer.spread, abs=1e-4)
    assert np.corrcoef(scores, ranks)[0, 1] > 0.5
    assert scorer.score_titles([]) == []
    assert all(-2 <= scorer.standardise(title) <= 2 for title in ["", "😀", "abc", "长" * 2000, *titles[:5]])


def test_drafting_hears_a_useful_scorer_only(
    fitted: tuple[TitleScorer, list[str], list[float]], tmp_path: Path
) -> None:
    from creator_kit.drafting.drafter import Drafter
    from creator_kit.mining import load_library
    from creator_kit.persona import load_persona

    scorer, titles, _ranks = fitted
    persona, library = load_persona("blank"), load_library()
    plain = Drafter(persona, library, user_root=tmp_path)
    assert plain.heat is None
    before = plain.inputs_digest
    save_scorer(scorer, tmp_path)
    heard = Drafter(persona, library, user_root=tmp_path)
    assert heard.heat is not None and heard.heat(titles[0]) == scorer.standardise(titles[0])
    assert heard.inputs_digest != before
    useless = msgspec.structs.replace(scorer, card=None)
    save_scorer(useless, tmp_path)
    assert Drafter(persona, library, user_root=tmp_path).heat is None
