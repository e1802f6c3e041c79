"""Import of a large JSONL: creator-kit (validates, parses, anonymises) against ``sqlite-utils insert`` (copies).

    python benchmarks/import_throughput.py --notes 1000000

Writes N notes in MediaCrawler's layout (schema of July 2026) into a temporary folder, the same bytes at every
run, then imports them with both, one after the other. ``--turn-seconds 2`` lets them take turns, the other one
stopped, for a machine that others use too: what those do then meets both alike, but each also waits for the disk
to take what the other wrote. Prints notes per second of running, CPU seconds (of all processes of each),
peak memory and their ratios. ``--one-core`` pins both to one core. Needs Linux and ``sqlite-utils`` beside this
interpreter; nothing of what it makes is kept.

Bodies have 200 to 400 characters, a third of the notes prices and other figures, a tenth stickers or filler
lines with a tab, one in a hundred a phone number; topics are marked in the body and listed, counts are
log-normal and three in a hundred shown as "1.1万+". ``sqlite-utils`` stores each object as it is; creator-kit
checks, parses, cleans, masks and hashes it.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import signal
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
_FIGURES = ("，人均{n}元", "，一共花了{n}块", "，{n}分钟搞定", "，{n}天就能看到")
_EXTRAS = ("[赞R]", "[害羞R]", "\n\t\n")
_COUNTS = ("1万", "1.1万+", "2.9万", "10万+", "")


def make_line(i: int, rng: random.Random) -> bytes:
    """One note as MediaCrawler writes it; about 1.9 KB, of which the body is 200 to 400 characters."""
    topics = rng.sample(_TOPICS, 4)
    parts: list[str] = []
    length, wanted = 0, rng.randrange(170, 340)
    while length < wanted:
        parts += (rng.choice(_CLAUSES), rng.choice(_MARKS))
        length += len(parts[-1]) + len(parts[-2])
    if rng.random() < 0.33:
        parts.append(rng.choice(_FIGURES).format(n=rng.randrange(5, 2000)))
    if rng.random() < 0.1:
        parts.insert(-2, rng.choice(_EXTRAS))
    if rng.random() < 0.01:
        parts.append(f"\n联系 138{rng.randrange(10**8):08d}")
    parts.append("\n")
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


@dataclass
class Cost:
    """What a command and its own processes took: seconds while they were running, CPU seconds, peak memory in MB."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    peak_mb: float = 0.0


class Command:
    """A command in a process group of its own, which can be stopped and set running again."""

    def __init__(self, command: list[str], *, one_core: bool) -> None:
        self.cost = Cost()
        self.is_done = False
        self._command = command
        self._messages = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the command)
        cores = os.sched_getaffinity(0)
        if one_core:
            os.sched_setaffinity(0, {min(cores)})
        try:
            self._process = subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=self._messages, start_new_session=True
            )
        finally:
            os.sched_setaffinity(0, cores)
        os.killpg(self._process.pid, signal.SIGSTOP)

    def run(self, seconds: float) -> None:
        """Let it run for ``seconds`` or to its end, and stop it. Raises SystemExit when it fails."""
        start = time.perf_counter()
        os.killpg(self._process.pid, signal.SIGCONT)
        while (now := time.perf_counter()) - start < seconds:
            self.cost.peak_mb = max(self.cost.peak_mb, _tree_mb(self._process.pid))
            pid, status, usage = os.wait4(self._process.pid, os.WNOHANG)
            if pid:
                self.is_done = True
                self.cost.cpu_s = usage.ru_utime + usage.ru_stime
                self._process.returncode = os.waitstatus_to_exitcode(status)
                break
            time.sleep(0.02)
        else:
            os.killpg(self._process.pid, signal.SIGSTOP)
        self.cost.wall_s += now - start
        if self.is_done and self._process.returncode:
            self._messages.seek(0)
            told = self._messages.read().decode(errors="replace")
            raise SystemExit(f"{' '.join(self._command)} failed: {told}")

    def kill(self) -> None:
        """End it with all its processes, if it has not ended."""
        if not self.is_done:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


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
    parser.add_argument("--turn-seconds", type=float, default=math.inf)
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
        peer = Command(
            [*python, "-m", "sqlite_utils", "insert", str(folder / "peer.db"), "notes", str(notes), "--nl"],
            one_core=arguments.one_core,
        )
        ours = Command(
            [*python, "-m", "creator_kit", "corpus", "add", str(notes), "--workspace", str(workspace), "--json"],
            one_core=arguments.one_core,
        )
        try:
            while not (peer.is_done and ours.is_done):
                for command in (peer, ours):
                    if not command.is_done:
                        command.run(arguments.turn_seconds)
        finally:
            for command in (peer, ours):
                command.kill()

    for label, cost in (("sqlite-utils insert", peer.cost), ("creator-kit corpus add", ours.cost)):
        print(
            f"{label:24} {arguments.notes / cost.wall_s:9,.0f} notes/s   {cost.wall_s:7.1f} s wall"
            f"   {cost.cpu_s:7.1f} s CPU   {cost.peak_mb:7,.0f} MB peak"
        )
    print(
        f"ratio: {peer.cost.wall_s / ours.cost.wall_s:.2f} times faster on the clock,"
        f" {peer.cost.cpu_s / ours.cost.cpu_s:.2f} in CPU time,"
        f" {ours.cost.peak_mb / peer.cost.peak_mb:.2f} of its memory"
    )
    print("(sqlite-utils stores each JSON object as it is: nothing is checked, parsed, cleaned, masked or hashed)")


if __name__ == "__main__":
    main()
