"""The opened export that every reader returns, and what all of them ask of a table's columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from creator_kit.corpus.note import Note
from creator_kit.corpus.readers.families import (
    FIELDS,
    Layout,
    doubled_columns,
    is_known_name,
    is_near_name,
    lay_out,
    normal_name,
)
from creator_kit.corpus.readers.foreign import check_columns
from creator_kit.corpus.reading import NoteSeries, RowProblem, SeriesPoint
from creator_kit.datafiles import suggest
from creator_kit.errors import InputError, UsageError
from creator_kit.locale import _

Item = Note | SeriesPoint | NoteSeries | RowProblem

# A line, cell or field beyond this is no note (a body has 1,000 characters): it is reported, not held.
MAX_LINE_BYTES = 16_000_000
# A header stands within the first rows: above it are banners such as 最多导出排序后前1000条笔记.
HEADER_ROWS = 12

# Names under which the note's own fields may be given to --map.
_MAP_NAMES = {
    "published_at": "published",
    "observed_at": "observed",
    "author": "user_id",
    "note_url": "url",
    "fans": "followers",
    "content": "body",
    "desc": "body",
}


class Progress:
    """How far a reader is, in bytes or rows."""

    def __init__(self, total: int | None = None) -> None:
        self.done = 0
        self.total = total


class OpenedExport:
    """An Export (``corpus.reading``): what was found, and a stream of its rows."""

    def __init__(
        self,
        path: Path,
        format_id: str,
        rows: Callable[[Progress], Iterator[Item]],
        *,
        own: bool = False,
        total: int | None = None,
        is_divisible: bool = False,
    ) -> None:
        self.path = path
        self.format_id = format_id
        self.own = own
        self.is_divisible = is_divisible
        self._rows = rows
        self._progress = Progress(total)

    def rows(self) -> Iterator[Item]:
        """Notes, series points and problems in the order of the file."""
        self._progress.done = 0
        return self._rows(self._progress)

    def progress(self) -> tuple[int, int | None]:
        """(done, total) in bytes or rows; total None when unknown."""
        return self._progress.done, self._progress.total


def mapped_field(name: str) -> str:
    """The internal field that ``--map NAME=...`` means. Raises UsageError for an unknown one."""
    field = _MAP_NAMES.get(name, name)
    if field not in FIELDS:
        known = sorted({*FIELDS, *_MAP_NAMES})
        near = suggest(name, known)
        raise UsageError(
            _("'{name}' is not a field of a note").format(name=name),
            hint=_("did you mean '{near}'?").format(near=near)
            if near
            else _("the fields are: {fields}").format(fields=", ".join(known)),
        )
    return field


def apply_mapping(layout: Layout, mapping: Mapping[str, str], path: Path) -> Layout:
    """``layout`` with the user's columns in place of the found ones. Raises InputError for a missing column."""
    wanted = {name: column for name, column in mapping.items() if name != "metric"}
    if not wanted:
        return layout
    places = dict(layout.places)
    for name, column in wanted.items():
        field = mapped_field(name)
        place = find_column(layout.columns, column)
        if place is None:
            near = suggest(column, list(layout.columns))
            raise InputError(
                _("there is no column '{column}'").format(column=column),
                where=str(path),
                hint=_("did you mean '{near}'?").format(near=near)
                if near
                else _("the columns are: {columns}").format(columns=list_columns(layout.columns)),
            )
        for other in [other for other, taken in places.items() if taken == place]:
            del places[other]
        places[field] = place
    return Layout(layout.family, layout.columns, places)


def find_column(columns: Sequence[str], wanted: str) -> int | None:
    """The index of the column called ``wanted``: by its exact name, else by its normalised one."""
    for place, column in enumerate(columns):
        if column.strip() == wanted.strip():
            return place
    name = normal_name(wanted)
    return next((place for place, column in enumerate(columns) if normal_name(column) == name), None)


def list_columns(columns: Sequence[object]) -> str:
    """Column names for a message, shortened."""
    shown = [" ".join(str(column).split())[:24] for column in columns if str(column).strip()]
    return ", ".join(shown[:20]) + (" …" if len(shown) > 20 else "")


def plan_columns(columns: Sequence[object], mapping: Mapping[str, str], path: Path) -> Layout:
    """The layout of a table, checked: ours, of notes, with a text, no column named twice.

    Raises RefusedError (another platform, comments), InputError (nothing to read here, doubled columns).
    """
    if not any(name != "metric" for name in mapping):
        check_columns(columns, path)
    layout = apply_mapping(lay_out(columns), mapping, path)
    doubled = doubled_columns(layout)
    if doubled:
        raise InputError(
            _("the column '{column}' is there twice").format(column=doubled[0]),
            where=str(path),
            hint=_("rename or delete one of the two"),
        )
    if "title" not in layout.places and "body" not in layout.places:
        raise InputError(
            _("no column holds the title (标题, title) or the text (正文, desc) of a note"),
            where=str(path),
            hint=_("the columns are: {columns}; name one with --map title=COLUMN").format(
                columns=list_columns(columns)
            ),
        )
    if layout.family.own and "published" not in layout.places:
        raise InputError(
            _("the column of the publishing time (首次发布时间) is missing; without it these notes have no key"),
            where=str(path),
            hint=_("the columns are: {columns}; name it with --map published_at=COLUMN").format(
                columns=list_columns(columns)
            ),
        )
    return layout


def known_names(columns: Sequence[object]) -> int:
    """How many of ``columns`` carry a name that some export uses: high for a header, low for data."""
    return sum(1 for column in columns if isinstance(column, str) and is_known_name(column))


def find_header(records: Sequence[Sequence[object]], mapping: Mapping[str, str]) -> int | None:
    """The index of the header among the first records of a table; None when none looks like one."""
    wanted = [column for name, column in mapping.items() if name != "metric"]
    best, best_score = None, 0.0
    for index, record in enumerate(records[:HEADER_ROWS]):
        names = [str(cell) for cell in record if cell is not None and str(cell).strip()]
        if wanted and all(find_column(names, column) is not None for column in wanted):
            return index
        if not names or max(map(len, names)) > 80:
            continue
        known = known_names(names)
        near = sum(1 for name in names if not is_known_name(name) and is_near_name(name))
        score = (known + near / 2) * len(set(names)) / len(names)
        if score > best_score and (known >= 2 or (known >= 1 and known + near >= 3) or near >= 4):
            best, best_score = index, score
    return best
