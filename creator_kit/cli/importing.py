"""What ``corpus add`` and ``results add`` share: one file after another into the store, and the account of it."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from creator_kit.cli.output import Advance, print_json, progress, say, say_error, show_table
from creator_kit.clock import BEIJING
from creator_kit.errors import CreatorKitError, InputError, RefusedError, UsageError
from creator_kit.locale import _, ngettext

if TYPE_CHECKING:
    from creator_kit.corpus.cover_pictures import CoverReport
    from creator_kit.corpus.reading import ReadOptions
    from creator_kit.corpus.store import ImportReport
    from creator_kit.workspace import Workspace

STDIN = "-"
# A folder of many small exports (a page a note) is one line of the table.
_MAX_LINES_A_FOLDER = 12
# What is taken from a folder; a file that is named is tried whatever it is called.
_SUFFIXES = frozenset(
    {".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".txt", ".xlsx", ".xls", ".db", ".sqlite", ".sqlite3"}
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One file that was given: what it did to the store, or the error that kept it out.

    ``folder`` is the folder that was given in its place, "" for a file that was named.
    """

    name: str
    report: ImportReport | None
    error: CreatorKitError | None = None
    folder: str = ""


def import_files(
    workspace: Workspace,
    names: list[str],
    options: ReadOptions,
    *,
    own: bool,
    now: datetime,
    strict: bool,
    recursive: bool,
) -> list[Outcome]:
    """Import each of ``names``; a file that cannot be read is told and the rest go in (not with ``strict``)."""
    from creator_kit.corpus.store import import_export

    outcomes: list[Outcome] = []
    for name, folder, folder_error in _expand(names, recursive=recursive):
        if folder_error is not None:
            outcomes.append(Outcome(name, None, folder_error))
            continue
        with _as_file(name) as path, ExitStack() as stack:
            try:
                report = import_export(
                    workspace, path, options, now=now, own=own, strict=strict, on_progress=_Bar(stack, name, path)
                )
            except (InputError, RefusedError) as error:
                if error.where is not None:
                    error.where = _rename(error.where, path, name)
                if strict:
                    raise
                outcomes.append(Outcome(name, None, error, folder))
            else:
                problems = tuple(
                    replace(problem, where=_rename(problem.where, path, name)) for problem in report.problems
                )
                outcomes.append(Outcome(name, replace(report, problems=problems), None, folder))
    return outcomes


def show_outcomes(outcomes: list[Outcome], *, as_json: bool, covers: CoverReport | None = None) -> None:
    """The account of an import: a table or JSON on stdout, what was left out on stderr."""
    if as_json:
        document = _as_json(outcomes)
        if covers is not None:
            document["covers"] = {**asdict(covers), "folder": str(covers.folder)}
        print_json("import", document)
    else:
        _show_table(outcomes)
    if covers is not None:
        _say_covers(covers)
    for outcome in outcomes:
        if outcome.error is not None:
            say_error(str(outcome.error))
        elif outcome.report is not None and outcome.report.n_problems:
            for problem in outcome.report.problems:
                say(_("{where}: {what}").format(where=problem.where, what=problem.what))
            n_more = outcome.report.n_problems - len(outcome.report.problems)
            if n_more:
                say(ngettext("… and {n} more row", "… and {n} more rows", n_more).format(n=n_more))


def import_pictures(workspace: Workspace, folder: Path, *, n_jobs: int) -> CoverReport:
    """Measure the covers in ``folder`` of notes that the store holds; a bar tells how far it is."""
    from creator_kit.corpus.cover_pictures import import_covers

    with ExitStack() as stack:
        return import_covers(workspace, folder, n_jobs=n_jobs, on_progress=_Bar(stack, _("measuring covers")))


def _say_covers(covers: CoverReport) -> None:
    say(
        ngettext(
            "{n} cover measured, {known} known before, in {pictures} pictures of {folder}",
            "{n} covers measured, {known} known before, in {pictures} pictures of {folder}",
            covers.n_measured,
        ).format(
            n=f"{covers.n_measured:,}",
            known=f"{covers.n_known:,}",
            pictures=f"{covers.n_pictures:,}",
            folder=covers.folder,
        )
    )
    for n, text in (
        (covers.n_unmatched, _("of no note in the store: {n}")),
        (covers.n_unnamed, _("pictures whose names tell neither a note's id nor its time and title: {n}")),
        (covers.n_without_first, _("notes without their first picture: {n}")),
        (covers.n_problems, _("pictures that could not be read: {n}")),
    ):
        if n:
            say("  " + text.format(n=f"{n:,}"))
    for problem in covers.problems:
        say("  ! " + problem)


def exit_code(outcomes: list[Outcome]) -> int:
    """0: everything went in; 1: rows or files were refused; 3: a file could not be read."""
    codes = [outcome.error.exit_code for outcome in outcomes if outcome.error is not None]
    codes += [1 for outcome in outcomes if outcome.report is not None and outcome.report.n_problems]
    return max(codes, default=0)


def parse_mapping(pairs: list[str]) -> dict[str, str]:
    """``title=标题`` … → {"title": "标题"}. Raises UsageError."""
    mapping = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not equals or not field.strip() or not column.strip():
            raise UsageError(
                _("'{text}' is not a column mapping").format(text=pair),
                where="--map",
                hint=_("write our field, an equals sign and the column's heading: --map title=标题"),
            )
        mapping[field.strip()] = column.strip()
    return mapping


