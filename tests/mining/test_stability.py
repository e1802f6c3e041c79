"""How alike the libraries of two halves are: what is shared by everybody is stable, what is chance is not."""

from __future__ import annotations

import numpy as np
from planted import make_notes, plant_titles

from creator_kit.corpus import Note
from creator_kit.mining import MiningOptions, mine_titles, save_library
from creator_kit.mining.stability import describe_halves
from creator_kit.mining.title_library import load_file

HALVED = MiningOptions(halves_up_to=10_000)


def planted_notes(n: int) -> list[Note]:
    rng = np.random.default_rng(31)
    return make_notes([one.title for one in plant_titles(n, rng)], [int(a) for a in rng.integers(0, n // 4, n)])


def test_planted_templates_are_in_both_halves() -> None:
    notes = planted_notes(2000)
    share = mine_titles(notes, [None] * len(notes), HALVED).summary.halves_share
    assert share is not None and share >= 0.8
    (sentence,) = describe_halves(share)
    assert f"{share:.0%}" in sentence and "only" not in sentence
    assert "only 41%" in describe_halves(0.41)[0]


def test_frames_of_one_half_alone_are_told() -> None:
    """Each author keeps to a frame or two, so what is found depends on who is in the sample."""
    rng = np.random.default_rng(32)
    words = ["收纳", "露营", "咖啡", "穿搭", "防晒", "相机", "手账", "跑鞋", "面霜", "拼豆"]
    frames = [
        f"{a}{b}"
        for a in ("听劝！", "谁懂啊！", "救命！", "原来", "终于")
        for b in ("换季的", "周末的", "早上的", "新买的")
    ]
    titles, authors = [], []
    for number, frame in enumerate(frames):
        for author in range(3):
            for _ in range(3):
                titles.append(frame + str(rng.choice(words)) + str(rng.integers(2, 99)))
                authors.append(3 * number + author)
    steady = mine_titles(planted_notes(2000), [None] * 2000, HALVED).summary.halves_share
    notes = make_notes(titles, authors)
    loose = mine_titles(notes, [None] * len(notes), HALVED).summary.halves_share
    assert loose is None or (steady is not None and loose < steady - 0.15)


def test_the_share_is_kept_with_the_library_and_does_not_depend_on_order(tmp_path) -> None:  # type: ignore[no-untyped-def]
    notes = planted_notes(1200)
    files = []
    for turn, some in enumerate((notes, notes[::-1])):
        (path,) = save_library(mine_titles(some, [None] * len(some), HALVED), tmp_path / str(turn))
        files.append(path.read_bytes())
        assert load_file(path)
    assert files[0] == files[1] and b"\nhalves_share = 0." in files[0] + b"\nhalves_share = 1."


def test_too_few_templates_or_too_large_a_corpus_give_no_share() -> None:
    notes = planted_notes(40)
    assert mine_titles(notes, [None] * 40, HALVED).summary.halves_share is None
    assert mine_titles([], [], HALVED).summary.halves_share is None
    many = planted_notes(1200)
    assert mine_titles(many, [None] * 1200, MiningOptions(halves_up_to=1000)).summary.halves_share is None
    assert describe_halves(None) == []
