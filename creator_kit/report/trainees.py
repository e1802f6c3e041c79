"""A class: trainees' drafts × the rules that they broke. Nothing personal but the names that the trainer gave."""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

from creator_kit.drafting import Grade, Trainee, grade_drafts, read_drafts
from creator_kit.locale import Both, _, in_both, pick
from creator_kit.persona import Persona
from creator_kit.report.model import ClassPart, TraineeRow
from creator_kit.review.rules import RuleSet

MAX_RULES = 40


def anchor_of(where: str) -> str:
    """A name for the page's address that says nothing and is the same every time."""
    return "t" + hashlib.sha256(where.encode("utf-8")).hexdigest()[:12]


def collect_class(
    folder: Path, persona: Persona, rules: RuleSet, known: list[tuple[str, str, str]]
) -> tuple[ClassPart, list[Trainee]]:
    """The class of ``folder`` as ``persona grade`` judges it, and the drafts that were read."""
    trainees = read_drafts(folder)
    grades = grade_drafts(trainees, persona, rules, known)
    broken = Counter(rule for grade in grades for rule in (grade.rules or {}))
    blocking = {rule for grade in grades for rule in grade.blocking}
    # What many broke, and what forbids posting, first: that is what the class will talk about.
    ids = sorted(broken, key=lambda rule: (rule not in blocking, -broken[rule], rule))[:MAX_RULES]
    part = ClassPart(
        rules=tuple(ids),
        rows=tuple(_row(grade, ids) for grade in grades),
        lead=in_both(
            lambda: _("{n} drafts held against '{persona}': {clean} clean").format(
                n=len(grades), persona=persona.name, clean=sum(grade.is_clean for grade in grades)
            )
        ),
    )
    return part, trainees


def _row(grade: Grade, ids: list[str]) -> TraineeRow:
    rules = grade.rules or {}
    return TraineeRow(
        where=grade.where,
        anchor=anchor_of(grade.where),
        title=grade.title,
        is_clean=grade.is_clean,
        counts=tuple((rules.get(rule, 0), rule in grade.blocking) for rule in ids),
        n_gaps=grade.n_missing,
        copied=_copied(grade),
        voice=in_both(lambda: _percent(grade.voice_distance)),
        error=grade.error,
    )


def _percent(rate: float | None) -> str:
    return "–" if rate is None else pick(f"{rate:.0%}", f"{100 * rate:.0f} %")


def _copied(grade: Grade) -> Both:
    if not grade.copied_rate:
        return Both("–", "–")
    return in_both(
        lambda: _("{share} as in {other}").format(share=_percent(grade.copied_rate), other=grade.copied_from)
    )
