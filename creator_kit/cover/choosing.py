"""Which layouts can show what there is to show, and which of them to take when nobody says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar

from creator_kit.cover.boxes import LaidOutCover
from creator_kit.cover.fonts import Fonts
from creator_kit.cover.layout import SIZES_PX, CoverTexts, layout_cover
from creator_kit.cover.palette import Palette
from creator_kit.cover.scoring import CoverScore, score_cover
from creator_kit.cover.spec import CoverLayout
from creator_kit.cover.typeset import TextTooLongError
from creator_kit.datafiles import suggest
from creator_kit.errors import UsageError
from creator_kit.locale import _

NamedT = TypeVar("NamedT")


def pick_named(kind: str, name: str, known: Mapping[str, NamedT]) -> NamedT:
    """The entry ``name``; else a UsageError with the nearest name. ``kind`` is already in the reader's language."""
    if name in known:
        return known[name]
    near = suggest(name, list(known))
    raise UsageError(
        _("there is no {kind} '{name}'").format(kind=kind, name=name),
        hint=_("did you mean '{near}'?").format(near=near)
        if near
        else _("choose one of: {names}").format(names=", ".join(known)),
    )


def pick_layout(name: str, layouts: Mapping[str, CoverLayout]) -> CoverLayout:
    """The layout ``name``; else a UsageError with the nearest name."""
    return pick_named(_("layout"), name, layouts)


def pick_palette(name: str, palettes: Mapping[str, Palette]) -> Palette:
    """The palette ``name``; else a UsageError with the nearest name."""
    return pick_named(_("palette"), name, palettes)


def parse_size(text: str) -> tuple[int, int]:
    """``1242x1660`` or a ratio (``3:4``, ``1:1``, ``4:3``) as width and height in pixels. Raises UsageError."""
    if text in SIZES_PX:
        return SIZES_PX[text]
    match = re.fullmatch(r"(\d{2,5})\s*[xX×*]\s*(\d{2,5})", text.strip())
    if not match:
        raise UsageError(
            _("'{text}' is not a size").format(text=text), where="--size", hint=_("write it as 1242x1660 or 3:4")
        )
    return int(match[1]), int(match[2])


def is_usable(spec: CoverLayout, texts: CoverTexts, n_photos: int) -> bool:
    """Whether ``spec`` can be filled: enough photos, points in its range, and a price where it shows one."""
    low, high = spec.n_points
    roles = {item.role for stack in spec.stack for item in stack.item}
    columns = any(item.marker == "columns" for stack in spec.stack for item in stack.item if item.role == "points")
    return (
        not spec.inner
        and n_photos >= spec.n_photos
        and low <= len(texts.points) <= (high or len(texts.points))
        and ("price" not in roles or bool(texts.price))
        and (not columns or all("｜" in point or "|" in point for point in texts.points))
    )


def choose_layout(
    texts: CoverTexts, layouts: Mapping[str, CoverLayout], *, n_photos: int = 0, preferred: Sequence[str] = ()
) -> CoverLayout:
    """The layout to take: the first of ``preferred`` that can be filled, else the one that shows most of what there is.

    Photos count first, then a price, then points; of equals the first in the order below, then by name.
    """
    for name in preferred:
        if name in layouts and is_usable(layouts[name], texts, n_photos):
            return layouts[name]
    order = ["photo-band", "list", "price", "big-type"]

    def rank(name: str) -> tuple[int, int, int, int, str]:
        spec = layouts[name]
        roles = {item.role for stack in spec.stack for item in stack.item}
        return (
            -min(spec.n_photos, n_photos),
            -int("price" in roles and bool(texts.price)),
            -int(bool(texts.points) and bool(spec.n_points[0])),
            order.index(name) if name in order else len(order),
            name,
        )

    usable = [name for name in layouts if is_usable(layouts[name], texts, n_photos)]
    if not usable:
        raise UsageError(
            _("no layout can show these texts"),
            hint=_("leave --point and --price out, or see: creator-kit cover --list"),
        )
    return layouts[min(usable, key=rank)]


def choose_best(
    texts: CoverTexts,
    layouts: Mapping[str, CoverLayout],
    palettes: Mapping[str, Palette],
    *,
    fonts: Fonts,
    photos: Sequence[object] = (),
    size_px: tuple[int, int] = SIZES_PX["3:4"],
    palette: Palette | None = None,
    weight: int | None = None,
) -> list[tuple[CoverScore, LaidOutCover]]:
    """All layouts that can show ``texts``, laid out and scored, the best first; of equals by name.

    A layout with fewer photos or points than there are comes after all that show them.
    """
    shown = []
    for name in sorted(layouts):
        spec = layouts[name]
        if not is_usable(spec, texts, len(photos)):
            continue
        try:
            laid_out = layout_cover(
                spec,
                texts,
                size_px=size_px,
                palette=palette or palettes[spec.palette],
                fonts=fonts,
                photo=list(photos) or None,
                weight=weight,
            )
        except TextTooLongError:
            continue
        n_shown = min(spec.n_photos, len(photos)) + bool(spec.n_points[1] and texts.points)
        shown.append((n_shown, score_cover(laid_out), laid_out))
    if not shown:
        raise TextTooLongError("title", texts.title)
    shown.sort(key=lambda item: (-item[0], -item[1].score, item[2].layout))
    return [(score, laid_out) for _n, score, laid_out in shown]
