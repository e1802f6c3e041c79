"""Exports written by the tests: the columns of each family with invented notes, in any container and encoding."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from creator_kit.corpus.note import Note
from creator_kit.corpus.readers import open_export
from creator_kit.corpus.reading import Export, ReadOptions, RowProblem, SeriesPoint

KEY = b"a key for the tests"
NOTE_IDS = ("6672d5b00000000000000001", "6672d5b00000000000000002", "6672d5b00000000000000003")
USER_ID = "5ff0e6410000000001008400"

MEDIACRAWLER_B: dict[str, Any] = {
    "note_id": NOTE_IDS[0],
    "type": "normal",
    "title": "出租屋收纳小记",
    "desc": "三个盒子搞定\n\t\n#收纳[话题]# #出租屋[话题]# [赞R]",
    "video_url": "",
    "time": 1718590272000,
    "last_update_time": 1718590273000,
    "creator_hash": "0123456789abcdef",
    "nickname": "收***家",
    "liked_count": "1.2万",
    "collected_count": "10万+",
    "comment_count": "58",
    "share_count": None,
    "image_list": "http://a,http://b",
    "tag_list": "收纳,出租屋",
    "last_modify_ts": 1757055250823,
    "note_url": f"https://www.xiaohongshu.com/explore/{NOTE_IDS[0]}?xsec_token=T&xsec_source=pc_search",
    "source_keyword": " 收纳",
    "xsec_token": "T",
}
MEDIACRAWLER_A: dict[str, Any] = {
    **{k: MEDIACRAWLER_B[k] for k in ("note_id", "type", "title", "desc", "video_url", "time", "last_update_time")},
    "user_id": USER_ID,
    "nickname": "收纳小专家",
    "avatar": "https://sns-avatar-qc.xhscdn.com/x",
    **{k: MEDIACRAWLER_B[k] for k in ("liked_count", "collected_count", "comment_count", "share_count")},
    "ip_location": "江苏",
    **{k: MEDIACRAWLER_B[k] for k in ("image_list", "tag_list", "last_modify_ts", "note_url")},
    **{k: MEDIACRAWLER_B[k] for k in ("source_keyword", "xsec_token")},
}
XHS_DOWNLOADER: dict[str, Any] = {
    "采集时间": "2025-03-01 10:00:00",
    "作品ID": NOTE_IDS[0],
    "作品类型": "图文",
    "作品标题": "出租屋收纳小记",
    "作品描述": "三个盒子搞定 #收纳[话题]#",
    "作品标签": "收纳 出租屋",
    "发布时间": "2024-06-17_10:11:12",
    "最后更新时间": "未知",
    "收藏数量": "-1",
    "评论数量": "58",
    "分享数量": "1000+",
    "点赞数量": "1.2万",
    "作者昵称": "收纳小专家",
    "作者ID": USER_ID,
    "作者链接": f"https://www.xiaohongshu.com/user/profile/{USER_ID}",
    "作品链接": f"https://www.xiaohongshu.com/explore/{NOTE_IDS[0]}",
    "下载地址": "http://a http://b",
    "动图地址": "",
}
CREATOR_CENTRE: dict[str, Any] = {
    "笔记标题": "出租屋收纳小记",
    "首次发布时间": "2026年06月25日12时01分35秒",
    "体裁": "图文",
    "曝光": 292,
    "观看量": 32,
    "封面点击率": 0.106,
    "点赞": 4,
    "评论": 0,
    "收藏": 1,
    "涨粉": 0,
    "分享": 2,
    "人均观看时长": 36,
    "弹幕": 0,
}
SHEMEI: dict[str, Any] = {
    "笔记ID": NOTE_IDS[0],
    "笔记链接": f"https://www.xiaohongshu.com/explore/{NOTE_IDS[0]}",
    "笔记类型": "视频",
    "笔记标题": "出租屋收纳小记",
    "笔记内容": "三个盒子搞定",
    "笔记话题": "收纳、出租屋",
    "点赞量": 12,
    "收藏量": 5,
    "评论量": 2,
    "分享量": 1,
    "发布日期": "3天前",
    "发布时间": "2024-06-17 10:11:12",
    "更新时间": "2024-06-18 10:11:12",
    "IP地址": "江苏",
    "博主ID": USER_ID,
    "博主链接": f"https://www.xiaohongshu.com/user/profile/{USER_ID}",
    "博主昵称": "收纳小专家",
    "小红书号": "4938273312",
    "粉丝数": 5803,
    "获赞与收藏": "4.2万",
    "图片数量": 3,
    "笔记封面链接": "http://a",
    "笔记视频时长": "9分9秒",
    "来源关键词": "收纳",
}
SPIDER_XHS: dict[str, Any] = {
    "笔记id": NOTE_IDS[0],
    "笔记url": f"https://www.xiaohongshu.com/explore/{NOTE_IDS[0]}",
    "笔记类型": "图集",
    "用户id": USER_ID,
    "用户主页url": f"https://www.xiaohongshu.com/user/profile/{USER_ID}",
    "昵称": "收纳小专家",
    "头像url": "http://a",
    "标题": "无标题",
    "描述": "三个盒子搞定",
    "点赞数量": "12",
    "收藏数量": "5",
    "评论数量": "2",
    "分享数量": "1",
    "视频封面url": "None",
    "视频地址url": "None",
    "图片地址url列表": "['http://a']",
    "标签": "['收纳', '出租屋']",
    "上传时间": "2024-06-17 10:11:12",
    "ip归属地": "江苏",
}
VENDOR_LIST: dict[str, Any] = {
    "官方笔记地址": f"https://www.xiaohongshu.com/discovery/item/{NOTE_IDS[0]}?xsec_token=T",
    "笔记标题": "出租屋收纳小记",
    "关键词": "收纳,出租屋",
    "预估阅读量": 10279,
    "互动量": 1443,
    "点赞数": 714,
    "收藏数": 720,
    "评论数": 9,
    "分享数": 74,
    "发布时间": "2024-06-17 10:11:12",
    "笔记类型": "图文笔记",
    "封面地址": "http://a",
    "达人名称": "收纳小专家",
    "小红书号": "100000001",
    "粉丝数": 5803,
}
WEB_BUCKETS: dict[str, Any] = {
    "Note ID": NOTE_IDS[0],
    "Note Title": "出租屋收纳小记",
    "User ID": USER_ID,
    "Username": "收纳小专家",
    "Profile Picture URL": "http://a",
    "Note Publish Time": "2024-06-17",
    "IP Location": "江苏",
    "Note Comment Count": "3",
    "Note Like Count": "1k+",
    "Note Collection Count": "10+",
    "Keywords": "收纳, 出租屋",
    "Note Content": "三个盒子搞定",
}
LEGACY_2018: dict[str, Any] = {
    "id": NOTE_IDS[0],
    "title": "出租屋收纳小记",
    "user_id": USER_ID,
    "likes": "1.4万",
    "comments": "765",
    "stars": "1596",
    "notes": "74",
    "fans": "314.8万",
    "collect": "177.9万",
    "content": "三个盒子搞定",
}
KIT: dict[str, Any] = {
    "note_id": "0123456789abcdef",
    "author": "fedcba9876543210",
    "title": "出租屋收纳小记",
    "body": "三个盒子搞定 #收纳[话题]#",
    "tags": ["收纳"],
    "type": "图文",
    "likes": None,
    "collects": 7,
    "comments": 0,
    "shares": None,
    "published_at": "2024-06-17T10:11:12+08:00",
    "source": "a/collection",
    "keyword": None,
    "extra": {"count_floor": {"likes": 10}, "author_followers": 5803, "observed_at": "2024-07-01T00:00:00+08:00"},
}


def read(path: Path, **options: Any) -> tuple[Export, list[Note], list[RowProblem], list[SeriesPoint]]:
    """The export in ``path`` and its items by kind."""
    export = open_export(path, ReadOptions(hash_key=KEY, **options))
    items = list(export.rows())
    return (
        export,
        [item for item in items if isinstance(item, Note)],
        [item for item in items if isinstance(item, RowProblem)],
        [item for item in items if isinstance(item, SeriesPoint)],
    )


def write_csv(
    path: Path,
    rows: Iterable[Mapping[str, Any]],
    encoding: str = "utf-8-sig",
    delimiter: str = ",",
    banner: Sequence[str] = (),
) -> Path:
    """``rows`` as csv: the keys of the first are the header."""
    rows = list(rows)
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    if banner:
        writer.writerow(banner)
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow("" if value is None else value for value in row.values())
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def write_xlsx(path: Path, sheets: Mapping[str, Sequence[Sequence[Any]]]) -> Path:
    """Sheets of cells as a workbook."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def table(rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """Rows of a sheet: the header and the values."""
    return [list(rows[0]), *(list(row.values()) for row in rows)]


def write_jsonl(path: Path, rows: Iterable[Any]) -> Path:
    """One JSON value a line."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def write_sqlite(path: Path, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> Path:
    """Tables whose columns are all TEXT, as the crawlers make them."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for name, rows in tables.items():
            columns = ", ".join(f'"{column}" TEXT' for column in rows[0])
            connection.execute(f'CREATE TABLE "{name}" ({columns})')
            marks = ", ".join("?" for _ in rows[0])
            connection.executemany(f'INSERT INTO "{name}" VALUES ({marks})', [list(row.values()) for row in rows])
    return path


def variants(row: Mapping[str, Any], id_field: str | None, n: int = 3) -> list[dict[str, Any]]:
    """``n`` rows like ``row``, each under its own id."""
    return [{**row, **({id_field: NOTE_IDS[i]} if id_field else {})} for i in range(n)]
