"""Mining titles: planted templates come back, thresholds hold, order does not matter, bad corpora get words."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pytest
from planted import TEMPLATES, make_notes, plant_titles

from creator_kit.corpus import Note
from creator_kit.corpus.heat import compute_heat
from creator_kit.mining import MiningOptions, TitleLibrary, extract, fill, mine_titles, save_library
from creator_kit.mining.wording import describe_library


@dataclass(frozen=True)
class FakeHeat:
    rank: float | None
    basis: str = "source"
    n_peers: int = 99
    from_hot_list: bool = False
    age_band: int = 2


def mine(titles: list[str], authors: list[int] | None = None) -> TitleLibrary:
    notes = make_notes(titles, authors or list(range(len(titles))))
    return mine_titles(notes, [None] * len(notes))


@pytest.fixture(scope="module")
def planted_library() -> tuple[TitleLibrary, list[Note]]:
    rng = np.random.default_rng(7)
    planted = plant_titles(4000, rng)
    notes = make_notes([p.title for p in planted], [int(a) for a in rng.integers(0, 900, 4000)])
    return mine_titles(notes, [None] * len(notes)), notes


def test_planted_templates_are_recovered(planted_library: tuple[TitleLibrary, list[Note]]) -> None:
    library, _ = planted_library
    rng = np.random.default_rng(8)
    fresh = plant_titles(1500, rng, noise_rate=0.0)
    # Which mined template reads the new titles of each planted one, and does it say the same literals?
    found = set()
    for number, text in enumerate(TEMPLATES):
        literals = "".join(re.sub(r"\{\w+\}", "", text))
        own = [p.title for p in fresh if p.template == number]
        for template in library.templates:
            said = "".join(part for part in template.parts if isinstance(part, str))
            read = sum(extract(template, title) is not None for title in own)
            if read >= 0.5 * len(own) and len(said) >= 0.6 * len(re.sub(r"[天课夜元]", "", literals)):
                found.add(number)
                break
    assert len(found) >= 27, [TEMPLATES[i] for i in range(30) if i not in found]
    leading = [i for i, text in enumerate(TEMPLATES) if text.startswith("{")]
    assert len(found & set(leading)) >= len(leading) - 2


def test_the_library_is_small_and_says_nothing_twice(planted_library: tuple[TitleLibrary, list[Note]]) -> None:
    library, notes = planted_library
    assert len(library.templates) <= 90
    holders = [frozenset(i for i, n in enumerate(notes) if extract(t, n.title) is not None) for t in library.templates]
    assert len(set(holders)) == len(holders)
    assert library.summary.covered_rate > 0.8


def test_every_match_of_a_mined_template_round_trips(planted_library: tuple[TitleLibrary, list[Note]]) -> None:
    library, notes = planted_library
    for template in library.templates:
        matched = [note for note in notes if extract(template, note.title) is not None]
        assert len(matched) == template.support
        for note in matched:
            assert fill(template, extract(template, note.title) or []) == note.title


def test_thresholds_and_fillers(planted_library: tuple[TitleLibrary, list[Note]]) -> None:
    library, notes = planted_library
    for template in library.templates:
        assert template.support >= 5
        assert template.n_authors >= 3
        assert template.slots
        assert all(len(part) <= 13 for part in template.parts if isinstance(part, str))
        for place, slot in enumerate(template.slots):
            who: dict[str, set[str]] = defaultdict(set)
            for note in notes:
                words = extract(template, note.title)
                if words is not None:
                    who[words[place].strip()].add(note.author)
            assert all(len(who[word]) >= 3 for word in slot.fillers)


def test_four_notes_or_two_authors_make_no_template() -> None:
    topics = ["收纳", "露营", "咖啡", "穿搭", "防晒", "相机", "手账", "跑鞋"]
    noise = [f"今日份{topic}小记{number}" for number, topic in enumerate(topics)]
    titles = [f"谁懂啊！{topic}居然这么好" for topic in topics]
    assert mine(titles[:4]).templates == ()
    assert mine(titles, [1, 1, 1, 1, 2, 2, 2, 2]).templates == ()
    assert mine(titles, [1, 1, 1, 1, 1, 1, 2, 3]).templates == ()  # one author's habit
    assert [t.skeleton for t in mine(titles + noise).templates if "谁懂啊" in t.skeleton] == [
        "谁懂啊！{topic}居然这么好"
    ]


def test_input_order_does_not_matter(tmp_path) -> None:  # type: ignore[no-untyped-def]
    rng = np.random.default_rng(3)
    planted = plant_titles(1200, rng)
    notes = make_notes([p.title for p in planted], [int(a) for a in rng.integers(0, 300, 1200)])
    heats = [FakeHeat(float(r)) for r in rng.random(1200)]
    options = MiningOptions(sample_titles=800)
    files = []
    for turn in range(3):
        order = rng.permutation(1200) if turn else np.arange(1200)
        library = mine_titles([notes[i] for i in order], [heats[i] for i in order], options)
        (path,) = save_library(library, tmp_path / str(turn))
        files.append(path.read_bytes())
    assert files[0] == files[1] == files[2]
    assert len(files[0]) > 1000


def test_a_topic_is_filling_and_a_frame_is_frame() -> None:
    """ "高中物理" is in most titles and named by their tags; it must not become literal."""
    rng = np.random.default_rng(5)
    titles, tags = [], []
    for _ in range(200):
        topic = str(rng.choice(["高中物理", "高中化学"]))
        titles.append(
            f"{rng.choice(['学霸', '老师', '学长', '班主任'])}亲授！{topic}{rng.choice(['电路', '力学', '热学'])}这样学"
        )
        tags.append((topic,))
    notes = [
        Note(f"{i:016x}", f"{i % 60:016x}", title, tags=tag, source="s")
        for i, (title, tag) in enumerate(zip(titles, tags, strict=True))
    ]
    library = mine_titles(notes, [None] * 200)
    assert library.templates
    assert not any("高中" in part for t in library.templates for part in t.parts if isinstance(part, str))
    assert any("亲授！" in part for t in library.templates for part in t.parts if isinstance(part, str))


EMOJI = ["🔥", "😀😀", "👩‍🍳✨", "🇨🇳"] * 8
BAD = {
    "nothing": [],
    "one note": ["谁懂啊"],
    "nineteen": [f"第{i}天好好吃饭" for i in range(19)],
    "English": [
        f"My {w} day in {p}" for w in ("first", "best", "last", "long") for p in ("Rome", "Bonn", "Oslo", "Bern")
    ],
    "emoji": EMOJI,
    "identical": ["今天也要好好吃饭呀"] * 60,
    "empty": [""] * 30,
    "one character": ["啊", "哦", "嗯"] * 20,
    "2,000 characters": ["很长的标题" * 400] * 20,
    "control characters": ["\x00a\x07b\u202e", "\ud7ff的", "a\u0301的"] * 12,
}


@pytest.mark.parametrize("name", BAD)
def test_odd_corpora_get_words_not_crashes(name: str) -> None:
    library = mine(BAD[name])
    sentences = describe_library(library)
    assert all(sentences)
    for template in library.templates:
        assert template.support >= 5
        assert template.lift is None
    if name in ("nothing", "one note", "identical", "empty", "2,000 characters", "emoji"):
        assert library.templates == ()
        assert len(sentences) >= 2


def count(likes: int, *, floor: bool) -> dict[str, object]:
    return {
        "likes": likes, "collects": likes, "comments": likes,
        "floors": frozenset({"likes", "collects", "comments"}) if floor else frozenset(),
    }  # fmt: skip


@pytest.mark.parametrize(("likes", "floor"), [(0, False), (10, True), (7, False)])
def test_equal_zero_or_floored_engagement_invents_no_lift(likes: int, floor: bool) -> None:
    rng = np.random.default_rng(2)
    planted = plant_titles(300, rng)
    notes = [
        Note(f"{i:016x}", f"{int(a):016x}", p.title, source="s", published_at="2026-03-01", **count(likes, floor=floor))  # type: ignore[arg-type]
        for i, (p, a) in enumerate(zip(planted, rng.integers(0, 90, 300), strict=True))
    ]
    library = mine_titles(notes, compute_heat(notes))
    assert library.templates
    assert all(template.lift is None and template.tier == "common" for template in library.templates)
    assert any("No note could be compared" in line or "No reliable" in line for line in describe_library(library))


@pytest.mark.parametrize("n", [0, 1, 19])
def test_a_handful_of_notes_is_told_so(n: int) -> None:
    rng = np.random.default_rng(4)
    notes = make_notes([p.title for p in plant_titles(n, rng)], list(range(n)))
    library = mine_titles(notes, compute_heat(notes))
    assert all(template.support >= 5 and template.lift is None for template in library.templates)
    said = "\n".join(describe_library(library))
    assert ("no note in the corpus" in said) if not n else ("Fewer than 200" in said)


def test_hot_only_equal_and_unknown_counts_are_said() -> None:
    rng = np.random.default_rng(1)
    planted = plant_titles(400, rng)
    notes = make_notes([p.title for p in planted], [int(a) for a in rng.integers(0, 100, 400)])
    hits = mine_titles(notes, [FakeHeat(float(r), from_hot_list=True) for r in rng.random(400)])
    assert hits.summary.hot_only
    assert all(template.lift is None and template.tier == "common" for template in hits.templates)
    assert any("All of these notes are hits" in line for line in describe_library(hits))
    silent = mine_titles(notes, [FakeHeat(None, "none")] * 400)
    assert any("No note could be compared" in line for line in describe_library(silent))
    equal = mine_titles(notes, [FakeHeat(0.5)] * 400)
    assert all(template.lift is None for template in equal.templates)
    assert any("No note could be compared" in line for line in describe_library(equal))
