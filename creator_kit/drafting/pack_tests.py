"""A pack's own tests, and the names in it that only drafting knows: kinds of life, title templates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from creator_kit.datafiles import suggest
from creator_kit.drafting.briefs import parse_brief
from creator_kit.drafting.drafter import Drafter
from creator_kit.drafting.lexicon import load_frames
from creator_kit.locale import _
from creator_kit.persona import PackFinding
from creator_kit.persona.pack import PACK_NAME


@dataclass(frozen=True, slots=True)
class PackTestResult:
    """One test of a pack; ``failures`` is empty where it passed."""

    name: str
    failures: tuple[str, ...]
    title: str


def run_pack_tests(drafter: Drafter, *, today: date) -> list[PackTestResult]:
    """Draft the brief of each test of the drafter's persona. Raises InputError for a brief that is none."""
    persona = drafter.persona
    results = []
    for index, test in enumerate(persona.tests):
        brief = parse_brief(test.brief, where=f"{persona.root / PACK_NAME}:tests.{index}.brief")
        draft = drafter.draft(brief, today=today)
        text = "\n".join((*(item.title for item in draft.titles), draft.title, draft.body, *draft.tags))
        failures = [_("'{text}' is missing").format(text=words) for words in test.must if words not in text]
        failures += [_("'{text}' must not appear").format(text=words) for words in test.must_not if words in text]
        if len(draft.titles) < test.min_titles:
            failures.append(_("{n} titles, at least {min} wanted").format(n=len(draft.titles), min=test.min_titles))
        if test.complete is not None and test.complete == bool(draft.missing):
            failures.append(
                _("something is missing: {names}").format(names=", ".join(draft.missing))
                if draft.missing
                else _("a gap was expected, and there is none")
            )
        failures += [_("the draft may not be posted: {why}").format(why=why) for why in draft.blocked]
        results.append(PackTestResult(test.name, tuple(failures), draft.title))
    return results


def check_pack_names(drafter: Drafter) -> list[PackFinding]:
    """Kinds of life and title templates that the drafter's pack names and nobody knows: they would do nothing."""
    persona, kinds = drafter.persona, list(drafter.lexicon.kinds)
    findings = [
        finding
        for pillar in persona.pillars
        for finding in _unknown((pillar.kind,), kinds, f"pillars.{pillar.name}.kind", _("'{name}' is no kind of life"))
    ]
    for line in persona.lines:
        for finding in _unknown(line.kinds, kinds, "voice", _("'{name}' is no kind of life")):
            findings.append(PackFinding(finding.where, finding.message, line.text))
    templates = [*drafter.templates, *(frame.template for frame in load_frames(drafter.user_root))]
    known = [name for template in templates for name in (template.template_id, template.skeleton)]
    for field in ("preferred", "banned"):
        names = getattr(persona.templates, field)
        findings += _unknown(names, known, f"templates.{field}", _("no title template '{name}'"))
    return findings


def _unknown(names: Sequence[str], known: Sequence[str], where: str, message: str) -> Iterator[PackFinding]:
    for name in names:
        if name not in known:
            near = suggest(name, list(known))
            text = message.format(name=name)
            yield PackFinding(where, text + (_("; did you mean '{near}'?").format(near=near) if near else ""), name)
