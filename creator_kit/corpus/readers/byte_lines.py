"""Lines of a UTF-8 file as bytes, all of them or those of every n-th block, so that n processes can share a file.

A line belongs to the block in which it begins. A process reads only its own blocks; how many lines stand before
them, which only messages ask, is counted when the first message does.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from creator_kit.corpus.readers.opened import MAX_LINE_BYTES, Progress
from creator_kit.datafiles import storage_error

BLOCK_BYTES = 1 << 20
_BUFFER_BYTES = 1 << 20
_BOM = b"\xef\xbb\xbf"
_REPORT_EVERY = 256


class ByteLines:
    """Iterates (n, line): the n-th line of its block, None for one that is too long to hold; (0, None) ends a block.

    ``share`` is (k, n) as in ReadOptions; of (0, 1) the whole file is one block. Raises StorageError.
    """

    def __init__(self, path: Path, progress: Progress, share: tuple[int, int] = (0, 1)) -> None:
        self._path = path
        self._progress = progress
        self._part, self._n_parts = share
        self._block_start = 0
        self._counted_bytes = self._counted_lines = 0

    def number(self, n: int) -> int:
        """The number in the file (from 1) of the ``n``-th line of the block that is being read."""
        if self._block_start > self._counted_bytes:
            with self._path.open("rb") as file:
                file.seek(self._counted_bytes)
                while self._counted_bytes < self._block_start:
                    data = file.read(min(_BUFFER_BYTES, self._block_start - self._counted_bytes))
                    if not data:
                        break
                    self._counted_bytes += len(data)
                    self._counted_lines += data.count(b"\n")
        return self._counted_lines + n

    def __iter__(self) -> Iterator[tuple[int, bytes | None]]:
        try:
            with self._path.open("rb", buffering=_BUFFER_BYTES) as file:
                if self._n_parts == 1:
                    yield from self._lines(file, 0, None)
                    return
                start = self._part * BLOCK_BYTES
                while (first := _next_line_start(file, start)) is not None:
                    yield from self._lines(file, first, start + BLOCK_BYTES)
                    yield 0, None
                    start += self._n_parts * BLOCK_BYTES
        except OSError as error:
            raise storage_error(error, self._path) from error

    def _lines(self, file: BinaryIO, at: int, end: int | None) -> Iterator[tuple[int, bytes | None]]:
        self._block_start = at
        if at == 0:
            at = len(_BOM) if file.read(len(_BOM)) == _BOM else 0
            file.seek(at)
        progress, readline, limit, n = self._progress, file.readline, MAX_LINE_BYTES, 0
        while (end is None or at < end) and (line := readline(limit)):
            n += 1
            at += len(line)
            if not n % _REPORT_EVERY:
                progress.done = at
            if len(line) == limit and not line.endswith(b"\n"):
                while (more := readline(limit)) and not more.endswith(b"\n"):
                    at += len(more)
                    progress.done = at
                at += len(more)
                yield n, None
            else:
                yield n, line
        progress.done = at


def _next_line_start(file: BinaryIO, at: int) -> int | None:
    """Seek to the first line that begins at or after ``at``; None when the file ends before ``at``."""
    if at == 0:
        file.seek(0)
        return 0
    at -= 1
    file.seek(at)
    is_inside = False
    while piece := file.readline(MAX_LINE_BYTES):
        is_inside = True
        at += len(piece)
        if piece.endswith(b"\n"):
            break
    return at if is_inside else None
