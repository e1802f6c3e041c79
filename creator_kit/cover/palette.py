"""Palettes: named colours by role, with their contrasts checked when they are loaded (WCAG 2.2)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from creator_kit.datafiles import read_toml, validate_model
from creator_kit.errors import InputError
from creator_kit.locale import _, pick
from creator_kit.paths import list_data_files

RGB = tuple[int, int, int]
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
# WCAG: 4.5:1 for text, 3:1 for large text (our display sizes are far above its 24 px).
TEXT_CONTRAST, LARGE_TEXT_CONTRAST = 4.5, 3.0


def _check_hex(value: str) -> str:
    if not _HEX.fullmatch(value):
        raise ValueError(_("a colour is written #rrggbb"))
    return value.lower()


Hex = Annotated[str, AfterValidator(_check_hex)]


class Palette(BaseModel):
    """Colours by role. Each text role is legible on its ground: that is checked, not hoped.

    ``bg`` ground of the cover, ``soft`` a quiet shape on it; ``ink`` and ``muted`` text and ``pop`` loud text on
    ``bg`` and ``soft``; ``surface`` cards, with ``on_surface``, ``muted_surface`` and ``pop_surface`` as text on them;
    ``accent`` loud shapes with ``on_accent`` as text; ``marker`` a highlighter behind ``on_surface`` or ``ink``
    (``on_marker``); ``line`` rules and frames.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str
    en: str
    bg: Hex
    soft: Hex
    ink: Hex
    muted: Hex
    pop: Hex
    surface: Hex
    on_surface: Hex
    muted_surface: Hex
    pop_surface: Hex
    accent: Hex
    on_accent: Hex
    marker: Hex
    on_marker: Hex
    line: Hex

    def rgb(self, role: str) -> RGB:
        """The colour of ``role`` (or of a literal #rrggbb, ``white``, ``black``)."""
        value = {"white": "#ffffff", "black": "#000000"}.get(role) or (
            role if role.startswith("#") else getattr(self, role)
        )
        return (int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16))


# Text role, the grounds it may stand on, and the least contrast there.
PAIRS = (
    ("ink", ("bg", "soft"), TEXT_CONTRAST),
    ("muted", ("bg",), TEXT_CONTRAST),
    ("pop", ("bg",), LARGE_TEXT_CONTRAST),
    ("on_surface", ("surface",), TEXT_CONTRAST),
    ("muted_surface", ("surface",), TEXT_CONTRAST),
    ("pop_surface", ("surface",), LARGE_TEXT_CONTRAST),
    ("on_accent", ("accent",), TEXT_CONTRAST),
    ("on_marker", ("marker",), TEXT_CONTRAST),
)
ROLES = tuple(name for name in Palette.model_fields if name not in ("zh", "en"))


# Light of each sRGB value: a photo has a thousand colours behind a title.
_LINEAR = tuple(
    value / 255 / 12.92 if value / 255 <= 0.04045 else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in range(256)
)


def measure_contrast(one: RGB, other: RGB) -> float:
    """The WCAG 2.2 contrast ratio of two sRGB colours, 1 to 21."""
    lighter, darker = sorted((measure_luminance(one), measure_luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def measure_luminance(colour: RGB) -> float:
    """Relative luminance (WCAG 2.2), 0 to 1."""
    red, green, blue = colour
    return 0.2126 * _LINEAR[red] + 0.7152 * _LINEAR[green] + 0.0722 * _LINEAR[blue]


def find_low_contrasts(palette: Palette) -> list[str]:
    """One line for each pair of roles whose contrast is too low."""
    lines = []
    for text, grounds, least in PAIRS:
        for ground in grounds:
            ratio = measure_contrast(palette.rgb(text), palette.rgb(ground))
            if ratio < least:
                lines.append(
                    _("{text} on {ground}: contrast {ratio:.2f}, at least {least} is needed").format(
                        text=text, ground=ground, ratio=ratio, least=least
                    )
                )
    return lines


def load_palettes(user_root: Path | None = None) -> dict[str, Palette]:
    """Palettes by name from ``templates/covers/palettes.toml``; the user's file comes first, name by name.

    Raises InputError for an unknown key, a colour that is none, or text that could not be read on its ground.
    """
    palettes: dict[str, Palette] = {}
    roots = [None] if user_root is None else [None, user_root]
    for root in roots:
        for path in list_data_files("covers", ".toml", root):
            if path.name != "palettes.toml":
                continue
            for name, table in read_toml(path).items():
                where = f"{path}:{name}"
                palette = validate_model(table, Palette, where=where)
                low = find_low_contrasts(palette)
                if low:
                    raise InputError(
                        pick("；", "; ").join(low), where=where, hint=_("make the two colours differ more in lightness")
                    )
                palettes[name] = palette
    return dict(sorted(palettes.items()))
