"""Text as an export carries it → text as a reader sees it.

What is done, the same for every format: HTML entities are resolved, ``#话题[话题]#`` becomes ``#话题``,
sticker codes such as ``[赞R]`` are removed, invisible characters (zero width, BOM, bidi marks, controls)
go, NBSP, tabs and the ideographic space become a plain space, runs of spaces and of empty lines shrink.
Emoji keep their joiners. All functions are idempotent and return "" for nothing.

Written for millions of notes: cheap questions first, patterns only where the answer asks for them.
"""

from __future__ import annotations

import html
import re

from creator_kit.text.length import TITLE_LIMIT, count_title_units

_SPACES = re.compile("[\t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
# Whatever ``_show`` may change, in one class: one scan spares nearly every text the others.
_ODD = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\xa0\xad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000"
    "\ud800-\udfff\ufeff\uf0b7\ufff9-\ufffb\ufffe\uffff]"
)
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8}[0-9]{0,2});")
# A joiner is part of an emoji only between two of them (👩‍💻); left of a variation selector or a skin tone it is too.
_EMOJI_PART = "\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_STRAY_JOINER = re.compile(f"(?<![{_EMOJI_PART}\ufe0f])\u200d|\u200d(?![{_EMOJI_PART}])")

# [赞R] and [扯脸H] are the platform's own; the rest are what its keyboard and WeChat's paste as words.
_STICKER = re.compile(
    r"\[(?:[\u3400-\u9fff]{1,7}[RH]"
    r"|doge|Doge|Smirk|微笑|捂脸|强|喜欢|奸笑|偷笑|得意|机智|胜利|太阳|转圈|睡觉|装酷|色|抠鼻|玫瑰|嘿哈|泪|调皮|爱心"
    r"|再见|并不简单|快哭了|碰拳|愉快|拥抱|思考|呲牙|流泪|奋斗|委屈|跳跳|舔屏|吃瓜|鄙视|握手|炸弹|庆祝|大哭|笑哭)\]"
)
_TOPIC_MARK = "[话题]#"
_TOPIC_MARK_ALONE = re.compile(r"\[话题\]#?")
_TOPIC = re.compile(r"#([^#\[\]\n]{1,60})\[话题\]")
_PLAIN_TOPIC = re.compile(r"(?<![#\w&/])#([^\s#@,，。.!！?？;；:：、\[\]()（）]{1,40})")
# A topic or sticker code that the export cut in the middle.
_DANGLING = re.compile(r"\[[\u3400-\u9fff]{0,7}[RH]?$")
_CUT_END = re.compile(r"(?:\.{3}|…{1,2}|\.{3}展开|…展开|展开全文|…全文|\.{3}全文|查看全文)$")
# Where scrapers and vendors cut: desc[:n]. An author who ends with dots hits one of these lengths by accident only.
_CUT_LENGTHS = frozenset({50, 60, 80, 100, 120, 128, 140, 150, 200, 250, 255, 256, 300, 400, 500, 512, 800, 1000})


def clean_line(text: str) -> str:
    """``text`` on one line: a title, a topic, a keyword."""
    if not text.isprintable() or "[" in text or "&" in text:
        text = _plain(text).replace("\n", " ")
    while "  " in text:
        text = text.replace("  ", " ")
    return text.strip()


def clean_body(text: str) -> str:
    """``text`` with its lines kept: no trailing spaces, at most one empty line in a row."""
    text = _plain(text)
    while "  " in text:
        text = text.replace("  ", " ")
    if " \n" in text:
        text = text.replace(" \n", "\n")
    if "\n " in text:
        text = text.replace("\n ", "\n")
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text.strip()


def _plain(text: str) -> str:
    while "&" in text and (resolved := _ENTITY.sub(_resolve, text)) != text:
        text = resolved
    if "[" in text:
        # Most brackets end a topic before the next one, or at the end, where the callers trim.
        text = text.replace(_TOPIC_MARK + " ", " ").removesuffix(_TOPIC_MARK)
        if "[" in text:
            text = _drop_codes(text.replace(_TOPIC_MARK, " "))
    odd = _ODD.search(text)
    if odd is not None and odd.group() == "\t":  # nearly always the only kind there is
        text = text.replace("\n\t\n", "\n\n").replace("\t", " ")
        odd = _ODD.search(text)
    if odd is not None:
        text = _show(text)
        if "[" in text:
            text = _drop_codes(text)  # an invisible character may have sat inside a code
    return text


def _show(text: str) -> str:
    """``text`` with invisible characters dropped, and every kind of space and line end as the plain one."""
    for common in ("\ufeff", "\u200b"):
        if common in text:
            text = text.replace(common, "")
    text = _SPACES.sub(" ", _BREAKS.sub("\n", _INVISIBLE.sub("", text)))
    if "\u200d" in text:
        while (joined := _STRAY_JOINER.sub("", text)) != text:
            text = joined
    return text.replace("\uf0b7", "•")


def _drop_codes(text: str) -> str:
    while "[" in text:
        shorter = _TOPIC_MARK_ALONE.sub(" ", text) if "[话题]" in text else text
        shorter = _STICKER.sub("", shorter)
        if shorter == text:
            break
        text = shorter  # removing one code can join the halves of another
    return text


def _resolve(match: re.Match[str]) -> str:
    return html.unescape(match.group())


def find_topics(text: str) -> tuple[str, ...]:
    """The topics inside an uncleaned ``text``, in order, without "#".

    ``#话题[话题]#`` where the export marks them, else ``#话题`` up to the next space or punctuation.
    """
    if "#" not in text:
        return ()
    found = _TOPIC.findall(text) if "[话题]" in text else _PLAIN_TOPIC.findall(text)
    return unique_topics(found)


def unique_topics(names: list[str]) -> tuple[str, ...]:
    """``names`` cleaned, without "#", empties, bare numbers and repeats."""
    topics: dict[str, None] = {}
    for name in names:
        topic = clean_line(name).strip("#＃ ")
        if topic and not topic.isdigit():
            topics[topic] = None
    return tuple(topics)


_UNCOMPARED = re.compile(r"[\s#＃]+")


def is_body_prefix(title: str, body: str) -> bool:
    """Whether the cleaned ``title`` is only the beginning of the cleaned ``body``: the note has no title.

    Exports fall back to the first 50 or 255 characters. An author may repeat a real title as the first line
    too, so a title within the platform's limit counts only when it is the whole body.
    """
    if not title or not body or title.lstrip("#＃ ")[:1] not in body[:6]:
        return False
    head = _UNCOMPARED.sub("", title.rstrip(".… "))
    rest = _UNCOMPARED.sub("", body[: 4 * len(title) + 64])
    if not head or not rest.startswith(head):
        return False
    return head == rest.rstrip(".… ") or count_title_units(title) > TITLE_LIMIT


def is_cut(text: str) -> bool:
    """Whether an uncleaned ``text`` was cut by its export: ends inside a code, or in dots at a round length."""
    tail = text[-12:].rstrip()
    if "[" in tail and "]" not in tail[tail.rindex("[") :] and _DANGLING.search(tail):
        return True
    match = _CUT_END.search(tail)
    if match is None:
        return False
    kept = len(text.rstrip()) - len(match.group())
    return "展开" in match.group() or "全文" in match.group() or kept in _CUT_LENGTHS


def drop_dangling_code(text: str) -> str:
    """``text`` without the topic or sticker code that was cut at its end (``…好看[害羞R``)."""
    return _DANGLING.sub("", text) if "[" in text[-10:] else text
