"""Mining of bodies and topics at scale: ``python benchmarks/mining_bodies.py [N ...]`` (100,000 and 1,000,000).

    python benchmarks/mining_bodies.py

Generated notes of lengths as people write them (P10/P50/P90 about 20/190/740 characters, half of them with topics),
a fifth hot, four notes an author, read one by one as a store gives them. Each size runs in a process of its own.
Reported: CPU seconds without those of making the notes, peak memory of the process (heats included: 1 float a note),
shapes and habits found, and the growth from each size to the next. No other tool mines bodies, so there is no peer.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import time
from collections.abc import Iterator
from typing import Any

from creator_kit.corpus.heat import Heat
from creator_kit.corpus.note import Note

LINES = (
    "今天说一件小事，说完就去做饭，冰箱里还有半颗白菜和两个鸡蛋",
    "窗外下雨，屋里很静，猫在箱子里睡着了",
    "1. 先把菜洗净切好，水烧开放一勺盐",
    "2. 再下锅翻炒，火不要太大",
    "📁房租先问清楚，押金怎么退也要写下来",
    "🚿热水开一下看，等多久才热",
    "记得早点出门，周末人多",
    "合计38元，两个人够吃",
    "你们平时都怎么做？",
    "喜欢的话评论区告诉我",
    "Step1 打开盒子，把零件摆好",
    "后来才知道，慢一点反而快，这句话说的就是我，前后花了三个星期才明白，不过也不后悔",
)
TOPICS = tuple(f"话题{number}" for number in range(5000))
N_LINES, WEIGHTS = (1, 3, 8, 16, 32, 50), (14, 18, 25, 22, 15, 6)


def make_notes(n: int) -> Iterator[Note]:
    rng = random.Random(7)
    for number in range(n):
        lines = rng.choices(LINES, k=rng.choices(N_LINES, WEIGHTS)[0])
        tags = tuple(TOPICS[int(5000 * rng.random() ** 3)] for _ in range(rng.choice((0, 0, 3, 5, 8))))
        yield Note(
            f"{number:016x}", f"{rng.randrange(max(n // 4, 3)):016x}", body="\n".join(lines), tags=tags, type="图文",
            published_at=f"2025-{1 + number % 12:02}-{1 + number % 28:02}", source=f"export {number % 5}",
            keyword=f"keyword {number % 400}",
        )  # fmt: skip


def run(n: int, pipe: Any) -> None:
    from creator_kit.mining.bodies import mine_bodies

    rng = random.Random(8)
    heats = [Heat(rng.random(), "source×keyword×type×age", 99, age_band=3) for _ in range(n)]
    start = time.process_time()
    n_characters = sum(len(note.body) for note in make_notes(n))
    making = time.process_time() - start
    start = time.process_time()
    library = mine_bodies(make_notes(n), heats)
    seconds = time.process_time() - start - making
    memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    n_habits = len(library.habits) + len(library.tags.habits)
    pipe.send((seconds, memory_mb, n_characters, len(library.shapes), n_habits))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=[100_000, 1_000_000])
    before = None
    for n in parser.parse_args().sizes:
        context = multiprocessing.get_context("spawn")
        receive, send = context.Pipe(duplex=False)
        process = context.Process(target=run, args=(n, send))
        process.start()
        seconds, memory_mb, n_characters, n_shapes, n_habits = receive.recv()
        process.join()
        print(
            f"{n:9,} notes, {n_characters / 1e6:.0f} M characters: {seconds:.1f} s CPU, {memory_mb:.0f} MB,"
            f" {n_shapes} shapes, {n_habits} habits",
            flush=True,
        )
        if before is not None:
            print(f"          {n / before[0]:.0f} times the notes in {seconds / before[1]:.1f} times the time")
        before = n, seconds


if __name__ == "__main__":
    main()
