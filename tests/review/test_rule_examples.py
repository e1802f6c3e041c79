"""Every rule's own examples hold: what must match does, what must not does not."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pytest

from creator_kit.review import PostText, check_post, load_rules
from creator_kit.review.rule import Rule
from creator_kit.review.rules import RuleSet

RULES = load_rules()


@lru_cache(maxsize=4)
def alone(at: int) -> RuleSet:
    """A set of one rule; its engine is compiled once for all examples of the rule."""
    return replace(RULES, rules=(RULES.rules[at],))


PLACES = {rule.id: at for at, rule in enumerate(RULES.rules)}


def fires(rule: Rule, text: str) -> bool:
    return bool(check_post(PostText("", text), alone(PLACES[rule.id])))


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule in RULES.rules for text in rule.must])
def test_must_match(rule: Rule, text: str) -> None:
    assert fires(rule, text)


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule in RULES.rules for text in rule.must_not])
def test_must_not_match(rule: Rule, text: str) -> None:
    assert not fires(rule, text)


@pytest.mark.parametrize("rule", [rule for rule in RULES.rules if not rule.check], ids=lambda rule: rule.id)
def test_every_word_rule_has_both_kinds_of_examples(rule: Rule) -> None:
    assert rule.must and rule.must_not
