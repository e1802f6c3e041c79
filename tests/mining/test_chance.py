"""One control over all that a run tests: what permuted heat finds, and the arithmetic of it."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import plant_titles

from creator_kit.corpus.heat import Heat, compute_heat
from creator_kit.corpus.note import Note
from creator_kit.corpus.shipped import load_shipped_notes
from creator_kit.mining import find_scenarios, whole
from creator_kit.mining.families import LEVEL, control_families, hold_tier
from creator_kit.mining.title_library import TIER_ORDER
from creator_kit.mining.titles import read_heat
from creator_kit.mining.whole import count_chance_runs, mine_corpus

BODIES = (
    "今天说一件小事\n窗外下雨，屋里很静\n后来雨停了",
    "半小时做好晚饭\n1. 先洗菜切好\n2. 再下锅炒熟\n3. 最后装盘上桌",
    "租房要看的几样\n📁房租先问清楚\n🚿热水开一下看\n🔇夜里再听一回",
    "换季护肤的心得\n脸有点干，多抹一层\n你们平时抹几层？",
    "周末去了趟公园\n记得早点出门，人少\n想去的评论区告诉我",
)
TOPICS = ("日常", "一人食", "租房", "护肤", "早餐", "155cm穿搭", "银器清洗")


def draw_notes(n: int, seed: int, *, n_authors: int) -> list[Note]:
    """``n`` notes of four searches whose counts have nothing to do with titles, bodies or topics."""
    rng = np.random.default_rng(seed)
    titles = plant_titles(n, rng)
    return [
        Note(
            f"{i:016x}", f"{int(rng.integers(n_authors)):016x}", title=titles[i].title,
            body="\n".join(str(part) for part in rng.choice(BODIES, int(rng.integers(1, 4)), False)),
            tags=tuple(str(tag) for tag in rng.choice(TOPICS, int(rng.integers(5)), False)), type="图文",
            likes=int(np.exp(rng.normal(3.3, 1.6))), collects=int(rng.integers(50)), comments=0,
            published_at=f"2025-0{1 + i % 9}-11", observed_at="2025-12-01", source="search", keyword=f"词{i % 4}",
        )
        for i in range(n)
    ]  # fmt: skip


@pytest.mark.parametrize("corpus", ["accounts", "searches"])
def test_permuted_heat_gives_anything_reliable_in_at_most_5_of_100_runs(corpus: str) -> None:
    notes = draw_notes(900, 8, n_authors=45 if corpus == "accounts" else 300)
    heats = compute_heat(notes)
    basis = [heat.basis for heat in heats if heat.rank is not None]
    assert (
        basis.count("author") > 0.9 * len(basis) if corpus == "accounts" else basis.count("author") < 0.1 * len(basis)
    )
    n_permutations = 200
    n_found = count_chance_runs(notes, heats, np.random.default_rng(9), n_permutations)
    assert n_found <= 0.05 * n_permutations, n_found


def test_the_permutation_test_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any control of many tests the same permutations find too much."""
    monkeypatch.setattr(whole, "control_families", lambda families: [[0.0] * len(family) for family in families])
    monkeypatch.setattr("creator_kit.mining.lift._benjamini_hochberg", lambda p_values: [0.0] * len(p_values))
    notes = draw_notes(900, 8, n_authors=45)
    assert count_chance_runs(notes, compute_heat(notes), np.random.default_rng(9), 20) > 5


def test_a_run_without_permutation_judges_as_mining_does() -> None:
    """The fast path seeks and tests what ``mine_corpus`` seeks and tests: true heat gives the same answer."""
    notes = load_shipped_notes()
    heats = compute_heat(notes)
    mined = mine_corpus(lambda: notes, heats)
    tiers = {one.tier for one in mined.bodies.shapes} | {one.tier for one in mined.bodies.tags.habits}
    assert "reliable" in tiers

    class Unmoved:
        def random(self, n: int) -> np.ndarray:
            return np.arange(n) / n

    assert count_chance_runs(notes, heats, Unmoved(), 1) == 1  # type: ignore[arg-type]


