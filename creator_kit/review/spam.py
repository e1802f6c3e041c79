"""The shape of spam: stuffed topics, one word over and over, nothing but emoji, rows of exclamation marks."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from creator_kit.review.finding import Field
from creator_kit.review.hit import Hit, NoteInReview, Options, span, whole
from creator_kit.text.emoji import EMOJI_RE, find_emoji
from creator_kit.text.segment import segment

_INLINE_TAG = re.compile(r"#([^#\s\[\]]{1,40})(?:\[话题\]#?)?")
_NOT_WORDS = re.compile(r"#[^#\s]{1,40}#?|@\S{1,30}|\[[^\[\]\s]{1,8}\]")
_MARKS = re.compile(r"([!！?？~～。])\1{3,}")
_JOINER = "\u200d"
# Category Cf of the basic plane, as far as it occurs in Chinese text; a quick test before the slow one.
_INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")


def check_tag_stuffing(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """More topics in tags and body together than the option ``limit``."""
    n = len(set(note.post.tags) | set(_INLINE_TAG.findall(note.post.body)))
    limit = int(options.get("limit", 10))
    if n > limit and len(note.post.tags) <= limit:
        yield whole("tags" if note.post.tags else "body", n=n, limit=limit, extra=n - limit)


def check_duplicate_tags(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """A topic given twice; the later one can go."""
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


# Characters of the longest word that the dictionary cuts in one piece and a note would repeat.
_LONGEST_WORD = 8


def check_repetition(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """One word of the body used at least ``times`` times and making up ``share_rate`` of its characters."""
    body = note.post.body
    times, min_rate = int(options.get("times", 8)), float(options.get("share_rate", 0.12))
    if len(body) < 40:
        return
    # A word that often means a pair of characters that often; that is counted far faster than words are cut.
    plain = _NOT_WORDS.sub("", body)
    n_characters = sum(map(str.isalnum, body))
    n_most = max(Counter(pairwise(plain)).values(), default=0)
    if n_most < max(times, min_rate * n_characters / _LONGEST_WORD):
        return
    words = [t.text for t in segment(plain) if t.kind == "word" and len(t.text) > 1]
    counts = Counter(words)
    if not counts:
        return
    word, n = max(counts.items(), key=lambda item: (item[1] * len(item[0]), item[0]))
    if n >= times and n * len(word) >= min_rate * n_characters:
        at = body.find(word)
        yield span("body", body, at, at + len(word), n=n)


def check_only_emoji(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """A title or a body without a single letter or digit."""
    fields: tuple[Field, ...] = ("title", "body")
    for field in fields:
        text = note.post.text_of(field)
        if text.strip() and not any(char.isalnum() for char in text):
            yield whole(field, matched=text.strip()[:20])


def check_emoji_share(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """More emoji than ``share_rate`` of the letters of the body, in a body with enough of both."""
    body = note.post.body
    n_emoji = len(find_emoji(body))
    if n_emoji < 15:
        return
    n_letters = sum(map(str.isalnum, body))
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
    for field, text in note.texts:
        if not _INVISIBLE.search(text):
            continue
        emoji = [match.span() for match in EMOJI_RE.finditer(text)] if _JOINER in text else []
        for at, char in enumerate(text):
            if unicodedata.category(char) != "Cf" or any(start <= at < end for start, end in emoji):
                continue
            # Inside a word only: the platform's own editor leaves such marks around topics and at line ends.
            if not (0 < at < len(text) - 1 and text[at - 1].isalnum() and text[at + 1].isalnum()):
                continue
            yield span(field, text, at, at + 1, fix="")
