"""Covers a second, beside the same card as HTML in headless Chromium: ``python benchmarks/covers.py``.

Four cards: a flat one (a list on a shadowed panel); a photo to the edges with a title on it, a new phone photo of 12
megapixels for each cover; the same with photos of 2.8 megapixels, as a chat passes them on; and one photo for all.
Both sides draw the same words end to end to a file, alternating in one process; read the ratios, not the
milliseconds. Chromium draws on all cores, we on one: on a busy machine the ratio of the clock is unsteady, that of the
processor time is not. Chromium is started once and reused (its best case), spoken to over its own debugging pipe.
Without Chromium on the machine only our side is measured. The photos are made of scikit-learn's two, with grain.
"""

from __future__ import annotations

import io
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from chromium import Chromium, open_chromium
from PIL import Image

from creator_kit.cover import CoverAssets, CoverTexts, layout_cover, load_cover_assets, score_cover
from creator_kit.cover.photo import PhotoFile
from creator_kit.cover.render import draw_texts, render_ground
from creator_kit.cover.saving import encode_cover
from creator_kit.datafiles import write_whole

N_ROUNDS, N_WARM, N_PHOTOS = 16, 2, 12
TITLES = ("租房党省钱的{n}个习惯", "早起{n}分钟，一天都不慌", "新手养猫前要想好的{n}件事", "搬家打包的{n}个小窍门")
POINTS = ("每周日备好{n}天的菜", "外卖软件卸载一个月", "大件只买二手", "话费改成{n}元套餐", "月初先存再花")
STEPS = ("layout", "photo", "ground", "letters", "encode", "write")

