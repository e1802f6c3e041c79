"""Drafts a second on one core, how it grows, and how far drafted titles are from real ones.

    python benchmarks/drafting.py [NOTES.jsonl ...]

Speed: whole drafts (title candidates, gates, review, body, topics) of the briefs kept with the tests, with the
library as shipped, ten times as large, and against 0 to 100,000 known titles.

Distance: each real note gives a brief (its topics, clauses of its body); its real title, our title and a title
made by filling a random template at random are told apart by a cross-validated classifier over character
n-grams. 0.5 is "cannot tell". Notes stay in the same fold, so that topics do not give the game away.
"""

from __future__ import annotations

import json
import random
import re
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from creator_kit.drafting import Brief, Drafter, DraftOptions, load_briefs
from creator_kit.drafting.lexicon import load_frames
from creator_kit.drafting.words import collect_words
from creator_kit.mining import SlotPart, TitleTemplate, load_library
from creator_kit.persona import load_persona
from creator_kit.review import load_rules
from creator_kit.review.originality import KnownTexts
from creator_kit.text.length import TITLE_LIMIT, count_title_units

ROOT = Path(__file__).resolve().parent.parent
TODAY = date(2026, 11, 24)
SECONDS = 3.0


def measure_speed(drafter: Drafter, briefs: list[Brief]) -> float:
    for brief in briefs:
        drafter.draft(brief, today=TODAY)
    n, start = 0, time.process_time()
    while time.process_time() - start < SECONDS:
        drafter.draft(briefs[n % len(briefs)], today=TODAY)
        n += 1
    return n / (time.process_time() - start)


def report_speed() -> None:
    briefs = list(load_briefs(ROOT / "tests" / "drafting" / "briefs.jsonl"))
    persona, library, rules = load_persona("dorm-cook"), load_library(), load_rules()
    big = [replace(t, template_id=f"{t.template_id}-{i}") for i in range(10) for t in library]
    rng = random.Random(0)
    words = [
        "收纳",
        "番茄",
        "通勤",
        "旅行",
        "猫",
        "学习",
        "化妆",
        "跑步",
        "面试",
        "早餐",
        "三天",
        "教程",
        "怎么",
        "清单",
    ]
    print("drafts a second, one core")
    base = 0.0
    for name, templates, n_known in (
        ("shipped library", library, 0),
        ("ten times the library", big, 0),
        ("10,000 known titles", library, 10_000),
        ("100,000 known titles", library, 100_000),
    ):
        titles = ["".join(rng.choices(words, k=5)) + str(i) for i in range(n_known)]
        known = KnownTexts.of((str(i), title, "") for i, title in enumerate(titles)) if titles else None
        rate = measure_speed(Drafter(persona, templates, rules=rules, known=known), briefs)
        base = base or rate
        print(f"  {name:<24} {len(templates):>6} templates {rate:>7.0f}/s   {rate / base:.2f} of the first")


def read_pairs(paths: list[Path], limit: int) -> list[tuple[str, Brief]]:
    pairs = []
    for path in paths:
        for line in path.read_text(encoding="utf-8").rstrip("\n").split("\n"):
            note = json.loads(line)
            title, tags = (
                note.get("title") or "",
                [t for t in note.get("tags") or [] if re.search("[\u4e00-\u9fff]", t)],
            )
            tags = [tag for tag in tags if 3 <= len(tag) <= 10]
            clauses = [c.strip() for c in re.split(r"[\n，。！？；,!?;#]", note.get("body") or "")]
            clauses = [
                c for c in dict.fromkeys(clauses) if 5 <= len(c) <= 12 and re.fullmatch("[\u4e00-\u9fff0-9]+", c)
            ]
            if tags and clauses and len(title) >= 4 and count_title_units(title) <= TITLE_LIMIT:
                pairs.append(
                    (title, Brief(tags[0], scenario=tags[1] if len(tags) > 1 else "", points=tuple(clauses[:4])))
                )
    random.Random(0).shuffle(pairs)
    return pairs[:limit]


def fill_at_random(brief: Brief, templates: list[TitleTemplate], drafter: Drafter, rng: random.Random) -> str:
    words = [w.text for group in collect_words(brief, drafter.persona, "", drafter.lexicon).values() for w in group]
    for _ in range(50):
        template = rng.choice(templates)
        title = "".join(rng.choice(words) if isinstance(part, SlotPart) else part for part in template.parts)
        if count_title_units(title) <= TITLE_LIMIT:
            return title
    return rng.choice(words)


def tell_apart(real: list[str], other: list[str], groups: list[int]) -> float:
    """Cross-validated AUC of a classifier at telling ``other`` from ``real``."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold
    from sklearn.pipeline import make_pipeline

    texts, labels = [*real, *other], np.r_[np.zeros(len(real)), np.ones(len(other))]
    folds, guessed = np.array([*groups, *groups]), np.zeros(len(texts))
    for train, test in GroupKFold(5).split(texts, labels, folds):
        model = make_pipeline(TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2), LogisticRegression(C=4.0))
        model.fit([texts[i] for i in train], labels[train])
        guessed[test] = model.predict_proba([texts[i] for i in test])[:, 1]
    return float(roc_auc_score(labels, guessed))


def report_distance(paths: list[Path]) -> None:
    pairs = read_pairs(paths, 1500)
    rng = random.Random(1)
    templates = [*load_library(), *(frame.template for frame in load_frames())]
    drafter = Drafter(load_persona("blank"), load_library(), options=DraftOptions(n_titles=5), rules=load_rules())
    real, ours, wild, groups = [], [], [], []
    for number, (title, brief) in enumerate(pairs):
        drafted = drafter.draft(brief, today=TODAY).titles
        if drafted:
            real.append(title)
            # Any of the offered titles, as a person would pick: not always the first.
            ours.append(rng.choice(drafted).title)
            wild.append(fill_at_random(brief, templates, drafter, rng))
            groups.append(number)
    half = len(real) // 2
    a_real, a_ours = tell_apart(real, ours, groups), tell_apart(real, wild, groups)
    a_none = tell_apart(real[:half], real[half : 2 * half], groups[:half])
    print(f"telling titles apart, {len(real)} notes (AUC; 0.5 cannot tell)")
    print(f"  filled at random {a_ours:.3f}   drafted {a_real:.3f}   real against real {a_none:.3f}")
    print(f"  way from random filling to 0.5: {(a_ours - a_real) / (a_ours - 0.5):.0%}")


if __name__ == "__main__":
    report_speed()
    report_distance([Path(name) for name in sys.argv[1:]] or [ROOT / "hot_notes_corpus" / "notes.jsonl"])
