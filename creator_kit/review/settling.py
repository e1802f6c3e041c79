"""Which of several matches in one place stay."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

from creator_kit.review.finding import SEVERITIES, TEXT_FIELDS, Field, Finding

Span = tuple[int, int]
_GRAVE = {severity: rank for rank, severity in enumerate(SEVERITIES)}
_PLACE = {name: rank for rank, name in enumerate((*TEXT_FIELDS, "images", "note"))}


class _Spans:
    """Spans that do not overlap, in order."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int]] = []

    def add(self, start: int, end: int) -> bool:
        """Add a span unless it overlaps one that is there; says whether it was added."""
        at = bisect_left(self._spans, (start, end))
        if at < len(self._spans) and self._spans[at][0] < end:
            return False
        if at and self._spans[at - 1][1] > start:
            return False
        self._spans.insert(at, (start, end))
        return True


def keep_longest(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """``spans`` without those that overlap a longer (else earlier) one, in order."""
    if len(spans) == 1:
        return spans
    kept = _Spans()
    ranked = sorted(set(spans), key=lambda span: (span[0] - span[1], span[0]))
    return sorted(span for span in ranked if kept.add(*span))


def keep_tightest(rows: Mapping[Span, Sequence[Span]]) -> list[Span]:
    """Of rows of parts that overlap the one with the least in between, else the longer, else the earlier: what is
    underlined are the words that matter."""
    if len(rows) == 1:
        return list(rows)
    kept = _Spans()
    gaps = {span: span[1] - span[0] - sum(end - start for start, end in parts) for span, parts in rows.items()}
    ranked = sorted(rows, key=lambda span: (gaps[span], span[0] - span[1], span[0]))
    return sorted(span for span in ranked if kept.add(*span))


def settle(findings: list[Finding]) -> list[Finding]:
    """In reading order; of overlapping findings of one family only the gravest (else longest) stays."""
    if len(findings) < 2:
        return findings
    taken: dict[tuple[str, Field], _Spans] = {}
    kept = []
    for finding in sorted(findings, key=lambda f: (_GRAVE[f.severity], f.start - f.end, f.start, f.rule_id)):
        if finding.start < 0 or taken.setdefault((finding.family, finding.field), _Spans()).add(
            finding.start, finding.end
        ):
            kept.append(finding)
    return sorted(kept, key=lambda f: (_PLACE[f.field], f.start, _GRAVE[f.severity], f.rule_id))
