"""Drafts a second on one core, how it grows, and how far drafted titles are from real ones.

    python benchmarks/drafting.py [NOTES.jsonl ...]

Speed: whole drafts (title candidates, gates, review, body, topics) of the briefs kept with the tests, with the
library as shipped, ten times as large, and against 0 to 100,000 known titles.

Distance: each real note gives a brief of its own facts (``note_briefs.py``). Its real title, one of ours and one
made by filling a random template at random from the same brief are told apart by a cross-validated classifier
over character n-grams, 0.5 being "cannot tell". All three are about the same subjects, one each a note; an
author's notes stay in one fold. The fluency weights that ranking uses were fitted on other authors.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
from note_briefs import read_notes, typical_author

from creator_kit.drafting import Brief, Drafter, DraftOptions, load_briefs
from creator_kit.drafting.lexicon import load_frames
from creator_kit.drafting.ranking import Ranked
from creator_kit.drafting.titles import Filled
from creator_kit.drafting.words import collect_words
from creator_kit.mining import SlotPart, TitleTemplate, load_library
from creator_kit.persona import load_persona
from creator_kit.review import load_rules
from creator_kit.review.originality import KnownTexts
from creator_kit.text.length import TITLE_LIMIT, count_title_units

ROOT = Path(__file__).resolve().parent.parent
TODAY = date(2026, 11, 24)
SECONDS = 3.0
# Triples printed at the end, for reading aloud: real / drafted / filled at random.
SHOWN = 20
MARKS = ("", "！", "～", "｜", "…", "✨", "🔥", "‼", "❗", "📌")


def measure_speed(drafter: Drafter, briefs: list[Brief]) -> float:
    for brief in briefs:
        drafter.draft(brief, today=TODAY)
    n, start = 0, time.process_time()
    while time.process_time() - start < SECONDS:
        drafter.draft(briefs[n % len(briefs)], today=TODAY)
        n += 1
    return n / (time.process_time() - start)


def vary(template: TitleTemplate, n: int) -> TitleTemplate:
    """Another template of the same slots: what stands between them differs, so that no two are one."""
    if n == 0:
        return template
    parts = [f"{part}{MARKS[n]}" if isinstance(part, str) else part for part in template.parts]
    return replace(template, template_id=f"{template.template_id}-{n}", parts=(*parts, *([MARKS[n]] if n > 4 else [])))


def count_candidates(drafter: Drafter, briefs: list[Brief]) -> list[int]:
    """How many titles that read well each brief has to choose from."""
    counts: list[int] = []
    rank = drafter._rank

    def count(filled: Iterable[Filled], salt: str) -> list[Ranked]:
        ranked = rank(filled, salt)
        counts.append(len(ranked))
        return ranked

    drafter._rank = count  # type: ignore[method-assign]
    found = []
    for brief in briefs:
        drafter.draft(brief, today=TODAY)
        found.append(max(counts))
        counts.clear()
    return sorted(found)


def report_speed() -> None:
    briefs = list(load_briefs(ROOT / "tests" / "drafting" / "briefs.jsonl"))
    persona, library, rules = load_persona("dorm-cook"), load_library(), load_rules()
    big = [vary(template, n) for n in range(10) for template in library]
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
    found = count_candidates(Drafter(persona, library, rules=rules), briefs)
    print(f"candidates a brief: {found[len(found) // 2]} (median; {found[0]} to {found[-1]})")
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


def fill_at_random(brief: Brief, templates: list[TitleTemplate], drafter: Drafter, rng: random.Random) -> str:
    words = [w.text for group in collect_words(brief, drafter.persona, "", drafter.lexicon).values() for w in group]
    for _ in range(50):
        template = rng.choice(templates)
        title = "".join(rng.choice(words) if isinstance(part, SlotPart) else part for part in template.parts)
        if count_title_units(title) <= TITLE_LIMIT:
            return title
    return rng.choice(words)


def tell_apart(real: list[str], other: list[str], groups: list[str], other_groups: list[str] | None = None) -> float:
    """Cross-validated AUC of a classifier at telling ``other`` from ``real``; an author is in one fold only.

    ``groups`` names the author of each; of ``other`` too, unless ``other_groups`` does.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold
    from sklearn.pipeline import make_pipeline

    texts, labels = [*real, *other], np.r_[np.zeros(len(real)), np.ones(len(other))]
    names = [*groups, *(groups if other_groups is None else other_groups)]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    folds, guessed = np.array([numbers[name] for name in names]), np.zeros(len(texts))
    for train, test in GroupKFold(5).split(texts, labels, folds):
        model = make_pipeline(TfidfVectorizer(analyzer="char", ngram_range=(1, 3), min_df=2), LogisticRegression(C=4.0))
        model.fit([texts[i] for i in train], labels[train])
        guessed[test] = model.predict_proba([texts[i] for i in test])[:, 1]
    return float(roc_auc_score(labels, guessed))


def report_distance(paths: list[Path]) -> None:
    read = list(read_notes(paths))
    rng = random.Random(1)
    rng.shuffle(read)
    notes = [note for note in read if note.is_held_out][:1500]
    templates = [*load_library(), *(frame.template for frame in load_frames())]
    # The voice of the other half of the authors: how often they show emoji, shout or ask.
    persona = typical_author(note.title for note in read if not note.is_held_out)
    drafter = Drafter(persona, load_library(), options=DraftOptions(n_titles=5), rules=load_rules())
    real, ours, first, wild, groups = [], [], [], [], []
    offered: list[list[str]] = []
    for note in notes:
        drafted = drafter.draft(note.brief, today=TODAY).titles
        if drafted:
            real.append(note.title)
            # Any of the offered titles, as a person would pick: not always the first.
            ours.append(rng.choice(drafted).title)
            first.append(drafted[0].title)
            offered.append([item.title for item in drafted])
            wild.append(fill_at_random(note.brief, templates, drafter, rng))
            groups.append(note.author)
    # Real against real: the titles of half of the authors against those of the other half.
    names = sorted(set(groups))
    random.Random(2).shuffle(names)
    left = set(names[: len(names) // 2])
    one = [(title, name) for title, name in zip(real, groups, strict=True) if name in left]
    two = [(title, name) for title, name in zip(real, groups, strict=True) if name not in left]
    a_none = tell_apart([t for t, _n in one], [t for t, _n in two], [n for _t, n in one], [n for _t, n in two])
    a_ours, a_first, a_wild = (tell_apart(real, other, groups) for other in (ours, first, wild))
    print(f"telling titles apart, {len(real)} of {len(notes)} notes of {len(names)} authors (AUC; 0.5 cannot tell)")
    print(f"  filled at random {a_wild:.3f}   real against real {a_none:.3f}")
    # Which of the five is drawn moves the figure: five draws more tell by how much.
    draws = []
    for seed in range(5):
        pick = random.Random(100 + seed)
        draws.append(tell_apart(real, [pick.choice(titles) for titles in offered], groups))
    print(f"  drafted: any of five {a_ours:.3f} ({min(draws):.3f} to {max(draws):.3f})   the first {a_first:.3f}")
    print(f"  way from random filling to 0.5: {(a_wild - a_ours) / (a_wild - 0.5):.0%} (the aim is 50%)")
    for title, drafted_title, random_title in list(zip(real, ours, wild, strict=True))[:SHOWN]:
        print(f"    {title} / {drafted_title} / {random_title}")


if __name__ == "__main__":
    report_speed()
    report_distance([Path(name) for name in sys.argv[1:]] or [ROOT / "hot_notes_corpus" / "notes.jsonl"])
