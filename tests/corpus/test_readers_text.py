"""Text as exports carry it → text as a reader sees it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.text.clean import clean_body, clean_line, drop_dangling_code, find_topics, is_body_prefix, is_cut

_NASTY = st.text(
    alphabet="好a1 \t\n\r\u200b\ufeff\xa0\u3000\u200d👩💻[]#话题赞R&amp;lt;\x00\u2028\ufe0f.…", max_size=60
)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("逛街 #杭州[话题]# #周末[话题]#", "逛街 #杭州 #周末"),
        ("#杭州[话题]##周末[话题]#", "#杭州 #周末"),
        ("太好看了[赞R][哭惹R]真的", "太好看了真的"),
        ("[扯脸H]笑死[doge]", "笑死"),
        ("一\n\t\n二\n\t\n\t\n三", "一\n\n二\n\n三"),
        ("\ufeff#自律[话题]#\ufeff \ufeff", "#自律"),
        ("a\xa0\xa0b\u3000c", "a b c"),
        ("A&amp;B &lt;3", "A&B <3"),
        ("R&D 和 AT&T", "R&D 和 AT&T"),
        ("一\r\n二\r三", "一\n二\n三"),
        ("👩‍💻上班", "👩‍💻上班"),
        ("零\u200b宽\u200e字", "零宽字"),
        ("留\x00空", "留空"),
        ("[成分] 和 [使用感受]", "[成分] 和 [使用感受]"),
        ("emoji lost ??", "emoji lost ??"),
        ("", ""),
    ],
)
def test_bodies(raw: str, clean: str) -> None:
    assert clean_body(raw) == clean


def test_a_title_is_one_line() -> None:
    assert clean_line(" 春天\n来了\t！ ") == "春天 来了 ！"


@given(_NASTY | st.text(max_size=60))
@settings(max_examples=400)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    body, line = clean_body(text), clean_line(text)
    assert clean_body(body) == body
    assert clean_line(line) == line
    assert not set(body) & set("\t\r\x00\ufeff\u200b\xa0")
    assert "\n" not in line


@given(st.text(alphabet="今天去了三家咖啡馆，最喜欢第二家。123abc\n", max_size=80))
def test_plain_text_keeps_all_its_words(text: str) -> None:
    assert "".join(clean_body(text).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("raw", "topics"),
    [
        ("玩 #杭州[话题]# #周末[话题]##杭州[话题]#", ("杭州", "周末")),
        ("#高中物理\xa0\xa0#高中数学怎么学 #2024", ("高中物理", "高中数学怎么学")),
        ("没有话题", ()),
        ("C#语言 和 # 空", ()),
        ("#a b[话题]#", ("a b",)),
    ],
)
def test_topics(raw: str, topics: tuple[str, ...]) -> None:
    assert find_topics(raw) == topics


def test_a_title_made_of_the_first_characters_is_none() -> None:
    body = "今天想和大家聊聊我在出租屋里自己做的收纳改造一共花了不到三百块全过程都在这里"
    assert is_body_prefix(body[:30], body)
    assert is_body_prefix("#收纳 " + body[:30], "收纳" + body)
    assert is_body_prefix("新手眼线画法", "新手眼线画法")
    assert is_body_prefix(body[:24] + "...", body)
    # An author may open the body with the title.
    assert not is_body_prefix("高二", "高二了，基础不太好")
    assert not is_body_prefix("收纳改造", body)
    assert not is_body_prefix("", body)
    assert not is_body_prefix("标题", "")


@pytest.mark.parametrize("raw", ["好看[害羞R", "去玩#杭州[话", "字" * 100 + "...", "字" * 255 + "…", "后面还有...展开"])
def test_cut_bodies_are_seen(raw: str) -> None:
    assert is_cut(raw)
    assert "[" not in drop_dangling_code(raw)[-6:]


@pytest.mark.parametrize("raw", ["就这样吧...", "完。", "好看[害羞R]", "#杭州[话题]#", "", "[成分] 表"])
def test_whole_bodies_are_not_called_cut(raw: str) -> None:
    assert not is_cut(raw)
