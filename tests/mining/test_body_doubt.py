"""How far the figures of shapes and habits can be trusted: planted lifts lie in their intervals, halves agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from creator_kit.corpus.heat import Heat, compute_heat
from creator_kit.corpus.note import Note
from creator_kit.mining.bodies import BodyLibrary, BodyShape, SoughtBodies, mine_bodies
from creator_kit.mining.body_library import describe_bodies
from creator_kit.mining.habits import Habit
from creator_kit.mining.note_table import read_notes

LINES = (
    "1. 先洗菜切好\n2. 再下锅炒熟",
    "📁房租先问清楚\n🚿热水开一下看",
    "后来雨停了，路上没有人",
    "记得早点出门",
    "合计38元",
    "你们平时抹几层？",
)
TOPICS = ("日常", "一人食", "租房", "护肤", "早餐", "手账", "跑步")


def draw_bodies(n: int, n_authors: int, rng: np.random.Generator) -> list[Note]:
    """Bodies of one band of length with one to four kinds of lines, in the order above, and up to six topics."""
    notes = []
    for i in range(n):
        chosen = np.sort(rng.choice(len(LINES), int(rng.integers(1, 5)), False))
        notes.append(
            Note(
                f"{i:016x}", f"{int(rng.integers(n_authors)):016x}", source="s",
                body="\n".join(["今天说一件小事，慢慢说", *(LINES[k] for k in chosen)])[:59],
                tags=tuple(str(tag) for tag in rng.choice(TOPICS, int(rng.integers(7)), False)),
            )
        )  # fmt: skip
    return notes


@pytest.mark.parametrize("author_spread", [0.0, 0.5])
def test_intervals_of_shapes_and_habits_cover_planted_lifts(author_spread: float) -> None:
    """Each habit of a body multiplies its chance to be hot; a group's true lift follows from the chances of all."""
    rng = np.random.default_rng(31)
    notes = draw_bodies(1500, 150, rng)
    sought = SoughtBodies(read_notes(notes, [Heat(0.5, "source", 9)] * len(notes), hot_rank=0.8))
    table = sought.table
    assert {habits[0] for _outline, habits in table.kinds} == {"length:under 60"}
    n_covered = n_all = 0
    for _ in range(40):
        effect = {role: rng.normal(0, 0.35) for role in ("numbered", "step", "bullet", "context", "tip", "question")}
        by_kind = np.array([sum(effect.get(role, 0.0) for role in outline) for outline, _habits in table.kinds])
        own = rng.normal(0, author_spread, 150) - author_spread**2 / 2
        chance = np.minimum(0.2 * np.exp(by_kind[table.kind] + own[table.comparison.author]), 0.95)
        tested = sought.test((rng.random(len(notes)) < chance).astype(float))
        # What an author's other notes would do is not part of the truth about a habit.
        of_kind = np.minimum(0.2 * np.exp(by_kind), 0.95)[table.kind]
        for name, rows in _list_groups(sought):
            inside = np.zeros(len(notes), np.bool_)
            inside[rows] = True
            truth = of_kind[inside].mean() / of_kind[~inside].mean()
            found = next((one for family in tested[1:3] for one in family if one.name == name), None)
            if found is not None and found.lift is not None:
                n_covered += found.lift.interval.low <= truth <= found.lift.interval.high
                n_all += 1
    assert n_all > 1000
    assert 0.85 <= n_covered / n_all <= 0.97, n_covered / n_all  # stated: 0.90


def _list_groups(sought: SoughtBodies) -> Sequence[tuple[str, NDArray[np.int64]]]:
    kinds = sought.table.kinds
    kind = sought.table.kind
    groups = []
    for name in sorted({habit for _outline, habits in kinds for habit in habits if not habit.startswith("length")}):
        has = np.array([name in habits for _outline, habits in kinds])
        groups.append((name, np.flatnonzero(has[kind])))
    for name in sought.shape_names:
        roles = name.split("→")
        has = np.array([_is_within(roles, outline) for outline, _habits in kinds])
        groups.append((name, np.flatnonzero(has[kind])))
    return groups


def _is_within(short: Sequence[str], long: Sequence[str]) -> bool:
    rest = iter(long)
    return all(role in rest for role in short)


