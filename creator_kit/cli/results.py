"""``results add``, ``results show``: the creator's own sheets and what they say."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli.corpus import EncodingOption, ExportedAtOption, FilesArgument, RecursiveOption, StrictOption
from creator_kit.cli.importing import finish, import_files, parse_exported_at
from creator_kit.cli.options import JsonOption, TodayOption, WorkspaceOption, enter_workspace, resolve_now
from creator_kit.cli.output import print_json, say, show_table
from creator_kit.cli.plan_calendar import settle
from creator_kit.locale import _

if TYPE_CHECKING:
    from creator_kit.corpus import Note


def register(app: typer.Typer) -> None:
    """Add this file's commands to ``app``."""
    group = typer.Typer(no_args_is_help=True, help=_("Your own notes: what the creator centre says of them."))
    group.command(
        "add",
        help=_(
            "Add your own sheets from the creator centre: the note list, the 近30日 series, single notes' sheets"
            " (TITLE-数据明细表, by the hour), or our JSONL with impressions. A later export updates the counts and"
            " keeps the earlier ones."
            " Exit code 1: rows or files were refused; 3: a file could not be read."
        ),
        epilog=_("Example: creator-kit results add 笔记列表明细表.xlsx 近30日观看数据.xlsx"),
    )(add)
    group.command(
        "show",
        help=_("Your own notes with impressions, views and cover click rate, newest first."),
        epilog=_("Example: creator-kit results show --limit 10"),
    )(show)
    app.add_typer(group, name="results")


def add(
    files: FilesArgument,
    exported_at: ExportedAtOption = None,
    encoding: EncodingOption = None,
    strict: StrictOption = False,
    recursive: RecursiveOption = False,
    as_json: JsonOption = False,
    today: TodayOption = None,
    workspace_dir: WorkspaceOption = None,
) -> None:
    from creator_kit.corpus.reading import ReadOptions

    with enter_workspace(workspace_dir) as workspace:
        options = ReadOptions(
            hash_key=workspace.hash_key,
            account=workspace.settings.account,
            exported_at=parse_exported_at(exported_at),
            encoding=encoding,
        )
        outcomes = import_files(
            workspace, files, options, own=True, now=resolve_now(today), strict=strict, recursive=recursive
        )
        settle(workspace, now=resolve_now(today))
    finish(outcomes, as_json=as_json, next_step=_("next: creator-kit results show"))


def show(
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help=_("At most so many notes."))] = 20,
    as_json: JsonOption = False,
    workspace_dir: WorkspaceOption = None,
) -> None:
    from creator_kit.corpus.stats import is_unsettled
    from creator_kit.corpus.store import iter_days, load_notes

    with enter_workspace(workspace_dir) as workspace:
        notes = load_notes(workspace, own=True)
        days = [{"account": account, **asdict(point)} for account, point in iter_days(workspace)] if as_json else []
    notes.sort(key=lambda note: (note.published_at or "", note.note_id), reverse=True)
    if as_json:
        shown = [_as_json(note, is_unsettled(note)) for note in notes[:limit]]
        print_json("results", {"n_notes": len(notes), "notes": shown, "days": days})
        return
    if not notes:
        say(_("no results of your own yet"))
        say("  → " + _("next: creator-kit results add 笔记列表明细表.xlsx"))
        return
    show_table(
        [
            _("published"),
            _("title"),
            *((name, "right") for name in (_("impr."), _("views"), _("CTR"), _("engaged"), _("fans +"))),
        ],
        [
            (
                (note.published_at or "-")[:10],
                _shorten(note.title) or _("(untitled)"),
                ("…" if is_unsettled(note) else _number(note.impressions)),
                _number(note.views),
                "-" if note.cover_ctr is None or is_unsettled(note) else f"{note.cover_ctr:.1%}",
                _number(_engagement(note)),
                _number(note.new_followers),
            )
            for note in notes[:limit]
        ],
    )
    if any(is_unsettled(note) for note in notes[:limit]):
        say(_("… : the platform has counted views but not yet impressions; export again in a day"))
    if len(notes) > limit:
        say(_("{shown} of {n} notes; more with --limit").format(shown=limit, n=len(notes)))


def _as_json(note: Note, unsettled: bool) -> dict[str, Any]:
    return {
        "note_id": note.note_id,
        "title": note.title,
        "type": note.type,
        "published_at": note.published_at,
        "observed_at": note.observed_at,
        "impressions": note.impressions,
        "views": note.views,
        "cover_ctr": note.cover_ctr,
        "likes": note.likes,
        "collects": note.collects,
        "comments": note.comments,
        "shares": note.shares,
        "new_followers": note.new_followers,
        "avg_watch_seconds": note.avg_watch_seconds,
        "is_settled": not unsettled,
    }


def _engagement(note: Note) -> int | None:
    counts = [count for count in (note.likes, note.collects, note.comments) if count is not None]
    return sum(counts) if counts else None


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


# Cells that the numbers leave for a title on a line of 80.
_TITLE_CELLS = 22


def _shorten(title: str) -> str:
    from wcwidth import wcswidth, wcwidth

    title = " ".join(title.split())
    if wcswidth(title) <= _TITLE_CELLS:
        return title
    kept, width = "", 0
    for character in title:
        width += max(wcwidth(character), 0)
        if width > _TITLE_CELLS - 1:
            break
        kept += character
    return kept + "…"
