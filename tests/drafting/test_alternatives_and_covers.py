"""One part alone, and batches with covers: the same bytes for any number of workers, resumed after a kill."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from creator_kit.cli.app import app
from creator_kit.drafting import PARTS, Brief, Drafter, list_alternatives
from creator_kit.errors import UsageError
from creator_kit.mining import load_library
from creator_kit.persona import load_persona
from creator_kit.review import load_rules

TODAY = date(2026, 11, 24)
RUNNER = CliRunner()
BRIEF = Brief("番茄牛腩", scenario="一人食", points=("番茄去皮才出沙", "热水一次加够"), prices=("一顿15元",))
ROWS = [{"topic": f"土豆焖饭第{n}版", "points": ["土豆先煎", "水没过米"]} for n in range(2)]


@pytest.mark.parametrize("part", PARTS)
def test_one_part_in_other_words(part: str) -> None:
    drafter = Drafter(load_persona("dorm-cook"), load_library(), rules=load_rules())
    draft = drafter.draft(BRIEF, today=TODAY)
    mine = {"title": [t.title for t in draft.titles], "tags": list(draft.tags)}.get(part, [draft.body.split("\n")[0]])
    found = list_alternatives(drafter, BRIEF, part, n=4, today=TODAY, without=mine)
    assert found and len(found) <= 4 and not {item.text for item in found} & set(mine)
    assert all(item.source for item in found) and len({item.text for item in found}) == len(found)


def test_a_part_that_is_none() -> None:
    with pytest.raises(UsageError, match="title, hook, closing, tags"):
        list_alternatives(Drafter(load_persona("blank"), ()), BRIEF, "cover", n=1, today=TODAY)


def run(folder: Path, *more: str) -> tuple[int, dict[str, bytes]]:
    source = folder.parent / "briefs.jsonl"
    rows = [json.dumps(row, ensure_ascii=False) for row in ROWS]
    source.write_text("\n".join([rows[0], "{broken", rows[1]]) + "\n", encoding="utf-8")
    command = ["draft", "--brief", str(source), "--covers", "--out", str(folder / "out"), "-p", "dorm-cook"]
    result = RUNNER.invoke(app, [*command, "--today", "2026-11-24", *more])
    out = folder / "out"
    files = {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}
    return result.exit_code, files


def test_covers_of_a_batch_are_the_same_for_one_worker_and_two_and_after_a_kill(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folders = [tmp_path / name for name in ("one", "two", "killed")]
    for folder in folders:
        folder.mkdir()
    code, one = run(folders[0])
    assert code == 1  # a line is no brief; the rest went on
    lines = [json.loads(line) for line in one["drafts.jsonl"].splitlines()]
    assert [line["kind"] for line in lines] == ["draft", "failure", "draft"]
    drafts = [line["draft"] for line in lines if line["kind"] == "draft"]
    assert all(f"covers/{draft['draft_id']}.png" in one and draft["images"] for draft in drafts)
    assert run(folders[1], "--workers", "2") == (1, one)
    # Killed after the first line: the part holds its head and that line, and half of the next.
    _code, whole = run(folders[2])
    out = folders[2] / "out"
    head = _head_of(folders[2])
    first, second = whole["drafts.jsonl"].decode().split("\n")[:2]
    (out / "drafts.jsonl").unlink()
    (out / "drafts.jsonl.part").write_text(f"{head}\n{first}\n{second[:40]}", encoding="utf-8")
    assert run(folders[2]) == (1, one)


def _head_of(folder: Path) -> str:
    """The first line of a part, as the running batch writes it."""
    from creator_kit.cli.draft_covers import with_covers
    from creator_kit.drafting import DrafterRecipe, DraftOptions

    recipe = DrafterRecipe(load_persona("dorm-cook"), tuple(load_library()), DraftOptions())
    return json.dumps({"inputs": with_covers(recipe, folder / "out", None).digest_inputs(TODAY)})


def test_a_cover_that_cannot_be_drawn_does_not_cost_the_draft(tmp_path: Path) -> None:
    from creator_kit.cli.draft_covers import CoverDrawer
    from creator_kit.drafting import make_draft

    persona = load_persona("blank")
    draft = make_draft(Brief("银器清洗"), persona, (), today=TODAY)
    gap = replace(draft, title="［待补：标题］", missing=("标题",))
    drawn = CoverDrawer(persona.cover, tmp_path, tmp_path)(gap)
    assert "cover_error" in drawn.extra and not drawn.images and drawn.body == draft.body


@pytest.mark.parametrize(
    "arguments",
    [
        ["番茄", "--covers"],
        ["--brief", "x.jsonl", "--covers"],
        ["--of", "d1"],
        ["--alternatives", "title"],
        ["番茄", "--of", "d1", "--alternatives", "title"],
        ["番茄", "--alternatives", "cover"],
    ],
)
def test_options_that_do_not_go_together(arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert RUNNER.invoke(app, ["draft", *arguments]).exit_code == 2


def test_alternatives_of_a_saved_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert RUNNER.invoke(app, ["init", "."]).exit_code == 0
    made = RUNNER.invoke(app, ["draft", "番茄牛腩", "--point", "番茄去皮才出沙", "-p", "dorm-cook", "--json"])
    draft = json.loads(made.stdout)["draft"]
    result = RUNNER.invoke(app, ["draft", "--of", draft["draft_id"], "--alternatives", "hook", "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)["alternatives"]
    assert found and all(item["text"] not in draft["body"] for item in found)
