"""Festivals, holidays, sales, exams and seasons as data, and which of them a note belongs to."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from creator_kit.datafiles import load_model
from creator_kit.errors import InputError
from creator_kit.locale import _, pick
from creator_kit.paths import list_data_files

DayStatus = Literal["official", "computed", "fixed", "estimated"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DatedDays(_Strict):
    """An occasion in one year, from ``on`` to ``until`` (the same day without it)."""

    on: dt.date
    until: dt.date | None = None
    status: DayStatus


class YearlyDays(_Strict):
    """An occasion of every year, month-day to month-day; may run over the turn of the year."""

    from_: str = Field(alias="from", pattern=r"^\d\d-\d\d$")
    until: str = Field(pattern=r"^\d\d-\d\d$")
    status: DayStatus

    @model_validator(mode="after")
    def _real_days(self) -> Self:
        for text in (self.from_, self.until):
            dt.date.fromisoformat(f"2028-{text}")  # a leap year, so that 29 February is one
        return self


class OccasionEntry(_Strict):
    """One occasion of a calendar file. ``lead_days`` = [last, first]: notes for it belong from ``first`` to ``last``
    days before it starts; with ``last`` 0 until it ends."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    kind: Literal["festival", "holiday", "shopping", "school", "season", "own"]
    dates: tuple[DatedDays, ...] = ()
    yearly: YearlyDays | None = None
    lead_days: tuple[int, int]
    words: tuple[str, ...] = Field(min_length=1)
    source: str = Field(min_length=3)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if bool(self.dates) == (self.yearly is not None):
            raise ValueError(_("'{id}' needs either dates or yearly").format(id=self.id))
        last, first = self.lead_days
        if not 0 <= last <= first <= 120:
            raise ValueError(_("'{id}': lead_days are [last, first], 0 to 120 days before").format(id=self.id))
        if any(days.until is not None and days.until < days.on for days in self.dates):
            raise ValueError(_("'{id}' ends before it starts").format(id=self.id))
        return self


class CalendarFile(_Strict):
    """A file of ``templates/calendar/``."""

    schema_version: Literal[1] = 1
    occasions: tuple[OccasionEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Occasion:
    """One occasion on its day(s). Notes for it are best posted from ``opens_on`` to ``closes_on``, both included."""

    id: str
    zh: str
    en: str
    kind: str
    starts_on: dt.date
    ends_on: dt.date
    opens_on: dt.date
    closes_on: dt.date
    status: DayStatus
    words: tuple[str, ...]

    @property
    def name(self) -> str:
        """Its name in the reader's language, marked where the day is only estimated."""
        name = pick(self.zh, self.en)
        return _("{name} (estimated)").format(name=name) if self.status == "estimated" else name


def load_occasions(first: dt.date, last: dt.date, user_root: Path | None = None) -> list[Occasion]:
    """All occasions whose posting window touches ``first`` to ``last``, by start; the user's files come first.

    Raises InputError naming file and field; an id that stands in two files is an error.
    """
    occasions: list[Occasion] = []
    seen: dict[str, Path] = {}
    for path in list_data_files("calendar", ".toml", user_root):
        for entry in load_model(path, CalendarFile).occasions:
            if entry.id in seen:
                raise InputError(
                    _("occasion '{id}' stands in {other} too").format(id=entry.id, other=seen[entry.id].name),
                    where=str(path),
                )
            seen[entry.id] = path
            occasions += [o for o in _expand(entry, first, last) if o.closes_on >= first and o.opens_on <= last]
    return sorted(occasions, key=lambda o: (o.starts_on, o.id))


def match_occasions(text: str, occasions: list[Occasion]) -> list[Occasion]:
    """Those of ``occasions`` of which a word stands in ``text`` (topic, title, scenario, tags)."""
    return [occasion for occasion in occasions if any(word in text for word in occasion.words)]


def _expand(entry: OccasionEntry, first: dt.date, last: dt.date) -> list[Occasion]:
    spans: list[tuple[dt.date, dt.date, DayStatus]] = [
        (days.on, days.until or days.on, days.status) for days in entry.dates
    ]
    if entry.yearly is not None:
        for year in range(first.year - 1, last.year + 2):
            start, end = _in_year(entry.yearly.from_, year), _in_year(entry.yearly.until, year)
            if end < start:
                end = _in_year(entry.yearly.until, year + 1)
            spans.append((start, end, entry.yearly.status))
    last_lead, first_lead = entry.lead_days
    return [
        Occasion(
            entry.id,
            entry.zh,
            entry.en,
            entry.kind,
            start,
            end,
            opens_on=start - dt.timedelta(days=first_lead),
            closes_on=end if last_lead == 0 else start - dt.timedelta(days=last_lead),
            status=status,
            words=entry.words,
        )
        for start, end, status in spans
    ]


def _in_year(month_day: str, year: int) -> dt.date:
    try:
        return dt.date.fromisoformat(f"{year}-{month_day}")
    except ValueError:  # 29 February in a common year
        return dt.date(year, 3, 1)
