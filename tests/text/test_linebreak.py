"""Titles break by phrase, and never where a reader would stumble."""

from __future__ import annotations

import itertools
import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.text.emoji import EMOJI_RE
from creator_kit.text.linebreak import (
    NO_LINE_END,
    NO_LINE_START,
    SEPARATORS,
    break_lines,
    break_pieces,
    count_cells,
    split_pieces,
)
from creator_kit.text.segment import segment


@pytest.mark.parametrize(
    ("title", "max_cells", "lines"),
    [
        ("救命！这个水光唇釉也太好看了吧", 7, ["救命！", "这个水光唇釉", "也太好看了吧"]),
        ("黄皮姐妹必入的5支口红｜显白到发光", 8, ["黄皮姐妹", "必入的5支口红", "显白到发光"]),
        ("敏感肌亲测｜平价面霜红黑榜", 7, ["敏感肌亲测", "平价面霜红黑榜"]),
        ("日本自由行保姆级攻略🇯🇵建议收藏", 7, ["日本自由行", "保姆级攻略🇯🇵", "建议收藏"]),
        ("小个子穿搭｜158显高10cm的秘密", 10, ["小个子穿搭", "158显高10cm的秘密"]),
        ("普通人逆袭的最好方式就是读书", 6, ["普通人逆袭的", "最好方式", "就是读书"]),
        ("一个人住的第3年，我戒掉了外卖", 9, ["一个人住的第3年，", "我戒掉了外卖"]),
        ("租房改造花了2000块，房东都想涨租", 8, ["租房改造", "花了2000块，", "房东都想涨租"]),
        ("周末去哪儿｜上海周边3-5天亲子游", 7, ["周末去哪儿", "上海周边", "3-5天亲子游"]),
        ("iPhone 15 Pro拍照参数", 7, ["iPhone 15 Pro", "拍照参数"]),
    ],
)
def test_breaks_where_a_designer_would(title: str, max_cells: float, lines: list[str]) -> None:
    assert break_lines(title, max_cells=max_cells) == lines


@pytest.mark.parametrize(
    ("title", "whole"),
    [
        ("用ChatGPT写文案，10分钟搞定一周选题", ["ChatGPT", "10分钟"]),
        ("从月薪3千到月薪3万，我做对了什么", ["3千", "3万，"]),
        ("2026年最值得入手的耳机推荐👩‍🍳", ["2026年", "推荐👩‍🍳"]),
        ("读完《被讨厌的勇气》我不内耗了", ["《被讨厌的勇气》"]),
        ("花¥1,299.00买的（不是广告）值吗", ["¥1,299.00", "（不是广告）"]),
        ("比例1/3和9:30的早餐", ["1/3", "9:30的"]),
        ("英格兰🏴󠁧󠁢󠁥󠁮󠁧󠁿和1️⃣号👍🏽", ["英格兰🏴󠁧󠁢󠁥󠁮󠁧󠁿"]),
        ("第3天瘦了2.5kg，70%的人不信", ["第3天", "2.5kg，", "70%的"]),
    ],
)
def test_keeps_whole_what_belongs_together(title: str, whole: list[str]) -> None:
    pieces = [piece.text for piece in split_pieces(title)]
    for part in whole:
        assert any(part in piece for piece in pieces), (part, pieces)


def test_a_separator_is_not_drawn_at_the_end_of_a_line_but_kept_within_one() -> None:
    assert break_lines("上海｜探店", max_cells=9) == ["上海｜探店"]
    assert break_lines("上海｜探店", max_cells=3) == ["上海", "探店"]


def test_a_run_that_no_dictionary_has_can_still_break() -> None:
    lines = break_lines("一二三四五六七八九十" * 2, max_cells=7)
    assert lines is not None
    assert [len(line) for line in lines] == [7, 6, 7] or max(map(len, lines)) <= 7


def test_a_word_wider_than_the_line_does_not_fit() -> None:
    assert break_lines("supercalifragilistic", max_cells=7) is None


