"""What a market is run with: the constants as plain numbers, the page, and random numbers that no chunking changes."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from creator_kit.errors import InputError
from creator_kit.exposure.profile import Constants, MarketConstants, RankingProfile
from creator_kit.locale import _

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

# Users who are simulated together, with random numbers of their own: few enough for the processor's cache, enough
# for numpy. Part of the model: another size is another sample.
BLOCK_USERS = 131_072
# Visits of a block that are worked on at once: their pages stay in a core's own cache. Part of the model as well.
PIECE_VISITS = 8192
MAX_USERS = 5_000_000
MAX_HOURS = 24 * 14

# Interests and utilities are kept in steps of 1/512 on the logit scale: in 16 bits they stay in the processor's cache,
# and exp turns their sum into a pull that is within 0.2 %.
LOGIT_STEPS = 512

CHANNELS = ("interest", "fresh", "search", "follow")
INTEREST, FRESH, SEARCH, FOLLOW = range(4)


def generator(seed: int, purpose: str, *place: int) -> np.random.Generator:
    """An own generator for ``purpose`` at ``place`` (hour, block): the order of work cannot change its numbers."""
    return np.random.Generator(np.random.SFC64([seed, zlib.crc32(purpose.encode()), *place]))


@dataclass(frozen=True, slots=True)
class MarketOptions:
    """How large a market and how long.

    ``n_users`` 1 to 5,000,000; ``n_hours`` 1 to 336, from midnight in Beijing. ``has_grade_weight`` False gives
    every grade the same weight, ``template_adoption`` (0 to 1) lets that share of all notes follow template 0,
    ``is_cold`` makes every user new to the platform. ``n_workers`` threads change the time and never the result.
    """

    n_users: int = 20_000
    n_hours: int = 24
    seed: int = 0
    has_grade_weight: bool = True
    template_adoption: float | None = None
    is_cold: bool = False
    quality_shift: float = 0.0
    n_workers: int = 2

    def __post_init__(self) -> None:
        problems = (
            (not 1 <= self.n_users <= MAX_USERS, "users", _("give 1 to {most} users").format(most=MAX_USERS)),
            (not 1 <= self.n_hours <= MAX_HOURS, "hours", _("give 1 to {most} hours").format(most=MAX_HOURS)),
            (self.seed < 0, "seed", _("a seed is not negative")),
            (
                self.template_adoption is not None and not 0 <= self.template_adoption <= 1,
                "template_adoption",
                _("a share lies between 0 and 1"),
            ),
            (self.n_workers < 1, "workers", _("give at least one worker")),
        )
        for is_wrong, field, text in problems:
            if is_wrong:
                raise InputError(text, where=field)


class Setting:
    """The constants of ``profile`` at their defaults, by name, and the page that follows from them."""

    def __init__(self, profile: RankingProfile) -> None:
        self.values: dict[str, float] = {}
        for part, names in (
            (profile.constants, Constants.model_fields),
            (profile.market, MarketConstants.model_fields),
        ):
            self.values |= {name: float(getattr(part, name).default) for name in names}
        shares = np.asarray(profile.audience_hours.shares, dtype=np.float64)
        # (24,) share of a day's visits in each hour.
        self.hour_shares = shares / shares.sum()

    def __getitem__(self, name: str) -> float:
        return self.values[name]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Setting):
            return NotImplemented
        return self.values == other.values and np.array_equal(self.hour_shares, other.hour_shares)

    def __hash__(self) -> int:
        return hash(tuple(self.values.items()))

    @cached_property
    def n_topics(self) -> int:
        return round(self["n_topics"])

    @cached_property
    def n_scenarios(self) -> int:
        """Scenarios in all; those of one topic stand side by side."""
        return self.n_topics * self.scenarios_per_topic

    @cached_property
    def scenarios_per_topic(self) -> int:
        return round(self["scenarios_per_topic"])

    @cached_property
    def n_rows(self) -> int:
        """Slots of the longest page; the last is served to a part of the visits where the depth is no whole number."""
        return int(np.ceil(self["page_depth"] - 1e-9))

    @cached_property
    def ad_rows(self) -> list[int]:
        """Slots that hold an ad: every ``ad_every_slots``-th."""
        every = max(self["ad_every_slots"], 1.001)
        return [k for k in range(self.n_rows) if int((k + 1) / every) > int(k / every)]

    @cached_property
    def note_rows(self) -> list[int]:
        """The other slots."""
        ads = set(self.ad_rows)
        return [k for k in range(self.n_rows) if k not in ads]

    @cached_property
    def note_runs(self) -> list[tuple[slice, slice]]:
        """Slots between ads: (rows of the page, rows among the note slots) of each run."""
        runs: list[tuple[slice, slice]] = []
        for k, row in enumerate(self.note_rows):
            if runs and runs[-1][0].stop == row:
                runs[-1] = slice(runs[-1][0].start, row + 1), slice(runs[-1][1].start, k + 1)
            else:
                runs.append((slice(row, row + 1), slice(k, k + 1)))
        return runs

    @cached_property
    def n_view(self) -> int:
        """Covers that are looked at together."""
        return round(self["covers_in_view"])

    @cached_property
    def examination(self) -> Floats:
        """Chance that a slot is looked at, (rows up to whole views,); 0 below the last row."""
        rows = np.arange(-(-self.n_rows // self.n_view) * self.n_view)
        return np.where(rows < self.n_rows, np.exp(-rows / self["examination_slots"]), 0.0).astype(np.float32)

    @cached_property
    def examined_share(self) -> float:
        """Share of a page's slots that is looked at."""
        return float(self.examination[: self.n_rows].mean())

    def visits(self, hour: int) -> float:
        """Expected visits of one user in that hour since the start."""
        return self["visits_per_day"] * float(self.hour_shares[hour % 24])

    @staticmethod
    def in_steps(logit: NDArray[Any], most: float) -> NDArray[np.int16]:
        """Utilities in LOGIT_STEPS, none beyond ``most`` logits."""
        return np.asarray(np.rint(np.clip(logit, -most, most) * LOGIT_STEPS).astype(np.int16))

    def interests_of(self, z_topic: Floats, z_scenario: Floats) -> Floats:
        """Interests (users, scenarios) on the logit scale from normals by topic and by scenario."""
        share = self["interest_topic_share"]
        by_topic = np.repeat(z_topic, self.scenarios_per_topic, axis=1)
        mixed = np.sqrt(share) * by_topic + np.sqrt(1 - share) * z_scenario
        return np.asarray(self["interest_sd"] * mixed, dtype=np.float32)


class Draws:
    """The random numbers of one block in one hour, of ``whose`` luck: the platform's and the audience's are apart, so
    that what is served never hangs on how many numbers readers took."""

    def __init__(self, seed: int, whose: str, hour: int, block: int) -> None:
        self._bits = generator(seed, whose, hour, block).bit_generator

    def uniform(self, *shape: int) -> Floats:
        """float32 in [0, 1) with 24 bits; two of one word of the generator, so twice as fast as its own."""
        n = math.prod(shape)
        words = self._bits.random_raw(-(-n // 2)).view(np.uint32)[:n]
        words >>= np.uint32(8)
        return np.asarray(words.astype(np.float32) * np.float32(2.0**-24)).reshape(shape)

    def uniform16(self, *shape: int) -> NDArray[np.uint16]:
        """Whole numbers of 16 bits, four of one word."""
        n = math.prod(shape)
        return np.asarray(self._bits.random_raw(-(-n // 4)).view(np.uint16)[:n]).reshape(shape)

    def happens(self, n: int, chance: float) -> NDArray[np.bool_]:
        """(n,) True with ``chance``, which is rounded to 16 bits."""
        return np.asarray(self.uniform16(n) < np.uint32(round(chance * 65_536)))
