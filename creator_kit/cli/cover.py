"""``cover``: a draft's title, or any text, as a picture that can be posted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli.options import JsonOption, WorkspaceOption, enter_workspace
from creator_kit.cli.output import print_json, progress, say, say_error, show_table
from creator_kit.errors import UsageError
from creator_kit.locale import _, ngettext, pick
from creator_kit.workspace import find_workspace

if TYPE_CHECKING:
    from creator_kit.cover import CoverOptions
    from creator_kit.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add this file's command to ``app``."""
    app.command(
        "cover",
        help=_(
            "Lay out and draw a cover: a draft's, or one from --title. PNG or JPEG, 3:4 unless --size says otherwise."
        ),
        epilog=_('Example: creator-kit cover --title "租房党省钱的5个习惯" --layout big-type --out cover.png'),
    )(cover)


def cover(
    draft_ids: Annotated[
        list[str] | None,
        typer.Argument(metavar="DRAFT...", help=_("Ids of drafts, or unambiguous beginnings of them.")),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help=_("All drafts that have no picture yet."))] = False,
    title: Annotated[str | None, typer.Option("--title", metavar="TEXT", help=_("The title on the cover."))] = None,
    subtitle: Annotated[
        str | None, typer.Option("--subtitle", metavar="TEXT", help=_("A smaller second line."))
    ] = None,
    badge: Annotated[
        str | None, typer.Option("--badge", metavar="TEXT", help=_("A short tag above the title."))
    ] = None,
    points: Annotated[
        list[str] | None, typer.Option("--point", metavar="TEXT", help=_("A point of a list; repeat for more."))
    ] = None,
    price: Annotated[
        str | None, typer.Option("--price", metavar="TEXT", help=_("A price, as it is to be read."))
    ] = None,
    watermark: Annotated[
        str | None, typer.Option("--watermark", metavar="TEXT", help=_("Your handle, small at the foot."))
    ] = None,
    photos: Annotated[
        list[Path] | None, typer.Option("--photo", metavar="FILE", help=_("A photo; repeat for layouts with several."))
    ] = None,
    layout: Annotated[
        str,
        typer.Option("--layout", "-l", metavar="NAME", help=_("A layout (see --list); else one that fits is chosen.")),
    ] = "",
    palette: Annotated[
        str, typer.Option("--palette", "-p", metavar="NAME", help=_("A palette (see --list); else the layout's own."))
    ] = "",
    size: Annotated[
        str, typer.Option("--size", metavar="WxH|RATIO", help=_("1242x1660, 1080x1440, 3:4, 1:1 or 4:3."))
    ] = "3:4",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help=_("Where to write it: .png or .jpg; for several a folder.")),
    ] = None,
    font: Annotated[Path | None, typer.Option("--font", metavar="FILE", help=_("A font file of your own."))] = None,
    ai_label: Annotated[
        bool, typer.Option("--ai-label", help=_("Add the AI-content label, visible and in the file's metadata."))
    ] = False,
    best: Annotated[
        bool, typer.Option("--best", help=_("Try all layouts that fit and keep the one that reads best on the feed."))
    ] = False,
    pages: Annotated[
        bool, typer.Option("--pages", help=_("Also draw inner pages for the points, in the cover's colours."))
    ] = False,
    sheet: Annotated[
        Path | None,
        typer.Option("--sheet", metavar="FILE", help=_("Also draw a contact sheet of all layouts that fit.")),
    ] = None,
    feed: Annotated[
        Path | None,
        typer.Option("--feed", metavar="FILE", help=_("Also draw the cover in a phone's feed, among others.")),
    ] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, max=64, help=_("Processes that draw several."))] = 1,
    listing: Annotated[bool, typer.Option("--list", help=_("List layouts and palettes."))] = False,
    credits: Annotated[bool, typer.Option("--credits", help=_("Show the licences of the font and the emoji."))] = False,
    as_json: JsonOption = False,
    folder: WorkspaceOption = None,
) -> None:
    root = find_workspace((folder or Path.cwd()).resolve())
    if credits:
        _show_credits(font, as_json)
        return
    if listing:
        _show_listing(root, as_json)
        return
    if (not draft_ids and not every) == (title is None):
        raise UsageError(
            _("give either a draft or --title"), hint=_('for example: creator-kit cover --title "早八通勤妆容"')
        )
    given = {
        name: text
        for name, text in (("subtitle", subtitle), ("badge", badge), ("price", price), ("watermark", watermark))
        if text is not None
    }
    if points:
        given["points"] = tuple(points)  # type: ignore[assignment]
    from creator_kit.cover import CoverOptions, CoverTexts, draw_cover, load_cover_assets

    options = CoverOptions(
        layout=layout,
        palette=palette,
        size=size,
        photos=tuple(photos or ()),
        ai_label=ai_label,
        best=best,
        pages=pages,
        sheet=sheet,
        feed=feed,
    )
    if every or (draft_ids and len(draft_ids) > 1):
        if sheet or feed:
            raise UsageError(_("--sheet and --feed are for one cover"), hint=_("name one draft"))
        with enter_workspace(folder) as workspace:
            _draw_drafts(workspace, draft_ids, options, font, given, out, jobs, as_json)
        return
    if not draft_ids:
        written = draw_cover(
            CoverTexts(title or "", **given),  # type: ignore[arg-type]
            out or Path("cover.png"),
            options=options,
            assets=load_cover_assets(root, font),
        )
        for remark in written.remarks:
            say(remark)
        drawn = written.to_json()
    else:
        drawn = _draw_draft(folder, draft_ids[0], options, font, given, out)
    if as_json:
        print_json("cover", drawn)
        return
    say(
        _("cover written: {path} ({width} × {height}, layout {layout}, palette {palette})").format(
            path=drawn["path"],
            width=drawn["width_px"],
            height=drawn["height_px"],
            layout=drawn["layout"],
            palette=drawn["palette"],
        )
    )
    for other in drawn["paths"][1:]:
        say(_("page written: {path}").format(path=other))
    for finding in drawn["score"]["findings"]:
        say("  ! " + finding["message"])


