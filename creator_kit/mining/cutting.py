"""A title cut into tokens: typed expressions, topics, words, marks; the tokens join to the title."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from creator_kit.text.segment import segment_batch
from creator_kit.text.slots import find_typed

# Exports write these where a person's name stood.
PLACEHOLDERS = frozenset({"@用户", "[作者]"})


def is_mark(text: str) -> bool:
    """Whether ``text`` is punctuation or another sign that is no letter, digit or blank."""
    return bool(text.strip()) and not any(map(str.isalnum, text))


def cut_title(title: str, topical: frozenset[str] = frozenset()) -> list[tuple[str, str, str]]:
    """``[(text, kind, pos)]`` of one title; kind is a slot type for typed expressions, else a token kind."""
    return cut_titles([title], topical)[0]


def cut_titles(titles: Sequence[str], topical: frozenset[str] = frozenset()) -> list[list[tuple[str, str, str]]]:
    """``cut_title`` for many titles: kinds are ``topic`` for a text in ``topical``, a typed slot's name
    (``duration`` …), or ``word``, ``latin``, ``punct``, ``space``. The texts join to the title."""
    finder = make_topic_finder(topical | PLACEHOLDERS)
    plans: list[list[tuple[str, str]]] = []
    for title in titles:
        plan: list[tuple[str, str]] = []
        here = 0
        for start, end, kind in _spans(title, finder):
            if start > here:
                plan.append((title[here:start], ""))
            plan.append((title[start:end], kind))
            here = end
        if here < len(title):
            plan.append((title[here:], ""))
        plans.append(plan)
    cut = iter(segment_batch([piece for plan in plans for piece, kind in plan if not kind]))
    out: list[list[tuple[str, str, str]]] = []
    for plan in plans:
        row: list[tuple[str, str, str]] = []
        for piece, kind in plan:
            if kind == "count_unit" and (counted := _COUNTED.fullmatch(piece)):
                # The classifier is grammar, and so frame; units of measure belong to their quantity (30天, 155cm).
                row += [(counted[1], "number", ""), (counted[2], "word", "q")]
                continue
            if kind:
                row.append((piece, kind, ""))
                continue
            for token in next(cut):
                text = token[0]
                if len(text) > 1 and text[-1] == "到" and text not in _WITH_DAO:
                    # 从爬楼喘到…: jieba takes the preposition into the verb before it.
                    row += [(text[:-1], "word", token[2]), ("到", "word", "v")]
                elif row and token[1] == "punct" == row[-1][1] and token[0] == row[-1][0][-1]:
                    row[-1] = (row[-1][0] + token[0], "punct", "")  # ！！！ is one mark
                else:
                    row.append(token)
        out.append(row)
    return out


_COUNTED = re.compile(r"([0-9]+)([\u4e00-\u9fff]+)")
_WITH_DAO = frozenset(
    [
        "达到",
        "得到",
        "感到",
        "收到",
        "遇到",
        "遭到",
        "直到",
        "迟到",
        "报到",
        "周到",
        "独到",
        "等到",
        "听到",
        "看到",
        "见到",
        "想到",
        "碰到",
        "没想到",
    ]
)

Finder = Callable[[str], list[tuple[int, int]]]


def make_topic_finder(topical: frozenset[str]) -> Finder | None:
    if not topical:
        return None
    from ahocorasick_rs import AhoCorasick, MatchKind

    finder = AhoCorasick(sorted(topical), matchkind=MatchKind.LeftmostLongest)

    def find(title: str) -> list[tuple[int, int]]:
        lowered = title.lower()
        if len(lowered) != len(title):  # İ and its like change length
            return []
        return [
            (start, end)
            for _, start, end in finder.find_matches_as_indexes(lowered)
            # "ai" is not in "main": Latin topics are whole words.
            if not (_is_latin(lowered[start : start + 1]) and _is_latin(lowered[start - 1 : start] if start else ""))
            and not (_is_latin(lowered[end - 1 : end]) and _is_latin(lowered[end : end + 1]))
        ]

    return find


def _is_latin(character: str) -> bool:
    return character.isascii() and character.isalpha()


# A hashtag written into the title is filling whatever it says.
_HASHTAG = re.compile(r"#[^\s#@，。！？、｜|]+#?|#")


def _spans(title: str, finder: Finder | None) -> list[tuple[int, int, str]]:
    typed = find_typed(title)
    topics = [match.span() for match in _HASHTAG.finditer(title)] if "#" in title else []
    if finder is not None:
        found = finder(title)
        topics += [(a, b) for a, b in found if not any(start < b and a < end for start, end in topics)]
    # "cm" is no topic inside "155cm".
    topics = [(a, b) for a, b in topics if not any(x <= a and b <= y and b - a < y - x for x, y, _ in typed)]
    if not topics:
        return typed
    # A topic that holds a number ("web3", "155cm穿搭") is one filling; a typed piece inside it is dropped.
    spans = [(start, end, "topic") for start, end in topics]
    spans += [span for span in typed if not any(start < span[1] and span[0] < end for start, end in topics)]
    return sorted(spans)
