"""Checks a text before a person posts it. Rules are data (``templates/rules``); findings name the rule.

What it says is an editor's caution, not legal advice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from creator_kit.review.finding import SEVERITIES, TEXT_FIELDS, Field, Finding, PostText, Severity

if TYPE_CHECKING:
    from pathlib import Path

    from creator_kit.review.originality import KnownTexts
    from creator_kit.review.rules import RuleSet

__all__ = ["SEVERITIES", "TEXT_FIELDS", "Field", "Finding", "PostText", "Severity", "check_post", "load_rules"]


def load_rules(user_root: Path | None = None, *, extra: Sequence[Path] = ()) -> RuleSet:
    """The shipped rules with those of the workspace at ``user_root`` and of the files ``extra``.

    Raises InputError for an unknown key, an unbounded regular expression, or two rules of one id.
    """
    from creator_kit.review.rules import load_rules as load

    return load(user_root, extra=extra)


def check_post(
    post: PostText, rules: RuleSet, *, facts: Sequence[str] | None = None, known: KnownTexts | None = None
) -> list[Finding]:
    """What a careful editor would point at in ``post``, in reading order.

    ``facts`` are sentences that the persona can back (None: not known, first-person claims are then only
    advised about); ``known`` holds texts that the note must not repeat.
    """
    return rules.engine.check(post, facts=facts, known=known)
