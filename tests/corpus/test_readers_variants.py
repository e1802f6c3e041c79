"""Exports as people have them after other hands and programs went over them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from export_files import NOTE_IDS, read

from creator_kit.errors import InputError

_COLUMNS = ["笔记ID", "笔记标题", "笔记内容", "点赞量", "收藏量", "评论量", "发布时间"]


def _rows(likes: str = "12", published: str = "2024-06-17 10:11:00") -> list[list[str]]:
    return [
        [note_id, f"收纳小记{i}", f"三个盒子搞定第{i}格", likes, "5", "6", published]
        for i, note_id in enumerate(NOTE_IDS)
    ]


def _write(path: Path, rows: list[list[str]], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


@pytest.mark.parametrize(
    ("cell", "likes", "is_floor"),
    [
        ("1,234", 1234, False),
        ("1，234", 1234, False),
        ("1 234", 1234, False),
        ("1\xa0234\xa0567", 1_234_567, False),
        ("１２３４", 1234, False),
        ("1.2 万", 12_000, False),
        ("1.2 万 +", 12_000, True),
        ('="34"', 34, False),
        ("好多", None, False),
    ],
)
def test_counts_as_spreadsheets_show_them(tmp_path: Path, cell: str, likes: int | None, is_floor: bool) -> None:
    _, notes, problems, _ = read(_write(tmp_path / "x.csv", [_COLUMNS, *_rows(cell)]))
    if likes is None:
        assert len(problems) == 3 and "点赞量" in problems[0].where
    else:
        assert [(note.likes, "likes" in note.floors) for note in notes] == [(likes, is_floor)] * 3


@pytest.mark.parametrize(
    ("cell", "published_at"),
    [
        ("2024/6/17 10:11", "2024-06-17T10:11:00+08:00"),
        ("2024-06-17T02:11:00Z", "2024-06-17T10:11:00+08:00"),
        ("2024-06-17T02:11:00.123Z", "2024-06-17T10:11:00+08:00"),
        ("2024/6/17 下午3:05:00", "2024-06-17T15:05:00+08:00"),
        ("45460.4243055556", "2024-06-17T10:11:00+08:00"),
    ],
)
def test_times_as_spreadsheets_show_them(tmp_path: Path, cell: str, published_at: str) -> None:
    _, notes, problems, _ = read(_write(tmp_path / "x.csv", [_COLUMNS, *_rows(published=cell)]))
    assert problems == [] and {note.published_at for note in notes} == {published_at}


@pytest.mark.parametrize(("delimiter", "encoding"), [("\t", "utf-16"), (";", "gb18030"), ("|", "utf-8-sig")])
def test_rows_and_columns_around_the_table(tmp_path: Path, delimiter: str, encoding: str) -> None:
    empty = [""] * 10
    rows = [["导出数据", *empty[1:]], ["笔记信息", "", "", "互动数据", *empty[4:]]]
    rows += [["", *row, "", ""] for row in (_COLUMNS, *_rows())] + [empty] * 5
    _, notes, problems, _ = read(_write(tmp_path / "x.csv", rows, delimiter, encoding))
    assert problems == [] and [note.title for note in notes] == ["收纳小记0", "收纳小记1", "收纳小记2"]


@pytest.mark.parametrize("word", ["合计", "总计：", "Total", "平均值"])
def test_a_row_of_totals_is_no_note(tmp_path: Path, word: str) -> None:
    total = [word, "", "", "36", "15", "18", ""]
    _, notes, problems, _ = read(_write(tmp_path / "x.csv", [_COLUMNS, *_rows(), total]))
    assert (len(notes), problems) == (3, [])
    # A note may be called so.
    called_so = [*_rows()[0][:1], word, *_rows()[0][2:]]
    _, notes, problems, _ = read(_write(tmp_path / "y.csv", [_COLUMNS, called_so]))
    assert (len(notes), problems) == (1, [])


def test_headings_in_traditional_characters(tmp_path: Path) -> None:
    columns = ["筆記ID", "筆記標題", "筆記內容", "點讚數", "收藏數", "評論數", "發佈時間"]
    expected = read(_write(tmp_path / "x.csv", [_COLUMNS, *_rows()]))[1]
    notes = read(_write(tmp_path / "y.csv", [columns, *_rows()]))[1]
    assert [(n.note_id, n.title, n.likes, n.collects, n.comments, n.published_at) for n in notes] == [
        (n.note_id, n.title, n.likes, n.collects, n.comments, n.published_at) for n in expected
    ]


@pytest.mark.parametrize(
    "text",
    [
        "# Notes\n\nTitle, tags, likes\n\nSome words, and more. Another, sentence, here, now.\n\nmore text\n- a, b\n",
        "# 说明\n\n标题，正文，点赞\n\n先写标题，再写正文，然后等，看看点赞。\n\n结束\n",
    ],
)
def test_prose_is_no_table(tmp_path: Path, text: str) -> None:
    path = tmp_path / "README.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="# "):
        read(path)


def _card(i: int) -> dict[str, Any]:
    return {
        "id": NOTE_IDS[i],
        "modelType": "note",
        "noteCard": {
            "displayTitle": f"收纳小记{i}",
            "user": {"userId": "5f" + "a" * 22, "nickname": "收纳小专家"},
            "interactInfo": {"likedCount": "1.2万", "collectedCount": "34", "commentCount": "5", "sharedCount": "1"},
        },
    }


_QUERY = {"id": "q", "modelType": "rec_query", "recQuery": {"queries": [{"name": "收纳"}]}}


@pytest.mark.parametrize("wrap", ["data", "items", "notes", "result"])
def test_notes_wrapped_in_an_object(tmp_path: Path, wrap: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"code": 0, wrap: [_card(0), _QUERY, _card(1)]}, ensure_ascii=False), encoding="utf-8")
    _, notes, problems, _ = read(path)
    assert problems == []
    assert [(note.title, note.likes, note.shares) for note in notes] == [
        ("收纳小记0", 12_000, 1),
        ("收纳小记1", 12_000, 1),
    ]


def test_a_suggested_query_among_lines_is_no_note(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in (_card(0), _QUERY, _card(1))), encoding="utf-8")
    _, notes, problems, _ = read(path)
    assert (len(notes), problems) == (2, [])


def test_one_answer_a_line(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    answers = [{"code": 0, "data": {"items": [_card(0), _card(1), _QUERY]}}, {"code": 0, "data": {"items": [_card(2)]}}]
    path.write_text("\n".join(json.dumps(answer) for answer in answers) + "\n", encoding="utf-8")
    _, notes, problems, _ = read(path)
    assert problems == [] and [note.title for note in notes] == ["收纳小记0", "收纳小记1", "收纳小记2"]


def test_lines_without_notes_are_told(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"code": 0, "data": {}}\n{"code": 1, "data": {}}\n', encoding="utf-8")
    with pytest.raises(InputError, match="title"):
        read(path)
