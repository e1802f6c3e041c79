"""Title mining beside Drain3 and PrefixSpan on the same tokenised titles: ``python benchmarks/mining.py [N ...]``.

    pip install drain3 prefixspan scikit-learn
    python benchmarks/mining.py 10000 100000 --real NOTES.jsonl ... [--million]

Each tool runs in a process of its own, one after the other in the same run, on the same tokens: numbers with
units and emoji are one token for everybody. Figures are CPU seconds of that process; read the ratios. Reported:

* mining: tokens in, groups of titles out (ours: numbering the tokens, skeletons, who owns which title);
  for ours also everything, from raw notes to the finished library, tokenising included;
* peak memory of the process, its titles included;
* coverage: share of held-out titles (one in five) that the first 100 templates with at least two literal parts
  read. A literal part is an unbroken run of text between slots, punctuation included, counted alike for both;
  a Drain3 template reads a title when a wildcard stands for any text (Drain3's own matcher, which wants one token
  a wildcard, reads fewer: given as "own match");
* V-measure of the grouping against the known templates (noise is one group).

Generated titles come from 30 known templates (a third start with a slot, fillings are shared across templates,
10 % are noise: tests/mining/planted.py). Not all of them have two literal parts, so their coverage has a ceiling,
which is printed. PrefixSpan gives subsequences, not templates, so only its time and memory are compared: with the
same threshold as ours (patterns of 5 titles), and with the far easier one of half a percent of the titles. It is
stopped after ``--limit`` CPU seconds; the ratio is a lower bound then. ``--real`` adds a table on real notes: coverage
beside Drain3 over five splits, the overlap of the first templates of halves of the authors, and the tiers under
permuted heat.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "mining"))

N_TEMPLATES = 100
MAX_HELD_OUT = 20_000
Cuts = list[list[tuple[str, str, str]]]


def plant(n: int) -> tuple[list[str], list[int]]:
    from planted import plant_titles

    planted = plant_titles(n, np.random.default_rng(1))
    return [item.title for item in planted], [item.template for item in planted]


def read_titles(files: list[str]) -> list[str]:
    titles = []
    for name in files:
        for line in Path(name).read_text(encoding="utf-8").split("\n"):
            title = (json.loads(line).get("title") or "").strip() if line.strip() else ""
            if title and "\n" not in title and len(title) <= 60:
                titles.append(title)
    return [titles[i] for i in np.random.default_rng(1).permutation(len(titles))]


def cut(titles: list[str]) -> Cuts:
    from creator_kit.mining.cutting import cut_titles

    return [tokens for at in range(0, len(titles), 4096) for tokens in cut_titles(titles[at : at + 4096])]


def mask(cuts: Cuts) -> list[list[str]]:
    """Tokens as text, typed expressions masked, as Drain3's own masking would do."""
    plain = ("word", "latin", "punct", "space")
    return [[text if kind in plain else f"<{kind}>" for text, kind, _ in tokens if text.strip()] for tokens in cuts]


def memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run_ours(titles: list[str], held: list[str]) -> dict[str, Any]:
    from creator_kit.mining.candidates import SkeletonOptions
    from creator_kit.mining.encoding import encode_cuts
    from creator_kit.mining.skeletons import assign_titles, find_skeletons
    from creator_kit.mining.topics import TitleRow

    authors = np.random.default_rng(2).integers(0, max(len(titles) // 4, 3), len(titles))
    rows = [TitleRow(title, int(author)) for title, author in zip(titles, authors, strict=True)]
    cuts = cut(titles)
    start = time.process_time()
    encoded = encode_cuts(rows, cuts, min_notes=5, min_authors=3)
    skeletons = find_skeletons(encoded, SkeletonOptions())
    groups = assign_titles(encoded, skeletons)
    return {"seconds": time.process_time() - start, "mb": memory_mb(), "groups": groups.tolist(), "n": len(skeletons)}


def run_library(titles: list[str], held: list[str]) -> dict[str, Any]:
    from creator_kit.corpus import Note
    from creator_kit.mining import extract, mine_titles

    authors = np.random.default_rng(2).integers(0, max(len(titles) // 4, 3), len(titles))
    notes = [Note(f"{i:x}", f"{int(a):x}", t, source="b") for i, (t, a) in enumerate(zip(titles, authors, strict=True))]
    start = time.process_time()
    library = mine_titles(notes, [None] * len(notes))
    seconds = time.process_time() - start
    first = [t for t in library.templates if sum(isinstance(part, str) for part in t.parts) >= 2][:N_TEMPLATES]
    covered = sum(any(extract(template, title) is not None for template in first) for title in held)
    return {"seconds": seconds, "mb": memory_mb(), "n": len(library.templates), "coverage": covered / len(held)}


def run_drain3(titles: list[str], held: list[str]) -> dict[str, Any]:
    from drain3 import TemplateMiner
    from drain3.template_miner_config import TemplateMinerConfig

    lines = [" ".join(tokens) for tokens in mask(cut(titles))]
    config = TemplateMinerConfig()
    config.drain_sim_th = 0.4
    config.profiling_enabled = False
    start = time.process_time()
    miner = TemplateMiner(config=config)
    groups = [miner.add_log_message(line)["cluster_id"] for line in lines]
    seconds = time.process_time() - start
    memory = memory_mb()
    patterns: dict[int, re.Pattern[str]] = {}
    for cluster in sorted(miner.drain.clusters, key=lambda c: -c.size):
        tokens = cluster.get_template().split()
        literals = [run for run in re.split(r"(?:<[^>]*>)+", "".join(tokens)) if run]
        if len(literals) >= 2:
            pattern = "".join(".+?" if re.fullmatch(r"<.*>", t) else re.escape(t) + r"\s*" for t in tokens)
            patterns[cluster.cluster_id] = re.compile(pattern, re.DOTALL)
        if len(patterns) == N_TEMPLATES:
            break
    read = sum(any(p.fullmatch(title) for p in patterns.values()) for title in held)
    own = 0
    for tokens in mask(cut(held)):
        cluster = miner.match(" ".join(tokens))
        own += cluster is not None and cluster.cluster_id in patterns
    return {
        "seconds": seconds,
        "mb": memory,
        "n": len(miner.drain.clusters),
        "coverage": max(read, own) / len(held),
        "own_match": own / len(held),
        "groups": groups,
    }


def run_prefixspan(titles: list[str], held: list[str], threshold: int = 5) -> dict[str, Any]:
    from prefixspan import PrefixSpan

    tokens = mask(cut(titles))
    start = time.process_time()
    soft = start + LIMIT_SECONDS[0]

    def stop(_signal: int, _frame: Any) -> None:
        raise TimeoutError

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, LIMIT_SECONDS[0])
    try:
        n = len(PrefixSpan(tokens).frequent(threshold))
    except TimeoutError:
        return {"seconds": max(time.process_time(), soft) - start, "mb": memory_mb(), "n": 0, "unfinished": True}
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return {"seconds": time.process_time() - start, "mb": memory_mb(), "n": n}


def run_easy_prefixspan(titles: list[str], held: list[str]) -> dict[str, Any]:
    return run_prefixspan(titles, held, max(5, len(titles) // 200))


TOOLS = {
    "ours": run_ours,
    "library": run_library,
    "drain3": run_drain3,
    "span 0.5 %": run_easy_prefixspan,
    "span 5": run_prefixspan,
}
LIMIT_SECONDS = [120.0]


def _work(name: str, titles: list[str], held: list[str], limit: float, pipe: Any) -> None:
    LIMIT_SECONDS[0] = limit
    try:
        pipe.send(TOOLS[name](titles, held))
    except ImportError as error:
        pipe.send({"missing": str(error)})


def measure(name: str, titles: list[str], held: list[str]) -> dict[str, Any] | None:
    context = multiprocessing.get_context("spawn")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(name, titles, held, LIMIT_SECONDS[0], send))
    process.start()
    result: dict[str, Any] = receive.recv()
    process.join()
    if "missing" in result:
        print(f"  {name}: {result['missing']}")
        return None
    return result


def compare(titles: list[str], truth: list[int] | None) -> dict[str, dict[str, Any]]:
    """Print one table; return the results by tool."""
    n_train = len(titles) * 4 // 5
    train, held = titles[:n_train], titles[n_train:][:MAX_HELD_OUT]
    print(f"\n{len(titles):,} titles, {n_train:,} to learn from, {len(held):,} held out")
    if truth is not None:
        share = ceiling(truth[n_train:][:MAX_HELD_OUT])
        print(
            f"  {share:.3f} of the held-out titles come from templates with two literal parts (digits apart from units)"
        )
    results = {}
    for name in TOOLS:
        result = measure(name, train, held)
        if result is None:
            continue
        results[name] = result
        patterns = f"{result['n']:6} patterns" if "unfinished" not in result else "stopped, not done"
        line = f"  {name:10} {result['seconds']:8.3f} s CPU  {result['mb']:6.0f} MB  {patterns}"
        if "coverage" in result:
            line += f"  coverage {result['coverage']:.3f}"
        if "own_match" in result:
            line += f" (own match {result['own_match']:.3f})"
        if truth is not None and "groups" in result:
            from sklearn.metrics import v_measure_score

            line += f"  V {v_measure_score(truth[:n_train], result['groups']):.3f}"
        if name == "drain3" and "ours" in results:
            line += f"  ours takes {results['ours']['seconds'] / result['seconds']:.2f} times its time"
        if name.startswith("span") and "ours" in results:
            least = "more than " if "unfinished" in result else ""
            line += f"  ours is {least}{result['seconds'] / results['ours']['seconds']:.1f} times faster"
        if name == "drain3" and "library" in results:
            line += f", covers {results['library']['coverage'] / max(result['coverage'], 1e-9):.2f} times as much"
        print(line, flush=True)
    return results


def ceiling(truth: list[int]) -> float:
    from planted import TEMPLATES

    pieces = [[part for part in re.split(r"\{\w+\}", text) if part] for text in TEMPLATES]
    return sum(number >= 0 and len(pieces[number]) >= 2 for number in truth) / len(truth)


def split_real(titles: list[str], n_splits: int = 5) -> None:
    """Held-out coverage beside Drain3 over several splits."""
    ratios = []
    for seed in range(2, 2 + n_splits):
        mixed = [titles[i] for i in np.random.default_rng(seed).permutation(len(titles))]
        n_train = len(mixed) * 4 // 5
        ours, theirs = (measure(name, mixed[:n_train], mixed[n_train:]) for name in ("library", "drain3"))
        if ours is None or theirs is None:
            return
        ratios.append(ours["coverage"] / theirs["coverage"])
        print(f"  another split: coverage {ours['coverage']:.3f} and {theirs['coverage']:.3f}")
    print(f"  over {n_splits} splits {np.mean(ratios):.2f} times as much ({min(ratios):.2f} to {max(ratios):.2f})")


def judge_real(files: list[str], n_permutations: int) -> None:
    """Halves and permuted heat on real notes (rows of the store's fields)."""
    import msgspec
    from test_title_library import overlap

    from creator_kit.corpus import Note
    from creator_kit.corpus.heat import compute_heat
    from creator_kit.mining import mine_titles
    from creator_kit.mining.titles import find_chance_findings

    notes = []
    for name in files:
        for line in Path(name).read_bytes().splitlines():
            record = msgspec.json.decode(line)
            known = {key: value for key, value in record.items() if key in Note.__struct_fields__ and value is not None}
            known["author"], known["title"] = known.get("author", ""), known.get("title", "")
            known["title_is_body_prefix"] = bool((record.get("extra") or {}).get("title_was_body_prefix"))
            notes.append(msgspec.convert(known, Note))
    heats = compute_heat(notes)
    start = time.process_time()
    library = mine_titles(notes, heats)
    print(f"\n{len(notes):,} real notes: {time.process_time() - start:.2f} s CPU, tiers {library.summary.n_tiers}")
    rng = np.random.default_rng(22)
    for _ in range(3):
        authors = sorted({note.author for note in notes})
        side = dict(zip(authors, rng.random(len(authors)) < 0.5, strict=True))
        halves = [[n for n in notes if side[n.author]], [n for n in notes if not side[n.author]]]
        a, b = (mine_titles(half, [None] * len(half)) for half in halves)
        tops = {top: (overlap(a, b, halves[1], top), overlap(b, a, halves[0], top)) for top in (12, 20)}
        print("  halves share of the first " + ", ".join(f"{k}: {x:.2f} and {y:.2f}" for k, (x, y) in tops.items()))
    n = find_chance_findings(notes, heats, rng, n_permutations)
    print(f"  {n} of {n_permutations} permutations of the heat within strata give a reliable or avoided template")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--million", action="store_true", help="also 1,000,000 titles")
    parser.add_argument("--real", nargs="*", default=[], metavar="NOTES.jsonl", help="real notes, JSON lines")
    parser.add_argument(
        "--limit", type=float, default=120, metavar="SECONDS", help="CPU time after which PrefixSpan stops"
    )
    parser.add_argument("--permutations", type=int, default=200)
    options = parser.parse_args()
    LIMIT_SECONDS[0] = options.limit
    seen: dict[int, dict[str, dict[str, Any]]] = {}
    for n in [*options.sizes, *([1_000_000] if options.million else [])]:
        seen[n] = compare(*plant(n))
    if {100_000, 1_000_000} <= set(seen):
        for name in ("ours", "library"):
            print(f"growth of {name} from 100,000 to 1,000,000: ", end="")
            print(f"{seen[1_000_000][name]['seconds'] / seen[100_000][name]['seconds']:.1f} times")
    if options.real:
        compare(read_titles(options.real), None)
        split_real(read_titles(options.real))
        judge_real(options.real, options.permutations)


if __name__ == "__main__":
    main()
