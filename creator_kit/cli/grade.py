"""``grade``: the ladder, where the account stands and when the next grades come."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli import grade_ledger
from creator_kit.cli.class_run import AllOption, run_class
from creator_kit.cli.grade_ledger import warn_of_later_entries
from creator_kit.cli.grade_output import (
    forecast_document,
    show_forecast,
    show_forecasts,
    show_status,
    show_statuses,
    status_document,
)
from creator_kit.cli.options import (
    JsonLinesOption,
    JsonOption,
    SeedOption,
    TodayOption,
    WorkspaceOption,
    enter_workspace,
    resolve_now,
)
from creator_kit.cli.output import print_json, print_json_line, show, show_table
from creator_kit.locale import _
from creator_kit.workspace import Workspace

if TYPE_CHECKING:
    from creator_kit.planning.account import Account
    from creator_kit.planning.grade_forecast import GradeForecast

RateOption = Annotated[
    float | None,
    typer.Option("--posts-per-week", min=0, max=50, help=_("Posts a week to assume where you have posted too little.")),
]


def register(app: typer.Typer) -> None:
    """Add the ``grade`` group to ``app``."""
    group = typer.Typer(no_args_is_help=True, help=_("Your grade: what is done, what is missing, when the next comes."))
    group.command(
        "status",
        help=_("Where you are on the ladder, what is done, what is missing, and the shortest next step."),
        epilog=_("Example: creator-kit grade status"),
    )(status)
    grade_ledger.add_commands(group)
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

    now = resolve_now(today)
    day = now.date()
    if everyone is not None:
        run_class(
            everyone,
            lambda home: status_document(load_account(home, today=day)),
            show_statuses,
            kind="grade_class",
            label=_("reading grades"),
            as_json=as_json,
            as_lines=as_lines,
        )
        return
    with enter_workspace(workspace) as home:
        account = load_account(home, today=day)
        warn_of_later_entries(home, now)
    if as_lines:
        print_json_line(status_document(account))
        return
    if as_json:
        print_json("grade_status", status_document(account) | {"today": day.isoformat()})
        return
    show_status(account)


def forecast(
    everyone: AllOption = None,
    posts_per_week: RateOption = None,
    as_json: JsonOption = False,
    as_lines: JsonLinesOption = False,
    seed: SeedOption = 0,
    today: TodayOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    now = resolve_now(today)
    if everyone is not None:
        run_class(
            everyone,
            lambda home: forecast_document(*_forecast_one(home, posts_per_week, now, seed)),
            show_forecasts,
            kind="grade_forecast_class",
            label=_("forecasting"),
            as_json=as_json,
            as_lines=as_lines,
        )
        return
    with enter_workspace(workspace) as home:
        account, result = _forecast_one(home, posts_per_week, now, seed)
    if as_lines:
        print_json_line(forecast_document(account, result))
        return
    if as_json:
        print_json("grade_forecast", forecast_document(account, result) | {"today": now.date().isoformat()})
        return
    show_forecast(account, result)


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


def _forecast_one(home: Workspace, rate: float | None, now: datetime, seed: int) -> tuple[Account, GradeForecast]:
    from creator_kit.planning.account import forecast_account, load_account, planned_rate

    account = load_account(home, today=now.date())
    wished = rate if rate is not None else planned_rate(home)
    return account, forecast_account(home, account, now=now, seed=seed, plan_rate=wished)
