"""Precision and recall of the shipped rules on ``labelled.jsonl``, by family.

    python tests/review/review_score.py            # the table of the README
    python tests/review/review_score.py --wrong    # and every sentence that was judged otherwise
    python tests/review/review_score.py --write    # and put the tables into the READMEs and docs/review.md
    python tests/review/review_score.py --variants # what is still found when words are disguised, by kind

The sentences were written for this project, about half of them hard negatives. Each names its ``part``: ``development``
and the batches (``labelled.jsonl``) were used while the rules were written or mended, so their figures say no more
than that the rules do what they were meant to do. What passed although it was used and that no rule but one for that
single sentence would find is kept apart (``passing.jsonl``) and counted in a column of its own. ``held_out``
(``held_out.jsonl``) was written before its one measurement and nothing was mended after it: its figures are the ones
to believe. What each batch showed while it was
unseen is told in docs/review.md. A sentence of several families (a cure promised by food is medical and health) is
found when one of them blocks it. ``evasive`` ones are worded to pass, the others as most people write.
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from creator_kit.review import Finding, PostText, check_post, load_rules
from creator_kit.review.originality import KnownTexts
from creator_kit.review.rules import RuleSet

LABELLED = Path(__file__).with_name("labelled.jsonl")
HELD_OUT = Path(__file__).with_name("held_out.jsonl")
PASSING = Path(__file__).with_name("passing.jsonl")
ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- review_score: begin -->", "<!-- review_score: end -->"


@dataclass
class Score:
    """Counts of one family: right, false alarm, missed."""

    right: int = 0
    false: int = 0
    missed: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.false) if self.right + self.false else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def load_rows() -> list[dict[str, Any]]:
    return [json.loads(line) for path in (LABELLED, HELD_OUT) for line in path.read_text(encoding="utf-8").splitlines()]


def load_passing() -> list[dict[str, Any]]:
    """Sentences that were used and are known to pass."""
    return [json.loads(line) for line in PASSING.read_text(encoding="utf-8").splitlines()]


def is_held_out(row: dict[str, Any]) -> bool:
    return bool(row["part"] == "held_out")


def review_row(row: dict[str, Any], rules: RuleSet) -> list[Finding]:
    """Findings for a labelled sentence; an advertising one is labelled as such, so that only its words count."""
    text = row["text"]
    if row.get("ad"):
        text = f"广告\n{text}"
    known = KnownTexts.of([(f"k{at}", "", body) for at, body in enumerate(row["known"])]) if "known" in row else None
    sponsored = True if row.get("ad") else None
    if row.get("field") == "title":
        post = PostText(text, "", sponsored=sponsored)
    else:
        post = PostText("", text, sponsored=sponsored)
    return check_post(post, rules, facts=row.get("facts"), known=known)


def score(rows: list[dict[str, Any]], rules: RuleSet, *, blocking: bool) -> dict[str, Score]:
    """By the first family named: whether a sentence has a finding of one of its families (``blocking``: of severity
    block) where it should, and findings of families that it has no part in."""
    scores: dict[str, Score] = defaultdict(Score)
    for row in rows:
        findings = review_row(row, rules)
        found = {f.family: f.rule_id for f in findings if not blocking or f.severity == "block"}
        named = row["families"]
        if named and (row["block"] or not blocking):
            if any(family in found for family in named):
                scores[named[0]].right += 1
            else:
                scores[named[0]].missed += 1
                scores[named[0]].wrong.append(f"missed: {row['text']}")
        for family in sorted(set(found) - set(named)):
            scores[family].false += 1
            scores[family].wrong.append(f"false alarm ({found[family]}): {row['text']}")
    return dict(sorted(scores.items()))


def total(scores: dict[str, Score]) -> Score:
    return Score(
        sum(s.right for s in scores.values()),
        sum(s.false for s in scores.values()),
        sum(s.missed for s in scores.values()),
    )


def wilson(right: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927), for so few sentences the only honest way to give it."""
    if n == 0:
        return 0.0, 1.0
    z, p = 1.96, right / n
    middle, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - half) / (1 + z * z / n), (middle + half) / (1 + z * z / n)


