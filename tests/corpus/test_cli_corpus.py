"""``corpus`` and ``results`` at the command line, on files in the layouts that people have."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from note_strategies import notes
from typer.testing import CliRunner

from creator_kit.cli.app import app
from creator_kit.clock import BEIJING
from creator_kit.corpus.note import Note
from creator_kit.corpus.reading import ReadOptions
from creator_kit.corpus.store import export_jsonl, import_export, load_notes, render_record
from creator_kit.workspace import Workspace, init_workspace, open_workspace

KEY = b"0123456789abcdef"
NOW = datetime(2026, 11, 24, 12, tzinfo=BEIJING)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace, and in it the current folder."""
    root = tmp_path / "我的 工作区"
    root.mkdir()
    init_workspace(root, hash_key=KEY).close()
    monkeypatch.chdir(root)
    monkeypatch.setenv("CREATOR_KIT_TODAY", "2026-11-24")
    return root


def call(*words: str, stdin: bytes | None = None) -> Any:
    return CliRunner().invoke(app, list(words), input=stdin)


def record(n: int, **fields: Any) -> dict[str, Any]:
    return {
        "note_id": f"{n:016x}", "author": f"{n % 7:016x}", "title": f"第{n}份早餐清单",
        "body": "面包和豆浆", "tags": ["早餐"], "type": "图文",
        "likes": n, "collects": n, "comments": 0, "shares": 0, "published_at": f"2026-0{1 + n % 9}-02",
        "source": "test", "keyword": None,
    } | fields  # fmt: skip


def write_jsonl(path: Path, records: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in records), encoding="utf-8")
    return path


def write_official(path: Path, n_notes: int = 3, encoding: str = "utf-8-sig") -> Path:
    """The creator centre's note list, saved again as csv."""
    columns = [
        "笔记标题",
        "首次发布时间",
        "体裁",
        "曝光",
        "观看量",
        "封面点击率",
        "点赞",
        "评论",
        "收藏",
        "涨粉",
        "分享",
        "人均观看时长",
        "弹幕",
    ]
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for n in range(n_notes):
            time = f"2026年06月{25 - n:02d}日12时01分35秒"
            writer.writerow([f"笔记{n}", time, "图文", 0 if n == 0 else 292, 32, 0.106, 4, 0, 1, 0, 2, 36, 0])
    return path


def test_add_tells_what_went_in_and_again_changes_nothing(folder: Path) -> None:
    write_jsonl(folder / "笔记.jsonl", [record(n) for n in range(40)])
    first = call("corpus", "add", "笔记.jsonl", "--json")
    assert first.exit_code == 0
    document = json.loads(first.stdout)
    assert (document["schema_version"], document["kind"]) == (1, "import")
    assert document["totals"] == {
        "n_added": 40, "n_updated": 0, "n_unchanged": 0, "n_days": 0, "n_problems": 0, "n_failed": 0,
    }  # fmt: skip
    again = call("corpus", "add", "笔记.jsonl")
    assert again.exit_code == 0 and "imported before" in again.stderr and "40" in again.stdout


def test_a_bad_row_is_named_and_the_rest_goes_in(folder: Path) -> None:
    records = [record(1), record(2, likes="许多"), record(3)]
    write_jsonl(folder / "x.jsonl", records)
    done = call("corpus", "add", "x.jsonl")
    assert done.exit_code == 1 and "x.jsonl:2" in done.stderr and "likes" in done.stderr
    with open_workspace(folder) as workspace:
        assert len(load_notes(workspace)) == 2


def test_strict_leaves_the_file_out(folder: Path) -> None:
    write_jsonl(folder / "good.jsonl", [record(9)])
    write_jsonl(folder / "x.jsonl", [record(1), record(2, likes="许多"), record(3)])
    done = call("corpus", "add", "good.jsonl", "x.jsonl", "--strict")
    assert done.exit_code == 3 and "x.jsonl:2" in done.stderr and "--strict" in done.stderr
    with open_workspace(folder) as workspace:
        assert len(load_notes(workspace)) == 1


def test_a_bad_file_is_told_and_the_others_go_in(folder: Path) -> None:
    write_jsonl(folder / "good.jsonl", [record(1)])
    (folder / "empty.csv").write_bytes(b"")
    (folder / "noise.xlsx").write_bytes(os.urandom(5000))
    (folder / "sub").mkdir()
    done = call("corpus", "add", "missing.jsonl", "empty.csv", "noise.xlsx", "sub", "good.jsonl", "--json")
    assert done.exit_code == 3
    files = json.loads(done.stdout)["files"]
    assert [entry["error"] is None for entry in files] == [False, False, False, False, True]
    for name in ("missing.jsonl", "empty.csv", "noise.xlsx", "sub"):
        assert name in done.stderr
    assert "--recursive" in done.stderr and "Traceback" not in done.stderr
    with open_workspace(folder) as workspace:
        assert len(load_notes(workspace)) == 1


