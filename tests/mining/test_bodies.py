"""Shapes and habits of bodies and topics: planted ones are found, chance is not, little data says so."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from typer.testing import CliRunner

from creator_kit.cli.app import app
from creator_kit.corpus.heat import Heat, compute_heat
from creator_kit.corpus.note import Note
from creator_kit.errors import InputError
from creator_kit.mining.bodies import BodyLibrary, mine_bodies
from creator_kit.mining.body_library import describe_bodies, load_shapes, name_body_habit, save_bodies
from creator_kit.mining.tagging import classify_tag, count_tags, list_tag_habits
from creator_kit.paths import find_shipped_dir

SHAPES = (
    "今天说一件小事\n窗外下雨，屋里很静\n后来雨停了",
    "半小时做好晚饭\n1. 先洗菜切好\n2. 再下锅炒熟\n3. 最后装盘上桌",
    "租房要看的几样\n📁房租先问清楚\n🚿热水开一下看\n🔇夜里再听一回",
    "换季护肤的心得\n脸有点干，多抹一层\n你们平时抹几层？",
)


def corpus(seed: int, effect: float, n_authors: int = 40) -> list[Note]:
    """15 notes an author; the emoji lists gain ``effect`` on the logarithm of the likes."""
    rng = np.random.default_rng(seed)
    notes = []
    for a in range(n_authors):
        reach = rng.normal(5, 1.5)
        for k in range(15):
            shape = int(rng.integers(4))
            likes = int(np.exp(reach + rng.normal(0, 1) + effect * (shape == 2)))
            tags = tuple(
                str(tag) for tag in rng.choice(["日常", "一人食", "租房", "护肤", "早餐"], int(rng.integers(4)), False)
            )
            notes.append(
                Note(
                    f"{a:08x}{k:08x}", f"{a:016x}", body=SHAPES[shape], tags=tags, type="图文", likes=likes,
                    collects=0, comments=0, published_at="2025-01-01", source="planted",
                )
            )  # fmt: skip
    return notes


def mine(notes: list[Note], heats: list[Heat] | None = None) -> BodyLibrary:
    return mine_bodies(notes, compute_heat(notes) if heats is None else heats)


def test_a_planted_shape_is_reliable_within_authors() -> None:
    shapes = {shape.roles: shape for shape in mine(corpus(1, 1.5)).shapes}
    planted = shapes["hook", "bullet"]
    assert planted.tier == "reliable"
    assert planted.lift is not None
    assert planted.lift.against == "author"
    assert planted.n_exact == planted.support
    assert all(shape.tier != "reliable" for roles, shape in shapes.items() if roles != ("hook", "bullet"))


def test_thresholds_closedness_and_counts() -> None:
    library = mine(corpus(3, 0.0))
    assert library.shapes
    for shape in library.shapes:
        assert shape.support >= 5 and shape.n_authors >= 3
        assert len(set(shape.roles)) == len(shape.roles)
    keys = [(shape.support, shape.roles) for shape in library.shapes]
    for n, roles in keys:
        assert not any(m == n and roles != more and set(roles) < set(more) for m, more in keys)
    two = [msgspec.structs.replace(note, author=f"{i % 2:016x}") for i, note in enumerate(corpus(3, 0.0))]
    few = mine(two)
    assert few.shapes == () and few.habits == () and few.tags.habits == ()


def test_order_does_not_matter_and_files_come_back(tmp_path: Path) -> None:
    notes = corpus(4, 1.0)
    heats = compute_heat(notes)
    one = mine(notes, heats)
    assert one == mine(notes[::-1], heats[::-1])
    first = save_bodies(one, tmp_path / "templates" / "bodies").read_bytes()
    assert save_bodies(one, tmp_path / "templates" / "bodies").read_bytes() == first
    assert "窗外下雨".encode() not in first
    assert tuple(load_shapes(tmp_path))[: len(one.shapes)] == one.shapes
    (tmp_path / "templates" / "bodies" / "mined.toml").write_text("shapes = [{roles = ['hok']}]", encoding="utf-8")
    with pytest.raises(InputError, match=r"mined\.toml|hook"):
        load_shapes(tmp_path)


@pytest.mark.parametrize(
    "bodies",
    [[], ["一"], ["😀😀"] * 19, ["only english here\nand there"] * 30, [""] * 30, ["字" * 5000] * 25, ["\n \n"] * 9],
)
def test_small_and_bad_corpora_say_so(bodies: list[str]) -> None:
    notes = [Note(f"{i:016x}", f"{i % 4:016x}", body=body, source="s") for i, body in enumerate(bodies)]
    library = mine(notes)
    assert describe_bodies(library)
    assert all(one.lift is None and one.tier == "common" for one in (*library.shapes, *library.habits))


def test_one_author_one_week_one_keyword_and_hits_are_said() -> None:
    notes = [msgspec.structs.replace(note, author="a" * 16, keyword="租房") for note in corpus(5, 0.0)]
    said = " ".join(describe_bodies(mine(notes)))
    assert "one author" in said and "one week" in said and "one keyword" in said
    heats = [replace(heat, from_hot_list=True) for heat in compute_heat(notes)]
    assert "are hits" in " ".join(describe_bodies(mine(notes, heats)))


def test_topics_are_broad_narrow_scenario_or_rare() -> None:
    notes = [
        Note(f"{i:016x}", f"{i:016x}", tags=("日常", *(("汉服",) if i < 4 else ()), f"独{i}", "155cm穿搭"))
        for i in range(60)
    ]
    counts = count_tags(notes)
    assert classify_tag("#日常", counts) == "broad"
    assert classify_tag("汉服", counts) == "narrow"
    assert classify_tag("独7", counts) == "rare"
    assert classify_tag("一人食", counts) == "scenario"
    end = Note("1", "a", body="说完了\n#日常[话题]# #汉服[话题]#", tags=("日常", "汉服"))
    inline = Note("1", "a", body="今天 #日常 说到这里就完了", tags=("日常",))
    assert set(list_tag_habits(end, counts)) == {"tags:1-3", "mix:both", "where:end"}
    assert "where:inline" in set(list_tag_habits(inline, counts))


def test_shipped_shapes_can_be_listed_and_the_command_mines() -> None:
    shapes = load_shapes()
    assert len(shapes) >= 10
    assert all(shape.support >= 5 and shape.n_authors >= 3 for shape in shapes)
    listed = CliRunner().invoke(app, ["templates", "list", "--kind", "body", "--json"])
    assert listed.exit_code == 0, listed.output
    assert len(json.loads(listed.stdout)["shapes"]) >= len(shapes)
    assert CliRunner().invoke(app, ["templates", "list", "--kind", "cover"]).exit_code == 2


def test_mine_bodies_at_the_command_line(tmp_path: Path) -> None:
    def run(*words: str) -> str:
        result = CliRunner().invoke(app, [*words, "-w", str(tmp_path)])
        assert result.exit_code == 0, result.output
        return result.stdout

    CliRunner().invoke(app, ["init", str(tmp_path)])
    run("corpus", "add", str(find_shipped_dir("hot_notes_corpus") / "notes.jsonl"))
    data = json.loads(run("mine", "--bodies", "--json"))
    assert data["kind"] == "body_library" and data["shapes"] and data["tags"]["habits"]
    for habit in (*data["habits"], *data["tags"]["habits"]):
        assert name_body_habit(habit["name"])
    assert (tmp_path / "templates" / "bodies" / "mined.toml").exists()
    assert "hook" in run("mine", "--bodies")
