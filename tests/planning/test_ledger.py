"""The task ledger only grows: entries, undos, back-dating, and what cannot be."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creator_kit.clock import BEIJING
from creator_kit.errors import CreatorKitError, InputError, UsageError
from creator_kit.planning.ledger import (
    find_later_entry,
    load_events,
    log_task,
    parse_action,
    standing_events,
    undo_task,
)
from creator_kit.workspace import Workspace, init_workspace, plan_table

NOW = datetime(2026, 11, 24, 12, tzinfo=BEIJING)
TODAY = NOW.date()


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with init_workspace(tmp_path) as opened:
        yield opened


def amount_of(workspace: Workspace, action: str, until: date = TODAY) -> int:
    return sum(e.amount for e in standing_events(load_events(workspace), until=until) if e.action == action)


def test_entries_add_up_and_an_undo_takes_one_back_and_stays(workspace: Workspace) -> None:
    log_task(workspace, "comment", 3, done_on=TODAY, now=NOW, remark="认真的")
    log_task(workspace, "browse", 20, done_on=date(2026, 11, 1), now=NOW)
    log_task(workspace, "comment", 2, done_on=TODAY, now=NOW)
    assert amount_of(workspace, "comment") == 5 and amount_of(workspace, "browse") == 20
    assert amount_of(workspace, "comment", date(2026, 11, 23)) == 0, "back-dated days are read as they were"
    taken = undo_task(workspace, None, now=NOW)
    assert taken.amount == 2 and amount_of(workspace, "comment") == 3
    assert undo_task(workspace, None, now=NOW).action == "browse"
    events = load_events(workspace)
    assert [e.event for e in events] == [1, 2, 3, 4, 5], "nothing was removed"
    assert [e.is_undone for e in events[:3]] == [False, True, True]
    for wrong in (2, 4, 99):
        with pytest.raises(InputError):
            undo_task(workspace, wrong, now=NOW)


def test_the_store_itself_refuses_to_change_an_entry(workspace: Workspace) -> None:
    log_task(workspace, "like", 1, done_on=TODAY, now=NOW)
    for sql in ("UPDATE task_events SET amount = 9", "DELETE FROM task_events"):
        with pytest.raises(CreatorKitError, match="only grows"), workspace.transaction() as db:
            db.execute(sql)
    with pytest.raises(sqlite3.IntegrityError):
        plan_table.insert_event(
            workspace.db, action="like", amount=0, done_on="2026-11-24", logged_at="2026-11-24", remark=""
        )
    assert amount_of(workspace, "like") == 1


@pytest.mark.parametrize("amount", [0, -3, 10**9])
def test_amounts_that_cannot_be(workspace: Workspace, amount: int) -> None:
    with pytest.raises(InputError, match="number of times"):
        log_task(workspace, "comment", amount, done_on=TODAY, now=NOW)
    assert load_events(workspace) == []


def test_tomorrow_has_not_been_done(workspace: Workspace) -> None:
    with pytest.raises(InputError, match="future"):
        log_task(workspace, "comment", 1, done_on=TODAY + timedelta(days=1), now=NOW)


def test_actions_that_cannot_be() -> None:
    assert parse_action("Topic-Note") == "topic_note"
    with pytest.raises(UsageError, match="coment") as caught:
        parse_action("coment")
    assert "comment" in (caught.value.hint or "")
    with pytest.raises(UsageError, match="own sheet"):
        parse_action("post")


def test_of_two_clocks_one_is_asked_about(workspace: Workspace) -> None:
    log_task(workspace, "like", 1, done_on=TODAY, now=NOW)
    assert find_later_entry(load_events(workspace), NOW) is None
    earlier = NOW - timedelta(days=9)
    later = find_later_entry(load_events(workspace), earlier)
    assert later is not None and later.logged_at == NOW
    log_task(workspace, "like", 4, done_on=earlier.date(), now=earlier)
    assert amount_of(workspace, "like", earlier.date()) == 4 and amount_of(workspace, "like") == 5


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.tuples(st.sampled_from(("like", "browse")), st.integers(1, 50)), st.none()), max_size=8))
def test_what_stands_is_what_a_list_would_hold(tmp_path_factory: pytest.TempPathFactory, steps: list) -> None:  # type: ignore[type-arg]
    held: list[tuple[str, int]] = []
    with init_workspace(tmp_path_factory.mktemp("ledger")) as workspace:
        for step in steps:
            if step is not None:
                log_task(workspace, step[0], step[1], done_on=TODAY, now=NOW)
                held.append(step)
            elif held:
                undo_task(workspace, None, now=NOW)
                held.pop()
        standing = standing_events(load_events(workspace), until=TODAY)
    assert [(e.action, e.amount) for e in standing] == held
