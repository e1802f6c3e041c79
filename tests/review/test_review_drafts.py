"""A draft by its id or of a batch: held to its brief, its pack, its cover, its hour in the plan and the corpus."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from creator_kit.cli.app import app
from creator_kit.cli.review_desk import Desk
from creator_kit.clock import BEIJING
from creator_kit.drafting import Draft, draft_from_json
from creator_kit.planning.slot import Slot, make_slot_id, save_slots
from creator_kit.review.inputs import read_sources
from creator_kit.workspace import open_workspace

RUNNER = CliRunner()
TODAY = ("--today", "2026-11-24")
NOW = datetime(2026, 11, 24, 12, tzinfo=BEIJING)
COPIED = "周末晚上我们端着锅蹲在阳台上分完了剩下的半锅牛腩"


@pytest.fixture
def studio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    RUNNER.invoke(app, ["init", ".", "--persona", "dorm-cook"])
    return tmp_path


def draft(topic: str, *points: str) -> Draft:
    given = [part for point in points for part in ("--point", point)]
    result = RUNNER.invoke(app, ["draft", topic, *given, "--json", *TODAY])
    return draft_from_json(json.dumps(json.loads(result.stdout)["draft"]))


def findings(*arguments: str) -> list[list[dict[str, Any]]]:
    result = RUNNER.invoke(app, ["review", *arguments, "--json", *TODAY])
    return [note["findings"] for note in json.loads(result.stdout)["notes"]]


def load(root: Path, draft_id: str) -> Draft:
    with open_workspace(root) as workspace:
        return draft_from_json(workspace.load_draft(draft_id))


@pytest.mark.parametrize(
    ("at", "severity"),
    [
        ("2026-11-25T20:00", None),
        ("2026-12-07T20:00", None),
        ("2026-11-24T12:30", "block"),  # sooner than in an hour
        ("2026-11-20T20:00", "block"),  # that was last week
        ("2026-12-24T20:00", "advise"),  # the app does not take it yet, and will
    ],
)
def test_the_hour_in_the_plan_is_looked_at(studio: Path, at: str, severity: str | None) -> None:
    one = draft("番茄牛腩", "番茄先炒出沙")
    slot = Slot(
        slot_id=make_slot_id("draft", one.draft_id),
        kind="draft",
        ref=one.draft_id,
        title=one.title,
        starts_at=datetime.fromisoformat(at).replace(tzinfo=BEIJING),
        changed_at=NOW,
    )
    with open_workspace(studio) as workspace:
        save_slots(workspace, [slot], now=NOW)
    found = {each["rule_id"]: each["severity"] for each in findings(one.draft_id)[0]}
    assert found.get("limits.schedule") == severity


def test_words_on_the_cover_are_underlined_and_offer_nothing_that_fix_could_not_do(studio: Path) -> None:
    one = draft("番茄牛腩", "番茄先炒出沙", "全网最好用的锅")
    assert RUNNER.invoke(app, ["cover", one.draft_id]).exit_code == 0
    on_cover = next(each for each in findings(one.draft_id)[0] if each["field"] == "cover")
    assert (on_cover["matched"], on_cover["fix"]) == ("全网最好用", None)
    shown = RUNNER.invoke(app, ["review", one.draft_id, *TODAY]).stdout.splitlines()
    row = next(at for at, line in enumerate(shown) if "cover" in line)
    assert "全网最好用的锅" in shown[row] and "‾‾‾" in shown[row + 1]


def test_fix_rewrites_the_draft_and_what_forbids_posting_it(studio: Path) -> None:
    one = draft("番茄牛腩", "番茄先炒出沙", "全网最好用的锅")
    assert any("absolute.rank" in why for why in one.blocked)
    result = RUNNER.invoke(app, ["review", one.draft_id, "--fix", *TODAY])
    assert "+2️⃣ 很好用的锅" in result.stdout
    after = load(studio, one.draft_id)
    assert after.body == one.body.replace("全网最好用", "很好用")
    assert after.blocked == () and after.brief == one.brief and after.titles == one.titles
    assert "changed" not in RUNNER.invoke(app, ["review", one.draft_id, "--fix", *TODAY]).stderr


def test_drafts_of_one_pack_share_its_lines_and_not_their_content(studio: Path) -> None:
    one, other = draft("番茄牛腩", "番茄先炒出沙"), draft("番茄牛腩面", "面条另煮")
    shared = set(one.body.split("\n")) & set(other.body.split("\n"))
    assert any(len(line) >= 14 for line in shared)  # what the pack says in note after note
    assert findings(one.draft_id, other.draft_id) == [[], []]
    rows = [json.loads(line) for line in _batch(studio, COPIED)]
    path = studio / "batch.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    copied = [each for note in findings(str(path)) for each in note if each["family"] == "originality"]
    assert len(copied) == 2
    assert all(each["matched"] == COPIED and "%" in each["message"] for each in copied)


def _batch(studio: Path, line: str) -> list[str]:
    """What `draft --brief FILE --jsonl` writes, with one line in both that neither brief nor pack gave."""
    briefs = studio / "briefs.jsonl"
    briefs.write_text(
        '{"topic": "番茄牛腩", "points": ["番茄先炒出沙"]}\n{"topic": "土豆炖鸡", "points": ["土豆先煎"]}\n',
        encoding="utf-8",
    )
    result = RUNNER.invoke(app, ["draft", "--brief", str(briefs), "--jsonl", *TODAY])
    rows = [json.loads(row) for row in result.stdout.splitlines()]
    drafts = [row for row in rows if row["kind"] == "draft"]
    assert len(drafts) == 2
    for row in drafts:
        row["draft"]["body"] += f"\n{line}"
    return [json.dumps(row, ensure_ascii=False) for row in drafts]


def test_the_corpus_of_the_workspace_is_known(studio: Path) -> None:
    row = {
        "note_id": "a" * 24,
        "title": "阳台牛腩",
        "body": f"{COPIED}，第二天又煮了面。",
        "published_at": "2026-05-01",
    }
    path = studio / "notes.jsonl"
    path.write_text(json.dumps({**row, "author": "b", "likes": 3}, ensure_ascii=False) + "\n", encoding="utf-8")
    assert RUNNER.invoke(app, ["corpus", "add", "notes.jsonl"]).exit_code == 0
    (studio / "a.txt").write_text(f"一锅牛腩\n\n{COPIED}", encoding="utf-8")
    (each,) = findings("a.txt")[0]
    assert each["rule_id"] == "originality.copied" and "2026-05-01 阳台牛腩" in each["message"]
    # The file that the corpus was read from does not repeat itself.
    assert findings("notes.jsonl") == [[]]


def test_a_note_named_twice_and_a_draft_with_its_pack_repeat_nobody(studio: Path) -> None:
    one = draft("番茄牛腩", "番茄先炒出沙")
    assert RUNNER.invoke(app, ["handoff", one.draft_id]).exit_code in (0, 1)
    (studio / "a.txt").write_text(f"阳台\n\n{COPIED}", encoding="utf-8")
    assert len(findings("a.txt", "a.txt", "./a.txt", one.draft_id, "last")) == 2
    assert findings("handoff", "a.txt") == [[], []]


def test_an_empty_name_is_not_the_folder(studio: Path) -> None:
    assert RUNNER.invoke(app, ["review", ""]).exit_code == 2


def test_drafts_and_texts_are_read_together_as_one_by_one(studio: Path) -> None:
    drafts = [json.loads(RUNNER.invoke(app, ["draft", "番茄牛腩", "--json", *TODAY]).stdout)["draft"]]
    texts = [{"title": f"第{at}天", "body": f"加薇❤️信了解{at}" if at % 3 else f"第{at}天的早餐"} for at in range(140)]
    texts[130]["body"] = texts[2]["body"] = COPIED  # repeated beyond what is read together
    rows = [*texts[:70], *drafts, *texts[70:]]
    path = studio / "rows.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    desk = Desk(None, (), None, NOW)
    sources = list(read_sources(path))
    desk.know(sources, ())
    together = list(desk.check_all(sources))
    assert together == [desk.check(at, source) for at, source in enumerate(sources)]
    assert any(each.family == "originality" for each in together[131][1])
    assert len(together) == len(rows)
