"""The sheets of one note: read, placed with the own note of that title, and turned into growth."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from export_files import write_xlsx

from creator_kit.clock import BEIJING
from creator_kit.corpus.note import Note
from creator_kit.corpus.note_series import fold_title, place_series
from creator_kit.corpus.readers.note_sheets import title_of
from creator_kit.corpus.reading import NoteSeries, ReadOptions
from creator_kit.corpus.store import import_export, iter_histories, load_notes
from creator_kit.errors import InputError
from creator_kit.exposure.growth import collect_growth
from creator_kit.workspace import Workspace, init_workspace

NOW = datetime(2026, 11, 24, 12, tzinfo=BEIJING)
POSTED = datetime(2026, 11, 1, 20, 15, 30, tzinfo=BEIJING)
LIST_HEADER = [
    "笔记标题", "首次发布时间", "体裁", "曝光", "观看量", "封面点击率", "点赞", "评论", "收藏", "涨粉", "分享",
    "人均观看时长", "弹幕",
]  # fmt: skip


def _list(path: Path, titles: dict[str, datetime], impressions: int = 4000) -> Path:
    rows: list[list[Any]] = [["最多导出排序后前1000条笔记"], LIST_HEADER]
    for title, at in titles.items():
        moment = at.strftime("%Y年%m月%d日%H时%M分%S秒")
        rows.append([title, moment, "图文", impressions, 400, 0.1, 40, 3, 20, 4, 5, 30, 0])
    return write_xlsx(path, {"Sheet1": rows})


def _sheets(
    path: Path, *, first: datetime = POSTED, n_hours: int = 72, n_days: int = 20, hourly: int = 10, daily: int = 200
) -> Path:
    start = first.replace(minute=0, second=0)
    hours = [(start + timedelta(hours=k)).strftime("%Y年%m月%d日%H时") for k in range(n_hours)]
    days = [(start + timedelta(days=k)).strftime("%Y年%m月%d日") for k in range(n_days)]
    sheets: dict[str, list[list[Any]]] = {
        "基础数据总览": [["指标", "数值"], ["曝光数", 4000], ["封面点击率(%)", "10%"]]
    }
    for name, factor in (("曝光数", 1), ("观看数", 0.1)):
        sheets[f"{name}（按天）"] = [["时间", name], *([day, int(daily * factor)] for day in days)]
        sheets[f"{name}（按小时）"] = [["时间", name], *([hour, int(hourly * factor)] for hour in hours)]
    sheets["封面点击率（按小时）"] = [["时间", "封面点击率(%)"], *([hour, "12%"] for hour in hours)]
    return write_xlsx(path, sheets)


@pytest.fixture
def home(tmp_path: Path) -> Workspace:
    return init_workspace(tmp_path / "账号")


def _add(home: Workspace, path: Path) -> Any:
    options = ReadOptions(hash_key=home.hash_key, exported_at=NOW)
    return import_export(home, path, options, now=NOW, own=True)


def test_hours_and_days_become_sightings_that_grow_and_fit_the_half_life(home: Workspace, tmp_path: Path) -> None:
    _add(home, _list(tmp_path / "list.xlsx", {"露营清单": POSTED}))
    report = _add(home, _sheets(tmp_path / "露营清单-数据明细表.xlsx"))
    assert report.format_id == "creator-centre-note" and report.is_own
    assert (report.n_added, report.n_updated, report.n_problems) == (0, 1, 0)
    (history,) = iter_histories(home, own=True)
    counts = [o.note.impressions for o in history if o.note.impressions is not None]
    assert counts == sorted(counts) and counts[0] == 10
    # Three days by the hour, then days: 200 each from the day of posting on.
    at_72 = next(o for o in history if o.at == "2026-11-04T20:00:00+08:00")
    assert at_72.note.impressions == 720 and at_72.note.views == 72 and at_72.note.cover_ctr is None
    assert history[-1].note.impressions == 4000
    (growth,) = collect_growth([history])
    assert growth.hour == 20 and growth.age_hours[0] >= 1 and len(growth.age_hours) == 4
    (note,) = load_notes(home, own=True)
    assert note.title == "露营清单" and note.likes == 40


def test_the_same_sheet_twice_changes_nothing(home: Workspace, tmp_path: Path) -> None:
    _add(home, _list(tmp_path / "list.xlsx", {"露营清单": POSTED}))
    path = _sheets(tmp_path / "露营清单-数据明细表.xlsx")
    _add(home, path)
    before = [list(history) for history in iter_histories(home, own=True)]
    assert _add(home, path).is_repeat
    again = _add(home, _sheets(tmp_path / "0001-1-1760000000-露营清单-数据明细表 (1).xlsx"))
    assert again.n_updated == 0 and again.n_unchanged == 1
    assert [list(history) for history in iter_histories(home, own=True)] == before


def test_without_its_note_the_sheet_waits_and_is_taken_after_the_list(home: Workspace, tmp_path: Path) -> None:
    path = _sheets(tmp_path / "露营清单-数据明细表.xlsx")
    with pytest.raises(InputError, match="露营清单") as caught:
        _add(home, path)
    assert "笔记列表明细表" in str(caught.value)
    _add(home, _list(tmp_path / "list.xlsx", {"露营清单": POSTED}))
    assert _add(home, path).n_updated == 1


def test_of_two_notes_of_one_title_the_one_is_taken_that_was_posted_when_the_counts_begin(
    home: Workspace, tmp_path: Path
) -> None:
    later = POSTED + timedelta(days=6)
    rows = _list(tmp_path / "one.xlsx", {"露营清单": POSTED}), _list(tmp_path / "two.xlsx", {"露营清单": later})
    for path in rows:
        _add(home, path)
    _add(home, _sheets(tmp_path / "露营清单-数据明细表.xlsx", first=later, n_days=8))
    (history,) = iter_histories(home, own=True)
    assert history[-1].note.published_at == later.isoformat(timespec="seconds")


def test_counts_that_begin_after_the_posting_are_no_growth(home: Workspace, tmp_path: Path) -> None:
    _add(home, _list(tmp_path / "list.xlsx", {"露营清单": POSTED}))
    with pytest.raises(InputError, match="what came before is not known"):
        _add(home, _sheets(tmp_path / "露营清单-数据明细表.xlsx", first=POSTED + timedelta(days=2)))


def test_a_sheet_whose_name_says_nothing_is_refused_with_the_way_out(home: Workspace, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        _add(home, _sheets(tmp_path / "download.xlsx"))
    assert "TITLE-数据明细表.xlsx" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("露营清单-数据明细表.xlsx", "露营清单"),
        ("0007-2-1760000000-露营清单-数据明细表.xlsx", "露营清单"),
        ("露营清单-数据明细表 (2).xlsx", "露营清单"),
        ("3-5人露营-数据明细表.xlsx", "3-5人露营"),
        ("露营清单.xlsx", ""),
    ],
)
def test_titles_of_files(name: str, title: str) -> None:
    assert title_of(Path(name)) == title


def test_a_title_is_found_whatever_a_file_system_made_of_it() -> None:
    assert fold_title("三天两晚？怎么带：露营 清单！") == fold_title("三天两晚_怎么带_露营清单_")
    note = Note(note_id="a" * 16, title="露营？清单", published_at=POSTED.isoformat())
    series = NoteSeries(
        "露营_清单", "f", {"2026-11-01T20": {"impressions": 7}, "2026-11-01T21": {"impressions": 5}}, {}
    )
    placed = place_series(series, [note])
    assert [n.impressions for n in placed] == [7, 12]
    assert placed[0].observed_at == "2026-11-01T21:00:00+08:00"
