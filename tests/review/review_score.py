"""Precision and recall of the shipped rules on ``labelled.jsonl``, by family: ``python tests/review/review_score.py``.

The sentences were written for this project, half of them hard negatives. Most were also used while the rules were
written, so their figures only say that the rules do what they were meant to do. The last batch (``held_out``) was
written without looking at the rules and nothing was changed after it: its figures are the ones to believe.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from creator_kit.review import Finding, PostText, check_post, load_rules
from creator_kit.review.originality import KnownTexts
from creator_kit.review.rules import RuleSet

LABELLED = Path(__file__).with_name("labelled.jsonl")


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
    return [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]


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
    """By family: whether a sentence has a finding of it (``blocking``: of severity block) where it should."""
    scores: dict[str, Score] = defaultdict(Score)
    for row in rows:
        findings = review_row(row, rules)
        found = {f.family: f.rule_id for f in findings if not blocking or f.severity == "block"}
        # The first family named is the one that blocks.
        wanted = set(row["families"]) if not blocking else set(row["families"][:1] if row["block"] else ())
        for family in sorted(set(found) | wanted):
            if family in found and family in wanted:
                scores[family].right += 1
            elif family in found and blocking and row["block"] and family in row["families"]:
                continue  # a second family that the sentence belongs to
            elif family in found:
                scores[family].false += 1
                scores[family].wrong.append(f"false alarm ({found[family]}): {row['text']}")
            else:
                scores[family].missed += 1
                scores[family].wrong.append(f"missed: {row['text']}")
    return dict(sorted(scores.items()))


def total(scores: dict[str, Score]) -> Score:
    return Score(
        sum(s.right for s in scores.values()),
        sum(s.false for s in scores.values()),
        sum(s.missed for s in scores.values()),
    )


def show(rows: list[dict[str, Any]], rules: RuleSet, name: str) -> None:
    n_positive = sum(bool(row["families"]) for row in rows)
    print(f"{name}: {len(rows)} sentences, {n_positive} to be found, {len(rows) - n_positive} hard negatives")
    for blocking in (True, False):
        scores = score(rows, rules, blocking=blocking)
        print(f"\n  {'blocking findings' if blocking else 'findings of any severity'}")
        print(f"  {'family':<14}{'right':>7}{'false':>7}{'missed':>8}{'precision':>11}{'recall':>8}")
        for family, s in [*scores.items(), ("all", total(scores))]:
            print(f"  {family:<14}{s.right:>7}{s.false:>7}{s.missed:>8}{s.precision:>11.3f}{s.recall:>8.3f}")
        if "--wrong" in sys.argv:
            for family, s in scores.items():
                for line in s.wrong:
                    print(f"    {family}: {line}")
    print()


def main() -> None:
    rows, rules = load_rows(), load_rules()
    show([row for row in rows if not row.get("held_out")], rules, "used while writing the rules")
    show([row for row in rows if row.get("held_out")], rules, "held out")


if __name__ == "__main__":
    main()
