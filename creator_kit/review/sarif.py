"""Findings as SARIF 2.1.0, which editors and CI services read.

Columns are counted in UTF-16 units, as the log declares: most readers are editors that count so whatever it declares.
A finding in a text file or a pack has a region with line and column; one in JSON lines the line of its note; one in a
draft of the store or a pipe has no file, and only a logical location.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from creator_kit import __version__
from creator_kit.datafiles import read_text
from creator_kit.review.finding import Finding
from creator_kit.review.inputs import Source
from creator_kit.review.rule import PLACEHOLDERS
from creator_kit.review.rules import RuleSet

_LEVELS = {"block": "error", "warn": "warning", "advise": "note"}


class _Texts(dict[Path, str]):
    """The files of a run, each read once."""

    def __missing__(self, path: Path) -> str:
        text = self[path] = read_text(path)
        return text


def render_sarif(results: Sequence[tuple[Source, Sequence[Finding]]], rules: RuleSet) -> dict[str, Any]:
    """A SARIF log of one run."""
    known = {rule.id: rule for rule in rules.rules}
    # By id; what drafting's gates find has rules of its own, described by their first finding.
    first: dict[str, Finding] = {}
    for _source, findings in results:
        for finding in findings:
            first.setdefault(finding.rule_id, finding)
    used = {rule_id: at for at, rule_id in enumerate(sorted(first))}
    described = []
    texts = _Texts()
    for rule_id in used:
        rule, finding = known.get(rule_id), first[rule_id]
        described.append(
            {
                "id": rule_id,
                "shortDescription": {
                    "text": rule.describe(dict.fromkeys(PLACEHOLDERS, "…")) if rule else finding.message
                },
                "help": {"text": rules.describe_source(rule) if rule else finding.source},
                "defaultConfiguration": {"level": _LEVELS[rule.severity if rule else finding.severity]},
                "properties": {"family": finding.family},
            }
        )
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "creator-kit", "version": __version__, "rules": described}},
                "columnKind": "utf16CodeUnits",
                "results": [
                    _result(source, finding, used[finding.rule_id], texts)
                    for source, findings in results
                    for finding in findings
                ],
            }
        ],
    }


def _result(source: Source, finding: Finding, index: int, texts: _Texts) -> dict[str, Any]:
    place = _place(source, finding, texts)
    location: dict[str, Any] = {
        "logicalLocations": [{"name": finding.field, "fullyQualifiedName": f"{source.post.name}.{finding.field}"}]
    }
    if place is not None:
        location["physicalLocation"] = place
    result: dict[str, Any] = {
        "ruleId": finding.rule_id,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [location],
    }
    if finding.fix is not None and place is not None and "startColumn" in place.get("region", {}):
        result["fixes"] = [
            {
                "artifactChanges": [
                    {
                        "artifactLocation": place["artifactLocation"],
                        "replacements": [{"deletedRegion": place["region"], "insertedContent": {"text": finding.fix}}],
                    }
                ]
            }
        ]
    return result


def _place(source: Source, finding: Finding, texts: _Texts) -> dict[str, Any] | None:
    if source.path is None:
        return None
    path = source.files.get(finding.field, source.files.get("body", source.path))
    place: dict[str, Any] = {"artifactLocation": {"uri": _uri(path)}}
    region = _region(source, finding, path, texts)
    if region is not None:
        place["region"] = region
    return place


def _region(source: Source, finding: Finding, path: Path, texts: _Texts) -> dict[str, Any] | None:
    if source.offsets and finding.start >= 0:
        span = _span(source, finding)
        if span is not None:
            return _lines_and_columns(texts[path], *span)
    if source.files and finding.start >= 0 and finding.field in ("title", "body"):
        text = texts[path]
        start = text.find(source.post.text_of(finding.field)) + finding.start
        return _lines_and_columns(text, start, start + finding.end - finding.start)
    if source.index is not None or not source.line:
        return None  # a list's element or a sheet's row: its line is not known
    return {"startLine": source.line}


def _span(source: Source, finding: Finding) -> tuple[int, int] | None:
    """Where in its file's text the finding begins and ends."""
    base = source.offsets.get(finding.field)
    if base is not None:
        return base + finding.start, base + finding.end
    if finding.field != "tags" or len(source.tag_spans) != len(source.post.tags):
        return None
    # Positions count in the topics joined by blanks; in the file each stands where it stands.
    covered, at = [], 0
    for tag, span in zip(source.post.tags, source.tag_spans, strict=True):
        end = at + len(tag) + 1
        if at < max(finding.end, finding.start + 1) and finding.start < end:
            covered.append(span)
        at = end + 1
    return (covered[0][0], covered[-1][1]) if covered else None


def _lines_and_columns(text: str, start: int, end: int) -> dict[str, int]:
    first, last = _position(text, start), _position(text, end)
    return {"startLine": first[0], "startColumn": first[1], "endLine": last[0], "endColumn": last[1]}


def _position(text: str, at: int) -> tuple[int, int]:
    """Line and column of the character at ``at``, both from 1; a character beyond the basic plane is two columns."""
    line_start = text.rfind("\n", 0, at) + 1
    return text.count("\n", 0, at) + 1, len(text[line_start:at].encode("utf-16-le", "surrogatepass")) // 2 + 1


def _uri(path: Path) -> str:
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
