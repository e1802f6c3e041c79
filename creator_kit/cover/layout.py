"""The solver: layout + texts → boxes in pixels, from real glyph metrics. Pure: nothing is drawn here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from creator_kit.cover.boxes import Box, LaidOutCover, PhotoBox, PlateBox, TextBox, place_text
from creator_kit.cover.fonts import Fonts
from creator_kit.cover.palette import Palette
from creator_kit.cover.points import ListStyle, set_points
from creator_kit.cover.shapes import write_background_svg, write_overlay_svg
from creator_kit.cover.spec import SAFE_MARGIN, CoverLayout, Item, Mark, Photo, Stack
from creator_kit.cover.typeset import ASCENT_EM, SetText, TextStyle, TextTooLongError, set_text
from creator_kit.errors import UsageError
from creator_kit.locale import _, pick

# Below this share of the short side a title cannot be read on a two-column feed (about 20 px of 540).
LABEL_HEIGHT_RATE = 0.05  # GB 45438-2025: the visible label's text is at least 5 % of the short side
SIZES_PX = {"3:4": (1242, 1660), "1:1": (1242, 1242), "4:3": (1440, 1080)}
MIN_SIDE_PX, MAX_SIDE_PX = 300, 4096


@dataclass(frozen=True, slots=True)
class CoverTexts:
    """What stands on a cover. Only ``title`` must be given. ``label`` is the visible AI label, when one is due."""

    title: str
    subtitle: str = ""
    badge: str = ""
    points: tuple[str, ...] = ()
    price: str = ""
    watermark: str = ""
    label: str = ""


def layout_cover(
    spec: CoverLayout,
    texts: CoverTexts,
    *,
    size_px: tuple[int, int] = SIZES_PX["3:4"],
    palette: Palette,
    fonts: Fonts,
    photo: Any = None,
    weight: int | None = None,
    first_number: int = 1,
) -> LaidOutCover:
    """Boxes of a cover of ``size_px``. ``photo`` is a PIL image or several; ``weight`` overrides the title's;
    points are numbered from ``first_number``.

    Raises TextTooLongError (a text fits at no legible size), MissingGlyphError, and UsageError when the layout needs
    photos or points that were not given, or the size is out of range.
    """
    pictures = _as_pictures(photo)
    _check_inputs(spec, texts, size_px, len(pictures))
    solver = _Solver(spec, texts, size_px, palette, fonts, weight, first_number)
    for stack in spec.stack:
        solver.place_stack(stack)
    if texts.label:
        solver.place_label()
    return LaidOutCover(
        spec.name,
        size_px,
        write_background_svg(spec, palette, size_px),
        write_overlay_svg(spec, palette, size_px),
        tuple(solver.photo_box(i, photo) for i, photo in enumerate(spec.photo)),
        tuple(solver.plates),
        tuple(solver.texts),
        fonts,
        pictures,
    )


def _as_pictures(photo: Any) -> tuple[Any, ...]:
    if photo is None:
        return ()
    return tuple(photo) if isinstance(photo, Sequence) else (photo,)


def _check_inputs(spec: CoverLayout, texts: CoverTexts, size_px: tuple[int, int], n_photos: int) -> None:
    if not texts.title.strip():
        raise UsageError(_("the title is empty"), hint=_("give one: --title TEXT"))
    if not all(MIN_SIDE_PX <= side <= MAX_SIDE_PX for side in size_px):
        raise UsageError(
            _("a cover's side is {low} to {high} pixels").format(low=MIN_SIDE_PX, high=MAX_SIDE_PX),
            hint=_("the platform's usual sizes are 1242x1660 and 1080x1440"),
        )
    if n_photos < spec.n_photos:
        raise UsageError(
            _("layout '{name}' shows {need} photos, {given} were given").format(
                name=spec.name, need=spec.n_photos, given=n_photos
            ),
            hint=_("add --photo FILE once for each, or choose a layout without photos"),
        )
    if any(item.role == "price" for stack in spec.stack for item in stack.item) and not texts.price.strip():
        raise UsageError(
            _("layout '{name}' shows a price, none was given").format(name=spec.name),
            hint=_("add --price TEXT, or choose another layout"),
        )
    low, high = spec.n_points
    n_points = len(texts.points)
    if low and n_points < low:
        raise UsageError(
            _("layout '{name}' needs at least {need} points, {given} were given").format(
                name=spec.name, need=low, given=n_points
            ),
            hint=_("add --point TEXT once for each, or choose a layout without points"),
        )
    if high and n_points > high:
        raise UsageError(
            _("layout '{name}' holds {need} points, {given} were given").format(
                name=spec.name, need=high, given=n_points
            ),
            hint=_("give fewer points, or spread them over inner pages: --pages"),
        )


@dataclass
class _Prepared:
    """An item set at its size, before its place is known. ``height`` includes its plate's pads."""

    item: Item
    text: SetText | None
    height: int
    pad_x: int = 0
    pad_y: int = 0
    points: Any = None


