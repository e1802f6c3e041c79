"""``plan``: drafts and ideas in dated slots, shown and changed by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli import plan_calendar, plan_make
from creator_kit.cli.class_run import AllOption, run_class
from creator_kit.cli.options import (
    JsonLinesOption,
    JsonOption,
    TodayOption,
    WorkspaceOption,
    enter_workspace,
    resolve_now,
)
from creator_kit.cli.output import print_json, print_json_line, say, show
from creator_kit.cli.plan_output import show_class, show_list, show_unmet, slot_document
from creator_kit.errors import UsageError
from creator_kit.locale import _
from creator_kit.workspace import Workspace

if TYPE_CHECKING:
    from creator_kit.planning.slot import Slot

SlotArgument = Annotated[str, typer.Argument(metavar="SLOT", help=_("A slot's id, its draft's id, or its title."))]


def register(app: typer.Typer) -> None:
    """Add the ``plan`` group to ``app``."""
    group = typer.Typer(no_args_is_help=True, help=_("The plan: which note when, and why. A person posts."))
    plan_make.add_commands(group)
    group.command(
        "show", help=_("The plan as a month, or as a list."), epilog=_("Example: creator-kit plan show --list --why")
    )(show_plan)
    group.command(
        "move",
        help=_("Put a slot at another time, where it stays; says which rules that breaks."),
        epilog=_("Example: creator-kit plan move 3f9a --to '2026-12-01 20:00'"),
    )(move)
    group.command(
        "done",
        help=_("Say that a slot was posted (or a task done)."),
        epilog=_("Example: creator-kit plan done 3f9a --at '2026-12-01 20:05'"),
    )(done)
    group.command(
        "skip",
        help=_("Take a slot out for good; its draft is not planned again."),
        epilog=_("Example: creator-kit plan skip 3f9a"),
    )(skip)
    plan_calendar.add_commands(group)
    app.add_typer(group, name="plan")


def show_plan(
    as_list: Annotated[bool, typer.Option("--list", help=_("As a list."))] = False,
    why: Annotated[bool, typer.Option("--why", help=_("With the reasons for each place (a list)."))] = False,
    month: Annotated[str | None, typer.Option("--month", metavar="YYYY-MM", help=_("One month alone."))] = None,
    everyone: AllOption = None,
    as_json: JsonOption = False,
    as_lines: JsonLinesOption = False,
    today: TodayOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    from creator_kit.planning.calendar import load_occasions
    from creator_kit.planning.month import describe_marks, months_of, render_month
    from creator_kit.planning.planner import load_last_plan

    now = resolve_now(today)
    if everyone is not None:
        run_class(
            everyone,
            lambda home: _outline(home, now),
            show_class,
            kind="plan_class",
            label=_("reading plans"),
            as_json=as_json,
            as_lines=as_lines,
        )
        return
    with enter_workspace(workspace) as home:
        slots = _live_slots(home)
        root, last = home.root, load_last_plan(home) if why else None
    if month is not None:
        chosen = [_parse_month(month)]
        slots = [slot for slot in slots if (slot.starts_at.year, slot.starts_at.month) == chosen[0]]
    else:
        chosen = months_of(slots, now.date())
    if as_lines:
        for slot in slots:
            print_json_line(slot_document(slot))
        return
    if as_json:
        print_json("plan", {"n_slots": len(slots), "slots": [slot_document(slot) for slot in slots]})
        return
    if not slots:
        say(_("nothing is planned"))
        say("  → " + _("next: creator-kit plan make"))
        return
    if as_list or why:
        show_list(slots, now, why=why)
        if last is not None:
            show_unmet(last.unmet)
        return
    for year, number in chosen:
        first = date(year, number, 1)
        occasions = load_occasions(first, first + timedelta(days=31), root)
        for line in render_month(slots, occasions, year=year, month=number, now=now):
            print(line)
    show(describe_marks())


def move(
    slot: SlotArgument,
    to: Annotated[str, typer.Option("--to", metavar="TIME", help=_("Day and time, Beijing: 2026-12-01 20:00."))],
    as_json: JsonOption = False,
    today: TodayOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    from creator_kit.planning.planner import move_slot
    from creator_kit.planning.slot import find_slot, load_slots, parse_moment
    from creator_kit.planning.wishes import load_wishes

    at = parse_moment(to, where="--to")
    with enter_workspace(workspace) as home:
        chosen = find_slot(load_slots(home), slot)
        moved, broken = move_slot(home, chosen, at, load_wishes(home.root, {}), now=resolve_now(today))
    if as_json:
        print_json("slot", slot_document(moved) | {"breaks": broken})
        return
    show(_("{time}  {title} (fixed)").format(time=f"{moved.starts_at:%Y-%m-%d %H:%M}", title=moved.title))
    for rule in broken:
        say(_("against your wishes: {rule}").format(rule=rule))
    say("  → " + _("creator-kit plan make plans the rest around it"))


def done(
    slot: SlotArgument,
    at: Annotated[
        str | None, typer.Option("--at", metavar="TIME", help=_("When it was posted, if not as planned."))
    ] = None,
    title: Annotated[str, typer.Option("--title", help=_("The title it was posted under, if it changed."))] = "",
    topic: Annotated[
        bool, typer.Option("--topic", help=_("It took part in a topic of the platform (then do not log it as well)."))
    ] = False,
    as_json: JsonOption = False,
    today: TodayOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    from creator_kit.planning.planner import finish_slot
    from creator_kit.planning.slot import find_slot, load_slots, parse_moment

    moment = parse_moment(at, where="--at") if at is not None else None
    with enter_workspace(workspace) as home:
        chosen = find_slot(load_slots(home), slot)
        finished = finish_slot(home, chosen, now=resolve_now(today), published_at=moment, title=title, is_topic=topic)
    if as_json:
        print_json("slot", slot_document(finished))
        return
    show(_("done: {title}").format(title=finished.title))
    if finished.is_post:
        say("  → " + _("after your next export: creator-kit results add FILE settles its forecast and grade tasks"))
    else:
        say("  → " + _("write it into the ledger too: creator-kit grade log"))


def skip(
    slot: SlotArgument,
    as_json: JsonOption = False,
    today: TodayOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    from creator_kit.planning.planner import skip_slot
    from creator_kit.planning.slot import find_slot, load_slots

    with enter_workspace(workspace) as home:
        skipped = skip_slot(home, find_slot(load_slots(home), slot), now=resolve_now(today))
    if as_json:
        print_json("slot", slot_document(skipped))
        return
    show(_("skipped: {title}").format(title=skipped.title))
    say("  → " + _("creator-kit plan make fills its place"))


def _outline(home: Workspace, now: datetime) -> dict[str, Any]:
    slots = _live_slots(home)
    n_overdue = sum(slot.state == "planned" and slot.starts_at < now for slot in slots)
    return {"slots": [slot_document(slot) for slot in slots], "n_overdue": n_overdue, "unmet": []}


def _live_slots(home: Workspace) -> list[Slot]:
    from creator_kit.planning.slot import load_slots

    return [slot for slot in load_slots(home) if slot.state != "dropped"]


def _parse_month(text: str) -> tuple[int, int]:
    try:
        day = date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise UsageError(
            _("'{text}' is not a month").format(text=text), where="--month", hint=_("write it as 2026-12")
        ) from error
    return day.year, day.month
