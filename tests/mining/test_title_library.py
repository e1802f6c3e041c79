"""The library on disk: it reads back, mistakes are named, two libraries compare, the shipped one holds its promises."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from creator_kit.corpus import Note
from creator_kit.corpus.heat import compute_heat
from creator_kit.errors import InputError
from creator_kit.mining import (
    Interval,
    Lift,
    SlotPart,
    TitleLibrary,
    TitleTemplate,
    diff_libraries,
    extract,
    fill,
    find_scenarios,
    load_library,
    mine_titles,
    save_library,
)
from creator_kit.mining.title_library import load_file
from creator_kit.mining.titles import find_chance_findings
from creator_kit.paths import find_shipped_dir
from creator_kit.text.length import TITLE_LIMIT, count_title_units

PLAIN = TitleTemplate(
    "t-1",
    ("挑战", SlotPart("duration", ("7天", "30天")), "{不}点外卖，", SlotPart("phrase")),
    12,
    9,
    "promising",
    Lift(1.5, Interval(1.1, 2.0), 6, 6, "author"),
    kinds=("美食",),
    provenance={"sources": {"a": 12}, "method_version": 1},
)


def test_a_library_reads_back(tmp_path: Path) -> None:
    (path,) = save_library(TitleLibrary((PLAIN,)), tmp_path / "templates" / "titles")
    (again,) = load_file(path)
    assert replace(again, provenance=PLAIN.provenance) == PLAIN
    assert again.provenance["sources"] == {"a": 12}


def test_the_users_own_come_first_and_nothing_repeats(tmp_path: Path) -> None:
    save_library(TitleLibrary((PLAIN,)), tmp_path / "templates" / "titles")
    found = load_library(tmp_path)
    assert found[0].template_id == "t-1"
    assert len({t.template_id for t in found}) == len(found) == len(load_library()) + 1
    assert len({t.skeleton for t in found}) == len(found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[templates]]\nid = "x"\nskeletn = "挑战{topic}"', "did you mean 'skeleton'"),
        ('[[templates]]\nid = "x"\nskeleton = "挑战{topics}"', "'topics' is no slot type"),
        ('[[templates]]\nid = "x"\nskeleton = "挑战{topic"', "lone brace"),
        ('[[templates]]\nid = "x"\nskeleton = "{topic}"', "words between its slots"),
        ('[[templates]]\nid = "x"\nskeleton = "挑战{topic}"\nfillers = [["a"], ["b"]]', "more lists of fillers"),
        ('[[templates]\nid = "x"', "not valid TOML"),
    ],
)
def test_mistakes_are_named_with_their_place(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message) as caught:
        load_file(path)
    assert "mine.toml" in str(caught.value)


def test_diff_says_what_rose_and_fell() -> None:
    lower = replace(PLAIN, tier="common", lift=None)
    other = replace(PLAIN, template_id="t-2", parts=("谁懂啊！", SlotPart("phrase")))
    much_better = replace(other, lift=Lift(3.0, Interval(2.5, 3.6), 9, 1, "author"))
    verdicts = {c.name: c.verdict for c in diff_libraries([lower, other], [PLAIN, much_better])}
    assert set(verdicts.values()) == {"rose"}
    assert [c.verdict for c in diff_libraries([PLAIN], [lower])] == ["fell"]
    assert [c.verdict for c in diff_libraries([PLAIN], [other])] == ["new", "gone"]
    assert [c.verdict for c in diff_libraries([PLAIN], [PLAIN])] == ["same"]


def test_the_shipped_library_can_be_filled() -> None:
    templates = load_library()
    assert len(templates) >= 60
    assert len({kind for t in templates if t.origin == "authored" for kind in t.kinds}) >= 8
    for template in templates:
        assert 1 <= len(template.slots) <= 4
        literals = [part for part in template.parts if isinstance(part, str)]
        assert all(len(text) <= 13 for text in literals)
        if template.origin == "authored":
            assert template.tier == "common" and template.lift is None and template.support == 0
            for words in zip(*(s.fillers for s in template.slots), strict=False):
                title = fill(template, words)
                assert extract(template, title) == list(words), title
                assert count_title_units(title) <= TITLE_LIMIT, title
        else:
            assert template.support >= 5 and template.n_authors >= 3
            assert template.provenance["sources"]


def test_no_shipped_skeleton_repeats_a_real_sentence(shared: Path) -> None:
    titles = []
    for path in sorted((shared / "corpora").glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            record = msgspec.json.decode(line)
            titles.append((record.get("title") or "") + "\n" + (record.get("body") or ""))
    text = "\n".join(titles)
    for template in load_library():
        for part in template.parts:
            pieces = [part] if isinstance(part, str) else list(part.fillers)
            for piece in pieces:
                for start in range(len(piece) - 13):
                    assert piece[start : start + 14] not in text, piece


def load_illustrative() -> list[Note]:
    notes = []
    for line in (find_shipped_dir("hot_notes_corpus") / "notes.jsonl").read_bytes().splitlines():
        record = msgspec.json.decode(line)
        known = {key: value for key, value in record.items() if key in Note.__struct_fields__ and key != "floors"}
        notes.append(msgspec.convert(known, Note))
    return notes


@pytest.fixture(scope="module")
def illustrative() -> list[Note]:
    if not (find_shipped_dir("hot_notes_corpus") / "notes.jsonl").is_file():
        pytest.skip("hot_notes_corpus/notes.jsonl is not there yet")
    return load_illustrative()


def test_a_first_user_sees_believable_templates(illustrative: list[Note]) -> None:
    library = mine_titles(illustrative, compute_heat(illustrative))
    assert len(library.templates) >= 8
    assert any(template.tier in ("reliable", "promising") for template in library.templates)


def test_frames_that_many_authors_share_are_found(illustrative: list[Note]) -> None:
    said = "\n".join(template.skeleton for template in mine_titles(illustrative, [None] * len(illustrative)).templates)
    for frame in (
        *("听劝！{", "}避坑指南｜{", "保姆级{", "周末{", "一人食｜{", "{size}穿搭｜{", "分享一下{", "谁懂啊！{"),
        *("{number}个{phrase}", "{place}｜{phrase}", "从{phrase}到{", "挑战{duration}{topic}，{ordinal}"),
    ):
        assert frame in said, frame


def test_permuted_heat_rarely_gives_a_reliable_template(illustrative: list[Note]) -> None:
    heats = compute_heat(illustrative)
    n_wrong = find_chance_findings(illustrative, heats, np.random.default_rng(21), 200)
    assert n_wrong <= 10  # 5 %
    real = mine_titles(illustrative, heats)
    assert real.summary.n_tiers["reliable"] >= 1  # and not because nothing ever is


def test_two_halves_give_largely_the_same_top_templates(shared: Path) -> None:
    notes = []
    for path in sorted((shared / "corpora").glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            record = msgspec.json.decode(line)
            notes.append(
                Note(
                    record["note_id"],
                    record["author"] or "",
                    record["title"] or "",
                    tags=tuple(record["tags"] or ()),
                    source=record["source"],
                    keyword=record["keyword"],
                    title_is_body_prefix=bool((record.get("extra") or {}).get("title_was_body_prefix")),
                )
            )
    rng = np.random.default_rng(22)
    authors = sorted({note.author for note in notes})
    side = dict(zip(authors, rng.random(len(authors)) < 0.5, strict=True))
    halves = [[n for n in notes if side[n.author]], [n for n in notes if not side[n.author]]]
    first, second = (mine_titles(half, [None] * len(half)) for half in halves)
    for top, least in ((12, 0.75), (20, 0.7)):
        assert overlap(first, second, halves[1], top) >= least
        assert overlap(second, first, halves[0], top) >= least


def overlap(a: TitleLibrary, b: TitleLibrary, notes_of_b: list[Note], top: int) -> float:
    """Share of a's first templates that b holds too: by skeleton, or by reading mostly the same titles of b."""
    said = {re.sub(r"\{\w+\}", "_", template.skeleton) for template in b.templates}
    read_b = [{n.note_id for n in notes_of_b if extract(t, n.title) is not None} for t in b.templates]
    hits = 0
    for template in a.templates[:top]:
        mine = {n.note_id for n in notes_of_b if extract(template, n.title) is not None}
        same = any(len(mine & other) >= 0.5 * len(mine | other) for other in read_b if mine or other)
        hits += re.sub(r"\{\w+\}", "_", template.skeleton) in said or same
    return hits / top


def test_scenarios_are_shrunk_and_count_supply() -> None:
    notes, ranks = [], []
    for i in range(400):
        tag = ("一人食", "露营", "银器清洗")[i % 3] if i % 4 else "lucky" if i == 0 else "日常"
        notes.append(Note(f"{i:016x}", f"{i % 97:016x}", "t", tags=(tag,), source="s"))
        ranks.append(0.95 if tag == "银器清洗" and i % 2 else 0.9 if tag == "lucky" else (i * 37 % 100) / 120)

    class Heat:
        basis, from_hot_list, age_band = "source", False, 2

        def __init__(self, rank: float) -> None:
            self.rank = rank

    found = find_scenarios(notes, [Heat(rank) for rank in ranks])
    assert found[0].tag == "银器清洗"
    assert found[0].verdict in ("under-served", "promising")
    assert found[0].demand is not None and found[0].demand.interval.low > 1
    assert "lucky" not in {scenario.tag for scenario in found}  # one lucky note is not a scenario
    assert find_scenarios([], []) == []
    assert all(s.verdict == "supply-only" for s in find_scenarios(notes, [None] * len(notes)))
