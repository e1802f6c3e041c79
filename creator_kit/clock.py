"""The platform's time zone. ``now`` and ``today`` are always arguments; nothing here reads a clock."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

# A fixed offset, not ZoneInfo: China has had no daylight saving since 1991 and Windows ships no tzdata.
BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")


def start_of_day(day: date) -> datetime:
    """Midnight in Beijing at the start of ``day`` (aware)."""
    return datetime.combine(day, time(), BEIJING)


def parse_day(text: str) -> date:
    """``2026-11-24`` → date. Raises ValueError for anything else, 30 February included."""
    return date.fromisoformat(text)
