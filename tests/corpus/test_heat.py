"""Heat: relative, scale-free, honest about floors, and the same in any order."""

from __future__ import annotations

import random
from dataclasses import replace as replace_heat

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.corpus.heat import (
    HOT_RANK,
    MIN_AUTHOR_NOTES,
    MIN_GROUP_NOTES,
    ORDINARY_RANK,
    Heat,
    compute_heat,
    find_hot_lists,
)
from creator_kit.corpus.note import METRICS, Note

LIKES_FLOOR = frozenset({"likes"})


def note(n: int, likes: int | None, *, author: str = "", floor: bool = False, **fields: object) -> Note:
    fields = {"published_at": "2026-01-01", "observed_at": "2026-06-01", "source": "s"} | fields
    return Note(f"{n:016x}", author, likes=likes, floors=LIKES_FLOOR if floor else frozenset(), **fields)  # type: ignore[arg-type]


def ranks(notes: list[Note]) -> list[float | None]:
    return [heat.rank for heat in compute_heat(notes)]


def scaled(one: Note, factor: int) -> Note:
    counts = {name: None if (value := getattr(one, name)) is None else value * factor for name in METRICS}
    return msgspec.structs.replace(one, **counts)


def slow_rank(notes: list[Note], i: int) -> tuple[float, float]:
    """Mid-rank and share of undecided comparisons of note ``i`` in one group, pair by pair."""
    below = equal = undecided = 0.0
    for j, other in enumerate(notes):
        a, b = notes[i].likes, other.likes
        assert a is not None and b is not None
        a_open, b_open = "likes" in notes[i].floors, "likes" in other.floors
        if i == j:
            equal += 1
        elif not a_open and not b_open:
            below += b < a
            equal += b == a
        elif a_open and b_open:
            undecided += 1
        elif a_open:
            below += b < a
            undecided += b >= a
        else:
            undecided += b <= a
    return (below + equal / 2 + undecided / 2) / len(notes), undecided / (len(notes) - 1)


counts = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=MIN_GROUP_NOTES, max_size=40)


@settings(max_examples=60, deadline=None)
@given(counts)
def test_ranks_equal_those_counted_pair_by_pair(drawn: list[tuple[int, bool]]) -> None:
    notes = [note(n, likes, floor=floor) for n, (likes, floor) in enumerate(drawn)]
    for i, heat in enumerate(compute_heat(notes)):
        rank, undecided_rate = slow_rank(notes, i)
        if undecided_rate <= 0.2:
            assert heat.rank == pytest.approx(rank) and 0 < rank < 1 and heat.n_peers == len(notes) - 1
        else:
            assert heat == Heat(None, "none", 0)


def corpus(seed: int, n_notes: int = 400) -> list[Note]:
    """Authors with few and many notes, several sources, ages and types, zeros, ties, floors and gaps."""
    rng = random.Random(seed)
    notes = []
    for n in range(n_notes):
        author = rng.choice([f"{rng.randrange(5):016x}", f"{rng.randrange(200):016x}", ""])
        notes.append(
            note(
                n,
                rng.choice([None, 0, int(rng.lognormvariate(3, 2))]),
                author=author,
                floor=rng.random() < 0.05,
                collects=rng.choice([None, int(rng.lognormvariate(2, 2))]),
                comments=rng.randrange(4),
                source=rng.choice("ab"),
                keyword=rng.choice([None, "早餐"]),
                type=rng.choice([None, "图文", "视频"]),
                published_at=rng.choice([None, "2026-05-31", "2026-05-20", "2026-01-02", "2024-01-01"]),
            )
        )
    return [msgspec.structs.replace(one, floors=one.floors if one.likes is not None else frozenset()) for one in notes]


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_notes_does_not_matter(seed: int) -> None:
    notes = corpus(seed)
    order = list(range(len(notes)))
    random.Random(seed).shuffle(order)
    heats = compute_heat(notes)
    assert compute_heat([notes[i] for i in order]) == [heats[i] for i in order]


@pytest.mark.parametrize("seed", range(4))
def test_multiplying_an_authors_counts_leaves_ranks_within_the_author(seed: int) -> None:
    notes = corpus(seed)
    author = f"{0:016x}"
    loud = [scaled(one, 100) if one.author == author else one for one in notes]
    before, after = compute_heat(notes), compute_heat(loud)
    mine = [i for i, one in enumerate(notes) if one.author == author and before[i].basis == "author"]
    assert len(mine) >= MIN_AUTHOR_NOTES
    assert [before[i] for i in mine] == [after[i] for i in mine]


@pytest.mark.parametrize("seed", range(2))
def test_multiplying_a_whole_corpus_changes_no_rank(seed: int) -> None:
    notes = corpus(seed)
    plain = [replace_heat(heat, from_hot_list=False) for heat in compute_heat(notes)]
    loud = [replace_heat(heat, from_hot_list=False) for heat in compute_heat([scaled(one, 100) for one in notes])]
    assert plain == loud


def test_a_small_authors_best_note_is_hot_and_a_famous_authors_worst_is_not() -> None:
    small = [note(n, n, author="a" * 16) for n in range(10)]
    famous = [note(100 + n, 50_000 + n, author="b" * 16) for n in range(10)]
    heats = compute_heat(small + famous)
    assert {heat.basis for heat in heats} == {"author"}
    assert heats[9].is_hot and heats[9].rank == pytest.approx(0.95)
    assert heats[10].is_ordinary and not heats[10].is_hot


