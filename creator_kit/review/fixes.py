"""Safe replacements, applied: spelling of the same thing, never another fact."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace

from creator_kit.review.finding import Field, Finding, PostText


def apply_fixes(post: PostText, findings: Sequence[Finding]) -> PostText:
    """``post`` with every fix of ``findings`` in its title, body and tags; overlapping fixes: the first one only."""
    title = _replace(post.title, findings, "title")
    body = _replace(post.body, findings, "body")
    tags = post.tags
    if any(finding.field == "tags" and finding.fix is not None for finding in findings):
        joined = _replace(post.text_of("tags"), findings, "tags")
        tags = tuple(tag for piece in joined.split("#") if (tag := piece.strip()))
    return replace(post, title=title, body=body, tags=tags)


def _replace(text: str, findings: Sequence[Finding], field: Field) -> str:
    pieces, position = [], 0
    fixable = [f for f in findings if f.field == field and f.fix is not None and f.start >= 0]
    for finding in sorted(fixable, key=lambda f: (f.start, f.end)):
        if finding.start < position:
            continue
        pieces += [text[position : finding.start], finding.fix or ""]
        position = finding.end
    return "".join([*pieces, text[position:]])


def describe_changes(before: PostText, after: PostText) -> list[str]:
    """A unified diff of the two, without line ends; empty when nothing changed."""
    return [
        line.rstrip("\n")
        for line in difflib.unified_diff(
            _lines(before), _lines(after), before.name or "-", after.name or "-", lineterm="", n=1
        )
    ]


def _lines(post: PostText) -> list[str]:
    lines = [post.title, *post.body.split("\n")]
    return [*lines, post.text_of("tags")] if post.tags else lines
