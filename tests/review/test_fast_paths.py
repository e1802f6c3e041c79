"""What makes review quick changes nothing that it finds."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from creator_kit.review import Finding, PostText, load_rules
from creator_kit.review import candidates as candidates_module
from creator_kit.review import judging as judging_module
from creator_kit.review import scanning as scanning_module
from creator_kit.review import view as view_module
from creator_kit.review.anchors import compile_needs

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
_LONG_TEXTS = st.lists(
    st.sampled_from(_PIECES) | st.sampled_from([*_NOISE, "很" * 70, "\u200b" * 90, "❤️" * 40, "。" * 30]), max_size=60
).map("".join)
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
    finder = candidates_module.CandidateFinder
    with monkeypatch.context() as patch:
        for name in ("_keep_joined", "_keep_close"):
            patch.setattr(candidates_module, name, lambda scanned, compiled, candidates: candidates)
        patch.setattr(candidates_module, "_keep_beside", lambda scanned, kinds, extent, candidates: candidates)
        patch.setattr(finder, "concern", lambda self, name, signs: self._in_field[name])
        patch.setattr(finder, "_with_kinds", lambda self, rules, kinds: rules)
        patch.setattr(judging_module.Judge, "_look_closely", look_at_all)
        patch.setattr(judging_module, "SHORT", -1)
        patch.setattr(view_module, "SHORT", -1)
        patch.setattr(scanning_module, "_SHORT", -1)
        for compiled in RULES.engine._compiled:
            patch.setitem(compiled.__dict__, "needs", [])
        return RULES.engine.check(post)


def look_at_all(judge: object, text: str, table: object, group: list[Any], by_rule: dict[int, list[Any]]) -> list[Any]:
    return [(each, *candidate) for each in group for candidate in by_rule[each.index]]


@settings(max_examples=150, deadline=None)
@given(st.lists(_POSTS, min_size=1, max_size=4))
def test_quick_ways_find_the_same(posts: list[PostText]) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        plain = [check_plainly(post, monkeypatch) for post in posts]
    assert [RULES.engine.check(post) for post in posts] == plain
    assert RULES.engine.check_all(posts) == plain


@settings(max_examples=100, deadline=None)
@given(_LONG_TEXTS)
def test_views_show_as_much_as_a_rule_looks_at(text: str) -> None:
    post = PostText("", text)
    expected = RULES.engine.check(post)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judging_module, "SHORT", 10**6)
        patch.setattr(view_module, "SHORT", 10**6)
        assert RULES.engine.check(post) == expected


@settings(max_examples=150, deadline=None)
@given(_POSTS)
def test_what_is_read_again_is_what_all_rules_would_find(post: PostText) -> None:
    """Spelled plainly, a text is looked at around the respelled words only; together as one by one."""

    def check_all_words(plain: PostText, _near: object) -> list[Finding]:
        return [finding for finding in RULES.engine.check(plain) if finding.rule_id in _WORDED]

    findings = RULES.check(post)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RULES.engine, "check_words", check_all_words)
        assert RULES.check(post) == findings
    assert RULES.check_all([post, PostText("", "甲"), post])[::2] == [findings, findings]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | _TEXTS)
@example("➕\uffffV")  # the seam between texts within one, and a second pass over it
def test_short_texts_are_scanned_as_long_ones(text: str) -> None:
    scanner = RULES.engine._scanner
    short, long, (joint, _other) = scanner._scan_short(text), scanner._scan_alone(text), scanner.scan_all([text, "甲"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanning_module, "_CHUNK_LENGTH", 7)
        pieces = scanner._scan_long(text)
        blocks = [hit for block in pieces.blocks(5) for hit in block]
    assert sorted(blocks) == sorted(long.hits)
    for other in (short, joint, pieces):
        assert other is pieces or sorted(other.hits) == sorted(long.hits)
        assert other.n_digits == long.n_digits
        assert other.kinds >> 16 & 0xFF == long.kinds >> 16 & 0xFF
        assert all(other.places(1 << bit) == long.places(1 << bit) for bit in range(16, 24))
        assert other.each.tolist() == long.each.tolist()


@settings(max_examples=60, deadline=None)
@given(_LONG_TEXTS, st.integers(20, 400), st.integers(0, 60))
def test_a_long_text_is_read_in_blocks_as_in_one_piece(text: str, chunk_length: int, n_more: int) -> None:
    """Wherever chunks and blocks are cut: through words, rows of parts, signs of selling and what is respelled."""
    finder = RULES.engine._finder
    post = PostText("", text, sponsored=None)
    expected = RULES.check(post)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanning_module, "_CHUNK_LENGTH", chunk_length)
        patch.setattr(finder, "_block_codes", finder.extent + candidates_module._MAX_CODES + n_more)
        assert RULES.check(post) == expected


@pytest.mark.parametrize("gap", [0, 1, 3, 6, 7, 40])
@pytest.mark.parametrize("between", ["的", "\u200b", "❤️", "，"])
def test_a_row_of_parts_is_found_wherever_a_block_ends(gap: int, between: str) -> None:
    """The two parts of one match and what stands between them, moved over the ends of blocks character by character."""
    row = "视频号" + between * gap + "搜我"
    with pytest.MonkeyPatch.context() as patch:
        for n_before in range(0, 260, 3):
            post = PostText("", "好" * n_before + "，" + row + "，" + "好" * 400)
            patch.undo()
            expected = RULES.engine.check(post)
            patch.setattr(scanning_module, "_CHUNK_LENGTH", 100)
            assert RULES.engine.check(post) == expected


@pytest.mark.parametrize("rule", [rule for rule in RULES.rules if rule.pattern], ids=lambda rule: rule.id)
def test_an_expression_needs_what_is_asked_for(rule: object) -> None:
    """Wherever a rule's examples hold a match, its needs are met."""
    needs = compile_needs(rule.pattern)  # type: ignore[attr-defined]
    for text in _SAID:
        for match in re.finditer(rule.pattern, text):  # type: ignore[attr-defined]
            assert all(need.search(match[0]) for need in needs)
