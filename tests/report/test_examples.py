"""Examples are titles of our own for any frame that mining can find, short enough to post, the same every time."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from creator_kit.errors import InputError
from creator_kit.mining import SlotPart, TitleTemplate, load_library
from creator_kit.report.examples import load_example_words, make_examples
from creator_kit.report.patterns import collect_library
from creator_kit.text.length import TITLE_LIMIT, count_title_units
from creator_kit.text.slots import SLOT_TYPES

WORDS = load_example_words()


def template(*parts: str | SlotPart, kinds: tuple[str, ...] = ()) -> TitleTemplate:
    return TitleTemplate("t", parts, 9, 4, "common", kinds=kinds)


def test_every_template_that_ships_has_an_example() -> None:
    part = collect_library(load_library(), [], WORDS)
    assert part is not None
    assert [row.skeleton.zh for row in part.rows if not row.examples] == []


def test_what_a_corpus_said_in_a_slot_is_not_put_together_again() -> None:
    mined = template(SlotPart("topic", ("字节",)), "后端", SlotPart("phrase", ("实习面经",)))
    part = collect_library([mined], [], WORDS)
    assert part is not None
    assert not any("字节" in title or "实习面经" in title for title in part.rows[0].examples)


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        (("如何", SlotPart("phrase")), "如何把错题再讲一遍"),
        ((SlotPart("phrase"), "被", SlotPart("phrase"), "了"), "错题本被翻旧了"),
        ((SlotPart("phrase"), "吗？"), "电路图总画错吗？"),
        (("适合", SlotPart("topic"), "的", SlotPart("phrase")), "适合新手的错题整理"),
        ((SlotPart("number"), "道", SlotPart("phrase")), "62道电路选择题"),
    ],
)
def test_words_fit_what_stands_beside_them(parts: tuple[str | SlotPart, ...], wanted: str) -> None:
    assert make_examples(template(*parts, kinds=("高中物理",)), WORDS)[0] == wanted


_LITERALS = st.text("的了吗！？｜（）【】“”、，一面道从到太最被新手 ", min_size=1, max_size=4)


@given(st.lists(st.one_of(_LITERALS, st.sampled_from(sorted(SLOT_TYPES)).map(SlotPart)), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_any_frame_is_filled_or_left_alone(parts: list[str | SlotPart]) -> None:
    made = make_examples(template(*parts), WORDS)
    assert made == make_examples(template(*parts), WORDS)
    assert len(set(made)) == len(made)
    for title in made:
        assert count_title_units(title) <= TITLE_LIMIT
        assert "{" not in title
        for part in parts:
            assert not isinstance(part, str) or part in title


def test_a_workspace_shows_words_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "templates/report/examples.toml"
    path.parent.mkdir(parents=True)
    path.write_text("schema_version = 1\nworld = 3\n", encoding="utf-8")
    with pytest.raises(InputError, match="worlds"):
        load_example_words(tmp_path)
