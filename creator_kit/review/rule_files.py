"""A rule file from the disk, with mistakes named by the rule's id and line."""

from __future__ import annotations

import re
from pathlib import Path

from creator_kit.datafiles import load_model, read_text, read_toml
from creator_kit.errors import InputError
from creator_kit.review.rule import RuleFile

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
