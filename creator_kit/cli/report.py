"""``report``: the page that a person would rather look at than read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from creator_kit.cli.options import (
    JsonOption,
    SeedOption,
    TodayOption,
    WorkspaceOption,
    enter_workspace,
    resolve_now,
)
from creator_kit.cli.output import print_json, say, show
from creator_kit.errors import UsageError
from creator_kit.locale import _
from creator_kit.workspace import find_workspace


def register(app: typer.Typer) -> None:
    """Add this file's command to ``app``."""
    app.command(
        "report",
        help=_(
            "Write the page of this workspace: feed, comparison, forecast, templates, plan and grades, to look at in a "
            "browser, on a phone or on paper. It needs no network."
        ),
        epilog=_("Example: creator-kit report --open; for a class: creator-kit report --class class-3/ -p dorm-cook"),
    )(report)


def report(
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="DIR", help=_("Where; else the workspace's report folder."))
    ] = None,
    open_page: Annotated[bool, typer.Option("--open", help=_("Open it in the browser."))] = False,
    single_file: Annotated[
        bool, typer.Option("--single-file", help=_("One file with its pictures inside, to send to somebody."))
    ] = False,
    class_dir: Annotated[
        Path | None,
        typer.Option("--class", metavar="DIR", help=_("A folder of trainees' drafts in place of the workspace's.")),
    ] = None,
    persona: Annotated[
        str | None, typer.Option("--persona", "-p", metavar="NAME|DIR", help=_("The persona pack of the class."))
    ] = None,
    seed: SeedOption = 0,
    today: TodayOption = None,
    as_json: JsonOption = False,
    folder: WorkspaceOption = None,
) -> None:
    from creator_kit.report.build import ReportOptions, write_report

    if persona is not None and class_dir is None:
        raise UsageError(_("--persona belongs to --class"), hint=_("creator-kit report --class DIR -p NAME"))
    needs_none = class_dir is not None and folder is None and find_workspace(Path.cwd()) is None
    home = None if needs_none else enter_workspace(folder)
    try:
        target = out or (home.root if home is not None else Path()) / ("class-report" if class_dir else "report")
        written = write_report(
            home,
            ReportOptions(
                out=target,
                now=resolve_now(today),
                seed=seed,
                single_file=single_file,
                class_dir=class_dir,
                persona=persona,
            ),
        )
    finally:
        if home is not None:
            home.close()
    if as_json:
        print_json(
            "report",
            {
                "page": str(written.page),
                "n_pages": written.n_pages,
                "n_drafts": written.n_drafts,
                "n_shown": written.n_shown,
                "n_without_cover": written.n_without_cover,
                "page_bytes": written.page_bytes,
                "thumb_bytes": written.thumb_bytes,
                "total_bytes": written.total_bytes,
            },
        )
    else:
        show(str(written.page))
        say(
            _("{n} drafts; the page {page} MB, with the pictures of its feed {all} MB").format(
                n=written.n_shown,
                page=f"{written.page_bytes / 1e6:.1f}",
                all=f"{(written.page_bytes + written.thumb_bytes) / 1e6:.1f}",
            )
        )
        if written.n_shown < written.n_drafts:
            say(
                _(
                    "One file holds the newest {n} of {all} drafts; without --single-file all stand on further pages."
                ).format(n=written.n_shown, all=written.n_drafts)
            )
        elif written.n_pages > 1:
            say(_("{n} pages of drafts, newest first").format(n=written.n_pages))
    if open_page and typer.launch(written.page.resolve().as_uri()) != 0:
        say(_("no browser could be opened; open it yourself: {path}").format(path=written.page))
