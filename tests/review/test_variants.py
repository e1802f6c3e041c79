"""Blocking terms stay caught however they are disguised, and the finding underlines what was written."""

from __future__ import annotations

import opencc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.review import PostText, check_post, load_rules

RULES = load_rules()
TO_TRADITIONAL = opencc.OpenCC("s2t")

# Phrase, family; a sentence is put around it.
PHRASES = [
    ("加微信", "diversion"),
    ("加vx", "diversion"),
    ("微信同号", "diversion"),
    ("关注公众号", "diversion"),
    ("淘宝搜", "diversion"),
    ("扫码加我", "diversion"),
    ("抖音搜我", "diversion"),
    ("闲鱼找我", "diversion"),
    ("微信备注暗号", "diversion"),
    ("主页有联系方式", "diversion"),
    ("网盘自取", "diversion"),
    ("国家级", "absolute"),
    ("全网最低价", "absolute"),
    ("销量第一", "absolute"),
    ("祖传秘方", "medical"),
    ("药到病除", "medical"),
    ("专治湿疹", "medical"),
    ("抗癌", "health"),
    ("稳赚不赔", "finance"),
    ("保本保息", "finance"),
    ("不过全额退款", "education"),
    ("保证提分", "education"),
]
# Whatever nobody reads and everybody sees through. Commas and full stops part clauses, so they are not among these.
SEPARATORS = [" ", "❤️", "🌟", "·", "*", "|", "_", "~", "\u200b", "\u3000", "✨ ", "-", "/", "➖"]
SOUNDS = {"微": "薇威", "信": "芯伈", "加": "➕＋", "公": "工宫", "众": "终种", "抖": "斗逗", "闲": "咸"}
# Names that are taken by any character of their sound, where an action stands beside them.
HEARD = [
    ("微信", "围鑫", "找我"),
    ("公众号", "供仲号", "后台回复资料"),
    ("抖音", "陡茵", "同名"),
    ("淘宝", "掏煲", "搜同款"),
    ("闲鱼", "娴瑜", "搜我"),
    ("京东", "惊冬", "店名"),
    ("拼多多", "频哆哆", "搜我"),
]


@st.composite
def disguised(draw: st.DrawFn) -> tuple[str, str]:
    phrase, family = draw(st.sampled_from(PHRASES))
    if draw(st.booleans()):
        phrase = TO_TRADITIONAL.convert(phrase)
    characters = []
    for char in phrase:
        if family == "diversion" and char in SOUNDS and draw(st.integers(0, 3)) == 0:
            char = draw(st.sampled_from(SOUNDS[char]))
        elif char.isascii() and draw(st.booleans()):
            char = draw(st.sampled_from([char.upper(), chr(ord(char) + 0xFEE0)]))
        characters.append(char)
    separator = draw(st.sampled_from(SEPARATORS))
    gaps = draw(st.lists(st.booleans(), min_size=len(characters) - 1, max_size=len(characters) - 1))
    text = characters[0]
    for gap, char in zip(gaps, characters[1:], strict=True):
        text += (separator if gap else "") + char
    return text, family


@settings(max_examples=400, deadline=None)
@given(disguised(), st.sampled_from(["", "今天想说：", "姐妹们看过来 "]), st.sampled_from(["", "。明天见", " 就这样"]))
def test_disguises_are_seen_through(variant: tuple[str, str], before: str, after: str) -> None:
    text, family = variant
    findings = [
        finding
        for finding in check_post(PostText("", before + text + after), RULES)
        if finding.severity == "block" and finding.family == family
    ]
    assert findings, before + text + after
    first = findings[0]
    assert first.matched == (before + text + after)[first.start : first.end]
    assert first.start < len(before) + len(text) and first.end > len(before)


@pytest.mark.parametrize(("name", "heard", "action"), HEARD)
def test_names_written_by_their_sound_are_heard(name: str, heard: str, action: str) -> None:
    for text in (f"想要的来{heard}{action}吧", f"{heard}上{action}哦", f"姐妹们{heard[0]} {heard[1:]}{action}"):
        findings = check_post(PostText("", text), RULES)
        assert any(f.severity == "block" and f.family == "diversion" for f in findings), (name, text)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200), st.text(max_size=40))
def test_any_text_can_be_reviewed(body: str, title: str) -> None:
    post = PostText(title, body, tags=("早餐", "#上海"))
    findings = check_post(post, RULES)
    assert findings == check_post(post, RULES)
    for finding in findings:
        text = post.text_of(finding.field)
        assert finding.start == -1 or 0 <= finding.start <= finding.end <= len(text)
        if finding.start >= 0:
            assert text[finding.start : finding.end] == finding.matched