families = st.lists(st.lists(st.floats(0, 1), max_size=6), max_size=5)


@given(families)
@settings(max_examples=200, deadline=None)
def test_joint_q_values_are_the_levels_at_which_the_procedure_rejects(q: list[list[float]]) -> None:
    joint = control_families(q)
    assert [len(family) for family in joint] == [len(family) for family in q]
    told = sorted(min(family) for family in q if family)
    m = len(told)
    for level in (0.01, LEVEL, 0.2, 0.9):
        selected = max((k for k, p in enumerate(told, start=1) if p <= k * level / m), default=0)
        for own, together in zip(q, joint, strict=True):
            for x, y in zip(own, together, strict=True):
                assert y >= x - 1e-12
                bound = selected * level / m if m else 0.0
                if abs(x - bound) > 1e-9 and all(abs(p - k * level / m) > 1e-9 for k, p in enumerate(told, 1)):
                    assert (y <= level) == (selected > 0 and x <= bound)


def test_one_family_alone_is_not_held_down_and_five_are() -> None:
    assert control_families([[0.04, 0.5]]) == [[0.04, 0.5]]
    (titles, *_rest) = control_families([[0.04], [0.9], [0.9], [0.9], [0.9]])
    assert titles == [pytest.approx(0.2)]
    # Where every family has something, each is held to the level that it would have alone.
    assert control_families([[0.04]] * 5) == [[pytest.approx(0.04)]] * 5
    assert control_families([]) == [] and control_families([[], [0.03]]) == [[], [0.03]]
    assert hold_tier("reliable", 0.06) == "promising" and hold_tier("avoided", 0.06) == "common"
    assert hold_tier("reliable", 0.05) == "reliable" and hold_tier("common", 1.0) == "common"


def test_titles_that_do_not_survive_beside_bodies_step_down() -> None:
    notes = load_shipped_notes()
    mined = mine_corpus(lambda: notes, compute_heat(notes))
    tiers: list[str] = [template.tier for template in mined.titles.templates]
    assert tiers == sorted(tiers, key=TIER_ORDER.index)
    assert mined.titles.summary.n_tiers == {tier: [*tiers].count(tier) for tier in TIER_ORDER}
    for template in mined.titles.templates:
        if template.tier in ("reliable", "avoided"):
            assert template.provenance["q_value"] <= LEVEL  # type: ignore[operator]


def test_heat_of_nothing_finds_nothing() -> None:
    notes = draw_notes(60, 3, n_authors=20)
    heats = [Heat(None, "none", 0)] * 60
    assert count_chance_runs(notes, heats, np.random.default_rng(1), 3) == 0
    assert count_chance_runs([], [], np.random.default_rng(1), 3) == 0


def test_permuted_heat_gives_hardly_ever_an_under_served_scenario() -> None:
    rng = np.random.default_rng(12)
    names = [f"场景{k}" for k in range(40)]
    notes = [
        msgspec.structs.replace(note, tags=tuple(str(tag) for tag in rng.choice(names, int(rng.integers(5)), False)))
        for note in draw_notes(900, 8, n_authors=300)
    ]
    heats = compute_heat(notes)
    strata: dict[tuple[str, ...], list[int]] = {}
    for number, (note, heat) in enumerate(zip(notes, heats, strict=True)):
        strata.setdefault(read_heat(note, heat, 0.8)[2], []).append(number)
    n_found = 0
    for _ in range(100):
        permuted = list(heats)
        for numbers in strata.values():
            for at, drawn in zip(numbers, rng.permutation(numbers), strict=True):
                permuted[at] = replace(heats[at], rank=heats[drawn].rank)
        found = find_scenarios(notes, permuted)
        assert len(found) == 40
        n_found += any(scenario.verdict == "under-served" for scenario in found)
    assert n_found <= 5, n_found
