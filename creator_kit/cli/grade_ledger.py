"""``grade log``, ``undo`` and ``history``: what a person did by hand in the app, append-only."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli.options import JsonOption, TodayOption, WorkspaceOption, enter_workspace, resolve_now
from creator_kit.cli.output import print_json, say, show, show_table
from creator_kit.clock import parse_day
from creator_kit.errors import UsageError
from creator_kit.locale import _
from creator_kit.workspace import Workspace

if TYPE_CHECKING:
    from creator_kit.planning.ledger import TaskEvent


def add_commands(group: typer.Typer) -> None:
    """Add this file's commands to the ``grade`` group."""
    group.command(
        "log",
        help=_(
            "Write down what you did by hand in the app: like, collect, comment, follow, browse (--minutes) or"
            " topic-note. Published notes come from `results add`. Nothing is done for you."
        ),
        epilog=_("Example: creator-kit grade log comment 3 --on 2026-11-20 --note '三条认真的评论'"),
    )(log)
    group.command(
        "undo",
        help=_("Take back an entry of the ledger: the last one, or that number. The ledger keeps both."),
        epilog=_("Example: creator-kit grade undo 4"),
    )(undo)
    group.command("history", help=_("All entries of the ledger."), epilog=_("Example: creator-kit grade history"))(
        history
    )


def log(
    action: Annotated[str, typer.Argument(help=_("like, collect, comment, follow, browse or topic-note."))],
    amount: Annotated[int | None, typer.Argument(metavar="[N]", help=_("How many (1)."))] = None,
    minutes: Annotated[int | None, typer.Option("--minutes", help=_("For browse: how long."))] = None,
    on: Annotated[
        str | None, typer.Option("--on", metavar="YYYY-MM-DD", help=_("The day it was done, if not today."))
    ] = None,
    note: Annotated[str, typer.Option("--note", help=_("A remark for yourself."))] = "",
    as_json: JsonOption = False,
    today: TodayOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    from creator_kit.planning.ledger import log_task, parse_action

    name = parse_action(action)
    if (name == "browse") != (minutes is not None) and not (name == "browse" and amount is not None):
        raise UsageError(
            _("browse is counted in minutes, everything else in times"),
            hint=_("creator-kit grade log browse --minutes 20, creator-kit grade log comment 3"),
        )
    if minutes is not None and amount is not None:
        raise UsageError(_("give either a number or --minutes"))
    n = minutes if minutes is not None else 1 if amount is None else amount
    now = resolve_now(today)
    with enter_workspace(workspace) as home:
        warn_of_later_entries(home, now)
        event = log_task(home, name, n, done_on=_parse_on(on, now), now=now, remark=note)
    if as_json:
        print_json("task_event", _event_document(event))
        return
    show(
        _("{number}: {action} {n} on {day}").format(
            number=event.event, action=_action_name(event.action), n=event.amount, day=event.done_on
        )
    )
    say("  → " + _("next: creator-kit grade status"))


def undo(
    entry: Annotated[int | None, typer.Argument(metavar="[NUMBER]", help=_("The entry's number."), min=1)] = None,
    as_json: JsonOption = False,
    today: TodayOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    from creator_kit.planning.ledger import undo_task

    with enter_workspace(workspace) as home:
        taken_back = undo_task(home, entry, now=resolve_now(today))
    if as_json:
        print_json("task_event", _event_document(taken_back) | {"is_undone": True})
        return
    show(
        _("undone, {number}: {action} {n} on {day}").format(
            number=taken_back.event,
            action=_action_name(taken_back.action),
            n=taken_back.amount,
            day=taken_back.done_on,
        )
    )


def history(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help=_("At most so many entries, newest first."))] = 30,
    as_json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    from creator_kit.planning.ledger import load_events

    with enter_workspace(workspace) as home:
        events = load_events(home)
    shown = events[::-1][:limit]
    if as_json:
        print_json("task_events", {"n_events": len(events), "events": [_event_document(event) for event in shown]})
        return
    if not events:
        say(_("the ledger is empty"))
        say("  → " + _("creator-kit grade log comment 3"))
        return
    show_table(
        [("#", "right"), _("day"), _("what"), ("n", "right"), _("remark")],
        [
            [
                e.event,
                e.done_on,
                _("undo of {n}").format(n=e.undoes) if e.undoes else _action_name(e.action),
                e.amount,
                _("undone") if e.is_undone else e.remark,
            ]
            for e in shown
        ],
    )


def _event_document(event: TaskEvent) -> dict[str, Any]:
    return {
        "event": event.event,
        "action": event.action,
        "amount": event.amount,
        "done_on": event.done_on.isoformat(),
        "logged_at": event.logged_at.isoformat(),
        "remark": event.remark,
        "undoes": event.undoes,
        "is_undone": event.is_undone,
    }


def _action_name(action: str) -> str:
    return {
        "browse": _("browse (minutes)"),
        "like": _("like"),
        "collect": _("collect"),
        "comment": _("comment"),
        "follow": _("follow"),
        "topic_note": _("topic note"),
    }.get(action, action)


def _parse_on(text: str | None, now: datetime) -> date:
    if text is None:
        return now.date()
    try:
        return parse_day(text)
    except ValueError as error:
        raise UsageError(
            _("'{text}' is not a date").format(text=text), where="--on", hint=_("write it as 2026-11-24")
        ) from error


def warn_of_later_entries(home: Workspace, now: datetime) -> None:
    """Say where the ledger holds an entry from after ``now``: one of two clocks is wrong."""
    from creator_kit.planning.ledger import find_later_entry, load_events

    later = find_later_entry(load_events(home), now)
    if later is not None:
        say(
            _(
                "the ledger holds an entry written on {day}, after today ({today}): is the clock, or --today, right?"
            ).format(day=later.logged_at.date(), today=now.date())
        )
