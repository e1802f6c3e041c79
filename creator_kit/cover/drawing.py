"""From words to picture files in one call: lay out, draw, label, save. The command and batches come through here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from creator_kit.cover.boxes import LaidOutCover
from creator_kit.cover.choosing import choose_best, choose_layout, parse_size, pick_layout, pick_palette
from creator_kit.cover.fonts import Fonts, find_font
from creator_kit.cover.from_draft import list_preferred_layouts, write_cover_texts
from creator_kit.cover.labels import VISIBLE_TEXT, AiLabel
from creator_kit.cover.layout import CoverTexts, layout_cover
from creator_kit.cover.pages import layout_pages
from creator_kit.cover.palette import Palette, load_palettes
from creator_kit.cover.photo import PhotoFile
from creator_kit.cover.render import draw_texts, render_cover, render_ground
from creator_kit.cover.saving import check_cover_path, save_cover
from creator_kit.cover.scoring import CoverScore, score_cover
from creator_kit.cover.showing import render_feed, render_sheet
from creator_kit.cover.small import SMALL_FOLDER, keep_small
from creator_kit.cover.spec import CoverLayout, load_layouts
from creator_kit.cover.typeset import TextTooLongError
from creator_kit.drafting.draft import Draft
from creator_kit.errors import RefusedError
from creator_kit.locale import _
from creator_kit.persona.model import CoverStyle


@dataclass(frozen=True)
class CoverOptions:
    """How a cover is to be drawn, apart from its words. An empty ``layout`` or ``palette`` leaves the choice to us.

    ``pages`` adds inner pages beside the cover; ``sheet`` and ``feed`` are files for the contact sheet and the feed
    view. ``preferred`` are layouts to try first, of which ``persona_layout`` is missed aloud; ``weight`` is the
    title's (100 to 900); ``produce_id`` goes into the AI label; ``small_folder`` is where pages look for
    small pictures.
    """

    layout: str = ""
    palette: str = ""
    size: str = "3:4"
    photos: tuple[Path, ...] = ()
    ai_label: bool = False
    best: bool = False
    pages: bool = False
    sheet: Path | None = None
    feed: Path | None = None
    preferred: tuple[str, ...] = ()
    persona_layout: str = ""
    weight: int | None = None
    produce_id: str = ""
    small_folder: Path | None = None


@dataclass(frozen=True)
class CoverAssets:
    """Layouts, palettes and the font: loaded once, used for any number of covers."""

    layouts: Mapping[str, CoverLayout]
    palettes: Mapping[str, Palette]
    fonts: Fonts
    user_root: Path | None = None


@dataclass(frozen=True)
class DrawnCover:
    """What was written. ``paths`` are the cover and its inner pages; ``remarks`` tell the person what was decided."""

    paths: tuple[Path, ...]
    layout: str
    palette: str
    size_px: tuple[int, int]
    ai_label: AiLabel | None
    score: CoverScore
    boxes: dict[str, Any]
    remarks: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As the command's JSON document shows it."""
        return {
            "path": str(self.paths[0]),
            "paths": [str(one) for one in self.paths],
            "layout": self.layout,
            "palette": self.palette,
            "width_px": self.size_px[0],
            "height_px": self.size_px[1],
            "ai_label": self.ai_label is not None,
            "score": asdict(self.score),
            "boxes": self.boxes,
        }


def load_cover_assets(user_root: Path | None = None, font: Path | None = None) -> CoverAssets:
    """Layouts and palettes (a workspace's own first) and the font. Raises InputError or AssetError."""
    return CoverAssets(load_layouts(user_root), load_palettes(user_root), find_font(font), user_root)