class _Solver:
    def __init__(
        self,
        spec: CoverLayout,
        texts: CoverTexts,
        size_px: tuple[int, int],
        palette: Palette,
        fonts: Fonts,
        weight: int | None,
        first_number: int,
    ) -> None:
        self.spec, self.given, self.size_px, self.palette, self.fonts = spec, texts, size_px, palette, fonts
        self.title_weight, self.first_number = weight, first_number
        self.unit = min(size_px)
        self.plates: list[PlateBox] = []
        self.texts: list[TextBox] = []

    def photo_box(self, index: int, photo: Photo) -> PhotoBox:
        return PhotoBox(
            index,
            self._pixels(photo.box),
            round(photo.radius * self.unit),
            round(photo.border * self.unit),
            self.palette.rgb(photo.border_fill),
            photo.scrim,
            photo.focus,
        )

    def place_stack(self, stack: Stack) -> None:
        """Set the items that have a text, then pile them up in the stack's box."""
        _left, top, _right, bottom = box = self._pixels(stack.box)
        items = [item for item in stack.item if (item.role == "points" and self.given.points) or self._text_of(item)]
        if not items:
            return
        try:
            gaps, prepared = self._prepare_stack(stack, items, box, squeezed=False)
        except TextTooLongError:
            # Little room (a square cover): the small texts at their least size, so that the title gets the rest.
            gaps, prepared = self._prepare_stack(stack, items, box, squeezed=True)
        total = sum(other.height for other in prepared.values()) + sum(gaps)
        free = bottom - top - total
        y = top + {"top": 0, "middle": free // 2, "bottom": free}[stack.valign]
        for i, item in enumerate(items):
            y += gaps[i]
            self._place(prepared[i], item.align or stack.align, box, y)
            y += prepared[i].height

    def _prepare_stack(
        self, stack: Stack, items: Sequence[Item], box: Box, *, squeezed: bool
    ) -> tuple[list[int], dict[int, _Prepared]]:
        """Gaps above the items, and the items set at their sizes: growing ones last, into what is left."""
        left, top, right, bottom = box
        gaps = [round((stack.gap if item.gap is None else item.gap) * self.unit) for item in items]
        if squeezed:
            gaps = [gap // 2 for gap in gaps]
        gaps[0] = 0
        room = bottom - top - sum(gaps)
        prepared: dict[int, _Prepared] = {}
        for i in sorted(range(len(items)), key=lambda i: (items[i].grow, i)):
            item = items[i]
            used = sum(other.height for other in prepared.values())
            if squeezed and not item.grow and item.role != "title":
                item = item.model_copy(update={"size": (item.size[0], item.size[0])})
                height = room - used
            else:
                height = room - used if item.grow else min(room - used, round(item.max_height * (bottom - top)))
            prepared[i] = self._prepare(item, right - left, height)
        return gaps, prepared

    def _text_of(self, item: Item) -> str:
        if item.role == "literal":
            return pick(item.zh, item.en)
        if item.role == "points":
            return ""
        return str(getattr(self.given, item.role)).strip()

    def _style(self, item: Item) -> TextStyle:
        weight = self.title_weight if item.role == "title" and self.title_weight else item.weight
        return TextStyle(
            min_px=item.size[0] * self.unit,
            max_px=item.size[1] * self.unit,
            weight=weight,
            line_height=item.line_height,
            tracking=item.tracking,
            max_lines=item.max_lines,
            justify=item.justify,
            emphasis=item.emphasis,
            emphasis_scale=item.emphasis_scale,
        )

    def _prepare(self, item: Item, width: int, height: int) -> _Prepared:
        style = self._style(item)
        if item.role == "points":
            points = set_points(
                self.given.points,
                ListStyle(item, style, self.unit, self.first_number),
                self.fonts,
                width_px=width,
                height_px=height,
            )
            return _Prepared(item, None, points.height_px, points=points)
        text = self._text_of(item)
        if item.plate is None:
            found = set_text(text, style, self.fonts, width_px=width, height_px=height, role=item.role)
            return _Prepared(item, found, found.height_px)
        # The plate's pads grow with the type: try sizes from the largest down until type and pads fit together.
        plate, largest = item.plate, style.max_px
        while largest >= style.min_px:
            pads = 2 * plate.pad_x * largest, 2 * plate.pad_y * largest
            try:
                found = set_text(
                    text,
                    replace(style, max_px=largest),
                    self.fonts,
                    width_px=max(width - pads[0], 1),
                    height_px=max(height - pads[1], 1),
                    role=item.role,
                )
                pad_x, pad_y = int(plate.pad_x * found.size_px), int(plate.pad_y * found.size_px)
                return _Prepared(item, found, found.height_px + 2 * pad_y, pad_x, pad_y)
            except TextTooLongError:
                largest *= 0.94
        raise TextTooLongError(item.role, text)

    def _place(self, prepared: _Prepared, align: str, region: Box, y: int) -> None:
        item = prepared.item
        if prepared.points is not None:
            plates, texts = prepared.points.place(region, y, self.palette)
            self.plates += plates
            self.texts += texts
            return
        assert prepared.text is not None
        placed = place_text(
            prepared.text,
            role=item.role,
            region=region,
            left=region[0] + prepared.pad_x,
            right=region[2] - prepared.pad_x,
            top=y + prepared.pad_y,
            align=align,
            weight=self._style(item).weight,
            colour=self.palette.rgb(item.colour),
            emphasis_colour=self.palette.rgb(item.emphasis_colour),
        )
        if item.plate:
            self._plate(prepared, placed)
        if item.mark:
            self._mark(item.mark, prepared.text, placed)
        self.texts.append(placed)

    def _plate(self, prepared: _Prepared, placed: TextBox) -> None:
        plate = prepared.item.plate
        assert plate is not None
        boxes = [line.box for line in placed.lines] if plate.per_line else [placed.box]
        for left, top, right, bottom in boxes:
            box = (left - prepared.pad_x, top - prepared.pad_y, right + prepared.pad_x, bottom + prepared.pad_y)
            radius = min(round(plate.radius * placed.size_px), (box[3] - box[1]) // 2, (box[2] - box[0]) // 2)
            self.plates.append(PlateBox(box, radius, self.palette.rgb(plate.fill), placed.role))

    def _mark(self, mark: Mark, text: SetText, placed: TextBox) -> None:
        for i, (line, box) in enumerate(zip(text.lines, placed.lines, strict=True)):
            if mark.lines == "last" and i < len(text.lines) - 1:
                continue
            left, right = box.box[0], box.box[2]
            if mark.lines == "emphasised":
                loud = [c for c in line.clusters if c.emphasised]
                if not loud:
                    continue
                left = box.box[0] + round(min(c.x for c in loud) * line.size_px)
                right = box.box[0] + round(max(c.x + c.advance for c in loud) * line.size_px)
            over = round(mark.overhang * line.size_px)
            em_top = box.baseline - ASCENT_EM * line.size_px
            self.plates.append(
                PlateBox(
                    (
                        max(left - over, 0),
                        round(em_top + mark.top * line.size_px),
                        min(right + over, self.size_px[0]),
                        round(em_top + mark.bottom * line.size_px),
                    ),
                    round(0.06 * line.size_px),
                    self.palette.rgb(mark.fill),
                    placed.role,
                )
            )

    def place_label(self) -> None:
        """The AI label at the lower right, at the height that the standard asks for, on its own dark plate."""
        width, height = self.size_px
        size = -(-self.unit * LABEL_HEIGHT_RATE // 0.86)  # a Chinese glyph's ink is about 0.86 em high
        style = TextStyle(min_px=size, max_px=size, weight=500, max_lines=1)
        margin = round(SAFE_MARGIN * self.unit)
        pad_x, pad_y = round(size * 0.35), round(size * 0.06)
        right, bottom = width - margin - pad_x, height - round(0.02 * self.unit) - pad_y
        region = (width // 3, bottom - round(size * 1.25), right, bottom)
        found = set_text(
            self.given.label, style, self.fonts, width_px=region[2] - region[0], height_px=size * 1.3, role="label"
        )
        placed = place_text(
            found, role="label", region=region, left=region[0], right=right, top=bottom - found.height_px,
            align="right", weight=500, colour=(255, 255, 255), emphasis_colour=(255, 255, 255),
        )  # fmt: skip
        left, top, right, bottom = placed.box
        plate = (left - pad_x, top - pad_y, right + pad_x, bottom + pad_y)
        self.plates.append(PlateBox(plate, round(size * 0.25), (32, 32, 36), "label"))
        self.texts.append(placed)

    def _pixels(self, box: tuple[float, float, float, float]) -> Box:
        width, height = self.size_px
        x, y, w, h = box
        return (round(x * width), round(y * height), round((x + w) * width), round((y + h) * height))
