"""Covers a second, beside the same card as HTML in headless Chromium: ``python benchmarks/covers.py``.

Both sides draw the same titles on the same flat card with a shadowed panel, a list and a badge, end to end to a file,
alternating in one process; read the ratios, not the milliseconds. Chromium draws on all cores, we on one: on a busy
machine the ratio of the clock is unsteady, that of the processor time is not. Chromium is started once and reused (its
best case), spoken to over its own debugging pipe. Without Chromium on the machine only our side is measured.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from creator_kit.cover import CoverAssets, CoverTexts, Fonts, layout_cover, load_cover_assets
from creator_kit.cover.png import encode_png
from creator_kit.cover.render import draw_texts, render_ground
from creator_kit.cover.saving import JPEG_QUALITY
from creator_kit.datafiles import write_whole

N_ROUNDS, N_WARM = 24, 3
TITLES = ("租房党省钱的{n}个习惯", "早起{n}分钟，一天都不慌", "新手养猫前要想好的{n}件事", "搬家打包的{n}个小窍门")
POINTS = ("每周日备好{n}天的菜", "外卖软件卸载一个月", "大件只买二手", "话费改成{n}元套餐", "月初先存再花")


def make_texts(i: int) -> CoverTexts:
    n = i % 9 + 2
    return CoverTexts(
        TITLES[i % len(TITLES)].format(n=n), badge="亲测有效", points=tuple(point.format(n=n) for point in POINTS)
    )


HTML = """<!doctype html><meta charset="utf-8"><style>
@font-face {{ font-family: C; src: url("{font}"); font-weight: 100 900; }}
* {{ margin: 0; box-sizing: border-box; font-family: C; }}
body {{ width: 1242px; height: 1660px; background: repeating-conic-gradient(from 0deg at 50% 20%,
  #d62a17 0 12.86deg, #c4210f 12.86deg 25.71deg); }}
.head {{ height: 655px; padding: 83px 93px 0; text-align: center; color: #fffaf0; }}
.badge {{ display: inline-block; background: #ffe45c; color: #4a0f06; font: 700 54px C; border-radius: 60px;
  padding: 14px 35px; }}
h1 {{ font: 900 150px/1.12 C; }}
.card {{ margin: 0 56px; height: 846px; background: #fff6e9; border-radius: 56px; box-shadow: 0 20px 40px #0003;
  padding: 42px 68px; display: flex; flex-direction: column; justify-content: space-around; color: #2a0f0a; }}
.row {{ font: 700 70px C; display: flex; gap: 45px; align-items: center; }}
.row b {{ width: 105px; height: 105px; border-radius: 60px; background: #d62a17; color: #fff; text-align: center; }}
</style><div class="head"><span class="badge">{badge}</span><h1>{title}</h1></div><div class="card">{rows}</div>"""


class Chromium:
    """One headless browser with one page, over ``--remote-debugging-pipe`` (file descriptors 3 and 4)."""

    def __init__(self, binary: str) -> None:
        self.profile = tempfile.mkdtemp(prefix="ck-chromium-")
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        # The shell moves the two ends to 3 and 4, where the browser looks for them.
        command = f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}'
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--allow-file-access-from-files"]
        self.process = subprocess.Popen(
            [
                "bash",
                "-c",
                command,
                "bash",
                binary,
                *flags,
                "--remote-debugging-pipe",
                f"--user-data-dir={self.profile}",
            ],
            pass_fds=(theirs_in, theirs_out),
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.reader, self.writer = os.fdopen(ours_in, "rb"), os.fdopen(ours_out, "wb")
        self.pending, self.number, self.session = b"", 0, ""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.call("Page.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=1242, height=1660, deviceScaleFactor=1, mobile=False)

    def call(self, method: str, **params: object) -> dict:
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.writer.write(json.dumps(message).encode() + b"\0")
        self.writer.flush()
        while True:
            answer = self._read()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(answer["error"])
                return answer["result"]

    def _read(self) -> dict:
        while b"\0" not in self.pending:
            chunk = self.reader.read1(1 << 20)
            if not chunk:
                raise RuntimeError("the browser went away")
            self.pending += chunk
        line, self.pending = self.pending.split(b"\0", 1)
        return json.loads(line)

    def draw(self, page: Path, out: Path) -> None:
        self.call("Page.navigate", url=page.as_uri())
        self.call("Runtime.evaluate", expression="document.fonts.ready.then(() => 1)", awaitPromise=True)
        kind = {"format": "png"} if out.suffix == ".png" else {"format": "jpeg", "quality": 92}
        out.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", **kind)["data"]))

    def memory_mb(self) -> float:
        """Resident memory of the browser and its children (shared pages counted once, as PSS)."""
        total = 0.0
        for pid in self._list_processes():
            with contextlib.suppress(OSError):
                for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                    if line.startswith("Pss:"):
                        total += int(line.split()[1]) / 1024
        return total

    def cpu_seconds(self) -> float:
        """Processor time that the browser and its children have used, to a hundredth."""
        ticks = 0
        for pid in self._list_processes():
            with contextlib.suppress(OSError, IndexError):
                fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def _list_processes(self) -> set[int]:
        wanted = {self.process.pid}
        for _depth in range(4):
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit():
                    with contextlib.suppress(OSError, IndexError):
                        parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                        if parent in wanted:
                            wanted.add(int(entry.name))
        return wanted

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.profile, ignore_errors=True)


@contextlib.contextmanager
def open_chromium() -> Iterator[Chromium | None]:
    binary = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if binary is None:
        print("no Chromium on this machine: measuring our side only")
        yield None
        return
    browser = Chromium(binary)
    try:
        yield browser
    finally:
        browser.close()


STEPS = ("layout", "ground", "letters", "encode", "write")


def draw_ours(texts: CoverTexts, out: Path, assets: CoverAssets) -> list[float]:
    """Draw the card to ``out``; the seconds of each of ``STEPS``. The same calls as ``draw_cover``, taken apart."""
    spec = assets.layouts["list"]
    marks = [time.perf_counter()]
    laid_out = layout_cover(spec, texts, palette=assets.palettes[spec.palette], fonts=assets.fonts)
    marks.append(time.perf_counter())
    image = render_ground(laid_out)
    marks.append(time.perf_counter())
    draw_texts(image, laid_out)
    marks.append(time.perf_counter())
    if out.suffix == ".png":
        encoded = encode_png(image)
    else:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
        encoded = buffer.getvalue()
    marks.append(time.perf_counter())
    with write_whole(out) as temporary:
        temporary.write_bytes(encoded)
    marks.append(time.perf_counter())
    return [after - before for before, after in pairwise(marks)]


def write_page(texts: CoverTexts, page: Path, fonts: Fonts) -> None:
    rows = "".join(f'<div class="row"><b>{k}</b>{p}</div>' for k, p in enumerate(texts.points, 1))
    html = HTML.format(font=fonts.path.as_uri(), badge=texts.badge, title=texts.title, rows=rows)
    page.write_text(html, encoding="utf-8")


def main() -> None:
    assets = load_cover_assets()
    folder = Path(tempfile.mkdtemp(prefix="ck-covers-"))
    ours: dict[str, list[list[float]]] = {".jpg": [], ".png": []}
    theirs: dict[str, list[float]] = {".jpg": [], ".png": []}
    cpu = {suffix: [0.0, 0.0] for suffix in ours}
    with open_chromium() as browser:
        for i in range(N_ROUNDS):
            texts = make_texts(i)
            for suffix in ours:  # both kinds and both sides in turn, so that a busy machine slows all alike
                before = time.process_time()
                ours[suffix].append(draw_ours(texts, folder / f"ours{suffix}", assets))
                if i >= N_WARM:
                    cpu[suffix][0] += time.process_time() - before
                if browser:
                    write_page(texts, folder / "page.html", assets.fonts)
                    before = browser.cpu_seconds()
                    start = time.perf_counter()
                    browser.draw(folder / "page.html", folder / f"theirs{suffix}")
                    theirs[suffix].append(time.perf_counter() - start)
                    if i >= N_WARM:
                        cpu[suffix][1] += browser.cpu_seconds() - before
        own_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        for suffix in ours:
            report(suffix, ours[suffix], theirs[suffix], folder)
            own, peer = (1000 * seconds / (N_ROUNDS - N_WARM) for seconds in cpu[suffix])
            if browser:
                print(f"   processor time a cover: ours {own:.0f} ms, chromium {peer:.0f} ms: {peer / own:.1f} times")
        print(f"peak memory: ours {own_mb:.0f} MB" + (f", chromium {browser.memory_mb():.0f} MB" if browser else ""))
    print(f"pictures: {folder}")


def report(suffix: str, ours: list[list[float]], theirs: list[float], folder: Path) -> None:
    totals = [sum(row) for row in ours]
    total = statistics.median(totals[N_WARM:]) * 1000
    size_kb = (folder / f"ours{suffix}").stat().st_size / 1000
    print(f"{suffix[1:]}: first {totals[0] * 1000:.0f} ms; then median {total:.1f} ms, {size_kb:.0f} kB")
    for name, column in zip(STEPS, zip(*ours[N_WARM:], strict=True), strict=True):
        print(f"   {name:8} {statistics.median(column) * 1000:6.1f} ms")
    if theirs:
        peer = statistics.median(theirs[N_WARM:]) * 1000
        peer_kb = (folder / f"theirs{suffix}").stat().st_size / 1000
        ratios = sorted(b / a for a, b in zip(totals[N_WARM:], theirs[N_WARM:], strict=True))
        low, high = ratios[len(ratios) // 10], ratios[-1 - len(ratios) // 10]
        print(
            f"   chromium {peer:6.1f} ms, {peer_kb:.0f} kB: {statistics.median(ratios):.1f} times as long"
            f" (median of ratios; eight of ten between {low:.1f} and {high:.1f})"
        )


if __name__ == "__main__":
    main()
