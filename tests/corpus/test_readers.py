"""Every family of exports, in every container and encoding, and with columns it was not born with."""

from __future__ import annotations

import json
import random
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from export_files import (
    CREATOR_CENTRE,
    KEY,
    KIT,
    LEGACY_2018,
    MEDIACRAWLER_A,
    MEDIACRAWLER_B,
    NOTE_IDS,
    SHEMEI,
    SPIDER_XHS,
    USER_ID,
    VENDOR_LIST,
    WEB_BUCKETS,
    XHS_DOWNLOADER,
    read,
    table,
    variants,
    write_csv,
    write_jsonl,
    write_sqlite,
    write_xlsx,
)

from creator_kit.clock import BEIJING
from creator_kit.corpus.anonymise import Anonymiser
from creator_kit.errors import InputError, RefusedError, UsageError

NOTE_HASH = Anonymiser(KEY).note(NOTE_IDS[0])
AUTHOR_HASH = Anonymiser(KEY).author_of_id(USER_ID)
FAMILIES: list[tuple[str, dict[str, Any], str | None]] = [
    ("mediacrawler", MEDIACRAWLER_A, "note_id"),
    ("mediacrawler", MEDIACRAWLER_B, "note_id"),
    ("xhs-downloader", XHS_DOWNLOADER, "作品ID"),
    ("creator-centre-notes", CREATOR_CENTRE, None),
    ("shemei", SHEMEI, "笔记ID"),
    ("spider-xhs", SPIDER_XHS, "笔记id"),
    ("vendor-list", VENDOR_LIST, None),
    ("web-buckets", WEB_BUCKETS, "Note ID"),
    ("legacy-2018", LEGACY_2018, "id"),
]


@pytest.mark.parametrize(("format_id", "row", "id_field"), FAMILIES, ids=[f"{f}-{len(r)}" for f, r, _ in FAMILIES])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_of_every_family(
    tmp_path: Path, format_id: str, row: dict[str, Any], id_field: str | None, encoding: str, delimiter: str
) -> None:
    export, notes, problems, _ = read(write_csv(tmp_path / "x.dat", variants(row, id_field), encoding, delimiter))
    assert (export.format_id, len(notes), problems) == (format_id, 3, [])
    assert notes[0].body in ("", "三个盒子搞定", "三个盒子搞定\n\n#收纳 #出租屋", "三个盒子搞定 #收纳")
    assert notes[0].title == ("" if format_id == "spider-xhs" else "出租屋收纳小记")
    if format_id != "creator-centre-notes":
        assert notes[0].note_id == NOTE_HASH
    assert export.progress()[0] == export.progress()[1]


@pytest.mark.parametrize(("format_id", "row", "id_field"), FAMILIES, ids=[f"{f}-{len(r)}" for f, r, _ in FAMILIES])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_columns_may_move_go_and_come(
    tmp_path: Path, format_id: str, row: dict[str, Any], id_field: str | None, seed: int
) -> None:
    rng = random.Random(seed)
    keep = {
        "note_id",
        "title",
        "desc",
        "作品ID",
        "作品标题",
        "笔记标题",
        "首次发布时间",
        "笔记ID",
        "笔记id",
        "标题",
        "描述",
    }
    keep |= {
        "官方笔记地址",
        "Note ID",
        "Note Title",
        "id",
        "stars",
        "fans",
        "notes",
        "content",
        "曝光",
        "观看量",
        "涨粉",
        "弹幕",
    }
    droppable = [column for column in row if column not in keep]
    gone = set(rng.sample(droppable, 2))
    columns = [column for column in row if column not in gone] + ["备注", "我的分组"]
    rng.shuffle(columns)
    rows = [{column: each.get(column, "x") for column in columns} for each in variants(row, id_field)]
    export, notes, problems, _ = read(write_csv(tmp_path / "x.csv", rows))
    assert (export.format_id, len(notes), problems) == (format_id, 3, [])
    if format_id not in ("creator-centre-notes", "spider-xhs"):
        assert notes[0].note_id == NOTE_HASH
        assert notes[0].title == "出租屋收纳小记"


@pytest.mark.parametrize(("format_id", "row", "id_field"), FAMILIES, ids=[f"{f}-{len(r)}" for f, r, _ in FAMILIES])
def test_xlsx_of_every_family(tmp_path: Path, format_id: str, row: dict[str, Any], id_field: str | None) -> None:
    export, notes, problems, _ = read(write_xlsx(tmp_path / "x.xlsx", {"Sheet1": table(variants(row, id_field))}))
    assert (export.format_id, len(notes), problems) == (format_id, 3, [])


