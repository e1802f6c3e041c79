"""The parser's own words in the reader's language: typer marks some of them for gettext and hard-codes the rest."""

from __future__ import annotations

import re
from typing import Any

from creator_kit.cli.line_breaks import break_between_characters
from creator_kit.locale import _
from creator_kit.locale.validation_texts import translate_validation

# Marked by typer itself and looked up in our catalogue at run time; named here so that they are extracted.
MARKED_BY_TYPER = (
    _("Options"),
    _("Arguments"),
    _("Commands"),
    _("Error"),
    _("Aborted."),
    _("(deprecated) "),
    _("(dynamic)"),
    _("[default: {}]"),
    _("[env var: {}]"),
    _("[required]"),
    _("default: {default}"),
    _("required"),
    _("env var: {var}"),
    _("Missing command."),
)


def _usage_patterns() -> list[tuple[str, str]]:
    """Typer's hard-coded usage errors and ours; built at call time, when the language is known."""
    return [
        (
            r"No such option: (?P<name>\S+) \(Possible options: (?P<rest>.*)\)$",
            _("no such option: {name}; did you mean {rest}?"),
        ),
        (r"No such option: (?P<name>\S+)$", _("no such option: {name}")),
        (r"Missing argument '(?P<name>.+?)'\.?(?P<rest>.*)$", _("the argument {name} is missing{rest}")),
        (r"Missing option '(?P<name>.+?)'\.?(?P<rest>.*)$", _("the option {name} is missing{rest}")),
        (r"Got unexpected extra argument(?:s|\(s\))? \((?P<name>.*)\)$", _("these words are one too many: {name}")),
        (r"Option '(?P<name>.+?)' requires an argument\.$", _("the option {name} needs a value")),
        (r"Option '(?P<name>.+?)' does not take a value\.$", _("the option {name} takes no value")),
        (r"Invalid value for (?P<name>.+?): (?P<rest>.*)$", _("the value for {name} is wrong: {rest}")),
        (r"No such command '(?P<name>.+?)'\.?$", _("no such command: {name}")),
        (
            r"No such command '(?P<name>.+?)'\. Did you mean (?P<rest>.*)\?$",
            _("no such command: {name}; did you mean {rest}?"),
        ),
    ]


def translate_usage_error(message: str) -> str:
    """A usage error of the parser in the reader's language; one that we do not know stays as it is."""
    for pattern, ours in _usage_patterns():
        match = re.match(pattern, message, re.DOTALL)
        if match:
            words = {name: value or "" for name, value in match.groupdict().items()}
            words = {name: translate_validation(value).replace("'", "") for name, value in words.items()}
            return ours.format(**words)
    return message


def localise_command(command: Any) -> None:
    """Replace the hard-coded English of ``command`` and all commands below it."""
    get_usage = command.get_usage
    command.get_usage = lambda ctx: get_usage(ctx).replace("Usage: ", _("Usage: "), 1)
    format_help = command.format_help

    def format_help_in_chinese_lines(*args: Any) -> None:
        break_between_characters()
        format_help(*args)

    command.format_help = format_help_in_chinese_lines
    get_help_option = command.get_help_option

    def get_translated_help_option(ctx: Any) -> Any:
        option = get_help_option(ctx)
        if option is not None:
            option.help = _("Show this message and exit.")
        return option

    command.get_help_option = get_translated_help_option
    for param in command.params:
        if param.name == "install_completion":
            param.help = _("Install completion for the current shell.")
        elif param.name == "show_completion":
            param.help = _("Show completion for the current shell, to copy it or change it.")
    for child in getattr(command, "commands", {}).values():
        localise_command(child)
