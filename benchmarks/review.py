"""Figures for review, by hand: ``python benchmarks/review.py speed|alarms|originality [FOLDER or FILES]``.

``speed``: titles a second and MB/s of the whole rule set, beside a plain ``re`` alternation of the same words.
``alarms``: findings per 1,000 notes by rule on JSON-lines corpora (a folder), with examples of the most frequent.
``originality``: look-ups a second against 10k, 100k and 1M notes, beside a comparison with each.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from creator_kit.review import PostText, check_post, load_rules
from creator_kit.review.originality import KnownTexts
from creator_kit.review.patterns import spell_out
from creator_kit.review.rules import RuleSet


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


def compile_peer(rules: RuleSet) -> list[re.Pattern[str]]:
    """The same words without an automaton: one plain alternation of all spellings of all terms (of parts, too), the
    longest first, and the pattern of each rule that has one. They see the text as it is: nothing is folded, no
    disguise is seen through, no context is weighed and nothing is said."""
    terms = {
        spelling
        for rule in rules.rules
        if not rule.pattern
        for term in (*rule.terms, *(term for part in rule.parts for term in part))
        for spelling in spell_out(term)
    }
    alternation = "|".join(map(re.escape, sorted(terms, key=lambda term: (-len(term), term))))
    return [re.compile(alternation), *(re.compile(rule.pattern) for rule in rules.rules if rule.pattern)]


def time_side_by_side(rules: RuleSet, posts: list[PostText], n_rounds: int, peer_share: int) -> tuple[float, ...]:
    """CPU seconds that all ``posts`` take one by one, together, and by the peer, which gets each ``peer_share``-th of
    them and is scaled up. All sides take turns on the same notes, so that whatever else runs slows all of them."""
    peer = compile_peer(rules)
    rules.engine.check_all(posts)  # tables fill as characters are met
    singly = jointly = plainly = 0.0
    n_bytes = n_peer_bytes = 0
    for at in range(n_rounds):
        part = posts[at::n_rounds]
        sample = part[at % peer_share :: peer_share] or part[:1]
        t0 = time.process_time()
        for post in part:
            check_post(post, rules)
        t1 = time.process_time()
        rules.engine.check_all(part)
        t2 = time.process_time()
        for post in sample:
            for text in (post.title, post.body, post.text_of("tags")):
                for expression in peer:
                    for _match in expression.finditer(text):
                        pass
        t3 = time.process_time()
        singly, jointly, plainly = singly + t1 - t0, jointly + t2 - t1, plainly + t3 - t2
        n_bytes += sum(map(count_bytes, part))
        n_peer_bytes += sum(map(count_bytes, sample))
    return singly, jointly, plainly * n_bytes / n_peer_bytes, n_bytes


def count_bytes(post: PostText) -> int:
    return len((post.title + post.body + post.text_of("tags")).encode())


def write_notes(n: int) -> list[PostText]:
    """Invented notes, for those who have no corpus at hand."""
    titles = ["这款面霜真的很适合干皮姐妹", "一人食｜番茄牛腩15分钟上桌👩‍🍳", "周末去湖边露营带什么"]
    body = "周末去湖边露营，带上折叠桌和一壶热红酒。\n傍晚风大，外套多带一件，别的都好说～"
    return [PostText(titles[at % 3], body * (1 + at % 8), ("露营", "周末去哪儿")) for at in range(n)]


def speed(folder: Path | None, n_mb: int) -> None:
    started = time.process_time()
    rules = load_rules()
    loaded = time.process_time()
    _ = rules.engine
    print(f"load {1000 * (loaded - started):.0f} ms, compile {1000 * (time.process_time() - loaded):.0f} ms (CPU)")
    notes = list(read_notes(folder)) if folder else write_notes(4_000)
    titles = [PostText(post.title, "") for post in notes if post.title]
    print(
        f"{len(rules.rules)} rules, {len(notes)} notes; CPU time, {len(titles)} titles; load {os.getloadavg()[0]:.1f}"
    )
    for name, posts in (("titles", titles), ("notes", notes)):
        singly, jointly, plainly, n_bytes = time_side_by_side(rules, posts, 20, 10)
        print(
            f"{name}: one by one {len(posts) / singly:,.0f} a second, {n_bytes / singly / 1e6:.2f} MB/s"
            f" ({plainly / singly:.0f} times the alternation); together {len(posts) / jointly:,.0f} a second,"
            f" {n_bytes / jointly / 1e6:.2f} MB/s ({plainly / jointly:.0f} times); re alternation"
            f" {len(posts) / plainly:,.0f} a second, {n_bytes / plainly / 1e6:.3f} MB/s"
        )
    text = "\n".join(post.body for post in notes)
    while len(text) < n_mb * 400_000:  # Chinese: two and a half bytes a character
        text += "\n" + text
    text = text.encode()[: n_mb * 1_000_000].decode("utf-8", "ignore")
    n_bytes = len(text.encode())
    post, sample = PostText("", text), PostText("", text[len(text) // 2 :][:100_000])
    t0 = time.process_time()
    n_found = len(check_post(post, rules))
    t1 = time.process_time()
    for expression in compile_peer(rules):
        for _match in expression.finditer(sample.body):
            pass
    plainly = (time.process_time() - t1) * n_bytes / count_bytes(sample)
    print(
        f"one text, {n_bytes / 1e6:.0f} MB: {t1 - t0:.1f} s, {n_bytes / (t1 - t0) / 1e6:.2f} MB/s, {n_found:,} findings,"
        f" peak memory of the process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3:.0f} MB; re alternation"
        f" {n_bytes / plainly / 1e6:.3f} MB/s (ratio {plainly / (t1 - t0):.0f}, scaled up from 100,000 characters)"
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
    parser.add_argument("--mb", type=int, default=50, help="size of the large text")
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    args = parser.parse_args()
    if args.what == "speed":
        speed(args.folder, args.mb)
    elif args.what == "originality":
        originality(args.sizes)
    elif args.folder is None:
        sys.exit("alarms needs a folder of JSON-lines corpora")
    else:
        alarms(args.folder, args.examples)


if __name__ == "__main__":
    main()