@pytest.mark.parametrize(("format_id", "row", "id_field"), FAMILIES, ids=[f"{f}-{len(r)}" for f, r, _ in FAMILIES])
@pytest.mark.parametrize("container", ["jsonl", "array", "wrapped"])
def test_json_of_every_family(
    tmp_path: Path, format_id: str, row: dict[str, Any], id_field: str | None, container: str
) -> None:
    rows, path = variants(row, id_field), tmp_path / "x.json"
    if container == "jsonl":
        write_jsonl(path, rows)
    else:
        value = rows if container == "array" else {"code": 0, "data": {"items": rows}}
        path.write_text(json.dumps(value, ensure_ascii=False, indent=2), encoding="utf-8")
    export, notes, problems, _ = read(path)
    assert (export.format_id, len(notes), problems) == (format_id, 3, [])


def test_mediacrawler_values(tmp_path: Path) -> None:
    _, [note], _, _ = read(write_jsonl(tmp_path / "x.jsonl", [MEDIACRAWLER_B]))
    assert (note.likes, note.collects, note.comments, note.shares) == (12_000, 100_000, 58, None)
    assert note.floors == {"collects"}
    assert (note.type, note.keyword, note.tags) == ("图文", "收纳", ("收纳", "出租屋"))
    assert note.published_at == "2024-06-17T10:11:12+08:00"
    assert note.observed_at == "2025-09-05T14:54:10+08:00"
    assert note.source == "mediacrawler"
    assert "收***家" not in str(note)


@pytest.mark.parametrize("row", [MEDIACRAWLER_A, MEDIACRAWLER_B], ids=["A", "B"])
def test_the_fast_way_reads_what_the_slow_way_reads(tmp_path: Path, row: dict[str, Any]) -> None:
    fast = read(write_jsonl(tmp_path / "a.jsonl", variants(row, "note_id")))[1]
    slow = read(write_csv(tmp_path / "a.csv", variants(row, "note_id")))[1]
    nested = [
        {**each, "interact_info": {"liked_count": each["liked_count"]}, "liked_count": each["liked_count"]}
        for each in variants(row, "note_id")
    ]
    through_keys = read(
        write_jsonl(tmp_path / "b.jsonl", [{**each, "note_id": each["note_id"] + ""} for each in nested])
    )[1]
    database = read(write_sqlite(tmp_path / "a.db", {"xhs_note": variants(row, "note_id")}))[1]
    assert fast == slow == through_keys == database


def test_one_note_meets_itself_in_every_export(tmp_path: Path) -> None:
    found = set()
    for number, (row, id_field) in enumerate(
        [
            (MEDIACRAWLER_A, "note_id"),
            (XHS_DOWNLOADER, "作品ID"),
            (SHEMEI, "笔记ID"),
            (SPIDER_XHS, "笔记id"),
            (VENDOR_LIST, None),
        ]
    ):
        _, notes, _, _ = read(write_csv(tmp_path / f"{number}.csv", variants(row, id_field, 1)))
        found.add(notes[0].note_id)
        if row is not VENDOR_LIST:
            assert notes[0].author == AUTHOR_HASH
    assert found == {NOTE_HASH}


def test_nobody_comes_through(tmp_path: Path) -> None:
    for number, (_format, row, id_field) in enumerate(FAMILIES):
        _, notes, _, _ = read(write_csv(tmp_path / f"{number}.csv", variants(row, id_field, 1)))
        shown = str(notes)
        assert "收纳小专家" not in shown
        assert USER_ID not in shown
        assert NOTE_IDS[0] not in shown
        assert "4938273312" not in shown


def test_contacts_in_texts_are_masked(tmp_path: Path) -> None:
    row = {
        **MEDIACRAWLER_A,
        "desc": "想要的加微信：zhang_san99 或 13800138000，@收纳小专家 说的",
        "title": "到手13800元",
    }
    _, [note], _, _ = read(write_jsonl(tmp_path / "x.jsonl", [row]))
    assert note.body == "想要的加微信：［微信号］ 或 ［手机号］，@［作者］ 说的" or "@用户" in note.body
    assert "zhang_san99" not in note.body
    assert note.title == "到手13800元"


def test_xhs_downloader_values(tmp_path: Path) -> None:
    export, [note], problems, _ = read(write_sqlite(tmp_path / "ExploreData.db", {"explore_data": [XHS_DOWNLOADER]}))
    assert (export.format_id, problems) == ("xhs-downloader", [])
    assert (note.likes, note.collects, note.comments, note.shares) == (12_000, None, 58, 1000)
    assert note.floors == {"shares"}
    assert (note.published_at, note.observed_at) == ("2024-06-17T10:11:12+08:00", "2025-03-01T10:00:00+08:00")
    assert note.tags == ("收纳", "出租屋")


