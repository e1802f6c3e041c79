"""Checks that no list of words can express; a rule names one by ``check`` and sets its ``options``."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import timedelta

from creator_kit.review.experience import check_experience
from creator_kit.review.finding import Field
from creator_kit.review.hit import (
    AI_ASSISTED,
    BODY,
    FACTS,
    IMAGES,
    KNOWN,
    LONG_BODY,
    MISSING,
    NO_LETTER,
    NUMBER,
    SCHEDULED,
    SPONSORED,
    TAGS,
    TITLE,
    TOPICS,
    VIDEO,
    Check,
    Hit,
    NoteInReview,
    Options,
    span,
    whole,
)
from creator_kit.review.privacy import check_bank_card, check_identity_number, check_mail_address, check_phone
from creator_kit.review.scanning import AT, EMOJI, HIDDEN, MARK
from creator_kit.review.spam import (
    check_duplicate_tags,
    check_emoji_share,
    check_invisible,
    check_mark_rows,
    check_only_emoji,
    check_repetition,
    check_tag_stuffing,
)
from creator_kit.text.length import (
    BODY_LIMIT,
    IMAGES_LIMIT,
    TAGS_LIMIT,
    TITLE_LIMIT,
    count_body_characters,
    count_title_units,
)

_MISSING_FACT = re.compile(r"[［\[]待补[：:]?[^］\]\n]{0,60}[］\]]?")


def _over(field: Field, n: int, limit: int) -> Iterator[Hit]:
    if n > limit:
        yield whole(field, n=n, limit=limit, extra=n - limit)


def check_title_length(note: NoteInReview, options: Options) -> Iterable[Hit]:
    limit = int(options.get("limit", TITLE_LIMIT))
    title = note.post.title
    if len(title.encode("utf-16-le", "surrogatepass")) <= 2 * limit:  # no half of a surrogate pair counts more than one
        return ()
    n = count_title_units(title)
    if n <= limit:
        return ()
    # Underline what does not fit any more; two letters are one unit, nothing is less.
    lengths = range(min(len(title), 2 * limit) + 1)
    keep = bisect_right(lengths, limit, key=lambda length: count_title_units(title[:length])) - 1
    return (span("title", title, keep, len(title), n=n, limit=limit, extra=n - limit),)


def check_body_length(note: NoteInReview, options: Options) -> Iterator[Hit]:
    limit = int(options.get("limit", BODY_LIMIT))
    if 2 * len(note.post.body) > limit:  # no character counts more than two
        yield from _over("body", count_body_characters(note.post.body), limit)


def check_tags_count(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """Topics that the app would cut off: the last ones, which can go."""
    n, limit = len(note.post.tags), int(options.get("limit", TAGS_LIMIT))
    if n > limit:
        text = note.post.text_of("tags")
        keep = sum(len(tag.lstrip("#")) + 2 for tag in note.post.tags[:limit]) - 1
        yield span("tags", text, keep, len(text), fix="", n=n, limit=limit, extra=n - limit)


def check_schedule(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """A time of posting that the app does not take: sooner than ``min_hours`` or later than ``max_days`` from now."""
    at, now = note.post.scheduled_at, note.post.reviewed_at
    if at is None or now is None:
        return
    ahead = at - now
    low, high = timedelta(hours=float(options.get("min_hours", 1))), timedelta(days=float(options.get("max_days", 14)))
    if not low <= ahead <= high:
        yield whole("note", other=at.astimezone(now.tzinfo).strftime("%Y-%m-%d %H:%M"))


def check_images_count(note: NoteInReview, options: Options) -> Iterator[Hit]:
    if note.post.n_images is None:
        return
    n, limit = note.post.n_images, int(options.get("limit", IMAGES_LIMIT))
    yield from _over("images", n, limit)
    if n == 0 and not note.post.has_video:
        yield whole("images", n=0, limit=limit, extra=0)


def check_images_with_video(note: NoteInReview, options: Options) -> Iterator[Hit]:
    if note.post.has_video and note.post.n_images:
        yield whole("images", n=note.post.n_images)


def check_missing_facts(note: NoteInReview, options: Options) -> Iterator[Hit]:
    for field, text in note.texts:
        if "待补" not in text:
            continue
        for match in _MISSING_FACT.finditer(text):
            yield span(field, text, match.start(), match.end())


# Words that tell the reader that somebody paid; "not an advertisement" tells the contrary.
_DISCLOSED = re.compile(
    "(?<![无非没不])(?<!没有)(?<!不是)(?<!不算)(?:广告|利益相关|商业合作|品牌合作|合作推广|合作笔记|赞助|推广笔记)"
)
_SELF_PAID = re.compile("自费|自购|无广|非广|不是广告|没有广告|自己花钱|真实自来水|自掏腰包|无利益相关|非合作")
_AI_LABELLED = re.compile(
    "(?:ai|人工智能)[^。！？\n]{0,6}(?:生成|合成|辅助|创作|制作|协助|参与|写)|(?:内容|图片|文案)由ai"
)


def check_sponsor_undisclosed(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """A sponsored note that does not say so."""
    if note.post.sponsored and not _DISCLOSED.search(note.folded):
        # That somebody pays is what the writer said; saying it at the beginning is what the law asks for.
        yield span("body", note.post.body, 0, 0, fix="广告｜") if note.post.body else whole("note")


def check_sponsor_denied(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """A sponsored note that says its writer paid."""
    if not note.post.sponsored:
        return
    for field, text in note.texts:
        for match in _SELF_PAID.finditer(text):
            yield span(field, text, match.start(), match.end())


def check_ai_label(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """A note written with a model that does not say so."""
    if note.post.ai_assisted and not _AI_LABELLED.search(note.folded):
        end = len(note.post.body)
        yield span("body", note.post.body, end, end, fix="\n\n（文字由 AI 辅助创作）") if end else whole("note")


def check_copied_title(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """A title that repeats a known one outside its template's own words."""
    if note.known is None or not note.post.title:
        return
    min_rate = float(options.get("share_rate", 0.7))
    overlap = note.known.find_title(note.post.title, note.post.title_frame, min_rate=min_rate)
    if overlap is not None:
        rate = round(100 * overlap.share_rate)
        yield span("title", note.post.title, overlap.start, overlap.end, n=rate, other=overlap.known_id)


