"""One family of errors; each class knows the exit code that a script sees.

0 is success and 1 means findings or refusals; the codes of the classes below are part of the
command-line contract (README, "Exit codes").
"""

from __future__ import annotations


class CreatorKitError(Exception):
    """Something that a person can act on.

    ``what`` says what is wrong, ``where`` says in which file, line and field (``notes.csv:12:likes``),
    ``hint`` says what to do next. All three are already in the reader's language.
    """

    exit_code = 3

    def __init__(self, what: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        return f"{text}\n  → {self.hint}" if self.hint else text


class RefusedError(CreatorKitError):
    """The work was understood and declined: a foreign platform's export, a blocked draft."""

    exit_code = 1


class UsageError(CreatorKitError):
    """The command was called with values that do not fit together."""

    exit_code = 2


class InputError(CreatorKitError):
    """A file, row, pack, template or profile that cannot be read as what it should be."""

    exit_code = 3


class WorkspaceError(CreatorKitError):
    """No workspace, one that a newer version made, or one that another process holds."""

    exit_code = 4


class StorageError(CreatorKitError):
    """The disk is full or read-only, or permission is missing. Nothing was half-written."""

    exit_code = 5


class AssetError(CreatorKitError):
    """A font, a glyph or an optional library that the work needs is not there."""

    exit_code = 6
