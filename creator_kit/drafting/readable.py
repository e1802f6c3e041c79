"""Whether a title can be read: no doubled words, particles or marks."""

from __future__ import annotations

import re
from operator import add

_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_BROKEN = re.compile(
    r"的的|了了|，，|｜｜|[，｜、：]$|^[，｜、：]|[？！][，｜～…：]|[：，。][｜！？，。]|？！|！？|-[一—]|的[^，｜？！：]{0,8}的"
    # Superlatives are for the brief's body at most: the advertising law forbids them where they sell.
    r"|最(?:好|佳|优|强|高级|便宜|低价|权威|有效|安全|正宗)|全网|唯一|顶级|史上"
)
_DOUBLED = re.compile(r"(.{2,})\1")
_CLAUSE_MARK = re.compile(r"[｜，？！：]")


def count_repeats(title: str) -> int:
    """How many two-character pieces of the title come twice (番茄牛腩牛腩: 1, 清洗清洗: 2 …)."""
    pieces = [pair for run in _HAN_RUN.findall(title) for pair in map(add, run, run[1:])]
    return len(pieces) - len(set(pieces))


def find_stumbles(title: str) -> int | None:
    """The repeats (``count_repeats``) of a title that can be read; None for one that cannot."""
    if not title or title.isspace() or _BROKEN.search(title):
        return None
    if len(set(map(add, title, title[1:]))) == len(title) - 1:
        return 0  # no pair of characters comes twice, so nothing can be doubled
    n_repeats = count_repeats(title)
    # 番茄牛腩｜番茄去皮 is how people talk; 清洗银器的清洗 is not.
    if n_repeats > (1 if n_repeats and _CLAUSE_MARK.search(title) else 0) or _DOUBLED.search(title):
        return None
    return n_repeats
