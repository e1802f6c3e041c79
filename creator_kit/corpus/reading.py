"""The shape of an export while it is read: a stream of notes, series and row problems."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from creator_kit.corpus.note import Note


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that was left out: ``where`` is ``file:row:column``, ``what`` says why."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """One day of the official account sheets: ``metric`` (``impressions``, ``views``, ``net_followers`` …)."""

    metric: str
    day: str
    value: float


@dataclass(frozen=True, slots=True)
class NoteSeries:
    """What came to one own note: moment (``2026-06-25T12`` for an hour, ``2026-06-25`` for a day) → counts in it, by
    the names of a Note's counts. The note is known by its ``title`` alone; ``where`` names the file."""

    title: str
    where: str
    hours: Mapping[str, Mapping[str, int]]
    days: Mapping[str, Mapping[str, int]]
    exported_at: str | None = None


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read an export.

    ``hash_key`` keys the anonymising hash (one per workspace). ``mapping`` maps our field to a column of a
    table that no reader knows (``{"title": "标题"}``). ``exported_at`` resolves times such as "3天前";
    ``account`` is part of the key of official rows, which carry no note id.

    ``share`` (k, n) with n > 1, for an export that is divisible: of its lines only those of every n-th block
    of the file, beginning with the k-th, and ``BLOCK_END`` after each, so that n processes can read one file and
    their rows be put in order again.
    """

    hash_key: bytes
    account: str = "me"
    source: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    exported_at: datetime | None = None
    encoding: str | None = None
    share: tuple[int, int] = (0, 1)


BLOCK_END = RowProblem("", "")  # no problem: a mark among the rows of a share


class Export(Protocol):
    """An opened export. ``rows`` streams; problems with single rows come as RowProblem, in order."""

    path: Path
    format_id: str
    own: bool  # the creator's own sheets: belongs to `results add`
    is_divisible: bool  # heeds ReadOptions.share

    def rows(self) -> Iterator[Note | SeriesPoint | NoteSeries | RowProblem]: ...

    def progress(self) -> tuple[int, int | None]:
        """(done, total) in bytes or rows, for a bar; total None when unknown."""
        ...
