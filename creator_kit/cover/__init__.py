"""Covers: a layout (pure, boxes from glyph metrics) apart from its rendering (Pillow)."""
