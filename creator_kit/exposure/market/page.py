"""What passes between platform and audience: a visit, the page served for it, and what was opened."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from creator_kit.exposure.market.setting import Floats, Ints


@dataclass(frozen=True, slots=True)
class Visits:
    """Visits of one hour, columns (m,). ``user`` rises; ``query`` is the scenario searched for, -1 in the feed;
    ``depth`` the slots that will be looked through, those lost to an open-screen ad already off."""

    user: Ints
    query: Ints
    depth: Ints
    n_lost_slots: int


@dataclass(frozen=True, slots=True)
class Pages:
    """Pages (rows, m), slot by slot from the top. ``code`` is 4·note + channel, 4·n_notes in an ad slot and
    4·n_notes + 1 beyond the visit's depth; ``scenario`` (note rows, m) that each note slot was given to; ``n_given``
    (scenarios, m) what the page counts for in the platform's book, and ``n_known`` (m,) the slots on it before."""

    code: NDArray[np.int32]
    scenario: NDArray[np.int8]
    n_given: NDArray[np.int8]
    n_known: Floats


@dataclass(frozen=True, slots=True)
class Feedback:
    """What the audience did: opened (row, visit), and who took to following a creator (visit, note)."""

    opened_row: Ints
    opened_visit: Ints
    follow_visit: Ints
    follow_note: Ints


@dataclass(frozen=True, slots=True)
class NoteFacts:
    """What the audience meets when it sees a code: (4·n_notes + 2,) pull and template."""

    pull: Floats
    template: NDArray[np.int8]
