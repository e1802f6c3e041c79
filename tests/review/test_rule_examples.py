"""Every rule's own examples hold: what must match does, what must not does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from creator_kit.review import PostText, check_post, load_rules
from creator_kit.review.rule import Rule

RULES = load_rules()


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_what_must_match_does_and_what_must_not_does_not(rule: Rule) -> None:
    alone = replace(RULES, rules=(rule,))
    found = {text for text in (*rule.must, *rule.must_not) if check_post(PostText("", text), alone)}
    assert found == set(rule.must)


@pytest.mark.parametrize("rule", [rule for rule in RULES.rules if not rule.check], ids=lambda rule: rule.id)
def test_every_word_rule_has_both_kinds_of_examples(rule: Rule) -> None:
    assert rule.must and rule.must_not
