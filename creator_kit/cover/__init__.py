"""Covers: a layout (pure, boxes from glyph metrics) apart from its rendering (Pillow)."""

from creator_kit.cover.boxes import LaidOutCover
from creator_kit.cover.choosing import choose_best, choose_layout, parse_size, pick_layout, pick_named, pick_palette
from creator_kit.cover.drawing import (
    CoverAssets,
    CoverOptions,
    DrawnCover,
    add_images,
    draw_cover,
    draw_draft_cover,
    load_cover_assets,
)
from creator_kit.cover.fonts import Fonts, MissingGlyphError, find_font, list_credits
from creator_kit.cover.labels import VISIBLE_TEXT, AiLabel, read_ai_label
from creator_kit.cover.layout import SIZES_PX, CoverTexts, layout_cover
from creator_kit.cover.pages import layout_pages
from creator_kit.cover.palette import Palette, load_palettes, measure_contrast
from creator_kit.cover.photo import load_photo
from creator_kit.cover.render import render_cover
from creator_kit.cover.retouching import RetouchPreset, fit_photo, load_presets, retouch_photo
from creator_kit.cover.saliency import find_focus
from creator_kit.cover.saving import check_cover_path, save_cover
from creator_kit.cover.scoring import CoverFinding, CoverScore, score_cover
from creator_kit.cover.showing import render_feed, render_sheet
from creator_kit.cover.spec import CoverLayout, load_layouts
from creator_kit.cover.typeset import TextTooLongError

__all__ = [
    "SIZES_PX",
    "VISIBLE_TEXT",
    "AiLabel",
    "CoverAssets",
    "CoverFinding",
    "CoverLayout",
    "CoverOptions",
    "CoverScore",
    "CoverTexts",
    "DrawnCover",
    "Fonts",
    "LaidOutCover",
    "MissingGlyphError",
    "Palette",
    "RetouchPreset",
    "TextTooLongError",
    "add_images",
    "check_cover_path",
    "choose_best",
    "choose_layout",
    "draw_cover",
    "draw_draft_cover",
    "find_focus",
    "find_font",
    "fit_photo",
    "layout_cover",
    "layout_pages",
    "list_credits",
    "load_cover_assets",
    "load_layouts",
    "load_palettes",
    "load_photo",
    "load_presets",
    "measure_contrast",
    "parse_size",
    "pick_layout",
    "pick_named",
    "pick_palette",
    "read_ai_label",
    "render_cover",
    "render_feed",
    "render_sheet",
    "retouch_photo",
    "save_cover",
    "score_cover",
]
