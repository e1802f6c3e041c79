"""Several sightings of one note: the laws that make an import's result independent of the order of files."""

from __future__ import annotations

from itertools import permutations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from note_strategies import NOTE_IDS, notes

from creator_kit.corpus.merging import Observation, add_observation, fold, is_within, join
from creator_kit.corpus.note import METRICS, Note

one_note = notes().map(lambda note: msgspec.structs.replace(note, note_id=NOTE_IDS[0]))


@given(one_note, one_note, one_note)
def test_join_is_a_semilattice(a: Note, b: Note, c: Note) -> None:
    assert join(a, b) == join(b, a)
    assert join(a, join(b, c)) == join(join(a, b), c)
    assert join(a, a) == a
    assert is_within(a, join(a, b))


@settings(max_examples=60)
@given(st.lists(notes(timed=True), min_size=1, max_size=4))
def test_timed_observations_give_the_same_history_in_any_order(rows: list[Note]) -> None:
    rows = [msgspec.structs.replace(row, note_id=NOTE_IDS[0]) for row in rows]
    results = set()
    for order in permutations(rows):
        history = [Observation(order[0].observed_at or "", order[0])]
        for row in order[1:]:
            history = add_observation(history, Observation(row.observed_at or "", row))
        results.add(tuple(history))
    assert len(results) == 1


@settings(max_examples=60)
@given(st.lists(one_note, min_size=1, max_size=5))
def test_rows_read_again_later_say_nothing_new(rows: list[Note]) -> None:
    history = [Observation(rows[0].observed_at or "2026-07-01", rows[0])]
    for row in rows[1:]:
        history = add_observation(history, Observation(row.observed_at or "2026-07-01", row))
    for row in rows:
        assert add_observation(history, Observation(row.observed_at or "2026-08-01", row)) is history


@given(st.lists(one_note, min_size=2, max_size=4))
def test_folding_erases_no_known_field(rows: list[Note]) -> None:
    state = fold([Observation("", row) for row in rows])
    for name in ("author", "title", "body", "tags", "type", "published_at", "keyword", "followers", *METRICS):
        if any(getattr(row, name) not in (None, "", ()) for row in rows):
            assert getattr(state, name) not in (None, "", ())


def _fold(*rows: Note) -> Note:
    return fold([Observation("", row) for row in rows])


def test_a_floor_replaces_an_exact_count_only_when_it_exceeds_it() -> None:
    exact = Note(NOTE_IDS[0], likes=1532)
    low = Note(NOTE_IDS[0], likes=1000, floors=frozenset({"likes"}))
    high = Note(NOTE_IDS[0], likes=10_000, floors=frozenset({"likes"}))
    assert (_fold(exact, low).likes, _fold(exact, low).floors) == (1532, frozenset())
    assert (_fold(exact, high).likes, _fold(exact, high).floors) == (10_000, frozenset({"likes"}))
    assert _fold(high, exact).likes == 1532
    # At the same moment the exact count stands, whichever is larger.
    assert join(exact, high).likes == 1532 and not join(exact, high).floors
    # Of two floors the larger says more, even if the page that showed it is the older.
    assert _fold(low, Note(NOTE_IDS[0], likes=10, floors=frozenset({"likes"}))).likes == 1000


def test_a_cut_text_never_replaces_a_whole_one() -> None:
    whole = Note(NOTE_IDS[0], title="三步做好早餐", body="第一步，先烧水。第二步，下面条。")
    cut = Note(NOTE_IDS[0], title="第一步，先烧水", title_is_body_prefix=True, body="第一步，先", body_truncated=True)
    assert _fold(whole, cut) == _fold(cut, whole) == whole


def test_an_edited_title_is_the_newer_one_and_a_date_keeps_its_hour() -> None:
    old = Note(NOTE_IDS[0], title="旧标题", published_at="2026-05-01T07:00:00+08:00")
    new = Note(NOTE_IDS[0], title="新题", published_at="2026-05-01")
    assert _fold(old, new).title == "新题"
    assert _fold(old, new).published_at == "2026-05-01T07:00:00+08:00"


def test_an_untimed_copy_of_a_timed_row_is_no_second_observation() -> None:
    timed = Note(NOTE_IDS[0], likes=5, observed_at="2026-06-01")
    untimed = Note(NOTE_IDS[0], likes=5)
    first = [Observation("2026-06-01", timed)]
    assert add_observation(first, Observation("2026-11-24", untimed)) is first
    assert add_observation([Observation("2026-11-24", untimed)], Observation("2026-06-01", timed)) == first
