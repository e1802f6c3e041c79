"""Title mining beside Drain3 and PrefixSpan on the same titles: ``python benchmarks/mining.py [N ...]``.

    pip install drain3 prefixspan scikit-learn
    python benchmarks/mining.py 10000 100000

Titles come from 30 known templates (a third start with a slot, fillings are shared across templates, 10 % are
noise: tests/mining/planted.py) or, with ``--file NOTES.jsonl ...``, from real notes (no V-measure then).
Each tool runs in a process of its own on the same tokens; read the ratios. Reported:

* seconds for mining alone (tokens given) and, for ours, from raw titles to the finished library;
* peak memory of the process, its titles and libraries included;
* coverage: share of held-out titles (one in five) that the first 100 templates with at least two literal parts read;
* V-measure of the grouping against the known templates (noise is one group).

PrefixSpan gives subsequences, not templates of whole titles, so only its time and memory are compared.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import resource
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "mining"))

N_TEMPLATES = 100


def make_titles(n: int, files: list[str]) -> tuple[list[str], list[int] | None]:
    from planted import plant_titles

    if files:
        titles = []
        for name in files:
            for line in Path(name).read_text(encoding="utf-8").split("\n"):
                if not line.strip():
                    continue
                title = (json.loads(line).get("title") or "").strip()
                if title and "\n" not in title and len(title) <= 60:
                    titles.append(title)
        rng = np.random.default_rng(1)
        return [titles[i] for i in rng.permutation(len(titles))[:n]], None
    planted = plant_titles(n, np.random.default_rng(1))
    return [item.title for item in planted], [item.template for item in planted]


def tokenise(titles: list[str]) -> list[list[str]]:
    from creator_kit.mining.encoding import cut_titles

    # Numbers, units and emoji are masked for everybody, as Drain3's own masking would do.
    return [
        [text if kind in ("word", "latin", "punct", "space") else f"<{kind}>" for text, kind, _ in tokens]
        for tokens in cut_titles(titles)
    ]


def memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def run_ours(titles: list[str], held: list[str]) -> dict[str, Any]:
    from creator_kit.corpus import Note
    from creator_kit.mining import extract, mine_titles
    from creator_kit.mining.encoding import TitleRow, encode_titles
    from creator_kit.mining.skeletons import SkeletonOptions, assign_titles, find_skeletons

    rng = np.random.default_rng(2)
    authors = rng.integers(0, max(len(titles) // 4, 3), len(titles))
    rows = [TitleRow(title, int(author)) for title, author in zip(titles, authors, strict=True)]
    encoded = encode_titles(rows, min_notes=5, min_authors=3)
    start = time.perf_counter()
    skeletons = find_skeletons(encoded, SkeletonOptions())
    groups = assign_titles(encoded, skeletons)
    seconds = time.perf_counter() - start
    notes = [Note(f"{i:x}", f"{int(a):x}", t, source="b") for i, (t, a) in enumerate(zip(titles, authors, strict=True))]
    start = time.perf_counter()
    library = mine_titles(notes, [None] * len(notes))
    whole = time.perf_counter() - start
    first = [t for t in library.templates if sum(isinstance(part, str) for part in t.parts) >= 2][:N_TEMPLATES]
    covered = sum(any(extract(template, title) is not None for template in first) for title in held)
    return {
        "seconds": seconds,
        "whole": whole,
        "mb": memory_mb(),
        "n": len(library.templates),
        "coverage": covered / len(held),
        "groups": groups.tolist(),
    }


def run_drain3(titles: list[str], held: list[str]) -> dict[str, Any]:
    from drain3 import TemplateMiner
    from drain3.template_miner_config import TemplateMinerConfig

    lines = [" ".join(token for token in tokens if token.strip()) for tokens in tokenise(titles)]
    config = TemplateMinerConfig()
    config.drain_sim_th = 0.4
    config.profiling_enabled = False
    start = time.perf_counter()
    miner = TemplateMiner(config=config)
    groups = [miner.add_log_message(line)["cluster_id"] for line in lines]
    seconds = time.perf_counter() - start
    patterns = []
    for cluster in sorted(miner.drain.clusters, key=lambda c: -c.size):
        tokens = cluster.get_template().split()
        runs = re.split(r"(?:<[^>]*>)+", "".join(tokens))
        if sum(bool(run) for run in runs) >= 2:
            pattern = "".join(".+?" if re.fullmatch(r"<.*>", token) else re.escape(token) + r"\s*" for token in tokens)
            patterns.append(re.compile(pattern))
        if len(patterns) == N_TEMPLATES:
            break
    covered = sum(any(p.fullmatch(title) for p in patterns) for title in held)
    n = len(miner.drain.clusters)
    return {"seconds": seconds, "mb": memory_mb(), "n": n, "coverage": covered / len(held), "groups": groups}


def run_prefixspan(titles: list[str], held: list[str]) -> dict[str, Any]:
    from prefixspan import PrefixSpan

    tokens = tokenise(titles)
    start = time.perf_counter()
    found = PrefixSpan(tokens).frequent(max(5, len(titles) // 200))
    return {"seconds": time.perf_counter() - start, "mb": memory_mb(), "n": len(found)}


TOOLS = {"ours": run_ours, "drain3": run_drain3, "prefixspan": run_prefixspan}


def _work(name: str, titles: list[str], held: list[str], pipe: Any) -> None:
    try:
        pipe.send(TOOLS[name](titles, held))
    except ImportError as error:
        pipe.send({"missing": str(error)})


def measure(name: str, titles: list[str], held: list[str]) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(name, titles, held, send))
    process.start()
    result: dict[str, Any] = receive.recv()
    process.join()
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int, default=[10_000])
    parser.add_argument("--file", nargs="*", default=[], help="real notes, JSON lines")
    parser.add_argument("--skip", nargs="*", default=[], choices=list(TOOLS))
    options = parser.parse_args()
    for n in options.sizes:
        titles, truth = make_titles(n, options.file)
        cut = len(titles) * 4 // 5
        train, held = titles[:cut], titles[cut:][:20_000]
        print(f"\n{len(titles):,} titles, {cut:,} to learn from")
        ours: dict[str, Any] = {}
        for name in TOOLS:
            if name in options.skip:
                continue
            result = measure(name, train, held)
            if "missing" in result:
                print(f"  {name}: {result['missing']}")
                continue
            line = f"  {name:10} {result['seconds']:7.2f} s  {result['mb']:6.0f} MB  {result['n']:6} patterns"
            if "whole" in result:
                line += f"  ({result['whole']:.2f} s from raw titles to the library)"
            if "coverage" in result:
                line += f"  coverage {result['coverage']:.3f}"
            if truth is not None and "groups" in result:
                from sklearn.metrics import v_measure_score

                line += f"  V {v_measure_score(truth[:cut], result['groups']):.3f}"
            if name == "ours":
                ours = result
            elif ours:
                line += f"  time {result['seconds'] / ours['seconds']:.1f}x ours"
                if "coverage" in result:
                    line += f", our coverage {ours['coverage'] / max(result['coverage'], 1e-9):.2f}x"
            print(line, flush=True)


if __name__ == "__main__":
    main()
