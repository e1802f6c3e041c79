"""Safe replacements change how a thing is said and never what is said: no number, price, place or name."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.clock import BEIJING
from creator_kit.review import PostText, check_post, load_rules
from creator_kit.review.fixes import apply_fixes
from creator_kit.text.length import TAGS_LIMIT

RULES = load_rules()
NOW = datetime(2026, 11, 24, 12, tzinfo=BEIJING)
# What a note states as fact, each found again by the marks around it.
FACTS = [
    "〔39.9元〕",
    "〔上海徐汇区〕",
    "〔南京东路100号〕",
    "〔每天2次〕",
    "〔10:30〕",
    "〔珂润〕",
    "〔阿宁〕",
    "〔三周〕",
    "〔v2.1〕",
    "〔5%〕",
]
WORDS = [
    "最好用的面霜",
    "绝对显白",
    "全网最好吃",
    "独一无二",
    "太香了！！！！！",
    "周末去公园",
    "口\u200b红",
    "最便宜的那款",
    "，",
    "。",
    "\n",
    "全网最火的店",
    "就这样～～～～～～～～～～",
]


def fix(post: PostText) -> PostText:
    return apply_fixes(post, check_post(post, RULES))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from([*FACTS, *WORDS]), min_size=1, max_size=12),
    st.lists(st.sampled_from(["早餐", "上海", "第2期", "珂润"]), max_size=14),
    st.booleans(),
    st.booleans(),
)
def test_facts_stay(pieces: list[str], tags: list[str], sponsored: bool, ai_assisted: bool) -> None:
    body = "".join(pieces)
    before = PostText("今天的早餐", body, tuple(tags), sponsored=sponsored, ai_assisted=ai_assisted)
    after = fix(before)
    assert re.findall("〔[^〕]*〕", after.body) == re.findall("〔[^〕]*〕", body)
    assert re.findall(r"[0-9]+(?:\.[0-9]+)?", after.body) == re.findall(r"[0-9]+(?:\.[0-9]+)?", body)
    assert after.title == before.title
    assert list(after.tags) == list(dict.fromkeys(tags))[: len(after.tags)]
    # What was fixed once stays as it is.
    assert fix(after) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("这是最好用的面霜", "这是很好用的面霜"),
        ("全网最好吃的米粉", "很好吃的米粉"),
        ("这个设计绝无仅有", "这个设计很少见"),
        ("这支绝对显白", "这支很显白"),
    ],
)
def test_an_absolute_term_becomes_a_plain_one(before: str, after: str) -> None:
    assert fix(PostText("", before)).body == after


def test_what_the_law_asks_for_is_added() -> None:
    assert fix(PostText("", "这款面霜很润", sponsored=True)).body == "广告｜这款面霜很润"
    assert fix(PostText("", "这款面霜很润", ai_assisted=True)).body == "这款面霜很润\n\n（文字由 AI 辅助创作）"


def test_tags_beyond_the_limit_go() -> None:
    tags = tuple(f"话题{n}" for n in range(13))
    assert fix(PostText("", "正文", tags)).tags == tags[:TAGS_LIMIT]


@pytest.mark.parametrize(
    ("ahead", "is_found"),
    [
        (timedelta(minutes=59), True),
        (timedelta(hours=1), False),
        (timedelta(days=14), False),
        (timedelta(days=14, minutes=1), True),
        (timedelta(hours=-3), True),
    ],
)
def test_a_time_that_the_app_does_not_take(ahead: timedelta, is_found: bool) -> None:
    post = PostText("早餐", "煎蛋", scheduled_at=NOW + ahead, reviewed_at=NOW)
    assert ("limits.schedule" in {f.rule_id for f in check_post(post, RULES)}) == is_found
    assert check_post(PostText("早餐", "煎蛋", scheduled_at=NOW + ahead), RULES) == []
