"""Words that are spelled by their sound are read as what they sound like, and words by chance are left alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.review import PostText, check_post, load_rules
from creator_kit.review.respelling import Respeller

RULES = load_rules()


@pytest.mark.parametrize(
    ("text", "family", "written"),
    [
        ("这个喷雾根zhi鼻炎", "medical", "根zhi鼻炎"),
        ("抗ai食物前三名", "health", "抗ai"),
        ("稳撰不赔的基金", "finance", "稳撰不赔的基金"),
        ("包guo班，签约就上", "education", "包guo"),
        ("全网zui低价，今天截单", "absolute", "全网zui低价"),
        ("无ren何副作用，孕妇也能用", "medical", "无ren何副作用"),
        ("國家ji的口感", "absolute", "國家ji"),
    ],
)
def test_the_finding_underlines_what_was_written(text: str, family: str, written: str) -> None:
    findings = [f for f in check_post(PostText("", text), RULES) if f.family == family and f.severity == "block"]
    assert [f.matched for f in findings] == [written]
    assert text[findings[0].start : findings[0].end] == written
    assert findings[0].fix is None


def test_words_in_title_tags_and_cover_are_heard_too() -> None:
    post = PostText("根zhi鼻炎的喷雾", "日常", tags=("早餐", "抗ai食物"), cover_texts=("第一行", "稳撰不赔的基金"))
    found = {(f.field, f.matched) for f in check_post(post, RULES) if f.severity == "block"}
    assert {("title", "根zhi鼻炎"), ("tags", "抗ai"), ("cover", "稳撰不赔的基金")} <= found


@pytest.mark.parametrize(
    "text",
    [
        "一根制作精美的簪子",
        "今天去咖啡馆 get 了一杯拿铁，vlog 在这",
        "报过班的同学说说",
        "国家 jazz 乐团来了",
        "全忘了带伞",
    ],
)
def test_words_by_chance_are_left_alone(text: str) -> None:
    assert not [f for f in check_post(PostText("", text), RULES) if f.severity == "block"]


def test_a_long_word_is_heard_in_letters_alone_but_not_within_another() -> None:
    respeller = Respeller(["减肥", "贷款"])
    respelled = respeller.respell("想jianfei的看过来")
    assert respelled is not None and respelled.text == "想减肥的看过来"
    assert respelled.spans == [(1, 8)]
    assert respeller.respell("xjianfeiy") is None


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="减jianfei肥zhi治疗根gen ，\n贷款 daikuan咖啡蕞", max_size=40))
def test_places_are_kept(text: str) -> None:
    respelled = Respeller(["减肥", "治疗", "根治", "贷款"], lambda: ["最好"]).respell(text)
    if respelled is None:
        return
    for at, char in enumerate(respelled.text):
        start, end = respelled.find_written(at, at + 1)
        assert char == text[start:end] or (start, end) in respelled.spans
