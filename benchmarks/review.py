"""Figures for review, by hand: ``python benchmarks/review.py speed|alarms|originality [FOLDER or FILES]``.

``speed``: microseconds a title and MB/s of the whole rule set, beside one ``re`` alternation of the same terms.
``alarms``: findings per 1,000 notes by rule on JSON-lines corpora (a folder), with examples of the most frequent.
``originality``: look-ups a second against 10k, 100k and 1M notes, beside a comparison with each.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import ahocorasick_rs

from creator_kit.review import PostText, check_post, load_rules
from creator_kit.review.folding import FoldTable, fold
from creator_kit.review.originality import KnownTexts
from creator_kit.review.patterns import spell_out


def read_notes(folder: Path) -> Iterator[PostText]:
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").rstrip("\n").split("\n"):
            row = json.loads(line)
            yield PostText(row.get("title") or "", row.get("body") or "", tuple(row.get("tags") or ()), name=path.stem)


def alarms(folder: Path, n_examples: int) -> None:
    rules = load_rules()
    counts: Counter[tuple[str, str]] = Counter()
    notes_with: Counter[str] = Counter()
    examples: dict[tuple[str, str], list[str]] = defaultdict(list)
    rng = random.Random(0)
    n_notes = 0
    for post in read_notes(folder):
        n_notes += 1
        findings = check_post(post, rules)
        notes_with.update({finding.severity for finding in findings})
        for finding in findings:
            key = (finding.rule_id, finding.severity)
            counts[key] += 1
            text = post.text_of(finding.field)
            around = text[max(0, finding.start - 12) : finding.end + 12].replace("\n", "/")
            sample = examples[key]
            if len(sample) < n_examples:
                sample.append(f"{around}  [{finding.matched}]")
            elif (at := rng.randrange(counts[key])) < n_examples:
                sample[at] = f"{around}  [{finding.matched}]"
    print(
        f"{n_notes} notes; with a finding to block {1000 * notes_with['block'] / n_notes:.1f}, to change"
        f" {1000 * notes_with['warn'] / n_notes:.1f}, to consider {1000 * notes_with['advise'] / n_notes:.1f} per 1,000"
    )
    for (rule_id, severity), n in counts.most_common():
        print(f"{1000 * n / n_notes:8.1f}  {severity:<7}{rule_id}")
        for example in examples[rule_id, severity]:
            print(f"             {example}")


def speed(folder: Path | None) -> None:
    started = time.perf_counter()
    rules = load_rules()
    loaded = time.perf_counter()
    _ = rules.engine
    compiled = time.perf_counter()
    print(f"load {1000 * (loaded - started):.0f} ms, compile {1000 * (compiled - loaded):.0f} ms")
    terms = sorted({s for rule in rules.rules for term in rule.terms for s in spell_out(term)}, key=len, reverse=True)
    alternation = re.compile("|".join(map(re.escape, terms)))
    print(f"{len(rules.rules)} rules, {len(terms)} spellings")
    if folder:
        posts = list(read_notes(folder))
        titles = [post.title for post in posts if post.title] * 3
        bodies = [post.body for post in posts if post.body]
    else:
        titles = ["这款面霜真的很适合干皮姐妹", "一人食｜番茄牛腩15分钟上桌👩‍🍳", "周末去湖边露营带什么"] * 2000
        bodies = ["周末去湖边露营，带上折叠桌和一壶热红酒。" * 20] * 200
    table = FoldTable("light")
    automaton = ahocorasick_rs.AhoCorasick(terms)
    for name, texts, make in (
        ("titles", titles, lambda text: PostText(text, "")),
        ("bodies", bodies, lambda text: PostText("", text)),
    ):
        made = [make(text) for text in texts]
        for post in made[:200]:
            check_post(post, rules)
        t0 = time.perf_counter()
        for post in made:
            check_post(post, rules)
        ours = time.perf_counter() - t0
        sample = texts[: max(1, len(texts) // 20)]
        t0 = time.perf_counter()
        for text in sample:
            for _match in alternation.finditer(fold(text, table)):
                pass
        peer = (time.perf_counter() - t0) * len(texts) / len(sample)
        n_bytes = sum(len(text.encode()) for text in texts)
        folded = [fold(text, table) for text in texts]
        t0 = time.perf_counter()
        for text in folded:
            automaton.find_matches_as_indexes(text, overlapping=True)
        bare = time.perf_counter() - t0
        print(
            f"{name}: {1e6 * ours / len(texts):.1f} us each, {n_bytes / ours / 1e6:.2f} MB/s; re alternation"
            f" {1e6 * peer / len(texts):.1f} us, {n_bytes / peer / 1e6:.2f} MB/s (ratio {peer / ours:.1f});"
            f" the same terms in our automaton {n_bytes / bare / 1e6:.1f} MB/s (ratio {peer / bare:.0f})"
        )


def originality(sizes: list[int]) -> None:
    rng = random.Random(0)
    words = re.findall(
        r"\S+",
        "露营 早餐 面霜 通勤 收纳 番茄 牛腩 周末 预算 新手 清单 避坑 教程 低卡 小户型 显瘦 租房 上海 亲子 咖啡"
        " 探店 护肤 干皮 秋冬 穿搭 笔记 考研 英语 书单 旅行 攻略 机票 拍照 姿势 健身 跑步 猫咪 手账 烘焙 戚风",
    )

    def sentence(n: int) -> str:
        return "".join(rng.choice(words) for _ in range(n))

    for size in sizes:
        titles = [sentence(6) for _ in range(size)]
        bodies = [sentence(40) for _ in range(size)]
        t0 = time.perf_counter()
        known = KnownTexts([str(at) for at in range(size)], titles, bodies)
        built = time.perf_counter() - t0
        queries = [titles[rng.randrange(size)][:-2] + "好看" for _ in range(200)]
        texts = [bodies[rng.randrange(size)][:30] + sentence(20) for _ in range(200)]
        t0 = time.perf_counter()
        n_titles = sum(known.find_title(query) is not None for query in queries)
        title_s = (time.perf_counter() - t0) / len(queries)
        t0 = time.perf_counter()
        n_bodies = sum(known.find_body(text) is not None for text in texts)
        body_s = (time.perf_counter() - t0) / len(texts)
        t0 = time.perf_counter()
        n_peer = 2
        for query in queries[:n_peer]:
            grams = {query[at : at + 2] for at in range(len(query) - 1)}
            max(len(grams & {t[at : at + 2] for at in range(len(t) - 1)}) for t in titles)
        brute_s = (time.perf_counter() - t0) / n_peer
        print(
            f"{size:>9} notes: build {built:.1f} s; title {1 / title_s:,.0f}/s (found {n_titles}/200),"
            f" body {1 / body_s:,.0f}/s (found {n_bodies}/200); brute-force title {1 / brute_s:,.1f}/s,"
            f" ratio {brute_s / title_s:,.0f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["speed", "alarms", "originality"])
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--examples", type=int, default=0)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    args = parser.parse_args()
    if args.what == "speed":
        speed(args.folder)
    elif args.what == "originality":
        originality(args.sizes)
    elif args.folder is None:
        sys.exit("alarms needs a folder of JSON-lines corpora")
    else:
        alarms(args.folder, args.examples)


if __name__ == "__main__":
    main()