def test_a_folder_stands_for_its_exports(folder: Path) -> None:
    (folder / "exports" / "more").mkdir(parents=True)
    write_jsonl(folder / "exports" / "a.jsonl", [record(1)])
    write_jsonl(folder / "exports" / "more" / "b.jsonl", [record(2)])
    (folder / "exports" / "read me.md").write_text("no export", encoding="utf-8")
    done = call("corpus", "add", "exports", "--json")
    assert done.exit_code == 0 and json.loads(done.stdout)["totals"]["n_added"] == 1
    done = call("corpus", "add", "--recursive", "exports", "--json")
    assert done.exit_code == 0 and json.loads(done.stdout)["totals"]["n_added"] == 1
    (folder / "nothing").mkdir()
    assert call("corpus", "add", "-r", "nothing").exit_code == 3


def test_a_folder_of_many_exports_is_one_line(folder: Path) -> None:
    (folder / "pages").mkdir()
    for n in range(20):
        write_jsonl(folder / "pages" / f"{n:02d}.jsonl", [record(n)])
    (folder / "pages" / "broken.json").write_text("{", encoding="utf-8")
    done = call("corpus", "add", "pages")
    assert done.exit_code == 3
    lines = [line for line in done.stdout.splitlines() if "pages" in line]
    assert len(lines) == 1 and "20 files" in lines[0]
    assert "broken.json" in done.stderr


def test_standard_input_is_jsonl_and_told_by_its_name(folder: Path) -> None:
    lines = [json.dumps(record(1), ensure_ascii=False), "{broken", json.dumps(record(2), ensure_ascii=False)]
    done = call("corpus", "add", "-", "--json", stdin="\n".join(lines).encode())
    (entry,) = json.loads(done.stdout)["files"]
    assert done.exit_code == 1 and entry["file"] == "-" and entry["n_added"] == 2
    assert entry["problems"][0]["where"].startswith("-:2")


def test_a_table_of_ones_own_is_read_through_a_mapping(folder: Path) -> None:
    rows = [["甲", "乙", "丙"], ["早餐三步", "1.2万", "2026-05-01"], ["午餐", "3", "2026-05-02"]]
    (folder / "own.csv").write_text("\n".join(",".join(row) for row in rows), encoding="gb18030")
    mapping = ["--map", "title=甲", "--map", "likes=乙", "--map", "published_at=丙"]
    done = call("corpus", "add", "own.csv", *mapping, "--source", "朋友的表")
    assert done.exit_code == 0, done.stderr
    with open_workspace(folder) as workspace:
        held = {note.title: note for note in load_notes(workspace)}
    assert held["早餐三步"].likes == 12_000 and held["午餐"].source == "朋友的表"
    assert call("corpus", "add", "own.csv", "--map", "title").exit_code == 2
    assert call("corpus", "add", "own.csv", "--exported-at", "昨天").exit_code == 2


def test_each_command_points_to_the_other(folder: Path) -> None:
    write_official(folder / "list.csv")
    write_jsonl(folder / "others.jsonl", [record(1)])
    done = call("corpus", "add", "list.csv")
    assert done.exit_code == 1 and "results add" in done.stderr
    done = call("results", "add", "others.jsonl")
    assert done.exit_code == 1 and "corpus add" in done.stderr
    with open_workspace(folder) as workspace:
        assert load_notes(workspace) == []


def test_results_are_shown_with_unsettled_ones_marked(folder: Path) -> None:
    write_official(folder / "list.csv")
    assert call("results", "add", "list.csv").exit_code == 0
    shown = call("results", "show")
    newest, settled = shown.stdout.splitlines()[2], shown.stdout.splitlines()[3]
    assert "笔记0" in newest and "…" in newest and "292" in settled and "10.6%" in settled
    document = json.loads(call("results", "show", "--json").stdout)
    assert [note["is_settled"] for note in document["notes"]] == [False, True, True]
    assert document["notes"][1]["cover_ctr"] == 0.106
    assert call("corpus", "stats").stdout == ""  # own notes are no corpus


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_the_official_list_saved_again_is_the_same_notes(folder: Path, encoding: str) -> None:
    write_official(folder / "one.csv")
    write_official(folder / "two.csv", encoding=encoding)
    call("results", "add", "one.csv")
    done = call("results", "add", "two.csv", "--json")
    assert json.loads(done.stdout)["totals"]["n_unchanged"] == 3


