"""``grade``: the ladder, the task ledger, where the account stands and when the next grades come."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli.options import (
    JsonLinesOption,
    JsonOption,
    SeedOption,
    TodayOption,
    WorkspaceOption,
    enter_workspace,
    resolve_now,
    resolve_today,
)
from creator_kit.cli.output import print_json, print_json_line, progress, say, say_error, show, show_table
from creator_kit.clock import parse_day
from creator_kit.errors import CreatorKitError, UsageError
from creator_kit.locale import _, pick
from creator_kit.workspace import Workspace

if TYPE_CHECKING:
    from creator_kit.planning.account import Account
    from creator_kit.planning.grade_forecast import GradeForecast
    from creator_kit.planning.progress import TaskProgress

AllOption = Annotated[
    Path | None, typer.Option("--all", metavar="DIR", help=_("All workspaces in this folder: one table for a class."))
]
RateOption = Annotated[
    float | None,
    typer.Option("--posts-per-week", min=0, max=50, help=_("Posts a week to assume where you have posted too little.")),
]
BAR_COLUMNS = 16
N_GRADES_AHEAD = 4


def register(app: typer.Typer) -> None:
    """Add this file's commands to ``app``."""
    group = typer.Typer(no_args_is_help=True, help=_("Your grade: what is done, what is missing, when the next comes."))
    group.command(
        "status",
        help=_("Where you are on the ladder, what is done, what is missing, and the shortest next step."),
        epilog=_("Example: creator-kit grade status"),
    )(status)
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
    group.command(
        "forecast",
        help=_("The dates of the next grades as P10, P50, P90, from your plan and your own rates."),
        epilog=_("Example: creator-kit grade forecast --posts-per-week 3"),
    )(forecast)
    group.command(
        "ladder",
        help=_("The ladder as it is known: each task with source, date and confidence, and what the grades open."),
        epilog=_("Example: creator-kit grade ladder"),
    )(ladder)
    app.add_typer(group, name="grade")


