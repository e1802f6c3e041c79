"""What goes where: data on stdout, messages and bars on stderr; colour and bars only at a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from creator_kit.cli.line_breaks import break_between_characters
from creator_kit.locale import _

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

SCHEMA_VERSION = 1
# Width of a table that does not go to a terminal: wide enough that nothing is cut in a log or a pipe.
PIPE_WIDTH = 160


def console(stream: IO[str] | None = None) -> Console:
    """A rich console for ``stream`` (stdout by default): plain and wide when it is not a terminal."""
    from rich.console import Console

    break_between_characters()
    stream = stream or sys.stdout
    at_terminal = stream.isatty()
    return Console(
        file=stream,
        width=None if at_terminal else PIPE_WIDTH,
        no_color=None if at_terminal else True,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )


def show(renderable: RenderableType) -> None:
    """Print a rich renderable (or plain text) as data on stdout."""
    console().print(renderable)


def show_table(
    columns: Sequence[str | tuple[str, str]], rows: Iterable[Sequence[object]], *, title: str | None = None
) -> None:
    """A table on stdout. A column is its heading, or (heading, "right") for numbers."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for column in columns:
        name, justify = column if isinstance(column, tuple) else (column, "left")
        table.add_column(name, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for row in rows:
        # Text objects, not strings: a note titled "[red]" is only ugly.
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in row))
    show(table)


def print_json(kind: str, data: dict[str, Any]) -> None:
    """One JSON document: ``schema_version`` and ``kind`` first, then ``data``; keys are English."""
    document = {"schema_version": SCHEMA_VERSION, "kind": kind, **data}
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2, default=_plain) + "\n")


def print_json_line(data: dict[str, Any]) -> None:
    """One JSON object on one line, flushed, so that a reader of a pipe sees it at once."""
    print_text_line(json.dumps(data, ensure_ascii=False, default=_plain))


def print_text_line(text: str) -> None:
    """One line of data on stdout, flushed."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _plain(value: object) -> object:
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, tuple):
        return list(value)
    return str(value)


def say(message: str) -> None:
    """A message for the person, on stderr."""
    print(message, file=sys.stderr)


def say_error(message: str) -> None:
    """An error, on stderr, with its word in red at a terminal."""
    from rich.text import Text

    line = Text.assemble((_("error: "), "bold red"), message)
    console(sys.stderr).print(line, soft_wrap=True)


Advance = Callable[[int], None]


@contextmanager
def progress(description: str, total: int | None, *, in_bytes: bool = False) -> Iterator[Advance]:
    """A bar on stderr while the block runs; call the yielded function with the units done since last time.

    Not at a terminal: nothing is drawn. ``total`` None shows how much was done without an end. ``in_bytes``
    shows both as kB, MB or GB.
    """
    if not sys.stderr.isatty():
        yield lambda _n: None
        return
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn() if in_bytes else MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console(sys.stderr),
        transient=True,
    ) as bar:
        task = bar.add_task(description, total=total)
        yield lambda n: bar.advance(task, n)
