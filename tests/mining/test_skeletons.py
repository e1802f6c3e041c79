"""Which frames are found, and which are left out because nobody could fill them."""

from __future__ import annotations

import pytest
from planted import make_notes

from creator_kit.mining import extract, mine_titles
from creator_kit.mining.cutting import cut_title
from creator_kit.mining.fillable import is_fillable
from creator_kit.mining.forms import load_places
from creator_kit.mining.title_library import parse_skeleton

WORDS = [
    *("收纳", "露营", "咖啡", "穿搭", "防晒", "相机", "手账", "跑鞋"),
    *("面霜", "拼豆", "早餐", "口红", "书桌", "背包", "台灯", "瑜伽"),
]
NOISE = [f"今日份{word}小记{number}" for number, word in enumerate(WORDS)]


def mine(titles: list[str]) -> list[str]:
    notes = make_notes(titles + NOISE, list(range(len(titles) + len(NOISE))))
    return [template.skeleton for template in mine_titles(notes, [None] * len(notes)).templates]


def test_a_number_and_its_classifier_open_a_title() -> None:
    ends = ("真好", "攻略看看", "别再买", "给你", "都有", "够用", "见过吗")
    titles = [f"{n}个{word}{end}" for n, word, end in zip("3526897", WORDS, ends, strict=False)]
    others = [f"{word}{end}" for word in WORDS for end in ("的早上", "又坏了", "怎么洗", "送朋友", "到货了")]
    assert "{number}个{phrase}" in mine(titles + others)


def test_a_place_is_a_slot_of_its_own() -> None:
    places = ["洛阳", "大理", "景德镇", "泉州", "青岛", "哈尔滨", "延吉"]
    ends = ["走完古城", "风很大", "只逛市集", "两天一夜", "上坡路的一天", "零下二十度", "吃了六顿"]
    found = mine([f"{place}｜{end}" for place, end in zip(places, ends, strict=True)])
    assert "{place}｜{phrase}" in found
    notes = make_notes(["洛阳｜走一走"], [1])
    library = mine_titles(
        make_notes([f"{p}｜{e}" for p, e in zip(places, ends, strict=True)] + NOISE, list(range(23))), [None] * 23
    )
    template = next(t for t in library.templates if t.skeleton == "{place}｜{phrase}")
    assert template.support == 7
    assert extract(template, notes[0].title) == ["洛阳", "走一走"]
    assert extract(template, "一人食｜走一走") is None


def test_places_are_names_and_nothing_else() -> None:
    places = load_places()
    assert len(places) > 400
    assert all(2 <= len(place) <= 6 for place in places)
    assert not places & {"日照", "白银", "安康", "长寿", "朝阳", "东方"}


def test_from_one_thing_to_another() -> None:
    titles = ["从爬楼喘到跑十公里，没有教练", "从黑灰到彩色，衣柜慢慢变", "从不敢说话到主持会议，练了半年",
              "从摸鱼到每天六小时，只改了桌子", "从天天抱到放手走，学会了退后", "从买本子到写完本子，戒了两样",
              "从合租到整租，贵了三百"]  # fmt: skip
    assert any(skeleton.startswith("从{") and "}到{" in skeleton and "，" in skeleton for skeleton in mine(titles))


def test_cutting_keeps_every_character() -> None:
    for title in ("从爬楼喘到跑十公里！！", "3个我家狗会的口令", "直到今天才看到12.5个", "大理｜第３天"):
        cut = cut_title(title)
        assert "".join(text for text, _, _ in cut) == title
    assert [text for text, _, _ in cut_title("从爬楼喘到跑")][-2:] == ["到", "跑"]
    assert cut_title("3个习惯")[:2] == [("3", "number", ""), ("个", "word", "q")]
    assert cut_title("30天习惯")[0] == ("30天", "duration", "")


@pytest.mark.parametrize(
    "skeleton",
    ["{number}个{phrase}", "从{phrase}到{phrase}，{phrase}", "{place}｜{phrase}", "{phrase}太{adjective}了{phrase}",
     "谁懂啊！{phrase}", "挑战{duration}{topic}，{ordinal}{phrase}", "{phrase}吗？", "为什么{phrase}"],
)  # fmt: skip
def test_frames_that_a_person_can_fill(skeleton: str) -> None:
    assert is_fillable(parse_skeleton(skeleton))


@pytest.mark.parametrize(
    "skeleton",
    ["{phrase}的{phrase}！", "{phrase}了{phrase}？", "{phrase}，{phrase}了", "{phrase}端{phrase}", "{phrase} {phrase}",
     "{phrase}我{phrase}", "{phrase}公司{phrase}", "今天我又去吃了那家最好吃的面{phrase}"],
)  # fmt: skip
def test_frames_that_tell_nothing_or_too_much(skeleton: str) -> None:
    assert not is_fillable(parse_skeleton(skeleton))


def test_the_same_words_around_other_slots_are_said_once() -> None:
    titles = [
        f"{a}测评{b}红黑榜{c}" for a, b, c in zip(WORDS, WORDS[3:], [*"一二三四", "", "", "", "", "", ""], strict=False)
    ]
    found = [skeleton for skeleton in mine(titles * 2) if "红黑榜" in skeleton and "测评" in skeleton]
    assert len(found) <= 1
