"""What pydantic and msgspec say of a wrong value, in the reader's language: they have no translations of their own."""

from __future__ import annotations

import re

from creator_kit.locale import _, pick


def _patterns() -> list[tuple[str, str]]:
    """Built at call time, when the language is known."""
    return [
        (r"Input should be greater than or equal to (?P<limit>\S+)", _("must be {limit} or more")),
        (r"Input should be less than or equal to (?P<limit>\S+)", _("must be {limit} or less")),
        (r"Input should be greater than (?P<limit>\S+)", _("must be more than {limit}")),
        (r"Input should be less than (?P<limit>\S+)", _("must be less than {limit}")),
        (r"Input should be a finite number", _("must be a finite number")),
        (r"Input should be a valid integer.*", _("must be a whole number")),
        (r"Input should be a valid number.*", _("must be a number")),
        (r"Input should be a valid string.*", _("must be a text in quotes")),
        (r"Input should be a valid boolean.*", _("must be true or false")),
        (r"Input should be a valid (?:list|tuple|set|array|frozenset).*", _("must be a list")),
        (r"Input should be (?:a valid dictionary|an object).*", _("must be a table of fields")),
        (r"Input should be a valid (?:date or datetime|date|datetime).*", _("must be a date such as 2026-11-24")),
        (r"Datetimes provided to dates should have zero time.*", _("must be a date without a time")),
        (r"Input should be (?P<known>'.*)", _("must be one of {known}")),
        (r"'(?P<value>.*)' is not one of (?P<known>'.*?)\.?", _("'{value}' is not one of {known}")),
        (r"String should have at least (?P<limit>\d+) characters?", _("must have at least {limit} characters")),
        (r"String should have at most (?P<limit>\d+) characters?", _("must have at most {limit} characters")),
        (r"String should match pattern '(?P<pattern>.*)'", _("must be written as {pattern}")),
        (r"\w+ should have at least (?P<limit>\d+) items?\b.*", _("must have at least {limit} entries")),
        (r"\w+ should have at most (?P<limit>\d+) items?\b.*", _("must have at most {limit} entries")),
        (r"Object missing required field `(?P<field>.*?)`.*", _("the field {field} is missing")),
        (r"Expected `(?P<want>.*?)`, got `(?P<got>[^`]*)`", _("expected {want}, got {got}")),
        (
            r"Expected `(?P<want>.*?)`, got `(?P<got>.*?)` - at `\$\.?(?P<field>.*)`",
            _("{field}: expected {want}, got {got}"),
        ),
        (r"JSON is malformed: .* \(byte (?P<position>\d+)\)", _("malformed at byte {position}")),
        (r"Input data was truncated", _("it stops in the middle")),
    ]


def translate_validation(message: str) -> str:
    """``message`` of a validation error in the reader's language; one that is not known stays as it is."""
    message = message.removeprefix("Value error, ")
    for pattern, ours in _patterns():
        match = re.fullmatch(pattern, message, re.DOTALL)
        if match:
            words = match.groupdict()
            if "known" in words:
                words["known"] = pick("、", ", ").join(re.findall(r"'([^']*)'", words["known"]))
            return ours.format(**words)
    return message