def _draw_draft(
    folder: Path | None,
    draft_id: str,
    options: CoverOptions,
    font: Path | None,
    given: dict[str, Any],
    out: Path | None,
) -> dict[str, Any]:
    """Draw the cover of a draft in its persona's style and note the picture in the draft."""
    from creator_kit.cover.drawing import add_images, draw_draft_cover, load_cover_assets
    from creator_kit.drafting.document import draft_from_json, draft_to_json
    from creator_kit.persona import load_persona

    with enter_workspace(folder) as workspace:
        draft = draft_from_json(workspace.load_draft(draft_id))
        style = load_persona(draft.persona, workspace.root).cover if draft.persona else None
        drawn = draw_draft_cover(
            draft,
            style,
            out or workspace.root / "covers" / f"{draft.draft_id}.png",
            options=options,
            assets=load_cover_assets(workspace.root, font),
            texts=given,
        )
        noted = add_images(draft, drawn.paths, workspace.root, score=drawn.score)
        if noted != draft:
            workspace.save_draft(
                draft.draft_id, topic=draft.topic, created_on=draft.created_on, document=draft_to_json(noted)
            )
    for remark in drawn.remarks:
        say(remark)
    return {"draft_id": draft.draft_id, **drawn.to_json()}


def _draw_drafts(
    workspace: Workspace,
    draft_ids: list[str] | None,
    options: CoverOptions,
    font: Path | None,
    given: dict[str, Any],
    out: Path | None,
    n_jobs: int,
    as_json: bool,
) -> None:
    """Draw the covers of several drafts, of all without a picture when none is named; note each."""
    from creator_kit.cover.batch import BatchFailure, CoverTask, draw_draft_covers
    from creator_kit.cover.drawing import add_images
    from creator_kit.drafting.document import draft_from_json, draft_to_json
    from creator_kit.persona import load_persona

    if out is not None and out.suffix.lower() in (".png", ".jpg", ".jpeg"):
        raise UsageError(_("several covers need a folder"), where=str(out), hint=_("name a folder after --out"))
    if draft_ids is None:
        drafts = [one for one in map(draft_from_json, workspace.list_drafts()) if not one.images]
    else:
        found = [draft_from_json(workspace.load_draft(one)) for one in draft_ids]
        drafts = list({draft.draft_id: draft for draft in found}.values())
    styles = {name: load_persona(name, workspace.root).cover for name in {one.persona for one in drafts} if name}
    folder = out or workspace.root / "covers"
    tasks = [
        CoverTask(draft, styles.get(draft.persona), folder / f"{draft.draft_id}.png", options, given)
        for draft in drafts
    ]
    done: list[dict[str, Any]] = []
    failed: list[BatchFailure] = []
    with progress(_("drawing covers"), len(tasks)) as advance:
        results = draw_draft_covers(tasks, user_root=workspace.root, font=font, n_jobs=n_jobs)
        for draft, result in zip(drafts, results, strict=True):
            if isinstance(result, BatchFailure):
                failed.append(result)
                say_error(str(result))
            else:
                noted = add_images(draft, result.paths, workspace.root, score=result.score)
                if noted != draft:
                    workspace.save_draft(
                        draft.draft_id, topic=draft.topic, created_on=draft.created_on, document=draft_to_json(noted)
                    )
                done.append({"draft_id": draft.draft_id, **result.to_json()})
            advance(1)
    if as_json:
        print_json("covers", {"covers": done, "failed": [one.to_json() for one in failed]})
    else:
        say(
            ngettext("{n} cover written to {folder}", "{n} covers written to {folder}", len(done)).format(
                n=len(done), folder=folder
            )
        )
        n_weak = sum(bool(one["score"]["findings"]) for one in done)
        if n_weak:
            say(
                ngettext(
                    "{n} of them has something to look at: cover DRAFT tells what",
                    "{n} of them have something to look at: cover DRAFT tells what",
                    n_weak,
                ).format(n=n_weak)
            )
    if failed:
        raise typer.Exit(max(one.exit_code for one in failed))