def status(
    everyone: AllOption = None,
    as_json: JsonOption = False,
    as_lines: JsonLinesOption = False,
    today: TodayOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    from creator_kit.planning.account import load_account

    day = resolve_today(today)
    if everyone is not None:
        _status_of_all(everyone, day, as_json=as_json, as_lines=as_lines)
        return
    with enter_workspace(workspace) as home:
        account = load_account(home, today=day)
        _warn_of_later_entries(home, resolve_now(today))
    if as_lines:
        print_json_line(_status_document(account))
        return
    if as_json:
        print_json("grade_status", _status_document(account) | {"today": day.isoformat()})
        return
    _show_status(account)


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
        _warn_of_later_entries(home, now)
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


def forecast(
    everyone: AllOption = None,
    posts_per_week: RateOption = None,
    as_json: JsonOption = False,
    as_lines: JsonLinesOption = False,
    seed: SeedOption = 0,
    today: TodayOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    from creator_kit.planning.account import forecast_account, load_account

    now = resolve_now(today)
    if everyone is not None:
        _forecast_of_all(everyone, now, posts_per_week, seed, as_json=as_json, as_lines=as_lines)
        return
    with enter_workspace(workspace) as home:
        account = load_account(home, today=now.date())
        rate = posts_per_week if posts_per_week is not None else _planned_rate(home)
        result = forecast_account(home, account, now=now, seed=seed, plan_rate=rate)
    if as_lines:
        print_json_line(_forecast_document(account, result))
        return
    if as_json:
        print_json("grade_forecast", _forecast_document(account, result) | {"today": now.date().isoformat()})
        return
    _show_forecast(account, result)


def ladder(as_json: JsonOption = False, workspace: WorkspaceOption = None) -> None:
    from creator_kit.planning.ladder import describe_task, load_ladder
    from creator_kit.workspace import find_workspace

    root = find_workspace((workspace or Path.cwd()).resolve())
    if root is not None:
        with enter_workspace(root):
            pass
    rungs = load_ladder(root)
    if as_json:
        print_json("grade_ladder", rungs.model_dump(mode="json"))
        return
    sources: dict[str, int] = {}
    for grade in sorted(rungs.grades, key=lambda g: g.number):
        is_guess = rungs.is_reconstructed(grade.needs)
        show(
            f"{grade.number:2d} {grade.name}"
            + (("  " + _("[reconstructed: no source confirms these tasks]")) if is_guess else "")
        )
        for line, task in _walk(rungs, grade.needs, 1):
            text = line + describe_task(task)
            if not task.children:
                number = sources.setdefault(f"{task.source_text} ({task.date})", len(sources) + 1)
                text += f"  [{task.confidence} {number}]"
            show(text)
    show("")
    for source, number in sources.items():
        show(f"{number:2d}  {source}")
    show("")
    show_table(
        [_("opens"), _("for"), _("rests on")],
        [
            [
                item.text,
                _("grade {n}").format(n=item.grade)
                if item.grade
                else _("{n} followers").format(n=f"{item.followers:,}")
                if item.followers
                else "-",
                f"{item.confidence} {item.date}",
            ]
            for item in rungs.privileges
        ],
    )
    show("")
    show(
        _(
            "CODE seen in code or exports · LORE practitioners' claim · CLONE as in a third party's copy · "
            "JUDGE our interpolation. What your app shows comes first: templates/grades.toml in your workspace."
        )
    )


def _walk(rungs: Any, task_id: str, depth: int) -> list[tuple[str, Any]]:
    task = rungs.task(task_id)
    lines = [("   " + "  " * (depth - 1), task)]
    for child in task.children:
        lines += _walk(rungs, child, depth + 1)
    return lines


def _show_status(account: Account) -> None:
    from creator_kit.planning.ladder import describe_task

    state = account.status
    current = account.ladder.find_grade(state.grade)
    name = f"{state.grade} {current.name}" if current else _("none yet")
    source = (
        _("as creator.toml says") if state.is_stated else _("by what is known here; creator.toml can say otherwise")
    )
    show(_("grade: {name} ({source})").format(name=name, source=source))
    if state.is_stated and state.earned > state.grade:
        show(
            _("by the tasks known here you would be at {n}; look in the app and put it into creator.toml").format(
                n=state.earned
            )
        )
    if state.next_grade is None or state.next_progress is None:
        show(_("the top of the ladder: nothing is left to do"))
        return
    show("")
    title = f"{state.next_grade.number} {state.next_grade.name}"
    show(_("next: {name}  {bar}").format(name=title, bar=_bar(state.next_progress.share)))
    if account.ladder.is_reconstructed(state.next_grade.needs):
        show(_("  reconstructed: no source confirms the tasks of this grade; compare with your app"))
    _show_tree(state.next_progress, depth=1)
    show("")
    show(_("shortest way:"))
    for step in state.steps:
        text = describe_task(step.task.model_copy(update={"count": step.n_missing}))
        show(
            f"  → {text}"
            + ("" if step.done == 0 else " " + _("({done} of {n} done)").format(done=step.done, n=step.wanted))
        )
    if not account.notes:
        say(_("no notes of yours are known: creator-kit results add 笔记列表明细表.xlsx"))


def _show_tree(item: TaskProgress, *, depth: int) -> None:
    from wcwidth import wcswidth

    from creator_kit.planning.ladder import describe_task

    mark = "[x]" if item.is_complete else "[ ]"
    text = "  " * depth + f"{mark} " + describe_task(item.task)
    if item.parts:
        show(text + pick("：", ":"))
        for part in item.parts:
            _show_tree(part, depth=depth + 1)
        return
    count = f"{min(item.done, item.wanted):,}/{item.wanted:,}"
    gap = max(50 - wcswidth(text), 1)
    show(text + " " * gap + _bar(item.share) + f" {count}" + (" ~" if item.task.reconstructed else ""))


def _bar(share: Fraction) -> str:
    filled = int(share * BAR_COLUMNS)
    return "[" + "#" * filled + "." * (BAR_COLUMNS - filled) + "]"


def _show_forecast(account: Account, result: GradeForecast) -> None:
    if not result.grades:
        show(_("the top of the ladder: nothing is left to do"))
        return
    show_table(
        [_("grade"), "P10", "P50", "P90", (_("within 2 years"), "right"), ""],
        [
            [
                f"{item.number} {item.name}",
                *(str(day) if day else _("later") for day in (item.p10, item.p50, item.p90)),
                f"{item.p_in_time:.0%}",
                _("reconstructed") if item.reconstructed else "",
            ]
            for item in result.grades[:N_GRADES_AHEAD]
        ],
    )
    show("")
    for text in result.to_go:
        show(_("to go: {task}").format(task=text))
    if result.posts_needed is not None and result.posts_needed.p50 > 0:
        q = result.posts_needed
        high = _("more than {n}").format(n=400) if q.p90 == float("inf") else f"{q.p90:.0f}"
        show(
            _("at your rate about {p50} posts (P10 to P90: {p10} to {p90})").format(
                p50=f"{q.p50:.0f}", p10=f"{q.p10:.0f}", p90=high
            )
        )
    if result.levers:
        from creator_kit.planning.grade_forecast import describe_lever

        show(_("what shortens it most (P50):"))
        for lever in result.levers:
            show("  → " + describe_lever(lever))
    show("")
    for line in result.assumptions:
        show("· " + line)
    if any(item.reconstructed for item in result.grades[:N_GRADES_AHEAD]):
        show("· " + _("dates of reconstructed grades rest on guessed tasks: no more than an order of magnitude"))


def _status_of_all(root: Path, day: date, *, as_json: bool, as_lines: bool) -> None:
    from creator_kit.planning.account import find_workspaces, load_account

    rows, failures = [], 0
    for folder in find_workspaces(root):
        try:
            with Workspace(folder) as home:
                document = _status_document(load_account(home, today=day))
        except CreatorKitError as error:
            failures += 1
            say_error(f"{folder.name}: {error}")
            continue
        rows.append({"creator": folder.name, **document})
        if as_lines:
            print_json_line(rows[-1])
    if as_json:
        print_json("grade_class", {"creators": rows, "n_failures": failures})
    elif not as_lines:
        show_table(
            [_("creator"), _("grade"), _("next"), (_("done"), "right"), _("shortest way")],
            [
                [
                    row["creator"],
                    row["grade_name"] or "-",
                    row["next_name"] or "-",
                    "-" if row["share"] is None else f"{row['share']:.0%}",
                    pick("；", "; ").join(step["text"] for step in row["steps"]),
                ]
                for row in rows
            ],
        )
    if failures:
        raise typer.Exit(1)


def _forecast_of_all(
    root: Path, now: datetime, rate: float | None, seed: int, *, as_json: bool, as_lines: bool
) -> None:
    from creator_kit.planning.account import find_workspaces, forecast_account, load_account

    folders = find_workspaces(root)
    rows, failures = [], 0
    with progress(_("forecasting"), len(folders)) as advance:
        for folder in folders:
            try:
                with Workspace(folder) as home:
                    account = load_account(home, today=now.date())
                    own_rate = rate if rate is not None else _planned_rate(home)
                    result = forecast_account(home, account, now=now, seed=seed, plan_rate=own_rate)
            except CreatorKitError as error:
                failures += 1
                say_error(f"{folder.name}: {error}")
                continue
            finally:
                advance(1)
            rows.append({"creator": folder.name, **_forecast_document(account, result)})
            if as_lines:
                print_json_line(rows[-1])
    if as_json:
        print_json("grade_forecast_class", {"creators": rows, "n_failures": failures})
    elif not as_lines:
        show_table(
            [_("creator"), _("next"), "P10", "P50", "P90", _("to go")],
            [
                [
                    row["creator"],
                    row["grades"][0]["name"] if row["grades"] else "-",
                    *(
                        ((row["grades"][0][level] or _("later")) if row["grades"] else "-")
                        for level in ("p10", "p50", "p90")
                    ),
                    pick("；", "; ").join(row["to_go"]),
                ]
                for row in rows
            ],
        )
    if failures:
        raise typer.Exit(1)


def _status_document(account: Account) -> dict[str, Any]:
    from creator_kit.planning.ladder import describe_task

    state = account.status
    current = account.ladder.find_grade(state.grade)
    return {
        "grade": state.grade,
        "grade_name": current.name if current else None,
        "is_stated": state.is_stated,
        "earned": state.earned,
        "next_grade": state.next_grade.number if state.next_grade else None,
        "next_name": state.next_grade.name if state.next_grade else None,
        "is_reconstructed": bool(state.next_grade and account.ladder.is_reconstructed(state.next_grade.needs)),
        "share": round(float(state.next_progress.share), 4) if state.next_progress else None,
        "progress": _tree(state.next_progress) if state.next_progress else None,
        "steps": [
            {
                "task": step.task.id,
                "n_missing": step.n_missing,
                "text": describe_task(step.task.model_copy(update={"count": step.n_missing})),
            }
            for step in state.steps
        ],
        "n_notes": len(state.doings.notes),
        "amounts": dict(sorted(state.doings.amounts.items())),
    }


def _tree(item: TaskProgress) -> dict[str, Any]:
    task = item.task
    return {
        "task": task.id,
        "joins": "all" if task.all else "any" if task.any else None,
        "action": task.action,
        "collects": task.collects,
        "likes": task.likes,
        "done": item.done,
        "wanted": item.wanted,
        "share": round(float(item.share), 4),
        "is_complete": item.is_complete,
        "source": task.source,
        "date": task.date.isoformat(),
        "confidence": task.confidence,
        "is_reconstructed": task.reconstructed,
        "note_ids": list(item.note_ids),
        "parts": [_tree(part) for part in item.parts],
    }


def _forecast_document(account: Account, result: GradeForecast) -> dict[str, Any]:
    from creator_kit.planning.grade_forecast import describe_lever

    posts = result.posts_needed
    return {
        "grade": account.status.grade,
        "grades": [
            {
                "number": item.number,
                "name": item.name,
                "p10": item.p10.isoformat() if item.p10 else None,
                "p50": item.p50.isoformat() if item.p50 else None,
                "p90": item.p90.isoformat() if item.p90 else None,
                "p_within_two_years": round(item.p_in_time, 4),
                "is_reconstructed": item.reconstructed,
            }
            for item in result.grades
        ],
        "posts_needed": None
        if posts is None
        else {
            "p10": posts.p10,
            "p50": posts.p50,
            "p90": None if posts.p90 == float("inf") else posts.p90,
        },
        "to_go": list(result.to_go),
        "levers": [
            {"code": lever.code, "days_gained": lever.days_gained, "text": describe_lever(lever)}
            for lever in result.levers
        ],
        "posts_per_week": round(result.pace.rate, 3),
        "pace_source": result.pace.source,
        "assumptions": list(result.assumptions),
        "n_replicates": result.n_replicates,
        "seed": result.seed,
    }


def _planned_rate(home: Workspace) -> float | None:
    from creator_kit.planning.planner import load_last_plan
    from creator_kit.planning.wishes import WISHES_NAME, load_wishes

    # Only what somebody wished counts as a rate; the default of a file that is not there does not.
    if (home.root / WISHES_NAME).is_file():
        return float(load_wishes(home.root, {}).posts_per_week)
    last = load_last_plan(home)
    return last.posts_per_week if last is not None else None


def _event_document(event: Any) -> dict[str, Any]:
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


def _warn_of_later_entries(home: Workspace, now: datetime) -> None:
    from creator_kit.planning.ledger import find_later_entry, load_events

    later = find_later_entry(load_events(home), now)
    if later is not None:
        say(
            _(
                "the ledger holds an entry written on {day}, after today ({today}): is the clock, or --today, right?"
            ).format(day=later.logged_at.date(), today=now.date())
        )
