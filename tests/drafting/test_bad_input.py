"""Every bad input that the issue lists: a clear error or an honest gap, and nothing lost."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from creator_kit.cli.app import app
from creator_kit.drafting import Brief, Drafter, load_briefs
from creator_kit.errors import InputError
from creator_kit.mining import load_library
from creator_kit.paths import find_shipped_dir
from creator_kit.persona import load_persona
from creator_kit.review import load_rules

TODAY = date(2026, 11, 24)
RUNNER = CliRunner()
DRAFTER = Drafter(load_persona("blank"), load_library(), rules=load_rules())


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(find_shipped_dir("templates") / "personas" / "dorm-cook", tmp_path / "mine")
    return tmp_path / "mine"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("schema_version = 1", 'schema_version = 1\ninclude = "persona.toml"', "include"),  # a cycle has no way in
        ("[voice]", '[voice]\nopenning = ["x"]', "openings"),
        ('register = "lively"', "register = 3", "register"),
        ('title = "宿舍做饭的学生"', 'title = ["a"]', "title"),
        ('guide = "photo.md"', 'guide = "foto.md"', "photo.md"),
        ('guide = "photo.md"', 'guide = "../../secret.md"', "guide"),
        ("[voice]", "[voice", "TOML"),
    ],
)
@pytest.mark.parametrize("command", [["persona", "check", "mine"], ["draft", "番茄牛腩", "-p", "mine"]])
def test_a_pack_with_a_mistake(pack: Path, before: str, after: str, said: str, command: list[str]) -> None:
    path = pack / "persona.toml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    result = RUNNER.invoke(app, command)
    assert result.exit_code == 3 and said in result.output and "persona.toml" in result.output


def test_a_pack_in_another_encoding_or_without_its_file(pack: Path) -> None:
    path = pack / "persona.toml"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    result = RUNNER.invoke(app, ["persona", "show", "mine"])
    assert result.exit_code == 3 and "UTF-8" in result.output
    path.unlink()
    result = RUNNER.invoke(app, ["persona", "show", "mine"])
    assert result.exit_code == 3 and "persona.toml" in result.output


@pytest.mark.parametrize(
    "source", ["{% include 'list.md.j2' %}", "{{ open('/etc/passwd') }}", "{% for a in range(9**9) %}{% endfor %}"]
)
def test_a_body_template_that_includes_itself_reads_a_file_or_runs_on(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert RUNNER.invoke(app, ["init", "."]).exit_code == 0
    path = tmp_path / "templates" / "bodies" / "list.md.j2"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('{#\nshape = "list"\nzh = "清单"\nen = "list"\n#}\n' + source, encoding="utf-8")
    result = RUNNER.invoke(app, ["draft", "番茄牛腩", "--point", "番茄去皮"])
    assert result.exit_code == 3 and "list.md.j2" in result.output


def test_a_fluency_file_of_ones_own_with_an_unknown_key(tmp_path: Path) -> None:
    path = tmp_path / "templates" / "drafting" / "fluency.toml"
    path.parent.mkdir(parents=True)
    path.write_text('about = "x"\nn_titles = 1\nn_authors = 1\nbias = 0.0\nweigths = {}\n', encoding="utf-8")
    with pytest.raises(InputError, match="weights"):
        Drafter(load_persona("blank"), (), user_root=tmp_path).draft(Brief("番茄"), today=TODAY)


def test_no_points_leave_gaps_and_two_hundred_are_told() -> None:
    none = DRAFTER.draft(Brief("周末收纳"), today=TODAY)
    assert none.missing and none.title and "［待补：" in none.body
    many = DRAFTER.draft(Brief("周末收纳", points=tuple(f"第{n}个抽屉贴标签" for n in range(200))), today=TODAY)
    kept = [point for point in many.brief.points if point in many.body]
    assert len(kept) + len(many.left_out) >= 200 and set(many.left_out) <= set(many.brief.points)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"topic": "收纳", "points": ["长" * 10_000]}, "points"),
        ({"points": ["没有题目"]}, "topic"),
        ({"topic": "   "}, "topic"),
        ({"topic": "长" * 100}, "topic"),
        ({"topic": "收纳", "pionts": []}, "points"),
        ({"topic": "收纳", "prices": {"a": 1}}, "prices"),
        (["收纳"], "table"),
    ],
)
def test_a_bad_brief_fails_in_its_own_line_and_the_rest_goes_on(
    row: object, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [json.dumps(item, ensure_ascii=False) for item in ({"topic": "番茄牛腩"}, row, {"topic": "银器清洗"})]
    Path("b.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    result = RUNNER.invoke(app, ["draft", "--brief", "b.jsonl", "--jsonl", "-p", "blank"])
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [item["kind"] for item in found] == ["draft", "failure", "draft"] and result.exit_code == 1
    assert "b.jsonl:2" in found[1]["where"] + found[1]["error"] and said in found[1]["error"] + found[1]["hint"]


@pytest.mark.parametrize("price", ["十五块", "一顿十五块钱", "三百多", "免费"])
def test_prices_in_words_are_kept_as_they_are(price: str) -> None:
    draft = DRAFTER.draft(Brief("番茄牛腩", points=("番茄去皮",), prices=(price,)), today=TODAY)
    assert price in draft.body and not draft.blocked
    # Nobody turns words into figures, nor rounds them.
    assert not any(figure in draft.title + draft.body for figure in ("15", "300"))


@pytest.mark.parametrize("topic", ["Meal prep", "🍅", "！！！", "ab", "zxqv 8848", "量子色动力学重整化"])
def test_a_topic_that_nothing_fits_still_gives_an_honest_draft(topic: str) -> None:
    draft = DRAFTER.draft(Brief(topic), today=TODAY)
    assert draft.topic == topic and draft.missing
    assert draft.titles or draft.title.startswith("［待补：标题")


def test_a_file_of_briefs_in_another_encoding(tmp_path: Path) -> None:
    path = tmp_path / "b.jsonl"
    path.write_bytes('{"topic": "番茄牛腩"}\n'.encode("gb18030"))
    with pytest.raises(InputError, match="UTF-8"):
        list(load_briefs(path))
