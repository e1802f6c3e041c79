"""``persona grade``: a trainer's checks over the drafts of a class."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from creator_kit.cli.options import JsonLinesOption, JsonOption, WorkspaceOption, enter_workspace, find_root
from creator_kit.cli.output import print_json, print_json_line, say, show, show_table
from creator_kit.errors import UsageError
from creator_kit.locale import _, pick

if TYPE_CHECKING:
    from creator_kit.drafting import Grade


def add_commands(group: typer.Typer) -> None:
    """Add this file's commands to the ``persona`` group."""
    group.command(
        "grade",
        help=_("A trainer's checks over a folder of drafts: rules broken, distance to the voice, originality."),
        epilog=_("Example: creator-kit persona grade class-3/ -p dorm-cook --jsonl"),
    )(grade)


def grade(
    drafts: Annotated[Path, typer.Argument(metavar="DIR", help=_("The trainees' drafts, .json or .jsonl."))],
    persona: Annotated[
        str | None, typer.Option("--persona", "-p", metavar="NAME|DIR", help=_("The persona pack of the class."))
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help=_("Also write a JSON line for each draft."))
    ] = None,
    as_json: JsonOption = False,
    as_lines: JsonLinesOption = False,
    folder: WorkspaceOption = None,
) -> None:
    import json

    from creator_kit.datafiles import write_text
    from creator_kit.drafting import grade_drafts, read_drafts
    from creator_kit.persona import load_persona
    from creator_kit.review import load_rules

    if as_json and as_lines:
        raise UsageError(_("--json gives one document and --jsonl many lines: choose one"))
    root = find_root(folder)
    trainees = read_drafts(drafts)
    name = persona or next((item.draft.persona for item in trainees if item.draft is not None), "blank")
    pack = load_persona(name, root)
    grades = grade_drafts(
        trainees, pack, load_rules(root, pack_root=pack.root), _corpus_texts(folder) if root is not None else ()
    )
    rows = [{**asdict(item), "is_clean": item.is_clean} for item in grades]
    if out is not None:
        lines = [json.dumps({"schema_version": 1, "kind": "grade", **row}, ensure_ascii=False) for row in rows]
        write_text(out, "\n".join(lines) + "\n")
    if as_json:
        print_json("grades", {"persona": pack.name, "grades": rows})
    elif as_lines:
        for row in rows:
            print_json_line({"schema_version": 1, "kind": "grade", **row})
    else:
        _show_grades(grades)
    n_clean = sum(item.is_clean for item in grades)
    say(_("{n} drafts held against '{persona}': {clean} clean").format(n=len(grades), persona=pack.name, clean=n_clean))
    if pack.learned is None:
        say(_("the voice is what persona.toml states; creator-kit persona learn adds habits of the author's own notes"))
    if n_clean < len(grades):
        raise typer.Exit(1)


def _corpus_texts(folder: Path | None) -> list[tuple[str, str, str]]:
    from creator_kit.corpus.store import iter_notes

    with enter_workspace(folder) as workspace:
        return [(note.note_id, note.title, note.body) for note in iter_notes(workspace) if note.body]


def _show_grades(grades: list[Grade]) -> None:
    from collections import defaultdict

    def percent(rate: float | None) -> str:
        return "" if rate is None else pick(f"{rate:.0%}", f"{100 * rate:.0f} %")

    show_table(
        [
            "",
            _("Draft"),
            _("Title"),
            (_("From voice"), "right"),
            (_("Copied"), "right"),
            (_("Gaps"), "right"),
            (_("Rules"), "right"),
        ],
        [
            (
                "✓" if item.is_clean else "✗",
                item.where,
                item.error or item.title,
                percent(item.voice_distance),
                percent(item.copied_rate) if item.copied_rate else "",
                item.n_missing or "",
                len(item.rules or {}) or "",
            )
            for item in grades
        ],
    )
    # What many broke, and what forbids posting, first: that is what the class will talk about.
    broken: dict[tuple[bool, str], list[str]] = defaultdict(list)
    for item in grades:
        for rule in item.rules or {}:
            broken[rule not in item.blocking, rule].append(item.where)
        for word in item.forbidden:
            broken[False, f"voice.forbidden “{word}”"].append(item.where)
        for habit in item.outside:
            if habit != "voice.forbidden":
                broken[True, habit].append(item.where)
    if broken:
        show("")
        show_table(
            ["", _("Rule or habit"), (_("Drafts"), "right"), _("Where")],
            [
                ("" if is_mild else "✗", name, len(where), "、".join(where))
                for (is_mild, name), where in sorted(
                    broken.items(), key=lambda entry: (entry[0][0], -len(entry[1]), entry[0][1])
                )
            ],
        )
