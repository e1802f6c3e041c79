"""``backtest``: how wrong the forecast would have been on the creator's own notes, and the ledger's coverage."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli.options import JsonOption, WorkspaceOption, enter_workspace
from creator_kit.cli.output import print_json, say, show, show_table
from creator_kit.locale import _
from creator_kit.workspace import Workspace

if TYPE_CHECKING:
    from creator_kit.exposure.backtest import Backtest, MethodScore
    from creator_kit.exposure.ledger import LedgerReport


def register(app: typer.Typer) -> None:
    """Add this file's commands to ``app``."""
    app.command(
        "backtest",
        help=_("How wrong the forecast would have been on your own notes, beside two medians and the prior alone."),
        epilog=_("Example: creator-kit results add 笔记列表明细表.xlsx && creator-kit backtest"),
    )(backtest)


def backtest(
    profile: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help=_("Ranking profile: explore, seed, or a file."))
    ] = None,
    known_after: Annotated[
        float | None,
        typer.Option(min=0, metavar="DAYS", help=_("A note counts as known to the forecast after so many days (2).")),
    ] = None,
    ledger: Annotated[
        bool, typer.Option("--ledger", help=_("Settle the forecasts that were written down before posting."))
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help=_("Write the calibration plot there as PNG and SVG."))
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    from creator_kit.corpus.store import iter_notes

    with enter_workspace(workspace) as home:
        own_notes = list(iter_notes(home, own=True))
        if ledger:
            from creator_kit.exposure.ledger import settle_ledger
            from creator_kit.planning.slot import load_slots

            known = {slot.ref: slot.note_id for slot in load_slots(home) if slot.ref and slot.note_id}
            _report_ledger(settle_ledger(home.list_forecasts(), own_notes, note_of_draft=known), as_json)
            return
        _report_backtest(home, own_notes, profile, known_after, out, as_json)


def _report_backtest(
    home: Workspace,
    own_notes: list[Any],
    profile: str | None,
    known_after: float | None,
    out: Path | None,
    as_json: bool,
) -> None:
    from creator_kit.exposure import load_profile
    from creator_kit.exposure.account_chart import draw_calibration, render_calibration
    from creator_kit.exposure.backtest import score_shown, score_walk, walk_forward
    from creator_kit.exposure.fitting import level_prior
    from creator_kit.exposure.history import SETTLED_DAYS, collect_history, describe_left_out

    ranking = load_profile(profile or home.settings.profile, home.root)
    history = collect_history(own_notes)
    priors = {
        is_video: level_prior(ranking, is_video=is_video, followers=home.settings.followers, grade=home.settings.grade)
        for is_video in (False, True)
    }
    delay_days = SETTLED_DAYS if known_after is None else known_after
    walk = walk_forward(history, priors, known_after_days=delay_days)
    result, shown = score_walk(walk), score_shown(walk)
    if out is not None:
        for suffix in ("svg", "png"):
            draw_calibration(walk, result.chosen, out / f"calibration.{suffix}")
            say(_("written: {path}").format(path=out / f"calibration.{suffix}"))
    if as_json:
        document = asdict(result) | {"profile": ranking.id, "known_after_days": delay_days}
        document["shown"] = None if shown is None else asdict(shown)
        print_json("backtest", document | {"left_out": history.left_out})
        return
    for sentence in describe_left_out(history.left_out):
        show(sentence)
    _show_table(result, shown, delay_days)
    picture = render_calibration(walk, result.chosen)
    if picture:
        show("")
        show(_("each note's forecast (░ P10 to P90, ━ P50) and what came (● inside, ✗ outside), oldest first"))
        show(picture)


