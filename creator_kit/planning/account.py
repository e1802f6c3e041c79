"""One account's grades and forecast in one call, as a command or a whole class of creators needs them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from creator_kit.corpus.note import Note
from creator_kit.corpus.store import iter_histories, load_notes
from creator_kit.datafiles import storage_error
from creator_kit.errors import InputError
from creator_kit.exposure import load_profile
from creator_kit.exposure.growth import collect_growth
from creator_kit.locale import _
from creator_kit.planning.chances import Chances, fit_chances
from creator_kit.planning.grade_forecast import GradeForecast, Pace, forecast_grades, learn_pace
from creator_kit.planning.ladder import Ladder, load_ladder
from creator_kit.planning.ledger import TaskEvent, load_events, standing_events
from creator_kit.planning.progress import Status, collect_doings, measure_status
from creator_kit.planning.slot import Slot, load_slots
from creator_kit.workspace import Workspace, folder

MAX_CREATORS = 2000


@dataclass(frozen=True, slots=True)
class Account:
    """What is known of one account on one day."""

    ladder: Ladder
    events: tuple[TaskEvent, ...]
    notes: tuple[Note, ...]
    slots: tuple[Slot, ...]
    status: Status
    followers: int


def load_account(workspace: Workspace, *, today: date) -> Account:
    """The ladder, the ledger's entries, own notes, the plan and where the account stands on ``today``."""
    ladder = load_ladder(workspace.root)
    events = load_events(workspace)
    notes = load_notes(workspace, own=True)
    slots = load_slots(workspace)
    topic_ids = frozenset(slot.note_id for slot in slots if slot.is_topic and slot.note_id)
    standing = standing_events(events, until=today)
    doings = collect_doings(standing, notes, until=today, topic_ids=topic_ids)
    status = measure_status(ladder, doings, stated_grade=workspace.settings.grade)
    followers = workspace.settings.followers
    return Account(ladder, tuple(standing), tuple(notes), tuple(slots), status, followers)


def fit_account(
    workspace: Workspace, account: Account, *, seed: int, today: date, plan_rate: float | None = None
) -> tuple[Chances, Pace]:
    """The chances of reaching bars and the pace of this account; the slow part of a forecast (about 2 s)."""
    profile = load_profile(workspace.settings.profile, workspace.root)
    chances = fit_chances(
        account.ladder,
        profile,
        account.notes,
        account.status.doings.notes,
        followers=account.followers,
        grade=workspace.settings.grade,
        grown=collect_growth(iter_histories(workspace, own=True)),
        seed=seed,
        today=today,
    )
    pace = learn_pace(account.status.doings, account.events, account.slots, today=today, plan_rate=plan_rate)
    return chances, pace


def forecast_account(
    workspace: Workspace, account: Account, *, now: datetime, seed: int, plan_rate: float | None = None
) -> GradeForecast:
    """The dates of the next grades of this account."""
    chances, pace = fit_account(workspace, account, seed=seed, today=now.date(), plan_rate=plan_rate)
    return forecast_grades(account.ladder, account.status, chances, pace, account.slots, now=now, seed=seed)


def planned_rate(workspace: Workspace) -> float | None:
    """Posts a week that somebody wished for (plan.toml, else the last plan); None where nobody did."""
    from creator_kit.planning.planner import load_last_plan
    from creator_kit.planning.wishes import WISHES_NAME, load_wishes

    # Only what somebody wished counts as a rate; the default of a file that is not there does not.
    if (workspace.root / WISHES_NAME).is_file():
        return float(load_wishes(workspace.root, {}).posts_per_week)
    last = load_last_plan(workspace)
    return last.posts_per_week if last else None


def find_workspaces(root: Path) -> list[Path]:
    """The workspaces in ``root`` and its folders, two deep, by name. Raises InputError when there is none."""
    if not root.is_dir():
        raise InputError(_("no such folder"), where=str(root))
    try:
        found = sorted(path.parent for path in _settings_files(root))
    except OSError as error:
        raise storage_error(error, root) from error
    if not found:
        raise InputError(
            _("no workspace in this folder (no {name} in it or its folders)").format(name=folder.SETTINGS_NAME),
            where=str(root),
        )
    return found[:MAX_CREATORS]


def _settings_files(root: Path) -> Iterator[Path]:
    for pattern in (folder.SETTINGS_NAME, f"*/{folder.SETTINGS_NAME}", f"*/*/{folder.SETTINGS_NAME}"):
        yield from root.glob(pattern)
