"""A rule file from the disk, with mistakes named by the rule's id and line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pydantic

from creator_kit.datafiles import load_model, read_text, read_toml
from creator_kit.errors import InputError
from creator_kit.kept import keep, load_kept, name_key
from creator_kit.review.rule import CHECKED, RuleFile
from creator_kit.review.tables import describe_room

_NAME = "review-files"
# Less is read in less time than it takes to look for it.
_MIN_BYTES = 100_000

_PLACE = re.compile(r"(?m)^(\s*)rule\.([0-9]+)(?=[.:])")
_HEADER = re.compile(r"(?m)^[ \t]*\[\[\s*rule\s*\]\]")


def load_rule_file(path: Path) -> RuleFile:
    """The rules in ``path``. Raises InputError with ``file:line`` of the first rule that is wrong, each by its id:
    the fourteenth rule of a file is found by nobody."""
    try:
        return load_model(path, RuleFile)
    except InputError as error:
        first = _PLACE.search(error.what)
        if first is None:
            raise
        raise _name_rules(error, path, int(first[2])) from error


def load_rule_files(paths: Sequence[Path]) -> list[RuleFile]:
    """The rules of each of ``paths``: what an earlier run read in the same files and found in order, or as
    ``load_rule_file`` reads them."""
    key = _name_key(paths)
    if key is not None and (kept := load_kept(_NAME, key)) is not None:
        try:
            tables = msgspec.msgpack.decode(kept, type=list[dict[str, Any]])
            if len(tables) == len(paths):
                return [RuleFile.model_validate(table, context=CHECKED) for table in tables]
        except ValueError:
            pass  # written by something else: read again
    files = [load_rule_file(path) for path in paths]
    if key is not None:
        keep(_NAME, key, msgspec.msgpack.encode([file.model_dump(exclude_unset=True) for file in files]))
    return files


def _name_key(paths: Sequence[Path]) -> str | None:
    """A key for what stands in ``paths``; None where it is soon read, or cannot be told."""
    state = describe_room()
    try:
        contents = [path.read_bytes() for path in paths]
    except OSError:
        return None
    if state is None or sum(map(len, contents)) < _MIN_BYTES:
        return None
    return name_key([f"{state!r} {pydantic.VERSION}".encode(), *contents])


def _name_rules(error: InputError, path: Path, first: int) -> InputError:
    rows = read_toml(path)["rule"]
    headers = list(_HEADER.finditer(read_text(path)))

    def name(match: re.Match[str]) -> str:
        row = rows[int(match[2])]
        rule_id = row.get("id") if isinstance(row, dict) else None
        return f"{match[1]}{rule_id}" if isinstance(rule_id, str) else match[0]

    where = str(path)
    if first < len(headers):
        where += f":{read_text(path).count(chr(10), 0, headers[first].start()) + 1}"
    return InputError(_PLACE.sub(name, error.what), where=where, hint=error.hint)
