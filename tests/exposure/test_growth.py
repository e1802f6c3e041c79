"""Growth between exports: what is read from the store, and whether the half-life behind it is found again."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest
from synthetic_accounts import make_account

from creator_kit.clock import BEIJING
from creator_kit.corpus.merging import Observation
from creator_kit.corpus.note import Note
from creator_kit.corpus.reading import ReadOptions
from creator_kit.corpus.store import import_export, iter_histories, render_record
from creator_kit.exposure import RankingProfile, fit_profile
from creator_kit.exposure.growth import NAME, Growth, GrowthModel, collect_growth
from creator_kit.exposure.mechanism import NoteSetting, run_curve
from creator_kit.exposure.sampling import Streams
from creator_kit.workspace import init_workspace

POSTED = datetime(2026, 11, 1, 20, tzinfo=BEIJING)


def seen(hours: float, impressions: int | None, *, timed: bool = True, posted: datetime | None = POSTED) -> Observation:
    at = (POSTED + timedelta(hours=hours)).isoformat()
    note = Note(
        note_id="0" * 16,
        type="图文",
        published_at=posted.isoformat() if posted else None,
        observed_at=at if timed else None,
        impressions=impressions,
    )
    return Observation(at, note)


def grown_notes(profile: RankingProfile, half_life_hours: float, n: int, seed: int) -> list[Growth]:
    """Notes of the mechanism itself, all else drawn from ``profile``, seen after one, three and seven days."""
    note = NoteSetting(False, 0, 0, 12, False, None, 0, 0)
    curve = run_curve(profile.with_constant(NAME, half_life_hours), note, Streams(seed, n), n_hours=720)
    ages = (24, 72, 168)
    return [Growth(ages, tuple(float(row[a - 1]) for a in ages), 12, False) for row in curve]


@pytest.fixture(scope="module")
def model(explore: RankingProfile) -> GrowthModel:
    return GrowthModel(explore)


def test_two_exports_of_a_note_are_one_growth() -> None:
    assert collect_growth([[seen(20, 300), seen(100, 900)]]) == [Growth((20, 100), (300.0, 900.0), 20, False)]


@pytest.mark.parametrize(
    "history",
    [
        [seen(20, 300)],
        [seen(20, 300), seen(60, 200)],
        [seen(20, None), seen(60, 200)],
        [seen(20, 0), seen(60, 200)],
        [seen(20, 300, timed=False), seen(60, 400)],
        [seen(-5, 300), seen(60, 400)],
        [seen(20, 300), seen(2000, 400)],
        [seen(20, 300, posted=None), seen(60, 400, posted=None)],
        [],
    ],
)
def test_what_tells_of_no_growth_is_passed_over(history: list[Observation]) -> None:
    assert collect_growth([history]) == []


def test_an_hourly_series_is_thinned_to_a_few_ages_over_its_span() -> None:
    (growth,) = collect_growth([[seen(h, 100 + 10 * h) for h in range(1, 200)]])
    assert len(growth.age_hours) == 4 and growth.age_hours[0] == 1 and growth.age_hours[-1] == 199


def test_the_half_life_is_recovered_as_far_as_notes_tell(model: GrowthModel, explore: RankingProfile) -> None:
    middles = [model.quantiles(grown_notes(explore, hours, 300, 7), [0.5])[0] for hours in (13.0, 30.0, 65.0)]
    assert middles[0] < middles[1] < middles[2]
    low, high = model.quantiles(grown_notes(explore, 13.0, 300, 7), [0.05, 0.95])
    assert high < 40 and low < 14


def test_the_posterior_of_the_half_life_is_calibrated(model: GrowthModel, explore: RankingProfile) -> None:
    """Simulation-based calibration: the truth's place in its posterior is uniform (χ² on five bins, 99.9 % point), and
    as far from the middle as uniform numbers are: 1/12, sd 0.0096 for 60; a posterior too narrow lies above, too wide
    below."""
    rng = np.random.default_rng(1)
    levels = []
    for k in range(60):
        truth = float(model.constant.draw(np.array([rng.random()]))[0])
        levels.append(model.level_of(grown_notes(explore, truth, 120, 100 + k), truth))
    counts = np.histogram(levels, bins=5, range=(0, 1))[0]
    assert ((counts - 12) ** 2 / 12).sum() < 18.5
    assert ((np.array(levels) - 0.5) ** 2).mean() == pytest.approx(1 / 12, abs=0.032)


def test_few_grown_notes_leave_the_profiles_range_and_say_so(explore: RankingProfile) -> None:
    notes = make_account(n=20, rng=np.random.default_rng(2))
    few = fit_profile(explore, notes, grown=grown_notes(explore, 20.0, 3, 1))
    assert few.half_life is None and few.profile == explore
    assert "3" in few.describe("图文")
    some = fit_profile(explore, notes, grown=grown_notes(explore, 20.0, 60, 1))
    own = some.profile.constants.promotion_half_life_hours
    before = explore.constants.promotion_half_life_hours
    assert some.half_life is not None and "60" in some.describe("图文")
    assert before.bounds[0] <= own.bounds[0] < own.default < own.bounds[1] <= before.bounds[1]
    assert own.bounds != before.bounds


def test_earlier_exports_kept_by_the_store_reach_the_fit(tmp_path: Path) -> None:
    workspace = init_workspace(tmp_path / "w")
    for day in (2, 6):
        lines = []
        for k in range(6):
            posted = POSTED + timedelta(hours=k)
            note = Note(
                note_id=f"{k:016x}",
                title=f"第{k}篇",
                type="图文",
                published_at=posted.isoformat(),
                observed_at=(POSTED + timedelta(days=day)).isoformat(),
                impressions=100 * day + k,
                views=10 * day,
            )
            lines.append(msgspec.json.encode(render_record(note)))
        path = tmp_path / f"export{day}.jsonl"
        path.write_bytes(b"\n".join(lines) + b"\n")
        import_export(
            workspace, path, ReadOptions(hash_key=workspace.hash_key), now=POSTED + timedelta(days=9), own=True
        )
    grown = collect_growth(iter_histories(workspace, own=True))
    assert len(grown) == 6
    assert grown[0].impressions == (200.0, 600.0) and grown[0].age_hours == (48, 144)
    workspace.close()
