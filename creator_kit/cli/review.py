"""``review``: what a careful editor would catch before a person posts."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli.options import JsonOption, TodayOption, WorkspaceOption, enter_workspace, resolve_now
from creator_kit.cli.output import print_json, print_json_line, progress, say
from creator_kit.cli.review_view import Checked, RuleCounts, by_gravity, say_summary, show_changes, show_findings
from creator_kit.errors import CreatorKitError, InputError, UsageError
from creator_kit.locale import _
from creator_kit.workspace import find_workspace

if TYPE_CHECKING:
    from creator_kit.cli.review_desk import Desk
    from creator_kit.review import PostText
    from creator_kit.review.inputs import Source
    from creator_kit.workspace import Workspace

# Of lines that could not be read no more are listed.
_MAX_TOLD = 10
# After two rounds of replacements nothing is left in practice; a rule of a workspace may go round in circles.
_MAX_ROUNDS = 4


class FailOn(StrEnum):
    block = "block"
    warn = "warn"
    advise = "advise"
    never = "never"


class Output(StrEnum):
    table = "table"
    json = "json"
    jsonl = "jsonl"
    sarif = "sarif"


def register(app: typer.Typer) -> None:
    """Add this file's command to ``app``."""
    app.command(
        "review",
        help=_(
            "Check texts before you post them: limits, wording, disclosure, diversion, privacy, originality."
            " An editor's caution, not legal advice."
        ),
        epilog=_("Example: creator-kit review note.txt --fail-on warn"),
    )(review)


def review(
    targets: Annotated[
        list[str],
        typer.Argument(
            metavar="DRAFT|FILE|FOLDER|-",
            help=_(
                "Draft ids, text files (first line: title), JSON lines, folders, exports of posted notes; - is stdin."
            ),
        ),
    ],
    as_json: JsonOption = False,
    output: Annotated[Output, typer.Option("--format", help=_("How to show the findings."))] = Output.table,
    fail_on: Annotated[
        FailOn, typer.Option("--fail-on", help=_("Exit 1 from findings of this severity on."))
    ] = FailOn.block,
    fix: Annotated[
        bool,
        typer.Option("--fix", help=_("Write the safe replacements into drafts, texts and JSON, and show the diff.")),
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help=_("Show what --fix would change, and change nothing."))] = False,
    rule_files: Annotated[
        list[Path] | None, typer.Option("--rules", metavar="FILE", help=_("More rules, from a file of your own."))
    ] = None,
    against: Annotated[
        list[Path] | None,
        typer.Option("--against", metavar="FILE", help=_("Notes that these must not repeat (JSON lines or texts).")),
    ] = None,
    persona_name: Annotated[
        str | None,
        typer.Option("--persona", metavar="PACK", help=_("Whose facts first-person claims must have, and its rules.")),
    ] = None,
    by_rule: Annotated[
        bool, typer.Option("--by-rule", help=_("One line a rule: how often it was found, and in how many notes."))
    ] = False,
    today: TodayOption = None,
    workspace_dir: WorkspaceOption = None,
) -> None:
    from creator_kit.cli.review_desk import Desk
    from creator_kit.review.sarif import render_sarif

    output = Output.json if as_json else output
    workspace = _workspace(workspace_dir)
    desk = Desk(workspace, rule_files or (), persona_name, resolve_now(today))
    troubles: list[CreatorKitError] = []
    left_out: list[str] = []
    sources = _each_once(_sources(targets, workspace, left_out, troubles))
    desk.know(sources, against or ())
    replaced: dict[int, PostText] = {}
    refused: list[Source] = []
    if fix or diff:
        # Before anything else is shown, so that each file is written once.
        replaced, refused = _replace(desk, sources, workspace, troubles, is_written=fix, output=output)
    # What lies in an account is sorted by what is gravest; drafts keep the order in which they were named.
    is_account = any(source.is_published for source in sources)
    results: list[Checked] = []
    by = RuleCounts()
    # Where findings are shown as they come, they say how far it is.
    is_shown = not (by_rule or is_account or output in (Output.json, Output.sarif))
    with nullcontext(lambda _n: None) if is_shown else progress(_("checking notes"), len(sources)) as advance:
        for at, (source, findings) in enumerate(desk.check_all(sources)):
            checked = Checked(at, source, findings)
            by.add(checked)
            if is_shown:
                _show(output, checked, replaced)
            elif not by_rule:
                results.append(checked)
            advance(1)
    if is_account:
        results = by_gravity(results)
    if by_rule:
        by.show(as_json=output is not Output.table)
    elif output is Output.json:
        notes = [_as_json(each, replaced) for each in results]
        print_json("review", {"n_notes": by.n_notes, "counts": by.counts, "notes": notes})
    elif output is Output.sarif:
        sys.stdout.write(_dump(render_sarif([(each.source, each.findings) for each in results], desk.rules(None))))
    elif is_account:
        for each in results:
            _show(output, each, replaced)
        if output is Output.table and by.n_found > 1:
            by.show(as_json=False)
    if output is Output.table and (by.n_notes or not troubles):
        say_summary(by)
    _tell_left_out(left_out)
    if troubles:
        for error in troubles[:_MAX_TOLD]:
            say(str(error))
        if len(troubles) > _MAX_TOLD:
            say(_("and {n} more").format(n=len(troubles) - _MAX_TOLD))
        raise typer.Exit(troubles[0].exit_code)
    if refused and fix:
        raise UsageError(
            _("{n} notes with replacements stay as they were: --fix writes drafts, texts and JSON only").format(
                n=len(refused)
            ),
            where=refused[0].where,
            hint=_("use --diff to see the replacements"),
        )
    failing = {"block": ("block",), "warn": ("block", "warn"), "advise": ("block", "warn", "advise"), "never": ()}
    if any(by.counts[severity] for severity in failing[fail_on.value]):
        raise typer.Exit(1)