def test_xhs_downloader_answer_of_its_server(tmp_path: Path) -> None:
    path = tmp_path / "answer.json"
    path.write_text(
        json.dumps(
            {"message": "获取成功", "params": {"url": "x"}, "data": {**XHS_DOWNLOADER, "时间戳": 1718590272.0}},
            ensure_ascii=False,
        ),
        encoding="utf-8",
    )
    export, [note], _, _ = read(path)
    assert (export.format_id, note.note_id) == ("xhs-downloader", NOTE_HASH)


def test_databases_of_several_tables(tmp_path: Path) -> None:
    comment = {
        "comment_id": "1",
        "note_id": NOTE_IDS[0],
        "content": "好看",
        "create_time": "1718590272000",
        "nickname": "谁",
    }
    douyin = {"aweme_id": "1", "aweme_type": "0", "title": "x", "desc": "y", "liked_count": "1"}
    path = write_sqlite(
        tmp_path / "x.db", {"xhs_note": [MEDIACRAWLER_B], "xhs_note_comment": [comment], "douyin_aweme": [douyin]}
    )
    _, notes, problems, _ = read(path)
    assert (len(notes), problems) == (1, [])
    with pytest.raises(RefusedError, match=r"Douyin|comments"):
        read(write_sqlite(tmp_path / "y.db", {"xhs_note_comment": [comment], "douyin_aweme": [douyin]}))


def test_workbooks_of_several_sheets(tmp_path: Path) -> None:
    comments = [["comment_id", "note_id", "content", "nickname"], ["1", NOTE_IDS[0], "好看", "谁"]]
    path = write_xlsx(
        tmp_path / "x.xlsx", {"Comments": comments, "Contents": table(variants(MEDIACRAWLER_B, "note_id"))}
    )
    export, notes, problems, _ = read(path)
    assert (export.format_id, len(notes), problems) == ("mediacrawler", 3, [])
    with pytest.raises(RefusedError, match="comments"):
        read(write_xlsx(tmp_path / "y.xlsx", {"Comments": comments}))


@pytest.mark.parametrize(
    ("columns", "word"),
    [
        (
            ["comment_id", "create_time", "note_id", "content", "creator_hash", "nickname", "sub_comment_count"],
            "comments",
        ),
        (
            [
                "user_id",
                "nickname",
                "gender",
                "avatar",
                "desc",
                "ip_location",
                "follows",
                "fans",
                "interaction",
                "tag_list",
            ],
            "authors",
        ),
    ],
)
def test_comments_and_authors_are_refused(tmp_path: Path, columns: list[str], word: str) -> None:
    row = dict.fromkeys(columns, "1")
    with pytest.raises(RefusedError, match=word):
        read(write_csv(tmp_path / "x.csv", [row]))
    with pytest.raises(RefusedError, match=word):
        read(write_jsonl(tmp_path / "x.jsonl", [row]))


# --- the creator centre --------------------------------------------------------------------------------------

BANNER = ["最多导出排序后前1000条笔记"] * 13


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("banner", [BANNER, [BANNER[0]] + [""] * 12, []], ids=["repeated", "once", "none"])
def test_creator_centre_csv(tmp_path: Path, encoding: str, banner: list[str]) -> None:
    export, [note], problems, _ = read(write_csv(tmp_path / "x.csv", [CREATOR_CENTRE], encoding, banner=banner))
    assert (export.format_id, export.own, problems) == ("creator-centre-notes", True, [])
    assert (note.impressions, note.views, note.cover_ctr, note.new_followers) == (292, 32, 0.106, 0)
    assert (note.avg_watch_seconds, note.danmaku, note.type) == (36.0, 0, "图文")
    assert note.published_at == "2026-06-25T12:01:35+08:00"


def test_creator_centre_under_other_names(tmp_path: Path) -> None:
    row = {
        "体裁": "视频",
        "发布时间": "2026-06-25 12:01:35",
        "标题": "出租屋收纳小记",
        "阅读量": "1.1万",
        "曝光次数": "10万",
        "点击率": "10.6%",
        "点赞数": 4,
        "转发数": 2,
        "新增关注": -1,
        "平均观看时长": "1分6秒",
    }
    export, [note], _, _ = read(write_csv(tmp_path / "x.csv", [row]), exported_at=datetime(2026, 7, 1, tzinfo=BEIJING))
    assert (export.format_id, export.own) == ("creator-centre-notes", True)
    assert (note.impressions, note.views, note.cover_ctr, note.shares) == (100_000, 11_000, 0.106, 2)
    assert (note.new_followers, note.avg_watch_seconds, note.collects) == (-1, 66.0, None)
    assert note.observed_at == "2026-07-01T00:00:00+08:00"


