"""Findings as SARIF 2.1.0, which editors and CI services read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from creator_kit import __version__
from creator_kit.review.finding import Finding
from creator_kit.review.inputs import Source
from creator_kit.review.rule import PLACEHOLDERS
from creator_kit.review.rules import RuleSet

_LEVELS = {"block": "error", "warn": "warning", "advise": "note"}


def render_sarif(results: Sequence[tuple[Source, Sequence[Finding]]], rules: RuleSet) -> dict[str, Any]:
    """A SARIF log of one run. Characters are counted as Python does (code points), as the log declares."""
    used = sorted({finding.rule_id for _source, findings in results for finding in findings})
    by_id = {rule.id: rule for rule in rules.rules}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "creator-kit",
                        "version": __version__,
                        "rules": [
                            {
                                "id": rule_id,
                                "shortDescription": {"text": by_id[rule_id].describe(dict.fromkeys(PLACEHOLDERS, "…"))},
                                "help": {"text": rules.describe_source(by_id[rule_id])},
                                "defaultConfiguration": {"level": _LEVELS[by_id[rule_id].severity]},
                                "properties": {"family": by_id[rule_id].family},
                            }
                            for rule_id in used
                        ],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [
                    _result(source, finding, used.index(finding.rule_id))
                    for source, findings in results
                    for finding in findings
                ],
            }
        ],
    }


def _result(source: Source, finding: Finding, index: int) -> dict[str, Any]:
    location: dict[str, Any] = {
        "physicalLocation": {"artifactLocation": {"uri": source.path.as_posix() if source.path else source.post.name}},
        "logicalLocations": [{"name": finding.field, "fullyQualifiedName": f"{source.post.name}.{finding.field}"}],
    }
    base = source.offsets.get(finding.field)
    if source.path is not None:
        region: dict[str, Any] = {"startLine": source.line}
        if base is not None and finding.start >= 0:
            region = {"charOffset": base + finding.start, "charLength": finding.end - finding.start}
        location["physicalLocation"]["region"] = region
    result: dict[str, Any] = {
        "ruleId": finding.rule_id,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": finding.message},
        "locations": [location],
    }
    if finding.fix is not None and base is not None:
        result["fixes"] = [
            {
                "artifactChanges": [
                    {
                        "artifactLocation": location["physicalLocation"]["artifactLocation"],
                        "replacements": [
                            {
                                "deletedRegion": location["physicalLocation"]["region"],
                                "insertedContent": {"text": finding.fix},
                            }
                        ],
                    }
                ]
            }
        ]
    return result
