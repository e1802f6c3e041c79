"""Workspaces to show: an ordinary one, and one in which everything that can carry markup does."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from creator_kit.clock import BEIJING
from creator_kit.drafting import Brief, Draft, TitleCandidate, draft_to_json
from creator_kit.planning.slot import Slot, make_slot_id, save_slots
from creator_kit.report.build import ReportOptions, WrittenReport, write_report
from creator_kit.workspace import init_workspace, open_workspace

NOW = datetime(2026, 11, 24, 12, tzinfo=BEIJING)
SCRIPT = "<script>window.pwned=1</script>"
IMAGE = '"><img src=x onerror="window.pwned=1">'
LINK = "<a href=javascript:pwned=1 onclick='pwned=1'>{{ 7*7 }}</a>"


def make_draft(number: int, **changes: object) -> Draft:
    """A draft of our own making; every fourth has a gap, every third a claim that review forbids."""
    body = f"番茄{number}号做法\n\n1. 牛腩冷水下锅\n2. 小火炖{number}分钟"
    missing: tuple[str, ...] = ()
    if number % 4 == 1:
        body, missing = body + "\n价格［待补：多少钱］", ("多少钱",)
    if number % 3 == 2:
        body += "\n加微信abc12345领，绝对有效"
    title = f"一人食｜番茄牛腩{number}"
    fields: dict[str, object] = {
        "draft_id": f"d{number:07x}",
        "topic": "番茄牛腩",
        "persona": "dorm-cook",
        "created_on": f"2026-11-{1 + number % 20:02d}",
        "title": title,
        "body": body,
        "tags": ("一人食", "番茄牛腩"),
        "titles": (TitleCandidate(title, "frame-1", "{scenario}｜{topic}", "authored", "our own frame"),),
        "brief": Brief(topic="番茄牛腩", numbers=(f"{number}分钟", str(number))),
        "body_template": "steps",
        "missing": missing,
    }
    return Draft(**(fields | changes))  # type: ignore[arg-type]


def make_cover(path: Path, number: int, size: tuple[int, int] = (621, 828)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGB", size, (40 * number % 256, 90, 200 - 30 * number % 200))
    ImageDraw.Draw(image).ellipse((80, 80, 420, 420), fill=(250, 240, 220))
    image.save(path)


def build_workspace(root: Path, n_drafts: int, *, hostile: bool = False) -> Path:
    """A workspace with ``n_drafts`` drafts, covers for all but every fifth, two of them planned."""
    with init_workspace(root) as home:
        drafts = []
        for number in range(n_drafts):
            name = f"covers/d{number:07x}.png"
            changes: dict[str, object] = {}
            if number % 5 != 4:
                make_cover(root / name, number)
                changes["images"] = (name,)
            if number == 0 and n_drafts:
                make_cover(root / "covers/page-1.png", 7)
                changes["images"] = (name, "covers/page-1.png")
            drafts.append(make_draft(number, **changes))
        if hostile:
            drafts += make_hostile_drafts(root)
        for draft in drafts:
            home.save_draft(
                draft.draft_id, topic=draft.topic, created_on=draft.created_on, document=draft_to_json(draft)
            )
        slots = [
            Slot(
                slot_id=make_slot_id(draft.draft_id),
                kind="draft",
                starts_at=datetime(2026, 11, 25 + at, 20, tzinfo=BEIJING),
                title=draft.title,
                ref=draft.draft_id,
                is_fixed=at == 0,
                changed_at=NOW,
            )
            for at, draft in enumerate(reversed(drafts[-2:]))
        ]
        save_slots(home, slots, now=NOW)
    _share_slow_part(root)
    return root


_FORECASTS: list[Path] = []


def _share_slow_part(root: Path) -> None:
    """What takes seconds and is the same for all these workspaces is computed in the first of them alone."""
    cache = root / ".report-cache"
    cache.mkdir()
    for path in _FORECASTS:
        shutil.copy(path, cache)


def make_hostile_drafts(root: Path) -> list[Draft]:
    hostile_name = 'covers/"><img src=x onerror=pwned=1>.png'
    try:
        make_cover(root / hostile_name, 3)
    except OSError:  # a file system that does not take such names
        hostile_name = "covers/hostile.png"
        make_cover(root / hostile_name, 3)
    evil = f"{SCRIPT}{IMAGE}{LINK}</mark></div><!--"
    common = {"persona": f"p{IMAGE}", "tags": (SCRIPT, IMAGE), "created_on": "2026-11-24", "body": evil + "\n绝对有效"}
    candidate = TitleCandidate(SCRIPT, IMAGE, f"{{topic}}{SCRIPT}", IMAGE, evil)
    return [
        make_draft(900, title=SCRIPT, titles=(candidate,), images=(hostile_name,), **common),
        make_draft(901, title=IMAGE, titles=(candidate,), **common),
        make_draft(902, title=LINK + "［待补：" + IMAGE + "］", missing=(IMAGE,), **common),
    ]


def report_on(root: Path, out: Path, **options: object) -> WrittenReport:
    with open_workspace(root) as home:
        written = write_report(home, ReportOptions(out=out, now=NOW, **options))  # type: ignore[arg-type]
    if not _FORECASTS:
        _FORECASTS.extend((root / ".report-cache").glob("forecast-*.json"))
    return written


@pytest.fixture(scope="session")
def hostile_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a workspace with ten ordinary drafts and three hostile ones."""
    base = tmp_path_factory.mktemp("hostile")
    root = build_workspace(base / "home", 10, hostile=True)
    settings = root / "creator.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace('account = "me"', f"account = '''{SCRIPT}{IMAGE}'''"),
        encoding="utf-8",
    )
    return report_on(root, base / "out").page
