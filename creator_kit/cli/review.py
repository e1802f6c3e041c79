"""``review``: what a careful editor would catch before a person posts."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli.options import JsonOption, WorkspaceOption, enter_workspace
from creator_kit.cli.output import print_json, print_json_line, say, show
from creator_kit.errors import InputError, UsageError
from creator_kit.locale import _, ngettext
from creator_kit.workspace import find_workspace

if TYPE_CHECKING:
    from creator_kit.review import Finding, PostText
    from creator_kit.review.inputs import Source
    from creator_kit.review.originality import KnownTexts
    from creator_kit.review.rules import RuleSet
    from creator_kit.workspace import Workspace

# Cells of a note's text that are shown around a finding; with the label's column it fits 80.
_EXCERPT_CELLS = 60
_MESSAGE_CELLS = 58
# Marks that may not begin a line, and that may not end one.
_NOT_AT_START = "，。！？；：、）》”’」』】％%,.!?;:)"
_NOT_AT_END = "（《“‘「『【("


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
        bool, typer.Option("--fix", help=_("Apply the safe replacements to drafts and text files, and show the diff."))
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help=_("Show what --fix would change, and change nothing."))] = False,
    rule_files: Annotated[
        list[Path] | None, typer.Option("--rules", metavar="FILE", help=_("More rules, from a file of your own."))
    ] = None,
    against: Annotated[
        list[Path] | None,
        typer.Option("--against", metavar="FILE", help=_("Notes that these must not repeat (JSON lines or texts).")),
    ] = None,
    workspace_dir: WorkspaceOption = None,
) -> None:
    from creator_kit.review import load_rules
    from creator_kit.review.fixes import apply_fixes
    from creator_kit.review.sarif import render_sarif

    output = Output.json if as_json else output
    workspace = _workspace(workspace_dir)
    rules = load_rules(workspace.root if workspace else None, extra=rule_files or ())
    known = _known(against)
    results: list[tuple[Source, list[Finding]]] = []
    n_notes = 0
    counts = dict.fromkeys(("block", "warn", "advise"), 0)
    for source in _sources(targets, workspace):
        n_notes += 1
        findings = _check(source, rules, known, workspace)
        if fix or diff:
            # Removing one thing may bring another together, so look again at what is left.
            fixed = apply_fixes(source.post, findings)
            _show_changes(source, fixed, output)
            if fix and fixed != source.post:
                _write_back(source, fixed, workspace)
                source = replace(source, post=fixed)
                findings = _check(source, rules, known, workspace)
        for finding in findings:
            counts[finding.severity] += 1
        if output is Output.jsonl:
            print_json_line({"name": source.post.name, "findings": [asdict(finding) for finding in findings]})
        elif output is Output.table:
            _show_findings(source, findings)
        else:
            results.append((source, findings))
    if output is Output.json:
        print_json("review", {"n_notes": n_notes, "counts": counts, "notes": [_as_json(*each) for each in results]})
    elif output is Output.sarif:
        sys.stdout.write(_dump(render_sarif(results, rules)))
    elif output is Output.table:
        _say_summary(n_notes, counts)
    failing = {"block": ("block",), "warn": ("block", "warn"), "advise": ("block", "warn", "advise"), "never": ()}
    if any(counts[severity] for severity in failing[fail_on.value]):
        raise typer.Exit(1)


def _check(source: Source, rules: RuleSet, known: KnownTexts | None, workspace: Workspace | None) -> list[Finding]:
    """Findings in a text; a draft of the workspace is also held against its brief and its persona's facts."""
    from creator_kit.review import check_post

    if workspace is None or source.path is not None or source.post.name in ("", "-"):
        return check_post(source.post, rules, known=known)
    from creator_kit.drafting import draft_from_json, review_draft
    from creator_kit.persona import load_persona

    try:
        draft = draft_from_json(workspace.load_draft(source.post.name))
    except InputError:
        return check_post(source.post, rules, known=known)  # a text that something else saved: no brief to hold it to
    draft = replace(draft, title=source.post.title, body=source.post.body, tags=source.post.tags)
    persona = load_persona(draft.persona, workspace.root) if draft.persona else None
    return review_draft(draft, persona, rules, known)


