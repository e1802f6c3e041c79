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

import numpy as np

from creator_kit.review import PostText, check_post, load_rules
from creator_kit.review.originality import RUN, KnownTexts
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
    rules.check_all(posts)  # tables fill as characters are met
    singly = jointly = plainly = 0.0
    n_bytes = n_peer_bytes = 0
    for at in range(n_rounds):
        part = posts[at::n_rounds]
        sample = part[at % peer_share :: peer_share] or part[:1]
        t0 = time.process_time()
        for post in part:
            check_post(post, rules)
        t1 = time.process_time()
        rules.check_all(part)
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
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(
        f"one text, {n_bytes / 1e6:.0f} MB: {t1 - t0:.1f} s, {n_bytes / (t1 - t0) / 1e6:.2f} MB/s,"
        f" {n_found:,} findings, peak memory of the process {peak_mb:,.0f} MB; re alternation"
        f" {n_bytes / plainly / 1e6:.3f} MB/s (ratio {plainly / (t1 - t0):.0f}, scaled up from 100,000 characters)"
    )


class Writer:
    """Invented notes whose words are as unevenly used as real ones: 20,000 of two characters, by Zipf's law."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        pairs = self.rng.integers(0, 3755, size=(20_000, 2))
        characters = [bytes((0xB0 + at // 94, 0xA1 + at % 94)).decode("gb2312", "ignore") or "的" for at in range(3755)]
        self.words = np.array([characters[a] + characters[b] for a, b in pairs], dtype=object)
        weights = 1 / np.arange(10, 20_010)
        self.bounds = np.cumsum(weights / weights.sum())

    def write(self, n: int, n_words: int) -> list[str]:
        drawn = np.minimum(np.searchsorted(self.bounds, self.rng.random((n, n_words))), 19_999)
        return ["".join(row) for row in self.words[drawn]]


def originality(sizes: list[int]) -> None:
    """Titles of 16 characters and bodies of 300; half of what is looked up repeats a known note in part."""
    for size in sizes:
        writer = Writer(size)
        some: list[tuple[str, str, str]] = []

        def notes(size: int = size, writer: Writer = writer, some: list[tuple[str, str, str]] = some):
            for at in range(0, size, 1_000):
                rows = list(
                    zip(map(str, range(at, size)), writer.write(1_000, 8), writer.write(1_000, 150), strict=False)
                )
                some.extend(rows[:: max(1, size // 20_000)][:1_000])
                yield from rows[: size - at]

        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        t0 = time.process_time()
        known = KnownTexts.of(notes())
        built = time.process_time() - t0
        more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1e3
        fresh = writer.write(200, 8), writer.write(200, 150)
        picked = [some[at * len(some) // 200] for at in range(200)]
        titles = [t for old, new in zip(picked[::2], fresh[0], strict=False) for t in (old[1][:-2] + "好看", new)]
        bodies = [
            b
            for old, new in zip(picked[::2], fresh[1], strict=False)
            for b in (new[:140] + old[2][100:130] + new[140:], new)
        ]
        t0 = time.process_time()
        n_titles = sum(known.find_title(title) is not None for title in titles)
        t1 = time.process_time()
        n_bodies = sum(known.find_body(body) is not None for body in bodies)
        t2 = time.process_time()
        sample = some[:10_000]
        for title in titles[:2]:
            mine = {title[at : at + 2] for at in range(len(title) - 1)}
            for _name, other, _body in sample:
                theirs = {other[at : at + 2] for at in range(len(other) - 1)}
                _rate = len(mine & theirs) / len(mine | theirs)
        t3 = time.process_time()
        for body in bodies[:2]:
            for _name, _title, other in sample:
                any(body[at : at + RUN] in other for at in range(len(body) - RUN + 1))
        t4 = time.process_time()
        title_s, body_s = (t1 - t0) / len(titles), (t2 - t1) / len(bodies)
        brute_s, brute_body_s = ((t / 2) * size / len(sample) for t in (t3 - t2, t4 - t3))
        print(
            f"{size:>9,} notes: built in {built:.1f} s of CPU (writing them included),"
            f" index {known.nbytes / 1e6:,.0f} MB, process +{more:,.0f} MB\n"
            f"{'':>10}titles {1 / title_s:,.0f} look-ups a second ({n_titles} of {len(titles) // 2} found),"
            f" brute force {1 / brute_s:,.2f}, ratio {brute_s / title_s:,.0f}\n"
            f"{'':>10}bodies {1 / body_s:,.0f} look-ups a second ({n_bodies} of {len(bodies) // 2} found),"
            f" brute force {1 / brute_body_s:,.3f}, ratio {brute_body_s / body_s:,.0f}"
            + (f" (brute force scaled up from {len(sample):,} notes)" if size > len(sample) else ""),
            flush=True,
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
