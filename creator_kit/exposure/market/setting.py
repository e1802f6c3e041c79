"""What a market is run with: the constants as plain numbers, the page, and random numbers that no chunking changes."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from creator_kit.errors import InputError
from creator_kit.exposure.profile import Constants, MarketConstants, RankingProfile
from creator_kit.locale import _

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

# Users whose random numbers come from one generator. Part of the model: another size is another sample.
BLOCK_USERS = 16_384
MAX_USERS = 5_000_000
MAX_HOURS = 24 * 14

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
    ``is_cold`` makes every user new to the platform. ``n_workers`` threads and ``chunk_blocks`` change the time
    and never the result.
    """

    n_users: int = 20_000
    n_hours: int = 24
    seed: int = 0
    has_grade_weight: bool = True
    template_adoption: float | None = None
    is_cold: bool = False
    quality_shift: float = 0.0
    n_workers: int = 2
    chunk_blocks: int = 4

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
            (self.chunk_blocks < 1, "chunk_blocks", _("give at least one block")),
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
    def n_view(self) -> int:
        """Covers that are looked at together."""
        return round(self["covers_in_view"])

    @cached_property
    def examination(self) -> Floats:
        """(rows,) chance that a slot is looked at."""
        return np.exp(-np.arange(self.n_rows) / self["examination_slots"]).astype(np.float32)

    def visits(self, hour: int) -> float:
        """Expected visits of one user in that hour since the start."""
        return self["visits_per_day"] * float(self.hour_shares[hour % 24])

    def interests_of(self, z_topic: Floats, z_scenario: Floats) -> Floats:
        """Interests (users, scenarios) on the logit scale from normals by topic and by scenario."""
        share = self["interest_topic_share"]
        by_topic = np.repeat(z_topic, self.scenarios_per_topic, axis=1)
        mixed = np.sqrt(share) * by_topic + np.sqrt(1 - share) * z_scenario
        return np.asarray(self["interest_sd"] * mixed, dtype=np.float32)


class Draws:
    """Random numbers for the visits of several blocks, each block from its own generator."""

    def __init__(self, seed: int, purpose: str, hour: int, blocks: Sequence[int]) -> None:
        self.generators = [generator(seed, purpose, hour, block) for block in blocks]
        self.counts: list[int] = []

    def uniform(self, n_rows: int) -> Floats:
        """(n_rows, visits) float32 in [0, 1)."""
        parts = [g.random((n_rows, n), dtype=np.float32) for g, n in zip(self.generators, self.counts, strict=True)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)

    def uniform16(self, n_rows: int) -> NDArray[np.uint16]:
        """(n_rows, visits) whole numbers of 16 bits."""
        parts = [
            g.bit_generator.random_raw(-(-n_rows * n // 4)).view(np.uint16)[: n_rows * n].reshape(n_rows, n)
            for g, n in zip(self.generators, self.counts, strict=True)
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