def _dump(document: dict[str, Any]) -> str:
    import json

    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _as_json(source: Source, findings: Sequence[Finding]) -> dict[str, Any]:
    return {"name": source.post.name, "where": source.where, "findings": [asdict(finding) for finding in findings]}


def _workspace(folder: Path | None) -> Workspace | None:
    if folder is None and find_workspace(Path.cwd()) is None:
        return None  # a file can be reviewed anywhere
    return enter_workspace(folder)


def _known(paths: list[Path] | None) -> Any:
    if not paths:
        return None
    from creator_kit.review.inputs import read_sources
    from creator_kit.review.originality import know_posts

    return know_posts(source.post for path in paths for source in read_sources(path))


def _sources(targets: Sequence[str], workspace: Workspace | None) -> Iterator[Source]:
    from creator_kit.review.inputs import Source, parse_document, parse_json_text, parse_text, read_sources

    for target in targets:
        if target == "-":
            text = _read_stdin()
            if text.lstrip().startswith(("{", "[")):
                yield from parse_json_text(text)
            else:
                yield parse_text(text)
        elif Path(target).exists():
            yield from read_sources(
                Path(target), lambda where, what: say(_("{where}: {what}").format(where=where, what=what))
            )
        elif workspace is not None and not Path(target).suffix:
            import msgspec

            document = workspace.load_draft(target)
            yield Source(parse_document(msgspec.json.decode(document.encode()), where=target))
        else:
            raise InputError(
                _("no such file, and no workspace here that could hold such a draft")
                if workspace is None
                else _("no such file or folder"),
                where=target,
                hint=_("give a file, a folder, - for stdin, or a draft id inside a workspace"),
            )


def _read_stdin() -> str:
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise InputError(
            _("not UTF-8 text (byte {position})").format(position=error.start),
            where="-",
            hint=_("save the file again as UTF-8"),
        ) from error


def _show_changes(source: Source, fixed: PostText, output: Output) -> None:
    from creator_kit.review.fixes import describe_changes

    lines = describe_changes(source.post, fixed)
    if not lines:
        return
    if output is not Output.table:
        say("\n".join(lines))  # stdout belongs to the document
        return
    from rich.text import Text

    styles = {"+": "green", "-": "red", "@": "cyan"}
    for line in lines:
        show(Text(line, style=styles.get(line[:1], "")))


def _write_back(source: Source, fixed: PostText, workspace: Workspace | None) -> None:
    from creator_kit.datafiles import read_text, write_text
    from creator_kit.review.inputs import TEXT_SUFFIXES

    if source.path is not None and source.path.suffix.lower() in TEXT_SUFFIXES:
        text = read_text(source.path)
        title_at, body_at = source.offsets["title"], source.offsets["body"]
        title, body = source.post.title, source.post.body
        middle = text[title_at + len(title) : body_at]
        rest = text[body_at + len(body) :]
        if fixed.tags != source.post.tags:
            rest = "\n\n" + fixed.text_of("tags") + "\n"
        write_text(source.path, text[:title_at] + fixed.title + middle + fixed.body + rest)
    elif source.path is None and workspace is not None and source.post.name != "-":
        import msgspec

        row = msgspec.json.decode(workspace.load_draft(source.post.name).encode())
        row |= {"title": fixed.title, "body": fixed.body, "tags": list(fixed.tags)}
        workspace.save_draft(
            row["draft_id"],
            topic=row.get("topic", ""),
            created_on=row.get("created_on", ""),
            document=msgspec.json.encode(row).decode(),
        )
    else:
        raise UsageError(
            _("--fix changes text files and drafts only"),
            where=source.where,
            hint=_("use --diff to see the replacements"),
        )