def check_copied_body(note: NoteInReview, options: Options) -> Iterator[Hit]:
    """A body of which ``min_rate`` to ``max_rate`` stands in one known note."""
    if note.known is None or not note.post.body:
        return
    if check_copied_body not in note.noted:  # two rules ask: for much of a note, and for a run in it
        note.noted[check_copied_body] = note.known.find_body(note.post.body, note.post.body_frame)
    overlap = note.noted[check_copied_body]
    low, high = float(options.get("min_rate", 0.0)), float(options.get("max_rate", 1.01))
    if overlap is not None and low <= overlap.share_rate < high:
        rate = round(100 * overlap.share_rate)
        yield span("body", note.post.body, overlap.start, overlap.end, n=rate, other=overlap.known_id)


def check_claims(note: NoteInReview, options: Options) -> Iterable[Hit]:
    """Nothing by itself: ``RuleSet`` asks for claims when all other rules have spoken (see ``claims``)."""
    return ()


CHECKS: dict[str, Check] = {
    "title_length": check_title_length,
    "body_length": check_body_length,
    "tags_count": check_tags_count,
    "schedule": check_schedule,
    "images_count": check_images_count,
    "images_with_video": check_images_with_video,
    "missing_facts": check_missing_facts,
    "phone": check_phone,
    "identity_number": check_identity_number,
    "bank_card": check_bank_card,
    "mail_address": check_mail_address,
    "experience": check_experience,
    "sponsor_undisclosed": check_sponsor_undisclosed,
    "sponsor_denied": check_sponsor_denied,
    "ai_label": check_ai_label,
    "tag_stuffing": check_tag_stuffing,
    "duplicate_tags": check_duplicate_tags,
    "repetition": check_repetition,
    "only_emoji": check_only_emoji,
    "emoji_share": check_emoji_share,
    "mark_rows": check_mark_rows,
    "invisible": check_invisible,
    "copied_title": check_copied_title,
    "copied_body": check_copied_body,
    "claims": check_claims,
}


# What must be so for a check to find anything, as bits of ``NoteInReview.traits`` (one of them is enough); a check
# that is not named here is always run.
GATES: dict[str, int] = {
    "title_length": TITLE,
    "body_length": BODY,
    "tags_count": TAGS,
    "images_count": IMAGES,
    "schedule": SCHEDULED,
    "images_with_video": VIDEO,
    "missing_facts": MISSING,
    "phone": NUMBER,
    "identity_number": NUMBER,
    "bank_card": NUMBER,
    "mail_address": AT,
    "experience": FACTS,
    "sponsor_undisclosed": SPONSORED,
    "sponsor_denied": SPONSORED,
    "ai_label": AI_ASSISTED,
    "tag_stuffing": TAGS | TOPICS,
    "duplicate_tags": TAGS,
    "repetition": LONG_BODY,
    "only_emoji": NO_LETTER,
    "emoji_share": EMOJI,
    "mark_rows": MARK,
    "invisible": HIDDEN,
    "copied_title": KNOWN,
    "copied_body": KNOWN,
    "claims": 0,
}