def test_creator_centre_keys(tmp_path: Path) -> None:
    twice = [
        CREATOR_CENTRE,
        {**CREATOR_CENTRE, "点赞": 9},
        {**CREATOR_CENTRE, "首次发布时间": "2026年06月26日12时01分35秒"},
    ]
    path = write_csv(tmp_path / "x.csv", twice)
    notes = read(path)[1]
    assert notes[0].note_id == notes[1].note_id != notes[2].note_id
    assert read(path, account="other")[1][0].note_id != notes[0].note_id
    assert len({note.author for note in notes}) == 1


def test_impressions_that_are_not_counted_yet_are_unknown(tmp_path: Path) -> None:
    row = {**CREATOR_CENTRE, "曝光": 0, "观看量": 126, "封面点击率": 0}
    _, [note], _, _ = read(write_csv(tmp_path / "x.csv", [row]))
    assert (note.impressions, note.cover_ctr, note.views) == (None, None, 126)


def test_untitled_notes_of_the_creator_centre_come_in(tmp_path: Path) -> None:
    _, [note], problems, _ = read(write_csv(tmp_path / "x.csv", [{**CREATOR_CENTRE, "笔记标题": ""}]))
    assert (note.title, problems) == ("", [])


def test_without_the_publishing_time_there_is_no_key(tmp_path: Path) -> None:
    row = {key: value for key, value in CREATOR_CENTRE.items() if key != "首次发布时间"}
    with pytest.raises(InputError, match="首次发布时间") as error:
        read(write_csv(tmp_path / "x.csv", [row]))
    assert "--map published_at=" in (error.value.hint or "")


def _series(values: list[Any]) -> list[list[Any]]:
    return [["日期", "数值"], *[[f"2026年03月{16 - i:02d}日", value] for i, value in enumerate(values)]]


def test_account_sheets(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "近30日观看数据.xlsx",
        {
            "账号总体观看数据": [["指标", "数值"], ["曝光", 8046]],
            "曝光趋势": _series([261, 95]),
            "封面点击率趋势": _series(["19%", "5%"]),
            "平均观看时长趋势": _series(["24秒", "1分3秒"]),
            "净涨粉趋势": _series([-1, 0]),
        },
    )
    export, _, problems, points = read(path)
    assert (export.format_id, export.own, problems) == ("creator-centre-series", True, [])
    assert {(p.metric, p.day): p.value for p in points} == {
        ("impressions", "2026-03-16"): 261.0,
        ("impressions", "2026-03-15"): 95.0,
        ("cover_ctr", "2026-03-16"): 0.19,
        ("cover_ctr", "2026-03-15"): 0.05,
        ("avg_watch_seconds", "2026-03-16"): 24.0,
        ("avg_watch_seconds", "2026-03-15"): 63.0,
        ("net_followers", "2026-03-16"): -1.0,
        ("net_followers", "2026-03-15"): 0.0,
    }


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_account_sheets_saved_as_csv(tmp_path: Path, encoding: str) -> None:
    rows = [{"日期": "2026年03月16日", "数值": "261"}, {"日期": "2026年03月15日", "数值": "95"}]
    points = read(write_csv(tmp_path / "曝光趋势.csv", rows, encoding))[3]
    assert [(p.metric, p.value) for p in points] == [("impressions", 95.0), ("impressions", 261.0)]
    path = write_csv(tmp_path / "x.csv", rows, encoding)
    assert read(path, mapping={"metric": "观看"})[3][0].metric == "views"
    with pytest.raises(InputError, match="metric"):
        read(path)
    wide = [{"日期": "2026年03月16日", "曝光": "261", "观看": "53"}]
    assert {p.metric for p in read(write_csv(tmp_path / "y.csv", wide, encoding))[3]} == {"impressions", "views"}


def test_totals_without_days_are_no_series(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="totals"):
        read(write_csv(tmp_path / "x.csv", [{"指标": "曝光", "数值": "8046"}]))


def test_creator_api(tmp_path: Path) -> None:
    rows = [
        {
            "id": note_id,
            "title": "",
            "post_time": "2026-03-01 12:00",
            "read_count": 32,
            "like_count": 4,
            "fav_count": 1,
            "comment_count": 0,
        }
        for note_id in NOTE_IDS
    ]
    path = tmp_path / "notes.json"
    path.write_text(json.dumps({"data": {"notes": rows}}), encoding="utf-8")
    export, notes, problems, _ = read(path)
    assert (export.format_id, export.own, len(notes), problems) == ("creator-api", True, 3, [])
    assert (notes[0].views, notes[0].likes, notes[0].collects, notes[0].note_id) == (32, 4, 1, NOTE_HASH)


