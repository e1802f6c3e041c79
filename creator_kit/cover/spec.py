"""A cover layout as data: ``templates/covers/*.toml``, checked on loading, without a line of drawing.

Boxes are ``[x, y, width, height]`` as fractions of the canvas; lengths (radius, stroke, type sizes) are fractions of
its short side, so that a layout keeps its proportions at 3:4, 1:1 and 4:3.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from creator_kit.cover.palette import ROLES
from creator_kit.datafiles import load_model
from creator_kit.locale import _, pick
from creator_kit.paths import list_data_files

# Outside of this margin the platform's own rounded corners and page counter may cover what stands there.
SAFE_MARGIN = 0.045
Role = Literal["title", "subtitle", "badge", "points", "price", "watermark", "literal"]


def _check_box(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    x, y, width, height = box
    if width <= 0 or height <= 0 or x < -1 or y < -1 or x + width > 2 or y + height > 2:
        raise ValueError(_("a box is [x, y, width, height] as fractions of the canvas"))
    return box


def _check_colour(value: str) -> str:
    if value not in (*ROLES, "white", "black") and not (value.startswith("#") and len(value) == 7):
        raise ValueError(
            _("'{value}' is not a palette role; roles are {roles}").format(value=value, roles=", ".join(ROLES))
        )
    return value


FractionBox = Annotated[tuple[float, float, float, float], AfterValidator(_check_box)]
Colour = Annotated[str, AfterValidator(_check_colour)]
Fraction = Annotated[float, Field(ge=0, le=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Shape(_Strict):
    """A decoration. ``over`` shapes are drawn above the photos, the others below them."""

    kind: Literal[
        "rect", "frame", "disc", "ring", "line", "dots", "grid", "rules", "stripes", "rays", "spark", "wave", "blob",
        "quote", "burst", "zigzag", "arc", "squiggle", "path",
    ]  # fmt: skip
    box: FractionBox
    fill: Colour = "soft"
    fill_to: Colour | None = None
    stroke: Colour | None = None
    stroke_width: Fraction = 0.0
    opacity: Fraction = 1.0
    radius: Fraction = 0.0
    rotate: float = 0.0
    n: int = Field(default=8, ge=1, le=400)
    thickness: Fraction = 0.004
    shadow: Fraction = 0.0
    over: bool = False
    d: Annotated[str, Field(pattern=r"^[MmLlHhVvCcSsQqTtAaZz0-9eE,.\- ]*$", max_length=4000)] = ""


class Photo(_Strict):
    """A photo's place. ``scrim`` darkens it under text, as much as the photo itself asks for.

    ``focus`` says where to crop (0 to 1 across and down); without it the photo is measured.
    """

    box: FractionBox
    radius: Fraction = 0.0
    border: Fraction = 0.0
    border_fill: Colour = "surface"
    scrim: Literal["none", "bottom", "top", "all"] = "none"
    focus: tuple[Fraction, Fraction] | None = None


class Plate(_Strict):
    """A box that hugs a text (each line of it, with ``per_line``). Pads and radius in em of the text."""

    fill: Colour
    pad_x: float = Field(default=0.5, ge=0, le=3)
    pad_y: float = Field(default=0.22, ge=0, le=3)
    radius: float = Field(default=0.3, ge=0, le=9)
    per_line: bool = False


class Mark(_Strict):
    """A highlighter stroke behind the lower part of lines (``top`` to ``bottom`` of the em box, 0 to 1)."""

    fill: Colour = "marker"
    top: float = Field(default=0.58, ge=-0.2, le=1.2)
    bottom: float = Field(default=1.0, ge=-0.2, le=1.3)
    lines: Literal["all", "emphasised", "last"] = "all"
    overhang: float = Field(default=0.06, ge=0, le=1)


class Item(_Strict):
    """A text of a stack. ``size`` is its least and largest type size; ``max_height`` its share of the stack."""

    role: Role
    zh: str = ""
    en: str = ""
    size: tuple[Fraction, Fraction] = (0.04, 0.06)
    weight: int = Field(default=500, ge=100, le=900)
    colour: Colour = "ink"
    on: Colour = "bg"
    line_height: float = Field(default=1.25, ge=0.9, le=2.5)
    tracking: float = Field(default=0.0, ge=-0.1, le=1.0)
    max_lines: int = Field(default=2, ge=1, le=8)
    max_height: Fraction = 0.3
    grow: bool = False
    justify: float = Field(default=1.0, ge=1.0, le=3.0)
    align: Literal["left", "center", "right"] | None = None
    emphasis: Literal["none", "numbers", "line", "auto"] = "none"
    emphasis_colour: Colour = "pop"
    emphasis_scale: float = Field(default=1.0, ge=1.0, le=1.6)
    plate: Plate | None = None
    mark: Mark | None = None
    gap: Fraction | None = None
    # Only for role "points":
    marker: Literal["number", "disc", "check", "dot", "bubbles", "steps", "columns"] = "disc"
    marker_fill: Colour = "accent"
    marker_colour: Colour = "on_accent"
    row_fill: Colour | None = None
    row_line: Colour | None = None
    n_points: tuple[int, int] = (1, 6)


class Stack(_Strict):
    """Texts one below the other in ``box``; what is left of it goes above, below or around them (``valign``)."""

    box: FractionBox
    align: Literal["left", "center", "right"] = "left"
    valign: Literal["top", "middle", "bottom"] = "middle"
    gap: Fraction = 0.03
    item: tuple[Item, ...] = Field(min_length=1)


class CoverLayout(_Strict):
    """A layout. ``name`` is its file's name; ``palette`` the one it is shown in unless the user names another;
    ``inner`` layouts are for the pages after the cover.
    """

    name: str = ""
    zh: str
    en: str
    palette: str
    inner: bool = False
    background: Colour = "bg"
    background_to: Colour | None = None
    shape: tuple[Shape, ...] = ()
    photo: tuple[Photo, ...] = ()
    stack: tuple[Stack, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _has_title(self) -> CoverLayout:
        if not any(item.role == "title" for stack in self.stack for item in stack.item):
            raise ValueError(_("a layout needs an item with role 'title'"))
        return self

    @property
    def label(self) -> str:
        """What the layout is, in the reader's language."""
        return pick(self.zh, self.en)

    @property
    def n_photos(self) -> int:
        """How many photos it shows; it cannot be drawn with fewer."""
        return len(self.photo)

    @property
    def n_points(self) -> tuple[int, int]:
        """The least and largest number of points it holds; (0, 0) when it shows none."""
        found = [item.n_points for stack in self.stack for item in stack.item if item.role == "points"]
        return found[0] if found else (0, 0)


def load_layouts(user_root: Path | None = None) -> dict[str, CoverLayout]:
    """Layouts by name from ``templates/covers/``; a user's file hides the shipped one of its name."""
    layouts = {}
    for path in list_data_files("covers", ".toml", user_root):
        if path.name != "palettes.toml":
            layouts[path.stem] = load_model(path, CoverLayout).model_copy(update={"name": path.stem})
    return layouts
