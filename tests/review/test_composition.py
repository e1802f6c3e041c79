"""Rules made of parts: a channel and an action near it, in one sentence, in any order."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creator_kit.errors import InputError
from creator_kit.review import PostText, check_post
from creator_kit.review.composition import compose
from creator_kit.review.rule import RuleFile
from creator_kit.review.rules import RuleSet, join_rules
from creator_kit.review.settling import keep_tightest

CHANNEL_AND_ACTION = {
    "source": {"house": {"zh": "约定", "en": "convention"}},
    "lists": {"channel": ["蓝鲸", "白鲨"]},
    "rule": [
        {
            "id": "test.parts",
            "family": "diversion",
            "severity": "warn",
            "severity_altered": "block",
            "parts": [["@channel"], ["(搜|找)我"]],
            "within": 4,
            "stretch": "all",
            "source": "house",
            "zh": "“{matched}”",
            "en": "{matched}",
        }
    ],
}


def rules(**changes: object) -> RuleSet:
    document = {**CHANNEL_AND_ACTION, "rule": [{**CHANNEL_AND_ACTION["rule"][0], **changes}]}  # type: ignore[dict-item]
    return join_rules([(RuleFile.model_validate(document), "test.toml")])


@pytest.mark.parametrize(
    ("text", "matched"),
    [
        ("来蓝鲸搜我", "蓝鲸搜我"),
        ("找我就去白鲨", "找我就去白鲨"),
        ("蓝鲸，上面找我", "蓝鲸，上面找我"),
        ("蓝鲸上面好多人找我", None),  # five characters between
        ("看了蓝鲸。找我", None),  # two sentences
        ("蓝鲸很大", None),
    ],
)
def test_parts_stand_together(text: str, matched: str | None) -> None:
    findings = check_post(PostText("", text), rules())
    assert [finding.matched for finding in findings] == ([matched] if matched else [])


def test_a_disguise_is_graver() -> None:
    assert [f.severity for f in check_post(PostText("", "蓝鲸搜我"), rules())] == ["warn"]
    assert [f.severity for f in check_post(PostText("", "蓝❤️鲸搜我"), rules())] == ["block"]


def test_lists_are_joined_and_misspelt_names_are_told() -> None:
    own = RuleFile.model_validate({"lists": {"channel": ["黑豚"]}})
    joined = join_rules([(own, "own.toml"), (RuleFile.model_validate(CHANNEL_AND_ACTION), "test.toml")])
    assert check_post(PostText("", "黑豚搜我"), joined)
    with pytest.raises(InputError, match="@chanel") as caught:
        rules(parts=[["@chanel"], ["搜我"]])
    assert "@channel" in str(caught.value.hint)


@pytest.mark.parametrize("changes", [{"parts": [["x"]]}, {"parts": [["x"], []]}, {"terms": ["x"]}, {"check": "phone"}])
def test_what_is_no_composition_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        rules(**changes)


SPANS = st.lists(st.integers(0, 40).flatmap(lambda a: st.tuples(st.just(a), st.integers(a + 1, a + 4))), max_size=6)


@given(st.lists(SPANS, min_size=2, max_size=3), st.integers(0, 6))
def test_a_row_is_found_exactly_where_there_is_one(parts: list[list[tuple[int, int]]], within: int) -> None:
    for row in compose(parts, within):
        assert len(row) == len(parts)
        for left, right in pairwise(row):
            assert 0 <= right[0] - left[1] <= within
    if len(parts) == 2:
        pairs = [(a, b) if a < b else (b, a) for a in parts[0] for b in parts[1]]
        exists = any(0 <= b[0] - a[1] <= within for a, b in pairs)
        assert bool(compose(parts, within)) == exists


def test_many_parts_take_no_longer_than_their_number() -> None:
    spans = [(at, at + 1) for at in range(0, 60_000, 2)]
    assert len(compose([spans, [(at + 1, at + 2) for at, _end in spans]], 8)) > len(spans)


def test_the_words_that_matter_are_underlined_not_the_widest_row() -> None:
    rows = {(0, 12): ((0, 2), (10, 12)), (8, 12): ((8, 10), (10, 12)), (20, 26): ((20, 22), (24, 26))}
    assert keep_tightest(rows) == [(8, 12), (20, 26)]
