"""Draws the pictures of the README by the tool's own commands. Run: python docs/draw.py"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parent
WIDTH_PX = 640


def main() -> None:
    environment = {**os.environ, "CREATOR_KIT_LANG": "en", "CREATOR_KIT_TODAY": "2026-11-24", "CREATOR_KIT_SEED": "7"}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "creator_kit", "tour", "demo", "--json"]
        run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True)
        draft_id = json.loads(run.stdout)["packs"][0]["draft_id"]
        demo = Path(folder) / "demo"
        _save(demo / "covers" / f"{draft_id}.png", "cover.png", WIDTH_PX)
        _save(demo / "forecasts" / f"forecast-{draft_id}.png", "forecast.png", 2 * WIDTH_PX)


def _save(source: Path, name: str, width_px: int) -> None:
    with Image.open(source) as picture:
        height_px = round(picture.height * width_px / picture.width)
        small = picture.convert("RGB").resize((width_px, height_px), Image.Resampling.LANCZOS)
        small.quantize(128, dither=Image.Dither.NONE).save(HERE / name, optimize=True)


if __name__ == "__main__":
    main()