def table(rows: list[dict[str, Any]], rules: RuleSet) -> list[str]:
    """Markdown: blocking findings by family, on the sentences used (and how many more are known to pass) and on those
    held out."""
    passing = Counter(row["families"][0] for row in load_passing() if row["block"])
    used = score([row for row in rows if not is_held_out(row)], rules, blocking=True)
    unseen = score([row for row in rows if is_held_out(row)], rules, blocking=True)
    lines = [
        "| family | to block | precision | recall | known to pass | held out: to block | precision | recall (95 %) |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for family in [*sorted({*used, *unseen}), "all"]:
        cells = []
        for scores in (used, unseen):
            one = total(scores) if family == "all" else scores.get(family, Score())
            n = one.right + one.missed
            cells += [str(n), f"{one.precision:.2f}", f"{one.recall:.2f}"] if n or one.false else ["0", "–", "–"]
            if scores is used:
                cells.append(str(passing.total() if family == "all" else passing[family]))
            if scores is unseen and n:
                low, high = wilson(one.right, n)
                cells[-1] += f" ({low:.2f}–{high:.2f})"
        lines.append(f"| {family} | {' | '.join(cells)} |")
    return lines


def variant_table(rows: list[dict[str, Any]], rules: RuleSet) -> list[str]:
    """Markdown: recall of what blocks, and share of hard negatives left alone, by kind of disguise."""
    from review_variants import score_variants

    lines = [
        "| disguise | altered | recall (95 %) | of diversion | of the rest | negatives altered | left alone |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for kind, (everything, by_family, n_false, n_altered) in score_variants(rows, rules).items():
        diversion = by_family.get("diversion", Score())
        rest = total({family: one for family, one in by_family.items() if family != "diversion"})
        n = everything.right + everything.missed
        low, high = wilson(everything.right, n)
        lines.append(
            f"| {kind} | {n} | {everything.recall:.2f} ({low:.2f}–{high:.2f}) | {diversion.recall:.2f} | "
            f"{rest.recall:.2f} | {n_altered} | {1 - n_false / n_altered if n_altered else 1:.3f} |"
        )
        if "--wrong" in sys.argv:
            lines += [f"    missed: {text!r}" for one in by_family.values() for text in one.wrong]
            lines += [f"    false alarm: {text!r}" for text in everything.wrong]
    return lines


def write_tables(rows: list[dict[str, Any]], rules: RuleSet) -> None:
    """Put the table between the marks of each page that shows it."""
    block = "\n".join([BEGIN, *table(rows, rules), END])
    for name in ("README.md", "README.zh-CN.md", "docs/review.md"):
        page = ROOT / name
        text = page.read_text(encoding="utf-8")
        before, _mark, rest = text.partition(BEGIN)
        after = rest.partition(END)[2]
        if rest:
            page.write_text(before + block + after, encoding="utf-8", newline="\n")


def show(rows: list[dict[str, Any]], rules: RuleSet, name: str) -> None:
    n_positive = sum(bool(row["families"]) for row in rows)
    print(f"{name}: {len(rows)} sentences, {n_positive} to be found, {len(rows) - n_positive} hard negatives")
    for blocking in (True, False):
        scores = score(rows, rules, blocking=blocking)
        print(f"\n  {'blocking findings' if blocking else 'findings of any severity'}")
        print(f"  {'family':<14}{'right':>7}{'false':>7}{'missed':>8}{'precision':>11}{'recall':>8}")
        for family, s in [*scores.items(), ("all", total(scores))]:
            print(f"  {family:<14}{s.right:>7}{s.false:>7}{s.missed:>8}{s.precision:>11.3f}{s.recall:>8.3f}")
        everything = total(scores)
        low, high = wilson(everything.right, everything.right + everything.missed)
        print(f"  recall of all: 95 % interval {low:.2f} to {high:.2f}")
        if "--wrong" in sys.argv:
            for family, s in scores.items():
                for line in s.wrong:
                    print(f"    {family}: {line}")
    print()


def main() -> None:
    rows, rules = load_rows(), load_rules()
    if "--variants" in sys.argv:
        for name, part in (("used while writing the rules", False), ("held out", True)):
            if part and "--used" in sys.argv:
                continue
            print(f"{name}\n")
            print("\n".join(variant_table([row for row in rows if is_held_out(row) is part], rules)) + "\n")
        return
    show([row for row in rows if not is_held_out(row)], rules, "used while writing the rules")
    show([row for row in rows if is_held_out(row)], rules, "held out")
    if "--write" in sys.argv:
        write_tables(rows, rules)


if __name__ == "__main__":
    main()
