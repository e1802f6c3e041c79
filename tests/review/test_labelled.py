"""The labelled sentences: what blocks must be found, and what must not block must not."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from review_score import BEGIN, END, ROOT, is_held_out, load_passing, load_rows, review_row, score, table, total
from review_variants import find_positives, is_found, put_in_other, score_variants

from creator_kit.review import PostText, check_post, load_rules

ROWS = load_rows()
RULES = load_rules()


def test_the_set_is_large_and_half_of_it_hard_negatives() -> None:
    n_negative = sum(not row["families"] for row in ROWS)
    assert len(ROWS) >= 2_500
    assert 0.4 <= n_negative / len(ROWS) <= 0.6
    assert len({row["text"] for row in ROWS}) == len(ROWS)
    wanted = {family for row in ROWS for family in row["families"]}
    assert wanted >= {rule.family for rule in RULES.rules} - {"taboo"}


@pytest.mark.parametrize("blocking", [True, False])
def test_precision_and_recall(blocking: bool) -> None:
    scores = score([row for row in ROWS if not is_held_out(row)], RULES, blocking=blocking)
    for family, one in {**scores, "all": total(scores)}.items():
        assert one.precision >= 0.95, (family, one.wrong)
        assert one.recall >= 0.95, (family, one.wrong)


def test_unseen_sentences_raise_few_false_alarms() -> None:
    held_out = [row for row in ROWS if is_held_out(row)]
    assert len(held_out) >= 400
    everything = total(score(held_out, RULES, blocking=True))
    # What the rules were never fitted to: half of it worded like what blocks. Reported in docs/review.md, not hidden.
    assert everything.precision >= 0.75
    assert everything.recall >= 0.33


def test_what_is_known_to_pass_passes_and_was_used_nowhere_else() -> None:
    passing = load_passing()
    assert not {row["text"] for row in passing} & {row["text"] for row in ROWS}
    n_found = sum(
        any(f.severity == "block" and f.family in row["families"] for f in review_row(row, RULES))
        for row in passing
        if row["block"]
    )
    assert n_found <= 0.1 * len(passing), "what is found by now belongs to labelled.jsonl"


def test_what_blocks_is_still_found_in_disguise() -> None:
    """By kind, over all sentences used; docs/review.md shows the table that this bounds."""
    sample = [row for row in ROWS if not is_held_out(row)][::5]
    for kind, (everything, _by_family, n_false, n_altered) in score_variants(sample, RULES).items():
        assert everything.recall >= 0.94, (kind, everything.recall)
        assert n_false <= 0.06 * n_altered, kind


@cache  # at first use: every worker of the suite collects these tests, one runs them
def load_positives() -> list[tuple[dict[str, Any], int, int]]:
    return list(find_positives([row for row in ROWS if not is_held_out(row)], RULES))


@cache
def make_table() -> list[str]:
    return table(ROWS, RULES)


@pytest.mark.parametrize("seed", [1, 2])
def test_any_character_of_the_sound_anywhere_in_what_was_underlined_is_heard(seed: int) -> None:
    """Altered at random, which is not what docs/review.md shows: on average nineteen of twenty are found."""
    rng = random.Random(seed)
    altered = []
    for row, start, end in load_positives()[seed::3]:
        text = row["text"]
        disguised = text[:start] + put_in_other(text[start:end], rng) + text[end:]
        if disguised != text:
            altered.append((row, disguised))
    missed = [text for row, text in altered if not is_found(row, text, RULES)]
    assert len(altered) >= 300
    assert len(missed) <= 0.05 * len(altered) + 3, missed


@settings(max_examples=150, deadline=None)
@given(st.deferred(lambda: st.sampled_from(load_positives())), st.randoms(use_true_random=False))
def test_what_a_disguise_brings_is_underlined_as_it_was_written(
    positive: tuple[dict[str, Any], int, int], rng: random.Random
) -> None:
    row, start, end = positive
    text = row["text"][:start] + put_in_other(row["text"][start:end], rng) + row["text"][end:]
    post = PostText("", text, sponsored=True if row.get("ad") else None)
    findings = check_post(post, RULES)
    assert findings == RULES.check_all([PostText("无关", ""), post])[1]
    for finding in findings:
        if finding.start >= 0:
            assert finding.matched == post.text_of(finding.field)[finding.start : finding.end]


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md", "docs/review.md"])
def test_the_pages_show_what_the_command_prints(name: str) -> None:
    shown = (ROOT / name).read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0].strip()
    assert shown.splitlines() == make_table(), "python tests/review/review_score.py --write"