def test_empty_text_has_no_pieces() -> None:
    assert split_pieces("") == ()
    assert split_pieces(" \u3000 ") == ()


CHARACTERS = st.sampled_from(
    list("的了小个子穿搭显高我你他好吃在家做饭5月3天0万元块，。！？｜（）《》「」“”：…～A bcgk%¥·😀🇯🇵👍❤")
)
TITLES = st.lists(
    st.one_of(
        CHARACTERS, st.sampled_from(["👩‍🍳", "🇨🇳", "1️⃣", "👍🏽", "10分钟", "iPhone", "第3年", "通勤", "保姆级", "❤️"])
    ),
    max_size=22,
).map("".join)


def strip_separators(text: str) -> str:
    return "".join(char for char in text if char not in SEPARATORS)


@settings(max_examples=300, deadline=None)
@given(TITLES)
def test_pieces_rebuild_the_text(title: str) -> None:
    pieces = split_pieces(title)
    assert "".join(piece.text + piece.separator for piece in pieces) == title.strip() or not strip_separators(title)
    assert all(0 <= piece.break_cost <= 1 for piece in pieces)
    assert all(piece.text for piece in pieces)


@settings(max_examples=300, deadline=None)
@given(TITLES, st.integers(5, 12))
def test_lines_obey_the_rules(title: str, max_cells: int) -> None:
    lines = break_lines(title, max_cells=max_cells)
    if lines is None or not lines:
        return
    assert strip_separators("".join(lines)) == strip_separators(title)
    assert all(count_cells(line) <= max_cells for line in lines)
    for line in lines[1:]:
        assert line[0] not in NO_LINE_START
        assert not unicodedata.combining(line[0])
    for line in lines[:-1]:
        assert line[-1] not in NO_LINE_END - set("-&/+×@")
    # No emoji sequence and no number is cut: each is found whole in some line.
    assert sum(len(EMOJI_RE.findall(line)) for line in lines) == len(EMOJI_RE.findall(title.strip()))
    numbers = [token.text for token in segment(title) if token.kind == "number"]
    assert [token.text for line in lines for token in segment(line) if token.kind == "number"] == numbers


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.5, 6), st.floats(0, 1)), min_size=1, max_size=9),
    st.integers(1, 4),
    st.floats(3, 20),
)
def test_the_break_found_is_the_cheapest_there_is(
    pieces: list[tuple[float, float]], n_lines: int, max_width: float
) -> None:
    from itertools import combinations

    widths, costs = [p[0] for p in pieces], [p[1] for p in pieces]
    zeros = [0.0] * len(pieces)
    found = break_pieces(widths, zeros, costs, zeros, max_width=max_width, n_lines=n_lines)
    mean = sum(widths) / n_lines
    best = None
    for cut in combinations(range(1, len(pieces)), n_lines - 1):
        edges = (0, *cut, len(pieces))
        lines = [sum(widths[a:b]) for a, b in itertools.pairwise(edges)]
        if max(lines) <= max_width - 1e-9:
            cost = sum(((line - mean) / mean) ** 2 for line in lines) + sum(costs[i - 1] for i in cut)
            best = cost if best is None else min(best, cost)
    if best is None:
        assert found is None or max(sum(widths[a:b]) for a, b in found.spans) > max_width - 1e-6
    else:
        assert found is not None
        assert found.cost <= best + 1e-9


def test_shared_titles_never_break_inside_latin_or_numbers(shared) -> None:  # type: ignore[no-untyped-def]
    import json

    titles = []
    for path in sorted((shared / "corpora").glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            for _i, line in zip(range(150), lines, strict=False):
                titles.append(str(json.loads(line).get("title") or ""))
    broken = 0
    for title in filter(None, titles):
        lines = break_lines(title, max_cells=8, max_lines=12)
        if lines is None:
            continue
        broken += len(lines) > 1
        for before, after in itertools.pairwise(lines):
            glued = before[-1] + after[0]
            assert not re.fullmatch(r"[0-9]{2}|[A-Za-z]{2}", glued) or f"{before[-1]} {after[0]}" in title, lines
    assert broken > 30
