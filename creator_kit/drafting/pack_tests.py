"""A pack's own tests: briefs whose drafts must and must never hold certain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from creator_kit.drafting.briefs import parse_brief
from creator_kit.drafting.drafter import Drafter
from creator_kit.locale import _
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
