"""One function finds the Chinese font; ``Fonts`` measures and draws its glyphs, and refuses to draw an empty box.

All measures are in em (the size of the type), taken once at a large size, so that a layout scales exactly and does
not depend on hinting. Only Pillow's basic layout engine is used: it needs no shaping library of the system.
"""

from __future__ import annotations

import importlib.util
import sys
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from creator_kit.cover.emoji import CREDIT as EMOJI_CREDIT
from creator_kit.cover.emoji import find_drawing, is_emoji_by_default
from creator_kit.errors import AssetError
from creator_kit.locale import _

_MEASURE_PX = 1000
_INK_PX = 250  # ink boxes are taken from a drawn glyph; 250 px gives them to 1/250 em at a sixteenth of the time
# Sixteen levels of grey at a glyph's edge cannot be told from 256 at a cover's size, and make its PNG a fifth smaller.
_MASK_LEVELS = [round(value / 17) * 17 for value in range(256)]
# A variable font takes 6 MB for each size that is open, and a millisecond to open.
_MOST_OPENED, _MASK_BYTES = 6, 16_000_000
_INSTALLED_NAMES = (
    "NotoSansSC[wght].ttf",
    "NotoSansSC-VF.ttf",
    "NotoSansCJKsc-VF.otf",
    "SourceHanSansSC-VF.otf",
    "SourceHanSansCN-VF.otf",
    "NotoSansCJK-Bold.ttc",
    "SourceHanSansSC-Bold.otf",
    "SourceHanSansCN-Bold.otf",
    "NotoSansSC-Bold.ttf",
    "NotoSansSC-Bold.otf",
)
_SYSTEM_FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
# In Noto's collections face 0 has the Japanese forms, face 2 the simplified Chinese ones.
_SC_FACE_IN_COLLECTION = 2
_IGNORABLE = frozenset("\u200b\u200c\u200d\u2060\ufe0e\ufe0f\ufeff")


class MissingGlyphError(AssetError):
    """Neither the font nor the emoji set can draw a character. ``char`` is that character."""

    def __init__(self, char: str, font_name: str) -> None:
        self.char = char
        code = " ".join(f"U+{ord(part):04X}" for part in char)
        name = unicodedata.name(char[0], "").lower()
        super().__init__(
            _("no glyph for '{char}' ({code} {name}) in {font}").format(
                char=char, code=code, name=name, font=font_name
            ),
            hint=_("leave the character out, or name a font that has it: --font FILE"),
        )


@dataclass(frozen=True, slots=True)
class GlyphMetrics:
    """Advance and ink of a cluster in em; y grows downwards from the baseline."""

    advance: float
    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True)
class Fonts:
    """A font file, opened at any size and weight (100 to 900 where it is variable)."""

    path: Path
    face: int = 0
    credit: str = ""
    _opened: dict[tuple[int, int], ImageFont.FreeTypeFont] = field(default_factory=dict, repr=False, compare=False)
    _metrics: dict[tuple[str, int], GlyphMetrics] = field(default_factory=dict, repr=False, compare=False)
    _masks: dict[tuple[str, int, int, int], tuple[Image.Image, int, int]] = field(
        default_factory=dict, repr=False, compare=False
    )

    @property
    def name(self) -> str:
        return self.path.name

    @cached_property
    def _characters(self) -> frozenset[int]:
        from fontTools.ttLib import TTFont

        with TTFont(self.path, lazy=True, fontNumber=self.face) as font:
            return frozenset(font.getBestCmap() or ())

    @cached_property
    def weights(self) -> tuple[int, int]:
        """Lightest and heaviest weight; equal when the font has only one."""
        axes = self._axes
        if not axes:
            return (400, 400)
        return (int(axes[0]["minimum"]), int(axes[0]["maximum"]))

    @cached_property
    def _axes(self) -> list[dict[str, Any]]:
        try:
            return list(self._load(64).get_variation_axes())  # type: ignore[arg-type]
        except OSError:  # not a variable font
            return []

    def _load(self, size_px: int) -> ImageFont.FreeTypeFont:
        try:
            return ImageFont.truetype(str(self.path), size_px, index=self.face, layout_engine=ImageFont.Layout.BASIC)
        except OSError as error:
            raise AssetError(
                _("not a font that can be opened ({error})").format(error=error),
                where=str(self.path),
                hint=_("use a TrueType or OpenType file (.ttf, .otf, .ttc)"),
            ) from error

    def has_glyph(self, char: str) -> bool:
        """Whether the font can draw ``char`` (one code point)."""
        return ord(char) in self._characters

    def classify(self, cluster: str) -> str:
        """``"glyph"`` or ``"emoji"``: how ``cluster`` is to be drawn. Raises MissingGlyphError."""
        visible = [char for char in cluster if char not in _IGNORABLE]
        rightward = next((char for char in visible if unicodedata.bidirectional(char) in ("R", "AL")), None)
        if rightward is not None:
            # Even a font that has the letters would set them unjoined and in the wrong order.
            error = MissingGlyphError(rightward, self.name)
            error.hint = _("scripts that run from right to left cannot be set here; leave these words out")
            raise error
        in_font = bool(visible) and all(self.has_glyph(char) for char in visible)
        if is_emoji_by_default(cluster) and find_drawing(cluster):
            return "emoji"
        if in_font:
            return "glyph"
        if find_drawing(cluster):
            return "emoji"
        missing = next((char for char in visible if not self.has_glyph(char)), cluster)
        raise MissingGlyphError(missing, self.name)

    def open(self, size_px: int, weight: int) -> ImageFont.FreeTypeFont:
        """The font at ``size_px`` and the nearest weight it has."""
        key = (size_px, weight)
        font = self._opened.get(key)
        if font is None:
            font = self._load(size_px)
            if self._axes:
                low, high = self.weights
                rest = [axis["default"] for axis in self._axes[1:]]
                font.set_variation_by_axes([min(max(weight, low), high), *rest])
            while len(self._opened) >= _MOST_OPENED:
                self._opened.pop(next(iter(self._opened)))
        else:
            del self._opened[key]
        self._opened[key] = font  # the last used stands last
        return font

    def measure(self, cluster: str, weight: int) -> GlyphMetrics:
        """Metrics of ``cluster`` in em."""
        key = (cluster, weight)
        found = self._metrics.get(key)
        if found is None:
            mask, dx, dy = self.draw_mask(cluster, _INK_PX, weight)
            left, top, right, bottom = mask.getbbox() or (-dx, -dy, -dx, -dy)
            found = GlyphMetrics(
                self.open(_MEASURE_PX, weight).getlength(_drawable(cluster)) / _MEASURE_PX,
                (left + dx) / _INK_PX,
                (top + dy) / _INK_PX,
                (right + dx) / _INK_PX,
                (bottom + dy) / _INK_PX,
            )
            self._metrics[key] = found
        return found

    def draw_mask(self, cluster: str, size_px: int, weight: int, stroke_px: int = 0) -> tuple[Image.Image, int, int]:
        """An L mask of ``cluster`` and its offset (dx, dy) from the pen on the baseline."""
        key = (cluster, size_px, weight, stroke_px)
        found = self._masks.get(key)
        if found is None:
            font, text = self.open(size_px, weight), _drawable(cluster)
            box = font.getbbox(text, anchor="ls", stroke_width=stroke_px)
            left, top = int(box[0]) - 1, int(box[1]) - 1
            mask = Image.new("L", (max(int(box[2]) - left + 2, 1), max(int(box[3]) - top + 2, 1)), 0)
            ImageDraw.Draw(mask).text((-left, -top), text, fill=255, font=font, anchor="ls", stroke_width=stroke_px)
            mask = mask.point(_MASK_LEVELS)
            if sum(kept.width * kept.height for kept, *_place in self._masks.values()) > _MASK_BYTES:
                self._masks.clear()
            found = self._masks[key] = (mask, left, top)
        return found


