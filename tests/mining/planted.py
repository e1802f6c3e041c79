"""Generated titles whose templates are known: for recovery, V-measure and the doubt of the figures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from creator_kit.corpus import Note

TOPICS = [
    "收纳",
    "面霜",
    "减脂餐",
    "穿搭",
    "咖啡",
    "露营",
    "健身操",
    "手账",
    "相机",
    "跑鞋",
    "空气炸锅",
    "防晒",
    "阳台花园",
    "英语听力",
    "考研数学",
    "猫粮",
    "通勤包",
    "拼豆",
]
PEOPLE = ["小个子", "学生党", "新手爸妈", "打工人", "敏感肌", "大学生", "微胖女生", "独居女生", "考研人", "养猫人"]
PLACES = ["大理", "顺德", "洛阳", "青岛", "泉州", "重庆", "喀什", "景德镇", "延吉", "威海"]
SCENES = ["一人食", "早八", "周末", "出租屋", "办公室", "换季", "婚礼", "露台", "宿舍", "年会"]
ADJECTIVES = ["高级", "省钱", "治愈", "显瘦", "好看", "耐用", "清爽", "轻便", "百搭", "出片"]
ACTS = ["早起", "记账", "练字", "不吃晚饭", "只用现金", "背单词", "学做饭", "跑步", "断糖", "整理房间"]

TEMPLATES = (
    "挑战每天{act}的第{n}天",
    "谁懂啊！{topic}居然可以这么{adj}",
    "{people}必看！{topic}避坑指南",
    "{topic}保姆级教程｜{people}直接抄作业",
    "后悔没早点知道的{topic}",
    "{place}{n}天{n}夜攻略，照着走就行",
    "救命，这个{topic}也太{adj}了吧",
    "{scene}的快乐，{topic}给的",
    "花了{n}元买的{topic}，值不值",
    "听劝！{people}千万别乱买{topic}",
    "{topic}怎么选？看完这篇就懂了",
    "在{place}，我过上了{adj}的生活",
    "{people}的{scene}日记｜{topic}",
    "坚持{act}{n}天，我变了",
    "不允许还有人不知道这个{topic}",
    "{scene}穿什么？{people}照着买",
    "从零开始学{topic}，第{n}课",
    "{topic}红黑榜来了，{people}收好",
    "{n}个{topic}小技巧，越早知道越好",
    "普通人如何靠{topic}变{adj}",
    "人在{place}，刚下飞机",
    "{scene}必备清单：{topic}篇",
    "原来{topic}还可以这样用",
    "手把手教你{act}，{n}分钟学会",
    "{topic}测评：{n}款谁最{adj}",
    "给{people}的一封信：别怕{act}",
    "我宣布，{topic}才是{scene}的神",
    "{place}本地人推荐的{n}家小店",
    "终于等到你！{scene}限定{topic}",
    "{people}请停止{act}",
)
# Ten templates start with a slot.
_FILLINGS = {"topic": TOPICS, "people": PEOPLE, "place": PLACES, "scene": SCENES, "adj": ADJECTIVES, "act": ACTS}


@dataclass(frozen=True, slots=True)
class Planted:
    """A title and the number of its template, −1 for noise."""

    title: str
    template: int


def fill_planted(template: str, rng: np.random.Generator) -> str:
    title = template
    while "{" in title:
        start, end = title.index("{"), title.index("}")
        kind = title[start + 1 : end]
        word = str(rng.integers(2, 60)) if kind == "n" else str(rng.choice(_FILLINGS[kind]))
        title = title[:start] + word + title[end + 1 :]
    return title


def plant_titles(n: int, rng: np.random.Generator, *, noise_rate: float = 0.1) -> list[Planted]:
    """``n`` titles, ``noise_rate`` of them random words in random order."""
    words = [word for bag in _FILLINGS.values() for word in bag] + list("的了吗呢和在把被就也都很太")
    out = []
    for _ in range(n):
        if rng.random() < noise_rate:
            out.append(Planted("".join(rng.choice(words, size=int(rng.integers(3, 7)))), -1))
        else:
            number = int(rng.integers(len(TEMPLATES)))
            out.append(Planted(fill_planted(TEMPLATES[number], rng), number))
    return out


def make_notes(titles: list[str], authors: list[int], *, source: str = "planted") -> list[Note]:
    return [
        Note(
            note_id=f"{number:016x}",
            author=f"{author:016x}",
            title=title,
            published_at=f"2026-0{1 + number % 9}-1{number % 10}",
            source=source,
        )
        for number, (title, author) in enumerate(zip(titles, authors, strict=True))
    ]
