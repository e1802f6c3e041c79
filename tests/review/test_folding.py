"""Folding brings spellings together and never loses a position."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from creator_kit.review.folding import STRETCHES, FoldTable, fold, map_positions


@given(st.text(max_size=60), st.sampled_from(STRETCHES))
def test_every_folded_character_knows_where_it_came_from(text: str, stretch: str) -> None:
    table = FoldTable(stretch)  # type: ignore[arg-type]
    origin = map_positions(text, table)
    assert len(origin) == len(fold(text, table))
    assert origin == sorted(origin)
    assert all(0 <= at < len(text) for at in origin)


@given(st.text(max_size=60), st.sampled_from(STRETCHES))
def test_folding_twice_changes_nothing(text: str, stretch: str) -> None:
    table = FoldTable(stretch)  # type: ignore[arg-type]
    once = fold(text, table)
    assert fold(once, table) == once


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ＶＸ", "vx"),
        ("Ⅴ㏄", "vcc"),
        ("𝐯𝘅", "vx"),
        ("vх", "vx"),  # the second letter is Cyrillic
        ("國家級", "国家级"),
        ("微\u200b信", "微信"),
        ("微❤️信", "微信"),
        ("微 · 信", "微信"),
        ("1️⃣3️⃣8️⃣", "138"),
        ("①③⑧", "138"),
    ],
)
def test_spellings(written: str, meant: str) -> None:
    assert fold(written, FoldTable("light")) == meant


def test_light_folding_keeps_what_divides_clauses_and_full_folding_does_not() -> None:
    text = "细微，信号\n不好"
    assert fold(text, FoldTable("light")) == text
    assert fold(text, FoldTable("all")) == "细微信号不好"
    assert fold(text, FoldTable("none")) == text
