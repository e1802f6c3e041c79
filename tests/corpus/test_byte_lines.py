"""Lines shared among processes: together they are the file's, in its order, with the file's own numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from creator_kit.corpus.readers import byte_lines
from creator_kit.corpus.readers.byte_lines import ByteLines
from creator_kit.corpus.readers.opened import Progress

_LINES = st.lists(st.text("ab", max_size=12).map(str.encode), max_size=30)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    lines=_LINES,
    ends_with_newline=st.booleans(),
    has_bom=st.booleans(),
    n_parts=st.integers(2, 4),
    n=st.integers(4, 12),
)
def test_parts_are_the_file(tmp_path, lines, ends_with_newline, has_bom, n_parts, n):
    path = tmp_path / "lines"
    data = b"\n".join(lines) + (b"\n" if ends_with_newline and lines else b"")
    path.write_bytes((b"\xef\xbb\xbf" if has_bom else b"") + data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(byte_lines, "BLOCK_BYTES", n)
        whole = list(ByteLines(path, Progress()))
        assert b"".join(line for _n, line in whole) == data
        assert [number for number, _line in whole] == list(range(1, len(whole) + 1))

        streams = [_blocks(path, part, n_parts) for part in range(n_parts)]
        n_blocks = [len(blocks) for blocks in streams]
        # Part k has as many blocks as it should for the parts to be read in turn until one has no more.
        assert n_blocks == sorted(n_blocks, reverse=True) and max(n_blocks) - min(n_blocks) <= 1
        in_turn = [streams[i % n_parts][i // n_parts] for i in range(sum(n_blocks))]
        assert [pair for block in in_turn for pair in block] == whole


def _blocks(path: Path, part: int, n_parts: int) -> list[list[tuple[int, bytes | None]]]:
    blocks: list[list[tuple[int, bytes | None]]] = []
    block: list[tuple[int, bytes | None]] = []
    lines = ByteLines(path, Progress(), (part, n_parts))
    for n, line in lines:
        if n == 0:
            blocks.append(block)
            block = []
        else:
            block.append((lines.number(n), line))
    assert not block
    return blocks


def test_a_line_too_long_to_hold_is_one_line(tmp_path, monkeypatch):
    path = tmp_path / "lines"
    path.write_bytes(b"one\n" + b"x" * 100 + b"\nthree\n" + b"y" * 50)
    monkeypatch.setattr(byte_lines, "MAX_LINE_BYTES", 16)
    monkeypatch.setattr(byte_lines, "BLOCK_BYTES", 10)
    expected = [(1, b"one\n"), (2, None), (3, b"three\n"), (4, None)]
    assert list(ByteLines(path, Progress())) == expected
    n_parts = 3
    found = sorted(pair for part in range(n_parts) for block in _blocks(path, part, n_parts) for pair in block)
    assert found == expected
