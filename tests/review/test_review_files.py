"""What ``review`` reads besides one text, and what ``--fix`` leaves as it was."""

from __future__ import annotations

import io
import json
import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner

from creator_kit.cli.app import app
from creator_kit.errors import InputError
from creator_kit.review.inputs import MAX_LINE_BYTES, read_sources, read_stream

RUNNER = CliRunner()
SHEET = (
    "笔记标题,首次发布时间,体裁,曝光,观看量,封面点击率,点赞,评论,收藏,涨粉,分享,人均观看时长,弹幕\n"
    "早餐打卡,2026年06月24日12时01分35秒,图文,300,40,0.12,3,1,2,0,0,12,0\n"
    "太香了！！！！！,2026年06月25日12时01分35秒,图文,292,32,0.106,3,1,2,0,0,12,0\n"
    "想要的加v,2026年06月26日08时30分00秒,图文,292,32,0.106,3,1,2,0,0,12,0\n"
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")
    return path


# --- A pipe --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "titles"),
    [
        ("早餐\n煎蛋", ["早餐"]),
        ("[置顶] 早餐清单\n煎蛋", ["[置顶] 早餐清单"]),
        ("{早餐} 的清单", ["{早餐} 的清单"]),
        ("\ufeff早餐\r\n\r\n煎蛋\r\n", ["早餐"]),
        ('{"title": "一"}\n{"title": "二"}\n', ["一", "二"]),
        ('\ufeff{"title": "一"}\n\n{"title": "二"}', ["一", "二"]),
        ('[{"title": "一"}, {"title": "二"}]', ["一", "二"]),
        ('{\n "notes": [\n  {"title": "一"}\n ]\n}\n', ["一"]),
    ],
)
def test_a_pipe_brings_a_text_lines_or_a_document(content: str, titles: list[str]) -> None:
    sources = list(read_stream(io.BytesIO(content.encode())))
    assert [source.post.title for source in sources] == titles


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"\xff\xfeabc", "not UTF-8"),
        ("字".encode() * 1_400_000, "no note"),
        (b'{"title": "\xff"}\n', "not a JSON object"),
    ],
)
def test_a_pipe_that_brings_nothing_usable_says_why(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        list(read_stream(io.BytesIO(content)))


def test_a_line_that_is_no_note_does_not_hide_the_others() -> None:
    lines = '{"title": "好"}\n{broken\n{"title": ""}\n{"title": "想要的加v"}\n' + "x" * (MAX_LINE_BYTES + 9) + "\n"
    result = RUNNER.invoke(app, ["review", "-", "--format", "jsonl"], input=lines + '{"title": "末"}\n')
    assert result.exit_code == 3
    rows = [json.loads(line) for line in result.stdout.splitlines()]
    assert [row["title"] for row in rows] == ["好", "想要的加v", "末"]
    assert "-:2" in result.stderr and "-:3" in result.stderr and "line 5 is longer" in result.stderr


def test_a_pipe_is_never_taken_for_a_draft_of_the_store(here: Path) -> None:
    RUNNER.invoke(app, ["init", "."])
    row = json.dumps({"draft_id": "d1", "title": "太香了！！！！！", "body": "面"}, ensure_ascii=False)
    result = RUNNER.invoke(app, ["review", "-", "--fix", "--json"], input=row + "\n")
    assert result.exit_code == 2  # there is no way to write into a pipe; what would be written is told
    assert json.loads(result.stdout)["notes"][0]["fixed"]["title"] == "太香了！"


# --- An account ----------------------------------------------------------------------------------------------------


def test_an_export_says_which_note_when_and_how_grave(here: Path) -> None:
    write(here / "导出.csv", "\ufeff" + SHEET)
    result = RUNNER.invoke(app, ["review", "导出.csv"])
    assert result.exit_code == 1
    shown = result.stdout
    assert shown.index("2026-06-26 08:30  想要的加v") < shown.index("2026-06-25 12:01  太香了！！！！！")
    assert "早餐打卡" not in shown
    assert shown.index("太香了") < shown.index("Per 1,000")  # what to do first, then how often each rule spoke up
    assert "3 notes checked: 1 to block, 0 to change, 1 to consider, in 2 of them" in result.stderr
    notes = json.loads(RUNNER.invoke(app, ["review", "导出.csv", "--json"]).stdout)["notes"]
    assert [(note["title"], note["published_at"], len(note["findings"])) for note in notes] == [
        ("想要的加v", "2026-06-26 08:30", 1),
        ("太香了！！！！！", "2026-06-25 12:01", 1),
        ("早餐打卡", "2026-06-24 12:01", 0),
    ]


def test_a_note_that_was_crawled_twice_is_one(here: Path) -> None:
    row = {
        "note_id": "a" * 24,
        "title": "早餐",
        "desc": "全麦面包抹上一层花生酱，再铺几片香蕉。" * 3,
        "liked_count": "3",
    }
    write(here / "contents.json", json.dumps([row, {**row, "liked_count": "9"}], ensure_ascii=False))
    document = json.loads(RUNNER.invoke(app, ["review", "contents.json", "--json"]).stdout)
    assert [len(note["findings"]) for note in document["notes"]] == [0]


def test_what_was_posted_is_not_held_to_the_editors_limits(here: Path) -> None:
    row = {"title": "一" * 30, "body": "面"}
    write(here / "new.jsonl", json.dumps(row))
    write(here / "posted.jsonl", json.dumps({**row, "published_at": "2024-05-01T20:00:00+08:00"}))
    assert RUNNER.invoke(app, ["review", "new.jsonl"]).exit_code == 1
    assert RUNNER.invoke(app, ["review", "posted.jsonl"]).exit_code == 0


def test_a_sheet_of_daily_figures_is_not_an_account_without_risk(shared: Path) -> None:
    result = RUNNER.invoke(app, ["review", str(shared / "raw" / "creator_centre" / "近30日发布数据.xlsx")])
    assert result.exit_code == 3
    assert "no notes in this file" in result.stderr


def test_an_official_sheet_is_read_by_day_and_title(shared: Path) -> None:
    path = next((shared / "raw" / "creator_centre").glob("笔记列表明细表*.xlsx"))
    notes = json.loads(RUNNER.invoke(app, ["review", str(path), "--json"]).stdout)["notes"]
    assert len(notes) > 30
    assert all(len(note["published_at"]) == 16 and note["title"] in note["name"] + note["title"] for note in notes)


# --- A folder ------------------------------------------------------------------------------------------------------


def test_a_folder_with_all_sorts_of_things(here: Path) -> None:
    write(here / "文" / "a.txt", "甲\n面")
    write(here / "文" / "b.jsonl", '{"title": "乙", "body": "饭"}\n')
    write(here / "文" / "c.json", '{"notes": [{"title": "丙", "body": "粥"}]}')
    write(here / "文" / "d.csv", SHEET)
    write(here / "文" / "包" / "body.txt", "丁的正文")
    write(here / "文" / "包" / "title.txt", "丁")
    write(here / "文" / "包" / "checklist.md", "# 不是笔记")
    write(here / "文" / "settings.json", '{"a": 1}')
    write(here / "文" / "sums.csv", "a,b\n1,2\n")
    write(here / "文" / ".git" / "e.txt", "隐藏")
    (here / "文" / "p.png").write_bytes(b"\x89PNG")
    (here / "文" / "z.txt").symlink_to(here / "文" / "a.txt")
    left_out: list[str] = []
    titles = [source.post.title for source in read_sources(here / "文", lambda where, _what: left_out.append(where))]
    assert titles == ["丁", "甲", "乙", "丙", "早餐打卡", "太香了！！！！！", "想要的加v"]
    assert [Path(where.partition(":")[0]).name for where in left_out] == ["settings.json", "sums.csv"]


# --- --fix ---------------------------------------------------------------------------------------------------------

CRLF = "\ufeff早餐笔记😀\r\n\r\n太香了！！！！！这是最好用的锅\r\n\r\n#早餐 #上海[话题]# #早餐\r\n#早餐\r\n#一人食\r\n"


def test_fix_changes_what_it_replaces_and_no_other_byte(here: Path) -> None:
    path = write(here / "a.txt", CRLF)
    path.chmod(0o600)
    (here / "link.txt").symlink_to(path)
    assert RUNNER.invoke(app, ["review", "link.txt", "--fix"]).exit_code == 0
    after = CRLF.replace("！！！！！", "！").replace("最好用的", "很好用的").replace(" #早餐\r\n#早餐\r\n", "\r\n")
    assert path.read_bytes().decode() == after
    assert (here / "link.txt").is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    again = RUNNER.invoke(app, ["review", "a.txt", "--fix"])
    assert "changed" not in again.stderr and path.read_bytes().decode() == after


def test_fix_writes_json_lines_and_documents_and_keeps_the_rest(here: Path) -> None:
    lines = write(
        here / "a.jsonl",
        '{"id": 1, "title": "甲！！！！！", "desc": "面", "tags": "早餐,上海,早餐", "likes": 12}\r\n\n{broken\n'
        '{"title":   "乙"}\n',
    )
    document = write(here / "b.json", '{\n  "by": "我",\n  "notes": [\n    {"title": "丙！！！！！", "n": 1}\n  ]\n}\n')
    result = RUNNER.invoke(app, ["review", "a.jsonl", "b.json", "--fix"])
    assert result.exit_code == 3  # the broken line
    assert lines.read_bytes().decode() == (
        '{"id":1,"title":"甲！","desc":"面","tags":"早餐,上海","likes":12}\r\n\n{broken\n{"title":   "乙"}\n'
    )
    assert json.loads(document.read_text(encoding="utf-8")) == {"by": "我", "notes": [{"title": "丙！", "n": 1}]}
    assert document.read_text(encoding="utf-8").startswith('{\n  "by"')


def test_a_file_that_may_not_be_written_stays_and_the_others_are_fixed(here: Path) -> None:
    locked, other = write(here / "a.txt", "早餐\n\n香！！！！！"), write(here / "b.txt", "午餐\n\n香！！！！！")
    locked.chmod(0o444)
    result = RUNNER.invoke(app, ["review", "a.txt", "b.txt", "--fix"])
    assert result.exit_code == 5
    assert "a.txt: this file may not be written" in result.stderr
    assert locked.read_text(encoding="utf-8") == "早餐\n\n香！！！！！"
    assert other.read_text(encoding="utf-8") == "午餐\n\n香！"


def test_what_cannot_be_written_back_is_said(here: Path) -> None:
    sheet = write(here / "导出.csv", SHEET)
    text = write(here / "b.txt", "午餐\n\n香！！！！！")
    result = RUNNER.invoke(app, ["review", "导出.csv", "b.txt", "--fix", "--fail-on", "never"])
    assert result.exit_code == 2
    assert "导出.csv" in result.stderr
    assert sheet.read_text(encoding="utf-8") == SHEET
    assert text.read_text(encoding="utf-8") == "午餐\n\n香！"


def test_diff_writes_nothing_and_shows_the_findings_as_they_are(here: Path) -> None:
    path = write(here / "a.txt", "早餐\n\n香！！！！！")
    result = RUNNER.invoke(app, ["review", "a.txt", "--diff", "--json"])
    note = json.loads(result.stdout)["notes"][0]
    assert note["fixed"] == {"title": "早餐", "body": "香！", "tags": []}
    assert [finding["rule_id"] for finding in note["findings"]] == ["spam.mark_rows"]
    assert path.read_text(encoding="utf-8") == "早餐\n\n香！！！！！"


def test_a_text_full_of_findings_is_not_printed_for_ever(here: Path) -> None:
    write(here / "a.txt", "早餐\n\n" + "想要的加v。\n" * 2_000)
    result = RUNNER.invoke(app, ["review", "a.txt"])
    assert "and 1952 more in this note" in result.stdout  # 2,000, and two of the whole body; 50 are shown
    assert len(result.stdout.splitlines()) < 500


# --- Rules of one's own --------------------------------------------------------------------------------------------


def test_a_mistake_in_a_rule_file_names_line_rule_and_field(here: Path) -> None:
    rule = 'family = "spam"\nseverity = "warn"\nsource = "s"\nzh = "z"\nen = "e"\n'
    write(
        here / "r.toml",
        f'[source.s]\nzh = "a"\nen = "b"\n\n[[rule]]\nid = "my.first"\nterms = ["a"]\n{rule}'
        f'\n[[rule]]\nid = "my.second"\npattern = "(a+)+$"\nunless_naer = ["b"]\n{rule}',
    )
    write(here / "a.txt", "早餐")
    result = RUNNER.invoke(app, ["review", "a.txt", "--rules", "r.toml"])
    assert result.exit_code == 3
    assert "r.toml:14" in result.stderr
    assert "my.second.pattern: an unbounded repeat" in result.stderr
    assert "my.second.unless_naer: unknown key; did you mean 'unless_near'?" in result.stderr