def test_too_few_peers_say_nothing() -> None:
    alone = [note(n, n * 1000, author="a" * 16) for n in range(MIN_AUTHOR_NOTES - 1)]
    assert compute_heat(alone) == [Heat(None, "none", 0)] * len(alone)
    assert compute_heat([]) == []


def test_coarser_groups_are_used_in_turn_and_named() -> None:
    many = [note(n, n, keyword="早餐", type="图文") for n in range(MIN_GROUP_NOTES)]
    rare_type = [note(100 + n, n, keyword="早餐", type="视频") for n in range(3)]
    rare_word = [note(200 + n, n, keyword="午餐", type="图文") for n in range(3)]
    old = [note(300, 5, keyword="早餐", type="图文", published_at="2023-01-01")]
    fresh = [note(400, 5, keyword="早餐", type="图文", published_at="2026-05-31")]
    other = [note(500, 5, source="another")]
    heats = compute_heat(many + rare_type + rare_word + old + fresh + other)
    assert {heat.basis for heat in heats[:MIN_GROUP_NOTES]} == {"source×keyword×type×age"}
    assert {heat.basis for heat in heats[20:23]} == {"source×keyword×age"}
    assert {heat.basis for heat in heats[23:26]} == {"source×type×age"}
    # A fresh note is not held against settled ones, and a source alone has nobody to be held against.
    assert [heat.basis for heat in heats[26:]] == ["source", "none", "none"]


def test_ties_share_a_rank_and_zeros_are_not_hot() -> None:
    heats = compute_heat([note(n, 0) for n in range(19)] + [note(99, 1)])
    assert [heat.rank for heat in heats[:19]] == [9.5 / 20] * 19
    assert not any(heat.is_hot for heat in heats[:19]) and heats[19].is_hot


def test_a_high_floor_is_hot_and_a_low_floor_is_undecided() -> None:
    notes = [note(n, n) for n in range(50)]
    top, low = note(90, 100_000, floor=True), note(91, 10, floor=True)
    assert compute_heat([*notes, top])[-1].is_hot
    assert compute_heat([*notes, low])[-1].rank is None


def test_notes_are_compared_on_counts_that_both_have() -> None:
    full = [note(n, n, collects=1000 - n, comments=0) for n in range(30)]
    likes_only = note(99, 15)
    heat = compute_heat([*full, likes_only])[-1]
    assert heat.n_peers == 30 and heat.rank == pytest.approx(0.5, abs=0.04)


def test_the_age_of_an_untimed_export_is_that_of_its_newest_note() -> None:
    days = [f"2026-05-{day:02d}" for day in range(1, 31)]
    notes = [note(n, n, published_at=day, observed_at=None) for n, day in enumerate(days * 2)]
    fresh = [heat for one, heat in zip(notes, compute_heat(notes), strict=True) if one.published_at > "2026-05-27"]  # type: ignore[operator]
    assert [heat.basis for heat in fresh] == ["none"] * 6


def test_a_list_of_hot_notes_has_no_ordinary_ones() -> None:
    picked = [note(n, 200 + 7 * n) for n in range(40)]
    heats = compute_heat(picked)
    assert find_hot_lists(picked) == {"s"}
    assert any(heat.is_hot for heat in heats) and not any(heat.is_ordinary for heat in heats)
    sampled = [note(n, n * n // 4) for n in range(40)]
    assert find_hot_lists(sampled) == frozenset()
    assert any(heat.is_ordinary for heat in compute_heat(sampled))
    # Whole accounts of loved authors are no selection, and floors of "10+" prove nothing either way.
    loved = [note(n, 500 + n, author=f"{n // 20:016x}") for n in range(40)]
    assert find_hot_lists(loved) == frozenset()
    assert find_hot_lists([note(n, 5, floor=True) for n in range(40)]) == frozenset()


def test_on_real_corpora_hot_lists_are_found_and_no_others(shared: object) -> None:
    from creator_kit.corpus.readers import open_export
    from creator_kit.corpus.reading import ReadOptions

    expected = {
        "estreads_primary_school": True,
        "searchapi_food_travel_beauty_titles": True,
        "feed_cosmetics_2018": False,
        "mediacrawler_startup_hackathon": False,
        "authorpage_8_creators": False,
        "bucketed_study_exam": False,
    }
    for name, is_hot_list in expected.items():
        export = open_export(shared / "corpora" / f"{name}.jsonl", ReadOptions(hash_key=b"k"))  # type: ignore[operator]
        notes = [row for row in export.rows() if isinstance(row, Note)]
        assert bool(find_hot_lists(notes)) is is_hot_list, name
        heats = compute_heat(notes)
        assert any(heat.is_ordinary for heat in heats) is not is_hot_list, name


def test_a_large_corpus_is_ranked_without_comparing_pairs() -> None:
    notes = [note(n, n % 977, author=f"{n % 9000:016x}") for n in range(40_000)]
    assert all(heat.rank is not None for heat in compute_heat(notes))


def test_thresholds_leave_a_gap() -> None:
    assert 0 < ORDINARY_RANK < HOT_RANK < 1