def _each_once(sources: Iterable[Source]) -> list[Source]:
    """``sources`` without those named twice, a file and its folder say: a note does not repeat itself."""
    seen: set[tuple[object, ...]] = set()
    once = []
    for source in sources:
        path = source.path.resolve() if source.path is not None else None
        # Rows of a sheet have no line of their own; its reader knows each note once.
        key = (path, source.line, source.index, source.draft_id, source.post.name if source.is_published else "")
        if (path is None and not source.draft_id) or key not in seen:
            once.append(source)
        seen.add(key)
    return once


def _show(output: Output, checked: Checked, replaced: Mapping[int, PostText]) -> None:
    if output is Output.jsonl:
        print_json_line(_as_json(checked, replaced))
    else:
        show_findings(checked.source, checked.findings)


def _replace(
    desk: Desk,
    sources: list[Source],
    workspace: Workspace | None,
    troubles: list[CreatorKitError],
    *,
    is_written: bool,
    output: Output,
) -> tuple[dict[int, PostText], list[Source]]:
    """Find the safe replacements in ``sources`` and show them; ``is_written``: put them in, into files and store.

    Returns the texts with replacements by their place, and the notes that there is no way to write back.
    """
    from creator_kit.cli.review_desk import save_fixed
    from creator_kit.review.fixes import apply_fixes
    from creator_kit.review.inputs import read_again
    from creator_kit.review.write_back import is_writable, write_changes

    replaced: dict[int, PostText] = {}
    refused: list[Source] = []
    by_file: dict[Path, list[int]] = {}
    for at, source in enumerate(sources):
        fixed = source.post
        for _round in range(_MAX_ROUNDS):
            # Removing one thing may bring another together, so look again at what is left.
            again = apply_fixes(fixed, desk.check(at, replace(source, post=fixed))[1])
            if again == fixed:
                break
            fixed = again
        if fixed == source.post:
            continue
        show_changes(source, fixed, on_stdout=output is Output.table)
        replaced[at] = fixed
        if not is_written:
            continue
        if source.draft_id and workspace is not None:
            save_fixed(workspace, source, fixed)
            say(_("changed: {where}").format(where=source.where))
            sources[at] = replace(source, post=fixed)
        elif source.path is not None and is_writable(source):
            by_file.setdefault(source.path, []).append(at)
        else:
            refused.append(source)
    for path, places in by_file.items():
        try:
            write_changes(path, [(sources[at], replaced[at]) for at in places])
        except CreatorKitError as error:
            troubles.append(error)
            continue
        say(_("changed: {where}").format(where=path))
        for at in places:
            sources[at] = read_again(sources[at], replaced[at])
    return replaced, refused


def _dump(document: dict[str, Any]) -> str:
    import json

    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _as_json(checked: Checked, replaced: Mapping[int, PostText]) -> dict[str, Any]:
    source = checked.source
    row: dict[str, Any] = {"name": source.post.name, "where": source.where, "title": source.post.title}
    if source.is_published:
        row["published_at"] = source.published_at
    if checked.at in replaced:
        row["fixed"] = _texts_of(replaced[checked.at])
    return {**row, "findings": [asdict(finding) for finding in checked.findings]}


def _texts_of(post: PostText) -> dict[str, Any]:
    return {"title": post.title, "body": post.body, "tags": list(post.tags)}


def _tell_left_out(left_out: Sequence[str]) -> None:
    for line in left_out[:_MAX_TOLD]:
        say(line)
    if len(left_out) > _MAX_TOLD:
        say(_("and {n} more").format(n=len(left_out) - _MAX_TOLD))


def _workspace(folder: Path | None) -> Workspace | None:
    if folder is None and find_workspace(Path.cwd()) is None:
        return None  # a file can be reviewed anywhere
    return enter_workspace(folder)


def _sources(
    targets: Sequence[str], workspace: Workspace | None, left_out: list[str], troubles: list[CreatorKitError]
) -> Iterator[Source]:
    """The notes of ``targets``; what has no words goes to ``left_out``, what could not be read to ``troubles``."""
    from creator_kit.review.documents import parse_document
    from creator_kit.review.inputs import Source, read_sources, read_stream

    def leave_out(where: str, what: str) -> None:
        left_out.append(_("{where}: {what}").format(where=where, what=what))

    for target in targets:
        if not target.strip():
            # An unset variable of a script: the folder that it would stand for was not meant.
            raise UsageError(_("an empty name names nothing"), hint=_("give . for this folder"))
        if target == "-":
            yield from read_stream(sys.stdin.buffer, leave_out, troubles.append)
        elif Path(target).exists():
            yield from read_sources(Path(target), leave_out, troubles.append)
        elif workspace is not None and not Path(target).suffix:
            import msgspec

            document = workspace.load_draft(target)
            row = msgspec.json.decode(document.encode())
            post = parse_document(row, where=target)
            yield Source(post, draft_id=str(row.get("draft_id") or target), row=row)
        else:
            raise InputError(
                _("no such file, and no workspace here that could hold such a draft")
                if workspace is None
                else _("no such file or folder"),
                where=target,
                hint=_("give a file, a folder, - for stdin, or a draft id inside a workspace"),
            )