# --- the others ----------------------------------------------------------------------------------------------


def test_shemei_values(tmp_path: Path) -> None:
    empty = dict.fromkeys(SHEMEI, "")
    path = write_xlsx(
        tmp_path / "x.xlsx",
        {"Sheet1": table([SHEMEI, empty, {**SHEMEI, "发布时间": datetime(2024, 6, 17, 10, 11, 12)}])},
    )
    _, notes, problems, _ = read(path)
    assert (len(notes), problems) == (2, [])
    assert (notes[0].followers, notes[0].keyword, notes[0].tags, notes[0].type) == (
        5803,
        "收纳",
        ("收纳", "出租屋"),
        "视频",
    )
    assert notes[0].published_at == notes[1].published_at == "2024-06-17T10:11:12+08:00"


def test_relative_days_come_from_the_note_id_or_from_the_export_day(tmp_path: Path) -> None:
    row = {key: value for key, value in SHEMEI.items() if key not in ("发布时间", "更新时间")}
    _, [note], _, _ = read(write_csv(tmp_path / "x.csv", [row]))
    assert note.published_at == "2024-06-19T20:57:20+08:00"  # 3天前, but the id knows the second
    bare = {key: value for key, value in row.items() if key not in ("笔记ID", "笔记链接")}
    path = write_csv(tmp_path / "y.csv", [bare])
    _, notes, [problem], _ = read(path)
    assert not notes
    assert problem.where == "y.csv:2:发布日期"
    assert "day of the export" in problem.what
    _, [note], _, _ = read(path, exported_at=datetime(2026, 6, 25, tzinfo=BEIJING))
    assert note.published_at == "2026-06-22"


def test_spider_values(tmp_path: Path) -> None:
    _, [note], _, _ = read(write_xlsx(tmp_path / "x.xlsx", {"Sheet1": table([SPIDER_XHS])}))
    assert (note.title, note.tags, note.author) == ("", ("收纳", "出租屋"), AUTHOR_HASH)


def test_vendor_lists_do_not_pass_an_estimate_for_a_view(tmp_path: Path) -> None:
    export, [note], _, _ = read(write_xlsx(tmp_path / "x.xlsx", {"Sheet1": table([VENDOR_LIST])}))
    assert (export.own, note.views, note.followers, note.tags) == (False, None, 5803, ("收纳", "出租屋"))
    assert note.note_id == NOTE_HASH


def test_legacy_values(tmp_path: Path) -> None:
    row = {
        **LEGACY_2018,
        "title": "三个盒子就能搞定的出租屋收纳改造记录一共花了不到三百块全过程都",
        "content": "三个盒子就能搞定的出租屋收纳改造记录一共花了不到三百块全过程都在这里了",
    }
    _, [note], _, _ = read(write_csv(tmp_path / "x.csv", [row]))
    assert (note.likes, note.collects, note.comments, note.followers) == (14_000, 1596, 765, 3_148_000)
    assert (note.title, note.title_is_body_prefix) == ("", True)
    assert note.published_at == "2024-06-19T20:57:20+08:00"


def test_bucketed_counts_are_floors(tmp_path: Path) -> None:
    _, [note], _, _ = read(write_csv(tmp_path / "x.csv", [WEB_BUCKETS]))
    assert (note.likes, note.collects, note.comments) == (1000, 10, 3)
    assert note.floors == {"likes", "collects"}
    assert note.published_at == "2024-06-17"


def test_edited_notes_take_the_time_of_their_id(tmp_path: Path) -> None:
    _, [note], _, _ = read(write_csv(tmp_path / "x.csv", [{**WEB_BUCKETS, "Note Publish Time": "编辑于 2025-05-26"}]))
    assert note.published_at == "2024-06-19T20:57:20+08:00"


def _state(**changes: Any) -> dict[str, Any]:
    note = {
        "noteId": NOTE_IDS[0],
        "type": "video",
        "title": "",
        "desc": "三个盒子搞定 #收纳[话题]#",
        "time": 1718590272000,
        "user": {"userId": USER_ID, "nickname": "收纳小专家", "avatar": "x"},
        "interactInfo": {
            "likedCount": "1千+",
            "collectedCount": "10+",
            "commentCount": "4",
            "shareCount": "13",
            "liked": False,
        },
        "tagList": [{"id": "1", "name": "收纳", "type": "topic"}],
        "imageList": [{"urlDefault": "http://a", "url": "", "height": 1}],
    }
    return {"note": {"noteDetailMap": {NOTE_IDS[0]: {"currentTime": 1766328261208, "note": {**note, **changes}}}}}


