"""Scenario hashtags: demand (how often their notes get hot) against supply (notes and authors there already)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal, get_args

import numpy as np

from creator_kit.corpus.heat import HOT_RANK
from creator_kit.corpus.note import Note
from creator_kit.mining.lift import Comparison, estimate_lifts
from creator_kit.mining.template import Lift
from creator_kit.mining.titles import HasHeat, read_heat

MIN_NOTES, MIN_AUTHORS = 5, 3
BROAD_RATE = 0.1
Verdict = Literal["under-served", "promising", "unclear", "even", "crowded", "supply-only"]
_ORDER: tuple[Verdict, ...] = get_args(Verdict)
# An interval within these says that the demand is about that of comparable notes.
_EVEN = (1 / 1.5, 1.5)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One hashtag. ``demand``: how much more often its notes are hot than comparable ones (shrunk, with an
    interval; None where nothing compares). ``is_broad``: at least a tenth of the corpus's authors use it.

    ``verdict``: *under-served* = demand above 1 beyond doubt and fewer authors than the middle scenario;
    *promising* = probably above 1; *crowded* = below 1 beyond doubt, or probably not above 1 with more authors
    than nine tenths of the scenarios; *even* = the whole interval lies within 2/3 and 3/2; *unclear* = too few
    notes to say any of these; *supply-only* = nothing to compare with.
    """

    tag: str
    n_notes: int
    n_authors: int
    is_broad: bool
    demand: Lift | None
    verdict: Verdict
    wrong_sign_rate: float


def find_scenarios(
    notes: Iterable[Note], heats: Sequence[HasHeat | None], *, hot_rank: float = HOT_RANK
) -> list[Scenario]:
    """The scenarios of a corpus with at least 5 notes by 3 authors, best opening first. Order-independent."""
    rows: list[tuple[str, str, tuple[str, ...], float, tuple[str, ...], bool]] = []
    for note, heat in zip_longest(notes, heats):
        if note is None:
            break
        hot, own, stratum = read_heat(note, heat, hot_rank)
        rows.append((note.note_id, note.author, tuple(sorted({tag.lower() for tag in note.tags})), hot, stratum, own))
    rows.sort(key=lambda row: (row[0], row[1], row[2], row[4]))
    holders: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        for tag in row[2]:
            holders[tag].append(number)
    authors_of = {tag: {rows[number][1] for number in numbers} for tag, numbers in holders.items()}
    tags = sorted(
        tag
        for tag, numbers in holders.items()
        if len(numbers) >= MIN_NOTES and len(authors_of[tag]) >= MIN_AUTHORS and not tag.startswith("[")
    )
    if not tags:
        return []
    author_ids = {author: i for i, author in enumerate(sorted({row[1] for row in rows}))}
    stratum_ids = {stratum: i for i, stratum in enumerate(sorted({row[4] for row in rows}))}
    comparison = Comparison(
        np.array([row[3] for row in rows]),
        np.array([stratum_ids[row[4]] for row in rows], np.int64),
        np.array([author_ids[row[1]] for row in rows], np.int64),
        np.array([row[5] for row in rows], np.bool_),
    )
    results = estimate_lifts(comparison, [np.array(holders[tag], np.int64) for tag in tags])
    supply = sorted(len(authors_of[tag]) for tag in tags)
    middle, high = supply[len(supply) // 2], supply[len(supply) * 9 // 10]
    out = []
    for tag, result in zip(tags, results, strict=True):
        n_authors = len(authors_of[tag])
        lift = result.lift
        verdict: Verdict
        if lift is None:
            verdict = "supply-only"
        elif result.tier == "reliable":
            verdict = "under-served" if n_authors <= middle else "promising"
        elif result.tier == "promising":
            verdict = "promising"
        elif result.tier == "avoided" or (lift.value <= 1 and n_authors >= high):
            verdict = "crowded"
        elif _EVEN[0] <= lift.interval.low and lift.interval.high <= _EVEN[1]:
            verdict = "even"
        else:
            verdict = "unclear"
        out.append(
            Scenario(
                tag,
                len(holders[tag]),
                n_authors,
                n_authors >= BROAD_RATE * len(author_ids),
                lift,
                verdict,
                result.wrong_sign_rate,
            )
        )
    return sorted(
        out, key=lambda s: (_ORDER.index(s.verdict), -(s.demand.value if s.demand else 0), s.n_authors, s.tag)
    )