def _show_credits(font: Path | None, as_json: bool) -> None:
    from creator_kit.cover import find_font, list_credits

    lines = list_credits(find_font(font))
    if as_json:
        print_json("cover-credits", {"credits": list(lines)})
    else:
        for line in lines:
            typer.echo(line)


def _show_listing(root: Path | None, as_json: bool) -> None:
    from creator_kit.cover import load_layouts, load_palettes

    layouts = {name: spec for name, spec in load_layouts(root).items() if not spec.inner}
    palettes = load_palettes(root)
    if as_json:
        print_json(
            "cover-list",
            {
                "layouts": [
                    {
                        "name": spec.name,
                        "zh": spec.zh,
                        "en": spec.en,
                        "palette": spec.palette,
                        "n_photos": spec.n_photos,
                        "n_points": list(spec.n_points),
                    }
                    for spec in layouts.values()
                ],
                "palettes": [{"name": name, "zh": item.zh, "en": item.en} for name, item in palettes.items()],
            },
        )
        return
    show_table(
        [_("layout"), _("what it is"), (_("photos"), "right"), (_("points"), "right"), _("palette")],
        [
            (
                spec.name,
                spec.label,
                spec.n_photos or "",
                "–".join(map(str, spec.n_points)) if spec.n_points[1] else "",
                spec.palette,
            )
            for spec in layouts.values()
        ],
    )
    typer.echo("")
    show_table([_("palette"), _("what it is")], [(name, pick(item.zh, item.en)) for name, item in palettes.items()])
