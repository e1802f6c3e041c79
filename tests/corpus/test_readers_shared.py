"""The real exports: all of them come in, with the numbers that are in them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from export_files import KEY, read

from creator_kit.corpus.readers import open_export
from creator_kit.corpus.reading import ReadOptions
from creator_kit.errors import RefusedError

RAW = {
    "legacy_2018_feed.csv": ("legacy-2018", 30),
    "mediacrawler_detail_contents_gb18030.csv": ("mediacrawler", 26),
    "mediacrawler_detail_contents_utf8bom.csv": ("mediacrawler", 11),
    "mediacrawler_search_contents.json": ("mediacrawler", 30),
    "search_results_titles_only.json": ("search-list", 30),
    "selenium_search_cn_headers.csv": ("selenium-cn", 30),
    "third_party_estimated_reads_export.xlsx": ("vendor-list", 30),
    "web_logged_out_bucketed_counts.csv": ("web-buckets", 30),
    "creator_centre/笔记列表明细表_41rows.xlsx": ("creator-centre-notes", 41),
}
SERIES = {
    "近30日互动数据.xlsx": (120, {"likes", "comments", "collects", "shares"}),
    "近30日发布数据.xlsx": (90, {"posts", "video_posts", "image_posts"}),
    "近30日涨粉数据.xlsx": (
        150,
        {"net_followers", "new_followers", "lost_followers", "profile_visits", "profile_follow_rate"},
    ),
    "近30日观看数据.xlsx": (
        180,
        {"impressions", "views", "cover_ctr", "avg_watch_seconds", "total_watch_seconds", "completion_rate"},
    ),
}


@pytest.mark.parametrize("name", RAW)
def test_raw_files(shared: Path, name: str) -> None:
    export, notes, problems, _ = read(shared / "raw" / name)
    assert (export.format_id, len(notes)) == RAW[name]
    assert problems == []
    assert all(len(note.note_id) == 16 for note in notes)
    assert all(note.published_at for note in notes)
    assert not any("话题]" in note.body or "\ufeff" in note.body or "\t" in note.body for note in notes)


@pytest.mark.parametrize("name", SERIES)
def test_account_sheets(shared: Path, name: str) -> None:
    export, _, problems, points = read(shared / "raw" / "creator_centre" / name)
    assert (export.format_id, export.own, len(points), problems) == ("creator-centre-series", True, SERIES[name][0], [])
    assert {point.metric for point in points} == SERIES[name][1]
    assert set(Counter(point.metric for point in points).values()) == {30}
    assert all(point.day.startswith("2026-0") for point in points)


def test_spot_values_of_the_account_sheets(shared: Path) -> None:
    points = read(shared / "raw" / "creator_centre" / "近30日观看数据.xlsx")[3]
    on = {point.metric: point.value for point in points if point.day == "2026-03-16"}
    assert (on["impressions"], on["views"], on["cover_ctr"], on["avg_watch_seconds"]) == (261.0, 53.0, 0.19, 24.0)


def test_spot_values_of_the_note_list(shared: Path) -> None:
    notes = read(shared / "raw" / "creator_centre" / "笔记列表明细表_41rows.xlsx")[1]
    assert (notes[0].impressions, notes[0].views) == (None, 126)
    assert (notes[1].impressions, notes[1].views, notes[1].cover_ctr, notes[1].likes) == (439, 141, 0.022, 8)
    assert notes[1].published_at == "2026-07-10T02:00:38+08:00"
    assert {note.observed_at for note in notes} == {"2026-07-12T02:09:20+08:00"}


def test_spot_values_of_the_crawls(shared: Path) -> None:
    notes = read(shared / "raw" / "mediacrawler_search_contents.json")[1]
    assert (notes[0].likes, notes[0].collects, notes[0].comments, notes[0].shares) == (809, 873, 58, 155)
    assert notes[0].tags == ("VC", "创业", "融资", "融资路演", "路演")
    assert not notes[0].keyword.startswith(" ")
    saved = read(shared / "raw" / "mediacrawler_detail_contents_utf8bom.csv")[1]
    assert saved[1].likes == 13_000
    old = read(shared / "raw" / "legacy_2018_feed.csv")[1]
    assert (old[4].collects, old[4].followers) == (2552, 2411)
    assert sum(note.title_is_body_prefix for note in old) >= 26


def test_page_states(shared: Path) -> None:
    files = sorted((shared / "raw" / "initial_state_notes").glob("*.json"))
    notes = [note for path in files for note in read(path)[1]]
    assert len(notes) == len(files) > 0
    assert all(note.tags and note.body and note.observed_at for note in notes)


def test_the_same_note_is_one_in_raw_and_raw(shared: Path) -> None:
    """The same 30 notes of a search: their ids do not depend on the file they came in."""
    crawl = read(shared / "raw" / "mediacrawler_search_contents.json")[1]
    again = read(shared / "raw" / "mediacrawler_search_contents.json")[1]
    assert crawl == again


def test_douyin_is_refused_by_name(shared: Path) -> None:
    with pytest.raises(RefusedError, match="this is a Douyin export: "):
        read(shared / "raw" / "creator_centre" / "douyin_作品列表.xlsx")


@pytest.mark.parametrize(
    ("name", "platform"), [("facebook_uci_page_posts", "Facebook"), ("instagram_one_account", "Instagram")]
)
def test_other_exposure_sets_are_refused_by_name(shared: Path, name: str, platform: str) -> None:
    with pytest.raises(RefusedError, match=platform):
        read(shared / "corpora" / "exposure_other" / f"{name}.jsonl")


def test_corpora(shared: Path) -> None:
    files = sorted((shared / "corpora").glob("*.jsonl"))
    assert len(files) >= 11
    for path in files:
        rows = [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
        export = open_export(path, ReadOptions(hash_key=KEY))
        notes = list(export.rows())
        assert (export.format_id, len(notes)) == ("creator-kit", len(rows)), path.name
        for row, note in zip(rows, notes, strict=True):
            extra = row.get("extra") or {}
            assert "PHONE" not in note.note_id + note.author
            if len(row["note_id"]) == 16 and "[" not in row["note_id"]:
                assert note.note_id == row["note_id"]
            for metric in ("likes", "collects", "comments", "shares"):
                floor = (extra.get("count_floor") or {}).get(metric)
                assert getattr(note, metric) == (row[metric] if row[metric] is not None else floor)
                assert (metric in note.floors) == (row[metric] is None and floor is not None)
            assert note.published_at == row["published_at"]
            assert note.observed_at == extra.get("observed_at")
            assert note.followers == extra.get("author_followers")
            if extra.get("title_was_body_prefix"):
                assert note.title_is_body_prefix
            if note.title_is_body_prefix:
                assert not note.title
