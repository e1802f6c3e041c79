"""A draft as a page shows it: its texts cut where a finding or a gap begins and ends, the findings numbered."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from creator_kit.drafting import Draft
from creator_kit.drafting.draft import MISSING_CLOSE, MISSING_OPEN
from creator_kit.locale import LANGUAGES, Both, speaking
from creator_kit.review import Finding
from creator_kit.review.finding import SEVERITIES, Field, Severity

SHOWN_FIELDS: tuple[Field, ...] = ("title", "body", "tags")
_GAP = re.compile(re.escape(MISSING_OPEN) + ".*?" + re.escape(MISSING_CLOSE), re.DOTALL)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that a page shows: ``source`` is a relative address or a data: URL, its size in pixels.

    With ``symbol`` the page holds the picture once under that name and shows it by reference.
    """

    source: str
    width_px: int
    height_px: int
    symbol: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a text that is marked alike: ``severity`` of the gravest finding over it ("" none), ``is_gap``
    inside a ［待补：…］, ``ends`` the numbers of the findings that end with it."""

    text: str
    severity: str = ""
    is_gap: bool = False
    ends: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """A finding as a page lists it, in both languages, with the number that stands at its words (0: at none)."""

    number: int
    rule_id: str
    severity: Severity
    field: Field
    message: Both
    source: Both
    matched: str
    fix: str | None


@dataclass(frozen=True, slots=True)
class NoteView:
    """All that a page shows of one note. ``remarks`` are in reading order; texts are what a copy button copies."""

    draft_id: str
    title: str
    body: str
    tags: str
    title_segments: tuple[Segment, ...]
    body_segments: tuple[Segment, ...]
    tag_segments: tuple[Segment, ...]
    pictures: tuple[Picture, ...]
    remarks: tuple[Remark, ...]
    to_do: tuple[Both, ...] = ()
    note: Both | None = None

    def remarks_on(self, *fields: str) -> list[Remark]:
        """The findings in ``fields``."""
        return [remark for remark in self.remarks if remark.field in fields]

    @property
    def other_remarks(self) -> list[Remark]:
        """Findings about the note as a whole, its pictures or its cover."""
        return [remark for remark in self.remarks if remark.field not in SHOWN_FIELDS]

    @property
    def n_block(self) -> int:
        return sum(remark.severity == "block" for remark in self.remarks)

    @property
    def n_warn(self) -> int:
        return sum(remark.severity == "warn" for remark in self.remarks)

    @property
    def n_gaps(self) -> int:
        return len(_GAP.findall(f"{self.title}\n{self.body}\n{self.tags}"))

    @property
    def state(self) -> str:
        """``gaps`` where something is to be filled in, else ``block``, ``warn`` or ``ready`` by the findings."""
        if self.n_gaps:
            return "gaps"
        return "block" if self.n_block else "warn" if self.n_warn else "ready"


def review_in_both(review: Callable[[], list[Finding]]) -> dict[str, list[Finding]]:
    """What ``review`` finds, by language; only messages differ."""
    found: dict[str, list[Finding]] = {}
    for code in LANGUAGES:
        with speaking(code):
            # What is clean in one language is clean in the other.
            found[code] = review() if all(found.values()) else []
    return found


def view_note(
    draft: Draft,
    findings: dict[str, list[Finding]],
    *,
    pictures: Sequence[Picture] = (),
    to_do: Sequence[Both] = (),
    note: Both | None = None,
) -> NoteView:
    """``draft`` with its ``findings`` (by language, as ``review_in_both`` gives them) set beside their words."""
    tags = " ".join(f"#{tag.lstrip('#')}" for tag in draft.tags)
    texts = {"title": draft.title, "body": draft.body.rstrip("\n"), "tags": tags}
    remarks, spans = _number(findings, texts)
    return NoteView(
        draft_id=draft.draft_id,
        title=texts["title"],
        body=texts["body"],
        tags=tags,
        title_segments=cut_text(texts["title"], spans["title"]),
        body_segments=cut_text(texts["body"], spans["body"]),
        tag_segments=cut_text(tags, spans["tags"]),
        pictures=tuple(pictures),
        remarks=remarks,
        to_do=tuple(to_do),
        note=note,
    )


Span = tuple[int, int, int, str]  # start, end, number, severity


def _number(
    findings: dict[str, list[Finding]], texts: dict[str, str]
) -> tuple[tuple[Remark, ...], dict[str, list[Span]]]:
    """Findings in reading order (field, place, gravity), those at a place numbered from 1 on."""
    zh, en = findings["zh"], findings["en"]
    fields = (*SHOWN_FIELDS, "cover", "images", "note")

    def order(i: int) -> tuple[int, int, int, int]:
        finding = zh[i]
        place = finding.start if finding.start >= 0 else len(texts.get(finding.field, ""))
        return fields.index(finding.field), place, SEVERITIES.index(finding.severity), i

    remarks = []
    spans: dict[str, list[Span]] = {field: [] for field in SHOWN_FIELDS}
    number = 0
    for i in sorted(range(len(zh)), key=order):
        finding = zh[i]
        text = texts.get(finding.field, "")
        is_placed = finding.field in spans and 0 <= finding.start < finding.end <= len(text)
        if is_placed:
            number += 1
            spans[finding.field].append((finding.start, finding.end, number, finding.severity))
        remarks.append(
            Remark(
                number=number if is_placed else 0,
                rule_id=finding.rule_id,
                severity=finding.severity,
                field=finding.field,
                message=Both(finding.message, en[i].message),
                source=Both(finding.source, en[i].source),
                matched=text[finding.start : finding.end] if is_placed else finding.matched,
                fix=finding.fix,
            )
        )
    return tuple(remarks), spans


def cut_text(text: str, spans: Sequence[Span]) -> tuple[Segment, ...]:
    """``text`` in pieces; joined they are ``text`` again. Spans may overlap."""
    gaps = [match.span() for match in _GAP.finditer(text)]
    cuts = sorted({0, len(text), *(x for span in spans for x in span[:2]), *(x for gap in gaps for x in gap)})
    pieces = []
    for start, end in pairwise(cuts):
        over = [span for span in spans if span[0] <= start and end <= span[1]]
        severity = min((span[3] for span in over), key=lambda s: SEVERITIES.index(s), default="")
        ends = tuple(span[2] for span in over if span[1] == end)
        is_gap = any(gap[0] <= start and end <= gap[1] for gap in gaps)
        pieces.append(Segment(text[start:end], severity, is_gap, ends))
    return tuple(pieces)


def tell_to_do(tell: Callable[[], list[str]]) -> tuple[Both, ...]:
    """A list of sentences in both languages, line by line."""
    lists = []
    for code in LANGUAGES:
        with speaking(code):
            lists.append(tell())
    return tuple(Both(zh, en) for zh, en in zip(*lists, strict=True))
