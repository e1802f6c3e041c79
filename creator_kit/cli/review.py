"""``review``: what a careful editor would catch before a person posts."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from creator_kit.cli.options import JsonOption, TodayOption, WorkspaceOption, enter_workspace, resolve_now
from creator_kit.cli.output import print_json, print_json_line, say
from creator_kit.cli.review_view import RuleCounts, say_summary, show_changes, show_findings
from creator_kit.errors import InputError, UsageError
from creator_kit.locale import _
from creator_kit.workspace import find_workspace

if TYPE_CHECKING:
    from creator_kit.drafting.draft import Draft
    from creator_kit.persona import Persona
    from creator_kit.review import Finding, PostText
    from creator_kit.review.inputs import Source
    from creator_kit.review.originality import KnownTexts
    from creator_kit.review.rules import RuleSet
    from creator_kit.workspace import Workspace


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
    from creator_kit.review.fixes import apply_fixes
    from creator_kit.review.sarif import render_sarif

    output = Output.json if as_json else output
    workspace = _workspace(workspace_dir)
    desk = _Desk(workspace, rule_files or (), persona_name, resolve_now(today))
    unread: list[InputError] = []
    sources = list(_sources(targets, workspace, unread))
    desk.know(sources, against or ())
    results: list[tuple[Source, list[Finding]]] = []
    by = RuleCounts()
    counts = dict.fromkeys(("block", "warn", "advise"), 0)
    for at, source in enumerate(sources):
        findings = desk.check(at, source)
        if fix or diff:
            # Removing one thing may bring another together, so look again at what is left.
            fixed = apply_fixes(source.post, findings)
            show_changes(source, fixed, on_stdout=output is Output.table)
            if fix and fixed != source.post:
                _write_back(source, fixed, workspace)
                source = replace(source, post=fixed)
                findings = desk.check(at, source)
        by.add(source, findings)
        for finding in findings:
            counts[finding.severity] += 1
        if by_rule:
            continue
        if output is Output.jsonl:
            print_json_line({"name": source.post.name, "findings": [asdict(finding) for finding in findings]})
        elif output is Output.table:
            show_findings(source, findings)
        else:
            results.append((source, findings))
    if by_rule:
        by.show(as_json=output is not Output.table, counts=counts)
    elif output is Output.json:
        print_json("review", {"n_notes": by.n_notes, "counts": counts, "notes": [_as_json(*each) for each in results]})
    elif output is Output.sarif:
        sys.stdout.write(_dump(render_sarif(results, desk.rules(None))))
    if output is Output.table:
        say_summary(by.n_notes, counts)
    if unread:
        for error in unread:
            say(str(error))
        raise typer.Exit(InputError.exit_code)
    failing = {"block": ("block",), "warn": ("block", "warn"), "advise": ("block", "warn", "advise"), "never": ()}
    if any(counts[severity] for severity in failing[fail_on.value]):
        raise typer.Exit(1)


class _Desk:
    """What lies on the editor's desk: the rules, the persona's facts, and the notes that none may repeat."""

    def __init__(
        self, workspace: Workspace | None, rule_files: Sequence[Path], persona_name: str | None, now: datetime
    ) -> None:
        self._workspace = workspace
        self._rule_files = tuple(rule_files)
        self._root = workspace.root if workspace else None
        self._persona_name = persona_name
        self._now = now
        self._rules: dict[str | None, RuleSet] = {}
        self._known: KnownTexts | None = None

    def persona(self, name: str | None) -> Persona | None:
        from creator_kit.persona import load_persona

        return load_persona(name, self._root) if name else None

    def rules(self, name: str | None) -> RuleSet:
        """The rules with those of the pack ``name`` (None: of ``--persona``)."""
        from creator_kit.review import load_rules

        name = name or self._persona_name
        if name not in self._rules:
            persona = self.persona(name)
            pack_root = persona.root if persona else None
            self._rules[name] = load_rules(self._root, extra=self._rule_files, pack_root=pack_root)
        return self._rules[name]

    def know(self, sources: Sequence[Source], against: Sequence[Path]) -> None:
        """Hold each note against the others of the batch, the other drafts of the workspace and ``against``."""
        from creator_kit.review.inputs import parse_document, read_sources

        posts = [source.post for source in sources]
        names = {post.name for post in posts}
        posts += [source.post for path in against for source in read_sources(path)]
        if self._workspace is not None:
            import msgspec

            for document in self._workspace.list_drafts():
                try:
                    post = parse_document(msgspec.json.decode(document.encode()), where="draft")
                except InputError:
                    continue  # a draft without a word repeats nobody
                if post.name not in names:
                    posts.append(post)
        if len(posts) > 1:
            from creator_kit.review.originality import know_posts

            self._known = know_posts(posts)

    def check(self, at: int, source: Source) -> list[Finding]:
        """Findings in the note at ``at``; a draft is also held against its brief and its persona's facts."""
        from creator_kit.review import PostText, check_post

        post = replace(source.post, reviewed_at=self._now)
        known = self._known.others(at) if self._known is not None else None
        draft = self._draft(source)
        if draft is None:
            persona = self.persona(self._persona_name)
            facts = [fact.text for fact in persona.facts] if persona else None
            findings = check_post(post, self.rules(None), facts=facts, known=known)
        else:
            from creator_kit.cover.from_draft import list_cover_lines
            from creator_kit.drafting import review_draft

            draft = replace(draft, title=post.title, body=post.body, tags=post.tags)
            name = draft.persona or self._persona_name
            findings = review_draft(draft, self.persona(name), self.rules(name), known)
            # The draft's own texts were read above; what only the cover shows is read by itself.
            lines = list_cover_lines(draft) if draft.images else ()
            if lines:
                cover = PostText("", "", cover_texts=lines, sponsored=post.sponsored)
                shown = check_post(cover, self.rules(name))
                findings = [*(each for each in shown if each.field == "cover"), *findings]
        if source.is_published:
            findings = [finding for finding in findings if finding.family != "limits"]
        return findings

    def _draft(self, source: Source) -> Draft | None:
        from creator_kit.drafting import draft_from_json

        if self._workspace is None or source.path is not None or source.post.name in ("", "-"):
            return None
        try:
            return draft_from_json(self._workspace.load_draft(source.post.name))
        except InputError:
            return None  # a text that something else saved: no brief to hold it to


def _dump(document: dict[str, Any]) -> str:
    import json

    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _as_json(source: Source, findings: Sequence[Finding]) -> dict[str, Any]:
    return {"name": source.post.name, "where": source.where, "findings": [asdict(finding) for finding in findings]}


def _workspace(folder: Path | None) -> Workspace | None:
    if folder is None and find_workspace(Path.cwd()) is None:
        return None  # a file can be reviewed anywhere
    return enter_workspace(folder)


def _sources(targets: Sequence[str], workspace: Workspace | None, unread: list[InputError]) -> Iterator[Source]:
    """The notes of ``targets``; ``unread`` takes in what in a folder could not be read."""
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
                Path(target),
                lambda where, what: say(_("{where}: {what}").format(where=where, what=what)),
                unread.append,
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
