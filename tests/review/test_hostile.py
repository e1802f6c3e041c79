"""Hostile rule files and hostile texts: refused at once, or bounded in time."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.errors import InputError
from creator_kit.review import PostText, check_post, load_rules
from creator_kit.review.patterns import check_bounded
from creator_kit.review.rule import RuleFile
from creator_kit.review.rules import RuleSet, join_rules

RULES = load_rules()


def rules_with(pattern: str, **more: object) -> RuleSet:
    rule = {"id": "t.t", "family": "taboo", "severity": "warn", "source": "s", "zh": "{matched}", "en": "{matched}"}
    content = RuleFile.model_validate(
        {"source": {"s": {"zh": "我", "en": "me"}}, "rule": [{**rule, "pattern": pattern, **more}]}
    )
    return join_rules([(content, "t.toml")])


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a|aa)+$",
        "(a|a?)+$",
        "(?:a{0,20}){0,20}b",
        "(?:(?:a{0,9}){0,9}){0,9}b",
        "a{0,150}a{0,150}b",
        ".{0,140}.{0,140}b",
        "(?:a(?:a|)){14}c",
        "(?:aa?){14}c",
        "(a)\\1",
        "(?:" * 3000 + "a" + ")" * 3000,
    ],
)
def test_expressions_without_a_small_bound_are_refused(pattern: str) -> None:
    started = time.process_time()
    with pytest.raises(ValueError):
        check_bounded(pattern)
    assert time.process_time() - started < 2


PIECES = st.recursive(
    st.sampled_from(["a", "b", "[ab]", ".", "[^c]", "\\w"]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda some: "(?:" + "|".join(some) + ")"),
        st.tuples(inner, st.integers(0, 2), st.sampled_from([0, 1, 5, 40, 120])).map(
            lambda x: f"(?:{x[0]}){{{x[1]},{max(1, x[1] + x[2])}}}"
        ),
    ),
    max_leaves=8,
)


@settings(max_examples=120, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=3).map("".join))
def test_whatever_is_accepted_runs_in_bounded_time(pattern: str) -> None:
    pattern += "c"
    try:
        check_bounded(pattern)
    except ValueError:
        return
    compiled = re.compile(pattern)
    for text in ("a" * 1000, "ab" * 500):
        started = time.process_time()
        assert compiled.search(text) is None
        assert time.process_time() - started < 3  # 10,000 choices at 1,000 places


def test_the_worst_that_is_accepted_is_bounded_in_a_note() -> None:
    rules = rules_with("(?:a|(?:a|a)){8}b", stretch="none")
    started = time.process_time()
    assert check_post(PostText("", "a" * 1000), rules) == []
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "char", ["最", "最好用", "微信", "1", "3 ", "加", "v", "@", "(a", "Ⅱ", "😀", "\u200b", "室", "国家级的"]
)
def test_one_thing_over_and_over_takes_time_in_proportion(char: str) -> None:
    n = 30_000 // len(char)
    check_post(PostText("", char * 1000), RULES)
    started = time.process_time()
    check_post(PostText("", char * n), RULES)
    assert time.process_time() - started < 15


def test_a_list_that_is_no_expression_is_refused_where_it_serves_as_one() -> None:
    content = RuleFile.model_validate(
        {
            "source": {"s": {"zh": "我", "en": "me"}},
            "lists": {"signs": ["+群"]},
            "rule": [
                {
                    "id": "t.t",
                    "family": "taboo",
                    "severity": "warn",
                    "source": "s",
                    "zh": "{matched}",
                    "en": "{matched}",
                    "terms": ["早餐"],
                    "unless_near": ["@signs"],
                }
            ],
        }
    )
    with pytest.raises(InputError, match="群"):
        join_rules([(content, "t.toml")])


def test_broken_utf8_is_told_with_its_place(tmp_path: Path) -> None:
    from creator_kit.review.inputs import read_sources

    path = tmp_path / "note.txt"
    path.write_bytes("标题\n正文".encode() + b"\xff\xfe")
    with pytest.raises(InputError) as caught:
        list(read_sources(path))
    assert "note.txt" in str(caught.value)


@pytest.mark.parametrize("body", ["😀👩‍🍳🎉", "\ud800\udfff", "\uffff" * 50, "\x00\x01", "﷽" * 200, "\U000e0101" * 80])
def test_strange_texts_pass(body: str) -> None:
    for finding in check_post(PostText(body, body + "\n国家级品质" + body), RULES):
        assert finding.start < 0 or finding.matched