def _drawable(cluster: str) -> str:
    return "".join(char for char in cluster if char not in _IGNORABLE)


def find_font(user_font: Path | None = None) -> Fonts:
    """The font for covers: ``user_font``, else Noto Sans SC from ``justmytype-intl-cjk``, else an installed one.

    Raises AssetError when there is none, saying how to get one.
    """
    if user_font is not None:
        if not user_font.is_file():
            raise AssetError(_("no such font file"), where=str(user_font), hint=_("check the path after --font"))
        return _open_fonts(user_font, "")
    packaged = _find_packaged()
    if packaged is not None:
        return _open_fonts(
            packaged, "Noto Sans SC (Adobe, Google), SIL Open Font License 1.1, https://openfontlicense.org"
        )
    installed = _find_installed()
    if installed is not None:
        return _open_fonts(installed, f"{installed.name}, SIL Open Font License 1.1, https://openfontlicense.org")
    raise AssetError(
        _("no Chinese font was found"),
        hint=_("pip install justmytype-intl-cjk, or name a font file: --font FILE"),
    )


@lru_cache(maxsize=8)
def _open_fonts(path: Path, credit: str) -> Fonts:
    face = _SC_FACE_IN_COLLECTION if path.suffix.lower() == ".ttc" and "CJK" in path.name else 0
    fonts = Fonts(path, face, credit or path.name)
    fonts.open(64, 400)  # a broken file is found here, with its name, not in the middle of a cover
    return fonts


@lru_cache(maxsize=1)
def _find_packaged() -> Path | None:
    spec = importlib.util.find_spec("justmytype_intl_cjk")
    for location in (spec.submodule_search_locations or []) if spec else []:
        path = Path(location) / "fonts" / "ofl" / "notosanssc" / "NotoSansSC[wght].ttf"
        if path.is_file():
            return path
    return None


@lru_cache(maxsize=1)
def _find_installed() -> Path | None:
    home = Path.home()
    if sys.platform == "win32":
        folders = [Path("C:/Windows/Fonts"), home / "AppData/Local/Microsoft/Windows/Fonts"]
    elif sys.platform == "darwin":
        folders = [Path("/Library/Fonts"), home / "Library/Fonts"]
    else:
        folders = [*_SYSTEM_FONT_FOLDERS, home / ".local/share/fonts"]
    found: dict[str, Path] = {}
    for folder in folders:
        if folder.is_dir():
            for path in sorted(folder.rglob("*")):
                if path.name in _INSTALLED_NAMES:
                    found.setdefault(path.name, path)
    return next((found[name] for name in _INSTALLED_NAMES if name in found), None)


def list_credits(fonts: Fonts) -> tuple[str, ...]:
    """The lines that a cover's licences ask to be shown."""
    return (fonts.credit, EMOJI_CREDIT)