def parse_exported_at(text: str | None) -> datetime | None:
    """A date or a date and time; Beijing time unless it says otherwise. Raises UsageError."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            _("'{text}' is not a date or a time").format(text=text),
            where="--exported-at",
            hint=_("write it as 2026-11-24 or 2026-11-24T18:30"),
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)


def _expand(names: list[str], *, recursive: bool) -> Iterator[tuple[str, str, InputError | None]]:
    """(file, the folder that it was found in or "", error): a folder stands for its exports, and gives an
    error when it holds none."""
    for name in names:
        path = Path(name)
        if name == STDIN or not path.is_dir():
            yield name, "", None
            continue
        found = [file for file in sorted(path.rglob("*") if recursive else path.iterdir()) if _is_export(file, path)]
        for file in found:
            yield str(file), name, None
        if not found:
            error = InputError(
                _("this folder holds no exports"),
                where=name,
                hint=_("an export ends in one of: {suffixes}; --recursive looks into folders below").format(
                    suffixes=" ".join(sorted(_SUFFIXES))
                ),
            )
            yield name, "", error


def _is_export(file: Path, folder: Path) -> bool:
    is_hidden = any(part.startswith((".", "~$")) for part in file.relative_to(folder).parts)
    return file.is_file() and file.suffix.lower() in _SUFFIXES and not is_hidden


@contextmanager
def _as_file(name: str) -> Iterator[Path]:
    """The path of ``name``; standard input is written to a temporary file, since formats are found by content."""
    if name != STDIN:
        yield Path(name)
        return
    with tempfile.TemporaryDirectory(prefix="creator-kit-") as folder:
        path = Path(folder) / "stdin"
        with path.open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
        yield path


def _rename(where: str, path: Path, name: str) -> str:
    """Standard input is told by its name, not by that of the temporary file."""
    if name != STDIN:
        return where
    return where.replace(str(path), STDIN, 1) if str(path) in where else where.replace(path.name, STDIN, 1)


class _Bar:
    """A bar that begins with the first report of progress, when the total is known, and ends with its stack."""

    def __init__(self, stack: ExitStack, name: str, path: Path | None = None) -> None:
        self._stack = stack
        self._name = name
        self._path = path
        self._advance: Advance | None = None
        self._done = 0

    def __call__(self, done: int, total: int | None) -> None:
        if self._advance is None:
            # Readers of text count bytes, the others rows.
            in_bytes = total is not None and self._path is not None and total == self._path.stat().st_size
            self._advance = self._stack.enter_context(progress(Path(self._name).name, total, in_bytes=in_bytes))
        if done > self._done:  # several readers are not equally far
            self._advance(done - self._done)
            self._done = done


def _as_json(outcomes: list[Outcome]) -> dict[str, Any]:
    files = []
    for outcome in outcomes:
        report, error = outcome.report, outcome.error
        entry: dict[str, Any] = {"file": outcome.name, "error": None}
        if error is not None:
            entry["error"] = {"what": error.what, "where": error.where, "hint": error.hint, "code": error.exit_code}
        if report is not None:
            entry |= {
                "format": report.format_id,
                "own": report.is_own,
                "repeated": report.is_repeat,
                "n_added": report.n_added,
                "n_updated": report.n_updated,
                "n_unchanged": report.n_unchanged,
                "n_days": report.n_days,
                "n_problems": report.n_problems,
                "problems": [{"where": problem.where, "what": problem.what} for problem in report.problems],
            }
        files.append(entry)
    keys = ("n_added", "n_updated", "n_unchanged", "n_days", "n_problems")
    totals = {key: sum(entry.get(key, 0) for entry in files) for key in keys}
    return {"files": files, "totals": totals | {"n_failed": sum(outcome.error is not None for outcome in outcomes)}}


def _show_table(outcomes: list[Outcome]) -> None:
    reports = [(outcome, outcome.report) for outcome in outcomes if outcome.report is not None]
    has_days = any(report.n_days for _outcome, report in reports)
    columns: list[str | tuple[str, str]] = [_("file"), _("format")]
    columns += [(name, "right") for name in (_("new"), _("updated"), _("same"), _("left out"))]
    if has_days:
        columns.append((_("days"), "right"))
    rows = []
    for name, format_id, group in _group(reports):
        row: list[object] = [name, format_id]
        for key in ("n_added", "n_updated", "n_unchanged", "n_problems", *(["n_days"] if has_days else [])):
            row.append(f"{sum(getattr(report, key) for report in group):,}")
        rows.append(row)
    if rows:
        show_table(columns, rows)
    for outcome, report in reports:
        if report.is_repeat:
            say(_("{file} was imported before; nothing to do").format(file=outcome.name))


def _group(reports: list[tuple[Outcome, ImportReport]]) -> Iterator[tuple[str, str, list[ImportReport]]]:
    """The lines of the table: a file each, or a folder with many files."""
    for folder, members in groupby(reports, key=lambda pair: pair[0].folder):
        group = list(members)
        if not folder or len(group) <= _MAX_LINES_A_FOLDER:
            for outcome, report in group:
                yield Path(outcome.name).name, report.format_id, [report]
            continue
        formats = dict.fromkeys(report.format_id for _outcome, report in group)
        name = ngettext("{folder} ({n} file)", "{folder} ({n} files)", len(group))
        yield name.format(folder=Path(folder).name, n=len(group)), " ".join(formats), [r for _outcome, r in group]


def finish(outcomes: list[Outcome], *, as_json: bool, next_step: str, covers: CoverReport | None = None) -> None:
    """Show the outcomes, name the next command, and leave with their exit code."""
    show_outcomes(outcomes, as_json=as_json, covers=covers)
    if any(outcome.report is not None for outcome in outcomes) and not as_json:
        say("  → " + next_step)
    code = exit_code(outcomes)
    if code:
        raise typer.Exit(code)
