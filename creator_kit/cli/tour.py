"""``tour``: the whole way on what ships in the box, by the very commands that a person would type."""

from __future__ import annotations

import contextlib
import io
import json
import shlex
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import typer

from creator_kit.cli.options import JsonOption, SeedOption, TodayOption, resolve_today
from creator_kit.cli.output import print_json, show
from creator_kit.errors import CreatorKitError, UsageError
from creator_kit.locale import _
from creator_kit.workspace import open_workspace

# One note for each shipped pack. What stands here is the example's brief: the drafts may state it and no more.
BRIEFS: tuple[tuple[str, ...], ...] = (
    (
        *("一人食番茄牛腩", "--persona", "dorm-cook", "--scenario", "一人食", "--audience", "住校生"),
        *("--price", "一顿15元", "--place", "宿舍", "--number", "40分钟"),
        *("--step", "牛腩冷水下锅，焯水撇沫", "--step", "番茄去皮切块，炒出沙", "--step", "加热水，小火炖到牛腩软烂"),
    ),
    (
        *("小个子通勤外套", "--persona", "petite-office", "--scenario", "155cm穿搭", "--audience", "小个子"),
        *("--number", "155cm", "--point", "外套长度到胯，不压个子", "--point", "内搭和裤子同色，显得利落"),
        *("--point", "鞋头露出一点脚背"),
    ),
    (
        *("银器清洗", "--persona", "tidy-home", "--scenario", "银器清洗", "--goal", "收藏"),
        *("--step", "锅底铺一张锡纸，银器挨着锡纸放", "--step", "撒小苏打，倒热水没过银器"),
        *("--step", "等到发黑的地方变亮，冲水擦干"),
    ),
)


def register(app: typer.Typer) -> None:
    """Add this file's command to ``app``."""
    app.command(
        "tour",
        help=_(
            "Walk the whole way in a new folder, on what ships in the box: corpus, templates, drafts with covers,"
            " review, forecast, hand-off packs, and the page that shows it all. No network, no key."
        ),
        epilog=_("Example: creator-kit tour 我的第一次"),
    )(tour)


def tour(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help=_("A new folder for the tour's workspace."))] = Path(
        "creator-kit-tour"
    ),
    seed: SeedOption = 0,
    today: TodayOption = None,
    as_json: JsonOption = False,
) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            _("the tour wants a new folder; this one is there already"),
            where=str(folder),
            hint=_("creator-kit tour ANOTHER_FOLDER, or remove it"),
        )
    day = resolve_today(today).isoformat()
    if as_json:
        with contextlib.redirect_stdout(io.StringIO()):
            walk = _Walk(folder, seed, day)
            walk.run()
        print_json("tour", walk.summary())
    else:
        walk = _Walk(folder, seed, day)
        walk.run()
        walk.say_where_to_look()


@dataclass
class _Walk:
    """A tour while it is walked."""

    folder: Path
    seed: int
    day: str
    draft_ids: list[str] = field(default_factory=list)

    def run(self) -> None:
        from creator_kit.paths import find_shipped_dir

        here = ("--workspace", str(self.folder))
        same = ("--seed", str(self.seed), "--today", self.day)
        notes = find_shipped_dir("hot_notes_corpus") / "notes.jsonl"
        self._stage(_("A workspace of your own"), "init", str(self.folder))
        self._stage(_("Corpus: hot and ordinary notes, anonymised"), "corpus", "add", str(notes), *here)
        self._command("corpus", "stats", *here)
        self._stage(
            _("Templates: what hot titles have in common, and how sure that is"), "mine", "--limit", "12", *here
        )
        self._title(_("Drafts: only what the brief and the persona pack say"))
        for brief in BRIEFS:
            self._command("draft", *brief, *same, *here)
            self.draft_ids = self._list_draft_ids()
        self._title(_("Covers"))
        for draft_id in self.draft_ids:
            self._command("cover", draft_id, *here)
        self._title(_("Review"))
        self._command("review", *self.draft_ids, *here, may_find=True)
        self._title(_("Exposure: what to expect, and how little is known"))
        pictures = ("--out", str(self.folder / "forecasts"))
        self._command("simulate", self.draft_ids[0], *same, *pictures, *here)
        self._command("simulate", *self.draft_ids, *same, *here)
        self._title(_("Hand-off: folders to post from"))
        self._command("handoff", *self.draft_ids, *here, may_find=True)
        self._title(_("The page: all of this, to look at"))
        self._command("report", *same, *here)

    def _stage(self, title: str, *words: str) -> None:
        self._title(title)
        self._command(*words)

    def _title(self, title: str) -> None:
        show("")
        show(f"━━ {title}")

    @cached_property
    def _commands(self) -> Any:
        """All commands; building them once for the tour saves a second."""
        from creator_kit.cli.app import app

        return typer.main.get_command(app)

    def _command(self, *words: str, may_find: bool = False) -> None:
        """Show a command and run it in this process; ``may_find``: findings (exit code 1) do not end the tour."""
        show("$ creator-kit " + " ".join(map(shlex.quote, words)))
        code = self._commands.main(list(words), prog_name="creator-kit", standalone_mode=False)
        if code and not (may_find and code == 1):
            raise _Stopped(code)

    def _list_draft_ids(self) -> list[str]:
        with open_workspace(self.folder) as workspace:
            return [str(json.loads(document)["draft_id"]) for document in workspace.list_drafts()]

    def summary(self) -> dict[str, Any]:
        """What the tour left behind, for scripts."""
        packs = []
        for draft_id in self.draft_ids:
            note = json.loads((self.folder / "handoff" / draft_id / "note.json").read_text(encoding="utf-8"))
            packs.append({key: note[key] for key in ("draft_id", "title", "ready", "images", "missing")})
        return {"folder": str(self.folder), "seed": self.seed, "today": self.day, "packs": packs}

    def say_where_to_look(self) -> None:
        """The end of the tour: what lies where, and what to do next."""
        show("")
        show("━━ " + _("Where to look"))
        for name, what in (
            ("report/index.html", _("the page: open it in a browser, also on a phone")),
            ("handoff", _("a folder for each note: texts to copy, images, checklist.md")),
            ("covers", _("the covers")),
            ("forecasts", _("a fan chart of the next 30 days for each note")),
            ("templates/titles", _("the templates, as text that you may read and change")),
            ("creator.toml", _("the settings of this workspace")),
        ):
            show(f"  {self.folder / name}  {what}")
        show(_("The notes in the box are illustrative; bring your own: creator-kit corpus add FILE..."))


class _Stopped(CreatorKitError):
    """A command of the tour failed; it has said why."""

    def __init__(self, code: int) -> None:
        super().__init__(_("the tour stopped here"), hint=_("what went wrong stands above"))
        self.exit_code = code
