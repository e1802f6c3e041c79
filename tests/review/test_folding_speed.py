"""Folding skips what cannot change; that must never change the outcome."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from creator_kit.review.folding import STRETCHES, FoldTable, fold

TABLES = [FoldTable(stretch, sounds) for stretch in STRETCHES for sounds in (None, {"薇": "微", "v": "微", "5": "五"})]


@given(st.text(alphabet=st.characters() | st.sampled_from("薇微v5Ｖ信❤️ 　，\n臺體啊"), max_size=60))
def test_folding_is_the_translation_of_every_character(text: str) -> None:
    for table in TABLES:
        assert fold(text, table) == text.translate(table)


def test_every_character_that_is_skipped_folds_to_itself() -> None:
    for table in TABLES:
        everything = "".join(map(chr, range(0x20, 0xFFFF)))
        skipped = "".join(table.split(everything)[::2])
        assert len(skipped) > 6_700
        assert skipped.translate(table) == skipped
