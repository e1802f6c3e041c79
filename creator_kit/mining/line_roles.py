"""What each line of a body does: one role a line, by rules on its form, its neighbours and its place.

The same body always gets the same roles. The rules were written by reading; how often they agree with
hand-labelled lines is measured in ``tests/mining/test_line_roles.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from creator_kit.text.emoji import EMOJI_RE
from creator_kit.text.slots import SLOT_PATTERNS

Role = Literal[
    "hook", "context", "heading", "numbered", "step", "bullet", "price", "tip", "question", "cta", "tags", "blank"
]
ROLES: tuple[Role, ...] = get_args(Role)

_TAG = re.compile(r"[#＃][^\s#＃]{1,40}(?:\[话题\])?[#＃]?")
_NUMBERED = re.compile(
    r"\s*(?:[0-9]{1,2}(?:[.、)）:：](?![0-9])|[ \u3000]+(?=\S)|\ufe0f?\u20e3)|🔟|[①-⑳❶-❿]"
    r"|[（(][0-9一二三四五六七八九十]{1,2}[)）]"
    r"|[一二三四五六七八九十]{1,2}[、.．]|[Pp](?:art|ART)\s?[0-9]|(?:[0-9]{1,2})[:：][0-5][0-9](?=\s))"
)
_STEP = re.compile(r"\s*(?:第[一二三四五六七八九十0-9]+步|[Ss](?:tep|TEP)\s*[0-9])")
_STEP_HEADING = re.compile(r"步骤|流程|做法|方法[：:]|怎么做|过程|操作|教程")
_IN_ORDER = re.compile(r"先|再|然后|接着|最后|下锅|小火|倒入|加入|撒|搅|切|泡|煮|炒|涂|抹|折|剪|下载|打开|点击")
_BULLET = re.compile(rf"\s*(?:{EMOJI_RE.pattern}|\[[\u4e00-\u9fff]{{1,4}}R\]|[-–—•·▪▫●○◆◇■□★☆✓✔√*]\s?(?=\S))")
_PRICE = re.compile(SLOT_PATTERNS["price"] + r"|[0-9]+\s?[rR](?![a-zA-Z])")
_MONEY = re.compile(r"合计|总共|一共|共计|人均|总价|花费|价格|预算|均价|费用|成本|💰|[¥￥]")
_TIP = re.compile(
    r"记得|注意|千万|一定要|建议|切记|务必|别忘|提醒|小贴士|[Tt]ips?|避雷|避坑|尽量|不要|不用|别(?!人|的|墅|致|说|有|处)|最好|关键是"
)
_CTA = re.compile(
    r"评论|留言|关注|点赞|点个赞|收藏|私信|告诉我|说说|说一下|聊聊|报个到|来打卡|蹲一|戳|说一个|给我(?:一个|个|说)|分享给|转给|交作业|来一起|一起来|冲鸭|求.{0,12}(?:推荐|办法|建议)"
    r"|举个?手|(?:^|[。，！])有没有.{0,14}(?:的|吗)|欢迎|链接|主页"
)
_ASK = re.compile(r"(?:[?？]|吗|呢)[。!！~～\s]*$")
_DECORATION = re.compile(rf"(?:{EMOJI_RE.pattern}|\[[\u4e00-\u9fff]{{1,4}}R\]|[\s\u200b\ufeff\u2800·.。—\-_=~～*|])+")

_MAX_HEADING, _MAX_ASIDE = 16, 70
_N_CLOSING = 3


@dataclass(frozen=True, slots=True)
class TaggedLine:
    """One line with its line break; joined, the lines give the body again."""

    text: str
    role: Role


def tag_lines(body: str) -> list[TaggedLine]:
    """Every line of ``body`` with exactly one role; [] for an empty body."""
    lines = re.findall(r"[^\n]*\n|[^\n]+\Z", body)
    roles: list[Role | None] = [_by_form(line) for line in lines]
    said = [number for number, role in enumerate(roles) if role not in ("blank", "tags")]
    for place, number in enumerate(said):
        if roles[number] is None and _begins_bullet(lines, said, place):
            roles[number] = "bullet"
    for place, number in enumerate(said):
        if roles[number] is None:
            roles[number] = _by_place(lines, roles, said, place)
    _mark_steps(lines, roles, said)
    return [TaggedLine(line, role or "context") for line, role in zip(lines, roles, strict=True)]


def _by_form(line: str) -> Role | None:
    text = line.strip()
    if not _DECORATION.sub("", text):
        return "blank"
    if _TAG.match(text) and not _DECORATION.sub("", _TAG.sub("", text)):
        return "tags"
    if _STEP.match(text):
        return "step"
    return "numbered" if _NUMBERED.match(text) and len(text) > 2 else None


def _begins_bullet(lines: list[str], said: list[int], place: int) -> bool:
    """An emoji or a dash begins a list only beside another line that begins so."""
    if not _BULLET.match(lines[said[place]]):
        return False
    beside = [said[other] for other in (place - 1, place + 1) if 0 <= other < len(said)]
    return any(_BULLET.match(lines[other]) is not None for other in beside)


def _by_place(lines: list[str], roles: list[Role | None], said: list[int], place: int) -> Role:
    text = _TAG.sub("", lines[said[place]]).strip()
    following = roles[said[place + 1]] if place + 1 < len(said) else None
    core = _DECORATION.sub("", text)
    if place > 0 and len(core) <= 40 and _MONEY.search(text) and (_PRICE.search(text) or "💰" in text):
        return "price"
    is_title = text.endswith((":", "：")) or (text.startswith("【") and text.endswith("】"))
    if place > 0 and is_title and len(core) <= 2 * _MAX_HEADING:
        return "heading"
    if (
        place > 0
        and len(core) <= _MAX_HEADING
        and following in ("numbered", "step", "bullet")
        and text[-1] not in "。！!"
    ):
        return "heading"
    if place == 0:
        return "hook"
    is_closing = place >= len(said) - _N_CLOSING
    if _ASK.search(text) and (is_closing or len(core) <= _MAX_ASIDE):
        return "question"
    if is_closing and len(core) <= 2 * _MAX_ASIDE and _CTA.search(text):
        return "cta"
    if len(core) <= _MAX_ASIDE and _TIP.search(text):
        return "tip"
    return "context"


def _mark_steps(lines: list[str], roles: list[Role | None], said: list[int]) -> None:
    """A numbered run is steps where its heading says so, or where half of its lines tell an order of acts."""
    place = 0
    while place < len(said):
        if roles[said[place]] != "numbered":
            place += 1
            continue
        end = place
        while end < len(said) and roles[said[end]] == "numbered":
            end += 1
        run = said[place:end]
        before = lines[said[place - 1]] if place else ""
        n_ordered = sum(_IN_ORDER.search(lines[number]) is not None for number in run)
        if (len(before) <= 40 and _STEP_HEADING.search(before)) or (len(run) >= 3 and 2 * n_ordered >= len(run)):
            for number in run:
                roles[number] = "step"
        place = end


def outline(lines: list[TaggedLine]) -> tuple[Role, ...]:
    """The shape of a body: its roles in the order of their first line; blank lines and headings say no more."""
    return tuple(dict.fromkeys(line.role for line in lines if line.role not in ("blank", "heading")))