FLAT = """<!doctype html><meta charset="utf-8"><style>
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

PHOTO = """<!doctype html><meta charset="utf-8"><style>
@font-face {{ font-family: C; src: url("{font}"); font-weight: 100 900; }}
* {{ margin: 0; box-sizing: border-box; font-family: C; }}
body {{ width: 1242px; height: 1660px; position: relative; overflow: hidden; }}
img {{ position: absolute; width: 1242px; height: 1660px; object-fit: cover; }}
.scrim {{ position: absolute; left: 0; right: 0; bottom: 0; height: 900px; background: linear-gradient(#0000, #000a); }}
.badge {{ position: absolute; left: 93px; top: 91px; background: #ffd84a; color: #17130a; font: 700 60px C;
  border-radius: 15px; padding: 17px 36px; }}
.words {{ position: absolute; left: 93px; width: 1056px; bottom: 174px; color: #fff; }}
h1 {{ font: 900 170px/1.12 C; }} p {{ font: 500 54px/1.25 C; margin-top: 27px; }}
</style><img src="{photo}"><div class="scrim"></div><span class="badge">{badge}</span>
<div class="words"><h1>{title}</h1><p>{subtitle}</p></div>"""


@dataclass
class Card:
    """A kind of card, and what was measured of it; lists by suffix."""

    name: str
    layout: str
    page: str
    photos: tuple[Path, ...] = ()
    ours: dict[str, list[list[float]]] = field(default_factory=lambda: {".jpg": [], ".png": []})
    theirs: dict[str, list[float]] = field(default_factory=lambda: {".jpg": [], ".png": []})
    cpu: dict[str, list[float]] = field(default_factory=lambda: {".jpg": [0.0, 0.0], ".png": [0.0, 0.0]})
    kb: dict[str, list[float]] = field(default_factory=lambda: {".jpg": [0.0, 0.0], ".png": [0.0, 0.0]})
    score_ms: list[float] = field(default_factory=list)

    def photo(self, i: int) -> Path | None:
        return self.photos[i % len(self.photos)] if self.photos else None

    def write_page(self, texts: CoverTexts, photo: Path | None, page: Path, assets: CoverAssets) -> None:
        html = self.page.format(
            font=assets.fonts.path.as_uri(),
            badge=texts.badge,
            title=texts.title,
            subtitle=texts.subtitle,
            photo=photo.as_uri() if photo else "",
            rows="".join(f'<div class="row"><b>{k}</b>{p}</div>' for k, p in enumerate(texts.points, 1)),
        )
        page.write_text(html, encoding="utf-8")


def make_photos(folder: Path) -> None:
    """Twelve portraits of 3024 × 4032, and the same at 1440 × 1920."""
    import numpy as np
    from sklearn.datasets import load_sample_images

    rng = np.random.default_rng(0)
    for i in range(N_PHOTOS):
        source = Image.fromarray(load_sample_images().images[i % 2])
        width = source.height * 3 // 4
        left = (source.width - width) * (i // 2) // (N_PHOTOS // 2 - 1)
        large = source.crop((left, 0, left + width, source.height)).resize((3024, 4032), Image.Resampling.LANCZOS)
        grained = np.asarray(large, np.int16) + rng.normal(0, 4, (4032, 3024, 1)).astype(np.int16)
        photo = Image.fromarray(grained.clip(0, 255).astype(np.uint8))
        photo.save(folder / f"large{i}.jpg", quality=92)
        photo.resize((1440, 1920), Image.Resampling.LANCZOS).save(folder / f"small{i}.jpg", quality=85)


def make_texts(i: int, has_points: bool) -> CoverTexts:
    n = i % 9 + 2
    title = TITLES[i % len(TITLES)].format(n=n)
    if not has_points:
        return CoverTexts(title, subtitle="写给刚毕业的你", badge="一人住")
    return CoverTexts(title, badge="一人住", points=tuple(point.format(n=n) for point in POINTS))


def draw_ours(
    card: Card, texts: CoverTexts, photo: Path | None, out: Path, assets: CoverAssets
) -> tuple[list[float], float]:
    """Draw the card to ``out``: the seconds of each of ``STEPS``, and of processor time in all.

    The same calls as ``draw_cover``, taken apart.
    """
    before = time.process_time()
    spec = assets.layouts[card.layout]
    marks = [time.perf_counter()]
    pictures = [PhotoFile(photo)] if photo else []
    cover = layout_cover(spec, texts, palette=assets.palettes[spec.palette], fonts=assets.fonts, photo=pictures)
    marks.append(time.perf_counter())
    for box in cover.photos:  # decoded, cropped and scaled here, found again by ``render_ground``
        pictures[0].crop((box.box[2] - box.box[0], box.box[3] - box.box[1]), box.focus)
    marks.append(time.perf_counter())
    ground = render_ground(cover)
    marks.append(time.perf_counter())
    image = ground.copy()
    draw_texts(image, cover)
    marks.append(time.perf_counter())
    encoded = encode_cover(image, out.suffix)
    marks.append(time.perf_counter())
    with write_whole(out) as temporary:
        temporary.write_bytes(encoded)
    marks.append(time.perf_counter())
    spent = time.process_time() - before
    score_cover(cover, (ground, image))
    card.score_ms.append(1000 * (time.process_time() - before - spent))
    return [after - before for before, after in pairwise(marks)], spent


def run(card: Card, i: int, folder: Path, assets: CoverAssets, browser: Chromium | None) -> None:
    texts = make_texts(i, card.layout == "list")
    for k, suffix in enumerate(card.ours):  # kinds and sides in turn, so that a busy machine slows all alike
        photo = card.photo(2 * i + k)
        out = folder / f"{card.layout}-ours{suffix}"
        seconds, spent = draw_ours(card, texts, photo, out, assets)
        card.ours[suffix].append(seconds)
        peer = 0.0
        if browser:
            card.write_page(texts, photo, folder / "page.html", assets)
            started, before = time.perf_counter(), browser.cpu_seconds()
            browser.draw(folder / "page.html", folder / f"{card.layout}-theirs{suffix}")
            card.theirs[suffix].append(time.perf_counter() - started)
            peer = browser.cpu_seconds() - before
        if i >= N_WARM:
            card.cpu[suffix][0] += spent
            card.cpu[suffix][1] += peer
            card.kb[suffix][0] += out.stat().st_size / 1000
            if browser:
                card.kb[suffix][1] += (folder / f"{card.layout}-theirs{suffix}").stat().st_size / 1000


def report(card: Card, suffix: str) -> None:
    rows = card.ours[suffix]
    totals, n = [sum(row) for row in rows], N_ROUNDS - N_WARM
    times = ", ".join(
        f"{name} {1000 * statistics.median(column):.1f}"
        for name, column in zip(STEPS, zip(*rows[N_WARM:], strict=True), strict=True)
    )
    print(
        f"   {suffix[1:]}: median {1000 * statistics.median(totals[N_WARM:]):.1f} ms ({times});"
        f" {card.kb[suffix][0] / n:.0f} kB"
    )
    if card.theirs[suffix]:
        peers = card.theirs[suffix][N_WARM:]
        ratios = sorted(b / a for a, b in zip(totals[N_WARM:], peers, strict=True))
        own, peer = (1000 * seconds / n for seconds in card.cpu[suffix])
        print(
            f"        chromium {1000 * statistics.median(peers):.0f} ms, {card.kb[suffix][1] / n:.0f} kB:"
            f" {statistics.median(ratios):.1f} times as long"
            f" ({ratios[len(ratios) // 10]:.1f} to {ratios[-1 - len(ratios) // 10]:.1f});"
            f" processor time {own:.0f} against {peer:.0f} ms: {peer / own:.1f} times"
        )


def compare_encoders(folder: Path) -> None:
    """The size of our files of the very pixels that Chromium drew, so that no kernel of scaling tells in it."""
    for layout in ("list", "photo-full"):
        theirs = folder / f"{layout}-theirs.png"
        if theirs.exists():
            pixels = Image.open(theirs).convert("RGB")
            jpeg = Image.open(io.BytesIO(encode_cover(pixels, ".jpg")))
            print(
                f"   {layout}: png {len(encode_cover(pixels, '.png')) / theirs.stat().st_size:.2f},"
                f" jpeg {len(encode_cover(pixels, '.jpg')) / theirs.with_suffix('.jpg').stat().st_size:.2f}"
                f" of chromium's (same tables: {same_tables(jpeg, Image.open(theirs.with_suffix('.jpg')))})"
            )


def same_tables(one: Image.Image, other: Image.Image) -> bool:
    return one.quantization == other.quantization  # type: ignore[attr-defined]


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="ck-covers-"))
    # In a process of its own: its memory is not ours.
    subprocess.run([sys.executable, __file__, "--photos", str(folder)], check=True)
    large, small = (tuple(folder / f"{kind}{i}.jpg" for i in range(N_PHOTOS)) for kind in ("large", "small"))
    assets = load_cover_assets()
    cards = [
        Card("flat card", "list", FLAT),
        Card("a new photo of 12 megapixels each", "photo-full", PHOTO, large),
        Card("a new photo of 2.8 megapixels each", "photo-full", PHOTO, small),
        Card("one photo for all", "photo-full", PHOTO, large[:1]),
    ]
    with open_chromium() as browser:
        for card in cards:
            for i in range(N_ROUNDS):
                run(card, i, folder, assets, browser)
            print(f"{card.name} (scoring it: {statistics.median(card.score_ms):.0f} ms of processor time more)")
            for suffix in card.ours:
                report(card, suffix)
        print("encoders on the same pixels:")
        compare_encoders(folder)
        own_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"peak memory: ours {own_mb:.0f} MB" + (f", chromium {browser.memory_mb():.0f} MB" if browser else ""))
    print(f"pictures: {folder}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--photos"]:
        make_photos(Path(sys.argv[2]))
    else:
        main()
