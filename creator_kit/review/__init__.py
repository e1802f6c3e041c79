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


def load_rules(user_root: Path | None = None, *, extra: Sequence[Path] = (), pack_root: Path | None = None) -> RuleSet:
    """The shipped rules with those of the workspace at ``user_root``, of the persona pack in ``pack_root`` (its
    ``rules.toml``) and of the files ``extra``; what is nearer to the person (the last named) wins.

    Raises InputError for an unknown key, an unbounded regular expression, or two rules of one id.
    """
    from creator_kit.review.rules import load_rules as load
    from creator_kit.review.rules import pack_rules

    return load(user_root, extra=(*extra, *pack_rules(pack_root)))


def check_post(
    post: PostText, rules: RuleSet, *, facts: Sequence[str] | None = None, known: KnownTexts | None = None
) -> list[Finding]:
    """What a careful editor would point at in ``post``, in reading order.

    ``facts`` are sentences that the persona can back (None: not known, first-person claims are then only
    advised about); ``known`` holds texts that the note must not repeat.
    """
    return rules.check(post, facts=facts, known=known)