def draw_cover(
    texts: CoverTexts,
    path: Path,
    *,
    options: CoverOptions | None = None,
    assets: CoverAssets | None = None,
    is_price_wanted: bool = True,
) -> DrawnCover:
    """Lay out ``texts``, draw them and write ``path`` (.png or .jpg); nothing is written unless all can be.

    A price only chooses the layout when ``is_price_wanted``. Raises UsageError, TextTooLongError, MissingGlyphError,
    InputError for a photo, StorageError.
    """
    options = options or CoverOptions()
    for one in (path, options.sheet, options.feed):
        if one is not None:
            check_cover_path(one)
    return _Drawing(texts, options, assets or load_cover_assets(), is_price_wanted).write(path)


def draw_draft_cover(
    draft: Draft,
    style: CoverStyle | None,
    path: Path,
    *,
    options: CoverOptions | None = None,
    assets: CoverAssets | None = None,
    texts: Mapping[str, Any] | None = None,
) -> DrawnCover:
    """Draw ``draft``'s cover in its persona's ``style`` and write ``path``; what ``options`` names comes first.

    ``texts`` replaces fields of the cover's texts (subtitle, badge, points, price, watermark). A draft that a model
    had a hand in gets the AI label. The draft itself is not changed: see ``add_images``. Raises RefusedError for a
    gap in the title, else as ``draw_cover``; a TextTooLongError offers the draft's shorter titles.
    """
    options = options or CoverOptions()
    assets = assets or load_cover_assets()
    remarks: list[str] = []
    if style is not None:
        palette = options.palette
        if style.palette and not palette:
            if style.palette in assets.palettes:
                palette = style.palette
            else:
                remarks.append(_("the persona's palette '{name}' is not known here").format(name=style.palette))
        options = replace(
            options,
            palette=palette,
            persona_layout=options.persona_layout or style.layout,
            weight=style.weight if options.weight is None else options.weight,
        )
    options = replace(
        options,
        ai_label=options.ai_label or draft.model_used,
        produce_id=options.produce_id or draft.draft_id,
        small_folder=assets.user_root / SMALL_FOLDER if assets.user_root else None,
        preferred=options.preferred or list_preferred_layouts(draft, options.persona_layout),
    )
    given = dict(texts or {})
    words = replace(write_cover_texts(draft, watermark=style.watermark if style else ""), **given)
    if draft.missing and any(gap in words.title for gap in draft.missing):
        raise RefusedError(
            _("the title still has a gap: {title}").format(title=words.title),
            hint=_("fill it in, or give the cover its own words: --title TEXT"),
        )
    try:
        drawn = draw_cover(words, path, options=options, assets=assets, is_price_wanted=bool(given.get("price")))
    except TextTooLongError as error:
        shorter = [one.title for one in draft.titles if len(one.title) < len(draft.title)]
        if error.role == "title" and shorter:
            error.hint = _("shorter candidates of this draft: {titles}").format(titles=" / ".join(shorter[:3]))
        raise
    return replace(drawn, remarks=(*remarks, *drawn.remarks))


def add_images(draft: Draft, paths: Sequence[Path], root: Path, *, score: CoverScore | None = None) -> Draft:
    """``draft`` with ``paths`` first among its images, relative to the workspace ``root`` where they lie within; the
    cover's ``score`` is noted in ``extra["cover_score"]`` (0 to 100)."""
    noted = tuple(_note_path(path, root) for path in paths)
    extra = draft.extra if score is None else {**draft.extra, "cover_score": round(score.score)}
    return replace(draft, images=(*noted, *(image for image in draft.images if image not in noted)), extra=extra)


def _note_path(path: Path, root: Path) -> str:
    try:
        return path.resolve().relative_to(root.resolve()).as_posix()
    except ValueError:
        return str(path.resolve())


