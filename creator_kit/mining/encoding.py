"""Titles as rows of numbers: typed expressions and frequent words get an item number, everything else is filling.

What can be frame is decided by the data: a word that at least ``min_authors`` authors used in ``min_notes``
titles and that is not a topic. A word is a topic when the notes that carry it in the title name it as a
hashtag or keyword (its *tagness*), or name it inside one while it is at home in one context (source and
keyword) only: frames such as "谁懂啊" go with any tags anywhere, "高中物理" goes with its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from creator_kit.mining.engine import PARTITION_TITLES, Engine, LocalEngine
from creator_kit.mining.forms import load_places
from creator_kit.text.segment import segment_batch
from creator_kit.text.slots import find_typed

PAD, FILLING = -1, -2
BOS, EOS = 0, 1
MAX_TOKENS = 40  # with both ends; a title of 20 units has fewer
_BATCH = 4096
_TAGGED_SHARE = 0.3
HOME_SHARE = 0.85
MIN_FRAMED, FRAMED_SHARE = 5, 0.8
MIN_CONTEXT = 30  # titles that a context needs before it counts as one
_NAME_POS = ("nr", "ns", "nt", "nz", "eng")
_TOPIC_POS = ("n", "v", "j", "l", "b", "eng", "x")
_TELLING_POS = ("n", "v", "a", "i", "l", "z", "t", "j", "b")
# Exports write these where a person's name stood.
PLACEHOLDERS = frozenset({"@用户", "[作者]"})


@dataclass(frozen=True, slots=True)
class TitleRow:
    """One title on its way in: whose it is, what its note is about (lower-case tags and keyword), and the
    number of its context (source and keyword)."""

    title: str
    author: int
    topics: tuple[str, ...] = ()
    context: int = 0


@dataclass(frozen=True)
class EncodedTitles:
    """``items[i, j]`` is the item of token j of title ``rows[i]`` (BOS first, then EOS, then PAD).

    ``names[k]`` is the text of item k, or "{type}" for a typed one (``is_typed[k]``); ``bits[k]`` is its
    code length −log2(share of k among all tokens), what a title saves when a template states k.
    ``is_telling[k]``: a word that says something alone (a noun, verb, adjective; not 的, 这个, 真的).
    """

    rows: tuple[TitleRow, ...]
    items: NDArray[np.int32]
    names: tuple[str, ...]
    is_typed: NDArray[np.bool_]
    bits: NDArray[np.float64]
    is_telling: NDArray[np.bool_]


def is_mark(text: str) -> bool:
    """Whether ``text`` is punctuation or another sign that is no letter, digit or blank."""
    return bool(text.strip()) and not any(map(str.isalnum, text))


def cut_title(title: str, topical: frozenset[str] = frozenset()) -> list[tuple[str, str, str]]:
    """``[(text, kind, pos)]`` of one title; kind is a slot type for typed expressions, else a token kind."""
    return cut_titles([title], topical)[0]


def cut_titles(titles: Sequence[str], topical: frozenset[str] = frozenset()) -> list[list[tuple[str, str, str]]]:
    """``cut_title`` for many titles: kinds are ``topic`` for a text in ``topical``, a typed slot's name
    (``duration`` …), or ``word``, ``latin``, ``punct``, ``space``. The texts join to the title."""
    finder = _topic_finder(topical | PLACEHOLDERS)
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


def _topic_finder(topical: frozenset[str]) -> Finder | None:
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


def find_topical(rows: Sequence[TitleRow], min_authors: int) -> frozenset[str]:
    """Texts that are topics of this corpus, lower-case.

    A tag of ``min_authors`` authors is one when at least 30 % of the notes that have it in the title have
    it as a tag or keyword too; so is a name or Latin word that sits inside the tags of its notes as often.
    """
    tag_authors: dict[str, set[int]] = {}
    for row in rows:
        for topic in row.topics:
            if 2 <= len(topic) <= 12:
                known = tag_authors.setdefault(topic, set())
                if len(known) < min_authors:
                    known.add(row.author)
    candidates = frozenset(topic for topic, known in tag_authors.items() if len(known) >= min_authors)
    if not any(row.topics for row in rows):
        return frozenset()
    in_title: Counter[str] = Counter()
    in_both: Counter[str] = Counter()
    finder = _topic_finder(candidates)
    tagged = [row for row in rows if row.topics]
    if finder is not None:
        for row in tagged:
            lowered = row.title.lower()
            own = set(row.topics)
            for text in {lowered[start:end] for start, end in finder(row.title)}:
                in_title[text] += 1
                in_both[text] += text in own
    exact = {text for text in candidates if in_both[text] >= _TAGGED_SHARE * max(in_title[text], 1) > 0}
    found = frozenset(exact | _find_words_of_topics(rows))
    return found - _find_framed(rows, found, min_authors)


def _find_framed(rows: Sequence[TitleRow], texts: frozenset[str], min_authors: int) -> set[str]:
    """Those of ``texts`` that are used as frame although they are tags: the same character nearly always follows
    ("听劝！", "避坑指南"), or they open titles everywhere ("周末…"). A number with a unit inside is no topic either
    ("155cm穿搭"); names always are."""
    finder = _topic_finder(texts)
    if finder is None:
        return set()
    authors: dict[str, set[int]] = {}
    following: dict[str, Counter[str]] = {}
    opening: dict[str, Counter[int]] = {}
    n_of: Counter[str] = Counter()
    for row in rows:
        lowered = row.title.lower()
        for start, end in finder(row.title):
            text = lowered[start:end]
            n_of[text] += 1
            authors.setdefault(text, set()).add(row.author)
            following.setdefault(text, Counter())[lowered[end : end + 1]] += 1
            if not start:
                opening.setdefault(text, Counter())[row.context] += 1
    out = set()
    listed = sorted(texts)
    for text, tokens in zip(listed, segment_batch(listed), strict=True):
        kinds = {kind for _, _, kind in find_typed(text)}
        if kinds & {"size", "age", "price"}:
            out.add(text)
            continue
        if n_of[text] < MIN_FRAMED or len(authors[text]) < min_authors:
            continue
        if any(pos in ("ns", "nt", "eng") for _, _, pos in tokens):
            continue
        after, n_after = following[text].most_common(1)[0]
        homes = opening.get(text, Counter())
        is_everywhere = max(homes.values(), default=0) <= 0.5 * homes.total() and len(homes) >= 3
        if (after and n_after >= FRAMED_SHARE * n_of[text]) or (
            is_everywhere and homes.total() >= FRAMED_SHARE * n_of[text]
        ):
            out.add(text)
    return out


def _find_words_of_topics(rows: Sequence[TitleRow]) -> set[str]:
    """Words that sit inside the tags of their notes: any name or Latin word; another word only when nearly
    all its titles are of one context (so that 攻略, at home in every "…攻略", stays a frame)."""
    context_sizes = Counter(row.context for row in rows)
    contexts = {context for context, n in context_sizes.items() if n >= MIN_CONTEXT}
    in_title: Counter[str] = Counter()
    in_tags: Counter[str] = Counter()
    names: set[str] = set()
    homes: dict[str, Counter[int]] = {}
    for begin in range(0, len(rows), _BATCH):
        part = rows[begin : begin + _BATCH]
        for row, words in zip(part, segment_batch([row.title for row in part]), strict=True):
            joined = " ".join(row.topics)
            for word, pos in {(text.lower(), pos) for text, _, pos in words if len(text) >= 2}:
                if not pos.startswith(_TOPIC_POS):
                    continue
                if pos.startswith(_NAME_POS):
                    names.add(word)
                if joined:
                    in_title[word] += 1
                    in_tags[word] += word in joined
                if row.context in contexts:
                    homes.setdefault(word, Counter())[row.context] += 1
    found = set()
    for word, n in in_title.items():
        if n < 2 or in_tags[word] < _TAGGED_SHARE * n:
            continue
        home = homes.get(word, Counter())
        at_home = max(home.values(), default=0) >= HOME_SHARE * max(home.total(), 1) and len(contexts) >= 3
        if word in names or at_home:
            found.add(word)
    return found


def encode_titles(
    rows: Sequence[TitleRow],
    *,
    min_notes: int,
    min_authors: int,
    topical: frozenset[str] = frozenset(),
    engine: Engine | None = None,
    advance: Callable[[int], None] = lambda _n: None,
) -> EncodedTitles:
    """``rows`` (their order is kept) as items. Titles of more than MAX_TOKENS tokens keep only their first ones
    and no EOS, so that no whole-title skeleton can come from them."""
    titles = [row.title for row in rows]
    parts = [(titles[at : at + PARTITION_TITLES], topical) for at in range(0, len(titles), PARTITION_TITLES)]
    coded = []
    for part in (engine or LocalEngine()).map(_cut_and_code, parts):
        coded.append(part)
        advance(len(part.codes))
    return _merge_coded(rows, coded, min_notes, min_authors)


def encode_cuts(
    rows: Sequence[TitleRow], cuts: Sequence[Sequence[tuple[str, str, str]]], *, min_notes: int, min_authors: int
) -> EncodedTitles:
    """``encode_titles`` for titles that ``cut_titles`` has cut already."""
    return _merge_coded(rows, [_code_cuts(cuts)], min_notes, min_authors)


@dataclass(frozen=True)
class _Coded:
    """A partition's titles by numbers of its own: ``keys[k]`` is (text, "") of a word or ("", type)."""

    keys: list[tuple[str, str]]
    codes: NDArray[np.int32]


