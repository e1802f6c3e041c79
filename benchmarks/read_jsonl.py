"""Reading a generated MediaCrawler file: microseconds a note and peak memory, beside msgspec's bare decoding.

    python benchmarks/read_jsonl.py [N_NOTES] [FILE]

The bare decoding of the same lines into dicts is the floor under which no reader can go.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

import msgspec

from creator_kit.corpus.note import Note
from creator_kit.corpus.readers import open_export
from creator_kit.corpus.reading import ReadOptions

_WORDS = [
    "通勤",
    "早餐",
    "收纳",
    "出租屋",
    "防晒",
    "面霜",
    "周末",
    "咖啡",
    "露营",
    "路线",
    "攻略",
    "平价",
    "学生党",
    "清单",
    "书桌",
    "显瘦",
    "穿搭",
    "低卡",
    "食谱",
    "空气炸锅",
    "省钱",
    "避坑",
    "测评",
    "打卡",
]
_ENDS = ["，真的很省心", "。早上只要十分钟", "！记得提前预约", "，人均68", "。这三点最容易忽略", "，价格在129到199之间"]


def write_notes(path: Path, n_notes: int, seed: int = 7) -> None:
    """``n_notes`` objects in MediaCrawler's schema of July 2026, 1.5 kB each; every hundredth has a phone number."""
    rng = random.Random(seed)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for number in range(n_notes):
            seconds = 1_700_000_000 + number * 37 % 60_000_000
            topics = rng.sample(_WORDS, 5)
            lines = ["".join(rng.choice(_WORDS) for _ in range(6)) + rng.choice(_ENDS) for _ in range(8)]
            if number % 100 == 0:
                lines.append("联系 13800138000")
            body = "\n\t\n".join(lines) + "[赞R]\n" + " ".join(f"#{topic}[话题]#" for topic in topics)
            row = {
                "note_id": f"{seconds:08x}{number:016x}",
                "type": rng.choice(("normal", "normal", "video")),
                "title": "".join(rng.choice(_WORDS) for _ in range(4)),
                "desc": body,
                "video_url": "",
                "time": seconds * 1000,
                "last_update_time": seconds * 1000,
                "creator_hash": f"{number // 8:016x}",
                "nickname": "小***子",
                "liked_count": rng.choice((str(int(10 ** rng.uniform(0, 4))), "1.2万", "10万+")),
                "collected_count": str(int(10 ** rng.uniform(0, 3))),
                "comment_count": str(int(10 ** rng.uniform(0, 2))),
                "share_count": str(int(10 ** rng.uniform(0, 2))),
                "image_list": ",".join(
                    f"http://sns-webpic-qc.xhscdn.com/{number:032x}/{i}!nd_dft_wlteh_webp_3" for i in range(4)
                ),
                "tag_list": ",".join(topics),
                "last_modify_ts": 1_795_000_000_000 + number,
                "note_url": f"https://www.xiaohongshu.com/explore/{seconds:08x}{number:016x}?xsec_token=T&xsec_source=pc_search",
                "source_keyword": topics[0],
                "xsec_token": "ABcdEFghIJklMNopQRst=",
            }
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def main() -> None:
    """Print both times and their ratio."""
    n_notes = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(folder) / "notes.jsonl"
        if not path.exists():
            write_notes(path, n_notes)
        best_floor = best_read = float("inf")
        for _ in range(3):
            start = time.process_time()
            decode = msgspec.json.Decoder().decode
            with path.open("rb") as file:
                n_rows = sum(1 for line in file if decode(line))
            best_floor = min(best_floor, time.process_time() - start)
            start = time.process_time()
            export = open_export(path, ReadOptions(hash_key=b"benchmark"))
            n_read = sum(isinstance(item, Note) for item in export.rows())
            best_read = min(best_read, time.process_time() - start)
        print(f"{n_rows} rows, {path.stat().st_size / n_rows:.0f} bytes each; {n_read} notes read")
        print(f"msgspec into dicts   {best_floor / n_rows * 1e6:6.2f} µs a row")
        print(f"open_export().rows() {best_read / n_rows * 1e6:6.2f} µs a note, {best_read / best_floor:.1f} times it")
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
