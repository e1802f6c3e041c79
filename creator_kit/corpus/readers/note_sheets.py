"""The sheets of one note (``标题-数据明细表.xlsx``): what came to it in each hour and on each day since it was posted.

The workbook has a sheet of totals (基础数据总览, 互动数据总览) and two for each metric, by day and by hour (小时 in the
name), with a moment (2026年06月25日12时) and a count in each row. It names the note nowhere: the file's name does.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from creator_kit.corpus.parsing import parse_count, parse_time
from creator_kit.corpus.readers.families import normal_name
from creator_kit.corpus.readers.opened import Item
from creator_kit.corpus.reading import NoteSeries, RowProblem
from creator_kit.errors import InputError
from creator_kit.locale import _

Sheets = Sequence[tuple[str, Sequence[Sequence[object]]]]

_OVERVIEWS = ("基础数据总览", "互动数据总览")
_HOURLY = "小时"
# The platform's word without 数 → the count of a note. Rates and durations cannot be added up, so they are left.
_COUNTS = {
    "曝光": "impressions",
    "观看": "views",
    "阅读": "views",
    "点赞": "likes",
    "评论": "comments",
    "收藏": "collects",
    "分享": "shares",
    "笔记分享": "shares",
    "转发": "shares",
    "涨粉": "new_followers",
    "新增关注": "new_followers",
    "弹幕": "danmaku",
}
# What a browser or a download tool puts around the name that the platform gives.
_ORDER = re.compile(r"^(\d+-){2,3}(?=\D)")
_ENDING = re.compile(r"[-_ ]*(笔记)?数据明细表?([ _-]*\(\d+\))?$")


def are_note_sheets(sheets: Sheets) -> bool:
    """Whether the ``sheets`` of a workbook (name, rows) are those of one note."""
    names = [name.strip() for name, _rows in sheets]
    if any(name.startswith(_OVERVIEWS) for name in names):
        return True
    return any(_HOURLY in name and _count_of(name, rows) for name, rows in sheets)


def read_note_sheets(path: Path, sheets: Sheets, exported_at: datetime | None) -> list[Item]:
    """The series of the note that the file is called after, and the rows that could not be read.

    ``exported_at`` ends the last hour. Raises InputError for a file without a title in its name, or without a count
    by the hour or day.
    """
    title = title_of(path)
    if not title:
        raise InputError(
            _("this sheet of one note says nowhere which; its file name must"),
            where=str(path),
            hint=_("name it as the platform does: TITLE-数据明细表.xlsx"),
        )
    hours: dict[str, dict[str, int]] = {}
    days: dict[str, dict[str, int]] = {}
    problems: list[RowProblem] = []
    for name, rows in sheets:
        metric = None if name.strip().startswith(_OVERVIEWS) else _count_of(name, rows)
        if metric is None:
            continue
        is_hourly = _HOURLY in name
        for number, row in enumerate(rows[1:], 2):
            if len(row) < 2 or not any(str(cell).strip() for cell in row[:2] if cell is not None):
                continue
            try:
                moment, count = parse_time(row[0]), parse_count(row[1])[0]
            except ValueError as error:
                problems.append(RowProblem(f"{path.name}:{name}!{number}", str(error)))
                continue
            if moment is None or count is None:
                continue
            by_moment = hours if is_hourly else days
            key = moment[:13] if is_hourly else moment[:10]
            by_moment.setdefault(key, {})[metric] = count
    if not hours and not days:
        if problems:
            return list(problems)
        raise InputError(
            _("no sheet holds counts by the hour or by the day"),
            where=str(path),
            hint=_("export the whole file as xlsx"),
        )
    series = NoteSeries(title, str(path), hours, days, exported_at.isoformat() if exported_at else None)
    return [series, *problems]


def title_of(path: Path) -> str:
    """The title in the name of a note's sheet, "" where the name does not end like one."""
    stem = path.stem.strip()
    ending = _ENDING.search(stem)
    return _ORDER.sub("", stem[: ending.start()]).strip() if ending else ""


def _count_of(name: str, rows: Sequence[Sequence[object]]) -> str | None:
    """The count that a sheet holds: by its second column, else by its own name (``曝光数（小时）``)."""
    column = str(rows[0][1]) if rows and len(rows[0]) > 1 else ""
    for text in (column, re.sub(r"[(（].*", "", name)):
        word = normal_name(text).removesuffix("趋势").removesuffix("数").removesuffix("量")
        if word in _COUNTS:
            return _COUNTS[word]
    return None
