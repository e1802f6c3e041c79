"""Briefs from the command line, from TOML and, many of them, from JSON lines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import IO, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from creator_kit.datafiles import decoding_error, read_toml, storage_error, validate_model
from creator_kit.drafting.draft import Brief
from creator_kit.errors import CreatorKitError, InputError
from creator_kit.locale import _

MAX_TOPIC_CHARACTERS = 60
# A note holds 1,000 characters: a longer point could not be carried whole, and a point is never cut.
MAX_POINT_CHARACTERS = 600
MAX_SHORT_CHARACTERS = 60
MAX_ITEMS = 500
MAX_LINE_BYTES = 2_000_000


def _as_texts(value: Any) -> Any:
    """One text or number stands for a list of one; numbers in a list become texts."""
    if value is None:
        return ()
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        value = [value]
    if isinstance(value, list):
        return [str(item) if isinstance(item, (int, float)) and not isinstance(item, bool) else item for item in value]
    return value


Texts = Annotated[tuple[str, ...], BeforeValidator(_as_texts), Field(max_length=MAX_ITEMS)]


class _BriefFile(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    topic: str
    scenario: str = Field("", max_length=MAX_SHORT_CHARACTERS)
    audience: str = Field("", max_length=MAX_SHORT_CHARACTERS)
    points: Texts = ()
    numbers: Texts = ()
    prices: Texts = ()
    places: Texts = ()
    steps: Texts = ()
    goal: str = Field("", max_length=200)
    sponsor: str = Field("", max_length=MAX_SHORT_CHARACTERS)
    tags: Texts = ()

    @field_validator("topic")
    @classmethod
    def _topic_is_there(cls, text: str) -> str:
        if not text:
            raise ValueError(_("a brief needs a topic"))
        if len(text) > MAX_TOPIC_CHARACTERS:
            raise ValueError(
                _("{n} characters are too long for a topic (limit {limit})").format(
                    n=len(text), limit=MAX_TOPIC_CHARACTERS
                )
            )
        return _one_line(text)

    @field_validator("points", "steps")
    @classmethod
    def _points_fit(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        for number, text in enumerate(texts, start=1):
            if len(text) > MAX_POINT_CHARACTERS:
                raise ValueError(
                    _("number {number} has {n} characters, more than a note can carry (limit {limit})").format(
                        number=number, n=len(text), limit=MAX_POINT_CHARACTERS
                    )
                )
        return tuple(_one_line(text) for text in texts if text)

    @field_validator("numbers", "prices", "places", "tags")
    @classmethod
    def _short_texts(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        for text in texts:
            if len(text) > MAX_SHORT_CHARACTERS:
                raise ValueError(
                    _("'{start}…' is too long (limit {limit} characters)").format(
                        start=text[:12], limit=MAX_SHORT_CHARACTERS
                    )
                )
        return tuple(_one_line(text) for text in texts if text)

    @field_validator("scenario", "audience", "goal", "sponsor")
    @classmethod
    def _plain(cls, text: str) -> str:
        return _one_line(text)


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() or c in "\u200d\ufe0f" else " " for c in text).split())


def parse_brief(table: Any, *, where: str) -> Brief:
    """A table of a file or of a line as a Brief. Raises InputError naming every wrong field below ``where``."""
    if not isinstance(table, dict):
        raise InputError(
            _("a brief is a table of fields, like {example}").format(example='{"topic": "…"}'), where=where
        )
    file = validate_model(table, _BriefFile, where=where)
    return Brief(**file.model_dump())


@dataclass(frozen=True, slots=True)
class BriefFailure:
    """A line that is no brief: ``error`` says why; the lines after it still come."""

    where: str
    error: CreatorKitError


def load_briefs(path: Path | str) -> Iterator[Brief]:
    """The briefs of a file, in order: JSON lines, or TOML with one brief or a list ``[[briefs]]``.

    ``-`` is stdin (JSON lines). Raises InputError with line and field at the first one that is wrong.
    """
    for item in iter_briefs(path):
        if isinstance(item, BriefFailure):
            raise item.error
        yield item


def iter_briefs(path: Path | str) -> Iterator[Brief | BriefFailure]:
    """As ``load_briefs``, but a wrong line is yielded as a BriefFailure and the rest goes on.

    A file whose very first line is no UTF-8 is taken for one in another encoding, and raises.
    """
    if str(path) == "-":
        yield from _read_lines(sys.stdin.buffer, Path("-"))
        return
    path = Path(path)
    if path.suffix.lower() == ".toml":
        table = read_toml(path)
        tables = table["briefs"] if set(table) == {"briefs"} and isinstance(table["briefs"], list) else [table]
        for number, one in enumerate(tables, start=1):
            yield _parse(one, f"{path}:briefs[{number}]" if len(tables) > 1 else str(path))
        return
    try:
        if path.is_dir():
            raise InputError(_("this is a folder, not a file"), where=str(path))
        with path.open("rb") as stream:
            yield from _read_lines(stream, path)
    except OSError as error:
        raise storage_error(error, path) from error


def _read_lines(stream: IO[bytes], path: Path) -> Iterator[Brief | BriefFailure]:
    is_first = True
    for number in count(1):
        line = stream.readline(MAX_LINE_BYTES)
        if not line:
            return
        where = f"{path}:{number}"
        if len(line) >= MAX_LINE_BYTES:
            error = InputError(_("a line longer than {n} bytes").format(n=MAX_LINE_BYTES), where=where)
            yield BriefFailure(where, error)
            while line and not line.endswith(b"\n"):
                line = stream.readline(MAX_LINE_BYTES)
            continue
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
            if not text:
                continue
            table = json.loads(text, object_pairs_hook=_table, parse_constant=_refuse_constant)
        except UnicodeDecodeError as problem:
            if is_first:
                raise decoding_error(problem, path) from problem
            yield BriefFailure(where, decoding_error(problem, where))
        except (ValueError, RecursionError) as problem:
            yield BriefFailure(where, InputError(_("not valid JSON: {error}").format(error=problem), where=where))
        else:
            yield _parse(table, where)
        is_first = False


def _table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; a key that stands twice would silently lose what it said first."""
    table = dict(pairs)
    if len(table) < len(pairs):
        twice = next(name for index, (name, _value) in enumerate(pairs) if name in dict(pairs[:index]))
        raise ValueError(_("the key '{name}' stands twice").format(name=twice))
    return table


def _refuse_constant(name: str) -> Any:
    raise ValueError(_("{name} is no number").format(name=name))


def _parse(table: Any, where: str) -> Brief | BriefFailure:
    try:
        return parse_brief(table, where=where)
    except InputError as error:
        return BriefFailure(where, error)
