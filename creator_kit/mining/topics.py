"""Which texts are topics of a corpus, and so filling whatever they are bound to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from creator_kit.mining.cutting import make_topic_finder
from creator_kit.text.segment import segment_batch
from creator_kit.text.slots import find_typed

_BATCH = 4096
_TAGGED_SHARE = 0.3
HOME_SHARE = 0.85
MIN_FRAMED, FRAMED_SHARE = 5, 0.8
MIN_CONTEXT = 30  # titles that a context needs before it counts as one
_NAME_POS = ("nr", "ns", "nt", "nz", "eng")
_TOPIC_POS = ("n", "v", "j", "l", "b", "eng", "x")


@dataclass(frozen=True, slots=True)
class TitleRow:
    """One title on its way in: whose it is, what its note is about (lower-case tags and keyword), and the
    number of its context (source and keyword)."""

    title: str
    author: int
    topics: tuple[str, ...] = ()
    context: int = 0


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
    finder = make_topic_finder(candidates)
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
    finder = make_topic_finder(texts)
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
