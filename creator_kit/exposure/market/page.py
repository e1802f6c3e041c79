"""What passes between platform and audience: a visit, the page served for it, and what was opened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from creator_kit.exposure.market.setting import Floats, Ints


@dataclass(frozen=True, slots=True)
class Visits:
    """Some visits of one hour, columns (m,), by user: all to the feed, or all searches. ``query`` (m,) is the scenario
    searched for, None for the feed; ``depth`` the slots that will be looked through, those lost to an open-screen ad
    already off."""

    user: Ints
    query: Ints | None
    depth: NDArray[np.int8]
    n_lost_slots: int


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages of some visits. ``place`` (note rows, m) says where in the hour's tables each note slot's note stands, from
    the top; the last place of all is an empty slot beyond the visit's depth. ``given`` is None for searches."""

    place: Ints
    given: Given | None


@dataclass(frozen=True, slots=True)
class Given:
    """To which scenarios the slots of the feed were given: ``scenario`` (note rows, m) of each, ``n_slots`` (scenarios,
    m) how many each got, ``before`` (scenarios, m) the platform's counts of those users and ``n_known`` (m,) the slots
    among them."""

    scenario: Ints
    n_slots: NDArray[np.int8]
    before: NDArray[np.uint32]
    n_known: Floats


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the audience did: notes opened (note row, visit, place), who took to following a creator (visit, note), ads
    opened, and ``n_opened`` (m,) all that a visit opened, ads among them."""

    opened_row: Ints
    opened_visit: Ints
    opened_place: Ints
    follow_visit: Ints
    follow_note: Ints
    n_ads_opened: int
    n_opened: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class NoteFacts:
    """What the audience meets when it sees a code, (4·n_notes + 1,), the last an empty slot: ``look`` is 256 · utility
    in LOGIT_STEPS + template (255 for none), one number so that it is looked up once; ``follow_rate`` the chance that a
    reader follows, ``most_follow`` the largest of these."""

    look: NDArray[np.int32]
    follow_rate: Floats
    most_follow: float
