"""Slot types, typed expressions, and segmentation of whole batches."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.text.segment import segment, segment_batch
from creator_kit.text.slots import SLOT_PATTERNS, SLOT_TYPES, find_typed, type_slot


@pytest.mark.parametrize(
    ("filling", "expected"),
    [
        ("5支", "count_unit"),
        ("三张", "count_unit"),
        ("30天", "duration"),
        ("三个月", "duration"),
        ("10分钟", "duration"),
        ("158cm", "size"),
        ("99元", "price"),
        ("¥39.9", "price"),
        ("25岁", "age"),
        ("2026年", "time"),
        ("9月", "time"),
        ("第3天", "ordinal"),
        ("85%", "number"),
        ("2w", "number"),
        ("🔥🔥", "emoji"),
        ("👩‍🍳", "emoji"),
        ("[哇R]", "emoji"),
        ("杭州", "place"),
        ("小个子", "audience"),
        ("敏感肌", "audience"),
        ("一人食", "scenario"),
        ("通勤", "scenario"),
        ("收纳盒", "topic"),
        ("坚持跑步", "verb_phrase"),
        ("", "phrase"),
        ("！！", "phrase"),
        ("我真的会谢，好吗", "phrase"),
    ],
)
def test_type_of_a_filling(filling: str, expected: str) -> None:
    assert type_slot(filling) == expected
    assert type_slot(segment(filling)) == expected


def test_words_that_only_look_like_numbers_stay_words() -> None:
    for title in ("一个人住", "看这一篇就够了", "三年级语文", "十分好用"):
        assert find_typed(title) == [], title


def test_number_and_unit_are_one_expression() -> None:
    title = "158cm小个子30天瘦5斤🔥｜第2期"
    assert [(title[a:b], kind) for a, b, kind in find_typed(title)] == [
        ("158cm", "size"),
        ("30天", "duration"),
        ("5斤", "size"),
        ("🔥", "emoji"),
        ("第2期", "ordinal"),
    ]


@given(st.text(max_size=40))
def test_every_text_has_a_known_type(text: str) -> None:
    assert type_slot(text) in SLOT_TYPES


@given(st.text(alphabet="0123456789第三两天个元岁cm月kg %+🔥一二年级度", max_size=12))
def test_expressions_lie_inside_and_fit_their_own_pattern(text: str) -> None:
    last = 0
    for start, end, kind in find_typed(text):
        assert last <= start < end <= len(text)
        assert re.match(SLOT_PATTERNS[kind], text[start:])
        last = end


@settings(max_examples=60)
@given(st.lists(st.text(alphabet="我们今天吃什么abc12 ！\n｜🔥👩‍🍳龘", max_size=20), max_size=8))
def test_a_batch_is_cut_as_its_texts_are(texts: list[str]) -> None:
    single = [[(token.text, token.kind, token.pos) for token in segment(text)] for text in texts]
    assert segment_batch(texts) == single
