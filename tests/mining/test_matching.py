"""Filling is the inverse of extracting, for every title that a template matches."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.errors import InputError
from creator_kit.mining import SlotPart, TitleTemplate, extract, fill
from creator_kit.mining.title_library import format_skeleton, parse_skeleton
from creator_kit.text.slots import SLOT_TYPES

ALPHABET = "天的第了｜！挑战abc19{}\\.*+()[]🔥 \n元"


def make(*parts: str | SlotPart) -> TitleTemplate:
    return TitleTemplate("t", tuple(parts), 5, 3, "common")


def slot(kind: str) -> SlotPart:
    return SlotPart(kind)


def test_extract_gives_the_fillings_in_order() -> None:
    template = make("挑战每天", slot("verb_phrase"), "的", slot("ordinal"))
    assert extract(template, "挑战每天早起的第3天") == ["早起", "第3天"]
    assert extract(template, "挑战每天早起的很多天") is None  # an ordinal looks like one
    assert extract(template, "挑战每天的第3天") is None  # a slot is never empty


def test_a_slot_may_stand_at_the_beginning_and_hold_an_emoji() -> None:
    template = make(slot("audience"), "必看！", slot("topic"), slot("emoji"))
    assert extract(template, "学生党必看！收纳🔥🔥") == ["学生党", "收纳", "🔥🔥"]


parts_strategy = st.lists(
    st.one_of(st.text(ALPHABET, min_size=1, max_size=4), st.sampled_from(sorted(SLOT_TYPES)).map(SlotPart)),
    min_size=1,
    max_size=6,
).map(tuple)


@settings(max_examples=150)
@given(parts=parts_strategy, title=st.text(ALPHABET, max_size=14), words=st.data())
def test_fill_undoes_extract(parts: tuple[str | SlotPart, ...], title: str, words: st.DataObject) -> None:
    template = make(*parts)
    # A title of the template itself, and an arbitrary one.
    own = "".join(
        part if isinstance(part, str) else words.draw(st.text(ALPHABET, min_size=1, max_size=4)) for part in parts
    )
    for candidate in (own, title):
        fillings = extract(template, candidate)
        if fillings is not None:
            assert fill(template, fillings) == candidate
    if all(isinstance(part, str) or part.type in ("topic", "phrase") for part in parts):
        assert extract(template, own) is not None


@given(parts=parts_strategy)
def test_a_written_skeleton_reads_back(parts: tuple[str | SlotPart, ...]) -> None:
    joined = parse_skeleton(format_skeleton(parts))
    assert format_skeleton(joined) == format_skeleton(parts)
    assert [p for p in joined if isinstance(p, SlotPart)] == [p for p in parts if isinstance(p, SlotPart)]


def test_a_wrong_number_of_words_is_named() -> None:
    template = make("给", slot("audience"), "的信")
    with pytest.raises(InputError, match="1 slots, but 2 words"):
        fill(template, ["你", "我"])


def test_a_body_in_the_place_of_a_title_is_not_matched() -> None:
    assert extract(make(slot("phrase"), "的", slot("phrase")), "的" * 2000) is None
