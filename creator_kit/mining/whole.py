"""One run over a corpus: titles, bodies and topics mined, all their tests controlled together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from creator_kit.corpus.note import Note
from creator_kit.mining.bodies import BodyLibrary, SoughtBodies, list_q_values
from creator_kit.mining.engine import Engine
from creator_kit.mining.families import control_families, hold_habits, hold_tier, hold_titles, list_title_q_values
from creator_kit.mining.lift import Comparison, estimate_lifts
from creator_kit.mining.matching import read_all
from creator_kit.mining.note_table import read_notes
from creator_kit.mining.title_library import TitleLibrary
from creator_kit.mining.titles import MAX_CHARACTERS, HasHeat, MiningOptions, mine_titles

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Mined:
    """What one run found, with q-values over all that it tested."""

    titles: TitleLibrary
    bodies: BodyLibrary


def mine_corpus(
    notes: Callable[[], Iterable[Note]],
    heats: Sequence[HasHeat | None],
    options: MiningOptions | None = None,
    *,
    engine: Engine | None = None,
    advance: Advance = lambda _n: None,
) -> Mined:
    """Titles, bodies and topics of a corpus; ``notes`` gives the notes anew at each call, ``heats[i]`` is note i's.

    ``advance`` is called with numbers of titles and of bodies done, so that it ends at twice the notes with titles.
    """
    options = options or MiningOptions()
    titles = mine_titles(notes(), heats, options, engine=engine, advance=advance)
    table = read_notes(notes(), heats, hot_rank=options.hot_rank, engine=engine, advance=advance)
    sought = SoughtBodies(table)
    tested = sought.test()
    of_titles, *of_bodies = control_families([list_title_q_values(titles), *list_q_values(tested)])
    return Mined(hold_titles(titles, of_titles), sought.finish(tested, of_bodies))


def count_chance_runs(
    notes: Sequence[Note],
    heats: Sequence[HasHeat | None],
    rng: np.random.Generator,
    n_permutations: int,
    options: MiningOptions | None = None,
) -> int:
    """In how many of ``n_permutations`` a run finds anything reliable or avoided although who is hot was drawn anew.

    Hot and ordinary change places within each stratum; note ids are distinct. What is sought does not depend on the
    heat, so that it is sought once; every permutation tests and judges all of it as ``mine_corpus`` does.
    """
    options = options or MiningOptions()
    pairs = sorted(zip(notes, heats, strict=True), key=lambda pair: pair[0].note_id)
    notes, heats = [note for note, _ in pairs], [heat for _, heat in pairs]
    table = read_notes(notes, heats, hot_rank=options.hot_rank)
    sought = SoughtBodies(table)
    titles = [note.title.strip() if _is_read(note) else "" for note in notes]
    templates = mine_titles(notes, heats, options).templates
    groups = [np.asarray(numbers, np.int64) for numbers, _fillings in read_all(titles, templates)]
    has_title = np.array([bool(title) for title in titles])
    n_found = 0
    for _ in range(n_permutations):
        is_hot = _permute(table.comparison, rng)
        of_titles = replace(table.comparison, is_hot=np.where(has_title, is_hot, np.nan))
        results = [result for result in estimate_lifts(of_titles, groups) if result.lift is not None]
        tested = sought.test(is_hot)
        q_titles, *q_bodies = control_families([[one.q_value for one in results], *list_q_values(tested)])
        tiers = {hold_tier(one.tier, q) for one, q in zip(results, q_titles, strict=True)}
        for family, q_values in zip(tested, q_bodies, strict=True):
            tiers |= {habit.tier for habit in hold_habits(family, q_values)}
        n_found += not tiers.isdisjoint(("reliable", "avoided"))
    return n_found


def _permute(comparison: Comparison, rng: np.random.Generator) -> NDArray[np.float64]:
    """Who is hot, drawn anew within each stratum."""
    known = np.flatnonzero(~np.isnan(comparison.is_hot))
    by_stratum = known[np.argsort(comparison.stratum[known], kind="stable")]
    drawn = known[np.lexsort((rng.random(len(known)), comparison.stratum[known]))]
    is_hot = comparison.is_hot.copy()
    is_hot[by_stratum] = comparison.is_hot[drawn]
    return is_hot


def _is_read(note: Note) -> bool:
    """Whether ``mine_titles`` reads the title of ``note``."""
    title = note.title.strip()
    return bool(title) and not note.title_is_body_prefix and "\n" not in title and len(title) <= MAX_CHARACTERS
