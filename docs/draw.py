"""Draws the pictures of the READMEs: all covers, and the tour's own page, photographed in chromium.

Run: python docs/draw.py

Needs chromium and the extra 'dev'. Chinese letters come from the font that covers use, so that the pictures are the
same on a machine without one; emoji from whatever the machine has.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from draw_covers import draw_cover_pictures
from PIL import Image
from playwright.sync_api import sync_playwright

from creator_kit.cover import find_font

HERE = Path(__file__).parent
SIZE = {"width": 1120, "height": 760}
FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


def main() -> None:
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        sys.exit("chromium is not here: apt-get install chromium")
    draw_cover_pictures(HERE)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        os.environ["FONTCONFIG_FILE"] = str(_write_fonts(folder))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            for language, suffix in (("en", ""), ("zh", ".zh")):
                page, draft_id = _walk(folder / language, language)
                tab = browser.new_page(viewport=SIZE, color_scheme="light")
                for name, part in (("note", f"n-{draft_id}"), ("forecast", "forecast")):
                    tab.goto(f"{page.as_uri()}#{part}")
                    tab.wait_for_timeout(400)
                    _save(tab, HERE / f"page-{name}{suffix}.png")
                phone = browser.new_page(viewport={"width": 420, "height": 760}, color_scheme="light")
                phone.goto(f"{page.as_uri()}#feed")
                phone.evaluate("scrollTo(0, document.querySelector('.phone').offsetTop - 110)")
                phone.wait_for_timeout(400)
                _save(phone, HERE / f"page-feed{suffix}.png")
            browser.close()


def _write_fonts(folder: Path) -> Path:
    fonts = folder / "fonts"
    fonts.mkdir()
    shutil.copy(find_font().path, fonts / "NotoSansSC.ttf")
    path = folder / "fonts.conf"
    path.write_text(FONTS.format(fonts=fonts, cache=folder / "cache"), encoding="utf-8")
    return path


def _walk(folder: Path, language: str) -> tuple[Path, str]:
    """The tour in ``language``; its page, and the draft of which most is to be seen."""
    environment = {
        **os.environ,
        "CREATOR_KIT_LANG": language,
        "CREATOR_KIT_TODAY": "2026-11-24",
        "CREATOR_KIT_SEED": "7",
    }
    folder.mkdir()
    command = [sys.executable, "-m", "creator_kit", "tour", "demo", "--json"]
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
    packs = json.loads(run.stdout)["packs"]
    return folder / "demo/report/index.html", packs[0]["draft_id"]


def _save(tab: Any, path: Path) -> None:
    tab.screenshot(path=str(path))
    with Image.open(path) as picture:
        picture.convert("RGB").quantize(220, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
