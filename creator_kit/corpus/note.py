"""The note: what every reader yields and every later stage reads."""

from __future__ import annotations

from typing import Literal

import msgspec

NoteType = Literal["图文", "视频"]

# The engagement counts that every export family knows, in the order of our columns.
METRICS = ("likes", "collects", "comments", "shares")


class Note(msgspec.Struct, frozen=True, gc=False):
    """One note, anonymised.

    ``note_id`` and ``author`` are 16 hex digits of a keyed hash ("" for an unknown author). Counts are
    whole numbers or None where the export has none; a metric named in ``floors`` was shown as "10万+":
    its number is a lower bound. ``published_at`` and ``observed_at`` are ISO 8601 in Beijing time
    (date alone where the export has no hour). ``tags`` hold topics without "#".

    The last block is filled only by the creator's own sheets; ``cover_ctr`` is a rate (0 to 1).
    """

    note_id: str
    author: str = ""
    title: str = ""
    body: str = ""
    tags: tuple[str, ...] = ()
    type: NoteType | None = None
    likes: int | None = None
    collects: int | None = None
    comments: int | None = None
    shares: int | None = None
    floors: frozenset[str] = frozenset()
    published_at: str | None = None
    observed_at: str | None = None
    source: str = ""
    keyword: str | None = None
    followers: int | None = None
    title_is_body_prefix: bool = False
    body_truncated: bool = False

    impressions: int | None = None
    views: int | None = None
    cover_ctr: float | None = None
    new_followers: int | None = None
    avg_watch_seconds: float | None = None
    danmaku: int | None = None
