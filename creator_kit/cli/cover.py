"""``cover``: a draft's title, or any text, as a picture that can be posted."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli.options import JsonOption, WorkspaceOption, enter_workspace
from creator_kit.cli.output import print_json, say, show_table
from creator_kit.errors import RefusedError, UsageError
from creator_kit.locale import _, pick
from creator_kit.workspace import find_workspace

if TYPE_CHECKING:
    from creator_kit.cover import CoverScore, CoverTexts, LaidOutCover, Palette
    from creator_kit.drafting import Draft
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
    draft_id: Annotated[
        str | None, typer.Argument(metavar="DRAFT", help=_("A draft's id, or an unambiguous beginning of it."))
    ] = None,
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
        Path | None, typer.Option("--out", "-o", metavar="FILE", help=_("Where to write it: .png or .jpg."))
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
    if (draft_id is None) == (title is None):
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
    request = _Request(tuple(photos or ()), layout, palette, size, font, ai_label, root, bool(price))
    request.best, request.pages, request.sheet, request.feed = best, pages, sheet, feed
    if draft_id is None:
        from creator_kit.cover import CoverTexts

        drawn = request.draw(CoverTexts(title or "", **given), out or Path("cover.png"))  # type: ignore[arg-type]
    else:
        with enter_workspace(folder) as workspace:
            drawn = _cover_draft(workspace, draft_id, given, request, out)
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


class _Request:
    """What was asked of the picture, apart from its words."""

    def __init__(
        self,
        photos: tuple[Path, ...],
        layout: str,
        palette: str,
        size: str,
        font: Path | None,
        ai_label: bool,
        root: Path | None,
        price_given: bool,
    ) -> None:
        self.photos, self.layout, self.palette, self.size = photos, layout, palette, size
        self.font, self.ai_label, self.root, self.price_given = font, ai_label, root, price_given
        self.preferred: tuple[str, ...] = ()
        self.persona_layout, self.produce_id = "", ""
        self.weight: int | None = None
        self.best = self.pages = False
        self.ranked: list[tuple[CoverScore, LaidOutCover]] | None = None
        self.sheet: Path | None = None
        self.feed: Path | None = None

    def draw(self, texts: CoverTexts, path: Path) -> dict[str, Any]:
        """Lay out, draw and save; what was done, as JSON."""
        from creator_kit import cover as room

        for one in (path, self.sheet, self.feed):
            if one is not None:
                room.check_cover_path(one)
        self.layouts, self.palettes = room.load_layouts(self.root), room.load_palettes(self.root)
        self.fonts, self.size_px = room.find_font(self.font), room.parse_size(self.size)
        self.pictures = [room.load_photo(photo) for photo in self.photos]
        kept = next((label for label in map(room.read_ai_label, self.pictures) if label), None)
        label = kept or (room.AiLabel(produce_id=self.produce_id) if self.ai_label else None)
        if label:
            # A label that a photo carries must not get lost: the cover made of it carries it too, and shows it.
            texts = replace(texts, label=room.VISIBLE_TEXT)
            if kept and not self.ai_label:
                say(_("a photo carries an AI-content label; the cover keeps it"))
        wanted = room.pick_palette(self.palette, self.palettes) if self.palette else None
        laid_out = self._lay_out(texts, wanted)
        spec = self.layouts[laid_out.layout]
        name = self.palette or spec.palette
        inner = (
            room.layout_pages(
                texts, layouts=self.layouts, size_px=self.size_px, palette=self.palettes[name], fonts=self.fonts
            )
            if self.pages
            else ()
        )
        # All are drawn before the first is written: a point that fits no page leaves no half of a carousel.
        images = [room.render_cover(page) for page in (laid_out, *inner)]
        paths = [path, *(path.with_name(f"{path.stem}-{n}{path.suffix}") for n in range(2, len(images) + 1))]
        for one, image in zip(paths, images, strict=True):
            room.save_cover(image, one, ai_label=label)
        if self.sheet:
            self._draw_sheet(texts, wanted, self.sheet)
        if self.feed:
            feed = room.render_feed(
                images[0], texts.title, layouts=self.layouts, palettes=self.palettes, fonts=self.fonts,
                user_root=self.root,
            )  # fmt: skip
            room.save_cover(feed, self.feed)
        score = asdict(room.score_cover(laid_out))
        return {
            "path": str(path),
            "paths": [str(one) for one in paths],
            "layout": spec.name,
            "palette": name,
            "width_px": laid_out.size_px[0],
            "height_px": laid_out.size_px[1],
            "ai_label": label is not None,
            "score": score,
            "boxes": laid_out.describe(),
        }

    def _lay_out(self, texts: CoverTexts, palette: Palette | None) -> LaidOutCover:
        from creator_kit import cover as room

        if self.best and not self.layout:
            return self._rank(texts, palette)[0][1]
        if self.layout:
            spec = room.pick_layout(self.layout, self.layouts)
        else:
            shown = texts if self.price_given else replace(texts, price="")
            spec = room.choose_layout(shown, self.layouts, n_photos=len(self.pictures), preferred=self.preferred)
            if self.persona_layout and spec.name != self.persona_layout:
                say(
                    _("the persona's layout '{wanted}' needs photos or points that are not here; took '{name}'").format(
                        wanted=self.persona_layout, name=spec.name
                    )
                )
        return room.layout_cover(
            spec,
            texts,
            size_px=self.size_px,
            palette=palette or self.palettes[spec.palette],
            fonts=self.fonts,
            photo=self.pictures or None,
            weight=self.weight,
        )

    def _rank(self, texts: CoverTexts, palette: Palette | None) -> list[tuple[CoverScore, LaidOutCover]]:
        from creator_kit.cover import choose_best

        if self.ranked is None:  # --best and --sheet ask for the same
            self.ranked = choose_best(
                texts if self.price_given else replace(texts, price=""),
                self.layouts,
                self.palettes,
                fonts=self.fonts,
                photos=self.pictures,
                size_px=self.size_px,
                palette=palette,
                weight=self.weight,
            )
        return self.ranked

    def _draw_sheet(self, texts: CoverTexts, palette: Palette | None, path: Path) -> None:
        from creator_kit import cover as room

        cells = [
            (f"{laid_out.layout} · {score.score:.0f}", room.render_cover(laid_out))
            for score, laid_out in self._rank(texts, palette)
        ]
        room.save_cover(room.render_sheet(cells, self.fonts), path)


def _cover_draft(
    workspace: Workspace, draft_id: str, given: dict[str, Any], request: _Request, out: Path | None
) -> dict[str, Any]:
    """Draw the cover of a draft in its persona's style and note the picture in the draft."""
    from creator_kit.cover import TextTooLongError
    from creator_kit.cover.from_draft import list_preferred_layouts, write_cover_texts
    from creator_kit.drafting.document import draft_from_json, draft_to_json

    draft = draft_from_json(workspace.load_draft(draft_id))
    watermark = _take_style(draft, request, workspace.root)
    request.ai_label = request.ai_label or draft.model_used
    request.produce_id = draft.draft_id
    request.preferred = list_preferred_layouts(draft, request.persona_layout)
    texts = replace(write_cover_texts(draft, watermark=watermark), **given)
    if draft.missing and any(gap in texts.title for gap in draft.missing):
        raise RefusedError(
            _("the title still has a gap: {title}").format(title=texts.title),
            hint=_("fill it in, or give the cover its own words: --title TEXT"),
        )
    path = out or workspace.root / "covers" / f"{draft.draft_id}.png"
    try:
        drawn = request.draw(texts, path)
    except TextTooLongError as error:
        shorter = [one.title for one in draft.titles if len(one.title) < len(draft.title)]
        if error.role == "title" and shorter:
            error.hint = _("shorter candidates of this draft: {titles}").format(titles=" / ".join(shorter[:3]))
        raise
    noted = tuple(_note_path(Path(one), workspace.root) for one in drawn["paths"])
    images = (*noted, *(image for image in draft.images if image not in noted))
    if images != draft.images:
        draft = replace(draft, images=images)
        workspace.save_draft(
            draft.draft_id, topic=draft.topic, created_on=draft.created_on, document=draft_to_json(draft)
        )
    return {"draft_id": draft.draft_id, **drawn}


def _note_path(path: Path, root: Path) -> str:
    """``path`` as the draft keeps it: relative to the workspace where it lies within."""
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return str(path.resolve())


def _take_style(draft: Draft, request: _Request, root: Path) -> str:
    """Put the persona's palette, layout and weight where the command named none; its watermark."""
    from creator_kit.cover import load_palettes
    from creator_kit.persona import load_persona

    if not draft.persona:
        return ""
    style = load_persona(draft.persona, root).cover
    if style.palette and not request.palette:
        if style.palette in load_palettes(root):
            request.palette = style.palette
        else:
            say(_("the persona's palette '{name}' is not known here").format(name=style.palette))
    request.persona_layout = style.layout
    request.weight = style.weight
    return style.watermark


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
