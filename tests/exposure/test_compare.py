"""What-ifs and sensitivity: no more is claimed than common random numbers can tell."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic_accounts import make_account

from creator_kit.errors import UsageError
from creator_kit.exposure import NoteInput, RankingProfile, fit_profile
from creator_kit.exposure.compare import (
    compare_notes,
    describe_cost,
    describe_difference,
    parse_price,
    parse_scenario,
    rank_unknowns,
)
from creator_kit.exposure.profile import Constants

BASE = NoteInput(type="图文", followers=1000, grade=1)


def test_a_note_against_itself_and_another_hour_without_followers_tell_nothing(explore: RankingProfile) -> None:
    for scenario in (BASE, parse_scenario("hour=21", NoteInput())):
        base = NoteInput() if scenario is not BASE else BASE
        difference = compare_notes(explore, base, scenario, n_replicates=500, seed=1)
        assert not difference.is_told and difference.p_more == 0
        assert describe_difference(difference) == "no difference can be told"


def test_a_change_that_the_model_is_sure_of_is_told_with_its_interval(explore: RankingProfile) -> None:
    difference = compare_notes(explore, BASE, parse_scenario("paid=3000", BASE), n_replicates=500, seed=1)
    assert difference.is_told and difference.p_more == 1
    assert difference.scenario_p50 == difference.base_p50 + 3000
    assert "under this model" in describe_difference(difference)


def test_the_claimed_grade_effect_stays_inside_the_claim(explore: RankingProfile) -> None:
    difference = compare_notes(explore, BASE, parse_scenario("grade=10", BASE), n_replicates=2000, seed=1)
    assert 1 + difference.change.p10 > 0.95 and 1 + difference.change.p50 < 1.3


def test_a_title_or_a_cover_tells_no_more_than_its_score_is_worth(explore: RankingProfile) -> None:
    base = NoteInput(type="图文", followers=300)
    unread = compare_notes(explore, base, parse_scenario("title=换个说法", base), n_replicates=500, seed=1)
    assert not unread.is_told and unread.p_more == 0
    rated = parse_scenario("title=换个说法", base, lambda _title: 2.0)
    for better in (rated, parse_scenario("cover=95", base)):
        told = compare_notes(explore, base, better, outcome="reads", n_replicates=2000, seed=1)
        assert 1.0 <= told.scenario_p50 / told.base_p50 < 1.35
    # Who scores low is not helped.
    worse = compare_notes(explore, base, parse_scenario("cover=20", base), outcome="reads", n_replicates=2000, seed=1)
    assert worse.scenario_p50 <= worse.base_p50


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("grade=10, followers=5000", {"grade": 10, "followers": 5000}),
        ("paid=2000", {"paid_impressions": 2000}),
        ("sponsored=yes,type=视频", {"sponsored": True, "type": "视频"}),
        ("sponsored=否", {"sponsored": False}),
        ("quality=-1.5", {"quality": -1.5}),
        ("cover=80", {"cover_score": 80.0}),
        ("hour=20,title=三天两晚, 带什么", {"hour": 20, "title_quality": 1.0}),
    ],
)
def test_scenarios_change_what_they_name(text: str, expected: dict[str, object]) -> None:
    changed = parse_scenario(text, BASE, lambda title: 1.0 if title == "三天两晚, 带什么" else None)
    for field, value in expected.items():
        assert getattr(changed, field) == value


@pytest.mark.parametrize(
    "text",
    [
        "huor=20",
        "hour=late",
        "sponsored=maybe",
        "type=直播",
        "",
        "hour",
        "paid=100,price=free",
        "price=-1",
        "title=",
        "cover=good",
    ],
)
def test_a_scenario_that_makes_no_sense_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_scenario(text, BASE)
    assert caught.value.exit_code == 2


def test_the_unknowns_are_ranked_by_what_they_do_to_the_answer(explore: RankingProfile) -> None:
    ranked = rank_unknowns(explore, BASE, n_replicates=250, horizon_days=10, seed=1)
    swings = [item.swing for item in ranked]
    assert swings == sorted(swings, reverse=True)
    names = [item.name for item in ranked]
    # The threshold of promotion decides P90; it cannot come behind the rate of hides.
    assert names.index("promotion_threshold") < 5 < names.index("hide_rate")
    assert "covers_in_view" not in names  # it has no range, so it is not an unknown


def test_a_boost_is_priced_by_the_reads_it_brings(explore: RankingProfile) -> None:
    text = "paid=5000,price=300"
    assert parse_price(text) == 300 and parse_price("hour=3") is None
    difference = compare_notes(explore, BASE, parse_scenario(text, BASE), n_replicates=500, seed=1)
    assert 50 < difference.extra_reads.p10 < difference.extra_reads.p90 < 5000
    least = 300 / difference.extra_reads.p90
    assert f"{least:.2f} to" in describe_cost(difference, 300)
    nothing = compare_notes(explore, BASE, BASE, n_replicates=500, seed=1)
    assert "may bring none" in describe_cost(nothing, 300)


def test_with_own_results_only_what_they_leave_open_is_an_unknown(explore: RankingProfile) -> None:
    for name in Constants.model_fields:
        if name not in ("guarantee_base", "pool_growth", "search_share", "open_rate"):
            explore = explore.with_constant(name, getattr(explore.constants, name).default)
    notes = make_account(n=60, rng=np.random.default_rng(4), level=8.5)
    fitted = fit_profile(explore, notes, followers=BASE.followers, grade=BASE.grade)
    plain = {item.name: item.swing for item in rank_unknowns(explore, BASE, n_replicates=400, horizon_days=30, seed=1)}
    own = {item.name: item for item in rank_unknowns(fitted, BASE, n_replicates=400, horizon_days=30, seed=1)}
    # The guarantee sets the level where nothing else is known; sixty notes know it better.
    assert own["guarantee_base"].swing < 0.3 * plain["guarantee_base"]
    assert sum(item.swing for item in own.values()) < 0.5 * sum(plain.values())
    # And the table stands at the account's level, not at the profile's.
    assert 0.5 < own["guarantee_base"].p50_at_low / np.exp(8.5) < 2


def test_a_median_over_both_types_says_so(explore: RankingProfile) -> None:
    notes = make_account(n=60, rng=np.random.default_rng(5), video_share=0.4)
    fitted = fit_profile(explore, notes)
    assert fitted.method("图文") in ("median", "last5")
    assert "both types" in fitted.describe("图文")
