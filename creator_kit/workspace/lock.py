"""A lock that the system lets go when its holder ends, be it killed: SQLite has one for every system."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from creator_kit.errors import RefusedError, StorageError
from creator_kit.locale import _


@contextmanager
def hold_alone(path: Path) -> Iterator[None]:
    """Hold ``path`` against other processes, by an empty file beside it. Raises RefusedError while another holds it."""
    beside = path.with_name(path.name + ".lock")
    is_held = False
    try:
        with closing(sqlite3.connect(beside, timeout=0, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    raise StorageError(str(error), where=str(beside)) from error
                raise RefusedError(
                    _("another run is writing this file"), where=str(path), hint=_("wait for it, or give another --out")
                ) from error
            is_held = True
            yield
    finally:
        # Windows lets go of a file only once it is closed.
        if is_held:
            beside.unlink(missing_ok=True)
