"""What the two validators say of a wrong value, in words of ours."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
import pytest
from pydantic import BaseModel, Field, ValidationError

from creator_kit.cli.builtin_texts import translate_usage_error
from creator_kit.locale.validation_texts import translate_validation


class Every(BaseModel):
    whole: Annotated[int, Field(ge=1, le=9)] = 1
    open: Annotated[float, Field(gt=0, lt=1)] = 0.5
    finite: Annotated[float, Field(allow_inf_nan=False)] = 0.5
    text: Annotated[str, Field(min_length=2, max_length=3)] = "ab"
    shaped: Annotated[str, Field(pattern=r"^\d+-\d+$")] = "1-2"
    flag: bool = True
    words: Annotated[tuple[str, ...], Field(min_length=1, max_length=2)] = ("a",)
    shares: dict[str, float] = Field(default_factory=dict)
    on: date = date(2026, 11, 24)
    kind: Literal["a", "b"] = "a"


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("whole", 0, "must be 1 or more"),
        ("whole", 10, "must be 9 or less"),
        ("whole", "x", "must be a whole number"),
        ("whole", 1.5, "must be a whole number"),
        ("open", 0, "must be more than 0"),
        ("open", 1, "must be less than 1"),
        ("open", "x", "must be a number"),
        ("finite", float("inf"), "must be a finite number"),
        ("text", 3, "must be a text in quotes"),
        ("text", "a", "must have at least 2 characters"),
        ("text", "abcd", "must have at most 3 characters"),
        ("shaped", "abc", r"must be written as ^\d+-\d+$"),
        ("flag", "perhaps", "must be true or false"),
        ("words", 3, "must be a list"),
        ("words", [], "must have at least 1 entries"),
        ("words", ["a", "b", "c"], "must have at most 2 entries"),
        ("shares", 3, "must be a table of fields"),
        ("on", "tomorrow", "must be a date such as 2026-11-24"),
        ("kind", "c", "must be one of a, b"),
    ],
)
def test_what_pydantic_says_is_said_in_our_words(field: str, value: Any, told: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Every.model_validate({field: value})
    assert [translate_validation(item["msg"]) for item in caught.value.errors()] == [told]


class Small(msgspec.Struct):
    n: int
    words: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{}", "the field n is missing"),
        ('{"n": "x"}', "n: expected int, got str"),
        ('{"n": 1, "words": ["a", 2]}', "words[1]: expected str, got int"),
        ("[]", "expected object, got array"),
        ('{"n": }', "malformed at byte 6"),
        ('{"n": 1', "it stops in the middle"),
    ],
)
def test_what_msgspec_says_is_said_in_our_words(text: str, told: str) -> None:
    with pytest.raises(msgspec.DecodeError) as caught:
        msgspec.json.decode(text, type=Small)
    assert translate_validation(str(caught.value)) == told


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("No such option: --nn", "no such option: --nn"),
        ("No such option: --nn (Possible options: --json, --n)", "no such option: --nn; did you mean --json, --n?"),
        ("No such command 'nix'.", "no such command: nix"),
        ("No such command 'ad'. Did you mean 'add'?", "no such command: ad; did you mean add?"),
        ("Invalid value for '--n': Input should be greater than or equal to 1",
         "the value for --n is wrong: must be 1 or more"),
        ("Invalid value for '--limit' / '-n': Input should be a valid integer, unable to parse string as an integer",
         "the value for --limit / -n is wrong: must be a whole number"),
        ("Invalid value for '--format': Value error, 'xx' is not one of 'table', 'json'.",
         "the value for --format is wrong: xx is not one of table, json"),
        ("Missing argument 'FILE...'.", "the argument FILE... is missing"),
        ("something that no version of typer has said yet", "something that no version of typer has said yet"),
    ],
)  # fmt: skip
def test_what_typer_says_is_said_in_our_words(message: str, told: str) -> None:
    assert translate_usage_error(message) == told
