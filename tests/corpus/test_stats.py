"""What a corpus is said to hold."""

from __future__ import annotations

import random

import msgspec
import pytest

from creator_kit.corpus.note import Note
from creator_kit.corpus.stats import compute_stats, is_unsettled


def note(n: int, **fields: object) -> Note:
    fields = {"author": f"{n:016x}", "source": "s", "published_at": f"2026-0{1 + n % 9}-11", "likes": n} | fields
    return Note(f"{n:016x}", **fields)  # type: ignore[arg-type]


def test_an_empty_corpus_is_no_error() -> None:
    found = compute_stats([])
    assert found.n_notes == 0 and found.contrast == "too few" and found.warnings == () and found.first_on is None


def test_figures_are_those_counted_by_hand() -> None:
    notes = [
        note(1, title="题", tags=("a",), type="图文", likes=10, floors=frozenset({"likes"}), published_at="2026-01-02"),
        note(2, author="", body="正文", type="视频", likes=0, published_at="2025-12-31T23:00:00+08:00"),
        note(3, author=f"{1:016x}", likes=None, collects=4, published_at=None, source="t"),
        note(4, type="图文", likes=7, followers=0, published_at="2026-01-03"),
    ]
    found = compute_stats(iter(notes))
    assert (found.n_notes, found.n_authors, found.n_without_author) == (4, 2, 1)
    assert (found.first_on, found.last_on) == ("2025-12-31", "2026-01-03")
    rate = found.coverage_rate
    assert (rate["title"], rate["body"], rate["tags"], rate["author"]) == (0.25, 0.25, 0.25, 0.75)
    # A zero is a known count; a missing one is not.
    assert (rate["likes"], rate["collects"], rate["followers"], rate["published_at"]) == (0.75, 0.25, 0.25, 0.75)
    assert found.floor_rate == {"likes": pytest.approx(1 / 3), "collects": 0.0, "comments": 0.0, "shares": 0.0}
    assert found.type_rate == {"image": 0.5, "video": 0.25, "unknown": 0.25}
    assert [(source.source, source.n_notes) for source in found.sources] == [("s", 3), ("t", 1)]
    assert found.sources[0].floor_rate == pytest.approx(1 / 3) and found.sources[0].likes is None


def test_quantiles_are_nearest_ranks_of_exact_likes() -> None:
    likes = list(range(1, 11))
    random.Random(1).shuffle(likes)
    notes = [note(n, likes=value) for n, value in enumerate(likes)]
    notes.append(note(99, likes=10**6, floors=frozenset({"likes"})))
    assert compute_stats(notes).sources[0].likes == (1, 5, 9)


def test_contrast_is_judged_by_source() -> None:
    sampled = [note(n, likes=n // 2) for n in range(60)]
    picked = [note(100 + n, likes=300 + n, source="picked") for n in range(30)]
    few = [note(200 + n, likes=300 + n, source="few") for n in range(5)]
    assert compute_stats(sampled).contrast == "mixed"
    assert compute_stats(picked).contrast == "hot only"
    assert compute_stats(sampled + picked).contrast == "part hot only"
    assert compute_stats(few).contrast == "too few"
    assert [source.is_hot_list for source in compute_stats(sampled + picked + few).sources] == [False, True, None]
    # Without likes nothing can be said, however many notes there are.
    assert compute_stats([msgspec.structs.replace(one, likes=None) for one in sampled]).contrast == "too few"


def test_lopsided_corpora_are_told() -> None:
    wide = [note(n, keyword=f"k{n % 7}") for n in range(60)]
    assert compute_stats(wide).warnings == ()

    def warned(**fields: object) -> tuple[str, ...]:
        return compute_stats([msgspec.structs.replace(one, **fields) for one in wide]).warnings

    assert warned(author="a" * 16) == ("one author",)
    assert warned(keyword="早餐") == ("one keyword",)
    assert warned(floors=frozenset({"likes"})) == ("mostly floors",)
    assert warned(published_at=None) == ("no time",)
    assert warned(likes=None) == ("no engagement",)
    assert warned(published_at="2026-03-01") == ("one week",)
    week = [msgspec.structs.replace(one, published_at=f"2026-02-{25 + n % 4}") for n, one in enumerate(wide)]
    assert compute_stats(week).warnings == ("one week",)


def test_an_own_note_with_views_and_no_impressions_is_unsettled() -> None:
    assert is_unsettled(note(1, views=126, impressions=0)) and is_unsettled(note(1, views=126))
    assert not is_unsettled(note(1, views=126, impressions=400))
    assert not is_unsettled(note(1, views=0, impressions=0)) and not is_unsettled(note(1))
