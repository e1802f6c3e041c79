"""The forecast: same inputs same bytes, parts that add up, effects that go the way the profile says."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from creator_kit.errors import InputError
from creator_kit.exposure import NoteInput, RankingProfile, load_profile, simulate_note
from creator_kit.exposure.forecast import CHANNELS, OUTCOMES, Forecast
from creator_kit.exposure.mechanism import Replicates
from creator_kit.exposure.profile import Constants
from creator_kit.exposure.simulate import outcome_draws, simulate_replicates

# A setting in which every part of the mechanism has something to do.
BUSY = NoteInput(
    type="视频",
    followers=20_000,
    grade=6,
    hour=9,
    sponsored=True,
    quality=1.0,
    n_lint_hits=1,
    paid_impressions=500,
    title_quality=-1.0,
    cover_score=85.0,
)


PROFILES = {name: load_profile(name) for name in ("explore", "seed")}


def run(profile: RankingProfile, note: NoteInput, n: int = 800, seed: int = 3, days: int = 30) -> Replicates:
    return simulate_replicates(profile, note, n_replicates=n, horizon_days=days, seed=seed)


def test_the_same_inputs_give_the_same_bytes_and_another_seed_does_not(explore: RankingProfile) -> None:
    def bytes_of(seed: int) -> str:
        return json.dumps(asdict(simulate_note(explore, BUSY, n_replicates=500, seed=seed)), sort_keys=True)

    assert bytes_of(1) == bytes_of(1)
    assert bytes_of(1) != bytes_of(2)


def test_the_forecast_is_quantiles_and_chances_never_a_mean_or_a_p99(explore: RankingProfile) -> None:
    forecast = simulate_note(explore, NoteInput(type="图文"), n_replicates=1000, seed=1)
    assert tuple(forecast.quantiles) == OUTCOMES
    for q in (*forecast.quantiles.values(), *forecast.channels.values()):
        assert 0 <= q.p10 <= q.p50 <= q.p90
    chances = list(forecast.p_at_least.values())
    assert chances == sorted(chances, reverse=True) and 0 <= min(chances) <= max(chances) <= 1
    for name, q in forecast.channels.items():
        for n, chance in forecast.channel_p_at_least[name].items():
            assert (chance > 0.5) == (q.p50 >= n) or chance == 0.5
    assert forecast.channel_p_at_least["discover"][500] < forecast.p_at_least[500]
    assert set(forecast.channel_p_at_least["paid"].values()) == {0.0}
    assert not {"mean", "p99", "expected"} & set(json.dumps(asdict(forecast)).replace('"', " ").split())
    assert "explore" in forecast.basis and "not evidence about the platform" in forecast.basis
    assert len(forecast.band_hours) == 720 and set(forecast.band) == {"p10", "p50", "p90"}


@given(
    followers=st.integers(0, 300_000),
    grade=st.integers(0, 10),
    hour=st.integers(0, 23),
    quality=st.none() | st.floats(-3, 3),
    paid=st.integers(0, 5000),
    days=st.integers(1, 40),
    name=st.sampled_from(["explore", "seed"]),
)
@settings(max_examples=25, deadline=None)
def test_impressions_are_conserved(
    followers: int, grade: int, hour: int, quality: float | None, paid: int, days: int, name: str
) -> None:
    note = NoteInput(followers=followers, grade=grade, hour=hour, quality=quality, paid_impressions=paid)
    done = run(PROFILES[name], note, n=200, days=days)
    assert set(done.impressions) == set(CHANNELS)
    assert np.all(done.impressions["paid"] == paid)
    # The hourly curve ends at the sum of the channels and never falls.
    assert np.allclose(done.cumulative[:, -1], done.total, rtol=1e-4, atol=0.5)
    assert np.all(np.diff(done.cumulative, axis=1) >= -1e-3 * np.maximum(done.cumulative[:, 1:], 1))
    # Nobody reads what was not shown, nobody acts without reading.
    assert np.all(done.reads <= done.total)
    for count in done.actions.values():
        assert np.all((count >= 0) & (count <= done.reads))


@given(
    low=st.floats(-2.5, 2.5), step=st.floats(0.05, 2), seed=st.integers(0, 5), name=st.sampled_from(["explore", "seed"])
)
@example(low=1.0, step=0.3, seed=0, name="explore")  # falls where better notes are tried on more impressions
@settings(max_examples=20, deadline=None)
def test_more_quality_never_lowers_p50_nor_any_replicate(low: float, step: float, seed: int, name: str) -> None:
    worse, better = (
        outcome_draws(
            simulate_replicates(
                PROFILES[name], NoteInput(quality=q), n_replicates=1000, horizon_days=7, seed=seed, with_curve=False
            )
        )
        for q in (low, low + step)
    )
    for outcome in OUTCOMES:
        assert np.all(better[outcome] >= worse[outcome])
        assert np.median(better[outcome]) >= np.median(worse[outcome])


def test_grade_raises_exposure_where_the_profile_says_so_and_not_where_it_does_not(
    seed_profile: RankingProfile,
) -> None:
    off = seed_profile.with_constant("grade_weight", 1.0)
    p50 = [
        simulate_note(seed_profile, NoteInput(grade=grade), n_replicates=1500, seed=4).quantiles["impressions"].p50
        for grade in range(1, 11)
    ]
    assert p50 == sorted(p50) and p50[-1] / p50[0] == pytest.approx(1.3, rel=0.06)
    flat = {
        tuple(
            asdict(
                simulate_note(off, NoteInput(grade=grade), n_replicates=500, seed=4).quantiles["impressions"]
            ).values()
        )
        for grade in (1, 5, 10)
    }
    assert len(flat) == 1


@pytest.mark.parametrize("name", list(Constants.model_fields))
def test_every_constant_when_moved_changes_some_output(explore: RankingProfile, name: str) -> None:
    constant = getattr(explore.constants, name)
    low, high = constant.bounds
    if low == high:
        low, high = constant.default / 2, constant.default
    moved = [summary(run(explore.with_constant(name, value), BUSY, n=400)) for value in (low, high)]
    assert moved[0] != moved[1], name


def summary(done: Replicates) -> tuple[float, ...]:
    draws = outcome_draws(done)
    return (*(float(np.sum(values)) for values in draws.values()), float(done.cumulative[:, 48].sum()))


def test_the_audience_hours_shape_the_curve(explore: RankingProfile) -> None:
    night = run(explore, NoteInput(hour=3), n=400)
    evening = run(explore, NoteInput(hour=19), n=400)
    assert night.cumulative[:, 2].mean() < evening.cumulative[:, 2].mean()
    # Without followers the total does not depend on it: the model has no evidence for an hour effect.
    assert np.array_equal(night.total, evening.total)


def test_what_is_unknown_widens_the_interval(explore: RankingProfile) -> None:
    known = explore
    for name in Constants.model_fields:
        known = known.with_constant(name, getattr(explore.constants, name).default)
    known = known.with_constant("account_sd", 0.0)
    wide, narrow = (
        simulate_note(profile, NoteInput(), n_replicates=2000, seed=2).quantiles["impressions"]
        for profile in (explore, known)
    )
    assert np.log(wide.p90 / wide.p10) > 1.15 * np.log(narrow.p90 / narrow.p10)


def test_most_notes_stay_in_the_first_pool_as_the_threshold_was_tuned(explore: RankingProfile) -> None:
    forecast = simulate_note(explore, NoteInput(), n_replicates=4000, seed=1)
    assert 0.15 < forecast.p_pools[0] < 0.25
    assert list(forecast.p_pools) == sorted(forecast.p_pools, reverse=True)


def test_each_setting_goes_the_way_it_should(explore: RankingProfile) -> None:
    def p50(note: NoteInput) -> float:
        return float(np.median(run(explore, note, n=1500).total))

    base = NoteInput(type="图文")
    assert p50(replace(base, followers=50_000)) > p50(replace(base, followers=1000)) >= p50(base)
    assert p50(replace(base, n_lint_hits=1)) < p50(base)
    assert p50(replace(base, paid_impressions=1000)) == p50(base) + 1000
    assert run(explore, replace(base, sponsored=True)).total.sum() < run(explore, base).total.sum()
    assert np.median(run(explore, replace(base, type="视频")).reads) > np.median(run(explore, base).reads)


def test_followers_cannot_follow_again(explore: RankingProfile) -> None:
    only_followers = explore
    for name, value in (
        ("guarantee_base", 0.0),
        ("guarantee_content", 0.0),
        ("guarantee_author", 0.0),
        ("search_share", 0.0),
    ):
        only_followers = only_followers.with_constant(name, value)
    done = run(only_followers, NoteInput(followers=100_000))
    assert done.reads.sum() > 0 and done.actions["like"].sum() > 0
    assert done.actions["follow"].sum() == 0


def test_the_platform_sees_counts_and_never_latent_appeal(explore: RankingProfile) -> None:
    """With its evidence drowned in pseudo-counts, promotion cannot tell a brilliant note from a poor one."""
    blind = explore.with_constant("evidence_pseudo_impressions", 1e12).with_constant("content_estimate_validity", 0.0)
    good, poor = (run(blind, NoteInput(quality=q), n=600) for q in (3.0, -3.0))
    assert np.array_equal(good.n_promotions, poor.n_promotions)
    assert np.array_equal(good.impressions["discover"], poor.impressions["discover"])
    assert good.reads.sum() > poor.reads.sum()


@pytest.mark.parametrize(
    ("change", "field"),
    [({"followers": -1}, "followers"), ({"grade": 11}, "grade"), ({"hour": 24}, "hour"), ({"quality": 9.0}, "quality"),
     ({"quality": float("nan")}, "quality"), ({"paid_impressions": -5}, "paid_impressions")],
)  # fmt: skip
def test_impossible_settings_are_errors_that_name_the_field(change: dict[str, object], field: str) -> None:
    with pytest.raises(InputError) as caught:
        NoteInput(**change)  # type: ignore[arg-type]
    assert caught.value.where == field


def test_replicates_and_days_have_limits(explore: RankingProfile) -> None:
    with pytest.raises(InputError):
        simulate_note(explore, NoteInput(), n_replicates=0, seed=1)
    with pytest.raises(InputError):
        simulate_note(explore, NoteInput(), horizon_days=0, seed=1)


def test_the_hash_covers_every_input(explore: RankingProfile, seed_profile: RankingProfile) -> None:
    def hash_of(profile: RankingProfile = explore, note: NoteInput = NoteInput(), **kw: int) -> str:  # noqa: B008
        forecast: Forecast = simulate_note(profile, note, **{"n_replicates": 100, "horizon_days": 2, "seed": 1} | kw)
        return forecast.inputs_hash

    hashes = [
        hash_of(), hash_of(seed_profile), hash_of(note=NoteInput(grade=3)), hash_of(seed=2), hash_of(n_replicates=101),
        hash_of(horizon_days=3), hash_of(explore.with_constant("open_rate", 0.1)),
    ]  # fmt: skip
    assert len(set(hashes)) == len(hashes) and hash_of() == hashes[0]
