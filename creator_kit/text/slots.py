"""Slot types: what a filling is (a price, an audience, a place …), and where typed expressions lie in a text.

A number and its unit are one filling ("5支", "158cm", "30天"); a run of emoji is one filling.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from creator_kit.text.emoji import EMOJI_RE
from creator_kit.text.segment import Token, segment

# type → (Chinese, English) name.
SLOT_TYPES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "number": ("数字", "number"),
        "ordinal": ("第几", "ordinal"),
        "price": ("价格", "price"),
        "duration": ("时长", "duration"),
        "age": ("年龄", "age"),
        "size": ("身高/尺寸/重量", "height, size or weight"),
        "count_unit": ("数量", "count with its unit"),
        "time": ("时间", "point in time"),
        "place": ("地点", "place"),
        "audience": ("人群", "audience"),
        "scenario": ("场景", "scenario"),
        "topic": ("主题", "topic"),
        "adjective": ("形容", "adjective"),
        "verb_phrase": ("动作", "verb phrase"),
        "phrase": ("内容", "phrase"),
        "emoji": ("表情", "emoji"),
    }
)

_DIGITS = r"[0-9０-９]+(?:[.．,][0-9０-９]+)*"
# "一" is left out: 一个, 一下, 一篇 are words of the frame far more often than counts.
_HAN = r"(?:[二三四五六七八九十百千两几]|十[一二三四五六七八九])+"
_SOME = rf"(?:{_DIGITS}\+?|{_HAN})"
_COUNT = (
    "个|款|支|条|道|种|件|本|张|招|步|套|家|首|部|篇|页|句|位|双|只|盒|瓶|杯|碗|样|类|项|组|遍|次(?!元)|倍"
    "|节课|题|集|期|段|颗|把|台|份|人(?=食|份|$)"
)
_TYPED: tuple[tuple[str, str], ...] = (
    # [飞吻R] is how exports spell the platform's own stickers.
    ("emoji", rf"(?:{EMOJI_RE.pattern}|\[[\u4e00-\u9fff]{{1,4}}R\])+"),
    ("ordinal", rf"第\s?(?:{_DIGITS}|{_HAN})(?:天|次|期|集|章|周|年|名|个月|个|弹|课|步|节|单元|回|篇|部|家)?"),
    ("price", rf"[¥￥$]\s?{_DIGITS}|{_DIGITS}(?:万元|元|块钱|块|美元|刀)|{_HAN}(?:元|块钱)"),
    (
        "duration",
        rf"{_SOME}(?:个?小时|分钟|秒钟?|天|周(?!年|岁)|星期|个半?月|个学期)|{_HAN}年(?!级)|[0-9]{{1,2}}年(?!级|前期)"
        r"|一个半?月|一年(?![级一四])|一周(?![年岁])|一个?小时|半年|半个?月|半个?小时|半天"
        r"|[0-9]+(?:min|h)\b",
    ),
    (
        "time",
        r"(?:19|20)[0-9]{2}(?:年(?!级)|(?![0-9]))|[0-9]{1,2}月(?:[0-9]{1,2}[日号]?)?|[0-9]{1,2}[日号](?!线)|[0-9]{1,2}点半?",
    ),
    ("age", rf"{_SOME}岁"),
    ("size", rf"{_DIGITS}\s?(?:cm|mm|kg|ml|CM|KG|ML|厘米|毫升|公斤|斤|克|寸|平米|平|㎡|码|米|[gLm](?![A-Za-z]))"),
    ("count_unit", rf"{_SOME}\s?(?:{_COUNT})"),
    ("number", rf"{_DIGITS}(?:[%％+]|[wW万kK千](?![a-zA-Z]))?"),
)

# What a filling of the type must look like where the type can be told by form alone; other types take any text.
SLOT_PATTERNS: Mapping[str, str] = MappingProxyType({name: f"(?:{pattern})" for name, pattern in _TYPED})

_FINDER = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _TYPED))
_WHOLE = {name: re.compile(pattern) for name, pattern in _TYPED}

_AUDIENCE_END = re.compile(
    r"(?:党|人|们|妹|姐|女生|男生|女孩|男孩|女|男|宝宝|宝妈|妈|爸|家长|学生|新手|小白|星人|选手|同学|老师|er|小个子|姐妹|朋友"
    r"|闺蜜|情侣|皮|肌|族|孩子|娃|应届生|毕业生|博主|创业者|程序员|演员|员工|大一|高一|高二|高三|初三|研一)$"
)
_SCENARIO_END = re.compile(
    r"(?:时|场景|通勤|约会|聚会|旅行|出游|露营|面试|考试|搬家|早八|加班|换季|开学|毕业|婚礼|过年|相亲|上班|下班|周末|独居|租房"
    r"|一人食|早餐|晚餐|夜宵|生日|年会|出差|备考|备孕|减脂|健身)$"
)


def find_typed(text: str) -> list[tuple[int, int, str]]:
    """Expressions whose form gives their type, left to right: ``[(start, end, type), ...]``, none overlapping."""
    return [(match.start(), match.end(), str(match.lastgroup)) for match in _FINDER.finditer(text)]


def type_slot(filling: str | Sequence[Token]) -> str:
    """The slot type of a filling, one of ``SLOT_TYPES``; "phrase" when nothing tells ("" included).

    Form decides first (numbers with units, emoji), then a small reviewed list of endings (人群, 场景),
    then the parts of speech: a place name, an adjective, something that starts with a verb, a noun.
    """
    if isinstance(filling, str):
        text, tokens = filling, None
    else:
        text, tokens = "".join(token.text for token in filling), list(filling)
    text = text.strip()
    for name, pattern in _WHOLE.items():
        if pattern.fullmatch(text):
            return name
    words = [token for token in (segment(text) if tokens is None else tokens) if token.kind not in ("space", "punct")]
    words = [token for token in words if token.kind != "emoji"]
    if not words:
        return "phrase"
    return type_words(text, [(token.text, token.pos) for token in words])


def type_words(text: str, words: Sequence[tuple[str, str]]) -> str:
    """``type_slot`` for a text whose words (with jieba's flags) are known and which is no typed expression."""
    core = "".join(word for word, _ in words)
    if any(mark in text for mark in "，。！？,!?；;：:｜|～~…"):
        return "phrase"
    if len(words) <= 3 and len(core) <= 6:
        if _AUDIENCE_END.search(core):
            return "audience"
        if _SCENARIO_END.search(core):
            return "scenario"
    last, first = words[-1][1], words[0][1]
    if all(pos.startswith("ns") for _, pos in words):
        return "place"
    if last in ("t", "tg") and len(words) == 1:
        return "time"
    if len(words) <= 2 and last.startswith(("a", "z", "b", "i", "l")) and not last.startswith("an"):
        return "adjective"
    if len(words) > 5:
        return "phrase"
    if first.startswith("v") and first not in ("vn",) and len(words) <= 5 and last not in ("y", "ul", "uj"):
        return "verb_phrase" if len(words) > 1 or not last.startswith("n") else "topic"
    if last.startswith(("n", "eng", "j", "vn", "x", "an")) or (len(words) == 1 and last.startswith("v")):
        return "topic"
    return "phrase"
