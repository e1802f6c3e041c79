"""What review reads, and what --fix may do."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.errors import InputError
from creator_kit.review import PostText, check_post, load_rules
from creator_kit.review.documents import parse_document
from creator_kit.review.fixes import apply_fixes, describe_changes
from creator_kit.review.inputs import Source, parse_json_text, parse_text, read_sources
from creator_kit.review.sarif import render_sarif

RULES = load_rules()


def test_a_text_file_is_a_title_a_body_and_tags() -> None:
    text = "\n一人食早餐\n\n煎蛋 #早餐 很香\n第二段\n\n#早餐 #上海\n#一人食[话题]#\n"
    source = parse_text(text)
    assert source.post.title == "一人食早餐"
    assert source.post.body == "煎蛋 #早餐 很香\n第二段"
    assert source.post.tags == ("早餐", "上海", "一人食")
    for field, value in (("title", source.post.title), ("body", source.post.body)):
        start = source.offsets[field]  # type: ignore[index]
        assert text[start : start + len(value)] == value


def test_json_lines_lists_and_documents() -> None:
    lines = '{"title": "a", "body": "b", "tags": ["#x"]}\n\n{"title": "c", "desc": "d", "tags": "y,z"}\n'
    assert [s.post.tags for s in parse_json_text(lines)] == [("x",), ("y", "z")]
    assert [s.post.title for s in parse_json_text('{"drafts": [{"title": "a"}, {"title": "b"}]}')] == ["a", "b"]
    draft = parse_document(
        {"draft_id": "d1", "title": "t", "body": "b", "sponsored": True, "model_used": True, "images": []}, where="d1"
    )
    assert (draft.name, draft.sponsored, draft.ai_assisted, draft.n_images) == ("d1", True, True, None)


@pytest.mark.parametrize("row", [[], {"title": 3}, {"tags": ["x"]}, {"title": "a", "tags": 3}, {"title": " "}])
def test_rows_that_are_no_notes_are_refused(row: object) -> None:
    with pytest.raises(InputError):
        parse_document(row, where="x")


def test_a_folder_of_files_packs_and_lines(tmp_path: Path) -> None:
    (tmp_path / "一.txt").write_text("标题\n正文", encoding="utf-8")
    (tmp_path / "二.jsonl").write_text('{"title": "行一"}\n{"title": "行二\u2028还是行二"}\n', encoding="utf-8")
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "title.txt").write_text("包里的标题\n", encoding="utf-8")
    (pack / "body.txt").write_text("包里的正文", encoding="utf-8")
    (pack / "tags.txt").write_text("#a #b", encoding="utf-8")
    titles = [source.post.title for source in read_sources(tmp_path)]
    assert sorted(titles) == sorted(["标题", "行一", "行二\u2028还是行二", "包里的标题"])


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "empty"), (b"  \n", "empty"), (b"\xff\xfe\x00\x01", "not UTF-8"), ("字".encode("gb18030"), "not UTF-8")],
)
def test_unreadable_files_say_why(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        list(read_sources(path))


def test_an_export_of_posted_notes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "导出.csv"
    path.write_text(
        "笔记标题,首次发布时间,体裁,曝光,观看量,封面点击率,点赞,评论,收藏,涨粉,分享,人均观看时长,弹幕\n"
        "想要的加v,2026年06月25日12时01分35秒,图文,292,32,0.106,3,1,2,0,0,12,0\n"
        "早餐打卡,2026年06月26日12时01分35秒,图文,300,40,0.12,3,1,2,0,0,12,0\n",
        encoding="utf-8-sig",
    )
    sources = list(read_sources(path))
    assert [source.post.title for source in sources] == ["想要的加v", "早餐打卡"]
    assert [bool(check_post(source.post, RULES)) for source in sources] == [True, False]


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"title": "好"}\n{"title": \n', encoding="utf-8")
    with pytest.raises(InputError) as caught:
        list(read_sources(path))
    assert "a.jsonl:2" in str(caught.value)


def fixed(post: PostText) -> PostText:
    return apply_fixes(post, check_post(post, RULES))


def test_only_safe_replacements_are_applied() -> None:
    post = PostText("太好吃了！！！！！", "这是最好用的粉底液\n想要的加v", tags=("早餐", "上海", "早餐"))
    after = fixed(post)
    assert after.title == "太好吃了！"
    assert after.body == "这是很好用的粉底液\n想要的加v"
    assert after.tags == ("早餐", "上海")
    assert "-太好吃了！！！！！" in describe_changes(post, after)
    assert describe_changes(after, after) == []


PIECES = [
    "最好用的",
    "粉底液",
    "！！！！！",
    "加v",
    "199元",
    "3支",
    "用了7天",
    "。",
    "❤️",
    "微\u200b信",
    "最显白的",
    "11月24日",
    "\n",
]


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12), st.lists(st.sampled_from(["早餐", "上海", "7天"]), max_size=5))
def test_a_fix_never_changes_a_number_and_settles(pieces: list[str], tags: list[str]) -> None:
    post = PostText("标题", "".join(pieces), tags=tuple(tags))
    after = fixed(post)
    assert re.findall(r"\d+", after.body) == re.findall(r"\d+", post.body)
    assert fixed(fixed(after)) == fixed(after)


def cut(text: str, region: dict[str, int]) -> str:
    """What a region of a log covers, read as an editor does: lines from 1, columns in UTF-16 units from 1."""
    assert region["startLine"] == region["endLine"]
    line = text.split("\n")[region["startLine"] - 1].encode("utf-16-le")
    return line[2 * region["startColumn"] - 2 : 2 * region["endColumn"] - 2].decode("utf-16-le")


def test_sarif_points_into_the_file(tmp_path: Path) -> None:
    path = tmp_path / "笔 记.txt"
    text = "😀早餐😀\r\n\r\n想要的😀加v\r\n太香了！！！！！\r\n\r\n#早餐 #上海[话题]#\r\n#早餐\r\n"
    path.write_text("\ufeff" + text, encoding="utf-8", newline="")
    source = next(read_sources(path))
    log = json.loads(json.dumps(render_sarif([(source, check_post(source.post, RULES))], RULES)))
    run = log["runs"][0]
    assert log["version"] == "2.1.0" and run["tool"]["driver"]["name"] == "creator-kit"
    assert run["columnKind"] == "utf16CodeUnits"
    places = {result["ruleId"]: result["locations"][0]["physicalLocation"] for result in run["results"]}
    assert {rule: cut(text, place["region"]) for rule, place in places.items()} == {
        "diversion.wechat": "加v",
        "spam.mark_rows": "！！！！！",
        "spam.duplicate_tags": "#早餐",
    }
    assert places["spam.duplicate_tags"]["region"]["startLine"] == 7
    for place in places.values():
        assert unquote(urlparse(place["artifactLocation"]["uri"]).path).endswith("/笔 记.txt")
    by_rule = {result["ruleId"]: result for result in run["results"]}
    assert by_rule["diversion.wechat"]["level"] == "error"
    replacement = by_rule["spam.mark_rows"]["fixes"][0]["artifactChanges"][0]["replacements"][0]
    assert replacement["insertedContent"]["text"] == "！"
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_sarif_has_no_file_where_there_is_none_and_a_packs_files_where_there_are(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "title.txt").write_text("早餐\n", encoding="utf-8")
    (pack / "body.txt").write_text("第一行\n想要的加v", encoding="utf-8")
    (tmp_path / "a.jsonl").write_text('{"title": "好", "body": "面"}\n{"title": "加v", "body": ""}\n', encoding="utf-8")
    sources = [*read_sources(tmp_path), Source(PostText("加v", "", name="d1"), draft_id="d1")]
    found = [(source, check_post(source.post, RULES)) for source in sources]
    results = render_sarif(found, RULES)["runs"][0]["results"]
    in_pack, in_lines, in_draft = (result["locations"][0] for result in results)
    assert in_pack["physicalLocation"]["artifactLocation"]["uri"].endswith("/pack/body.txt")
    assert in_pack["physicalLocation"]["region"] == {"startLine": 2, "startColumn": 4, "endLine": 2, "endColumn": 6}
    assert in_lines["physicalLocation"]["region"] == {"startLine": 2}
    assert "physicalLocation" not in in_draft
    assert in_draft["logicalLocations"] == [{"name": "title", "fullyQualifiedName": "d1.title"}]
