"""The trainer's path in docs/persona.md runs as it stands."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from doc_walk import read_blocks, walk_docs


@pytest.mark.skipif(sys.platform == "win32", reason="the blocks are written for a POSIX shell")
def test_the_trainers_path_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers, test = read_blocks("persona.md", "toml")
    (tmp_path / "answers.toml").write_text(answers, encoding="utf-8")
    (tmp_path / "test.toml").write_text(test, encoding="utf-8")
    rows = [
        {
            "note_id": f"{number:016x}",
            "author": "a" * 16,
            "title": f"第{number}次骑绿道，风很大",
            "body": "出门。\n骑车。\n回家。",
            "tags": ["骑行"],
            "published_at": "2026-10-01T08:00:00+08:00",
            "likes": 1,
        }
        for number in range(20)
    ]
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n"
    (tmp_path / "own.jsonl").write_text(text, encoding="utf-8")
    assert walk_docs("persona.md", tmp_path, monkeypatch, today="2026-11-24") > 15
    grades = [json.loads(line) for line in (tmp_path / "grades.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [grade["is_clean"] for grade in grades] == [True, False]