def test_page_state(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(_state()), encoding="utf-8")
    export, [note], _, _ = read(path)
    assert (export.format_id, note.note_id, note.author) == ("initial-state", NOTE_HASH, AUTHOR_HASH)
    assert (note.likes, note.collects, note.comments, note.shares) == (1000, 10, 4, 13)
    assert (note.floors, note.tags, note.type) == ({"likes", "collects"}, ("收纳",), "视频")
    assert note.observed_at == "2025-12-21T22:44:21+08:00"


def test_page_state_inside_a_page(tmp_path: Path) -> None:
    path = tmp_path / "x.html"
    state = json.dumps(_state(), ensure_ascii=False).replace('""', "undefined", 1)
    path.write_text(f"<html><script>window.__INITIAL_STATE__={state}</script></html>", encoding="utf-8")
    export, notes, _, _ = read(path)
    assert (export.format_id, len(notes)) == ("initial-state", 1)


def test_page_state_without_a_note(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"note": {"noteDetailMap": {"undefined": {"note": {}}}}}), encoding="utf-8")
    with pytest.raises(InputError, match="no note"):
        read(path)


def test_search_lists(tmp_path: Path) -> None:
    row = {
        "note_id": NOTE_IDS[0],
        "title": "出租屋收纳小记",
        "desc": "",
        "note_type": "normal",
        "user_id": USER_ID,
        "user_nickname": "收纳小专家",
        "interact_info": {"liked_count": 1746, "collected_count": 937, "comment_count": 7, "share_count": 135},
        "cover": {"url": "http://a"},
        "search_time": "2025-09-08 09:56:10",
        "search_query": "收纳",
    }
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"search_info": {"query": "收纳"}, "notes": [row]}), encoding="utf-8")
    export, [note], _, _ = read(path)
    assert (export.format_id, note.note_id, note.author) == ("search-list", NOTE_HASH, AUTHOR_HASH)
    assert (note.likes, note.keyword, note.observed_at) == (1746, "收纳", "2025-09-08T09:56:10+08:00")


def test_cards_of_the_web_api(tmp_path: Path) -> None:
    item = {
        "id": NOTE_IDS[0],
        "model_type": "note",
        "note_card": {
            "display_title": "出租屋收纳小记",
            "type": "normal",
            "user": {"user_id": USER_ID, "nickname": "收纳小专家"},
            "interact_info": {
                "liked_count": "1.2万",
                "collected_count": "5",
                "comment_count": "2",
                "shared_count": "1",
            },
            "cover": {"url": "http://a"},
        },
    }
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"success": True, "data": {"has_more": True, "items": [item, item]}}), encoding="utf-8")
    _, notes, problems, _ = read(path)
    assert (len(notes), problems) == (2, [])
    assert (notes[0].note_id, notes[0].author, notes[0].likes, notes[0].shares) == (NOTE_HASH, AUTHOR_HASH, 12_000, 1)


def test_our_own_records(tmp_path: Path) -> None:
    own_sheet = {
        **KIT,
        "note_id": "1123456789abcdef",
        "likes": 3,
        "extra": {
            "impressions": 0,
            "views": 121,
            "cover_ctr": 0.0,
            "avg_watch_s": 15.0,
            "new_followers": 1,
            "impressions_not_settled": True,
        },
    }
    damaged = {**KIT, "note_id": "06a47efc1d[PHONE]", "author": "[PHONE]d061c", "extra": None}
    untitled = {**KIT, "note_id": "2123456789abcdef", "extra": {"title_was_body_prefix": True, "body_truncated": True}}
    export, notes, problems, _ = read(write_jsonl(tmp_path / "x.jsonl", [KIT, own_sheet, damaged, untitled]))
    assert (export.format_id, export.own, problems) == ("creator-kit", False, [])
    first, sheet, hashed, cut = notes
    assert (first.note_id, first.author, first.source) == ("0123456789abcdef", "fedcba9876543210", "a/collection")
    assert (first.likes, first.floors, first.followers) == (10, {"likes"}, 5803)
    assert (first.body, first.observed_at) == ("三个盒子搞定 #收纳", "2024-07-01T00:00:00+08:00")
    assert (sheet.impressions, sheet.cover_ctr, sheet.views, sheet.new_followers, sheet.avg_watch_seconds) == (
        None,
        None,
        121,
        1,
        15.0,
    )
    assert len(hashed.note_id) == len(hashed.author) == 16
    assert "PHONE" not in hashed.note_id + hashed.author
    assert (cut.title, cut.title_is_body_prefix, cut.body_truncated) == ("", True, True)


