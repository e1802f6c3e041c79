"""``corpus add``, ``corpus stats``, ``corpus export``: other people's notes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli.importing import (
    finish,
    import_files,
    import_pictures,
    parse_exported_at,
    parse_mapping,
)
from creator_kit.cli.options import JsonOption, TodayOption, WorkspaceOption, enter_workspace, resolve_now
from creator_kit.cli.output import print_json, say, show, show_table
from creator_kit.errors import InputError
from creator_kit.locale import _, ngettext, pick

if TYPE_CHECKING:
    from creator_kit.corpus.stats import CorpusStats


def register(app: typer.Typer) -> None:
    """Add this file's commands to ``app``."""
    group = typer.Typer(no_args_is_help=True, help=_("Other people's notes: add exports, see what they are good for."))
    group.command(
        "add",
        help=_(
            "Add exports to the corpus. The format is found by the file's columns; people are anonymised at the door;"
            " adding a file twice changes nothing. A file that cannot be read is told and the rest go in."
            " Exit code 1: rows or files were refused; 3: a file could not be read."
        ),
        epilog=_("Example: creator-kit corpus add search_contents_2026-11-20.jsonl 新红导出.xlsx"),
    )(add)
    group.command(
        "stats",
        help=_("What the corpus holds: notes, authors, span, coverage, floors, and whether ordinary notes are in it."),
        epilog=_("Example: creator-kit corpus stats --json"),
    )(stats)
    group.command(
        "export",
        help=_("Write the corpus as JSONL, one anonymised note a line; adding it to a workspace gives the same notes."),
        epilog=_("Example: creator-kit corpus export --out notes.jsonl"),
    )(export)
    app.add_typer(group, name="corpus")


FilesArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...",
        help=_("Exports: JSONL, JSON, CSV, XLSX, SQLite; a folder stands for those in it; - is JSONL on stdin."),
    ),
]
MapOption = Annotated[
    list[str] | None,
    typer.Option(
        "--map", metavar="FIELD=COLUMN", help=_("A column of a table of your own, e.g. title=标题. Repeat it.")
    ),
]
SourceOption = Annotated[
    str | None, typer.Option("--source", help=_("A name for where these notes come from; else the export's own."))
]
ExportedAtOption = Annotated[
    str | None,
    typer.Option(
        "--exported-at",
        metavar="YYYY-MM-DD[THH:MM]",
        help=_("When the export was made; needed for times such as 3天前."),
    ),
]
EncodingOption = Annotated[
    str | None, typer.Option("--encoding", help=_("The text encoding, e.g. gb18030; else it is found."))
]
StrictOption = Annotated[bool, typer.Option("--strict", help=_("Stop at the first bad row and leave its file out."))]
RecursiveOption = Annotated[
    bool, typer.Option("--recursive", "-r", help=_("Of a folder, add what lies in folders below it too."))
]

ImagesOption = Annotated[
    Path | None,
    typer.Option(
        "--images",
        metavar="FOLDER",
        help=_("Pictures saved beside the export: their covers are measured, the pictures are not kept."),
    ),
]
JobsOption = Annotated[int, typer.Option("--jobs", "-j", min=1, max=64, help=_("Processes that measure covers."))]


def add(
    files: FilesArgument,
    mapping: MapOption = None,
    source: SourceOption = None,
    exported_at: ExportedAtOption = None,
    encoding: EncodingOption = None,
    strict: StrictOption = False,
    recursive: RecursiveOption = False,
    images: ImagesOption = None,
    jobs: JobsOption = 1,
    as_json: JsonOption = False,
    today: TodayOption = None,
    workspace_dir: WorkspaceOption = None,
) -> None:
    from creator_kit.corpus.reading import ReadOptions

    if images is not None and not images.is_dir():
        raise InputError(_("no such folder of pictures"), where=str(images), hint=_("check the path after --images"))
    with enter_workspace(workspace_dir) as workspace:
        options = ReadOptions(
            hash_key=workspace.hash_key,
            account=workspace.settings.account,
            source=source,
            mapping=parse_mapping(mapping or []),
            exported_at=parse_exported_at(exported_at),
            encoding=encoding,
        )
        outcomes = import_files(
            workspace, files, options, own=False, now=resolve_now(today), strict=strict, recursive=recursive
        )
        covers = import_pictures(workspace, images, n_jobs=jobs) if images is not None else None
    next_step = _("next: creator-kit corpus stats") if covers is None else _("next: creator-kit mine --covers")
    finish(outcomes, as_json=as_json, next_step=next_step, covers=covers)


def stats(as_json: JsonOption = False, workspace_dir: WorkspaceOption = None) -> None:
    from dataclasses import asdict

    from creator_kit.corpus.stats import compute_stats
    from creator_kit.corpus.store import iter_notes

    with enter_workspace(workspace_dir) as workspace:
        found = compute_stats(iter_notes(workspace, own=False))
    if as_json:
        print_json("corpus_stats", _rounded(asdict(found)))
    elif found.n_notes == 0:
        say(_("the corpus is empty"))
        say("  → " + _("next: creator-kit corpus add FILE..."))
    else:
        _show_stats(found)