def _show_findings(source: Source, findings: Sequence[Finding]) -> None:
    if not findings:
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    styles = {"block": "bold red", "warn": "yellow", "advise": "cyan"}
    names = {"block": _("block"), "warn": _("warn"), "advise": _("advise")}
    fields = {
        "title": _("title"),
        "body": _("body"),
        "tags": _("tags"),
        "images": _("images"),
        "cover": _("cover"),
        "note": _("whole note"),
    }
    table = Table(
        title=f"{source.where}  {source.post.title[:40]}".rstrip(),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
    )
    table.add_column(_("Severity"), no_wrap=True)
    table.add_column(_("Where"), no_wrap=True)
    table.add_column(_("What"), overflow="fold")
    for finding in findings:
        what = Text()
        excerpt = _excerpt(source.post.text_of(finding.field), finding)
        if excerpt is not None:
            line, marks = excerpt
            what.append(line + "\n")
            what.append(marks + "\n", style=styles[finding.severity])
        what.append("\n".join(_wrap(finding.message, _MESSAGE_CELLS)) + "\n")
        if finding.fix is not None:
            what.append(_("safe replacement: “{fix}”").format(fix=finding.fix) + "\n", style="green")
        what.append(f"{finding.rule_id} · {finding.source}", style="dim")
        label = Text(names[finding.severity], style=styles[finding.severity])
        table.add_row(label, fields[finding.field], what)
    show(table)


def _wrap(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` cells: broken between Chinese characters, and between words else."""
    from wcwidth import wcswidth

    lines, line = [], ""
    for piece in re.findall(r"[\x21-\x7e]+|.", text):
        if piece not in _NOT_AT_START and wcswidth(line + piece) > width and line.strip():
            kept = line.rstrip().rstrip(_NOT_AT_END)
            lines.append(kept)
            line = line.rstrip()[len(kept) :]
            if piece == " ":
                continue
        line += piece
    return [*lines, line]


def _excerpt(text: str, finding: Finding) -> tuple[str, str] | None:
    """The line around a finding, at most _EXCERPT_CELLS wide, and a line that underlines the finding."""
    if finding.start < 0 or not text:
        return None
    from wcwidth import wcswidth

    def cells(piece: str) -> int:
        return max(wcswidth(piece), 0) if piece.isprintable() else len(piece)

    # Only what can be shown; a text may have a million characters.
    cut = max(0, finding.start - _EXCERPT_CELLS)
    text = text[cut : finding.start + 2 * _EXCERPT_CELLS]
    flat = "".join(char if char.isprintable() or char == "\u200d" else "↵" if char == "\n" else " " for char in text)
    left = finding.start - cut
    right = min(max(finding.end - cut, left + 1), len(flat))
    while right > left + 1 and cells(flat[left:right]) > _EXCERPT_CELLS - 8:
        right -= 1
    low, high = left, right
    while cells(flat[low:high]) < _EXCERPT_CELLS - 6 and (low > 0 or high < len(flat)):
        # The line before the match explains it less than the rest of its own line.
        if low > 0 and (high >= len(flat) or left - low <= 14):
            low -= 1
        elif high < len(flat):
            high += 1
        else:
            break
    before = ("…" if low or cut else "") + flat[low:left]
    after = flat[right:high] + ("…" if high < len(flat) else "")
    return before + flat[left:right] + after, " " * cells(before) + "‾" * max(cells(flat[left:right]), 1)


def _say_summary(n_notes: int, counts: dict[str, int]) -> None:
    notes = ngettext("{n} note", "{n} notes", n_notes).format(n=n_notes)
    if not any(counts.values()):
        say(_("{notes} checked, nothing found. This is an editor's caution, not legal advice.").format(notes=notes))
        return
    say(
        _(
            "{notes} checked: {block} to block, {warn} to change, {advise} to consider."
            " This is an editor's caution, not legal advice."
        ).format(notes=notes, **counts)
    )
