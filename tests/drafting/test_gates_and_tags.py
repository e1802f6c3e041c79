"""One reading of a draft for drafting, review and hand-off; tags that a corpus uses and the brief says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from creator_kit.corpus import Note
from creator_kit.drafting import Brief, Drafter, count_tags, describe_blocks, load_briefs, refill_draft, review_draft
from creator_kit.drafting.facts import untraced_numbers
from creator_kit.drafting.gates import post_of
from creator_kit.mining import load_library
from creator_kit.persona import load_persona
from creator_kit.review import load_rules
from creator_kit.review.originality import KnownTexts

TODAY = date(2026, 11, 24)
BEEF = next(iter(load_briefs(Path(__file__).with_name("briefs.jsonl"))))
PERSONA = load_persona("dorm-cook")
RULES = load_rules()


def test_drafting_and_a_later_review_agree() -> None:
    drafter = Drafter(PERSONA, load_library(), rules=RULES)
    draft = drafter.draft(BEEF, today=TODAY)
    assert describe_blocks(review_draft(draft, PERSONA, RULES)) == draft.blocked == ()
    spoilt = replace(draft, title="98元的番茄牛腩", body=draft.body + "\n我坚持做了300天")
    findings = review_draft(spoilt, PERSONA, RULES)
    facts = {(item.field, item.matched) for item in findings if item.family == "facts"}
    assert ("title", "98") in facts and ("body", "300") in facts
    for item in findings:
        if item.family == "facts" and item.start >= 0:
            text = spoilt.title if item.field == "title" else spoilt.body
            assert text[item.start : item.end] == item.matched
    assert describe_blocks(findings)


@pytest.mark.parametrize(
    ("text", "untraced"),
    [
        ("15块搞定", []),
        ("十五块搞定", []),
        ("15分钟搞定", ["15"]),
        ("5元搞定", ["5"]),
        ("一千五百元", ["一千五百"]),
        ("三步搞定，只要3元", ["3"]),
        ("打八折", ["八"]),
        ("半价买的", ["半价"]),
        ("一小时就好", ["一"]),
        ("2,000元", ["2,000"]),
        ("第五天", ["五"]),
        ("¥39.9", ["39.9"]),
        ("四十分钟，40 分钟", ["40"]),
        ("一篇讲清，一步一步来，一个人也行", []),
    ],
)
def test_a_number_is_backed_by_one_of_the_same_thing_only(text: str, untraced: list[str]) -> None:
    assert untraced_numbers(text, "一顿15元，炖40分钟", (3,)) == untraced


def test_numbers_of_any_writing_say_one_value() -> None:
    for written in ("12000元", "１２０００元", "12,000元", "一万二千元", "12000块"):
        assert not untraced_numbers(written, "预算12000元"), written
    assert untraced_numbers("两三天", "3天") == ["两三"]
    assert untraced_numbers("泡了十来天，喝掉一点五升", "泡了10天，5升") == ["十来", "一点五"]
    assert not untraced_numbers("泡了十来天，喝掉一点五升，零点五克盐", "十来天，1.5升水，盐0.5克")


def test_the_lines_that_a_structure_says_itself_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "templates" / "bodies"
    folder.mkdir(parents=True)
    own = "以上就是这一次要说的全部了，一句一句照着来"
    loop = "{% for item in points %}\n先说：{{ item.text }}\n{% endfor %}\n"
    text = '{# shape = "list"\nzh = "甲"\nen = "a" #}\n' + loop + own + "\n"
    (folder / "list.md.j2").write_text(text, encoding="utf-8")
    drafter = Drafter(PERSONA, load_library(), rules=RULES, user_root=tmp_path)
    draft = drafter.draft(Brief("整理书桌", points=("先清空桌面", "再分三类")), today=TODAY)
    assert draft.own_lines == (own,) == post_of(draft).body_frame and "先说：先清空桌面" in draft.body


def test_a_fill_in_backs_what_it_says() -> None:
    draft = Drafter(PERSONA, load_library(), rules=RULES).draft(Brief("番茄鸡蛋面"), today=TODAY)
    filled = refill_draft(draft, ["煮面3分钟，加2个鸡蛋"])
    assert "3分钟" in filled.body
    assert not [item for item in review_draft(filled, PERSONA, RULES) if item.family == "facts"]


def test_a_body_that_stands_in_the_corpus_is_blocked() -> None:
    copied = tuple(f"{text}，别人笔记里的原话一字不差" for text in ("先把牛腩泡出血水", "番茄要去皮", "小火慢炖"))
    brief = replace(BEEF, points=copied, steps=())
    known = KnownTexts.of([("n1", "别人的题目", "\n".join(copied))])
    alone = Drafter(PERSONA, load_library(), rules=RULES).draft(brief, today=TODAY)
    beside = Drafter(PERSONA, load_library(), rules=RULES, known=known).draft(brief, today=TODAY)
    assert not any("originality" in why for why in alone.blocked)
    assert any(why.startswith("originality.copied") for why in beside.blocked)


def test_tags_of_the_corpus_are_taken_where_the_brief_says_them() -> None:
    tags = ("番茄牛腩做法", "成都番茄牛腩", "牛腩", "一人食", "减肥", "一人食教程")
    notes = [Note(str(i), author=f"a{i}", title="t", tags=tags) for i in range(4)]
    counted = count_tags([*notes, Note("x", author="a1", tags=("牛腩", "独一份"))])
    assert counted["牛腩"] == 5 and "独一份" not in counted
    assert not count_tags([Note(str(i), author="same", tags=tags) for i in range(9)])
    draft = Drafter(PERSONA, load_library(), corpus_tags=counted).draft(BEEF, today=TODAY)
    assert {"番茄牛腩做法", "牛腩", "一人食教程"} <= set(draft.tags)
    assert not {"成都番茄牛腩", "减肥"} & set(draft.tags) and len(draft.tags) <= 10
    sources = {fill.text: fill.source for fill in draft.body_fills}
    assert sources["番茄牛腩做法"] == "corpus.tags.narrow" and sources["牛腩"] == "corpus.tags.broad"


def test_what_the_structure_brings_is_no_copying_and_what_the_brief_says_is() -> None:
    draft = Drafter(PERSONA, load_library(), rules=RULES).draft(BEEF, today=TODAY)
    frame = post_of(draft).body_frame
    assert all(line in draft.body for line in frame)
    said = (BEEF.topic, *BEEF.points, *BEEF.steps)
    assert not any(text in line for line in frame for text in said)
    taken = KnownTexts.of([("earlier", "别的标题", draft.body)])
    assert any(item.family == "originality" for item in review_draft(draft, PERSONA, RULES, taken))
