"""Grades on the screen and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from creator_kit.cli.output import say, show, show_table
from creator_kit.locale import _, pick

if TYPE_CHECKING:
    from creator_kit.planning.account import Account
    from creator_kit.planning.grade_forecast import GradeForecast
    from creator_kit.planning.progress import TaskProgress

BAR_COLUMNS = 16
TASK_COLUMNS = 50
N_GRADES_AHEAD = 4


def show_status(account: Account) -> None:
    """Where the account stands, the next grade as a tree of tasks with bars, and the shortest way."""
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
    if wcswidth(text) >= TASK_COLUMNS:  # the bar goes below: a terminal would break the line anywhere
        show(text)
        text = ""
    show(
        text
        + " " * (TASK_COLUMNS - wcswidth(text))
        + _bar(item.share)
        + f" {count}"
        + (" ~" if item.task.reconstructed else "")
    )


def _bar(share: Fraction) -> str:
    filled = int(share * BAR_COLUMNS)
    return "[" + "#" * filled + "." * (BAR_COLUMNS - filled) + "]"


def show_forecast(account: Account, result: GradeForecast) -> None:
    """The dates of the next grades, what is to go, what shortens it most, and what all this rests on."""
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


def status_document(account: Account) -> dict[str, Any]:
    """Where the account stands, for ``--json``."""
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


def forecast_document(account: Account, result: GradeForecast) -> dict[str, Any]:
    """The forecast, for ``--json``."""
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


def show_statuses(rows: Sequence[dict[str, Any]]) -> None:
    """One line a creator: grade, how far the next one is, the shortest way."""
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


def show_forecasts(rows: Sequence[dict[str, Any]]) -> None:
    """One line a creator: when the next grade comes, and what is to go."""
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
