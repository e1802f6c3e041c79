"""Bad input: each a clear error or a row problem that names the place; never a crash, never a wrong number."""

from __future__ import annotations

import json
import struct
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from export_files import (
    CREATOR_CENTRE,
    KIT,
    MEDIACRAWLER_A,
    MEDIACRAWLER_B,
    NOTE_IDS,
    SHEMEI,
    WEB_BUCKETS,
    read,
    table,
    variants,
    write_csv,
    write_jsonl,
    write_sqlite,
    write_xlsx,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creator_kit.corpus.readers import workbooks
from creator_kit.errors import CreatorKitError, InputError, StorageError


def refused(path: Path, match: str, **options: Any) -> InputError:
    with pytest.raises(InputError, match=match) as error:
        read(path, **options)
    assert str(path.name) in str(error.value)
    return error.value


@pytest.mark.parametrize("content", [b"", b"   \n\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00" * 100])
def test_empty_files(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    refused(path, "empty")


def test_a_folder_and_a_missing_file(tmp_path: Path) -> None:
    refused(tmp_path, "folder")
    refused(tmp_path / "none.csv", "no such file")


@pytest.mark.skipif(
    sys.platform == "win32" or not hasattr(__import__("os"), "geteuid") or __import__("os").geteuid() == 0,
    reason="root reads all",
)
def test_a_file_without_permission(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [SHEMEI])
    path.chmod(0)
    with pytest.raises(StorageError):
        read(path)


@pytest.mark.parametrize(
    "content",
    [bytes(range(256)) * 40, b"\x7fELF\x02\x01\x01" + bytes(range(200)) * 20, zlib.compress(bytes(range(250)) * 400)],
)
def test_binary_junk(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    refused(path, "binary|neither UTF-8")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"\x1f\x8b\x08" + b"x" * 50, "packed"),
        (b"%PDF-1.7 x", "pdf"),
        (b"\x89PNG\r\n\x1a\n x", "image"),
        (b"Rar!\x1a\x07 x", "packed"),
    ],
)
def test_other_kinds_of_file(tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    refused(path, word)


# --- encodings -----------------------------------------------------------------------------------------------


def test_latin_1_is_the_last_resort(tmp_path: Path) -> None:
    row = {
        **WEB_BUCKETS,
        "Note Title": "Café à Paris",
        "Username": "x",
        "Keywords": "café",
        "IP Location": "",
        "Note Content": "très bon",
    }
    _, [note], _, _ = read(write_csv(tmp_path / "x.csv", [row], "latin-1"))
    assert note.title == "Café à Paris"


@pytest.mark.parametrize("encoding", ["shift-jis", "big5"])
def test_encodings_that_are_none_of_ours(tmp_path: Path, encoding: str) -> None:
    text = {
        "shift-jis": "部屋の収納についてのノートです。とても便利ですよ、ぜひ",
        "big5": "這是關於房間收納的筆記，真的非常方便，推薦給大家",
    }[encoding]
    path = tmp_path / "x.csv"
    path.write_bytes(("title,desc,liked_count\n" + (text + "," + text + ",1\n") * 20).encode(encoding))
    error = refused(path, "neither UTF-8")
    assert "--encoding" in (error.hint or "")


def test_text_that_was_garbled_before_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("笔记标题,点赞数\na,1\n".encode().decode("latin-1"), encoding="utf-8")
    refused(path, "garbled")


def test_a_wrong_wish_is_told(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [SHEMEI], "gb18030")
    refused(path, "not utf-8", encoding="utf-8")
    refused(path, "not an encoding", encoding="klingon")
    assert len(read(path, encoding="gbk")[1]) == 1


def test_a_cut_utf_16_file(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [SHEMEI], "utf-16")
    path.write_bytes(path.read_bytes()[:-1])
    refused(path, "UTF-16")


def test_single_broken_bytes_cost_their_row_only(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [{**SHEMEI, "笔记标题": f"收纳{i}"} for i in range(50)], "utf-8")
    data = path.read_bytes().replace("收纳7,".encode(), "收纳7".encode() + b"\xff,")
    path.write_bytes(data)
    _, notes, [problem], _ = read(path)
    assert len(notes) == 49
    assert problem.where == "x.csv:9"


def test_encodings_that_show_late(tmp_path: Path) -> None:
    """300 KB of ASCII before the first Chinese character must not settle on UTF-8."""
    rows = [
        {
            **WEB_BUCKETS,
            "Note Title": "abc",
            "Note Content": "x" * 200,
            "Username": "a",
            "Keywords": "a",
            "IP Location": "",
        }
    ] * 1500
    path = write_csv(tmp_path / "x.csv", [*rows, {**WEB_BUCKETS, "Note Title": "收纳的秘密"}], "gb18030")
    assert read(path)[1][-1].title == "收纳的秘密"


# --- tables --------------------------------------------------------------------------------------------------


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    row = {key: value for key, value in SHEMEI.items() if key not in ("笔记标题", "笔记内容")}
    error = refused(write_csv(tmp_path / "x.csv", [row]), "标题, title")
    assert "笔记ID" in (error.hint or "") and "--map title=" in (error.hint or "")
    error = refused(write_csv(tmp_path / "y.csv", [{"name_a": 1, "name_b": 2}]), "first row is: name_a, name_b")
    assert "--map" in (error.hint or "")


def test_doubled_headers(tmp_path: Path) -> None:
    rows = table([SHEMEI])
    rows[0] = ["点赞量" if name == "收藏量" else name for name in rows[0]]
    refused(write_xlsx(tmp_path / "x.xlsx", {"a": rows}), "'点赞量' is there twice")
    harmless = table([SHEMEI])
    harmless = [[*harmless[0], "备注", "备注"], [*harmless[1], "", ""]]
    assert len(read(write_xlsx(tmp_path / "y.xlsx", {"a": harmless}))[1]) == 1


@pytest.mark.parametrize(
    ("column", "value", "word"),
    [
        ("点赞量", "很多", "not a count"),
        ("收藏量", "1.5", "not a count"),
        ("粉丝数", "abc", "not a count"),
        ("发布时间", "去年", "not a time"),
    ],
)
def test_a_bad_cell_names_file_row_and_column(tmp_path: Path, column: str, value: str, word: str) -> None:
    bad = {**SHEMEI, column: value}
    if column == "发布时间":
        bad = {**bad, "笔记ID": "", "笔记链接": "", "发布日期": ""}
    for path in (
        write_csv(tmp_path / "x.csv", [SHEMEI, bad, SHEMEI]),
        write_xlsx(tmp_path / "x.xlsx", {"Sheet1": table([SHEMEI, bad, SHEMEI])}),
    ):
        _, notes, [problem], _ = read(path)
        assert len(notes) == 2
        assert problem.where == f"{path.name}:3:{column}"
        assert word in problem.what


def test_quoted_line_ends_and_row_numbers(tmp_path: Path) -> None:
    rows = [{**SHEMEI, "笔记内容": "一\r\n二\n\n三"}, {**SHEMEI, "点赞量": "x"}]
    _, [note], [problem], _ = read(write_csv(tmp_path / "x.csv", rows))
    assert note.body == "一\n二\n\n三"
    assert problem.where == "x.csv:3:点赞量"


def test_rows_of_another_schema_in_the_same_file(tmp_path: Path) -> None:
    """MediaCrawler appends without a new header: schema A above, B below, and nonsense between."""
    path = write_csv(tmp_path / "x.csv", variants(MEDIACRAWLER_A, "note_id", 2))
    below = (
        write_csv(tmp_path / "y.csv", variants(MEDIACRAWLER_B, "note_id", 2), "utf-8")
        .read_text("utf-8")
        .split("\n", 1)[1]
    )
    path.write_bytes(path.read_bytes() + b"a,b,c\n" + below.encode())
    _, notes, [problem], _ = read(path)
    assert len(notes) == 4
    assert notes[2].likes == 12_000
    assert notes[2].observed_at == "2025-09-05T14:54:10+08:00"
    assert notes[2].author != notes[0].author
    assert "3 cells" in problem.what


def test_a_header_between_the_rows_changes_the_columns(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [MEDIACRAWLER_A], "utf-8")
    path.write_bytes(path.read_bytes() + write_csv(tmp_path / "y.csv", [MEDIACRAWLER_B], "utf-8").read_bytes())
    _, notes, problems, _ = read(path)
    assert (len(notes), problems) == (2, [])
    assert {note.likes for note in notes} == {12_000}


def test_rows_cut_short(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", variants(SHEMEI, "笔记ID"))
    path.write_bytes(path.read_bytes()[:-150])
    _, notes, [problem], _ = read(path)
    assert len(notes) == 2
    assert "cells" in problem.what


def test_an_unclosed_quote_does_not_eat_the_file(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [SHEMEI], "utf-8")
    path.write_bytes(
        path.read_bytes() + b'"' + b"x,y,z\n" * 800_000 + write_csv(tmp_path / "y.csv", [SHEMEI], "utf-8").read_bytes()
    )
    _, notes, problems, _ = read(path)
    assert len(notes) == 2
    assert any("cannot be read" in problem.what for problem in problems)


def test_nul_bytes_in_a_table(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "x.csv", [{**SHEMEI, "笔记内容": "x" * 4000 + "留NUL空"}], "utf-8")
    path.write_bytes(path.read_bytes().replace(b"NUL", b"\x00"))
    assert read(path)[1][0].body.endswith("留空")


def test_ids_that_a_spreadsheet_mangled(tmp_path: Path) -> None:
    with_link = {**SHEMEI, "笔记ID": "6.25564E+23"}
    without = {**with_link, "笔记链接": ""}
    _, [note], [problem], _ = read(write_csv(tmp_path / "x.csv", [with_link, without]))
    assert note.published_at is not None
    assert problem.where == "x.csv:3:笔记ID"


# --- JSON ----------------------------------------------------------------------------------------------------


def test_bad_lines_are_reported_and_the_rest_goes_in(tmp_path: Path) -> None:
    good = [json.dumps(row, ensure_ascii=False) for row in variants(MEDIACRAWLER_B, "note_id")]
    bad = [
        '{"note_id": "6672d5b0',
        "[1, 2]",
        '"text"',
        "null",
        "{}",
        '{"x":' + "[" * 100_000 + "]" * 100_000 + "}",
        good[0].replace('"58"', '"viele"'),
        good[0].replace('"58"', str(10**40)),
        good[0].replace('"58"', "1e400"),
        good[0].replace('"58"', "[5]"),
        '{"comment_id": "1", "note_id": "6672d5b00000000000000001", "content": "x", "create_time": 1}',
    ]
    path = tmp_path / "x.jsonl"
    path.write_text("\n".join([good[0], *bad, "", good[1], good[2]]) + "\n", encoding="utf-8")
    _, notes, problems, _ = read(path)
    assert len(notes) >= 3
    by_row = {int(problem.where.split(":")[1]): problem for problem in problems}
    assert {2, 3, 4, 5, 7, 8, 9, 12} <= set(by_row)
    assert by_row[8].where == "x.jsonl:8:comment_count"
    assert "viele" in by_row[8].what
    assert "nested" in by_row[7].what
    assert "comments" in by_row[12].what


def test_nan_is_missing_and_infinity_is_wrong(tmp_path: Path) -> None:
    line = json.dumps(MEDIACRAWLER_B)
    path = tmp_path / "x.jsonl"
    path.write_text(
        f"{line.replace(chr(34) + '58' + chr(34), 'NaN')}\n{line.replace(chr(34) + '58' + chr(34), 'Infinity')}\n"
    )
    _, [note], [problem], _ = read(path)
    assert note.comments is None
    assert problem.where == "x.jsonl:2:comment_count"
    path.write_text(f"[{line.replace(chr(34) + '58' + chr(34), 'NaN')}]")
    assert read(path)[1][0].comments is None


def test_lone_surrogates(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    line = json.dumps({**MEDIACRAWLER_B, "title": "收纳\ud83d"})
    path.write_text(f"{line}\n{line}\n")
    assert [note.title for note in read(path)[1]] == ["收纳", "收纳"]
    path.write_text(f"[{line}]")
    assert read(path)[1][0].title == "收纳"


def test_broken_utf_8_in_one_line(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "x.jsonl", variants(MEDIACRAWLER_B, "note_id"))
    lines = path.read_bytes().split(b"\n")
    lines[1] = lines[1].replace("出租屋".encode(), "出租屋".encode()[:-1])
    path.write_bytes(b"\n".join(lines))
    _, notes, [problem], _ = read(path)
    assert (len(notes), problem.where) == (2, "x.jsonl:2")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("container", ["jsonl", "array"])
def test_json_in_other_encodings(tmp_path: Path, encoding: str, container: str) -> None:
    rows = variants(MEDIACRAWLER_B, "note_id")
    path = tmp_path / "x.json"
    text = (
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        if container == "jsonl"
        else json.dumps(rows, ensure_ascii=False)
    )
    path.write_bytes(text.encode(encoding))
    _, notes, problems, _ = read(path)
    assert (len(notes), problems) == (3, [])


def test_truncated_documents(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    text = json.dumps(variants(MEDIACRAWLER_B, "note_id"), ensure_ascii=False)
    for cut in (10, len(text) // 2, len(text) - 1):
        path.write_text(text[:cut], encoding="utf-8")
        refused(path, "cut off|not valid JSON")
    path.write_text('{"a": {"b": 1', encoding="utf-8")
    refused(path, "cut off|not valid JSON")


@pytest.mark.parametrize(
    ("value", "match"),
    [
        ({"users": [{"age": 3}], "total": 1}, "its keys are: users, total"),
        ([], "empty"),
        ([1, 2, 3], "not hold objects|not a JSON object"),
        ([[1], [2]], "not hold objects|not a JSON object"),
        ({}, "no notes"),
        ([{"a": 1, "b": 2}], "a, b"),
    ],
)
def test_json_of_another_shape(tmp_path: Path, value: Any, match: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises(InputError) as error:
        read(path)
    assert any(part in str(error.value) for part in match.split("|"))


def test_depth_bombs(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    for text in ("[" * 200_000, "[" * 50_000 + "]" * 50_000, '{"a":' * 50_000 + "1" + "}" * 50_000):
        path.write_text(text)
        with pytest.raises(InputError):
            read(path)


def test_a_document_beyond_the_bound_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from creator_kit.corpus.readers import json_documents

    monkeypatch.setattr(json_documents, "MAX_DOCUMENT_BYTES", 1000)
    path = tmp_path / "x.json"
    path.write_text(json.dumps(variants(MEDIACRAWLER_B, "note_id"), indent=1))
    error = refused(path, "too many for one JSON document")
    assert "JSONL" in (error.hint or "")


def test_records_with_wrong_types_name_the_field(tmp_path: Path) -> None:
    rows = [
        KIT,
        {**KIT, "likes": {"a": 1}},
        {**KIT, "title": ["x"]},
        {**KIT, "extra": 5},
        {k: v for k, v in KIT.items() if k != "note_id"},
    ]
    _, notes, problems, _ = read(write_jsonl(tmp_path / "x.jsonl", rows))
    assert len(notes) == 1
    assert [problem.where for problem in problems] == [
        "x.jsonl:2:likes",
        "x.jsonl:3:title",
        "x.jsonl:4:extra",
        "x.jsonl:5:note_id",
    ]


# --- very long lines, very long files ------------------------------------------------------------------------

_MEASURE = """
import resource, sys
from pathlib import Path
from creator_kit.corpus.note import Note
from creator_kit.corpus.readers import open_export
from creator_kit.corpus.reading import ReadOptions, RowProblem
from creator_kit.errors import InputError
path = Path(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    items = list(open_export(path, ReadOptions(hash_key=b"k")).rows())
    print(sum(isinstance(i, Note) for i in items), sum(isinstance(i, RowProblem) for i in items), end=" ")
except InputError as error:
    print("refused", error.what.replace(" ", "_"), end=" ")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def _measured(path: Path) -> list[str]:
    done = subprocess.run([sys.executable, "-c", _MEASURE, str(path)], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is in kilobytes on Linux only")
@pytest.mark.parametrize("kind", ["jsonl", "csv", "jsonl-only", "csv-only"])
def test_a_line_of_60_megabytes_is_not_held(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.dat"
    good = write_jsonl(tmp_path / "g.jsonl", variants(MEDIACRAWLER_B, "note_id", 2)).read_bytes()
    header = write_csv(tmp_path / "g.csv", variants(SHEMEI, "笔记ID", 2), "utf-8").read_bytes()
    with path.open("wb") as file:
        if kind == "jsonl":
            file.write(good)
        elif kind == "csv":
            file.write(header)
        file.write(b'{"note_id": "' if "jsonl" in kind else b"abc")
        for _ in range(60):
            file.write(b"x" * 1_000_000)
        file.write(b'"}\n' if "jsonl" in kind else b"\n")
        if kind == "jsonl":
            file.write(good)
        elif kind == "csv":
            file.write(header.split(b"\n", 1)[1])
    found = _measured(path)
    if kind.endswith("only"):
        assert found[0] == "refused"
        assert "longer" in found[1]
    else:
        assert found[:2] == ["4", "1"]
    assert int(found[-1]) < 100
    path.unlink()


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory is in kilobytes on Linux only")
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    line = json.dumps({**MEDIACRAWLER_B, "desc": "收纳" * 400}, ensure_ascii=False).encode() + b"\n"
    with path.open("wb") as file:
        for _ in range(30_000):
            file.write(line)
    code = _MEASURE.replace(
        'items = list(open_export(path, ReadOptions(hash_key=b"k")).rows())',
        'items = []\n    assert sum(1 for _ in open_export(path, ReadOptions(hash_key=b"k")).rows()) == 30_000',
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[-1]) < 40
    assert path.stat().st_size > 80_000_000


# --- spreadsheets --------------------------------------------------------------------------------------------


def test_truncated_spreadsheets(tmp_path: Path) -> None:
    whole = write_xlsx(tmp_path / "w.xlsx", {"a": table([SHEMEI])}).read_bytes()
    path = tmp_path / "x.xlsx"
    for n_bytes in (10, 100, len(whole) // 2, len(whole) - 30):
        path.write_bytes(whole[:n_bytes])
        refused(path, "damaged|cut off")


def test_damaged_spreadsheets_never_crash(tmp_path: Path) -> None:
    whole = write_xlsx(tmp_path / "w.xlsx", {"a": table([SHEMEI])})
    with zipfile.ZipFile(whole) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name in parts:
        for junk in (b"", b"<a", b"\xff\xfe\x00", parts[name][: len(parts[name]) // 2]):
            path = tmp_path / "x.xlsx"
            with zipfile.ZipFile(path, "w") as archive:
                for other, data in parts.items():
                    archive.writestr(other, junk if other == name else data)
            try:
                read(path)
            except CreatorKitError as error:
                assert "x.xlsx" in str(error)


def test_a_zip_that_is_no_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("notes.csv", "a,b")
    refused(path, "zip archive")


def _ole(*names: str) -> bytes:
    """The beginning of an old Office container with a directory of streams."""
    entries = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<H", 2 * len(name) + 2) + bytes(62) for name in names
    )
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + entries


def test_password_protected_spreadsheets(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(_ole("Root Entry", "EncryptionInfo", "EncryptedPackage"))
    error = refused(path, "protected by a password")
    assert "remove the password" in (error.hint or "")
    path.write_bytes(_ole("Root Entry", "WordDocument"))
    refused(path, "no spreadsheet")


def _bomb(path: Path, sheet: bytes, repeat: int = 1) -> Path:
    whole = write_xlsx(path.with_name("w.xlsx"), {"a": table([SHEMEI])})
    with zipfile.ZipFile(whole) as archive, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name in archive.namelist():
            if name != "xl/worksheets/sheet1.xml":
                out.writestr(name, archive.read(name))
                continue
            with out.open(name, "w") as stream:
                for _ in range(repeat):
                    stream.write(sheet)
    return path


def test_zip_bombs_are_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _bomb(tmp_path / "x.xlsx", b" " * 1_000_000, repeat=60)
    assert path.stat().st_size < 200_000
    refused(path, "unpack")  # by its ratio
    monkeypatch.setattr(workbooks, "MAX_UNPACKED_BYTES", 20_000_000)
    refused(_bomb(tmp_path / "y.xlsx", bytes(range(256)) * 4000, repeat=25), "unpack")  # by its size


def test_a_lying_directory_does_not_help_a_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "MAX_UNPACKED_BYTES", 3_000_000)
    path = _bomb(tmp_path / "x.xlsx", b" " * 1_000_000, repeat=5)
    data = bytearray(path.read_bytes())
    real = struct.pack("<I", 5_000_000)
    assert data.count(real) >= 1
    path.write_bytes(bytes(data).replace(real, struct.pack("<I", 1000)))
    with pytest.raises(InputError):
        read(path)


@pytest.mark.parametrize(
    "cells",
    [
        b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b'<row r="1"><c r="XFD1"><v>1</v></c></row><row r="99999999"><c r="A99999999"><v>1</v></c></row>',
    ],
)
def test_far_cells_do_not_ask_for_all_between_them(tmp_path: Path, cells: bytes) -> None:
    sheet = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        + cells
        + b"</sheetData></worksheet>"
    )
    refused(_bomb(tmp_path / "x.xlsx", sheet), "unpack")


def test_an_empty_workbook(tmp_path: Path) -> None:
    refused(write_xlsx(tmp_path / "x.xlsx", {"a": []}), "empty")


# --- databases -----------------------------------------------------------------------------------------------


def test_damaged_databases(tmp_path: Path) -> None:
    whole = write_sqlite(tmp_path / "w.db", {"xhs_note": variants(MEDIACRAWLER_B, "note_id") * 200}).read_bytes()
    path = tmp_path / "x.db"
    for n_bytes in (100, 5000, len(whole) // 2):
        path.write_bytes(whole[:n_bytes])
        refused(path, "cannot be read|no table")
    path.write_bytes(b"SQLite format 3\x00" + bytes(range(256)) * 20)
    refused(path, "cannot be read|no table")


def test_databases_without_notes(tmp_path: Path) -> None:
    refused(write_sqlite(tmp_path / "x.db", {"users": [{"a": 1, "b": 2}]}), "the tables are: users")


def test_reading_a_database_leaves_it_alone(tmp_path: Path) -> None:
    path = write_sqlite(tmp_path / "x.db", {"xhs_note": [MEDIACRAWLER_B]})
    before = path.read_bytes()
    read(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["x.db"]


def test_names_with_spaces_and_signs(tmp_path: Path) -> None:
    folder = tmp_path / "我的 导出 #1 %20?"
    folder.mkdir()
    assert len(read(write_sqlite(folder / "数 据#.db", {"xhs_note": [MEDIACRAWLER_B]}))[1]) == 1
    assert len(read(write_xlsx(folder / "数 据#.xlsx", {"a": table([SHEMEI])}))[1]) == 1
    assert len(read(write_csv(folder / "数 据#.csv", [CREATOR_CENTRE]))[1]) == 1


# --- anything ------------------------------------------------------------------------------------------------


@given(
    st.binary(max_size=400),
    st.sampled_from(
        [b"", b"{", b"[", b"PK\x03\x04", b"SQLite format 3\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<"]
    ),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_bytes_crash_a_reader(tmp_path: Path, content: bytes, start: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(start + content)
    try:
        read(path)
    except CreatorKitError as error:
        assert error.what


_CELL = st.one_of(st.text(max_size=12), st.integers(-(10**30), 10**30), st.none(), st.floats(), st.booleans())


@given(
    st.lists(
        st.fixed_dictionaries({"note_id": _CELL, "title": _CELL, "desc": _CELL, "liked_count": _CELL, "time": _CELL}),
        min_size=1,
        max_size=5,
    )
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_cells_crash_a_reader(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    fields = {"collected_count": "1", "comment_count": "2"}
    path = write_jsonl(
        tmp_path / "x.jsonl",
        [{**MEDIACRAWLER_B, **fields, "note_id": NOTE_IDS[0]}, *({**row, **fields} for row in rows)],
    )
    _, notes, problems, _ = read(path)
    assert 1 <= len(notes) <= len(notes) + len(problems) <= len(rows) + 1
    for note in notes:
        assert note.likes is None or 0 <= note.likes <= 10**12
        note.title.encode()
        note.body.encode()
