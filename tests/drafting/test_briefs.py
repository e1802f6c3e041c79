"""Briefs are read from lines and tables; what is wrong is named with line and field."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creator_kit.drafting import Brief, BriefFailure, iter_briefs, load_briefs, parse_brief
from creator_kit.errors import InputError

OWN = Path(__file__).with_name("briefs.jsonl")


def test_the_kept_briefs_load() -> None:
    briefs = list(load_briefs(OWN))
    assert len(briefs) >= 20 and briefs[0].steps[0].startswith("牛腩冷水下锅")


def test_toml_of_one_and_of_many(tmp_path: Path) -> None:
    one = tmp_path / "one.toml"
    one.write_text('topic = "银器清洗"\nprices = "20元"\nnumbers = [3]\n', encoding="utf-8")
    assert list(load_briefs(one)) == [Brief("银器清洗", prices=("20元",), numbers=("3",))]
    many = tmp_path / "many.toml"
    many.write_text('[[briefs]]\ntopic = "甲"\n[[briefs]]\ntopic = "乙"\n', encoding="utf-8")
    assert [brief.topic for brief in load_briefs(many)] == ["甲", "乙"]


def test_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    text = '{"topic": "甲"}\n\n{"topic": "乙"}'
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    assert [brief.topic for brief in load_briefs("-")] == ["甲", "乙"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"topic": "甲", "point": ["x"]}', "did you mean 'points'"),
        ('{"topic": 7}', "topic"),
        ('{"points": ["x"]}', "topic"),
        ('{"topic": "  "}', "needs a topic"),
        ('{"topic": "甲", "points": {"a": 1}}', "points"),
        ('{"topic": "甲", "points": ["' + "长" * 10_000 + '"]}', "10000"),
        ('{"topic": "' + "题" * 61 + '"}', "61"),
        ('{"topic": "甲", "points": ' + json.dumps(["点"] * 501) + "}", "points"),
        ('{"topic": "甲"', "JSON"),
        ("[" * 50_000, "JSON"),
        ('["甲"]', "table"),
        ('{"topic": "甲", "prices": [true]}', "prices"),
        ('{"topic": "甲", "topic": "乙"}', "'topic' stands twice"),
        ('{"topic": "甲", "numbers": [NaN]}', "NaN"),
        ('{"topic": "甲", "numbers": [-Infinity]}', "Infinity"),
    ],
)
def test_a_wrong_line_is_named_and_the_rest_goes_on(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "briefs.jsonl"
    path.write_text(f'{{"topic": "前"}}\n{line}\n{{"topic": "后"}}\n', encoding="utf-8")
    first, failure, last = list(iter_briefs(path))
    assert isinstance(failure, BriefFailure) and failure.where.endswith("briefs.jsonl:2")
    assert said in str(failure.error) and "briefs.jsonl:2" in str(failure.error)
    assert isinstance(first, Brief) and isinstance(last, Brief) and last.topic == "后"
    with pytest.raises(InputError):
        list(load_briefs(path))


def test_a_line_in_another_encoding_fails_alone(tmp_path: Path) -> None:
    path = tmp_path / "briefs.jsonl"
    good = '{"topic": "甲"}\r\n'.encode()
    path.write_bytes(b"\xef\xbb\xbf" + good + '{"topic": "番茄"}\n'.encode("gb18030") + good)
    first, failure, last = list(iter_briefs(path))
    assert first == last == Brief("甲") and isinstance(failure, BriefFailure)
    assert failure.where.endswith(":2") and failure.error.where == failure.where and "UTF-8" in str(failure.error)


def test_a_line_without_end_is_refused_in_bounded_memory(tmp_path: Path) -> None:
    path = tmp_path / "briefs.jsonl"
    path.write_text('{"topic": "' + "x" * 5_000_000 + '"}\n{"topic": "后"}\n', encoding="utf-8")
    failure, last = list(iter_briefs(path))
    assert isinstance(failure, BriefFailure) and isinstance(last, Brief)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        list(load_briefs(tmp_path / "none.jsonl"))
    with pytest.raises(InputError, match="folder"):
        list(load_briefs(tmp_path))
    path = tmp_path / "gbk.jsonl"
    path.write_bytes('{"topic": "番茄牛腩"}'.encode("gb18030"))
    with pytest.raises(InputError, match="UTF-8"):
        list(load_briefs(path))


def test_lines_and_controls_inside_a_field_become_spaces() -> None:
    brief = parse_brief({"topic": "番茄\n牛腩\x00", "points": ["a\tb", "", "  "]}, where="x")
    assert brief.topic == "番茄 牛腩" and brief.points == ("a b",)


@given(
    st.dictionaries(st.text(max_size=8), st.one_of(st.none(), st.integers(), st.text(max_size=8), st.lists(st.text())))
)
def test_any_table_is_a_brief_or_a_named_error(table: dict[str, object]) -> None:
    try:
        assert parse_brief(table, where="here").topic
    except InputError as error:
        assert error.where == "here"
