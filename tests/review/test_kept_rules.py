"""Rules that were compiled by an earlier run find what freshly compiled ones do."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.kept import keep
from creator_kit.review import PostText, load_rules
from creator_kit.review import tables as tables_module
from creator_kit.review.engine import Engine

RULES = load_rules()
_SAID = [text for rule in RULES.rules for text in (*rule.must, *rule.must_not)]


def make_engine() -> Engine:
    return Engine(RULES.rules, RULES.sounds, RULES.commerce, RULES.describe_source)


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> tuple[Engine, Engine]:
    """One that compiled its rules and one that found them kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CREATOR_KIT_CACHE", str(tmp_path_factory.mktemp("cache")))
        fresh = make_engine()
        patch.setattr(tables_module, "RuleCompiler", _OnlyRestores)
        return fresh, make_engine()


class _OnlyRestores(tables_module.RuleCompiler):
    def add(self, *args: object) -> object:  # type: ignore[override]
        raise AssertionError("compiled again")


def test_examples_are_judged_alike(engines: tuple[Engine, Engine]) -> None:
    fresh, kept = engines
    posts = [PostText(text[:60], text) for text in _SAID]
    assert kept.check_all(posts) == fresh.check_all(posts)
    assert [kept.check(post) for post in posts[::7]] == [fresh.check(post) for post in posts[::7]]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(_SAID) | st.sampled_from(["\n", "❤️", "薇", "㏄", "➕"]), max_size=5).map("".join))
def test_texts_are_judged_alike(engines: tuple[Engine, Engine], text: str) -> None:
    fresh, kept = engines
    assert kept.check(PostText("", text)) == fresh.check(PostText("", text))


def test_what_something_else_wrote_is_ignored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREATOR_KIT_CACHE", str(tmp_path))
    key = tables_module.name_rules(RULES.rules, RULES.sounds, RULES.commerce)
    assert key is not None
    post = PostText("", "加我微信")
    for content in (b"", b"\x90", b"no such thing"):
        keep("review-rules", key, content)
        assert make_engine().check(post)


def test_another_rule_has_another_key() -> None:
    key = tables_module.name_rules(RULES.rules, RULES.sounds, RULES.commerce)
    first, *others = RULES.rules
    changed = [first.model_copy(update={"window": first.window + 1}), *others]
    assert key == tables_module.name_rules(tuple(RULES.rules), dict(RULES.sounds), RULES.commerce)
    assert key != tables_module.name_rules(changed, RULES.sounds, RULES.commerce)
    assert key != tables_module.name_rules(RULES.rules, {**RULES.sounds, "甲": "乙"}, RULES.commerce)
    assert key != tables_module.name_rules(RULES.rules, RULES.sounds, RULES.commerce[1:])


def test_a_small_set_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREATOR_KIT_CACHE", str(tmp_path))
    Engine(RULES.rules[:3], {}, (), RULES.describe_source)
    assert list(tmp_path.iterdir()) == []
