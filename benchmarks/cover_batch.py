"""What ``cover --all --jobs 2`` gains on a quiet machine: ``python benchmarks/cover_batch.py [FOLDER OF PHOTOS]``.

200 drafts, flat covers, in one process and in two, by turns; with a folder also 60 covers over its photos.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from creator_kit.cover.batch import CoverTask, draw_draft_covers
from creator_kit.cover.drawing import CoverOptions
from creator_kit.drafting import Brief, Draft

N_ROUNDS = 3


def make_tasks(n: int, folder: Path, photos: list[Path]) -> list[CoverTask]:
    tasks = []
    for i in range(n):
        draft = Draft(
            f"d-20261124-{i:03x}", "租房", "", "2026-11-24", f"租房党省钱的{i}个习惯", "正文", (), (),
            Brief(topic="租房"), "plain",
        )  # fmt: skip
        options = CoverOptions(photos=(photos[i % len(photos)],) if photos else ())
        tasks.append(CoverTask(draft, None, folder / f"{i}.png", options))
    return tasks


def main() -> None:
    photos = sorted(Path(sys.argv[1]).glob("*.jpg")) if sys.argv[1:] else []
    for name, n, used in (("flat", 200, []), ("photo", 60, photos)):
        if name == "photo" and not photos:
            continue
        for _round in range(N_ROUNDS):
            seconds = []
            for n_jobs in (1, 2):
                with tempfile.TemporaryDirectory() as folder:
                    start = time.perf_counter()
                    for _drawn in draw_draft_covers(make_tasks(n, Path(folder), used), n_jobs=n_jobs):
                        pass
                    seconds.append(time.perf_counter() - start)
            print(f"{name}: {n} covers in one process {seconds[0]:.1f} s, in two {seconds[1]:.1f} s", flush=True)


if __name__ == "__main__":
    main()