def _cut_and_code(part: tuple[list[str], frozenset[str]]) -> _Coded:
    titles, topical = part
    cuts: list[list[tuple[str, str, str]]] = []
    for begin in range(0, len(titles), _BATCH):
        cuts += cut_titles(titles[begin : begin + _BATCH], topical)
    return _code_cuts(cuts)


_PLAIN = frozenset({"word", "latin", "punct", "space"})


def _code_cuts(cuts: Sequence[Sequence[tuple[str, str, str]]]) -> _Coded:
    index: dict[tuple[str, str], int] = {("", ""): BOS, ("", "end"): EOS}
    flat: list[int] = []
    lengths: list[int] = []
    # Two plain dictionaries, since this runs once a token.
    words: dict[str, int] = {}
    types: dict[str, int] = {}
    places = load_places()
    for tokens in cuts:
        before = len(flat)
        flat.append(BOS)
        for text, kind, pos in tokens:
            if kind in _PLAIN:
                code = words.get(text)
                if code is None:
                    key = ("", "place") if text in places else (text, "")
                    code = words[text] = index.setdefault(key, len(index))
                flat.append(FILLING if pos == "ns" and text not in places else code)
            elif kind == "topic":
                flat.append(FILLING)
            else:
                code = types.get(kind)
                if code is None:
                    code = types[kind] = index["", kind] = len(index)
                flat.append(code)
        flat.append(EOS)
        lengths.append(len(flat) - before)
    length = np.array(lengths, np.int64)
    codes = np.full((len(cuts), min(int(length.max(initial=2)), MAX_TOKENS)), PAD, np.int32)
    row = np.repeat(np.arange(len(cuts)), length)
    column = np.arange(len(flat)) - np.repeat(np.cumsum(length) - length, length)
    fits = column < MAX_TOKENS
    codes[row[fits], column[fits]] = np.array(flat, np.int32)[fits]
    return _Coded(list(index), codes)