def test_a_source_given_by_the_user_wins(tmp_path: Path) -> None:
    assert read(write_jsonl(tmp_path / "x.jsonl", [KIT]), source="mine")[1][0].source == "mine"
    assert read(write_csv(tmp_path / "x.csv", [SHEMEI]), source="mine")[1][0].source == "mine"


# --- any other table -----------------------------------------------------------------------------------------


def test_near_names_are_understood_without_a_mapping(tmp_path: Path) -> None:
    row = {
        "笔记名称": "出租屋收纳小记",
        "笔记点赞总数": "12",
        "笔记被收藏次数": "5",
        "发文日期": "2024-06-17",
        "博主粉丝总数": "100",
    }
    export, [note], _, _ = read(write_csv(tmp_path / "x.csv", [row]))
    assert (export.format_id, note.title, note.likes, note.collects) == ("table", "出租屋收纳小记", 12, 5)
    assert note.published_at == "2024-06-17"


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "jsonl", "json"])
def test_any_table_through_a_mapping(tmp_path: Path, suffix: str) -> None:
    row = {"甲": "出租屋收纳小记", "乙": "12", "丙": "三个盒子搞定", "丁": "2024/6/17"}
    path = tmp_path / f"x.{suffix}"
    if suffix == "csv":
        write_csv(path, [row])
    elif suffix == "xlsx":
        write_xlsx(path, {"a": table([row])})
    elif suffix == "jsonl":
        write_jsonl(path, [row, row])
    else:
        path.write_text(json.dumps([row]), encoding="utf-8")
    with pytest.raises(InputError, match=r"--map|甲"):
        read(path)
    mapping = {"title": "甲", "likes": "乙", "body": "丙", "published_at": "丁"}
    export, notes, problems, _ = read(path, mapping=mapping)
    assert (export.format_id, problems) == ("mapped-table", [])
    assert (notes[0].title, notes[0].likes, notes[0].body, notes[0].published_at) == (
        "出租屋收纳小记",
        12,
        "三个盒子搞定",
        "2024-06-17",
    )


def test_a_mapping_overrides_what_was_found(tmp_path: Path) -> None:
    _, [note], _, _ = read(write_csv(tmp_path / "x.csv", [{**SHEMEI, "短标题": "收纳"}]), mapping={"title": "短标题"})
    assert note.title == "收纳"


def test_wrong_mappings_say_what_was_meant(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [SHEMEI])
    with pytest.raises(UsageError, match="'titel' is not a field") as usage:
        read(path, mapping={"titel": "笔记标题"})
    assert "title" in (usage.value.hint or "")
    with pytest.raises(InputError, match="no column '笔记标提'") as missing:
        read(path, mapping={"title": "笔记标提"})
    assert "笔记标题" in (missing.value.hint or "")


def test_unseen_relatives_of_the_families(tmp_path: Path) -> None:
    """The downloader with English labels, the creator centre of another year, the spider's own JSON, pandas' index."""
    works = {
        "Collection time": "2025-03-01 10:00:00",
        "Works ID": NOTE_IDS[0],
        "Works type": "video",
        "Works title": "出租屋收纳小记",
        "Works description": "三个盒子搞定",
        "Works tags": "收纳 出租屋",
        "Release time": "2024-06-17_10:11:12",
        "Favorites quantity": "5",
        "Comments quantity": "6",
        "Shares quantity": "7",
        "Likes quantity": "1.2w",
        "Author nickname": "收纳小专家",
        "Author ID": USER_ID,
        "Download address": "http://a",
    }
    _, [note], _, _ = read(write_csv(tmp_path / "a.csv", [works]))
    assert (note.note_id, note.author, note.type) == (NOTE_HASH, AUTHOR_HASH, "视频")
    assert (note.likes, note.collects, note.comments, note.shares) == (12_000, 5, 6, 7)
    assert (note.published_at, note.observed_at) == ("2024-06-17T10:11:12+08:00", "2025-03-01T10:00:00+08:00")

    own = {
        "笔记": "x",
        "曝光数": "100",
        "观看数": "20",
        "点击率": "5%",
        "点赞数": 1,
        "直接涨粉数": 3,
        "发布时间": "2026-06-01 10:00",
    }
    export, [note], _, _ = read(write_csv(tmp_path / "b.csv", [own]))
    assert (export.own, note.impressions, note.views, note.cover_ctr, note.new_followers) == (True, 100, 20, 0.05, 3)

    spider = {
        **{k: MEDIACRAWLER_A[k] for k in ("note_id", "note_url", "user_id", "nickname", "avatar", "title", "desc")},
        **{k: MEDIACRAWLER_A[k] for k in ("liked_count", "collected_count", "comment_count", "share_count")},
        "note_type": "视频",
        "home_url": "http://a",
        "video_cover": None,
        "video_addr": None,
        "image_list": ["http://a"],
        "tags": ["收纳"],
        "upload_time": "2024-06-17 10:11:12",
    }
    export, notes, _, _ = read(write_jsonl(tmp_path / "c.jsonl", [spider, spider]))
    assert (export.format_id, notes[0].type, notes[0].tags) == ("spider-xhs", "视频", ("收纳",))
    assert notes[0].published_at == "2024-06-17T10:11:12+08:00"

    indexed = [{"": number, **row} for number, row in enumerate(variants(MEDIACRAWLER_A, "note_id"))]
    assert (
        read(write_csv(tmp_path / "d.csv", indexed))[1]
        == read(write_csv(tmp_path / "e.csv", variants(MEDIACRAWLER_A, "note_id")))[1]
    )


