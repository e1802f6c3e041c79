"""How long the page takes and how large it gets: python benchmarks/report.py [N_DRAFTS ...]

A workspace of N drafts is made from the tour's (each with a cover of its own, their hues turned, that left its small
pictures as `cover` does), then the page is written the first time, again, as one file, and with every small picture
taken away (as for pictures that were not drawn here).
CPU seconds are of this process and its children, so that they say the same on a busy machine. With chromium and
Playwright at hand the page is also opened and scrolled: how long frames took, and the longest task of the browser's
main thread, in ms.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from creator_kit.cover import save_cover
from creator_kit.cover.small import SMALL_FOLDER, keep_small
from creator_kit.drafting import draft_from_json, draft_to_json
from creator_kit.workspace import init_workspace, open_workspace

COMMAND = [sys.executable, "-m", "creator_kit"]
SCROLL = """async () => {
  let longest = 0;
  const frames = [];
  new PerformanceObserver(l => l.getEntries().forEach(e => { longest = Math.max(longest, e.duration); }))
    .observe({type: 'longtask'});
  for (let y = 0; y < document.documentElement.scrollHeight; y += 900) {
    scrollTo(0, y);
    const first = await new Promise(requestAnimationFrame);
    frames.push(await new Promise(requestAnimationFrame) - first);
  }
  frames.sort((a, b) => a - b);
  return [Math.round(longest), Math.round(frames[Math.floor(frames.length * 0.95)]), frames.length];
}"""


def main() -> None:
    sizes = [int(word) for word in sys.argv[1:]] or [500, 5000]
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        subprocess.run([*COMMAND, "tour", str(folder / "tour"), "--json"], check=True, capture_output=True)
        print(f"{'drafts':>6} {'page':>12} {'CPU s':>6} {'wall s':>6} {'HTML MB':>8} {'+thumbs':>8} {'all MB':>7}")
        for n in sizes:
            root = multiply(folder / "tour", folder / f"w{n}", n)
            for name, options in (
                ("first time", ()),
                ("again", ()),
                ("single file", ("--single-file",)),
                ("all anew", ()),
            ):
                out = folder / f"out-{n}-{name.replace(' ', '-')}"
                if name == "all anew":
                    shutil.rmtree(root / SMALL_FOLDER)
                cpu, wall, document = run(root, out, *options)
                first_mb = (document["page_bytes"] + document["thumb_bytes"]) / 1e6
                print(
                    f"{n:>6} {name:>12} {cpu:>6.1f} {wall:>6.1f} {document['page_bytes'] / 1e6:>8.1f}"
                    f" {first_mb:>8.1f} {document['total_bytes'] / 1e6:>7.1f}"
                )
            print(f"{n:>6} {browse(folder / f'out-{n}-again' / 'index.html')}")


def multiply(tour: Path, root: Path, n: int) -> Path:
    """A workspace of ``n`` drafts; covers repeat after 1,000, as their hues do."""
    with open_workspace(tour) as workspace:
        drafts = [draft_from_json(text) for text in workspace.list_drafts()]
        forecasts = [json.loads(text) for text in workspace.list_forecasts()]
    (root / "covers").mkdir(parents=True)
    covers = [np.asarray(Image.open(tour / draft.images[0]).convert("HSV")) for draft in drafts]
    with init_workspace(root) as workspace:
        for number in range(n):
            draft, hues = drafts[number % 3], covers[number % 3]
            name = f"covers/{number}.png"
            if number < 1000:
                turned = hues.copy()
                turned[..., 0] = (turned[..., 0].astype(int) + number) % 256
                cover = Image.fromarray(turned, "HSV").convert("RGB")
                save_cover(cover, root / name)
                keep_small(cover, root / name, root / SMALL_FOLDER)  # as `cover` does for a draft
            else:
                shutil.copyfile(root / f"covers/{number % 1000}.png", root / name)
            draft_id = f"d{number:010x}"
            body = draft.body + ("\n价格［待补：多少钱］" if number % 4 == 0 else "")
            copy = replace(draft, draft_id=draft_id, title=f"{draft.title}{number}", body=body, images=(name,))
            workspace.save_draft(
                draft_id, topic="", created_on=f"2026-11-{1 + number % 28}", document=draft_to_json(copy)
            )
            document = forecasts[0] | {"draft_id": draft_id}
            workspace.save_forecast(
                draft_id, draft_id=draft_id, made_at="2026-11-24", inputs_hash="h", document=json.dumps(document)
            )
    return root


def run(root: Path, out: Path, *options: str) -> tuple[float, float, dict[str, Any]]:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [*COMMAND, "report", "-w", str(root), "--out", str(out), "--json", *options]
    done = subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.perf_counter() - started, json.loads(done.stdout)


def browse(page: Path) -> str:
    chromium = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        chromium = None
    if chromium is None:
        return "no chromium or no Playwright: scrolling was not measured"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tab = browser.new_page(viewport={"width": 1440, "height": 900})
        started = time.perf_counter()
        tab.goto(page.as_uri())
        loaded_ms = (time.perf_counter() - started) * 1000
        longest_ms, frame_ms, n_frames = tab.evaluate(SCROLL)
        browser.close()
    return (
        f"loaded in {loaded_ms:.0f} ms; scrolled from top to end in {n_frames} jumps: "
        f"95% of frames within {frame_ms} ms, longest task {longest_ms} ms"
    )


if __name__ == "__main__":
    main()
