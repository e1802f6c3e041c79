"""Where a Chinese title may break: between phrases, never inside a word, a number with its unit, a bracket
pair or an emoji sequence, and never against the rules for the start and the end of a line (禁则).

``split_pieces`` cuts a text into pieces that stay whole, each with the cost of ending a line after it;
``break_pieces`` finds the cheapest, most even set of lines for given widths.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from creator_kit.text.segment import Token, segment

NEVER = float("inf")
# A bracket pair wider than this (in full-width cells) may break between its phrases: no cover could hold it whole.
MAX_WHOLE_BRACKET_CELLS = 10.0

_MAX_WORD_CHARACTERS = 8  # the longest words of the dictionary that titles use are idioms and place names of eight

# 行首禁则 and 行尾禁则, as in CLREQ, with the marks that titles on the platform use.
NO_LINE_START = frozenset("，。、；：！？）】」』》〉”’…—～·％‰℃°,.;:!?)]}%~-+&/@*+×")
NO_LINE_END = frozenset("（【「『《〈“‘([{#＃￥¥$€£@第&/+×-")
# Marks that separate two halves of a title; at a line's end the break does their work and they are not drawn.
SEPARATORS = frozenset("｜|丨 \u3000\t")
_CLOSER = {
    "（": "）",
    "【": "】",
    "「": "」",
    "『": "』",
    "《": "》",
    "〈": "〉",
    "“": "”",
    "‘": "’",
    "(": ")",
    "[": "]",
}
_JOINERS_OF_NUMBERS = frozenset("-–~～/:：.．,+×x*%％")
_UNITS = frozenset(
    "块元角分万千百亿个只支条款天年月日号岁秒点种步招杯斤克米件套口瓶次遍人位家周季度寸折倍层套颗粒片张本部集篇页字句"
    "节课堂期级星两双顿餐道盘碗包盒袋箱台辆间室厅平里公时刻小名名成"
)
_UNIT_WORDS = frozenset(("小时", "分钟", "公里", "公斤", "平米", "平方", "毫升", "厘米", "毫米", "个月", "年级", "多"))
# Words that lean on what follows: a line that ends with one reads as if it had been cut.
_LEANS_RIGHT = frozenset(
    "不没最太很更别都就还再把被让从在和与跟对给为比向到是也又才只真超好能要会想敢该每各这那哪某几第有用按以于并及或但却"
)
_LEANS_LEFT = frozenset("的地得了着过吗呢吧啊呀哦啦嘛么们哒滴惹子儿")
_PARTICLES = tuple("的得了着过吗呢吧啊呀啦嘛")
_CONJUNCTIONS = frozenset(
    ("和", "与", "跟", "及", "或", "但", "却", "而", "所以", "因为", "但是", "如果", "还是", "以及")
)
_MILD = 0.15


@dataclass(frozen=True, slots=True)
class Piece:
    """``text`` stays on one line. ``break_cost`` (0 free … 1 ugly) is paid for ending a line after it.

    ``separator`` follows the text when the line goes on and is not drawn when the line ends here;
    ``run_on_cost`` is paid when the line does go on although a clause or one half of a title ends here.
    """

    text: str
    break_cost: float
    separator: str = ""
    run_on_cost: float = 0.0


def split_pieces(text: str) -> tuple[Piece, ...]:
    """Pieces of ``text`` in order; ``"".join(p.text + p.separator)`` is the text without its outer spaces."""
    return _split_pieces(text.strip())


@lru_cache(maxsize=4096)
def _split_pieces(text: str) -> tuple[Piece, ...]:
    tokens = [part for token in segment(text) for part in _split_overlong(token)]
    if not tokens:
        return ()
    held = _held_by_brackets(tokens)
    pieces: list[Piece] = []
    current = ""
    for i, token in enumerate(tokens):
        following = tokens[i + 1] if i + 1 < len(tokens) else None
        current += token.text
        if following is None:
            pieces.append(Piece(current, 0.0))
            break
        cost = NEVER if held[i] else _break_cost(tokens, i)
        if cost != NEVER:
            body = current.rstrip("".join(SEPARATORS))
            if not body:  # nothing but separators so far: they lead the next piece
                continue
            separator = current[len(body) :]
            pieces.append(Piece(body, cost, separator, _run_on_cost(body, separator)))
            current = ""
    return tuple(pieces)


def _split_overlong(token: Token) -> Iterator[Token]:
    """Character by character where no dictionary has the run as one word (一二三四五六七八九十, 啊啊啊啊啊啊啊啊啊)."""
    if token.kind != "word" or len(token.text) <= _MAX_WORD_CHARACTERS:
        yield token
        return
    for i, char in enumerate(token.text):
        yield Token(char, token.start + i, "word", "x")


def count_cells(text: str) -> float:
    """Width of ``text`` in full-width cells (2 Latin letters = 1); for texts that are not measured yet."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WFA" else 0.5 for char in text)


