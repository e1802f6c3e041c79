"""What passes between platform and audience: a visit, the page served for it, and what was opened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from creator_kit.exposure.market.setting import Floats, Ints


@dataclass(frozen=True, slots=True)
class Visits:
    """Visits of one hour by one block, columns (m,): the first ``n_feed`` to the feed, by user, then the searches, by
    user. ``query`` (m - n_feed,) is the scenario searched for; ``depth`` the slots that will be looked through, those
    lost to an open-screen ad already off."""

    user: Ints
    n_feed: int
    query: Ints
    depth: NDArray[np.int8]
    n_lost_slots: int


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages (rows, m), slot by slot from the top. ``code`` is 4·note + channel, 4·n_notes in an ad slot and
    4·n_notes + 1 beyond the visit's depth. Of the feed's visits alone: ``scenario`` (note rows, n_feed) that each note
    slot was given to, ``n_given`` (scenarios, n_feed) the slots of each, ``before`` (scenarios, n_feed) the platform's
    counts of those users and ``n_known`` (n_feed,) the slots among them."""

    code: Ints
    scenario: Ints
    n_given: NDArray[np.int8]
    before: NDArray[np.uint32]
    n_known: Floats


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the audience did: opened (row, visit, code), and who took to following a creator (visit, note)."""

    opened_row: Ints
    opened_visit: Ints
    opened_code: Ints
    follow_visit: Ints
    follow_note: Ints


@dataclass(frozen=True, slots=True)
class NoteFacts:
    """What the audience meets when it sees a code: (4·n_notes + 2,) pull, template, chance that a reader follows."""

    pull: Floats
    template: NDArray[np.int8]
    follow_rate: Floats
