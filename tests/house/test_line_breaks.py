"""Chinese lines break between characters, and nothing is cut for want of a space."""

from __future__ import annotations

import io
import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich import _wrap
from rich.console import Console
from rich.table import Table
from rich.text import Text
from wcwidth import wcswidth

from creator_kit.cli.line_breaks import break_between_characters, split_words

TEXTS = st.text(st.sampled_from("笔记封面曝光，。；（）“”…abc DEF12 😀é-"), max_size=60)


@given(TEXTS)
def test_the_pieces_are_the_whole_text_in_order(text: str) -> None:
    pieces = list(split_words(text))
    assert "".join(piece for _start, _end, piece in pieces) == text
    assert [start for start, _end, _piece in pieces] == [0, *(end for _start, end, _piece in pieces)][: len(pieces)]


def test_words_stay_whole_and_punctuation_stays_with_its_word() -> None:
    pieces = [piece for _start, _end, piece in split_words("写成“abc 12” （3.5 倍），JSONL；第3天。")]
    assert pieces == ["写", "成", "“abc ", "12” ", "（3.5 ", "倍），", "JSONL；", "第", "3", "天。"]


@given(TEXTS)
def test_english_breaks_as_rich_breaks_it(text: str) -> None:
    english = "".join(c for c in text if c.isascii()).strip()
    found = _wrap.re_word.findall(english)
    assert [piece for _start, _end, piece in split_words(english)] == found


def test_a_narrow_column_shows_a_sentence_without_spaces_whole() -> None:
    break_between_characters()
    sentence = "这份语料里没有可靠的模板：没有哪个提升倍数经得起随机和单个作者的检验（共12.5%）。"
    out = io.StringIO()
    table = Table(box=None, pad_edge=False)
    table.add_column("a", width=20)
    table.add_row(Text(sentence))
    Console(file=out, width=24).print(table)
    lines = [line.rstrip() for line in out.getvalue().splitlines()[1:]]
    assert "".join(lines) == sentence
    assert all(wcswidth(line) <= 20 for line in lines)
    assert not any(unicodedata.category(line[0]) in ("Po", "Pe", "Pf") for line in lines)