def _held_by_brackets(tokens: Sequence[Token]) -> list[bool]:
    """For each token whether a bracket pair that must stay whole continues after it."""
    held = [False] * len(tokens)
    for i, token in enumerate(tokens):
        closer = _CLOSER.get(token.text)
        if closer is None:
            continue
        end = next((j for j in range(i + 1, len(tokens)) if tokens[j].text == closer), None)
        if end is None:
            continue
        inside = "".join(token.text for token in tokens[i + 1 : end])
        if count_cells(inside) <= MAX_WHOLE_BRACKET_CELLS:
            held[i:end] = [True] * (end - i)
    return held


def _break_cost(tokens: Sequence[Token], i: int) -> float:
    """The cost of a break between tokens ``i`` and ``i + 1``."""
    left, right = tokens[i], tokens[i + 1]
    if _is_forbidden(tokens, i):
        return NEVER
    if left.text[-1] in SEPARATORS:
        before = tokens[i - 1] if i else left
        # A space between two Latin words or before a number ("iPhone 15") holds them a little; a bar never does.
        if left.kind == "space" and before.kind in ("latin", "number") and right.kind in ("latin", "number"):
            return 0.35
        return 0.0
    if left.kind == "punct":
        return 0.0 if left.text in "，。！？；：…～!?,;" else 0.1
    if left.kind == "emoji":
        return 0.4 if right.kind == "emoji" else 0.05
    if left.kind != "word" or right.kind != "word":
        return _mixed_cost(left, right)
    return _word_cost(left, right)


def _run_on_cost(body: str, separator: str) -> float:
    if separator.strip():
        return 0.5
    return 0.2 if body[-1] in "，。！？；：…!?" else 0.0


def _is_forbidden(tokens: Sequence[Token], i: int) -> bool:
    left, right = tokens[i], tokens[i + 1]
    if right.text[0] in SEPARATORS or right.text[0] in NO_LINE_START or unicodedata.combining(right.text[0]):
        return True
    if left.text[-1] in NO_LINE_END and not (left.text in "-&/+×@" and i and tokens[i - 1].kind == "word"):
        return True
    if right.kind == "emoji":
        return left.kind != "emoji"  # an emoji belongs to what it comments on, which stands before it
    is_particle = right.text[0] in _LEANS_LEFT and (len(right.text) == 1 or right.pos.startswith(("u", "y")))
    if right.kind == "word" and is_particle and (left.kind != "punct" or left.text in _CLOSER.values()):
        return True
    if left.kind == "number":
        return right.kind in ("latin", "number") or _is_unit(right)
    if right.kind == "number":
        after_latin = left.kind == "latin"
        joined = left.text in _JOINERS_OF_NUMBERS and i > 0 and tokens[i - 1].kind == "number"
        return after_latin or joined or left.text in ("第", "NO.", "No.")
    if left.kind == "word" and right.kind == "word":
        if left.pos == "m" and (right.pos == "q" or _is_unit(right)):
            return True
        return right.pos in ("f", "q", "k") and len(right.text) == 1
    return False


def _is_unit(token: Token) -> bool:
    return token.kind == "word" and (
        token.pos in ("q", "m") or token.text[0] in _UNITS or token.text.startswith(tuple(_UNIT_WORDS))
    )


def _mixed_cost(left: Token, right: Token) -> float:
    if left.kind == "word" and (left.text in _LEANS_RIGHT or left.pos in ("p", "c")):
        return 0.7
    if left.kind == "word" and len(left.text) == 1:
        return 0.5
    return 0.3 if right.kind == "word" and len(right.text) == 1 else 0.2