def _merge_coded(rows: Sequence[TitleRow], parts: Sequence[_Coded], min_notes: int, min_authors: int) -> EncodedTitles:
    index: dict[tuple[str, str], int] = {("", ""): BOS, ("", "end"): EOS}
    raw = np.full((len(rows), max((part.codes.shape[1] for part in parts), default=2)), PAD, np.int32)
    at = 0
    for part in parts:
        new = np.array([index.setdefault(key, len(index)) for key in part.keys] + [FILLING, PAD], np.int32)
        n, width = part.codes.shape
        raw[at : at + n, :width] = new[part.codes]  # the last two places serve FILLING (−2) and PAD (−1)
        at += n
    names = [text if text else "{" + kind + "}" for text, kind in index]
    return _keep_frequent(tuple(rows), raw, names, [not text for text, _kind in index], min_notes, min_authors)


def sorted_unique(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Distinct values, ascending. Sorting beats numpy's hash table several times on millions of keys."""
    ordered = np.sort(values)
    return ordered[np.r_[True, ordered[1:] != ordered[:-1]]] if len(ordered) else ordered


def _keep_frequent(
    rows: tuple[TitleRow, ...],
    raw: NDArray[np.int32],
    names: list[str],
    typed: list[bool],
    min_notes: int,
    min_authors: int,
) -> EncodedTitles:
    """Renumber the items that can be frame, by text so that input order does not matter; the rest is FILLING."""
    n, n_names = len(rows), len(names)
    authors = np.fromiter((row.author for row in rows), np.int64, n)
    notes_of = np.zeros(n_names, np.int64)
    authors_of = np.zeros(n_names, np.int64)
    if n:
        place, column = np.nonzero(raw >= 0)
        code = raw[place, column].astype(np.int64)
        notes_of = np.bincount(sorted_unique(code * n + place) // n, minlength=n_names)
        n_authors = int(authors.max()) + 1
        authors_of = np.bincount(sorted_unique(code * n_authors + authors[place]) // n_authors, minlength=n_names)
    keep = [code for code in range(2, n_names) if notes_of[code] >= min_notes and authors_of[code] >= min_authors]
    keep.sort(key=lambda code: names[code])
    new = np.full(n_names + 2, FILLING, np.int32)  # the last two places serve PAD (-1) and FILLING (-2)
    new[PAD], new[FILLING], new[BOS], new[EOS] = PAD, FILLING, BOS, EOS
    for place_, code_ in enumerate(keep, start=2):
        new[code_] = place_
    counts = np.concatenate([[n, n], notes_of[keep]]) if n else np.ones(2 + len(keep))
    kept_names = [names[code] for code in keep]
    telling = [False, False]
    for name, words in zip(kept_names, segment_batch(kept_names), strict=True):
        says = any(kind == "word" and pos.startswith(_TELLING_POS) for _, kind, pos in words)
        telling.append(len(name) >= 2 and says)
    return EncodedTitles(
        rows=rows,
        items=new[raw],
        names=("", "", *kept_names),
        is_typed=np.array([False, False, *(typed[code] for code in keep)]),
        bits=-np.log2(np.maximum(counts, 1) / max(int((raw != PAD).sum()), 1)),
        is_telling=np.array(telling) & ~np.array([False, False, *(typed[code] for code in keep)]),
    )
