"""The creator's own results, as arrays in order of publication: what can be learned from, and what cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from creator_kit.clock import BEIJING
from creator_kit.corpus.note import Note, NoteType
from creator_kit.exposure.profile import Array
from creator_kit.locale import _

# Counts still grow: a note younger than this at its export is not yet what it will be. Under the shipped profiles
# the median note has about six sevenths of its month after two days; its search tail goes on.
SETTLED_DAYS = 2.0
METRICS = ("likes", "collects", "comments", "shares", "new_followers")


@dataclass(frozen=True, slots=True)
class OwnHistory:
    """Settled own notes, oldest first. Arrays (n,); ``counts[metric]`` is NaN where the sheet has none.

    ``days`` are days since the epoch (Beijing) of publication; ``age_days`` the age at export.
    ``left_out`` counts the notes that were not used, by reason (see ``describe_left_out``).
    """

    days: Array
    age_days: Array
    is_video: NDArray[np.bool_]
    impressions: Array
    views: Array
    counts: dict[str, Array]
    left_out: dict[str, int]

    def __len__(self) -> int:
        return len(self.days)

    @property
    def log_impressions(self) -> Array:
        """ln(1 + impressions), (n,)."""
        return np.log1p(self.impressions)

    def older_than(self, days: float) -> NDArray[np.bool_]:
        """Which notes had at least this age at their export."""
        return np.asarray(self.age_days >= days)


def collect_history(notes: Iterable[Note], *, settled_days: float = SETTLED_DAYS) -> OwnHistory:
    """The notes of ``notes`` that a fit may use; the others are counted by reason.

    Left out: no impressions in the sheet; impressions 0 or missing beside views ("unsettled": the platform
    fills them in later); younger than ``settled_days`` at export; without a time; published after their export (a clock
    that was wrong).
    """
    left_out: Counter[str] = Counter()
    rows: list[tuple[datetime, float, Note]] = []
    for note in notes:
        published, observed = _parse_time(note.published_at), _parse_time(note.observed_at)
        if not note.impressions or note.impressions < 0:
            left_out["unsettled" if note.views else "no_impressions"] += 1
        elif published is None:
            left_out["no_time"] += 1
        else:
            age = (observed - published).total_seconds() / 86400 if observed else float("inf")
            if age < 0:
                left_out["after_export"] += 1
            elif age < settled_days:
                left_out["young"] += 1
            else:
                rows.append((published, age, note))
    rows.sort(key=lambda row: (row[0], row[2].note_id))
    return OwnHistory(
        days=np.array([row[0].timestamp() / 86400 for row in rows]),
        age_days=np.array([row[1] for row in rows]),
        is_video=np.array([row[2].type == "视频" for row in rows], dtype=bool),
        impressions=np.array([float(row[2].impressions or 0) for row in rows]),
        views=_column(rows, "views"),
        counts={metric: _column(rows, metric) for metric in METRICS},
        left_out={reason: left_out[reason] for reason in sorted(left_out)},
    )


def describe_left_out(left_out: dict[str, int]) -> list[str]:
    """One sentence for each reason, in the reader's language."""
    sentences = {
        "no_impressions": _("Left out, without impressions in the sheet: {n}."),
        "unsettled": _("Left out, impressions not settled yet (the platform fills them in later): {n}."),
        "young": _("Left out, younger than two days at the export and still growing: {n}."),
        "no_time": _("Left out, without a time of publication: {n}."),
        "after_export": _("Left out, published after their export, so a clock was wrong: {n}."),
    }
    return [sentences[reason].format(n=n) for reason, n in left_out.items() if n]


def type_of(is_video: bool) -> NoteType:
    """The platform's word for the type."""
    return "视频" if is_video else "图文"


def _column(rows: list[tuple[datetime, float, Note]], name: str) -> Array:
    values = [getattr(row[2], name) for row in rows]
    return np.array([np.nan if value is None else float(value) for value in values])


def _parse_time(text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)
