"""The ledger: written once before posting, settled by the next sheet, never improved afterwards."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from pathlib import Path

import msgspec
import pytest

from creator_kit.clock import BEIJING
from creator_kit.corpus.note import Note
from creator_kit.exposure import NoteInput, RankingProfile, simulate_note
from creator_kit.exposure.ledger import forecast_document, record_forecast, settle_ledger
from creator_kit.workspace import init_workspace

MADE = datetime(2026, 11, 24, 12, tzinfo=BEIJING)
RESULT = Note(note_id="a" * 16, title="露营清单", published_at="2026-11-25T09:00:00+08:00", impressions=700, views=80)


def test_a_forecast_is_kept_as_it_was(explore: RankingProfile, tmp_path: Path) -> None:
    with init_workspace(tmp_path) as workspace:
        forecast = simulate_note(explore, NoteInput(), n_replicates=200, seed=1)
        first = record_forecast(workspace, forecast, draft_id="d1", title="露营清单", made_at=MADE)
        again = record_forecast(workspace, forecast, draft_id="d1", title="改过的标题", made_at=MADE.replace(year=2030))
        assert first == again and len(workspace.list_forecasts()) == 1
        kept = json.loads(workspace.list_forecasts()[0])
        assert kept["title"] == "露营清单" and kept["made_at"].startswith("2026-11-24")
        record_forecast(
            workspace,
            simulate_note(explore, NoteInput(), n_replicates=200, seed=2),
            draft_id="d1",
            title="露营清单",
            made_at=MADE,
        )
        assert len(workspace.list_forecasts()) == 2


def test_a_forecast_can_be_neither_edited_nor_taken_back(explore: RankingProfile, tmp_path: Path) -> None:
    with init_workspace(tmp_path) as workspace:
        forecast = simulate_note(explore, NoteInput(), n_replicates=200, seed=1)
        record_forecast(workspace, forecast, draft_id="d1", title="露营清单", made_at=MADE)
        before = workspace.list_forecasts()
        for statement in ("UPDATE forecasts SET made_at = '2030'", "DELETE FROM forecasts"):
            with pytest.raises(sqlite3.DatabaseError, match="stays as it is"):
                workspace.db.execute(statement)
        assert workspace.list_forecasts() == before


def document(explore: RankingProfile, *, draft_id: str, title: str, made_at: str, seed: int = 1) -> str:
    forecast = simulate_note(explore, NoteInput(), n_replicates=200, seed=seed)
    return json.dumps(
        {"draft_id": draft_id, "title": title, "made_at": made_at, "forecast": forecast_document(forecast)}
    )


def test_the_next_sheet_settles_it(explore: RankingProfile) -> None:
    made = "2026-11-24T12:00:00+08:00"
    open_one = document(explore, draft_id="d2", title="还没发", made_at=made)
    report = settle_ledger([document(explore, draft_id="d1", title="露营清单", made_at=made), open_one], [RESULT])
    assert [s.draft_id for s in report.settled] == ["d1"] and report.n_open == 1
    settled = report.settled[0]
    assert settled.impressions == 700 and settled.is_inside == (settled.p10 <= 700 <= settled.p90)
    assert report.coverage_low is not None and report.coverage_low < 1.0


def test_a_forecast_made_after_posting_never_counts(explore: RankingProfile) -> None:
    late = document(explore, draft_id="d1", title="露营清单", made_at="2026-11-26T12:00:00+08:00")
    assert settle_ledger([late], [RESULT]).settled == ()
    assert settle_ledger([], [RESULT]).coverage is None


def test_of_several_forecasts_the_last_before_posting_counts(explore: RankingProfile) -> None:
    documents = [
        document(explore, draft_id="d1", title="露营清单", made_at=f"2026-11-{day}T12:00:00+08:00", seed=day)
        for day in (22, 24, 23, 26)
    ]
    report = settle_ledger(documents, [RESULT])
    assert [s.made_at[:10] for s in report.settled] == ["2026-11-24"] and report.n_open == 0
    unsettled = msgspec.structs.replace(RESULT, impressions=0)
    assert settle_ledger(documents, [unsettled]).settled == ()


def test_the_document_is_json_and_keeps_the_curve_at_some_ages(explore: RankingProfile) -> None:
    kept = forecast_document(simulate_note(explore, NoteInput(), n_replicates=200, horizon_days=30, seed=1))
    text = json.loads(json.dumps(kept))
    assert text["band_hours"][0] == 1 and text["band_hours"][-1] == 720
    assert len(text["band"]["p50"]) == len(text["band_hours"]) < 80


def test_a_young_note_is_held_against_the_interval_at_its_age(explore: RankingProfile) -> None:
    made = "2026-11-24T12:00:00+08:00"
    kept = [document(explore, draft_id="d1", title="露营清单", made_at=made)]

    def seen(at: str) -> Note:
        return msgspec.structs.replace(RESULT, observed_at=at)

    # A day old: too early to say anything.
    assert settle_ledger(kept, [seen("2026-11-26T09:00:00+08:00")]).n_open == 1
    four_days, month = (
        settle_ledger(kept, [seen(at)]).settled[0] for at in ("2026-11-29T09:00:00+08:00", "2027-01-29T09:00:00+08:00")
    )
    assert (four_days.age_hours, month.age_hours) == (96, 720)
    assert four_days.p50 < month.p50 and four_days.p90 < month.p90
    # A clock that was set back: published after its own export, so nothing is settled by it.
    assert settle_ledger(kept, [seen("2026-11-20T09:00:00+08:00")]).n_open == 1


def test_coverage_is_told_over_time(explore: RankingProfile) -> None:
    documents, results = [], []
    for k, impressions in enumerate((700, 1, 700, 10**9)):
        day = f"2026-10-{10 + k}"
        documents.append(document(explore, draft_id=f"d{k}", title=f"第{k}篇", made_at=f"{day}T08:00:00+08:00"))
        results.append(
            Note(note_id=f"{k:016x}", title=f"第{k}篇", published_at=f"{day}T09:00:00+08:00", impressions=impressions)
        )
    report = settle_ledger(documents, results)
    assert report.coverage_so_far == [1.0, 0.5, pytest.approx(2 / 3), 0.5] and report.coverage == 0.5