def split_by_author(notes: list[Note], heats: list[Heat], seed: int) -> list[BodyLibrary]:
    rng = np.random.default_rng(seed)
    authors = sorted({note.author for note in notes})
    side = dict(zip(authors, rng.random(len(authors)) < 0.5, strict=True))
    halves = [[pair for pair in zip(notes, heats, strict=True) if side[pair[0].author] == half] for half in (0, 1)]
    return [mine_bodies([note for note, _ in half], [heat for _, heat in half]) for half in halves]


def check_halves(notes: list[Note], heats: list[Heat], *, top: int, least: float) -> None:
    for seed in (1, 2):
        one, other = split_by_author(notes, heats, seed)
        for a, b in ((one, other), (other, one)):
            first = [shape.name for shape in a.shapes[:top]]
            assert len(first) == top
            assert sum(name in {shape.name for shape in b.shapes} for name in first) >= least * top
        tiers = [{habit.name: habit.tier for habit in (*half.habits, *half.tags.habits)} for half in (one, other)]
        shared = tiers[0].keys() & tiers[1].keys()
        assert len(shared) > 10
        assert all({tiers[0][name], tiers[1][name]} != {"reliable", "avoided"} for name in shared)


def test_halves_of_a_corpus_show_the_same_shapes() -> None:
    rng = np.random.default_rng(5)
    notes = draw_bodies(2400, 300, rng)
    ranks = rng.random(len(notes))
    check_halves(notes, [Heat(float(rank), "source", 9) for rank in ranks], top=20, least=0.8)


def test_halves_of_real_corpora_show_the_same_shapes(shared: Path) -> None:
    notes = []
    for path in sorted((shared / "corpora").glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            record = msgspec.json.decode(line)
            known = {key: value for key, value in record.items() if key in Note.__struct_fields__ and value is not None}
            notes.append(msgspec.convert({"author": "", "title": "", **known}, Note))
    check_halves(notes, compute_heat(notes), top=20, least=0.75)


@dataclass(frozen=True)
class Bad:
    """A corpus of the kind that people bring, and what must be said of it."""

    notes: list[Note]
    says: str


def bodies_of(texts: Sequence[str], **fields: object) -> list[Note]:
    given = {"likes": 5, "collects": 10, "comments": 1, "published_at": "2025-03-01", "source": "s", **fields}
    return [
        Note(f"{i:016x}", f"{i % 9:016x}", body=text, tags=("日常",), **given)  # type: ignore[arg-type]
        for i, text in enumerate(texts)
    ]


GOOD = "今天说一件小事\n📁房租先问清楚\n🚿热水开一下看\n记得早点出门"
BAD = {
    "none": Bad([], "None of the notes has a whole body"),
    "one": Bad(bodies_of([GOOD]), "No shape is shared by 5 bodies of 3 authors yet"),
    "nineteen": Bad(bodies_of([GOOD] * 19), "could be compared"),
    "english": Bad(
        bodies_of(["First this happened.\n- one thing\n- another\nWhat do you think?"] * 60), "could be compared"
    ),
    "emoji": Bad(bodies_of(["😀🎉\n🍜🍜🍜"] * 60), "could be compared"),
    "one character": Bad(bodies_of(["好"] * 60), "could be compared"),
    "endless": Bad(bodies_of(["长" * 20_000] * 30), "could be compared"),
    "hits": Bad(bodies_of([GOOD] * 60, likes=90_000), "All of these notes are hits"),
    "zeros": Bad(bodies_of([GOOD, "今天\n雨停了"] * 30, likes=0, collects=0, comments=0), "could be compared"),
    "floors": Bad(
        bodies_of([GOOD, "今天\n雨停了"] * 30, likes=10, floors=frozenset({"likes"}), collects=None, comments=None),
        "could be compared",
    ),
    "cut short": Bad(bodies_of([GOOD] * 30, body_truncated=True), "None of the notes has a whole body"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_corpora_get_clear_words_and_no_figure(name: str) -> None:
    notes = BAD[name].notes
    library = mine_bodies(notes, compute_heat(notes))
    assert BAD[name].says in " ".join(describe_bodies(library))
    found: list[BodyShape | Habit] = [*library.shapes, *library.habits, *library.tags.habits]
    for one in found:
        assert one.tier == "common" and one.lift is None
        assert one.n_authors >= 3
