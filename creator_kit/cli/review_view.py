"""How ``review`` shows what it found: the text underlined, a table by rule, a diff."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from creator_kit.cli.output import print_json, say, show, show_table
from creator_kit.locale import _, ngettext

if TYPE_CHECKING:
    from creator_kit.review import Finding, PostText
    from creator_kit.review.inputs import Source

# Cells of a note's text that are shown around a finding; with the label's column it fits 80.
_EXCERPT_CELLS = 60
_MESSAGE_CELLS = 58
# Characters of a title that a heading shows.
_CALLED = 40
# Findings of one note in the table; who has more has no note. JSON has them all.
_MAX_SHOWN = 50
# Marks that may not begin a line, and that may not end one.
_NOT_AT_START = "，。！？；：、）》”’」』】％%,.!?;:)"
_NOT_AT_END = "（《“‘「『【("
SEVERITIES = ("block", "warn", "advise")


@dataclass(frozen=True)
class Checked:
    """A note, its place in the order in which it was read, and what was found in it."""

    at: int
    source: Source
    findings: Sequence[Finding]


def by_gravity(results: Sequence[Checked]) -> list[Checked]:
    """``results``, those with the gravest finding first; of equals those with more of them, then the latest posted."""

    def key(checked: Checked) -> tuple[int, ...]:
        counts = Counter[str](finding.severity for finding in checked.findings)
        return tuple(-counts[severity] for severity in SEVERITIES)

    latest = sorted(results, key=lambda checked: checked.source.published_at, reverse=True)
    return sorted(latest, key=key)


def show_changes(source: Source, fixed: PostText, *, on_stdout: bool) -> None:
    from creator_kit.review.fixes import describe_changes

    lines = describe_changes(source.post, fixed)
    if not lines:
        return
    if not on_stdout:
        say("\n".join(lines))  # stdout belongs to the document
        return
    from rich.text import Text

    styles = {"+": "green", "-": "red", "@": "cyan"}
    for line in lines:
        show(Text(line, style=styles.get(line[:1], "")))


def show_findings(source: Source, findings: Sequence[Finding]) -> None:
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
        "note": _("note"),
    }
    table = Table(
        title=_heading(source),
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
    )
    table.add_column(_("Severity"), no_wrap=True)
    table.add_column(_("Where"), no_wrap=True)
    table.add_column(_("What"), overflow="fold")
    for finding in findings[:_MAX_SHOWN]:
        what = Text()
        excerpt = _excerpt(source.post.text_of(finding.field), finding)
        if excerpt is not None:
            line, marks = excerpt
            what.append(line + "\n")
            what.append(marks + "\n", style=styles[finding.severity])
        what.append("\n".join(_wrap(finding.message, _MESSAGE_CELLS)) + "\n")
        if finding.fix == "":
            what.append(_("safe replacement: leave it out") + "\n", style="green")
        elif finding.fix is not None:
            what.append(_("safe replacement: “{fix}”").format(fix=finding.fix.strip()) + "\n", style="green")
        what.append(f"{finding.rule_id} · {finding.source}", style="dim")
        label = Text(names[finding.severity], style=styles[finding.severity])
        table.add_row(label, fields[finding.field], what)
    show(table)
    if len(findings) > _MAX_SHOWN:
        n = len(findings) - _MAX_SHOWN
        show(Text(ngettext("and {n} more in this note", "and {n} more in this note", n).format(n=n)))


def _heading(source: Source) -> str:
    """Where a note stands and how it is called: a posted one by its day and hour, as the app's own list has it."""
    called = source.post.title or source.post.body[:_CALLED].replace("\n", " ")
    if source.is_published:
        return f"{source.published_at or source.where}  {called[:_CALLED]}".rstrip()
    return f"{source.where}  {source.post.title[:_CALLED]}".rstrip()


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


def say_summary(by: RuleCounts) -> None:
    from rich.cells import cell_len as cells

    notes = ngettext("{n} note", "{n} notes", by.n_notes).format(n=by.n_notes)
    if not by.n_found:
        say(_("{notes} checked, nothing found. This is an editor's caution, not legal advice.").format(notes=notes))
        return
    text = (
        _(
            "{notes} checked: {block} to block, {warn} to change, {advise} to consider, in {n_found} of them."
            " This is an editor's caution, not legal advice."
        )
        if by.n_notes > 1
        else _(
            "{notes} checked: {block} to block, {warn} to change, {advise} to consider."
            " This is an editor's caution, not legal advice."
        )
    ).format(notes=notes, n_found=by.n_found, **by.counts)
    if cells(text) > 80:
        # Two sentences, too long for one line of a terminal.
        end = max(text.rfind(mark, 0, -1) for mark in (". ", "。"))
        text = f"{text[: end + 1]}\n{text[end + 1 :].lstrip()}"
    say(text)


class RuleCounts:
    """Findings by rule over many notes: what is at risk in an account, and how often a rule speaks up."""

    def __init__(self) -> None:
        self.n_notes = 0
        self.n_found = 0
        self.counts = dict.fromkeys(SEVERITIES, 0)
        self._findings: dict[str, list[tuple[Checked, Finding]]] = {}

    def add(self, checked: Checked) -> None:
        self.n_notes += 1
        self.n_found += bool(checked.findings)
        for finding in checked.findings:
            self.counts[finding.severity] += 1
            self._findings.setdefault(finding.rule_id, []).append((checked, finding))

    def rows(self) -> list[dict[str, Any]]:
        """One row a rule, those that block most often first, then the most frequent; with the first place where it
        was found."""
        rows = []
        for rule_id, found in self._findings.items():
            counts = Counter[str](finding.severity for _checked, finding in found)
            checked, first = next((each for each in found if each[1].matched), found[0])
            rows.append(
                {
                    "rule_id": rule_id,
                    "family": first.family,
                    "severity": next(severity for severity in SEVERITIES if counts[severity]),
                    **{f"n_{severity}": counts[severity] for severity in SEVERITIES},
                    "n_findings": len(found),
                    "n_notes": len({checked.at for checked, _finding in found}),
                    "per_1000_notes": round(1000 * len(found) / self.n_notes, 2),
                    "example": first.matched,
                    "example_note": checked.source.post.name or checked.source.where,
                    "source": first.source,
                }
            )
        return sorted(rows, key=lambda row: (*(-row[f"n_{severity}"] for severity in SEVERITIES), str(row["rule_id"])))

    def show(self, *, as_json: bool) -> None:
        if as_json:
            print_json("review-by-rule", {"n_notes": self.n_notes, "counts": self.counts, "rules": self.rows()})
            return
        if not self._findings:
            return
        show_table(
            [
                _("Rule"),
                (_("block"), "right"),
                (_("warn"), "right"),
                (_("advise"), "right"),
                (_("Notes"), "right"),
                (_("Per 1,000"), "right"),
            ],
            [
                [
                    row["rule_id"],
                    *(row[f"n_{severity}"] or "" for severity in SEVERITIES),
                    row["n_notes"],
                    f"{row['per_1000_notes']:.1f}",
                ]
                for row in self.rows()
            ],
        )
