"""What a person wishes of the plan: ``plan.toml`` in the workspace, and options of the command over it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from creator_kit.datafiles import read_toml, validate_model
from creator_kit.locale import _

WISHES_NAME = "plan.toml"
MAX_WEEKS = 26


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Appointment(_Strict):
    """Something with a fixed time: a livestream, a shoot; or (``draft``, or ``post`` = true) a note that must go
    out just then."""

    at: dt.datetime
    title: str = Field(min_length=1)
    minutes: int = Field(60, ge=5, le=24 * 60)
    draft: str = ""
    post: bool = False
    sponsored: bool = False


class Deadline(_Strict):
    """A draft that must be out by the end of a day."""

    draft: str = Field(min_length=1)
    by: dt.date


class DaysOff(_Strict):
    """Days without posts, both ends included."""

    on: dt.date
    until: dt.date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until is not None and self.until < self.on:
            raise ValueError(_("ends before it starts"))
        return self


class GradeWish(_Strict):
    """A grade to reach by a day; its tasks become slots and its notes come early."""

    target: int = Field(ge=1, le=10)
    by: dt.date | None = None


class Wishes(_Strict):
    """What is wished. Firm: ``at_least_per_week``, ``min_gap_hours``, ``quiet_hours``, ``posts_per_week`` and
    ``posts_per_day`` as most, ``sponsored_one_in``, appointments, deadlines, days off. Soft: all else.

    ``quiet_hours`` is "23-7": from 23:00 up to but not including 7:00. ``hours`` are posting hours to choose from
    (empty: the program chooses). ``mix`` maps pillars to shares that add up to at most 1. ``sponsored_one_in`` = n:
    of any n posts in a row at most one is sponsored. ``fill_with_ideas``: empty places take ideas from the persona's
    pillars.
    """

    weeks: int = Field(4, ge=1, le=MAX_WEEKS)
    posts_per_week: int = Field(3, ge=1, le=35)
    at_least_per_week: int = Field(0, ge=0, le=35)
    posts_per_day: int = Field(1, ge=1, le=5)
    min_gap_hours: float = Field(20, ge=0, le=24 * 14)
    quiet_hours: str = Field("23-7", pattern=r"^(\d{1,2}-\d{1,2})?$")
    hours: tuple[int, ...] = ()
    sponsored_one_in: int = Field(4, ge=1, le=50)
    fill_with_ideas: bool = True
    mix: dict[str, float] = Field(default_factory=dict)
    appointments: tuple[Appointment, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    days_off: tuple[DaysOff, ...] = ()
    grade: GradeWish | None = None

    @field_validator("quiet_hours")
    @classmethod
    def _real_hours(cls, text: str) -> str:
        if text and max(int(part) for part in text.split("-")) > 24:
            raise ValueError(_("hours are 0 to 24, as in 23-7"))
        return text

    @field_validator("hours")
    @classmethod
    def _hours_of_a_day(cls, hours: tuple[int, ...]) -> tuple[int, ...]:
        if any(not 0 <= hour <= 23 for hour in hours):
            raise ValueError(_("an hour is 0 to 23"))
        return tuple(sorted(set(hours)))

    @field_validator("mix")
    @classmethod
    def _shares(cls, mix: dict[str, float]) -> dict[str, float]:
        if any(not 0 <= share <= 1 for share in mix.values()):
            raise ValueError(_("a share of the mix is 0 to 1"))
        if sum(mix.values()) > 1.0 + 1e-9:
            raise ValueError(
                _("the shares of the mix add up to {total:.2f}, more than 1").format(total=sum(mix.values()))
            )
        return mix

    @property
    def quiet(self) -> frozenset[int]:
        """The hours of a day in which nothing is posted."""
        if not self.quiet_hours:
            return frozenset()
        start, end = (int(part) for part in self.quiet_hours.split("-"))
        if start == end:
            return frozenset()
        if start < end:
            return frozenset(range(start, min(end, 24)))
        return frozenset(hour % 24 for hour in range(start, end + 24))

    def is_off(self, day: dt.date) -> bool:
        """Whether nothing is posted on ``day``."""
        return any(off.on <= day <= (off.until or off.on) for off in self.days_off)


def load_wishes(
    root: Path, overrides: dict[str, Any], file: Path | None = None, *, of_persona: dict[str, Any] | None = None
) -> Wishes:
    """The wishes in ``file`` (else ``plan.toml`` of the workspace, if there), with ``overrides`` that are not None.

    ``of_persona`` (``candidates.list_persona_wishes``) hold where neither says anything.

    Raises InputError naming file and field.
    """
    path = file or root / WISHES_NAME
    table = read_toml(path) if file is not None or path.is_file() else {}
    return validate_model(
        (of_persona or {}) | table | {key: value for key, value in overrides.items() if value is not None},
        Wishes,
        where=str(path),
    )
