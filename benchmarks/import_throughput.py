"""Import of a large JSONL: creator-kit (validates, parses, anonymises) against ``sqlite-utils insert`` (copies).

    python benchmarks/import_throughput.py --notes 1000000

Writes N notes in MediaCrawler's layout (schema of July 2026) into a temporary folder, the same bytes at every
run, then imports them with both, one after the other, each in its own process, and prints notes per second,
CPU seconds, peak memory and their ratios. ``--one-core`` pins both to one core. Needs ``sqlite-utils`` beside
this interpreter and a POSIX system; nothing of what it makes is kept.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

# Invented here, for their length and character mix only.
_CLAUSES = (
    "周末在家慢慢收拾出一个角落", "先把预算写在纸上再去逛店", "这次只买真正用得上的东西", "颜色选浅一点显得房间更亮",
    "早上出门前十分钟就能做好", "步骤不多但是顺序很要紧", "第一次做的人也不容易出错", "味道比想象中清爽很多",
    "回来以后把照片重新整理了一遍", "踩过的坑都记在下面了", "价格我写在最后面自己看", "适合不太会打扮的上班族",
    "每天坚持一点点就看得到变化", "别急着下单先量好尺寸", "店员说这个角度最好拍", "雨天去人会少一些",
)  # fmt: skip
_MARKS = ("，", "。", "！", "～", "\n", "✨\n", "📝 ")
_TOPICS = (
    "租房改造", "平价好物", "通勤穿搭", "减脂餐", "新手做饭", "周末去哪儿", "护肤日常", "考研经验", "桌面布置",
    "咖啡店", "露营清单", "宝宝辅食",
)  # fmt: skip
_TITLES = ("{a}的{n}个小办法", "{n}步做好{a}", "关于{a}，我后悔没早知道", "{a}｜一次说清楚", "普通人也能学会的{a}")
_COUNTS = ("1万", "1.1万+", "2.9万", "10万+", "")


def make_line(i: int, rng: random.Random) -> bytes:
    """One note as MediaCrawler writes it; about 1.9 KB, of which the body is 200 to 400 characters."""
    topics = rng.sample(_TOPICS, 4)
    parts: list[str] = []
    length, wanted = 0, rng.randrange(170, 370)
    while length < wanted:
        parts += (rng.choice(_CLAUSES), rng.choice(_MARKS))
        length += len(parts[-1]) + len(parts[-2])
    published = 1_700_000_000 + rng.randrange(80_000_000)
    note_id = f"{published:08x}{i:016x}"
    token = f"AB{rng.getrandbits(240):060x}="

    def count(scale: float) -> str:
        if rng.random() < 0.03:
            return rng.choice(_COUNTS)
        return str(int(rng.lognormvariate(scale, 1.8)))

    images = ",".join(
        f"http://sns-webpic-qc.example.com/2026/{rng.getrandbits(128):032x}/{k}!nd_dft_wlteh_webp_3"
        for k in range(rng.randrange(1, 5))
    )
    note = {
        "note_id": note_id,
        "type": "video" if rng.random() < 0.2 else "normal",
        "title": rng.choice(_TITLES).format(a=topics[0], n=rng.randrange(3, 10)),
        "desc": "".join(parts) + " ".join(f"#{topic}[话题]#" for topic in topics),
        "video_url": "",
        "time": published * 1000,
        "last_update_time": published * 1000 + 5000,
        "creator_hash": f"{rng.randrange(300_000):016x}",
        "nickname": "甲***乙",
        "liked_count": count(3.5),
        "collected_count": count(2.8),
        "comment_count": count(1.5),
        "share_count": count(1.0),
        "image_list": images,
        "tag_list": ",".join(topics),
        "last_modify_ts": 1_790_000_000_000 + i,
        "note_url": f"https://www.xiaohongshu.com/explore/{note_id}?xsec_token={token}&xsec_source=pc_search",
        "source_keyword": topics[0],
        "xsec_token": token,
    }
    return json.dumps(note, ensure_ascii=False).encode() + b"\n"


def write_notes(path: Path, n_notes: int) -> None:
    """Write ``n_notes`` lines."""
    rng = random.Random(20261124)
    with path.open("wb") as file:
        for i in range(n_notes):
            file.write(make_line(i, rng))


@dataclass(frozen=True)
class Cost:
    """What a command took, its own processes included: seconds on the clock, seconds of CPU, peak memory in MB."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def run(command: list[str], *, one_core: bool) -> Cost:
    """Run ``command`` to its end and measure it; raises when it fails."""
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
    if one_core and cores:
        os.sched_setaffinity(0, {min(cores)})
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    with tempfile.TemporaryFile() as messages:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=messages)
        peak_mb = 0.0
        while process.poll() is None:
            peak_mb = max(peak_mb, _tree_mb(process.pid))
            time.sleep(0.05)
        wall_s = time.perf_counter() - start
        if process.returncode:
            messages.seek(0)
            raise SystemExit(f"{' '.join(command)} failed: {messages.read().decode(errors='replace')}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if one_core and cores:
        os.sched_setaffinity(0, cores)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall_s, cpu_s, peak_mb)


def _tree_mb(pid: int) -> float:
    """Resident memory of a process and all below it, private and shared pages alike (Linux; 0 elsewhere)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return 0.0
    resident = [line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")]
    return sum(map(int, resident)) / 1024 + sum(_tree_mb(int(child)) for child in children)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notes", type=int, default=1_000_000)
    parser.add_argument("--one-core", action="store_true")
    parser.add_argument("--dir", type=Path, help="where the temporary folder is made")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.dir, prefix="import-") as name:
        folder = Path(name)
        notes = folder / "search_contents.jsonl"
        write_notes(notes, arguments.notes)
        n_bytes = notes.stat().st_size
        print(f"{arguments.notes:,} notes, {n_bytes / 1e6:,.0f} MB, {n_bytes / arguments.notes:,.0f} bytes each")

        python = [sys.executable, "-X", "utf8"]
        workspace = folder / "workspace"
        subprocess.run([*python, "-m", "creator_kit", "init", str(workspace)], check=True, capture_output=True)
        peer = run(
            [*python, "-m", "sqlite_utils", "insert", str(folder / "peer.db"), "notes", str(notes), "--nl"],
            one_core=arguments.one_core,
        )
        (folder / "peer.db").unlink()
        ours = run(
            [*python, "-m", "creator_kit", "corpus", "add", str(notes), "--workspace", str(workspace), "--json"],
            one_core=arguments.one_core,
        )

    for label, cost in (("sqlite-utils insert", peer), ("creator-kit corpus add", ours)):
        print(
            f"{label:24} {arguments.notes / cost.wall_s:9,.0f} notes/s   {cost.wall_s:7.1f} s wall"
            f"   {cost.cpu_s:7.1f} s CPU   {cost.peak_mb:7,.0f} MB peak"
        )
    print(
        f"ratio: {peer.wall_s / ours.wall_s:.2f} times faster on the clock, {peer.cpu_s / ours.cpu_s:.2f} in CPU time,"
        f" {ours.peak_mb / peer.peak_mb:.2f} of its memory"
    )


if __name__ == "__main__":
    main()