def export(
    out: Annotated[str, typer.Option("--out", "-o", metavar="FILE|-", help=_("The file to write; - is stdout."))] = "-",
    own: Annotated[bool, typer.Option("--own", help=_("Your own notes with their results instead."))] = False,
    workspace_dir: WorkspaceOption = None,
) -> None:
    from creator_kit.corpus.store import export_jsonl
    from creator_kit.datafiles import write_whole

    with enter_workspace(workspace_dir) as workspace:
        if out == "-":
            n_notes = export_jsonl(workspace, sys.stdout.buffer, own=own)
            sys.stdout.buffer.flush()
        else:
            with write_whole(Path(out)) as temporary, temporary.open("wb") as file:
                n_notes = export_jsonl(workspace, file, own=own)
    if out != "-":
        say(
            ngettext("{n} note written to {path}", "{n} notes written to {path}", n_notes).format(
                n=f"{n_notes:,}", path=out
            )
        )


def _show_stats(found: CorpusStats) -> None:
    show_table(
        [_("corpus"), ""],
        [
            (_("notes"), f"{found.n_notes:,}"),
            (_("authors"), _authors(found)),
            (_("published"), _span(found.first_on, found.last_on)),
            (_("types"), _types(found.type_rate)),
        ],
    )
    show("")
    names = _field_names()
    show_table(
        [_("field"), (_("notes that have it"), "right"), (_("of these only a floor (10万+)"), "right")],
        [
            (names[name], _percent(rate), _percent(found.floor_rate[name]) if name in found.floor_rate else "")
            for name, rate in found.coverage_rate.items()
        ],
    )
    show("")
    show_table(
        [_("source"), (_("notes"), "right"), _("published"), (_("likes P10/50/90"), "right"), _("ordinary?")],
        [
            (
                source.source or "-",
                f"{source.n_notes:,}",
                _span(source.first_on, source.last_on, months=True),
                "/".join(map(str, source.likes)) if source.likes else "-",
                {None: _("unclear"), True: _("hot list"), False: _("yes")}[source.is_hot_list],
            )
            for source in found.sources
        ],
    )
    show("")
    for sentence in _sentences(found):
        show("· " + sentence)


def _sentences(found: CorpusStats) -> list[str]:
    contrast = {
        "mixed": _("Ordinary notes stand beside the hot ones, so templates can be compared with what did not work."),
        "hot only": _(
            "Every source is a list of hot notes: without ordinary ones only prevalence can be told, not what works."
        ),
        "part hot only": _("Some sources are lists of hot notes; comparisons use only the sources with ordinary ones."),
        "too few": _("Too few notes with exact likes to say whether ordinary notes are in it."),
    }
    warnings = {
        "one author": _("Nearly all notes are by one author: what is found is that author's habit."),
        "one week": _("Nearly all notes are of one week: what is found may be that week's fashion."),
        "one keyword": _("Nearly all notes come from one search keyword: what is found holds for that topic."),
        "mostly floors": _("Most likes are floors such as 10+: good for texts, poor for telling hot from ordinary."),
        "no time": _("Most notes have no time of publication, so their ages cannot be compared."),
        "no engagement": _("No note has likes, collects or comments: nothing can be told hot."),
    }
    return [contrast[found.contrast], *(warnings[name] for name in found.warnings)]


def _field_names() -> dict[str, str]:
    return {
        "title": _("title"),
        "body": _("body"),
        "tags": _("tags"),
        "type": _("type"),
        "author": _("author"),
        "likes": _("likes"),
        "collects": _("collects"),
        "comments": _("comments"),
        "shares": _("shares"),
        "published_at": _("time of publication"),
        "observed_at": _("time of export"),
        "keyword": _("search keyword"),
        "followers": _("author's followers"),
        "impressions": _("impressions"),
        "views": _("views"),
    }


def _authors(found: CorpusStats) -> str:
    if not found.n_without_author:
        return f"{found.n_authors:,}"
    return _("{n} ({unknown} notes without author)").format(
        n=f"{found.n_authors:,}", unknown=f"{found.n_without_author:,}"
    )


def _types(rates: dict[str, float]) -> str:
    names = {"image": _("image notes"), "video": _("video notes"), "unknown": _("unknown")}
    return " · ".join(f"{names[name]} {_percent(rate)}" for name, rate in rates.items())


def _span(first: str | None, last: str | None, *, months: bool = False) -> str:
    if first is None or last is None:
        return "-"
    length = 7 if months else 10
    return first[:length] if first[:length] == last[:length] else f"{first[:length]}–{last[:length]}"


def _percent(rate: float) -> str:
    if 0 < rate < 0.01:
        percent = "<1"
    else:
        percent = "99" if 0.995 <= rate < 1 else f"{100 * rate:.0f}"
    return pick(f"{percent}%", f"{percent} %")


def _rounded(value: Any) -> Any:
    """Rates to six places: the seventh says nothing, and documents stay comparable across machines."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, (list, tuple)) else value
