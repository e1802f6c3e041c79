"""What is set in two lines is read on where one thing stands in both; lists stay apart."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.review import PostText, check_post, load_rules
from creator_kit.review.line_breaks import splits_number

RULES = load_rules()


def find_blocking(text: str) -> list[str]:
    return [f.matched for f in check_post(PostText("", text), RULES) if f.severity == "block"]


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("这款床垫是国家\n级品质", "国家\n级"),
        ("考证包\n过班", "包\n过"),
        ("贴一贴治好了多年\n的颈椎病", "治好了多年\n的颈椎病"),
        ("坐标老城区，电话 138 001\n3 8000，周末在", "138 001\n3 8000"),
    ],
)
def test_a_word_in_two_lines_is_underlined_whole(text: str, written: str) -> None:
    assert find_blocking(text) == [written]


@pytest.mark.parametrize(
    "text",
    [
        "今天做的菜\n番茄炒蛋\n清炒时蔬\n国家\n分级别",
        "面霜\n精华\n治愈系的香味\n颈椎枕",
        "订单尾号\n138001\n139002\n137003",
        "步数\n13800\n9200\n11000",
        "写完了。\n最\n\n佳片有约",
        "1. 国家\n2. 级数",
    ],
)
def test_lists_stay_apart(text: str) -> None:
    assert find_blocking(text) == []


def test_a_number_needs_digits_enough_on_both_sides() -> None:
    assert splits_number("138001\n38000", 6, 7)
    assert not splits_number("13800138\n00", 8, 9)
    assert not splits_number("2024\n365", 4, 5)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="国家级包过\n 　，最佳138治好了颈椎病%", max_size=60))
def test_places_are_those_of_the_text(text: str) -> None:
    for finding in check_post(PostText("", text), RULES):
        assert finding.start < 0 or finding.matched == text[finding.start : finding.end]
