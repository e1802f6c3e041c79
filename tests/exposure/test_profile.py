"""Profiles: what ships is complete and sourced; what is wrong is named by file and field."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.errors import InputError
from creator_kit.exposure import RankingProfile, list_profiles, load_profile
from creator_kit.exposure.profile import Amount, Constants, MarketConstants

TEMPLATE = 'id = "mine"\nextends = "explore"\nzh = "我的"\nen = "mine"\n'


def write(folder: Path, text: str, name: str = "mine") -> Path:
    path = folder / "templates" / "ranking" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_two_profiles_ship_and_every_constant_says_where_it_comes_from() -> None:
    assert {"explore", "seed"} <= set(list_profiles())
    for name in ("explore", "seed"):
        profile = load_profile(name)
        every = [(key, getattr(profile.constants, key)) for key in Constants.model_fields]
        every += [(key, getattr(profile.market, key)) for key in MarketConstants.model_fields]
        for key, constant in every:
            assert constant.source and constant.zh and constant.en, key
            assert any("一" <= char <= "鿿" for char in constant.zh), key
        assert profile.constants.grade_weight.confidence == "SEED"


def test_explore_draws_the_grade_effect_between_none_and_the_claim_and_seed_takes_the_claim() -> None:
    assert load_profile("explore").constants.grade_weight.bounds == (1.0, 1.3)
    assert load_profile("seed").constants.grade_weight.bounds == (1.3, 1.3)
    assert load_profile("seed").constants.covers_in_view.default == 1


def test_a_user_profile_needs_only_what_differs_and_comes_before_the_shipped_one(tmp_path: Path) -> None:
    write(tmp_path, TEMPLATE + "[constants.open_rate]\ndefault = 0.1\n")
    mine = load_profile("mine", tmp_path)
    assert mine.constants.open_rate.default == 0.1
    assert mine.constants.open_rate.high == load_profile("explore").constants.open_rate.high
    # A user's "explore" that extends "explore" builds on the shipped one, not on itself.
    write(
        tmp_path, TEMPLATE.replace('"mine"\ne', '"explore"\ne') + "[constants.open_rate]\ndefault = 0.11\n", "explore"
    )
    assert load_profile("explore", tmp_path).constants.open_rate.default == 0.11


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[constants.like_weight]\ndefault = -1.0\n", "constants.like_weight"),
        ("[market.template_fatigue]\ndefault = -0.1\n", "market.template_fatigue"),
        ("[market.exploration_share]\ndefault = 1.2\n", "market.exploration_share"),
        ("[market.visits_per_day]\ndefault = nan\n", "market.visits_per_day.default"),
        ("[market.visit_per_day]\ndefault = 2.0\n", "visits_per_day"),
        ("[constants.like_weight]\ndefault = nan\n", "constants.like_weight.default"),
        ("[constants.like_weight]\ndefault = inf\n", "constants.like_weight.default"),
        ("[constants.open_rate]\ndefault = 1.2\nhigh = 1.3\n", "constants.open_rate"),
        ("[constants.open_rate]\nlow = 0.3\nhigh = 0.1\n", "constants.open_rate"),
        ("[constants.open_rate]\ndefault = 0.5\n", "constants.open_rate"),
        ("[constants.search_sd]\nlow = 0.0\n", "constants.search_sd"),
        ('[constants.open_rate]\nconfidence = "SURE"\n', "constants.open_rate.confidence"),
        ("[constants.open_rat]\ndefault = 0.1\n", "did you mean 'open_rate'"),
        ("[audience_hours]\nshares = [1.0, 2.0]\n", "audience_hours"),
        ("[audience_hours]\nshares = [" + "1.0, " * 23 + "-1.0]\n", "audience_hours"),
        ("weights = 3\n", "weights"),
    ],
)
def test_what_is_wrong_is_named_by_file_and_field(tmp_path: Path, text: str, expected: str) -> None:
    path = write(tmp_path, TEMPLATE + text)
    with pytest.raises(InputError) as caught:
        load_profile("mine", tmp_path)
    assert str(path) in str(caught.value)
    assert expected in str(caught.value)


def test_a_profile_of_its_own_must_have_every_weight(tmp_path: Path) -> None:
    path = write(tmp_path, TEMPLATE.replace('extends = "explore"\n', "") + "[constants]\n")
    with pytest.raises(InputError) as caught:
        load_profile(str(path))
    assert "constants.like_weight: this key is missing" in str(caught.value)
    assert "audience_hours: this key is missing" in str(caught.value)


def test_unknown_names_and_circles_are_errors(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="explore"):
        load_profile("exlpore")
    write(tmp_path, TEMPLATE.replace('extends = "explore"', 'extends = "other"'))
    write(tmp_path, TEMPLATE.replace('extends = "explore"', 'extends = "mine"'), "other")
    with pytest.raises(InputError, match="circle"):
        load_profile("mine", tmp_path)
    with pytest.raises(InputError, match=r"nowhere\.toml"):
        load_profile("nowhere.toml")


@given(
    low=st.floats(0.01, 10),
    width=st.floats(0.01, 10),
    place=st.floats(0, 1),
    kind=st.sampled_from(["uniform", "log-uniform", "triangular", "log-triangular"]),
)
@settings(max_examples=60, deadline=None)
def test_draws_stay_in_their_range_and_rise_with_their_level(low: float, width: float, place: float, kind: str) -> None:
    constant = Amount.model_validate(
        {
            "default": low + place * width, "low": low, "high": low + width, "distribution": kind,
            "unit": "x", "source": "test", "confidence": "JUDGE", "zh": "测", "en": "t",
        }
    )  # fmt: skip
    drawn = constant.draw(np.linspace(0, 1, 101))
    assert np.all(np.diff(drawn) >= -1e-9)
    assert drawn.min() >= low * (1 - 1e-9) and drawn.max() <= (low + width) * (1 + 1e-9)


def test_a_constant_that_is_known_is_drawn_as_known(explore: RankingProfile) -> None:
    known = explore.with_constant("open_rate", 0.1)
    assert set(known.constants.open_rate.draw(np.linspace(0, 1, 5))) == {0.1}
    assert known.constants.like_rate == explore.constants.like_rate
