"""The shape of spam: stuffed topics, one word over and over, nothing but emoji, rows of exclamation marks."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator

import numpy as np

from creator_kit.review.finding import Field
from creator_kit.review.hit import Hit, NoteInReview, Options, span, whole
from creator_kit.review.scanned import EMOJI, HIDDEN, LETTER
from creator_kit.text.emoji import EMOJI_RE, find_emoji
from creator_kit.text.segment import segment

_INLINE_TAG = re.compile(r"#([^#\s\[\]]{1,40})(?:\[话题\]#?)?")
_NOT_WORDS = re.compile(r"#[^#\s]{1,40}#?|@\S{1,30}|\[[^\[\]\s]{1,8}\]")
_MARKS = re.compile(r"([!！?？~～。])\1{3,}")
_MANY_EMOJI = 15
_JOINER = "\u200d"
# Category Cf of the basic plane, as far as it occurs in Chinese text; a quick test before the slow one.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def check_tag_stuffing(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """More topics in tags and body together than the option ``limit``."""
    limit = int(options.get("limit", 10))
    if len(note.post.tags) + note.post.body.count("#") <= limit:
        return
    n = len(set(note.post.tags) | set(_INLINE_TAG.findall(note.post.body)))
    if n > limit and len(note.post.tags) <= limit:
        yield whole("tags" if note.post.tags else "body", n=n, limit=limit, extra=n - limit)


def check_duplicate_tags(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """A topic given twice; the later one can go."""
    if len(note.post.tags) < 2:
        return
    text = note.post.text_of("tags")
    seen: set[str] = set()
    position = 0
    for tag in note.post.tags:
        length = len(tag.lstrip("#")) + 1
        key = tag.lstrip("#")
        if key in seen:
            yield span("tags", text, position, position + length, fix="")
        seen.add(key)
        position += length + 1


# Bins for pairs of characters; a note has some hundreds.
_N_BINS = 2_048
# So many pairs are counted at a time.
_N_AT_ONCE = 1_000_000
# Characters of the longest word that the dictionary cuts in one piece and a note would repeat.
_LONGEST_WORD = 8


def check_repetition(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """One word of the body used at least ``times`` times and making up ``share_rate`` of its characters."""
    body = note.post.body
    times, min_rate = int(options.get("times", 8)), float(options.get("share_rate", 0.12))
    if len(body) < 40:
        return
    plain = _NOT_WORDS.sub("", body)
    frequent = _count_pairs(plain, times)
    if not frequent or not _may_repeat(frequent, times, min_rate * note.count("body", LETTER)):
        return
    n_characters = sum(map(str.isalnum, body))
    words = [t.text for t in segment(plain) if t.kind == "word" and len(t.text) > 1]
    counts = Counter(words)
    if not counts:
        return
    word, n = max(counts.items(), key=lambda item: (item[1] * len(item[0]), item[0]))
    if n >= times and n * len(word) >= min_rate * n_characters:
        at = body.find(word)
        yield span("body", body, at, at + len(word), n=n)


def _count_pairs(text: str, at_least: int) -> list[int]:
    """How often the commonest pairs of Chinese neighbours occur at least, as many pairs as the longest word has; those
    that share a bin are counted together. None where even the commonest comes less often than ``at_least``."""
    counts = np.zeros(_N_BINS, dtype=np.int64)
    for begin in range(0, max(1, len(text) - 1), _N_AT_ONCE):  # a text of 50 MB would take half a gigabyte
        part = text[begin : begin + _N_AT_ONCE + 1]
        points = np.frombuffer(part.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        bins = (points[:-1] * np.uint32(31) + points[1:]) & np.uint32(_N_BINS - 1)
        is_chinese = points >= 0x3005
        counts += np.bincount(bins[is_chinese[:-1] & is_chinese[1:]], minlength=_N_BINS)
    if counts.max() < at_least:
        return []
    return sorted(counts[counts > 1].tolist(), reverse=True)[: _LONGEST_WORD - 1]


def _may_repeat(frequent: list[int], times: int, n_covered: float) -> bool:
    """Whether a word may occur ``times`` times and cover ``n_covered`` characters: the pairs within it would be that
    frequent, for one length of the word or another. Words are cut only then, which takes far longer."""
    return any(
        sum(frequent[: length - 1]) >= (length - 1) * max(times, n_covered / length)
        for length in range(2, _LONGEST_WORD + 1)
    )


def check_only_emoji(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """A title or a body without a single letter or digit."""
    fields: tuple[Field, ...] = ("title", "body")
    for field, scanned in note.scanned:
        if field not in fields or scanned.kinds & LETTER or any(map(str.isalnum, scanned.text)):
            continue
        if stripped := scanned.text.strip():
            yield whole(field, matched=stripped[:20])


def check_emoji_share(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """More emoji than ``share_rate`` of the letters of the body, in a body with enough of both."""
    if note.count("body", EMOJI) < _MANY_EMOJI:  # one emoji has one such character or more
        return
    n_emoji = len(find_emoji(note.post.body))
    if n_emoji < _MANY_EMOJI:
        return
    n_letters = note.count("body", LETTER)
    if n_letters and n_emoji > float(options.get("share_rate", 0.3)) * n_letters:
        yield whole("body", n=n_emoji)


def check_mark_rows(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """Four or more equal marks in a row; three are as loud."""
    fields: tuple[Field, ...] = ("title", "body")
    for field in fields:
        text = note.post.text_of(field)
        for match in _MARKS.finditer(text):
            # Dots and waves are tone, not shouting: they stay longer.
            if match[1] in "。~～" and len(match.group()) < 8:
                continue
            yield span(field, text, match.start(), match.end(), fix=match[1] * (3 if match[1] in "。~～" else 1))


def check_invisible(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """Characters that nobody sees within a word: the mark of texts that hide words from filters."""
    for field, scanned in note.scanned:
        text = scanned.text
        if not scanned.kinds & HIDDEN or not _INVISIBLE.search(text):
            continue
        # Inside a word only: the platform's own editor leaves such marks around topics and at line ends.
        inside = [
            at
            for at in scanned.places(HIDDEN)
            if 0 < at < len(text) - 1 and text[at - 1].isalnum() and text[at + 1].isalnum()
        ]
        emoji = [match.span() for match in EMOJI_RE.finditer(text)] if inside and _JOINER in text else []
        for at in inside:
            before = bisect_right(emoji, (at, len(text)))
            if not before or emoji[before - 1][1] <= at:
                yield span(field, text, at, at + 1, fix="")
