"""Batches: the same bytes whatever the number of workers, and a killed run goes on where it was."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path

import pytest

from creator_kit.drafting import (
    BatchFile,
    BatchLine,
    Brief,
    BriefFailure,
    DrafterRecipe,
    DraftOptions,
    draft_batch,
    iter_briefs,
)
from creator_kit.errors import RefusedError
from creator_kit.mining import load_library
from creator_kit.persona import load_persona

TODAY = date(2026, 11, 24)
OWN = Path(__file__).with_name("briefs.jsonl")


@pytest.fixture
def recipe() -> DrafterRecipe:
    return DrafterRecipe(load_persona("dorm-cook"), ())


@pytest.fixture
def briefs(tmp_path: Path) -> Path:
    path = tmp_path / "briefs.jsonl"
    lines = OWN.read_text(encoding="utf-8").splitlines()
    lines[3:3] = ['{"topic": ""}', "not json"]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def run(recipe: DrafterRecipe, source: Path, n_workers: int = 1) -> list[str]:
    return [line.to_json() for line in draft_batch(recipe, iter_briefs(source), today=TODAY, n_workers=n_workers)]


def test_one_and_four_workers_give_the_same_lines_and_read_ahead_a_little_only(
    recipe: DrafterRecipe, briefs: Path
) -> None:
    alone = run(recipe, briefs)
    n_read = 0

    def endless() -> Iterator[Brief | BriefFailure]:
        nonlocal n_read
        while True:
            for item in iter_briefs(briefs):
                n_read += 1
                yield item

    lines = draft_batch(recipe, endless(), today=TODAY, n_workers=4)
    assert [line.to_json() for line in islice(lines, len(alone))] == alone
    lines.close()  # type: ignore[attr-defined]
    assert n_read <= len(alone) + 64


def test_failures_have_their_own_lines_and_the_rest_goes_on(recipe: DrafterRecipe, briefs: Path) -> None:
    lines = list(draft_batch(recipe, iter_briefs(briefs), today=TODAY))
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))
    failed = [line for line in lines if line.draft is None]
    assert [line.number for line in failed] == [4, 5]
    assert failed[0].where.endswith("briefs.jsonl:4") and failed[0].error


def test_a_killed_run_goes_on_and_ends_with_the_same_file(recipe: DrafterRecipe, briefs: Path, tmp_path: Path) -> None:
    whole = run(recipe, briefs)
    out = tmp_path / "out.jsonl"
    with pytest.raises(KeyboardInterrupt):
        write(recipe, briefs, out, stop_after=7)
    part = out.with_name("out.jsonl.part")
    assert part.exists() and not out.exists()
    with part.open("a", encoding="utf-8") as stream:
        stream.write('{"kind": "dra')  # cut off in the middle of a line
    assert write(recipe, briefs, out) == 7
    assert out.read_text(encoding="utf-8").splitlines() == whole and not part.exists()


def test_a_process_killed_amid_a_batch_is_resumed_to_the_same_bytes(tmp_path: Path) -> None:
    lines = OWN.read_text(encoding="utf-8").splitlines()
    many = tmp_path / "many.jsonl"
    # Each with a point of its own, so that no two drafts are one; one line is broken.
    texts = [json.dumps(json.loads(line) | {"tags": [f"第{n}遍"]}) for n in range(4) for line in lines]
    texts[40] = '{"topic": "番茄牛腩", "pionts": []}'
    many.write_text("\n".join(texts), encoding="utf-8")
    out = tmp_path / "killed.jsonl"
    part = out.with_name("killed.jsonl.part")

    def start(n_workers: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "creator_kit", "draft", "--brief", str(many), "-p", "dorm-cook", "--jsonl"]
        return subprocess.Popen(
            [*command, "--today", "2026-11-24", "--out", str(out), "--workers", str(n_workers)],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    process = start(2)
    deadline = time.monotonic() + 240
    while not part.exists() or part.read_bytes().count(b"\n") < 20:
        assert process.poll() is None and time.monotonic() < deadline, "it ended before it could be killed"
        time.sleep(0.01)
    process.kill()  # SIGKILL: nothing of the program runs any more
    # Its workers hold the other end of this pipe: it is closed once they have gone, too.
    process.communicate(timeout=60)
    n_done = part.read_bytes().count(b"\n") - 1
    assert 19 <= n_done < len(texts) and not out.exists()

    resumed = start(1)
    _nothing, messages = resumed.communicate(timeout=240)
    assert f"{n_done}".encode() in messages and resumed.returncode == 1  # the broken line is a failure
    recipe = DrafterRecipe(load_persona("dorm-cook"), tuple(load_library()))
    whole = run(recipe, many)
    assert out.read_text(encoding="utf-8") == "\n".join(whole) + "\n" and not part.exists()
    kinds = [json.loads(line)["kind"] for line in whole]
    assert kinds.count("failure") == 1 and kinds[40] == "failure" and len(kinds) == len(texts)


def write(recipe: DrafterRecipe, source: Path, out: Path, stop_after: int | None = None) -> int:
    file = BatchFile(out, recipe.digest_inputs(TODAY))
    n_done = len(file.done)
    with file.writing() as stream:
        items = file.skip_done(iter_briefs(source))
        lines = draft_batch(recipe, items, today=TODAY, first_number=n_done + 1)
        for line in islice(lines, stop_after):
            stream.write(line.to_json() + "\n")
        if stop_after is not None:
            raise KeyboardInterrupt
    return n_done


def test_a_part_of_other_inputs_is_not_gone_on_with(recipe: DrafterRecipe, briefs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    with pytest.raises(KeyboardInterrupt):
        write(recipe, briefs, out, stop_after=3)
    assert BatchFile(out, "another digest").done == []
    other = tmp_path / "other.jsonl"
    other.write_text('{"topic": "别的题目"}\n' * 9, encoding="utf-8")
    file = BatchFile(out, recipe.digest_inputs(TODAY))
    with pytest.raises(RefusedError, match="brief 1"):
        list(file.skip_done(iter_briefs(other)))


def test_two_runs_do_not_write_one_file(recipe: DrafterRecipe, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    first, second = (BatchFile(out, recipe.digest_inputs(TODAY)) for _n in range(2))
    with first.writing() as stream:
        stream.write('{"kind": "failure"}\n')
        stream.flush()
        with pytest.raises(RefusedError, match="another run"), second.writing():
            pass
    assert out.read_text(encoding="utf-8") == '{"kind": "failure"}\n' and list(tmp_path.iterdir()) == [out]


def test_a_pack_or_corpus_that_changed_begins_anew(recipe: DrafterRecipe) -> None:
    persona = recipe.persona
    changed = (
        replace(recipe, persona=replace(persona, guides={**persona.guides, "photo.md": "x"})),
        replace(recipe, persona=replace(persona, voice=persona.voice.model_copy(update={"forbidden": ("番茄",)}))),
        replace(recipe, known=(("n1", "别人的标题", ""),)),
        replace(recipe, model_note=" some-model"),
        replace(recipe, options=DraftOptions(seed=1)),
    )
    digests = [one.digest_inputs(TODAY) for one in (recipe, *changed)] + [recipe.digest_inputs(date(2026, 11, 25))]
    assert len(set(digests)) == len(digests) and recipe.digest_inputs(TODAY) == digests[0]
    moved = replace(recipe, persona=replace(persona, root=Path("elsewhere")))
    assert moved.digest_inputs(TODAY) == digests[0]


def test_a_line_of_a_failure_is_json() -> None:
    text = BatchLine(3, None, "a:1", 'x "y"', "").to_json()
    assert '"kind": "failure"' in text and "\n" not in text