class _Drawing:
    """One call: the photos, the label and the ranking are found once."""

    def __init__(self, texts: CoverTexts, options: CoverOptions, assets: CoverAssets, is_price_wanted: bool) -> None:
        self.options, self.assets, self.remarks = options, assets, list[str]()
        self.size_px = parse_size(options.size)
        self.wanted = pick_palette(options.palette, assets.palettes) if options.palette else None
        self.pictures = [PhotoFile(photo) for photo in options.photos]
        kept = next((label for label in [one.read_label() for one in self.pictures] if label), None)
        self.label = kept or (AiLabel(produce_id=options.produce_id) if options.ai_label else None)
        if self.label:
            # A label that a photo carries must not get lost: the cover made of it carries it too, and shows it.
            texts = replace(texts, label=VISIBLE_TEXT)
            if kept and not options.ai_label:
                self.remarks.append(_("a photo carries an AI-content label; the cover keeps it"))
        self.texts = texts
        self.choosing_texts = texts if is_price_wanted else replace(texts, price="")
        self.ranked: list[tuple[CoverScore, LaidOutCover]] | None = None

    def write(self, path: Path) -> DrawnCover:
        assets, options = self.assets, self.options
        score, cover = self._lay_out()
        spec = assets.layouts[cover.layout]
        palette = options.palette or spec.palette
        inner: list[LaidOutCover] = []
        if options.pages:
            inner += layout_pages(
                self.texts, layouts=assets.layouts, size_px=self.size_px, palette=assets.palettes[palette],
                fonts=assets.fonts,
            )  # fmt: skip
        # All are drawn before the first is written: a point that fits no page leaves no half of a carousel.
        ground = render_ground(cover)
        image = ground.copy()
        draw_texts(image, cover)
        images = [image, *(render_cover(page) for page in inner)]
        paths = [path, *(path.with_name(f"{path.stem}-{n}{path.suffix}") for n in range(2, len(images) + 1))]
        for one, image in zip(paths, images, strict=True):
            save_cover(image, one, ai_label=self.label)
            if options.small_folder:
                keep_small(image, one, options.small_folder)
        if options.sheet:
            self._draw_sheet(options.sheet)
        if options.feed:
            self._draw_feed(images[0], options.feed)
        return DrawnCover(
            tuple(paths),
            spec.name,
            palette,
            cover.size_px,
            self.label,
            score or score_cover(cover, (ground, image)),
            cover.describe(),
            tuple(self.remarks),
        )

    def _lay_out(self) -> tuple[CoverScore | None, LaidOutCover]:
        options, layouts = self.options, self.assets.layouts
        if options.best and not options.layout:
            return self._rank()[0]
        if options.layout:
            spec = pick_layout(options.layout, layouts)
        else:
            spec = choose_layout(self.choosing_texts, layouts, n_photos=len(self.pictures), preferred=options.preferred)
            if options.persona_layout and spec.name != options.persona_layout:
                self.remarks.append(
                    _("the persona's layout '{wanted}' needs photos or points that are not here; took '{name}'").format(
                        wanted=options.persona_layout, name=spec.name
                    )
                )
        cover = layout_cover(
            spec,
            self.texts,
            size_px=self.size_px,
            palette=self.wanted or self.assets.palettes[spec.palette],
            fonts=self.assets.fonts,
            photo=self.pictures or None,
            weight=options.weight,
        )
        return None, cover

    def _rank(self) -> list[tuple[CoverScore, LaidOutCover]]:
        if self.ranked is None:  # --best and --sheet ask for the same
            self.ranked = choose_best(
                self.choosing_texts,
                self.assets.layouts,
                self.assets.palettes,
                fonts=self.assets.fonts,
                photos=self.pictures,
                size_px=self.size_px,
                palette=self.wanted,
                weight=self.options.weight,
            )
        return self.ranked

    def _draw_sheet(self, path: Path) -> None:
        cells = [(f"{cover.layout} · {score.score:.0f}", render_cover(cover)) for score, cover in self._rank()]
        save_cover(render_sheet(cells, self.assets.fonts), path)

    def _draw_feed(self, image: Image.Image, path: Path) -> None:
        assets = self.assets
        feed = render_feed(
            image,
            self.texts.title,
            layouts=assets.layouts,
            palettes=assets.palettes,
            fonts=assets.fonts,
            user_root=assets.user_root,
        )
        save_cover(feed, path)
