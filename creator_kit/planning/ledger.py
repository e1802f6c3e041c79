"""The task ledger: what a person did by hand, written down by that person. It only grows; an undo is an entry too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from creator_kit.datafiles import suggest
from creator_kit.errors import InputError, UsageError
from creator_kit.locale import _
from creator_kit.planning.ladder import HAND_ACTIONS
from creator_kit.workspace import Workspace, plan_table

# What can be written down. Notes themselves come from the creator's own sheets, except that no sheet says which
# of them took part in a topic.
LOGGED_ACTIONS = (*HAND_ACTIONS, "topic_note")
MAX_AMOUNT = 100_000


@dataclass(frozen=True, slots=True)
class TaskEvent:
    """One entry. ``amount`` is a count, for ``browse`` minutes; ``is_undone`` when a later entry takes it back."""

    event: int
    action: str
    amount: int
    done_on: date
    logged_at: datetime
    remark: str = ""
    undoes: int | None = None
    is_undone: bool = False


def parse_action(word: str) -> str:
    """``word`` as an action of the ledger (``topic-note`` too). Raises UsageError with the nearest known one."""
    action = word.strip().lower().replace("-", "_")
    if action in LOGGED_ACTIONS:
        return action
    if action in ("post", "video_note", "note_reach", "publish"):
        raise UsageError(
            _("published notes are not logged by hand: they come from your own sheet"),
            hint=_("creator-kit results add FILE"),
        )
    near = suggest(action, list(LOGGED_ACTIONS))
    raise UsageError(
        _("unknown action '{action}'; known are: {known}").format(action=word, known=", ".join(LOGGED_ACTIONS)),
        hint=_("did you mean '{near}'?").format(near=near) if near else None,
    )


def log_task(
    workspace: Workspace, action: str, amount: int, *, done_on: date, now: datetime, remark: str = ""
) -> TaskEvent:
    """Append what was done on ``done_on`` (today or before). Raises InputError for amounts and dates that cannot be."""
    if action not in LOGGED_ACTIONS:
        raise InputError(_("unknown action '{action}'").format(action=action), where="action")
    if not 1 <= amount <= MAX_AMOUNT:
        raise InputError(
            _("{n} is not a number of times or minutes: give 1 to {most}").format(n=amount, most=MAX_AMOUNT),
            where="amount",
        )
    if done_on > now.date():
        raise InputError(
            _("{day} lies in the future (today is {today})").format(day=done_on, today=now.date()),
            where="--on",
            hint=_("log what was done, on the day or after it"),
        )
    logged_at = now.isoformat(timespec="seconds")
    with workspace.transaction() as db:
        event = plan_table.insert_event(
            db, action=action, amount=amount, done_on=done_on.isoformat(), logged_at=logged_at, remark=remark
        )
    return TaskEvent(event, action, amount, done_on, now, remark)


def undo_task(workspace: Workspace, event: int | None, *, now: datetime) -> TaskEvent:
    """Take back one entry (None: the last that stands) by another one; returns the entry taken back.

    Raises InputError when there is none, or it was taken back before.
    """
    with workspace.transaction() as db:
        events = {entry.event: entry for entry in _to_events(plan_table.fetch_events(db))}
        if event is None:
            standing = [e for e in events.values() if not e.is_undone and e.undoes is None]
            if not standing:
                raise InputError(_("the ledger holds nothing to undo"))
            entry = standing[-1]
        elif event not in events or events[event].undoes is not None:
            raise InputError(
                _("the ledger has no entry {n} that could be undone").format(n=event),
                hint=_("creator-kit grade history lists them"),
            )
        else:
            entry = events[event]
        if entry.is_undone:
            raise InputError(_("entry {n} was undone before").format(n=entry.event))
        plan_table.insert_event(
            db,
            action=entry.action,
            amount=entry.amount,
            done_on=entry.done_on.isoformat(),
            logged_at=now.isoformat(timespec="seconds"),
            remark="",
            undoes=entry.event,
        )
    return entry


def load_events(workspace: Workspace) -> list[TaskEvent]:
    """All entries in the order of writing, undone ones and undos included."""
    with workspace.reading() as db:
        return _to_events(plan_table.fetch_events(db))


def standing_events(events: list[TaskEvent], *, until: date) -> list[TaskEvent]:
    """The entries that count on the day ``until``: not taken back, and not of a later day."""
    return [e for e in events if e.undoes is None and not e.is_undone and e.done_on <= until]


def find_later_entry(events: list[TaskEvent], now: datetime) -> TaskEvent | None:
    """An entry that was written after ``now``: then one of two clocks is wrong, or ``--today`` looks back."""
    later = [e for e in events if e.logged_at.date() > now.date()]
    return max(later, key=lambda e: (e.logged_at, e.event)) if later else None


def _to_events(rows: list[plan_table.Row]) -> list[TaskEvent]:
    undone = {row[6] for row in rows if row[6] is not None}
    return [
        TaskEvent(
            event=row[0],
            action=row[1],
            amount=row[2],
            done_on=date.fromisoformat(row[3]),
            logged_at=datetime.fromisoformat(row[4]),
            remark=row[5],
            undoes=row[6],
            is_undone=row[0] in undone,
        )
        for row in rows
    ]