# --- other platforms -----------------------------------------------------------------------------------------

OTHERS = [
    ("Douyin", ["作品名称", "发布时间", "体裁", "审核状态", "播放量", "完播率", "5s完播率", "点赞量", "粉丝增量"]),
    ("Douyin", ["aweme_id", "aweme_type", "title", "desc", "create_time", "user_id", "liked_count", "comment_count"]),
    (
        "WeChat Channels",
        [
            "视频描述",
            "视频ID",
            "发布时间",
            "完播率",
            "平均播放时长",
            "播放量",
            "推荐",
            "喜欢",
            "评论量",
            "分享量",
            "关注量",
        ],
    ),
    ("Bilibili", ["稿件标题", "BV号", "发布时间", "播放量", "弹幕", "评论", "点赞", "投币", "收藏", "分享"]),
    ("Weibo", ["微博id", "微博正文", "发布时间", "转发数", "评论数", "点赞数"]),
    (
        "Weibo",
        [
            "note_id",
            "content",
            "create_time",
            "create_date_time",
            "liked_count",
            "comments_count",
            "shared_count",
            "note_url",
        ],
    ),
    (
        "Facebook",
        [
            "Post ID",
            "Permalink",
            "Post Message",
            "Type",
            "Lifetime Post Total Reach",
            "Lifetime Post Total Impressions",
        ],
    ),
    (
        "Facebook",
        ["Page total likes", "Type", "Category", "Post Month", "like", "comment", "share", "Total Interactions"],
    ),
    (
        "Instagram",
        [
            "Impressions",
            "From Home",
            "From Hashtags",
            "From Explore",
            "Saves",
            "Comments",
            "Shares",
            "Likes",
            "Caption",
        ],
    ),
    ("YouTube", ["Content", "Video title", "Video publish time", "Views", "Watch time (hours)", "Subscribers"]),
]


@pytest.mark.parametrize(("name", "columns"), OTHERS, ids=[f"{n}-{len(c)}" for n, c in OTHERS])
@pytest.mark.parametrize("suffix", ["csv", "xlsx", "jsonl"])
def test_other_platforms_are_refused_by_name(tmp_path: Path, name: str, columns: list[str], suffix: str) -> None:
    row, path = dict.fromkeys(columns, "1"), tmp_path / f"笔记列表明细表.{suffix}"
    if suffix == "csv":
        write_csv(path, [row])
    elif suffix == "xlsx":
        write_xlsx(path, {"Sheet1": table([row])})
    else:
        write_jsonl(path, [row, row])
    with pytest.raises(RefusedError, match=f"this is an? {name} export"):
        read(path)


def test_links_give_another_platform_away(tmp_path: Path) -> None:
    row = {"标题": "x", "链接": "https://www.douyin.com/video/1", "点赞": "3", "评论": "1"}
    with pytest.raises(RefusedError, match="Douyin"):
        read(write_csv(tmp_path / "x.csv", [row, row]))


def test_mixed_lists_leave_the_other_platforms_out(tmp_path: Path) -> None:
    rows = [{"标题": "a", "平台": "小红书", "点赞": "3"}, {"标题": "b", "平台": "抖音", "点赞": "3"}]
    _, notes, [problem], _ = read(write_csv(tmp_path / "x.csv", rows))
    assert [note.title for note in notes] == ["a"]
    assert (problem.where, problem.what) == ("x.csv:3:平台", "this row is from Douyin")


def test_foreign_records_in_our_own_form_are_refused(tmp_path: Path) -> None:
    foreign = {**KIT, "extra": {"platform": "facebook", "reach": 5}}
    with pytest.raises(RefusedError, match="Facebook"):
        read(write_jsonl(tmp_path / "x.jsonl", [foreign, foreign]))
    _, notes, problems, _ = read(write_jsonl(tmp_path / "y.jsonl", [KIT, foreign]))
    assert (len(notes), len(problems)) == (1, 1)
