"""Words written by their sound are heard where the writer put them, and accidents are told apart."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.review.folding import FoldTable, fold
from creator_kit.review.sounds import Listener, Sounding, blur, is_accident, load_readings

NAMES = ("微信", "加微", "加微信", "v信", "公众号", "抖音", "淘宝", "拼多多", "小程序")
LISTENER = Listener(NAMES)


@pytest.mark.parametrize(
    ("text", "written", "name", "how"),
    [
        ("找我微信聊", "微信", "微信", "plain"),
        ("薇芯同号", "薇芯", "微信", "sound"),
        ("威 信在这里", "威 信", "微信", "sound"),
        ("v❤芯", "v❤芯", "v信", "sound"),
        ("Ｖ信", "Ｖ信", "v信", "altered"),
        ("微\u200b信", "微\u200b信", "微信", "altered"),
        ("资料加 wei xin", "加 wei xin", "加微信", "letters"),
        ("jia wei 拿", "jia wei", "加微", "letters"),
        ("jia微", "jia微", "加微", "letters"),
        ("关注公仲号", "公仲号", "公众号", "sound"),
        ("工❤️种\n号", "工❤️种\n号", "公众号", "sound"),
        ("陶宝搜", "陶宝", "淘宝", "sound"),
        ("ＴＡＯ宝搜", "ＴＡＯ宝", "淘宝", "letters"),
        ("拼哆夛", "拼哆夛", "拼多多", "sound"),
    ],
)
def test_a_name_is_heard(text: str, written: str, name: str, how: str) -> None:
    start = text.index(written)
    assert LISTENER.find(text) == [Sounding(start, start + len(written), name, how)]  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["taxing work", "", "😀😀", "微。这里隔了很远很远，信", "宝淘", "weixinger"])
def test_other_words_are_not(text: str) -> None:
    assert LISTENER.find(text) == []


@pytest.mark.parametrize("text", ["因为新手不会", "在家里有威信", "人造卫星上天", "作为新人报到", "唯心主义"])
def test_accidents_are_told(text: str) -> None:
    assert all(is_accident(text, sounding) for sounding in LISTENER.find(text))
    assert LISTENER.find(text)


@pytest.mark.parametrize("text", ["加薇芯", "陶宝搜", "关注公仲号", "逗音同名", "薇❤️信"])
def test_disguises_are_no_accidents(text: str) -> None:
    assert not any(is_accident(text, sounding) for sounding in LISTENER.find(text))


ALIKE = {
    char: [
        other
        for other, reading in load_readings().items()
        if blur(reading) == blur(load_readings()[char]) and fold(other, FoldTable("all")) == other
    ]
    for char in "微信抖音公众号"
}


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["微信", "抖音", "公众号"]),
    st.data(),
    st.sampled_from(["", " ", "❤️", "\u200b", "·", "\n"]),
    st.sampled_from(["", "哦：", "a "]),
)
def test_any_character_of_the_sound_will_do(name: str, data: st.DataObject, gap: str, before: str) -> None:
    written = gap.join(data.draw(st.sampled_from([*ALIKE[char], load_readings()[char]])) for char in name)
    found = LISTENER.find(before + written + "。")
    assert [(s.start, s.end, s.name) for s in found] == [(len(before), len(before + written), name)]
