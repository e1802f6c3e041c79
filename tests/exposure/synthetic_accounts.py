"""Synthetic accounts: their truth is known, so that a fit and its intervals can be held against it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np

from creator_kit.clock import BEIJING
from creator_kit.corpus.note import Note

MakeAccount = Callable[..., list[Note]]
EXPORTED_AT = datetime(2026, 11, 24, 12, tzinfo=BEIJING)


def make_account(
    *,
    n: int,
    rng: np.random.Generator,
    level: float = 7.0,
    spread: float = 0.8,
    drift: float = 0.0,
    read_rate: float = 0.15,
    like_rate: float = 0.05,
    video_share: float = 0.0,
    days_apart: float = 2.0,
) -> list[Note]:
    """``n`` own notes, newest last: ln impressions around ``level`` (moving by ``drift`` a note), skewed right."""
    notes = []
    for k in range(n):
        at = EXPORTED_AT - timedelta(days=10 + days_apart * (n - k))
        shock = spread * rng.standard_normal() + 0.3 * spread * (rng.exponential() - 1)
        impressions = max(int(np.exp(level + drift * k + shock)), 20)
        rate = 1 / (1 + np.exp(-(np.log(read_rate / (1 - read_rate)) + 0.3 * rng.standard_normal())))
        views = int(rng.binomial(impressions, rate))
        notes.append(
            Note(
                note_id=f"{k:016x}",
                type="视频" if rng.random() < video_share else "图文",
                published_at=at.isoformat(),
                observed_at=EXPORTED_AT.isoformat(),
                impressions=impressions,
                views=views,
                likes=int(rng.binomial(views, like_rate)),
                collects=int(rng.binomial(views, 0.02)),
                comments=int(rng.binomial(views, 0.01)),
                shares=int(rng.binomial(views, 0.005)),
                new_followers=int(rng.binomial(views, 0.004)),
            )
        )
    return notes