def test_our_jsonl_with_impressions_is_a_result(folder: Path) -> None:
    write_jsonl(folder / "own.jsonl", [record(1, extra={"impressions": 900, "views": 80, "cover_ctr": 0.06})])
    assert call("results", "add", "own.jsonl").exit_code == 0
    with open_workspace(folder) as workspace:
        (held,) = load_notes(workspace, own=True)
    assert (held.impressions, held.views, held.cover_ctr) == (900, 80, 0.06)


def test_stats_in_a_table_and_in_json(folder: Path) -> None:
    empty = call("corpus", "stats")
    assert empty.exit_code == 0 and empty.stdout == "" and "corpus add" in empty.stderr
    write_jsonl(folder / "x.jsonl", [record(n) for n in range(60)])
    call("corpus", "add", "x.jsonl")
    document = json.loads(call("corpus", "stats", "--json").stdout)
    assert document["kind"] == "corpus_stats" and document["n_notes"] == 60 and document["contrast"] == "mixed"
    assert document["coverage_rate"]["title"] == 1.0 and document["sources"][0]["is_hot_list"] is False
    text = call("corpus", "stats").stdout
    assert "Ordinary notes stand beside the hot ones" in text and "2026-01-02" in text


def test_export_goes_to_a_file_or_to_stdout(folder: Path) -> None:
    write_jsonl(folder / "x.jsonl", [record(n) for n in range(5)])
    call("corpus", "add", "x.jsonl")
    assert call("corpus", "export", "--out", "out.jsonl").exit_code == 0
    lines = (folder / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [record(n) for n in range(5)]
    assert call("corpus", "export").stdout.splitlines() == lines


quick = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(rows=st.lists(notes(), max_size=4, unique_by=lambda note: note.note_id))
def test_what_is_exported_comes_back_as_the_same_notes(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Note]
) -> None:

    def fill(workspace: Workspace, path: Path) -> list[Note]:
        report = import_export(workspace, path, ReadOptions(hash_key=workspace.hash_key), now=NOW)
        assert report.n_problems == 0, report.problems
        return load_notes(workspace)

    if not rows:
        return
    folder = tmp_path_factory.mktemp("round")
    write_jsonl(folder / "in.jsonl", [render_record(row) for row in rows])
    with init_workspace(folder / "a") as one, init_workspace(folder / "b") as two:
        held = fill(one, folder / "in.jsonl")
        with (folder / "out.jsonl").open("wb") as out:
            export_jsonl(one, out)
        assert fill(two, folder / "out.jsonl") == held


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX")
@pytest.mark.parametrize("language", ["en", "zh"])
def test_tables_fit_80_columns(folder: Path, language: str) -> None:
    import pty

    write_jsonl(folder / "一个名字特别特别长的导出文件_2026-11-24_最终版.jsonl", [record(n) for n in range(60)])
    write_official(folder / "笔记列表明细表_41rows.csv", n_notes=20)
    commands = [
        ["corpus", "add", "一个名字特别特别长的导出文件_2026-11-24_最终版.jsonl"],
        ["results", "add", "笔记列表明细表_41rows.csv"],
        ["corpus", "stats"],
        ["results", "show"],
    ]
    from rich.cells import cell_len

    environment = {**os.environ, "COLUMNS": "80", "CREATOR_KIT_LANG": language, "TERM": "xterm", "NO_COLOR": "1"}
    for words in commands:
        main, child = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "creator_kit", *words], stdout=child, stderr=subprocess.DEVNULL, env=environment
        )
        os.close(child)
        output = b""
        while True:
            try:
                data = os.read(main, 65536)
            except OSError:
                break
            if not data:
                break
            output += data
        os.close(main)
        assert process.wait() == 0, words
        text = re.sub(r"\x1b\[[0-9;]*m", "", output.decode())
        assert text.strip()
        for line in text.splitlines():
            assert cell_len(line.rstrip()) <= 80, line


def test_every_command_has_an_example(folder: Path) -> None:
    for words in (
        ["corpus", "add"],
        ["corpus", "stats"],
        ["corpus", "export"],
        ["results", "add"],
        ["results", "show"],
    ):
        assert f"creator-kit {' '.join(words)}" in " ".join(call(*words, "--help").stdout.split())


def test_the_shipped_corpus_loads() -> None:
    from creator_kit.corpus.shipped import load_shipped_notes

    shipped = load_shipped_notes()
    assert len(shipped) > 100 and len({note.note_id for note in shipped}) == len(shipped)
    assert all(note.title or note.body for note in shipped)
