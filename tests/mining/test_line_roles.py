"""Every line of a body has one role; how often hand-labelled lines agree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.mining.line_roles import ROLES, outline, tag_lines
from creator_kit.paths import find_shipped_dir

LABELS = Path(__file__).parent / "line_roles.jsonl"
PIECES = st.sampled_from(
    ["1. 先煮饭", "第二步 再炒", "📁账号", "- 一条", "💰一共30元", "记得关火", "你们呢？", "评论告诉我", "#早餐",
     "", " ", "清单：", "今天很冷", "\r", "[话题]#", "a" * 300, "\u2028"]
)  # fmt: skip


def accuracy(part: str) -> tuple[int, int]:
    path = find_shipped_dir("hot_notes_corpus") / "notes.jsonl"
    bodies = {row["note_id"]: row["body"] for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())}
    n_right = n_all = 0
    for row in map(json.loads, LABELS.read_text(encoding="utf-8").splitlines()):
        if row["part"] == part:
            found = [line.role for line in tag_lines(bodies[row["note_id"]])]
            assert len(found) == len(row["roles"])
            n_right += sum(a == b for a, b in zip(found, row["roles"], strict=True))
            n_all += len(found)
    return n_right, n_all


@pytest.mark.parametrize(("part", "least"), [("developed_on", 0.84), ("held_out", 0.75)])
def test_hand_labelled_lines_agree(part: str, least: float) -> None:
    n_right, n_all = accuracy(part)
    assert n_all >= 45
    assert n_right / n_all >= least, f"{n_right} of {n_all}"


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.lists(PIECES, max_size=12).map("\n".join), st.text(max_size=200)))
def test_lines_restore_the_body_and_have_one_role(body: str) -> None:
    lines = tag_lines(body)
    assert "".join(line.text for line in lines) == body
    assert all(line.role in ROLES for line in lines)
    assert sum(line.role == "hook" for line in lines) <= 1
    assert lines == tag_lines(body)
    shape = outline(lines)
    assert len(set(shape)) == len(shape)


def test_forms_are_told_apart() -> None:
    body = "半小时一顿饭\n步骤：\n1. 洗菜\n2. 切菜\n\n🍅番茄两个\n🥚鸡蛋三个\n一共花了12元\n"
    body += "记得少放盐\n你们吃什么？\n#早餐 #一人食[话题]#"
    assert [line.role for line in tag_lines(body)] == [
        "hook", "heading", "step", "step", "blank", "bullet", "bullet", "price", "tip", "question", "tags",
    ]  # fmt: skip
    assert tag_lines("") == []
