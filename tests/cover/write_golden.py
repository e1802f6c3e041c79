"""Writes golden_boxes.json anew: ``python tests/cover/write_golden.py``. Look at the covers before you commit it."""

from __future__ import annotations

import json

from cover_cases import GOLDEN, TITLES, lay_out, make_photo, texts_for

from creator_kit.cover import find_font, load_layouts, load_palettes


def main() -> None:
    layouts, palettes, fonts, photo = load_layouts(), load_palettes(), find_font(), make_photo()
    golden = {
        name: {
            length: lay_out(spec, texts_for(spec, title), palettes, fonts, photo).describe()
            for length, title in TITLES.items()
        }
        for name, spec in layouts.items()
    }
    text = json.dumps(golden, ensure_ascii=False, separators=(",", ":"))
    GOLDEN.write_text(text.replace('"short"', '\n"short"').replace('"middle"', '\n"middle"') + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
