"""Words that are spelled by their sound are read as what they sound like, and words by chance are left alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.review import PostText, check_post, load_rules
from creator_kit.review.adjacency import adjacent_pairs
from creator_kit.review.folding import FoldTable
from creator_kit.review.hearing import hear
from creator_kit.review.likelihood import weigh
from creator_kit.review.respelling import Respeller, common_by_sound
from creator_kit.review.sieve import PairSieve
from creator_kit.review.soundalikes import Lexicon
from creator_kit.review.vocabulary import Vocabulary

RULES = load_rules()
SIEVE = PairSieve(["生成", "保录", "录取", "国保"], ["取a"], FoldTable("light"))


@pytest.mark.parametrize(
    ("text", "family", "written"),
    [
        ("这个喷雾根zhi鼻炎", "medical", "根zhi鼻炎"),
        ("抗ai食物前三名", "health", "抗ai"),
        ("稳撰不赔的基金", "finance", "稳撰不赔的基金"),
        ("包guo的课，一次到位", "education", "包guo"),
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


def listen_for(*terms: str) -> Respeller:
    return Respeller(lambda: hear(Vocabulary(terms={term: [(0, 0)] for term in terms}), FoldTable("light")))


def test_a_long_word_is_heard_in_letters_alone_but_not_within_another() -> None:
    respeller = listen_for("减肥", "贷款")
    (respelled,) = respeller.respell("想jianfei的看过来")
    assert respelled.text == "想减肥的看过来"
    assert [respelled.find_written(1, 3), respelled.find_written(1, 2)] == [(1, 8), (1, 5)]
    assert respeller.respell("xjianfeiy") == []


FIVE_WORDS = listen_for("减肥", "治疗", "根治", "贷款", "最好")


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="减jianfei肥zhi治疗根gen ，\n贷款 daikuan咖啡蕞\ud83dİ", max_size=40))
def test_places_are_kept(text: str) -> None:
    for respelled in FIVE_WORDS.respell(text):
        for at, char in enumerate(respelled.text):
            start, end = respelled.find_written(at, at + 1)
            assert char == text[start:end] or (start, end) in respelled.spans


SPOKEN = {char: syllable for syllable, chars in common_by_sound().items() for char in chars}


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["一月一号保录取", "零风险高收益", "专治湿疹不复发", "全网最低价", "药到病除"]), st.data())
def test_a_long_term_is_heard_whatever_character_of_its_sound_is_put_in(term: str, data: st.DataObject) -> None:
    """The lexicon always offers the term; whether a common word wins over it is for likelihood to say."""
    at = data.draw(st.integers(0, len(term) - 1))
    other = data.draw(st.sampled_from(common_by_sound()[SPOKEN[term[at]]]))
    lexicon = Lexicon(Vocabulary(terms={term: [(0, 0)]}), FoldTable("light"))
    text = "，" + term[:at] + other + term[at + 1 :] + "。"
    found = {(likeness.start, likeness.changes) for likeness in lexicon.find(text, at + 1, at + 2)}
    assert found == (set() if other == term[at] else {(1, ((at + 1, at + 2, term[at]),))})


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="生成诚保录取鲍 ❤\u200b，a0１Ａ國\n", max_size=90))
def test_short_and_long_texts_are_sifted_alike(text: str) -> None:
    assert SIEVE._find_short(text) == SIEVE._find_long(text)


def test_an_expression_tells_what_may_stand_side_by_side() -> None:
    assert adjacent_pairs("(?:甲|乙丙)丁?[一二]{1,2}(?!戊)己.{0,3}庚") == {
        *("乙丙", "甲丁", "丙丁", "甲一", "甲二", "丙一", "丙二", "丁一", "丁二"),
        *("一一", "一二", "二一", "二二", "一己", "二己", "己庚"),
    }


@pytest.mark.parametrize(
    ("text", "start", "plain", "likelier"),
    [("零风险高寿益副业", 4, "收", True), ("大家作为新人", 3, "微", False), ("掌握课文重点", 3, "稳", False)],
)
def test_the_likelier_spelling_is_told_by_the_dictionary(text: str, start: int, plain: str, likelier: bool) -> None:
    assert (weigh(text, start, start + 1, plain) > 0) is likelier


def test_a_pair_of_texts_does_not_make_a_word_across() -> None:
    assert RULES.respeller.sift(["这是鲍", "录取"])[1] == RULES.respeller.sift(["录取"])[0]
