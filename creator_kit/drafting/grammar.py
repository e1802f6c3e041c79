"""What kind of words a topic or a point is, so that a frame puts a noun only where a noun may stand."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Literal

from creator_kit.text.segment import segment

TopicForm = Literal["np", "vp", "clause", "question", "latin"]
PhraseForm = Literal["np", "do", "dont", "clause"]

_HAN = re.compile(r"[\u3400-\u9fff]")
_QUESTION = re.compile(r"怎么|如何|为什么|为啥|什么|哪|吗$|吗？|[?？]|多少|几个|要不要|值不值|能不能")
_DONT = re.compile(r"^(?:千万)?(?:别|不要|不能|不建议|不用|避免|切忌|少买|少放|慎|勿)")
_DO = re.compile(r"^(?:先|把|按|让|记得|提前|直接|尽量)(?!的)")
# Someone, a time or a finished act: what was, not what to do. 就没了 is how things are.
_TELLS = re.compile(
    r"我|咱|(?<![吉其])[他她]|昨[天晚]|今[天晚年]|去年|上周|前几天|面试官|哈哈|[吗呢啊啦]|大家|[?？!！]$|过[，。]"
    r"|(?<!没)(?<!就行)了(?:$|[，。！～一])"
)
_ADVISES = re.compile(r"^(?:先|把|按|让|记得|提前|直接|尽量|选|用|带)|别|不要|不用|就行|就够|一定|最好|尽量|优先|再")
# Ends a second half that gives the reason of the first: the first alone still says the whole.
_REASON = re.compile(r"^(?:会|能|可以|省|不然|否则|免得|得|因为|就|才|别|不用|也|最|人少|人多|不)")


def find_topic_form(topic: str, *, nominal: Collection[str], acts: Collection[str]) -> TopicForm:
    """``np`` (番茄牛腩), ``vp`` (清洗银器), ``clause`` (旧手机当监控), ``question`` (羽绒服怎么选) or ``latin``.

    A verb is what one does only where it stands in ``acts``: 显高 in 显高牛仔裤 tells a quality, so that is a noun.
    ``nominal`` are words that look like verbs and are names (考研英语, 记账模板). What follows 的 is the head: a noun.
    """
    if not _HAN.search(topic):
        return "latin"
    if is_question(topic):
        return "question"
    words = [token for token in segment(topic) if token.kind in ("word", "latin", "number")]
    if topic.startswith(tuple(acts)) and not topic.startswith(tuple(nominal)):
        return "vp" if len(words) > 1 and words[-1].pos[:1] in ("n", "r", "j", "e", "z") else "np"
    if "的" in topic[1:-1]:
        return "np"
    # An act amid the topic has something before it and something after it; one of three characters (背单词) has both.
    acting = {token.text for token in words[1:-1]} | {token.text for token in words[1:] if len(token.text) == 3}
    acting -= set(nominal)
    return "clause" if acting & {*acts, "当"} else "np"


def is_event(topic: str, form: str, acts: Collection[str]) -> bool:
    """Whether a topic names something done, so that there is a before and after: 简历修改, 带爸妈去西安, 第一次献血."""
    if form in ("vp", "clause"):
        return True
    if form != "np" or "的" in topic:
        return False
    if topic.endswith(tuple(act for act in acts if len(act) > 1)):
        return True
    words = segment(topic)
    return len(words) > 1 and words[-1].kind == "word" and words[-1].pos == "v"


def find_phrase_form(text: str) -> PhraseForm:
    """``dont`` (别用钢丝球), ``do`` (先留白再贴贴纸), else ``clause``; figures and prices are ``np`` by their role.

    Only what its first word shows: a verb at the front may as well begin a name (错三次的词).
    """
    if _DONT.match(text):
        return "dont"
    return "do" if _DO.match(text) else "clause"


def may_cut(first: str, rest: str) -> bool:
    """Whether the first half of a point may stand alone: not one side of a pair (早上背新词，睡前只复习)."""
    rest = rest.strip()
    if _REASON.match(rest):
        return True
    return abs(len(first) - len(rest)) > 1 or bool(_DONT.match(first))


def teaches(points: Sequence[str], is_named: bool) -> bool:
    """Whether ``points`` say what to do rather than what happened, so that a frame may call them tips or advice.

    Where nothing names a method (``is_named``), a third of them has to say so. No points speak against nothing.
    """
    n_told = sum(bool(_TELLS.search(point)) for point in points)
    if 3 * n_told > len(points):
        return False
    return is_named or (bool(points) and 3 * sum(bool(_ADVISES.search(point)) for point in points) >= len(points))


def says_something(clause: str) -> bool:
    """Whether half of a point says something by itself: it has a verb or a quality, not names alone (上午开元寺)."""
    return any(token.pos[:1] in ("v", "a", "d", "p", "z", "i", "l") for token in segment(clause))


def is_question(text: str) -> bool:
    """Whether ``text`` asks."""
    return bool(_QUESTION.search(text))
