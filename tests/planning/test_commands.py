"""The commands as a person types them: the walk-through of docs/planning.md, bad input, a class of creators."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from doc_walk import walk_docs
from typer.testing import CliRunner, Result

from creator_kit.cli.app import app
from creator_kit.clock import BEIJING
from creator_kit.drafting.document import draft_to_json
from creator_kit.drafting.draft import Brief, Draft, TitleCandidate
from creator_kit.workspace import init_workspace

ROOT = Path(__file__).resolve().parents[2]
TODAY = "2026-11-24"


def run(*words: str, home: Path | None = None, today: str = TODAY, code: int | None = 0) -> Result:
    options = ["--workspace", str(home)] if home is not None else []
    env = {"CREATOR_KIT_TODAY": today, "CREATOR_KIT_LANG": "en", "COLUMNS": "80"}
    result = CliRunner().invoke(app, [*words, *options], env=env)
    if code is not None:
        assert result.exit_code == code, f"{words}\n{result.output}\n{result.exception!r}"
    return result


def data_of(*words: str, home: Path | None = None, today: str = TODAY, code: int = 0) -> dict[str, Any]:
    document = json.loads(run(*words, "--json", home=home, today=today, code=code).stdout)
    assert isinstance(document, dict)
    return document


def draft_of(number: int, topic: str, *, template: str = "", sponsored: bool = False) -> Draft:
    title = f"{topic}的一天"
    return Draft(
        draft_id=f"{number:012x}",
        topic=topic,
        persona="",
        created_on="2026-11-01",
        title=title,
        body=f"{topic}。" * 5,
        tags=(topic,),
        titles=(TitleCandidate(title, template or f"t{number}", "", "common", ""),),
        brief=Brief(topic),
        body_template="list",
        sponsored=sponsored,
    )


def new_home(folder: Path, drafts: Iterable[Draft]) -> Path:
    with init_workspace(folder) as workspace:
        for draft in drafts:
            document = draft_to_json(draft)
            workspace.save_draft(draft.draft_id, topic=draft.topic, created_on=draft.created_on, document=document)
    return folder


TOPICS = ("冬至饺子", "考研复习", "露营装备", "猫咪驱虫", "毛衣起球", "阳台种菜", "火锅底料", "跨年手账", "瑜伽入门")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    drafts = [draft_of(number + 1, topic, sponsored=number == 4) for number, topic in enumerate(TOPICS)]
    return new_home(tmp_path / "我的 账号", drafts)


@pytest.mark.skipif(sys.platform == "win32", reason="the blocks are written for a POSIX shell")
def test_the_walk_through_of_the_docs_runs(shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = next((shared / "raw" / "creator_centre").glob("笔记列表明细表*.xlsx"))
    shutil.copy(sheet, tmp_path / "笔记列表明细表.xlsx")
    assert walk_docs("planning.md", tmp_path, monkeypatch, today="2026-07-12") > 20


def test_a_plan_is_made_shown_changed_and_made_again_around_what_is_fixed(home: Path) -> None:
    made = data_of("plan", "make", "--weeks", "4", home=home)
    posts = [slot for slot in made["slots"] if slot["is_post"]]
    assert len(posts) == len(TOPICS) and all(slot["reasons"] for slot in posts)
    dumpling = next(slot for slot in posts if "饺子" in slot["title"])
    assert "2026-12-12" <= dumpling["starts_at"][:10] <= "2026-12-21", "before the solstice"
    assert any(reason["code"] == "occasion" for reason in dumpling["reasons"])
    assert posts == sorted(posts, key=lambda s: s["starts_at"])
    first, second = posts[0], posts[1]
    moved = data_of("plan", "move", first["slot_id"], "--to", "2026-12-10 19:30", home=home)
    assert moved["is_fixed"] and moved["starts_at"] == "2026-12-10T19:30:00+08:00" and moved["sequence"] == 1
    run("plan", "skip", second["slot_id"], home=home)
    again = data_of("plan", "make", "--weeks", "4", home=home)
    by_id = {slot["slot_id"]: slot for slot in again["slots"]}
    assert by_id[first["slot_id"]]["starts_at"] == moved["starts_at"], "what is fixed stays"
    assert second["slot_id"] not in by_id, "what was skipped is not planned again"
    done = data_of("plan", "done", posts[2]["slot_id"], "--at", "2026-11-24 09:00", home=home)
    assert done["state"] == "done" and done["published_at"] == "2026-11-24T09:00:00+08:00"
    third = data_of("plan", "make", "--weeks", "4", home=home)
    assert posts[2]["slot_id"] not in {slot["slot_id"] for slot in third["slots"]}
    nearest = min(slot["starts_at"] for slot in third["slots"])
    assert nearest >= "2026-11-25T05:00", "twenty hours after what is out already"
    listed = data_of("plan", "show", home=home)
    assert {slot["state"] for slot in listed["slots"]} == {"planned", "done", "skipped"}
    month = run("plan", "show", home=home).stdout
    assert "2026-12" in month and "*19:30" in month


def test_making_a_plan_twice_changes_nothing(home: Path) -> None:
    first = data_of("plan", "make", home=home)
    again = data_of("plan", "make", home=home)
    assert again == first, "same drafts, same wishes, same bytes; no sequence rises"
    assert run("plan", "export", home=home).stdout_bytes == run("plan", "export", home=home).stdout_bytes


def test_a_dry_run_keeps_the_plan_there_is(home: Path) -> None:
    run("plan", "make", "--dry-run", home=home)
    assert data_of("plan", "show", home=home)["n_slots"] == 0


def test_what_left_the_plan_is_cancelled_in_the_calendar_and_comes_back(home: Path) -> None:
    run("plan", "make", "--weeks", "3", home=home)
    out = home / "plan.ics"
    run("plan", "export", "--out", str(out), home=home)
    before = out.read_text(encoding="utf-8")
    made = data_of("plan", "make", "--weeks", "1", home=home)
    assert made["dropped"]
    run("plan", "export", "--out", str(out), home=home)
    after = out.read_text(encoding="utf-8")
    assert after.count("STATUS:CANCELLED") == len(made["dropped"])
    uids = re.compile(r"UID:(\S+)")
    assert set(uids.findall(before)) == set(uids.findall(after)), "no event is doubled, none vanishes"


def test_an_ics_that_a_calendar_program_wrote_is_not_overwritten_but_taken_over(home: Path) -> None:
    run("plan", "make", "--weeks", "2", home=home)
    out = home / "plan.ics"
    run("plan", "export", "--out", str(out), home=home)
    text = out.read_bytes().decode("utf-8")
    start = re.search(r"DTSTART;TZID=Asia/Shanghai:(\d{8})T", text)
    assert start is not None
    edited = text.replace(start.group(0), "DTSTART;TZID=Asia/Shanghai:20261206T", 1)
    edited = re.sub(r"PRODID:.*(\r\n .*)*", "PRODID:-//Apple Inc.//macOS 15//EN", edited, count=1)
    out.write_bytes(edited.encode("utf-8"))
    refused = run("plan", "export", "--out", str(out), home=home, code=1)
    assert "plan sync" in refused.output and out.read_bytes().decode("utf-8") == edited
    shown = data_of("plan", "sync", str(out), home=home)
    assert len(shown["changes"]) == 1 and shown["changes"][0]["starts_at"].startswith("2026-12-06")
    run("plan", "sync", str(out), "--apply", home=home)
    slots = {s["slot_id"]: s for s in data_of("plan", "show", home=home)["slots"]}
    assert slots[shown["changes"][0]["slot_id"]]["is_fixed"]
    assert data_of("plan", "sync", str(out), home=home)["changes"] == []


def test_wishes_that_contradict_each_other_are_named(home: Path) -> None:
    words = ["plan", "make", "--weeks", "1", "--min-gap", "60", "--posts-per-week", "5", "--at-least", "5"]
    text = run(*words, home=home, code=1).output
    assert "min_gap_hours = 60" in text and "at_least_per_week = 5" in text and "sponsored" not in text
    assert "quiet_hours = 0-24" in run("plan", "make", "--quiet", "0-24", home=home, code=1).output
    (home / "plan.toml").write_text(
        '[[appointments]]\nat = 2026-11-30T20:00:00\ntitle = "一"\npost = true\n'
        '[[appointments]]\nat = 2026-11-30T21:00:00\ntitle = "二"\npost = true\n',
        encoding="utf-8",
    )
    text = run("plan", "make", home=home, code=1).output
    assert "2026-11-30 20:00" in text and ("min_gap_hours" in text or "posts_per_day" in text)
    assert data_of("plan", "show", home=home)["n_slots"] == 0, "nothing was half-written"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("post_per_week = 3", "did you mean 'posts_per_week'"),
        ("posts_per_week = -1", "must be 1 or more"),
        ("weeks = 0", "must be 1 or more"),
        ("mix = { a = 0.9, b = 0.4 }", "more than 1"),
        ("hours = [25]", "0 to 23"),
        ('[[deadlines]]\ndraft = "000000000001"\nby = 2026-11-01', "is over"),
        ('[[deadlines]]\ndraft = "nothing like it"\nby = 2026-12-01', "fits 0 open drafts"),
        ("[[days_off]]\non = 2026-02-30", "not valid TOML"),
    ],
)
def test_wishes_that_cannot_be_are_told(home: Path, text: str, says: str) -> None:
    (home / "plan.toml").write_text(text, encoding="utf-8")
    output = run("plan", "make", home=home, code=3).output
    assert says in " ".join(output.split()) and "plan.toml" in output


def test_firm_wishes_of_a_file_hold(home: Path) -> None:
    (home / "plan.toml").write_text(
        "weeks = 3\nposts_per_week = 4\n[[days_off]]\non = 2026-11-28\nuntil = 2026-11-30\n"
        '[[deadlines]]\ndraft = "瑜伽"\nby = 2026-11-27\n'
        '[[appointments]]\nat = 2026-12-02T11:30:00+00:00\ntitle = "直播"\n',
        encoding="utf-8",
    )
    made = data_of("plan", "make", home=home)
    posts = {slot["title"]: slot["starts_at"] for slot in made["slots"] if slot["is_post"]}
    assert posts["瑜伽入门的一天"] < "2026-11-28"
    assert not any("2026-11-28" <= at[:10] <= "2026-11-30" for at in posts.values())
    live = next(slot for slot in made["slots"] if slot["title"] == "直播")
    assert live["starts_at"] == "2026-12-02T19:30:00+08:00", "another zone's time is Beijing's here"
    assert all(not "2026-12-02T19:30" <= at[:16] < "2026-12-02T20:30" for at in posts.values())


def test_what_is_over_is_neither_cancelled_nor_planned_again(home: Path) -> None:
    (home / "plan.toml").write_text('[[appointments]]\nat = 2026-11-26T20:00:00\ntitle = "直播"\n', encoding="utf-8")
    first = data_of("plan", "make", home=home)
    live = next(slot for slot in first["slots"] if slot["title"] == "直播")
    again = data_of("plan", "make", home=home, today="2026-11-25")
    assert next(slot for slot in again["slots"] if slot["title"] == "直播") == live, "no sequence rises"
    later = data_of("plan", "make", home=home, today="2026-11-30")
    assert live["slot_id"] not in later["dropped"]
    assert all(slot["starts_at"] >= "2026-11-30" for slot in later["slots"] if slot["is_post"])
    run("plan", "done", live["slot_id"], home=home, today="2026-11-30")
    assert live["slot_id"] not in {
        s["slot_id"] for s in data_of("plan", "make", home=home, today="2026-11-30")["slots"]
    }


def test_no_drafts_and_no_persona_is_said_and_500_drafts_are_planned(tmp_path: Path) -> None:
    init_workspace(tmp_path / "leer").close()
    assert "nothing to plan" in run("plan", "make", home=tmp_path / "leer").output
    words = [chr(0x4E00 + 37 * i) + chr(0x5200 + 53 * i % 9000) + chr(0x6000 + 11 * i) for i in range(500)]
    home = new_home(tmp_path / "voll", (draft_of(i + 1, word, template=f"t{i % 40}") for i, word in enumerate(words)))
    made = data_of("plan", "make", "--weeks", "4", "--posts-per-week", "5", home=home)
    assert sum(slot["is_post"] for slot in made["slots"]) == 20
    more = [item for item in made["unmet"] if item["code"] == "more_left_out"]
    left = sum(item["code"] == "left_out" for item in made["unmet"])
    assert int(more[0]["values"]["n"]) + left == 480


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["grade", "log", "comment", "-3"], 2),
        (["grade", "log", "comment", "0"], 3),
        (["grade", "log", "coment", "3"], 2),
        (["grade", "log", "browse", "--minutes", "-5"], 3),
        (["grade", "log", "comment", "--minutes", "5"], 2),
        (["grade", "log", "comment", "--on", "2026-02-30"], 2),
        (["grade", "log", "comment", "--on", "2027-01-01"], 3),
        (["grade", "log", "post", "2"], 2),
        (["grade", "undo"], 3),
        (["grade", "status", "--all", "nowhere"], 3),
        (["plan", "make", "--weeks", "0"], 3),
        (["plan", "make", "--by", "2026-12-01"], 2),
        (["plan", "make", "--grade", "2", "--by", "2026-02-30"], 2),
        (["plan", "make", "--mix", "一人食"], 2),
        (["plan", "make", "--hours", "noon"], 2),
        (["plan", "move", "nothing", "--to", "2026-12-01"], 3),
        (["plan", "done", "nothing"], 3),
        (["plan", "show", "--month", "2026-13"], 2),
        (["plan", "export", "--format", "pdf"], 2),
        (["plan", "sync", "nowhere.ics"], 3),
        (["plan", "match", "x"], 2),
    ],
)
def test_bad_input_has_a_line_and_a_code(home: Path, words: list[str], code: int) -> None:
    result = run(*words, home=home, code=code)
    assert "error" in result.output and "Traceback" not in result.output


def test_a_slot_cannot_go_where_the_app_would_not_take_it(home: Path) -> None:
    made = data_of("plan", "make", home=home)
    slot = made["slots"][0]["slot_id"]
    for when in ("2026-11-24 12:30", "2026-11-01 20:00"):
        assert "less than an hour" in run("plan", "move", slot, "--to", when, home=home, code=3).output
    assert run("plan", "move", slot, "--to", "2026-02-30", home=home, code=3)
    assert "future" in run("plan", "done", slot, "--at", "2026-12-24 20:00", home=home, code=3).output
    first = made["slots"][0]["starts_at"]
    assert first >= f"{TODAY}T13:00", "not within the hour"


def test_a_move_beside_a_near_alike_note_is_told(tmp_path: Path) -> None:
    home = new_home(tmp_path / "w", [draft_of(1, "番茄牛腩面"), draft_of(2, "番茄牛腩饭"), draft_of(3, "阳台种薄荷")])
    made = data_of("plan", "make", "--weeks", "3", home=home)
    by_title = {slot["title"]: slot for slot in made["slots"]}
    order = [slot["title"] for slot in made["slots"]]
    assert order[1] == "阳台种薄荷的一天", "the solver keeps the two apart"
    run("plan", "move", by_title["阳台种薄荷的一天"]["slot_id"], "--to", "2026-12-14 20:00", home=home)
    moved = data_of("plan", "move", by_title[order[0]]["slot_id"], "--to", "2026-12-08 20:00", home=home)
    assert "a neighbour is nearly the same note" in moved["breaks"]


def test_of_two_clocks_the_earlier_is_told(home: Path) -> None:
    run("grade", "log", "comment", "2", home=home)
    result = run("grade", "status", home=home, today="2026-11-20")
    assert "is the clock" in result.output
    assert data_of("grade", "status", home=home, today="2026-11-20")["amounts"] == {}


def test_posting_tasks_complete_from_own_results_and_topics_from_done(home: Path) -> None:
    run("plan", "make", home=home)
    run("plan", "done", "瑜伽", "--at", "2026-11-24 09:00", "--topic", home=home)
    own = {
        "note_id": "665f1a2b000000001e00abcd", "title": "瑜伽入门的一天", "body": "", "likes": 2, "collects": 6,
        "type": "图文", "comments": 0, "shares": 0, "published_at": "2026-11-24T09:01:00+08:00",
        "extra": {"impressions": 900, "views": 100, "observed_at": "2026-11-27T09:00:00+08:00"},
    }  # fmt: skip
    sheet = home / "own.jsonl"
    sheet.write_text(json.dumps(own, ensure_ascii=False) + "\n", encoding="utf-8")
    added = run("results", "add", str(sheet), home=home, today="2026-11-27")
    assert "matched: 瑜伽入门的一天" in added.output
    for action in ("follow", "collect", "comment"):
        run("grade", "log", action, home=home, today="2026-11-27")
    status = data_of("grade", "status", home=home, today="2026-11-27")
    assert status["earned"] == 2 and status["next_name"] == "困困薯"
    leaves = {part["task"]: part for part in status["progress"]["parts"]}
    assert leaves["good-note-3"]["done"] == 1 and len(leaves["good-note-3"]["note_ids"]) == 1
    assert leaves["topic-note-3"]["done"] == 1, "the slot said that it took part in a topic"


def test_a_class_is_one_table_and_jsonl_and_a_broken_one_does_not_stop_it(tmp_path: Path) -> None:
    for number in range(3):
        home = tmp_path / "class" / f"学员{number}"
        new_home(home, [draft_of(1, TOPICS[number])])
        run("grade", "log", "comment", str(number + 1), home=home)
    (tmp_path / "class" / "学员1" / "creator.toml").write_text("[creator]\nfollowers = -1\n", encoding="utf-8")
    folder = str(tmp_path / "class")
    for words in (["grade", "status"], ["grade", "forecast"], ["plan", "make"], ["plan", "show"]):
        table = run(*words, "--all", folder, code=1)
        assert "学员0" in table.stdout and "学员2" in table.stdout and "学员1" in table.stderr
        lines = run(*words, "--all", folder, "--jsonl", code=1).stdout.splitlines()
        assert [json.loads(line)["creator"] for line in lines] == ["学员0", "学员2"]
        document = data_of(*words, "--all", folder, code=1)
        assert document["n_failures"] == 1 and len(document["creators"]) == 2


def test_the_forecast_speaks_of_posts_and_says_what_it_rests_on(home: Path) -> None:
    (home / "creator.toml").write_text("[creator]\ngrade = 1\n", encoding="utf-8")
    result = data_of("grade", "forecast", "--posts-per-week", "3", home=home)
    second = result["grades"][0]
    assert second["name"] == "奶瓶薯" and second["p10"] <= second["p50"]
    assert not second["is_reconstructed"] and result["grades"][2]["is_reconstructed"]
    assert result["to_go"] and result["posts_needed"]["p50"] >= 1
    assert any("chance" in line for line in result["assumptions"])
    assert result == data_of("grade", "forecast", "--posts-per-week", "3", home=home)


def test_the_time_zone_of_the_machine_does_not_matter(home: Path) -> None:
    code = "from creator_kit.cli import main; main()"
    outputs = []
    for zone in ("Asia/Shanghai", "America/New_York"):
        env = {**os.environ, "TZ": zone, "CREATOR_KIT_TODAY": TODAY, "CREATOR_KIT_LANG": "en"}
        words = ["plan", "make", "--dry-run", "--json", "--weeks", "1", "-w", str(home)]
        done = subprocess.run([sys.executable, "-c", code, *words], env=env, capture_output=True, check=True)
        outputs.append(done.stdout)
    assert outputs[0] == outputs[1]
    assert BEIJING.utcoffset(None) is not None