def _show_table(result: Backtest, shown: MethodScore | None, delay_days: float) -> None:
    from creator_kit.exposure.backtest import MIN_KNOWN, MIN_SCORED, SCORED_AGE_DAYS
    from creator_kit.exposure.fitting import describe_method

    if not result.n_notes:
        show(_("Nothing to test yet: none of your own notes has impressions that can be used."))
        show(_("Import your sheet: creator-kit results add 笔记列表明细表.xlsx"))
        return
    if not result.scores:
        show(
            _(
                "Too few own notes to test anything: {n} usable, and a note is scored once {known} others were known "
                "before it and it is {days:g} days old."
            ).format(n=result.n_notes, known=MIN_KNOWN, days=SCORED_AGE_DAYS)
        )
        show(_("Import your sheet again in a while: creator-kit results add FILE"))
        return
    show(
        _(
            "{n_scored} of {n} notes predicted, each from those known before it (older than {days:g} days); errors of "
            "ln(1 + impressions)"
        ).format(n_scored=result.n_scored, n=result.n_notes, days=delay_days)
    )
    show("")
    show_table(
        [
            _("method"),
            ("MAE ln", "right"),
            ("pinball", "right"),
            (_("P10–P90 holds"), "right"),
            ("Spearman", "right"),
        ],
        [
            [
                _("what was shown at the time") if score.method == "shown" else describe_method(score.method),
                f"{score.mae_log:.3f}",
                f"{score.pinball:.3f}",
                f"{100 * score.coverage:.0f}% ({100 * score.coverage_low:.0f}–{100 * score.coverage_high:.0f})",
                "—" if score.spearman is None else f"{score.spearman:+.2f}",
            ]
            for score in [*result.scores.values(), *([shown] if shown else [])]
        ],
    )
    if shown:
        show(_("(shown at the time: for each note the method that the notes before it would have chosen)"))
    show("")
    gain = _("gain of the fitted model on {baseline}: {gain:+.3f} ({low:+.3f} to {high:+.3f}, 95 %)").format(
        baseline=describe_method(result.better_median), gain=result.gain, low=result.gain_low, high=result.gain_high
    )
    show(gain)
    if result.n_scored < MIN_SCORED:
        show(_("Fewer than {n} notes scored: too few to choose by, so the fitted model is shown.").format(n=MIN_SCORED))
    elif result.chosen == "fitted":
        show(_("The interval lies above zero: forecasts show the fitted model."))
    else:
        show(
            _("The interval holds zero: forecasts show {baseline} with the interval of its past errors.").format(
                baseline=describe_method(result.chosen)
            )
        )


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{100 * share:.0f}%"


def _report_ledger(report: LedgerReport, as_json: bool) -> None:
    from creator_kit.exposure.picture import format_count

    if as_json:
        settled = [asdict(item) | {"is_inside": item.is_inside} for item in report.settled]
        print_json("ledger", asdict(report) | {"settled": settled, "coverage_so_far": report.coverage_so_far})
        return
    if report.settled:
        show_table(
            [
                _("published"),
                _("title"),
                ("P10", "right"),
                ("P50", "right"),
                ("P90", "right"),
                (_("came"), "right"),
                "",
                (_("held so far"), "right"),
            ],
            [
                [
                    item.published_at[:10],
                    item.title
                    if item.age_hours >= 720
                    else _("{title} ({days} d)").format(title=item.title, days=item.age_hours // 24),
                    *(format_count(x) for x in (item.p10, item.p50, item.p90)),
                    f"{item.impressions:,}",
                    "✓" if item.is_inside else "✗",
                    _percent(so_far),
                ]
                for item, so_far in zip(report.settled, report.coverage_so_far, strict=True)
            ],
        )
        show("")
        show(
            _("{n} settled, {open} open; {share} lay between P10 and P90 ({low} to {high} at 95%)").format(
                n=len(report.settled),
                open=report.n_open,
                share=_percent(report.coverage),
                low=_percent(report.coverage_low),
                high=_percent(report.coverage_high),
            )
        )
    elif not report.n_open:
        show(_("no forecast has been written down yet"))
        show(_("before posting: creator-kit simulate DRAFT_ID"))
    else:
        show(_("no forecast has settled yet; {open} are open").format(open=report.n_open))
        show(_("post the note, then import your sheet: creator-kit results add FILE"))
