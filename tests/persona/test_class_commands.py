"""persona new, learn, diff and grade: a pack from answers, a voice from notes, a class in one table."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from creator_kit.cli.app import app
from creator_kit.corpus import Note
from creator_kit.drafting import Brief, draft_to_json, grade_drafts, make_draft, parse_brief, read_drafts
from creator_kit.errors import InputError
from creator_kit.locale import speaking
from creator_kit.persona import (
    check_pack,
    create_persona,
    diff_personas,
    load_persona,
    measure_distance,
    measure_voice,
    save_voice,
)
from creator_kit.persona.voice import describe_notes
from creator_kit.review import load_rules

RUNNER = CliRunner()
TODAY = date(2026, 11, 24)
ANSWERS = """
title = "周末做饭的会计"
who = "会计，每个周末做饭"
audience = "下班晚的人"
audience_words = ["打工人"]
register = "calm"
openings = ["{topic}，写给晚下班的人。"]
forbidden = ["绝绝子"]
[[pillars]]
name = "快手菜"
kind = "food"
words = ["面", "炒"]
[[facts]]
text = "家里只有一口铁锅"
proof = "photo"
"""


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "answers.toml").write_text(ANSWERS, encoding="utf-8")
    result = RUNNER.invoke(app, ["persona", "new", "my-pack", "--answers", "answers.toml", "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["findings"] == []
    return tmp_path / "my-pack"


def test_a_new_pack_loads_and_passes_its_own_checks_and_tests(pack: Path) -> None:
    persona = load_persona(str(pack))
    assert persona.facts[0].id == "f1" and persona.voice.register_ == "calm" and not check_pack(persona)
    result = RUNNER.invoke(app, ["persona", "check", str(pack)])
    assert result.exit_code == 0, result.output
    again = RUNNER.invoke(app, ["persona", "new", "my-pack", "--answers", "answers.toml"])
    assert again.exit_code == 3 and "already" in again.output


def test_answers_from_stdin_and_none_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert RUNNER.invoke(app, ["persona", "new", "one", "--answers", "-"], input=ANSWERS).exit_code == 0
    none = RUNNER.invoke(app, ["persona", "new", "two"])
    assert none.exit_code == 2 and "--answers" in none.output and not (tmp_path / "two").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("register", "registre"), "register"),
        (('"photo"', '"picture"'), "proof"),
        (("kind = ", "kinds = "), "kind"),
        (("{topic}，", "{topik}，"), "topik"),
        (('title = "周末', 'title = ["周末'), "TOML"),
    ],
)
def test_wrong_answers_are_named_and_leave_nothing(
    change: tuple[str, str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = RUNNER.invoke(app, ["persona", "new", "one", "--answers", "-"], input=ANSWERS.replace(*change, 1))
    assert result.exit_code == 3 and said in result.output and not (tmp_path / "one").exists()


@pytest.mark.parametrize("name", ["../evil", "Has Space", "", "a/b", "con", "lpt1"])
def test_a_name_that_is_no_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        create_persona(name, {}, tmp_path, where="test")


def test_asked_at_a_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from creator_kit.cli import persona_new

    said = iter(
        ["小面", "会计", "上班的人", "-", "shouting", "lively", "姐妹们", "-", "-", "🍜", "-", "-", "-", "@小面"]
    )
    said_more = iter(["快手菜", "foods", "food", "面，炒", "", "家里只有一口锅", "photo", ""])
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    answers = [*said, *said_more]
    monkeypatch.setattr("typer.prompt", lambda *_a, **_k: answers.pop(0))
    table = persona_new._ask()
    assert not answers and table["register"] == "lively" and table["pillars"][0]["words"] == ["面", "炒"]
    root = create_persona("asked", table, tmp_path, where="test")
    asked = load_persona(str(root))
    assert asked.voice.emoji == ("🍜",) and asked.voice.address == "姐妹们" and asked.cover.watermark == "@小面"
    assert asked.commercial.brands == ()


def notes(n: int) -> list[Note]:
    return [
        Note(
            str(i), title=f"周{i % 7}的面🍜", body="先烧水。\n再下面。\n好了。", tags=("面",), published_at="2026-01-02"
        )
        for i in range(n)
    ]


def test_learn_says_how_many_notes_stand_behind(pack: Path, tmp_path: Path) -> None:
    source = tmp_path / "mine.jsonl"
    rows = [
        {
            "note_id": f"{i:016x}",
            "author": "0" * 16,
            "title": f"周{i % 7}的面🍜",
            "body": "先烧水。\n再下面。",
            "tags": ["面"],
        }
        | {"type": "图文", "likes": 1, "collects": 1, "comments": 0, "shares": 0}
        | {"published_at": "2026-01-02T08:00:00+08:00", "source": "me", "keyword": None, "extra": {}}
        for i in range(20)
    ]
    source.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n", encoding="utf-8")
    result = RUNNER.invoke(app, ["persona", "learn", str(pack), "--from", str(source), "--json"])
    assert result.exit_code == 0, result.output
    learned = json.loads(result.stdout)
    assert learned["n_notes"] == 20 and learned["title_mark_rates"]["emoji"] == 1.0
    assert "20 notes" in result.output
    persona = load_persona(str(pack))
    assert persona.learned is not None and persona.learned.title_emoji == ("🍜",)
    assert "烧水" not in (pack / "learned.toml").read_text(encoding="utf-8").replace("先烧水", "")


def test_learn_refuses_a_shipped_pack_and_no_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert RUNNER.invoke(app, ["persona", "learn", "dorm-cook", "--from", "x.jsonl"]).exit_code == 2
    with pytest.raises(InputError, match="learn from"):
        measure_voice([Note("a")])


def test_few_notes_say_so() -> None:
    assert measure_voice(notes(3)).is_few and not measure_voice(notes(30)).is_few


def test_what_an_export_cut_short_says_nothing_of_lengths() -> None:
    whole = [Note(str(i), title="煮面", body="一" * 300) for i in range(20)]
    cut = [
        Note(f"c{i}", title="一" * 8, title_is_body_prefix=True, body="一" * 60, body_truncated=True) for i in range(9)
    ]
    stats = measure_voice([*whole, *cut])
    assert (stats.n_notes, stats.n_titles, stats.n_bodies, stats.n_cut) == (29, 20, 29, 9)
    assert stats.body_characters is not None and (stats.body_characters.p10, stats.body_characters.n) == (300, 20)
    only_cut = measure_voice(cut)
    assert only_cut.body_characters is None and only_cut.title_units is None
    with speaking("en"):
        assert "9 bodies were cut short" in describe_notes(stats)


def test_a_voice_is_one_authors(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="2 authors"):
        measure_voice([Note("1", author="a" * 16, title="甲"), Note("2", author="b" * 16, title="乙")])
    assert measure_voice([Note("1", author="a" * 16, title="甲"), Note("2", title="乙")]).n_titles == 2


def test_each_figure_says_how_many_notes_it_rests_on() -> None:
    stats = measure_voice([*notes(5), *(Note(f"t{i}", title="只有题目") for i in range(30))])
    assert stats.title_units is not None and stats.title_units.n == 35 and not stats.title_units.is_few
    assert stats.sentence_characters is not None and stats.sentence_characters.n == 5
    assert stats.sentence_characters.is_few and stats.n_tags is not None and stats.n_tags.n == 5


def test_learned_figures_with_an_unknown_key_are_refused(pack: Path) -> None:
    save_voice(measure_voice(notes(20)), pack)
    path = pack / "learned.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("n_notes", "n_note"), encoding="utf-8")
    with pytest.raises(InputError, match="n_notes"):
        load_persona(str(pack))


def test_diff_names_what_was_added_changed_and_removed(pack: Path, tmp_path: Path) -> None:
    old = load_persona(str(pack))
    assert diff_personas(old, old) == []
    text = (pack / "persona.toml").read_text(encoding="utf-8")
    other = tmp_path / "other"
    other.mkdir()
    for path in pack.glob("*.md"):
        (other / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    text = text.replace("绝绝子", "yyds").replace("一口铁锅", "两口锅")
    (other / "persona.toml").write_text(text, encoding="utf-8")
    changes = {(item.where, item.kind) for item in diff_personas(old, load_persona(str(other)))}
    assert ("facts.f1.text", "changed") in changes
    assert {("voice.forbidden", "removed"), ("voice.forbidden", "added")} <= changes
    result = RUNNER.invoke(app, ["persona", "diff", str(pack), str(other), "--json"])
    assert result.exit_code == 0 and len(json.loads(result.stdout)["changes"]) == len(changes)


def test_diff_tells_when_a_sentence_is_used_otherwise() -> None:
    old = load_persona("dorm-cook")
    first, *rest = old.voice.openings
    moved = (first.model_copy(update={"fact": "market"}), *rest)
    new = replace(old, voice=old.voice.model_copy(update={"openings": moved}))
    removed, added = diff_personas(old, new)
    assert removed.before == f"{first.text} [subjects: dish]" and added.kind == "added"
    assert added.after == f"{first.text} [fact: market; subjects: dish]"


def write_class(folder: Path) -> None:
    persona = load_persona("dorm-cook")
    folder.mkdir()
    points = ("番茄去皮切块炒出沙再加水", "牛腩冷水下锅焯好捞出冲净", "小火慢炖到筷子能扎透为止")
    good = make_draft(Brief("番茄牛腩", points=points), persona, (), today=TODAY)
    (folder / "a.json").write_text(draft_to_json(good), encoding="utf-8")
    bad = replace(good, body=good.body + "\n全网第一！我坚持吃了300天，加微信")
    (folder / "b.jsonl").write_text(
        json.dumps({"kind": "draft", "draft": json.loads(draft_to_json(bad))}, ensure_ascii=False) + "\n{broken\n",
        encoding="utf-8",
    )


def test_a_class_is_graded_with_rules_voice_and_copying(tmp_path: Path) -> None:
    write_class(tmp_path / "class")
    persona = replace(load_persona("dorm-cook"), learned=measure_voice(notes(30)))
    grades = grade_drafts(read_drafts(tmp_path / "class"), persona, load_rules())
    assert [grade.where for grade in grades] == ["a.json", "b.jsonl:1", "b.jsonl:2"]
    good, bad, broken = grades
    assert broken.error and not broken.is_clean
    assert len(bad.blocking) > len(good.blocking) and bad.rules and good.voice_distance is not None
    assert good.copied_from == "b.jsonl:1" and good.copied_rate > 0.5 and good.n_habits > 4


def test_grade_gives_a_table_a_jsonl_and_exit_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_class(tmp_path / "class")
    monkeypatch.chdir(tmp_path)
    result = RUNNER.invoke(app, ["persona", "grade", "class", "-p", "dorm-cook", "--out", "grades.jsonl"])
    assert result.exit_code == 1 and "b.jsonl:2" in result.output
    rows = [json.loads(line) for line in Path("grades.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 3 and rows[0]["kind"] == "grade" and rows[0]["voice_distance"] == 0.0
    assert RUNNER.invoke(app, ["persona", "grade", "nowhere"]).exit_code == 3


def test_hand_off_packs_are_graded_and_grades_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_class(tmp_path / "class")
    monkeypatch.chdir(tmp_path)
    draft = json.loads(Path("class/a.json").read_text(encoding="utf-8"))
    pack = Path("class/packs") / draft["draft_id"]
    pack.mkdir(parents=True)
    note = {"schema_version": 1, "kind": "handoff", "title": draft["title"], "findings": [], "draft": draft}
    (pack / "note.json").write_text(json.dumps(note, ensure_ascii=False), encoding="utf-8")
    for _again in range(2):
        RUNNER.invoke(app, ["persona", "grade", "class", "-p", "dorm-cook", "--out", "class/grades.jsonl"])
        rows = [json.loads(line) for line in Path("class/grades.jsonl").read_text(encoding="utf-8").splitlines()]
        by_place = {row["where"]: row for row in rows}
        assert len(rows) == 4
        graded = next(row for where, row in by_place.items() if where.endswith("note.json"))
        assert graded["title"] == draft["title"] and not graded["error"]


def test_many_trainees_are_compared_across_chunks(tmp_path: Path) -> None:
    persona = load_persona("blank")
    folder = tmp_path / "class"
    folder.mkdir()
    for n in range(40):
        same = n in (3, 37)
        points = tuple(
            f"{'同一段照抄的话写得一模一样' if same else chr(0x4E00 + 97 * n + k) * 12}第{'甲' if same else n}段"
            for k in range(3)
        )
        draft = make_draft(Brief("整理书桌", points=points), persona, (), today=TODAY)
        (folder / f"{n:02}.json").write_text(draft_to_json(draft), encoding="utf-8")
    grades = {grade.where: grade for grade in grade_drafts(read_drafts(folder), persona, load_rules())}
    assert grades["03.json"].copied_from == "37.json" and grades["37.json"].copied_from == "03.json"
    assert not grades["05.json"].copied_from


@pytest.mark.parametrize("name", ["dorm-cook", "petite-office", "tidy-home"])
def test_a_packs_own_drafts_lie_near_its_voice(name: str) -> None:
    persona = load_persona(name)
    for test in persona.tests:
        draft = make_draft(parse_brief(test.brief, where="test"), persona, (), today=TODAY)
        found = measure_distance(persona, title=draft.title, body=draft.body, n_tags=len(draft.tags))
        assert found.outside == () and found.n_measured == 5


def test_a_strange_voice_is_far_and_says_why() -> None:
    persona = load_persona("dorm-cook")
    body = "家人们谁懂啊，小编今天给宝子们写一个" + "很长" * 30
    far = measure_distance(persona, title="番茄牛腩🚀", body=body, n_tags=3)
    assert far.distance == 1.0 and set(far.outside) == {
        "voice.person",
        "voice.address",
        "voice.forbidden",
        "voice.emoji",
        "voice.sentence_characters",
    }
    learned = replace(persona, learned=measure_voice(notes(30)))
    both = measure_distance(learned, title="番茄牛腩🚀", body=body, n_tags=3)
    assert both.n_measured > 5 and set(far.outside) < set(both.outside)
    bare = measure_distance(load_persona("blank"), title="甲", body="", n_tags=0)
    assert bare.outside == () and bare.n_measured < 5
