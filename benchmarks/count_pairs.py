"""Count which characters stand side by side in everyday Chinese (templates/sounds/everyday_pairs.txt).

    python benchmarks/count_pairs.py DICTIONARY NOTES.jsonl... [--half 0|1] [--into FILE]

DICTIONARY is jieba's dict.txt (word, frequency, part of speech). A pair counts that stands in words of together 100
occurrences there, or that several authors of the notes use. Digits count as one. ``--half`` takes every second author,
so that what the list does can be measured on the others.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import zlib
from collections import Counter, defaultdict
from pathlib import Path

_RUN = re.compile("[\u4e00-\u9fff0-9]+")
_MIN_FREQUENCY, _MIN_AUTHORS = 100, 3
_HEAD = """\
# Pairs of characters that stand side by side in everyday Chinese: first, blank, what follows it; 0 for any digit.
# Those within the words of jieba's dictionary (MIT licence) that are used most, and those that at least {n} authors of
# notes use. Made by benchmarks/count_pairs.py.
"""


def count_pairs(dictionary: Path, notes: list[Path], half: int | None) -> set[str]:
    in_words: Counter[str] = Counter()
    for line in dictionary.read_text(encoding="utf-8").splitlines():
        word, frequency, *_rest = line.split(" ")
        for pair in map("".join, itertools.pairwise(word)):
            in_words[pair] += int(frequency)
    authors: dict[str, set[str]] = defaultdict(set)
    for path in notes:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            author = str(row.get("author") or row.get("note_id"))
            if half is not None and zlib.crc32(author.encode()) & 1 != half:
                continue
            for text in (row.get("title") or "", row.get("body") or ""):
                for run in _RUN.findall(text):
                    run = re.sub("[0-9]", "0", run)
                    for pair in map("".join, itertools.pairwise(run)):
                        authors[pair].add(author)
    used = {pair for pair, by in authors.items() if len(by) >= _MIN_AUTHORS and pair != "00"}
    return used | {
        pair
        for pair, n in in_words.items()
        if n >= _MIN_FREQUENCY and all("\u4e00" <= char <= "\u9fff" for char in pair)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dictionary", type=Path)
    parser.add_argument("notes", type=Path, nargs="+")
    parser.add_argument("--half", type=int, choices=[0, 1])
    parser.add_argument("--into", type=Path)
    args = parser.parse_args()
    followers: dict[str, list[str]] = defaultdict(list)
    pairs = count_pairs(args.dictionary, args.notes, args.half)
    for pair in sorted(pairs):
        followers[pair[0]].append(pair[1])
    print(f"{len(pairs)} pairs")
    if args.into is not None:
        lines = [f"{first} {''.join(some)}\n" for first, some in followers.items()]
        args.into.write_text(_HEAD.format(n=_MIN_AUTHORS) + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
