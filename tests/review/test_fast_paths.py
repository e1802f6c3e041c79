"""What makes review quick changes nothing that it finds."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from creator_kit.review import Finding, PostText, load_rules
from creator_kit.review import candidates as candidates_module
from creator_kit.review import engine as engine_module
from creator_kit.review import scanning as scanning_module
from creator_kit.review import view as view_module
from creator_kit.review.anchors import compile_needs
from creator_kit.review.respelling import map_back, respell_post
from creator_kit.review.settling import settle

RULES = load_rules()
# Pieces of what rules must and must not find, cut so that they meet in ways that nobody wrote down.
_SAID = [text for rule in RULES.rules for text in (*rule.must, *rule.must_not)]
_PIECES = sorted({piece for text in _SAID for piece in (text, text[: len(text) // 2], text[len(text) // 2 :]) if piece})
_WORDED = {rule.id for rule in RULES.rules if not rule.check}
_NOISE = [
    "\n",
    "。",
    "，",
    " ",
    "❤️",
    "\u200b",
    "①",
    "㏄",
    "➕",
    "🈵",
    "ａ",
    "\ud83d",
    "\uffff",
    "138 0013 8000",
    "a@b.com",
]
_TEXTS = st.lists(st.sampled_from(_PIECES) | st.sampled_from(_NOISE), max_size=6).map("".join)
_POSTS = st.builds(
    PostText,
    title=_TEXTS.map(lambda text: text[:90]),
    body=_TEXTS,
    tags=st.lists(_TEXTS.map(lambda text: text[:12]), max_size=2).map(tuple),
    cover_texts=st.lists(_TEXTS.map(lambda text: text[:30]), max_size=1).map(tuple),
    sponsored=st.sampled_from([None, True, False]),
)


def check_plainly(post: PostText, monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """``post`` by the long way: every candidate judged, every expression run, no text treated as a short one."""
    with monkeypatch.context() as patch:
        patch.setattr(candidates_module, "_keep_joined", lambda scanned, compiled, candidates: candidates)
        patch.setattr(candidates_module.CandidateFinder, "_has_kinds", lambda finder, index, kinds: True)
        patch.setattr(engine_module, "SHORT", -1)
        patch.setattr(view_module, "SHORT", -1)
        patch.setattr(scanning_module, "_SHORT", -1)
        for compiled in RULES.engine._compiled:
            patch.setitem(compiled.__dict__, "needs", [])
        return RULES.engine.check(post)


@settings(max_examples=150, deadline=None)
@given(st.lists(_POSTS, min_size=1, max_size=4))
def test_quick_ways_find_the_same(posts: list[PostText]) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        plain = [check_plainly(post, monkeypatch) for post in posts]
    assert [RULES.engine.check(post) for post in posts] == plain
    assert RULES.engine.check_all(posts) == plain


@settings(max_examples=150, deadline=None)
@given(_POSTS)
def test_what_is_read_again_is_what_all_rules_would_find(post: PostText) -> None:
    """Spelled plainly, a text is looked at around the respelled words only."""
    respelled = respell_post(post, RULES.respeller)
    findings = RULES.engine.check(post)
    if respelled is not None:
        plain, changed = respelled
        again = [finding for finding in RULES.engine.check(plain) if finding.rule_id in _WORDED]
        findings = settle(findings + map_back(again, changed, post))
    assert RULES.check(post) == findings
    assert RULES.check_all([post, post]) == [findings, findings]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | _TEXTS)
@example("➕\uffffV")  # the seam between texts within one, and a second pass over it
def test_short_texts_are_scanned_as_long_ones(text: str) -> None:
    scanner = RULES.engine._scanner
    short, long, (joint, _other) = scanner._scan_short(text), scanner._scan_one(text), scanner.scan([text, "甲"])
    for other in (short, joint):
        assert sorted(other.hits) == sorted(long.hits)
        assert other.n_digits == long.n_digits
        assert other.kinds >> 16 & 0xFF == long.kinds >> 16 & 0xFF
        assert all(other.places(1 << bit) == long.places(1 << bit) for bit in range(16, 24))
        assert other.each.tolist() == long.each.tolist()


@pytest.mark.parametrize("rule", [rule for rule in RULES.rules if rule.pattern], ids=lambda rule: rule.id)
def test_an_expression_needs_what_is_asked_for(rule: object) -> None:
    """Wherever a rule's examples hold a match, its needs are met."""
    needs = compile_needs(rule.pattern)  # type: ignore[attr-defined]
    for text in _SAID:
        for match in re.finditer(rule.pattern, text):  # type: ignore[attr-defined]
            assert all(need.search(match[0]) for need in needs)
