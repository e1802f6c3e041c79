"""Planned and published: what is plain is matched, what is not is asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from creator_kit.clock import BEIJING
from creator_kit.corpus.note import Note
from creator_kit.errors import InputError
from creator_kit.exposure.ledger import settle_ledger
from creator_kit.planning.matching import confirm_match, match_published, settle_plan
from creator_kit.planning.slot import Slot, find_slot, load_slots, save_slots
from creator_kit.workspace import Workspace, init_workspace

NOW = datetime(2026, 11, 24, 12, tzinfo=BEIJING)


def slot(slot_id: str, title: str, *, days: float = -3, state: str = "done", **more: object) -> Slot:
    at = NOW + timedelta(days=days)
    options = {"kind": "draft", "state": state, "changed_at": NOW, **more}
    return Slot(slot_id=slot_id, title=title, starts_at=at, **options)  # type: ignore[arg-type]


def note(note_id: str, title: str, *, days: float = -3) -> Note:
    return Note(note_id, title=title, published_at=(NOW + timedelta(days=days)).isoformat())


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with init_workspace(tmp_path) as opened:
        yield opened


def test_the_same_title_near_its_time_is_sure_even_with_other_marks() -> None:
    slots = [slot("a", "冬至饺子怎么包？"), slot("b", "一人食番茄面", state="planned")]
    notes = [note("n1", "冬至饺子怎么包🥟", days=-2.5), note("n2", "一人食番茄面", days=-4), note("n3", "别的")]
    matches = match_published(slots, notes)
    assert [(s.slot_id, n.note_id) for s, n in matches.sure] == [("a", "n1"), ("b", "n2")]
    assert not matches.doubts


def test_a_rewritten_title_at_the_same_hour_is_asked_not_guessed() -> None:
    matches = match_published([slot("a", "冬至饺子怎么包")], [note("n1", "姥姥的味道", days=-3.02)])
    assert not matches.sure and [n.note_id for n in matches.doubts[0].notes] == ["n1"]


def test_twins_are_asked_about() -> None:
    matches = match_published([slot("a", "周一早餐")], [note("n1", "周一早餐"), note("n2", "周一早餐", days=-2)])
    assert not matches.sure and {n.note_id for n in matches.doubts[0].notes} == {"n1", "n2"}
    matches = match_published([slot("a", "周一早餐"), slot("b", "周一早餐", days=-2)], [note("n1", "周一早餐")])
    assert not matches.sure and len(matches.doubts) == 2, "one note cannot be two slots"


def test_what_is_far_off_in_time_or_title_is_left_alone() -> None:
    slots = [slot("a", "冬至饺子怎么包", state="planned", days=5), slot("b", "一周买菜", days=-20)]
    notes = [note("n1", "露营装备清单"), note("n2", "冬至饺子怎么包", days=-60)]
    matches = match_published(slots, notes)
    assert not matches.sure and not matches.doubts and matches.n_unseen == 1


def test_the_order_of_the_sheet_does_not_matter() -> None:
    slots = [slot("a", "周一早餐"), slot("b", "周二早餐", days=-2), slot("c", "冬至饺子")]
    notes = [note("n1", "周一早餐"), note("n2", "周二早餐", days=-2), note("n3", "冬至的饺子")]
    assert match_published(slots, notes) == match_published(slots, notes[::-1])


def test_answers_are_kept_and_questions_not_asked_again(workspace: Workspace) -> None:
    save_slots(workspace, [slot("aaaa", "冬至饺子怎么包"), slot("bbbb", "一人食", days=-9)], now=NOW)
    notes = [note("n1", "姥姥的味道", days=-3.02), note("n2", "一人食的晚饭", days=-9)]
    asked = settle_plan(workspace, notes, now=NOW).doubts
    assert [d.slot.slot_id for d in asked] == ["bbbb", "aaaa"] or [d.slot.slot_id for d in asked] == ["aaaa", "bbbb"]
    confirm_match(workspace, find_slot(load_slots(workspace), "aaaa"), notes[0], (), now=NOW)
    confirm_match(workspace, find_slot(load_slots(workspace), "bbbb"), None, [notes[1]], now=NOW)
    assert settle_plan(workspace, notes, now=NOW).doubts == ()
    matched = find_slot(load_slots(workspace), "aaaa")
    assert matched.note_id == "n1" and matched.state == "done" and matched.published_at is not None
    with pytest.raises(InputError, match="belongs to slot aaaa"):
        confirm_match(workspace, find_slot(load_slots(workspace), "bbbb"), notes[0], (), now=NOW)
    assert settle_plan(workspace, notes, now=NOW).sure == (), "settling twice changes nothing"


def test_a_matched_note_settles_its_forecast_whatever_its_title() -> None:
    document = json.dumps(
        {
            "draft_id": "d1",
            "title": "冬至饺子怎么包",
            "made_at": "2026-11-20T12:00:00+08:00",
            "forecast": {"quantiles": {"impressions": {"p10": 100, "p50": 500, "p90": 2000}}},
        }
    )
    published = Note("n1", title="姥姥的味道", published_at="2026-11-21T11:31:00+08:00", impressions=800, views=90)
    assert settle_ledger([document], [published]).n_open == 1
    settled = settle_ledger([document], [published], note_of_draft={"d1": "n1"}).settled
    assert [(s.impressions, s.is_inside) for s in settled] == [(800, True)]