def _word_cost(left: Token, right: Token) -> float:
    if right.text in _CONJUNCTIONS and left.text not in _LEANS_RIGHT:
        return 0.1
    if left.text in _LEANS_RIGHT or (len(left.text) == 1 and left.pos in ("p", "c", "d")):
        return 0.9
    if left.text.endswith(_PARTICLES) or left.pos.startswith(("u", "y")):
        return 0.05 if right.pos[:1] not in ("u", "y") else 0.5
    cost = _MILD
    pair = left.pos[:1] + right.pos[:1]
    if pair in ("nn", "an", "bn", "vn", "jn", "zn"):
        cost = 0.4  # a compound noun, or a verb and its object
    elif left.pos[:1] in ("d", "p", "c", "m", "r"):
        cost = 0.45
    elif left.pos[:1] == "q":
        cost = 0.2
    if len(left.text) == 1:
        cost += 0.3
    if len(right.text) == 1:
        cost += 0.25
    return min(cost, 1.0)


@dataclass(frozen=True, slots=True)
class Break:
    """Lines as ``(first, last + 1)`` indices of pieces, and the cost of this set of lines (0 is perfect)."""

    spans: tuple[tuple[int, int], ...]
    cost: float


def break_pieces(
    widths: Sequence[float],
    separator_widths: Sequence[float],
    costs: Sequence[float],
    run_on_costs: Sequence[float],
    *,
    max_width: float,
    n_lines: int,
) -> Break | None:
    """The best break of pieces into exactly ``n_lines`` lines none wider than ``max_width``; None if there is none.

    ``widths`` are the pieces' own, ``separator_widths`` count only where a line goes on after a piece, ``costs``
    are their ``break_cost``. Minimises Σ ((line − mean) / mean)² + Σ break and run-on costs by dynamic programming;
    of equal costs the one with the earlier breaks wins, so the result depends on nothing else.
    """
    n = len(widths)
    if n_lines < 1 or n_lines > n:
        return None
    starts = [0.0]
    for width, separator in zip(widths, separator_widths, strict=True):
        starts.append(starts[-1] + width + separator)
    mean = (starts[n] - separator_widths[n - 1]) / n_lines or 1.0
    best: list[tuple[float, tuple[int, ...]] | None] = [None] * (n + 1)
    best[0] = (0.0, ())
    for line in range(1, n_lines + 1):
        following: list[tuple[float, tuple[int, ...]] | None] = [None] * (n + 1)
        ends = range(n, n + 1) if line == n_lines else range(line, n - (n_lines - line) + 1)
        for end in ends:
            for start in range(end - 1, line - 2, -1):
                width = starts[end] - separator_widths[end - 1] - starts[start]
                if width > max_width:
                    break
                before = best[start]
                if before is None:
                    continue
                cost = before[0] + ((width - mean) / mean) ** 2 + (costs[end - 1] if end < n else 0.0)
                cost += sum(run_on_costs[start : end - 1])
                candidate = (cost, (*before[1], end))
                known = following[end]
                if known is None or candidate < known:
                    following[end] = candidate
        best = following
    found = best[n]
    if found is None:
        return None
    edges = (0, *found[1])
    return Break(tuple(pairwise(edges)), found[0])


def break_lines(text: str, *, max_cells: float, max_lines: int = 8) -> list[str] | None:
    """``text`` in as few even lines as fit into ``max_cells`` full-width cells; None when it cannot be done."""
    pieces = split_pieces(text)
    widths = [count_cells(piece.text) for piece in pieces]
    separators = [count_cells(piece.separator) for piece in pieces]
    costs = [piece.break_cost for piece in pieces]
    run_ons = [piece.run_on_cost for piece in pieces]
    for n_lines in range(1, max_lines + 1):
        found = break_pieces(widths, separators, costs, run_ons, max_width=max_cells, n_lines=n_lines)
        if found is not None:
            return [join_line(pieces[first:last]) for first, last in found.spans]
    return None


def join_line(pieces: Sequence[Piece]) -> str:
    """The text of one line: separators between its pieces, none after the last."""
    return "".join(piece.text + piece.separator for piece in pieces[:-1]) + pieces[-1].text
